//! Reads a policy document, and finds what AWS would refuse in it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html> (2026-11-26)

use std::collections::BTreeSet;

use crate::{
    condition::{Condition, Operator},
    error::{Malformed, Problems},
    json::Json,
    principal::{Named, Principals},
    statement::{ActionPattern, Listed, ResourcePattern, Statement},
};

/// What a document is for, which decides what must and may stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Of a user, a group or a role; a permissions boundary; a session policy.
    Identity,
    /// On a bucket, a key, a queue, a topic, a bus, a function, a secret.
    Resource,
    /// Who may assume a role.
    Trust,
    /// What principals of an account may do at most.
    ServiceControl,
    /// What may be done with the resources of an account at most.
    ResourceControl,
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

/// A document that AWS would take.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub(crate) statements: Vec<Statement>,
}

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// AWS would refuse it; every problem has its place.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Malformed> {
        let mut problems = Problems::default();
        let json = match Json::parse(text) {
            Ok(json) => json,
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let what = error.to_string();
                let what = what.split(" at line ").next().unwrap_or_default().to_owned();
                problems.add(&format!("line {line}, column {column}"), what, "write the document as JSON");
                return problems.into_result(Self::empty());
            }
        };
        let mut reader = Reader { kind, variables: false, problems };
        let statements = reader.document(&json);
        reader.problems.into_result(Self { statements })
    }

    /// The `Sid` of each statement, or its number counted from 1.
    pub fn labels(&self) -> impl Iterator<Item = (&str, Effect)> {
        self.statements.iter().map(|statement| (&*statement.label, statement.effect))
    }

    /// The patterns of actions in all statements, as written: the effect of the statement, whether it is about all other actions
    /// (`NotAction`), and the pattern.
    pub fn patterns(&self) -> impl Iterator<Item = (Effect, bool, &str)> {
        self.statements.iter().flat_map(|statement| {
            let turned = statement.actions.turned;
            statement.actions.items.iter().map(move |pattern| (statement.effect, turned, pattern.written()))
        })
    }

    /// A policy that allows everything to everybody whom it is about.
    pub(crate) fn everything() -> Self {
        let any = |text| ActionPattern::parse(text).ok();
        let actions = Listed { turned: false, items: any("*").into_iter().collect() };
        let statement = Statement {
            label: "number 1".into(),
            effect: Effect::Allow,
            principals: None,
            actions,
            resources: None,
            conditions: Vec::new(),
        };
        Self { statements: vec![statement] }
    }

    /// A policy that says nothing.
    pub(crate) const fn empty() -> Self {
        Self { statements: Vec::new() }
    }
}

struct Reader {
    kind: Kind,
    variables: bool,
    problems: Problems,
}

const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
const OF_STATEMENT: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

impl Reader {
    fn document(&mut self, json: &Json) -> Vec<Statement> {
        let Json::Object(elements) = json else {
            self.problems.add("", format!("the document is {}", json.kind()), "write an object with `Statement`");
            return Vec::new();
        };
        self.known("", elements, &ELEMENTS);
        match element(elements, "Version") {
            None => {}
            Some(Json::Text(version)) if version == "2012-10-17" => self.variables = true,
            Some(Json::Text(version)) if version == "2008-10-17" => {}
            Some(other) => {
                let what = format!("{} is no version of the policy language", shown(other));
                self.problems.add("Version", what, "write \"2012-10-17\"");
            }
        }
        if let Some(id) = element(elements, "Id").filter(|id| !matches!(id, Json::Text(_))) {
            self.problems.add("Id", format!("it is {}", id.kind()), "write a string");
        }
        let statements = match element(elements, "Statement") {
            Some(one @ Json::Object(_)) => vec![(one, "Statement".to_owned())],
            Some(Json::List(many)) if !many.is_empty() => {
                many.iter().enumerate().map(|(at, one)| (one, format!("Statement[{at}]"))).collect()
            }
            Some(Json::List(_)) | None => {
                self.problems.add("Statement", "there is none", "a policy has at least one statement");
                return Vec::new();
            }
            Some(other) => {
                self.problems.add("Statement", format!("it is {}", other.kind()), "write an object or a list of them");
                return Vec::new();
            }
        };
        let mut seen = BTreeSet::new();
        let mut read = Vec::new();
        for (at, (json, place)) in statements.into_iter().enumerate() {
            let Json::Object(elements) = json else {
                self.problems.add(&place, format!("it is {}", json.kind()), "write an object");
                continue;
            };
            if let Some(Json::Text(sid)) = element(elements, "Sid")
                && !sid.is_empty()
                && !seen.insert(sid)
                && self.kind != Kind::Resource
            {
                self.problems.add(&place, format!("the `Sid` `{sid}` stands twice"), "give each statement its own");
            }
            read.extend(self.statement(at, &place, elements));
        }
        read
    }

