use std::time::Duration;

use super::{
    Bucket, Patience, Place,
    stub::{BUCKET, Fault, Stub},
};
use crate::{
    error::Failure,
    store::{If, Store, Version, Written},
};

fn place() -> Place {
    Place { bucket: BUCKET.to_owned(), region: "eu-central-1".to_owned(), ..Place::default() }
}

/// What a read says when each request ends so.
async fn read_with(fault: Fault) -> Failure {
    let stub = Stub::start().await;
    stub.faults(move |_| Some(fault.clone()));
    stub.bucket("zone").get("key").await.expect_err("it fails")
}

fn hint(failure: &Failure) -> &str {
    failure.hint.as_deref().unwrap_or_default()
}

#[tokio::test]
async fn the_age_of_an_object_is_by_the_clock_of_s3() {
    let stub = Stub::start().await;
    let bucket = stub.bucket("");
    bucket.put("key", b"1", If::Always).await.unwrap();
    let age = async || bucket.get("key").await.unwrap().unwrap().age;
    assert_eq!(age().await, Duration::ZERO);
    stub.wait(75);
    assert_eq!(age().await, Duration::from_secs(75));
    // the hosts of S3 need not agree to the second
    stub.wait(-100);
    assert_eq!(age().await, Duration::ZERO);
    bucket.put("key", b"2", If::Always).await.unwrap();
    stub.wait(3);
    assert_eq!(age().await, Duration::from_secs(3));
}

#[tokio::test]
async fn its_versions_are_those_of_one_key_and_each_can_be_read() {
    let stub = Stub::start().await;
    stub.page(2);
    let bucket = stub.bucket("zone");
    for body in [b"1".as_slice(), b"22", b"333"] {
        bucket.put("key", body, If::Always).await.unwrap();
        bucket.put("key.bak", body, If::Always).await.unwrap();
        stub.wait(10);
    }
    bucket.delete("key").await.unwrap();
    let versions = bucket.versions("key").await.unwrap();
    let seen: Vec<_> = versions.iter().map(|kept| (kept.size, kept.at - versions[0].at)).collect();
    assert_eq!(seen, [(3, 0), (2, -10), (1, -20)], "the newest first, although it was deleted");
    assert_eq!(bucket.version("key", &versions[1].id).await.unwrap().as_deref(), Some(b"22".as_slice()));
    for unknown in ["7", "never-given"] {
        assert_eq!(bucket.version("key", unknown).await.unwrap(), None, "{unknown}");
    }
    assert_eq!(bucket.versions("other").await.unwrap(), []);

    stub.faults(|_| Some(Fault::Answer(403, "AccessDenied")));
    let failure = bucket.versions("key").await.expect_err("it fails");
    assert!(hint(&failure).contains("s3:ListBucketVersions"), "{failure}");
    let failure = bucket.version("key", "0").await.expect_err("it fails");
    assert!(hint(&failure).contains("s3:GetObjectVersion"), "{failure}");
}

#[tokio::test]
async fn a_write_whose_answer_got_lost_is_not_refused_and_one_of_another_is() {
    let stub = Stub::start().await;
    let bucket = stub.bucket("");
    stub.faults(|request| (request.number == 0).then_some(Fault::CutAfter));
    let Written::Done(version) = bucket.put("key", b"mine", If::Absent).await.unwrap() else { panic!("it is written") };
    let methods: Vec<_> = stub.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["PUT", "PUT", "GET"], "the second was refused, and the object read back");
    assert_eq!(bucket.get("key").await.unwrap().unwrap().version, version, "it is the version that is there");

    let before = stub.requests().len();
    stub.faults(move |request| (request.number == before).then_some(Fault::CutAfter));
    let written = bucket.put("key", b"mine, too", If::Is(&version)).await.unwrap();
    assert!(matches!(written, Written::Done(_)), "{written:?}");

    // the same, but the first attempt did not arrive, and another one wrote meanwhile
    let before = stub.requests().len();
    stub.faults(move |request| (request.number == before).then_some(Fault::CutBefore));
    assert_eq!(bucket.put("key", b"late", If::Is(&version)).await.unwrap(), Written::Refused);
    assert_eq!(bucket.get("key").await.unwrap().unwrap().body, b"mine, too");
}

