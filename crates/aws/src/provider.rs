//! The provider: its own arguments, and what it adds to every type: region, default tags, the account's assertion.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::future::BoxFuture;
use pulumi::{
    provider::{
        check::{self, Failure},
        resource::{Error, Kind, Operation, Provider},
        schema::{FunctionSchema, Property, ResourceSchema, Shaped, Type},
    },
    value::{FromValue, Map, ToValue, Value},
};
use tokio::sync::OnceCell;

use crate::{
    VERSION,
    arguments::{refused, role, web_identity},
    clients::{self, Access, Ambient, Clients},
    context::{Caller, Cx},
    endpoints::Endpoints,
    error::failed,
    functions,
    instance::Inputs,
    network::Network,
    profile,
    recovery::{Identity, Recovery},
    tags::tags_in,
};

/// The provider, shared by all its instances in this process.
pub struct Aws {
    http: SharedHttpClient,
    ambient: Ambient,
    recovery: Arc<Recovery>,
    kinds: Vec<Box<dyn Kind<Cx>>>,
}

/// One instance: one way into one account.
pub struct Config {
    access: Access,
    allowed: Vec<String>,
    forbidden: Vec<String>,
    default_tags: Arc<BTreeMap<String, String>>,
    http: SharedHttpClient,
    ambient: Ambient,
    recovery: Arc<Recovery>,
    opened: OnceCell<Opened>,
}

/// What the first call finds out.
struct Opened {
    sdk: aws_config::SdkConfig,
    caller: Caller,
    regions: Mutex<HashMap<String, Arc<Clients>>>,
}

impl Aws {
    /// A provider that reaches AWS as `ambient` says.
    pub fn new(ambient: Ambient) -> Self {
        let kinds = [
            crate::cloudtrail::kinds(),
            crate::cloudwatch::kinds(),
            crate::cognito::kinds(),
            crate::ec2::kinds(),
            crate::iam::kinds(),
            crate::kinesis::kinds(),
            crate::kms::kinds(),
            crate::organizations::kinds(),
            crate::s3::kinds(),
            crate::sns::kinds(),
            crate::sqs::kinds(),
            crate::ssm::kinds(),
            crate::xray::kinds(),
        ];
        Self {
            http: clients::http_client(),
            ambient,
            recovery: Arc::default(),
            kinds: kinds.into_iter().flatten().collect(),
        }
    }

    /// What is known of earlier runs, to be told before a deployment.
    pub fn recovery(&self) -> Arc<Recovery> {
        self.recovery.clone()
    }
}

impl Config {
    /// Signs in, and asserts the account, once per instance: nothing is asked of AWS before this, and nothing
    /// is done in an account that is not allowed.
    async fn open(&self) -> Result<&Opened, Error> {
        self.opened.get_or_try_init(|| self.sign_in()).await
    }

    async fn sign_in(&self) -> Result<Opened, Error> {
        let sdk = clients::load(&self.http, &self.ambient, &self.access).await;
        let clients = Arc::new(Clients::with(&sdk, &self.access, &self.access.region));
        let caller = caller(&clients).await.map_err(|error| {
            let by_profile = self.access.keys.is_none() && self.ambient.credentials.is_none();
            match profile::trouble(self.access.profile.as_deref(), &self.access.config_files) {
                Some(hint) if by_profile => error.hint(hint),
                _ => error,
            }
        })?;
        allowed(&caller, &self.allowed, &self.forbidden)?;
        let regions = Mutex::new(HashMap::from([(self.access.region.clone(), clients)]));
        Ok(Opened { sdk, caller, regions })
    }

    /// The caller, for [`functions`].
    pub(crate) async fn caller(&self) -> Result<&Caller, Error> {
        self.open().await.map(|opened| &opened.caller)
    }

    /// The clients of a region; absent is the provider's own.
    pub(crate) async fn clients(&self, region: Option<&str>) -> Result<Arc<Clients>, Error> {
        let opened = self.open().await?;
        let region = region.unwrap_or(&self.access.region);
        let mut regions = opened.regions.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(regions
            .entry(region.to_owned())
            .or_insert_with(|| Arc::new(Clients::with(&opened.sdk, &self.access, region)))
            .clone())
    }

    /// The provider's own region.
    pub(crate) fn region(&self) -> &str {
        &self.access.region
    }
}

