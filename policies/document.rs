//! An IAM policy document as a value, so that no policy is ever written as text.
//!
//! ```
//! use policies::{Document, Operator, Statement};
//!
//! let document = Document::new([Statement::allow("ReadFromHere", ["s3:GetObject"])
//!     .everyone()
//!     .on(["arn:aws:s3:::reports/*"])
//!     .when(Operator::StringEquals, "aws:SourceVpc", ["vpc-1"])]);
//! assert!(document.to_json().starts_with(r#"{"Version":"2012-10-17","Statement":[{"Sid":"ReadFromHere","#));
//! ```

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A policy document of version `2012-10-17`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    version: &'static str,
    statement: Vec<Statement>,
}

impl Document {
    /// A document of these statements, in this order.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self { version: "2012-10-17", statement: statements.into_iter().collect() }
    }

    /// The statements, in their order.
    pub fn statements(&self) -> &[Statement] {
        &self.statement
    }

    /// The document as compact JSON; equal documents give equal text.
    pub fn to_json(&self) -> String {
        // texts, lists and maps with text for keys always have a JSON form
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// How a condition compares; the name is the one that IAM uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Operator {
    /// An ARN, with `*` and `?` inside its parts.
    ArnLike,
    /// An ARN, like none of the values. **Also matches a request without the key.**
    ArnNotLike,
    /// `true` or `false`.
    Bool,
    /// `true`: the key is absent from the request; `false`: it is present.
    Null,
    /// A text, equal.
    StringEquals,
    /// A text, equal. **Also matches a request without the key.**
    StringEqualsIfExists,
    /// A text, with `*` and `?`.
    StringLike,
    /// A text, different. **Also matches a request without the key.**
    StringNotEquals,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Effect {
    Allow,
    Deny,
}

/// Whom a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Principal {
    Everyone,
    Aws(String),
    Service(String),
    Federated(String),
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, name) = match self {
            Self::Everyone => return serializer.serialize_str("*"),
            Self::Aws(arn) => ("AWS", arn),
            Self::Service(name) => ("Service", name),
            Self::Federated(provider) => ("Federated", provider),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(kind, name)?;
        map.end()
    }
}

/// One value is written as a text and several as a list, which is also how AWS writes them back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Values(Vec<String>);

impl Values {
    fn new<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Self {
        Self(values.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => serializer.serialize_str(one),
            several => several.serialize(serializer),
        }
    }
}

/// One statement; begun with [`allow`](Statement::allow) or [`deny`](Statement::deny), it applies to every resource
/// (`*`) until [`on`](Statement::on) narrows it. Begun with [`trust`](Statement::trust), it names no resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    sid: String,
    effect: Effect,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Principal>,
    action: Values,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Values>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<Operator, BTreeMap<String, Values>>,
}

impl Statement {
    /// Allows `actions`; `sid` says what for, in letters and digits.
    pub fn allow<A: Into<String>>(sid: impl Into<String>, actions: impl IntoIterator<Item = A>) -> Self {
        Self::new(Effect::Allow, sid.into(), Values::new(actions))
    }

    /// Denies `actions`, whatever else allows them.
    pub fn deny<A: Into<String>>(sid: impl Into<String>, actions: impl IntoIterator<Item = A>) -> Self {
        Self::new(Effect::Deny, sid.into(), Values::new(actions))
    }

    /// Allows a role to be assumed by `action`. IAM refuses a trust policy that names a resource: the role is the one.
    pub fn trust(sid: impl Into<String>, action: impl Into<String>) -> Self {
        Self { resource: None, ..Self::new(Effect::Allow, sid.into(), Values::new([action])) }
    }

    fn new(effect: Effect, sid: String, action: Values) -> Self {
        Self { sid, effect, principal: None, action, resource: Some(Values::new(["*"])), condition: BTreeMap::new() }
    }

    /// For everybody, signed in or not: always with a condition, or on a deny.
    #[must_use]
    pub fn everyone(self) -> Self {
        self.principal(Principal::Everyone)
    }

