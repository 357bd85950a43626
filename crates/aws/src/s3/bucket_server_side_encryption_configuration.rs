//! How a bucket encrypts objects whose put does not say.
//!
//! Calls: `PutBucketEncryption`, `GetBucketEncryption`, `DeleteBucketEncryption`.
//! IAM: `s3:PutEncryptionConfiguration`, `s3:GetEncryptionConfiguration`.
//!
//! - Every bucket is encrypted: deleting this resource goes back to S3's own keys (`AES256`), which a read then shows.
//! - `rules` is a set of exactly one in the official provider; it is compared as a list here, so that what AWS
//!   fills in (`bucketKeyEnabled`, blocked types) can be told from what was asked for.

use aws_sdk_s3::types;

use super::bucket;
use crate::{buckets, prelude::*};

/// How an S3 bucket encrypts objects whose put does not say.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    noun = "bucket encryption",
    handle = BucketServerSideEncryptionConfiguration,
    no_outputs
)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// Account that has to own the bucket, or AWS refuses.
    #[resource(replace)]
    pub expected_bucket_owner: Option<String>,
    /// The one rule.
    pub rules: Vec<Rule>,
}

/// How objects are encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketServerSideEncryptionConfigurationRule", sdk = types::ServerSideEncryptionRule)]
pub struct Rule {
    /// How an object is encrypted whose put does not say.
    pub apply_server_side_encryption_by_default: Option<ByDefault>,
    /// Whether S3 uses a key of the bucket's own between KMS and the objects: far fewer calls of KMS.
    #[resource(default = false)]
    pub bucket_key_enabled: bool,
    /// Kinds of encryption that puts may not ask for: `SSE-C`, or `NONE` to allow all.
    #[resource(computed)]
    pub blocked_encryption_types: Option<Vec<String>>,
}

/// How an object is encrypted whose put does not say.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefault",
    sdk = types::ServerSideEncryptionByDefault
)]
pub struct ByDefault {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub sse_algorithm: String,
    /// The KMS key's ARN or id; absent is AWS's own key `aws/s3`.
    pub kms_master_key_id: Option<String>,
}

impl ToSdk<types::BlockedEncryptionTypes> for Vec<String> {
    fn to_sdk(&self) -> Answer<types::BlockedEncryptionTypes> {
        Ok(types::BlockedEncryptionTypes::builder().set_encryption_type(Some(self.to_sdk()?)).build())
    }
}

impl FromSdk<types::BlockedEncryptionTypes> for Vec<String> {
    fn from_sdk(sdk: types::BlockedEncryptionTypes) -> Self {
        Self::from_sdk(sdk.encryption_type.unwrap_or_default())
    }
}

impl Setting for BucketServerSideEncryptionConfiguration {
    const ABSENT: Codes = &["ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucket"];

    fn id_of(inputs: &Inputs) -> String {
        bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref())
    }

    fn check(checks: &mut Checks<'_>) {
        if let Some(Value::Array(rules)) = checks.inputs.get("rules")
            && rules.len() != 1
        {
            checks.wrong("rules", format!("a bucket has exactly one rule, not {}", rules.len()));
        }
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let configuration =
            types::ServerSideEncryptionConfiguration::builder().set_rules(Some(new.rules.to_sdk()?)).build()?;
        let call = cx.clients.s3.put_bucket_encryption().bucket(&new.bucket);
        let call = call.set_expected_bucket_owner(new.expected_bucket_owner.clone());
        let call = call.server_side_encryption_configuration(configuration);
        buckets::given(&new.bucket, || call.clone().send()).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let (bucket, owner) = bucket::parts_of(id);
        let call = cx.clients.s3.get_bucket_encryption().bucket(&bucket).set_expected_bucket_owner(owner.clone());
        let configuration = call.send().await?.server_side_encryption_configuration;
        let rules = configuration.map(|configuration| Vec::from_sdk(configuration.rules));
        Ok(rules.map(|rules| Inputs { bucket, expected_bucket_owner: owner, rules }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let (bucket, owner) = bucket::parts_of(id);
        let call = cx.clients.s3.delete_bucket_encryption().bucket(&bucket).set_expected_bucket_owner(owner);
        buckets::changed(&bucket, || call.clone().send()).await.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CustomResource as _, Set};

    crate::lifecycle! {
        token: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "sse-{unique}" }), ("aws:kms/key:Key", {})],
        sample: {
            "bucket": "${0.id}",
            "rules": [{ "applyServerSideEncryptionByDefault": { "sseAlgorithm": "aws:kms", "kmsMasterKeyId": "${1.arn}" }, "bucketKeyEnabled": true }],
        },
        change: { "rules": [{ "applyServerSideEncryptionByDefault": { "sseAlgorithm": "AES256" } }] },
    }

    #[test]
    fn a_rule_survives_the_way_to_aws_and_back() {
        let rule = Rule {
            apply_server_side_encryption_by_default: Some(ByDefault {
                sse_algorithm: "aws:kms".to_owned(),
                kms_master_key_id: Some("key".to_owned()),
            }),
            bucket_key_enabled: true,
            blocked_encryption_types: Some(vec!["SSE-C".to_owned()]),
        };
        let sdk: types::ServerSideEncryptionRule = rule.to_sdk().unwrap();
        assert_eq!(Rule::from_sdk(sdk), rule);
    }

    #[test]
    fn a_bucket_has_one_rule() {
        let failures = |count| {
            let inputs = [("rules".to_owned(), Value::Array(vec![Value::Unknown; count]))].into();
            Set::<BucketServerSideEncryptionConfiguration>::check(&inputs).len()
        };
        assert_eq!((failures(0), failures(1), failures(2)), (1, 0, 1));
    }
}
