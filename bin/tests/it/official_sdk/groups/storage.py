"""Keys, and buckets with all that is set of a bucket."""

import pulumi_aws as aws
from engine import REPLACED, STAYS, TUNED
from settings import MEMBER, policy

UNREADABLE = {"key": ["deletionWindowInDays"], "bucket": ["forceDestroy"]}
UNTOLD = {
    aws.kms.Key: {"description", "rotation_period_in_days"},
    aws.kms.Alias: {"name_prefix"},
    aws.s3.Bucket: {"bucket_prefix"},
}
LEFT_OUT = {aws.s3.Bucket: {"bucket_namespace"}}
UNREAD = {
    aws.kms.Key: {"policy"},
    aws.s3.Bucket: {"object_lock_enabled"},
    aws.s3.BucketLifecycleConfiguration: {"transition_default_minimum_object_size"},
}


def describe(p):
    key = p.make(
        TUNED,
        aws.kms.Key,
        "key",
        description=p.tuned("first", "second"),
        policy=policy("*", "kms:*"),
        enable_key_rotation=p.tuned(False, True),
        multi_region=p.wish.refused == "key",
        deletion_window_in_days=7,
        tags=p.tags,
    )
    spare = p.make(STAYS, aws.kms.Key, "spare")
    target = p.tuned(key.key_id, spare.arn)
    p.make(REPLACED, aws.kms.Alias, "alias", name=p.named("alias/official"), target_key_id=target)

    name = p.named(f"official-{MEMBER}")
    bucket = p.make(REPLACED, aws.s3.Bucket, "bucket", bucket=name, force_destroy=True, tags=p.tags)
    p.make(
        REPLACED,
        aws.s3.BucketVersioning,
        "versioning",
        bucket=bucket.bucket,
        versioning_configuration={"status": p.tuned("Enabled", "Suspended")},
    )
    by_key = {"sse_algorithm": "aws:kms", "kms_master_key_id": spare.arn}
    p.make(
        REPLACED,
        aws.s3.BucketServerSideEncryptionConfiguration,
        "encryption",
        bucket=bucket.id,
        rules=[
            {
                "apply_server_side_encryption_by_default": p.tuned(by_key, {"sse_algorithm": "AES256"}),
                "bucket_key_enabled": p.tuned(True, False),
            }
        ],
    )
    p.make(
        REPLACED,
        aws.s3.BucketPublicAccessBlock,
        "access",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=p.tuned(False, True),
    )
    owner = {"object_ownership": p.tuned("BucketOwnerPreferred", "BucketOwnerEnforced")}
    p.make(REPLACED, aws.s3.BucketOwnershipControls, "ownership", bucket=bucket.id, rule=owner)
    rules = [
        {"id": "old", "status": "Enabled", "filter": {"prefix": "log/"}, "expiration": {"days": p.tuned(30, 60)}},
        {
            "id": "cold",
            "status": "Enabled",
            "filter": {"and_": {"prefix": "cold/", "tags": {"tier": "cold"}}},
            "transitions": [{"days": 90, "storage_class": "GLACIER"}],
            "noncurrent_version_expiration": {"noncurrent_days": 5},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        },
    ]
    p.make(REPLACED, aws.s3.BucketLifecycleConfiguration, "lifecycle", bucket=bucket.id, rules=rules)
    bucket_policy = bucket.arn.apply(
        lambda arn: policy([arn, f"{arn}/*"], ["s3:GetObject", "s3:GetObjectVersion"], p.tuned("Allow", "Deny"))
    )
    p.make(REPLACED, aws.s3.BucketPolicy, "bucket-policy", bucket=bucket.id, policy=bucket_policy)
    vault = p.make(STAYS, aws.s3.Bucket, "vault", object_lock_enabled=p.wish.refused != "vault")
    retention = {"default_retention": {"mode": "GOVERNANCE", "days": p.tuned(1, 2)}}
    p.make(TUNED, aws.s3.BucketObjectLockConfiguration, "lock", bucket=vault.id, rule=retention)


REFUSED = {
    "key": ["`multiRegion` of a key that exists cannot be changed"],
    "vault": ["`objectLockEnabled` of a bucket that exists cannot be changed"],
}


def drift(at, ids):
    bucket, key = ids["bucket"], ids["key"]
    yield "update", "key", at.kms.update_key_description(KeyId=key, Description="by hand")
    yield "update", "alias", at.kms.update_alias(AliasName=ids["alias"], TargetKeyId=key)
    tags = {"TagSet": [{"Key": "team", "Value": "hand"}]}
    yield "update", "bucket", at.s3.put_bucket_tagging(Bucket=bucket, Tagging=tags)
    status = {"Status": "Enabled"}
    yield "update", "versioning", at.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=status)
    by_key = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    encryption = {"Rules": [by_key]}
    yield (
        "update",
        "encryption",
        at.s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=encryption),
    )
    block = {"BlockPublicAcls": True}
    yield "update", "access", at.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    yield "delete", "ownership", at.s3.delete_bucket_ownership_controls(Bucket=bucket)
    rules = {"Rules": [{"ID": "old", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
    yield (
        "update",
        "lifecycle",
        at.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules),
    )
    by_hand = policy("*", "s3:*", sid="Hand")
    yield "update", "bucket-policy", at.s3.put_bucket_policy(Bucket=bucket, Policy=by_hand)
    retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 9}}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": retention}
    yield "update", "lock", at.s3.put_object_lock_configuration(Bucket=ids["lock"], ObjectLockConfiguration=lock)


def keys(at):
    told = [at.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in at.kms.list_keys()["Keys"]]
    own = [key for key in told if key["KeyManager"] == "CUSTOMER"]
    return {key["KeyId"] for key in own if key["KeyState"] != "PendingDeletion"}


THERE = {
    aws.kms.Key: keys,
    aws.kms.Alias: lambda at: {alias["AliasName"] for alias in at.kms.list_aliases()["Aliases"]},
    aws.s3.Bucket: lambda at: {bucket["Name"] for bucket in at.s3.list_buckets()["Buckets"]},
}
