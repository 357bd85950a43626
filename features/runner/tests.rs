//! What becomes of a scenario, whatever it is about: small features through the real runner.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use super::judge;
use crate::{
    error::Error,
    report::{Counts, Heard, Outcome, Report},
    stub,
    suite::Suite,
    waiver::{Waiver, Waivers},
    world::{Failure, Judged, World, ensure},
};
use cucumber::{given, then};
use serde_json::json;

const TODAY: &str = "2026-11-23";

#[given("the world")]
fn the_world(_: &mut World) {}

#[then(expr = "{int} is small")]
fn is_small(_: &mut World, number: i32) -> Judged {
    ensure!(number < 10, "{number} is not small");
    Ok(())
}

#[then("nobody can tell")]
fn nobody_can_tell(_: &mut World) -> Judged {
    Err(Failure::not_evaluated("it is dark"))
}

#[then("somebody says not evaluated: it is dark")]
fn says_so(_: &mut World) -> Judged {
    Err("not evaluated: it is dark".into())
}

#[then("the step breaks")]
fn breaks(_: &mut World) {
    panic!("broken");
}

#[then(expr = "KMS knows the key {string}")]
async fn knows_key(world: &mut World, key: String) -> Judged {
    let answer = world.session()?.clients.kms.describe_key().key_id(&key).send().await;
    let found = answer.map_err(|error| error.to_string())?.key_metadata.map(|key| key.key_id);
    ensure!(found.as_deref() == Some(&*key), "KMS knows {found:?}");
    Ok(())
}

/// How often each of these steps has been asked.
static LOOKS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

#[then("AWS shows it at the second look")]
fn shows_it_late(_: &mut World) -> Judged {
    ensure!(LOOKS[0].fetch_add(1, Ordering::Relaxed) > 0, "it is as it was before");
    Ok(())
}

#[then("AWS never shows it")]
fn never_shows_it(_: &mut World) -> Judged {
    LOOKS[1].fetch_add(1, Ordering::Relaxed);
    Err("it is as it was before".into())
}

#[then("this or that")]
fn this(_: &mut World) {}

#[then(regex = "^this or .*$")]
fn that(_: &mut World) {}

/// A feature with the lines of one rule.
fn feature(scenarios: &str) -> String {
    format!("Feature: F\n  @FR-1 @read\n  Rule: R\n{scenarios}")
}

fn suite(scenarios: &str) -> Suite {
    parsed(&feature(scenarios)).expect("the feature is well-formed")
}

fn parsed(text: &str) -> Result<Suite, Error> {
    Suite::parse([("small".to_owned(), "small.feature".to_owned(), text)], &stub::zone(), None)
}

async fn report(scenarios: &str, waivers: &[Waiver]) -> Report {
    patient_report(scenarios, waivers, Duration::ZERO).await.0
}

/// The report, and for how many rows AWS was asked again.
async fn patient_report(scenarios: &str, waivers: &[Waiver], patience: Duration) -> (Report, usize) {
    // nothing listens there, and no step of these features asks
    let session = stub::session("http://127.0.0.1:9", patience).await;
    let suite = suite(scenarios);
    let waivers = Waivers::new(waivers, TODAY, &suite).expect("the waivers are well-formed");
    let (mut heard, mut again) = (0, 0);
    let report = judge(suite, session, &waivers, |told| match told {
        Heard::Judged(_) => heard += 1,
        Heard::AskingAgain { rows, .. } => again += rows,
        Heard::Left(what) => panic!("nothing is made here: {what}"),
        Heard::Planned { .. } => panic!("that is told before"),
    });
    let report = report.await;
    assert_eq!(heard, report.scenarios.len(), "every result is told, and once");
    (report, again)
}

/// Outcome and reason of a scenario with one assertion.
async fn verdict(then: &str, waivers: &[Waiver]) -> (Outcome, String) {
    let report = report(&format!("Scenario: S\nGiven the world\nThen {then}\n"), waivers).await;
    let [result] = &report.scenarios[..] else { panic!("one scenario, one result: {report:?}") };
    (result.outcome, result.reason.clone().unwrap_or_default())
}

