//! Tables that others need: a stack whose table is missing is not deployed, and what would be part of it has no effect.

use crate::reader::Book;
use crate::shape::Shape;

pub(super) fn check(book: &Book, shape: &Shape) {
    let needed = [
        ("class[0].name", !shape.classes.is_empty(), &["kms"][..]),
        ("domain[0].bus", !shape.domains.is_empty(), &["events", "roles"]),
        ("pool[0].name", !shape.pools.is_empty(), &["identity"]),
        ("stream[0].name", !shape.streams.is_empty(), &["delivery"]),
    ];
    for (path, is_there, tables) in needed {
        // a table that could not be read is there, and was told of
        if is_there && tables.iter().all(|table| book.place(table).is_none()) {
            let tables: Vec<_> = tables.iter().map(|table| format!("[{table}]")).collect();
            let tables = tables.join(" or ");
            book.problem(path, format!("is part of a stack that has no table {tables}"), format!("write {tables}"));
        }
    }
    if book.place("observability").is_none() {
        let hint = "write [observability], whose `class` says with which key logs are encrypted";
        if !shape.streams.is_empty() {
            book.problem("stream[0].name", "writes its errors to a log group, and there is no [observability]", hint);
        }
        if let Some(index) = shape.buckets.iter().position(|bucket| bucket.writer.is_some()) {
            let path = format!("bucket[{index}].writer");
            book.problem(&path, "the trail writes to a log group, and there is no [observability]", hint);
        }
    }
    if book.place("access").is_some() && shape.classes.is_empty() {
        let hint = "write one [[class]], or take [access] out";
        book.problem("access", "lets its holders read secrets, and there is no class whose key encrypts them", hint);
    }
}
