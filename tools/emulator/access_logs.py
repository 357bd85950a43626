"""Access logs of buckets: what PutBucketLogging refuses and what GetBucketLogging tells. Part of `missing.py`. No log is delivered.

<https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html> (2026-11-26)
"""

from moto.s3.exceptions import CrossLocationLoggingProhibited, InvalidTargetBucketForLogging
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

import services
from missing import instead_of

SERVICE = "logging.s3.amazonaws.com"


# AWS: the target's policy, or its access control list, lets S3's log delivery write; a policy may have any form.
# moto: fails (500) on a Principal that is a text, looks for one resource and one action, and at no condition.
@instead_of(FakeBucket)
def set_logging(moto, self, logging_config, bucket_backend):
    if not logging_config:
        self.logging = {}
        return
    target = bucket_backend.buckets.get(logging_config["TargetBucket"])
    if target is None:
        raise InvalidTargetBucketForLogging("The target bucket for logging does not exist")
    if target.region_name != self.region_name:
        raise CrossLocationLoggingProhibited()
    example = f"{target.arn}/{logging_config.get('TargetPrefix') or ''}2026-11-26-00-00-00-0000000000000000"
    if services.service_refused(SERVICE, "s3:PutObject", example, self.arn, self.account_id):
        if not self._log_permissions_enabled_acl(target_bucket=target):
            raise InvalidTargetBucketForLogging(
                "You must either provide the necessary permissions to the logging service using a bucket policy or give the"
                " log-delivery group WRITE and READ_ACP permissions to the target bucket"
            )
    self.logging = logging_config


# AWS: tells the form of the objects' keys.
# moto: forgets it.
@instead_of(S3Response)
def get_bucket_logging(moto, self):
    status, headers, body = moto(self)
    form = (self.backend.get_bucket_logging(self.bucket_name) or {}).get("TargetObjectKeyFormat")
    if form is not None:
        inner = "<SimplePrefix/>"
        if "PartitionedPrefix" in form:
            source = (form["PartitionedPrefix"] or {}).get("PartitionDateSource", "EventTime")
            inner = f"<PartitionedPrefix><PartitionDateSource>{source}</PartitionDateSource></PartitionedPrefix>"
        end = "</LoggingEnabled>"
        body = body.replace(end, f"<TargetObjectKeyFormat>{inner}</TargetObjectKeyFormat>{end}")
    return status, headers, body
