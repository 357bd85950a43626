"""Changes a deployed zone behind its back with boto3 alone, property by property, and puts it back.

Usage: change.py ENDPOINT MEMBER ENVIRONMENT list     one line a change: its batch, properties, rows and reason, as JSON
       change.py ENDPOINT MEMBER ENVIRONMENT BATCH    makes the changes of a batch, says `changed`, waits until standard
                                                      input ends, puts everything back, says `restored`

long because it is a table: one entry a property that somebody could change. An entry names the property as Pulumi does, the
rows of `zone verify` that turn red, and a part of what they say. Changes whose rows are not each other's share a batch.
"""

import json
import sys

import boto3

ENDPOINT, MEMBER, ENV, WHAT = sys.argv[1:5]
REGION = "ap-southeast-2"
CHANGES = []


def change(of, rows, because):
    """An entry: `of` is `token property`, or several; the function changes, yields, and restores."""

    def entry(function):
        properties = [of] if isinstance(of, str) else of
        CHANGES.append({"of": properties, "rows": rows, "because": because, "by": function})
        return function

    return entry


def batches():
    """The changes in as few batches as their rows allow."""
    found = []
    for entry in CHANGES:
        mine = set(entry["rows"])
        clashes = lambda batch: any(a in b or b in a for e in batch for a in e["rows"] for b in mine)
        batch = next((batch for batch in found if not clashes(batch)), None)
        if batch is None:
            batch = []
            found.append(batch)
        batch.append(entry)
    return found


class Account:
    """Clients in an account."""

    def __init__(self, credentials):
        self.credentials, self.clients = credentials, {}

    def __getattr__(self, service):
        if service not in self.clients:
            at = {"endpoint_url": ENDPOINT, "region_name": REGION}
            self.clients[service] = boto3.client(service.replace("_", "-"), **at, **self.credentials)
        return self.clients[service]


OUTSIDE = {"aws_access_key_id": "outside", "aws_secret_access_key": "outside"}


def member():
    role = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"
    taken = Account(OUTSIDE).sts.assume_role(RoleArn=role, RoleSessionName="outside")["Credentials"]
    return Account(
        {
            "aws_access_key_id": taken["AccessKeyId"],
            "aws_secret_access_key": taken["SecretAccessKey"],
            "aws_session_token": taken["SessionToken"],
        }
    )


def entry(c, name):
    """A value of the contract."""
    return c.ssm.get_parameter(Name=f"/bank/{ENV}/{name}")["Parameter"]["Value"]


# ---- network

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTableAssociation:RouteTableAssociation"


@change(f"{VPC} enableDnsHostnames", ["the VPC has the addresses 10.40.0.0/16"], "host names are off")
def _(c):
    vpc = entry(c, "network/vpc-id")
    c.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    yield
    c.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})


@change(f"{VPC} enableDnsSupport", ["the VPC has the addresses 10.40.0.0/16"], "DNS support is off")
def _(c):
    vpc = entry(c, "network/vpc-id")
    c.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    yield
    c.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})


@change(f"{VPC} cidrBlock", ["the VPC has the addresses 10.40.0.0/16"], "10.99.0.0/16, too")
def _(c):
    made = c.ec2.associate_vpc_cidr_block(VpcId=entry(c, "network/vpc-id"), CidrBlock="10.99.0.0/16")
    yield
    c.ec2.disassociate_vpc_cidr_block(AssociationId=made["CidrBlockAssociation"]["AssociationId"])


def public_addresses(kind):
    @change(f"{SUBNET} mapPublicIpOnLaunch", [f"{kind} subnets assign no public addresses"], "public IPv4 addresses")
    def _(c):
        subnet = entry(c, f"network/{kind}-subnet-ids").split(",")[1]
        c.ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
        yield
        c.ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": False})


public_addresses("public")
public_addresses("private")


def table_of(c, kind):
    subnet = entry(c, f"network/{kind}-subnet-ids").split(",")[0]
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    table = c.ec2.describe_route_tables(Filters=filters)["RouteTables"][0]
    association = next(a for a in table["Associations"] if a.get("SubnetId") == subnet)
    return table, association["RouteTableAssociationId"]


@change([f"{TABLE} routeTableId", f"{TABLE} subnetId"], ["public subnets of 10.40.0.0/16 have a route to the Internet"], "no default route")
def _(c):
    public, association = table_of(c, "public")
    private, _ = table_of(c, "private")
    new = c.ec2.replace_route_table_association(AssociationId=association, RouteTableId=private["RouteTableId"])
    yield
    c.ec2.replace_route_table_association(
        AssociationId=new["NewAssociationId"], RouteTableId=public["RouteTableId"]
    )


@change(
    ["aws:ec2/route:Route destinationCidrBlock", "aws:ec2/route:Route gatewayId"],
    ["public subnets of 10.40.0.0/16 have a route to the Internet"],
    "no default route",
)
def _(c):
    table, _ = table_of(c, "public")
    route = next(r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0")
    at = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    c.ec2.delete_route(**at)
    yield
    c.ec2.create_route(**at, GatewayId=route["GatewayId"])


@change("aws:ec2/route:Route routeTableId", ["public subnets of 10.40.0.0/16 have a route to the Internet"], "another route out")
def _(c):
    table, _ = table_of(c, "public")
    route = next(r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0")
    at = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "192.0.2.0/24"}
    c.ec2.create_route(**at, GatewayId=route["GatewayId"])
    yield
    c.ec2.delete_route(**at)


@change("aws:ec2/vpcEndpoint:VpcEndpoint routeTableIds", ["S3 is reached from 10.40.0.0/16 without leaving AWS"], "the endpoint is not on")
def _(c):
    vpc = entry(c, "network/vpc-id")
    found = c.ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["VpcEndpoints"]
    endpoint = next(e for e in found if e["ServiceName"].endswith(".s3"))["VpcEndpointId"]
    table = table_of(c, "private")[0]["RouteTableId"]
    c.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, RemoveRouteTableIds=[table])
    yield
    c.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[table])


