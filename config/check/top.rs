//! What stands at the top of the zone: prefix, tags, regions, who is exempt, who may act in an emergency.

use super::{NAME_HINT, not_a_name, unique};
use crate::AccountId;
use crate::problem::suggest;
use crate::reader::Book;
use crate::shape::{ENVIRONMENT, Shape, Tags};

pub(super) fn check(book: &Book, shape: &Shape) {
    if let Some(prefix) = &shape.prefix {
        self::prefix(book, prefix);
    }
    if let (Some(primary), Some(secondary)) = (&shape.region, &shape.secondary_region)
        && primary == secondary
    {
        book.problem("regions.secondary", format!("is the primary region too, `{primary}`"), "name another region");
    }
    tags(book, &shape.tags);
    if let Some(key) = shape.roles.iter().find_map(|roles| roles.tag_in_trust.as_deref())
        && !(key.is_ascii() && is_key(key))
    {
        let hint = "write the key of a tag: letters of ASCII, digits and + - = . _ : / @";
        book.problem("roles.tag_in_trust", format!("is not the key of a tag that a policy can name, `{key}`"), hint);
    }
    let exempt = shape.guardrails.iter().flat_map(|guardrails| &guardrails.exempt_principals).enumerate();
    let path = |position: usize| format!("guardrails.exempt_principals[{position}]");
    for (position, arn) in exempt.clone().filter(|(_, arn)| !is_principal(arn)) {
        book.problem(
            &path(position),
            format!("expected the ARN of a role or user, got `{arn}`"),
            "write it as in `arn:aws:iam::*:role/OrganizationBootstrap`; a bare wildcard would exempt everybody",
        );
    }
    unique(book, exempt.map(|(position, arn)| (path(position), arn.as_str())));

    let people = shape.access.iter().flat_map(|access| &access.break_glass_principals).enumerate();
    let path = |position: usize| format!("access.break_glass_principals[{position}]");
    for (position, role) in people.clone().filter(|(_, role)| !is_single_sign_on(role)) {
        book.problem(
            &path(position),
            format!("expected a role of Identity Center, got `{role}`"),
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

/// Fewer than the 50 that services take: some resources carry one or two of their own.
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
const MOST_TAGS: usize = 40;

fn tags(book: &Book, tags: &Tags) {
    if tags.all.is_empty() {
        book.problem("tags", "has no tag", "write at least one: tags tell the zone's resources from those of others");
    }
    if tags.all.len() > MOST_TAGS {
        let message = format!("has {} tags, {} too many", tags.all.len(), tags.all.len() - MOST_TAGS);
        book.problem("tags", message, format!("write no more than {MOST_TAGS}"));
    }
    for (key, value) in &tags.all {
        tag(book, key, value);
    }
    let path = |position: usize| format!("tags.required[{position}]");
    let mut known: Vec<&str> = tags.all.keys().map(String::as_str).collect();
    known.push(ENVIRONMENT);
    for (position, key) in tags.required.iter().flatten().enumerate().filter(|(_, key)| !known.contains(&key.as_str()))
    {
        let message = format!("no resource has the tag `{key}`: the guardrail would deny the zone's own deployment");
        book.problem(&path(position), message, format!("{}; or add it to [tags]", suggest(key, &known, "tags")));
    }
    if tags.required.as_ref().is_some_and(Vec::is_empty) {
        let hint = "name at least one, or take the line out: then all of them are required";
        book.problem("tags.required", "names no tag", hint);
    }
    unique(book, tags.required.iter().flatten().enumerate().map(|(position, key)| (path(position), key.as_str())));
    for key in tags.required().iter().filter(|key| !key.is_ascii()) {
        let message = format!("requires `{key}`, of which the guardrail cannot make a statement");
        let hint = "require tags whose keys have ASCII letters only: `required = [..]` names them";
        book.problem("tags.required", message, hint);
    }
    // the ids of a policy's statements, which a tag's key is made into, know neither signs nor case at their beginnings
    let sid = |key: &str| key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let required = tags.required();
    for (position, key) in required.iter().enumerate() {
        if let Some(other) = required[..position].iter().find(|other| *other != key && sid(other) == sid(key)) {
            let message = format!("`{other}` and `{key}` differ in signs only");
            book.problem(&format!("tags.{key}"), message, "require only one of them");
        }
    }
}

/// What keys and values consist of: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html>, the narrowest of the
/// services.
fn in_tags(char: char) -> bool {
    char.is_alphanumeric() || " +-=._:/@".contains(char)
}

/// Whether a text is the key of a tag. One that begins or ends with a space looks like another.
fn is_key(key: &str) -> bool {
    key.chars().all(in_tags) && key.trim() == key && (1..=128).contains(&key.chars().count())
}

fn tag(book: &Book, key: &str, value: &str) {
    let path = format!("tags.{key}");
    if key.eq_ignore_ascii_case(ENVIRONMENT) {
        book.problem(&path, "is added by itself, with the environment's name", "take the line out");
    } else if !is_key(key) {
        book.problem(
            &path,
            format!("is not the key of a tag, `{key}`"),
            "write up to 128 letters, digits and + - = . _ : / @, with spaces only between them",
        );
    } else if key.to_ascii_lowercase().starts_with("aws:") || ["Name", "classification"].contains(&key) {
        let hint = if key.contains(':') { "AWS keeps that for tags of its own" } else { "the zone sets it by itself" };
        book.problem(&path, format!("may not be `{key}`"), hint);
    }
    if !value.chars().all(in_tags) || value.chars().count() > 256 {
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
