//! What a domain is allowed by configuration: statements that are written as IAM wants them, and none that allows
//! everything.

use super::unique;
use crate::problem::suggest;
use crate::reader::Book;
use crate::{Allow, Domain, PLACEHOLDERS};

/// The statements that every domain's policy may have already.
const OURS: [&str; 10] = [
    "Events",
    "FunctionsOfOtherDomains",
    "KeyOfTopics",
    "Keys",
    "Logs",
    "Parameters",
    "RulesOnAnotherBus",
    "Secrets",
    "Topics",
    "Traces",
];

pub(super) fn check(book: &Book, domains: &[Domain]) {
    for (index, domain) in domains.iter().enumerate() {
        let path = |position: usize, key: &str| format!("domain[{index}].allow[{position}].{key}");
        for (position, allow) in domain.allow.iter().enumerate() {
            let path = |key: &str| path(position, key);
            sid(book, &path("sid"), &allow.sid);
            actions(book, path, allow);
            resources(book, path, allow);
        }
        let sids = domain.allow.iter().enumerate().map(|(position, allow)| (path(position, "sid"), allow.sid.as_str()));
        unique(book, sids);
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html>
fn sid(book: &Book, path: &str, sid: &str) {
    if !sid.chars().all(|char| char.is_ascii_alphanumeric()) {
        book.problem(path, format!("is not the name of a statement, `{sid}`"), "IAM takes letters and digits");
    } else if OURS.contains(&sid) {
        book.problem(path, format!("`{sid}` is a statement that the zone writes"), "choose another name");
    }
}

fn actions(book: &Book, path: impl Fn(&str) -> String, allow: &Allow) {
    if allow.actions.is_empty() {
        book.problem(&path("actions"), "names no action", "write at least one, as in `dynamodb:GetItem`");
    }
    for (position, action) in allow.actions.iter().enumerate() {
        let path = format!("{}[{position}]", path("actions"));
        let (service, name) = action.split_once(':').unwrap_or_default();
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain(service) || !plain(name.strip_suffix('*').unwrap_or(name)) && name != "*" {
            book.problem(
                &path,
                format!("is not an IAM action, `{action}`"),
                "write service and action, as in `dynamodb:GetItem`; `*` may end the action",
            );
        } else if ["iam", "organizations", "sts"].contains(&service) && name.ends_with('*') {
            book.problem(
                &path,
                format!("lets functions give themselves other rights, `{action}`"),
                "name each action of this service that they need",
            );
        }
    }
    let texts = allow.actions.iter().enumerate();
    unique(book, texts.map(|(position, action)| (format!("{}[{position}]", path("actions")), action.as_str())));
}

fn resources(book: &Book, path: impl Fn(&str) -> String, allow: &Allow) {
    if allow.resources.is_empty() {
        book.problem(&path("resources"), "names no resource", "write at least one ARN");
    }
    let wide = allow.actions.iter().find(|action| action.ends_with('*'));
    for (position, resource) in allow.resources.iter().enumerate() {
        let path = format!("{}[{position}]", path("resources"));
        if resource == "*" {
            if let Some(wide) = wide {
                book.problem(
                    &path,
                    format!("allows `{wide}` on `*`, on everything in the account"),
                    "name the actions one by one, or the resources by ARN",
                );
            }
            continue;
        }
        let parts: Vec<_> = resource.splitn(6, ':').collect();
        if parts.len() != 6 || parts[0] != "arn" || parts[2].is_empty() || parts[2].contains('*') || parts[5].is_empty()
        {
            book.problem(
                &path,
                format!("is not an ARN, `{resource}`"),
                "write it as in `arn:aws:dynamodb:{region}:{account}:table/{bus}-*`",
            );
            continue;
        }
        for name in braces(resource) {
            if !PLACEHOLDERS.contains(&name) {
                let hint = suggest(name, &PLACEHOLDERS, "filled in are");
                book.problem(&path, format!("nothing is filled in for `{{{name}}}`"), hint);
            }
        }
    }
}

/// What stands in braces.
fn braces(text: &str) -> Vec<&str> {
    text.split('{').skip(1).map(|rest| rest.split_once('}').map_or(rest, |(name, _)| name)).collect()
}