def group_rule(way):
    @change(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup vpcId",
        ["the default security group of 10.40.0.0/16 lets nothing through"],
        f"1 {way}ward" if way == "out" else f"1 rules {way}ward",
    )
    def _(c):
        filters = [{"Name": "vpc-id", "Values": [entry(c, "network/vpc-id")]}, {"Name": "group-name", "Values": ["default"]}]
        group = c.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
        rule = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        grant, revoke = {
            "in": (c.ec2.authorize_security_group_ingress, c.ec2.revoke_security_group_ingress),
            "out": (c.ec2.authorize_security_group_egress, c.ec2.revoke_security_group_egress),
        }[way]
        grant(GroupId=group, IpPermissions=rule)
        yield
        revoke(GroupId=group, IpPermissions=rule)


group_rule("in")
group_rule("out")

# ---- keys

KEY = "aws:kms/key:Key"


@change(f"{KEY} enableKeyRotation", ["the key of class pii rotates", "the key of class pii rotates every"], "rotation is off")
def _(c):
    key = entry(c, "kms/pii/arn").rsplit("/", 1)[1]
    c.kms.disable_key_rotation(KeyId=key)
    yield
    c.kms.enable_key_rotation(KeyId=key)


@change(
    ["aws:kms/alias:Alias name", "aws:kms/alias:Alias targetKeyId"],
    ["the key of class financial has its alias"],
    "has no alias",
)
def _(c):
    keys = {name: entry(c, f"kms/{name}/arn").rsplit("/", 1)[1] for name in ["financial", "pii"]}
    c.kms.update_alias(AliasName="alias/bank/financial", TargetKeyId=keys["pii"])
    yield
    c.kms.update_alias(AliasName="alias/bank/financial", TargetKeyId=keys["financial"])


@change(f"{KEY} tags", ["the key and the buckets of class pii carry it as a tag"], "do not: `arn:aws:kms")
def _(c):
    key = entry(c, "kms/pii/arn").rsplit("/", 1)[1]
    c.kms.untag_resource(KeyId=key, TagKeys=["classification"])
    yield
    c.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "classification", "TagValue": "pii"}])


# ---- buckets


def retagged(c, bucket, edit):
    was = c.s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    c.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": edit(was)})
    yield
    c.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": was})


@change("aws:s3/bucket:Bucket tags", ["the key and the buckets of class financial carry it as a tag"], "(`public`)")
def _(c):
    public = lambda tag: {"Key": tag["Key"], "Value": "public"} if tag["Key"] == "classification" else tag
    yield from retagged(c, f"bank-reports-{ENV}", lambda tags: [public(tag) for tag in tags])


@change("aws:s3/bucketVersioning:BucketVersioning versioningConfiguration.status", ["bucket reports is versioned"], "Suspended")
def _(c):
    put = lambda status: c.s3.put_bucket_versioning(
        Bucket=f"bank-reports-{ENV}", VersioningConfiguration={"Status": status}
    )
    put("Suspended")
    yield
    put("Enabled")


def open_to_public(bucket, pulumi, name):
    @change(
        f"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock {pulumi}",
        [f"bucket {bucket} is closed to the public"],
        f"off: {name}",
    )
    def _(c):
        flags = dict.fromkeys(["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True)
        put = lambda flags: c.s3.put_public_access_block(
            Bucket=f"bank-{bucket}-{ENV}", PublicAccessBlockConfiguration=flags
        )
        put(flags | {name: False})
        yield
        put(flags)


open_to_public("iceberg", "blockPublicAcls", "BlockPublicAcls")
open_to_public("documents", "blockPublicPolicy", "BlockPublicPolicy")
open_to_public("reports", "ignorePublicAcls", "IgnorePublicAcls")
open_to_public("artefacts", "restrictPublicBuckets", "RestrictPublicBuckets")


@change(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls rule.objectOwnership",
    ["bucket documents knows no access control lists"],
    "ObjectWriter",
)
def _(c):
    put = lambda ownership: c.s3.put_bucket_ownership_controls(
        Bucket=f"bank-documents-{ENV}", OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}
    )
    put("ObjectWriter")
    yield
    put("BucketOwnerEnforced")


SSE = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def encrypted(bucket, pulumi, row, because, edit):
    @change(f"{SSE} {pulumi}", [f"bucket {bucket} {row}"], because)
    def _(c):
        name = f"bank-{bucket}-{ENV}"
        was = c.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
        kept = {key: was[key] for key in ["ApplyServerSideEncryptionByDefault", "BucketKeyEnabled"]}
        put = lambda rule: c.s3.put_bucket_encryption(
            Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]}
        )
        put(edit(c, json.loads(json.dumps(kept))))
        yield
        put(kept)


def by_default(rule, **values):
    rule["ApplyServerSideEncryptionByDefault"] = values
    return rule


