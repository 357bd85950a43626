"""The official SDK for Python on this repository's provider: every type, through its whole life.

    program.py DIR PROVIDER MEMBER MANAGEMENT ROLE TYPES

DIR is an empty folder to work in, PROVIDER the folder of `pulumi-resource-aws`, then two account ids, the name of the
role that leads from the second into the first, and the types that the provider has, with commas between them. `pulumi`
is on the path; AWS_ENDPOINT_URL and keys are in the environment.

What the engine says is compared exactly, resource by resource; what AWS says is asked through boto3.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args, get_type_hints

import boto3
import pulumi
import pulumi_aws as aws
from pulumi import automation as auto

DIR, PROVIDER, MEMBER, MANAGEMENT, ROLE, TYPES = Path(sys.argv[1]), *sys.argv[2:]
REGION, ELSEWHERE = "ap-southeast-2", "eu-west-1"
ROLE_ARN = f"arn:aws:iam::{MEMBER}:role/{ROLE}"
PROJECT = "official"
HUSH = ["hush-4c1f-first", "hush-9e07-second", "hush-77b2-third", "hush-d3aa-fourth"]

# What cannot be read back from AWS: an import takes it on with the next update.
UNREADABLE = {"key": ["deletionWindowInDays"], "bucket": ["forceDestroy"]}


@dataclass(frozen=True)
class Wish:
    """Which of its forms the program has."""

    tuned: bool = False  # one property of every type is another, in place
    renamed: bool = False  # and names are others
    ids: dict = field(default_factory=dict)  # import these


def policy(resource, action, effect="Allow", sid="One"):
    statement = {
        "Sid": sid,
        "Effect": effect,
        "Principal": {"AWS": f"arn:aws:iam::{MEMBER}:root"},
        "Action": action,
        "Resource": resource,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def describe(wish):
    """The program."""

    def tuned(before, after):
        return after if wish.tuned else before

    def named(name):
        return f"{name}-new" if wish.renamed else name

    tags = tuned({"team": "core"}, {"team": "risk", "empty": ""})
    member = aws.Provider(
        "member",
        region=REGION,
        # not as dictionaries: of those the SDK sends `role_arn`, which no provider knows (pulumi/pulumi-aws#5271)
        assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=ROLE_ARN, session_name="official")],
        allowed_account_ids=[MEMBER],
        default_tags=aws.ProviderDefaultTagsArgs(tags={"managed-by": "official", "team": "default"}),
    )
    management = aws.Provider(
        "management", region=REGION, allowed_account_ids=[MANAGEMENT], skip_region_validation=True
    )

    def of(name, provider=member):
        return pulumi.ResourceOptions(
            provider=provider,
            import_=wish.ids.get(name),
            retain_on_delete=bool(wish.ids) or None,
            ignore_changes=UNREADABLE.get(name) if wish.ids else None,
        )

    made = {}

    def make(kind, name, provider=member, /, **properties):
        made[name] = kind(name, opts=of(name, provider), **properties)
        return made[name]

    # KMS
    key = make(
        aws.kms.Key,
        "key",
        description=tuned("first", "second"),
        policy=policy("*", "kms:*"),
        enable_key_rotation=tuned(False, True),
        multi_region=wish.renamed,
        deletion_window_in_days=7,
        tags=tags,
    )
    spare = make(aws.kms.Key, "spare")
    make(aws.kms.Alias, "alias", name=named("alias/official"), target_key_id=tuned(key.key_id, spare.arn))

    # SQS: one name in three accounts and regions
    dead = make(aws.sqs.Queue, "dead", message_retention_seconds=1209600)
    redrive = dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3}))
    queue = make(
        aws.sqs.Queue,
        "queue",
        name=named("jobs"),
        visibility_timeout_seconds=tuned(60, 90),
        redrive_policy=redrive,
        tags=tags,
    )
    queue_policy = queue.arn.apply(lambda arn: policy(arn, ["sqs:SendMessage"], tuned("Allow", "Deny")))
    make(aws.sqs.QueuePolicy, "queue-policy", queue_url=queue.url, policy=queue_policy)
    make(
        aws.sqs.Queue,
        "fifo",
        name="orders.fifo",
        fifo_queue=True,
        content_based_deduplication=True,
        kms_master_key_id="alias/aws/sqs",
    )
    make(aws.sqs.Queue, "queue-management", management, name="jobs", tags={"team": "management"})
    make(aws.sqs.Queue, "queue-ambient", None, name="jobs", delay_seconds=5)

    # EventBridge
    bus = make(
        aws.cloudwatch.EventBus,
        "bus",
        name=named("events"),
        description=tuned("first", "second"),
        dead_letter_config=tuned(None, {"arn": dead.arn}),
        log_config={"include_detail": "NONE", "level": tuned("ERROR", "INFO")},
        tags=tags,
    )
    bus_policy = bus.arn.apply(lambda arn: policy(arn, "events:PutEvents", sid=tuned("One", "Two")))
    make(aws.cloudwatch.EventBusPolicy, "bus-policy", event_bus_name=bus.name, policy=bus_policy)
    make(
        aws.cloudwatch.EventArchive,
        "archive",
        name="everything",
        event_source_arn=bus.arn,
        event_pattern=json.dumps({"source": ["official"]}),
        retention_days=tuned(7, 14),
    )

    # S3
    bucket = make(aws.s3.Bucket, "bucket", bucket=named(f"official-{MEMBER}"), force_destroy=True, tags=tags)
    make(
        aws.s3.BucketVersioning,
        "versioning",
        bucket=bucket.bucket,
        versioning_configuration={"status": tuned("Enabled", "Suspended")},
    )
    by_key = {"sse_algorithm": "aws:kms", "kms_master_key_id": spare.arn}
    make(
        aws.s3.BucketServerSideEncryptionConfiguration,
        "encryption",
        bucket=bucket.id,
        rules=[
            {
                "apply_server_side_encryption_by_default": tuned(by_key, {"sse_algorithm": "AES256"}),
                "bucket_key_enabled": tuned(True, False),
            }
        ],
    )
    make(
        aws.s3.BucketPublicAccessBlock,
        "access",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=tuned(False, True),
    )
    owner = tuned("BucketOwnerPreferred", "BucketOwnerEnforced")
    make(aws.s3.BucketOwnershipControls, "ownership", bucket=bucket.id, rule={"object_ownership": owner})
    rules = [
        {"id": "old", "status": "Enabled", "filter": {"prefix": "log/"}, "expiration": {"days": tuned(30, 60)}},
        {
            "id": "cold",
            "status": "Enabled",
            "filter": {"and_": {"prefix": "cold/", "tags": {"tier": "cold"}}},
            "transitions": [{"days": 90, "storage_class": "GLACIER"}],
            "noncurrent_version_expiration": {"noncurrent_days": 5},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        },
    ]
    make(aws.s3.BucketLifecycleConfiguration, "lifecycle", bucket=bucket.id, rules=rules)
    bucket_policy = bucket.arn.apply(
        lambda arn: policy([arn, f"{arn}/*"], ["s3:GetObject", "s3:ListBucket"], tuned("Allow", "Deny"))
    )
    make(aws.s3.BucketPolicy, "policy", bucket=bucket.id, policy=bucket_policy)
    vault = make(aws.s3.Bucket, "vault", object_lock_enabled=True)
    retention = {"default_retention": {"mode": "GOVERNANCE", "days": tuned(1, 2)}}
    make(aws.s3.BucketObjectLockConfiguration, "lock", bucket=vault.id, rule=retention)

    # SSM
    parameter = make(
        aws.ssm.Parameter,
        "parameter",
        name=f"/official/{named('plain')}",
        type="String",
        value=HUSH[tuned(0, 1)],
        tags=tags,
    )
    make(
        aws.ssm.Parameter,
        "secret",
        name="/official/secret",
        type="SecureString",
        key_id=key.key_id,
        value=HUSH[tuned(2, 3)],
    )

    for name, resource in made.items():
        pulumi.export(
            name,
            {"id": resource.id, "urn": resource.urn} | {p: getattr(resource, p) for p in properties(type(resource))},
        )
    defaults = {p: getattr(dead, p) for p in ("visibility_timeout_seconds", "fifo_queue")}
    pulumi.export("defaults", defaults | {"key_usage": spare.key_usage})
    for name, provider in {"member": member, "management": management, "ambient": None}.items():
        asked = pulumi.InvokeOptions(provider=provider)
        who, where = aws.get_caller_identity_output(opts=asked), aws.get_region_output(opts=asked)
        pulumi.export(f"who-{name}", {"account": who.account_id, "arn": who.arn, "region": where.region})
    after = pulumi.InvokeOutputOptions(provider=member, depends_on=[parameter])
    pulumi.export(
        "parameters", aws.ssm.get_parameters_by_path_output(path="/official", with_decryption=False, opts=after).names
    )


def properties(kind):
    """What the official SDK types as always there, and does not deprecate."""
    for name, value in vars(kind).items():
        if isinstance(value, property) and not hasattr(value.fget, "_pulumi_deprecated_callable"):
            hint = get_type_hints(value.fget)["return"]
            if hint.__args__ and type(None) not in get_args(hint.__args__[0]):
                yield name


# ---- the engine

PROVIDERS = ["member", "management"]
HANGING = {"versioning", "encryption", "access", "ownership", "lifecycle", "policy"}
REPLACED = {"key", "alias", "queue", "queue-policy", "bus", "bus-policy", "archive", "parameter", "bucket"} | HANGING
TUNED = REPLACED | {"lock", "secret"}
RESOURCES = TUNED | {"spare", "dead", "fifo", "queue-management", "queue-ambient", "vault"}
# What the official SDK types as always there, and is not when nobody asks for it.
UNTOLD = {
    "Key": {"description", "rotation_period_in_days"},
    "Alias": {"name_prefix"},
    "Queue": {"policy", "redrive_policy", "redrive_allow_policy", "name_prefix"}
    | {"kms_data_key_reuse_period_seconds", "deduplication_scope", "fifo_throughput_limit"},
    "Bucket": {"bucket_namespace", "bucket_prefix"},
    "Parameter": {"insecure_value", "has_value_wo", "key_id"},
}
# What AWS chooses when nobody does, and what is there once a read has seen it.
UNREAD = {
    "Key": {"policy"},
    "Queue": {"sqs_managed_sse_enabled"},
    "Bucket": {"object_lock_enabled"},
    "BucketLifecycleConfiguration": {"transition_default_minimum_object_size"},
    "Parameter": {"data_type", "tier"},
}


class Engine:
    """A stack, and the exact comparison of what a command did with it."""

    def __init__(self, name):
        self.name = name
        settings = {
            "PULUMI_BACKEND_URL": f"file://{DIR / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "official",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        options = auto.LocalWorkspaceOptions(work_dir=str(DIR), pulumi_home=str(DIR / "home"), env_vars=settings)
        self.stack = auto.create_stack(name, project_name=PROJECT, program=lambda: None, opts=options)
        ambient = {
            "aws:region": ELSEWHERE,
            "aws:skipCredentialsValidation": "true",
            "aws:skipMetadataApiCheck": "true",
            "aws:allowedAccountIds[0]": MANAGEMENT,
            "aws:defaultTags.tags.managed-by": "ambient",
        }
        self.stack.set_all_config({key: auto.ConfigValue(value) for key, value in ambient.items()}, path=True)

    def do(self, command, phase, wanted, wish=None):
        """Runs a command; every resource not in `wanted` has to be the same."""
        started = time.monotonic()
        ops, said = {}, []

        def hear(event):
            if (told := event.diagnostic_event) and told.severity in ("warning", "error"):
                said.append(told.message)
            for step in (event.resource_pre_event, event.res_outputs_event):
                if step and step.metadata.op != "refresh":
                    ops.setdefault(step.metadata.urn.rsplit("::", 1)[1], set()).add(step.metadata.op)

        if wish:
            self.stack.workspace.program = lambda: describe(wish)
        answer = getattr(self.stack, command)(on_event=hear)
        counted = answer.change_summary if command == "preview" else answer.summary.resource_changes
        everything = [*RESOURCES, *PROVIDERS, f"{PROJECT}-{self.name}"]
        wanted = {name: wanted if isinstance(wanted, str) else wanted.get(name, "same") for name in everything}
        steps = {"replace": {"create-replacement", "replace", "delete-replaced"}}
        same(phase, said, [])
        same(
            phase,
            {name: op for name, op in ops.items() if name in wanted},
            {name: steps.get(op, {op}) for name, op in wanted.items()},
        )
        same(phase, {op: n for op, n in counted.items() if n}, dict(Counter(wanted.values())))
        hidden()
        figures = ", ".join(f"{n} {op}" for op, n in sorted(counted.items()) if n)
        print(f"{phase:<28} {figures:<40} {time.monotonic() - started:4.1f} s", flush=True)
        return {name: output.value for name, output in answer.outputs.items()} if command == "up" else {}


def same(what, found, wanted):
    if found != wanted:
        if isinstance(found, dict) and isinstance(wanted, dict):
            keys = sorted(k for k in found.keys() | wanted.keys() if found.get(k) != wanted.get(k))
            found, wanted = {k: found.get(k) for k in keys}, {k: wanted.get(k) for k in keys}
        raise AssertionError(f"{what}\n   found {found}\n  wanted {wanted}")


def hidden():
    """No secret stands in anything that Pulumi keeps."""
    files = [file for file in DIR.rglob("*") if file.is_file()]
    assert any(file.name.endswith(".json") and "stacks" in file.parts for file in files), "a state is kept"
    for file in files:
        text = file.read_bytes()
        assert not any(secret.encode() in text for secret in HUSH), f"a secret stands in {file}"


def promised(outputs, untold):
    """What the official SDK types as always there is there, but for `untold`."""
    missing = {}
    for name in RESOURCES:
        kind = outputs[name]["urn"].split("::")[2].rsplit(":", 1)[1]
        missing.setdefault(kind, set()).update(key for key, value in outputs[name].items() if value is None)
    same("promised, and not there", {kind: names for kind, names in missing.items() if names}, untold)
    same(
        "defaults",
        outputs["defaults"],
        {"visibility_timeout_seconds": 30, "fifo_queue": False, "key_usage": "ENCRYPT_DECRYPT"},
    )


# ---- AWS, through another client than ours


class Account:
    def __init__(self, session):
        self.s3, self.sqs, self.kms, self.events, self.ssm = (
            session.client(s) for s in ("s3", "sqs", "kms", "events", "ssm")
        )

    def buckets(self):
        return {bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]}

    def queues(self):
        return {url.rsplit("/", 1)[1] for url in self.sqs.list_queues().get("QueueUrls", [])}

    def buses(self):
        return {bus["Name"] for bus in self.events.list_event_buses()["EventBuses"]} - {"default"}

    def archives(self):
        return {
            archive["ArchiveName"]: archive["EventSourceArn"] for archive in self.events.list_archives()["Archives"]
        }

    def parameters(self):
        return {parameter["Name"] for parameter in self.ssm.describe_parameters()["Parameters"]}

    def aliases(self):
        return {
            a["AliasName"] for a in self.kms.list_aliases()["Aliases"] if not a["AliasName"].startswith("alias/aws/")
        }

    def keys(self):
        described = (self.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in self.kms.list_keys()["Keys"])
        return {key["KeyId"]: key["KeyState"] for key in described if key["KeyManager"] == "CUSTOMER"}

    def value(self, name):
        return self.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]

    def nothing_left(self):
        for name in ("buckets", "queues", "buses", "archives", "parameters", "aliases"):
            same(f"after destroy, {name}", set(getattr(self, name)()), set())
        same("after destroy, keys", set(self.keys().values()) - {"PendingDeletion"}, set())


def accounts():
    ambient = boto3.Session(region_name=REGION)
    role = ambient.client("sts").assume_role(RoleArn=ROLE_ARN, RoleSessionName="test")["Credentials"]
    inside = {
        "aws_access_key_id": role["AccessKeyId"],
        "aws_secret_access_key": role["SecretAccessKey"],
        "aws_session_token": role["SessionToken"],
    }
    return (
        Account(boto3.Session(region_name=REGION, **inside)),
        Account(ambient),
        Account(boto3.Session(region_name=ELSEWHERE)),
    )


def each_in_its_account(outputs, member, management, ambient):
    """The same queue name in three places: what each carries tells which provider made it."""
    places = {
        "member": (member, REGION, MEMBER),
        "management": (management, REGION, MANAGEMENT),
        "ambient": (ambient, ELSEWHERE, MANAGEMENT),
    }
    marks = {
        "member": {"managed-by": "official", "team": "core"},
        "management": {"team": "management"},
        "ambient": {"managed-by": "ambient"},
    }
    for name, (account, region, number) in places.items():
        who = outputs[f"who-{name}"]
        same(f"who {name} is", (who["account"], who["region"]), (number, region))
        url = account.sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
        tags = account.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
        same(f"tags of the queue of {name}", {k: v for k, v in tags.items() if k != "pulumi:identity"}, marks[name])
        arn = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        same(f"the queue of {name}", arn, f"arn:aws:sqs:{region}:{number}:jobs")
    same("parameters by path", outputs["parameters"], ["/official/plain", "/official/secret"])
    same("queues of management", management.queues(), {"jobs"})
    same("queues of ambient", ambient.queues(), {"jobs"})
    same("keys of management", management.keys(), {})


def drift(member, ids, queue):
    """Somebody's hand on every resource that can be changed; says what a refresh has to find."""
    bucket, key, policies = ids["bucket"], ids["key"], policy("*", "s3:*", sid="Hand")
    member.kms.update_key_description(KeyId=key, Description="by hand")
    member.kms.update_alias(AliasName=ids["alias"], TargetKeyId=key)
    member.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "hand"}]})
    member.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": by_key}]}
    member.s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    member.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    member.s3.delete_bucket_ownership_controls(Bucket=bucket)
    rule = {"ID": "old", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    member.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    member.s3.put_bucket_policy(Bucket=bucket, Policy=policies)
    retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 9}}
    member.s3.put_object_lock_configuration(
        Bucket=ids["lock"], ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention}
    )
    member.sqs.set_queue_attributes(
        QueueUrl=ids["queue"], Attributes={"VisibilityTimeout": "1", "Policy": policy(queue, "sqs:*")}
    )
    member.sqs.untag_queue(QueueUrl=ids["dead"], TagKeys=["managed-by"])
    member.sqs.delete_queue(QueueUrl=ids["fifo"])
    member.events.update_event_bus(Name=ids["bus"], Description="by hand")
    member.events.remove_permission(EventBusName=ids["bus"], RemoveAllPermissions=True)
    member.events.update_archive(ArchiveName=ids["archive"], RetentionDays=1)
    member.ssm.delete_parameter(Name=ids["parameter"])
    member.ssm.put_parameter(Name=ids["secret"], Value="by hand", Type="SecureString", KeyId=key, Overwrite=True)
    gone = dict.fromkeys(("ownership", "fifo", "bus-policy", "parameter"), "delete")
    return dict.fromkeys((TUNED | {"dead"}) - gone.keys(), "update") | gone


