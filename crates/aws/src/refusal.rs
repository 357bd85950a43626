//! A call that failed: AWS's code and message as data, whichever service answered.
//!
//! `?` turns every SDK error into a [`Refusal`], so what "absent", "exists" and "busy" mean for a type is a list of codes.

use aws_smithy_types::error::{metadata::ProvideErrorMetadata, operation::BuildError};
use pulumi::provider::resource::Error;

use crate::error::{Failure, code, failed};

/// Error codes of AWS.
pub type Codes = &'static [&'static str];

/// What comes of a call, or of several.
pub type Answer<T = ()> = Result<T, Refusal>;

/// Why an operation failed.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    code: Option<String>,
    message: String,
    error: Box<Error>,
}

impl Refusal {
    /// Whether AWS answered with one of these codes.
    pub fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }

    /// Whether AWS's message has these words, in any case.
    pub fn says(&self, words: &str) -> bool {
        self.message.to_lowercase().contains(&words.to_lowercase())
    }

    /// Adds the way out.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { error: Box::new(self.error.hint(hint)), ..self }
    }

    /// It may have been done all the same.
    #[must_use]
    pub fn uncertain(self) -> Self {
        Self { error: Box::new(self.error.uncertain()), ..self }
    }

    /// Puts words before the message: `doing: message`.
    #[must_use]
    pub fn within(self, doing: &str) -> Self {
        Self { error: Box::new(self.error.within(doing)), ..self }
    }
}

impl<E: ProvideErrorMetadata + std::error::Error + 'static> From<Failure<E>> for Refusal {
    fn from(failure: Failure<E>) -> Self {
        let message = failure.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default().to_owned();
        Self { code: code(&failure).map(str::to_owned), message, error: Box::new(failed(failure)) }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { code: None, message: String::new(), error: Box::new(error) }
    }
}

impl From<BuildError> for Refusal {
    fn from(error: BuildError) -> Self {
        Error::new(error.to_string()).into()
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        *refusal.error
    }
}

/// What is often made of an answer.
pub trait Answered<T>: Sized {
    /// As an [`Answer`].
    fn answer(self) -> Answer<T>;

    /// `None` when AWS says with one of these codes that there is no such thing.
    fn found(self, absent: &[&str]) -> Answer<Option<T>> {
        match self.answer() {
            Err(refusal) if refusal.is(absent) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Success, too, when AWS says with one of these codes that there is no such thing.
    fn gone(self, absent: &[&str]) -> Answer {
        self.found(absent).map(drop)
    }

    /// Only whether it went well.
    fn done(self) -> Answer {
        self.answer().map(drop)
    }

    /// Puts words before the message: `doing: message`.
    fn within(self, doing: &str) -> Answer<T> {
        self.answer().map_err(|refusal| refusal.within(doing))
    }
}

impl<T, E: Into<Refusal>> Answered<T> for Result<T, E> {
    fn answer(self) -> Answer<T> {
        self.map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub::refused;

    #[test]
    fn code_and_message_are_data_and_the_error_is_in_the_users_words() {
        let answer = || Err::<(), Refusal>(refused("NoSuchThing", "There is none.").into());
        assert!(answer().gone(&["NoSuchThing"]).is_ok());
        assert!(matches!(answer().found(&["NoSuchThing"]), Ok(None)));
        let refusal = answer().gone(&["Other"]).expect_err("another code");
        assert!(refusal.is(&["NoSuchThing"]) && refusal.says("there is") && !refusal.says("two"));
        let error: Error = refusal.within("reading it").hint("look").into();
        assert_eq!(error.to_string(), "reading it: NoSuchThing: There is none.\nhint: look");
    }

    #[test]
    fn an_error_of_ours_has_no_code() {
        let refusal = Refusal::from(Error::new("ours").uncertain());
        assert!(!refusal.is(&["ours"]) && !refusal.says("ours"));
        assert!(Error::from(refusal.within("doing")).uncertain, "it may have been done all the same");
    }
}
