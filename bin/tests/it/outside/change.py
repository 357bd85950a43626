"""Changes a zone of the tests' own tenant behind its back with boto3 alone, property by property, and puts it back.

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
REGION = "eu-west-1"
CHANGES = []


def change(of, rows, because):
    """An entry: `of` is `token property`, or several, and `because` is one for all rows, or one a row; the function changes,
    yields, and restores."""

    def entry(function):
        properties = [of] if isinstance(of, str) else of
        reasons = [because] * len(rows) if isinstance(because, str) else because
        CHANGES.append({"of": properties, "rows": rows, "because": reasons, "by": function})
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
    return c.ssm.get_parameter(Name=f"/acme/{ENV}/{name}")["Parameter"]["Value"]


# ---- network

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTableAssociation:RouteTableAssociation"


@change(f"{VPC} enableDnsHostnames", ["the VPC has the addresses 172.20.0.0/16"], "host names are off")
def _(c):
    vpc = entry(c, "network/vpc-id")
    c.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    yield
    c.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})


@change(f"{VPC} enableDnsSupport", ["the VPC has the addresses 172.20.0.0/16"], "DNS support is off")
def _(c):
    vpc = entry(c, "network/vpc-id")
    c.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    yield
    c.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})


@change(f"{VPC} cidrBlock", ["the VPC has the addresses 172.20.0.0/16"], "10.99.0.0/16, too")
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


@change([f"{TABLE} routeTableId", f"{TABLE} subnetId"], ["public subnets of 172.20.0.0/16 have a route to the Internet"], "no default route")
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
    ["public subnets of 172.20.0.0/16 have a route to the Internet"],
    "no default route",
)
def _(c):
    table, _ = table_of(c, "public")
    route = next(r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0")
    at = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    c.ec2.delete_route(**at)
    yield
    c.ec2.create_route(**at, GatewayId=route["GatewayId"])


@change("aws:ec2/route:Route routeTableId", ["public subnets of 172.20.0.0/16 have a route to the Internet"], "another route out")
def _(c):
    table, _ = table_of(c, "public")
    route = next(r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0")
    at = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "192.0.2.0/24"}
    c.ec2.create_route(**at, GatewayId=route["GatewayId"])
    yield
    c.ec2.delete_route(**at)


@change("aws:ec2/vpcEndpoint:VpcEndpoint routeTableIds", ["S3 is reached from 172.20.0.0/16 without leaving AWS"], "the endpoint is not on")
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
        ["the default security group of 172.20.0.0/16 lets nothing through"],
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


@change(f"{KEY} enableKeyRotation", ["the key of class secret rotates by itself", "the key of class secret rotates once in"], "rotation is off")
def _(c):
    key = entry(c, "kms/secret/arn").rsplit("/", 1)[1]
    c.kms.disable_key_rotation(KeyId=key)
    yield
    c.kms.enable_key_rotation(KeyId=key)


@change(
    ["aws:kms/alias:Alias name", "aws:kms/alias:Alias targetKeyId"],
    ["the key of class internal has the alias"],
    "has no alias",
)
def _(c):
    keys = {name: entry(c, f"kms/{name}/arn").rsplit("/", 1)[1] for name in ["internal", "secret"]}
    c.kms.update_alias(AliasName="alias/acme/internal", TargetKeyId=keys["secret"])
    yield
    c.kms.update_alias(AliasName="alias/acme/internal", TargetKeyId=keys["internal"])


@change(f"{KEY} tags", ["the key and the buckets of class secret carry it as a tag"], "do not: `arn:aws:kms")
def _(c):
    key = entry(c, "kms/secret/arn").rsplit("/", 1)[1]
    c.kms.untag_resource(KeyId=key, TagKeys=["classification"])
    yield
    c.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "classification", "TagValue": "secret"}])


# ---- buckets


def retagged(c, bucket, edit):
    was = c.s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    c.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": edit(was)})
    yield
    c.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": was})


@change("aws:s3/bucket:Bucket tags", ["the key and the buckets of class internal carry it as a tag"], "(`public`)")
def _(c):
    public = lambda tag: {"Key": tag["Key"], "Value": "public"} if tag["Key"] == "classification" else tag
    yield from retagged(c, f"acme-scratch-{ENV}", lambda tags: [public(tag) for tag in tags])


@change("aws:s3/bucketVersioning:BucketVersioning versioningConfiguration.status", ["bucket invoices keeps versions"], "Suspended")
def _(c):
    put = lambda status: c.s3.put_bucket_versioning(
        Bucket=f"acme-invoices-{ENV}", VersioningConfiguration={"Status": status}
    )
    put("Suspended")
    yield
    put("Enabled")


def open_to_public(bucket, pulumi, name):
    @change(
        f"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock {pulumi}",
        [f"bucket {bucket} is not public"],
        f"off: {name}",
    )
    def _(c):
        flags = dict.fromkeys(["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True)
        put = lambda flags: c.s3.put_public_access_block(
            Bucket=f"acme-{bucket}-{ENV}", PublicAccessBlockConfiguration=flags
        )
        put(flags | {name: False})
        yield
        put(flags)


open_to_public("lake", "blockPublicAcls", "BlockPublicAcls")
open_to_public("invoices", "blockPublicPolicy", "BlockPublicPolicy")
open_to_public("audit", "ignorePublicAcls", "IgnorePublicAcls")
open_to_public("scratch", "restrictPublicBuckets", "RestrictPublicBuckets")


@change(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls rule.objectOwnership",
    ["bucket invoices knows no access control lists"],
    "ObjectWriter",
)
def _(c):
    put = lambda ownership: c.s3.put_bucket_ownership_controls(
        Bucket=f"acme-invoices-{ENV}", OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}
    )
    put("ObjectWriter")
    yield
    put("BucketOwnerEnforced")


SSE = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def encrypted(bucket, pulumi, row, because, edit):
    @change(f"{SSE} {pulumi}", [f"bucket {bucket} {row}"], because)
    def _(c):
        name = f"acme-{bucket}-{ENV}"
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
    "scratch",
    f"{RULE}.sseAlgorithm",
    "encrypts with the key of class",
    "encrypted by AES256",
    lambda c, rule: by_default(rule, SSEAlgorithm="AES256"),
)
encrypted(
    "invoices",
    f"{RULE}.kmsMasterKeyId",
    "encrypts with the key of class",
    "the key of class secret is",
    lambda c, rule: by_default(rule, SSEAlgorithm="aws:kms", KMSMasterKeyID=entry(c, "kms/internal/arn")),
)
encrypted(
    "lake",
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
    @change(f"{LIFECYCLE} {pulumi}", [row.format(bucket) for row in rows], because)
    def _(c):
        name = f"acme-{bucket}-{ENV}"
        was = c.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        put = lambda rules: c.s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": rules}
        )
        new = json.loads(json.dumps(was))
        edit(new)
        put(new)
        yield
        put(was)


KEEPS, DROPS = "bucket {} keeps its lifecycle", "bucket {} drops stale uploads"
FACTS, OTHERS = "objects of {} below facts/", "in {} nothing happens to other objects"
aged("lake", "rules.filter.prefix", [FACTS, OTHERS], ["ever moves", "below `tables/`"], lambda rules: moved(rules, "facts/", "tables/"))
aged("lake", "rules.expiration.days", [FACTS], "expires after", lambda rules: having(rules, "Expiration").update(Days=2000))
aged(
    "invoices",
    "rules.noncurrentVersionExpiration.noncurrentDays",
    [KEEPS],
    "expires as a noncurrent version",
    lambda rules: having(rules, "NoncurrentVersionExpiration").update(NoncurrentDays=1),
)
aged(
    "invoices",
    "rules.transitions.days",
    [KEEPS],
    "moves to Glacier",
    lambda rules: having(rules, "Transitions")[0].update(Days=30),
)
aged(
    "audit",
    "rules.transitions.storageClass",
    [KEEPS],
    "no object ever moves to Glacier",
    lambda rules: having(rules, "Transitions")[0].update(StorageClass="DEEP_ARCHIVE"),
)
aged(
    "scratch",
    "rules.abortIncompleteMultipartUpload.daysAfterInitiation",
    [DROPS],
    "unfinished upload",
    lambda rules: having(rules, "AbortIncompleteMultipartUpload").update(DaysAfterInitiation=300),
)
aged("scratch", "rules.status", [KEEPS, DROPS], "no object ever", lambda rules: rules[0].update(Status="Disabled"))
aged(
    "scratch",
    "rules.filter",
    [KEEPS, DROPS],
    "not every object",
    lambda rules: rules[0].update(Filter={"Prefix": "never/"}),
)

LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration rule.defaultRetention"
LOCKED = ["bucket audit locks each object"]


def locked(pulumi, because, **retention):
    @change(f"{LOCK}.{pulumi}", LOCKED, because)
    def _(c):
        put = lambda retention: c.s3.put_object_lock_configuration(
            Bucket=f"acme-audit-{ENV}",
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
        )
        right = {"Mode": "GOVERNANCE", "Days": 400}
        put(right | retention)
        yield
        put(right)


locked("days", "locked for 1 days", Days=1)
locked("mode", "in mode COMPLIANCE", Mode="COMPLIANCE")


def notified(pulumi, because, edit):
    @change(
        [f"aws:s3/bucketNotification:BucketNotification queues.{name}" for name in pulumi],
        ["notifies the queue of failed records"],
        because,
    )
    def _(c):
        name = f"acme-lake-{ENV}"
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
queue(DAYS, "billing-events-dlq", "dead letters of billing are encrypted", "for 60 seconds", **MINUTE)
queue(DAYS, "acme-firehose-dlq", "failed records are kept", "for 60 seconds", **MINUTE)
SQS_KEY = {"KmsMasterKeyId": "alias/acme/secret"}
queue("kmsMasterKeyId", "parcels-events-dlq", "dead letters of parcels are encrypted", "the key of class internal", **SQS_KEY)
queue("kmsMasterKeyId", "acme-firehose-dlq", "failed records are kept", "the key of class internal", **SQS_KEY)


@change(f"{BUS} deadLetterConfig.arn", ["events that parcels itself cannot deliver"], "contract's queue is")
def _(c):
    dlq = lambda bus: {"Arn": entry(c, f"eventbridge/{bus}/dlq-arn")}
    description = c.events.describe_event_bus(Name="parcels")["Description"]
    put = lambda config: c.events.update_event_bus(Name="parcels", Description=description, DeadLetterConfig=config)
    put(dlq("orders"))
    yield
    put(dlq("parcels"))


@change(
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy policy",
    ["bus billing takes events of the organization"],
    "lets in",
)
def _(c):
    was = c.events.describe_event_bus(Name="billing")["Policy"]
    policy = json.loads(was)
    policy["Statement"].append(policy["Statement"][0] | {"Sid": "More", "Principal": {"AWS": "999999999999"}})
    c.events.put_permission(EventBusName="billing", Policy=json.dumps(policy))
    yield
    c.events.put_permission(EventBusName="billing", Policy=was)


def archive(pulumi, bus, because, **values):
    @change(f"{ARCHIVE} {pulumi}", [f"events of {bus} stay in its archive"], because)
    def _(c):
        name = f"{bus}-archive-{ENV}"
        was = c.events.describe_archive(ArchiveName=name)
        # as AWS tells it of an archive that takes everything
        every = {"EventPattern": '{"replay-name": [{"exists": false}]}'}
        kept = every | {key: was[key] for key in ["Description", "EventPattern", "RetentionDays"] if key in was}
        c.events.update_archive(ArchiveName=name, **(kept | values))
        yield
        c.events.update_archive(ArchiveName=name, **kept)


archive("retentionDays", "billing", "for 1 days", RetentionDays=1)
archive("eventSourceArn", "parcels", "only events that match", EventPattern='{"source": ["some"]}')

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


password("minimumLength", "buyers", "at least 8 characters", MinimumLength=8)
password("requireLowercase", "clerks", "need no lower-case letters", RequireLowercase=False)
password("requireUppercase", "buyers", "need no upper-case letters", RequireUppercase=False)
password("requireNumbers", "clerks", "need no digits", RequireNumbers=False)
password("requireSymbols", "buyers", "need no symbols", RequireSymbols=False)
PROVE = "pool {} verifies e-mail addresses"
pool(
    "passwordPolicy.temporaryPasswordValidityDays",
    "clerks",
    PROVE.format("clerks"),
    "valid for 90 days",
    lambda p: p["Policies"]["PasswordPolicy"].update(TemporaryPasswordValidityDays=90),
)
pool(
    "autoVerifiedAttributes",
    "buyers",
    PROVE.format("buyers"),
    "verifies []",
    lambda p: p.update(AutoVerifiedAttributes=[]),
)
pool(
    "adminCreateUserConfig.allowAdminCreateUserOnly",
    "clerks",
    "only administrators make users of clerks",
    "sign up by themselves",
    lambda p: p["AdminCreateUserConfig"].update(AllowAdminCreateUserOnly=False),
)
pool(
    "adminCreateUserConfig.allowAdminCreateUserOnly",
    "buyers",
    "people of buyers can sign up",
    "only administrators",
    lambda p: p["AdminCreateUserConfig"].update(AllowAdminCreateUserOnly=True),
)
STAYS = "pool {} has its domain and deletion protection"
pool(
    "deletionProtection",
    "clerks",
    STAYS.format("clerks"),
    "is ACTIVE, and should be INACTIVE",
    lambda p: p.update(DeletionProtection="ACTIVE"),
)
pool(
    "lambdaConfig",
    "buyers",
    STAYS.format("buyers"),
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


factors("mfaConfiguration", "buyers", "a second factor is OPTIONAL", MfaConfiguration="OPTIONAL")
factors(
    "softwareTokenMfaConfiguration.enabled",
    "clerks",
    "a second factor is OFF",
    MfaConfiguration="OFF",
    SoftwareTokenMfaConfiguration={"Enabled": False},
)


@change("aws:cognito/userPoolDomain:UserPoolDomain domain", [STAYS.format("buyers")], "sign in at `no domain`")
def _(c):
    at = {"UserPoolId": entry(c, "cognito/buyers/pool-id"), "Domain": f"acme-people-buyers-{ENV}"}
    c.cognito_idp.delete_user_pool_domain(**at)
    yield
    c.cognito_idp.create_user_pool_domain(**at)


@change(
    ["aws:cognito/resourceServer:ResourceServer scopes.scopeName"],
    ["the API acme-api of buyers has its scopes"],
    "write",
)
def _(c):
    at = {"UserPoolId": entry(c, "cognito/buyers/pool-id"), "Identifier": "acme-api"}
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
DESK, SHOP = ("buyers", "desk"), ("buyers", "shop")
at = lambda row, of: row.format(of[1], of[0])
ATTRIBUTES = "client shop of buyers can read the custom attributes"
client("writeAttributes", *SHOP, ATTRIBUTES, "people can write custom:tier", WriteAttributes=["email", "custom:tier"])
client("readAttributes", *DESK, "client desk of buyers can read the custom attributes", "is not told", ReadAttributes=["email"])
client("callbackUrls", *DESK, at(BACK, DESK), "evil.example", CallbackURLs=["http://localhost:4100/welcome"] + EVIL)
client("logoutUrls", *SHOP, at(BACK, SHOP), "evil.example", LogoutURLs=EVIL)
client("callbackUrls", "buyers", "robots", "client robots of buyers signs nobody in", "evil.example", CallbackURLs=EVIL)
client(
    "allowedOauthScopes",
    *DESK,
    at(BACK, DESK),
    "aws.cognito.signin.user.admin",
    AllowedOAuthScopes=["openid", "email", "profile", "aws.cognito.signin.user.admin"],
)
PASSWORD_AUTH = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
client("explicitAuthFlows", *SHOP, at(BACK, SHOP), "ALLOW_USER_PASSWORD_AUTH", ExplicitAuthFlows=PASSWORD_AUTH)
client("preventUserExistenceErrors", *SHOP, at(WRONG, SHOP), "LEGACY", PreventUserExistenceErrors="LEGACY")
client("enableTokenRevocation", *DESK, at(WRONG, DESK), "cannot be revoked", EnableTokenRevocation=False)
client(
    "supportedIdentityProviders",
    *DESK,
    at(WRONG, DESK),
    "Facebook",
    SupportedIdentityProviders=["COGNITO", "Facebook"],
)
client("allowedOauthFlows", *SHOP, at(CODE, SHOP), "flows code, implicit", AllowedOAuthFlows=["code", "implicit"])
client(
    "allowedOauthFlowsUserPoolClient",
    *SHOP,
    at(CODE, SHOP),
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


def delivered(pulumi, row, because, edit):
    @change([f"{STREAM} extendedS3Configuration.{name}" for name in pulumi], [row], because)
    def _(c):
        name = "acme-facts"

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


INTO, ENCRYPTED, ERRORS = "stream facts delivers below", "records of facts are encrypted", "facts writes failed records below errors/"
LOGS, ROLE = "facts logs what it could not deliver", "facts is delivered by a role"
delivered(["bucketArn"], INTO, "contract's bucket is", lambda c, to: {"BucketARN": f"arn:aws:s3:::acme-invoices-{ENV}"})
delivered(["prefix"], INTO, "delivers below `other/`", lambda c, to: {"Prefix": "other/"})
hints = lambda to, **values: {"BufferingHints": to["BufferingHints"] | values}
delivered(["bufferingSize"], ENCRYPTED, "1 megabytes", lambda c, to: hints(to, SizeInMBs=1))
delivered(["bufferingInterval"], ENCRYPTED, "60 seconds", lambda c, to: hints(to, IntervalInSeconds=60))
delivered(["compressionFormat"], ENCRYPTED, "UNCOMPRESSED", lambda c, to: {"CompressionFormat": "UNCOMPRESSED"})
delivered(
    ["kmsKeyArn"],
    ENCRYPTED,
    "the key of class secret",
    lambda c, to: {"EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": entry(c, "kms/internal/arn")}}},
)
delivered(["errorOutputPrefix"], ERRORS, "below `lost/`", lambda c, to: {"ErrorOutputPrefix": "lost/"})
options = lambda to, **values: {"CloudWatchLoggingOptions": to["CloudWatchLoggingOptions"] | values}
delivered(["cloudwatchLoggingOptions.enabled"], LOGS, "logging is off", lambda c, to: options(to, Enabled=False))
delivered(
    ["cloudwatchLoggingOptions.logStreamName"],
    LOGS,
    "has no stream `nowhere`",
    lambda c, to: options(to, LogStreamName="nowhere"),
)
delivered(
    ["cloudwatchLoggingOptions.logGroupName"],
    LOGS,
    "has no stream",
    lambda c, to: options(to, LogGroupName=f"/aws/acme-platform/{ENV}"),
)
delivered(
    ["roleArn"],
    ROLE,
    "OrdersRole",
    lambda c, to: {"RoleARN": f"arn:aws:iam::{MEMBER}:role/OrdersRole"},
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
    "facts delivers records unchanged",
    "a processor changes",
    lambda c, to: {"ProcessingConfiguration": PROCESSOR},
)


@change(f"{STREAM} serverSideEncryption.enabled", [ENCRYPTED], "encryption of records is DISABLED")
def _(c):
    c.firehose.stop_delivery_stream_encryption(DeliveryStreamName="acme-facts")
    yield
    again = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": entry(c, "kms/secret/arn")}
    c.firehose.start_delivery_stream_encryption(
        DeliveryStreamName="acme-facts", DeliveryStreamEncryptionConfigurationInput=again
    )


@change(
    [f"{STREAM} serverSideEncryption.keyArn", f"{STREAM} serverSideEncryption.keyType"],
    [ENCRYPTED],
    "records are not encrypted with a key of ours",
)
def _(c):
    start = lambda given: c.firehose.start_delivery_stream_encryption(
        DeliveryStreamName="acme-facts", DeliveryStreamEncryptionConfigurationInput=given
    )
    start({"KeyType": "AWS_OWNED_CMK"})
    yield
    start({"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": entry(c, "kms/secret/arn")})


# ---- logs, topic, sampling

GROUP = "aws:cloudwatch/logGroup:LogGroup"
OF_PLATFORM, OF_TRAIL = "log group logs/acme-platform/arn is", "log group cloudtrail/log-group-arn is"
NAMES = {
    OF_PLATFORM: f"/aws/acme-platform/{ENV}",
    OF_TRAIL: f"/aws/cloudtrail/acme-platform-{ENV}",
    LOGS: "/aws/kinesisfirehose/acme-facts",
}


def shortened(row):
    @change(f"{GROUP} retentionInDays", [row], "for 1 days, and not for 60")
    def _(c):
        c.logs.put_retention_policy(logGroupName=NAMES[row], retentionInDays=1)
        yield
        c.logs.put_retention_policy(logGroupName=NAMES[row], retentionInDays=60)


def unencrypted(row):
    @change(f"{GROUP} kmsKeyId", [row], "not encrypted with a key of ours")
    def _(c):
        c.logs.disassociate_kms_key(logGroupName=NAMES[row])
        yield
        c.logs.associate_kms_key(logGroupName=NAMES[row], kmsKeyId=entry(c, "kms/internal/arn"))


for row in NAMES:
    shortened(row)
    unencrypted(row)


@change("aws:cloudwatch/logStream:LogStream name", [LOGS], "has no stream `errors`")
def _(c):
    at = {"logGroupName": "/aws/kinesisfirehose/acme-facts", "logStreamName": "errors"}
    c.logs.delete_log_stream(**at)
    yield
    c.logs.create_log_stream(**at)


@change("aws:sns/topic:Topic kmsMasterKeyId", ["alarms of this account reach the topic"], "the key of class internal is")
def _(c):
    put = lambda value: c.sns.set_topic_attributes(
        TopicArn=entry(c, "sns/alerts/arn"), AttributeName="KmsMasterKeyId", AttributeValue=value
    )
    put(entry(c, "kms/secret/arn"))
    yield
    put(entry(c, "kms/internal/arn"))


def sampled(pulumi, because, **values):
    @change(f"aws:xray/samplingRule:SamplingRule {pulumi}", ["of a hundred requests 7 are traced"], because)
    def _(c):
        name = f"acme-platform-default-{ENV}"
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
    "the trail covers every region",
    "the trail is this account's",
    "the trail writes to its log group",
    "the trail logs everything",
)


def trail(pulumi, row, because, key, wrong, right):
    @change(f"{TRAIL} {pulumi}", [row], because)
    def _(c):
        was = c.cloudtrail.get_trail(Name="acme-platform")["Trail"]
        # AWS takes a log group and the role for it together
        both = {name: was[name] for name in ["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"]}
        put = lambda value: c.cloudtrail.update_trail(Name="acme-platform", **(both | {key: value}))
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
    "the key of class internal is",
    "KmsKeyId",
    lambda c: entry(c, "kms/secret/arn"),
    lambda c: entry(c, "kms/internal/arn"),
)
trail("s3BucketName", THERE, "contract's bucket is", "S3BucketName", lambda c: f"acme-invoices-{ENV}", lambda c: f"acme-audit-{ENV}")
trail(
    "cloudWatchLogsGroupArn",
    WRITES,
    "contract's log group is",
    "CloudWatchLogsLogGroupArn",
    logs(f"/aws/acme-platform/{ENV}"),
    logs(f"/aws/cloudtrail/acme-platform-{ENV}"),
)
trail(
    "cloudWatchLogsRoleArn",
    WRITES,
    "OrdersRole",
    "CloudWatchLogsRoleArn",
    lambda c: f"arn:aws:iam::{MEMBER}:role/OrdersRole",
    lambda c: f"arn:aws:iam::{MEMBER}:role/acme-platform-trail",
)


@change(f"{TRAIL} enableLogging", [EVERYTHING], "the trail is stopped")
def _(c):
    c.cloudtrail.stop_logging(Name="acme-platform")
    yield
    c.cloudtrail.start_logging(Name="acme-platform")


def selected(pulumi, because, edit):
    @change([f"{TRAIL} eventSelectors.{name}" for name in pulumi], [EVERYTHING], because)
    def _(c):
        was = c.cloudtrail.get_event_selectors(TrailName="acme-platform")["EventSelectors"]
        put = lambda selectors: c.cloudtrail.put_event_selectors(TrailName="acme-platform", EventSelectors=selectors)
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
    lambda s: s["DataResources"][0].update(Values=["arn:aws:s3:::acme-invoices-local/"]),
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
trusted(
    "BillingRole",
    ["Lambda alone takes the role of billing", "the role of billing is assumed by functions"],
    ["lets in", "can assume the role"],
    everybody,
)
trusted("acme-platform-delivery", [ROLE], "Everybody", everybody)
trusted("acme-platform-delivery", [ROLE], "when []", unbound)
trusted("acme-platform-trail", [WRITES], "Everybody", everybody)
trusted("acme-platform-cicd", ["GitHub takes the pipeline's role"], "lets in", everybody)
trusted(
    "acme-platform-break-glass",
    [
        "the emergency role needs a second factor",
        "the emergency role is assumed with a second factor",
        "sessions of AWSReservedSSO_Emergency_* assume the emergency role",
    ],
    ["second factor", "who has no second factor can assume the role", "another permission set can assume the role"],
    unbound,
)


@change(f"{ROLES} maxSessionDuration", ["the emergency role needs a second factor"], "lasts 43200 seconds")
def _(c):
    c.iam.update_role(RoleName="acme-platform-break-glass", MaxSessionDuration=43200)
    yield
    c.iam.update_role(RoleName="acme-platform-break-glass", MaxSessionDuration=3600)


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
    c.iam.detach_role_policy(RoleName="acme-platform-cicd", PolicyArn=ADMINISTRATOR)
    yield
    c.iam.attach_role_policy(RoleName="acme-platform-cicd", PolicyArn=ADMINISTRATOR)


# ---- contract and guardrail

PARAMETER = "aws:ssm/parameter:Parameter"


def published(name, row, value):
    @change(f"{PARAMETER} insecureValue", [row], value[:4])
    def _(c):
        path = f"/acme/{ENV}/{name}"
        was = entry(c, name)
        c.ssm.put_parameter(Name=path, Value=value, Overwrite=True)
        yield
        c.ssm.put_parameter(Name=path, Value=was, Overwrite=True)


published("contract/digest", "the digest is the one of what is published", "ffff" * 16)
published("contract/published-at", "the time of publication is in the past", "2999-01-01T00:00:00Z")


@change(f"{PARAMETER} tagsAll", ["everything that was deployed has the tag owner"], f"/acme/{ENV}/xray/sampling/arn")
def _(c):
    at = {"ResourceType": "Parameter", "ResourceId": f"/acme/{ENV}/xray/sampling/arn"}
    c.ssm.remove_tags_from_resource(**at, TagKeys=["owner"])
    yield
    c.ssm.add_tags_to_resource(**at, Tags=[{"Key": "owner", "Value": "Équipe Plateforme"}])


def guardrail(management):
    found = management.organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    return next(policy["Id"] for policy in found if policy["Name"] == "acme-platform-required-tags")


@change("aws:organizations/policy:Policy tagsAll", ["everything that was deployed has the tag cost-center"], "(`others`)")
def _(c):
    management = Account(OUTSIDE)
    put = lambda value: management.organizations.tag_resource(
        ResourceId=guardrail(management), Tags=[{"Key": "cost-center", "Value": value}]
    )
    put("others")
    yield
    put("Zürich 4711")


# what a probe tries then, and is let do
CREATIONS = [
    f"{what} is not created without {tag}"
    for what in ["a bucket", "a VPC", "a role", "an event bus"]
    for tag in ["the tag environment", "the tag owner", "any tag"]
]


@change(
    [
        "aws:organizations/policyAttachment:PolicyAttachment policyId",
        "aws:organizations/policyAttachment:PolicyAttachment targetId",
    ],
    ["the policy acme-platform-required-tags is attached above the account", *CREATIONS],
    ["the policy is on", *[" is allowed"] * len(CREATIONS)],
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