/// Asks AWS whose credentials these are.
pub async fn caller(clients: &Clients) -> Result<Caller, Error> {
    let who = clients.sts.get_caller_identity().send().await.map_err(|e| failed(e).within("asking AWS who we are"))?;
    Ok(Caller {
        account: who.account.unwrap_or_default(),
        arn: who.arn.unwrap_or_default(),
        user_id: who.user_id.unwrap_or_default(),
    })
}

/// Refuses credentials of another account than is meant.
pub fn allowed(caller: &Caller, allowed: &[String], forbidden: &[String]) -> Result<(), Error> {
    let account = &caller.account;
    if (allowed.is_empty() || allowed.contains(account)) && !forbidden.contains(account) {
        return Ok(());
    }
    let wanted = if allowed.is_empty() { "another one".to_owned() } else { allowed.join(" or ") };
    Err(Error::new(format!("the credentials are of account {account} ({}), not of {wanted}", caller.arn))
        .hint("use the profile or role of the right account; nothing was changed"))
}

/// Whether a type's things lie in no region: these have no `region` to say.
fn is_global(token: &str) -> bool {
    ["aws:iam/", "aws:organizations/"].iter().any(|module| token.starts_with(module))
}

/// The partition of the caller's ARN: AWS knows it of every region, also of those to come (`eusc-de-east-1` lies in
/// `aws-eusc`, `us-iso-east-1` in `aws-iso`; <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
fn partition(caller: &Caller) -> &str {
    caller.arn.split(':').nth(1).filter(|partition| partition.starts_with("aws")).unwrap_or("aws")
}

/// The provider's arguments as they arrive: everything but strings is a JSON text.
fn plain(arguments: &Map) -> Map {
    let decode = |name: &str, value: &Value| {
        let kind = Inputs::SHAPE.properties.iter().find(|p| p.name == name).map(|p| p.kind);
        match (kind, value) {
            (Some(kind), Value::String(text)) if !matches!(kind, Type::String) => {
                serde_json::from_str(text).map_or_else(|_| value.clone(), |json| typed(json, Some(kind)))
            }
            _ => value.clone(),
        }
    };
    let own = arguments.iter().filter(|(k, _)| !check::is_reserved(k) && *k != "version" && *k != "pluginDownloadURL");
    // what `pulumi config set` was given without a value is absent
    let given = own.filter(|(_, v)| v.as_str() != Some(""));
    given.map(|(k, v)| (k.clone(), decode(k, v))).collect()
}

/// A value as its type wants it. Configuration files and `pulumi config set --path` know no types: an account id
/// comes from them as a number, and a tag as a boolean.
fn typed(json: serde_json::Value, kind: Option<Type>) -> Value {
    use serde_json::Value as Json;
    match (json, kind) {
        (Json::Null, _) => Value::Null,
        (json @ (Json::Bool(_) | Json::Number(_)), Some(Type::String)) => Value::String(json.to_string()),
        (Json::Bool(b), _) => Value::Bool(b),
        (Json::Number(n), _) => n.as_f64().map_or(Value::Null, Value::Number),
        (Json::String(s), _) => Value::String(s),
        (Json::Array(items), kind) => {
            let item = if let Some(Type::List(item)) = kind { Some(*item) } else { None };
            Value::Array(items.into_iter().map(|json| typed(json, item)).collect())
        }
        (Json::Object(map), kind) => {
            let of = |name: &str| match kind {
                Some(Type::Map(item)) => Some(*item),
                Some(Type::Object(shape)) => shape.properties.iter().find(|p| p.name == name).map(|p| p.kind),
                _ => None,
            };
            let given = map.into_iter().filter(|(_, json)| !json.is_null());
            Value::Object(given.map(|(name, json)| (name.clone(), typed(json, of(&name)))).collect())
        }
    }
}

/// The arguments that are known before the deployment.
fn known(arguments: Map) -> Map {
    arguments.into_iter().filter(|(_, value)| !value.has_unknown()).collect()
}

fn ambient_region() -> Option<String> {
    ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| std::env::var(name).ok()).filter(|r| !r.is_empty())
}

impl Provider for Aws {
    type Config = Config;
    type Context = Cx;

