"""What the calls of S3 need, whose actions seldom have the names of the calls.

<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html> and
<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html> (2026-11-26)
"""

from urllib.parse import unquote

import stored
from rights import Right

# The action of a call on a bucket or an object, where it has another name.
NAMES = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}

# What it is called when a version is named.
VERSIONED = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}

# Not judged: directory buckets, Object Lambda, metadata tables, annotations.
UNKNOWN = (
    "CreateSession ListDirectoryBuckets WriteGetObjectResponse RenameObject CreateBucketMetadataConfiguration"
    " CreateBucketMetadataTableConfiguration DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration"
    " GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration UpdateBucketMetadataInventoryTableConfiguration"
    " UpdateBucketMetadataJournalTableConfiguration UpdateObjectEncryption GetObjectTorrent"
).split()
NEW_OBJECT = {"PutObject", "CopyObject", "CreateMultipartUpload"}
GRANTS = ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")


def s3(call):
    values, name = call.values, call.name
    if name == "ListBuckets":
        return [Right("s3:ListAllMyBuckets", "*")]
    bucket = values.get("Bucket")
    if not bucket or name in UNKNOWN:
        return None
    at = f"arn:aws:s3:::{bucket}"
    if name == "DeleteObjects":
        return objects_deleted(values, at)
    of = f"{at}/{values['Key']}" if values.get("Key") else at
    action = NAMES.get(name, name)
    if values.get("VersionId"):
        action = VERSIONED.get(action, action)
    found = [Right(f"s3:{action}", of)]
    also = [right for right, needed in more(name, values) if needed]
    found += [Right(f"s3:{right}", of) for right in also] + sources(name, values)
    return found + ([Right("s3:ListBucket", at)] if name in ("GetObject", "HeadObject") and is_absent(values) else [])


def is_absent(values):
    """Whether there is no such object: that is told only to who may list the bucket.

    <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html> (2026-11-26)
    """
    bucket, _ = stored.bucket(values["Bucket"])
    if bucket is None:
        return False
    versions = bucket.keys.getlist(values["Key"], [])
    if wanted := values.get("VersionId"):
        return not any(str(one.version_id) == wanted for one in versions)
    # a delete marker has no content
    return not versions or not hasattr(versions[-1], "etag")


def more(name, values):
    """Further actions of a call, each with whether its input makes it need them."""
    yield "BypassGovernanceRetention", bool(values.get("BypassGovernanceRetention"))
    granted = any(values.get(grant) for grant in GRANTS)
    if name in NEW_OBJECT:
        yield "PutObjectAcl", granted
        yield "PutObjectTagging", values.get("Tagging")
        yield "PutObjectRetention", values.get("ObjectLockMode")
        yield "PutObjectLegalHold", values.get("ObjectLockLegalHoldStatus")
    elif name == "CreateBucket":
        yield "PutBucketAcl", granted
        yield "PutBucketObjectLockConfiguration", values.get("ObjectLockEnabledForBucket")
        yield "PutBucketVersioning", values.get("ObjectLockEnabledForBucket")
        yield "PutBucketOwnershipControls", values.get("ObjectOwnership")
        yield "TagResource", (values.get("CreateBucketConfiguration") or {}).get("Tags")
    elif name == "GetObjectAttributes":
        yield ("GetObjectVersion" if values.get("VersionId") else "GetObject"), True


def sources(name, values):
    """What is read of the object that is copied: `bucket/key?versionId=id`, percent-encoded."""
    source = values.get("CopySource")
    if not source or name not in ("CopyObject", "UploadPartCopy"):
        return []
    path, _, version = source.partition("?versionId=")
    path = unquote(path).lstrip("/")
    arn = path if path.startswith("arn:") else f"arn:aws:s3:::{path}"
    return [Right("s3:GetObjectVersion" if version else "s3:GetObject", arn)]


def objects_deleted(values, at):
    """Each object by itself: S3 answers 200 with those that may not be deleted in it."""
    objects = (values.get("Delete") or {}).get("Objects", [])
    found = []
    for one in objects:
        action = "s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject"
        found.append(Right(action, f"{at}/{one['Key']}", {"s3:VersionId": one["VersionId"]} if one.get("VersionId") else {}))
        if values.get("BypassGovernanceRetention"):
            found.append(Right("s3:BypassGovernanceRetention", f"{at}/{one['Key']}"))
    return found