fn waiver(scenario: Option<&str>, until: &str) -> Waiver {
    Waiver {
        requirement: "FR-1".into(),
        scenario: scenario.map(str::to_owned),
        reason: "known".into(),
        until: until.into(),
        approved_by: "somebody".into(),
    }
}

#[tokio::test]
async fn a_step_that_holds_passes_and_one_that_does_not_fails() {
    assert_eq!(verdict("1 is small", &[]).await, (Outcome::Passed, String::new()));
    assert_eq!(verdict("10 is small", &[]).await, (Outcome::Failed, "10 is not small".into()));
    assert_eq!(verdict("the step breaks", &[]).await, (Outcome::Failed, "broken".into()));
}

#[tokio::test]
async fn not_evaluated_is_said_by_the_step_and_not_by_a_text() {
    assert_eq!(verdict("nobody can tell", &[]).await, (Outcome::NotEvaluated, "it is dark".into()));
    let said = "somebody says not evaluated: it is dark";
    assert_eq!(verdict(said, &[]).await, (Outcome::Failed, "not evaluated: it is dark".into()));
}

#[tokio::test]
async fn what_settles_is_asked_again_before_it_is_red_and_that_is_said() {
    let scenarios = "
    @settles
    Scenario: late
      Then AWS shows it at the second look
    @settles
    Scenario: never
      Then AWS never shows it
    Scenario: at once
      Then 10 is small
    @settles
    Scenario: good
      Then 1 is small
    ";
    let (report, again) = patient_report(scenarios, &[], Duration::from_secs(2)).await;
    assert_eq!(again, 2, "only what settles, and did not hold");
    let outcomes: Vec<_> = report.scenarios.iter().map(|result| result.outcome).collect();
    assert_eq!(outcomes, [Outcome::Passed, Outcome::Failed, Outcome::Failed, Outcome::Passed]);
    let reason = |at: usize| report.scenarios[at].reason.clone().unwrap_or_default();
    assert!(reason(0).starts_with("it is as it was before; it failed at first, and passed after"), "{}", reason(0));
    assert!(reason(1).starts_with("it is as it was before; AWS was asked again for"), "{}", reason(1));
    assert_eq!((reason(2), reason(3)), ("10 is small".replace("small", "not small"), String::new()));
    assert!(LOOKS[1].load(Ordering::Relaxed) >= 2, "it was asked again");

    let (report, again) = patient_report("@settles\nScenario: S\nThen AWS never shows it\n", &[], Duration::ZERO).await;
    assert_eq!((again, report.scenarios[0].outcome), (0, Outcome::Failed), "without patience it is judged at once");
}

/// Many run at once, and nothing but their clients tells their calls apart.
#[tokio::test]
async fn each_scenario_has_its_own_calls_with_what_was_seen() {
    let keys: Vec<_> = (0..40).map(|n| format!("key-{n}")).collect();
    let rows: String = keys.iter().map(|key| format!("| {key} |\n")).collect();
    let scenarios = format!("Scenario Outline: <key>\nThen KMS knows the key \"<key>\"\nExamples:\n| key |\n{rows}");
    let endpoint = stub::answering(|_, asked| (200, format!("{{\"KeyMetadata\":{asked}}}")));
    let (session, suite) = (stub::session(&endpoint, Duration::ZERO).await, suite(&scenarios));
    let waivers = Waivers::new(&[], TODAY, &suite).expect("none");
    let report = judge(suite, session, &waivers, |_| ()).await;
    assert_eq!((report.counts().passed, report.scenarios.len()), (40, 40), "{report:?}");
    for (result, key) in report.scenarios.iter().zip(&keys) {
        let evidence = &result.evidence;
        assert_eq!((&*evidence.rule, &*evidence.file), ("R", "small.feature"));
        assert_eq!(evidence.steps, [format!("Then KMS knows the key \"{key}\"")]);
        let [call] = &evidence.calls[..] else { panic!("one call: {evidence:?}") };
        assert_eq!((&*call.call, call.status, call.error.as_deref()), ("kms:DescribeKey", Some(200), None));
        assert_eq!(call.request_id.as_deref(), Some(stub::REQUEST_ID));
        assert_eq!(
            (&call.on["key_id"], &call.seen),
            (&key.as_str().into(), &Some(json!({ "key_metadata": { "key_id": key, "enabled": false } })))
        );
    }
    assert!(report.looks.is_empty(), "nothing is shared");
}

