"""What moto 5.2.1 lacks, or answers otherwise than AWS, of the calls that a zone makes. Importing this puts it right.

Seen 2026-11-23; what AWS does is what its API references and its SDKs say. Nothing else of moto is touched, and
the zone's own code knows nothing of this: whoever pins another moto looks at each of these again.

service      call                          AWS                                    moto 5.2.1
S3           GetBucketVersioning           root VersioningConfiguration           root GetBucketVersioningResponse
S3           GetBucketEncryption           always answers: AES256 if none is put  error when none is put
             "                             has BlockedEncryptionTypes             forgets them
S3           GetObjectLockConfiguration    days or years                          a 0 for the other one
S3           GetBucketLifecycle...         what was put, an id for every rule     forgets sizes, newer versions, no id
S3           PutBucketTagging              keeps an empty value                   forgets it
S3           CreateBucket                  stores the Tags given, only these      forgets them, keeps a deleted bucket's
EventBridge  UpdateEventBus                replaces the configuration             not there (500)
EventBridge  Create-, DescribeEventBus     LogConfig; create answers them all     forgets it; create answers the ARN
EventBridge  PutPermission with Policy     replaces the policy                    adds to it, and needs Sids (500)
KMS          CreateKey                     KeyUsage is ENCRYPT_DECRYPT            KeyUsage is null
KMS          Enable-, DisableKey,          take a key's ARN                       500
             Schedule-, CancelKeyDeletion
KMS          Get-, PutKeyPolicy            PolicyName is `default`                needed, or NotFoundException
EC2          CreateVpc                     default group lets its own members in  lets nobody in
EC2          DescribeRouteTables           filter association.gateway-id          not there (500)
EC2          AssociateRouteTable           refuses a second one                   answers the first, or makes many
EC2          DescribeSubnets               state of an IPv6 block: a word        an object
EC2          ModifySubnetAttribute         DNS64, AAAA records, kind of names     takes no notice
EC2          ModifyVpcEndpoint             moves routes, switches private DNS     takes no notice
EC2          DeleteVpcEndpoints            says when there is none                fails on what is deleted already

Left as it is on purpose: GetKeyRotationStatus has no RotationPeriodInDays.
"""

import functools
import json
import uuid

import xmltodict
from moto.core.responses import ActionResult
from moto.core.utils import unix_time
from moto.ec2.exceptions import InvalidVpcEndPointIdError, ResourceAlreadyAssociatedError
from moto.ec2.models.route_tables import RouteBackend, RouteTable
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses.subnets import Subnets
from moto.ec2.responses.vpcs import VPCs
from moto.events.models import EventBus
from moto.events.responses import EventsHandler
from moto.kms import responses as kms_responses
from moto.kms.models import KmsBackend
from moto.s3.exceptions import DuplicateTagKeys, NoSystemTags
from moto.s3.models import FakeBucket, S3Backend, s3_backends
from moto.s3.responses import S3Response

S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
MINIMUM_SIZE_HEADER = "x-amz-transition-default-minimum-object-size"


def instead_of(owner):
    """Puts a function into the place of moto's of that name, which it gets as its first argument."""

    def put(function):
        original = getattr(owner, function.__name__)

        @functools.wraps(original)
        def call(*args, **kwargs):
            return function(original, *args, **kwargs)

        setattr(owner, function.__name__, call)
        return function

    return put


# ---- S3


# AWS: the root element is VersioningConfiguration, and the SDK for Rust refuses any other.
# moto: GetBucketVersioningResponse; its list of S3's root elements has every other call of a zone's.
@instead_of(S3Response)
def get_bucket_versioning(moto, self):
    status, headers, body = moto(self)
    return status, headers, body.replace("GetBucketVersioningResponse", "VersioningConfiguration")


# AWS: every bucket is encrypted (since 2023-01-05), also after DeleteBucketEncryption; blocked types are told.
# moto: ServerSideEncryptionConfigurationNotFoundError when none was put; of a rule it tells two elements only.
@instead_of(S3Response)
def get_bucket_encryption(moto, self):
    put = self.backend.get_bucket_encryption(self.bucket_name)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}
    rule |= put["Rule"] if put else {}
    if blocked := rule.get("BlockedEncryptionTypes"):
        types = blocked["EncryptionType"]
        rule["BlockedEncryptionTypes"] = {"EncryptionType": [types] if isinstance(types, str) else types}
    self.data["Action"] = "GetBucketEncryption"
    return self.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [rule]}}))


# AWS: a default retention has Days or Years.
# moto: both, one of them 0.
@instead_of(S3Backend)
def get_object_lock_configuration(moto, self, bucket_name):
    enabled, mode, days, years = moto(self, bucket_name)
    return enabled, mode, days or None, years or None


