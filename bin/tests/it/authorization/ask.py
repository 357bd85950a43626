"""Asks the local AWS what its policies forbid, each time beside a twin that they allow. Run by whole/authorization.rs, in the
emulator's Python, on an emulator with nothing in it.

Usage: ask.py ENDPOINT MEMBER MANAGEMENT FOLDER_OF_POLICIES FILE_OF_AUTHORIZATIONS judged
       ask.py ENDPOINT MEMBER MANAGEMENT FOLDER_OF_POLICIES FILE_OF_AUTHORIZATIONS off      the gate is switched off
"""

import base64
import functools
import io
import itertools
import json
import pathlib
import resource
import subprocess
import sys
import zipfile

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, MEMBER, MANAGEMENT, POLICIES, FILE, GATE = sys.argv[1:7]
REGION = "eu-west-1"
WAY_IN = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"
TAGS = {"owner": "orders", "environment": "local"}
NUMBERS = itertools.count()


def zipped():
    """A ZIP file with one file in it: the emulator reads it, as Lambda does."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.py", "def b(event, context): return event")
    return {"ZipFile": file.getvalue()}


ZIP = zipped()


class Who:
    """Somebody with keys: `who.s3`, `who.cognito_idp`."""

    def __init__(self, keys=("test", "test", None), **config):
        self.keys, self.config = keys, config

    @functools.cache
    def __getattr__(self, service):
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **self.config)
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        return boto3.client(
            service.strip("_").replace("_", "-"),
            REGION,
            endpoint_url=ENDPOINT,
            config=config,
            **dict(zip(names, self.keys, strict=True)),
        )

    def assumes(self, role, **more):
        given = self.sts.assume_role(RoleArn=role, RoleSessionName="asks", **more)["Credentials"]
        return Who((given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]))


def refused(call, *arguments, code="AccessDenied", says="", **named):
    """AWS's code, and what its message has in it."""
    try:
        call(*arguments, **named)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == code and says in found["Message"], (code, says, found)
        return error.response
    raise AssertionError(f"{call.__name__}{arguments}{named} is allowed; expected {code}: {says}")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions, on="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": on} | more


def deny(*actions, on="*", **more):
    return {"Effect": "Deny", "Action": list(actions), "Resource": on} | more


def trust(principal, action="sts:AssumeRole", **more):
    return document({"Effect": "Allow", "Principal": principal, "Action": action} | more)


def name():
    return f"asked-{next(NUMBERS)}"


def upper(tags=TAGS):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


anybody = Who()
admin = anybody.assumes(WAY_IN)
ACCOUNT = {"AWS": f"arn:aws:iam::{MEMBER}:root"}


def user(*statements, boundary=None):
    """A user of the member account with these rights."""
    who, limits = name(), {"PermissionsBoundary": boundary} if boundary else {}
    admin.iam.create_user(UserName=who, Tags=upper(), **limits)
    if statements:
        admin.iam.put_user_policy(UserName=who, PolicyName="rights", PolicyDocument=document(*statements))
    key = admin.iam.create_access_key(UserName=who)["AccessKey"]
    return Who((key["AccessKeyId"], key["SecretAccessKey"], None))


def role(*statements, trusts=None, **more):
    """The ARN of a role with these rights."""
    who = name()
    made = admin.iam.create_role(RoleName=who, AssumeRolePolicyDocument=trusts or trust(ACCOUNT), Tags=upper(), **more)
    if statements:
        admin.iam.put_role_policy(RoleName=who, PolicyName="rights", PolicyDocument=document(*statements))
    return made["Role"]["Arn"]


def bucket(who=admin):
    made = name()
    who.s3.create_bucket(Bucket=made, CreateBucketConfiguration={"LocationConstraint": REGION, "Tags": upper()})
    return made


# ---- Organization


