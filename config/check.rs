//! The rules that need more than one value, or that AWS sets on names and numbers.
//!
//! Each rule names the value that is to be changed by its path; [`Book::problem`] knows the line.

mod delivery;
mod environment;
mod events;
mod identity;
mod network;
mod storage;

use crate::environment::Environment;
use crate::problem::suggest;
use crate::reader::Book;
use crate::shape::Shape;
use crate::{Callback, Pool};

/// Rules inside `zone.toml`.
pub(crate) fn shape(book: &Book, shape: &Shape) {
    if let Some(prefix) = &shape.prefix {
        if let Some(message) = not_a_name(prefix) {
            book.problem("prefix", message, NAME_HINT);
        } else if ["aws", "ssm"].contains(&prefix.as_str()) {
            book.problem(
                "prefix",
                format!("`{prefix}` is reserved by AWS"),
                "parameters and aliases may not begin with it",
            );
        }
    }
    if let (Some(primary), Some(secondary)) = (&shape.region, &shape.secondary_region)
        && primary == secondary
    {
        book.problem("regions.secondary", format!("is the primary region too, `{primary}`"), "name another region");
    }
    for (key, value) in &shape.tags {
        let legal = value.chars().all(|char| char.is_alphanumeric() || " +-=._:/@".contains(char));
        if !legal || value.chars().count() > 256 {
            book.problem(
                &format!("tags.{key}"),
                format!("is not the value of a tag, `{value}`"),
                "AWS takes up to 256 letters, digits, spaces and + - = . _ : / @",
            );
        }
    }
    if let Some(network) = &shape.network {
        network::check(book, network);
    }
    if let Some(kms) = &shape.kms {
        within(book, "kms.deletion_window_days", kms.deletion_window_days, 7, 30, "KMS");
        within(book, "kms.rotation_days", kms.rotation_days, 90, 2560, "KMS");
    }
    if let Some(events) = &shape.events {
        within(book, "events.archive_days", events.archive_days, 1, 3650, "the zone");
        within(book, "events.dlq_retention_days", events.dlq_retention_days, 1, 14, "SQS");
        let classes: Vec<&str> = shape.classes.iter().map(|class| class.name.as_str()).collect();
        one_of(book, "events.class", &events.class, &classes, "class");
    }
    storage::check(book, &shape.classes, &shape.buckets);
    events::check(book, &shape.domains);
    events::roles(book, &shape.domains, &shape.classes);
    identity::check(book, shape.identity.as_ref(), &shape.pools);
    if let Some(delivery) = &shape.delivery {
        delivery::check(book, delivery, &shape.classes, &shape.buckets);
    }
    delivery::streams(book, &shape.streams);
    if let Some(observability) = &shape.observability {
        delivery::observability(book, observability, &shape.classes);
    }
    if let Some(guardrails) = &shape.guardrails {
        for (position, arn) in guardrails.exempt_principals.iter().enumerate().filter(|(_, arn)| !is_principal(arn)) {
            book.problem(
                &format!("guardrails.exempt_principals[{position}]"),
                format!("wants the ARN of a role or user, got `{arn}`"),
                "write it as in `arn:aws:iam::*:role/OrganizationBootstrap`; a bare wildcard would exempt everybody",
            );
        }
    }
}

fn is_principal(arn: &str) -> bool {
    let name = arn.strip_prefix("arn:").and_then(|rest| rest.split_once('/')).map(|(_, name)| name);
    arn.contains(":iam::") && name.is_some_and(|name| !name.starts_with('*'))
}

/// Rules inside `{environment}.toml`.
pub(crate) fn environment(book: &Book, environment: &Environment) {
    environment::check(book, environment);
}

/// Rules about names that are put together from both files.
pub(crate) fn names(book: &Book, shape: &Shape, environment: &str, suffix: Option<&str>) {
    if let Some(prefix) = &shape.prefix {
        storage::names(book, &shape.buckets, prefix, environment, suffix);
    }
    events::names(book, &shape.domains, environment);
    identity::names(book, shape.identity.as_ref(), &shape.pools, environment);
}

/// Where the clients' people are sent back to: rules across both files.
pub(crate) fn callbacks(book: &Book, pools: &[Pool], callbacks: &[Callback]) {
    identity::callbacks(book, pools, callbacks);
}

pub(crate) const NAME_HINT: &str = "begin and end with a lower-case letter or digit; hyphens may stand between";

/// Why a text cannot be part of a bucket's name; the rules of S3 are the narrowest, so all names follow them.
pub(crate) fn not_a_name(text: &str) -> Option<String> {
    let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    let valid = text.starts_with(plain) && text.ends_with(plain) && text.chars().all(|char| plain(char) || char == '-');
    (!valid).then(|| format!("wants lower-case letters, digits and hyphens, got `{text}`"))
}

fn within(book: &Book, path: &str, value: u32, least: u32, most: u32, who: &str) {
    if !(least..=most).contains(&value) {
        book.problem(path, format!("wants {least} to {most} days, got {value}"), format!("{who} takes nothing else"));
    }
}

/// Reports the second of two equal values, naming the line of the first.
fn unique<'a>(book: &Book, values: impl IntoIterator<Item = (String, &'a str)>) {
    let mut seen: Vec<(String, &str)> = Vec::new();
    for (path, value) in values.into_iter().filter(|(_, value)| !value.is_empty()) {
        if let Some(place) = seen.iter().find(|(_, other)| *other == value).and_then(|(path, _)| book.place(path)) {
            book.problem(&path, format!("`{value}` stands at {place} already"), "take one of them out, or rename it");
        }
        seen.push((path, value));
    }
}

fn one_of(book: &Book, path: &str, value: &str, known: &[&str], what: &str) {
    if !value.is_empty() && !known.contains(&value) {
        book.problem(path, format!("there is no {what} `{value}`"), suggest(value, known, "known"));
    }
}