# AWS: answers the rules that were put, with an id for those that came without.
# moto: forgets ObjectSizeGreaterThan, ObjectSizeLessThan and NewerNoncurrentVersions of an expiration, gives no ids,
# and always answers the default TransitionDefaultMinimumObjectSize (which is put and told in a header).
@instead_of(FakeBucket)
def set_lifecycle(moto, self, rules):
    for rule in rules:
        rule["ID"] = rule.get("ID") or str(uuid.uuid4())
    moto(self, rules)
    self.rules_put = rules


@instead_of(S3Response)
def get_bucket_lifecycle(moto, self):
    status, headers, _ = moto(self)
    bucket = self.backend.get_bucket(self.bucket_name)
    if minimum := bucket.minimum_size_put:
        headers[MINIMUM_SIZE_HEADER] = minimum
    root = {"@xmlns": S3_NAMESPACE, "Rule": bucket.rules_put}
    return status, headers, xmltodict.unparse({"LifecycleConfiguration": root})


FakeBucket.minimum_size_put = None


# AWS: `<Value/>` of a tag without a value.
# moto: no element.
@instead_of(S3Response)
def _bucket_tagging_from_body(moto, self):
    return {key: value or "" for key, value in moto(self).items()}


# AWS: CreateBucketConfiguration may have Tags (since 2025), and a new bucket has no others.
# moto: forgets them; a bucket made anew has the tags of the deleted one of that name.
@instead_of(S3Response)
def _bucket_response_put(moto, self, request, bucket_name, querystring):
    is_new = bucket_name not in s3_backends.bucket_accounts
    tags = tags_of_create(self.body) if is_new else {}
    answer = moto(self, request, bucket_name, querystring)
    if is_new:
        self.backend.put_bucket_tagging(bucket_name, tags)
    if "lifecycle" in querystring:
        self.backend.get_bucket(bucket_name).minimum_size_put = request.headers.get(MINIMUM_SIZE_HEADER)
    return answer


def tags_of_create(body):
    """The tags in a CreateBucket's body; none in that of another call."""
    if b"<CreateBucketConfiguration" not in body:
        return {}
    configuration = xmltodict.parse(body, force_list=("Tag",))["CreateBucketConfiguration"] or {}
    given = (configuration.get("Tags") or {}).get("Tag", [])
    tags = {tag["Key"]: tag["Value"] or "" for tag in given}
    if len(tags) < len(given):
        raise DuplicateTagKeys()
    if any(key.startswith("aws:") for key in tags):
        raise NoSystemTags()
    return tags


# ---- EventBridge


# AWS: a bus has a LogConfig, too; CreateEventBus answers the configuration beside the ARN.
# moto: forgets LogConfig; CreateEventBus answers the ARN alone.
EventBus.log_config = None


def configuration(bus):
    """What of a bus can be changed, as far as it is set."""
    values = {
        "Description": bus.description,
        "KmsKeyIdentifier": bus.kms_key_identifier,
        "DeadLetterConfig": bus.dead_letter_config,
        "LogConfig": bus.log_config,
    }
    return {name: value for name, value in values.items() if value}


@instead_of(EventsHandler)
def create_event_bus(moto, self):
    body, headers = moto(self)
    bus = self.events_backend.describe_event_bus(self._get_param("Name"))
    bus.log_config = self._get_param("LogConfig")
    return json.dumps(json.loads(body) | configuration(bus)), headers


@instead_of(EventsHandler)
def describe_event_bus(moto, self):
    body, headers = moto(self)
    bus = self.events_backend.describe_event_bus(self._get_param("Name"))
    return json.dumps(json.loads(body) | configuration(bus)), headers


# AWS: UpdateEventBus (of the bus `default` when none is named) replaces the configuration: what is omitted is cleared.
# moto: does not have it.
def update_event_bus(self):
    bus = self.events_backend.describe_event_bus(self._get_param("Name"))
    bus.description = self._get_param("Description")
    bus.kms_key_identifier = self._get_param("KmsKeyIdentifier")
    bus.dead_letter_config = self._get_param("DeadLetterConfig")
    bus.log_config = self._get_param("LogConfig")
    bus.last_modified_time = unix_time()
    return self._create_response({"Arn": bus.arn, "Name": bus.name} | configuration(bus))


EventsHandler.update_event_bus = update_event_bus


class GivenStatement:
    """A statement of a policy, as it was given."""

    def __init__(self, statement):
        self.statement = statement
        self.principal = statement.get("Principal")

    def describe(self):
        return self.statement


