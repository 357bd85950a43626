//! `zone verify` where the one who looks is at fault, or AWS is late: what cannot be seen is not judged, everything else is.

mod support;

use std::{sync::Arc, time::Duration};

use features::{Access, Heard, Management, Outcome, Report, Target};
use serde_json::Value;
use support::{
    Said, Zone,
    look::{Look, MEMBER, REGION},
    proxy::{Proxy, Refusal},
    repository,
};

const MANAGER: &str = "123456789012";

fn endpoint(zone: &Zone) -> String {
    zone.emulator()["endpoint"].as_str().expect("an endpoint").to_owned()
}

fn rows(said: &Said, outcome: &str) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = said.objects().into_iter().filter(|o| o["type"] == "scenario" && o["outcome"] == outcome);
    rows.map(|row| (text(&row, "name"), text(&row, "reason"))).collect()
}

/// The environment `local` as the command hands it to the features.
fn target(endpoint: &str, patience: Duration) -> Target {
    let role = |account: &str| format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
    Target {
        environment: "local".to_owned(),
        root: "/bank/local".to_owned(),
        account: MEMBER.to_owned(),
        region: REGION.to_owned(),
        organization: "o-1gqwjyxxhw".to_owned(),
        endpoint: Some(endpoint.to_owned()),
        access: Access { profile: None, role_arn: Some(role(MEMBER)) },
        management: Some(Management { account: MANAGER.to_owned(), access: Access::default() }),
        zone: Arc::new(config::load(&repository().join("config"), "local").expect("the shipped configuration")),
        patience,
    }
}

/// Judges without the command, and counts for how many rows AWS was asked again.
fn judge(target: &Target, filter: Option<&str>) -> Result<(Report, usize), features::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut again = 0;
    let report = runtime.block_on(features::run(target, &[], &[], "2026-11-25", filter, |heard| {
        if let Heard::AskingAgain { rows, .. } = heard {
            again += rows;
        }
    }))?;
    Ok((report, again))
}

#[test]
fn what_the_observer_lacks_is_not_evaluated_and_everything_else_is_judged() {
    let zone = Zone::new();
    zone.run("up").succeeded();
    let proxy = Proxy::new(&endpoint(&zone), 1);
    let text = std::fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
    let text = format!("{text}\n[emulator]\nendpoint = \"{}\"\n", proxy.endpoint());
    std::fs::write(zone.path("config/local.toml"), text).expect("local.toml is written");
    let whole = zone.run("verify --json").succeeded();
    let (passed, unjudged) = (rows(&whole, "passed").len(), rows(&whole, "not_evaluated").len());

    let cases = [
        ("GetKeyPolicy", "AccessDeniedException", "the caller may not do kms:GetKeyPolicy on", 3),
        ("GetEventSelectors", "ThrottlingException", "cloudtrail:GetEventSelectors of", 1),
        ("ListTargetsForPolicy", "AccessDeniedException", "may not do organizations:ListTargetsForPolicy on", 1),
    ];
    for (operation, code, because, unseen) in cases {
        proxy.refuse(Some(Refusal { operation, code, message: "not now" }));
        let said = zone.run("verify --json").succeeded();
        proxy.refuse(None);
        let of_it: Vec<_> =
            rows(&said, "not_evaluated").into_iter().filter(|(_, reason)| reason.contains(because)).collect();
        assert_eq!(of_it.len(), unseen, "{operation}: {said}");
        assert!(of_it.iter().all(|(_, reason)| reason.contains(&format!("{code}: not now"))), "{of_it:?}");
        assert_eq!(rows(&said, "failed"), [], "{operation}");
        assert_eq!(rows(&said, "passed").len(), passed - unseen, "{operation}: the others are judged");
        assert_eq!(rows(&said, "not_evaluated").len(), unjudged + unseen, "{operation}");
    }

    // the tags of one kind are hidden, and a thing of another lacks one: that is seen
    proxy.refuse(Some(Refusal { operation: "ListResourceTags", code: "AccessDeniedException", message: "not now" }));
    let tags = "carries the tag tenant_id";
    let of_tag = |all: Vec<(String, String)>| all.into_iter().find(|(name, _)| name.contains(tags)).map(|(_, why)| why);
    let said = zone.run("verify --json --filter GOV-005");
    assert_eq!(said.code, Some(4), "where nothing is judged, nothing is shown\n{said}");
    assert!(said.err.contains("docs/rights/verify.member.json"), "{said}");
    let hidden = of_tag(rows(&said, "not_evaluated")).expect("it is not evaluated");
    assert!(hidden.contains("kms:ListResourceTags"), "{hidden}");
    let look = Look::at(&proxy.endpoint());
    look.ask(look.clients.iam.untag_role().role_name("BankCoreRole").tag_keys("tenant_id").send());
    let seen = of_tag(rows(&zone.run("verify --json --filter GOV-005"), "failed")).expect("it failed");
    assert!(seen.contains("role/BankCoreRole"), "{seen}");
}

