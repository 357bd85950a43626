"""Written from the definition of contract `zone`; do not edit. `ZONE_BLESS=1 cargo test -p contract` writes the zone's."""

from __future__ import annotations

from typing import Final, Literal

from zone_contract.runtime import Arn, Contract, Snapshot, Template

VERSION: Final = 2
"""The newest version that this client knows."""

Stack = Literal[
    "network",
    "kms",
    "storage",
    "events",
    "identity",
    "delivery",
    "roles",
    "trail",
    "observability",
    "access",
]
"""The stacks that publish the paths."""

TEMPLATES: Final[tuple[Template, ...]] = (
    Template(
        path="network/vpc-id",
        kind="String",
        pattern="^vpc-([0-9a-f]{8}|[0-9a-f]{17})$",
        owner="network",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="id of the VPC",
    ),
    Template(
        path="network/private-subnet-ids",
        kind="StringList",
        pattern="^subnet-([0-9a-f]{8}|[0-9a-f]{17})$",
        owner="network",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ids of the private subnets, in the order of their availability zones",
    ),
    Template(
        path="network/public-subnet-ids",
        kind="StringList",
        pattern="^subnet-([0-9a-f]{8}|[0-9a-f]{17})$",
        owner="network",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ids of the public subnets, in the order of their availability zones",
    ),
    Template(
        path="kms/{class}/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:kms:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
        owner="kms",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the key of data class {class}",
    ),
    Template(
        path="s3/{purpose}/name",
        kind="String",
        pattern="^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        owner="storage",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="name of the {purpose} bucket",
    ),
    Template(
        path="s3/{purpose}/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        owner="storage",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the {purpose} bucket",
    ),
    Template(
        path="s3/pulumi-state/login-url",
        kind="String",
        pattern="^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\\?region=[a-z]+(-[a-z]+)+-[0-9]+&awssdk=v2&ssetype=aws:kms&kmskeyid=arn:aws(-[a-z]+)*:kms:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:key/[0-9a-z-]+$",
        owner="storage",
        except_=(),
        versions=(2,),
        since=2,
        deprecated_since=None,
        description="URL for `pulumi login`: the state bucket, with the key that it asks for",
    ),
    Template(
        path="eventbridge/{bus}/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:events:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]{1,256}$",
        owner="events",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the event bus {bus}",
    ),
    Template(
        path="eventbridge/{bus}/dlq-arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:sqs:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$",
        owner="events",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the queue for events of {bus} that no target took",
    ),
    Template(
        path="eventbridge/{bus}/archive-arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:events:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:archive/[A-Za-z0-9._-]{1,48}$",
        owner="events",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the archive of {bus}",
    ),
    Template(
        path="cognito/{pool}/pool-id",
        kind="String",
        pattern="^[a-z]+(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+$",
        owner="identity",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="id of the user pool {pool}",
    ),
    Template(
        path="cognito/{pool}/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:cognito-idp:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:userpool/[a-z]+(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+$",
        owner="identity",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the user pool {pool}",
    ),
    Template(
        path="cognito/{pool}/client/{client}",
        kind="String",
        pattern="^[A-Za-z0-9_+]{1,128}$",
        owner="identity",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="id of the client {client} of the user pool {pool}; its secret, if any, is not in the contract",
    ),
    Template(
        path="firehose/{stream}/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:firehose:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:deliverystream/[A-Za-z0-9_.-]{1,64}$",
        owner="delivery",
        except_=("dlq",),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the delivery stream {stream}",
    ),
    Template(
        path="firehose/dlq/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:sqs:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$",
        owner="delivery",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the queue that tells of records which could not be delivered",
    ),
    Template(
        path="iam/lambda/{bus}/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$",
        owner="roles",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the Lambda execution role of {bus}",
    ),
    Template(
        path="cloudtrail/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:cloudtrail:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:trail/[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$",
        owner="trail",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the trail",
    ),
    Template(
        path="cloudtrail/log-group-arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:logs:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:log-group:[A-Za-z0-9._/#-]{1,512}$",
        owner="trail",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the trail's log group",
    ),
    Template(
        path="logs/{platform}/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:logs:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:log-group:[A-Za-z0-9._/#-]{1,512}$",
        owner="observability",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the log group of {platform}",
    ),
    Template(
        path="sns/alerts/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:sns:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$",
        owner="observability",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the topic for alarms",
    ),
    Template(
        path="xray/sampling/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:xray:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:sampling-rule/[A-Za-z0-9_-]{1,32}$",
        owner="observability",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the default sampling rule",
    ),
    Template(
        path="iam/cicd/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$",
        owner="access",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the role that deploys",
    ),
    Template(
        path="iam/break-glass/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$",
        owner="access",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the role for emergencies",
    ),
    Template(
        path="iam/secrets-read/arn",
        kind="String",
        pattern="^arn:aws(-[a-z]+)*:iam::[0-9]{12}:policy/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}$",
        owner="access",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="ARN of the managed policy that lets its holder read secrets",
    ),
    Template(
        path="contract/version",
        kind="String",
        pattern="^[1-9][0-9]{0,8}$",
        owner="contract",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="version of this contract",
    ),
    Template(
        path="contract/digest",
        kind="String",
        pattern="^[0-9a-f]{64}$",
        owner="contract",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="SHA-256 over version, names and values; written last, so it tells a whole publication from half a one",
    ),
    Template(
        path="contract/published-at",
        kind="String",
        pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$",
        owner="contract",
        except_=(),
        versions=(1, 2),
        since=1,
        deprecated_since=None,
        description="when this contract was last published, RFC 3339 in UTC",
    ),
)
"""Every path of every version."""


