//! Who may publish alerts.

use config::AccountId;

use crate::{Document, Operator, Statement};

/// What an owner does with a topic. SNS refuses `sns:*` in a topic's policy, so they are named: those of the policy
/// that SNS itself puts on a new topic.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html>
const OWN: [&str; 8] = [
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
];

/// The account by its own IAM policies, and CloudWatch for alarms of this account.
///
/// `aws:SourceArn` is the alarm's ARN; it is the key in AWS's own examples for alarms, and holds the account
/// (looked up 2026-11-24). Alarms publish to topics of their own region only, so the region is left open.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html>
/// <https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger>
pub fn alerts(topic_arn: &str, account: &AccountId) -> Document {
    Document::new([
        Statement::allow("AccountByItsOwnPolicies", OWN).aws(format!("arn:aws:iam::{account}:root")).on([topic_arn]),
        Statement::allow("AlarmsOfThisAccount", ["sns:Publish"])
            .service("cloudwatch.amazonaws.com")
            .on([topic_arn])
            .when(Operator::ArnLike, "aws:SourceArn", [format!("arn:aws:cloudwatch:*:{account}:alarm:*")]),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let topic = zone.full_name("platform-alerts");
        let topic_arn = format!("arn:aws:sns:{}:{}:{topic}", zone.region, zone.member.id);
        assert_golden("topic/alerts.json", &alerts(&topic_arn, &zone.member.id));
    }
}
