//! What nobody may do to a bucket, and what a trail may.

use config::{AccountId, Region};

use crate::{Document, Operator, Statement};

const ENCRYPTION: &str = "s3:x-amz-server-side-encryption";
const ENCRYPTION_KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// The trail that writes into a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailWriter {
    /// The account of the trail and of the bucket.
    pub account: AccountId,
    /// The trail's home region.
    pub region: Region,
    /// The trail's name.
    pub trail_name: String,
}

impl TrailWriter {
    fn arn(&self) -> String {
        format!("arn:aws:cloudtrail:{}:{}:trail/{}", self.region, self.account, self.trail_name)
    }
}

/// TLS only, every PUT says that it wants SSE-KMS, and if it names a key, the bucket's own.
///
/// `DenyIncorrectEncryption` and `DenyWrongKey` also ask for the header to be there: `StringNotEquals` alone matches
/// an absent one. So a PUT that says `aws:kms` and names no key passes, and S3 takes the account's `aws/s3` key for it,
/// not the class key (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>): writers have to name it.
///
/// With a `trail` the bucket is the trail's: the service may read the ACL and write below `AWSLogs/{account}/`, for
/// that trail alone, and nobody may delete logs. (Lifecycle rules are not bound by bucket policies: logs still expire.
/// To empty the bucket, this policy has to go first.)
///
/// 2026-11-23, **exception for `CloudTrail`** in `DenyUnencryptedPut` and `DenyIncorrectEncryption`, in the trail's
/// bucket only: AWS does not document that all its PUTs name SSE-KMS. It tests the bucket when a trail is created, and
/// digest files of log-file validation have long been written with SSE-S3; a deny there loses them without a word.
/// A PUT without the header is still encrypted with the class key, the bucket's default. `DenyWrongKey` has no
/// exception: a trail that is set to another key shall fail. `aws:PrincipalServiceName` is only on requests that a
/// service makes with its own identity, so no caller can set it
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>).
///
/// Firehose needs no exception: it writes with its delivery role, and sends the header once the stream's S3 destination
/// names a KMS key.
pub fn locked_down(bucket_name: &str, key_arn: &str, trail: Option<&TrailWriter>) -> Document {
    let bucket = format!("arn:aws:s3:::{bucket_name}");
    let objects = format!("{bucket}/*");
    let deny_put = |sid: &str| Statement::deny(sid, ["s3:PutObject"]).everyone().on([&objects]);
    let except_the_trail = |statement: Statement| match trail {
        Some(_) => statement.when(Operator::StringNotEquals, "aws:PrincipalServiceName", [CLOUDTRAIL]),
        None => statement,
    };
    let everybody = [
        Statement::deny("DenyInsecureTransport", ["s3:*"]).everyone().on([&bucket, &objects]).when(
            Operator::Bool,
            "aws:SecureTransport",
            ["false"],
        ),
        except_the_trail(deny_put("DenyUnencryptedPut").when_absent(ENCRYPTION)),
        except_the_trail(deny_put("DenyIncorrectEncryption").when_present(ENCRYPTION).when(
            Operator::StringNotEquals,
            ENCRYPTION,
            ["aws:kms"],
        )),
        deny_put("DenyWrongKey").when_present(ENCRYPTION_KEY).when(
            Operator::StringNotEquals,
            ENCRYPTION_KEY,
            [key_arn],
        ),
    ];
    let logs = trail.map(|trail| trail_statements(trail, &bucket, &objects));
    Document::new(everybody.into_iter().chain(logs.into_iter().flatten()))
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>
fn trail_statements(trail: &TrailWriter, bucket: &str, objects: &str) -> [Statement; 3] {
    let by_the_trail = |statement: Statement| {
        statement.service(CLOUDTRAIL).when(Operator::StringEquals, "aws:SourceArn", [trail.arn()])
    };
    [
        by_the_trail(Statement::allow("TrailReadsAcl", ["s3:GetBucketAcl"])).on([bucket]),
        by_the_trail(Statement::allow("TrailWrites", ["s3:PutObject"]))
            .on([format!("{bucket}/AWSLogs/{}/*", trail.account)])
            .when(Operator::StringEquals, "s3:x-amz-acl", ["bucket-owner-full-control"]),
        Statement::deny("DenyLogDeletion", ["s3:DeleteObject", "s3:DeleteObjectVersion"]).everyone().on([objects]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{KEY_ARN, assert_golden, dev};

    fn writer() -> TrailWriter {
        let zone = dev();
        TrailWriter { account: zone.member.id, region: zone.region, trail_name: "bank-platform".to_owned() }
    }

    #[test]
    fn golden() {
        assert_golden("bucket/locked_down.json", &locked_down(&dev().bucket_name("iceberg"), KEY_ARN, None));
    }

    #[test]
    fn golden_with_trail() {
        let document = locked_down(&dev().bucket_name("cloudtrail"), KEY_ARN, Some(&writer()));
        assert_golden("bucket/locked_down.trail.json", &document);
    }

    #[test]
    fn a_negated_condition_never_matches_an_absent_header() {
        for trail in [None, Some(writer())] {
            let json: serde_json::Value =
                serde_json::from_str(&locked_down("b", KEY_ARN, trail.as_ref()).to_json()).unwrap();
            for statement in json["Statement"].as_array().unwrap() {
                let condition = &statement["Condition"];
                let negated = condition["StringNotEquals"].as_object();
                for header in negated.into_iter().flatten().map(|(key, _)| key).filter(|key| key.starts_with("s3:")) {
                    assert_eq!(condition["Null"][header.as_str()], "false", "{statement}");
                }
            }
        }
    }

    #[test]
    fn only_the_bucket_of_the_trail_makes_an_exception() {
        assert!(!locked_down("b", KEY_ARN, None).to_json().contains("cloudtrail"));
    }
}
