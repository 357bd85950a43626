//! Event buses, and the names of what belongs to them.

use super::unique;
use crate::Domain;
use crate::reader::Book;
use crate::zone::env_name;

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
