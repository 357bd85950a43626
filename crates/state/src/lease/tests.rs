use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Holder, Lease, Lost, Seen, Taken, Times, double::Double, key};
use crate::{
    error::{Exit, Result},
    store::{
        If, Store, Written,
        bucket::stub::{Fault, Stub},
    },
};

/// A holder that is called `name`, on a machine and in a checkout of its own.
fn holder(name: &str) -> Holder {
    Holder {
        user: name.to_owned(),
        host: format!("{name}-laptop"),
        process: 7,
        place: format!("{name}-laptop:/zone"),
        command: "zone up".to_owned(),
        since: "2026-11-26T08:00:00Z".to_owned(),
        run: format!("run-of-{name}"),
    }
}

/// A lease that is not renewed while a test lasts.
const NEVER: Times = Times { lease: Duration::from_secs(60), renewal: Duration::from_secs(3600) };
/// One that is renewed all the time. The clock that its length is measured with stands still.
const ALWAYS: Times = Times { lease: Duration::from_secs(60), renewal: Duration::from_millis(1) };

async fn take(store: &Arc<Double>, name: &str, times: Times) -> Result<Taken> {
    Lease::take(store.clone(), &"dev".into(), holder(name), times).await
}

async fn seen(store: &dyn Store) -> Seen {
    Lease::look(store, &"dev".into()).await.expect("it can be read").expect("somebody took it once")
}

#[tokio::test]
async fn a_free_lease_is_taken_and_a_held_one_refused() {
    let store = Arc::new(Double::default());
    assert_eq!(Lease::look(&*store, &"dev".into()).await.unwrap(), None);
    let taken = take(&store, "ann", NEVER).await.expect("it is free");
    assert_eq!((taken.lease.fence(), taken.former, taken.last), (1, None, Value::Null));

    store.wait(60);
    let failure = take(&store, "bob", NEVER).await.expect_err("ann has it");
    assert_eq!(failure.exit, Exit::Busy);
    let message = "`zone up` of ann@ann-laptop (process 7) is at work on environment `dev` in `memory`, since 2026-11-26T08:00:00Z";
    assert_eq!(failure.message, message);
    let hint = failure.hint.unwrap();
    assert!(
        hint.contains("60 s after the last renewal, which was 60 s ago") && hint.contains("zone unlock -e dev"),
        "{hint}"
    );

    taken.lease.release(json!({"ended": true})).await.expect("ann has it");
    assert_eq!(seen(&*store).await.holder, None);
    let taken = take(&store, "bob", NEVER).await.expect("it is free");
    assert_eq!((taken.lease.fence(), taken.former, taken.last), (2, None, json!({"ended": true})));
}

#[tokio::test]
async fn a_lease_that_ran_out_is_taken_over_and_its_holder_finds_out() {
    let store = Arc::new(Double::default());
    let ann = take(&store, "ann", NEVER).await.unwrap().lease;
    let mut watch = ann.watch();
    ann.update(json!("half done")).await.expect("ann has it");
    store.wait(61);
    let bob = take(&store, "bob", NEVER).await.expect("it ran out");
    assert_eq!((bob.former, bob.last, bob.lease.fence()), (Some(holder("ann")), json!("half done"), 2));

    assert_eq!(ann.lost(), None, "nobody told ann yet");
    let failure = ann.update(json!("more")).await.expect_err("bob has it");
    assert_eq!(failure.exit, Exit::Busy);
    assert!(failure.message.ends_with("`zone up` of bob@bob-laptop (process 7) has taken it over"), "{failure}");
    let lost = Some(Lost { to: Some(holder("bob")) });
    assert_eq!(ann.lost(), lost);
    assert_eq!(*watch.wait_for(Option::is_some).await.unwrap(), lost);
    ann.release(Value::Null).await.expect_err("what is lost cannot be released");
    assert_eq!(seen(&*store).await.holder, Some(holder("bob")));
    bob.lease.update(json!("all")).await.expect("bob still has it");
    assert_eq!(seen(&*store).await.last, json!("all"));
}

#[tokio::test]
async fn a_former_run_of_the_same_place_is_taken_over_at_once() {
    let store = Arc::new(Double::default());
    let killed = take(&store, "ann", NEVER).await.unwrap();
    drop(killed);
    let again = Holder { run: "second".to_owned(), process: 8, ..holder("ann") };
    let taken = Lease::take(store.clone(), &"dev".into(), again, NEVER).await.expect("its place is the same");
    assert_eq!((taken.former, taken.lease.fence()), (Some(holder("ann")), 2));
    take(&store, "bob", NEVER).await.expect_err("another place");
}

