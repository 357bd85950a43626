//! Who a policy lets in: nobody from outside without a condition.

use serde_json::Value;

use super::{Breach, Resource, breach};

const PERMISSION: &str = "aws:lambda/permission:Permission";

/// The properties that limit a permission of a function to somebody.
const LIMITS: [&str; 3] = ["sourceArn", "sourceAccount", "principalOrgId"];

/// What of a resource lets everybody in.
pub(super) fn breaches(resource: &Resource) -> Vec<Breach> {
    if resource.is(PERMISSION) {
        let everybody =
            resource.text("principal") == Some("*") && !LIMITS.iter().any(|limit| resource.inputs.contains_key(*limit));
        let url = resource.text("functionUrlAuthType") == Some("NONE");
        return (everybody || url)
            .then(|| breach("public access", resource, "it lets everybody call the function"))
            .into_iter()
            .collect();
    }
    POLICIES.iter().filter_map(|property| resource.text(property)).flat_map(|text| in_policy(resource, text)).collect()
}

/// The properties that have a policy of who gets in.
const POLICIES: [&str; 2] = ["policy", "assumeRolePolicy"];

fn in_policy(resource: &Resource, text: &str) -> Vec<Breach> {
    let Ok(policy) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    };
    let open = statements.iter().enumerate().filter(|(_, statement)| lets_everybody_in(statement));
    open.map(|(number, statement)| {
        let name = match statement.get("Sid").and_then(Value::as_str) {
            Some(sid) => format!("statement `{sid}`"),
            None => format!("statement number {}", number + 1),
        };
        breach("public access", resource, format!("{name} of its policy lets everybody in"))
    })
    .collect()
}

/// The condition keys that say who asks, or from where. Others, such as `aws:SecureTransport`, hold for everybody.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> (2026-11-26)
const NARROWS: [&str; 16] = [
    "aws:calledvia",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
    "kms:calleraccount",
    "sts:externalid",
];

fn lets_everybody_in(statement: &Value) -> bool {
    let is_all = |value: &Value| match value {
        Value::String(text) => text == "*",
        Value::Array(items) => items.iter().any(|item| item == "*"),
        _ => false,
    };
    let everybody = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        // everybody but those
        (_, Some(_)) => true,
        (Some(Value::Object(kinds)), None) => kinds.get("AWS").is_some_and(is_all),
        (Some(principal), None) => is_all(principal),
        (None, None) => false,
    };
    let narrows = |(operator, keys): (&String, &Value)| {
        let keys = keys.as_object().map(|keys| keys.keys().map(|key| key.to_lowercase()).collect::<Vec<_>>());
        !operator.contains("Not") && keys.is_some_and(|keys| keys.iter().any(|key| NARROWS.contains(&key.as_str())))
    };
    let narrowed = statement.get("Condition").and_then(Value::as_object).is_some_and(|all| all.iter().any(narrows));
    statement.get("Effect").and_then(Value::as_str) == Some("Allow") && everybody && !narrowed
}
