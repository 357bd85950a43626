//! A plan as a file, applied exactly or refused; and drift, found and undone.
#![expect(clippy::print_stderr, reason = "how long a look for drift takes is for who runs this")]

use std::time::{Duration, Instant};

use crate::support::{
    Said, Zone,
    look::Look,
    proxy::{Proxy, Refusal},
};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use serde_json::{Value, json};

/// The command in a hint, between its backquotes, without `zone` before it.
#[track_caller]
fn command_in(said: &Said) -> String {
    let (_, rest) = said.err.rsplit_once("`zone ").unwrap_or_else(|| panic!("no command is named\n{said}"));
    rest.split_once('`').expect("the other backquote").0.to_owned()
}

#[track_caller]
fn refused(said: Said, code: i32, words: &str) -> Said {
    assert_eq!(said.code, Some(code), "{said}");
    assert!(said.err.contains(words), "`{words}` is not said\n{said}");
    assert!(said.err.contains("hint: "), "{said}");
    said
}

fn read(zone: &Zone, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(zone.path(file)).expect("a file")).expect("JSON")
}

/// Sets how many days the archives keep events.
fn archive(zone: &Zone, from: u32, to: u32) {
    zone.edit("config/zone.toml", &format!("archive_days = {from}"), &format!("archive_days = {to}"));
}

fn kept(look: &Look) -> Option<i32> {
    look.ask(look.clients.events.describe_archive().archive_name("orders-archive-local").send()).retention_days
}

/// The secrets of all clients of pools.
fn secrets(look: &Look) -> Vec<String> {
    let census = look.census();
    let [pool] = &census.of("pools").into_iter().collect::<Vec<_>>()[..] else { panic!("one pool") };
    let secret = |client: String| {
        let call = look.clients.cognito.describe_user_pool_client().user_pool_id(pool).client_id(client);
        look.ask(call.send()).user_pool_client.and_then(|client| client.client_secret)
    };
    census.of("clients").into_iter().filter_map(secret).collect()
}

#[test]
fn a_plan_is_applied_as_it_is_or_refused() {
    let zone = Zone::new();
    let plan = zone.run("plan -o first.json --markdown first.md --json").succeeded();
    let shown = plan.objects().into_iter().find(|object| object["type"] == "plan").expect("the plan");
    let first = read(&zone, "first.json");
    assert_eq!((&shown["digest"], &shown["file"]), (&first["digest"], &json!("first.json")));
    assert_eq!(
        (&first["state"], &first["environment"], &first["commit"]),
        (&json!("empty"), &json!("local"), &json!(null))
    );
    assert_eq!(plan.summary()["risks"], json!(["widens-access", "interrupts"]), "what a pipeline asks for");
    let comment = std::fs::read_to_string(zone.path("first.md")).expect("a comment");
    assert!(comment.starts_with("## Plan for `local`: ") && comment.len() <= 65_536, "{comment}");
    let again = zone.run("plan -o again.json").succeeded();
    assert!(again.err.contains("`zone up again.json` applies it"), "{again}");
    assert_eq!(read(&zone, "again.json"), first, "nothing in a plan is by chance");

    // new roles have rights that nobody had; the command in the hint leads on, and a second time the state is another one
    let risky = refused(zone.run("up first.json --yes"), 2, "and --allow does not name `widens-access`");
    let up = zone.run(&format!("{} --json", command_in(&risky))).succeeded();
    assert_eq!(up.count("create"), first["steps"].as_array().expect("steps").len() as u64, "all of it");
    refused(zone.run("up first.json --allow widens-access,interrupts"), 1, "was changed after the plan was made");

    // a change without a risk needs no word
    archive(&zone, 21, 30);
    let plan = zone.run("plan -o longer.json").succeeded();
    assert!(!plan.err.contains("risk:"), "{plan}");
    let up = zone.run("up longer.json --json").succeeded();
    assert_eq!((up.count("update"), up.count("create")), (3, 0), "{up}");
    let look = Look::at(&zone.started());
    assert_eq!(kept(&look), Some(30));

    // one that destroys data does
    archive(&zone, 30, 14);
    let plan = zone.run("plan -o shorter.json").succeeded();
    assert!(plan.err.contains("`retentionDays` is lowered from 30 to 14"), "{plan}");
    assert!(plan.err.contains("risk: 3 destroys-data"), "{plan}");
    for command in ["up shorter.json", "up shorter.json --yes", "up shorter.json --yes --allow widens-access"] {
        refused(
            zone.run(command),
            2,
            "it destroys data, and --allow does not name `destroys-data`; nothing was changed",
        );
    }
    // without a plan, only a list that was given is held against it
    refused(zone.run("up --allow no-risk"), 2, "deploying to `local`: it destroys data");
    assert_eq!(kept(&look), Some(30), "nothing was changed");

    // what was read is what is applied
    let text = std::fs::read_to_string(zone.path("shorter.json")).expect("a plan");
    let cases = [
        (text.replace("\"retentionDays\": 14", "\"retentionDays\": 1"), "it was changed after it was made"),
        (text[..text.len() / 2].to_owned(), "the file ends in the middle"),
        (text.replace("\"format\": 1", "\"format\": 2"), "its format is 2, and this `zone` reads format 1"),
    ];
    for (text, words) in cases {
        std::fs::write(zone.path("other.json"), text).expect("a file");
        refused(zone.run("up other.json --allow destroys-data"), 2, words);
    }
    refused(zone.run("up nowhere.json"), 2, "reading the plan `nowhere.json`: ");
    refused(zone.run("up shorter.json -e dev"), 2, "it is of environment `local`, not `dev`");
    assert_eq!(zone.run("up shorter.json --only events").code, Some(2), "a plan has its own choice");
    archive(&zone, 14, 15);
    refused(
        zone.run("up shorter.json --allow destroys-data"),
        1,
        "the configuration of `local` differs from the plan's",
    );
    archive(&zone, 15, 14);
    assert_eq!(kept(&look), Some(30), "nothing was changed");
    zone.run("up shorter.json -e local --allow destroys-data").succeeded();
    assert_eq!(kept(&look), Some(14));
}