def main():
    (DIR / "state").mkdir()
    project = {"name": PROJECT, "runtime": "python", "plugins": {"providers": [{"name": "aws", "path": PROVIDER}]}}
    (DIR / "Pulumi.yaml").write_text(json.dumps(project))
    first = Engine("first")
    where = member, management, ambient = accounts()
    plain, tuned, renamed = Wish(), Wish(tuned=True), Wish(tuned=True, renamed=True)

    made = first.do("up", "up", "create", plain)
    promised(made, {kind: UNTOLD.get(kind, set()) | UNREAD.get(kind, set()) for kind in UNTOLD | UNREAD})
    same("types", {made[name]["urn"].split("::")[2] for name in RESOURCES}, set(TYPES.split(",")))
    each_in_its_account(made, *where)
    first.do("up", "up again", {})
    first.do("preview", "preview", {})
    first.do("refresh", "refresh", {})
    promised(first.do("up", "up after refresh", {}), UNTOLD)

    first.do("preview", "preview of changes", dict.fromkeys(TUNED, "update"), tuned)
    old = first.do("up", "up with changes", dict.fromkeys(TUNED, "update"))
    same("values", [member.value("/official/plain"), member.value("/official/secret")], [HUSH[1], HUSH[3]])

    new = first.do("up", "up with replacements", dict.fromkeys(REPLACED, "replace") | {"secret": "update"}, renamed)
    vault, dead = new["vault"]["id"], new["dead"]["name"]
    same("buckets", member.buckets(), {f"official-{MEMBER}-new", vault})
    same("queues", member.queues(), {"jobs-new", "orders.fifo", dead})
    same("buses", member.buses(), {"events-new"})
    same("archives", member.archives(), {"everything": new["bus"]["arn"]})
    same("parameters", member.parameters(), {"/official/plain-new", "/official/secret"})
    same("aliases", member.aliases(), {"alias/official-new"})
    same(
        "keys",
        member.keys(),
        {old["key"]["id"]: "PendingDeletion", new["key"]["id"]: "Enabled", new["spare"]["id"]: "Enabled"},
    )

    ids = {name: new[name]["id"] for name in RESOURCES}
    changed = drift(member, ids, new["queue"]["arn"])
    first.do("refresh", "refresh of drift", changed)
    mended = first.do(
        "up", "up mends drift", {name: "create" if op == "delete" else op for name, op in changed.items()}
    )
    first.do("refresh", "refresh after mending", {})

    second = Engine("second")
    imported = Wish(tuned=True, renamed=True, ids={name: mended[name]["id"] for name in RESOURCES})
    made_anew = {*PROVIDERS, f"{PROJECT}-second"}
    second.do("up", "up imports", dict.fromkeys(RESOURCES, "import") | dict.fromkeys(made_anew, "create"), imported)
    second.do("up", "up of the imported", {})
    second.do("refresh", "refresh of the imported", {})
    second.do("destroy", "destroy lets go", dict.fromkeys(RESOURCES, "delete") | dict.fromkeys(made_anew, "delete"))
    first.do("refresh", "refresh: all is there", {})

    first.do("destroy", "destroy", "delete")
    for account in where:
        account.nothing_left()
    same("keys that wait", len(member.keys()), 3)
    hidden()


main()
