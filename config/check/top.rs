//! What stands at the top of the zone: prefix, tags, regions, who is exempt, who may act in an emergency.

use super::{NAME_HINT, not_a_name, unique};
use crate::AccountId;
use crate::reader::Book;
use crate::shape::Shape;

pub(super) fn check(book: &Book, shape: &Shape) {
    if let Some(prefix) = &shape.prefix {
        self::prefix(book, prefix);
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

    let people = shape.access.iter().flat_map(|access| &access.break_glass_principals).enumerate();
    let path = |position: usize| format!("access.break_glass_principals[{position}]");
    for (position, role) in people.clone().filter(|(_, role)| !is_single_sign_on(role)) {
        book.problem(
            &path(position),
            format!("wants a role of Identity Center, got `{role}`"),
            "write the permission set's name as in `AWSReservedSSO_BreakGlass_*`",
        );
    }
    unique(book, people.map(|(position, role)| (path(position), role.as_str())));
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

/// A role or a user of one account or of all, whose name begins with something that is no wildcard.
fn is_principal(arn: &str) -> bool {
    let (account, name) = match arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':')) {
        Some((account, rest)) => (account, rest.strip_prefix("role/").or_else(|| rest.strip_prefix("user/"))),
        None => return false,
    };
    let one_or_all = account == "*" || account.parse::<AccountId>().is_ok();
    one_or_all && name.is_some_and(|name| !name.is_empty() && !name.starts_with(['*', '?']))
}

/// The role that Identity Center makes of a permission set ends in letters of its own choice.
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
fn is_single_sign_on(role: &str) -> bool {
    let set = role.strip_prefix("AWSReservedSSO_").and_then(|rest| rest.strip_suffix("_*"));
    set.is_some_and(|set| {
        !set.is_empty() && set.chars().all(|char| char.is_ascii_alphanumeric() || "+=,.@_-".contains(char))
    })
}
