//! What of a user pool stays as it was made, and how its attributes are told.

use std::collections::BTreeSet;

use pulumi::{
    provider::{
        diff,
        schema::{Property, Shaped, Type},
    },
    value::{FromValue, ToValue},
};

use super::{Inputs, Schema};
use crate::{checks::items, lasting, prelude::*};

/// Attributes that every pool has.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
pub(in crate::cognito) const STANDARD: [&str; 21] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "identities",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "sub",
    "updated_at",
    "website",
    "zoneinfo",
];

/// Properties that AWS takes when a pool is made, and at no other time.
const FIXED: [&str; 4] = ["aliasAttributes", "region", "usernameAttributes", "usernameConfiguration"];

const WAY_OUT: &str = "undo the change. For a pool with other settings, add a second one, move the users to it, and remove \
                       this one at the end";

/// An attribute's name without what AWS puts before it; one that then looks like a standard one's stays whole.
pub(super) fn bare(name: &str) -> &str {
    let custom = name.strip_prefix("dev:").unwrap_or(name).strip_prefix("custom:").filter(|n| !STANDARD.contains(n));
    custom.unwrap_or(name)
}

/// Rules for attributes that types cannot say.
pub(super) fn check(checks: &mut Checks<'_>) {
    let mut names = BTreeSet::new();
    for (i, schema) in items(checks.inputs, "schemas").iter().enumerate() {
        let Some(name) = name(schema) else { continue };
        let mut wrong = |reason: String| checks.wrong(&format!("schemas[{i}]"), reason);
        if !names.insert(name) {
            wrong(format!("there is an attribute `{name}` already"));
        }
        if name != bare(name) {
            wrong(format!("write it as `{}`: AWS puts `custom:` before it", bare(name)));
        }
        if field(schema, "required") == Some(&Value::Bool(true)) && !STANDARD.contains(&name) {
            wrong(format!("`{name}` is an attribute of your own, and AWS lets only standard ones be required"));
        }
    }
}

/// Changes that would need another pool, and with it leave all users behind: each of them is refused.
pub(super) fn frozen(olds: &Map, news: &Map) -> Vec<Failure> {
    let region = Property { computed: true, ..Property::new("region", "", Type::String) };
    let changed = |name: &&str| {
        let property = Inputs::SHAPE.properties.iter().find(|p| p.name == *name).unwrap_or(&region);
        lasting::is_changed(property, olds, news)
    };
    let fixed = |name: &str| Failure {
        property: name.to_owned(),
        reason: format!("`{name}` of a user pool that exists cannot be changed\nhint: {WAY_OUT}"),
    };
    FIXED.iter().filter(|name| changed(name)).map(|name| fixed(name)).chain(attributes(olds, news)).collect()
}

fn attributes(olds: &Map, news: &Map) -> Vec<Failure> {
    if news.get("schemas").is_some_and(|schemas| *schemas == Value::Unknown) {
        return Vec::new();
    }
    let failure = |property: String, what: String| Failure {
        property,
        reason: format!("{what}; attributes of a user pool that exists can only be added\nhint: {WAY_OUT}"),
    };
    let (olds, news) = (items(olds, "schemas"), items(news, "schemas"));
    let unnamed = news.iter().any(|schema| name(schema).is_none());
    let mut failures = Vec::new();
    for old in olds {
        let Some(called) = name(old) else { continue };
        match news.iter().position(|new| name(new) == Some(called)) {
            // one whose name is not known yet may be this one
            None if unnamed => {}
            None => failures.push(failure("schemas".to_owned(), format!("attribute `{called}` is gone"))),
            Some(i) if !news[i].has_unknown() && !same(old, &news[i]) => {
                failures.push(failure(format!("schemas[{i}]"), format!("attribute `{called}` has changed")));
            }
            Some(_) => {}
        }
    }
    for (i, new) in news.iter().enumerate() {
        let Some(called) = name(new).filter(|called| STANDARD.contains(called)) else { continue };
        if !olds.iter().any(|old| name(old) == Some(called)) {
            let what = format!("standard attribute `{called}` is there already, and takes settings only with its pool");
            failures.push(failure(format!("schemas[{i}]"), what));
        }
    }
    failures
}