RULE = "rules.applyServerSideEncryptionByDefault"
encrypted(
    "reports",
    f"{RULE}.sseAlgorithm",
    "is encrypted with the key",
    "encrypted by AES256",
    lambda c, rule: by_default(rule, SSEAlgorithm="AES256"),
)
encrypted(
    "documents",
    f"{RULE}.kmsMasterKeyId",
    "is encrypted with the key",
    "the key of class pii is",
    lambda c, rule: by_default(rule, SSEAlgorithm="aws:kms", KMSMasterKeyID=entry(c, "kms/operational/arn")),
)
encrypted(
    "iceberg",
    "rules.bucketKeyEnabled",
    "uses a bucket key",
    "the bucket key is off",
    lambda c, rule: rule | {"BucketKeyEnabled": False},
)

LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def having(rules, part):
    """That part of the first rule that has one."""
    return next(rule[part] for rule in rules if part in rule)


def moved(rules, here, there):
    """That rule holds below another folder."""
    rule = next(rule for rule in rules if (rule.get("Filter") or {}).get("Prefix") == here)
    rule["Filter"]["Prefix"] = there


def aged(bucket, pulumi, rows, because, edit):
    @change(f"{LIFECYCLE} {pulumi}", [f"bucket {bucket} {row}" for row in rows], because)
    def _(c):
        name = f"bank-{bucket}-{ENV}"
        was = c.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        put = lambda rules: c.s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": rules}
        )
        new = json.loads(json.dumps(was))
        edit(new)
        put(new)
        yield
        put(was)


KEEPS, DROPS = "keeps its lifecycle", "drops stale uploads"
aged("iceberg", "rules.filter.prefix", [KEEPS], "below `cdc/`", lambda rules: moved(rules, "cdc/", "tables/"))
aged("iceberg", "rules.expiration.days", [KEEPS], "expires after", lambda rules: having(rules, "Expiration").update(Days=2000))
aged(
    "documents",
    "rules.noncurrentVersionExpiration.noncurrentDays",
    [KEEPS],
    "expires as a noncurrent version",
    lambda rules: having(rules, "NoncurrentVersionExpiration").update(NoncurrentDays=1),
)
aged(
    "reports",
    "rules.transitions.days",
    [KEEPS],
    "moves to Glacier",
    lambda rules: having(rules, "Transitions")[0].update(Days=30),
)
aged(
    "cloudtrail",
    "rules.transitions.storageClass",
    [KEEPS],
    "no object ever moves to Glacier",
    lambda rules: having(rules, "Transitions")[0].update(StorageClass="DEEP_ARCHIVE"),
)
aged(
    "artefacts",
    "rules.abortIncompleteMultipartUpload.daysAfterInitiation",
    [DROPS],
    "unfinished upload",
    lambda rules: having(rules, "AbortIncompleteMultipartUpload").update(DaysAfterInitiation=300),
)
aged("firehose-landing", "rules.status", [KEEPS, DROPS], "no object ever", lambda rules: rules[0].update(Status="Disabled"))
aged(
    "artefacts",
    "rules.filter",
    [KEEPS, DROPS],
    "not every object",
    lambda rules: rules[0].update(Filter={"Prefix": "never/"}),
)

LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration rule.defaultRetention"
LOCKED = ["bucket cloudtrail locks objects", "the log bucket is immutable"]


def locked(pulumi, because, **retention):
    @change(f"{LOCK}.{pulumi}", LOCKED, because)
    def _(c):
        put = lambda retention: c.s3.put_object_lock_configuration(
            Bucket=f"bank-cloudtrail-{ENV}",
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
        )
        right = {"Mode": "GOVERNANCE", "Days": 2555}
        put(right | retention)
        yield
        put(right)


locked("days", "locked for 1 days", Days=1)
locked("mode", "in mode COMPLIANCE", Mode="COMPLIANCE")


def notified(pulumi, because, edit):
    @change(
        [f"aws:s3/bucketNotification:BucketNotification queues.{name}" for name in pulumi],
        ["the queue of failed records is told by the bucket"],
        because,
    )
    def _(c):
        name = f"bank-iceberg-{ENV}"
        was = c.s3.get_bucket_notification_configuration(Bucket=name)
        was.pop("ResponseMetadata")
        put = lambda told: c.s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=told)
        new = json.loads(json.dumps(was))
        edit(new)
        put(new)
        yield
        put(was)


notified(["queueArn"], "does not tell", lambda told: told.pop("QueueConfigurations"))
notified(
    ["filterPrefix"],
    "does not tell",
    lambda told: told["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"][0].update(Value="other/"),
)
notified(
    ["events"], "does not tell", lambda told: told["QueueConfigurations"][0].update(Events=["s3:ObjectRemoved:*"])
)
notified(["id"], "tells 1 more", lambda told: told.update(EventBridgeConfiguration={}))

# ---- events and queues

QUEUE, BUS, ARCHIVE = "aws:sqs/queue:Queue", "aws:cloudwatch/eventBus:EventBus", "aws:cloudwatch/eventArchive:EventArchive"


def queue(pulumi, name, row, because, **attributes):
    @change(f"{QUEUE} {pulumi}", [row], because)
    def _(c):
        url = c.sqs.get_queue_url(QueueName=f"{name}-{ENV}")["QueueUrl"]
        was = c.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        c.sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        yield
        c.sqs.set_queue_attributes(QueueUrl=url, Attributes={key: was[key] for key in attributes})


MINUTE = {"MessageRetentionPeriod": "60"}
DAYS = "messageRetentionSeconds"
queue(DAYS, "bank-credit-events-dlq", "dead letters of bank-credit are encrypted", "for 60 seconds", **MINUTE)
queue(DAYS, "bank-firehose-dlq", "failed records are kept", "for 60 seconds", **MINUTE)
SQS_KEY = {"KmsMasterKeyId": "alias/bank/pii"}
queue("kmsMasterKeyId", "bank-app-events-dlq", "dead letters of bank-app are encrypted", "the key of class operational", **SQS_KEY)
queue("kmsMasterKeyId", "bank-firehose-dlq", "failed records are kept", "the key of class operational", **SQS_KEY)