#[test]
fn a_plan_made_before_somebody_else_s_change_is_refused() {
    let zone = Zone::new();
    zone.run("up").succeeded();
    let look = Look::at(&zone.started());
    let secrets = secrets(&look);
    assert!(!secrets.is_empty(), "there is something to look for");
    let theirs = std::fs::read_to_string(zone.path("config/zone.toml")).expect("a configuration");
    let before = "[[bucket]]\npurpose = \"scratch\"";
    zone.cut("config/zone.toml", "[[pool.client]]\nname = \"robots\"", "[delivery]");
    zone.cut("config/zone.toml", before, "[[bucket]]\npurpose = \"invoices\"");
    let ours = std::fs::read_to_string(zone.path("config/zone.toml")).expect("a configuration");
    let plan = zone.run("plan -o ours.json --markdown ours.md").succeeded();
    for words in ["destroys-data", "breaks-contract", "deletes the bucket with all its objects"] {
        assert!(plan.err.contains(words), "`{words}` is not said\n{plan}");
    }
    let text = std::fs::read_to_string(zone.path("ours.json")).expect("a plan");
    assert!(text.contains("aws:cognito/userPoolClient:UserPoolClient") && text.contains("\"op\": \"delete\""));
    let comment = std::fs::read_to_string(zone.path("ours.md")).expect("a comment");
    for secret in secrets {
        assert!(!text.contains(&secret) && !comment.contains(&secret), "no secret of a client is in a plan");
    }
    assert!(comment.contains("| destroys-data | delete | `aws:s3/bucket:Bucket scratch` | "), "{comment}");
    let gone = r"\`s3/scratch/name\` is not published any more";
    assert!(comment.contains(gone), "{comment}");

    // somebody else deploys something else meanwhile
    std::fs::write(zone.path("config/zone.toml"), theirs).expect("a configuration");
    archive(&zone, 21, 30);
    zone.run("up").succeeded();
    std::fs::write(zone.path("config/zone.toml"), ours).expect("a configuration");
    let late = zone.run("up ours.json --allow destroys-data,breaks-contract,interrupts,widens-access");
    let late = refused(
        late,
        1,
        "the state of `local` was changed after the plan was made, by somebody else or by applying it; nothing was changed",
    );
    assert!(look.census().of("buckets").contains("acme-scratch-local"), "it is still there");

    // the hint, to its end: planned again, read again, and allowed
    zone.run(&command_in(&late)).succeeded();
    let risky = refused(zone.run("up ours.json"), 2, "it destroys data");
    zone.run(&command_in(&risky)).succeeded();
    assert!(!look.census().of("buckets").contains("acme-scratch-local"), "it is gone");
    let nothing = zone.run("plan -o nothing.json --json").succeeded();
    assert_eq!(nothing.changes().len(), 1, "the plan was carried out whole: {}", nothing.summary());
    let up = zone.run("up nothing.json").succeeded();
    assert!(up.err.contains("nothing to change"), "{up}");
}

