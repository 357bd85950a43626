//! Parts of a zone, what is promised no more, what somebody changed behind the contract's back, what stays when a zone goes,
//! and what prod would be.

use crate::support::{self, Said, Zone, look::Look};
use aws_sdk_ssm::types::ParameterType;

/// What `contract check` says of a zone of which everything is published as it is promised.
fn all_is_well(zone: &Zone) -> String {
    let promised = zone.resources(|kind| kind == "aws:ssm/parameter:Parameter").len();
    format!("{promised} promised: 0 broken, 0 untidy")
}

#[track_caller]
fn assert_says(said: &Said, words: &[&str]) {
    for word in words {
        assert!(format!("{}{}", said.out, said.err).contains(word), "`{word}` is not said\n{said}");
    }
}

/// One zone for all of them, each beginning where the one before has ended: a deployment is what takes time.
#[test]
fn a_zone_is_deployed_in_parts_changed_and_destroyed_but_for_what_it_keeps() {
    let zone = Zone::new();
    let look = Look::at(&zone.started());
    some_stacks_are_deployed_when_what_they_need_is_there(&zone, &look);
    a_parameter_that_somebody_changed_is_named_and_mended(&zone, &look);
    guardrails_stay_when_the_configuration_names_no_management_account_any_more(&zone);
    what_is_promised_no_more_goes_last_and_never_by_a_run_that_fails(&zone, &look);
    a_bucket_that_holds_objects_stays_whole_when_the_zone_is_destroyed(&zone, &look);
}

fn some_stacks_are_deployed_when_what_they_need_is_there(zone: &Zone, look: &Look) {
    let refused = zone.run("up --only storage");
    assert_eq!(refused.code, Some(2), "{refused}");
    assert_says(&refused, &["storage cannot be deployed alone", "kms (", "hint: ", "--only storage,kms"]);
    assert!(look.census().things.is_empty(), "nothing was made");

    let part = zone.run("up --only kms,storage").succeeded();
    assert_says(&part, &["the contract stays as it is", "network"]);
    let census = look.census();
    let shape = zone.shape();
    assert_eq!((census.keys.len(), census.of("buckets").len()), (shape.classes.len(), shape.buckets.len()));
    assert_eq!(census.things.keys().collect::<Vec<_>>(), [&"buckets"], "and nothing else");
    let misspelt = zone.run("up --only storge");
    assert_eq!(misspelt.code, Some(2), "{misspelt}");
    assert_says(&misspelt, &["there is no stack `storge`", "did you mean `storage`?"]);

    zone.run("up").succeeded();
    // with everything there, a part publishes what it changed
    zone.edit("config/zone.toml", "expire_after_days = 3\n", "expire_after_days = 4\n");
    let changed = zone.run("up --only storage").succeeded();
    assert_says(&changed, &["updated aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration scratch"]);
    assert_says(&zone.run("contract check").succeeded(), &[&all_is_well(zone)]);
    assert_says(&zone.run("preview").succeeded(), &["no changes"]);
}

/// A domain is taken out: its bus and parameters go, and only after a run that succeeded.
fn what_is_promised_no_more_goes_last_and_never_by_a_run_that_fails(zone: &Zone, look: &Look) {
    zone.edit(
        "config/zone.toml",
        "[[domain]]\nbus = \"parcels\"\nrole = \"ParcelsRole\"\nclasses = [\"internal\", \"secret\"]\ninvokes = [\"orders-*QuoteHandler*\"]\n",
        "",
    );
    // the same run cannot make a bucket whose name is somebody else's
    zone.edit("config/zone.toml", "purpose = \"scratch\"", "purpose = \"taken\"");
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::from(support::look::REGION));
    let somebody = Look::at_management(&zone.started());
    let taken = somebody.clients.s3.create_bucket().bucket("acme-taken-local");
    somebody.ask(taken.create_bucket_configuration(place.build()).send());

    let failed = zone.run("up");
    assert_eq!(failed.code, Some(1), "{failed}");
    assert!(look.census().of("buses").contains("parcels"), "a run that fails takes nothing away");
    assert!(look.census().of("parameters").contains("/acme/local/eventbridge/parcels/arn"));
    assert!(look.census().of("parameters").contains("/acme/local/s3/scratch/name"));

    somebody.ask(somebody.clients.s3.delete_bucket().bucket("acme-taken-local").send());
    let gone = zone.run("up").succeeded();
    assert_says(&gone, &["deleted aws:ssm/parameter:Parameter eventbridge/parcels/arn"]);
    let census = look.census();
    assert!(!census.of("buses").contains("parcels"));
    assert!(!census.of("parameters").iter().any(|path| path.contains("parcels")));
    assert_says(&zone.run("contract check").succeeded(), &["0 broken, 0 untidy"]);
}

