//! A zone of the shipped size, with made-up names: as many classes, buses, buckets, pools, clients and streams.

use contract::{Scope, ZONE, live::Live, zone};
use serde_json::{Value, json};

use crate::sample;

pub(crate) fn scope() -> Scope {
    without(&[])
}

/// The same, without some of its stacks.
pub(crate) fn without(stacks: &[&str]) -> Scope {
    let buses = ["sales", "risk", "claims", "people", "stock", "billing", "support", "audit"];
    Scope::new(sample::ROOT)
        .stacks(ZONE.owners().into_iter().filter(|owner| !stacks.contains(owner)))
        .names(zone::CLASS, ["secret", "internal", "public"])
        .names(zone::BUS, buses.map(|bus| format!("acme-{bus}")))
        .names(zone::BUCKET, ["attic", "cellar", "pulumi-state", "garage", "loft", "porch", "shed"])
        .names(zone::POOL, ["members", "guests"])
        .tuples(zone::CLIENT, [["members", "phone"], ["members", "desk"], ["guests", "desk"], ["guests", "kiosk"]])
        .names(zone::STREAM, ["clicks", "orders"])
        .names(zone::PLATFORM, ["acme-platform"])
}

/// Everything that it publishes.
pub(crate) fn live() -> Live {
    sample::of(&scope())
}

/// The same for the tests of the two packages: `clients/sample.json`.
pub(crate) fn document() -> String {
    // keys in alphabetical order: whether `json!` keeps another depends on what other crates switch on in `serde_json`
    let parameter = |(path, found): (&String, &contract::live::Parameter)| -> Value {
        json!({ "Name": path, "Type": found.kind, "Value": found.value })
    };
    let parameters: Vec<_> = live().iter().map(parameter).collect();
    let document = json!({ "environment": "dev", "parameters": parameters, "root": sample::ROOT });
    format!("{}\n", serde_json::to_string_pretty(&document).expect("plain data is JSON"))
}
