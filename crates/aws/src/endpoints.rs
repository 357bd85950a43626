//! Endpoints by service, under every name that the official provider has for one: its own and its aliases.
//!
//! Programs for an emulator set all of them (`pulumilocal` does). Each service here takes its own, and those of
//! services that this provider does not have are accepted, and change nothing.

use std::collections::BTreeMap;

use pulumi::{
    provider::schema::{Property, Shape, Shaped, Type, Typed},
    value::{FromValue, ToValue, Value},
};

/// Endpoints other than AWS's own, by the official name of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints(BTreeMap<String, String>);

impl Endpoints {
    /// With those of another list: a program may give them as one list entry, or as an entry for each.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The endpoint that is set under one of these names.
    pub fn of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.0.get(*name)).map(String::as_str)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Endpoints {
    fn from(endpoints: [(&str, &str); N]) -> Self {
        Self(endpoints.iter().map(|(name, url)| ((*name).to_owned(), (*url).to_owned())).collect())
    }
}

impl FromValue for Endpoints {
    fn from_value(value: &Value) -> Result<Self, String> {
        let mut all = BTreeMap::<String, String>::from_value(value)?;
        all.retain(|_, url| !url.is_empty());
        Ok(Self(all))
    }
}

impl ToValue for Endpoints {
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
}

impl Shaped for Endpoints {
    const SHAPE: Shape = Shape {
        name: "ProviderEndpoint",
        description: "Endpoints of services, by the official name of each.",
        properties: &PROPERTIES,
    };
}

impl Typed for Endpoints {
    const TYPE: Type = Type::Object(&Self::SHAPE);
}

static PROPERTIES: [Property; NAMES.len()] = {
    let mut properties = [Property::new("", "Endpoint of this service.", Type::String); NAMES.len()];
    let mut i = 0;
    while i < NAMES.len() {
        properties[i].name = NAMES[i];
        i += 1;
    }
    properties
};

