//! `zone doctor` on the emulator: what it finds before, beside and after a deployment, and that it changes nothing.

use std::time::{Duration, Instant};

use crate::support::{
    Said, Zone,
    look::{Census, Look, MANAGEMENT, MEMBER, REGION},
};
use aws_sdk_organizations::types::PolicyType;
use serde_json::{Value, json};

/// The checks it printed.
fn checks(said: &Said) -> Vec<Value> {
    said.objects().into_iter().filter(|object| object["type"] == "check").collect()
}

/// One of them.
#[track_caller]
fn check(said: &Said, id: &str) -> Value {
    checks(said).into_iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no check `{id}`\n{said}"))
}

#[track_caller]
fn assert_level(said: &Said, id: &str, level: &str) {
    assert_eq!(check(said, id)["level"], level, "{id}\n{said}");
}

fn text(check: &Value, of: &str) -> String {
    check[of].as_str().unwrap_or_default().to_owned()
}

/// The ids of all problems, as the summary repeats them.
fn problems(said: &Said) -> Vec<String> {
    serde_json::from_value(said.summary()["problems"].clone()).expect("a list of ids")
}

#[test]
fn nothing_is_there_yet() {
    let zone = Zone::new();
    let said = zone.run("doctor --json").succeeded();
    assert_eq!(problems(&said), [""; 0], "{said}");
    assert_level(&said, "engine.emulator", "warning");
    for id in ["credentials.member", "credentials.management", "organization", "names", "quotas", "region"] {
        assert_level(&said, id, "not_evaluated");
        assert_eq!(text(&check(&said, id), "finding"), "no emulator runs", "{said}");
    }
    assert_level(&said, "permissions", "not_evaluated");
    assert!(!zone.path(".zone/state").exists() && !zone.path(".zone/run").exists(), "it makes nothing");
}

#[test]
fn a_fresh_account_and_a_deployed_one_have_no_problem() {
    let zone = Zone::new();
    let look = Look::at(&zone.started());
    let began = Instant::now();
    let fresh = zone.run("doctor --json").succeeded();
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}: it waits for what never answers", began.elapsed());
    assert_eq!(problems(&fresh), [""; 0], "{fresh}");
    assert!(checks(&fresh).iter().all(|check| check["level"] != "not_evaluated" || check["finding"] != ""), "{fresh}");
    for id in [
        "engine.emulator",
        "engine.run",
        "credentials.member",
        "credentials.management",
        "organization.features",
        "organization.member",
        "organization.policy-type",
        "organization.target",
        "organization.attachments",
        "organization.proof",
        "names.bucket.acme-lake-local",
        "names.event-bus.orders",
        "names.role.OrdersRole",
        "quotas.vpcs",
        "region.enabled",
        "region.zones",
    ] {
        assert_level(&fresh, id, "ok");
    }
    assert_eq!(check(&fresh, "names.event-bus.orders")["finding"], "free");
    assert_eq!(look.census(), Census::default(), "it makes nothing");
    assert!(!zone.path(".zone/state").exists(), "it makes no state");

    service_control_policies_are_enabled_when_asked_to(&zone);
    let before = look.census();
    let deployed = zone.run("doctor --json").succeeded();
    for id in ["names.bucket.acme-lake-local", "names.event-bus.orders", "names.key-alias.alias/acme/secret"] {
        assert_eq!(check(&deployed, id)["finding"], "deployed", "{deployed}");
    }
    assert_eq!(look.census(), before, "it changes nothing");

    // without the state, their tags prove the same things ours
    std::fs::rename(zone.path(".zone/state"), zone.path(".zone/state.lost")).expect("moved");
    let lost = zone.run("doctor --json").succeeded();
    let finding = text(&check(&lost, "names.bucket.acme-lake-local"), "finding");
    assert!(finding.contains("adopted by `zone up`"), "{lost}");

    let shown = zone.run("doctor").succeeded();
    assert!(
        shown.out.contains(&format!("names.bucket  S3 buckets: {} exists", zone.shape().buckets.len())),
        "those of a kind are one line\n{shown}"
    );
    assert!(!shown.out.contains("acme-lake-local"), "{shown}");
}

