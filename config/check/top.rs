//! What stands at the top of the zone: prefix, tags, regions, who may deploy, who is exempt.

use super::{NAME_HINT, not_a_name, unique};
use crate::reader::Book;
use crate::shape::Shape;

pub(super) fn check(book: &Book, shape: &Shape) {
    if let Some(prefix) = &shape.prefix {
        self::prefix(book, prefix);
    }
    if let Some(subject) = shape.github_subject.as_ref().filter(|subject| !is_subject(subject)) {
        book.problem(
            "github_subject",
            format!("wants one repository and what of it may deploy, got `{subject}`"),
            "write it as in `repo:owner/name:*`; a wildcard before the second colon lets others in",
        );
    }
    if let (Some(primary), Some(secondary)) = (&shape.region, &shape.secondary_region)
        && primary == secondary
    {
        book.problem("regions.secondary", format!("is the primary region too, `{primary}`"), "name another region");
    }
    for (key, value) in &shape.tags {
        tag(book, key, value);
    }
    let exempt = shape.guardrails.iter().flat_map(|guardrails| &guardrails.exempt_principals).enumerate();
    let path = |position: usize| format!("guardrails.exempt_principals[{position}]");
    for (position, arn) in exempt.clone().filter(|(_, arn)| !is_principal(arn)) {
        book.problem(
            &path(position),
            format!("wants the ARN of a role or user, got `{arn}`"),
            "write it as in `arn:aws:iam::*:role/OrganizationBootstrap`; a bare wildcard would exempt everybody",
        );
    }
    unique(book, exempt.map(|(position, arn)| (path(position), arn.as_str())));
}

fn prefix(book: &Book, prefix: &str) {
    if let Some(message) = not_a_name(prefix) {
        book.problem("prefix", message, NAME_HINT);
    } else if prefix.contains("--") {
        // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
        book.problem(
            "prefix",
            format!("may not have two hyphens in a row, got `{prefix}`"),
            "CloudTrail takes no such name",
        );
    } else if let Some(reserved) = ["aws", "ssm"].iter().find(|reserved| prefix.starts_with(**reserved)) {
        // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
        book.problem(
            "prefix",
            format!("may not begin with `{reserved}`, got `{prefix}`"),
            "AWS keeps that for its own parameters and aliases",
        );
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html>, the narrowest of the services. How many there
/// are is no question: the keys are ours, and far fewer than the 50 that every service takes.
fn tag(book: &Book, key: &str, value: &str) {
    let path = format!("tags.{key}");
    let legal = value.chars().all(|char| char.is_alphanumeric() || " +-=._:/@".contains(char));
    if !legal || value.chars().count() > 256 {
        book.problem(
            &path,
            format!("is not the value of a tag, `{value}`"),
            "AWS takes up to 256 letters, digits, spaces and + - = . _ : / @",
        );
    } else if value.to_ascii_lowercase().starts_with("aws:") {
        book.problem(&path, format!("may not begin with `aws:`, got `{value}`"), "AWS keeps that for tags of its own");
    }
}

/// The role takes any token that its pattern matches, so owner and name must be written out.
/// <https://docs.github.com/en/actions/reference/security/oidc>
fn is_subject(subject: &str) -> bool {
    let plain =
        |text: &str| !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    let repository = subject.strip_prefix("repo:").and_then(|rest| rest.split_once('/'));
    repository.is_some_and(|(owner, rest)| {
        rest.split_once(':').is_some_and(|(name, what)| plain(owner) && plain(name) && !what.is_empty())
    })
}

fn is_principal(arn: &str) -> bool {
    let name = arn.strip_prefix("arn:").and_then(|rest| rest.split_once('/')).map(|(_, name)| name);
    arn.contains(":iam::") && name.is_some_and(|name| !name.starts_with('*'))
}
