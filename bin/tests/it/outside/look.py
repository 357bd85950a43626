"""Reads a deployed zone back with boto3 alone, in both accounts, and holds it against what the design states.

Usage: look.py ENDPOINT MEMBER ENVIRONMENT

The expectations are written down here from the design's own text, and not read from config/: who changes the shipped
tenant changes them here too. One line a property, `ok` or `wrong`; exit code 1 when anything is wrong or nothing was seen.
"""

import json
import sys

import boto3

ENDPOINT, MEMBER, ENV = sys.argv[1:4]
REGION = "ap-southeast-2"
ORGANIZATION = "o-1gqwjyxxhw"
TAGS = {
    "tenant_id": "totara-bank",
    "module_id": "MOD-104",
    "environment": ENV,
    "system_id": "SD07",
    "cost_center": "platform",
    "managed_by": "pulumi",
}
CLASSES = ["pii", "financial", "operational"]
# purpose: class, Glacier after, expiry after
BUCKETS = {
    "iceberg": ("financial", 90, 2555),
    "firehose-landing": ("operational", None, 1),
    "documents": ("pii", 365, 2555),
    "artefacts": ("operational", None, 90),
    "reports": ("financial", 365, 2555),
    "cloudtrail": ("operational", 90, 2555),
    "pulumi-state": ("operational", None, None),
}
# bus: role, classes
DOMAINS = {
    "bank-core": ("BankCoreRole", ["financial"]),
    "bank-kyc": ("BankKycRole", ["pii", "financial"]),
    "bank-aml": ("BankAmlRole", ["pii", "financial"]),
    "bank-payments": ("BankPaymentsRole", ["financial"]),
    "bank-credit": ("BankCreditRole", ["pii", "financial"]),
    "bank-risk-platform": ("BankRiskRole", ["financial"]),
    "bank-platform": ("BankPlatformRole", ["operational"]),
    "bank-app": ("BankAppRole", ["pii", "operational"]),
}

looked, wrong = 0, 0


def check(what, found, expected):
    global looked, wrong
    looked += 1
    if found == expected:
        print(f"ok     {what}")
    else:
        wrong += 1
        print(f"wrong  {what}: expected {expected!r}, found {found!r}")


def client(service, credentials):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=REGION, **credentials)


OUTSIDE = {"aws_access_key_id": "outside", "aws_secret_access_key": "outside"}
assumed = client("sts", OUTSIDE).assume_role(
    RoleArn=f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole", RoleSessionName="outside"
)["Credentials"]
INSIDE = {
    "aws_access_key_id": assumed["AccessKeyId"],
    "aws_secret_access_key": assumed["SecretAccessKey"],
    "aws_session_token": assumed["SessionToken"],
}


def member(service):
    return client(service, INSIDE)


def management(service):
    return client(service, OUTSIDE)


def pairs(tags, key="Key", value="Value"):
    return {tag[key]: tag[value] for tag in tags}


def tagged(what, tags, more=None):
    expected = TAGS | (more or {})
    check(f"{what}: tags", {key: tags.get(key) for key in expected}, expected)


def only(items, what):
    check(f"{what}: there is one", len(items), 1)
    return items[0]


def document(text):
    return json.loads(text) if isinstance(text, str) else text


def statements(text):
    found = document(text)["Statement"]
    return {s.get("Sid", str(i)): s for i, s in enumerate(found if isinstance(found, list) else [found])}


def listed(value):
    return value if isinstance(value, list) else [value]


