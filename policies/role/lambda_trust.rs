//! Who may take the role of a domain's functions.

use config::AccountId;

use crate::{Document, Operator, Statement};

/// Lambda, and when it says for whose functions, for this account's only.
///
/// `IfExists` on purpose (2026-11-25): AWS's own ParallelCluster found that with a condition on `aws:SourceArn` the first
/// function with a VPC configuration in a VPC cannot be made (<https://github.com/aws/aws-parallelcluster/pull/6926>),
/// and nobody says whether `aws:SourceAccount` is sent then; all our functions are for a new VPC. What the condition
/// protects from is closed anyway: to give a function this role one needs `iam:PassRole` on it, which reaches no role of
/// another account.
///
/// With a `tag` the session must also carry it. Lambda tags no session (2026-11-24), so with one no function can be made
/// with this role: leave it out; the guardrail asks for tags where they exist, at `lambda:CreateFunction`.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
pub fn lambda_trust(account: &AccountId, tag: Option<&str>) -> Document {
    let trust = Statement::trust("FunctionsOfThisAccount", "sts:AssumeRole").service("lambda.amazonaws.com").when(
        Operator::StringEqualsIfExists,
        "aws:SourceAccount",
        [account.as_ref()],
    );
    Document::new([match tag {
        Some(tag) => trust.when_present(format!("aws:RequestTag/{tag}")),
        None => trust,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let document = lambda_trust(&zone.member.id, zone.roles.as_ref().and_then(|r| r.tag_in_trust.as_deref()));
        assert_golden("role/lambda_trust.json", &document);
    }

    #[test]
    fn golden_with_a_tag() {
        assert_golden("role/lambda_trust.tag.json", &lambda_trust(&dev().member.id, Some("owner")));
    }
}
