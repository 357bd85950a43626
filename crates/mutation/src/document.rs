//! The other documents that a policy can be: one statement less, one more, another action.

use serde_json::{Value as Json, json};

/// What is done to a document, and the document that comes of it.
pub(crate) type Edited = (String, String);

/// The variations of a policy document; none of a text that is no policy.
pub(crate) fn variations(text: &str) -> Vec<Edited> {
    let Ok(document) = serde_json::from_str::<Json>(text) else { return Vec::new() };
    let Some(statements) = document["Statement"].as_array().cloned() else { return Vec::new() };
    let with = |statements: Vec<Json>| {
        let mut document = document.clone();
        document["Statement"] = Json::Array(statements);
        document.to_string()
    };
    let mut all = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        let name =
            statement["Sid"].as_str().map_or_else(|| format!("statement {number}"), |sid| format!("statement {sid}"));
        // a policy without a statement is none
        if statements.len() > 1 {
            let mut fewer = statements.clone();
            fewer.remove(number);
            all.push((format!("{name} removed"), with(fewer)));
        }
        if let Some(changed) = other_action(statement) {
            let mut other = statements.clone();
            other[number] = changed;
            all.push((format!("an action of {name} changed"), with(other)));
        }
    }
    let more = statements.iter().cloned().chain([allow(&statements)]).collect();
    all.push(("an Allow added".to_owned(), with(more)));
    all
}

/// Whether nobody could change the policy of a key any more. AWS refuses such a policy, the emulator does not.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html> (2026-11-26)
pub(crate) fn locks_out(text: &str) -> bool {
    let document = serde_json::from_str::<Json>(text).unwrap_or_default();
    let lets_in = |statement: &Json| {
        let actions = match &statement["Action"] {
            Json::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        };
        statement["Effect"] == "Allow" && actions.iter().any(|action| action == "kms:*" || action == "kms:PutKeyPolicy")
    };
    !document["Statement"].as_array().is_some_and(|statements| statements.iter().any(lets_in))
}

/// The statement with its first action replaced by another one of the same service.
fn other_action(statement: &Json) -> Option<Json> {
    let mut statement = statement.clone();
    let first = match statement.get_mut("Action")? {
        Json::Array(actions) => actions.first_mut()?,
        one => one,
    };
    let (service, name) = first.as_str()?.split_once(':')?;
    let mut others = iam::table::actions().filter(|a| a.service == service && a.name != name);
    let other = others.find(|action| action.level == iam::table::Level::Write).map_or("Other", |action| action.name);
    *first = format!("{service}:{other}").into();
    Some(statement)
}

/// A statement that allows everybody, or whom the policy is attached to, more than before.
fn allow(statements: &[Json]) -> Json {
    let like = statements.iter().find(|s| !s["Principal"].is_null());
    let Some(like) = like else {
        return json!({ "Sid": "ZoneMutant", "Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*" });
    };
    let mut more =
        json!({ "Sid": "ZoneMutant", "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": like["Action"] });
    // the policy of a role names no resource
    if let Some(resource) = like.get("Resource") {
        more["Resource"] = resource.clone();
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_goes_and_changes_once_and_one_comes() {
        let of = |text: &str| variations(text).into_iter().map(|(change, _)| change).collect::<Vec<_>>();
        let two = r#"{"Statement":[{"Sid":"A","Effect":"Allow","Action":["sqs:SendMessage"],"Resource":"*"},
            {"Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}"#;
        let expected =
            ["statement A removed", "an action of statement A changed", "statement 1 removed", "an Allow added"];
        assert_eq!(of(two), expected);
        assert_eq!(of(r#"{"source":["a"]}"#), [""; 0]);
        assert_eq!(of("text"), [""; 0]);
    }

    #[test]
    fn a_key_whose_policy_nobody_can_change_is_locked() {
        let of = |action: &str| locks_out(&format!(r#"{{"Statement":[{{"Effect":"Allow","Action":{action}}}]}}"#));
        assert_eq!(
            (of(r#""kms:*""#), of(r#"["kms:Decrypt","kms:PutKeyPolicy"]"#), of(r#""kms:Decrypt""#)),
            (false, false, true)
        );
    }

    #[test]
    fn what_is_added_lets_everybody_in_where_a_policy_names_principals() {
        let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"x"},"Action":"sts:AssumeRole"}]}"#;
        let (_, text) = variations(trust).pop().expect("one");
        let document: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["Statement"][1]["Principal"]["AWS"], "*");
        assert!(document["Statement"][1].get("Resource").is_none());
    }
}
