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
EventBridge  UpdateEventBus                changes what it is given               not there (500)
EventBridge  Create-, DescribeEventBus     LogConfig; create answers them all     forgets it; create answers the ARN
EventBridge  PutPermission with Policy     replaces the policy                    adds to it, and needs Sids (500)
KMS          CreateKey                     KeyUsage is ENCRYPT_DECRYPT            KeyUsage is null
KMS          Enable-, DisableKey,          take a key's ARN                       500
             Schedule-, CancelKeyDeletion
KMS          Get-, PutKeyPolicy            PolicyName is `default`                needed, or NotFoundException
CloudTrail   CreateTrail                   a name is taken once                   replaces the trail of that name
             GetTrail                      tells the home region, and whether     forgets them
             "                             recursive events are logged
             Start-, StopLogging,          take a trail's ARN                     500; DeleteTrail does nothing
             DeleteTrail
             DeleteTrail                   its tags go with it                    kept for the next of that name
             Put-, GetEventSelectors       basic or advanced; default: all        keeps both; none
                                           management events
             PutInsightSelectors           replaces them                          adds to them
             GetInsightSelectors           InsightNotEnabledException if none     none
Firehose     Create-, StartDelivery-       Status of the encryption               no status when created
             StreamEncryption
             StopDeliveryStreamEncryption  of a stream without encryption, too    500
Logs         CreateLogGroup                class, deletion protection             forgets them
             AssociateKmsKey, Disassoc..,  set, or clear                          not there (500)
             PutLogGroupDeletionProtection
             DeleteLogGroup                refused while protected; tags go       deletes; tags stay for the next one
SQS          SetQueueAttributes            changes what is given                  forgets a policy that is not
             Set-, GetQueueAttributes      RedriveAllowPolicy; empty clears       does not tell it, refuses its name
SNS          CreateTopic                   refuses other tags or attributes       answers the topic there is
             Set-, GetTopicAttributes      all that were set; empty clears        tells some of them
S3           GetBucketNotification...      has EventBridgeConfiguration           forgets it
Cognito      (cognito.py)                  tags; protection of pools; MFA; ...    see there
S3           every call                    refuses x-amz-expected-bucket-owner   takes no notice
             "                             that is another's (403)
S3           calls on objects, ListObj...  PermanentRedirect (301) from another  answer
             "                             region, which is named
S3           PutObject with a condition    one of many at once succeeds          rests on nothing
S3           DeleteObjects                 takes delete markers, too              500 when one is a key's last version
S3           calls under a bucket policy   its conditions decide                 a Deny counts, whatever they say
KMS          Encrypt, Decrypt, Generate... refuse a key that is disabled, or      use it
             "                             waits for its deletion
CloudTrail   LookupEvents (history.py)     management events of 90 days          not there (501)
X-Ray        (xray.py)                     sampling rules                         not there (404)
IAM          CreateOpenIDConnectProvider   finds out the thumbprint               keeps none
IAM          AddClientIDTo-, Remove...     as their names say                     not there (500)
IAM          DeletePolicy                  refuses what is attached, or has more  deletes it
             "                             versions
IAM          GetPolicyVersion              the document percent-encoded           as it was put
STS          GetSessionToken               keys of the caller's own               always the same, nobody's
Organiz.     CreateAccount                 its role may do everything             it has no rights
Organiz.     ListAccounts, ListRoots,      refuse members                         answer them; 500
             ListAWSServiceAccess...,
             CreatePolicy
Organiz.     Create-, UpdatePolicy         an SCP has a limited size              takes any
Organiz.     AttachPolicy                  refuses what is attached already, a    takes them
             "                             type not enabled, too many SCPs
Organiz.     DetachPolicy                  refuses what is not attached, and the  takes them
             "                             last SCP of a target
EC2          CreateVpc                     default group lets its own members in  lets nobody in
EC2          DescribeRouteTables           filter association.gateway-id          not there (500)
EC2          AssociateRouteTable           refuses a second one                   answers the first, or makes many
EC2          DescribeSubnets               state of an IPv6 block: a word        an object
EC2          ModifySubnetAttribute         DNS64, AAAA records, kind of names     takes no notice
EC2          ModifyVpcEndpoint             moves routes, switches private DNS     takes no notice
EC2          DeleteVpcEndpoints            says when there is none                fails on what is deleted already
KMS          DescribeKey of alias/aws/..   a key of AWS's own                     one of the account
KMS          GetKeyRotationStatus          tells the period and the next date     only whether it rotates
S3           PutBucketNotification...      the destination must let S3 in         takes any ARN
             (triggers.py)
