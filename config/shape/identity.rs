//! User pools and their clients.

use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::problem::{Invalid, suggest};
use crate::reader::Section;

/// What all user pools share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// How the pools' domains begin.
    pub domain_prefix: String,
    /// The API whose scopes machines are given; none: no client is a machine.
    pub resource_server: Option<ResourceServer>,
    /// Who sends the pools' e-mails; none: Cognito itself, 50 messages a day and no more.
    pub email: Option<Email>,
}

/// The identity of SES that sends the pools' e-mails, of the zone's account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Email {
    /// A verified domain or address, such as `acme.example`.
    pub identity: String,
    /// The sender that people see, such as `Acme <no-reply@acme.example>`.
    pub from: String,
}

/// An API that tokens are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceServer {
    /// Its identifier, such as `acme-api`.
    pub identifier: String,
    /// Its scopes; a token carries them as `acme-api/read`.
    pub scopes: Vec<String>,
}

/// A user pool; its full name is `{prefix}-{name}-{environment}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pool {
    /// Its name, such as `customers`.
    pub name: String,
    /// Least length of a password.
    pub password_minimum_length: u32,
    /// Whether only administrators make users; else people sign up by themselves.
    pub admin_creates_users: bool,
    /// Attributes beside the standard ones, texts that can be changed. Only ever add to them: AWS takes none away.
    pub attributes: Vec<String>,
    /// The programs that sign people in, or themselves.
    pub clients: Vec<Client>,
}

/// A program that signs people in, or itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Client {
    /// Its name, unique over all pools.
    pub name: String,
    /// How it signs in.
    pub kind: ClientKind,
    /// Scopes of the resource server that it is given.
    pub scopes: Vec<String>,
}

/// How a client signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// People, with a code and PKCE; keeps no secret.
    Public,
    /// People, with a code and a secret.
    Confidential,
    /// Itself, with a secret.
    Machine,
}

impl ClientKind {
    /// As they are written.
    pub(crate) const NAMES: [&'static str; 3] = ["public", "confidential", "machine"];

    /// Whether people sign in through it, and are sent back to a URL.
    pub fn signs_people_in(self) -> bool {
        self != Self::Machine
    }

    /// Whether it keeps a secret.
    pub fn has_secret(self) -> bool {
        self != Self::Public
    }
}

const KINDS: [(&str, ClientKind); 3] =
    [("public", ClientKind::Public), ("confidential", ClientKind::Confidential), ("machine", ClientKind::Machine)];

impl fmt::Display for ClientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(KINDS.iter().find(|(_, kind)| kind == self).map_or("", |(name, _)| name))
    }
}

impl FromStr for ClientKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        KINDS.iter().find(|(name, _)| *name == text).map(|(_, kind)| *kind).ok_or_else(|| {
            Invalid::new(
                format!("expected `public`, `confidential` or `machine`, got `{text}`"),
                suggest(text, &Self::NAMES, "kinds"),
            )
        })
    }
}

pub(super) fn read(mut section: impl Section) -> Option<Identity> {
    let domain_prefix = section.required("domain_prefix", "\"acme\"", "how the pools' domains begin");
    let server = section
        .optional_table("resource_server", "the API that machines are given tokens for; needed where a client is one")
        .and_then(|mut server| {
            let identifier = server.required("identifier", "\"acme-api\"", "how tokens name the API");
            let scopes = server.required("scopes", "[\"read\"]", "what a token may allow there");
            server.finish();
            Some(ResourceServer { identifier: identifier?, scopes: scopes? })
        });
    let email = section
        .optional_table("email", "the identity of SES that sends the pools' e-mails; Cognito itself if left out")
        .and_then(email);
    section.finish();
    Some(Identity { domain_prefix: domain_prefix?, resource_server: server, email })
}

fn email(mut section: impl Section) -> Option<Email> {
    let identity = section.required("identity", "\"acme.example\"", "a domain or address that SES has verified");
    let from =
        section.required("from", "\"Acme <no-reply@acme.example>\"", "the sender that people see, of that identity");
    section.finish();
    Some(Email { identity: identity?, from: from? })
}

pub(super) fn pool(mut section: impl Section) -> Pool {
    let pool = Pool {
        name: section.required("name", "\"customers\"", "the name of the pool").unwrap_or_default(),
        password_minimum_length: section
            .required("password_minimum_length", "12", "least length of a password")
            .unwrap_or_default(),
        admin_creates_users: section
            .required(
                "admin_creates_users",
                "true",
                "whether only administrators make users; else people sign up by themselves",
            )
            .unwrap_or_default(),
        attributes: section
            .optional("attributes", "attributes beside the standard ones; only ever add to them")
            .unwrap_or_default(),
        clients: section
            .tables("client", "name", "a program that signs people in, or itself")
            .into_iter()
            .map(client)
            .collect(),
    };
    section.finish();
    pool
}

fn client(mut section: impl Section) -> Client {
    let client = Client {
        name: section.required("name", "\"web\"", "the name of the client").unwrap_or_default(),
        kind: section
            .required("kind", "\"public\"", "how it signs in: `public`, `confidential` or `machine`")
            .unwrap_or(ClientKind::Public),
        scopes: section.optional("scopes", "of those of the resource server; for machines only").unwrap_or_default(),
    };
    section.finish();
    client
}
