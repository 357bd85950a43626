//! Names as they will be on AWS, in one environment: none too long, and none that two things would share.

use crate::names::{Name, Named, Names};
use crate::reader::Book;

/// Of the names that a value makes, only the one that is furthest too long: with it, all are mended.
pub(super) fn lengths(book: &Book, names: &Names) {
    let excess = |name: &Name| name.name.chars().count().saturating_sub(name.named.longest().0);
    let mut worst: Vec<&Name> = Vec::new();
    for name in names.0.iter().filter(|name| excess(name) > 0) {
        match worst.iter_mut().find(|other| other.path == name.path) {
            Some(other) if excess(other) < excess(name) => *other = name,
            Some(_) => {}
            None => worst.push(name),
        }
    }
    for name in worst {
        let (longest, service) = name.named.longest();
        book.problem(
            &name.path,
            format!(
                "makes the {} name `{}`, {} characters, {} too many",
                name.named.word().replace('_', " "),
                name.name,
                name.name.chars().count(),
                excess(name)
            ),
            format!("{service} takes {longest}; shorten {}", name.shorten),
        );
    }
}

/// IAM tells roles apart by their letters, not by their case.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub(super) fn roles(book: &Book, names: &Names, entry: Option<&str>) {
    let roles = names.0.iter().filter(|name| matches!(name.named, Named::Role | Named::DomainRole));
    let mut seen: Vec<(String, &Name)> = Vec::new();
    for name in roles.filter(|name| !name.name.is_empty()) {
        let key = name.name.to_ascii_lowercase();
        if entry.is_some_and(|entry| entry.to_ascii_lowercase() == key) {
            book.problem(
                &name.path,
                format!("`{}` is the role of [member], by which the account is entered", name.name),
                "give the functions a role of their own",
            );
        }
        if let Some((_, other)) = seen.iter().find(|(other, _)| *other == key) {
            let whose = match book.place(&other.path) {
                Some(place) if other.path != "prefix" => format!("is already at {place}"),
                _ => format!("is the platform's role `{}` already", other.which),
            };
            let hint = "choose another name; IAM does not tell roles apart by capitals";
            book.problem(&name.path, format!("`{}` {whose}", name.name), hint);
        }
        seen.push((key, name));
    }
}