@change(f"{BUS} deadLetterConfig.arn", ["events that bank-app itself cannot deliver"], "contract's queue is")
def _(c):
    dlq = lambda bus: {"Arn": entry(c, f"eventbridge/{bus}/dlq-arn")}
    description = c.events.describe_event_bus(Name="bank-app")["Description"]
    put = lambda config: c.events.update_event_bus(Name="bank-app", Description=description, DeadLetterConfig=config)
    put(dlq("bank-core"))
    yield
    put(dlq("bank-app"))


@change(
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy policy",
    ["bus bank-kyc takes events from the organization"],
    "lets in",
)
def _(c):
    was = c.events.describe_event_bus(Name="bank-kyc")["Policy"]
    policy = json.loads(was)
    policy["Statement"].append(policy["Statement"][0] | {"Sid": "More", "Principal": {"AWS": "999999999999"}})
    c.events.put_permission(EventBusName="bank-kyc", Policy=json.dumps(policy))
    yield
    c.events.put_permission(EventBusName="bank-kyc", Policy=was)


def archive(pulumi, bus, because, **values):
    @change(f"{ARCHIVE} {pulumi}", [f"events of {bus} are archived"], because)
    def _(c):
        name = f"{bus}-archive-{ENV}"
        was = c.events.describe_archive(ArchiveName=name)
        # as AWS tells it of an archive that takes everything
        every = {"EventPattern": '{"replay-name": [{"exists": false}]}'}
        kept = every | {key: was[key] for key in ["Description", "EventPattern", "RetentionDays"] if key in was}
        c.events.update_archive(ArchiveName=name, **(kept | values))
        yield
        c.events.update_archive(ArchiveName=name, **kept)


archive("retentionDays", "bank-kyc", "for 1 days", RetentionDays=1)
archive("eventSourceArn", "bank-aml", "only events that match", EventPattern='{"source": ["some"]}')

# ---- user pools

POOL, CLIENT = "aws:cognito/userPool:UserPool", "aws:cognito/userPoolClient:UserPoolClient"
OF_UPDATE = [
    "AccountRecoverySetting",
    "AdminCreateUserConfig",
    "AutoVerifiedAttributes",
    "DeletionProtection",
    "DeviceConfiguration",
    "EmailConfiguration",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "LambdaConfig",
    "MfaConfiguration",
    "Policies",
    "SmsAuthenticationMessage",
    "SmsConfiguration",
    "SmsVerificationMessage",
    "UserAttributeUpdateSettings",
    "UserPoolAddOns",
    "UserPoolTags",
    "VerificationMessageTemplate",
]


def pool(pulumi, name, row, because, edit):
    @change(f"{POOL} {pulumi}", [row], because)
    def _(c):
        id = entry(c, f"cognito/{name}/pool-id")
        was = c.cognito_idp.describe_user_pool(UserPoolId=id)["UserPool"]
        kept = {key: was[key] for key in OF_UPDATE if key in was}
        kept.get("AdminCreateUserConfig", {}).pop("UnusedAccountValidityDays", None)
        new = json.loads(json.dumps(kept))
        edit(new)
        c.cognito_idp.update_user_pool(UserPoolId=id, **new)
        yield
        c.cognito_idp.update_user_pool(UserPoolId=id, **kept)


def password(pulumi, name, because, **values):
    row = f"passwords of {name} have at least"
    pool(f"passwordPolicy.{pulumi}", name, row, because, lambda p: p["Policies"]["PasswordPolicy"].update(values))


password("minimumLength", "customers", "at least 8 characters", MinimumLength=8)
password("requireLowercase", "staff", "need no lower-case letters", RequireLowercase=False)
password("requireUppercase", "customers", "need no upper-case letters", RequireUppercase=False)
password("requireNumbers", "staff", "need no digits", RequireNumbers=False)
password("requireSymbols", "customers", "need no symbols", RequireSymbols=False)
PROVE = "pool {} verifies e-mail addresses"
pool(
    "passwordPolicy.temporaryPasswordValidityDays",
    "staff",
    PROVE.format("staff"),
    "valid for 90 days",
    lambda p: p["Policies"]["PasswordPolicy"].update(TemporaryPasswordValidityDays=90),
)
pool(
    "autoVerifiedAttributes",
    "customers",
    PROVE.format("customers"),
    "verifies []",
    lambda p: p.update(AutoVerifiedAttributes=[]),
)
pool(
    "adminCreateUserConfig.allowAdminCreateUserOnly",
    "staff",
    "only administrators make users of staff",
    "sign up by themselves",
    lambda p: p["AdminCreateUserConfig"].update(AllowAdminCreateUserOnly=False),
)
pool(
    "adminCreateUserConfig.allowAdminCreateUserOnly",
    "customers",
    "people of customers can sign up",
    "only administrators",
    lambda p: p["AdminCreateUserConfig"].update(AllowAdminCreateUserOnly=True),
)
STAYS = "pool {} has its domain and deletion protection"
pool(
    "deletionProtection",
    "staff",
    STAYS.format("staff"),
    "is ACTIVE, and should be INACTIVE",
    lambda p: p.update(DeletionProtection="ACTIVE"),
)
pool(
    "lambdaConfig",
    "customers",
    STAYS.format("customers"),
    "has Lambda triggers",
    lambda p: p.update(LambdaConfig={"PostAuthentication": f"arn:aws:lambda:{REGION}:{MEMBER}:function:copy"}),
)


