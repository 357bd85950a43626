//! What a run that adopts came to.

use pulumi::provider::resource::Error;

/// A resource that was adopted, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// Its URN.
    pub urn: String,
    /// Its id.
    pub id: String,
    /// Properties that change, by path.
    pub changes: Vec<String>,
}

/// A resource that exists, is in the way, and was not chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The URN that it stands in the way of.
    pub urn: String,
    /// What adopts it.
    pub what: String,
}

/// A resource that the state has under a URN which the program does not give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// The program's URN.
    pub urn: String,
    /// The state's.
    pub was: String,
    /// Its id.
    pub id: String,
}

/// A resource that exists, was chosen or is part of what was chosen, and cannot be adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The URN that it would have had.
    pub urn: String,
    /// The choices by which it would have been adopted.
    pub by: Vec<String>,
    /// Why it cannot be, and what to do about it.
    pub why: Error,
    /// Whether AWS did not say what it, or something that it refers to, is like.
    pub unanswered: bool,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was adopted, or would be.
    pub adopted: Vec<Adopted>,
    /// What is in the way besides.
    pub standing: Vec<Standing>,
    /// What the state has under another URN.
    pub strays: Vec<Stray>,
    /// What was chosen and cannot be adopted.
    pub refused: Vec<Refused>,
    /// Choices that were none of the program's resources, or that exist nowhere.
    pub unmatched: Vec<String>,
}
