//! Judgements of names, without an AWS.

use super::{
    super::{ask::Error, check::Level},
    *,
};

/// The environment `local` of the fixture.
pub(crate) fn zone() -> Zone {
    let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/tests/fixture");
    config::load(&config, "local").expect("the fixture")
}

fn kind(slug: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.slug == slug).expect("a kind")
}

fn tagged(change: impl Fn(&mut Tags)) -> Sight {
    let mut tags = zone().tags;
    tags.insert(aws::recovery::TAG.to_owned(), "a.b".to_owned());
    change(&mut tags);
    Sight::There { ids: vec!["an-id".to_owned()], whose: Whose::Tags(tags) }
}

fn judged(slug: &str, sight: Answer<Sight>, known: &[(&str, &str)]) -> Check {
    let known = known.iter().map(|(kind, id)| ((*kind).to_owned(), (*id).to_owned())).collect();
    judge(kind(slug), "logical", "a-name", sight, &zone(), &known)
}

#[test]
fn names_follow_from_the_configuration() {
    let zone = zone();
    let of = |slug: &str| (kind(slug).names)(&zone);
    let has = |slug: &str, name: &str| of(slug).iter().any(|(_, own)| own == name);
    let domains = zone.domains.len();
    assert_eq!((of("bucket").len(), of("event-bus").len()), (zone.buckets.len(), domains));
    // beside those of the domains: four roles of the platform, and the queue of failed records
    assert_eq!((of("role").len(), of("queue").len()), (domains + 4, domains + 1));
    for (slug, name) in [
        ("bucket", "acme-lake-local"),
        ("key-alias", "alias/acme/secret"),
        ("event-archive", "orders-archive-local"),
        ("queue", "orders-events-dlq-local"),
        ("queue", "acme-firehose-dlq-local"),
        ("role", "OrdersRole"),
        ("role", "acme-platform-break-glass"),
        ("policy", "acme-secrets-read"),
        ("pool-domain", "acme-people-buyers-local"),
        ("stream", "acme-facts"),
        ("log-group", "/aws/acme-platform/local"),
        ("log-group", "/aws/cloudtrail/acme-platform-local"),
        ("log-group", "/aws/kinesisfirehose/acme-facts"),
        ("trail", "acme-platform"),
        ("topic", "acme-platform-alerts-local"),
        ("sampling-rule", "acme-platform-default-local"),
    ] {
        assert!(has(slug, name), "{slug}: {name} is not in {:?}", of(slug));
    }
}

#[test]
fn what_the_state_knows_is_deployed() {
    let known = [("aws:s3/bucket:Bucket", "an-id")];
    let check = judged("bucket", Ok(tagged(Tags::clear)), &known);
    assert_eq!((check.level, check.finding.as_str()), (Level::Ok, "deployed"));
    // a trail and a bus may have the same name
    assert_eq!(judged("trail", Ok(tagged(Tags::clear)), &known).level, Level::Problem);
    let gone = judged("bucket", Ok(Sight::Free), &[("aws:s3/bucket:Bucket", "a-name")]);
    assert_eq!(gone.level, Level::Warning);
}

#[test]
fn our_tags_prove_a_thing_ours() {
    let check = judged("bucket", Ok(tagged(|_| ())), &[]);
    assert_eq!(check.level, Level::Ok);
    assert!(check.finding.contains("adopted by `zone up`"), "{}", check.finding);
    assert_eq!(judged("bucket", Ok(Sight::Free), &[]).finding, "free");
}

#[test]
fn what_is_not_ours_stands_in_the_way() {
    let untagged = judged("bucket", Ok(tagged(Tags::clear)), &[]);
    assert_eq!(untagged.level, Level::Problem);
    assert!(untagged.finding.ends_with("it carries none of our tags"), "{}", untagged.finding);
    assert!(untagged.hint.expect("a hint").ends_with("`zone up -e local --adopt an-id`"));
    assert_eq!(untagged.adopt.as_deref(), Some("an-id"));

    let half = judged("bucket", Ok(tagged(|tags| drop(tags.remove("cost-center")))), &[]);
    assert_eq!(half.level, Level::Problem);
    assert!(half.finding.ends_with("differ from ours in cost-center"), "{}", half.finding);

    let elsewhere = judged("bucket", Ok(Sight::Elsewhere("another account has it".into())), &[]);
    assert_eq!((elsewhere.level, elsewhere.finding.as_str()), (Level::Problem, "another account has it"));
}

#[test]
fn another_environment_is_named() {
    let other = judged("event-bus", Ok(tagged(|tags| drop(tags.insert("environment".into(), "uat".into())))), &[]);
    assert_eq!(other.level, Level::Problem);
    assert!(other.finding.ends_with("it is environment `uat`'s"), "{}", other.finding);
    assert!(other.hint.expect("a hint").contains("cannot share an account"));
}

#[test]
fn what_carries_no_tags_is_known_by_what_it_is_of() {
    let archive = |whose| judged("event-archive", Ok(Sight::There { ids: vec![], whose }), &[]).level;
    assert_eq!(archive(Whose::Ours("it is of a".into())), Level::Ok);
    assert_eq!(archive(Whose::NotOurs("it is of b".into())), Level::Problem);
}

#[test]
fn what_may_not_be_looked_at_is_not_evaluated() {
    let check = judged("bucket", Err(Error::new("AccessDenied: no")), &[]);
    assert_eq!((check.level, check.finding.as_str()), (Level::NotEvaluated, "AccessDenied: no"));
}

#[test]
fn an_alias_is_adopted_with_its_key() {
    let ids = vec!["alias/acme/secret".to_owned(), "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned()];
    let whose = Whose::NotOurs("it points at a key which no deployment made".to_owned());
    let check = judged("key-alias", Ok(Sight::There { ids, whose }), &[]);
    assert_eq!(
        check.adopt.as_deref(),
        Some("alias/acme/secret,logical=1234abcd-12ab-34cd-56ef-1234567890ab"),
        "a deployment makes one key a class: which one it is has to be said"
    );
}

#[test]
fn of_what_can_exist_twice_one_that_exists_is_in_nobodys_way() {
    let check = judged("vpc", Ok(tagged(Tags::clear)), &[]);
    assert_eq!(check.level, Level::Warning);
    assert!(check.finding.contains("an-id exists, and `zone up` creates another one"), "{}", check.finding);
    assert_eq!(check.adopt.as_deref(), Some("logical=an-id"));
}
