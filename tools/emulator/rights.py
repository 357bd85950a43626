"""What a call needs: the actions that IAM knows it by, each with the resource that it is on.

IAM's actions are named as the calls are, but for the tables here; what the resources are is AWS's service authorization reference,
<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
(2026-11-26). Long, because it is the table of fifteen services; network.py has EC2's, buckets.py S3's and database.py DynamoDB's.

`rights` answers None for a call that is not here: nobody judges it, and authorize.py notes that.
"""

import re
from collections import namedtuple
from urllib.parse import unquote, urlsplit

import stored

# One question to the policies; the context is what holds of this resource alone.
Right = namedtuple("Right", "action resource context", defaults=({},))


class Call:
    """A call with its input, and where and by whom it is made."""

    def __init__(self, service, name, values, caller, region):
        self.service, self.name, self.values, self.caller, self.region = service, name, values, caller, region
        self.account = caller.account

    def first(self, *members):
        """The first of these members that is given."""
        return next((self.values[member] for member in members if self.values.get(member)), None)

    def arn(self, resource, service=None):
        return f"arn:aws:{service or self.service}:{self.region}:{self.account}:{resource}"

    def named(self, name, kind, service=None):
        """The ARN of a name, which may be one already."""
        return name if name.startswith("arn:") else self.arn(f"{kind}{name}", service)


# The calls that need no right, or that their own token authorizes.
FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}

# service in botocore: its name in actions
PREFIXES = {"service-quotas": "servicequotas"}

# Calls whose action has another name.
NAMES = {
    ("lambda", "Invoke"): "InvokeFunction",
    ("lambda", "InvokeAsync"): "InvokeFunction",
    ("lambda", "InvokeWithResponseStream"): "InvokeFunction",
    ("sns", "PublishBatch"): "Publish",
    ("sqs", "ChangeMessageVisibilityBatch"): "ChangeMessageVisibility",
    ("sqs", "DeleteMessageBatch"): "DeleteMessage",
    ("sqs", "SendMessageBatch"): "SendMessage",
}

# Calls that are on no resource in particular.
ANYWHERE = {
    "cloudtrail": "DescribeTrails ListTrails LookupEvents ListPublicKeys",
    "cloudwatch": "DescribeAlarmsForMetric DescribeAnomalyDetectors DescribeInsightRules GetMetricData GetMetricStatistics"
    " GetMetricWidgetImage ListDashboards ListManagedInsightRules ListMetricStreams ListMetrics PutAnomalyDetector DeleteAnomalyDetector"
    " PutManagedInsightRules PutMetricData",
    "cognito-idp": "CreateUserPool ListUserPools DescribeUserPoolDomain",
    "dynamodb": "DescribeEndpoints DescribeLimits ListBackups ListContributorInsights ListExports ListGlobalTables ListImports ListTables",
    "events": "ListEventBuses ListArchives ListRules ListRuleNamesByTarget TestEventPattern ListReplays PutPermission RemovePermission",
    "firehose": "ListDeliveryStreams",
    "iam": "ListRoles ListUsers ListGroups ListPolicies ListOpenIDConnectProviders ListSAMLProviders ListInstanceProfiles"
    " ListAccountAliases CreateAccountAlias DeleteAccountAlias GetAccountSummary GetAccountPasswordPolicy UpdateAccountPasswordPolicy"
    " DeleteAccountPasswordPolicy GetAccountAuthorizationDetails ListVirtualMFADevices ListServerCertificates GenerateCredentialReport"
    " GetCredentialReport SimulateCustomPolicy",
    "kms": "CreateKey ListKeys ListAliases GenerateRandom DescribeCustomKeyStores",
    "lambda": "ListFunctions ListEventSourceMappings GetAccountSettings ListLayers ListLayerVersions CreateEventSourceMapping",
    "logs": "DescribeResourcePolicies PutResourcePolicy DeleteResourcePolicy DescribeDestinations DescribeQueries StopQuery"
    " DescribeExportTasks CancelExportTask DescribeLogGroups",
    "organizations": "DescribeOrganization ListAccounts ListRoots ListPolicies ListAWSServiceAccessForOrganization CreateAccount"
    " DescribeCreateAccountStatus ListCreateAccountStatus EnableAWSServiceAccess DisableAWSServiceAccess CreateOrganization"
    " DeleteOrganization EnableAllFeatures ListDelegatedAdministrators LeaveOrganization DescribeResourcePolicy",
    "secretsmanager": "ListSecrets GetRandomPassword",
    "service-quotas": "ListServiceQuotas ListAWSDefaultServiceQuotas ListServices GetAWSDefaultServiceQuota",
    "sns": "ListTopics ListSubscriptions CheckIfPhoneNumberIsOptedOut GetSMSAttributes SetSMSAttributes ListPhoneNumbersOptedOut",
    "sqs": "ListQueues",
    "ssm": "DescribeParameters",
    "sts": "DecodeAuthorizationMessage GetAccessKeyInfo",
    "xray": "GetSamplingRules GetGroups GetSamplingTargets GetSamplingStatisticSummaries PutTraceSegments PutTelemetryRecords"
    " GetEncryptionConfig PutEncryptionConfig GetTraceSummaries BatchGetTraces",
}  # fmt: skip
ANYWHERE = {service: set(names.split()) for service, names in ANYWHERE.items()}

