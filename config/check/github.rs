//! Which workflows may deploy from GitHub.
//!
//! GitHub names a repository in two forms. Since 2026-07-15 repositories that are made, renamed or transferred have the
//! immutable one, and others can be switched to it:
//!
//! - `repo:OWNER/NAME:..`, what the repository is called at the moment;
//! - `repo:OWNER@OWNER_ID/NAME@REPOSITORY_ID:..`, which whoever takes the name over later does not have.
//!
//! <https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens>
//! <https://docs.github.com/en/actions/reference/security/oidc>

use super::unique;
use crate::environment::Environment;
use crate::reader::Book;

pub(super) fn check(book: &Book, environment: &Environment) {
    let subjects = environment.github_subjects.iter().flatten().enumerate();
    let path = |position: usize| format!("github_subjects[{position}]");
    for (position, subject) in subjects.clone() {
        let Some(what) = part_of_a_repository(subject) else {
            book.problem(
                &path(position),
                format!("expected one repository and what of it may deploy, got `{subject}`"),
                "write `repo:owner/name:..` or `repo:owner@id/name@id:..`; a wildcard before the second colon lets others in",
            );
            continue;
        };
        if environment.protect == Some(true) && !is_bound(what) {
            book.problem(
                &path(position),
                format!("lets more than one branch or environment deploy, `{subject}`, and `protect` is true"),
                "end it in `:ref:refs/heads/main` or `:environment:prod`: whoever may push any branch may deploy",
            );
        }
    }
    unique(book, subjects.map(|(position, subject)| (path(position), subject.as_str())));
    if environment.github_subjects.as_ref().is_some_and(Vec::is_empty) {
        book.problem("github_subjects", "names no repository", "write at least one: IAM takes no empty condition");
    }
}

/// Whoever deploys from GitHub has to be named where there is a role for that.
pub(super) fn needed(book: &Book, access: bool, environment: &Environment) {
    if access && environment.github_subjects.is_none() {
        book.problem(
            "access",
            "there is a role that GitHub deploys with, and this environment does not say which workflows may",
            "add to the environment's file, above its first table: \
             github_subjects = [\"repo:owner/name:ref:refs/heads/main\"]",
        );
    }
}

/// What stands behind the repository. The role takes any token that its pattern matches, so owner, name and ids must be
/// written out: `repo:acme*/..` would also match an owner who calls himself `acme-evil`.
fn part_of_a_repository(subject: &str) -> Option<&str> {
    let (owner, rest) = subject.strip_prefix("repo:")?.split_once('/')?;
    let (name, what) = rest.split_once(':')?;
    // both of the ids, or none
    let same_form = owner.contains('@') == name.contains('@');
    (same_form && is_written_out(owner) && is_written_out(name) && !what.is_empty()).then_some(what)
}

/// A name, or a name with its id.
fn is_written_out(text: &str) -> bool {
    let (name, id) = text.split_once('@').unwrap_or((text, "0"));
    let plain = |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    !name.is_empty() && plain(name) && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// One branch, tag or environment; a wildcard may stand inside its name (`ref:refs/tags/v*`), and not for all of it.
fn is_bound(what: &str) -> bool {
    let named = |name: &str| !name.is_empty() && !name.starts_with(['*', '?']);
    let branch = |kind: &str| what.strip_prefix(kind).is_some_and(named);
    branch("ref:refs/heads/") || branch("ref:refs/tags/") || branch("environment:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_taken_and_mixed_or_open_ones_are_not() {
        for subject in ["repo:acme/orders:*", "repo:acme@12/orders@345:environment:prod"] {
            assert!(part_of_a_repository(subject).is_some(), "{subject}");
        }
        for subject in [
            "repo:*",
            "repo:acme/*:ref:refs/heads/main",
            "repo:acme*/orders:ref:refs/heads/main",
            "repo:acme@*/orders@345:ref:refs/heads/main",
            "repo:acme@12/orders@*:ref:refs/heads/main",
            "repo:acme@12/orders:ref:refs/heads/main",
            "repo:acme/orders@345:ref:refs/heads/main",
            "repo:acme/orders",
            "repo:acme/orders:",
            "acme/orders:ref:refs/heads/main",
        ] {
            assert_eq!(part_of_a_repository(subject), None, "{subject}");
        }
    }

    #[test]
    fn a_branch_a_tag_or_an_environment_binds_and_nothing_else_does() {
        for what in ["ref:refs/heads/main", "ref:refs/tags/v*", "environment:prod"] {
            assert!(is_bound(what), "{what}");
        }
        for what in
            ["*", "ref:*", "ref:refs/heads/*", "environment:*", "environment:", "pull_request", "environment:?*"]
        {
            assert!(!is_bound(what), "{what}");
        }
    }
}
