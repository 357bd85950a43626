//! Who may use the key of a class of data.

use config::{AccountId, Class, Region};

use crate::{Document, Operator, Statement};

/// The account by its own IAM policies, and the AWS services that the class names, each for this account's things only.
///
/// A service that calls KMS is narrowed by a condition key that is really on that call (looked up 2026-11-23); a key
/// that is not there makes the statement match nothing, and the service fails without a word:
///
/// - **cloudtrail**: encryption context, and the trail's ARN as the source, which is always that of its home region.
///   `kms:Decrypt` is needed because our buckets use a bucket key.
///   <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>
/// - **logs**: encryption context, the log group's ARN. `kms:DescribeKey` is left out of AWS's example: it carries no
///   context, so under this condition it never matches.
///   <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
/// - **events**: encryption context of the queue, which SQS sets itself. *Not* `aws:SourceAccount`: AWS says that it
///   is not supported for `EventBridge` to encrypted topics, and deliveries have failed for it
///   (<https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/407>); nothing says that queues are better.
/// - **cloudwatch**: encryption context of the topic, which SNS sets itself, for the same reason.
///   <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>
/// - **s3** to queues: encryption context of the queue, as for `events` (2026-11-25). AWS's example has no condition, and
///   no page says that S3 sends `aws:SourceAccount` on this call; SQS sets the context whoever calls.
///   <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ways-to-add-notification-config-to-bucket.html>
/// - **sns** to queues: source account.
///   <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html>
///
/// A service that is not in [`config::SERVICES`] is treated as the last one.
pub fn class_key(account: &AccountId, region: &Region, class: &Class) -> Document {
    let owner = Statement::allow("AccountByItsOwnPolicies", ["kms:*"]).aws(format!("arn:aws:iam::{account}:root"));
    let services = class.services.iter().flat_map(|service| for_service(service, account, region));
    Document::new(std::iter::once(owner).chain(services))
}

/// To read and to write behind another service, such as a queue: the data key is made once and read many times.
const USE: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey*"];

fn for_service(service: &str, account: &AccountId, region: &Region) -> Vec<Statement> {
    match service {
        "cloudtrail" => cloudtrail(account, region).into(),
        "logs" => vec![
            Statement::allow(
                "LogsOfThisAccount",
                ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            )
            .service(format!("logs.{region}.amazonaws.com"))
            .when(
                Operator::ArnLike,
                "kms:EncryptionContext:aws:logs:arn",
                [format!("arn:aws:logs:{region}:{account}:*")],
            ),
        ],
        "events" | "s3" => {
            let sid = format!("{}ToQueuesOfThisAccount", sid(service));
            vec![Statement::allow(sid, USE).service(format!("{service}.amazonaws.com")).when(
                Operator::ArnLike,
                "kms:EncryptionContext:aws:sqs:arn",
                [format!("arn:aws:sqs:{region}:{account}:*")],
            )]
        }
        "cloudwatch" => {
            vec![Statement::allow("AlarmsToTopicsOfThisAccount", USE).service("cloudwatch.amazonaws.com").when(
                Operator::ArnLike,
                "kms:EncryptionContext:aws:sns:topicArn",
                [format!("arn:aws:sns:{region}:{account}:*")],
            )]
        }
        other => vec![
            Statement::allow(format!("{}OfThisAccount", sid(other)), USE)
                .service(format!("{other}.amazonaws.com"))
                .when(Operator::StringEquals, "aws:SourceAccount", [account.as_ref()]),
        ],
    }
}

/// The first statement is for log files, which carry the trail in their encryption context; the second for the check
/// when a trail is made and for what is written without that context, under the bucket's default encryption.
fn cloudtrail(account: &AccountId, region: &Region) -> [Statement; 2] {
    let service = |statement: Statement| statement.service("cloudtrail.amazonaws.com");
    [
        service(Statement::allow("TrailsOfThisAccountEncrypt", ["kms:GenerateDataKey*"])).when(
            Operator::StringLike,
            "kms:EncryptionContext:aws:cloudtrail:arn",
            [format!("arn:aws:cloudtrail:*:{account}:trail/*")],
        ),
        service(Statement::allow(
            "TrailsOfThisAccountByDefault",
            ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"],
        ))
        .when(Operator::ArnLike, "aws:SourceArn", [format!("arn:aws:cloudtrail:{region}:{account}:trail/*")]),
    ]
}

/// A service's name as the beginning of a statement id, which takes letters and digits only.
fn sid(service: &str) -> String {
    let mut letters = service.chars().filter(char::is_ascii_alphanumeric);
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    fn of(class: &Class) -> Document {
        let zone = dev();
        class_key(&zone.member.id, &zone.region, class)
    }

    #[test]
    fn golden_with_all_services() {
        let zone = dev();
        let class = zone.classes.iter().find(|class| class.services.len() == config::SERVICES.len()).unwrap();
        assert_golden("key/class_key.all_services.json", &of(class));
    }

    #[test]
    fn golden_with_none() {
        let zone = dev();
        let class = zone.classes.iter().find(|class| class.services.is_empty()).unwrap();
        assert_golden("key/class_key.no_service.json", &of(class));
    }

    #[test]
    fn every_service_that_config_knows_is_narrowed() {
        let account = dev().member.id.to_string();
        for service in config::SERVICES {
            let class = Class { name: "any".to_owned(), services: vec![service.to_owned()] };
            let document = of(&class);
            assert!(document.statements().len() > 1, "{service} has no statement");
            let json: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap();
            for statement in json["Statement"].as_array().unwrap().iter().skip(1) {
                assert!(statement["Condition"].to_string().contains(&account), "{statement}");
                assert_ne!(statement["Action"], "kms:*");
            }
        }
    }

    #[test]
    fn statement_ids_are_unique_letters_and_digits() {
        let class = Class { name: "any".to_owned(), services: config::SERVICES.map(str::to_owned).to_vec() };
        let document = of(&class);
        let mut sids: Vec<_> = document.statements().iter().map(Statement::sid).collect();
        assert!(sids.iter().all(|sid| sid.chars().all(|char| char.is_ascii_alphanumeric())));
        sids.sort_unstable();
        let all = sids.len();
        sids.dedup();
        assert_eq!(sids.len(), all);
    }
}