# Calls that tag what they make, with the action that this needs, too.
TAGGING = {
    ("cloudtrail", "CreateTrail"): "cloudtrail:AddTags",
    ("cloudwatch", "PutCompositeAlarm"): "cloudwatch:TagResource",
    ("cloudwatch", "PutInsightRule"): "cloudwatch:TagResource",
    ("cloudwatch", "PutMetricAlarm"): "cloudwatch:TagResource",
    ("cloudwatch", "PutMetricStream"): "cloudwatch:TagResource",
    ("cognito-idp", "CreateUserPool"): "cognito-idp:TagResource",
    ("dynamodb", "CreateTable"): "dynamodb:TagResource",
    ("events", "CreateEventBus"): "events:TagResource",
    ("events", "PutRule"): "events:TagResource",
    ("firehose", "CreateDeliveryStream"): "firehose:TagDeliveryStream",
    ("iam", "CreateOpenIDConnectProvider"): "iam:TagOpenIDConnectProvider",
    ("iam", "CreatePolicy"): "iam:TagPolicy",
    ("iam", "CreateRole"): "iam:TagRole",
    ("iam", "CreateUser"): "iam:TagUser",
    ("kms", "CreateKey"): "kms:TagResource",
    ("lambda", "CreateEventSourceMapping"): "lambda:TagResource",
    ("lambda", "CreateFunction"): "lambda:TagResource",
    ("logs", "CreateLogGroup"): "logs:TagResource",
    ("organizations", "CreatePolicy"): "organizations:TagResource",
    ("secretsmanager", "CreateSecret"): "secretsmanager:TagResource",
    ("sns", "CreateTopic"): "sns:TagResource",
    ("sqs", "CreateQueue"): "sqs:TagQueue",
    ("ssm", "PutParameter"): "ssm:AddTagsToResource",
    ("xray", "CreateSamplingRule"): "xray:TagResource",
}

# Calls that hand a role to a service, which the caller must be allowed to.
PASSES = {
    ("cloudtrail", "CreateTrail"): "cloudtrail.amazonaws.com",
    ("cloudtrail", "UpdateTrail"): "cloudtrail.amazonaws.com",
    ("cognito-idp", "CreateUserPool"): "cognito-idp.amazonaws.com",
    ("cognito-idp", "UpdateUserPool"): "cognito-idp.amazonaws.com",
    ("events", "PutRule"): "events.amazonaws.com",
    ("events", "PutTargets"): "events.amazonaws.com",
    ("firehose", "CreateDeliveryStream"): "firehose.amazonaws.com",
    ("firehose", "UpdateDestination"): "firehose.amazonaws.com",
    ("lambda", "CreateFunction"): "lambda.amazonaws.com",
    ("lambda", "UpdateFunctionConfiguration"): "lambda.amazonaws.com",
    ("logs", "PutSubscriptionFilter"): "logs.amazonaws.com",
    ("s3", "PutBucketReplication"): "s3.amazonaws.com",
}
ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")
ROLE_MEMBERS = {"Role", "RoleArn", "RoleARN", "roleArn", "CloudWatchLogsRoleArn", "SnsCallerArn"}