#[tokio::test]
async fn an_attempt_without_an_answer_is_made_again() {
    let stub = Stub::start().await;
    let patience = Patience { attempt: Duration::from_millis(100), ..Patience::default() };
    let bucket = stub.bucket("").with_patience(patience);
    stub.faults(|request| (request.number == 0).then_some(Fault::Silence));
    assert!(matches!(bucket.put("key", b"1", If::Absent).await.unwrap(), Written::Done(_)));
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn patience_ends_and_says_what_was_wrong() {
    let stub = Stub::start().await;
    let patience = Patience {
        total: Duration::from_millis(200),
        first: Duration::from_millis(20),
        longest: Duration::from_millis(20),
        ..Patience::default()
    };
    let bucket = stub.bucket("zone").with_patience(patience);
    stub.faults(|_| Some(Fault::Answer(503, "SlowDown")));
    let failure = bucket.put("key", b"1", If::Absent).await.expect_err("S3 is busy");
    let message = "writing object `key` in `s3://state-of-dev/zone`: no success after 0 s: SlowDown";
    assert_eq!(failure.message, message);
    assert!(hint(&failure).contains("network"), "{failure}");
    assert!(stub.requests().len() > 5, "it was tried that often");
    assert!(bucket.get("key").await.is_err(), "a busy S3 does not pass for an empty one");
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let stub = Stub::start().await;
    stub.faults(|_| Some(Fault::Answer(403, "AccessDenied")));
    stub.bucket("").list(".zone/").await.expect_err("it is denied");
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn a_bucket_that_is_gone_or_elsewhere_is_named() {
    let stub = Stub::start().await;
    let gone = stub.bucket_at(Place { bucket: "gone".to_owned(), ..place() });
    for failure in [
        gone.get("key").await.expect_err("there is no bucket"),
        gone.put("key", b"1", If::Absent).await.expect_err("there is no bucket"),
        gone.put("key", b"1", If::Is(&Version("\"1\"".to_owned()))).await.expect_err("there is no bucket"),
        gone.delete("key").await.expect_err("there is no bucket"),
        gone.list("key").await.expect_err("there is no bucket"),
    ] {
        let message = failure.message.replace("key*", "key");
        assert!(message.ends_with("`key` in `s3://gone`: bucket `gone` does not exist"), "{failure}");
        assert!(hint(&failure).contains("account"), "{failure}");
    }
    let failure = read_with(Fault::Answer(301, "PermanentRedirect")).await;
    assert!(
        failure.message.ends_with("bucket `state-of-dev` is in region `us-west-2`, not in `eu-central-1`"),
        "{failure}"
    );
    assert_eq!(hint(&failure), "set the region of the state to `us-west-2`");
}

#[tokio::test]
async fn a_denial_names_the_permission_and_the_bucket() {
    let stub = Stub::start().await;
    let bucket = stub.bucket("");
    stub.faults(|_| Some(Fault::Says(403, "AccessDenied", "Access Denied")));
    let failure = bucket.put("key", b"1", If::Absent).await.expect_err("it is denied");
    assert_eq!(failure.message, "writing object `key` in `s3://state-of-dev`: AccessDenied: Access Denied");
    assert!(hint(&failure).starts_with("allow `s3:PutObject` on bucket `state-of-dev`; S3 also"), "{failure}");
    assert!(hint(&failure).ends_with("does not belong to account `123456789012`"), "{failure}");
    for (failure, permission) in [
        (bucket.get("key").await.expect_err("it is denied"), "`s3:GetObject` and `s3:ListBucket`"),
        (bucket.delete("key").await.expect_err("it is denied"), "`s3:DeleteObject`"),
        (bucket.list("key").await.expect_err("it is denied"), "`s3:ListBucket`"),
    ] {
        assert!(hint(&failure).starts_with(&format!("allow {permission} on bucket")), "{failure}");
    }
    let anyones = stub.bucket_at(place()).get("key").await.expect_err("it is denied");
    assert!(!hint(&anyones).contains("account"), "no account was expected: {anyones}");

    let text = "User: arn:aws:iam::123456789012:role/ci is not authorized to perform: kms:Decrypt on resource: k";
    let failure = read_with(Fault::Says(403, "AccessDenied", text)).await;
    assert!(hint(&failure).contains("`kms:GenerateDataKey` and `kms:Decrypt`"), "{failure}");
    let failure = read_with(Fault::Says(400, "KMS.DisabledException", "the key is disabled")).await;
    assert!(hint(&failure).contains("enabled"), "{failure}");
}

#[tokio::test]
async fn a_wrong_clock_and_old_credentials_have_a_way_out() {
    let failure = read_with(Fault::Answer(403, "RequestTimeTooSkewed")).await;
    assert!(hint(&failure).starts_with("set the clock of this machine"), "{failure}");
    let failure = read_with(Fault::Answer(400, "ExpiredToken")).await;
    assert!(hint(&failure).starts_with("renew the AWS credentials"), "{failure}");
}

#[tokio::test]
async fn the_probe_finds_an_s3_without_conditions_and_leaves_nothing() {
    let stub = Stub::start().await;
    stub.bucket("zone").probe().await.expect("the stub keeps to conditions");
    assert_eq!(stub.keys(), Vec::<String>::new());

    stub.faults(|request| (request.number % 2 == 0).then_some(Fault::CutAfter));
    stub.bucket("zone").probe().await.expect("a lost answer is not taken for a condition that does not count");
    assert_eq!(stub.keys(), Vec::<String>::new());

    let stub = Stub::start().await;
    stub.ignore_conditions();
    let failure = stub.bucket("zone").probe().await.expect_err("the second write succeeds");
    assert!(failure.message.contains("takes no notice of conditions"), "{failure}");
    assert!(hint(&failure).contains("keep the state in a folder"), "{failure}");
    assert_eq!(stub.keys(), Vec::<String>::new());

    let stub = Stub::start().await;
    let conditional = |name: &str| name == "if-none-match" || name == "if-match";
    stub.faults(move |request| {
        request.headers.keys().any(|name| conditional(name)).then_some(Fault::Answer(501, "NotImplemented"))
    });
    let failure = stub.bucket("zone").probe().await.expect_err("there are no conditions");
    assert!(failure.message.ends_with("this S3 does not support conditional writes"), "{failure}");
    assert!(hint(&failure).contains("keep the state in a folder"), "{failure}");
}

#[tokio::test]
async fn half_a_journal_is_none_and_is_cleared_away() {
    let stub = Stub::start().await;
    let bucket = stub.bucket("zone");
    for number in 0..40 {
        bucket.append("killed", number, b"[]").await.unwrap();
        bucket.append("whole", number, format!("[{number}]").as_bytes()).await.unwrap();
    }
    // `forget` ends after its first deletion
    stub.faults(|request| {
        (request.method == "DELETE" && !request.key.ends_with("/00000000.json"))
            .then_some(Fault::Answer(403, "AccessDenied"))
    });
    bucket.forget("killed").await.expect_err("the rest may not be deleted");
    assert_eq!(bucket.batches("killed").await.unwrap(), Vec::<Vec<u8>>::new(), "no shorter journal looks whole");
    assert_eq!(bucket.journals().await.unwrap(), ["whole"], "also for who may not delete");
    assert!(stub.keys().iter().any(|key| key.contains("killed")));
    stub.faults(|_| None);
    assert_eq!(bucket.journals().await.unwrap(), ["whole"]);
    let left = |stub: &Stub| stub.keys().iter().filter(|key| key.contains("killed")).count();
    assert_eq!(left(&stub), 1, "but for the last one, which a suspended writer may have to find");
    stub.wait(31 * 24 * 60 * 60);
    assert_eq!(bucket.journals().await.unwrap(), ["whole"]);
    assert_eq!(left(&stub), 0, "the rest is gone");

    let batches = bucket.batches("whole").await.unwrap();
    assert_eq!(batches, (0..40).map(|number| format!("[{number}]").into_bytes()).collect::<Vec<_>>());
    bucket.delete(".zone/journal/whole/00000017.json").await.unwrap();
    assert_eq!(bucket.batches("whole").await.unwrap(), batches[..17], "it ends before the first that is missing");
}

#[tokio::test]
async fn a_writer_that_comes_back_to_life_finds_the_seal_of_its_journal() {
    let stub = Stub::start().await;
    let bucket = stub.bucket("zone");
    for number in 0..3 {
        bucket.append("j", number, format!("[{number}]").as_bytes()).await.unwrap();
    }
    // another run seals it, folds it, and forgets it; and others come after that
    bucket.append("j", 3, b"seal").await.unwrap();
    bucket.forget_but("j", 3).await.unwrap();
    for _ in 0..2 {
        assert_eq!(bucket.journals().await.unwrap(), [""; 0]);
        assert_eq!(bucket.append("j", 3, b"[3]").await.unwrap(), Written::Refused);
    }
}

#[test]
fn the_names_are_those_of_plain_pulumi() {
    let config =
        aws_sdk_s3::Config::builder().behavior_version(aws_sdk_s3::config::BehaviorVersion::v2026_01_12()).build();
    let bucket = |place| Bucket::new(aws_sdk_s3::Client::from_conf(config.clone()), place);
    assert_eq!(bucket(place()).url(), "s3://state-of-dev?region=eu-central-1");
    let deep =
        bucket(Place { prefix: "/a/b/".to_owned(), endpoint: Some("http://127.0.0.1:4566".to_owned()), ..place() });
    let url = "s3://state-of-dev/a/b?region=eu-central-1&endpoint=http%3A%2F%2F127.0.0.1%3A4566&use_path_style=true";
    assert_eq!(deep.url(), format!("{url}&response_checksum_validation=when_required"));
    assert_eq!(deep.name(), "s3://state-of-dev/a/b");
}

#[tokio::test]
async fn a_url_is_read_as_it_is_written() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
    let url = format!("s3://acme-state-dev?region=eu-west-1&awssdk=v2&ssetype=aws:kms&kmskeyid={key}");
    let place = Place::parse(&url).expect("the zone's own");
    let expected = Place {
        bucket: "acme-state-dev".to_owned(),
        region: "eu-west-1".to_owned(),
        kms_key: Some(key.to_owned()),
        ..Place::default()
    };
    assert_eq!(place, expected);
    let emulated =
        Place { endpoint: Some("http://127.0.0.1:5000".to_owned()), prefix: "zones/dev".to_owned(), ..place };
    let written = Stub::start().await.bucket_at(emulated.clone()).url();
    assert_eq!(Place::parse(&written), Ok(emulated), "{written}");
    for wrong in ["https://acme", "s3://", "s3:///folder"] {
        assert!(Place::parse(wrong).is_err(), "{wrong}");
    }
}
