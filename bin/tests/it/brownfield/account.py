"""An account in which everything of a zone exists already, made by somebody else: with boto3 alone, with other properties
and other tags, and with data in it.

Usage: account.py make|look ENDPOINT MEMBER < what `zone config show --json` prints

`make` creates all of it. `look` prints one JSON object: what of the data is still there, and the ids of what could have been
replaced by another one. The same before and after a deployment means that nothing was lost.
"""

import json
import sys

import boto3

DOES, ENDPOINT, MEMBER = sys.argv[1:4]
ZONE = json.loads(sys.stdin.readline())
CONFIG, NAMES = ZONE["config"], ZONE["names"]
REGION = CONFIG["region"]
KEYS = {"endpoint_url": ENDPOINT, "region_name": REGION}
BEFORE = "what was there before"
THEIRS = {"owner": "somebody else", "environment": "theirs"}
ANYBODY = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def session():
    role = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"
    sts = boto3.client("sts", **KEYS, **ANYBODY)
    return sts.assume_role(RoleArn=role, RoleSessionName="somebody")["Credentials"]


HELD = session()


def client(service):
    return boto3.client(
        service,
        **KEYS,
        aws_access_key_id=HELD["AccessKeyId"],
        aws_secret_access_key=HELD["SecretAccessKey"],
        aws_session_token=HELD["SessionToken"],
    )


def upper(tags=THEIRS):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


s3, kms, sqs, events, logs = client("s3"), client("kms"), client("sqs"), client("events"), client("logs")
iam, cognito, firehose, ec2 = client("iam"), client("cognito-idp"), client("firehose"), client("ec2")
ssm, sns, cloudtrail, xray = client("ssm"), client("sns"), client("cloudtrail"), client("xray")
organizations = boto3.client("organizations", **KEYS, **ANYBODY)

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]}
)


def of_bucket(name):
    statement = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": MEMBER}, "Action": "s3:GetObject"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": f"arn:aws:s3:::{name}/*"}]})


def network():
    shape = CONFIG["network"]
    vpc = ec2.create_vpc(CidrBlock=shape["cidr"])["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=upper())
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    service = f"com.amazonaws.{REGION}.s3"
    ec2.create_vpc_endpoint(VpcId=vpc, VpcEndpointType="Gateway", ServiceName=service, RouteTableIds=[table])
    for kind in ["public_subnets", "private_subnets"]:
        for letter, cidr in zip(shape["availability_zones"], shape[kind]):
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{REGION}{letter}")["Subnet"]
            ec2.associate_route_table(SubnetId=made["SubnetId"], RouteTableId=table)


def keys():
    made = {}
    for name, alias in NAMES["alias"].items():
        made[name] = kms.create_key(Description="theirs", Tags=[{"TagKey": "owner", "TagValue": "them"}])
        made[name] = made[name]["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=alias, TargetKeyId=made[name])
    return made


def buckets(keys):
    locked = {bucket["purpose"] for bucket in CONFIG["buckets"] if bucket.get("object_lock_days")}
    for purpose, name in NAMES["bucket"].items():
        place = {"LocationConstraint": REGION}
        # whether objects can be locked is decided when a bucket is made
        s3.create_bucket(
            Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=purpose in locked
        )
        s3.put_object(Bucket=name, Key="theirs.txt", Body=BEFORE.encode())
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": upper()})
        s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        )
        s3.put_bucket_lifecycle_configuration(
            Bucket=name,
            LifecycleConfiguration={
                "Rules": [{"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 9}}]
            },
        )
        s3.put_bucket_policy(Bucket=name, Policy=of_bucket(name))


def queues():
    for name in [*NAMES["event_queue"].values(), *NAMES["queue"].values()]:
        url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "77"}, tags=THEIRS)["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=BEFORE)


def buses():
    for bus, name in NAMES["bus"].items():
        made = events.create_event_bus(Name=name, Description="theirs", Tags=upper())["EventBusArn"]
        archive = NAMES["archive"][bus]
        events.create_archive(ArchiveName=archive, EventSourceArn=made, Description="theirs", RetentionDays=3)
        events.put_permission(EventBusName=name, StatementId="theirs", Action="events:PutEvents", Principal=MEMBER)


def pools():
    for pool in CONFIG["pools"]:
        # what can never be changed has to be as configured: a pool of another schema is refused
        lengths = {"MinLength": "0", "MaxLength": "2048"}
        attribute = {"AttributeDataType": "String", "Mutable": True, "StringAttributeConstraints": lengths}
        made = cognito.create_user_pool(
            PoolName=NAMES["pool"][pool["name"]],
            UsernameAttributes=["email"],
            UsernameConfiguration={"CaseSensitive": False},
            Schema=[{"Name": name, **attribute} for name in pool["attributes"][:1]],
            Policies={"PasswordPolicy": {"MinimumLength": 8}},
            UserPoolTags=THEIRS,
        )["UserPool"]["Id"]
        cognito.admin_create_user(UserPoolId=made, Username="anna@example.com", MessageAction="SUPPRESS")
        cognito.create_user_pool_domain(Domain=NAMES["domain"][pool["name"]], UserPoolId=made)
        for kept in pool["clients"][:1]:
            secret = kept["kind"] != "public"
            cognito.create_user_pool_client(UserPoolId=made, ClientName=kept["name"], GenerateSecret=secret)


def roles():
    for name in [*NAMES["domain_role"].values(), *NAMES["role"].values()]:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Description="theirs", Tags=upper())
    for name in NAMES["domain_role"].values():
        iam.put_role_policy(RoleName=name, PolicyName="domain-permissions", PolicyDocument=NOTHING)
    for name in NAMES["policy"].values():
        # a description can never be changed: a policy of another one is refused
        description = "reads the platform's secrets; for service roles that need them"
        iam.create_policy(PolicyName=name, PolicyDocument=NOTHING, Description=description, Tags=upper())
    iam.create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com", ClientIDList=["theirs"], ThumbprintList=["a" * 40], Tags=upper()
    )


