//! What CloudTrail may do with the log group of a trail.

use config::{AccountId, Region};

use crate::{Document, Statement};

/// Makes its own log streams and writes to them; `region` is the trail's home region, and `group_arn` may end with the
/// `:*` that CloudWatch Logs puts behind the ARN of a group.
///
/// CloudTrail begins the names of its streams with the account, `CloudTrail` and the region.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html>
pub fn trail_logs(group_arn: &str, account: &AccountId, region: &Region) -> Document {
    let group = group_arn.strip_suffix(":*").unwrap_or(group_arn);
    Document::new([Statement::allow("StreamsOfTheTrail", ["logs:CreateLogStream", "logs:PutLogEvents"])
        .on([format!("{group}:log-stream:{account}_CloudTrail_{region}*")])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let group = zone.env_name(&format!("/aws/cloudtrail/{}", zone.trail_name()));
        let group_arn = super::super::arn(&zone, "logs", &format!("log-group:{group}"));
        assert_golden("role/trail_logs.json", &trail_logs(&group_arn, &zone.member.id, &zone.region));
    }

    #[test]
    fn both_forms_of_the_groups_arn_give_the_same_policy() {
        let zone = dev();
        let of = |arn: &str| trail_logs(arn, &zone.member.id, &zone.region);
        let group_arn = super::super::arn(&zone, "logs", "log-group:g");
        assert_eq!(of(&group_arn), of(&format!("{group_arn}:*")));
    }
}