fn service_control_policies_are_enabled_when_asked_to(zone: &Zone) {
    let management = Look::at_management(&zone.started());
    let organizations = &management.clients.organizations;
    let roots = management.ask(organizations.list_roots().send()).roots.unwrap_or_default();
    let root = roots[0].id.clone().expect("an id");
    let scp = PolicyType::ServiceControlPolicy;
    management.ask(organizations.disable_policy_type().root_id(&root).policy_type(scp).send());

    let id = "organization.policy-type";
    for _ in 0..2 {
        let said = zone.run("doctor --json").succeeded();
        assert_level(&said, id, "warning");
        assert!(said.objects().iter().all(|object| object["type"] != "fix"), "it is only said\n{said}");
        assert!(text(&check(&said, id), "hint").contains("--fix"), "{said}");
    }
    let fixed = zone.run("doctor --json --fix").succeeded();
    assert_level(&fixed, id, "ok");
    let told = fixed.objects().into_iter().find(|object| object["type"] == "fix").expect("what was done is told");
    assert!(text(&told, "done").contains(&root), "{told}");
    let ids: Vec<_> = checks(&fixed).iter().map(|check| text(check, "id")).collect();
    assert_eq!(ids.iter().filter(|of| *of == id).count(), 1, "no check twice: {ids:?}");

    let again = zone.run("doctor --json --fix").succeeded();
    assert_level(&again, id, "ok");
    assert!(again.objects().iter().all(|object| object["type"] != "fix"), "nothing is left to fix\n{again}");
    assert_level(&zone.run("doctor --json").succeeded(), id, "ok");

    // a deployment that hangs a guardrail enables them itself, and says so; once
    let scp = PolicyType::ServiceControlPolicy;
    management.ask(organizations.disable_policy_type().root_id(&root).policy_type(scp).send());
    let said = zone.run("up").succeeded();
    assert!(said.err.contains(&format!("enabled service control policies on root {root}")), "{said}");
    assert_eq!(management.control_policies().len(), 1, "it hangs there");
    let said = zone.run("up").succeeded();
    assert!(!said.err.contains("enabled service control policies"), "{said}");
}

#[test]
fn credentials_of_another_account_stop_everything_that_asks_there() {
    let zone = Zone::new();
    zone.started();
    // without the role, they are those of the management account
    zone.edit("config/local.toml", "role = \"OrganizationAccountAccessRole\"", "");
    let said = zone.run("doctor --json");
    assert_eq!(said.code, Some(4), "{said}");
    assert_eq!(problems(&said), ["credentials.member"], "{said}");
    let finding = text(&check(&said, "credentials.member"), "finding");
    assert!(
        finding.contains(&format!("account {MANAGEMENT}")) && finding.contains(&format!("config says {MEMBER}")),
        "{finding}"
    );
    for id in ["names", "quotas", "region", "permissions"] {
        assert_level(&said, id, "not_evaluated");
    }
    assert_level(&said, "organization.member", "ok");
    assert!(said.err.contains("a problem would stop a deployment of `local`: credentials.member"), "{said}");
}

#[test]
fn a_bucket_of_our_name_that_is_not_ours_comes_with_the_way_to_import_it() {
    let zone = Zone::new();
    let endpoint = zone.started();
    let (member, management) = (Look::at(&endpoint), Look::at_management(&endpoint));
    let make = |look: &Look, name: &str| {
        let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
            .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::from(REGION))
            .build();
        look.ask(look.clients.s3.create_bucket().bucket(name).create_bucket_configuration(place).send());
    };
    make(&member, "acme-scratch-local");
    make(&management, "acme-invoices-local");
    let said = zone.run("doctor --json");
    assert_eq!(said.code, Some(4), "{said}");
    let ours = "names.bucket.acme-scratch-local";
    let theirs = "names.bucket.acme-invoices-local";
    assert_eq!(problems(&said), [ours, theirs], "{said}");
    let hint = text(&check(&said, ours), "hint");
    assert!(hint.ends_with("`zone up -e local --adopt acme-scratch-local`"), "{hint}");
    let finding = text(&check(&said, theirs), "finding");
    assert!(finding.starts_with("another account has it"), "{finding}");

    let shown = zone.run("doctor");
    assert_eq!(shown.code, Some(4), "{shown}");
    assert!(shown.out.contains(&format!("problem        {ours}  exists")), "{shown}");
    assert!(
        shown.out.contains(&format!("S3 buckets: {} free", zone.shape().buckets.len() - 2)),
        "the others are one line\n{shown}"
    );
}