#[tokio::test]
async fn renewals_keep_the_lease_and_end_with_it() {
    let store = Arc::new(Double::default());
    let ann = take(&store, "ann", ALWAYS).await.unwrap().lease;
    store.wait(1000);
    store.written(3).await;
    assert_eq!(seen(&*store).await.age, Duration::ZERO, "it was renewed since");
    take(&store, "bob", ALWAYS).await.expect_err("ann renews it");
    ann.update(json!(1)).await.expect("ann has it");
    store.written(3).await;
    assert_eq!(seen(&*store).await.last, json!(1), "a renewal keeps what is in it");
    drop(ann);
    // an abort takes effect where the task waits next: here, every write of it has ended by then
    tokio::task::yield_now().await;
    let before = store.writes.load(SeqCst);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(store.writes.load(SeqCst), before, "nobody renews it");
    take(&store, "bob", ALWAYS).await.expect_err("dropping does not release it");
    store.wait(61);
    take(&store, "bob", ALWAYS).await.expect("it ran out");
}

#[tokio::test]
async fn a_renewal_without_network_is_made_again() {
    let store = Arc::new(Double::default());
    let ann = take(&store, "ann", ALWAYS).await.unwrap().lease;
    store.wait(1000);
    store.cut.store(5, SeqCst);
    store.written(2).await;
    assert_eq!((store.cut.load(SeqCst), ann.lost()), (0, None));
    take(&store, "bob", ALWAYS).await.expect_err("it is renewed again");
}

#[tokio::test]
async fn a_write_without_network_fails_and_loses_nothing() {
    let store = Arc::new(Double::default());
    let ann = take(&store, "ann", NEVER).await.unwrap().lease;
    store.cut.store(1, SeqCst);
    let failure = ann.update(json!(1)).await.expect_err("there is no network");
    assert_eq!((failure.message.as_str(), ann.lost()), ("no network", None));
    ann.update(json!(2)).await.expect("there is again");
    assert_eq!(seen(&*store).await.last, json!(2));
}

#[tokio::test]
async fn a_renewal_that_was_given_up_and_still_arrived_is_our_own() {
    let store = Arc::new(Double::default());
    // given up after 10 ms
    let times = Times { lease: Duration::from_millis(30), renewal: Duration::from_millis(1) };
    let ann = take(&store, "ann", times).await.unwrap().lease;
    store.silent.store(2, SeqCst);
    store.written(6).await;
    assert_eq!((store.silent.load(SeqCst), ann.lost()), (0, None));
    ann.release(json!("done")).await.expect("ann has it");
    assert_eq!(seen(&*store).await.holder, None);
}

#[tokio::test]
async fn a_takeover_reaches_the_renewals() {
    let store = Arc::new(Double::default());
    let ann = take(&store, "ann", NEVER).await.unwrap().lease;
    drop(ann);
    store.wait(61);
    let bob = take(&store, "bob", ALWAYS).await.unwrap().lease;
    // somebody unlocks it between two renewals
    let unlocked = async {
        loop {
            let seen = seen(&*store).await;
            if Lease::unlock(&*store, &"dev".into(), seen).await.is_ok() {
                return;
            }
        }
    };
    timeout(Duration::from_secs(30), unlocked).await.expect("it is unlocked");
    let mut watch = bob.watch();
    let told =
        timeout(Duration::from_secs(30), watch.wait_for(Option::is_some)).await.expect("the next renewal finds out");
    assert_eq!(*told.expect("the lease is there"), Some(Lost { to: None }));
    assert_eq!(seen(&*store).await.holder, None);
}

#[tokio::test]
async fn unlocking_is_for_the_holder_that_was_seen() {
    let store = Arc::new(Double::default());
    let ann = take(&store, "ann", NEVER).await.unwrap().lease;
    let before = seen(&*store).await;
    ann.update(json!(1)).await.unwrap();
    let failure = Lease::unlock(&*store, &"dev".into(), before).await.expect_err("ann is at work");
    assert!(failure.message.contains("ann@ann-laptop (process 7) has just renewed its lease"), "{failure}");
    assert_eq!(failure.exit, Exit::Busy);

    let now = seen(&*store).await;
    Lease::unlock(&*store, &"dev".into(), now.clone()).await.expect("nothing happened since");
    assert_eq!(ann.update(json!(2)).await.expect_err("it is lost").exit, Exit::Busy);
    assert_eq!(ann.lost(), Some(Lost { to: None }));
    let failure = Lease::unlock(&*store, &"dev".into(), now.clone()).await.expect_err("it is free");
    assert!(failure.message.ends_with("it was released meanwhile"), "{failure}");

    let bob = take(&store, "bob", NEVER).await.expect("it is free");
    assert_eq!((bob.lease.fence(), bob.former, bob.last), (2, None, json!(1)));
    let failure = Lease::unlock(&*store, &"dev".into(), now).await.expect_err("bob has it");
    assert!(failure.message.ends_with("bob@bob-laptop (process 7) has taken it meanwhile"), "{failure}");
}

