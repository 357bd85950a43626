//! One statement of a policy, ready to be held against requests.

use std::sync::Arc;

use crate::{
    condition::Condition,
    context::Context,
    document::Effect,
    pattern::{Token, keep_in_segments, matches, tokens},
    principal::{Naming, Principals},
    request::Request,
    text::Text,
};

/// A pattern of actions: `s3:Get*`, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActionPattern {
    /// In small letters; none for every service.
    service: Option<String>,
    name: Vec<Token>,
    written: Box<str>,
}

impl ActionPattern {
    /// Reads `service:name`; the name may have wildcards, the service may be `*` as a whole.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        if lower == "*" {
            return Ok(Self { service: None, name: tokens("*"), written: text.into() });
        }
        let (service, name) =
            lower.split_once(':').ok_or_else(|| format!("`{text}` does not name a service, as `s3:GetObject` does"))?;
        let of_service = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if service != "*" && (service.is_empty() || !of_service(service)) {
            return Err(format!("`{text}` does not begin with the name of one service"));
        }
        let of_name = |b: u8| b.is_ascii_alphanumeric() || b"*?_-.".contains(&b);
        if name.is_empty() || !name.bytes().all(of_name) {
            return Err(format!("`{text}` does not name an action behind the colon"));
        }
        let service = (service != "*").then(|| service.to_owned());
        Ok(Self { service, name: tokens(name), written: text.into() })
    }

    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    pub(crate) fn is(&self, (service, name): &(String, String)) -> bool {
        self.service.as_ref().is_none_or(|own| own == service) && matches(&self.name, name.as_bytes())
    }
}

/// A pattern of resources: an ARN with wildcards and variables, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourcePattern(Text);

impl ResourcePattern {
    pub(crate) fn parse(text: &str, variables: bool) -> Result<Self, String> {
        let read = Text::parse(text, variables)?.with(keep_in_segments);
        let open = text.starts_with(['*', '?']) || text.starts_with("${");
        if !open && !read.begins_with("arn:") {
            return Err(format!("`{text}` is neither an ARN nor `*`"));
        }
        if !open && text.bytes().filter(|byte| *byte == b':').count() < 5 && !text.contains(['*', '$']) {
            return Err(format!("`{text}` lacks parts of an ARN: arn:partition:service:region:account:resource"));
        }
        Ok(Self(read))
    }

    /// The keys that it has as variables, and of which the request has no value.
    pub(crate) fn lacks<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a str> {
        self.0.lacks(context)
    }

    /// Resources that are of the pattern, `other` and nothing standing for what a wildcard matches.
    pub(crate) fn samples(&self, context: &Context, other: &str) -> Vec<String> {
        let Some(tokens) = self.0.resolve(context) else { return Vec::new() };
        [other, ""].map(|any| filled(&tokens, any)).into()
    }

    fn is(&self, request: &Request) -> bool {
        let resource = request.resource.as_bytes();
        if let Some(fixed) = self.0.fixed() {
            return matches(fixed, resource);
        }
        self.0.resolve(&request.context).is_some_and(|mut tokens| {
            keep_in_segments(&mut tokens);
            matches(&tokens, resource)
        })
    }
}

/// A text of a pattern.
fn filled(pattern: &[Token], any: &str) -> String {
    let mut bytes = Vec::new();
    for token in pattern {
        match token {
            Token::Byte(byte) => bytes.push(*byte),
            Token::One => bytes.push(b'x'),
            Token::Any | Token::Within => bytes.extend(any.bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A list, or everything but what is on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed<T> {
    pub(crate) turned: bool,
    pub(crate) items: Vec<T>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    /// Its `Sid`, or its number counted from 1.
    pub(crate) label: Arc<str>,
    pub(crate) effect: Effect,
    /// None in the policy of an identity.
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Listed<ActionPattern>,
    /// None in a trust policy, which speaks of its role.
    pub(crate) resources: Option<Listed<ResourcePattern>>,
    pub(crate) conditions: Vec<Condition>,
}

impl Statement {
    /// Whether it speaks of this request, whoever makes it.
    pub(crate) fn covers(&self, request: &Request) -> bool {
        let acts = self.actions.items.iter().any(|pattern| pattern.is(&request.action));
        acts != self.actions.turned
            && self
                .resources
                .as_ref()
                .is_none_or(|resources| resources.items.iter().any(|pattern| pattern.is(request)) != resources.turned)
            && self.conditions.iter().all(|condition| condition.holds(&request.context))
    }

    /// What it says of the one who asks: as of [`Naming::Itself`] where the policy is his own and names nobody.
    pub(crate) fn names(&self, request: &Request) -> Option<Naming> {
        match &self.principals {
            None => Some(Naming::Itself),
            Some(principals) => principals.say_of(&request.principal, self.effect == Effect::Deny),
        }
    }
}
