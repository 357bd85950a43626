//! Wildcards: `*` is any text, `?` any one character.

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Byte(u8),
    /// `?`
    One,
    /// `*`
    Any,
    /// A `*` inside a segment of an ARN, which does not match a colon.
    Within,
}

/// The tokens of a text with wildcards.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    text.bytes()
        .map(|byte| match byte {
            b'*' => Token::Any,
            b'?' => Token::One,
            byte => Token::Byte(byte),
        })
        .collect()
}

/// Makes a `*` match within its segment of an ARN only, unless it is the last of the segment or in the resource's part.
///
/// "If * is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries":
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html> (2026-11-26)
pub(crate) fn keep_in_segments(tokens: &mut [Token]) {
    let mut colons = 0;
    for at in 0..tokens.len() {
        let ends_segment = matches!(tokens.get(at + 1), None | Some(Token::Byte(b':')));
        match tokens[at] {
            Token::Byte(b':') => colons += 1,
            Token::Any if colons < 5 && !ends_segment => tokens[at] = Token::Within,
            _ => {}
        }
    }
}

/// Whether the whole text is of the pattern.
pub(crate) fn matches(pattern: &[Token], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // where the last `*` stands, and how far it reaches
    let mut star: Option<(usize, usize)> = None;
    loop {
        let step = match (pattern.get(p), text.get(t)) {
            (None, None) => return true,
            (Some(Token::Any | Token::Within), _) => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            (Some(Token::Byte(wanted)), Some(byte)) => (wanted == byte).then_some(1),
            (Some(Token::One), Some(byte)) => Some(width(*byte)),
            (None, Some(_)) | (Some(_), None) => None,
        };
        if let Some(step) = step {
            (p, t) = (p + 1, t + step);
            continue;
        }
        // the last `*` takes one more
        let Some((at, reach)) = star else { return false };
        let Some(byte) = text.get(reach) else { return false };
        if *byte == b':' && pattern[at] == Token::Within {
            return false;
        }
        star = Some((at, reach + 1));
        (p, t) = (at + 1, reach + 1);
    }
}

/// Bytes of the character that begins with `byte`.
const fn width(byte: u8) -> usize {
    match byte {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::{keep_in_segments, matches, tokens};

    fn glob(pattern: &str, text: &str) -> bool {
        matches(&tokens(pattern), text.as_bytes())
    }

    #[test]
    fn wildcards() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "a:b"),
            ("a*", "a"),
            ("a?c", "abc"),
            ("a?c", "aéc"),
            ("*b*", "abc"),
            ("a*b*c", "axxbyybc"),
            ("**a", "ba"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a?c", "ac"), ("abc", "abcd"), ("", "a"), ("a*b", "ab:"), ("?", "")] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_wildcard_stays_in_its_segment_unless_it_ends_it() {
        let holds = |pattern: &str, arn: &str| {
            let mut tokens = tokens(pattern);
            keep_in_segments(&mut tokens);
            matches(&tokens, arn.as_bytes())
        };
        assert!(holds("*", "arn:aws:s3:::b/k"));
        assert!(holds("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu-west-1:1:q"));
        assert!(holds("arn:aws:*", "arn:aws:s3:::b"));
        assert!(holds("arn:aws:s3*:b", "arn:aws:s3:::b"));
        assert!(holds("arn:aws:lambda:r:1:function:a*c", "arn:aws:lambda:r:1:function:a:b:c"));
        assert!(!holds("arn:aws:sqs:eu*1:1:q", "arn:aws:sqs:eu-west-1:x1:1:q"));
        assert!(!holds("arn:aws:s*3:::b", "arn:aws:sqs:3:::b"));
    }
}