def service_control():
    """The guardrail of a zone, at the account: each of its services without tags and with them."""
    text = (pathlib.Path(POLICIES) / "scp/require_tags.json").read_text()
    content = json.dumps(json.loads(text), separators=(",", ":"))
    kind = {"Type": "SERVICE_CONTROL_POLICY"}
    made = anybody.organizations.create_policy(Name="tags", Description="tags", Content=content, **kind)
    id = made["Policy"]["PolicySummary"]["Id"]
    anybody.organizations.attach_policy(PolicyId=id, TargetId=MEMBER)
    says = "with an explicit deny in a service control policy"
    json_code, place = "AccessDeniedException", {"LocationConstraint": REGION}

    answer = refused(admin.s3.create_bucket, Bucket=name(), CreateBucketConfiguration=place, says=says)
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-zone-denied-by"] == "tags, statement Owner0"
    one = {"LocationConstraint": REGION, "Tags": upper({"owner": "orders"})}
    refused(admin.s3.create_bucket, Bucket=name(), CreateBucketConfiguration=one, says=says)
    logs = bucket()
    network = {"CidrBlock": "10.9.0.0/16"}
    tagged = {"TagSpecifications": [{"ResourceType": "vpc", "Tags": upper()}]}
    unauthorized = {"code": "UnauthorizedOperation", "says": says}
    refused(admin.ec2.create_vpc, **network, **unauthorized)
    refused(admin.ec2.create_vpc, **network, DryRun=True, **unauthorized)
    refused(admin.ec2.create_vpc, **network, DryRun=True, **tagged, code="DryRunOperation", says="would have succeeded")
    vpc = admin.ec2.create_vpc(**network, **tagged)["Vpc"]["VpcId"]
    assert len(admin.ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.9.0.0/16"]}])["Vpcs"]) == 1, (
        "a dry run makes nothing"
    )
    # the tags of the subnet are the subnet's: its VPC, which the call is on as well, needs none
    refused(admin.ec2.create_subnet, VpcId=vpc, CidrBlock="10.9.1.0/24", **unauthorized)
    tagged = {"TagSpecifications": [{"ResourceType": "subnet", "Tags": upper()}]}
    admin.ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24", **tagged)
    refused(admin.kms.create_key, code=json_code, says=says)
    admin.kms.create_key(Tags=[{"TagKey": key, "TagValue": value} for key, value in TAGS.items()])
    refused(admin.events.create_event_bus, Name="asked", code=json_code, says=says)
    admin.events.create_event_bus(Name="asked", Tags=upper())
    refused(admin.iam.create_role, RoleName=name(), AssumeRolePolicyDocument=trust(ACCOUNT), says=says)
    given = role(trusts=trust({"Service": "lambda.amazonaws.com"}))
    function = {"Runtime": "python3.12", "Role": given, "Handler": "a.b", "Code": ZIP}
    refused(admin._lambda.create_function, FunctionName="asked", **function, code=json_code, says=says)
    admin._lambda.create_function(FunctionName="asked", **function, Tags=TAGS)
    refused(admin.cloudtrail.create_trail, Name="asked", S3BucketName=logs, code=json_code, says=says)
    trail = {"Sid": "Writes", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    at = f"arn:aws:s3:::{logs}"
    writes = [
        trail | {"Action": "s3:PutObject", "Resource": f"{at}/*"},
        trail | {"Sid": "Reads", "Action": "s3:GetBucketAcl", "Resource": at},
    ]
    admin.s3.put_bucket_policy(Bucket=logs, Policy=document(*writes))
    admin.cloudtrail.create_trail(Name="asked", S3BucketName=logs, TagsList=upper())

    # the management account is exempt, and so is everybody once it is detached
    anybody.s3.create_bucket(Bucket=name(), CreateBucketConfiguration=place)
    unit = anybody.organizations.create_organizational_unit(ParentId=root_id(), Name="unit")["OrganizationalUnit"]["Id"]
    anybody.organizations.move_account(AccountId=MEMBER, SourceParentId=root_id(), DestinationParentId=unit)
    anybody.organizations.detach_policy(PolicyId=id, TargetId=MEMBER)
    admin.s3.create_bucket(Bucket=name(), CreateBucketConfiguration=place)
    anybody.organizations.attach_policy(PolicyId=id, TargetId=unit)
    refused(admin.s3.create_bucket, Bucket=name(), CreateBucketConfiguration=place, says=says)
    anybody.organizations.detach_policy(PolicyId=id, TargetId=unit)

    # what no policy of a level allows
    full = anybody.organizations.create_policy(
        Name="reads", Description="reads", Content=document(allow("s3:Get*", "s3:List*", "sts:*")), **kind
    )
    full = full["Policy"]["PolicySummary"]["Id"]
    anybody.organizations.attach_policy(PolicyId=full, TargetId=MEMBER)
    anybody.organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=MEMBER)
    admin.s3.list_buckets()
    refused(admin.sqs.list_queues, code=json_code, says="because no service control policy allows the sqs:ListQueues action")
    anybody.organizations.attach_policy(PolicyId="p-FullAWSAccess", TargetId=MEMBER)
    admin.sqs.list_queues()


def root_id():
    return anybody.organizations.list_roots()["Roots"][0]["Id"]


