//! Consumers of the contract: written as the contract writes names, and each path once. Whether the contract promises such a
//! path, the `stacks` crate knows.

use super::unique;
use crate::reader::Book;
use crate::shape::Consumer;

pub(super) fn check(book: &Book, consumers: &[Consumer]) {
    let path = |index: usize| format!("consumer[{index}].path");
    for (index, consumer) in consumers.iter().enumerate().filter(|(_, consumer)| !consumer.path.is_empty()) {
        let wildcard = consumer.path.split('/').any(|segment| segment.contains('*') && segment != "*");
        if consumer.path.split('/').any(str::is_empty) {
            book.problem(
                &path(index),
                format!("is not the name of an entry, `{}`", consumer.path),
                "write it as in `kms/pii/arn`, without the root and without a slash at either end",
            );
        } else if wildcard {
            book.problem(
                &path(index),
                format!("has a `*` inside a segment, `{}`", consumer.path),
                "`*` stands for a whole segment, as in `kms/*/arn`",
            );
        }
        let readers = format!("consumer[{index}].read_by");
        if consumer.read_by.is_empty() && book.place(&readers).is_some() {
            book.problem(&readers, "names nobody", "name a reader, or take the table out");
        }
        let each = consumer.read_by.iter().enumerate();
        unique(book, each.map(|(position, reader)| (format!("{readers}[{position}]"), reader.as_str())));
    }
    unique(book, consumers.iter().enumerate().map(|(index, consumer)| (path(index), consumer.path.as_str())));
}
