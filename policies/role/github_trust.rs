//! Who may take the role that deploys from GitHub.

use crate::{Document, Operator, Statement};

/// Workflows whose token is for `audience` and whose subject is like `subject`, such as `repo:owner/name:*`.
///
/// Both are needed: with the audience alone every repository on GitHub could take the role. Subject and audience are
/// in the token, which GitHub signs. `*` behind the repository takes in every branch, tag and environment of it, so
/// whoever may push a branch there may deploy.
/// <https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws>
pub fn github_trust(provider_arn: &str, audience: &str, subject: &str) -> Document {
    Document::new([Statement::trust("WorkflowsOfTheRepository", "sts:AssumeRoleWithWebIdentity")
        .federated(provider_arn)
        .when(Operator::StringEquals, "token.actions.githubusercontent.com:aud", [audience])
        .when(Operator::StringLike, "token.actions.githubusercontent.com:sub", [subject])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{GITHUB_PROVIDER_ARN, assert_golden, dev};

    #[test]
    fn golden() {
        let document = github_trust(GITHUB_PROVIDER_ARN, "sts.amazonaws.com", &dev().github_subject);
        assert_golden("role/github_trust.json", &document);
    }
}
