//! `zone verify` where the one who looks is at fault, or AWS is late: what cannot be seen is not judged, everything else is.

use std::{sync::Arc, time::Duration};

use crate::support::{
    Said, Zone, fixture,
    look::{Look, MANAGEMENT, MEMBER, REGION},
    proxy::{Proxy, Refusal},
};
use features::{Access, Heard, Management, Outcome, Report, Target};
use serde_json::Value;

fn rows(said: &Said, outcome: &str) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = said.objects().into_iter().filter(|o| o["type"] == "scenario" && o["outcome"] == outcome);
    rows.map(|row| (text(&row, "name"), text(&row, "reason"))).collect()
}

/// The environment `local` as the command hands it to the features.
fn target(endpoint: &str, patience: Duration) -> Target {
    let role = |account: &str| format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
    let zone = config::load(&fixture(), "local").unwrap_or_else(|errors| panic!("{errors}"));
    Target {
        module: None,
        environment: "local".to_owned(),
        root: "/acme/local".to_owned(),
        account: MEMBER.to_owned(),
        region: REGION.to_owned(),
        organization: zone.organization.to_string(),
        endpoint: Some(endpoint.to_owned()),
        access: Access { profile: None, role_arn: Some(role(MEMBER)) },
        management: Some(Management { account: MANAGEMENT.to_owned(), access: Access::default() }),
        zone: Arc::new(zone),
        probes: Ok(()),
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

/// One zone for all of them: only the last leaves something of it changed.
#[test]
fn what_is_not_as_it_should_be_with_the_observer_is_told_from_what_is_wrong_with_the_zone() {
    let zone = Zone::new();
    zone.run("up").succeeded();
    credentials_of_another_management_account_are_refused(&zone);
    what_aws_shows_late_is_waited_for_and_what_stays_wrong_is_red(&zone);
    what_the_observer_lacks_is_not_evaluated_and_everything_else_is_judged(&zone);
}

fn credentials_of_another_management_account_are_refused(zone: &Zone) {
    let right = target(&zone.started(), Duration::ZERO);
    assert!(judge(&right, Some("ZONE-008")).is_ok_and(|(report, _)| report.ok()));
    let another = Management { account: "999988887777".to_owned(), access: Access::default() };
    let wrong = Target { management: Some(another), ..right };
    let error = judge(&wrong, Some("ZONE-008")).expect_err("another account");
    let said = error.to_string();
    assert!(said.contains("999988887777") && said.contains(&format!("account {MANAGEMENT}")), "{said}");
}

fn what_aws_shows_late_is_waited_for_and_what_stays_wrong_is_red(zone: &Zone) {
    let endpoint = zone.started();
    let green = judge(&target(&endpoint, Duration::from_secs(60)), Some("storage")).expect("it is judged");
    assert_eq!((green.0.counts().failed, green.1), (0, 0), "a green run waits for nothing");

    // as SQS does it after SetQueueAttributes: for a while, the old value
    let look = Look::at(&endpoint);
    let put = move |look: &Look, seconds: &str| {
        let sqs = &look.clients.sqs;
        let url = look.ask(sqs.get_queue_url().queue_name("billing-events-dlq-local").send()).queue_url;
        let period = aws_sdk_sqs::types::QueueAttributeName::MessageRetentionPeriod;
        look.ask(sqs.set_queue_attributes().queue_url(url.expect("a URL")).attributes(period, seconds).send());
    };
    let days = zone.shape().events.expect("events").dlq_retention_days;
    let right = (days * 24 * 60 * 60).to_string();
    put(&look, "60");
    let later = right.clone();
    let late = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(3));
        put(&look, &later);
    });
    let patient = target(&endpoint, Duration::from_secs(30));
    let (report, again) = judge(&patient, Some("ZONE-001")).expect("it is judged");
    late.join().expect("it is put back");
    assert_eq!((report.counts().failed, again), (0, 1), "{report:?}");
    let noted: Vec<_> = report.scenarios.iter().filter_map(|row| row.reason.as_deref()).collect();
    let [note] = noted[..] else { panic!("one row says that it was late: {noted:?}") };
    assert!(note.contains("for 60 seconds; it failed at first, and passed after"), "{note}");

    put(&Look::at(&endpoint), "60");
    let (report, again) = judge(&target(&endpoint, Duration::from_secs(2)), Some("ZONE-001")).expect("it is judged");
    assert_eq!((report.counts().failed, again), (1, 1), "{report:?}");
    let red = report.scenarios.iter().find(|row| row.outcome == Outcome::Failed).and_then(|row| row.reason.clone());
    assert!(red.expect("a reason").ends_with("; AWS was asked again for 2 s"), "{report:?}");
    put(&Look::at(&endpoint), &right);
}

fn what_the_observer_lacks_is_not_evaluated_and_everything_else_is_judged(zone: &Zone) {
    let proxy = Proxy::new(&zone.started(), 1);
    zone.append("config/local.toml", &format!("[emulator]\nendpoint = \"{}\"\n", proxy.endpoint()));
    let whole = zone.run("verify --json").succeeded();
    let (passed, unjudged) = (rows(&whole, "passed").len(), rows(&whole, "not_evaluated").len());

    let cases = [
        (
            "GetKeyPolicy",
            "AccessDeniedException",
            "the caller may not do kms:GetKeyPolicy on",
            // a row for each key, and one for each role that uses keys
            zone.shape().classes.len() + zone.shape().domains.len(),
        ),
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
    let tags = "has the tag owner";
    let of_tag = |all: Vec<(String, String)>| all.into_iter().find(|(name, _)| name.contains(tags)).map(|(_, why)| why);
    let said = zone.run("verify --json --filter deployed");
    assert_eq!(said.code, Some(4), "where nothing is judged, nothing is shown\n{said}");
    assert!(said.err.contains("docs/rights/verify.member.json"), "{said}");
    let hidden = of_tag(rows(&said, "not_evaluated")).expect("it is not evaluated");
    assert!(hidden.contains("kms:ListResourceTags"), "{hidden}");
    let look = Look::at(&proxy.endpoint());
    look.ask(look.clients.iam.untag_role().role_name("OrdersRole").tag_keys("owner").send());
    let seen = of_tag(rows(&zone.run("verify --json --filter deployed"), "failed")).expect("it failed");
    assert!(seen.contains("role/OrdersRole"), "{seen}");
}

/// A profile that is named is meant, as `up` means it.
#[test]
fn keys_in_the_environment_do_not_win_over_a_named_profile() {
    let zone = Zone::new();
    zone.edit("config/dev.toml", "profile = \"acme-dev\"", "profile = \"nobody\"");
    let files = [("AWS_CONFIG_FILE", "aws-config"), ("AWS_SHARED_CREDENTIALS_FILE", "aws-credentials")];
    let mut command = zone.command("verify -e dev");
    for (variable, file) in files {
        std::fs::write(zone.path(file), "[profile other]\nregion = eu-west-1\n").expect("a file");
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