def factors(pulumi, name, because, **values):
    @change(f"{POOL} {pulumi}", [f"pool {name} asks for a second factor"], because)
    def _(c):
        id = entry(c, f"cognito/{name}/pool-id")
        right = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
        c.cognito_idp.set_user_pool_mfa_config(UserPoolId=id, **(right | values))
        yield
        c.cognito_idp.set_user_pool_mfa_config(UserPoolId=id, **right)


factors("mfaConfiguration", "customers", "a second factor is OPTIONAL", MfaConfiguration="OPTIONAL")
factors(
    "softwareTokenMfaConfiguration.enabled",
    "staff",
    "a second factor is OFF",
    MfaConfiguration="OFF",
    SoftwareTokenMfaConfiguration={"Enabled": False},
)


@change("aws:cognito/userPoolDomain:UserPoolDomain domain", [STAYS.format("customers")], "sign in at `no domain`")
def _(c):
    at = {"UserPoolId": entry(c, "cognito/customers/pool-id"), "Domain": f"totara-bank-customers-{ENV}"}
    c.cognito_idp.delete_user_pool_domain(**at)
    yield
    c.cognito_idp.create_user_pool_domain(**at)


@change(
    ["aws:cognito/resourceServer:ResourceServer scopes.scopeName"],
    ["the API bank-api of staff has its scopes"],
    "write",
)
def _(c):
    at = {"UserPoolId": entry(c, "cognito/staff/pool-id"), "Identifier": "bank-api"}
    was = c.cognito_idp.describe_resource_server(**at)["ResourceServer"]
    more = was["Scopes"] + [{"ScopeName": "write", "ScopeDescription": "more"}]
    c.cognito_idp.update_resource_server(**at, Name=was["Name"], Scopes=more)
    yield
    c.cognito_idp.update_resource_server(**at, Name=was["Name"], Scopes=was["Scopes"])


def client(pulumi, pool, name, row, because, **values):
    @change(f"{CLIENT} {pulumi}", [row], because)
    def _(c):
        at = {"UserPoolId": entry(c, f"cognito/{pool}/pool-id"), "ClientId": entry(c, f"cognito/{pool}/client/{name}")}
        was = c.cognito_idp.describe_user_pool_client(**at)["UserPoolClient"]
        gone = ["UserPoolId", "ClientId", "ClientSecret", "CreationDate", "LastModifiedDate"]
        kept = {key: value for key, value in was.items() if key not in gone}
        c.cognito_idp.update_user_pool_client(**at, **(kept | values))
        yield
        c.cognito_idp.update_user_pool_client(**at, **kept)


BACK, WRONG = "client {} of {} redirects to our own pages", "client {} of {} hides which users exist"
CODE = "client {} of {} keeps no secret"
EVIL = ["https://evil.example/"]
WEB, MOBILE = ("customers", "web"), ("customers", "mobile")
at = lambda row, of: row.format(of[1], of[0])
ATTRIBUTES = "client web of customers is told what is said"
client("writeAttributes", *WEB, ATTRIBUTES, "people can write custom:party_id", WriteAttributes=["email", "custom:party_id"])
client("readAttributes", *MOBILE, "client mobile of customers is told what is said", "is not told", ReadAttributes=["email"])
client("callbackUrls", *WEB, at(BACK, WEB), "evil.example", CallbackURLs=["http://localhost:3000/signed-in"] + EVIL)
client("logoutUrls", *MOBILE, at(BACK, MOBILE), "evil.example", LogoutURLs=EVIL)
client("callbackUrls", "staff", "api-authoriser", "client api-authoriser of staff signs nobody in", "evil.example", CallbackURLs=EVIL)
client(
    "allowedOauthScopes",
    "staff",
    "back-office",
    at(BACK, ("staff", "back-office")),
    "aws.cognito.signin.user.admin",
    AllowedOAuthScopes=["openid", "email", "profile", "aws.cognito.signin.user.admin"],
)
PASSWORD_AUTH = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
client("explicitAuthFlows", *WEB, at(BACK, WEB), "ALLOW_USER_PASSWORD_AUTH", ExplicitAuthFlows=PASSWORD_AUTH)
client("preventUserExistenceErrors", *WEB, at(WRONG, WEB), "LEGACY", PreventUserExistenceErrors="LEGACY")
client("enableTokenRevocation", *MOBILE, at(WRONG, MOBILE), "cannot be revoked", EnableTokenRevocation=False)
client(
    "supportedIdentityProviders",
    "staff",
    "back-office",
    at(WRONG, ("staff", "back-office")),
    "Facebook",
    SupportedIdentityProviders=["COGNITO", "Facebook"],
)
client("allowedOauthFlows", *WEB, at(CODE, WEB), "flows code, implicit", AllowedOAuthFlows=["code", "implicit"])
client(
    "allowedOauthFlowsUserPoolClient",
    *MOBILE,
    at(CODE, MOBILE),
    "OAuth is off",
    AllowedOAuthFlowsUserPoolClient=False,
)

# ---- delivery

STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
OF_DESTINATION = [
    "BucketARN",
    "BufferingHints",
    "CloudWatchLoggingOptions",
    "CompressionFormat",
    "EncryptionConfiguration",
    "ErrorOutputPrefix",
    "Prefix",
    "RoleARN",
]