def network(contract):
    ec2 = member("ec2")
    vpc = only(ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"], "vpc")
    vpc_id = vpc["VpcId"]
    check("vpc: addresses", vpc["CidrBlock"], "10.40.0.0/16")
    check("vpc: contract", contract["network/vpc-id"], vpc_id)
    tagged("vpc", pairs(vpc["Tags"]))
    for attribute, key in (("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames")):
        answer = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=attribute)
        check(f"vpc: {attribute}", answer[key]["Value"], True)
    mine = [{"Name": "vpc-id", "Values": [vpc_id]}]
    tables = ec2.describe_route_tables(Filters=mine)["RouteTables"]
    of_subnet = {a["SubnetId"]: t for t in tables for a in t["Associations"] if "SubnetId" in a}
    for kind, thirds in (("public", [0, 16, 32]), ("private", [128, 144, 160])):
        ids = contract[f"network/{kind}-subnet-ids"].split(",")
        subnets = {s["SubnetId"]: s for s in ec2.describe_subnets(SubnetIds=ids)["Subnets"]}
        for subnet_id, third, zone in zip(ids, thirds, "abc", strict=True):
            subnet = subnets[subnet_id]
            check(f"subnet {kind} {zone}: addresses", subnet["CidrBlock"], f"10.40.{third}.0/20")
            check(f"subnet {kind} {zone}: zone", subnet["AvailabilityZone"], REGION + zone)
            check(f"subnet {kind} {zone}: vpc", subnet["VpcId"], vpc_id)
            tagged(f"subnet {kind} {zone}", pairs(subnet["Tags"]))
            routes = [r for r in of_subnet[subnet_id]["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0"]
            gateways = [r.get("GatewayId", "")[:4] for r in routes]
            check(f"subnet {kind} {zone}: default route", gateways, ["igw-"] if kind == "public" else [])
    gateway = only(
        ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc_id]}])["InternetGateways"],
        "internet gateway",
    )
    tagged("internet gateway", pairs(gateway["Tags"]))
    check("no NAT", ec2.describe_nat_gateways(Filters=mine)["NatGateways"], [])
    endpoints = {e["ServiceName"]: e for e in ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]}
    tables_of_zone = sorted({t["RouteTableId"] for t in of_subnet.values()})
    check("route tables: one public, one private", len(tables_of_zone), 2)
    for table in of_subnet.values():
        tagged("route table", pairs(table["Tags"]))
    for service in ("s3", "dynamodb"):
        endpoint = endpoints.get(f"com.amazonaws.{REGION}.{service}", {})
        check(f"endpoint {service}: type", endpoint.get("VpcEndpointType"), "Gateway")
        check(f"endpoint {service}: tables", sorted(endpoint.get("RouteTableIds", [])), tables_of_zone)
        tagged(f"endpoint {service}", pairs(endpoint.get("Tags", [])))
    named = [*mine, {"Name": "group-name", "Values": ["default"]}]
    group = only(ec2.describe_security_groups(Filters=named)["SecurityGroups"], "default security group")
    check("default security group: in", group["IpPermissions"], [])
    check("default security group: out", group["IpPermissionsEgress"], [])
    tagged("default security group", pairs(group["Tags"]))