def resource_control():
    """On the resources of the member account, whoever asks."""
    kind = {"Type": "RESOURCE_CONTROL_POLICY"}
    queue = admin.sqs.create_queue(QueueName=name())["QueueUrl"]
    content = document(deny("sqs:ReceiveMessage") | {"Principal": "*"})
    made = anybody.organizations.create_policy(Name="silence", Description="silence", Content=content, **kind)
    id = made["Policy"]["PolicySummary"]["Id"]
    anybody.organizations.enable_policy_type(RootId=root_id(), PolicyType="RESOURCE_CONTROL_POLICY")
    admin.sqs.receive_message(QueueUrl=queue)
    anybody.organizations.attach_policy(PolicyId=id, TargetId=MEMBER)
    says = "with an explicit deny in a resource control policy"
    refused(admin.sqs.receive_message, QueueUrl=queue, code="AccessDeniedException", says=says)
    anybody.organizations.detach_policy(PolicyId=id, TargetId=MEMBER)


# ---- Users and roles


def identities():
    nobody, says = user(), "because no identity-based policy allows the {} action"
    admin.ssm.put_parameter(Name="/asked/one", Value="1", Type="String")
    reader = user(allow("s3:ListAllMyBuckets", "events:ListEventBuses", "ssm:GetParameter"))
    answer = refused(nobody.s3.list_buckets, says=says.format("s3:ListAllMyBuckets"))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    reader.s3.list_buckets()
    answer = refused(nobody.events.list_event_buses, code="AccessDeniedException", says=says.format("events:ListEventBuses"))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    reader.events.list_event_buses()
    refused(nobody.ssm.get_parameter, Name="/asked/one", code="AccessDeniedException", says=says.format("ssm:GetParameter"))
    reader.ssm.get_parameter(Name="/asked/one")
    refused(nobody.iam.list_roles, says=says.format("iam:ListRoles"))
    refused(nobody.sns.list_topics, code="AuthorizationError", says=says.format("sns:ListTopics"))
    nobody.sts.get_caller_identity()

    # a role by its policy alone, and by the resources in it
    limited = role(allow("ssm:GetParameter*", on=f"arn:aws:ssm:{REGION}:{MEMBER}:parameter/asked/*"))
    limited = admin.assumes(limited)
    limited.ssm.get_parameter(Name="/asked/one")
    limited.ssm.get_parameters_by_path(Path="/asked/")
    admin.ssm.put_parameter(Name="/other", Value="1", Type="String")
    refused(
        limited.ssm.get_parameter,
        Name="/other",
        code="AccessDeniedException",
        says=f"parameter/other {says.format('ssm:GetParameter')}",
    )
    put = {"Name": "/asked/one", "Value": "2", "Type": "String", "Overwrite": True}
    refused(limited.ssm.put_parameter, **put, code="AccessDeniedException", says=says.format("ssm:PutParameter"))
    refused(limited.kms.create_key, code="AccessDeniedException", says=says.format("kms:CreateKey"))

    # a secret by way of Parameter Store takes the right to both
    kept = name()
    admin.secretsmanager.create_secret(Name=kept, SecretString="s")
    reference = {"Name": f"/aws/reference/secretsmanager/{kept}", "WithDecryption": True}
    refused(reader.ssm.get_parameter, **reference, code="AccessDeniedException", says="secretsmanager:GetSecretValue")
    both = user(allow("ssm:GetParameter", "secretsmanager:GetSecretValue"))
    assert both.ssm.get_parameter(**reference)["Parameter"]["Value"] == "s"
    nothing = reference | {"Name": "/aws/reference/secretsmanager/nothing"}
    refused(both.ssm.get_parameter, **nothing, code="ParameterNotFound", says="nothing")

    # groups, and policies of AWS's own
    grouped, group = user(), name()
    grouped_name = grouped.sts.get_caller_identity()["Arn"].rpartition("/")[2]
    admin.iam.create_group(GroupName=group)
    admin.iam.attach_group_policy(GroupName=group, PolicyArn="arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess")
    refused(grouped.ssm.get_parameter, Name="/other", code="AccessDeniedException")
    admin.iam.add_user_to_group(GroupName=group, UserName=grouped_name)
    grouped.ssm.get_parameter(Name="/other")
    refused(grouped.ssm.delete_parameter, Name="/other", code="AccessDeniedException")

    # a deny beats every allow; a boundary and a session only take away
    held = user(allow("*"), deny("s3:DeleteBucket"))
    mine = bucket(held)
    refused(held.s3.delete_bucket, Bucket=mine, says="with an explicit deny in an identity-based policy")
    admin.s3.delete_bucket(Bucket=mine)
    boundary = admin.iam.create_policy(PolicyName=name(), PolicyDocument=document(allow("s3:*")), Tags=upper())["Policy"]["Arn"]
    bound = admin.assumes(role(allow("*"), PermissionsBoundary=boundary))
    bound.s3.list_buckets()
    refused(
        bound.sqs.list_queues,
        code="AccessDeniedException",
        says="because no permissions boundary allows the sqs:ListQueues action",
    )
    wide = role(allow("*"))
    session = admin.assumes(wide, Policy=document(allow("sqs:*")))
    session.sqs.list_queues()
    refused(session.s3.list_buckets, says="because no session policy allows the s3:ListAllMyBuckets action")
    session = admin.assumes(wide, PolicyArns=[{"arn": boundary}])
    session.s3.list_buckets()
    refused(session.sqs.list_queues, code="AccessDeniedException", says="because no session policy allows")
    # nothing is left to the session of a role that is gone
    admin.iam.delete_role_policy(RoleName=wide.rpartition("/")[2], PolicyName="rights")
    admin.iam.delete_role(RoleName=wide.rpartition("/")[2])
    refused(session.s3.list_buckets)