S3           notifications                 of every version and delete marker;    of the last version; calls functions
             "                             with version, order and caller         at once, whatever their policy says
S3           PutBucketLogging              the target must let S3 write           500 for some policies; looks at no
             (access_logs.py)                                                     condition; forgets the form of keys
EventBridge  rules                         a disabled one sends nothing;          sends; 501
             (triggers.py)                 functions are targets
Lambda       (functions.py)                invocations; configuration; policies;  Docker; forgets much; see there
             "                             event invoke configurations
CloudWatch   (alarms.py)                   alarms change their state; all of      stay as they are made; some of it
             "                             what was put is told
CloudWatch   every call (cbor.py)          speaks CBOR                            does not
DynamoDB     (tables.py)                   contributor insights; encryption;      not there (501); forgets them
             "                             limits on demand; classes; tags
"""

import fnmatch
import functools
import hashlib
import json
import threading
import uuid

import flask
import xmltodict
from moto.cloudtrail.models import CloudTrailBackend, Trail
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult
from moto.core.serialize import url_encode
from moto.core.utils import unix_time
from moto.ec2.exceptions import EC2ClientError, InvalidVpcEndPointIdError, ResourceAlreadyAssociatedError
from moto.ec2.models.route_tables import RouteBackend, RouteTable
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses.subnets import Subnets
from moto.ec2.responses.vpcs import VPCs
from moto.events.models import Archive, EventBus, EventPattern
from moto.events.responses import EventsHandler
from moto.firehose.models import FirehoseBackend
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.responses import IamResponse
from moto.kms import models as kms_models
from moto.kms import responses as kms_responses
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse
from moto.organizations.exceptions import (
    AWSOrganizationsNotInUseException,
    ConstraintViolationException,
    OrganizationsClientError,
    PolicyTypeNotEnabledException,
)
from moto.organizations.models import FakeRoot, OrganizationsBackend, organizations_backends
from moto.s3.exceptions import DuplicateTagKeys, NoSystemTags, S3AccessDeniedError
from moto.s3.models import FakeBucket, FakeDeleteMarker, S3Backend, s3_backends
from moto.s3.responses import S3Response
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend
from moto.sns.responses import SNSResponse
from moto.sqs.models import Queue, SQSBackend
from moto.sts.models import STSBackend
from moto.sts.responses import TokenResponse
from moto.sts.utils import random_session_token

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


# AWS: a bucket that holds objects takes a lock configuration, which counts for what is written from then on.
# <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html>, as of 2026-11
# moto: refuses it, as S3 did until 2023.
@instead_of(S3Backend)
def put_object_lock_configuration(moto, self, bucket_name, *args, **kwargs):
    bucket = self.get_bucket(bucket_name)
    held, bucket.keys = bucket.keys, type(bucket.keys)()
    try:
        return moto(self, bucket_name, *args, **kwargs)
    finally:
        bucket.keys = held


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


# AWS: a bucket's notifications may go to EventBridge.
# moto: keeps that and sends them, but does not tell it; a configuration that is empty has another root element.
@instead_of(S3Response)
def get_bucket_notification(moto, self):
    self.data["Action"] = "GetBucketNotificationConfiguration"
    put = self.backend.get_bucket_notification_configuration(self.bucket_name)
    if not put:
        return self.serialized(ActionResult({}))
    status, headers, body = moto(self)
    if put.event_bridge is not None:
        end = "</NotificationConfiguration>"
        body = body.replace(end, "<EventBridgeConfiguration/>" + end)
    return status, headers, body


# AWS: a call that names another account than the bucket's owner is denied.
# <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>, as of 2026-11
# moto: takes no notice of the header.
def refuse_other_owner(self, bucket_name):
    expected = self.headers.get("x-amz-expected-bucket-owner")
    _, owner = s3_backends.bucket_accounts.get(bucket_name, (None, expected))
    if expected and expected != owner:
        raise S3AccessDeniedError()


# AWS: objects of a bucket are answered by the endpoint of its region; others name that region.
# <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>, as of 2026-11
# moto: answers in every region.
def redirected(self, bucket_name):
    if bucket_name not in s3_backends.bucket_accounts:
        return None
    region = self.backend.get_bucket(bucket_name).region_name
    if region == self.region or "Authorization" not in self.headers:
        return None
    message = "The bucket you are attempting to access must be addressed using the specified endpoint."
    endpoint = f"<Endpoint>{bucket_name}.s3.{region}.amazonaws.com</Endpoint><Bucket>{bucket_name}</Bucket>"
    body = f"<Error><Code>PermanentRedirect</Code><Message>{message}</Message>{endpoint}</Error>"
    return 301, {"x-amz-bucket-region": region, "content-type": "application/xml"}, body


@instead_of(S3Response)
def _bucket_response(moto, self, request, full_url):
    bucket_name = self.parse_bucket_name_from_url(request, full_url)
    refuse_other_owner(self, bucket_name)
    lists = request.method == "GET" and "list-type" in self._get_querystring(request, full_url)
    return (lists and redirected(self, bucket_name)) or moto(self, request, full_url)


@instead_of(S3Response)
def _key_response(moto, self, request, full_url):
    bucket_name = self.parse_bucket_name_from_url(request, full_url)
    refuse_other_owner(self, bucket_name)
    answer = redirected(self, bucket_name) or moto(self, request, full_url)
    if answer == (403, {}, ""):
        raise S3AccessDeniedError()
    return answer


# AWS: of conditional writes of a key at once, one succeeds.
# <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>, as of 2026-11
# moto: looks first and writes then. serve.py's turn keeps others out in between, but no longer than 5 s.
WRITES = threading.RLock()


@instead_of(S3Response)
def put_object(moto, self):
    with WRITES:
        return moto(self)


# AWS: a delete marker is deleted as any other version.
# <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManagingDelMarkers.html>, as of 2026-11
# moto: closes the file of each version that it deletes, and a delete marker has none.
FakeDeleteMarker.dispose = lambda self, garbage=False: None


# AWS: a statement of a bucket policy counts when its conditions hold, and a denial has a code. What follows is what is left of
# that where nobody judges calls by all their policies (authorize.py).
# <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>, as of 2026-11
# moto: looks at no condition, so that a Deny with one denies everything; answers a denial with nothing but its status.
def holds(operator, key, wanted, headers):
    known = {
        # the loopback stands for the TLS in front of AWS
        "aws:SecureTransport": "true",
        "s3:x-amz-acl": headers.get("x-amz-acl"),
        "s3:x-amz-server-side-encryption": headers.get("x-amz-server-side-encryption"),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": headers.get("x-amz-server-side-encryption-aws-kms-key-id"),
        # nobody who calls the emulator is a service
        "aws:PrincipalServiceName": None,
        "aws:SourceArn": None,
    }
    value = known.get(key)
    wanted = wanted if isinstance(wanted, list) else [wanted]
    match operator:
        case "Null":
            return (value is None) == (str(wanted[0]).lower() == "true")
        case "StringEquals" | "ArnEquals" | "Bool":
            return value is not None and value in wanted
        case "StringNotEquals" | "ArnNotEquals":
            return value not in wanted
        case "StringLike" | "ArnLike":
            return value is not None and any(fnmatch.fnmatchcase(value, pattern) for pattern in wanted)
        case "StringNotLike" | "ArnNotLike":
            return value is None or not any(fnmatch.fnmatchcase(value, pattern) for pattern in wanted)
    # one that is not evaluated never lets anything pass that AWS would deny
    return True


@instead_of(FakeBucket)
def get_permission(moto, self, action, resource):
    environ = flask.request.environ if flask.has_request_context() else {}
    if environ.get("zone.authorized"):
        # authorize.py has judged the call; of DeleteObjects, each object
        denied = resource.partition("/")[2] in environ.get("zone.denied_keys", ())
        return PermissionResult.DENIED if denied else PermissionResult.PERMITTED
    if self.policy is None:
        return moto(self, action, resource)
    headers = flask.request.headers if flask.has_request_context() else {}
    document = json.loads(self.policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    counts = [
        statement
        for statement in statements
        if all(
            holds(operator, key, wanted, headers)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    ]
    bare = [{name: part for name, part in statement.items() if name != "Condition"} for statement in counts]
    return IAMPolicy(json.dumps({**document, "Statement": bare})).is_action_permitted(action, resource)


# ---- STS


# AWS: GetSessionToken gives keys of the caller's own.
# <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>, as of 2026-11
# moto: always the same ones, which are nobody's.
@instead_of(TokenResponse)
def get_session_token(moto, self):
    answer = moto(self)
    key = iam_backends[self.current_account]["aws"].create_temp_access_key()
    key.session_of, key.mfa = self.access_key, bool(self._get_param("TokenCode"))
    names = {"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}
    answer.result["Credentials"] |= names | {"SessionToken": random_session_token()}
    return answer


@instead_of(STSBackend)
def get_caller_identity(moto, self, access_key_id, region):
    key = iam_backends[self.account_id]["aws"].access_keys.get(access_key_id)
    return moto(self, getattr(key, "session_of", access_key_id), region)


# ---- VPC endpoints


# AWS: a route table has one route to a service's prefix list, and so one gateway endpoint for it.
# <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>, as of 2026-11
# moto: makes a second one, and deleting it takes the first one's route.
@instead_of(VPCBackend)
def create_vpc_endpoint(moto, self, vpc_id, service_name, endpoint_type, policy_document, route_table_ids, *args, **kwargs):
    for table in route_table_ids or []:
        for endpoint in self.vpc_end_points.values():
            if endpoint.service_name == service_name and table in (endpoint.route_table_ids or []):
                raise EC2ClientError(
                    "RouteAlreadyExists",
                    f"route table {table} already has a route with destination-prefix-list-id of {service_name}",
                )
    return moto(self, vpc_id, service_name, endpoint_type, policy_document, route_table_ids, *args, **kwargs)


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


# AWS: UpdateArchive leaves what it is not given, and clears what it is given empty; 0 days are for ever.
# moto: leaves what it is given empty.
@instead_of(Archive)
def update(moto, self, description, event_pattern, retention):
    moto(self, description, event_pattern, retention)
    if description == "":
        self.description = None
    if event_pattern == "":
        self.event_pattern = EventPattern.load(None)
    if retention == 0:
        self.retention = 0


# AWS: UpdateEventBus (of the bus `default` when none is named) leaves what it is not given; what is given empty is cleared.
# moto: does not have it.
def update_event_bus(self):
    bus = self.events_backend.describe_event_bus(self._get_param("Name"))
    given = {
        "description": self._get_param("Description"),
        "kms_key_identifier": self._get_param("KmsKeyIdentifier"),
        "dead_letter_config": self._get_param("DeadLetterConfig"),
        "log_config": self._get_param("LogConfig"),
    }
    for name, value in given.items():
        if value is not None:
            setattr(bus, name, value or None)
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


# AWS: a key rotates every 365 days, or as often as EnableKeyRotation says (90 to 2560 days), and tells it.
# <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>, as of 2026-11
# moto: knows no period.
def rotating_key(responses):
    backend = responses.kms_backend
    return backend.keys[backend.get_key_id(responses._get_param("KeyId"))]


@instead_of(KmsResponse)
def enable_key_rotation(moto, self):
    answered = moto(self)
    key = rotating_key(self)
    key.rotation_period = self._get_param("RotationPeriodInDays") or getattr(key, "rotation_period", 365)
    key.rotates_from = unix_time()
    return answered


@instead_of(KmsResponse)
def get_key_rotation_status(moto, self):
    status = json.loads(moto(self))
    if status["KeyRotationEnabled"]:
        key = rotating_key(self)
        period = getattr(key, "rotation_period", 365)
        next_rotation = getattr(key, "rotates_from", unix_time()) + period * 24 * 60 * 60
        status |= {"KeyId": key.arn, "RotationPeriodInDays": period, "NextRotationDate": next_rotation}
    return json.dumps(status)


# moto: makes an RSA key pair of a symmetric key, too, for up to a tenth of a second in which nobody else is answered.
class LateKey:
    """A key pair that is made when somebody asks for it."""

    def __init__(self, make):
        self.make = make

    @functools.cached_property
    def made(self):
        return self.make()

    def sign(self, *args):
        return self.made.sign(*args)

    def verify(self, *args):
        return self.made.verify(*args)

    def public_key(self):
        return self.made.public_key()


@instead_of(kms_models)
def generate_private_key(moto, key_spec):
    return moto(key_spec) if key_spec.startswith(("RSA", "ECC")) else LateKey(lambda: moto(key_spec))


# AWS: PolicyName of GetKeyPolicy and PutKeyPolicy may be omitted; there is only `default`.
# moto: NotFoundException, "No such policy exists".
@instead_of(kms_responses)
def _assert_default_policy(moto, policy_name):
    return moto("default" if policy_name is None else policy_name)


# AWS: a key that is disabled, or waits for its deletion, encrypts and decrypts nothing.
# <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>, as of 2026-11
# moto: uses it.
def refuse_unusable(key):
    if key.key_state == "Disabled":
        raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")
    if key.key_state == "PendingDeletion":
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


@instead_of(KmsBackend)
def encrypt(moto, self, key_id, plaintext, encryption_context):
    if key := self.keys.get(self.any_id_to_key_id(key_id)):
        refuse_unusable(key)
    return moto(self, key_id, plaintext, encryption_context)


@instead_of(KmsBackend)
def decrypt(moto, self, *args, **kwargs):
    plaintext, arn = moto(self, *args, **kwargs)
    refuse_unusable(self.keys[self.get_key_id(arn)])
    return plaintext, arn


# AWS: a key behind `alias/aws/..` is AWS's own in the account.
# moto: makes it when it is first asked for, as one of the account's.
@instead_of(KmsBackend)
def create_alias(moto, self, target_key_id, alias_name):
    alias = moto(self, target_key_id, alias_name)
    if alias_name.startswith("alias/aws/"):
        self.keys[self.get_key_id(target_key_id)].key_manager = "AWS"
    return alias


# ---- CloudTrail


# AWS: a trail's name is taken once in a region.
# moto: puts the new trail in the place of the other.
@instead_of(CloudTrailBackend)
def create_trail(moto, self, name, *args, **kwargs):
    if name in self.trails:
        message = f"Trail {name} already exists for customer: {self.account_id}"
        raise JsonRESTError("TrailAlreadyExistsException", message)
    return moto(self, name, *args, **kwargs)


# AWS: these take a trail's name or ARN; a trail's tags go with it.
# moto: takes the ARN for a name, and answers 500, or deletes nothing; keeps the tags for the next trail of that name.
@instead_of(CloudTrailBackend)
def start_logging(moto, self, name):
    moto(self, self.get_trail(name).trail_name)


@instead_of(CloudTrailBackend)
def stop_logging(moto, self, name):
    moto(self, self.get_trail(name).trail_name)


@instead_of(CloudTrailBackend)
def delete_trail(moto, self, name):
    trail = self.get_trail(name)
    self.tagging_service.delete_all_tags_for_resource(trail.arn)
    moto(self, trail.trail_name)


# AWS: GetTrail tells the home region.
# moto: only DescribeTrails does.
@instead_of(Trail)
def description(moto, self, include_region=False):
    return {**moto(self, True), "RecursiveLogging": getattr(self, "recursive_logging", True)}


# AWS: RecursiveLogging is true until it is said otherwise, and is told by GetTrail.
# moto: knows nothing of it.
@instead_of(CloudTrailResponse)
def create_trail(moto, self):
    moto(self)
    trail = self.cloudtrail_backend.get_trail(self._get_param("Name"))
    trail.recursive_logging = self._get_param("RecursiveLogging", True)
    return json.dumps(trail.description())


@instead_of(CloudTrailResponse)
def update_trail(moto, self):
    moto(self)
    trail = self.cloudtrail_backend.get_trail(self._get_param("Name"))
    if self._get_param("RecursiveLogging") is not None:
        trail.recursive_logging = self._get_param("RecursiveLogging")
    return json.dumps(trail.description())


# AWS: a trail has basic event selectors or advanced ones; until some are put, all management events.
# moto: basic ones hide advanced ones without removing them; until some are put, none.
@instead_of(Trail)
def put_event_selectors(moto, self, event_selectors, advanced_event_selectors):
    self.event_selectors = event_selectors or []
    self.advanced_event_selectors = advanced_event_selectors or []


@instead_of(Trail)
def get_event_selectors(moto, self):
    if self.event_selectors or self.advanced_event_selectors:
        return self.event_selectors, self.advanced_event_selectors
    default = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }
    return [default], []


# AWS: PutInsightSelectors replaces them; without any, GetInsightSelectors is an error.
# moto: adds to them; without any, an answer without any.
@instead_of(Trail)
def put_insight_selectors(moto, self, insight_selectors):
    self.insight_selectors = insight_selectors


@instead_of(CloudTrailResponse)
def get_insight_selectors(moto, self):
    trail = self.cloudtrail_backend.get_trail(self._get_param("TrailName"))
    if not trail.insight_selectors:
        message = f"Trail {trail.arn} does not have Insights enabled"
        raise JsonRESTError("InsightNotEnabledException", message)
    return moto(self)


# ---- Firehose


# AWS: tells how far the encryption is.
# moto: not of a stream that is made with it.
@instead_of(FirehoseBackend)
def create_delivery_stream(moto, self, *args, **kwargs):
    arn = moto(self, *args, **kwargs)
    if encryption := self.lookup_name_from_arn(arn).delivery_stream_encryption_configuration:
        encryption["Status"] = "ENABLED"
    return arn


# AWS: a stream may be told to stop what it does not do.
# moto: 500.
@instead_of(FirehoseBackend)
def stop_delivery_stream_encryption(moto, self, stream_name):
    stream = self.delivery_streams.get(stream_name)
    if stream and not stream.delivery_stream_encryption_configuration:
        stream.delivery_stream_encryption_configuration = {}
    moto(self, stream_name)


# ---- CloudWatch Logs


# AWS: a group is of a class, and may be protected from deletion; both can be told when it is made.
# moto: forgets them.
LogGroup.log_group_class = "STANDARD"
LogGroup.deletion_protection_enabled = False


@instead_of(LogsResponse)
def create_log_group(moto, self):
    answer = moto(self)
    group = self.logs_backend.groups[self._get_param("logGroupName")]
    group.log_group_class = self._get_param("logGroupClass") or "STANDARD"
    group.deletion_protection_enabled = bool(self._get_param("deletionProtectionEnabled"))
    return answer


@instead_of(LogGroup)
def to_describe_dict(moto, self):
    more = {
        "logGroupClass": self.log_group_class,
        "deletionProtectionEnabled": self.deletion_protection_enabled,
    }
    return moto(self) | more


# AWS: has these.
# moto: does not.
def change_of_log_group(parameter, change):
    def call(self):
        name = self._get_param(parameter).removesuffix(":*").split(":log-group:")[-1]
        change(self.logs_backend._find_log_group(log_group_name=name), self._get_param)
        return "{}"

    return call


def set_key(group, given):
    group.kms_key_id = given("kmsKeyId")


def set_protection(group, given):
    group.deletion_protection_enabled = given("deletionProtectionEnabled")


LogsResponse.associate_kms_key = change_of_log_group("logGroupName", set_key)
LogsResponse.disassociate_kms_key = change_of_log_group("logGroupName", set_key)
LogsResponse.put_log_group_deletion_protection = change_of_log_group("logGroupIdentifier", set_protection)


# AWS: does not delete a protected group; a group's tags go with it.
# moto: keeps the tags for the next group of that name.
@instead_of(LogsBackend)
def delete_log_group(moto, self, log_group_name):
    group = self._find_log_group(log_group_name=log_group_name)
    if group.deletion_protection_enabled:
        message = "The log group cannot be deleted because deletion protection is enabled"
        raise JsonRESTError("ValidationException", message)
    self.tagger.delete_all_tags_for_resource(group.arn)
    moto(self, log_group_name)


# ---- SQS


# AWS: changes the attributes that are given.
# moto: takes the queue's policy away when it is not among them.
@instead_of(SQSBackend)
def set_queue_attributes(moto, self, queue_name, attributes):
    policy = self.get_queue(queue_name).policy
    cleared = {"RedriveAllowPolicy": None} if attributes.get("RedriveAllowPolicy") == "" else {}
    return moto(self, queue_name, {"Policy": policy} | attributes | cleared)


# AWS: a queue tells its RedriveAllowPolicy.
# moto: keeps it, leaves it out of all attributes, and refuses its name.
Queue.redrive_allow_policy = None
Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]


# ---- SNS


# AWS: CreateTopic answers the topic of that name if its tags and attributes are these, else InvalidParameter.
# moto: answers it in any case.
@instead_of(SNSBackend)
def create_topic(moto, self, name, attributes=None, tags=None):
    given = dict(attributes or {})
    before = set(self.topics)
    topic = moto(self, name, attributes, tags)
    if topic.arn not in before:
        topic.attributes_put = given
    elif (tags or {}) != topic._tags:
        raise SNSInvalidParameter("Invalid parameter: Tags Reason: Topic already exists with different tags")
    elif any(topic.attributes_put.get(key) != value for key, value in given.items()):
        raise SNSInvalidParameter("Invalid parameter: Attributes Reason: Topic already exists with different attributes")
    return topic


# AWS: tells every attribute that was set; an empty value clears it.
# moto: tells some of them.
@instead_of(SNSResponse)
def set_topic_attributes(moto, self):
    answer = moto(self)
    put = self.backend.get_topic(self._get_param("TopicArn")).attributes_put
    put[self._get_param("AttributeName")] = self._get_param("AttributeValue")
    return answer


@instead_of(SNSResponse)
def get_topic_attributes(moto, self):
    answer = moto(self)
    put = self.backend.get_topic(self._get_param("TopicArn")).attributes_put
    told = answer.result["Attributes"]
    told |= {key: value for key, value in put.items() if key not in told and value}
    return answer
# ---- services in files of their own, which need what stands above

import access_logs  # noqa: E402,F401
import cognito  # noqa: E402,F401 (the import is what counts)
import history  # noqa: E402,F401
import triggers  # noqa: E402,F401
import xray  # noqa: E402,F401

# ---- IAM


# AWS: looks at the provider's server for the thumbprint when none is given.
# moto: keeps none. There is no server to look at: the hash of the URL stands for it.
@instead_of(IAMBackend)
def create_open_id_connect_provider(moto, self, url, thumbprint_list, client_id_list, tags):
    thumbprint_list = thumbprint_list or [hashlib.sha1(url.encode()).hexdigest()]
    return moto(self, url, thumbprint_list, client_id_list, tags)


# AWS: adding an audience that is there, and removing one that is not, is success.
# moto: has neither.
def add_client_id_to_open_id_connect_provider(self):
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    if (client_id := self._get_param("ClientID")) not in provider.client_id_list:
        provider.client_id_list.append(client_id)
    return EmptyResult()


def remove_client_id_from_open_id_connect_provider(self):
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    if (client_id := self._get_param("ClientID")) in provider.client_id_list:
        provider.client_id_list.remove(client_id)
    return EmptyResult()


IamResponse.add_client_id_to_open_id_connect_provider = add_client_id_to_open_id_connect_provider
IamResponse.remove_client_id_from_open_id_connect_provider = remove_client_id_from_open_id_connect_provider


# AWS: a policy that something has, or that has versions beside the default one, cannot be deleted.
# moto: deletes it.
@instead_of(IAMBackend)
def delete_policy(moto, self, policy_arn):
    policy = self.get_policy(policy_arn)
    if policy.attachment_count:
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        message = "This policy has more than one version. Before you delete a policy, you must delete the policy's "
        raise DeleteConflictException(message + "versions. The default version is deleted with the policy.")
    return moto(self, policy_arn)


# AWS: documents are percent-encoded in every answer.
# moto: not this one.
IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["GetPolicyVersionResponse.PolicyVersion.Document"] = url_encode


# ---- Organizations

SCP = "SERVICE_CONTROL_POLICY"
SCP_SIZE = 10_240
SCPS_OF_A_TARGET = 10


def violated(reason, message):
    """A ConstraintViolationException, which tells its reason beside the message."""
    error = ConstraintViolationException(message)
    error.Reason = reason
    return error


# AWS: these are for the management account, and for an account that it has delegated them to.
# moto: answers members with nothing, with all of it, or with 500.
def refuse_members(self):
    if self.org is None and self.account_id in organizations_backends.master_accounts:
        raise OrganizationsClientError("AccessDeniedException", "You don't have permissions to access this resource.")
    if self.org is None:
        raise AWSOrganizationsNotInUseException


@instead_of(OrganizationsBackend)
def list_accounts(moto, self, **kwargs):
    refuse_members(self)
    return moto(self, **kwargs)


@instead_of(OrganizationsBackend)
def list_roots(moto, self):
    refuse_members(self)
    return moto(self)


@instead_of(OrganizationsBackend)
def list_aws_service_access_for_organization(moto, self):
    refuse_members(self)
    return moto(self)


# AWS: what an SCP says has at most 5,120 characters, white space included.
# moto: takes any size.
def refuse_large(kind, content):
    if kind == SCP and len(content or "") > SCP_SIZE:
        raise violated("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size.")


# AWS: names of policies of a type are unique in an organization.
# moto: makes a second one.
@instead_of(OrganizationsBackend)
def create_policy(moto, self, **kwargs):
    refuse_members(self)
    if any(policy.name == kwargs["Name"] and policy.type == kwargs["Type"] for policy in self.policies):
        raise OrganizationsClientError("DuplicatePolicyException", "A policy with the same name already exists.")
    refuse_large(kwargs["Type"], kwargs["Content"])
    return moto(self, **kwargs)


@instead_of(OrganizationsBackend)
def update_policy(moto, self, **kwargs):
    refuse_large(self.get_policy_by_id(kwargs["PolicyId"]).type, kwargs.get("Content"))
    return moto(self, **kwargs)


# AWS: the role that CreateAccount makes in the new account is an administrator's.
# <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html>, as of 2026-11
# moto: makes it without a policy.
@instead_of(OrganizationsBackend)
def create_account(moto, self, **kwargs):
    answer = moto(self, **kwargs)
    identities = iam_backends[answer["CreateAccountStatus"]["AccountId"]]["aws"]
    name = kwargs.get("RoleName") or "OrganizationAccountAccessRole"
    identities.attach_role_policy("arn:aws:iam::aws:policy/AdministratorAccess", name)
    return answer


def attached(self, target_id, kind):
    """The policies of a kind on a target; None where moto is to say that there is no such target."""
    targets = [target for target in self.ou + self.accounts if target.id == target_id]
    return [policy for policy in targets[0].attached_policies if policy.type == kind] if targets else None


# AWS: a type that is not enabled in the root cannot be attached; nor a policy twice, nor an eleventh SCP.
# moto: attaches each, the second time without a word.
@instead_of(OrganizationsBackend)
def attach_policy(moto, self, **kwargs):
    policy = self.get_policy_by_id(kwargs["PolicyId"])
    policies = attached(self, kwargs["TargetId"], policy.type)
    # what AWS attaches by itself, to a new account or unit, is there whether its type is enabled or not
    if policies is not None and not policy.aws_managed:
        root = next(unit for unit in self.ou if isinstance(unit, FakeRoot))
        if {"Type": policy.type, "Status": "ENABLED"} not in root.policy_types:
            raise PolicyTypeNotEnabledException
        if policy in policies:
            message = "A policy with the same name is attached to the specified target."
            raise OrganizationsClientError("DuplicatePolicyAttachmentException", message)
        if policy.type == SCP and len(policies) >= SCPS_OF_A_TARGET:
            message = "You have attached the maximum number of policies to the specified target."
            raise violated("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message)
    return moto(self, **kwargs)


# AWS: what is not attached cannot be detached, nor can the last SCP of a target.
# moto: the former is success, the latter done.
@instead_of(OrganizationsBackend)
def detach_policy(moto, self, **kwargs):
    policy = self.get_policy_by_id(kwargs["PolicyId"])
    policies = attached(self, kwargs["TargetId"], policy.type)
    if policies is not None and policy not in policies:
        message = "The policy isn't attached to the specified target in the specified root."
        raise OrganizationsClientError("PolicyNotAttachedException", message)
    if policy.type == SCP and policies == [policy]:
        message = "You cannot remove the last policy attached to the specified target."
        raise violated("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message)
    return moto(self, **kwargs)
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
