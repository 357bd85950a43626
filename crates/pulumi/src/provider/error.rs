//! Failures of operations, as users read them.

/// Why an operation failed, in words for the user. The server adds what was being done, to what, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The cause: lower case, no full stop.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
    /// It is not known whether it was done all the same: the answer got lost, or nobody waited for it any longer.
    pub uncertain: bool,
    /// It is what came of a call: the service refused it, or did not answer.
    pub of_call: bool,
}

impl Error {
    /// An error without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, uncertain: false, of_call: false }
    }
    /// Adds the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// Says that it may have been done all the same.
    #[must_use]
    pub const fn uncertain(mut self) -> Self {
        self.uncertain = true;
        self
    }
    /// Says that it is what came of a call.
    #[must_use]
    pub const fn of_call(mut self) -> Self {
        self.of_call = true;
        self
    }
    /// Puts words before the message: `doing: message`.
    #[must_use]
    pub fn within(mut self, doing: &str) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\nhint: {hint}"))
    }
}
impl std::error::Error for Error {}
