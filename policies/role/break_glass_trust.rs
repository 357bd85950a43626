//! Who may take the role for emergencies.

use config::AccountId;

use crate::{Document, Operator, Statement};

/// Whoever the account's own policies allow to, signed in with MFA.
///
/// `Bool`, not `BoolIfExists`: requests signed with a long-term access key carry no `aws:MultiFactorAuthPresent`, and
/// shall not pass.
///
/// Sessions of Identity Center and of SAML carry no `aws:MultiFactorAuthPresent` either, also where the identity provider
/// asked for a second factor (2026-11-25). So `people` may name Identity Center's roles, `AWSReservedSSO_{set}_*`: only AWS
/// can make roles below `aws-reserved/`, and there, between, stands the region, save for one.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent>
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
pub fn break_glass_trust(account: &AccountId, people: &[String]) -> Document {
    let account_of = |sid| Statement::trust(sid, "sts:AssumeRole").aws(format!("arn:aws:iam::{account}:root"));
    let with_mfa =
        account_of("PeopleOfThisAccountWithMfa").when(Operator::Bool, "aws:MultiFactorAuthPresent", ["true"]);
    let roles = people.iter().map(|role| format!("arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/*{role}"));
    let by_single_sign_on = (!people.is_empty())
        .then(|| account_of("PeopleOfIdentityCenter").when(Operator::ArnLike, "aws:PrincipalArn", roles));
    Document::new(std::iter::once(with_mfa).chain(by_single_sign_on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        assert_golden("role/break_glass_trust.json", &break_glass_trust(&dev().member.id, &[]));
    }

    #[test]
    fn golden_with_a_permission_set() {
        let document = break_glass_trust(&dev().member.id, &["AWSReservedSSO_BreakGlass_*".to_owned()]);
        assert_golden("role/break_glass_trust.identity_center.json", &document);
    }
}
