//! Who may take the role for emergencies.

use config::AccountId;

use crate::{Document, Operator, Statement};

/// Whoever the account's own policies allow to, signed in with MFA.
///
/// `Bool`, not `BoolIfExists`: requests signed with a long-term access key carry no `aws:MultiFactorAuthPresent`, and
/// shall not pass.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent>
pub fn break_glass_trust(account: &AccountId) -> Document {
    Document::new([Statement::trust("PeopleOfThisAccountWithMfa", "sts:AssumeRole")
        .aws(format!("arn:aws:iam::{account}:root"))
        .when(Operator::Bool, "aws:MultiFactorAuthPresent", ["true"])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        assert_golden("role/break_glass_trust.json", &break_glass_trust(&dev().member.id));
    }
}
