"""What moto's stores hold of a resource, by its ARN: the policy on it, its tags, the account that owns it.

Looks only: a store that no request has made yet is not made for a question, and what is not there is None.
"""

import json
import re

from moto.backends import get_backend

# A key that nobody made has no policy. As on AWS it is the identity's policies that count, and the service that says that
# there is no such key.
HANDED_ON = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"kms:*","Resource":"*"}]}'


def store(service, account, region):
    """moto's backend of a service, if there is one."""
    backends = get_backend(service)
    return dict.get(dict.get(backends, account, {}), region)


def bucket(name):
    """A bucket with the account that owns it; buckets are of no account's namespace."""
    buckets = get_backend("s3")
    _, account = buckets.bucket_accounts.get(name, (None, None))
    found = store("s3", account, "aws") if account else None
    return (found.buckets.get(name), account) if found else (None, None)


def split(arn):
    """Service, region, account and resource of an ARN."""
    _, _, service, region, account, resource = arn.split(":", 5)
    return service, region, account, resource


def owner(arn, caller):
    """The account of a resource; the caller's where the ARN has none."""
    if arn == "*":
        return caller
    service, _, account, resource = split(arn)
    if service == "s3" and not account:
        return bucket(resource.partition("/")[0])[1] or caller
    return account if account.isdecimal() else caller


# ---- Policies on resources


def of_bucket(region, account, resource):
    found, _ = bucket(resource.partition("/")[0])
    return text(found and found.policy)


def of_key(region, account, resource):
    if not resource.startswith("key/"):
        return None
    keys = store("kms", account, region)
    found = keys and keys.keys.get(resource[4:])
    return text(found.policy) if found else HANDED_ON % f"arn:aws:iam::{account}:root"


def of_queue(region, account, resource):
    queues = store("sqs", account, region)
    found = queues and queues.queues.get(resource)
    return text(found and found.policy)


def of_topic(region, account, resource):
    found = topic(region, account, resource)
    return text(found and found.policy)


def of_bus(region, account, resource):
    buses, (kind, _, name) = store("events", account, region), resource.partition("/")
    found = buses and kind == "event-bus" and buses.event_buses.get(name)
    return text(found and found.policy)


def of_function(region, account, resource):
    found = function(region, account, resource)
    if not (found and found.policy.statements):
        return None
    return json.dumps({"Statement": [statement | {"Principal": of_whom(statement)} for statement in found.policy.statements]})


def of_whom(statement):
    """The principal of a function's statement, as AWS writes it: moto keeps an ARN or an account as AddPermission gives it."""
    given = statement["Principal"]
    if given == "*" or not isinstance(given, str):
        return given
    return {"Service" if given.endswith(".amazonaws.com") else "AWS": given}


def of_table(region, account, resource):
    tables = store("dynamodb", account, region)
    # one on the table counts for its indexes, too
    on = "/".join(resource.split("/")[:2])
    found = tables and tables.resource_policies.get(f"arn:aws:dynamodb:{region}:{account}:{on}")
    return text(found and found.policy_doc)


def of_secret(region, account, resource):
    found = secret(region, account, resource)
    return text(found and found.policy)


def of_role(region, account, resource):
    roles = store("iam", account, "aws")
    found = roles and role(f"arn:aws:iam::{account}:{resource}")
    return text(found and found.assume_role_policy_document)


POLICIES = {
    "s3": of_bucket,
    "kms": of_key,
    "sqs": of_queue,
    "sns": of_topic,
    "dynamodb": of_table,
    "events": of_bus,
    "lambda": of_function,
    "secretsmanager": of_secret,
}


def text(policy):
    """A policy as it was put; None where it is empty, as a policy that was taken away is in some stores."""
    policy = policy.decode() if isinstance(policy, bytes) else policy
    return policy if isinstance(policy, str) and policy.strip() not in ("", "{}") else None


def policy(action, arn):
    """The policy on a resource that says who may do an action with it; of a role, only whom it trusts is one."""
    if arn == "*":
        return None
    service, region, account, resource = split(arn)
    if service == "iam":
        trust = of_role(region, account, resource) if action.startswith("sts:") else None
        return trust if trust is None or action.startswith("sts:AssumeRole") else on_anything(trust)
    find = POLICIES.get(service)
    return find(region, account, resource) if find else None


def on_anything(trust):
    """A trust policy as one on a resource, for the actions that only come with AssumeRole (sts:TagSession)."""
    document = json.loads(trust)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    return json.dumps(document | {"Statement": [{"Resource": "*"} | statement for statement in statements]})


# ---- What there is


def role(arn):
    """The role of an ARN, whatever its path."""
    roles = store("iam", split(arn)[2], "aws")
    return next((one for one in roles.roles.values() if one.arn == arn), None) if roles else None


def topic(region, account, resource):
    topics = store("sns", account, region)
    return topics.topics.get(f"arn:aws:sns:{region}:{account}:{resource}") if topics else None


def function(region, account, resource):
    functions, name = store("lambda", account, region), resource.removeprefix("function:").partition(":")[0]
    found = functions and functions._lambdas._functions.get(name)
    return found["latest"] if found else None


# What the name of a parameter begins with that stands for a secret.
REFERENCE = "/aws/reference/secretsmanager/"


