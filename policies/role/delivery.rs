//! What Firehose may do to deliver the streams.

use config::Zone;

use super::arn;
use crate::{Document, Operator, Statement};

/// Writes to the bucket below the streams' prefixes and below `errors/`, with the bucket's key, and says to the
/// streams' log groups what went wrong.
///
/// - **Objects**: only where records go. Firehose writes nowhere else, as long as each stream's prefix in Firehose is
///   the configured one and a date, and its error prefix begins with `errors/`; the stack sets both.
/// - **Key**: through S3 only, and only for this bucket. The encryption context is the bucket's ARN where the bucket
///   key is used, and the object's where it is not; the bucket key is a setting of the bucket, so both stand here.
///   <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>
/// - **The streams' own encryption** needs nothing here (looked up 2026-11-24): with a key of the customer's, Firehose
///   has itself given a grant, with the rights of whoever makes the stream.
///   <https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeliveryStreamEncryptionConfigurationInput.html>
///
/// <https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3>
pub fn delivery(zone: &Zone, bucket_arn: &str, key_arn: &str) -> Document {
    let prefixes = zone.streams.iter().map(|stream| stream.prefix.as_str()).chain(["errors"]);
    let log_groups = zone.streams.iter().map(|stream| &stream.name);
    Document::new([
        Statement::allow("Bucket", ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"])
            .on([bucket_arn]),
        Statement::allow("Objects", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"])
            .on(prefixes.map(|prefix| format!("{bucket_arn}/{prefix}/*"))),
        Statement::allow("KeyOfTheBucket", ["kms:Decrypt", "kms:GenerateDataKey"])
            .on([key_arn])
            .when(Operator::StringEquals, "kms:ViaService", [format!("s3.{}.amazonaws.com", zone.region)])
            .when(
                Operator::StringLike,
                "kms:EncryptionContext:aws:s3:arn",
                [bucket_arn.to_owned(), format!("{bucket_arn}/*")],
            ),
        Statement::allow("Logs", ["logs:PutLogEvents"])
            .on(log_groups
                .map(|name| arn(zone, "logs", &format!("log-group:/aws/kinesisfirehose/{name}:log-stream:*")))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{KEY_ARN, assert_golden, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let bucket_arn = format!("arn:aws:s3:::{}", zone.bucket_name(&zone.delivery.as_ref().expect("streams").bucket));
        assert_golden("role/delivery.json", &delivery(&zone, &bucket_arn, KEY_ARN));
    }

    #[test]
    fn it_writes_for_the_configured_streams_only_and_deletes_nothing() {
        let mut zone = dev();
        let of = |zone: &config::Zone| delivery(zone, "arn:aws:s3:::b", KEY_ARN).to_json();
        let text = of(&zone);
        let [only] = zone.streams.as_slice() else { panic!("the fixture has one stream") };
        assert!(text.contains(&format!(r#"["arn:aws:s3:::b/{}/*","arn:aws:s3:::b/errors/*"]"#, only.prefix)), "{text}");
        assert!(!text.contains("Delete"), "{text}");
        let other = config::Stream { name: "other".into(), output: "other".into(), prefix: "other/one".into() };
        zone.streams.push(other);
        assert!(of(&zone).contains("arn:aws:s3:::b/other/one/*") && !text.contains("other"), "{text}");
    }
}
