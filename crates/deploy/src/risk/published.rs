//! What a change to the contract's parameters means for those who read it.

use contract::{Entry, Kind, ZONE, diff::Class, meta};
use engine::{events::Step, op::Op};
use pulumi::{urn, value::UNKNOWN};
use serde_json::Value;

use super::{Finding, Risk};

/// The risks of a step on a parameter of the contract. `promised` are the entries that the contract has after it.
pub(super) fn of(step: &Step, promised: &[Entry]) -> Vec<Finding> {
    let name = urn::name(&step.urn);
    let entry = promised.iter().find(|entry| entry.name == name);
    let readers = entry.map(|entry| entry.consumers.join(", ")).filter(|readers| !readers.is_empty());
    let readers = readers.map_or_else(String::new, |readers| format!(" (read by {readers})"));
    let breaks = |reason: String| vec![Finding::new(Risk::BreaksContract, format!("{reason}{readers}"))];
    let text = |inputs: Option<&serde_json::Map<String, Value>>, input: &str| {
        inputs.and_then(|inputs| inputs.get(input)).and_then(Value::as_str).map(str::to_owned)
    };
    let old = |input: &str| text(step.old.as_ref().map(|state| &state.inputs), input);
    let new = |input: &str| text(step.new.as_ref().map(|state| &state.inputs), input);
    match step.op {
        Op::Delete => breaks(format!("`{name}` is not published any more")),
        Op::Update | Op::Replace => {
            if let (Some(from), Some(to)) = (old("type"), new("type"))
                && from != to
            {
                return breaks(format!("`{name}` changes its type from {from} to {to}"));
            }
            let (from, to) = (old("insecureValue"), new("insecureValue"));
            if from == to {
                return Vec::new();
            }
            match (name, from, to) {
                (meta::VERSION_NAME, Some(from), Some(to)) => version(&from, &to),
                (meta::DIGEST_NAME | meta::PUBLISHED_AT_NAME, ..) => Vec::new(),
                (_, Some(from), Some(to)) if appended(entry, &from, &to) => Vec::new(),
                (_, _, Some(to)) if to.contains(UNKNOWN) => {
                    breaks(format!("`{name}` can get another value, which is known once it is deployed"))
                }
                (_, from, to) => breaks(format!(
                    "`{name}` changes its value from `{}` to `{}`: readers that copied it keep the old value",
                    from.unwrap_or_default(),
                    to.unwrap_or_default()
                )),
            }
        }
        _ => Vec::new(),
    }
}

/// A list that gets longer at its end keeps what it promised.
fn appended(entry: Option<&Entry>, from: &str, to: &str) -> bool {
    entry.is_some_and(|entry| entry.kind == Kind::StringList)
        && to.strip_prefix(from).is_some_and(|rest| rest.starts_with(','))
}

/// What another version of the contract asks of readers.
fn version(from: &str, to: &str) -> Vec<Finding> {
    let document = |version: &str| version.parse().ok().and_then(|version| ZONE.document(version));
    let unevaluated = |cause: String| {
        vec![Finding::new(
            Risk::BreaksContract,
            format!("not evaluated: the contract changes from version {from} to {to}, and {cause}"),
        )]
    };
    let (Some(before), Some(after)) = (document(from), document(to)) else {
        return unevaluated("this build does not know both".to_owned());
    };
    let diff = match ZONE.diff(&before, &after) {
        Ok(diff) => diff,
        Err(error) => return unevaluated(error.to_string()),
    };
    let breaking = diff.changes.iter().filter(|change| change.class == Class::Breaking);
    let details: Vec<_> = breaking.map(|change| format!("`{}`: {}", change.path, change.what)).collect();
    if details.is_empty() {
        return Vec::new();
    }
    let reason = format!("version {to} of the contract breaks what version {from} promises");
    vec![Finding { details, ..Finding::new(Risk::BreaksContract, reason) }]
}

#[cfg(test)]
mod tests {
    use engine::events::State;
    use serde_json::json;

    use super::*;

    fn entries() -> Vec<Entry> {
        let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/tests/fixture");
        crate::publication::promised(&config::load(&fixture, "local").expect("an environment of the fixture"))
    }

    fn changes(name: &str, old: &Value, new: &Value) -> Vec<Finding> {
        let urn = format!("urn:pulumi:local::zone::zone:stack:Contract$aws:ssm/parameter:Parameter::{name}");
        let state = |inputs: &Value| {
            inputs.as_object().map(|inputs| State { custom: true, inputs: inputs.clone(), ..State::default() })
        };
        let op = if new.is_null() { Op::Delete } else { Op::Update };
        of(&Step { op, urn, old: state(old), new: state(new), ..Step::default() }, &entries())
    }

    #[test]
    fn what_readers_hold_on_to_is_not_changed_without_saying_so() {
        let value = |value: &str| json!({ "type": "String", "insecureValue": value });
        let gone = changes("kms/secret/arn", &value("a"), &Value::Null);
        assert_eq!(gone[0].class, Risk::BreaksContract);
        assert!(gone[0].reason.starts_with("`kms/secret/arn` is not published any more"), "{}", gone[0].reason);
        let other = changes("kms/secret/arn", &value("a"), &value("b"));
        assert!(other[0].reason.contains("from `a` to `b`"), "{}", other[0].reason);
        assert!(other[0].reason.contains("(read by "), "{}", other[0].reason);
        let unknown = changes("kms/secret/arn", &value("a"), &value(UNKNOWN));
        assert!(unknown[0].reason.contains("known once it is deployed"), "{}", unknown[0].reason);
        let list = json!({ "type": "StringList", "insecureValue": "a" });
        assert!(changes("kms/secret/arn", &value("a"), &list)[0].reason.contains("from String to StringList"));
        let words = json!({ "type": "String", "insecureValue": "a", "description": "other words" });
        assert_eq!(changes("kms/secret/arn", &value("a"), &words), []);
    }

    #[test]
    fn what_changes_with_every_publication_breaks_nothing() {
        let value = |value: &str| json!({ "type": "String", "insecureValue": value });
        for name in [meta::DIGEST_NAME, meta::PUBLISHED_AT_NAME] {
            assert_eq!(changes(name, &value("a"), &value("b")), [], "{name}");
        }
        let list = |value: &str| json!({ "type": "StringList", "insecureValue": value });
        assert_eq!(changes("network/private-subnet-ids", &list("a,b"), &list("a,b,c")), [], "one more at the end");
        assert_eq!(changes("network/private-subnet-ids", &list("a,b"), &list("b,c")).len(), 1);
    }

    #[test]
    fn another_version_is_judged_by_its_difference() {
        let value = |value: &str| json!({ "type": "String", "insecureValue": value });
        assert_eq!(changes(meta::VERSION_NAME, &value("1"), &value("2")), [], "version 2 adds, and breaks nothing");
        let back = changes(meta::VERSION_NAME, &value("2"), &value("1"));
        assert!(!back[0].details.is_empty() && back[0].reason.contains("version 1 of the contract breaks"), "{back:?}");
        let newer = changes(meta::VERSION_NAME, &value("2"), &value("99"));
        assert!(newer[0].reason.starts_with("not evaluated: "), "{newer:?}");
    }
}