#[test]
fn drift_is_found_said_by_property_and_gone_after_it_was_undone() {
    let zone = Zone::new();
    let endpoint = zone.started();
    let proxy = Proxy::new(&endpoint, 0);
    zone.append("config/local.toml", &format!("[emulator]\nendpoint = \"{}\"\n", proxy.endpoint()));
    zone.run("up").succeeded();
    let quiet = zone.run("drift").succeeded();
    assert!(quiet.err.contains("no drift"), "{quiet}");
    let look = Look::at(&endpoint);
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let s3 = &look.clients.s3;
    look.ask(s3.put_bucket_versioning().bucket("acme-lake-local").versioning_configuration(suspended).send());
    look.ask(s3.delete_bucket_policy().bucket("acme-audit-local").send());
    let put = look.clients.ssm.put_parameter().name("/acme/local/kms/secret/arn").value("other").overwrite(true);
    look.ask(put.send());

    let state = zone.state();
    let began = Instant::now();
    let found = zone.run("drift --json");
    let took = began.elapsed();
    assert_eq!(found.code, Some(4), "{found}");
    assert!(found.err.contains("3 resources of `local` are not as deployed"), "{found}");
    let summary = found.summary();
    assert_eq!((&summary["ok"], &summary["changed"], &summary["gone"]), (&json!(false), &json!(2), &json!(1)));
    let drift = |name: &str, kind: &str| {
        let of = |object: &Value| object["type"] == "drift" && object["name"] == name && object["kind"] == kind;
        found.objects().into_iter().find(of).unwrap_or_else(|| panic!("no drift of {name}\n{found}"))
    };
    let versioning = drift("lake", "aws:s3/bucketVersioning:BucketVersioning");
    let property = json!({ "path": "versioningConfiguration.status", "state": "Enabled", "live": "Suspended" });
    assert_eq!(versioning["properties"], json!([property]));
    assert_eq!((&versioning["up"]["op"], &versioning["up"]["after_refresh"]), (&json!("update"), &json!(true)));
    let by = &versioning["by"];
    assert_eq!(by["event"], json!("PutBucketVersioning"), "{by}");
    assert!(by["who"].as_str().is_some_and(|who| who.starts_with("arn:aws:sts::222233334444:assumed-role/")), "{by}");
    let policy = drift("audit", "aws:s3/bucketPolicy:BucketPolicy");
    assert_eq!((&policy["status"], &policy["up"]["op"]), (&json!("gone"), &json!("create")));
    let published = drift("kms/secret/arn", "aws:ssm/parameter:Parameter");
    assert_eq!(
        (&published["properties"][0]["live"], &published["up"]["after_refresh"]),
        (&json!("other"), &json!(false))
    );
    assert_eq!(zone.state(), state, "the state is not changed");
    let live = look.ask(s3.get_bucket_versioning().bucket("acme-lake-local").send());
    assert_eq!(live.status, Some(BucketVersioningStatus::Suspended), "nor is anything live");

    // who may not ask CloudTrail hears that, and the rest
    proxy.refuse(Some(Refusal { operation: "LookupEvents", code: "AccessDeniedException", message: "not you" }));
    let words = zone.run("drift");
    proxy.refuse(None);
    assert_eq!(words.code, Some(4), "{words}");
    for line in [
        "gone aws:s3/bucketPolicy:BucketPolicy audit",
        "versioningConfiguration.status: \"Enabled\" in the state, \"Suspended\" live",
        "by: not evaluated: CloudTrail in eu-west-1 of account 222233334444: AccessDeniedException",
        "drift: 2 changed, 1 gone, in ",
        "hint: to undo the changes: `zone refresh -e local`, then `zone up -e local`",
    ] {
        assert!(words.err.contains(line), "`{line}` is not said\n{words}");
    }
    let began = Instant::now();
    zone.run("refresh --preview").succeeded();
    let reads: Duration = began.elapsed();
    eprintln!("drift: {took:?}, the reads alone: {reads:?}");

    // a plan says that it does not heed what was changed behind its back
    let plan = zone.run("plan -o plan.json").succeeded();
    assert!(plan.err.contains("differ from what was published, and a plan does not correct them"), "{plan}");
    zone.run("refresh --yes").succeeded();
    zone.run("up").succeeded();
    zone.run("drift").succeeded();
}
