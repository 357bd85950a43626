//! A function with a version or an alias: its name or ARN, and `:` and the qualifier behind it.

/// The two as one text.
pub(in crate::lambda) fn joined(function: &str, qualifier: Option<&str>) -> String {
    qualifier.map_or_else(|| function.to_owned(), |qualifier| format!("{function}:{qualifier}"))
}

/// The two of a text. Function are a name, an ARN, and the part of one: `123456789012:function:name`.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html>, not looked up on 2026-11-26
pub(in crate::lambda) fn split(text: &str) -> (&str, Option<&str>) {
    match text.matches(':').count() {
        1 | 3 | 7 => text.rsplit_once(':').map_or((text, None), |(function, qualifier)| (function, Some(qualifier))),
        _ => (text, None),
    }
}

/// The name of a function that may be given by its ARN.
pub(in crate::lambda) fn name(function: &str) -> &str {
    split(function).0.rsplit(':').next().unwrap_or(function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qualifier_is_told_from_the_parts_of_an_arn() {
        for function in ["f", "123456789012:function:f", "arn:aws:lambda:ap-southeast-2:123456789012:function:f"] {
            for qualifier in [None, Some("live"), Some("$LATEST")] {
                let text = joined(function, qualifier);
                assert_eq!((split(&text), name(&text)), ((function, qualifier), "f"), "{text}");
            }
        }
    }
}