#[test]
fn without_a_management_account_the_guardrail_is_said_to_be_skipped() {
    let zone = Zone::new();
    zone.started();
    let section = "[management]\naccount = \"123456789012\"\nattach_to = \"root\"\n";
    zone.edit("config/local.toml", section, "");
    let said = zone.run("doctor --json").succeeded();
    assert_level(&said, "credentials.management", "warning");
    assert!(text(&check(&said, "credentials.management"), "finding").contains("the guardrail is skipped"), "{said}");
    assert_level(&said, "organization.guardrail", "not_evaluated");
}

#[test]
fn what_lies_broken_on_this_machine_is_found() {
    let zone = Zone::new();
    zone.started();
    std::fs::create_dir_all(zone.path(".zone/run/local")).expect("a folder");
    let run =
        r#"{"command":"zone up -e local","pid":4000000,"engine":null,"since":"2026-11-24T06:00:00Z","ended":false}"#;
    std::fs::write(zone.path(".zone/run/local/run.json"), run).expect("a run that was killed");
    std::fs::create_dir_all(zone.path(".zone/state/local/.pulumi/stacks/zone")).expect("a folder");
    std::fs::write(zone.path(".zone/state/local/.pulumi/stacks/zone/local.json"), "{half").expect("half a state");
    let said = zone.run("doctor --json");
    assert_eq!((said.code, problems(&said)), (Some(4), vec!["engine.state".to_owned()]), "{said}");
    assert_level(&said, "engine.run", "warning");
    assert!(text(&check(&said, "engine.run"), "finding").contains("process 4000000"), "{said}");
    assert_level(&said, "names.event-bus.orders", "ok");
}

/// A policy of `docs/rights/`.
fn published(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/rights/{name}.json"));
    std::fs::read_to_string(path).expect("it is published")
}

