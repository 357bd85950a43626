//! Who may take the role that writes a trail's events to its log group.

use config::AccountId;

use crate::{Document, Operator, Statement};

/// CloudTrail, and when it says for whose trail, for this account's only.
///
/// `IfExists` on purpose (looked up 2026-11-24): CloudTrail sends `aws:SourceAccount` to the resources it writes to
/// (buckets, topics, keys), but AWS's trust policy for this role has no condition, and no page says that the key is
/// there when CloudTrail takes the role. Were it asked for and not sent, the trail could not be made
/// (`InvalidCloudWatchLogsRoleArnException`). What it protects against is closed anyway: to name this role in a trail
/// one needs `iam:PassRole` on it, which reaches no role of another account.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html>
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cross-service-confused-deputy-prevention.html>
pub fn cloudtrail_trust(account: &AccountId) -> Document {
    Document::new([Statement::trust("TrailsOfThisAccount", "sts:AssumeRole").service("cloudtrail.amazonaws.com").when(
        Operator::StringEqualsIfExists,
        "aws:SourceAccount",
        [account.as_ref()],
    )])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        assert_golden("role/cloudtrail_trust.json", &cloudtrail_trust(&dev().member.id));
    }
}
