//! What every store keeps to: one set of tests for all of them.

use std::sync::Arc;

use super::{Bucket, Folder, If, Store, Version, Written, bucket::stub::Stub};

fn done(written: Written) -> Version {
    match written {
        Written::Done(version) => version,
        Written::Refused => panic!("it is written"),
    }
}

/// What the write of an object promises.
async fn writes(store: Arc<dyn Store>) {
    let key = ".pulumi/stacks/zone/dev.json";
    assert_eq!(store.get(key).await.unwrap(), None);
    let absent = Version("none".to_owned());
    assert_eq!(store.put(key, b"0", If::Is(&absent)).await.unwrap(), Written::Refused, "nothing is there to replace");
    assert_eq!(store.get(key).await.unwrap(), None, "a refused write leaves nothing");

    let first = done(store.put(key, b"1", If::Absent).await.unwrap());
    assert_eq!(store.put(key, b"other", If::Absent).await.unwrap(), Written::Refused);
    let there = store.get(key).await.unwrap().unwrap();
    assert_eq!((there.body.as_slice(), &there.version), (&b"1"[..], &first));

    let second = done(store.put(key, b"2", If::Is(&first)).await.unwrap());
    assert_ne!(first, second);
    assert_eq!(store.put(key, b"3", If::Is(&first)).await.unwrap(), Written::Refused, "it was written in between");
    assert_eq!(store.get(key).await.unwrap().unwrap().body, b"2");

    let third = done(store.put(key, b"", If::Always).await.unwrap());
    let there = store.get(key).await.unwrap().unwrap();
    assert_eq!((there.body.as_slice(), &there.version), (&b""[..], &third), "an object can be empty");

    store.delete(key).await.unwrap();
    assert_eq!(store.get(key).await.unwrap(), None);
    store.delete(key).await.expect("what is gone can be deleted");
    done(store.put(key, b"4", If::Absent).await.unwrap());
}

/// What a listing promises.
async fn listings(store: Arc<dyn Store>) {
    assert_eq!(store.list("").await.unwrap(), Vec::<String>::new());
    for key in ["b/2", "b/10", "a", "b/c/d e+f", "bc"] {
        done(store.put(key, b"x", If::Always).await.unwrap());
    }
    assert_eq!(store.list("").await.unwrap(), ["a", "b/10", "b/2", "b/c/d e+f", "bc"]);
    assert_eq!(store.list("b/").await.unwrap(), ["b/10", "b/2", "b/c/d e+f"]);
    assert_eq!(store.list("b").await.unwrap(), ["b/10", "b/2", "b/c/d e+f", "bc"]);
    assert_eq!(store.list("nothing/").await.unwrap(), Vec::<String>::new());
    assert_eq!(store.get("b/c/d e+f").await.unwrap().unwrap().body, b"x");
}

/// What a journal promises.
async fn journals(store: Arc<dyn Store>) {
    assert_eq!(store.batches("run").await.unwrap(), Vec::<Vec<u8>>::new());
    assert_eq!(store.journals().await.unwrap(), Vec::<String>::new());
    for number in 0..12 {
        done(store.append("run", number, format!("[{number}]").as_bytes()).await.unwrap());
    }
    done(store.append("other", 0, b"[]").await.unwrap());
    let batches = store.batches("run").await.unwrap();
    assert_eq!(batches, (0..12).map(|number| format!("[{number}]").into_bytes()).collect::<Vec<_>>());
    assert_eq!(store.journals().await.unwrap(), ["other", "run"]);

    for number in [0, 11] {
        let again = format!("[{number}]");
        done(store.append("run", number, again.as_bytes()).await.expect("the same batch again is no other one"));
        assert_eq!(store.append("run", number, b"[\"another\"]").await.unwrap(), Written::Refused);
    }
    assert_eq!(store.batches("run").await.unwrap(), batches, "neither changed the journal");

    store.forget("run").await.unwrap();
    assert_eq!(store.batches("run").await.unwrap(), Vec::<Vec<u8>>::new());
    assert_eq!(store.journals().await.unwrap(), ["other"]);
    store.forget("run").await.expect("what is gone can be deleted");
    done(store.append("run", 0, b"[\"new\"]").await.unwrap());
    assert_eq!(store.batches("run").await.unwrap(), [b"[\"new\"]"]);
}

