//! What AWS would refuse of a table, found in a preview.

use std::collections::BTreeMap;

use super::{
    PAY_PER_REQUEST, PROVISIONED,
    indexes::{INDEXES, object},
};
use crate::{checks::items, prelude::*};

const LOCAL: &str = "localSecondaryIndexes";

pub(super) fn check(checks: &mut Checks<'_>) {
    let inputs = checks.inputs;
    if !checks.has("hashKey") {
        checks.wrong("hashKey", "missing: a table has a partition key");
    }
    attributes(checks);
    let mode = match inputs.get("billingMode") {
        None | Some(Value::Null) => Some(PROVISIONED),
        Some(mode) => mode.as_str(),
    };
    capacity(checks, "", inputs, mode);
    for (i, index) in items(inputs, INDEXES).iter().enumerate() {
        let Some(index) = object(index) else { continue };
        let at = format!("{INDEXES}[{i}].");
        capacity(checks, &at, index, mode);
        projection(checks, &at, index);
        key(checks, &at, index);
    }
    for (i, index) in items(inputs, LOCAL).iter().enumerate() {
        let Some(index) = object(index) else { continue };
        projection(checks, &format!("{LOCAL}[{i}]."), index);
        if !checks.has("rangeKey") {
            checks.wrong(LOCAL, "only a table with a `rangeKey` has local secondary indexes");
        }
    }
    settings(checks);
}

/// Each attribute of a key is defined, and no other one.
fn attributes(checks: &mut Checks<'_>) {
    let inputs = checks.inputs;
    let (Some(used), Some(defined)) = (used(inputs), defined(inputs)) else { return };
    let mut seen = Vec::new();
    for name in &defined {
        if seen.contains(name) {
            checks.wrong("attributes", format!("attribute `{name}` is defined twice"));
        } else if !used.contains(name) {
            let reason = format!(
                "attribute `{name}` is part of no key of the table or an index: AWS takes no others, leave it out"
            );
            checks.wrong("attributes", reason);
        }
        seen.push(name);
    }
    let mut missing: Vec<_> = used.iter().filter(|name| !defined.contains(name)).collect();
    missing.dedup();
    for name in missing {
        checks.wrong("attributes", format!("key `{name}` is missing: give its name and type"));
    }
}

/// The names of all attributes that are parts of keys; `None` where one is not known yet.
fn used(inputs: &Map) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    take(&mut names, inputs, &["hashKey", "rangeKey"])?;
    for index in list(inputs, INDEXES)? {
        let index = object(index)?;
        take(&mut names, index, &["hashKey", "rangeKey"])?;
        for key in list(index, "keySchemas")? {
            take(&mut names, object(key)?, &["attributeName"])?;
        }
    }
    for index in list(inputs, LOCAL)? {
        take(&mut names, object(index)?, &["rangeKey"])?;
    }
    names.sort_unstable();
    Some(names)
}

fn take<'a>(names: &mut Vec<&'a str>, map: &'a Map, properties: &[&str]) -> Option<()> {
    for property in properties {
        match map.get(*property) {
            None | Some(Value::Null) => {}
            Some(value) => names.push(value.as_str()?),
        }
    }
    Some(())
}

/// A list; `None` where it is not known yet.
fn list<'a>(map: &'a Map, property: &str) -> Option<&'a [Value]> {
    match map.get(property) {
        None | Some(Value::Null) => Some(&[]),
        Some(Value::Array(items)) => Some(items),
        Some(_) => None,
    }
}

fn defined(inputs: &Map) -> Option<Vec<&str>> {
    list(inputs, "attributes")?.iter().map(|attribute| object(attribute)?.get("name")?.as_str()).collect()
}

/// A table or an index has a capacity with `PROVISIONED`, and may have a maximum with `PAY_PER_REQUEST`.
fn capacity(checks: &mut Checks<'_>, at: &str, of: &Map, mode: Option<&str>) {
    let given = Checks::of(of);
    for property in ["readCapacity", "writeCapacity"] {
        let is_some = given.has(property) && of.get(property) != Some(&Value::Number(0.0));
        let is_negative = matches!(of.get(property), Some(Value::Number(units)) if *units < 0.0);
        let reason = match mode {
            _ if is_negative => "AWS takes 1 or more",
            Some(PROVISIONED) if !is_some => "missing: billing mode `PROVISIONED` needs it",
            Some(PAY_PER_REQUEST) if is_some => {
                "it is for billing mode `PROVISIONED`; leave it out with `PAY_PER_REQUEST`"
            }
            _ => continue,
        };
        checks.wrong(&format!("{at}{property}"), reason);
    }
    let limits = of.get("onDemandThroughput").and_then(object);
    let has_maximum =
        limits.is_some_and(|limits| limits.values().any(|v| !matches!(v, Value::Null | Value::Number(-1.0))));
    if mode == Some(PROVISIONED) && has_maximum {
        let reason = "it is for billing mode `PAY_PER_REQUEST`; leave it out with `PROVISIONED`";
        checks.wrong(&format!("{at}onDemandThroughput"), reason);
    }
}