def delivered(pulumi, output, row, because, edit):
    @change([f"{STREAM} extendedS3Configuration.{name}" for name in pulumi], [row], because)
    def _(c):
        name = entry(c, f"firehose/{output}/arn").rsplit("/", 1)[1]

        def put(update):
            stream = c.firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
            c.firehose.update_destination(
                DeliveryStreamName=name,
                CurrentDeliveryStreamVersionId=stream["VersionId"],
                DestinationId=stream["Destinations"][0]["DestinationId"],
                ExtendedS3DestinationUpdate=update,
            )

        stream = c.firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
        was = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
        kept = {key: was[key] for key in OF_DESTINATION if key in was} | {"ProcessingConfiguration": {"Enabled": False}}
        put(kept | edit(c, json.loads(json.dumps(was))))
        yield
        put(kept)


INTO, ENCRYPTED, ERRORS = "stream {} delivers into the lake", "records of {} are encrypted", "{} writes failed records below errors/"
LOGS, ROLE = "{} logs what it could not deliver", "{} is delivered by a role"
delivered(["bucketArn"], "cdc", INTO.format("cdc"), "contract's bucket is", lambda c, to: {"BucketARN": f"arn:aws:s3:::bank-reports-{ENV}"})
delivered(["prefix"], "usage", INTO.format("usage"), "delivers below `other/`", lambda c, to: {"Prefix": "other/"})
hints = lambda to, **values: {"BufferingHints": to["BufferingHints"] | values}
delivered(["bufferingSize"], "cdc", ENCRYPTED.format("cdc"), "1 megabytes", lambda c, to: hints(to, SizeInMBs=1))
delivered(["bufferingInterval"], "usage", ENCRYPTED.format("usage"), "60 seconds", lambda c, to: hints(to, IntervalInSeconds=60))
delivered(["compressionFormat"], "cdc", ENCRYPTED.format("cdc"), "UNCOMPRESSED", lambda c, to: {"CompressionFormat": "UNCOMPRESSED"})
delivered(
    ["kmsKeyArn"],
    "usage",
    ENCRYPTED.format("usage"),
    "the key of class financial",
    lambda c, to: {"EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": entry(c, "kms/pii/arn")}}},
)
delivered(["errorOutputPrefix"], "cdc", ERRORS.format("cdc"), "below `lost/`", lambda c, to: {"ErrorOutputPrefix": "lost/"})
options = lambda to, **values: {"CloudWatchLoggingOptions": to["CloudWatchLoggingOptions"] | values}
delivered(["cloudwatchLoggingOptions.enabled"], "cdc", LOGS.format("cdc"), "logging is off", lambda c, to: options(to, Enabled=False))
delivered(
    ["cloudwatchLoggingOptions.logStreamName"],
    "usage",
    LOGS.format("usage"),
    "has no stream `nowhere`",
    lambda c, to: options(to, LogStreamName="nowhere"),
)
delivered(
    ["cloudwatchLoggingOptions.logGroupName"],
    "usage",
    LOGS.format("usage"),
    "has no stream",
    lambda c, to: options(to, LogGroupName=f"/aws/bank-platform/{ENV}"),
)
delivered(
    ["roleArn"],
    "cdc",
    ROLE.format("cdc"),
    "BankCoreRole",
    lambda c, to: {"RoleARN": f"arn:aws:iam::{MEMBER}:role/BankCoreRole"},
)
PROCESSOR = {
    "Enabled": True,
    "Processors": [
        {
            "Type": "Lambda",
            "Parameters": [
                {"ParameterName": "LambdaArn", "ParameterValue": f"arn:aws:lambda:{REGION}:{MEMBER}:function:copy"}
            ],
        }
    ],
}
delivered(
    ["processingConfiguration"],
    "usage",
    "usage delivers records unchanged",
    "a processor changes",
    lambda c, to: {"ProcessingConfiguration": PROCESSOR},
)


@change(f"{STREAM} serverSideEncryption.enabled", [ENCRYPTED.format("cdc")], "encryption of records is DISABLED")
def _(c):
    c.firehose.stop_delivery_stream_encryption(DeliveryStreamName="bank-cdc-stream")
    yield
    again = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": entry(c, "kms/financial/arn")}
    c.firehose.start_delivery_stream_encryption(
        DeliveryStreamName="bank-cdc-stream", DeliveryStreamEncryptionConfigurationInput=again
    )


@change(
    [f"{STREAM} serverSideEncryption.keyArn", f"{STREAM} serverSideEncryption.keyType"],
    [ENCRYPTED.format("usage")],
    "records are not encrypted with a key of ours",
)
def _(c):
    start = lambda given: c.firehose.start_delivery_stream_encryption(
        DeliveryStreamName="bank-usage-events", DeliveryStreamEncryptionConfigurationInput=given
    )
    start({"KeyType": "AWS_OWNED_CMK"})
    yield
    start({"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": entry(c, "kms/financial/arn")})


# ---- logs, topic, sampling

GROUP = "aws:cloudwatch/logGroup:LogGroup"
OF_PLATFORM, OF_TRAIL = "log group logs/bank-platform/arn is", "log group cloudtrail/log-group-arn is"
NAMES = {
    OF_PLATFORM: f"/aws/bank-platform/{ENV}",
    OF_TRAIL: f"/aws/cloudtrail/bank-platform-{ENV}",
    LOGS.format("cdc"): "/aws/kinesisfirehose/bank-cdc-stream",
    LOGS.format("usage"): "/aws/kinesisfirehose/bank-usage-events",
}