    /// Complains about elements that are unknown.
    fn known(&mut self, place: &str, elements: &[(String, Json)], known: &[&str]) {
        for (name, _) in elements.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let meant = known.iter().find(|known| known.eq_ignore_ascii_case(name));
            let hint =
                meant.map_or_else(|| format!("the elements are {}", known.join(", ")), |m| format!("write `{m}`"));
            self.problems.add(place, format!("`{name}` is not an element"), &hint);
        }
    }

    fn statement(&mut self, at: usize, place: &str, elements: &[(String, Json)]) -> Option<Statement> {
        self.known(place, elements, &OF_STATEMENT);
        let sid = self.sid(place, element(elements, "Sid"));
        let effect = match element(elements, "Effect") {
            Some(Json::Text(effect)) if effect == "Allow" => Some(Effect::Allow),
            Some(Json::Text(effect)) if effect == "Deny" => Some(Effect::Deny),
            Some(other) => {
                self.problems.add(
                    &inside(place, "Effect"),
                    format!("{} is no effect", shown(other)),
                    "write Allow or Deny",
                );
                None
            }
            None => {
                self.problems.add(place, "`Effect` is missing", "write \"Effect\": \"Allow\" or \"Deny\"");
                None
            }
        };
        let principals = self.principals(place, elements);
        let actions = self.listed(place, elements, ["Action", "NotAction"], ActionPattern::parse);
        if actions.is_none() && element(elements, "Action").or(element(elements, "NotAction")).is_none() {
            self.problems.add(place, "`Action` is missing", "name the actions, or write \"Action\": \"*\"");
        }
        let variables = self.variables;
        let parse = |text: &str| ResourcePattern::parse(text, variables);
        let resources = self.listed(place, elements, ["Resource", "NotResource"], parse);
        let has_resource = element(elements, "Resource").or(element(elements, "NotResource")).is_some();
        match (self.kind, has_resource) {
            (Kind::Trust, true) => {
                self.problems.add(place, "`Resource` stands in a trust policy", "leave it out: it speaks of its role");
            }
            (Kind::Trust, false) | (_, true) => {}
            (_, false) => {
                self.problems.add(place, "`Resource` is missing", "name the resources, or write \"Resource\": \"*\"");
            }
        }
        let conditions = self.conditions(place, element(elements, "Condition"));
        let label = sid.unwrap_or_else(|| format!("number {}", at + 1));
        Some(Statement { label: label.into(), effect: effect?, principals, actions: actions?, resources, conditions })
    }

    fn sid(&mut self, place: &str, sid: Option<&Json>) -> Option<String> {
        match sid {
            None => None,
            Some(Json::Text(sid)) => {
                let plain = sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
                if !plain && self.kind != Kind::Resource {
                    let what = format!("`{sid}` has other characters than letters and digits");
                    self.problems.add(&inside(place, "Sid"), what, "IAM takes A-Z, a-z and 0-9 here");
                }
                (!sid.is_empty()).then(|| sid.clone())
            }
            Some(other) => {
                self.problems.add(&inside(place, "Sid"), format!("it is {}", other.kind()), "write a string");
                None
            }
        }
    }

    /// `X` or `NotX`, one text or many.
    fn listed<T>(
        &mut self,
        place: &str,
        elements: &[(String, Json)],
        [name, turned]: [&str; 2],
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Listed<T>> {
        let (name, value, turned) = match (element(elements, name), element(elements, turned)) {
            (Some(_), Some(_)) => {
                self.problems.add(place, format!("both `{name}` and `{turned}` stand in it"), "write one of the two");
                return None;
            }
            (Some(value), None) => (name, value, false),
            (None, Some(value)) => (turned, value, true),
            (None, None) => return None,
        };
        let place = inside(place, name);
        let mut items = Vec::new();
        for value in value.one_or_many() {
            match value {
                Json::Text(text) => match parse(text) {
                    Ok(item) => items.push(item),
                    Err(what) => self.problems.add(&place, what, "see the grammar of IAM policies"),
                },
                other => self.problems.add(&place, format!("{} is no string", shown(other)), "write strings"),
            }
        }
        if value.one_or_many().is_empty() {
            self.problems.add(&place, "the list is empty", "name at least one");
        }
        Some(Listed { turned, items })
    }

    fn principals(&mut self, place: &str, elements: &[(String, Json)]) -> Option<Principals> {
        let (plain, turned) = (element(elements, "Principal"), element(elements, "NotPrincipal"));
        let may = !matches!(self.kind, Kind::Identity | Kind::ServiceControl);
        let (name, value) = match (plain, turned) {
            (None, None) if may => {
                self.problems.add(place, "`Principal` is missing", "name whom the statement is about, or write \"*\"");
                return None;
            }
            (None, None) => return None,
            (Some(_), Some(_)) => {
                self.problems.add(place, "both `Principal` and `NotPrincipal` stand in it", "write one of the two");
                return None;
            }
            (Some(value), None) => ("Principal", value),
            (None, Some(value)) => ("NotPrincipal", value),
        };
        let place = inside(place, name);
        if !may {
            self.problems.add(&place, "the policy is attached to whom it is about", "leave it out");
            return None;
        }
        let named = self.named(&place, value);
        if self.kind == Kind::ResourceControl && (name == "NotPrincipal" || named != [Named::Everybody]) {
            self.problems.add(&place, "a resource control policy is about everybody", "write \"Principal\": \"*\"");
        }
        Some(Principals { turned: name == "NotPrincipal", named })
    }

    fn named(&mut self, place: &str, value: &Json) -> Vec<Named> {
        match value {
            Json::Text(text) if text == "*" => vec![Named::Everybody],
            Json::Object(kinds) if !kinds.is_empty() => {
                let mut named = Vec::new();
                for (kind, names) in kinds {
                    for name in names.one_or_many() {
                        let Json::Text(text) = name else {
                            self.problems.add(place, format!("{} is no string", shown(name)), "write strings");
                            continue;
                        };
                        match Named::parse(kind, text) {
                            Ok(name) => named.push(name),
                            Err(what) => {
                                let hint = "the kinds are AWS, Service, Federated and CanonicalUser";
                                self.problems.add(place, what, hint);
                            }
                        }
                    }
                }
                named
            }
            other => {
                let hint = "write \"*\", or an object such as {\"AWS\": \"111122223333\"}";
                self.problems.add(place, format!("{} names nobody", shown(other)), hint);
                Vec::new()
            }
        }
    }

    fn conditions(&mut self, place: &str, block: Option<&Json>) -> Vec<Condition> {
        let place = inside(place, "Condition");
        let operators = match block {
            None => return Vec::new(),
            Some(Json::Object(operators)) => operators,
            Some(other) => {
                self.problems.add(&place, format!("it is {}", other.kind()), "write an object of operators");
                return Vec::new();
            }
        };
        let mut read = Vec::new();
        for (name, keys) in operators {
            let Some(operator) = Operator::parse(name) else {
                let hint = "the operators are StringEquals, StringLike, Bool, ArnLike, Null and others, see AWS's list";
                self.problems.add(&place, format!("`{name}` is no operator"), hint);
                continue;
            };
            let place = inside(&place, name);
            let Json::Object(keys) = keys else {
                self.problems.add(&place, format!("it is {}", keys.kind()), "write an object of keys");
                continue;
            };
            for (key, values) in keys {
                let texts: Option<Vec<_>> = values.one_or_many().iter().map(Json::scalar).collect();
                let Some(texts) = texts else {
                    let what = format!("the value of `{key}` is neither a string nor a list of strings");
                    self.problems.add(&place, what, "write strings");
                    continue;
                };
                if key.is_empty() || key.contains(char::is_whitespace) && !key.contains('/') {
                    self.problems.add(&place, format!("`{key}` is no key"), "write a key such as aws:PrincipalArn");
                    continue;
                }
                match Condition::parse(operator, key, texts, self.variables) {
                    Ok(condition) => read.push(condition),
                    Err(what) => {
                        self.problems.add(&place, format!("`{key}`: {what}"), "write a value that the operator takes");
                    }
                }
            }
        }
        read
    }
}