fn projection(checks: &mut Checks<'_>, at: &str, index: &Map) {
    let given = Checks::of(index);
    let place = format!("{at}nonKeyAttributes");
    match given.text("projectionType") {
        Some("INCLUDE") if !given.gives("nonKeyAttributes") => {
            checks.wrong(&place, "missing: with projection `INCLUDE`, say which attributes");
        }
        Some("ALL" | "KEYS_ONLY") if given.gives("nonKeyAttributes") => {
            checks.wrong(&place, "it is for projection `INCLUDE`");
        }
        _ => {}
    }
}

fn key(checks: &mut Checks<'_>, at: &str, index: &Map) {
    let given = Checks::of(index);
    match (given.gives("keySchemas"), given.has("hashKey") || given.has("rangeKey")) {
        (true, true) => {
            checks.wrong(&format!("{at}hashKey"), "give `keySchemas`, or `hashKey` and `rangeKey`, not both");
        }
        (false, _) if !given.has("hashKey") => {
            checks.wrong(&format!("{at}keySchemas"), "missing: an index has a partition key");
        }
        _ => {}
    }
    let kinds: Option<Vec<&str>> =
        items(index, "keySchemas").iter().map(|key| object(key)?.get("keyType")?.as_str()).collect();
    let Some(kinds) = kinds else { return };
    let (first_range, last_hash) = (kinds.iter().position(|k| *k == "RANGE"), kinds.iter().rposition(|k| *k == "HASH"));
    if first_range.is_some_and(|range| last_hash.is_none_or(|hash| hash > range)) {
        checks.wrong(&format!("{at}keySchemas"), "the attributes of type `HASH` come first, and there is at least one");
    }
}

fn settings(checks: &mut Checks<'_>) {
    let part = |property: &str| checks.inputs.get(property).and_then(object);
    let mut wrong = Vec::new();
    if let Some(ttl) = part("ttl").map(Checks::of) {
        match (ttl.is("enabled", true), ttl.has("attributeName")) {
            (true, false) => wrong.push(("ttl.attributeName", "missing: say which attribute has the time")),
            (false, true) if !ttl.has("enabled") || ttl.is("enabled", false) => {
                wrong.push(("ttl.attributeName", "set `enabled` too, or leave it out"));
            }
            _ => {}
        }
    }
    if let Some(recovery) = part("pointInTimeRecovery").map(Checks::of)
        && recovery.is("enabled", false)
        && recovery.has("recoveryPeriodInDays")
    {
        wrong.push(("pointInTimeRecovery.recoveryPeriodInDays", "set `enabled` too, or leave it out"));
    }
    if let Some(encryption) = part("serverSideEncryption").map(Checks::of) {
        let place = "serverSideEncryption.kmsKeyArn";
        if encryption.is("enabled", false) && encryption.has("kmsKeyArn") {
            wrong.push((place, "set `enabled` too: without it, a key that AWS owns encrypts the table"));
        }
        // AWS takes an id or an alias, too, and tells the ARN
        if encryption.text("kmsKeyArn").is_some_and(|key| !key.starts_with("arn:")) {
            wrong.push((place, "give the ARN of the key"));
        }
    }
    match (checks.is("streamEnabled", true), checks.has("streamViewType")) {
        (true, false) => wrong.push(("streamViewType", "missing: say what the stream tells of a changed item")),
        (false, true) if !checks.has("streamEnabled") || checks.is("streamEnabled", false) => {
            wrong.push(("streamViewType", "set `streamEnabled` too, or leave it out"));
        }
        _ => {}
    }
    for (property, reason) in wrong {
        checks.wrong(property, reason);
    }
}

/// The type of an attribute in the key of the table or a local index stays.
pub(super) fn replacing(olds: &Map, news: &Map) -> Vec<&'static str> {
    let types = |inputs: &Map| -> BTreeMap<String, String> {
        let of = |attribute: &Value| {
            let attribute = object(attribute)?;
            let text = |property: &str| attribute.get(property).and_then(Value::as_str).map(str::to_owned);
            Some((text("name")?, text("type")?))
        };
        items(inputs, "attributes").iter().filter_map(of).collect()
    };
    let (old, new) = (types(olds), types(news));
    let text = |map: &Map, property: &str| map.get(property).and_then(Value::as_str).map(str::to_owned);
    let local = items(olds, LOCAL).iter().filter_map(object).filter_map(|index| text(index, "rangeKey"));
    let keys = [text(olds, "hashKey"), text(olds, "rangeKey")].into_iter().flatten().chain(local);
    let mut changed = keys.filter(|key| new.get(key).is_some_and(|kind| old.get(key).is_some_and(|old| old != kind)));
    if changed.next().is_some() { vec!["attributes"] } else { Vec::new() }
}