def changes():
    """What is changed in the middle of a session counts at its next call."""
    arn, iam = role(), admin.iam
    who, session = {"RoleName": arn.rpartition("/")[2]}, admin.assumes(arn)

    def policy(*statements):
        return iam.create_policy(PolicyName=name(), PolicyDocument=document(*statements), Tags=upper())["Policy"]["Arn"]

    rights, queues = who | {"PolicyName": "rights"}, who | {"PolicyArn": policy(allow("sqs:*"))}
    version = {"PolicyArn": policy(allow("sns:*")), "PolicyDocument": document(allow("sqs:*")), "SetAsDefault": True}
    iam.attach_role_policy(**who, PolicyArn=version["PolicyArn"])
    buckets_only = {"PermissionsBoundary": policy(allow("s3:*", "sns:*"))}
    tag = {"Key": "asked", "Value": "yes"}
    if_tagged = allow("ssm:DescribeParameters", Condition={"StringEquals": {"aws:PrincipalTag/asked": "yes"}})
    iam.put_role_policy(**who, PolicyName="if-tagged", PolicyDocument=document(if_tagged))

    lists, queue, parameters = session.s3.list_buckets, session.sqs.list_queues, session.ssm.describe_parameters
    for call, give, take in [
        (
            lists,
            lambda: iam.put_role_policy(**rights, PolicyDocument=document(allow("s3:ListAllMyBuckets"))),
            lambda: iam.delete_role_policy(**rights),
        ),
        (queue, lambda: iam.attach_role_policy(**queues), lambda: iam.detach_role_policy(**queues)),
        (
            queue,
            lambda: iam.create_policy_version(**version),
            lambda: iam.set_default_policy_version(PolicyArn=version["PolicyArn"], VersionId="v1"),
        ),
        (parameters, lambda: iam.tag_role(**who, Tags=[tag]), lambda: iam.untag_role(**who, TagKeys=["asked"])),
    ]:
        code = "AccessDenied" if call is lists else "AccessDeniedException"
        refused(call, code=code, says="because no identity-based policy allows")
        for _ in range(2):
            give()
            call()
            take()
            refused(call, code=code)

    iam.attach_role_policy(**queues)
    denies = {"Name": name(), "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": document(deny("sqs:*"))}
    denies = anybody.organizations.create_policy(**denies)["Policy"]["PolicySummary"]["Id"]
    for _ in range(2):
        queue()
        anybody.organizations.attach_policy(PolicyId=denies, TargetId=MEMBER)
        refused(queue, code="AccessDeniedException", says="with an explicit deny in a service control policy")
        anybody.organizations.detach_policy(PolicyId=denies, TargetId=MEMBER)
        queue()
        iam.put_role_permissions_boundary(**who, **buckets_only)
        refused(queue, code="AccessDeniedException", says="because no permissions boundary allows")
        iam.delete_role_permissions_boundary(**who)


