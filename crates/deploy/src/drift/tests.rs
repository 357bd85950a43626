use engine::events::{Change, State};
use serde_json::json;

use super::*;

fn state(inputs: Value) -> Option<State> {
    let Value::Object(inputs) = inputs else { return None };
    Some(State { custom: true, id: "id".to_owned(), inputs, ..State::default() })
}

fn read(urn: &str, paths: &[&str], old: Value, new: Value) -> Step {
    Step {
        op: Op::Refresh,
        urn: urn.to_owned(),
        kind: pulumi::urn::kind(urn).to_owned(),
        detailed_diff: Some(paths.iter().map(|path| ((*path).to_owned(), Change::default())).collect()),
        old: state(old),
        new: state(new),
        ..Step::default()
    }
}

const VERSIONING: &str = "urn:pulumi:dev::zone::zone:stack:Storage$aws:s3/bucketVersioning:BucketVersioning::lake";
const PUBLISHED: &str = "urn:pulumi:dev::zone::zone:stack:Contract$aws:ssm/parameter:Parameter::kms/pii/arn";

fn status(status: &str) -> Value {
    json!({ "bucket": "b", "versioningConfiguration": { "status": status } })
}

#[test]
fn a_change_has_the_value_of_the_state_and_the_live_one() {
    let step = read(VERSIONING, &["versioningConfiguration.status"], status("Enabled"), status("Suspended"));
    assert!(differs(&step));
    let plan = Step { op: Op::Update, ..step.clone() };
    let drifted = of(&step, &[plan], "dev");
    assert_eq!((drifted.name(), drifted.gone, drifted.id.as_str()), ("lake", false, "id"));
    let [property] = &drifted.properties[..] else { panic!("one property, not {:?}", drifted.properties) };
    assert_eq!(property.path, "versioningConfiguration.status");
    assert_eq!((&property.state, &property.live), (&Some(json!("Enabled")), &Some(json!("Suspended"))));
    assert_eq!(
        drifted.up.text,
        "`zone refresh -e dev` records it, then `zone up -e dev` sets it back: versioningConfiguration.status"
    );
    assert!(!differs(&read(VERSIONING, &[], status("Enabled"), status("Enabled"))), "nothing differs");
}

#[test]
fn what_is_gone_is_created_again_and_what_nobody_configures_stays() {
    let step = read(VERSIONING, &[], status("Enabled"), Value::Null);
    assert!(differs(&step));
    let again = Step { op: Op::Create, ..step.clone() };
    let drifted = of(&step, &[again], "dev");
    assert!(drifted.gone && drifted.properties.is_empty());
    assert!(drifted.up.text.ends_with("`zone up -e dev` creates it again"), "{}", drifted.up.text);
    let left = of(&step, &[], "dev");
    assert_eq!(left.up.op, None);
    assert!(left.up.text.starts_with("`zone up` leaves it as it is"), "{}", left.up.text);
}

#[test]
fn up_sets_the_contract_back_by_itself() {
    let value = |value: &str| json!({ "insecureValue": value });
    let step = read(PUBLISHED, &["insecureValue"], value("a"), value("b"));
    let plan = Step { op: Op::Update, ..step.clone() };
    let drifted = of(&step, &[plan], "dev");
    assert!(!drifted.up.after_refresh);
    assert_eq!(drifted.up.text, "`zone up -e dev` sets it back: insecureValue");
}

#[test]
fn of_a_policy_the_statements_are_shown_and_of_a_secret_nothing() {
    let statement = |sid: &str| json!({ "Sid": sid, "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
    let policy =
        |sids: &[&str]| json!({ "Statement": sids.iter().map(|sid| statement(sid)).collect::<Vec<_>>() }).to_string();
    let set = |sids: &[&str]| json!({ "bucket": "b", "policy": policy(sids) });
    let urn = VERSIONING.replace("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketPolicy:BucketPolicy");
    let drifted = of(&read(&urn, &["policy"], set(&["A", "B"]), set(&["A"])), &[], "dev");
    assert_eq!(drifted.properties[0].statements, ["removed: Deny B: s3:* on *"]);
    let secret = |text: &str| json!({ "value": { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": text } });
    let drifted = of(&read(&urn, &["value"], secret("old"), secret("new")), &[], "dev");
    let text = serde_json::to_string(&drifted).expect("JSON");
    assert!(text.contains("[secret]") && !text.contains("plaintext"), "{text}");
    assert_eq!(drifted.properties[0].statements, Vec::<String>::new());
}
