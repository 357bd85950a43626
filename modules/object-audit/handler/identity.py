"""Decides what makes two events the same: the sort key of an item.

S3 delivers an event at least once, and Lambda repeats a failed invocation. So the key never holds the time of the
invocation: the condition of the put would then be true every time. It holds, in this order:

1. `CHECKSUM#{algorithm}#{value}#{size}`: the content. The same content put twice under one key is one item, because
   the audit answers "which contents did this key ever have". The first event stays; the log names the repeats.
2. `VERSION#{id}`: if S3 has no checksum of the whole content (put before S3 added one itself, or a multipart upload
   with a composite checksum, which depends on the parts' sizes), or the object is gone. An event that is delivered
   again after its object was deleted makes a second item, with `deleted`: its checksum is no longer known.
3. `SEQUENCER#{hex}`: the same in a bucket without versions.

The ETag is no identity: under SSE-KMS and SSE-C it is not a digest of the content, so it differs between two puts of
the same bytes. The module's bucket uses SSE-KMS. Looked up 2026-11-26:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (ETag)
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (x-amz-checksum-mode)
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html (S3 adds CRC64NVME itself)

CRCs and XXHASH detect accidents, not intent: a person who may put objects can make other content with the same CRC.
A CRC32 also repeats by chance, about once in 4 billion pairs of contents under one key; the size makes that rarer. A
writer who needs an item for each content puts with `ChecksumAlgorithm=SHA256`. CloudTrail's data events list all puts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notification import NewObject, Refusal

# S3 keeps one checksum of an object. The strongest are first in case it ever returns more.
# A name that the runtime's botocore does not know is not in its answer; the next identity then counts
CHECKSUMS = ("SHA512", "SHA256", "SHA1", "MD5", "XXHASH128", "CRC64NVME", "XXHASH3", "XXHASH64", "CRC32C", "CRC32")


@dataclass(frozen=True)
class Checksum:
    """A checksum of the whole content, as S3 returns it: in Base64."""

    algorithm: str
    value: str


def checksum(metadata: Mapping[str, Any]) -> Checksum | None:
    """The checksum of the whole content in an answer of HeadObject."""
    if metadata.get("ChecksumType", "FULL_OBJECT") != "FULL_OBJECT":
        return None
    for algorithm in CHECKSUMS:
        value = metadata.get(f"Checksum{algorithm}")
        # A composite checksum ends with `-` and the number of parts; Base64 has no `-` (AWS's page not looked up
        # that day). It decides for a botocore older than 1.36 and for moto 5.2, which return no ChecksumType
        if isinstance(value, str) and value and "-" not in value:
            return Checksum(algorithm, value)
    return None


def sort_key(new: NewObject, metadata: Mapping[str, Any]) -> str:
    """The sort key of the object's item."""
    found = checksum(metadata)
    if found:
        size = metadata.get("ContentLength", new.size)
        return f"CHECKSUM#{found.algorithm}#{found.value}#{size}"
    if new.version_id:
        return f"VERSION#{new.version_id}"
    if new.sequencer:
        return f"SEQUENCER#{new.sequencer}"
    raise Refusal(
        f"identifying object `{new.key}`, bucket `{new.bucket}`: the object has no checksum, the event no version and"
        " no sequencer; hint: turn on versioning of the bucket"
    )