def action_names():
    """S3's actions under the names that IAM has for them."""
    mine = bucket()
    at = f"arn:aws:s3:::{mine}"
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    days = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    calls = {
        "s3:ListBucket": ("list_objects_v2", {"Bucket": mine}),
        "s3:ListAllMyBuckets": ("list_buckets", {}),
        "s3:PutEncryptionConfiguration": (
            "put_bucket_encryption",
            {"Bucket": mine, "ServerSideEncryptionConfiguration": {"Rules": [rule]}},
        ),
        "s3:PutLifecycleConfiguration": (
            "put_bucket_lifecycle_configuration",
            {"Bucket": mine, "LifecycleConfiguration": {"Rules": [days]}},
        ),
        "s3:ListBucketVersions": ("list_object_versions", {"Bucket": mine}),
        "s3:GetBucketPublicAccessBlock": ("get_public_access_block", {"Bucket": mine}),
    }
    admin.s3.put_public_access_block(Bucket=mine, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    for action, (call, arguments) in calls.items():
        others = [other for other in calls if other != action]
        getattr(user(allow(action)).s3, call)(**arguments)
        refused(getattr(user(allow(*others)).s3, call), **arguments, says=f"allows the {action} action")
    refused(
        user(allow(*calls)).s3.create_bucket,
        Bucket=name(),
        CreateBucketConfiguration={"LocationConstraint": REGION},
        says="s3:CreateBucket",
    )

    admin.s3.put_bucket_versioning(Bucket=mine, VersioningConfiguration={"Status": "Enabled"})
    version = admin.s3.put_object(Bucket=mine, Key="a", Body=b"")["VersionId"]
    one = {"Bucket": mine, "Key": "a"}
    reader = user(allow("s3:GetObject", "s3:DeleteObject", on=f"{at}/*"))
    reader.s3.get_object(**one)
    refused(reader.s3.get_object, **one, VersionId=version, says="allows the s3:GetObjectVersion action")
    reader.s3.delete_object(**one)
    refused(reader.s3.delete_object, **one, VersionId=version, says="allows the s3:DeleteObjectVersion action")
    writer = user(allow("s3:PutObject", on=f"{at}/*"))
    writer.s3.put_object(**one)
    refused(writer.s3.put_object, **one, Tagging="a=b", says="allows the s3:PutObjectTagging action")
    refused(writer.s3.put_object, **one, ACL="private", says="allows the s3:PutObjectAcl action")
    refused(writer.s3.copy_object, **one, CopySource=f"{mine}/a", says="allows the s3:GetObject action")
    refused(writer.s3.head_object, **one, code="403")
    narrow = user(allow("s3:ListBucket", on=at, Condition={"StringLike": {"s3:prefix": "in/*"}}))
    narrow.s3.list_objects_v2(Bucket=mine, Prefix="in/a")
    refused(narrow.s3.list_objects_v2, Bucket=mine, Prefix="out/", says="s3:ListBucket")


# ---- Who may become whom


def trusts():
    user_of = user(allow("sts:AssumeRole"))
    with_device = {"SerialNumber": f"arn:aws:iam::{MEMBER}:mfa/device", "TokenCode": "123456"}
    glass = role(trusts=(pathlib.Path(POLICIES) / "role/break_glass_trust.json").read_text().replace("333344445555", MEMBER))
    says = "is not authorized to perform: sts:AssumeRole on resource"
    refused(user_of.assumes, glass, says=says)
    user_of.assumes(glass, **with_device)
    # the keys of a session that began with the device will do, too; and they are still the user's
    for token, opens in (({}, False), (with_device, True)):
        given = user_of.sts.get_session_token(**token)["Credentials"]
        session = Who((given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]))
        assert session.sts.get_caller_identity()["Arn"] == user_of.sts.get_caller_identity()["Arn"]
        refused(session.s3.list_buckets, says="s3:ListAllMyBuckets")
        session.assumes(glass) if opens else refused(session.assumes, glass, says=says)

    refused(user_of.assumes, role(trusts=trust({"Service": "lambda.amazonaws.com"})), says=says)
    refused(user_of.assumes, f"arn:aws:iam::{MEMBER}:role/nobody", says=says)
    refused(user().assumes, role(), says=says)
    external = role(trusts=trust(ACCOUNT, Condition={"StringEquals": {"sts:ExternalId": "42"}}))
    refused(user_of.assumes, external, ExternalId="43", says=says)
    user_of.assumes(external, ExternalId="42")
    # another account is let in by both, or not at all
    refused(anybody.assumes, role(), says=says)
    anybody.assumes(role(trusts=trust({"AWS": MANAGEMENT})))

    new = anybody.organizations.create_account(AccountName="another", Email="another@example.com")["CreateAccountStatus"][
        "AccountId"
    ]
    anybody.assumes(f"arn:aws:iam::{new}:role/OrganizationAccountAccessRole").sqs.list_queues()
    # an account that nobody made is there as soon as the management account comes in, and by this role only
    unmade = "arn:aws:iam::444455556666:role/"
    refused(admin.assumes, f"{unmade}OrganizationAccountAccessRole", says=says)
    refused(anybody.assumes, f"{unmade}another", says=says)
    outside = anybody.assumes(f"{unmade}OrganizationAccountAccessRole")
    outside.sqs.list_queues()
    refused(outside.assumes, role(), says=says)


