//! Texts of a policy: literals, wildcards and policy variables.

use crate::{
    context::Context,
    pattern::{Token, tokens},
};

/// One piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// As it stands, wildcards and all.
    Written(String),
    /// A character that a variable stands for: `${*}`.
    Literal(char),
    /// `${aws:username}`, in small letters, and what stands for it when the request has none.
    Variable { key: String, default: Option<String> },
}

/// A text of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pieces: Vec<Piece>,
    /// The tokens of a text without variables.
    fixed: Option<Vec<Token>>,
}

impl Text {
    /// Reads a text; variables only where the policy's version knows them.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html> (2026-11-26)
    pub(crate) fn parse(text: &str, variables: bool) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${").filter(|_| variables) {
            if !before.is_empty() {
                pieces.push(Piece::Written(before.to_owned()));
            }
            let (inside, behind) =
                after.split_once('}').ok_or_else(|| format!("the policy variable in `{text}` has no end"))?;
            pieces.push(variable(inside).ok_or_else(|| format!("`${{{inside}}}` is not a policy variable"))?);
            rest = behind;
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Written(rest.to_owned()));
        }
        let mut read = Self { pieces, fixed: None };
        let is_fixed = read.pieces.iter().all(|piece| !matches!(piece, Piece::Variable { .. }));
        if is_fixed {
            read.fixed = read.resolve(&Context::new());
        }
        Ok(read)
    }

    /// The same, with the tokens of a text without variables changed once and for all.
    pub(crate) fn with(mut self, change: impl Fn(&mut [Token])) -> Self {
        if let Some(fixed) = &mut self.fixed {
            change(fixed);
        }
        self
    }

    pub(crate) fn fixed(&self) -> Option<&[Token]> {
        self.fixed.as_deref()
    }

    /// Whether its beginning is written out, and is this.
    pub(crate) fn begins_with(&self, beginning: &str) -> bool {
        matches!(self.pieces.first(), Some(Piece::Written(text)) if text.starts_with(beginning))
    }

    /// The keys, in small letters, that stand in it as variables and of which the request has no value.
    pub(crate) fn lacks<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, default: None } if context.get(key).is_none() => Some(key.as_str()),
            _ => None,
        })
    }

    pub(crate) fn has_variables(&self) -> bool {
        self.fixed.is_none()
    }

    /// The tokens with the variables filled in; none when the request lacks one of them. Wildcards that a variable brings
    /// stand for themselves.
    pub(crate) fn resolve(&self, context: &Context) -> Option<Vec<Token>> {
        let mut all = Vec::new();
        self.fill(context, |text, is_written| {
            if is_written {
                all.extend(tokens(text));
            } else {
                all.extend(text.bytes().map(Token::Byte));
            }
        })?;
        Some(all)
    }

    /// The text itself with the variables filled in; wildcards stand for themselves.
    pub(crate) fn literal(&self, context: &Context) -> Option<String> {
        let mut all = String::new();
        self.fill(context, |text, _| all.push_str(text))?;
        Some(all)
    }

    /// Hands on what each piece stands for, and whether it stands so in the policy; none when the request lacks a variable.
    fn fill(&self, context: &Context, mut take: impl FnMut(&str, bool)) -> Option<()> {
        for piece in &self.pieces {
            match piece {
                Piece::Written(text) => take(text, true),
                Piece::Literal(character) => take(character.encode_utf8(&mut [0; 4]), false),
                Piece::Variable { key, default } => match (context.get(key), default) {
                    // a key with several values cannot be a variable
                    (Some([value]), _) => take(value, false),
                    (_, Some(default)) => take(default, false),
                    _ => return None,
                },
            }
        }
        Some(())
    }

    /// The text, where it has no variable.
    pub(crate) fn written(&self) -> Option<&str> {
        match &self.pieces[..] {
            [Piece::Written(text)] => Some(text),
            _ => None,
        }
    }
}

/// What stands between `${` and `}`.
fn variable(inside: &str) -> Option<Piece> {
    if let "*" | "?" | "$" = inside {
        return inside.chars().next().map(Piece::Literal);
    }
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key.trim(), Some(default.to_owned()))
        }
        None => (inside.trim(), None),
    };
    let known = key.bytes().all(|b| b.is_ascii_alphanumeric() || b":/-_.+=@".contains(&b));
    (!key.is_empty() && known).then(|| Piece::Variable { key: key.to_ascii_lowercase(), default })
}

#[cfg(test)]
mod tests {
    use super::Text;
    use crate::{context::Context, pattern::matches};

    fn holds(pattern: &str, text: &str) -> bool {
        let mut context = Context::new();
        context.set("aws:username", "a*b");
        context.set_all("aws:TagKeys", vec!["x".to_owned(), "y".to_owned()]);
        let pattern = Text::parse(pattern, true).expect("it is a text");
        pattern.resolve(&context).is_some_and(|tokens| matches(&tokens, text.as_bytes()))
    }

    #[test]
    fn a_variable_is_filled_in_and_its_wildcards_are_text() {
        assert!(holds("home/${aws:UserName}/*", "home/a*b/x"));
        assert!(!holds("home/${aws:username}/*", "home/axb/x"));
        assert!(holds("${aws:none, 'd'}/?", "d/x"));
        assert!(!holds("${aws:none}", ""));
        assert!(!holds("${aws:TagKeys}", "x"));
        assert!(holds("${*}${?}${$}", "*?$") && !holds("${*}", "x"));
    }

    #[test]
    fn an_older_version_knows_no_variables() {
        let text = Text::parse("${aws:username}", false).expect("it is a text");
        assert_eq!(text.literal(&Context::new()).as_deref(), Some("${aws:username}"));
        for broken in ["${aws:username", "${}", "${a b}", "${aws:x, d}"] {
            assert!(Text::parse(broken, true).is_err(), "{broken}");
            assert!(Text::parse(broken, false).is_ok(), "{broken}");
        }
    }
}