/// The emulator has no simulation of IAM's: doctor evaluates the policies itself.
#[test]
fn rights_are_judged_by_the_policies_of_the_caller_and_of_the_organization() {
    let zone = Zone::new();
    let endpoint = zone.started();
    let said = zone.run("doctor --json").succeeded();
    for object in checks(&said).iter().filter(|check| text(check, "id").starts_with("permissions")) {
        assert_eq!(object["level"], "ok", "{said}");
    }
    let finding = text(&check(&said, "permissions.policies"), "finding");
    assert!(
        finding.starts_with("the emulator has no simulation")
            && finding.contains("zone evaluates 1 policy of the caller"),
        "{finding}"
    );
    assert!(text(&check(&said, "permissions.kms"), "finding").contains("may do the 16 actions"), "{said}");
    let finding = text(&check(&said, "permissions.policies-management"), "finding");
    assert!(finding.ends_with("zone evaluates what a root user may do"), "{finding}");
    let mut ids: Vec<_> = checks(&said).iter().map(|check| text(check, "id")).collect();
    ids.sort();
    assert!(ids.windows(2).all(|two| two[0] != two[1]), "no check twice: {ids:?}");

    // a role with the rights of a deployment, and no others
    let (member, management) = (Look::at(&endpoint), Look::at_management(&endpoint));
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": format!("arn:aws:iam::{MANAGEMENT}:root") } }] });
    let iam = &member.clients.iam;
    let role = iam.create_role().role_name("deployer").assume_role_policy_document(trust.to_string());
    member.ask(role.send());
    let put = |name: &str, document: String| {
        member.ask(iam.put_role_policy().role_name("deployer").policy_name(name).policy_document(document).send());
    };
    put("deploy", published("deploy.member"));
    zone.edit("config/local.toml", "\"OrganizationAccountAccessRole\"", "\"deployer\"");
    let said = zone.run("doctor --json").succeeded();
    assert_level(&said, "permissions", "not_evaluated");
    let refused = check(&said, "permissions");
    let finding = text(&refused, "finding");
    assert!(
        finding.starts_with("IAM's own simulation is refused") && finding.contains("iam:ListRolePolicies"),
        "{finding}"
    );
    assert!(text(&refused, "hint").contains("docs/rights/doctor.member.json"), "{refused}");

    let doctor = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "iam:ListRolePolicies", "Resource": "*" },
        { "Effect": "Deny", "Action": "iam:PassRole", "Resource": "*",
          "Condition": { "StringNotEquals": { "iam:PassedToService": "cloudtrail.amazonaws.com" } } },
        { "Effect": "Deny", "Action": "events:CreateEventBus", "Resource": "*",
          "Condition": { "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } } },
    ] });
    put("doctor", doctor.to_string());
    let said = zone.run("doctor --json");
    assert_eq!((said.code, problems(&said)), (Some(4), vec!["permissions.delivery".to_owned()]), "{said}");
    let finding = text(&check(&said, "permissions.policies"), "finding");
    assert!(finding.contains("zone evaluates 2 policies of the caller"), "{finding}");
    assert_level(&said, "permissions.kms", "ok");
    assert_level(&said, "permissions.trail", "ok");
    let finding = text(&check(&said, "permissions.delivery"), "finding");
    assert!(
        finding.ends_with("iam:PassRole (identity-based policy `doctor`, statement number 2 denies it)"),
        "{finding}"
    );
    let finding = text(&check(&said, "permissions.events.conditions"), "finding");
    assert!(
        finding.ends_with("events:CreateEventBus (denied where aws:SourceIp meets the condition of identity-based policy `doctor`, statement number 3)"),
        "{finding}"
    );
    assert_level(&said, "permissions.destroy", "warning");
    let finding = text(&check(&said, "permissions.destroy"), "finding");
    assert!(finding.contains("ec2:DeleteVpc (no identity-based policy allows it)"), "{finding}");

    // the boundary ends what its policies may allow
    let without_keys = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "NotAction": "kms:*", "Resource": "*" }] });
    let boundary = iam.create_policy().policy_name("boundary").policy_document(without_keys.to_string());
    let boundary = member.ask(boundary.send()).policy.and_then(|policy| policy.arn).expect("an ARN");
    member.ask(iam.put_role_permissions_boundary().role_name("deployer").permissions_boundary(boundary).send());
    let said = zone.run("doctor --json");
    let finding = text(&check(&said, "permissions.policies"), "finding");
    assert!(finding.contains("2 policies of the caller, its permissions boundary"), "{finding}");
    let finding = text(&check(&said, "permissions.kms"), "finding");
    assert!(finding.contains("kms:CreateKey (no permissions boundary allows it)"), "{finding}");
    assert_level(&said, "permissions.trail", "ok");
    member.ask(iam.delete_role_permissions_boundary().role_name("deployer").send());

    // what the organization denies, no policy of the caller allows
    put(
        "doctor",
        json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "iam:ListRolePolicies", "Resource": "*" }] })
        .to_string(),
    );
    let scp = json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "NoKeys", "Effect": "Deny", "Action": "kms:CreateKey", "Resource": "*" }] });
    let organizations = &management.clients.organizations;
    let policy = organizations.create_policy().name("no-keys").description("none").content(scp.to_string());
    let policy = management.ask(policy.r#type(PolicyType::ServiceControlPolicy).send()).policy;
    let id = policy.and_then(|policy| policy.policy_summary).and_then(|summary| summary.id).expect("an id");
    management.ask(organizations.attach_policy().policy_id(&id).target_id(MEMBER).send());
    let said = zone.run("doctor --json");
    assert_eq!((said.code, problems(&said)), (Some(4), vec!["permissions.kms".to_owned()]), "{said}");
    let finding = text(&check(&said, "permissions.kms"), "finding");
    let why = "kms:CreateKey (service control policy of the organization `no-keys`, statement NoKeys denies it)";
    assert!(finding.ends_with(why), "{finding}");

    // what was not read may refuse what is allowed: it is not evaluated, whoever is asked
    let section = "[management]\naccount = \"123456789012\"\nattach_to = \"root\"\n";
    zone.edit("config/local.toml", section, "");
    for (allowed, why) in
        [("iam:*", "organizations:DescribeOrganization"), ("organizations:*", "config names no management account")]
    {
        let actions = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": ["iam:ListRolePolicies", allowed], "Resource": "*" }] });
        put("doctor", actions.to_string());
        let said = zone.run("doctor --json").succeeded();
        assert_level(&said, "permissions.organization", "not_evaluated");
        let finding = text(&check(&said, "permissions.organization"), "finding");
        assert!(finding.contains(why), "{finding}");
        assert_level(&said, "permissions.kms", "not_evaluated");
        assert_level(&said, "permissions.destroy", "warning");
    }
}

