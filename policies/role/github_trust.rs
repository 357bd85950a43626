//! Who may take the role that deploys from GitHub.

use crate::{Document, Operator, Statement};

/// Workflows whose token is for `audience` and whose subject is like one of `subjects`, such as
/// `repo:owner/name:ref:refs/heads/main`, or in GitHub's immutable form `repo:owner@1/name@2:ref:refs/heads/main`.
///
/// Both are needed: with the audience alone every repository on GitHub could take the role. Subject and audience are
/// in the token, which GitHub signs. `*` behind the repository takes in every branch, tag and environment of it, so
/// whoever may push a branch there may deploy; configuration refuses that where `protect` is true.
/// <https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws>
pub fn github_trust(provider_arn: &str, audience: &str, subjects: &[String]) -> Document {
    Document::new([Statement::trust("WorkflowsOfTheRepositories", "sts:AssumeRoleWithWebIdentity")
        .federated(provider_arn)
        .when(Operator::StringEquals, "token.actions.githubusercontent.com:aud", [audience])
        .when(Operator::StringLike, "token.actions.githubusercontent.com:sub", subjects)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{GITHUB_PROVIDER_ARN, assert_golden, dev};

    #[test]
    fn golden() {
        let document = github_trust(GITHUB_PROVIDER_ARN, "sts.amazonaws.com", &dev().github_subjects);
        assert_golden("role/github_trust.json", &document);
    }

    /// Whether a token with this subject takes the role; `StringLike` knows `*` for any text.
    fn takes(subjects: &[String], token: &str) -> bool {
        let json: serde_json::Value =
            serde_json::from_str(&github_trust(GITHUB_PROVIDER_ARN, "sts.amazonaws.com", subjects).to_json()).unwrap();
        let patterns = &json["Statement"][0]["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"];
        let patterns = patterns.as_array().cloned().unwrap_or_else(|| vec![patterns.clone()]);
        patterns.iter().any(|pattern| {
            let pattern = pattern.as_str().unwrap();
            match pattern.split_once('*') {
                None => pattern == token,
                Some((head, "")) => token.starts_with(head),
                Some(_) => panic!("{pattern}: a wildcard stands at the end only"),
            }
        })
    }

    #[test]
    fn tokens_of_all_repositories_take_it_and_of_no_other() {
        let subjects = dev().github_subjects;
        for subject in &subjects {
            let (owner, name) = subject["repo:".len()..].split_once(':').unwrap().0.split_once('/').unwrap();
            assert!(takes(&subjects, &format!("repo:{owner}/{name}:ref:refs/heads/main")), "{subject}");
            for stranger in [format!("{owner}-evil"), format!("{owner}@1"), "somebody".to_owned()] {
                assert!(!takes(&subjects, &format!("repo:{stranger}/{name}:ref:refs/heads/main")), "{stranger}/{name}");
            }
            assert!(!takes(&subjects, &format!("repo:{owner}/another:ref:refs/heads/main")), "{subject}");
        }
    }

    #[test]
    fn tokens_of_the_immutable_form_need_a_subject_of_it() {
        let token = "repo:acme@12/orders@345:environment:prod";
        let old = ["repo:acme/orders:environment:prod".to_owned()];
        let new = ["repo:acme@12/orders@345:environment:prod".to_owned()];
        assert!(!takes(&old, token));
        assert!(takes(&new, token));
        // whoever takes the name over has other ids, and a branch is no environment
        assert!(!takes(&new, "repo:acme@99/orders@678:environment:prod"));
        assert!(!takes(&new, "repo:acme@12/orders@345:ref:refs/heads/main"));
    }
}