fn a_parameter_that_somebody_changed_is_named_and_mended(zone: &Zone, look: &Look) {
    let put = look.clients.ssm.put_parameter().name("/acme/local/kms/secret/arn").r#type(ParameterType::String);
    look.ask(put.value("nonsense").overwrite(true).send());
    look.ask(look.clients.ssm.delete_parameter().name("/acme/local/network/vpc-id").send());
    let checked = zone.run("contract check");
    assert_eq!(checked.code, Some(4), "{checked}");
    assert_says(
        &checked,
        &["/acme/local/kms/secret/arn", "/acme/local/network/vpc-id", "stack network", "the safe", "hint: ", "zone up"],
    );
    assert_says(
        &zone.run("up").succeeded(),
        &["live values differ from what was published: refreshed 2 contract parameters"],
    );
    assert_says(&zone.run("contract check").succeeded(), &[&all_is_well(zone)]);
    let again = zone.run("up").succeeded();
    assert!(!again.err.contains("live values differ"), "nothing is left to mend: {again}");
    // a right value of another thing shows in the digest alone, and is one parameter all the same
    let vpc = look.ask(look.clients.ssm.get_parameter().name("/acme/local/network/vpc-id").send());
    let other = vpc.parameter.and_then(|vpc| vpc.value).expect("an id").replace("vpc-", "vpc-0");
    let put = look.clients.ssm.put_parameter().name("/acme/local/network/vpc-id").value(other).overwrite(true);
    look.ask(put.send());
    assert_says(
        &zone.run("up").succeeded(),
        &["live values differ from what was published: refreshed 1 contract parameter\n"],
    );
    assert_says(&zone.run("contract diff 1").succeeded(), &["1 -> 2: minor"]);
}

/// An organization's guardrail does not fall because a table is missing in a file.
fn guardrails_stay_when_the_configuration_names_no_management_account_any_more(zone: &Zone) {
    let look = Look::at_management(&zone.started());
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
    std::fs::write(zone.path("config/local.toml"), text).expect("local.toml is written");
}

/// What may not be emptied stays with what guards it; without objects it goes like the rest.
fn a_bucket_that_holds_objects_stays_whole_when_the_zone_is_destroyed(zone: &Zone, look: &Look) {
    zone.edit("config/local.toml", "force_destroy_buckets = true", "force_destroy_buckets = false");
    zone.run("up").succeeded();
    let classes = zone.shape().classes.len();
    let (s3, bucket) = (&look.clients.s3, "acme-invoices-local");
    let policy = || look.ask(s3.get_bucket_policy().bucket(bucket).send()).policy.expect("a policy");
    // its policy lets nobody in without TLS, which the emulator has not
    let guard = policy();
    look.ask(s3.delete_bucket_policy().bucket(bucket).send());
    look.ask(s3.put_object().bucket(bucket).key("passport").body(b"pdf".to_vec().into()).send());
    look.ask(s3.put_bucket_policy().bucket(bucket).policy(&guard).send());

    // nor does it lose what guards it when it is no longer configured; an empty one goes
    let shape = std::fs::read_to_string(zone.path("config/zone.toml")).expect("the configuration");
    let without = |purpose: &str| {
        let (before, after) = shape.split_once(&format!("[[bucket]]\npurpose = \"{purpose}\"")).expect("the bucket");
        let after = after.find("[[").map_or("", |next| &after[next..]);
        let kept = format!("{before}{after}");
        std::fs::write(zone.path("config/zone.toml"), kept).expect("the configuration");
    };
    without("invoices");
    let refused = zone.run("up");
    assert_eq!(refused.code, Some(1), "{refused}");
    assert_says(
        &refused,
        &["`acme-invoices-local` is no longer configured", "nothing was changed", "hint: put it back"],
    );
    assert_eq!(policy(), guard);
    without("taken");
    assert_says(&zone.run("up").succeeded(), &["deleted"]);
    assert!(!look.census().of("buckets").contains("acme-taken-local"));

    let kept = zone.run("destroy").succeeded();
    assert_says(&kept, &["keep", "acme-invoices-local", "holds objects", "what stays: acme-invoices-local"]);
    assert_eq!(look.census().of("buckets").into_iter().collect::<Vec<_>>(), [bucket]);
    assert_eq!(policy(), guard);
    let encryption = look.ask(s3.get_bucket_encryption().bucket(bucket).send());
    let rules = encryption.server_side_encryption_configuration.expect("an encryption").rules;
    let by_default = rules[0].apply_server_side_encryption_by_default().expect("a default");
    let key = look.ask(look.clients.kms.describe_key().key_id(by_default.kms_master_key_id().expect("a key")).send());
    assert!(key.key_metadata.is_some_and(|key| key.enabled), "what encrypts it lives");
    assert_eq!((look.census().keys.len(), look.census().ending_keys.len()), (1, classes - 1));

    look.ask(s3.delete_bucket_policy().bucket(bucket).send());
    let wrong = zone.run("destroy --empty acme-taken-local");
    assert_eq!(wrong.code, Some(2), "{wrong}");
    assert_says(
        &wrong,
        &["no such bucket would stay", "these would stay: `acme-invoices-local`", "nothing was deleted"],
    );
    let said = zone.run("destroy --empty acme-invoices-local").succeeded();
    assert_says(&said, &["empty", "all object versions"]);
    let census = look.census();
    assert!(census.things.is_empty() && census.keys.is_empty(), "{census:?}");
    assert_eq!(census.ending_keys.len(), classes);
}