    fn name(&self) -> &'static str {
        "aws"
    }
    fn version(&self) -> &'static str {
        VERSION
    }
    fn config_properties(&self) -> &'static [Property] {
        Inputs::SHAPE.properties
    }
    fn kinds(&self) -> &[Box<dyn Kind<Cx>>] {
        &self.kinds
    }
    fn functions(&self) -> &'static [FunctionSchema] {
        functions::ALL
    }

    fn common_inputs(&self, kind: &ResourceSchema) -> Vec<Property> {
        let region = "Region where this resource is managed; by default the provider's.";
        let all = "All tags the resource is to have: its own over the provider's default tags.";
        let mut common = Vec::new();
        if !is_global(kind.token) {
            common.push(Property {
                replace: true,
                computed: true,
                ..Property::new("region", region, <String as pulumi::provider::schema::Typed>::TYPE)
            });
        }
        if kind.input("tags").is_some() {
            let kind = <BTreeMap<String, String> as pulumi::provider::schema::Typed>::TYPE;
            common.push(Property {
                default: Some(pulumi::provider::schema::Default::Empty),
                ..Property::new("tagsAll", all, kind)
            });
        }
        common
    }

    fn check_config(&self, arguments: &Map) -> Vec<Failure> {
        let arguments = plain(arguments);
        let mut failures = check::check(&arguments, Inputs::SHAPE.properties);
        if !arguments.contains_key("region") && ambient_region().is_none() {
            let reason = "no region; set it on the provider, as aws:region, or in AWS_REGION".to_owned();
            failures.push(Failure { property: "region".into(), reason });
        }
        if let (true, Ok(inputs)) = (failures.is_empty(), Inputs::from_value(&Value::Object(known(arguments)))) {
            failures.extend(refused(&inputs));
        }
        failures
    }

    fn configure(&self, arguments: &Map) -> Result<Config, Error> {
        let inputs = Inputs::from_value(&Value::Object(plain(arguments)))
            .map_err(|e| Error::new(format!("provider argument {}", e.trim_start_matches('.'))))?;
        if let Some(Failure { property, reason }) = refused(&inputs).into_iter().next() {
            return Err(Error::new(format!("provider argument {property}: {reason}")));
        }
        let region = inputs
            .region
            .or_else(ambient_region)
            .ok_or_else(|| Error::new("the provider has no region").hint("set aws:region, or AWS_REGION"))?;
        let network = Network {
            http_proxy: inputs.http_proxy,
            https_proxy: inputs.https_proxy,
            no_proxy: inputs.no_proxy,
            ca_bundle: inputs.custom_ca_bundle,
        };
        let http = if network == Network::default() { self.http.clone() } else { network.or_environment().client() };
        let keys = match (inputs.access_key, inputs.secret_key) {
            (Some(id), Some(secret)) => Some(Credentials::new(id, secret, inputs.token, None, "provider arguments")),
            _ => None,
        };
        Ok(Config {
            access: Access {
                region,
                profile: inputs.profile,
                roles: inputs.assume_roles.into_iter().filter_map(role).collect(),
                endpoints: inputs.endpoints.into_iter().fold(Endpoints::default(), Endpoints::and),
                path_style: inputs.s3_use_path_style,
                keys,
                config_files: inputs.shared_config_files,
                credentials_files: inputs.shared_credentials_files,
                web_identity: inputs.assume_role_with_web_identity.and_then(web_identity),
                attempts: inputs.max_retries.and_then(|n| u32::try_from(n).ok()).map(|n| n.max(1)),
                sts_region: inputs.sts_region,
                dualstack: inputs.use_dualstack_endpoint,
                fips: inputs.use_fips_endpoint,
                user_agents: inputs.user_agents,
            },
            allowed: inputs.allowed_account_ids,
            forbidden: inputs.forbidden_account_ids,
            default_tags: Arc::new(inputs.default_tags.map(|d| d.tags).unwrap_or_default()),
            http,
            ambient: self.ambient.clone(),
            recovery: self.recovery.clone(),
            opened: OnceCell::new(),
        })
    }

    fn complete(&self, config: &Config, kind: &ResourceSchema, inputs: &mut Map) {
        if !is_global(kind.token) {
            inputs.entry("region".to_owned()).or_insert_with(|| config.region().to_value());
        }
        if kind.input("tagsAll").is_some() {
            let mut all: Map = config.default_tags.iter().map(|(k, v)| (k.clone(), v.to_value())).collect();
            match inputs.get("tags").cloned().map(Value::exposed) {
                Some(Value::Object(own)) => all.extend(own),
                Some(Value::Unknown) => {
                    inputs.insert("tagsAll".to_owned(), Value::Unknown);
                    return;
                }
                _ => {}
            }
            inputs.insert("tagsAll".to_owned(), Value::Object(all));
        }
    }

    fn reduce(&self, config: &Config, kind: &ResourceSchema, olds: Option<&Map>, live: &mut Map) {
        if !is_global(kind.token) {
            let region = olds.and_then(|o| o.get("region")).cloned().unwrap_or_else(|| config.region().to_value());
            live.insert("region".to_owned(), region);
        }
        if kind.input("tagsAll").is_some() {
            let all = tags_in(live, "tags");
            let own = olds.map(|o| tags_in(o, "tags")).unwrap_or_default();
            let by_default =
                |key: &String, value: &String| !own.contains_key(key) && config.default_tags.get(key) == Some(value);
            let tags: BTreeMap<_, _> =
                all.iter().filter(|(k, v)| !by_default(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect();
            live.insert("tags".to_owned(), tags.to_value());
            live.insert("tagsAll".to_owned(), all.to_value());
        }
    }

    fn context<'a>(&'a self, config: &'a Config, operation: Operation) -> BoxFuture<'a, Result<Cx, Error>> {
        Box::pin(async move {
            let region = operation.inputs.get("region").and_then(Value::as_str).unwrap_or(config.region()).to_owned();
            Ok(Cx {
                clients: config.clients(Some(&region)).await?,
                caller: config.caller().await?.clone(),
                partition: partition(config.caller().await?).to_owned(),
                region,
                tags: tags_in(&operation.inputs, "tagsAll"),
                inputs: operation.inputs,
                default_tags: config.default_tags.clone(),
                identity: Identity::new(&operation.urn),
                urn: operation.urn,
                recovery: config.recovery.clone(),
                log: operation.log,
            })
        })
    }

    fn made(&self, cx: &Cx, id: &str) -> Result<(), Error> {
        if cx.recovery.holds(&cx.urn, id) { Err(cx.replaced("it", id)) } else { Ok(()) }
    }

    fn gone(&self, cx: &Cx, id: &str) {
        cx.recovery.forget(&cx.urn, id);
    }

    fn place(&self, cx: &Cx) -> String {
        format!("{}/{}", cx.caller.account, cx.region)
    }

    fn invoke<'a>(
        &'a self,
        config: &'a Config,
        token: &'a str,
        arguments: &'a Map,
    ) -> BoxFuture<'a, Result<Map, Error>> {
        Box::pin(functions::invoke(config, token, arguments))
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::ProvideCredentials;

    use super::*;

    #[test]
    fn arguments_are_read_as_their_types_want_them() {
        let texts = [
            ("region", "ap-southeast-2"),
            ("profile", "true"),
            ("allowedAccountIds", r#"[123456789012,"012345678901"]"#),
            ("assumeRoles", r#"[{"roleArn":"arn:aws:iam::1:role/r","externalId":42,"sessionName":null}]"#),
            ("defaultTags", r#"{"tags":{"protected":true,"cost":1.50,"team":"core"}}"#),
            ("skipRegionValidation", "true"),
        ];
        let arguments: Map = texts.iter().map(|(k, v)| ((*k).to_owned(), v.to_value())).collect();
        assert_eq!(check::check(&plain(&arguments), Inputs::SHAPE.properties), []);
        let inputs = Inputs::from_value(&Value::Object(plain(&arguments))).expect("the arguments");
        assert_eq!(inputs.profile.as_deref(), Some("true"));
        assert_eq!(inputs.allowed_account_ids, ["123456789012", "012345678901"]);
        assert_eq!(
            (inputs.assume_roles[0].external_id.as_deref(), &inputs.assume_roles[0].session_name),
            (Some("42"), &None)
        );
        let tags = inputs.default_tags.expect("default tags").tags;
        assert_eq!(
            tags,
            [("cost", "1.5"), ("protected", "true"), ("team", "core")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into()
        );
        assert_eq!(inputs.skip_region_validation, Some(true));
    }

    fn given(texts: &[(&str, &str)]) -> Map {
        texts.iter().map(|(k, v)| ((*k).to_owned(), v.to_value())).collect()
    }

    #[test]
    fn each_service_takes_its_own_endpoint_and_others_change_nothing() {
        let endpoints =
            r#"[{"kinesisvideo":"http://other"},{"logs":"http://logs"},{"cloudwatchevents":"http://events","s3":""}]"#;
        let arguments = given(&[("region", "r"), ("endpoints", endpoints), ("profile", "")]);
        let aws = Aws::new(Ambient::default());
        assert_eq!(aws.check_config(&arguments), []);
        let access = aws.configure(&arguments).map_err(|e| e.message).expect("a configuration").access;
        let of = |names: &[&str]| access.endpoints.of(names).map(str::to_owned);
        assert_eq!((of(&["logs"]).as_deref(), of(&["s3", "s3api"])), (Some("http://logs"), None));
        assert_eq!(of(&["events", "eventbridge", "cloudwatchevents"]).as_deref(), Some("http://events"));
        assert_eq!(access.profile, None);
        let unknown = given(&[("region", "r"), ("endpoints", r#"[{"s4":"http://s4"}]"#)]);
        assert_eq!(aws.check_config(&unknown)[0].property, "endpoints[0].s4");
    }

    #[test]
    fn what_is_not_honoured_is_refused_with_the_reason() {
        let aws = Aws::new(Ambient::default());
        let refused = [
            ("insecure", "true", "false"),
            ("ignoreTags", r#"{"keys":["a"]}"#, r#"{"keys":[]}"#),
            ("tagPolicyCompliance", "error", "disabled"),
            ("s3UsEast1RegionalEndpoint", "legacy", "regional"),
            ("retryMode", "fast", "adaptive"),
            ("maxRetries", "-1", "25"),
            ("ec2MetadataServiceEndpoint", "http://a", ""),
            ("ec2MetadataServiceEndpointMode", "IPv6", ""),
            ("assumeRoles", r#"[{"roleArn":"a","duration":"5m"}]"#, r#"[{"roleArn":"a","duration":"1h30m"}]"#),
            ("assumeRoles", r#"[{"roleArn":"a","sourceIdentity":"me"}]"#, r#"[{"roleArn":"a","tags":{"a":"b"}}]"#),
            (
                "assumeRoleWithWebIdentity",
                r#"{"roleArn":"a"}"#,
                r#"{"roleArn":"a","webIdentityTokenFile":"/f","duration":"3600s"}"#,
            ),
        ];
        for (name, wrong, right) in refused {
            let failures = aws.check_config(&given(&[("region", "r"), (name, wrong)]));
            assert!(failures.len() == 1 && failures[0].property.starts_with(name), "{name}={wrong}: {failures:?}");
            assert!(aws.configure(&given(&[("region", "r"), (name, wrong)])).is_err(), "{name}={wrong}");
            assert_eq!(aws.check_config(&given(&[("region", "r"), (name, right)])), [], "{name}={right}");
        }
    }

    #[tokio::test]
    async fn keys_are_used_and_never_shown() {
        let aws = Aws::new(Ambient::default());
        let one = aws.check_config(&given(&[("region", "r"), ("accessKey", "AKIDEXAMPLE")]));
        assert_eq!(one[0].property, "secretKey");
        let arguments = given(&[
            ("region", "eu-central-1"),
            ("accessKey", "AKIDEXAMPLE"),
            ("secretKey", "hidden-key"),
            ("token", "hidden-token"),
        ]);
        let config = aws.configure(&arguments).map_err(|e| e.message).expect("a configuration");
        let shown = format!("{:?}", config.access);
        assert!(!shown.contains("hidden"), "{shown}");
        let sdk = clients::load(&config.http, &config.ambient, &config.access).await;
        let keys = sdk.credentials_provider().expect("a provider").provide_credentials().await.expect("credentials");
        assert_eq!((keys.secret_access_key(), keys.session_token()), ("hidden-key", Some("hidden-token")));
        let secrets: Vec<_> = Inputs::SHAPE.properties.iter().filter(|p| p.secret).map(|p| p.name).collect();
        assert_eq!(secrets, ["accessKey", "secretKey", "token"]);
    }

    #[test]
    fn the_partition_is_that_of_the_caller() {
        let of = |arn: &str| {
            let caller = Caller { account: String::new(), arn: arn.to_owned(), user_id: String::new() };
            partition(&caller).to_owned()
        };
        assert_eq!(of("arn:aws-eusc:sts::1:assumed-role/r/s"), "aws-eusc");
        assert_eq!(of("arn:aws-iso-b:iam::1:root"), "aws-iso-b");
        assert_eq!((of("arn:aws:iam::1:root").as_str(), of("").as_str()), ("aws", "aws"));
    }

    #[test]
    fn what_is_no_json_where_it_should_be_is_said() {
        let arguments = [("allowedAccountIds".to_owned(), "123456789012 or so".to_value())].into();
        let failures = check::check(&plain(&arguments), Inputs::SHAPE.properties);
        assert_eq!(failures.iter().map(|f| f.property.as_str()).collect::<Vec<_>>(), ["allowedAccountIds"]);
    }
}
