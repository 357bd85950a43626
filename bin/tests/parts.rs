//! Parts of a zone, what is promised no more, what somebody changed behind the contract's back, and what prod would be.

mod support;

use aws_sdk_ssm::types::ParameterType;
use support::{Said, Zone, look::Look};

fn look(zone: &Zone) -> Look {
    zone.run("emulator start").succeeded();
    Look::at(zone.emulator()["endpoint"].as_str().expect("an endpoint"))
}

#[track_caller]
fn assert_says(said: &Said, words: &[&str]) {
    for word in words {
        assert!(format!("{}{}", said.out, said.err).contains(word), "`{word}` is not said\n{said}");
    }
}

#[test]
fn some_stacks_are_deployed_when_what_they_need_is_there() {
    let zone = Zone::new();
    let look = look(&zone);
    let refused = zone.run("up --only storage");
    assert_eq!(refused.code, Some(2), "{refused}");
    assert_says(&refused, &["storage cannot be deployed alone", "kms (", "hint: ", "--only storage,kms"]);
    assert!(look.census().things.is_empty(), "nothing was made");

    let part = zone.run("up --only kms,storage").succeeded();
    assert_says(&part, &["the contract stays as it is", "network"]);
    let census = look.census();
    assert_eq!((census.keys.len(), census.of("buckets").len()), (3, 7));
    assert_eq!(census.things.keys().collect::<Vec<_>>(), [&"buckets"], "and nothing else");
    let misspelt = zone.run("up --only storge");
    assert_eq!(misspelt.code, Some(2), "{misspelt}");
    assert_says(&misspelt, &["there is no stack `storge`", "did you mean `storage`?"]);

    zone.run("up").succeeded();
    // with everything there, a part publishes what it changed
    zone.edit("config/zone.toml", "expire_after_days = 90", "expire_after_days = 91");
    let changed = zone.run("up --only storage").succeeded();
    assert_says(&changed, &["updated aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration artefacts"]);
    assert_says(&zone.run("contract check").succeeded(), &["75 promised: 0 broken, 0 untidy"]);
    assert_says(&zone.run("preview").succeeded(), &["no changes"]);
}

/// A domain is taken out: its bus and parameters go, and only after a run that succeeded.
#[test]
fn what_is_promised_no_more_goes_last_and_never_by_a_run_that_fails() {
    let zone = Zone::new();
    let look = look(&zone);
    zone.run("up").succeeded();
    zone.edit(
        "config/zone.toml",
        "[[domain]]\nbus = \"bank-app\"\nrole = \"BankAppRole\"\nclasses = [\"pii\", \"operational\"]\n",
        "",
    );
    // the same run cannot make a bucket whose name is somebody else's
    zone.edit("config/zone.toml", "purpose = \"reports\"", "purpose = \"taken\"");
    zone.edit("config/zone.toml", "path = \"s3/reports/name\"", "path = \"s3/taken/name\"");
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::from(support::look::REGION));
    let taken = look.clients.s3.create_bucket().bucket("bank-taken-local");
    look.ask(taken.create_bucket_configuration(place.build()).send());

    let failed = zone.run("up");
    assert_eq!(failed.code, Some(1), "{failed}");
    assert!(look.census().of("buses").contains("bank-app"), "a run that fails takes nothing away");
    assert!(look.census().of("parameters").contains("/bank/local/eventbridge/bank-app/arn"));
    assert!(look.census().of("parameters").contains("/bank/local/s3/reports/name"));

    look.ask(look.clients.s3.delete_bucket().bucket("bank-taken-local").send());
    let gone = zone.run("up").succeeded();
    assert_says(&gone, &["deleted aws:ssm/parameter:Parameter eventbridge/bank-app/arn"]);
    let census = look.census();
    assert!(!census.of("buses").contains("bank-app"));
    assert!(!census.of("parameters").iter().any(|path| path.contains("bank-app")));
    assert_says(&zone.run("contract check").succeeded(), &["0 broken, 0 untidy"]);
}

