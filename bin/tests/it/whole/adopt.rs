//! A way in for what exists already: an account full of somebody else's things is adopted, nothing is lost, and every hint
//! on the way is run to its end.

use std::process::{Command, Stdio};

use crate::support::{
    self, Said, Zone,
    look::{Look, MEMBER, REGION},
    repository,
};
use serde_json::Value;

/// Somebody else's client.
fn somebody(zone: &Zone, does: &str) -> String {
    let endpoint = zone.emulator()["endpoint"].as_str().expect("an endpoint").to_owned();
    let names = zone.run("config show --json").succeeded().out;
    let script = repository().join("bin/tests/it/brownfield/account.py");
    let mut child = Command::new(support::python())
        .arg("-I")
        .arg(script)
        .args([does, &endpoint, MEMBER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), names.as_bytes()).expect("it reads");
    let said = Said::from(child.wait_with_output().expect("it ends"));
    said.succeeded().out
}

/// The command in a hint, between its backquotes, without `zone` before it.
#[track_caller]
fn command_in(said: &str, beginning: &str) -> String {
    let (_, rest) =
        said.rsplit_once(&format!("`zone {beginning}")).unwrap_or_else(|| panic!("no `{beginning}` in {said}"));
    let (rest, _) = rest.split_once('`').expect("the other backquote");
    format!("{beginning}{rest}")
}

#[test]
fn all_that_exists_is_adopted_by_one_command_and_nothing_is_lost() {
    let zone = Zone::new();
    zone.run("emulator start").succeeded();
    somebody(&zone, "make");
    let before = somebody(&zone, "look");

    let doctor = zone.run("doctor");
    assert_eq!(doctor.code, Some(4), "{doctor}");
    // what doctor says, and the one table that no name tells apart from another
    let look = Look::at(&zone.started());
    let tables = look.ask(look.clients.ec2.describe_route_tables().send()).route_tables.unwrap_or_default();
    let theirs = tables.into_iter().find(|table| table.associations().iter().any(|a| a.subnet_id.is_some()));
    let table = theirs.and_then(|table| table.route_table_id).expect("the table of the subnets");
    let command = format!("{},public={table}", command_in(&doctor.err, "up -e local --adopt "));

    let plan = zone.run(&command.replacen("up ", "preview ", 1)).succeeded();
    for shown in [
        "adopt aws:s3/bucket:Bucket invoices  (",
        "adopt aws:kms/key:Key secret  (",
        "adopt aws:cloudwatch/logGroup:LogGroup acme-platform  (kmsKeyId, retentionInDays",
        "adopt aws:ec2/subnet:Subnet private-a",
    ] {
        assert!(plan.err.contains(shown), "`{shown}` is not in the plan\n{plan}");
    }
    assert_eq!(somebody(&zone, "look"), before, "a preview changes nothing");

    let up = zone.run(&format!("{command} --json")).succeeded();
    // everything that has a name of its own but the contract's root, and what is set on it
    let named = zone.shape().names().0.len() - 1;
    assert!(up.count("adopt") > named as u64, "{named} have names: {}", up.summary());
    let again = zone.run("up --json").succeeded();
    assert_eq!(again.changes().len(), 1, "unchanged: {}", again.summary());
    let drift = zone.run("refresh --preview --json").succeeded();
    assert_eq!(drift.count("update"), 0, "the state tells what is live");
    let (before, after): (Value, Value) =
        (serde_json::from_str(&before).expect("JSON"), serde_json::from_str(&somebody(&zone, "look")).expect("JSON"));
    for (what, was) in before.as_object().expect("an object") {
        assert_eq!(&after[what], was, "{what}");
    }
    // the same command again, as a pipeline has it, says nothing new
    let again = zone.run(&format!("{command} --yes --json")).succeeded();
    assert_eq!(again.count("adopt") + again.count("create"), 0, "{}", again.summary());
    let judged = zone.run("verify");
    assert_eq!(judged.code, Some(0), "{judged}");
    let doctor = zone.run("doctor");
    assert_eq!(doctor.code, Some(0), "{doctor}");
    // and as a pipeline's configuration has it, in the names that the user knows
    let chosen: Vec<_> = command.rsplit(' ').next().expect("choices").split(',').map(|c| format!("\"{c}\"")).collect();
    let adopt = format!("state = \"file\"\nadopt = [{}]", chosen.join(", "));
    zone.edit("config/local.toml", "state = \"file\"", &adopt);
    let doctor = zone.run("doctor");
    assert_eq!(doctor.code, Some(0), "{doctor}");
}

