//! Which rows are likely to notice a change of a resource: those that have seen it, and those that noticed such a change before.

use std::collections::{BTreeMap, BTreeSet};

use features::evidence::Evidence;

use crate::thing::Thing;

/// What the rows have seen.
#[derive(Debug, Default)]
pub(crate) struct Footprints {
    seen: BTreeMap<usize, Seen>,
    /// By type and property.
    learned: BTreeMap<(String, String), BTreeSet<usize>>,
}

#[derive(Debug)]
struct Seen {
    /// The services that were asked, as IAM names them.
    services: BTreeSet<String>,
    /// What was asked, and what was answered.
    words: String,
    /// The parameters that the row started from.
    parameters: BTreeSet<String>,
    /// It rests on the look at the tags of everything.
    tags: bool,
}

/// What is common to the tags of all types.
const TAGS: &str = "tagsAll";

impl Footprints {
    /// Notes what a row has seen.
    pub(crate) fn add(&mut self, row: usize, evidence: &Evidence) {
        let service = |call: &str| call.split(':').next().unwrap_or_default().to_owned();
        let services = evidence.calls.iter().map(|call| service(&call.call)).collect();
        let calls = evidence.calls.iter().map(|call| {
            let seen = call.seen.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{} {seen}\n", call.on)
        });
        let parameters = evidence.subjects.iter().filter_map(|subject| subject.parameter.clone()).collect();
        let tags = evidence.shared.iter().any(|look| look == "tags");
        self.seen.insert(row, Seen { services, words: calls.collect(), parameters, tags });
    }

    /// The rows that are judged first.
    pub(crate) fn near(&self, thing: &Thing, property: &str) -> BTreeSet<usize> {
        let learned = self.learned.get(&key(&thing.kind, property)).into_iter().flatten().copied();
        let service = service(&thing.kind);
        let has_seen = |seen: &Seen| {
            seen.parameters.contains(&thing.id)
                // a row that asks nothing by itself judges the contract as a whole
                || (service == "ssm" && seen.services.is_empty())
                || (seen.services.contains(service) && thing.names.iter().any(|name| mentions(&seen.words, name)))
        };
        let is_near = |seen: &Seen| if property.starts_with(TAGS) { seen.tags } else { has_seen(seen) };
        let seen = self.seen.iter().filter(|(_, seen)| is_near(seen));
        seen.map(|(row, _)| *row).chain(learned).collect()
    }

    /// These rows noticed such a change.
    pub(crate) fn learn(&mut self, kind: &str, property: &str, rows: &BTreeSet<usize>) {
        self.learned.entry(key(kind, property)).or_default().extend(rows);
    }
}

fn key(kind: &str, property: &str) -> (String, String) {
    let kind = if property.starts_with(TAGS) { "*" } else { kind };
    (kind.to_owned(), property.to_owned())
}

/// A short name may stand inside of any word, so it has to stand alone.
fn mentions(words: &str, name: &str) -> bool {
    if name.contains([':', '/']) { words.contains(name) } else { words.contains(&format!("\"{name}\"")) }
}

/// The service of a type, as IAM names it.
fn service(kind: &str) -> &str {
    let token = kind.strip_prefix("aws:").unwrap_or(kind);
    let (module, name) = token.split_once('/').unwrap_or((token, ""));
    match module {
        "cloudwatch" if name.starts_with("event") => "events",
        "cloudwatch" => "logs",
        "cognito" => "cognito-idp",
        "kinesis" => "firehose",
        module => module,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_that_of_iam() {
        let of = ["aws:cloudwatch/eventBus:EventBus", "aws:cloudwatch/logGroup:LogGroup", "aws:s3/bucket:Bucket"];
        assert_eq!(of.map(service), ["events", "logs", "s3"]);
    }

    #[test]
    fn a_short_name_stands_alone() {
        let words = r#"{"bus":"orders"} {"role":"arn:aws:iam::1:role/OrdersRole"}"#;
        assert!(mentions(words, "orders") && mentions(words, "arn:aws:iam::1:role/OrdersRole"));
        assert!(!mentions(words, "order") && !mentions(words, "OrdersRole"));
    }
}