def web_identities():
    host = "token.actions.githubusercontent.com"
    text = (pathlib.Path(POLICIES) / "role/github_trust.json").read_text().replace("333344445555", MEMBER)
    deploys = {"RoleArn": role(trusts=text), "RoleSessionName": "asks"}

    def asks(code=None, says="", **claims):
        call = Who((None, None, None), signature_version=UNSIGNED).sts.assume_role_with_web_identity
        token = {"iss": f"https://{host}", "aud": "sts.amazonaws.com", "sub": "repo:acme/orders:ref:refs/heads/main"} | claims
        part = base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")
        given = deploys | {"WebIdentityToken": f"e30.{part}.e30"}
        return refused(call, **given, code=code, says=says) if code else call(**given)

    asks("InvalidIdentityToken", "No OpenIDConnect provider found in your account")
    admin.iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["sts.amazonaws.com"], Tags=upper())
    asks()
    asks("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", sub="repo:someone/else:ref:refs/heads/main")
    asks("InvalidIdentityToken", "Incorrect token audience", aud="elsewhere")
    asks("InvalidIdentityToken", "No OpenIDConnect provider found", iss="https://elsewhere.example.com")


# ---- Policies on resources


def bucket_policies():
    """The policy of a zone's trail bucket."""
    made = {"Tags": [{"TagKey": key, "TagValue": value} for key, value in TAGS.items()]}
    right, other = (admin.kms.create_key(**made)["KeyMetadata"]["Arn"] for _ in range(2))
    logs = bucket()
    text = (pathlib.Path(POLICIES) / "bucket/locked_down.trail.json").read_text()
    text = text.replace("acme-audit-dev", logs).replace(
        "333344445555:key/00000000-0000-0000-0000-000000000000", right.split(":", 4)[4]
    )
    one, says = {"Bucket": logs, "Key": "one"}, "with an explicit deny in a resource-based policy"
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": right}
    assert right in text
    admin.s3.put_object(**one)
    admin.s3.put_object(Bucket=logs, Key="free")
    admin.s3.put_bucket_policy(Bucket=logs, Policy=text)
    admin.s3.put_object(**one, **encrypted)
    refused(admin.s3.put_object, **one, says=says)
    refused(admin.s3.put_object, **one, ServerSideEncryption="AES256", says=says)
    refused(admin.s3.put_object, **one, ServerSideEncryption="aws:kms", SSEKMSKeyId=other, says=says)
    admin.s3.get_object(**one)
    admin.s3.list_objects_v2(Bucket=logs)
    refused(admin.s3.delete_object, **one, says=says)

    # of many, each by itself
    spare = deny("s3:DeleteObject", on=f"arn:aws:s3:::{logs}/one") | {"Principal": "*"}
    admin.s3.put_bucket_policy(Bucket=logs, Policy=document(spare))
    answer = admin.s3.delete_objects(Bucket=logs, Delete={"Objects": [{"Key": "one"}, {"Key": "free"}]})
    assert [one["Key"] for one in answer["Deleted"]] == ["free"], answer
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("one", "AccessDenied")], answer
    admin.s3.delete_bucket_policy(Bucket=logs)

    # S3 uses the key in the caller's name
    at = f"arn:aws:s3:::{logs}/*"
    refused(
        user(allow("s3:GetObject", on=at)).s3.get_object,
        **one,
        says=f'kms:Decrypt on resource: "{right}" because no identity-based policy',
    )
    via = {"Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}}
    through = user(allow("s3:GetObject", on=at), allow("kms:Decrypt", on=right, **via))
    through.s3.get_object(**one)
    blob = admin.kms.encrypt(KeyId=right, Plaintext=b"a")["CiphertextBlob"]
    refused(through.kms.decrypt, CiphertextBlob=blob, code="AccessDeniedException", says="kms:Decrypt")
    admin.kms.decrypt(CiphertextBlob=blob)

    # another account is let in by both
    refused(anybody.s3.list_objects_v2, Bucket=logs, says="because no resource-based policy allows the s3:ListBucket action")
    lets = allow("s3:ListBucket", on=f"arn:aws:s3:::{logs}") | {"Principal": {"AWS": MANAGEMENT}}
    admin.s3.put_bucket_policy(Bucket=logs, Policy=document(lets))
    anybody.s3.list_objects_v2(Bucket=logs)

    # and nobody in particular by the policy alone
    nobody = Who((None, None, None), signature_version=UNSIGNED)
    free = {"Bucket": logs, "Key": "read"}
    admin.s3.put_object(**free)
    refused(nobody.s3.get_object, **free, says="Access Denied")
    admin.s3.put_bucket_policy(Bucket=logs, Policy=document(allow("s3:GetObject", on=f"{at[:-1]}read") | {"Principal": "*"}))
    nobody.s3.get_object(**free)
    refused(nobody.s3.put_object, **free, says="Access Denied")
    refused(nobody.s3.get_object, Bucket="nowhere-at-all", Key="a", code="NoSuchBucket")


def other_resources():
    """Keys, queues, topics, buses, functions and secrets."""
    reads, json_code = role(allow("kms:*", "sqs:*")), "AccessDeniedException"
    reader = admin.assumes(reads)
    tags = {"Tags": [{"TagKey": key, "TagValue": value} for key, value in TAGS.items()]}
    own = document({"Effect": "Allow", "Principal": {"AWS": WAY_IN}, "Action": "kms:*", "Resource": "*"})
    key = admin.kms.create_key(Policy=own, BypassPolicyLockoutSafetyCheck=True, **tags)["KeyMetadata"]["KeyId"]
    admin.kms.describe_key(KeyId=key)
    says = "because no resource-based policy allows the kms:DescribeKey action"
    refused(reader.kms.describe_key, KeyId=key, code=json_code, says=says)
    refused(admin.kms.describe_key, KeyId="00000000-0000-0000-0000-000000000000", code="NotFoundException")

    queue = admin.sqs.create_queue(QueueName=name())["QueueUrl"]
    refused(
        anybody.sqs.receive_message, QueueUrl=queue, code=json_code, says="no resource-based policy allows the sqs:ReceiveMessage"
    )
    arn = f"arn:aws:sqs:{REGION}:{MEMBER}:{queue.rpartition('/')[2]}"
    lets = document({"Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": "sqs:GetQueueAttributes", "Resource": arn})
    admin.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": lets})
    refused(anybody.sqs.delete_queue, QueueUrl=queue, code=json_code, says="sqs:DeleteQueue")

    # tags of the resource, and the tags of who asks
    condition = {"StringEquals": {"aws:ResourceTag/owner": "${aws:PrincipalTag/owner}"}}
    tagged = admin.assumes(role(allow("sqs:GetQueueAttributes", Condition=condition)))
    refused(tagged.sqs.get_queue_attributes, QueueUrl=queue, code=json_code, says="sqs:GetQueueAttributes")
    admin.sqs.tag_queue(QueueUrl=queue, Tags=TAGS)
    tagged.sqs.get_queue_attributes(QueueUrl=queue)

    bus = admin.events.create_event_bus(Name=name(), Tags=upper())["EventBusArn"]
    entry = {"Source": "asked", "DetailType": "asked", "Detail": "{}", "EventBusName": bus}
    refused(
        anybody.events.put_events, Entries=[entry], code=json_code, says="no resource-based policy allows the events:PutEvents"
    )
    organization = anybody.organizations.describe_organization()["Organization"]["Id"]
    lets = {"Sid": "Ours", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": bus}
    lets |= {"Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}}}
    admin.events.put_permission(EventBusName=bus.rpartition("/")[2], Policy=document(lets))
    # moto looks for it in the caller's account only, and that is behind the gate
    refused(anybody.events.put_events, Entries=[entry], code="ResourceNotFoundException")

    # a secret, and the key that it is kept with
    secret = admin.secretsmanager.create_secret(Name=name(), SecretString="s")["ARN"]
    refused(reader.secretsmanager.get_secret_value, SecretId=secret, code=json_code, says="secretsmanager:GetSecretValue")
    lets = document({"Effect": "Allow", "Principal": {"AWS": reads}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
    admin.secretsmanager.put_resource_policy(SecretId=secret, ResourcePolicy=lets)
    reader.secretsmanager.get_secret_value(SecretId=secret)

    # a topic and a function, each by its own policy
    topic = admin.sns.create_topic(Name=name())["TopicArn"]
    # the policy that a topic has from the beginning lets in everybody in the account
    reader.sns.get_topic_attributes(TopicArn=topic)
    for who, may in ((MEMBER, False), (reads, True)):
        lets = document({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sns:GetTopicAttributes", "Resource": topic})
        admin.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=lets)
        call = reader.sns.get_topic_attributes
        call(TopicArn=topic) if may else refused(call, TopicArn=topic, code="AuthorizationError", says="sns:GetTopicAttributes")
    lets = {"FunctionName": "asked", "StatementId": "reads", "Action": "lambda:GetFunction", "Principal": reads}
    refused(reader._lambda.get_function, FunctionName="asked", code=json_code, says="lambda:GetFunction")
    admin._lambda.add_permission(**lets)
    reader._lambda.get_function(FunctionName="asked")

    # a role is passed to a service by who may pass it to that service
    given = role(trusts=trust({"Service": "lambda.amazonaws.com"}))
    function = {"FunctionName": name(), "Runtime": "python3.12", "Role": given, "Handler": "a.b", "Code": ZIP}
    refused(
        user(allow("lambda:*"))._lambda.create_function, **function, code=json_code, says=f"iam:PassRole on resource: {given}"
    )
    for service, may in (("ec2.amazonaws.com", False), ("lambda.amazonaws.com", True)):
        passes = allow("iam:PassRole", on=given, Condition={"StringEquals": {"iam:PassedToService": service}})
        call = user(allow("lambda:*"), passes)._lambda.create_function
        call(**function) if may else refused(call, **function, code=json_code, says="iam:PassRole")
    # and tags are given by who may tag
    network = {"CidrBlock": "10.8.0.0/16", "TagSpecifications": [{"ResourceType": "vpc", "Tags": upper()}]}
    refused(user(allow("ec2:CreateVpc")).ec2.create_vpc, **network, code="UnauthorizedOperation", says="ec2:CreateTags")
    only = allow("ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "CreateVpc"}})
    user(allow("ec2:CreateVpc"), only).ec2.create_vpc(**network)
    boundary = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}}
    maker = user(allow("iam:CreateRole", **boundary))
    asked = {"RoleName": name(), "AssumeRolePolicyDocument": trust(ACCOUNT)}
    refused(maker.iam.create_role, **asked, says="iam:CreateRole")
    maker.iam.create_role(**asked, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")


def memory():
    """Lists of a bucket's versions, of which moto makes copies with all that is in them, take no memory for good."""
    held = bucket()
    admin.s3.put_bucket_versioning(Bucket=held, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(10):
        admin.s3.put_object(Bucket=held, Key="a", Body=b"x" * 1_000_000)

    def megabytes():
        pid = (pathlib.Path(FILE).parent / "emulator.lock").read_text().strip()
        pages = pathlib.Path(f"/proc/{pid}/statm")
        if pages.exists():
            return int(pages.read_text().split()[1]) * resource.getpagesize() / 2**20
        return int(subprocess.run(["ps", "-o", "rss=", "-p", pid], check=True, capture_output=True).stdout) / 2**10

    def lists():
        for _ in range(20):
            admin.s3.list_object_versions(Bucket=held, MaxKeys=1)
        return megabytes()

    first, again = lists(), lists()
    assert again - first < 100, (first, again)


def noted():
    """What nobody judges is allowed, and stands in the file beside what was denied."""
    user().glue.get_databases()
    lines = [json.loads(line) for line in open(FILE)]
    passed = [line for line in lines if line["result"] == "not judged"]
    assert [(line["service"], line["operation"]) for line in passed] == [("glue", "GetDatabases")], passed
    one = next(line for line in lines if line["operation"] == "CreateVpc")
    assert one["by"] == {
        "allowed": False,
        "layer": "service_control",
        "explicit": True,
        "policy": "tags",
        "statement": "Owner1",
    }, one
    assert one["principal"] == f"arn:aws:sts::{MEMBER}:assumed-role/OrganizationAccountAccessRole/asks", one


def switched_off():
    """Nobody asks for policies but those of buckets, as it was before there was a gate."""
    user().s3.list_buckets()
    admin.assumes(f"arn:aws:iam::{MEMBER}:role/nobody").sqs.list_queues()
    mine = bucket()
    none = {"Null": {"s3:x-amz-server-side-encryption": "true"}}
    admin.s3.put_bucket_policy(
        Bucket=mine, Policy=document(deny("s3:PutObject", on=f"arn:aws:s3:::{mine}/*", Condition=none) | {"Principal": "*"})
    )
    refused(admin.s3.put_object, Bucket=mine, Key="a")
    admin.s3.put_object(Bucket=mine, Key="a", ServerSideEncryption="AES256")


if GATE == "off":
    switched_off()
else:
    service_control()
    resource_control()
    identities()
    changes()
    action_names()
    trusts()
    web_identities()
    bucket_policies()
    other_resources()
    noted()
    memory()