class Zone(Snapshot[Stack]):
    """The contract `zone` of one environment, as it was read at one time."""

    def vpc_id(self) -> str:
        """Id of the VPC: `network/vpc-id` of stack network, since version 1."""
        return self._text("network/vpc-id")

    def private_subnet_ids(self) -> tuple[str, ...]:
        """Ids of the private subnets, in the order of their availability zones: `network/private-subnet-ids` of stack network, since version 1."""
        return self._list("network/private-subnet-ids")

    def public_subnet_ids(self) -> tuple[str, ...]:
        """Ids of the public subnets, in the order of their availability zones: `network/public-subnet-ids` of stack network, since version 1."""
        return self._list("network/public-subnet-ids")

    def key_arn(self, class_: str) -> Arn:
        """ARN of the key of data class {class}: `kms/{class}/arn` of stack kms, since version 1."""
        return self._arn("kms/{class}/arn", class_)

    def bucket_name(self, purpose: str) -> str:
        """Name of the {purpose} bucket: `s3/{purpose}/name` of stack storage, since version 1."""
        return self._text("s3/{purpose}/name", purpose)

    def bucket_arn(self, purpose: str) -> Arn:
        """ARN of the {purpose} bucket: `s3/{purpose}/arn` of stack storage, since version 1."""
        return self._arn("s3/{purpose}/arn", purpose)

    def state_login_url(self) -> str:
        """URL for `pulumi login`: the state bucket, with the key that it asks for: `s3/pulumi-state/login-url` of stack storage, since version 2."""
        return self._text("s3/pulumi-state/login-url")

    def bus_arn(self, bus: str) -> Arn:
        """ARN of the event bus {bus}: `eventbridge/{bus}/arn` of stack events, since version 1."""
        return self._arn("eventbridge/{bus}/arn", bus)

    def bus_dlq_arn(self, bus: str) -> Arn:
        """ARN of the queue for events of {bus} that no target took: `eventbridge/{bus}/dlq-arn` of stack events, since version 1."""
        return self._arn("eventbridge/{bus}/dlq-arn", bus)

    def bus_archive_arn(self, bus: str) -> Arn:
        """ARN of the archive of {bus}: `eventbridge/{bus}/archive-arn` of stack events, since version 1."""
        return self._arn("eventbridge/{bus}/archive-arn", bus)

    def pool_id(self, pool: str) -> str:
        """Id of the user pool {pool}: `cognito/{pool}/pool-id` of stack identity, since version 1."""
        return self._text("cognito/{pool}/pool-id", pool)

    def pool_arn(self, pool: str) -> Arn:
        """ARN of the user pool {pool}: `cognito/{pool}/arn` of stack identity, since version 1."""
        return self._arn("cognito/{pool}/arn", pool)

    def client_id(self, pool: str, client: str) -> str:
        """Id of the client {client} of the user pool {pool}; its secret, if any, is not in the contract: `cognito/{pool}/client/{client}` of stack identity, since version 1."""
        return self._text("cognito/{pool}/client/{client}", pool, client)

    def stream_arn(self, stream: str) -> Arn:
        """ARN of the delivery stream {stream}: `firehose/{stream}/arn` of stack delivery, since version 1."""
        return self._arn("firehose/{stream}/arn", stream)

    def delivery_dlq_arn(self) -> Arn:
        """ARN of the queue that tells of records which could not be delivered: `firehose/dlq/arn` of stack delivery, since version 1."""
        return self._arn("firehose/dlq/arn")

    def lambda_role_arn(self, bus: str) -> Arn:
        """ARN of the Lambda execution role of {bus}: `iam/lambda/{bus}/arn` of stack roles, since version 1."""
        return self._arn("iam/lambda/{bus}/arn", bus)

    def trail_arn(self) -> Arn:
        """ARN of the trail: `cloudtrail/arn` of stack trail, since version 1."""
        return self._arn("cloudtrail/arn")

    def trail_log_group_arn(self) -> Arn:
        """ARN of the trail's log group: `cloudtrail/log-group-arn` of stack trail, since version 1."""
        return self._arn("cloudtrail/log-group-arn")

    def log_group_arn(self, platform: str) -> Arn:
        """ARN of the log group of {platform}: `logs/{platform}/arn` of stack observability, since version 1."""
        return self._arn("logs/{platform}/arn", platform)

    def alerts_topic_arn(self) -> Arn:
        """ARN of the topic for alarms: `sns/alerts/arn` of stack observability, since version 1."""
        return self._arn("sns/alerts/arn")

    def sampling_rule_arn(self) -> Arn:
        """ARN of the default sampling rule: `xray/sampling/arn` of stack observability, since version 1."""
        return self._arn("xray/sampling/arn")

    def cicd_role_arn(self) -> Arn:
        """ARN of the role that deploys: `iam/cicd/arn` of stack access, since version 1."""
        return self._arn("iam/cicd/arn")

    def break_glass_role_arn(self) -> Arn:
        """ARN of the role for emergencies: `iam/break-glass/arn` of stack access, since version 1."""
        return self._arn("iam/break-glass/arn")

    def secrets_read_policy_arn(self) -> Arn:
        """ARN of the managed policy that lets its holder read secrets: `iam/secrets-read/arn` of stack access, since version 1."""
        return self._arn("iam/secrets-read/arn")


ZONE: Final[Contract[Zone]] = Contract(
    name="zone",
    version=VERSION,
    templates=TEMPLATES,
    snapshot=Zone,
)
"""The contract `zone`."""