/// Those that are wanted and not there yet.
pub(super) fn added<'a>(live: &[Schema], wanted: &'a [Schema]) -> Vec<&'a Schema> {
    wanted.iter().filter(|schema| live.iter().all(|there| there.name != schema.name)).collect()
}

/// Tells what is live in the words of the inputs there were.
pub(super) fn reduce(olds: Option<&Map>, live: &mut Map) {
    let listed: Option<Vec<&str>> = olds.map(|olds| items(olds, "schemas").iter().filter_map(name).collect());
    if let Some(Value::Array(schemas)) = live.get_mut("schemas") {
        schemas.retain(|schema| {
            let name = name(schema).unwrap_or_default();
            match &listed {
                _ if !STANDARD.contains(&name) => true,
                Some(listed) => listed.contains(&name),
                None => !Schema::from_value(schema).is_ok_and(|schema| is_untouched(&schema)),
            }
        });
    }
    one_of_two_names(olds, live);
    let Some(olds) = olds else { return };
    let off = live.get("mfaConfiguration").and_then(Value::as_str) == Some("OFF");
    for (property, old) in olds {
        let of_mfa = ["softwareTokenMfaConfiguration", "emailMfaConfiguration"].contains(&property.as_str());
        // AWS forgets the methods of an MFA that is off
        if !live.contains_key(property) && (says_nothing(old) || (off && of_mfa)) {
            live.insert(property.clone(), old.clone());
        }
    }
}

/// Of the two names of the function for tokens, AWS answers both whichever is given.
fn one_of_two_names(olds: Option<&Map>, live: &mut Map) {
    let (old_name, new_name) = ("preTokenGeneration", "preTokenGenerationConfig");
    let Some(Value::Object(functions)) = live.get_mut("lambdaConfig") else { return };
    let given = |name: &str| match olds.and_then(|olds| olds.get("lambdaConfig")) {
        Some(Value::Object(olds)) => olds.contains_key(name),
        _ => false,
    };
    let first_version = match functions.get(new_name) {
        Some(Value::Object(config)) => config.get("lambdaVersion").and_then(Value::as_str) == Some("V1_0"),
        _ => true,
    };
    match (given(old_name), given(new_name)) {
        (true, true) => {}
        (_, false) if first_version => drop(functions.remove(new_name)),
        _ => drop(functions.remove(old_name)),
    }
}

/// Whether AWS may answer nothing at all where this is given.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text == "OFF",
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(says_nothing),
        _ => false,
    }
}

/// Whether a standard attribute is as it comes by itself.
fn is_untouched(schema: &Schema) -> bool {
    let is_sub = schema.name == "sub";
    let usual = match schema.name.as_str() {
        "birthdate" => ("10", "10"),
        "sub" => ("1", "2048"),
        _ => ("0", "2048"),
    };
    let lengths = schema.string_attribute_constraints.as_ref().is_none_or(|c| {
        (c.min_length.as_deref().unwrap_or(usual.0), c.max_length.as_deref().unwrap_or(usual.1)) == usual
    });
    let values = schema
        .number_attribute_constraints
        .as_ref()
        .is_none_or(|c| c.max_value.is_none() && c.min_value.as_deref().is_none_or(|least| least == "0"));
    let of_cognito = ["email_verified", "phone_number_verified", "identities"].contains(&schema.name.as_str());
    of_cognito || (schema.mutable != is_sub && schema.required == is_sub && lengths && values)
}

fn same(old: &Value, new: &Value) -> bool {
    let Some(property) = Inputs::SHAPE.properties.iter().find(|p| p.name == "schemas") else { return old == new };
    let alone = |value: &Value| Value::Array(vec![value.clone()]);
    diff::same(property, &alone(old), &alone(new))
}

fn field<'a>(schema: &'a Value, property: &str) -> Option<&'a Value> {
    if let Value::Object(fields) = schema { fields.get(property) } else { None }
}

fn name(schema: &Value) -> Option<&str> {
    field(schema, "name").and_then(Value::as_str)
}

/// Inputs as a property map.
pub(super) fn map(inputs: &Inputs) -> Map {
    match inputs.to_value() {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
