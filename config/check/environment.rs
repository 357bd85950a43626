//! One environment by itself.

use super::{NAME_HINT, events::is_role, not_a_name};
use crate::environment::{Environment, RETENTIONS};
use crate::reader::Book;
use crate::shape::{STATE, Shape};
use crate::{Account, Backend, Kind, SecretsProvider};

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const LONGEST_ROLE: usize = 64;

pub(super) fn check(book: &Book, environment: &Environment) {
    if let Some(message) = environment.bucket_suffix.as_deref().and_then(not_a_name) {
        book.problem("bucket_suffix", message, NAME_HINT);
    }
    if let Some(days) = environment.log_retention_days.filter(|days| !RETENTIONS.contains(days)) {
        let hint = match RETENTIONS.iter().find(|allowed| **allowed > days) {
            Some(longer) => format!("the next longer one is {longer}"),
            None => "the longest is 3653".to_owned(),
        };
        book.problem("log_retention_days", format!("CloudWatch Logs has no retention of {days} days"), hint);
    }
    real_or_not(book, environment);
    accounts(book, environment);
    for (index, waiver) in environment.waivers.iter().enumerate() {
        let Some(waiver) = waiver else { continue };
        if !is_requirement(&waiver.requirement) {
            book.problem(
                &format!("waiver[{index}].requirement"),
                format!("expected the id of a requirement, got `{}`", waiver.requirement),
                "write letters, a hyphen and digits, such as `FR-418`",
            );
        }
    }
}

/// What the state is kept in and encrypted with has to be a part of the zone.
pub(super) fn backend(book: &Book, shape: &Shape, environment: &Environment) {
    if environment.state == Some(Backend::Bucket) && !shape.has_state_bucket() {
        book.problem(
            "state",
            format!("is `bucket`, and the zone has no bucket of purpose `{STATE}`"),
            format!("write a [[bucket]] with `purpose = \"{STATE}\"` into zone.toml, or `state = \"file\"`"),
        );
    }
    if environment.secrets == Some(SecretsProvider::AwsKms) && shape.classes.is_empty() {
        book.problem(
            "secrets",
            "is `awskms`, and the zone has no class of data, and so no key",
            "write a [[class]] into zone.toml, or `secrets = \"passphrase\"`",
        );
    }
}

/// What is allowed on an emulator only.
fn real_or_not(book: &Book, environment: &Environment) {
    if environment.kind == Some(Kind::Aws) {
        if environment.emulator {
            book.problem(
                "emulator",
                "an emulator is named, and `kind` is `aws`",
                "take [emulator] out, or write `kind = \"emulator\"`",
            );
        }
        if environment.force_destroy_buckets == Some(true) {
            book.problem(
                "force_destroy_buckets",
                "is true, and `kind` is `aws`",
                "on AWS full buckets are never deleted: write false",
            );
        }
    }
    if let Some(endpoint) = environment.emulator_endpoint.as_ref().filter(|endpoint| !is_local(endpoint)) {
        book.problem(
            "emulator.endpoint",
            format!("expected an address of this machine with its port, got `{endpoint}`"),
            "write it as in `http://127.0.0.1:5000`",
        );
    }
}

fn accounts(book: &Book, environment: &Environment) {
    let management = environment.management.as_ref().map(|management| &management.account);
    let accounts = [("member", environment.member.as_ref()), ("management", management)];
    for (table, account) in accounts {
        if let Some(role) =
            account.and_then(|account| account.role.as_ref()).filter(|role| !is_role(role) || role.len() > LONGEST_ROLE)
        {
            book.problem(
                &format!("{table}.role"),
                format!("expected the name of a role, got `{role}`"),
                "write the last part of its ARN, such as `OrganizationAccountAccessRole`",
            );
        }
    }
    if let Some(attach_to) = environment.management.as_ref().map(|m| &m.attach_to).filter(|to| !is_target(to)) {
        book.problem(
            "management.attach_to",
            format!("expected `root`, an organizational unit or an account, got `{attach_to}`"),
            "write \"root\", or an id such as `ou-ab12-cdefghij`",
        );
    }
    if let (Some(Account { id, .. }), Some(management)) = (&environment.member, management)
        && *id == management.id
    {
        book.problem(
            "management.account",
            format!("`{id}` is the member account too"),
            "service control policies do not bind the management account: deploy to a member of the organization",
        );
    }
}

/// What a service control policy can be attached to.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html>
fn is_target(id: &str) -> bool {
    let plain = |text: &str| {
        (4..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let unit = id.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    let root = id.strip_prefix("r-");
    id == "root"
        || id.parse::<crate::AccountId>().is_ok()
        || root.is_some_and(plain)
        || unit.is_some_and(|(root, unit)| plain(root) && plain(unit))
}

fn is_requirement(id: &str) -> bool {
    id.split_once('-').is_some_and(|(letters, digits)| {
        !letters.is_empty()
            && letters.bytes().all(|byte| byte.is_ascii_uppercase())
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Only this machine: an endpoint elsewhere would be handed the names of real things.
fn is_local(endpoint: &str) -> bool {
    let host_and_port = endpoint.strip_prefix("http://").and_then(|rest| rest.rsplit_once(':'));
    host_and_port.is_some_and(|(host, port)| {
        ["127.0.0.1", "localhost", "[::1]"].contains(&host) && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}