#[tokio::test]
async fn a_call_that_was_refused_is_recorded_with_its_answer() {
    let endpoint =
        stub::answering(|_, _| (400, "{\"__type\":\"NotFoundException\",\"message\":\"no key\"}".to_owned()));
    let session = stub::session(&endpoint, Duration::ZERO).await;
    let suite = suite("Scenario: S\nThen KMS knows the key \"k\"\n");
    let waivers = Waivers::new(&[], TODAY, &suite).expect("none");
    let report = judge(suite, session, &waivers, |_| ()).await;
    let [call] = &report.scenarios[0].evidence.calls[..] else { panic!("one call: {report:?}") };
    assert_eq!((call.status, &call.seen, call.request_id.as_deref()), (Some(400), &None, Some(stub::REQUEST_ID)));
    assert!(call.error.as_ref().is_some_and(|error| error.contains("no key")), "{call:?}");
}

#[tokio::test]
async fn a_step_that_nobody_defined_or_two_did_is_red() {
    let (outcome, reason) = verdict("pigs fly", &[]).await;
    assert_eq!((outcome, &*reason), (Outcome::Failed, "no step is defined for `pigs fly`"));
    let (outcome, reason) = verdict("this or that", &[]).await;
    assert_eq!(outcome, Outcome::Failed);
    assert!(reason.starts_with("`this or that` is ambiguous"), "{reason}");
}

#[tokio::test]
async fn a_waiver_turns_a_failure_and_nothing_else_until_its_day() {
    let live = [waiver(None, TODAY)];
    let expected = "10 is not small; waived until 2026-11-23: known";
    assert_eq!(verdict("10 is small", &live).await, (Outcome::Waived, expected.into()));
    assert_eq!(verdict("1 is small", &live).await.0, Outcome::Passed);
    assert_eq!(verdict("nobody can tell", &live).await.0, Outcome::NotEvaluated);

    let expired = [waiver(Some("S"), "2026-11-22")];
    let expected = "10 is not small; the waiver expired on 2026-11-22: known";
    assert_eq!(verdict("10 is small", &expired).await, (Outcome::Failed, expected.into()));
    let both = [waiver(None, "2026-11-22"), waiver(Some("S"), "2026-12-01")];
    assert_eq!(verdict("10 is small", &both).await.0, Outcome::Waived);
}

#[tokio::test]
async fn a_waiver_of_one_scenario_leaves_the_others() {
    let scenarios = "Scenario: a\nThen 10 is small\nScenario: b\nThen 10 is small\n";
    let report = report(scenarios, &[waiver(Some("b"), "2027-01-01")]).await;
    let outcomes: Vec<_> = report.scenarios.iter().map(|result| result.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Waived]);
}

#[test]
fn a_waiver_that_cannot_be_meant_is_refused() {
    let suite = suite("Scenario: S\nThen 1 is small\n");
    let refused = |waiver: Waiver, today: &str| Waivers::new(&[waiver], today, &suite).is_err();
    assert!(!refused(waiver(Some("S"), "2027-01-01"), TODAY));
    assert!(refused(waiver(Some("T"), "2027-01-01"), TODAY));
    assert!(refused(waiver(None, "2027-13-01"), TODAY));
    assert!(refused(waiver(None, "soon"), TODAY));
    assert!(refused(Waiver { reason: " ".into(), ..waiver(None, "2027-01-01") }, TODAY));
    assert!(refused(Waiver { requirement: "FR-2".into(), ..waiver(None, "2027-01-01") }, TODAY));
    assert!(refused(waiver(None, "2027-01-01"), "23.11.2026"));
}

