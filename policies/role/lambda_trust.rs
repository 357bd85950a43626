//! Who may take the role of a domain's functions.

use config::AccountId;

use crate::{Document, Operator, Statement};

/// Lambda, for functions of this account; `aws:SourceAccount` is the key that AWS's own trust policies for functions
/// ask for (looked up 2026-11-24).
/// <https://github.com/aws/agent-toolkit-for-aws/blob/main/skills/specialized-skills/serverless-skills/deploying-custom-domain-rest-api/scripts/lambda-trust-policy.json>
///
/// With `require_module_tag` the session must also carry the tag `module_id`. Lambda tags no session (2026-11-24), so
/// with it no function can be made with this role: the configuration keeps it off, and the guardrail asks for the tag
/// where it exists, at `lambda:CreateFunction`.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
pub fn lambda_trust(account: &AccountId, require_module_tag: bool) -> Document {
    let trust = Statement::trust("FunctionsOfThisAccount", "sts:AssumeRole").service("lambda.amazonaws.com").when(
        Operator::StringEquals,
        "aws:SourceAccount",
        [account.as_ref()],
    );
    Document::new([if require_module_tag { trust.when_present("aws:RequestTag/module_id") } else { trust }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let document = lambda_trust(&zone.member.id, zone.roles.require_module_tag_in_trust);
        assert_golden("role/lambda_trust.json", &document);
    }

    #[test]
    fn golden_with_the_module_tag() {
        assert_golden("role/lambda_trust.module_tag.json", &lambda_trust(&dev().member.id, true));
    }
}