def keys(contract):
    kms = member("kms")
    arns = {}
    for name in CLASSES:
        key = kms.describe_key(KeyId=f"alias/bank/{name}")["KeyMetadata"]
        arns[name] = key["Arn"]
        check(f"key {name}: contract", contract[f"kms/{name}/arn"], key["Arn"])
        check(f"key {name}: spec", key["KeySpec"], "SYMMETRIC_DEFAULT")
        check(f"key {name}: rotation", kms.get_key_rotation_status(KeyId=key["Arn"])["KeyRotationEnabled"], True)
        tags = pairs(kms.list_resource_tags(KeyId=key["KeyId"])["Tags"], "TagKey", "TagValue")
        tagged(f"key {name}", tags, {"classification": name})
        policy = statements(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
        services = {
            service
            for statement in policy.values()
            if isinstance(statement["Principal"], dict)
            for service in listed(statement["Principal"].get("Service", []))
        }
        expected = ["cloudtrail", f"logs.{REGION}", "sns", "events", "cloudwatch", "s3"] if name == "operational" else []
        check(f"key {name}: services", services, {f"{service}.amazonaws.com" for service in expected})
        narrow = all("Condition" in s for s in policy.values() if "Service" in s["Principal"])
        check(f"key {name}: every service is narrowed", narrow, True)
    return arns


def storage(contract, arns):
    s3 = member("s3")
    check("buckets", sorted(b["Name"] for b in s3.list_buckets()["Buckets"]), sorted(f"bank-{p}-{ENV}" for p in BUCKETS))
    for purpose, (name_of_class, glacier, expiry) in BUCKETS.items():
        name = f"bank-{purpose}-{ENV}"
        check(f"bucket {purpose}: name", contract[f"s3/{purpose}/name"], name)
        check(f"bucket {purpose}: arn", contract[f"s3/{purpose}/arn"], f"arn:aws:s3:::{name}")
        tagged(f"bucket {purpose}", pairs(s3.get_bucket_tagging(Bucket=name)["TagSet"]), {"classification": name_of_class})
        rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
        expected = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arns[name_of_class]}
        check(f"bucket {purpose}: encryption", rule["ApplyServerSideEncryptionByDefault"], expected)
        check(f"bucket {purpose}: bucket key", rule["BucketKeyEnabled"], True)
        check(f"bucket {purpose}: versioning", s3.get_bucket_versioning(Bucket=name)["Status"], "Enabled")
        block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        check(f"bucket {purpose}: public access", set(block.values()), {True})
        owner = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
        check(f"bucket {purpose}: ownership", owner, "BucketOwnerEnforced")
        rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        # tables lie in the lake: only what is delivered there grows old
        parts = ["cdc/", "usage/", "errors/"] if purpose == "iceberg" else [""]
        ages = {}
        for rule in rules:
            moves = [(t["Days"], t["StorageClass"]) for t in rule.get("Transitions", [])]
            found = (moves, rule.get("Expiration", {}).get("Days"))
            found += (rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays"),)
            if found != ([], None, None):
                ages[rule.get("Filter", {}).get("Prefix", "")] = found
        expected = ([(glacier, "GLACIER")] if glacier else [], expiry, expiry)
        check(f"bucket {purpose}: life cycle", ages, {part: expected for part in parts} if expiry else {})
        stale = [r["AbortIncompleteMultipartUpload"] for r in rules if "AbortIncompleteMultipartUpload" in r]
        check(f"bucket {purpose}: stale uploads", stale, [{"DaysAfterInitiation": 7}])
        policy = statements(s3.get_bucket_policy(Bucket=name)["Policy"])
        for sid in ("DenyInsecureTransport", "DenyUnencryptedPut", "DenyIncorrectEncryption", "DenyWrongKey"):
            check(f"bucket {purpose}: {sid}", policy.get(sid, {}).get("Effect"), "Deny")
    name = f"bank-cloudtrail-{ENV}"
    lock = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    check("trail's bucket: lock", (lock["Mode"], lock["Days"]), ("GOVERNANCE", 2555))
    policy = statements(s3.get_bucket_policy(Bucket=name)["Policy"])
    denied = policy.get("DenyLogDeletion", {})
    check("trail's bucket: deletion", sorted(listed(denied.get("Action", []))), ["s3:DeleteObject", "s3:DeleteObjectVersion"])
    trail = f"arn:aws:cloudtrail:{REGION}:{MEMBER}:trail/bank-platform"
    written = [s for s in policy.values() if s["Effect"] == "Allow" and "s3:PutObject" in listed(s["Action"])]
    check("trail's bucket: one writer", len(written), 1)
    check("trail's bucket: where", written[0]["Resource"], f"arn:aws:s3:::{name}/AWSLogs/{MEMBER}/*")
    check("trail's bucket: bound to the trail", trail in json.dumps(written[0]["Condition"]), True)


def queue(name, arn, key, what):
    sqs = member("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    check(f"{what}: arn", arn, found["QueueArn"])
    check(f"{what}: key", found["KmsMasterKeyId"], key)
    check(f"{what}: 14 days", found["MessageRetentionPeriod"], str(14 * 24 * 60 * 60))
    tagged(what, sqs.list_queue_tags(QueueUrl=url)["Tags"])
    return statements(found["Policy"])


def events(contract, arns):
    eb = member("events")
    buses = [b["Name"] for b in eb.list_event_buses()["EventBuses"] if b["Name"] != "default"]
    check("buses", sorted(buses), sorted(DOMAINS))
    for name in DOMAINS:
        bus = eb.describe_event_bus(Name=name)
        check(f"bus {name}: contract", contract[f"eventbridge/{name}/arn"], bus["Arn"])
        dlq = contract[f"eventbridge/{name}/dlq-arn"]
        check(f"bus {name}: dead letters", bus["DeadLetterConfig"]["Arn"], dlq)
        tagged(f"bus {name}", pairs(eb.list_tags_for_resource(ResourceARN=bus["Arn"])["Tags"]))
        policy = statements(bus["Policy"]).values()
        of_organization = [s for s in policy if "Condition" in s]
        check(f"bus {name}: organization", ORGANIZATION in json.dumps(of_organization), True)
        check(f"bus {name}: PutEvents alone", {a for s in of_organization for a in listed(s["Action"])}, {"events:PutEvents"})
        check(f"bus {name}: on itself", {r for s in of_organization for r in listed(s["Resource"])}, {bus["Arn"]})
        archive = eb.describe_archive(ArchiveName=f"{name}-archive-{ENV}")
        check(f"archive {name}: contract", contract[f"eventbridge/{name}/archive-arn"], archive["ArchiveArn"])
        check(f"archive {name}: 30 days", archive["RetentionDays"], 30)
        check(f"archive {name}: source", archive["EventSourceArn"], bus["Arn"])
        policy = queue(f"{name}-events-dlq-{ENV}", dlq, arns["operational"], f"queue {name}")
        services = {s["Principal"]["Service"] for s in policy.values()}
        check(f"queue {name}: sender", services, {"events.amazonaws.com"})
        check(f"queue {name}: account", MEMBER in json.dumps([s["Condition"] for s in policy.values()]), True)


def identity(contract):
    cognito = member("cognito-idp")
    pools = {p["Name"]: p["Id"] for p in cognito.list_user_pools(MaxResults=60)["UserPools"]}
    check("pools", sorted(pools), [f"bank-customers-{ENV}", f"bank-staff-{ENV}"])
    expected = {
        "customers": (12, False, ["jurisdiction", "party_id", "user_id"]),
        "staff": (14, True, ["staff_id"]),
    }
    for name, (length, admins, attributes) in expected.items():
        pool_id = pools[f"bank-{name}-{ENV}"]
        pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        check(f"pool {name}: id", contract[f"cognito/{name}/pool-id"], pool_id)
        check(f"pool {name}: arn", contract[f"cognito/{name}/arn"], pool["Arn"])
        password = pool["Policies"]["PasswordPolicy"]
        classes = [password[f"Require{c}"] for c in ("Lowercase", "Uppercase", "Numbers", "Symbols")]
        check(f"pool {name}: password", (password["MinimumLength"], classes), (length, [True] * 4))
        check(f"pool {name}: admins", pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"], admins)
        check(f"pool {name}: sign-in", pool["UsernameAttributes"], ["email"])
        check(f"pool {name}: protection", pool.get("DeletionProtection"), "INACTIVE")
        custom = {
            a["Name"].removeprefix("custom:"): a["Mutable"] for a in pool["SchemaAttributes"] if a["Name"].startswith("custom:")
        }
        check(f"pool {name}: attributes", sorted(custom), attributes)
        check(f"pool {name}: attributes can change", set(custom.values()), {True})
        mfa = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
        found = (mfa["MfaConfiguration"], mfa["SoftwareTokenMfaConfiguration"]["Enabled"])
        check(f"pool {name}: second factor", found, ("ON", True))
        tagged(f"pool {name}", pool["UserPoolTags"])
        domain = cognito.describe_user_pool_domain(Domain=f"totara-bank-{name}-{ENV}")["DomainDescription"]
        check(f"pool {name}: domain", domain.get("UserPoolId"), pool_id)
    clients = {
        ("customers", "mobile"): (False, ["code"]),
        ("customers", "web"): (False, ["code"]),
        ("staff", "back-office"): (True, ["code"]),
        ("staff", "api-authoriser"): (True, ["client_credentials"]),
    }
    for (pool, name), (secret, flows) in clients.items():
        of_pool = contract[f"cognito/{pool}/pool-id"]
        found = cognito.describe_user_pool_client(UserPoolId=of_pool, ClientId=contract[f"cognito/{pool}/client/{name}"])
        found = found["UserPoolClient"]
        check(f"client {name}: name", found["ClientName"], name)
        check(f"client {name}: secret", "ClientSecret" in found, secret)
        check(f"client {name}: flows", found["AllowedOAuthFlows"], flows)
        if name == "api-authoriser":
            check(f"client {name}: scopes", found["AllowedOAuthScopes"], ["bank-api/read"])
        else:
            check(f"client {name}: callback", len(found["CallbackURLs"]) > 0, True)
    server = cognito.describe_resource_server(UserPoolId=contract["cognito/staff/pool-id"], Identifier="bank-api")
    check("resource server", [s["ScopeName"] for s in server["ResourceServer"]["Scopes"]], ["read"])


def delivery(contract, arns):
    firehose, s3, logs = member("firehose"), member("s3"), member("logs")
    day = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"
    streams = {"cdc": ("bank-cdc-stream", "cdc/source=neon/"), "usage": ("bank-usage-events", "usage/")}
    for output, (name, prefix) in streams.items():
        stream = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
        check(f"stream {name}: contract", contract[f"firehose/{output}/arn"], stream["DeliveryStreamARN"])
        check(f"stream {name}: type", stream["DeliveryStreamType"], "DirectPut")
        encryption = stream["DeliveryStreamEncryptionConfiguration"]
        found = (encryption["KeyType"], encryption["KeyARN"])
        check(f"stream {name}: encryption", found, ("CUSTOMER_MANAGED_CMK", arns["financial"]))
        to = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
        check(f"stream {name}: bucket", to["BucketARN"], f"arn:aws:s3:::bank-iceberg-{ENV}")
        check(f"stream {name}: prefix", to["Prefix"], prefix + day)
        check(f"stream {name}: errors", to["ErrorOutputPrefix"].startswith(f"errors/{name}/"), True)
        check(f"stream {name}: buffer", to["BufferingHints"], {"SizeInMBs": 128, "IntervalInSeconds": 300})
        check(f"stream {name}: format", to["CompressionFormat"], "GZIP")
        check(f"stream {name}: key", to["EncryptionConfiguration"]["KMSEncryptionConfig"]["AWSKMSKeyARN"], arns["financial"])
        logging = to["CloudWatchLoggingOptions"]
        check(f"stream {name}: logs", (logging["Enabled"], logging["LogGroupName"]), (True, f"/aws/kinesisfirehose/{name}"))
        written = logs.describe_log_streams(logGroupName=logging["LogGroupName"])["logStreams"]
        check(f"stream {name}: log stream", [s["logStreamName"] for s in written], [logging["LogStreamName"]])
        tagged(f"stream {name}", pairs(firehose.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"]))
    policy = queue(f"bank-firehose-dlq-{ENV}", contract["firehose/dlq/arn"], arns["operational"], "queue of failed records")
    check("queue of failed records: sender", {s["Principal"]["Service"] for s in policy.values()}, {"s3.amazonaws.com"})
    told = s3.get_bucket_notification_configuration(Bucket=f"bank-iceberg-{ENV}")["QueueConfigurations"][0]
    check("notification: queue", told["QueueArn"], contract["firehose/dlq/arn"])
    check("notification: events", told["Events"], ["s3:ObjectCreated:*"])
    rules = {r["Name"].lower(): r["Value"] for r in told["Filter"]["Key"]["FilterRules"]}
    check("notification: prefix", rules, {"prefix": "errors/"})
    role = member("iam").get_role(RoleName="bank-platform-delivery")["Role"]
    check("delivery role: trust", "firehose.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"]), True)
    tagged("delivery role", pairs(role["Tags"]))


def inline(iam, role, name):
    return statements(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]).values()


def rights(policy, action):
    return sorted(r for s in policy if action in listed(s["Action"]) for r in listed(s["Resource"]))


def roles(contract, arns):
    iam = member("iam")
    for bus, (name, classes) in DOMAINS.items():
        role = iam.get_role(RoleName=name)["Role"]
        check(f"role {name}: contract", contract[f"iam/lambda/{bus}/arn"], role["Arn"])
        tagged(f"role {name}", pairs(role["Tags"]))
        trust = only(list(statements(role["AssumeRolePolicyDocument"]).values()), f"role {name}: trust")
        check(f"role {name}: who", trust["Principal"], {"Service": "lambda.amazonaws.com"})
        check(f"role {name}: account", trust["Condition"], {"StringEqualsIfExists": {"aws:SourceAccount": MEMBER}})
        managed = {p["PolicyName"] for p in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]}
        check(f"role {name}: managed", managed, {"AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole"})
        policy = inline(iam, name, "domain-permissions")
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            # and the key of the alerts topic, through SNS
            keys = {arns[c] for c in [*classes, "operational"]}
            check(f"role {name}: {action}", sorted(set(rights(policy, action))), sorted(keys))
        check(f"role {name}: bus", rights(policy, "events:PutEvents"), [contract[f"eventbridge/{bus}/arn"]])
        secrets = [f"arn:aws:secretsmanager:{REGION}:{MEMBER}:secret:{bus}/*"]
        check(f"role {name}: secrets", rights(policy, "secretsmanager:GetSecretValue"), secrets)
        parameters = [f"arn:aws:ssm:{REGION}:{MEMBER}:parameter/bank/*"]
        for action in ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"):
            check(f"role {name}: {action}", rights(policy, action), parameters)
        check(f"role {name}: topics", rights(policy, "sns:Publish"), [f"arn:aws:sns:{REGION}:{MEMBER}:bank-*"])
        check(f"role {name}: traces", len(rights(policy, "xray:PutTraceSegments")) > 0, True)
        on_logs = rights(policy, "logs:PutLogEvents")
        check(f"role {name}: logs", all(f":log-group:/aws/lambda/{bus}-" in r for r in on_logs) and on_logs != [], True)
        aml, payments = bus == "bank-aml", bus == "bank-payments"
        rule = [f"arn:aws:events:{REGION}:{MEMBER}:rule/bank-core/bank-aml-mod-*"]
        for action in ("events:PutRule", "events:PutTargets", "events:DescribeRule", "events:ListTargetsByRule"):
            check(f"role {name}: {action}", rights(policy, action), rule if aml else [])
        for action in ("events:DeleteRule", "events:RemoveTargets"):
            check(f"role {name}: {action}", rights(policy, action), [])
        for action in ("appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"):
            check(f"role {name}: {action}", len(rights(policy, action)) > 0, aml)
        invoked = [r.split(":function:")[-1] for r in rights(policy, "lambda:InvokeFunction")]
        check(f"role {name}: invokes", invoked, ["bank-core-mod-004-*FxConversionHandler*"] if payments else [])


def trail(contract, arns):
    cloudtrail, logs = member("cloudtrail"), member("logs")
    found = cloudtrail.get_trail(Name="bank-platform")["Trail"]
    check("trail: contract", contract["cloudtrail/arn"], found["TrailARN"])
    check("trail: multi-region", found["IsMultiRegionTrail"], True)
    check("trail: global events", found["IncludeGlobalServiceEvents"], True)
    check("trail: validation", found["LogFileValidationEnabled"], True)
    check("trail: key", found["KmsKeyId"], arns["operational"])
    check("trail: bucket", found["S3BucketName"], f"bank-cloudtrail-{ENV}")
    check("trail: logging", cloudtrail.get_trail_status(Name="bank-platform")["IsLogging"], True)
    group = f"arn:aws:logs:{REGION}:{MEMBER}:log-group:/aws/cloudtrail/bank-platform-{ENV}"
    check("trail: log group", found["CloudWatchLogsLogGroupArn"], f"{group}:*")
    check("trail: log group in the contract", contract["cloudtrail/log-group-arn"], group)
    selector = cloudtrail.get_event_selectors(TrailName="bank-platform")["EventSelectors"][0]
    check("trail: management events", (selector["ReadWriteType"], selector["IncludeManagementEvents"]), ("All", True))
    data = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
    check("trail: data events", selector["DataResources"], data)
    tagged("trail", pairs(cloudtrail.list_tags(ResourceIdList=[found["TrailARN"]])["ResourceTagList"][0]["TagsList"]))
    names = {
        f"/aws/cloudtrail/bank-platform-{ENV}",
        f"/aws/bank-platform/{ENV}",
        "/aws/kinesisfirehose/bank-cdc-stream",
        "/aws/kinesisfirehose/bank-usage-events",
    }
    groups = {g["logGroupName"]: g for g in logs.describe_log_groups()["logGroups"]}
    check("log groups", set(groups), names)
    for name in sorted(names & set(groups)):
        check(f"log group {name}: key", groups[name].get("kmsKeyId"), arns["operational"])
        check(f"log group {name}: retention", groups[name].get("retentionInDays"), 30)
        arn = f"arn:aws:logs:{REGION}:{MEMBER}:log-group:{name}"
        tagged(f"log group {name}", logs.list_tags_for_resource(resourceArn=arn)["tags"])


def observability(contract, arns):
    sns, xray = member("sns"), member("xray")
    group = f"arn:aws:logs:{REGION}:{MEMBER}:log-group:/aws/bank-platform/{ENV}"
    check("log group of the platform: contract", contract["logs/bank-platform/arn"], group)
    topic = f"arn:aws:sns:{REGION}:{MEMBER}:bank-platform-alerts-{ENV}"
    check("topic: contract", contract["sns/alerts/arn"], topic)
    found = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    check("topic: key", found["KmsMasterKeyId"], arns["operational"])
    publishers = [s for s in statements(found["Policy"]).values() if "cloudwatch.amazonaws.com" in json.dumps(s["Principal"])]
    check("topic: CloudWatch publishes", [listed(s["Action"]) for s in publishers], [["sns:Publish"]])
    check("topic: for this account", MEMBER in json.dumps(publishers[0]["Condition"]), True)
    tagged("topic", pairs(sns.list_tags_for_resource(ResourceArn=topic)["Tags"]))
    name = f"bank-platform-default-{ENV}"
    pages = xray.get_sampling_rules()["SamplingRuleRecords"]
    rule = only([r["SamplingRule"] for r in pages if r["SamplingRule"]["RuleName"] == name], "sampling rule")
    check("sampling rule: contract", contract["xray/sampling/arn"], rule["RuleARN"])
    check("sampling rule", (rule["FixedRate"], rule["ReservoirSize"], rule["Priority"]), (0.05, 1, 9000))
    tagged("sampling rule", pairs(xray.list_tags_for_resource(ResourceARN=rule["RuleARN"])["Tags"]))


def access(contract, arns):
    iam = member("iam")
    url = "token.actions.githubusercontent.com"
    arn = f"arn:aws:iam::{MEMBER}:oidc-provider/{url}"
    provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    check("GitHub: audience", provider["ClientIDList"], ["sts.amazonaws.com"])
    tagged("GitHub", pairs(provider["Tags"]))
    cicd = iam.get_role(RoleName="bank-platform-cicd")["Role"]
    check("cicd: contract", contract["iam/cicd/arn"], cicd["Arn"])
    trust = only(list(statements(cicd["AssumeRolePolicyDocument"]).values()), "cicd: trust")
    check("cicd: who", (trust["Principal"], trust["Action"]), ({"Federated": arn}, "sts:AssumeRoleWithWebIdentity"))
    expected = {
        "StringEquals": {f"{url}:aud": "sts.amazonaws.com"},
        "StringLike": {f"{url}:sub": [f"repo:totara-bank/{bus}:*" for bus in DOMAINS]},
    }
    check("cicd: condition", trust["Condition"], expected)
    glass = iam.get_role(RoleName="bank-platform-break-glass")["Role"]
    check("break-glass: contract", contract["iam/break-glass/arn"], glass["Arn"])
    check("break-glass: an hour", glass["MaxSessionDuration"], 3600)
    trust = only(list(statements(glass["AssumeRolePolicyDocument"]).values()), "break-glass: trust")
    check("break-glass: who", trust["Principal"], {"AWS": f"arn:aws:iam::{MEMBER}:root"})
    check("break-glass: second factor", trust["Condition"], {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    for role in (cicd, glass):
        name = role["RoleName"]
        managed = [p["PolicyName"] for p in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
        check(f"{name}: rights", managed, ["AdministratorAccess"])
        tagged(name, pairs(role["Tags"]))
    arn = f"arn:aws:iam::{MEMBER}:policy/bank-secrets-read"
    check("secrets-read: contract", contract["iam/secrets-read/arn"], arn)
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]["Document"]
    version = statements(version).values()
    check("secrets-read: keys", rights(version, "kms:Decrypt"), sorted(arns.values()))
    secrets = [f"arn:aws:secretsmanager:{REGION}:{MEMBER}:secret:bank-*/*"]
    for action in ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"):
        check(f"secrets-read: {action}", rights(version, action), secrets)
    tagged("secrets-read", pairs(iam.list_policy_tags(PolicyArn=arn)["Tags"]))


def guardrails():
    organizations = management("organizations")
    policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    policy = only([p for p in policies if p["Name"] == "bank-platform-required-tags"], "guardrail")
    content = organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"]
    check("guardrail: size", len(content) <= 10240, True)
    found = statements(content).values()
    check("guardrail: nothing is allowed", {s["Effect"] for s in found}, {"Deny"})
    asked = {tuple(sorted(s["Condition"]["Null"].items())) for s in found}
    expected = {((f"aws:RequestTag/{tag}", "true"),) for tag in ("tenant_id", "module_id", "environment")}
    check("guardrail: each tag by itself", asked, expected)
    denied = {action for s in found for action in listed(s["Action"])}
    check("guardrail: no wildcard", [a for a in denied if "*" in a], [])
    wanted = {"s3:CreateBucket", "ec2:CreateVpc", "kms:CreateKey", "events:CreateEventBus", "iam:CreateRole"}
    wanted |= {"lambda:CreateFunction", "cloudtrail:CreateTrail", "ec2:RunInstances", "iam:CreateOpenIDConnectProvider"}
    check("guardrail: actions", wanted - denied, set())
    untaggable = {"events:CreateArchive", "kms:CreateAlias", "kms:CreateGrant", "iam:CreateServiceLinkedRole"}
    untaggable |= {"iam:CreatePolicyVersion", "iam:CreateAccessKey", "iam:CreateGroup", "lambda:CreateAlias"}
    check("guardrail: nothing that takes no tags", untaggable & denied, set())
    root = organizations.list_roots()["Roots"][0]["Id"]
    targets = [t["TargetId"] for t in organizations.list_targets_for_policy(PolicyId=policy["Id"])["Targets"]]
    check("guardrail: on the root", targets, [root])
    tagged("guardrail", pairs(organizations.list_tags_for_resource(ResourceId=policy["Id"])["Tags"]))


def main():
    root = f"/bank/{ENV}/"
    pages = member("ssm").get_paginator("get_parameters_by_path").paginate(Path=root, Recursive=True)
    parameters = [p for page in pages for p in page["Parameters"]]
    contract = {p["Name"].removeprefix(root): p["Value"] for p in parameters}
    check("contract: paths", len(contract), 75)
    kinds = {p["Name"].removeprefix(root) for p in parameters if p["Type"] == "StringList"}
    check("contract: lists", kinds, {"network/public-subnet-ids", "network/private-subnet-ids"})
    check("contract: no secrets", {p["Type"] for p in parameters}, {"String", "StringList"})
    network(contract)
    arns = keys(contract)
    storage(contract, arns)
    events(contract, arns)
    identity(contract)
    delivery(contract, arns)
    roles(contract, arns)
    trail(contract, arns)
    observability(contract, arns)
    access(contract, arns)
    guardrails()
    print(f"{looked} properties read back, {wrong} wrong")
    return 1 if wrong or not looked else 0


if __name__ == "__main__":
    sys.exit(main())