#[test]
fn the_hints_of_up_lead_to_a_deployment() {
    let zone = Zone::new();
    let look = Look::at(&zone.started());
    look.ask(look.clients.events.create_event_bus().name("orders").send());
    look.ask(look.clients.sqs.create_queue().queue_name("billing-events-dlq-local").send());

    let refused = zone.run("up");
    assert_eq!(refused.code, Some(1), "{refused}");
    // either stops the engine; adopting one names the other
    let one = command_in(&refused.err, "up -e local --adopt ");
    let more = zone.run(&one);
    assert_eq!(more.code, Some(1), "{more}");
    assert!(more.err.contains("nothing was changed"), "{more}");
    let both = command_in(&more.err, "up -e local --adopt ");
    let up = zone.run(&both).succeeded();
    for adopted in ["adopted aws:cloudwatch/eventBus:EventBus orders", "adopted aws:sqs/queue:Queue billing-dlq"] {
        assert!(up.err.contains(adopted), "{adopted}\n{up}");
    }
    zone.run("verify").succeeded();
}

#[test]
fn a_configured_adoption_needs_no_switch() {
    let zone = Zone::minimal();
    let (bucket, look) = ("dot-files-local", Look::of(&zone));
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder();
    let place = place.location_constraint(zone.shape().region.as_ref().into()).build();
    look.ask(look.clients.s3.create_bucket().bucket(bucket).create_bucket_configuration(place).send());
    zone.edit("config/local.toml", "state = \"file\"", &format!("state = \"file\"\nadopt = [\"{bucket}\"]"));
    let doctor = zone.run("doctor --json").succeeded();
    assert!(doctor.out.contains("`adopt` in the configuration names it"), "{doctor}");
    let up = zone.run("up --json").succeeded();
    assert!(up.count("adopt") > 0, "{}", up.summary());
    // and what is adopted already is no news
    let again = zone.run("up --json").succeeded();
    assert_eq!(again.changes().len(), 1, "unchanged: {}", again.summary());
    zone.run("doctor").succeeded();
    // what is chosen and is nowhere stops a deployment, and doctor knows
    zone.edit("config/local.toml", bucket, "dot-fiels-local");
    let doctor = zone.run("doctor");
    assert_eq!(doctor.code, Some(4), "{doctor}");
    assert!(doctor.out.contains("`adopt` in the configuration names `dot-fiels-local`"), "{doctor}");
    assert_eq!(zone.run("up").code, Some(2));
}

#[test]
fn what_cannot_become_ours_is_refused_and_left_alone() {
    let zone = Zone::new();
    let look = Look::at(&zone.started());
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    for bucket in ["acme-audit-local", "somebody-s-logs"] {
        let call = look.clients.s3.create_bucket().bucket(bucket).create_bucket_configuration(place.clone());
        look.ask(call.send());
    }
    let trail = look.clients.cloudtrail.create_trail().name("acme-platform").s3_bucket_name("somebody-s-logs");
    look.ask(trail.send());
    look.ask(look.clients.events.create_event_bus().name("orders").send());

    // doctor offers what a deployment would take, and says of the rest why it would not
    let doctor = zone.run("doctor");
    assert_eq!(doctor.code, Some(4), "{doctor}");
    for said in
        [LOCK, "it is a trail of another bucket", "hint: choose another name, configure it as it is, or remove it"]
    {
        assert!(doctor.out.contains(said), "{said} is not in\n{doctor}");
    }
    let adopts = command_in(&doctor.err, "up -e local --adopt ");
    assert_eq!(adopts, "up -e local --adopt orders", "{doctor}");
    // while the others stand, it is refused, with the reasons and with the same way out
    let refused = zone.run(&adopts);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.err.contains("not chosen for adoption: `acme-") && refused.err.contains(LOCK), "{refused}");
    assert!(!refused.err.contains("--adopt"), "{refused}");

    for (name, reason) in [
        ("acme-audit-local", LOCK),
        (
            "acme-platform",
            "`s3BucketName` is `somebody-s-logs`, and is to be one that is yet to be created: it is a trail of another bucket",
        ),
    ] {
        if name == "acme-platform" {
            look.ask(look.clients.s3.delete_bucket().bucket("acme-audit-local").send());
        }
        let refused = zone.run(&format!("up --adopt {name}"));
        assert_eq!(refused.code, Some(1), "{refused}");
        assert!(refused.err.contains("exists and cannot be adopted: ") && refused.err.contains(reason), "{refused}");
        assert!(refused.err.contains("nothing was changed"), "{refused}");
    }
    let nothing = zone.run("up --adopt no-such-thing");
    assert_eq!(nothing.code, Some(2), "{nothing}");
    assert!(nothing.err.contains("no resource to adopt matches `no-such-thing`"), "{nothing}");
    let live = look.ask(look.clients.cloudtrail.get_trail().name("acme-platform").send()).trail.expect("the trail");
    assert_eq!(live.s3_bucket_name.as_deref(), Some("somebody-s-logs"));
    assert_eq!(look.census().of("buckets").len(), 1, "nothing was made");
    // what doctor said, to its end
    look.ask(look.clients.cloudtrail.delete_trail().name("acme-platform").send());
    let up = zone.run(&adopts).succeeded();
    assert!(up.err.contains("adopted aws:cloudwatch/eventBus:EventBus orders"), "{up}");
}

