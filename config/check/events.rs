//! Event buses, and the names of what belongs to them.

use super::{one_of, services_of, unique, within};
use crate::reader::Book;
use crate::{Class, Domain, Events};

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST_BUSES: usize = 100;
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>
const LONGEST_RULE: usize = 64;
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
const LONGEST_FUNCTION: usize = 64;

/// What all buses share.
pub(super) fn shared(book: &Book, events: &Events, classes: &[Class]) {
    within(book, "events.archive_days", events.archive_days, 1, 3650, "the zone");
    within(book, "events.dlq_retention_days", events.dlq_retention_days, 1, 14, "SQS");
    let known: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    one_of(book, "events.class", &events.class, &known, "class");
    // EventBridge writes to the queues of the buses
    services_of(book, "events.class", &events.class, classes, &["events"]);
}

pub(super) fn check(book: &Book, domains: &[Domain]) {
    for (index, domain) in domains.iter().enumerate() {
        let path = format!("domain[{index}].bus");
        let bus = &domain.bus;
        // a bus may have dots too, but its queue's name is made from it, and SQS takes none
        if !bus.chars().all(|char| char.is_ascii_alphanumeric() || char == '-' || char == '_') {
            book.problem(
                &path,
                format!("expected letters, digits, hyphens and underscores, got `{bus}`"),
                "the bus, its archive and its queue share this name",
            );
        } else if bus == "default" {
            book.problem(&path, "`default` is the bus that every account has", "choose another name");
        }
    }
    unique(
        book,
        domains.iter().enumerate().map(|(index, domain)| (format!("domain[{index}].bus"), domain.bus.as_str())),
    );
    if domains.len() > MOST_BUSES {
        book.problem(
            &format!("domain[{MOST_BUSES}]"),
            format!("is one of {} buses, {} too many", domains.len(), domains.len() - MOST_BUSES),
            format!("EventBridge takes {MOST_BUSES} in an account"),
        );
    }
}

/// What the domains' functions may do.
pub(super) fn roles(book: &Book, domains: &[Domain], classes: &[Class]) {
    let buses: Vec<&str> = domains.iter().map(|domain| domain.bus.as_str()).collect();
    let known: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    for (index, domain) in domains.iter().enumerate() {
        let path = |key: &str| format!("domain[{index}].{key}");
        if !is_role(&domain.role) {
            book.problem(
                &path("role"),
                format!("is not the name of a role, `{}`", domain.role),
                "IAM takes letters, digits and _+=,.@-",
            );
        }
        if domain.classes.is_empty() {
            book.problem(&path("classes"), "names no class", "its functions could decrypt nothing: name one");
        }
        let list = |key: &str, texts: &[String]| {
            let paths = (0..texts.len()).map(|position| format!("{}[{position}]", path(key)));
            paths.zip(texts.to_vec()).collect::<Vec<_>>()
        };
        for (path, class) in list("classes", &domain.classes) {
            one_of(book, &path, &class, &known, "class");
        }
        for (path, function) in list("invokes", &domain.invokes) {
            self::function(book, &path, &function);
        }
        for texts in [list("classes", &domain.classes), list("invokes", &domain.invokes)] {
            unique(book, texts.iter().map(|(path, text)| (path.clone(), text.as_str())));
        }
        if let Some(rules) = &domain.rules {
            one_of(book, &path("rules.bus"), &rules.bus, &buses, "bus");
            if rules.bus == domain.bus {
                book.problem(&path("rules.bus"), "is the domain's own bus", "name the bus of another domain");
            }
            if !is_plain(&rules.prefix, "-_.") || rules.prefix.len() >= LONGEST_RULE {
                book.problem(
                    &path("rules.prefix"),
                    format!("no rule's name begins with `{}`", rules.prefix),
                    format!("write less than {LONGEST_RULE} letters, digits and - _ ., and no wildcard"),
                );
            }
        }
    }
    rules(book, domains);
}

/// Two domains that may put rules of one name on one bus would undo each other's.
fn rules(book: &Book, domains: &[Domain]) {
    let all: Vec<_> = domains.iter().enumerate().filter_map(|(index, d)| Some((index, d.rules.as_ref()?))).collect();
    for (position, (index, rules)) in all.iter().enumerate() {
        for (other_index, other) in &all[..position] {
            let overlap = rules.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&rules.prefix);
            let place = book.place(&format!("domain[{other_index}].rules.prefix"));
            if let (true, true, Some(place)) = (rules.bus == other.bus, overlap, place) {
                book.problem(
                    &format!("domain[{index}].rules.prefix"),
                    format!("`{}` and `{}` at {place} can begin the same name", rules.prefix, other.prefix),
                    format!("both are for rules on `{}`: let each begin with its own domain", rules.bus),
                );
            }
        }
    }
}

/// A name that begins with a wildcard is everybody's function.
fn function(book: &Book, path: &str, function: &str) {
    if !is_plain(function, "-_*") || function.starts_with('*') || function.len() > LONGEST_FUNCTION {
        book.problem(
            path,
            format!("expected the name of a function, got `{function}`"),
            format!(
                "up to {LONGEST_FUNCTION} letters, digits, - and _, beginning with the domain it belongs to; `*` may follow"
            ),
        );
    }
}

fn is_plain(text: &str, also: &str) -> bool {
    text.chars().all(|char| char.is_ascii_alphanumeric() || also.contains(char))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub(super) fn is_role(role: &str) -> bool {
    is_plain(role, "_+=,.@-")
}
