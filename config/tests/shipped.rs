//! The files that are shipped: what loads, and what waits for a value that only the user knows.

use std::path::Path;

use config::{Kind, Named, Zone, load};

fn shipped(environment: &str) -> Zone {
    load(Path::new(env!("CARGO_MANIFEST_DIR")), environment).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn every_shipped_environment_is_found() {
    let found = config::environments(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert_eq!(found, ["dev", "local", "prod", "uat"]);
}

#[test]
fn local_is_an_emulator_with_a_management_account() {
    let zone = shipped("local");
    assert_eq!(zone.kind, Kind::Emulator);
    assert_eq!(zone.member.id.as_ref(), "111122223333");
    assert_eq!(zone.member.role.as_deref(), Some("OrganizationAccountAccessRole"));
    assert_eq!(zone.management.as_ref().map(|m| m.account.id.as_ref()), Some("123456789012"));
    assert!(zone.force_destroy_buckets);
}

#[test]
fn dev_has_what_the_design_lists() {
    let zone = shipped("dev");
    assert_eq!(zone.kind, Kind::Aws);
    assert_eq!(zone.region.as_ref(), "ap-southeast-2");
    assert_eq!(zone.secondary_region.as_ref().map(AsRef::as_ref), Some("ap-southeast-4"));
    assert_eq!((zone.classes.len(), zone.buckets.len(), zone.domains.len()), (3, 7, 8));
    let events = zone.events.as_ref().unwrap();
    assert_eq!((events.archive_days, events.dlq_retention_days), (30, 14));
    assert_eq!(zone.required_tags, ["tenant_id", "module_id", "environment"]);
    let tags: Vec<_> = zone.tags.keys().map(String::as_str).collect();
    assert_eq!(tags, ["cost_center", "environment", "managed_by", "module_id", "system_id", "tenant_id"]);
    assert_eq!(zone.tags["environment"], "dev");
}

#[test]
fn names_follow_from_the_zone() {
    let mut zone = shipped("dev");
    assert_eq!(zone.bucket_name("iceberg"), "bank-iceberg-dev");
    assert_eq!(zone.env_name("bank-core-archive"), "bank-core-archive-dev");
    assert_eq!(zone.parameter_root(), "/bank/dev");
    assert_eq!(zone.alias_name("pii"), "alias/bank/pii");
    assert_eq!(
        zone.availability_zones(zone.network.as_ref().unwrap().own().unwrap()),
        ["ap-southeast-2a", "ap-southeast-2b", "ap-southeast-2c"]
    );
    zone.bucket_suffix = Some("x1".to_owned());
    assert_eq!(zone.bucket_name("iceberg"), "bank-iceberg-dev-x1");
}

#[test]
fn all_names_of_a_zone_are_its_own() {
    let zone = shipped("dev");
    let names = zone.names();
    let name = |named, which| {
        let found = names.0.iter().find(|name| name.named == named && name.which == which);
        found.map(|name| name.name.as_str())
    };
    assert_eq!(name(Named::Bucket, "iceberg"), Some("bank-iceberg-dev"));
    assert_eq!(name(Named::EventQueue, "bank-core"), Some("bank-core-events-dlq-dev"));
    assert_eq!(name(Named::Queue, "firehose-dlq"), Some("bank-firehose-dlq-dev"));
    assert_eq!(name(Named::Role, "break-glass"), Some("bank-platform-break-glass"));
    assert_eq!(name(Named::Domain, "staff"), Some("totara-bank-staff-dev"));
    assert_eq!(name(Named::SamplingRule, "default"), Some("bank-platform-default-dev"));
    assert_eq!(name(Named::LogGroup, "trail"), Some("/aws/cloudtrail/bank-platform-dev"));
    // where the zone says a name too, both say the same
    assert_eq!(name(Named::Trail, "platform"), Some(zone.trail_name().as_str()));
    assert_eq!(name(Named::Alias, "pii"), Some(zone.alias_name("pii").as_str()));
    assert_eq!(name(Named::Parameters, "contract"), Some(zone.parameter_root().as_str()));
    assert_eq!(name(Named::Pool, "staff"), Some(zone.full_name("staff").as_str()));
    assert_eq!(
        name(Named::Domain, "staff"),
        Some(zone.pool_domain(zone.identity.as_ref().unwrap(), &zone.pools[1]).as_str())
    );
    for (index, name) in names.0.iter().enumerate() {
        let twice = names.0[..index].iter().find(|other| other.named == name.named && other.name == name.name);
        assert_eq!(twice, None, "{name:?}");
        let twice = names.0[..index].iter().find(|other| other.named == name.named && other.which == name.which);
        assert_eq!(twice, None, "{name:?}");
    }
}

/// A table reads old files at any time: one that is in Glacier or gone breaks it.
#[test]
fn nothing_happens_to_all_objects_of_the_bucket_that_holds_tables() {
    let zone = shipped("dev");
    let lake = zone.buckets.iter().find(|bucket| bucket.purpose == zone.delivery.as_ref().unwrap().bucket).unwrap();
    assert_eq!((lake.glacier_after_days, lake.expire_after_days), (None, None));
    let folders: Vec<_> = lake.rules.iter().map(|rule| rule.prefix.as_str()).collect();
    assert_eq!(folders, ["cdc/", "usage/", "errors/"]);
    // whatever a stream delivers grows old
    for stream in &zone.streams {
        assert!(folders.iter().any(|folder| format!("{}/", stream.prefix).starts_with(folder)), "{}", stream.prefix);
    }
}

#[test]
fn the_digest_changes_with_a_value_and_with_nothing_else() {
    let zone = shipped("dev");
    assert_eq!(zone.digest().len(), 64);
    assert_eq!(zone.digest(), shipped("dev").digest());
    let mut other = zone.clone();
    other.buckets[1].expire_after_days = Some(7);
    assert_ne!(zone.digest(), other.digest());
}

#[test]
fn uat_and_prod_wait_for_their_account_and_for_nothing_else() {
    for environment in ["uat", "prod"] {
        let errors = load(Path::new(env!("CARGO_MANIFEST_DIR")), environment).unwrap_err();
        let [problem] = errors.0.as_slice() else { panic!("{errors}") };
        assert_eq!(problem.message, "missing key `account` in [member]");
        assert!(problem.hint.starts_with("write `account = \"123456789012\"` below [member]"), "{}", problem.hint);
    }
}