/// Why a trail's bucket cannot be adopted.
const LOCK: &str =
    "S3 bucket `acme-audit-local` exists and cannot be adopted: `objectLockEnabled` is false, and is to be true";

/// Somebody followed an old hint: the bucket is in the state under a URN without the stack's component, protected, and with
/// another provider.
#[test]
fn what_was_imported_under_another_urn_is_moved_and_not_deleted() {
    let zone = Zone::new();
    let endpoint = zone.started();
    let look = Look::at(&endpoint);
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    for bucket in ["acme-invoices-local", "somebody-s-own"] {
        let call = look.clients.s3.create_bucket().bucket(bucket).create_bucket_configuration(place.clone());
        look.ask(call.send());
        look.ask(look.clients.s3.put_object().bucket(bucket).key("theirs").send());
    }
    zone.run("preview").succeeded();
    // a preview leaves no stack behind
    let init = "pulumi stack init local --no-select --secrets-provider=passphrase";
    let said = Said::from(shell(&zone, &format!("eval \"$('{}' engine env)\" && {init}", env!("CARGO_BIN_EXE_zone"))));
    assert_eq!(said.code, Some(0), "{said}");
    for (name, bucket) in [("invoices", "acme-invoices-local"), ("own", "somebody-s-own")] {
        import(&zone, &endpoint, name, bucket);
    }

    let preview = zone.run("preview").succeeded();
    let moved =
        "`acme-invoices-local` was imported as urn:pulumi:local::zone::aws:s3/bucket:Bucket::invoices: it is moved to";
    assert!(preview.err.contains(moved) && !preview.err.contains("delete"), "{preview}");
    let up = zone.run("up").succeeded();
    assert!(up.err.contains(moved) && !up.err.contains("deleted"), "{up}");
    let other = "urn:pulumi:local::zone::aws:s3/bucket:Bucket::own";
    assert!(
        up.err.contains(&format!("left alone: {other}")),
        "what is not the program's stays, and that is said\n{up}"
    );
    for bucket in ["acme-invoices-local", "somebody-s-own"] {
        let held = look.ask(look.clients.s3.list_objects_v2().bucket(bucket).send());
        assert_eq!(held.key_count, Some(1), "{bucket} holds what it held");
    }
    let again = zone.run("up --json").succeeded();
    assert_eq!(again.changes().len(), 1, "unchanged: {}", again.summary());

    // the hint, to its end
    let forget = format!(
        "eval \"$('{}' engine env -e local)\" && pulumi state delete '{other}' --yes",
        env!("CARGO_BIN_EXE_zone")
    );
    let forget = forget.replace("--yes", "--yes --force");
    let said = Said::from(shell(&zone, &forget));
    assert_eq!(said.code, Some(0), "{said}");
    let up = zone.run("up").succeeded();
    assert!(!up.err.contains("left alone"), "{up}");
}

/// As the hints of other tools have it.
fn import(zone: &Zone, endpoint: &str, name: &str, bucket: &str) {
    let role = format!("arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole");
    let sign_in = format!(
        "'{}' -I -c \"import boto3; c = boto3.client('sts', endpoint_url='{endpoint}', region_name='{REGION}', \
         aws_access_key_id='test', aws_secret_access_key='test').assume_role(RoleArn='{role}', RoleSessionName='somebody')\
         ['Credentials']; print('export AWS_ACCESS_KEY_ID=' + c['AccessKeyId'] + ' AWS_SECRET_ACCESS_KEY=' + \
         c['SecretAccessKey'] + ' AWS_SESSION_TOKEN=' + c['SessionToken'])\"",
        support::python().display()
    );
    let script = format!(
        "eval \"$('{}' engine env)\" && eval \"$({sign_in})\" && export AWS_REGION={REGION} AWS_ENDPOINT_URL={endpoint} && \
         pulumi import aws:s3/bucket:Bucket {name} {bucket} --yes --generate-code=false",
        env!("CARGO_BIN_EXE_zone")
    );
    let said = Said::from(shell(zone, &script));
    assert_eq!(said.code, Some(0), "{said}");
}

fn shell(zone: &Zone, script: &str) -> std::process::Output {
    let mut command = Command::new("bash");
    command.args(["-euc", script]).current_dir(zone.path(".")).env("ZONE_TOOLS", support::tools());
    command.stdin(Stdio::null()).output().expect("bash starts")
}