# AWS: PutPermission with Policy puts this policy in the place of the one there was.
# moto: puts its statements beside those of other Sids; 500 for one without Sid, and for a statement outside a list.
@instead_of(EventBus)
def add_policy(moto, self, policy):
    statements = policy["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    self._statements = {given.get("Sid", i): GivenStatement(given) for i, given in enumerate(statements)}


# ---- KMS


# AWS: a key is for ENCRYPT_DECRYPT unless CreateKey says otherwise.
# moto: CreateKey and DescribeKey then answer null.
@instead_of(KmsBackend)
def create_key(moto, self, policy, key_usage, *args, **kwargs):
    return moto(self, policy, key_usage or "ENCRYPT_DECRYPT", *args, **kwargs)


# AWS: these take a key's id or ARN.
# moto: takes the ARN for an id, and answers 500.
@instead_of(KmsBackend)
def enable_key(moto, self, key_id):
    return moto(self, self.get_key_id(key_id))


@instead_of(KmsBackend)
def disable_key(moto, self, key_id):
    return moto(self, self.get_key_id(key_id))


@instead_of(KmsBackend)
def schedule_key_deletion(moto, self, key_id, pending_window_in_days):
    return moto(self, self.get_key_id(key_id), pending_window_in_days)


@instead_of(KmsBackend)
def cancel_key_deletion(moto, self, key_id):
    return moto(self, self.get_key_id(key_id))


# AWS: PolicyName of GetKeyPolicy and PutKeyPolicy may be omitted; there is only `default`.
# moto: NotFoundException, "No such policy exists".
@instead_of(kms_responses)
def _assert_default_policy(moto, policy_name):
    return moto("default" if policy_name is None else policy_name)


# ---- EC2


# AWS: the default security group lets in all from its own members.
# moto: makes it without that rule.
@instead_of(SecurityGroup)
def __init__(moto, self, *args, **kwargs):
    moto(self, *args, **kwargs)
    if self.is_default:
        itself = {"GroupId": self.id, "UserId": self.owner_id}
        rule = SecurityGroupRule(self.ec2_backend, "-1", self.id, None, None, None, itself, is_egress=False)
        self.ingress_rules.append(rule)


# AWS: finds route tables by the gateway that is associated with them.
# moto: does not know this filter.
@instead_of(RouteTable)
def get_filter_value(moto, self, filter_name, method_name=None):
    if filter_name == "association.gateway-id":
        filter_name = "association.subnet-id"  # which moto answers with all that is associated
    return moto(self, filter_name, method_name)


# AWS: a subnet or gateway has one association; another one is refused.
# moto: answers the one there is with whatever table; lets a gateway have many.
@instead_of(RouteBackend)
def associate_route_table(moto, self, route_table_id, gateway_id=None, subnet_id=None):
    if any((gateway_id or subnet_id) in table._associations.values() for table in self.route_tables.values()):
        raise ResourceAlreadyAssociatedError(gateway_id or subnet_id)
    return moto(self, route_table_id, gateway_id, subnet_id)


# AWS: the state of a subnet's IPv6 block is `associated`, or another word.
# moto: an object with one object in it, which the SDKs read as nothing.
@property
def ipv6_cidr_block_association_set(self):
    blocks = self.ipv6_cidr_block_associations.values()
    return [
        {
            "ipv6CidrBlock": block["ipv6CidrBlock"],
            "associationId": block["associationId"],
            "ipv6CidrBlockState": {"state": "associated"},
        }
        for block in blocks
        if block["ipv6CidrBlockState"]["State"] == "associated"
    ]


Subnet.ipv6_cidr_block_association_set = ipv6_cidr_block_association_set


# AWS: ModifySubnetAttribute changes these, too.
# moto: takes no notice of them.
@instead_of(Subnets)
def modify_subnet_attribute(moto, self):
    answer = moto(self)
    subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
    if (on := self._get_param("EnableDns64.Value")) is not None:
        subnet.enable_dns64 = on
    names = subnet.private_dns_name_options_on_launch
    if (on := self._get_param("EnableResourceNameDnsAAAARecordOnLaunch.Value")) is not None:
        names["EnableResourceNameDnsAAAARecord"] = on
    if kind := self._get_param("PrivateDnsHostnameTypeOnLaunch"):
        names["HostnameType"] = kind
    return answer


# AWS: a gateway endpoint's routes come and go with its route tables; private DNS can be switched.
# moto: leaves the routes as they were made, and the switch.
@instead_of(VPCs)
def modify_vpc_endpoint(moto, self):
    answer = moto(self)
    endpoint = self.ec2_backend.get_vpc_end_point(self._get_param("VpcEndpointId"))
    if (on := self._get_bool_param("PrivateDnsEnabled")) is not None:
        endpoint.private_dns_enabled = on
    if prefixes := endpoint.destination_prefix_list_id:
        for table in self._get_param("AddRouteTableIds", []):
            self.ec2_backend.create_route(
                table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes
            )
        for table in self._get_param("RemoveRouteTableIds", []):
            self.ec2_backend.delete_route(table, None, destination_prefix_list_id=prefixes)
    return answer


# AWS: deleting an endpoint that is deleted already says that there is none.
# moto: looks for its routes again, and fails.
@instead_of(VPCBackend)
def delete_vpc_endpoints(moto, self, vpce_ids=None):
    ids = [id for id in vpce_ids or [] if id in self.vpc_end_points and self.vpc_end_points[id].state != "deleted"]
    if not ids:
        raise InvalidVpcEndPointIdError((vpce_ids or [""])[0])
    moto(self, ids)
