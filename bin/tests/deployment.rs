//! The life of a zone on the real engine and the emulator: deployed, the same again, judged, changed behind our
//! back, mended, used by plain `pulumi`, and deleted.

mod support;

use std::{collections::BTreeMap, process::Command};

use aws::clients::{self, Access, Ambient, Clients, Role};
use serde_json::Value;
use support::{Said, Zone};

const REGION: &str = "ap-southeast-2";

/// An AWS client of the member account: the SDK, and nothing of ours.
async fn client(zone: &Zone) -> Clients {
    let emulator = zone.emulator();
    let (member, role) =
        (emulator["accounts"]["member"].as_str().expect("a member"), emulator["role"].as_str().expect("a role"));
    let ambient = Ambient {
        endpoint: emulator["endpoint"].as_str().map(Into::into),
        credentials: Some(("any".into(), "any".into())),
    };
    let role = Role { arn: format!("arn:aws:iam::{member}:role/{role}"), ..Role::default() };
    let access = Access { region: REGION.into(), roles: vec![role], ..Access::default() };
    Clients::new(&clients::load(&clients::http_client(), &ambient, &access).await, REGION)
}

fn changes(said: &Said) -> BTreeMap<String, u64> {
    serde_json::from_value(said.summary()["changes"].clone()).expect("counts")
}

/// Counts of a run that changes nothing.
#[track_caller]
fn assert_nothing_changed(said: &Said) {
    let changes = changes(said);
    assert!(changes.get("same").is_some_and(|n| *n > 140), "{said}");
    assert!(changes.iter().all(|(op, n)| op == "same" || *n == 0), "{said}");
}