/// All names of the official provider, version 7.48.0.
#[rustfmt::skip]
const NAMES: [&str; 321] = [
    "accessanalyzer", "account", "accountaccess", "acm", "acmpca", "agentregistry", "amg", "amp", "amplify",
    "apigateway", "apigatewayv2", "appautoscaling", "appconfig", "appfabric", "appflow", "appintegrations",
    "appintegrationsservice", "applicationautoscaling", "applicationinsights", "applicationsignals", "appmesh",
    "appregistry", "apprunner", "appstream", "appsync", "arcregionswitch", "arczonalshift", "athena", "auditmanager",
    "autoscaling", "autoscalingplans", "backup", "batch", "bcmdataexports", "beanstalk", "bedrock", "bedrockagent",
    "bedrockagentcore", "bedrockruntime", "billing", "budgets", "ce", "chatbot", "chime", "chimesdkmediapipelines",
    "chimesdkvoice", "cleanrooms", "cloud9", "cloudcontrol", "cloudcontrolapi", "cloudformation", "cloudfront",
    "cloudfrontkeyvaluestore", "cloudhsm", "cloudhsmv2", "cloudsearch", "cloudtrail", "cloudwatch",
    "cloudwatchevents", "cloudwatchevidently", "cloudwatchlog", "cloudwatchlogs",
    "cloudwatchobservabilityaccessmanager", "cloudwatchrum", "codeartifact", "codebuild", "codecatalyst",
    "codecommit", "codeconnections", "codedeploy", "codeguruprofiler", "codegurureviewer", "codepipeline",
    "codestarconnections", "codestarnotifications", "cognitoidentity", "cognitoidentityprovider", "cognitoidp",
    "comprehend", "computeoptimizer", "config", "configservice", "connect", "connectcases", "controltower",
    "costandusagereportservice", "costexplorer", "costoptimizationhub", "cur", "customerprofiles",
    "databasemigration", "databasemigrationservice", "databrew", "dataexchange", "datapipeline", "datasync",
    "datazone", "dax", "deploy", "detective", "devicefarm", "devopsagent", "devopsguru", "directconnect",
    "directoryservice", "directoryservicedata", "dlm", "dms", "docdb", "docdbelastic", "drs", "ds", "dsql",
    "dynamodb", "ec2", "ecr", "ecrpublic", "ecs", "efs", "eks", "elasticache", "elasticbeanstalk",
    "elasticloadbalancing", "elasticloadbalancingv2", "elasticsearch", "elasticsearchservice", "elastictranscoder",
    "elb", "elbv2", "emr", "emrcontainers", "emrserverless", "es", "eventbridge", "events", "evidently", "evs",
    "finspace", "firehose", "fis", "fms", "fsx", "gamelift", "glacier", "globalaccelerator", "glue", "gluedatabrew",
    "grafana", "greengrass", "groundstation", "guardduty", "healthlake", "iam", "identitystore", "imagebuilder",
    "inspector", "inspector2", "inspectorv2", "interconnect", "internetmonitor", "invoicing", "iot", "ivs",
    "ivschat", "kafka", "kafkaconnect", "kendra", "keyspaces", "kinesis", "kinesisanalytics", "kinesisanalyticsv2",
    "kinesisvideo", "kms", "lakeformation", "lambda", "lambdacore", "lambdamicrovms", "launchwizard", "lex",
    "lexmodelbuilding", "lexmodelbuildingservice", "lexmodels", "lexmodelsv2", "lexv2models", "licensemanager",
    "lightsail", "location", "locationservice", "logs", "m2", "macie2", "mailmanager", "managedgrafana",
    "mediaconnect", "mediaconvert", "medialive", "mediapackage", "mediapackagev2", "mediapackagevod", "mediastore",
    "memorydb", "mgn", "mpa", "mq", "msk", "mwaa", "mwaaserverless", "neptune", "neptunegraph", "networkfirewall",
    "networkflowmonitor", "networkmanager", "networkmonitor", "notifications", "notificationscontacts", "oam",
    "observabilityadmin", "odb", "opensearch", "opensearchingestion", "opensearchserverless", "opensearchservice",
    "organizations", "osis", "outposts", "paymentcryptography", "pcaconnectorad", "pcs", "pinpoint",
    "pinpointsmsvoicev2", "pipes", "polly", "pricing", "prometheus", "prometheusservice", "qbusiness", "qldb",
    "quicksight", "ram", "rbin", "rds", "rdsdata", "rdsdataservice", "recyclebin", "redshift", "redshiftdata",
    "redshiftdataapiservice", "redshiftserverless", "rekognition", "resiliencehub", "resiliencehubv2",
    "resourceexplorer2", "resourcegroups", "resourcegroupstagging", "resourcegroupstaggingapi", "rolesanywhere",
    "route53", "route53domains", "route53profiles", "route53recoverycontrolconfig", "route53recoveryreadiness",
    "route53resolver", "rum", "s3", "s3api", "s3control", "s3files", "s3outposts", "s3tables", "s3vectors",
    "sagemaker", "savingsplans", "scheduler", "schemas", "secretsmanager", "securityhub", "securitylake",
    "serverlessapplicationrepository", "serverlessapprepo", "serverlessrepo", "servicecatalog",
    "servicecatalogappregistry", "servicediscovery", "servicequotas", "ses", "sesv2", "sfn", "shield", "signer",
    "sns", "sqs", "ssm", "ssmcontacts", "ssmincidents", "ssmquicksetup", "ssmsap", "sso", "ssoadmin",
    "stepfunctions", "storagegateway", "sts", "swf", "synthetics", "taxsettings", "timestreaminfluxdb",
    "timestreamquery", "timestreamwrite", "transcribe", "transcribeservice", "transfer", "uxc",
    "verifiedpermissions", "vpclattice", "waf", "wafregional", "wafv2", "wellarchitected", "workmail", "workspaces",
    "workspacesweb", "xray",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_found_under_each_of_its_names_and_an_empty_text_is_none() {
        let text = |name: &str, url: &str| (name.to_owned(), Value::String(url.to_owned()));
        let one = Value::Object([text("cloudwatchlogs", "http://logs"), text("logs", "")].into());
        let other = Value::Object([text("ec2", "http://ec2")].into());
        let read = |value| Endpoints::from_value(value).expect("endpoints");
        let endpoints = read(&one).and(read(&other));
        assert_eq!(endpoints.of(&["logs", "cloudwatchlogs"]), Some("http://logs"));
        assert_eq!((endpoints.of(&["ec2"]), endpoints.of(&["s3", "s3api"])), (Some("http://ec2"), None));
    }
}