def logging(keys):
    for name in [*NAMES["log_group"].values(), *NAMES["stream_log_group"].values()]:
        logs.create_log_group(logGroupName=name, tags=THEIRS)
        logs.create_log_stream(logGroupName=name, logStreamName="theirs")
        event = {"timestamp": 1_790_000_000_000, "message": BEFORE}
        logs.put_log_events(logGroupName=name, logStreamName="theirs", logEvents=[event])
    for name in NAMES["topic"].values():
        sns.create_topic(Name=name, Attributes={"DisplayName": "theirs"}, Tags=upper())
    for name in NAMES["sampling_rule"].values():
        rule = {
            "RuleName": name, "ResourceARN": "*", "Priority": 77, "FixedRate": 0.5, "ReservoirSize": 7,
            "ServiceName": "*", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1,
        }  # fmt: skip
        xray.create_sampling_rule(SamplingRule=rule)
    bucket = next(bucket["purpose"] for bucket in CONFIG["buckets"] if bucket.get("writer") == "cloudtrail")
    for name in NAMES["trail"].values():
        cloudtrail.create_trail(Name=name, S3BucketName=NAMES["bucket"][bucket], TagsList=upper())


def streams():
    role = f"arn:aws:iam::{MEMBER}:role/{NAMES['role']['delivery']}"
    bucket = NAMES["bucket"][CONFIG["delivery"]["bucket"]]
    for name in NAMES["stream"].values():
        firehose.create_delivery_stream(
            DeliveryStreamName=name,
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={
                "RoleARN": role,
                "BucketARN": f"arn:aws:s3:::{bucket}",
                "Prefix": "theirs/",
                # AWS's default; the emulator would not say it
                "CompressionFormat": "UNCOMPRESSED",
            },
            Tags=upper(),
        )


def contract():
    root = NAMES["parameters"]["contract"]
    for name in ["network/vpc-id", "contract/digest"]:
        ssm.put_parameter(Name=f"{root}/{name}", Type="String", Value="theirs", Tags=upper())


def guardrail():
    for name in NAMES["control_policy"].values():
        policy = {"Name": name, "Description": "theirs", "Content": NOTHING, "Type": "SERVICE_CONTROL_POLICY"}
        organizations.create_policy(**policy, Tags=upper())


def make():
    network()
    made = keys()
    buckets(made)
    queues()
    buses()
    pools()
    roles()
    logging(made)
    streams()
    contract()
    guardrail()


def objects(name):
    return [version["Key"] for version in s3.list_object_versions(Bucket=name).get("Versions", [])]


def waiting(name):
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    # S3 says on a queue that it will say something there
    return [message["Body"] for message in found if message["Body"] == BEFORE]


def logged(name):
    found = logs.get_log_events(logGroupName=name, logStreamName="theirs", startFromHead=True)["events"]
    return [event["message"] for event in found]


def people():
    found = {}
    for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
        found[pool["Id"]] = [user["Username"] for user in cognito.list_users(UserPoolId=pool["Id"])["Users"]]
    return found


def look():
    """Data, and the ids that a replacement would change."""
    named = {key: [*names.values()] for key, names in NAMES.items()}
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": [CONFIG["network"]["cidr"]]}])["Vpcs"]
    inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"] for vpc in vpcs]}]
    scps = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    return {
        "objects": {name: objects(name) for name in named["bucket"]},
        "messages": {name: waiting(name) for name in named["event_queue"] + named["queue"]},
        "events": {name: logged(name) for name in named["log_group"] + named["stream_log_group"]},
        "people": people(),
        "keys": {name: kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] for name in named["alias"]},
        "alive": sorted(
            key["KeyId"]
            for key in kms.list_keys()["Keys"]
            if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
        ),
        "vpcs": [vpc["VpcId"] for vpc in vpcs],
        "subnets": sorted(subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=inside)["Subnets"]),
        "archives": {
            name: str(events.describe_archive(ArchiveName=name)["CreationTime"]) for name in named["archive"]
        },
        "roles": {name: iam.get_role(RoleName=name)["Role"]["RoleId"] for name in named["domain_role"] + named["role"]},
        "control policies": sorted(policy["Id"] for policy in scps if policy["Name"] in named["control_policy"]),
    }


if DOES == "make":
    make()
else:
    json.dump(look(), sys.stdout, sort_keys=True)