#[test]
fn a_parameter_that_somebody_changed_is_named_and_mended() {
    let zone = Zone::new();
    let look = look(&zone);
    zone.run("up").succeeded();
    let put = look.clients.ssm.put_parameter().name("/bank/local/kms/pii/arn").r#type(ParameterType::String);
    look.ask(put.value("nonsense").overwrite(true).send());
    look.ask(look.clients.ssm.delete_parameter().name("/bank/local/network/vpc-id").send());
    let checked = zone.run("contract check");
    assert_eq!(checked.code, Some(4), "{checked}");
    assert_says(
        &checked,
        &["/bank/local/kms/pii/arn", "/bank/local/network/vpc-id", "stack network", "MOD-103", "hint: ", "zone up"],
    );
    assert_says(&zone.run("up").succeeded(), &["the contract is not live as it was published"]);
    assert_says(&zone.run("contract check").succeeded(), &["75 promised: 0 broken, 0 untidy"]);
    let again = zone.run("up").succeeded();
    assert!(!again.err.contains("read anew"), "nothing is left to mend: {again}");
    assert_says(&zone.run("contract diff 1").succeeded(), &["1 -> 2: minor"]);
}

/// An organization's guardrail does not fall because a table is missing in a file.
#[test]
fn guardrails_stay_when_the_configuration_names_no_management_account_any_more() {
    let zone = Zone::new();
    zone.run("up").succeeded();
    let look = Look::at_management(zone.emulator()["endpoint"].as_str().expect("an endpoint"));
    let before = look.control_policies();
    assert_eq!(before.len(), 1, "{before:?}");
    let text = std::fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
    let table = text.find("[management]").map(|begins| &text[begins..]).expect("a management account");
    let table = table.split_once("\n\n").map_or(table, |(table, _)| table).to_owned();
    zone.edit("config/local.toml", &table, "");
    assert_says(&zone.run("preview").succeeded(), &["no changes"]);
    let said = zone.run("up --json").succeeded();
    let summary = said.objects().into_iter().next_back().expect("a summary");
    assert_eq!(
        (&summary["skipped"][0], &summary["changes"]["delete"]),
        (&"guardrails".into(), &serde_json::Value::Null)
    );
    assert_says(&zone.run("up").succeeded(), &["guardrails: skipped", "deployed before stay as they are"]);
    assert_eq!(look.control_policies(), before);
}

/// What may not be emptied stays with what guards it; without objects it goes like the rest.
#[test]
fn a_bucket_that_holds_objects_stays_whole_when_the_zone_is_destroyed() {
    let zone = Zone::new();
    zone.edit("config/local.toml", "force_destroy_buckets = true", "force_destroy_buckets = false");
    let look = look(&zone);
    zone.run("up").succeeded();
    let (s3, bucket) = (&look.clients.s3, "bank-documents-local");
    let policy = || look.ask(s3.get_bucket_policy().bucket(bucket).send()).policy.expect("a policy");
    // its policy lets nobody in without TLS, which the emulator has not
    let guard = policy();
    look.ask(s3.delete_bucket_policy().bucket(bucket).send());
    look.ask(s3.put_object().bucket(bucket).key("passport").body(b"pdf".to_vec().into()).send());
    look.ask(s3.put_bucket_policy().bucket(bucket).policy(&guard).send());

    // nor does it lose what guards it when it is configured no more; an empty one goes
    let shape = std::fs::read_to_string(zone.path("config/zone.toml")).expect("the configuration");
    let without = |purpose: &str| {
        let (before, after) = shape.split_once(&format!("[[bucket]]\npurpose = \"{purpose}\"")).expect("the bucket");
        let after = after.find("[[").map_or("", |next| &after[next..]);
        // nor does anybody read it any more
        let reads = format!("path = \"s3/{purpose}/");
        let text = format!("{before}{after}");
        let kept = text.split("\n[[").filter(|table| !(table.starts_with("consumer]]") && table.contains(&reads)));
        let kept = kept.collect::<Vec<_>>().join("\n[[");
        std::fs::write(zone.path("config/zone.toml"), kept).expect("the configuration");
    };
    without("documents");
    let refused = zone.run("up");
    assert_eq!(refused.code, Some(1), "{refused}");
    assert_says(
        &refused,
        &["`bank-documents-local` is configured no more", "nothing was changed", "hint: put it back"],
    );
    assert_eq!(policy(), guard);
    without("reports");
    assert_says(&zone.run("up").succeeded(), &["deleted"]);
    assert!(!look.census().of("buckets").contains("bank-reports-local"));

    let kept = zone.run("destroy").succeeded();
    assert_says(&kept, &["keep", "bank-documents-local", "holds objects", "what stays: bank-documents-local"]);
    assert_eq!(look.census().of("buckets").into_iter().collect::<Vec<_>>(), [bucket]);
    assert_eq!(policy(), guard);
    let encryption = look.ask(s3.get_bucket_encryption().bucket(bucket).send());
    let rules = encryption.server_side_encryption_configuration.expect("an encryption").rules;
    let by_default = rules[0].apply_server_side_encryption_by_default().expect("a default");
    let key = look.ask(look.clients.kms.describe_key().key_id(by_default.kms_master_key_id().expect("a key")).send());
    assert!(key.key_metadata.is_some_and(|key| key.enabled), "what encrypts it lives");
    assert_eq!((look.census().keys.len(), look.census().ending_keys.len()), (1, 2));

    look.ask(s3.delete_bucket_policy().bucket(bucket).send());
    let wrong = zone.run("destroy --empty bank-reports-local");
    assert_eq!(wrong.code, Some(2), "{wrong}");
    assert_says(
        &wrong,
        &["no bucket that would stay", "these would stay: `bank-documents-local`", "nothing was deleted"],
    );
    let said = zone.run("destroy --empty bank-documents-local").succeeded();
    assert_says(&said, &["empty", "all versions of all it holds"]);
    let census = look.census();
    assert!(census.things.is_empty() && census.keys.is_empty(), "{census:?}");
    assert_eq!(census.ending_keys.len(), 3);
}

