//! The configuration that is shipped, and nothing else: that it is deployed, judged green by its tenant's own requirements,
//! and what the design states. Who makes it their own changes these tests with it; all others are about a made-up tenant.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

use crate::support::{self, Said, Zone};

/// How many rows of each of the tenant's requirements the emulator lets pass, as the design states them.
const REQUIREMENTS: [(&str, usize); 7] =
    [("DT-002", 4), ("FR-417", 32), ("FR-418", 43), ("FR-419", 12), ("FR-420", 14), ("GOV-005", 4), ("GOV-006", 4)];

#[test]
fn the_shipped_zone_is_deployed_judged_green_and_what_the_design_states() {
    let zone = Zone::shipped();
    let up = zone.run("up --json").succeeded();
    assert_eq!(up.count("create"), 273 + 1, "the resources, and the stack: {}", up.summary());
    is_judged_green(&zone);
    looks_from_outside(&zone);
    publishes_its_contract(&zone);
    let again = zone.run("up --json").succeeded();
    assert_eq!(again.changes(), BTreeMap::from([("same".to_owned(), up.count("create"))]));
}

fn is_judged_green(zone: &Zone) {
    let said = zone.run("verify --json").succeeded();
    let rows: Vec<_> = said.objects().into_iter().filter(|object| object["type"] == "scenario").collect();
    for (requirement, rows_that_pass) in REQUIREMENTS {
        let of = rows.iter().filter(|row| row["requirement"] == requirement && row["outcome"] == "passed");
        assert_eq!(of.count(), rows_that_pass, "{requirement}\n{said}");
    }
    let unjudged: Vec<_> = rows.iter().filter(|row| row["outcome"] != "passed").collect();
    assert!(unjudged.is_empty(), "every row is judged: {unjudged:#?}");
}

/// What the design states, read back in both accounts by a program that has nothing of ours (`outside/look.py`).
fn looks_from_outside(zone: &Zone) {
    let emulator = zone.emulator();
    let text = |pointer: &str| emulator.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned();
    let mut command = Command::new(support::python());
    command.arg("-I").arg(support::repository().join("bin/tests/it/outside/look.py"));
    command.args([text("/endpoint"), text("/accounts/member"), "local".to_owned()]);
    let said = Said::from(command.output().expect("Python starts"));
    let wrong: Vec<_> = said.out.lines().filter(|line| !line.starts_with("ok ")).collect();
    assert_eq!(said.code, Some(0), "{}\n{}", wrong.join("\n"), said.err);
    assert!(said.out.lines().count() > 600, "{} properties were looked at", said.out.lines().count());
}

fn publishes_its_contract(zone: &Zone) {
    let checked = zone.run("contract check --json").succeeded().summary();
    assert_eq!((&checked["ok"], &checked["promised"]), (&true.into(), &75.into()), "72 of the stacks, 3 of its own");
    let entries = zone.run("contract list --json").succeeded().objects();
    assert!(entries.iter().all(|entry| entry["path"].as_str().is_some_and(|path| path.starts_with("/bank/local/"))));
    assert_eq!(entries.len(), 75);
}