fn rows(said: &Said) -> Vec<Value> {
    said.objects().into_iter().filter(|o| o["type"] == "scenario").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn life_of_a_zone() {
    let zone = Zone::new();

    let first = zone.run("up --json").succeeded();
    let summary = first.summary();
    assert_eq!(summary["result"], "succeeded");
    assert!(changes(&first)["create"] > 140, "{first}");
    assert_eq!(summary["contract"]["version"], "1");
    let digest = summary["contract"]["digest"].as_str().expect("a digest").to_owned();
    assert_eq!(digest.len(), 64);

    let second = zone.run("up --json").succeeded();
    assert_nothing_changed(&second);
    assert_eq!(second.summary()["contract"]["digest"], digest.as_str());
    assert_nothing_changed(&zone.run("preview --json").succeeded());
    let refresh = zone.run("refresh --json").succeeded();
    assert!(changes(&refresh).iter().all(|(op, n)| op == "same" || *n == 0), "no drift: {refresh}");
    assert_nothing_changed(&zone.run("up --json").succeeded());

    contract_is_published(&zone, &digest);
    judged_and_a_broken_property_is_found(&zone).await;
    Box::pin(looks_from_outside(&zone)).await;
    waived_until_a_date(&zone).await;
    plain_pulumi_works(&zone);
    secrets_stay_secret(&zone);
    destroyed(&zone).await;
}

fn contract_is_published(zone: &Zone, digest: &str) {
    assert_eq!(zone.run("contract get contract/digest").succeeded().out.trim(), digest);
    let entries = zone.run("contract list --json").succeeded().objects();
    assert_eq!(entries.len(), 44, "3 keys, 24 of buses, 14 of buckets, 3 of its own");
    assert!(entries.iter().all(|e| e["value"].is_string()), "every value is published");
}

/// The three requirements' rows are judged; a property changed by hand turns the right row red, and `up` mends it.
async fn judged_and_a_broken_property_is_found(zone: &Zone) {
    let good = zone.run("verify --json").succeeded();
    for (requirement, at_least) in [("FR-417", 32), ("FR-418", 42), ("FR-419", 9)] {
        let of =
            rows(&good).into_iter().filter(|r| r["requirement"] == requirement && r["outcome"] == "passed").count();
        assert!(of >= at_least, "{requirement}: {of} rows passed\n{good}");
    }
    let unjudged: Vec<_> = rows(&good).into_iter().filter(|r| r["outcome"] == "not_evaluated").collect();
    assert_eq!(unjudged.len(), 3, "moto does not say how often a key is rotated");
    assert!(unjudged.iter().all(|r| r["reason"].is_string()), "each says why");

    let aws = client(zone).await;
    let suspended = aws_sdk_s3::types::VersioningConfiguration::builder()
        .status(aws_sdk_s3::types::BucketVersioningStatus::Suspended)
        .build();
    aws.s3
        .put_bucket_versioning()
        .bucket("bank-documents-local")
        .versioning_configuration(suspended)
        .send()
        .await
        .expect("suspended");
    let bad = zone.run("verify --json");
    assert_eq!(bad.code, Some(4), "{bad}");
    let red: Vec<_> = rows(&bad).into_iter().filter(|r| r["outcome"] == "failed").collect();
    assert_eq!(red.len(), 1, "{red:?}");
    assert_eq!(red[0]["requirement"], "FR-418");
    assert!(red[0]["name"].as_str().is_some_and(|n| n.contains("documents")), "{red:?}");
    assert_eq!(bad.summary()["failed"], 1);

    let drift = zone.run("refresh --json").succeeded();
    assert_eq!(changes(&drift).get("update"), Some(&1), "{drift}");
    let mended = zone.run("up --json").succeeded();
    assert_eq!(changes(&mended).get("update"), Some(&1), "{mended}");
    zone.run("verify --json").succeeded();
}

/// A failing row that is waived is reported as waived, and only until its date.
async fn waived_until_a_date(zone: &Zone) {
    let waiver = |until: &str| {
        format!(
            "\n[[waiver]]\nrequirement = \"FR-418\"\nscenario = \"bucket reports is closed to the public\"\nreason = \"a test\"\nuntil = \"{until}\"\napproved_by = \"tester\"\n"
        )
    };
    let shipped = std::fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
    let aws = client(zone).await;
    aws.s3.delete_public_access_block().bucket("bank-reports-local").send().await.expect("opened");

    std::fs::write(zone.path("config/local.toml"), format!("{shipped}{}", waiver("2999-12-31"))).expect("written");
    let waived = zone.run("verify --json").succeeded();
    assert_eq!(waived.summary()["waived"], 1, "{waived}");
    std::fs::write(zone.path("config/local.toml"), format!("{shipped}{}", waiver("2020-01-01"))).expect("written");
    let expired = zone.run("verify --json");
    assert_eq!((expired.code, &expired.summary()["failed"]), (Some(4), &1.into()), "{expired}");

    std::fs::write(zone.path("config/local.toml"), shipped).expect("written");
    zone.run("refresh").succeeded();
    zone.run("up").succeeded();
    zone.run("verify --json").succeeded();
}

/// What the design states of these stacks, read back by an independent client.
async fn looks_from_outside(zone: &Zone) {
    let aws = client(zone).await;
    let config = config::load(&zone.path("config"), "local").expect("the configuration");
    for bucket in &config.buckets {
        let name = config.bucket_name(&bucket.purpose);
        let tags = aws.s3.get_bucket_tagging().bucket(&name).send().await.expect("tags").tag_set;
        let tags: BTreeMap<_, _> = tags.iter().map(|t| (t.key.as_str(), t.value.as_str())).collect();
        for (key, value) in &config.tags {
            assert_eq!(tags.get(key.as_str()), Some(&value.as_str()), "{name}: tag {key}");
        }
        assert_eq!(tags.get("classification"), Some(&bucket.class.as_str()), "{name}");
        let policy =
            aws.s3.get_bucket_policy().bucket(&name).send().await.expect("a policy").policy.expect("a document");
        let sids = ["DenyInsecureTransport", "DenyUnencryptedPut", "DenyIncorrectEncryption", "DenyWrongKey"];
        let deletion = bucket.writer.is_some();
        for sid in sids.into_iter().chain(deletion.then_some("DenyLogDeletion")) {
            assert!(policy.contains(sid), "{name}: {sid}");
        }
        let life = aws.s3.get_bucket_lifecycle_configuration().bucket(&name).send().await.expect("a life cycle");
        let rule = &life.rules()[0];
        let days = |n: u32| i32::try_from(n).expect("days");
        assert_eq!(rule.expiration().and_then(|e| e.days), bucket.expire_after_days.map(days), "{name}");
        assert_eq!(rule.transitions().first().and_then(|t| t.days), bucket.glacier_after_days.map(days), "{name}");
        assert_eq!(rule.abort_incomplete_multipart_upload().and_then(|a| a.days_after_initiation), Some(7), "{name}");
        let ownership = aws.s3.get_bucket_ownership_controls().bucket(&name).send().await.expect("ownership");
        let ownership = ownership.ownership_controls.expect("rules").rules.remove(0).object_ownership;
        assert_eq!(ownership.as_str(), "BucketOwnerEnforced", "{name}");
    }
    let lock = aws.s3.get_object_lock_configuration().bucket("bank-cloudtrail-local").send().await.expect("a lock");
    let retention =
        lock.object_lock_configuration.and_then(|c| c.rule).and_then(|r| r.default_retention).expect("a retention");
    assert_eq!((retention.mode.map(|m| m.to_string()).as_deref(), retention.days), (Some("GOVERNANCE"), Some(2555)));

    for class in &config.classes {
        let alias = config.alias_name(&class.name);
        let key = aws.kms.describe_key().key_id(&alias).send().await.expect("a key").key_metadata.expect("metadata");
        assert_eq!(key.key_spec.map(|s| s.to_string()).as_deref(), Some("SYMMETRIC_DEFAULT"));
        let policy = aws
            .kms
            .get_key_policy()
            .key_id(&key.key_id)
            .policy_name("default")
            .send()
            .await
            .expect("a policy")
            .policy
            .expect("text");
        let expected = policies::key::class_key(&config.member.id, &config.region, class).to_json();
        assert!(pulumi::provider::diff::json_equal(&policy, &expected), "{alias}: {policy}");
        let tags =
            aws.kms.list_resource_tags().key_id(&key.key_id).send().await.expect("tags").tags.unwrap_or_default();
        let tags: BTreeMap<_, _> = tags.into_iter().map(|t| (t.tag_key, t.tag_value)).collect();
        assert!(config.tags.iter().all(|(k, v)| tags.get(k) == Some(v)), "{alias}: {tags:?}");
        assert_eq!(tags.get("classification"), Some(&class.name));
    }

    let operational = aws
        .kms
        .describe_key()
        .key_id("alias/bank/operational")
        .send()
        .await
        .expect("a key")
        .key_metadata
        .expect("metadata");
    for domain in &config.domains {
        let bus = aws.events.describe_event_bus().name(&domain.bus).send().await.expect("a bus");
        let queue = format!("{}-events-dlq-local", domain.bus);
        let url = aws.sqs.get_queue_url().queue_name(&queue).send().await.expect("a queue").queue_url.expect("its URL");
        let attributes =
            aws.sqs.get_queue_attributes().queue_url(&url).attribute_names(aws_sdk_sqs::types::QueueAttributeName::All);
        let attributes = attributes.send().await.expect("attributes").attributes.expect("some");
        let attribute = |name: &str| attributes.iter().find(|(k, _)| k.as_str() == name).map(|(_, v)| v.as_str());
        assert_eq!(attribute("MessageRetentionPeriod"), Some("1209600"), "{queue}: 14 days");
        assert_eq!(attribute("KmsMasterKeyId"), operational.arn.as_deref(), "{queue}");
        assert!(
            attribute("Policy").is_some_and(|p| p.contains("events.amazonaws.com") && p.contains(&domain.bus)),
            "{queue}"
        );
        let dlq = bus.dead_letter_config.and_then(|d| d.arn);
        assert_eq!(dlq.as_deref(), attribute("QueueArn"), "the bus's own dead letters");
        let tags = aws
            .events
            .list_tags_for_resource()
            .resource_arn(bus.arn.expect("an ARN"))
            .send()
            .await
            .expect("tags")
            .tags
            .unwrap_or_default();
        assert!(
            config.tags.iter().all(|(k, v)| tags.iter().any(|t| t.key == *k && t.value == *v)),
            "{}: {tags:?}",
            domain.bus
        );
        let archive = aws
            .events
            .describe_archive()
            .archive_name(format!("{}-archive-local", domain.bus))
            .send()
            .await
            .expect("an archive");
        assert_eq!(archive.retention_days, Some(30), "{}", domain.bus);
    }
}

/// `zone engine env` is all that plain `pulumi` needs, and it sees the same state.
fn plain_pulumi_works(zone: &Zone) {
    let script = "set -e; eval \"$($ZONE engine env)\"; pulumi preview --non-interactive --expect-no-changes && pulumi up --yes --non-interactive --expect-no-changes";
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(zone.path(""))
        .env("ZONE", env!("CARGO_BIN_EXE_zone"))
        .env("ZONE_TOOLS", support::tools())
        .output()
        .expect("bash");
    let said = Said::from(output).succeeded();
    assert!(said.out.contains("unchanged"), "{said}");
}

/// The passphrase is the owner's alone, and no secret is written in plain.
fn secrets_stay_secret(zone: &Zone) {
    use std::os::unix::fs::PermissionsExt;
    let file = zone.path(".zone/secrets/local.passphrase");
    assert_eq!(std::fs::metadata(&file).expect("a passphrase").permissions().mode() & 0o777, 0o600);
    let passphrase = std::fs::read_to_string(file).expect("a passphrase");
    assert!(!zone.state().to_string().contains(&passphrase), "the passphrase is not in the state");
    assert!(!zone.state().to_string().contains("AWS_SECRET"), "credentials are no provider inputs");
}

/// Nothing of ours is left but keys that wait for their deletion, and the tool says so.
async fn destroyed(zone: &Zone) {
    let said = zone.run("destroy").succeeded();
    assert!(said.err.contains("what stays: 3 KMS keys, gone after 30 days"), "{said}");
    let aws = client(zone).await;
    assert_eq!(aws.s3.list_buckets().send().await.expect("buckets").buckets().len(), 0);
    assert_eq!(aws.sqs.list_queues().send().await.expect("queues").queue_urls().len(), 0);
    let buses = aws.events.list_event_buses().send().await.expect("buses").event_buses.unwrap_or_default();
    assert!(buses.iter().all(|b| b.name.as_deref() == Some("default")), "{buses:?}");
    assert_eq!(aws.events.list_archives().send().await.expect("archives").archives().len(), 0);
    let left = aws.ssm.get_parameters_by_path().path("/bank").recursive(true).send().await.expect("parameters");
    assert_eq!(left.parameters().len(), 0);
    for key in aws.kms.list_keys().send().await.expect("keys").keys() {
        let state = aws
            .kms
            .describe_key()
            .key_id(key.key_id().expect("an id"))
            .send()
            .await
            .expect("a key")
            .key_metadata
            .expect("metadata")
            .key_state;
        assert_eq!(state.map(|s| s.to_string()).as_deref(), Some("PendingDeletion"));
    }
    assert!(zone.run("destroy").succeeded().err.contains("nothing to delete"));
}
