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

/// TLS only, every PUT says that it wants SSE-KMS, and names the bucket's own key.
///
/// `DenyWrongKey` does not ask for the header to be there (2026-11-25): `StringNotEquals` also matches an absent one, and
/// is meant to. S3 takes a PUT that says `aws:kms` and names no key for one with the account's `aws/s3` key, whatever
/// the bucket's default is (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>): such an object would
/// be readable without the class key, and its reading would not be in the class key's log. `DenyIncorrectEncryption`
/// does ask for its header; what comes without it is `DenyUnencryptedPut`'s.
///
/// With a `trail` the bucket is the trail's: the service may read the ACL and write below `AWSLogs/{account}/`, for
/// that trail alone, and nobody may delete logs. (Lifecycle rules are not bound by bucket policies: logs still expire.
/// To empty the bucket, this policy has to go first.)
///
/// 2026-11-23, **exception for `CloudTrail`** in these three, in the trail's bucket only: AWS does not document that all its PUTs name SSE-KMS. It tests the bucket when a trail is created, and
/// digest files of log-file validation have long been written with SSE-S3; a deny there loses them without a word.
/// A PUT without the header is still encrypted with the class key, the bucket's default. `DenyWrongKeyOfTheTrail` has no
/// exception: a trail that is set to another key shall fail. `aws:PrincipalServiceName` is only on requests that a
/// service makes with its own identity, so no caller can set it
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>).
///
/// Firehose needs no exception: it writes with its delivery role, and sends both headers once the stream's S3 destination
/// names a KMS key. Nor does Pulumi, which keeps its state by the contract's `s3/pulumi-state/login-url`: `ssetype` and
/// `kmskeyid` there are these two headers.
pub fn locked_down(bucket_name: &str, key_arn: &str, trail: Option<&TrailWriter>) -> Document {
    let bucket = format!("arn:aws:s3:::{bucket_name}");
    let objects = format!("{bucket}/*");
    let deny_put = |sid: &str| Statement::deny(sid, ["s3:PutObject"]).everyone().on([&objects]);
    let wrong_key = |statement: Statement| statement.when(Operator::StringNotEquals, ENCRYPTION_KEY, [key_arn]);
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
        except_the_trail(wrong_key(deny_put("DenyWrongKey"))),
    ];
    let named = trail.map(|_| wrong_key(deny_put("DenyWrongKeyOfTheTrail")).when_present(ENCRYPTION_KEY));
    let logs = trail.map(|trail| trail_statements(trail, &bucket, &objects));
    Document::new(everybody.into_iter().chain(named).chain(logs.into_iter().flatten()))
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
        TrailWriter { trail_name: zone.trail_name(), account: zone.member.id, region: zone.region }
    }

    #[test]
    fn golden() {
        assert_golden("bucket/locked_down.json", &locked_down(&dev().bucket_name("lake"), KEY_ARN, None));
    }

    #[test]
    fn golden_with_trail() {
        let document = locked_down(&dev().bucket_name("audit"), KEY_ARN, Some(&writer()));
        assert_golden("bucket/locked_down.trail.json", &document);
    }

    /// A PUT by its headers and its caller's service, if it is one.
    struct Put {
        encryption: Option<&'static str>,
        key: Option<&'static str>,
        service: Option<&'static str>,
    }

    /// Judges a PUT as S3 does: `StringNotEquals` matches an absent key, too.
    fn denied_by(document: &Document, put: &Put) -> Vec<String> {
        let json: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap();
        let value = |key: &str| match key {
            ENCRYPTION => put.encryption,
            ENCRYPTION_KEY => put.key,
            "aws:PrincipalServiceName" => put.service,
            "aws:SecureTransport" => Some("true"),
            other => panic!("{other}"),
        };
        let holds = |operator: &str, key: &str, wanted: &str| match operator {
            "Null" => value(key).is_none() == (wanted == "true"),
            "StringNotEquals" => value(key) != Some(wanted),
            "Bool" => value(key) == Some(wanted),
            other => panic!("{other}"),
        };
        let matches = |statement: &&serde_json::Value| {
            let actions = statement["Action"].to_string();
            statement["Effect"] == "Deny"
                && (actions.contains("s3:PutObject") || actions.contains("s3:*"))
                && statement["Condition"].as_object().unwrap().iter().all(|(operator, keys)| {
                    keys.as_object().unwrap().iter().all(|(key, wanted)| holds(operator, key, wanted.as_str().unwrap()))
                })
        };
        let statements = json["Statement"].as_array().unwrap();
        statements.iter().filter(matches).map(|statement| statement["Sid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn only_a_put_that_names_kms_and_the_key_passes() {
        let other = "arn:aws:kms:eu-west-1:333344445555:key/other";
        let people = [
            (None, None, vec!["DenyUnencryptedPut", "DenyWrongKey"]),
            (None, Some(KEY_ARN), vec!["DenyUnencryptedPut"]),
            (Some("AES256"), None, vec!["DenyIncorrectEncryption", "DenyWrongKey"]),
            (Some("aws:kms:dsse"), Some(KEY_ARN), vec!["DenyIncorrectEncryption"]),
            (Some("aws:kms"), None, vec!["DenyWrongKey"]),
            (Some("aws:kms"), Some(other), vec!["DenyWrongKey"]),
            (Some("aws:kms"), Some(KEY_ARN), vec![]),
        ];
        for (encryption, key, by) in people {
            let put = Put { encryption, key, service: None };
            assert_eq!(denied_by(&locked_down("b", KEY_ARN, None), &put), by, "{encryption:?} {key:?}");
            // in the trail's bucket people are no freer
            let found = denied_by(&locked_down("b", KEY_ARN, Some(&writer())), &put);
            assert_eq!(found.is_empty(), by.is_empty(), "{encryption:?} {key:?}: {found:?}");
        }
    }

    #[test]
    fn the_trail_may_leave_headers_out_and_may_not_name_another_key() {
        let document = locked_down("b", KEY_ARN, Some(&writer()));
        let of = |encryption, key, service| denied_by(&document, &Put { encryption, key, service: Some(service) });
        let nobody: [&str; 0] = [];
        assert_eq!(of(None, None, CLOUDTRAIL), nobody);
        assert_eq!(of(Some("AES256"), None, CLOUDTRAIL), nobody);
        assert_eq!(of(Some("aws:kms"), Some(KEY_ARN), CLOUDTRAIL), nobody);
        assert_eq!(of(Some("aws:kms"), Some("another"), CLOUDTRAIL), ["DenyWrongKeyOfTheTrail"]);
        assert_eq!(of(None, None, "logging.s3.amazonaws.com"), ["DenyUnencryptedPut", "DenyWrongKey"]);
    }

    #[test]
    fn only_the_bucket_of_the_trail_makes_an_exception() {
        assert!(!locked_down("b", KEY_ARN, None).to_json().contains("cloudtrail"));
    }
}