def shortened(row):
    @change(f"{GROUP} retentionInDays", [row], "for 1 days, and not for 30")
    def _(c):
        c.logs.put_retention_policy(logGroupName=NAMES[row], retentionInDays=1)
        yield
        c.logs.put_retention_policy(logGroupName=NAMES[row], retentionInDays=30)


def unencrypted(row):
    @change(f"{GROUP} kmsKeyId", [row], "not encrypted with a key of ours")
    def _(c):
        c.logs.disassociate_kms_key(logGroupName=NAMES[row])
        yield
        c.logs.associate_kms_key(logGroupName=NAMES[row], kmsKeyId=entry(c, "kms/operational/arn"))


for row in NAMES:
    shortened(row)
    unencrypted(row)


@change("aws:cloudwatch/logStream:LogStream name", [LOGS.format("cdc")], "has no stream `errors`")
def _(c):
    at = {"logGroupName": "/aws/kinesisfirehose/bank-cdc-stream", "logStreamName": "errors"}
    c.logs.delete_log_stream(**at)
    yield
    c.logs.create_log_stream(**at)


@change("aws:sns/topic:Topic kmsMasterKeyId", ["alarms of this account reach the topic"], "the key of class operational is")
def _(c):
    put = lambda value: c.sns.set_topic_attributes(
        TopicArn=entry(c, "sns/alerts/arn"), AttributeName="KmsMasterKeyId", AttributeValue=value
    )
    put(entry(c, "kms/pii/arn"))
    yield
    put(entry(c, "kms/operational/arn"))


def sampled(pulumi, because, **values):
    @change(f"aws:xray/samplingRule:SamplingRule {pulumi}", ["of a hundred requests 5 are traced"], because)
    def _(c):
        name = f"bank-platform-default-{ENV}"
        rules = (record["SamplingRule"] for record in c.xray.get_sampling_rules()["SamplingRuleRecords"])
        was = next(rule for rule in rules if rule["RuleName"] == name)
        put = lambda values: c.xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": name} | values)
        put(values)
        yield
        put({key: was[key] for key in values})


sampled("fixedRate", "traces 0 of a hundred", FixedRate=0.0)
sampled("reservoirSize", "traces 0 a second", ReservoirSize=0)
sampled("priority", "the priority 1", Priority=1)
sampled("host", "one host only", Host="a.example")
sampled("httpMethod", "one method only", HTTPMethod="GET")
sampled("urlPath", "one path only", URLPath="/health")
sampled("serviceName", "one service only", ServiceName="one")
sampled("serviceType", "one kind of service only", ServiceType="AWS::EC2::Instance")
sampled("resourceArn", "one resource only", ResourceARN="arn:aws:none")

# ---- trail

TRAIL = "aws:cloudtrail/trail:Trail"
MULTI, THERE, WRITES, EVERYTHING = (
    "the trail is multi-region",
    "the trail is there",
    "the trail writes to its log group",
    "the trail logs everything",
)


def trail(pulumi, row, because, key, wrong, right):
    @change(f"{TRAIL} {pulumi}", [row], because)
    def _(c):
        was = c.cloudtrail.get_trail(Name="bank-platform")["Trail"]
        # AWS takes a log group and the role for it together
        both = {name: was[name] for name in ["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"]}
        put = lambda value: c.cloudtrail.update_trail(Name="bank-platform", **(both | {key: value}))
        put(wrong(c))
        yield
        put(right(c))


yes, no = lambda c: True, lambda c: False
logs = lambda name: lambda c: f"arn:aws:logs:{REGION}:{MEMBER}:log-group:{name}:*"
trail("isMultiRegionTrail", MULTI, "covers one region", "IsMultiRegionTrail", no, yes)
trail("includeGlobalServiceEvents", MULTI, "global services", "IncludeGlobalServiceEvents", no, yes)
trail("enableLogFileValidation", MULTI, "validation is off", "EnableLogFileValidation", no, yes)
trail(
    "kmsKeyId",
    MULTI,
    "the key of class operational is",
    "KmsKeyId",
    lambda c: entry(c, "kms/pii/arn"),
    lambda c: entry(c, "kms/operational/arn"),
)
trail("s3BucketName", THERE, "contract's bucket is", "S3BucketName", lambda c: f"bank-reports-{ENV}", lambda c: f"bank-cloudtrail-{ENV}")
trail(
    "cloudWatchLogsGroupArn",
    WRITES,
    "contract's log group is",
    "CloudWatchLogsLogGroupArn",
    logs(f"/aws/bank-platform/{ENV}"),
    logs(f"/aws/cloudtrail/bank-platform-{ENV}"),
)
trail(
    "cloudWatchLogsRoleArn",
    WRITES,
    "BankCoreRole",
    "CloudWatchLogsRoleArn",
    lambda c: f"arn:aws:iam::{MEMBER}:role/BankCoreRole",
    lambda c: f"arn:aws:iam::{MEMBER}:role/bank-platform-trail",
)


@change(f"{TRAIL} enableLogging", [EVERYTHING], "the trail is stopped")
def _(c):
    c.cloudtrail.stop_logging(Name="bank-platform")
    yield
    c.cloudtrail.start_logging(Name="bank-platform")


def selected(pulumi, because, edit):
    @change([f"{TRAIL} eventSelectors.{name}" for name in pulumi], [EVERYTHING], because)
    def _(c):
        was = c.cloudtrail.get_event_selectors(TrailName="bank-platform")["EventSelectors"]
        put = lambda selectors: c.cloudtrail.put_event_selectors(TrailName="bank-platform", EventSelectors=selectors)
        new = json.loads(json.dumps(was))
        edit(new[0])
        put(new)
        yield
        put(was)


