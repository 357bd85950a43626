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
    let Some(policy) = resource.text("policy").and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return Vec::new();
    };
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    };
    let open = statements.iter().filter(|statement| lets_everybody_in(statement));
    open.map(|statement| {
        let name = statement.get("Sid").and_then(Value::as_str).unwrap_or("without a Sid");
        breach("public access", resource, format!("statement `{name}` of its policy lets everybody in"))
    })
    .collect()
}

fn lets_everybody_in(statement: &Value) -> bool {
    let is_all = |value: &Value| match value {
        Value::String(text) => text == "*",
        Value::Array(items) => items.iter().any(|item| item == "*"),
        _ => false,
    };
    let everybody = match statement.get("Principal") {
        Some(Value::Object(kinds)) => kinds.get("AWS").is_some_and(is_all),
        Some(principal) => is_all(principal),
        None => false,
    };
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
        && everybody
        && statement.get("Condition").is_none()
}