    /// For an account, a role or a user, by ARN.
    #[must_use]
    pub fn aws(self, arn: impl Into<String>) -> Self {
        self.principal(Principal::Aws(arn.into()))
    }

    /// For an AWS service, such as `sns.amazonaws.com`.
    #[must_use]
    pub fn service(self, name: impl Into<String>) -> Self {
        self.principal(Principal::Service(name.into()))
    }

    /// For whom an identity provider of this account vouches, by the provider's ARN: always with a condition.
    #[must_use]
    pub fn federated(self, provider: impl Into<String>) -> Self {
        self.principal(Principal::Federated(provider.into()))
    }

    fn principal(self, principal: Principal) -> Self {
        Self { principal: Some(principal), ..self }
    }

    /// Only on these resources.
    #[must_use]
    pub fn on<R: Into<String>>(self, resources: impl IntoIterator<Item = R>) -> Self {
        Self { resource: Some(Values::new(resources)), ..self }
    }

    /// Only when the request's `key` compares to one of `values`. Several conditions must all hold.
    #[must_use]
    pub fn when<V: Into<String>>(
        mut self,
        operator: Operator,
        key: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.condition.entry(operator).or_default().insert(key.into(), Values::new(values));
        self
    }

    /// Only when the request carries `key` with any value.
    #[must_use]
    pub fn when_present(self, key: impl Into<String>) -> Self {
        self.when(Operator::Null, key, ["false"])
    }

    /// Only when the request does not carry `key`.
    #[must_use]
    pub fn when_absent(self, key: impl Into<String>) -> Self {
        self.when(Operator::Null, key, ["true"])
    }

    /// The statement's id.
    pub fn sid(&self) -> &str {
        &self.sid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_a_text_and_several_are_a_list() {
        let document = Document::new([
            Statement::allow("One", ["kms:Decrypt"]).aws("arn:aws:iam::111122223333:root"),
            Statement::deny("Two", ["s3:GetObject", "s3:PutObject"]).everyone().on(["a", "b"]),
        ]);
        assert_eq!(
            document.to_json(),
            concat!(
                r#"{"Version":"2012-10-17","Statement":["#,
                r#"{"Sid":"One","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"#,
                r#""Action":"kms:Decrypt","Resource":"*"},"#,
                r#"{"Sid":"Two","Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"#,
                r#""Resource":["a","b"]}]}"#,
            )
        );
    }

    #[test]
    fn conditions_are_in_one_order_whatever_the_order_of_the_calls() {
        let statement = || Statement::allow("Sid", ["sns:Publish"]).service("sns.amazonaws.com");
        let one = statement().when_present("b").when(Operator::Bool, "a", ["true"]).when_absent("c");
        let other = statement().when_absent("c").when(Operator::Bool, "a", ["true"]).when_present("b");
        assert_eq!(Document::new([one.clone()]).to_json(), Document::new([other]).to_json());
        let json = Document::new([one]).to_json();
        assert!(json.ends_with(r#""Condition":{"Bool":{"a":"true"},"Null":{"b":"false","c":"true"}}}]}"#), "{json}");
    }

    #[test]
    fn a_trust_policy_has_no_resource() {
        let statement =
            Statement::trust("Sid", "sts:AssumeRoleWithWebIdentity").federated("arn:aws:iam::1:oidc-provider/x");
        assert_eq!(
            Document::new([statement]).to_json(),
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Sid":"Sid","Effect":"Allow","#,
                r#""Principal":{"Federated":"arn:aws:iam::1:oidc-provider/x"},"#,
                r#""Action":"sts:AssumeRoleWithWebIdentity"}]}"#,
            )
        );
    }

    #[test]
    fn an_identity_policy_has_no_principal() {
        assert!(!Document::new([Statement::allow("Sid", ["s3:GetObject"])]).to_json().contains("Principal"));
    }
}