selected(["readWriteType"], "all management events", lambda s: s.update(ReadWriteType="WriteOnly"))
selected(["includeManagementEvents"], "all management events", lambda s: s.update(IncludeManagementEvents=False))
selected(["dataResources.type"], "data events of every S3 object", lambda s: s.update(DataResources=[]))
selected(
    ["dataResources.values"],
    "data events of every S3 object",
    lambda s: s["DataResources"][0].update(Values=["arn:aws:s3:::bank-reports-local/"]),
)

# ---- roles

ROLES = "aws:iam/role:Role"


def trusted(role, rows, because, edit):
    @change(f"{ROLES} assumeRolePolicy", rows, because)
    def _(c):
        was = c.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        put = lambda document: c.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))
        new = json.loads(json.dumps(was))
        edit(new["Statement"])
        put(new)
        yield
        put(was)


def everybody(statements):
    statements.append({"Sid": "More", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


unbound = lambda statements: statements[0].pop("Condition")
trusted("BankKycRole", ["functions of bank-kyc have a role that Lambda alone takes"], "lets in", everybody)
trusted("bank-platform-delivery", [ROLE.format("cdc"), ROLE.format("usage")], "Everybody", everybody)
trusted("bank-platform-delivery", [ROLE.format("cdc"), ROLE.format("usage")], "when []", unbound)
trusted("bank-platform-trail", [WRITES], "Everybody", everybody)
trusted("bank-platform-cicd", ["GitHub takes the pipeline's role"], "lets in", everybody)
trusted("bank-platform-break-glass", ["the emergency role needs a second factor"], "second factor", unbound)


@change(f"{ROLES} maxSessionDuration", ["the emergency role needs a second factor"], "lasts 43200 seconds")
def _(c):
    c.iam.update_role(RoleName="bank-platform-break-glass", MaxSessionDuration=43200)
    yield
    c.iam.update_role(RoleName="bank-platform-break-glass", MaxSessionDuration=3600)


@change(
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider clientIdLists",
    ["GitHub's identity provider accepts tokens for sts.amazonaws.com only"],
    "somebody-else",
)
def _(c):
    arn = f"arn:aws:iam::{MEMBER}:oidc-provider/token.actions.githubusercontent.com"
    c.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="somebody-else")
    yield
    c.iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="somebody-else")


ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@change("aws:iam/rolePolicyAttachment:RolePolicyAttachment policyArn", ["GitHub takes the pipeline's role"], "has not the policy")
def _(c):
    c.iam.detach_role_policy(RoleName="bank-platform-cicd", PolicyArn=ADMINISTRATOR)
    yield
    c.iam.attach_role_policy(RoleName="bank-platform-cicd", PolicyArn=ADMINISTRATOR)


# ---- contract and guardrail

PARAMETER = "aws:ssm/parameter:Parameter"


def published(name, row, value):
    @change(f"{PARAMETER} insecureValue", [row], value[:4])
    def _(c):
        path = f"/bank/{ENV}/{name}"
        was = entry(c, name)
        c.ssm.put_parameter(Name=path, Value=value, Overwrite=True)
        yield
        c.ssm.put_parameter(Name=path, Value=was, Overwrite=True)


published("contract/digest", "the digest is the one of what is published", "ffff" * 16)
published("contract/published-at", "the time of publication is a time that has been", "2999-01-01T00:00:00Z")


@change(f"{PARAMETER} tagsAll", ["everything that was deployed carries the tag tenant_id"], f"/bank/{ENV}/xray/sampling/arn")
def _(c):
    at = {"ResourceType": "Parameter", "ResourceId": f"/bank/{ENV}/xray/sampling/arn"}
    c.ssm.remove_tags_from_resource(**at, TagKeys=["tenant_id"])
    yield
    c.ssm.add_tags_to_resource(**at, Tags=[{"Key": "tenant_id", "Value": "totara-bank"}])


def guardrail(management):
    found = management.organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    return next(policy["Id"] for policy in found if policy["Name"] == "bank-platform-required-tags")


@change("aws:organizations/policy:Policy tagsAll", ["everything that was deployed has the tag cost_center"], "(`others`)")
def _(c):
    management = Account(OUTSIDE)
    put = lambda value: management.organizations.tag_resource(
        ResourceId=guardrail(management), Tags=[{"Key": "cost_center", "Value": value}]
    )
    put("others")
    yield
    put("platform")


@change(
    [
        "aws:organizations/policyAttachment:PolicyAttachment policyId",
        "aws:organizations/policyAttachment:PolicyAttachment targetId",
    ],
    ["the policy bank-platform-required-tags is attached above the account"],
    "the policy is on",
)
def _(c):
    organizations = Account(OUTSIDE).organizations
    at = {"PolicyId": guardrail(Account(OUTSIDE)), "TargetId": organizations.list_roots()["Roots"][0]["Id"]}
    organizations.detach_policy(**at)
    yield
    organizations.attach_policy(**at)


def main():
    if WHAT == "list":
        for number, batch in enumerate(batches()):
            for found in batch:
                print(json.dumps({key: found[key] for key in ["of", "rows", "because"]} | {"batch": number}))
        return
    c, made = member(), []
    try:
        for found in batches()[int(WHAT)]:
            doing = found["by"](c)
            next(doing)
            made.append(doing)
        print("changed", flush=True)
        sys.stdin.read()
    finally:
        for doing in reversed(made):
            next(doing, None)
    print("restored")


main()
