//! User pools, their clients, and where people are sent back to.

use super::{NAME_HINT, not_a_name, one_of, unique};
use crate::reader::Book;
use crate::zone::env_name;
use crate::{Callback, Client, Identity, Pool};

/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html>
const LONGEST_ATTRIBUTE: usize = 20;
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html>
const LONGEST_DOMAIN: usize = 63;
const RESERVED_IN_DOMAINS: [&str; 3] = ["aws", "amazon", "cognito"];

pub(super) fn check(book: &Book, identity: Option<&Identity>, pools: &[Pool]) {
    for (index, pool) in pools.iter().enumerate() {
        let path = |key: &str| format!("pool[{index}].{key}");
        if let Some(message) = not_a_name(&pool.name) {
            book.problem(&path("name"), message, NAME_HINT);
        }
        let least = pool.password_minimum_length;
        if !(8..=99).contains(&least) {
            book.problem(
                &path("password_minimum_length"),
                format!("wants 8 to 99, got {least}"),
                "Cognito takes up to 99; less than 8 is no protection",
            );
        }
        attributes(book, index, pool);
        for (position, client) in pool.clients.iter().enumerate() {
            let path = |key: &str| format!("pool[{index}].client[{position}].{key}");
            self::client(book, path, client, identity);
        }
    }
    unique(book, pools.iter().enumerate().map(|(index, pool)| (format!("pool[{index}].name"), pool.name.as_str())));
    unique(book, clients(pools).map(|(path, client)| (path, client.name.as_str())));
}

fn clients(pools: &[Pool]) -> impl Iterator<Item = (String, &Client)> {
    pools.iter().enumerate().flat_map(|(index, pool)| {
        let path = move |position| format!("pool[{index}].client[{position}].name");
        pool.clients.iter().enumerate().map(move |(position, client)| (path(position), client))
    })
}

fn attributes(book: &Book, index: usize, pool: &Pool) {
    let path = |position: usize| format!("pool[{index}].attributes[{position}]");
    for (position, attribute) in pool.attributes.iter().enumerate() {
        let legal = attribute.chars().all(|char| char.is_ascii_alphanumeric() || "_-.".contains(char));
        let length = attribute.chars().count();
        if attribute.starts_with("custom:") {
            book.problem(&path(position), "begins with `custom:`", "Cognito puts that in front: leave it out");
        } else if !legal || length > LONGEST_ATTRIBUTE {
            book.problem(
                &path(position),
                format!("is not the name of an attribute, `{attribute}`"),
                format!("Cognito takes up to {LONGEST_ATTRIBUTE} letters, digits and _ - ."),
            );
        }
    }
    unique(book, pool.attributes.iter().enumerate().map(|(position, name)| (path(position), name.as_str())));
    if pool.attributes.len() > 50 {
        book.problem(&format!("pool[{index}].attributes"), "are more than 50", "Cognito takes 50 and gives none back");
    }
}

fn client(book: &Book, path: impl Fn(&str) -> String, client: &Client, identity: Option<&Identity>) {
    if let Some(message) = not_a_name(&client.name) {
        book.problem(&path("name"), message, NAME_HINT);
    }
    if client.kind.signs_people_in() && !client.scopes.is_empty() {
        book.problem(
            &path("scopes"),
            format!("a {} client signs people in", client.kind),
            "scopes of the resource server are for clients of kind \"machine\": take the line out",
        );
    }
    if !client.kind.signs_people_in() && client.scopes.is_empty() {
        book.problem(
            &path("kind"),
            "a machine without `scopes` gets no token",
            "write `scopes = [..]`, of those of [identity.resource_server]",
        );
    }
    let Some(server) = identity.map(|identity| &identity.resource_server) else { return };
    let known: Vec<&str> = server.scopes.iter().map(String::as_str).collect();
    for (position, scope) in client.scopes.iter().enumerate() {
        one_of(book, &path(&format!("scopes[{position}]")), scope, &known, "scope");
    }
}

/// The domains as they will be on AWS, in this environment.
pub(super) fn names(book: &Book, identity: Option<&Identity>, pools: &[Pool], environment: &str) {
    let Some(identity) = identity else { return };
    let prefix = &identity.domain_prefix;
    let path = "identity.domain_prefix";
    if let Some(message) = not_a_name(prefix) {
        book.problem(path, message, NAME_HINT);
    }
    if let Some(reserved) = RESERVED_IN_DOMAINS.iter().find(|reserved| prefix.contains(**reserved)) {
        book.problem(path, format!("has `{reserved}` in it, `{prefix}`"), "Cognito keeps that word for itself");
    }
    for pool in pools {
        let domain = env_name(&format!("{prefix}-{}", pool.name), environment);
        let length = domain.chars().count();
        if length > LONGEST_DOMAIN {
            book.problem(
                path,
                format!("makes the domain `{domain}`, {length} characters, {} too many", length - LONGEST_DOMAIN),
                format!("Cognito takes {LONGEST_DOMAIN}; shorten `domain_prefix` or the pool's name"),
            );
        }
    }
}

/// Every client that signs people in is sent back to somewhere, and nobody else is.
pub(super) fn callbacks(book: &Book, pools: &[Pool], callbacks: &[Callback]) {
    let signing: Vec<&str> =
        clients(pools).map(|(_, c)| c).filter(|c| c.kind.signs_people_in()).map(|c| c.name.as_str()).collect();
    for (index, callback) in callbacks.iter().enumerate() {
        one_of(book, &format!("callback[{index}].client"), &callback.client, &signing, "client that signs people in");
        for (key, urls) in [("urls", &callback.urls), ("sign_out_urls", &callback.sign_out_urls)] {
            for (position, url) in urls.iter().enumerate().filter(|(_, url)| !is_callback(url)) {
                book.problem(
                    &format!("callback[{index}].{key}[{position}]"),
                    format!("people cannot be sent to `{url}`"),
                    "write an https URL, a URL of an app (`bank://signed-in`), or http of localhost",
                );
            }
        }
        if callback.urls.is_empty() {
            book.problem(&format!("callback[{index}].urls"), "has no URL", "write at least one");
        }
    }
    unique(
        book,
        callbacks.iter().enumerate().map(|(index, c)| (format!("callback[{index}].client"), c.client.as_str())),
    );
    for (path, client) in clients(pools).filter(|(_, client)| client.kind.signs_people_in()) {
        if !client.name.is_empty() && callbacks.iter().all(|callback| callback.client != client.name) {
            book.problem(
                &path,
                format!(
                    "`{}` signs people in, and this environment does not say where they are sent back to",
                    client.name
                ),
                format!(
                    "add to the environment's file: [[callback]], client = \"{}\", urls = [\"https://...\"]",
                    client.name
                ),
            );
        }
    }
}

/// As Cognito takes it: https, a scheme of an app, or http of this machine; no fragment.
fn is_callback(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    let app = scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
    let scheme_is_fine = match scheme {
        "http" => ["localhost", "127.0.0.1"].contains(&host),
        "https" => host.contains('.') || host == "localhost",
        _ => app && !scheme.is_empty(),
    };
    scheme_is_fine && !rest.is_empty() && !url.contains(['#', ' '])
}