fn element<'a>(elements: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    elements.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

fn inside(place: &str, name: &str) -> String {
    format!("{place}.{name}")
}

fn shown(value: &Json) -> String {
    value.scalar().map_or_else(|| value.kind().to_owned(), |text| format!("`{text}`"))
}

#[cfg(test)]
mod tests {
    use super::{Kind, Policy};

    fn problem(text: &str, kind: Kind) -> String {
        let refused = Policy::parse(text, kind).expect_err(text);
        assert!(refused.problems.iter().all(|problem| !problem.hint.is_empty()), "{refused}");
        refused.to_string()
    }

    /// A statement with one element changed, in a policy of its kind.
    fn statement(more: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"{more}}}]}}"#
        )
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let identity = |statement: &str| format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        for (text, said) in [
            ("{".to_owned(), "line 1, column 1: EOF while parsing an object"),
            ("[]".to_owned(), "the document is a list"),
            (r#"{"Statement":[]}"#.to_owned(), "Statement: there is none"),
            (r#"{"Version":"2012-10-17"}"#.to_owned(), "Statement: there is none"),
            (r#"{"Statement":"x"}"#.to_owned(), "Statement: it is a string"),
            (r#"{"Statement":["x"]}"#.to_owned(), "Statement[0]: it is a string"),
            (
                r#"{"Version":"2020-01-01","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#.to_owned(),
                "Version: `2020-01-01` is no version of the policy language",
            ),
            (
                r#"{"Name":"x","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#.to_owned(),
                "`Name` is not an element",
            ),
            (r#"{"Id":1,"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#.to_owned(), "Id: it is a number"),
            (
                identity(r#"{"effect":"Deny","Action":"*","Resource":"*"}"#),
                "Statement: `effect` is not an element; Statement: `Effect` is missing",
            ),
            (identity(r#"{"Effect":"deny","Action":"*","Resource":"*"}"#), "Statement.Effect: `deny` is no effect"),
            (identity(r#"{"Effect":"Deny","Resource":"*"}"#), "Statement: `Action` is missing"),
            (identity(r#"{"Effect":"Deny","Action":[],"Resource":"*"}"#), "Statement.Action: the list is empty"),
            (identity(r#"{"Effect":"Deny","Action":[1],"Resource":"*"}"#), "Statement.Action: `1` is no string"),
            (
                identity(r#"{"Effect":"Deny","Action":"GetObject","Resource":"*"}"#),
                "`GetObject` does not name a service",
            ),
            (
                identity(r#"{"Effect":"Deny","Action":"s*:GetObject","Resource":"*"}"#),
                "does not begin with the name of one service",
            ),
            (
                identity(r#"{"Effect":"Deny","Action":"s3:","Resource":"*"}"#),
                "does not name an action behind the colon",
            ),
            (
                identity(r#"{"Effect":"Deny","Action":"*","NotAction":"s3:*","Resource":"*"}"#),
                "both `Action` and `NotAction`",
            ),
            (identity(r#"{"Effect":"Deny","Action":"*"}"#), "Statement: `Resource` is missing"),
            (
                identity(r#"{"Effect":"Deny","Action":"*","Resource":"bucket"}"#),
                "Statement.Resource: `bucket` is neither an ARN nor `*`",
            ),
            (identity(r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:bucket"}"#), "lacks parts of an ARN"),
            (identity(r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::${aws:username"}"#), "has no end"),
            (statement(r#","Sid":"a b""#), "Statement[0].Sid: `a b` has other characters"),
            (statement(r#","Sid":1"#), "Statement[0].Sid: it is a number"),
            (statement(r#","Principal":"*""#), "Statement[0].Principal: the policy is attached to whom it is about"),
            (statement(r#","Condition":[]"#), "Statement[0].Condition: it is a list"),
            (statement(r#","Condition":{"StringIs":{"a:b":"c"}}"#), "`StringIs` is no operator"),
            (statement(r#","Condition":{"Bool":"true"}"#), "Statement[0].Condition.Bool: it is a string"),
            (statement(r#","Condition":{"Bool":{"a:b":{}}}"#), "`a:b` is neither a string nor a list"),
            (
                statement(r#","Condition":{"Null":{"a:b":"maybe"}}"#),
                "`a:b`: `maybe` is neither true nor false, which is all that Null takes",
            ),
            (statement(r#","Condition":{"Bool":{"":"true"}}"#), "`` is no key"),
            (statement(r#","Condition":{"Bool":{"a:b":"true"},"Bool":{"c:d":"true"}}"#), "the key `Bool` stands twice"),
        ] {
            let all = problem(&text, Kind::Identity);
            assert!(all.contains(said), "{text}\n{all}");
        }
    }

    #[test]
    fn what_only_one_kind_takes() {
        let twice = r#"{"Statement":[{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}]}"#;
        assert!(problem(twice, Kind::ServiceControl).contains("the `Sid` `a` stands twice"));
        assert!(problem(&statement(""), Kind::Resource).contains("`Principal` is missing"));
        let to = |principal: &str| statement(&format!(r#","Principal":{principal}"#));
        for (principal, said) in [
            (r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#, "wildcard"),
            (r#"{"AWS":"bob"}"#, "neither an account nor the ARN"),
            (r#"{"Person":"bob"}"#, "not a kind of principal"),
            (r#""bob""#, "names nobody"),
            ("{}", "names nobody"),
        ] {
            assert!(problem(&to(principal), Kind::Resource).contains(said), "{principal}");
        }
        assert!(problem(&to(r#""*""#), Kind::Trust).contains("`Resource` stands in a trust policy"));
        assert!(problem(&to(r#"{"AWS":"111122223333"}"#), Kind::ResourceControl).contains("about everybody"));
        let both = statement(r#","Principal":"*","NotPrincipal":"*""#);
        assert!(problem(&both, Kind::Resource).contains("both `Principal` and `NotPrincipal`"));
    }

    #[test]
    fn what_aws_takes_is_taken() {
        assert!(Policy::parse(&statement(r#","Sid":"A1""#), Kind::Identity).is_ok());
        assert!(
            Policy::parse(
                &statement(r#","Sid":"a b","Principal":{"AWS":["111122223333"],"Service":"sns.amazonaws.com"}"#),
                Kind::Resource
            )
            .is_ok()
        );
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"a:aud":"x"},"NumericLessThan":{"b:c":3600},"Bool":{"aws:MultiFactorAuthPresent":true}}}}"#;
        assert!(Policy::parse(trust, Kind::Trust).is_ok());
    }
}
