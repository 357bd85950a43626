//! The rules that need more than one value, or that AWS sets on names and numbers.
//!
//! Each rule names the value that is to be changed by its path; [`Book::problem`] knows the line.

mod consumer;
mod delivery;
mod environment;
mod events;
mod github;
mod grants;
mod identity;
mod names;
mod network;
mod storage;
mod tables;
mod top;

use crate::Class;
use crate::environment::Environment;
use crate::names::{Has, Parts};
use crate::problem::suggest;
use crate::reader::Book;
use crate::shape::{SERVICES, Shape};

/// Rules inside `zone.toml`.
pub(crate) fn shape(book: &Book, shape: &Shape) {
    top::check(book, shape);
    tables::check(book, shape);
    if let Some(network) = &shape.network {
        network::check(book, network);
    }
    if let Some(kms) = &shape.kms {
        within(book, "kms.deletion_window_days", kms.deletion_window_days, 7, 30, "KMS");
        within(book, "kms.rotation_days", kms.rotation_days, 90, 2560, "KMS");
    }
    if let Some(events) = &shape.events {
        events::shared(book, events, &shape.classes);
    }
    storage::check(book, &shape.classes, &shape.buckets);
    events::check(book, &shape.domains);
    events::roles(book, &shape.domains, &shape.classes);
    grants::check(book, &shape.domains);
    identity::check(book, shape.identity.as_ref(), &shape.pools);
    if let Some(delivery) = &shape.delivery {
        delivery::check(book, delivery, &shape.classes, &shape.buckets);
    }
    delivery::streams(book, &shape.streams);
    consumer::check(book, &shape.consumers);
    if let Some(observability) = &shape.observability {
        delivery::observability(book, observability, &shape.classes, &shape.buckets);
        storage::trail(book, observability, &shape.buckets);
    }
}

/// Rules inside `{environment}.toml`.
pub(crate) fn environment(book: &Book, environment: &Environment) {
    environment::check(book, environment);
    github::check(book, environment);
}

/// Rules across both files.
pub(crate) fn both(book: &Book, name: &str, shape: &Shape, environment: &Environment) {
    let parts = Parts {
        prefix: shape.prefix.as_deref(),
        environment: name,
        suffix: environment.bucket_suffix.as_deref(),
        classes: &shape.classes,
        buckets: &shape.buckets,
        domains: &shape.domains,
        identity: shape.identity.as_ref(),
        pools: &shape.pools,
        streams: &shape.streams,
        has: Has::of_shape(shape),
    };
    let made = parts.names();
    names::lengths(book, &made);
    names::roles(book, &made, environment.member.as_ref().and_then(|member| member.role.as_deref()));
    storage::names(book, &made);
    identity::domains(book, &made);
    identity::callbacks(book, &shape.pools, &environment.callbacks);
    github::needed(book, shape.access.is_some(), environment);
    environment::backend(book, shape, environment);
    if let (Some(region), Some(secondary)) = (&environment.region, &shape.secondary_region)
        && region == secondary
    {
        book.problem("region", format!("is the secondary region too, `{region}`"), "copies go there: name another");
    }
}

pub(crate) const NAME_HINT: &str = "begin and end with a lower-case letter or digit; hyphens may stand between";

/// Why a text cannot be part of a bucket's name; the rules of S3 are the narrowest, so all names follow them.
pub(crate) fn not_a_name(text: &str) -> Option<String> {
    let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    let valid = text.starts_with(plain) && text.ends_with(plain) && text.chars().all(|char| plain(char) || char == '-');
    (!valid).then(|| format!("expected lower-case letters, digits and hyphens, got `{text}`"))
}

fn within(book: &Book, path: &str, value: u32, least: u32, most: u32, who: &str) {
    if !(least..=most).contains(&value) {
        book.problem(
            path,
            format!("expected {least} to {most} days, got {value}"),
            format!("{who} takes nothing else"),
        );
    }
}

/// Refuses a class whose key the services may not use that have to.
fn services_of(book: &Book, path: &str, class: &str, classes: &[Class], services: &[&str]) {
    let Some(index) = classes.iter().position(|known| known.name == class) else { return };
    let class = &classes[index];
    // what cannot be read or is misspelt was said already, and may be the one that is missed here
    let read = book.place(&format!("class[{index}].services")).is_some();
    if !read || class.services.iter().any(|service| !SERVICES.contains(&service.as_str())) {
        return;
    }
    for service in services.iter().filter(|service| !class.services.iter().any(|known| known == *service)) {
        book.problem(
            path,
            format!("`{service}` may not use the key of `{}`", class.name),
            format!("add \"{service}\" to the services of that class"),
        );
    }
}

/// Reports the second of two equal values, naming the line of the first.
fn unique<'a>(book: &Book, values: impl IntoIterator<Item = (String, &'a str)>) {
    let mut seen: Vec<(String, &str)> = Vec::new();
    for (path, value) in values.into_iter().filter(|(_, value)| !value.is_empty()) {
        if let Some(place) = seen.iter().find(|(_, other)| *other == value).and_then(|(path, _)| book.place(path)) {
            book.problem(&path, format!("`{value}` is already at {place}"), "remove or rename one of them");
        }
        seen.push((path, value));
    }
}

fn one_of(book: &Book, path: &str, value: &str, known: &[&str], what: &str) {
    if !value.is_empty() && !known.contains(&value) {
        book.problem(path, format!("there is no {what} `{value}`"), suggest(value, known, "known"));
    }
}