def passed(values):
    """The ARNs of roles in an input, however deep they are."""
    if isinstance(values, list):
        return [role for value in values for role in passed(value)]
    if not isinstance(values, dict):
        return []
    own = [value for name, value in values.items() if name in ROLE_MEMBERS and isinstance(value, str) and ROLE.match(value)]
    return own + [role for value in values.values() for role in passed(value)]


# Calls that are newer than the reference, or whose resources are not here though their members look like it.
UNKNOWN = {
    "cloudwatch": "DescribeAlarmContributors ListAlarmMuteRules",
    "cognito-idp": "AdminListUserSessions AdminRevokeUserSession DescribeTermsByClient GetUserPoolClientSessionConfiguration"
    " GetUserPoolSessionConfiguration SetUserPoolClientSessionConfiguration SetUserPoolSessionConfiguration",
    "kms": "Decapsulate Encapsulate",
    "logs": "CreateScheduledQuery DeleteIndexPolicy DescribeFieldIndexes DescribeIndexPolicies ListSyslogConfigurations PutIndexPolicy"
    " PutQueryDefinition UpdateScheduledQuery",
    "secretsmanager": "AssociateCrossAccountReplica DisassociateCrossAccountReplica ListResourcePolicies",
}  # fmt: skip
UNKNOWN = {service: set(names.split()) for service, names in UNKNOWN.items()}
ARN = re.compile(r"arn:[\w-]+:[\w-]+:[^:]*:[^:]*:.+", re.DOTALL)


def rights(call):
    """All that a call needs, what it is called by first; None for a call that is not known here."""
    where = (call.service, call.name)
    if where in FREE:
        return []
    of = SERVICES.get(call.service)
    if of is None or call.name in UNKNOWN.get(call.service, ()):
        return None
    if call.name in ANYWHERE.get(call.service, ()):
        resources = ["*"]
    else:
        resources = of(call)
    if resources is None:
        return None
    action = f"{PREFIXES.get(call.service, call.service)}:{NAMES.get(where, call.name)}"
    found = [one if isinstance(one, Right) else Right(action, one) for one in resources]
    if where in TAGGING and request_tags(call.values):
        made = (
            call.arn("key/*")
            if call.service == "kms"
            else call.arn("userpool/*")
            if call.service == "cognito-idp"
            else found[0].resource
        )
        found.append(Right(TAGGING[where], made))
    if where in PASSES:
        for role in dict.fromkeys(passed(call.values)):
            found.append(Right("iam:PassRole", role, {"iam:PassedToService": PASSES[where]}))
    # what is no ARN, though its place is an ARN's, names nothing: the service says so
    return [right if ARN.match(right.resource) else right._replace(resource="*") for right in found]


def request_tags(values):
    """The tags that an input gives to what it makes or changes."""
    for member in ("Tags", "tags", "TagsList", "UserPoolTags"):
        if values.get(member):
            return stored.pairs(values[member])
    return {}


# ---- Each service's resources, by the members of its inputs


def alarms(call):
    """<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html> (2026-11-26)"""
    values, name = call.values, call.name
    if arn := call.first("ResourceARN"):
        return [arn]
    if name == "DescribeAlarms" or name == "DescribeAlarmHistory":
        # of all, unless it names some
        names = call.first("AlarmNames") or [call.first("AlarmName") or f"{call.first('AlarmNamePrefix') or ''}*"]
        return [call.arn(f"alarm:{one}") for one in names]
    for member, kind in (("AlarmNames", "alarm:"), ("RuleNames", "insight-rule/"), ("DashboardNames", "dashboard/")):
        if values.get(member):
            return [at_dashboard(call, one) if kind == "dashboard/" else call.arn(f"{kind}{one}") for one in values[member]]
    for member, kind in (("AlarmName", "alarm:"), ("RuleName", "insight-rule/"), ("DashboardName", "dashboard/")):
        if values.get(member):
            return [at_dashboard(call, values[member]) if kind == "dashboard/" else call.arn(f"{kind}{values[member]}")]
    if "MetricStream" in name and call.first("Name", "Names"):
        names = [values["Name"]] if values.get("Name") else values["Names"]
        return [call.arn(f"metric-stream/{one}") for one in names]
    return None


