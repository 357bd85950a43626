//! Who may send to the queue of failed records.

use config::AccountId;

use crate::{Document, Operator, Statement};

/// S3, for notifications of this bucket.
///
/// The ARN of a bucket holds no account, and a name is free again once its bucket is deleted: `aws:SourceAccount`
/// keeps out whoever takes it then.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html>
pub fn bucket_notifications(queue_arn: &str, bucket_arn: &str, account: &AccountId) -> Document {
    Document::new([Statement::allow("NotificationsOfTheBucket", ["sqs:SendMessage"])
        .service("s3.amazonaws.com")
        .on([queue_arn])
        .when(Operator::ArnLike, "aws:SourceArn", [bucket_arn])
        .when(Operator::StringEquals, "aws:SourceAccount", [account.as_ref()])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let queue_arn = format!("arn:aws:sqs:{}:{}:{}", zone.region, zone.member.id, zone.full_name("firehose-dlq"));
        let bucket_arn = format!("arn:aws:s3:::{}", zone.bucket_name(&zone.delivery.as_ref().expect("streams").bucket));
        assert_golden(
            "queue/bucket_notifications.json",
            &bucket_notifications(&queue_arn, &bucket_arn, &zone.member.id),
        );
    }
}
