//! User pools, their clients, and where people are sent back to.

use super::{NAME_HINT, not_a_name, one_of, unique};
use crate::problem::suggest;
use crate::reader::Book;
use crate::{Callback, Client, Email, Identity, Name, Named, Names, Pool};

/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html>
const LONGEST_ATTRIBUTE: usize = 20;
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html>
const RESERVED_IN_DOMAINS: [&str; 3] = ["aws", "amazon", "cognito"];

/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html>
const LONGEST_CLIENT: usize = 128;
const MOST_URLS: usize = 100;
const LONGEST_URL: usize = 1024;
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateResourceServer.html>
const MOST_SCOPES: usize = 100;
const LONGEST_SCOPE: usize = 256;

pub(super) fn check(book: &Book, identity: Option<&Identity>, pools: &[Pool]) {
    if let Some(identity) = identity {
        shared(book, identity);
        email(book, identity.email.as_ref());
    }
    for (index, pool) in pools.iter().enumerate() {
        let path = |key: &str| format!("pool[{index}].{key}");
        if let Some(message) = not_a_name(&pool.name) {
            book.problem(&path("name"), message, NAME_HINT);
        }
        let least = pool.password_minimum_length;
        if !(8..=99).contains(&least) {
            book.problem(
                &path("password_minimum_length"),
                format!("expected 8 to 99, got {least}"),
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

fn shared(book: &Book, identity: &Identity) {
    if let Some(message) = not_a_name(&identity.domain_prefix) {
        book.problem("identity.domain_prefix", message, NAME_HINT);
    }
    let Some(server) = &identity.resource_server else { return };
    // a token has both with a slash between them, in a list with spaces
    let legal = |text: &str, also: &str| {
        text.len() <= LONGEST_SCOPE
            && text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.:".contains(char) || also.contains(char))
    };
    if !legal(&server.identifier, "/") {
        book.problem(
            "identity.resource_server.identifier",
            format!("is not the identifier of an API, `{}`", server.identifier),
            format!("write up to {LONGEST_SCOPE} letters, digits and - _ . : /"),
        );
    }
    let path = |position: usize| format!("identity.resource_server.scopes[{position}]");
    for (position, scope) in server.scopes.iter().enumerate().filter(|(_, scope)| !legal(scope, "")) {
        book.problem(
            &path(position),
            format!("is not the name of a scope, `{scope}`"),
            format!("write up to {LONGEST_SCOPE} letters, digits and - _ . :"),
        );
    }
    unique(book, server.scopes.iter().enumerate().map(|(position, scope)| (path(position), scope.as_str())));
    if server.scopes.len() > MOST_SCOPES {
        let message = format!("expected no more than {MOST_SCOPES}, got {}", server.scopes.len());
        book.problem("identity.resource_server.scopes", message, "Cognito takes no more");
    }
}

/// <https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html>
fn email(book: &Book, email: Option<&Email>) {
    let Some(Email { identity, from }) = email else { return };
    let domain = identity.rsplit('@').next().unwrap_or_default();
    let legal = identity.chars().all(|char| char.is_ascii_alphanumeric() || "-_.+@".contains(char));
    if !legal || !domain.contains('.') || identity.matches('@').count() > 1 {
        book.problem(
            "identity.email.identity",
            format!("expected a domain or an address that SES has verified, got `{identity}`"),
            "write it as in `acme.example`, not as an ARN: account and region are the zone's",
        );
        return;
    }
    let address = from.rsplit_once('<').map_or(from.as_str(), |(_, rest)| rest.trim_end_matches('>'));
    let sends = match address.rsplit_once('@') {
        Some((person, at)) if !identity.contains('@') => {
            !person.is_empty() && (at == identity || at.ends_with(&format!(".{identity}")))
        }
        Some(_) => address == identity,
        None => false,
    };
    if !sends {
        book.problem(
            "identity.email.from",
            format!("is no sender of the identity `{identity}`, `{from}`"),
            format!("write an address of it, such as `Acme <no-reply@{domain}>`"),
        );
    }
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
            book.problem(
                &path(position),
                format!("may not begin with `custom:`, got `{attribute}`"),
                "Cognito puts that in front: leave it out",
            );
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
        book.problem(
            &format!("pool[{index}].attributes"),
            format!("expected no more than 50, got {}", pool.attributes.len()),
            "Cognito takes no more, and gives none back",
        );
    }
}

fn client(book: &Book, path: impl Fn(&str) -> String, client: &Client, identity: Option<&Identity>) {
    if let Some(message) = not_a_name(&client.name) {
        book.problem(&path("name"), message, NAME_HINT);
    }
    if client.name.len() > LONGEST_CLIENT {
        let message = format!("expected no more than {LONGEST_CLIENT} characters, got {}", client.name.len());
        book.problem(&path("name"), message, "Cognito takes no more");
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
    let Some(server) = identity.and_then(|identity| identity.resource_server.as_ref()) else {
        if !client.kind.signs_people_in() && book.place("identity.resource_server").is_none() {
            book.problem(
                &path("kind"),
                "a machine is given tokens for an API, and there is no [identity.resource_server]",
                "write that table with `identifier` and `scopes`",
            );
        }
        return;
    };
    let known: Vec<&str> = server.scopes.iter().map(String::as_str).collect();
    for (position, scope) in client.scopes.iter().enumerate() {
        one_of(book, &path(&format!("scopes[{position}]")), scope, &known, "scope");
    }
}

/// The domains as they will be on AWS, in this environment.
pub(super) fn domains(book: &Book, names: &Names) {
    for Name { name, path, .. } in names.0.iter().filter(|name| name.named == Named::Domain) {
        if let Some(reserved) = RESERVED_IN_DOMAINS.iter().find(|reserved| name.contains(**reserved)) {
            book.problem(
                path,
                format!("makes the domain `{name}`, with `{reserved}` in it"),
                "Cognito keeps that word for itself",
            );
        }
    }
}

/// Every client that signs people in is sent back to somewhere, and nobody else is.
pub(super) fn callbacks(book: &Book, pools: &[Pool], callbacks: &[Callback]) {
    let mut signing: Vec<&str> =
        clients(pools).map(|(_, c)| c).filter(|c| c.kind.signs_people_in()).map(|c| c.name.as_str()).collect();
    signing.sort_unstable();
    signing.dedup();
    for (index, callback) in callbacks.iter().enumerate() {
        if !callback.client.is_empty() && !signing.contains(&callback.client.as_str()) {
            book.problem(
                &format!("callback[{index}].client"),
                format!("no client `{}` signs people in", callback.client),
                suggest(&callback.client, &signing, "those who do"),
            );
        }
        for (key, urls) in [("urls", &callback.urls), ("sign_out_urls", &callback.sign_out_urls)] {
            let list = format!("callback[{index}].{key}");
            for (position, url) in urls.iter().enumerate().filter(|(_, url)| !is_callback(url)) {
                book.problem(
                    &format!("{list}[{position}]"),
                    format!("people cannot be sent to `{url}`"),
                    "write an https URL, a URL of an app (`acme://signed-in`), or http of localhost",
                );
            }
            unique(book, urls.iter().enumerate().map(|(position, url)| (format!("{list}[{position}]"), url.as_str())));
            if urls.len() > MOST_URLS {
                book.problem(
                    &list,
                    format!("expected no more than {MOST_URLS}, got {}", urls.len()),
                    "Cognito takes no more",
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

/// As Cognito takes it: https, a scheme of an app, or http of this machine; no fragment, and not too long.
fn is_callback(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    let app = scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
    let scheme_is_fine = match scheme {
        "http" => ["localhost", "127.0.0.1"].contains(&host),
        "https" => host.contains('.') || host == "localhost",
        _ => app && !scheme.is_empty(),
    };
    scheme_is_fine && !rest.is_empty() && !url.contains(['#', ' ']) && url.len() <= LONGEST_URL
}