#[test]
fn what_aws_shows_late_is_waited_for_and_what_stays_wrong_is_red() {
    let zone = Zone::new();
    zone.run("up").succeeded();
    let endpoint = endpoint(&zone);
    let green = judge(&target(&endpoint, Duration::from_secs(60)), Some("storage")).expect("it is judged");
    assert_eq!((green.0.counts().failed, green.1), (0, 0), "a green run waits for nothing");

    // as SQS does it after SetQueueAttributes: for a while, the old value
    let look = Look::at(&endpoint);
    let put = move |look: &Look, seconds: &str| {
        let sqs = &look.clients.sqs;
        let url = look.ask(sqs.get_queue_url().queue_name("bank-kyc-events-dlq-local").send()).queue_url;
        let period = aws_sdk_sqs::types::QueueAttributeName::MessageRetentionPeriod;
        look.ask(sqs.set_queue_attributes().queue_url(url.expect("a URL")).attributes(period, seconds).send());
    };
    put(&look, "60");
    let late = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(3));
        put(&look, "1209600");
    });
    let patient = target(&endpoint, Duration::from_secs(30));
    let (report, again) = judge(&patient, Some("ZONE-001")).expect("it is judged");
    late.join().expect("it is put back");
    assert_eq!((report.counts().failed, again), (0, 1), "{report:?}");
    let noted: Vec<_> = report.scenarios.iter().filter_map(|row| row.reason.as_deref()).collect();
    let [note] = noted[..] else { panic!("one row says that it was late: {noted:?}") };
    assert!(note.contains("for 60 seconds; it did not hold at first, and does after"), "{note}");

    put(&Look::at(&endpoint), "60");
    let (report, again) = judge(&target(&endpoint, Duration::from_secs(2)), Some("ZONE-001")).expect("it is judged");
    assert_eq!((report.counts().failed, again), (1, 1), "{report:?}");
    let red = report.scenarios.iter().find(|row| row.outcome == Outcome::Failed).and_then(|row| row.reason.clone());
    assert!(red.expect("a reason").ends_with("; AWS was asked again for 2 s"), "{report:?}");
}

#[test]
fn credentials_of_another_management_account_are_refused() {
    let zone = Zone::new();
    zone.run("up").succeeded();
    let right = target(&endpoint(&zone), Duration::ZERO);
    assert!(judge(&right, Some("ZONE-008")).is_ok_and(|(report, _)| report.ok()));
    let mut wrong = right;
    wrong.management.as_mut().expect("one").account = "999988887777".to_owned();
    let error = judge(&wrong, Some("ZONE-008")).expect_err("another account");
    let said = error.to_string();
    assert!(said.contains("999988887777") && said.contains(&format!("account {MANAGER}")), "{said}");
}

/// A profile that is named is meant, as `up` means it.
#[test]
fn keys_in_the_environment_do_not_win_over_a_named_profile() {
    let zone = Zone::new();
    zone.edit("config/dev.toml", "profile = \"bank-dev\"", "profile = \"nobody\"");
    let files = [("AWS_CONFIG_FILE", "aws-config"), ("AWS_SHARED_CREDENTIALS_FILE", "aws-credentials")];
    let mut command = zone.command("verify -e dev");
    for (variable, file) in files {
        std::fs::write(zone.path(file), "[profile other]\nregion = ap-southeast-2\n").expect("a file");
        command.env(variable, zone.path(file));
    }
    // nothing listens there: with these keys, the answer would be a refused connection
    let command = command
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let said = Said::from(command.output().expect("zone starts"));
    assert_eq!(said.code, Some(1), "{said}");
    assert!(said.err.contains("nobody"), "the profile is looked for\n{said}");
}