/// Production as it is configured, on an emulator standing in for it: nothing is made, and what would be is protected.
#[test]
fn a_preview_of_prod_shows_protection_retention_and_policies() {
    let zone = Zone::new();
    zone.edit("config/prod.toml", "kind = \"aws\"", "kind = \"emulator\"");
    let member = "[member]\naccount = \"111122223333\"\nrole = \"OrganizationAccountAccessRole\"\n";
    zone.edit("config/prod.toml", "[member]\n", member);
    // two environments do not share an account, not even here
    std::fs::remove_file(zone.path("config/local.toml")).expect("local.toml");
    let said = zone.run("preview -e prod --json").succeeded();
    let planned: Vec<_> =
        said.objects().into_iter().filter(|o| o["status"] == "planned" && o["op"] == "create").collect();
    assert!(planned.len() > 260, "{} planned", planned.len());
    let of = |kind: &str| planned.iter().filter(move |o| o["kind"] == kind).collect::<Vec<_>>();
    let pools = of("aws:cognito/userPool:UserPool");
    assert_eq!((of("aws:kms/key:Key").len(), pools.len()), (3, 2));
    assert!(of("aws:kms/key:Key").iter().chain(&pools).all(|o| o["protect"] == true));
    assert!(pools.iter().all(|o| o["inputs"]["deletionProtection"] == "ACTIVE"), "{pools:?}");
    for bucket in of("aws:s3/bucket:Bucket") {
        let irreplaceable = ["cloudtrail", "documents"].contains(&bucket["name"].as_str().expect("a name"));
        assert_eq!(bucket["protect"], irreplaceable, "{bucket}");
    }
    let policies = of("aws:s3/bucketPolicy:BucketPolicy");
    assert_eq!(policies.len(), 7);
    // it names a key, which AWS has yet to name
    assert!(policies.iter().all(|o| o["inputs"]["policy"] == "(known once it is deployed)"), "{policies:?}");
    let locks = of("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
    let retention = serde_json::json!({ "mode": "GOVERNANCE", "days": 2555 });
    assert_eq!(locks.iter().map(|o| &o["inputs"]["rule"]["defaultRetention"]).collect::<Vec<_>>(), [&retention]);
    let groups = of("aws:cloudwatch/logGroup:LogGroup");
    assert!(!groups.is_empty() && groups.iter().all(|o| o["inputs"]["retentionInDays"] == 2557), "{groups:?}");
    assert_says(&zone.run("preview -e prod").succeeded(), &["of kms, 3 protected", "of identity, 2 protected"]);
    let shown = zone.run("config show -e prod --json").succeeded();
    let shown: serde_json::Value = serde_json::from_str(&shown.out).expect("an object");
    assert_eq!(shown["config"]["protect"], true);
    assert_eq!(shown["config"]["log_retention_days"], 2557);
    zone.run("emulator stop");
}
