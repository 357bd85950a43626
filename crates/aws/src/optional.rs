//! Optional values. Of texts AWS writes an empty one where there is none, and takes an empty one as "no more".

/// What AWS shows, without the empty text that means none.
pub(crate) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// What an update sends that leaves what it is not given as it is: the new text, or an empty one to clear the old.
pub(crate) fn or_empty(old: Option<&String>, new: Option<&String>) -> Option<String> {
    new.cloned().or_else(|| old.map(|_| String::new()))
}

/// What is wanted, or else what there is: an update of Cognito sets to its default whatever it is not sent, so what AWS or
/// somebody else chose is sent as it is.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html>
pub(crate) fn or_live<L, T: Clone>(wanted: Option<T>, live: Option<&L>, of: fn(&L) -> &Option<T>) -> Option<T> {
    wanted.or_else(|| of(live?).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_goes_is_cleared_and_one_that_never_was_is_left_out() {
        let text = "text".to_owned();
        assert_eq!(or_empty(Some(&text), None), Some(String::new()));
        assert_eq!((or_empty(None, Some(&text)), or_empty(None, None)), (Some(text.clone()), None));
        assert_eq!((given(Some(String::new())), given(Some(text.clone()))), (None, Some(text)));
    }
}