#[tokio::test]
async fn what_is_no_lease_is_refused_and_can_be_unlocked() {
    let store = Arc::new(Double::default());
    for broken in
        [&b""[..], b"{\"format\":1,\"fence\":3", b"[]", b"{\"format\":0,\"fence\":3,\"holder\":null,\"counter\":1}"]
    {
        store.put(&key(&"dev".into()), broken, If::Always).await.unwrap();
        let failure = take(&store, "ann", NEVER).await.expect_err("it cannot be read");
        assert!(failure.message.starts_with("reading the lease `.zone/lock/dev.json` in `memory`: "), "{failure}");
        assert!(failure.hint.unwrap().ends_with("`zone unlock -e dev`"));
        let seen = seen(&*store).await;
        assert!(seen.broken.is_some());
        Lease::unlock(&*store, &"dev".into(), seen).await.expect("it is replaced");
        let taken = take(&store, "ann", NEVER).await.expect("it is free");
        assert!(taken.lease.fence() > 1_700_000_000, "its fence is above all that were counted");
    }
    store.put(&key(&"dev".into()), b"{\"format\":2,\"lease\":{}}", If::Always).await.unwrap();
    let failure = take(&store, "ann", NEVER).await.expect_err("it is newer");
    assert!(failure.message.ends_with("format 2 is newer than this `zone`"), "{failure}");
    Lease::look(&*store, &"dev".into()).await.expect_err("a newer one is not for us to unlock");
}

/// Takers that begin at once; who wins, wins alone, and has the next fence. Every second winner is killed, so that its lease has
/// to run out.
async fn race(stub: &Stub) {
    let mut killed = None;
    for round in 1..=100 {
        let takers = [format!("ann-{round}"), format!("bob-{round}")].map(|name| {
            let bucket = Arc::new(stub.bucket("zone"));
            tokio::spawn(async move { Lease::take(bucket, &"dev".into(), holder(&name), NEVER).await })
        });
        let mut won = Vec::new();
        for taker in takers {
            match taker.await.expect("it ends") {
                Ok(taken) => won.push(taken),
                Err(failure) => assert_eq!(failure.exit, Exit::Busy, "{failure}"),
            }
        }
        let [taken] = <[Taken; 1]>::try_from(won).expect("one of them wins");
        assert_eq!((taken.lease.fence(), taken.former), (round, killed.take()));
        if round % 2 == 0 {
            killed = seen(&stub.bucket("zone")).await.holder;
            drop(taken.lease);
            stub.wait(61);
        } else {
            taken.lease.release(json!(round)).await.expect("the winner has it");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_race_for_a_bucket_one_wins() {
    race(&Stub::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_race_for_a_bad_bucket_one_wins() {
    let stub = Stub::start().await;
    let faults = [Fault::Answer(503, "SlowDown"), Fault::CutAfter, Fault::Answer(409, "ConditionalRequestConflict")];
    stub.faults(move |request| (request.number % 2 == 0).then(|| faults[request.number / 2 % 3].clone()));
    race(&stub).await;
}

#[tokio::test]
async fn the_clock_of_a_holder_does_not_matter() {
    let stub = Stub::start().await;
    let bucket = || Arc::new(stub.bucket("zone"));
    // an hour ahead of S3, whose clock is years away from this machine's already
    let wrong = Holder { since: "2026-11-26T09:00:00Z".to_owned(), ..holder("ann") };
    let ann = Lease::take(bucket(), &"dev".into(), wrong, NEVER).await.expect("it is free").lease;
    stub.wait(60);
    Lease::take(bucket(), &"dev".into(), holder("bob"), NEVER).await.expect_err("not yet");
    ann.update(Value::Null).await.expect("ann has it");
    stub.wait(60);
    Lease::take(bucket(), &"dev".into(), holder("bob"), NEVER).await.expect_err("not yet, it was written since");
    stub.wait(1);
    Lease::take(bucket(), &"dev".into(), holder("bob"), NEVER).await.expect("now");
}

#[tokio::test]
async fn a_holder_that_slept_through_its_takeover_can_write_nothing_more() {
    let stub = Stub::start().await;
    let (ann, bob) = (Arc::new(stub.bucket("zone")), Arc::new(stub.bucket("zone")));
    let lease = Lease::take(ann.clone(), &"dev".into(), holder("ann"), NEVER).await.unwrap().lease;
    for number in 0..3 {
        assert!(matches!(ann.append("run-of-ann", number, b"[]").await.unwrap(), Written::Done(_)));
    }
    // ann's machine sleeps, and bob comes
    stub.wait(61);
    let taken = Lease::take(bob.clone(), &"dev".into(), holder("bob"), NEVER).await.expect("it ran out");
    assert_eq!(taken.former, Some(holder("ann")));
    let batches = bob.batches("run-of-ann").await.unwrap();
    let seal = u32::try_from(batches.len()).unwrap();
    let sealed = bob.append("run-of-ann", seal, json!({"sealed": taken.lease.fence()}).to_string().as_bytes()).await;
    assert!(matches!(sealed.unwrap(), Written::Done(_)));
    // ann's machine wakes up
    assert_eq!(ann.append("run-of-ann", 3, b"[\"late\"]").await.unwrap(), Written::Refused);
    lease.update(json!("late")).await.expect_err("bob has it");
    assert_eq!(lease.lost(), Some(Lost { to: Some(holder("bob")) }));
    assert_eq!(bob.batches("run-of-ann").await.unwrap().len(), 4, "three batches and the seal");
}