/// A user of IAM has policies of its own and of its groups.
#[test]
fn the_rights_of_a_user_are_those_of_its_groups_too() {
    let zone = Zone::new();
    let endpoint = zone.started();
    let account = "333344445555";
    let member = Look::in_account(&endpoint, account);
    let iam = &member.clients.iam;
    let managed = |name: &str, document: String| {
        let made = member.ask(iam.create_policy().policy_name(name).policy_document(document).send());
        made.policy.and_then(|policy| policy.arn).expect("an ARN")
    };
    let allowing = |actions: [&str; 2]| {
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    member.ask(iam.create_user().user_name("ada").path("/teams/").send());
    member.ask(
        iam.put_user_policy()
            .user_name("ada")
            .policy_name("own")
            .policy_document(allowing(["iam:*", "organizations:DescribeOrganization"]))
            .send(),
    );
    member.ask(iam.create_group().group_name("platform").send());
    member.ask(iam.add_user_to_group().group_name("platform").user_name("ada").send());
    let of_group = iam.put_group_policy().group_name("platform").policy_name("deploy");
    member.ask(of_group.policy_document(published("deploy.member")).send());
    let teardown = managed("teardown", published("destroy.member"));
    member.ask(iam.attach_group_policy().group_name("platform").policy_arn(teardown).send());
    let attached = managed("drift", published("drift.member"));
    member.ask(iam.attach_user_policy().user_name("ada").policy_arn(attached).send());
    let key = member.ask(iam.create_access_key().user_name("ada").send()).access_key.expect("a key");

    zone.edit("config/dev.toml", "profile = \"acme-dev\"\n", "");
    let doctor = || {
        let mut command = zone.command("doctor -e dev --json");
        command.env("AWS_ENDPOINT_URL", &endpoint).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ACCESS_KEY_ID", key.access_key_id()).env("AWS_SECRET_ACCESS_KEY", key.secret_access_key());
        Said::from(command.output().expect("zone starts"))
    };
    let said = doctor();
    let caller = text(&check(&said, "credentials.member"), "finding");
    assert!(caller.starts_with(&format!("arn:aws:iam::{account}:user/teams/ada")), "{said}");
    let finding = text(&check(&said, "permissions.policies"), "finding");
    assert!(finding.ends_with("zone evaluates 4 policies of the caller"), "{finding}");
    // its account is in no organization that this emulator has
    for stack in ["kms", "storage", "access", "destroy", "drift"] {
        assert_level(&said, &format!("permissions.{stack}"), "ok");
    }
    let finding = text(&check(&said, "permissions.doctor"), "finding");
    assert!(finding.contains("s3:ListAllMyBuckets (no identity-based policy allows it)"), "{finding}");
}