/// A protected environment, on an emulator standing in for AWS: nothing is made, and what would be is protected.
#[test]
fn a_preview_of_prod_shows_protection_retention_and_policies() {
    let zone = Zone::new();
    zone.edit("config/prod.toml", "kind = \"aws\"", "kind = \"emulator\"");
    zone.edit("config/prod.toml", "[member]\n", "[member]\nrole = \"OrganizationAccountAccessRole\"\n");
    let shape = config::load(&zone.path("config"), "prod").unwrap_or_else(|errors| panic!("{errors}"));
    let said = zone.run("preview -e prod --json").succeeded();
    let planned: Vec<_> =
        said.objects().into_iter().filter(|o| o["status"] == "planned" && o["op"] == "create").collect();
    let of = |kind: &str| planned.iter().filter(move |o| o["kind"] == kind).collect::<Vec<_>>();
    let (keys, pools) = (of("aws:kms/key:Key"), of("aws:cognito/userPool:UserPool"));
    assert_eq!((keys.len(), pools.len()), (shape.classes.len(), shape.pools.len()));
    assert!(keys.iter().chain(&pools).all(|o| o["protect"] == true));
    assert!(pools.iter().all(|o| o["inputs"]["deletionProtection"] == "ACTIVE"), "{pools:?}");
    for bucket in &shape.buckets {
        let buckets = of("aws:s3/bucket:Bucket");
        let planned = buckets.iter().find(|o| o["name"] == bucket.purpose.as_str()).expect("it is planned");
        assert_eq!(planned["protect"], bucket.irreplaceable, "{planned}");
    }
    let policies = of("aws:s3/bucketPolicy:BucketPolicy");
    assert_eq!(policies.len(), shape.buckets.len());
    // it names a key, which AWS has yet to name
    assert!(policies.iter().all(|o| o["inputs"]["policy"] == "(known once it is deployed)"), "{policies:?}");
    let locks = of("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
    let days: Vec<_> = shape.buckets.iter().filter_map(|bucket| bucket.object_lock_days).collect();
    let retention: Vec<_> = days.iter().map(|days| serde_json::json!({ "mode": "GOVERNANCE", "days": days })).collect();
    let planned: Vec<_> = locks.iter().map(|o| o["inputs"]["rule"]["defaultRetention"].clone()).collect();
    assert_eq!(planned, retention);
    let groups = of("aws:cloudwatch/logGroup:LogGroup");
    assert!(!groups.is_empty(), "{said}");
    assert!(groups.iter().all(|o| o["inputs"]["retentionInDays"] == shape.log_retention_days), "{groups:?}");
    let (kms, identity) = (keys.len(), pools.len());
    let protected = [format!("of kms, {kms} protected"), format!("of identity, {identity} protected")];
    assert_says(&zone.run("preview -e prod").succeeded(), &protected.each_ref().map(String::as_str));
    let shown = zone.run("config show -e prod --json").succeeded();
    let shown: serde_json::Value = serde_json::from_str(&shown.out).expect("an object");
    assert_eq!(shown["config"]["protect"], true);
    assert_eq!(shown["config"]["log_retention_days"], shape.log_retention_days);
    zone.run("emulator stop -e prod");
}
