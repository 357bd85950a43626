//! The typed values: one method for every path, and none that answers for another.

use contract::{Error, Newer, Snapshot, ZONE};

use crate::sample;

fn snapshot() -> Snapshot {
    Snapshot::new(ZONE, "dev", sample::ROOT, &sample::live(), Newer::Refuse).expect("the sample is whole")
}

/// By path: what its method gives for the sample.
fn every_method(s: &Snapshot) -> Result<Vec<(&'static str, String)>, Error> {
    Ok(vec![
        ("network/vpc-id", s.vpc_id()?.to_owned()),
        ("network/private-subnet-ids", s.private_subnet_ids()?.join(",")),
        ("network/public-subnet-ids", s.public_subnet_ids()?.join(",")),
        ("kms/{class}/arn", s.key_arn("secret")?.to_string()),
        ("s3/{purpose}/name", s.bucket_name("attic")?.to_owned()),
        ("s3/{purpose}/arn", s.bucket_arn("attic")?.to_string()),
        ("s3/pulumi-state/login-url", s.state_login_url()?.to_owned()),
        ("eventbridge/{bus}/arn", s.bus_arn("acme-sales")?.to_string()),
        ("eventbridge/{bus}/dlq-arn", s.bus_dlq_arn("acme-sales")?.to_string()),
        ("eventbridge/{bus}/archive-arn", s.bus_archive_arn("acme-sales")?.to_string()),
        ("cognito/{pool}/pool-id", s.pool_id("guests")?.to_owned()),
        ("cognito/{pool}/arn", s.pool_arn("guests")?.to_string()),
        ("cognito/{pool}/client/{client}", s.client_id("guests", "desk")?.to_owned()),
        ("firehose/{stream}/arn", s.stream_arn("clicks")?.to_string()),
        ("firehose/dlq/arn", s.delivery_dlq_arn()?.to_string()),
        ("iam/lambda/{bus}/arn", s.lambda_role_arn("acme-sales")?.to_string()),
        ("cloudtrail/arn", s.trail_arn()?.to_string()),
        ("cloudtrail/log-group-arn", s.trail_log_group_arn()?.to_string()),
        ("logs/{platform}/arn", s.log_group_arn("acme-platform")?.to_string()),
        ("sns/alerts/arn", s.alerts_topic_arn()?.to_string()),
        ("xray/sampling/arn", s.sampling_rule_arn()?.to_string()),
        ("iam/cicd/arn", s.cicd_role_arn()?.to_string()),
        ("iam/break-glass/arn", s.break_glass_role_arn()?.to_string()),
        ("iam/secrets-read/arn", s.secrets_read_policy_arn()?.to_string()),
        ("contract/version", s.version().to_string()),
        ("contract/digest", s.digest()?.to_owned()),
        ("contract/published-at", s.published_at()?.to_owned()),
    ])
}

#[test]
fn there_is_a_method_for_every_path_and_it_gives_its_value() {
    let snapshot = snapshot();
    let methods = every_method(&snapshot).expect("the sample has them all");
    let templates = ZONE.versions().last().expect("there is a version").templates;
    let paths: Vec<_> = templates.iter().map(|template| template.path).collect();
    assert_eq!(methods.iter().map(|(path, _)| *path).collect::<Vec<_>>(), paths);
    let names = [
        ("{class}", "secret"),
        ("{purpose}", "attic"),
        ("{bus}", "acme-sales"),
        ("{pool}", "guests"),
        ("{client}", "desk"),
        ("{stream}", "clicks"),
        ("{platform}", "acme-platform"),
    ];
    for (path, value) in methods {
        let name = names.iter().fold(path.to_owned(), |path, (placeholder, name)| path.replace(placeholder, name));
        assert_eq!(snapshot.get(&name).expect("its name has a value"), value, "{path}");
    }
}

#[test]
fn what_is_missing_is_named_with_owner_environment_and_way_out() {
    let snapshot = snapshot();
    let said = |error: Error| format!("{error}\nhint: {}", error.hint());
    insta::assert_snapshot!(said(snapshot.key_arn("operational").expect_err("it is not in the sample")), @"
    reading the contract: `/acme/dev/kms/operational/arn` of environment `dev` (stack kms, for functions and services that encrypt operational data): promised and not published
    hint: is the name spelt as in the configuration? `zone up -e dev` publishes it
    ");
    insta::assert_snapshot!(said(snapshot.get("other-team/host").expect_err("it is not ours")), @"
    reading the contract of environment `dev`: it has no `other-team/host`
    hint: docs/contract.md lists what is promised
    ");
}

#[test]
fn what_the_environment_does_not_deploy_is_an_answer_and_no_fault() {
    let live = sample::of(&sample::without(&["network", "identity"]));
    let snapshot = Snapshot::new(ZONE, "dev", sample::ROOT, &live, Newer::Refuse).expect("the contract is whole");
    assert!(!snapshot.has("network") && snapshot.has("kms") && snapshot.key_arn("secret").is_ok());
    let error = snapshot.vpc_id().expect_err("there is no network");
    insta::assert_snapshot!(format!("{error}\nhint: {}", error.hint()), @"
    reading the contract of environment `dev`: it has no `network/vpc-id`, as stack network is not deployed there
    hint: do without the value, or configure stack network: `zone up -e dev` deploys it
    ");
    let refused = [snapshot.private_subnet_ids().err(), snapshot.pool_id("guests").err()];
    assert!(refused.iter().all(|error| matches!(error, Some(Error::NotDeployed { .. }))), "{refused:?}");
    assert!(matches!(snapshot.key_arn("sceret"), Err(Error::Missing(_))), "the stack is there, the name is not");
}

#[test]
fn no_name_leads_to_what_another_path_promises() {
    let snapshot = snapshot();
    let refused = [
        snapshot.stream_arn("dlq").map(|arn| arn.to_string()),
        snapshot.bucket_name("attic/name/../cellar").map(str::to_owned),
        snapshot.client_id("guests/client", "desk").map(str::to_owned),
        snapshot.key_arn("").map(|arn| arn.to_string()),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::NotPromised { .. })), "{refused:?}");
    }
}

#[test]
fn an_arn_has_parts() {
    let snapshot = snapshot();
    let bus = snapshot.bus_arn("acme-sales").expect("a bus");
    let parts = [bus.partition(), bus.service(), bus.region(), bus.account(), bus.resource()];
    assert_eq!(parts, ["aws", "events", "ap-southeast-2", "123456789012", "event-bus/acme-sales"]);
    let group = snapshot.trail_log_group_arn().expect("a log group");
    assert_eq!(group.resource(), "log-group:/aws/cloudtrail/acme-platform-dev");
    let bucket = snapshot.bucket_arn("attic").expect("a bucket");
    assert_eq!((bucket.region(), bucket.account(), bucket.resource()), ("", "", "acme-attic-dev"));
}