/// A run that was taken over finds the seal where its next batch belongs.
async fn seals(former: Arc<dyn Store>, taker: Arc<dyn Store>) {
    done(former.append("run", 0, b"[0]").await.unwrap());
    done(former.append("run", 1, b"[1]").await.unwrap());
    let seal = taker.batches("run").await.unwrap().len();
    done(taker.append("run", u32::try_from(seal).unwrap(), b"{\"sealed\":2}").await.unwrap());
    assert_eq!(former.append("run", 2, b"[2]").await.unwrap(), Written::Refused);
    assert_eq!(taker.batches("run").await.unwrap(), [&b"[0]"[..], b"[1]", b"{\"sealed\":2}"]);
}

#[tokio::test]
async fn a_folder_keeps_to_the_rules() {
    let dir = || tempfile::tempdir().expect("a folder");
    let (first, second, third, fourth) = (dir(), dir(), dir(), dir());
    let folder = |dir: &tempfile::TempDir| Arc::new(Folder::new(dir.path())) as Arc<dyn Store>;
    writes(folder(&first)).await;
    listings(folder(&second)).await;
    journals(folder(&third)).await;
    seals(folder(&fourth), folder(&fourth)).await;
}

async fn bucket_keeps_to_the_rules(stub: &Stub) {
    let bucket = |prefix: &str| Arc::new(stub.bucket(prefix)) as Arc<dyn Store>;
    // what is not below the prefix is another's
    stub.place("z", b"another's");
    writes(bucket("writes")).await;
    listings(bucket("listings/with/depth/")).await;
    journals(bucket("journals")).await;
    seals(bucket("seals"), bucket("seals")).await;
}

#[tokio::test]
async fn a_bucket_keeps_to_the_rules() {
    let stub = Stub::start().await;
    bucket_keeps_to_the_rules(&stub).await;
    let owners: Vec<_> =
        stub.requests().iter().map(|r| r.headers.get("x-amz-expected-bucket-owner").cloned()).collect();
    assert!(owners.iter().all(|owner| owner.as_deref() == Some("123456789012")), "{owners:?}");
}

#[tokio::test]
async fn a_bucket_keeps_to_the_rules_in_pages_of_two_keys() {
    let stub = Stub::start().await;
    stub.page(2);
    bucket_keeps_to_the_rules(&stub).await;
}

#[tokio::test]
async fn a_whole_bucket_keeps_to_the_rules() {
    let (first, second, third) = (Stub::start().await, Stub::start().await, Stub::start().await);
    let bucket = |stub: &Stub| Arc::new(stub.bucket("")) as Arc<Bucket>;
    writes(bucket(&first)).await;
    listings(bucket(&second)).await;
    journals(bucket(&third)).await;
}

mod faults {
    use super::{
        super::bucket::stub::{Fault, Stub},
        bucket_keeps_to_the_rules,
    };

    /// The rules hold when every second request fails so.
    async fn hold_with(fault: Fault) {
        let stub = Stub::start().await;
        stub.faults(move |request| (request.number % 2 == 0).then(|| fault.clone()));
        bucket_keeps_to_the_rules(&stub).await;
        assert!(stub.requests().len() > 100, "there were that many requests");
    }

    #[tokio::test]
    async fn every_second_request_is_throttled() {
        hold_with(Fault::Answer(503, "SlowDown")).await;
    }

    #[tokio::test]
    async fn every_second_request_fails_in_s3() {
        hold_with(Fault::Answer(500, "InternalError")).await;
    }

    #[tokio::test]
    async fn every_second_request_meets_another_write() {
        hold_with(Fault::Answer(409, "ConditionalRequestConflict")).await;
    }

    #[tokio::test]
    async fn every_second_connection_is_cut_before_the_request_is_carried_out() {
        hold_with(Fault::CutBefore).await;
    }

    #[tokio::test]
    async fn every_second_connection_is_cut_after_the_request_was_carried_out() {
        hold_with(Fault::CutAfter).await;
    }

    #[tokio::test]
    async fn every_second_answer_ends_in_its_middle() {
        hold_with(Fault::CutWithin).await;
    }
}
