//! How a bucket encrypts objects whose put does not say.
//!
//! Calls: `PutBucketEncryption`, `GetBucketEncryption`, `DeleteBucketEncryption`.
//! IAM: `s3:PutEncryptionConfiguration`, `s3:GetEncryptionConfiguration`.
//!
//! - Every bucket is encrypted: deleting this resource goes back to S3's own keys (`AES256`), which a read then shows.
//! - `rules` is a set of exactly one in the official provider; it is compared as a list here, so that what AWS
//!   fills in (`bucketKeyEnabled`, blocked types) can be told from what was asked for.

use aws_sdk_s3::types::{
    BlockedEncryptionTypes, EncryptionType, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use derive::{Outputs, Resource, Shape};
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live, Of},
    },
    value::{Map, Value},
};

use super::bucket;
use crate::{
    buckets,
    context::Cx,
    error::{failed, found, gone},
};

/// How an S3 bucket encrypts objects whose put does not say.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    noun = "bucket encryption",
    handle = BucketServerSideEncryptionConfiguration
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
#[resource(name = "BucketServerSideEncryptionConfigurationRule")]
pub struct Rule {
    /// What a put that does not say gets.
    pub apply_server_side_encryption_by_default: Option<ByDefault>,
    /// Whether S3 uses a key of the bucket's own between KMS and the objects: far fewer calls of KMS.
    #[resource(default = false)]
    pub bucket_key_enabled: bool,
    /// Kinds of encryption that puts may not ask for: `SSE-C`, or `NONE` to allow all.
    #[resource(computed)]
    pub blocked_encryption_types: Option<Vec<String>>,
}

/// What a put that does not say gets.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefault")]
pub struct ByDefault {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub sse_algorithm: String,
    /// The KMS key's ARN or id; absent is AWS's own key `aws/s3`.
    pub kms_master_key_id: Option<String>,
}

/// What AWS adds to a bucket's encryption: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketServerSideEncryptionConfiguration)]
pub struct Outputs {}

const ABSENT: &[&str] = &["ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucket"];

impl CustomResource for BucketServerSideEncryptionConfiguration {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref()))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        match inputs.get("rules") {
            Some(Value::Array(rules)) if rules.len() != 1 => {
                vec![Failure {
                    property: "rules".to_owned(),
                    reason: format!("a bucket has exactly one rule, not {}", rules.len()),
                }]
            }
            _ => Vec::new(),
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, inputs).await?;
        Ok(Created::new(bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref()), Outputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let (name, owner) = bucket::parts_of(id);
        let call =
            cx.clients.s3.get_bucket_encryption().bucket(name).set_expected_bucket_owner(owner.map(str::to_owned));
        let Some(answer) = found(call.send().await, ABSENT)? else { return Ok(None) };
        let Some(configuration) = answer.server_side_encryption_configuration else {
            return Ok(None);
        };
        let inputs = Inputs {
            bucket: name.to_owned(),
            expected_bucket_owner: owner.map(str::to_owned),
            rules: configuration.rules.into_iter().map(Rule::from).collect(),
        };
        Ok(Some(Live { inputs, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let (name, owner) = bucket::parts_of(id);
        let call =
            cx.clients.s3.delete_bucket_encryption().bucket(name).set_expected_bucket_owner(owner.map(str::to_owned));
        gone(buckets::changed(name, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<BucketServerSideEncryptionConfiguration>::new())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let rules = inputs.rules.iter().map(sdk_rule).collect::<Result<Vec<_>, _>>()?;
    let configuration = ServerSideEncryptionConfiguration::builder()
        .set_rules(Some(rules))
        .build()
        .map_err(|e| Error::new(e.to_string()))?;
    let call = cx
        .clients
        .s3
        .put_bucket_encryption()
        .bucket(&inputs.bucket)
        .set_expected_bucket_owner(inputs.expected_bucket_owner.clone());
    let call = call.server_side_encryption_configuration(configuration);
    buckets::given(&inputs.bucket, || call.clone().send()).await.map(drop).map_err(failed)
}

fn sdk_rule(rule: &Rule) -> Result<ServerSideEncryptionRule, Error> {
    let by_default = rule.apply_server_side_encryption_by_default.as_ref().map(|d| {
        let algorithm = ServerSideEncryption::from(d.sse_algorithm.as_str());
        ServerSideEncryptionByDefault::builder()
            .sse_algorithm(algorithm)
            .set_kms_master_key_id(d.kms_master_key_id.clone())
            .build()
    });
    let blocked = rule.blocked_encryption_types.as_ref().map(|types| {
        let types = types.iter().map(|t| EncryptionType::from(t.as_str())).collect();
        BlockedEncryptionTypes::builder().set_encryption_type(Some(types)).build()
    });
    Ok(ServerSideEncryptionRule::builder()
        .set_apply_server_side_encryption_by_default(by_default.transpose().map_err(|e| Error::new(e.to_string()))?)
        .bucket_key_enabled(rule.bucket_key_enabled)
        .set_blocked_encryption_types(blocked)
        .build())
}

impl From<ServerSideEncryptionRule> for Rule {
    fn from(rule: ServerSideEncryptionRule) -> Self {
        let by_default = |d: ServerSideEncryptionByDefault| ByDefault {
            sse_algorithm: d.sse_algorithm.to_string(),
            kms_master_key_id: d.kms_master_key_id,
        };
        let blocked =
            rule.blocked_encryption_types.map(|b| b.encryption_type().iter().map(ToString::to_string).collect());
        Self {
            apply_server_side_encryption_by_default: rule.apply_server_side_encryption_by_default.map(by_default),
            bucket_key_enabled: rule.bucket_key_enabled.unwrap_or(false),
            blocked_encryption_types: blocked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(Rule::from(sdk_rule(&rule).unwrap()), rule);
    }

    #[test]
    fn a_bucket_has_one_rule() {
        let failures = |count| {
            BucketServerSideEncryptionConfiguration::check(
                &[("rules".to_owned(), Value::Array(vec![Value::Unknown; count]))].into(),
            )
            .len()
        };
        assert_eq!((failures(0), failures(1), failures(2)), (1, 0, 1));
    }
}