#[tokio::test]
async fn every_example_is_a_row_of_its_own_in_the_features_order() {
    let scenarios = "
    Scenario Outline: <n> is small
      Then <n> is small
      Examples:
        | n  | why    |
        | 1  | it is  |
        | 11 | it not |
    Scenario Outline: also
      Then <n> is small
      Examples:
        | n |
        | 2 |
        | 3 |
    Scenario: dark
      Then nobody can tell
    ";
    let report = report(scenarios, &[]).await;
    let names: Vec<_> = report.scenarios.iter().map(|result| &*result.name).collect();
    assert_eq!(names, ["1 is small (it is)", "11 is small (it not)", "also (2)", "also (3)", "dark"]);
    let expected = Counts { passed: 3, failed: 1, not_evaluated: 1, waived: 0 };
    assert_eq!((report.counts(), report.counts().total(), report.ok()), (expected, 5, false));
}

#[tokio::test]
async fn a_report_that_shows_nothing_is_not_ok() {
    assert!(!Report::default().ok());
    let dark = "Scenario: S\nThen nobody can tell\n";
    assert!(!report(dark, &[]).await.ok());
    let half = format!("{dark}Scenario: T\nThen 1 is small\n");
    assert!(report(&half, &[]).await.ok());
    let waived = report("Scenario: S\nThen 10 is small\n", &[waiver(None, TODAY)]).await;
    assert!(!waived.ok());
}

#[tokio::test]
async fn a_result_serializes_as_plain_data() {
    let mut report = report("Scenario: S\nThen nobody can tell\n", &[]).await;
    report.scenarios[0].duration = std::time::Duration::from_millis(7);
    let json = serde_json::to_value(&report).expect("it serializes");
    let expected = serde_json::json!({ "scenarios": [{
        "requirement": "FR-1", "feature": "small", "name": "S",
        "outcome": "not_evaluated", "reason": "it is dark", "duration_ms": 7,
    }] });
    assert_eq!(json, expected);
}

#[test]
fn a_scenario_that_could_show_nothing_is_refused() {
    let refused =
        |scenarios: &str| parsed(&feature(scenarios)).err().map(|error| error.to_string()).unwrap_or_default();
    let without_rows = "Scenario Outline: S\nThen <n> is small\nExamples:\n| n |\n";
    assert!(refused(without_rows).contains("no example"), "{}", refused(without_rows));
    assert!(refused("Scenario Outline: S\nThen 1 is small\n").contains("no example"));
    assert!(refused("Scenario: S\nGiven the world\n").contains("asserts nothing"));
    assert!(refused("@FR-2\nScenario: S\nThen 1 is small\n").contains("2 requirements"));
    let unknown_column = "Scenario Outline: S\nThen <m> is small\nExamples:\n| n |\n| 1 |\n";
    assert!(refused(unknown_column).contains("<m>"), "{}", refused(unknown_column));
}

#[test]
fn a_filter_selects_by_requirement_feature_or_name_and_never_nothing() {
    let scenarios = "Scenario: first\nThen 1 is small\n@read\nScenario: second\nThen 2 is small\n";
    let names = |filter| {
        let selected = suite(scenarios).select(Some(filter));
        selected.map(|suite| suite.planned().map(|planned| planned.name.clone()).collect::<Vec<_>>())
    };
    assert_eq!(names("fr-1").expect("some"), ["first", "second"]);
    assert_eq!(names("SMALL").expect("some"), ["first", "second"]);
    assert_eq!(names("sec").expect("some"), ["second"]);
    let Err(error) = names("third") else { panic!("nothing is called so") };
    assert!(matches!(&error, Error::NothingSelected { .. }));
    assert_eq!(error.hint().as_deref(), Some("the requirements are FR-1"));
}
