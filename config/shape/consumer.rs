//! Who reads what the contract promises.

use std::path::PathBuf;

use serde::Serialize;

use crate::reader::{Book, Section};

/// The readers of an entry of the contract, or of several. Words for people; nothing is enforced from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consumer {
    /// The name of the entry, such as `kms/pii/arn`; a segment that is `*` stands for any name there.
    pub path: String,
    /// Its readers.
    pub read_by: Vec<String>,
    /// File and line of the path. Only the contract's templates say whether there is such an entry, and this crate does not
    /// know them: whoever compares the two names the place.
    #[serde(skip)]
    pub place: Option<(PathBuf, usize)>,
}

pub(crate) fn read(mut section: impl Section) -> Consumer {
    let consumer = Consumer {
        path: section
            .required("path", "\"kms/pii/arn\"", "the entry of the contract; `*` stands for one segment")
            .unwrap_or_default(),
        read_by: section.required("read_by", "[\"billing\"]", "who reads it").unwrap_or_default(),
        place: None,
    };
    section.finish();
    consumer
}

/// Notes where each path stands.
pub(crate) fn place(book: &Book, consumers: &mut [Consumer]) {
    for (index, consumer) in consumers.iter_mut().enumerate() {
        consumer.place = book.position(&format!("consumer[{index}].path"));
    }
}
