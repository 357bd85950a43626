//! Event buses, and the names of what belongs to them.

use super::{one_of, unique};
use crate::reader::Book;
use crate::zone::env_name;
use crate::{Class, Domain};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html>
const LONGEST_ARCHIVE: usize = 48;
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
const LONGEST_QUEUE: usize = 80;

pub(super) fn check(book: &Book, domains: &[Domain]) {
    for (index, domain) in domains.iter().enumerate() {
        let path = format!("domain[{index}].bus");
        let bus = &domain.bus;
        // a bus may have dots too, but its queue's name is made from it, and SQS takes none
        if !bus.chars().all(|char| char.is_ascii_alphanumeric() || char == '-' || char == '_') {
            book.problem(
                &path,
                format!("wants letters, digits, hyphens and underscores, got `{bus}`"),
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
                "IAM takes up to 64 letters, digits and _+=,.@-",
            );
        }
        if domain.classes.is_empty() {
            book.problem(&path("classes"), "names no class", "its functions could decrypt nothing: name one");
        }
        for (position, class) in domain.classes.iter().enumerate() {
            one_of(book, &path(&format!("classes[{position}]")), class, &known, "class");
        }
        if let Some(rules) = &domain.rules {
            one_of(book, &path("rules.bus"), &rules.bus, &buses, "bus");
            if rules.bus == domain.bus {
                book.problem(&path("rules.bus"), "is the domain's own bus", "name the bus of another domain");
            }
            if rules.prefix.contains('*') {
                book.problem(&path("rules.prefix"), "has a wildcard in it", "write how the names begin, no more");
            }
        }
        for (position, function) in domain.invokes.iter().enumerate() {
            // a name that begins with a wildcard is everybody's function
            if function.starts_with('*') || function.contains(':') {
                book.problem(
                    &path(&format!("invokes[{position}]")),
                    format!("wants the name of a function, got `{function}`"),
                    "begin with the name of the domain it belongs to; a wildcard may follow",
                );
            }
        }
    }
    let roles = domains.iter().enumerate().map(|(index, d)| (format!("domain[{index}].role"), d.role.as_str()));
    unique(book, roles);
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub(super) fn is_role(role: &str) -> bool {
    role.len() <= 64 && role.chars().all(|char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(char))
}

/// The names as they will be on AWS, in this environment.
pub(super) fn names(book: &Book, domains: &[Domain], environment: &str) {
    for (index, domain) in domains.iter().enumerate() {
        let path = format!("domain[{index}].bus");
        let made =
            [("archive", "archive", LONGEST_ARCHIVE, "EventBridge"), ("queue", "events-dlq", LONGEST_QUEUE, "SQS")];
        for (what, part, longest, service) in made {
            let name = env_name(&format!("{}-{part}", domain.bus), environment);
            let length = name.chars().count();
            if length > longest {
                book.problem(
                    &path,
                    format!("makes the {what} name `{name}`, {length} characters, {} too many", length - longest),
                    format!("{service} takes {longest}; shorten `bus`"),
                );
            }
        }
    }
}