def secret(region, account, resource):
    secrets = store("secretsmanager", account, region)
    return secrets.secrets.get(f"arn:aws:secretsmanager:{region}:{account}:{resource}") if secrets else None


def key_arn(name, account, region):
    """The ARN of a KMS key by its id, its ARN, its alias or the ARN of that; None for an alias of nothing."""
    if name.startswith("arn:"):
        _, region, account, name = split(name)
    name = name.removeprefix("key/")
    if not name.startswith("alias/"):
        return f"arn:aws:kms:{region}:{account}:key/{name}"
    keys = store("kms", account, region)
    found = next((key for key in keys.keys.values() if name in key.aliases), None) if keys else None
    return found.arn if found else None


def aliases(arn):
    """The aliases of a KMS key; None where there is no such key."""
    _, region, account, resource = split(arn)
    keys = store("kms", account, region)
    found = keys and keys.keys.get(resource.removeprefix("key/"))
    return list(found.aliases) if found else None


def is_customers(arn):
    """Whether a KMS key is one that somebody made: AWS's own let everybody in the account through their service."""
    names = aliases(arn)
    return names is not None and not any(name.startswith("alias/aws/") for name in names)


# ---- Tags


def pairs(tags):
    """Tags as moto has them, whichever way, as a dictionary."""
    tags = tags or {}
    if isinstance(tags, dict):
        # IAM keeps the whole pair under its key
        return {key: value["Value"] if isinstance(value, dict) else value for key, value in tags.items()}
    return {tag.get("Key", tag.get("TagKey")): tag.get("Value", tag.get("TagValue", "")) for tag in tags}


def tags_of_identity(region, account, resource):
    kind, _, name = resource.partition("/")
    identities = store("iam", account, "aws")
    if not identities:
        return {}
    arn = f"arn:aws:iam::{account}:{resource}"
    if kind == "user":
        return identities.tagger.get_tag_dict_for_resource(arn)
    if kind == "role":
        found = role(arn)
    elif kind == "policy":
        found = identities.managed_policies.get(arn)
    elif kind == "oidc-provider":
        found = identities.open_id_providers.get(arn)
    else:
        found = identities.instance_profiles.get(name.rpartition("/")[2]) if kind == "instance-profile" else None
    return pairs(found.tags) if found else {}


def tags_of_parameter(region, account, resource):
    parameters, (kind, _, name) = store("ssm", account, region), resource.partition("/")
    if not parameters or kind != "parameter":
        return {}
    tags = parameters._resource_tags.get("Parameter", {})
    return tags.get(f"/{name}") or tags.get(name) or {}


def tags_of_network(region, account, resource):
    everything, id = store("ec2", account, region), resource.partition("/")[2]
    return dict(everything.tags.get(id, {})) if everything else {}


def tags_of_queue(region, account, resource):
    queues = store("sqs", account, region)
    found = queues and queues.queues.get(resource)
    return pairs(found.tags) if found else {}


def tags_of_topic(region, account, resource):
    found = topic(region, account, resource)
    return pairs(found._tags) if found else {}


def tags_of_function(region, account, resource):
    found = function(region, account, resource)
    return pairs(found.tags) if found else {}


def tags_of_secret(region, account, resource):
    found = secret(region, account, resource)
    return pairs(found.tags) if found else {}


def tagger(service, name=lambda arn: arn):
    """Tags of a service whose backend has them in moto's own tagger, under a name that the ARN tells."""

    def look(region, account, resource):
        backend = store(service, account, region)
        key = name(f"arn:aws:{service}:{region}:{account}:{resource}")
        return backend.tagger.get_tag_dict_for_resource(key) if backend else {}

    return look


def tags_of_table(region, account, resource):
    """They count in policies where ABAC is switched on, as it is in accounts since 2024-11."""
    tables = store("dynamodb", account, region)
    found = tables and "/" in resource and tables.tables.get(resource.split("/")[1])
    return pairs(found.tags) if found else {}


def tags_of_pool(region, account, resource):
    pools = store("cognito-idp", account, region)
    found = pools and pools.user_pools.get(resource.partition("/")[2])
    return pairs(found.extended_config.get("UserPoolTags")) if found else {}


def tags_of_trail(region, account, resource):
    trails, arn = store("cloudtrail", account, region), f"arn:aws:cloudtrail:{region}:{account}:{resource}"
    return trails.tagging_service.get_tag_dict_for_resource(arn) if trails else {}


TAGS = {
    "cloudtrail": tags_of_trail,
    "cloudwatch": tagger("cloudwatch"),
    "cognito-idp": tags_of_pool,
    "dynamodb": tags_of_table,
    "ec2": tags_of_network,
    "events": tagger("events"),
    "firehose": tagger("firehose"),
    "iam": tags_of_identity,
    "kms": tagger("kms", lambda arn: arn.rpartition("/")[2]),
    "lambda": tags_of_function,
    "logs": tagger("logs", lambda arn: re.sub(":log-stream:.*", "", arn)),
    "secretsmanager": tags_of_secret,
    "sns": tags_of_topic,
    "sqs": tags_of_queue,
    "ssm": tags_of_parameter,
}


def tags(arn):
    """The tags of a resource. Those of S3 are not among them: they count only in buckets that are switched to ABAC."""
    if arn == "*":
        return {}
    service, region, account, resource = split(arn)
    look = TAGS.get(service)
    return look(region, account, resource) if look else {}