def at_dashboard(call, name):
    return f"arn:aws:cloudwatch::{call.account}:dashboard/{name}"


def cloudtrail(call):
    if not any(word in call.name for word in ("Trail", "Logging", "Selectors", "Tags")):
        return None
    name = call.first("Name", "TrailName", "ResourceId")
    names = [name] if name else call.first("ResourceIdList")
    return names and [call.named(name, "trail/") for name in names]


def cognito(call):
    pool = call.first("UserPoolId", "ResourceArn")
    return [call.named(pool, "userpool/")] if pool else None


def events(call):
    name = call.name
    if name == "PutEvents":
        entries = call.first("Entries") or []
        buses = [(bus(call, entry.get("EventBusName")), entry) for entry in entries]
        return [
            Right(
                "events:PutEvents",
                arn,
                {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")},
            )
            for arn, entry in buses
        ]
    if arn := call.first("ResourceARN"):
        return [arn]
    if "Archive" in name:
        archive = [call.named(call.first("ArchiveName") or "", "archive/")]
        return archive + ([call.first("EventSourceArn")] if name == "CreateArchive" else [])
    if name.endswith("EventBus"):
        return [bus(call, call.first("Name"))]
    if name in RULES:
        on, rule = call.first("EventBusName"), call.first("Rule", "Name")
        on = (on or "default").rpartition("/")[2]
        return [call.arn(f"rule/{rule}" if on == "default" else f"rule/{on}/{rule}")]
    return None


RULES = "DeleteRule DescribeRule DisableRule EnableRule ListTargetsByRule PutRule PutTargets RemoveTargets".split()


def bus(call, name):
    return call.named(name or "default", "event-bus/")


def firehose(call):
    return [call.arn(f"deliverystream/{call.first('DeliveryStreamName')}")] if call.first("DeliveryStreamName") else None


def iam(call):
    values, name = call.values, call.name
    at = f"arn:aws:iam::{call.account}"
    path = values.get("Path") or "/"
    if name == "CreateServiceLinkedRole":
        return [f"{at}:role/aws-service-role/{values.get('AWSServiceName')}/*"]
    if profile := values.get("InstanceProfileName"):
        found = stored.store("iam", call.account, "aws")
        made = found and found.instance_profiles.get(profile)
        own = [f"{at}:instance-profile{made.path if made else path}{profile}"]
        if name == "AddRoleToInstanceProfile":
            own.append(Right("iam:PassRole", role(call, values["RoleName"]), {"iam:PassedToService": "ec2.amazonaws.com"}))
        return own
    if group := values.get("GroupName"):
        return [f"{at}:group{path}{group}"]
    if values.get("RoleName"):
        return [f"{at}:role{path}{values['RoleName']}" if name == "CreateRole" else role(call, values["RoleName"])]
    if serial := values.get("SerialNumber") if name in DEVICES else None:
        return [serial]
    if device := values.get("VirtualMFADeviceName"):
        return [f"{at}:mfa{path}{device}"]
    if user := values.get("UserName"):
        return [f"{at}:user{path}{user}" if name == "CreateUser" else user_arn(call, user)]
    if policy := values.get("PolicyName") if name == "CreatePolicy" else None:
        return [f"{at}:policy{path}{policy}"]
    if url := values.get("Url"):
        return [f"{at}:oidc-provider/{re.sub('^https?://', '', url)}"]
    for member in ("PolicyArn", "OpenIDConnectProviderArn", "SAMLProviderArn", "PolicySourceArn"):
        if values.get(member):
            return [values[member]]
    if provider := values.get("Name") if "SAMLProvider" in name else None:
        return [f"{at}:saml-provider/{provider}"]
    if certificate := values.get("ServerCertificateName"):
        return [f"{at}:server-certificate{path}{certificate}"]
    # of oneself
    if name in OWN:
        user = call.caller.principal.get("user") if isinstance(call.caller.principal, dict) else None
        return [user or f"{at}:user/*"]
    return None


DEVICES = "DeleteVirtualMFADevice ListMFADeviceTags TagMFADevice UntagMFADevice".split()
OWN = (
    "ChangePassword CreateAccessKey DeleteAccessKey GetMFADevice GetUser ListAccessKeys ListMFADevices ListSigningCertificates"
    " UpdateAccessKey"
).split()


def role(call, name):
    """The ARN of a role by its name, with its path if there is one."""
    roles = stored.store("iam", call.account, "aws")
    found = next((one for one in roles.roles.values() if one.name == name), None) if roles else None
    return found.arn if found else f"arn:aws:iam::{call.account}:role/{name}"


def user_arn(call, name):
    users = stored.store("iam", call.account, "aws")
    found = users.users.get(name) if users else None
    return found.arn if found else f"arn:aws:iam::{call.account}:user/{name}"


def kms(call):
    if "Alias" in call.name:
        alias = call.arn(call.first("AliasName"))
        # the key that it is of now, and the one that it will be of
        keys = [
            stored.key_arn(name, call.account, call.region)
            for name in (call.first("AliasName"), call.first("TargetKeyId"))
            if name
        ]
        return [alias, *dict.fromkeys(key for key in keys if key)]
    names = [call.first("KeyId") or of_ciphertext(call.first("CiphertextBlob"))]
    if call.name == "ReEncrypt":
        names = [
            ("ReEncryptFrom", call.first("SourceKeyId") or of_ciphertext(call.first("CiphertextBlob"))),
            ("ReEncryptTo", call.first("DestinationKeyId")),
        ]
        keys = [(action, name and stored.key_arn(name, call.account, call.region)) for action, name in names]
        return [Right(f"kms:{action}", key) for action, key in keys if key]
    key = names[0] and stored.key_arn(names[0], call.account, call.region)
    # an alias of nothing, or nothing: the service says so
    return [key] if key else ["*"] if call.first("KeyId", "CiphertextBlob") else None


def of_ciphertext(blob):
    """The id of the key, with which all that moto encrypts begins."""
    return blob[:36].decode("ascii", "replace") if isinstance(blob, bytes) else None


def functions(call):
    if mapping := call.first("UUID"):
        return [call.arn(f"event-source-mapping:{mapping}")]
    if name := call.first("FunctionName"):
        _, _, partial = name.rpartition("function:")
        function, _, qualifier = partial.partition(":")
        qualifier = call.first("Qualifier") or qualifier
        qualified = f":{qualifier}" if qualifier and ("Invoke" in call.name or "Provisioned" in call.name) else ""
        account = re.match(r"arn:aws:lambda:[\w-]+:(\d{12}):|(\d{12}):", name)
        at = f"arn:aws:lambda:{call.region}:{(account and (account[1] or account[2])) or call.account}"
        return [f"{at}:function:{function}{qualified}", *read_by_lambda(call)]
    arn = call.first("Resource")
    return [arn] if arn else None


def read_by_lambda(call):
    """The object that a function's code is in, which the caller must be allowed to read.

    <https://docs.aws.amazon.com/lambda/latest/dg/access-control-identity-based.html> (2026-11-26)
    """
    code = call.values.get("Code") or call.values
    if call.name not in ("CreateFunction", "UpdateFunctionCode") or not (code.get("S3Bucket") and code.get("S3Key")):
        return []
    action = "s3:GetObjectVersion" if code.get("S3ObjectVersion") else "s3:GetObject"
    return [Right(action, f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}")]


def logs(call):
    # tags are on the group itself, the rest on all in it:
    # <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html> (2026-11-26)
    if arn := call.first("resourceArn"):
        return [arn.removesuffix(":*")]
    group = call.first("logGroupName", "logGroupIdentifier", "resourceIdentifier")
    groups = [group] if group else call.first("logGroupIdentifiers", "logGroupNames") or []
    stream = call.first("logStreamName") or ""
    arns = [call.named(group, "log-group:").removesuffix(":*") for group in groups]
    if call.name in ("TagLogGroup", "UntagLogGroup", "ListTagsLogGroup"):
        return arns
    return [f"{arn}:log-stream:{stream if call.name in STREAMS else ''}" for arn in arns] or None


STREAMS = "CreateLogStream DeleteLogStream GetLogEvents PutLogEvents".split()


def organizations(call):
    found = stored.store("organizations", call.account, "aws")
    if not (found and found.org):
        return ["*"]
    ids = [call.values[member] for member in TARGETS if call.values.get(member)]
    if call.name == "CreatePolicy":
        kind = call.values.get("Type", "").lower()
        return [f"arn:aws:organizations::{call.account}:policy/{found.org.id}/{kind}/p-*"]
    things = {thing.id: thing for thing in found.accounts + found.ou + found.policies}
    arns = [things[id].arn for id in ids if id in things]
    # what is not there has no ARN, and the service says so
    return (arns or ["*"]) if ids else None


TARGETS = "PolicyId TargetId ResourceId ChildId ParentId AccountId OrganizationalUnitId RootId SourceParentId DestinationParentId".split()


def secretsmanager(call):
    if name := call.first("SecretId"):
        return [secret(call, name)]
    if call.name == "CreateSecret":
        return [call.arn(f"secret:{call.first('Name')}")]
    return None


def secret(call, name):
    found = stored.store("secretsmanager", call.account, call.region)
    made = found and not name.startswith("arn:") and found.secrets.get(name)
    return made.arn if made else call.named(name, "secret:")


def quotas(call):
    if call.name == "GetServiceQuota":
        return [call.arn(f"{call.first('ServiceCode')}/{call.first('QuotaCode')}", "servicequotas")]
    return None


def sns(call):
    arn = call.first("TopicArn", "ResourceArn", "TargetArn")
    if arn is None and (subscription := call.first("SubscriptionArn")):
        arn = subscription.rpartition(":")[0]
    if arn is None and call.name == "CreateTopic":
        arn = call.arn(call.first("Name"))
    # a telephone has no ARN
    return [arn or "*"] if arn or call.first("PhoneNumber") else None


def sqs(call):
    if arn := call.first("SourceArn"):
        return [arn]
    if url := call.first("QueueUrl"):
        account, _, name = urlsplit(url).path.rpartition("/")
        owner = account.rpartition("/")[2]
        return [f"arn:aws:sqs:{call.region}:{owner if owner.isdecimal() else call.account}:{name}"]
    if name := call.first("QueueName"):
        owner = call.first("QueueOwnerAWSAccountId") or call.account
        return [f"arn:aws:sqs:{call.region}:{owner}:{name}"]
    return None


def ssm(call):
    if call.name in ("AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"):
        return [parameter(call, call.first("ResourceId"))] if call.first("ResourceType") == "Parameter" else None
    if "Parameter" not in call.name:
        return None
    names = [call.first("Name", "Path")] if call.first("Name", "Path") else call.first("Names") or []
    found = [parameter(call, name) for name in names]
    # Parameter Store reads the secret in the caller's name:
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html (2026-11-27)
    referred = [name.removeprefix(stored.REFERENCE) for name in names if name.startswith(stored.REFERENCE)]
    return found + [Right("secretsmanager:GetSecretValue", secret(call, name.partition(":")[0])) for name in referred] or None


def parameter(call, name):
    if name.startswith("arn:"):
        return name
    # a version or a label behind a colon is not in the ARN
    return call.arn(f"parameter/{name.partition(':')[0].lstrip('/')}")


def sts(call):
    if call.name == "GetFederationToken":
        return [f"arn:aws:sts::{call.account}:federated-user/{call.first('Name')}"]
    role = call.first("RoleArn")
    if role is None:
        return None
    found = [Right(f"sts:{call.name}", role)]
    if call.first("Tags"):
        found.append(Right("sts:TagSession", role))
    if call.first("SourceIdentity"):
        found.append(Right("sts:SetSourceIdentity", role))
    return found


def xray(call):
    arn = call.first("ResourceARN", "RuleARN")
    if arn is None and "SamplingRule" in call.name:
        rule = call.first("SamplingRule", "SamplingRuleUpdate") or {}
        arn = rule.get("RuleARN") or call.arn(f"sampling-rule/{unquote(rule.get('RuleName') or call.first('RuleName') or '')}")
    return [arn] if arn else None


SERVICES = {
    "cloudtrail": cloudtrail,
    "cloudwatch": alarms,
    "cognito-idp": cognito,
    "events": events,
    "firehose": firehose,
    "iam": iam,
    "kms": kms,
    "lambda": functions,
    "logs": logs,
    "organizations": organizations,
    "secretsmanager": secretsmanager,
    "service-quotas": quotas,
    "sns": sns,
    "sqs": sqs,
    "ssm": ssm,
    "sts": sts,
    "xray": xray,
}
