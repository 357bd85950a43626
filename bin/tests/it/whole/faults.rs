//! What goes wrong on the way, and that the zone comes out whole: kills, a lost emulator, a bad network, two at
//! once, Ctrl-C, the wrong account, drift, a create that AWS refuses, and the end of everything.
//!
//! What came of it is counted by a look at the emulator that does not go through the tool. `ZONE_KILLS=50` kills
//! more or less often than the 40 times of every day (1,000 times is what was measured); `ZONE_SEED` repeats a run's chances.
#![expect(clippy::print_stderr, reason = "seeds and what they led to are for who runs this")]

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use crate::support::{
    Said, Zone,
    chance::{dice, number},
    look::{Census, Look, MANAGEMENT, MEMBER, REGION, STATES, TAGS, whole},
    proxy::{Proxy, Refusal},
    watch::{Watched, engine, signal},
};
use aws_sdk_eventbridge::types::Tag;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use rand::{RngExt, rngs::StdRng};
use rustix::process::Signal;

/// The tests' own tenant with one domain and without a bucket: still one of everything, and there sooner.
fn small() -> Zone {
    let zone = Zone::new();
    zone.cut("config/zone.toml", "[[domain]]\nbus = \"billing\"", "[roles]");
    zone.cut("config/zone.toml", "[[bucket]]\npurpose = \"scratch\"", "[[bucket]]\npurpose = \"invoices\"");
    zone
}

/// A zone whose emulator is behind a proxy.
fn proxied(seed: u64) -> (Zone, Proxy, Look) {
    let zone = small();
    let endpoint = zone.started();
    let proxy = Proxy::new(&endpoint, seed);
    zone.append("config/local.toml", &format!("[emulator]\nendpoint = \"{}\"\n", proxy.endpoint()));
    (zone, proxy, Look::at(&endpoint))
}

/// What a summary tells beside what stayed as it was.
fn news(said: &Said) -> Vec<String> {
    let told = said.changes().into_iter().filter(|(op, n)| op != "same" && *n != 0);
    told.map(|(op, n)| format!("{n} {op}")).collect()
}

/// The zone is whole: everything is there once, the state is clean, tells what is live, and has nothing left to do.
#[track_caller]
fn assert_whole(zone: &Zone, look: &Look) -> Census {
    let state = zone.state();
    let pending = &state["checkpoint"]["latest"]["pending_operations"];
    assert!(pending.as_array().is_none_or(Vec::is_empty), "pending: {pending}");
    let census = assert_once(zone, look);
    let ids = zone.resources(|kind| kind == "aws:kms/key:Key");
    assert_eq!(BTreeSet::from_iter(ids), census.keys, "the keys in the state are those there are");
    let up = zone.run("up --json").succeeded();
    assert_eq!(news(&up), Vec::<String>::new(), "a further up changes nothing\n{up}");
    let drift = zone.run("refresh --preview --json").succeeded();
    assert_eq!(news(&drift), Vec::<String>::new(), "the state tells what is live\n{drift}");
    assert_eq!(look.census(), census, "looking changes nothing");
    census
}

/// Everything is there once.
#[track_caller]
fn assert_once(zone: &Zone, look: &Look) -> Census {
    let census = look.census();
    let mut counts: BTreeMap<_, _> = census.things.iter().map(|(kind, names)| (*kind, names.len())).collect();
    counts.insert("keys", census.keys.len());
    let parameters = zone.resources(|kind| kind == "aws:ssm/parameter:Parameter").len();
    assert_eq!(counts, whole(&zone.shape(), parameters), "{census:#?}");
    assert_eq!(census.ending_keys, BTreeSet::new());
    census
}

#[track_caller]
fn assert_says(said: &Said, words: &[&str]) {
    for word in words {
        assert!(said.err.contains(word), "`{word}` is not said\n{said}");
    }
}

/// Who is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Tool,
    Engine,
    Both,
}

/// Kills at a random moment of an `up`; false when it came to its end before.
fn kill(zone: &Zone, dice: &mut StdRng) -> bool {
    let victim = [Victim::Tool, Victim::Tool, Victim::Engine, Victim::Both][dice.random_range(0..4)];
    let after = if dice.random_range(0..5) == 0 { 0 } else { dice.random_range(1..90) };
    let moment = Duration::from_millis(dice.random_range(0..if after == 0 { 1500 } else { 150 }));
    let mut up = zone.watch("up");
    up.until(" created ", after);
    std::thread::sleep(moment);
    if up.ended() {
        return false;
    }
    let engine = engine(up.pid());
    eprintln!("  killing {victim:?} after {after} created and {moment:?}");
    if let (Victim::Engine | Victim::Both, Some(engine)) = (victim, engine) {
        signal(engine, Signal::KILL);
    }
    if matches!(victim, Victim::Tool | Victim::Both) || engine.is_none() {
        signal(up.pid(), Signal::KILL);
        up.finish(Duration::from_secs(10));
        return true;
    }
    let said = up.finish(Duration::from_secs(30));
    if said.code == Some(0) {
        // the engine had done all of its work
        return false;
    }
    // before its work, the engine makes the stack
    let (code, error) = if said.err.contains("making the Pulumi stack") {
        (3, "the engine ended without a message (signal: 9 (SIGKILL))")
    } else {
        (1, "error: the deployment failed")
    };
    assert_eq!(said.code, Some(code), "{said}");
    assert_says(&said, &[error, "hint: "]);
    true
}

/// Keeps the state in a bucket that is there before the zone.
fn in_a_bucket(zone: &Zone, look: &Look) {
    look.make_states();
    zone.edit("config/local.toml", "state = \"file\"", &format!("state = \"s3://{STATES}/zones?region={REGION}\""));
}

/// In a folder and in a bucket in turn.
#[test]
fn killed_at_any_moment_it_converges() {
    let kills = number("ZONE_KILLS").unwrap_or(40);
    let mut dice = dice("kills");
    let mut done = 0;
    let mut round = 0;
    while done < kills {
        let zone = small();
        let look = Look::at(&zone.started());
        round += 1;
        if round % 2 == 0 {
            in_a_bucket(&zone, &look);
        }
        for _ in 0..dice.random_range(8..=14) {
            done += u64::from(done < kills && kill(&zone, &mut dice));
        }
        let up = zone.run("up").succeeded();
        eprintln!(
            "  {done} kills{}; {}",
            if round % 2 == 0 { ", in a bucket" } else { "" },
            up.err.lines().rev().nth(2).unwrap_or_default()
        );
        assert_whole(&zone, &look);
    }
}

/// What an interrupted run made and never noted is not forgotten by commands in between.
#[test]
fn commands_between_a_kill_and_the_next_up_change_nothing_about_it() {
    let (zone, proxy, look) = proxied(0);
    let mut up = zone.watch("up");
    // keys are made first: at the first of them, the others are under way; a look at the account would come too late
    assert!(up.until("created aws:kms/key:Key", 1), "it ended before there was a key");
    signal(up.pid(), Signal::KILL);
    up.finish(Duration::from_secs(10));
    // what is not in the state, destroy would leave behind
    let refused = || {
        let refused = zone.run("destroy");
        assert_eq!(refused.code, Some(1), "{refused}");
        assert_says(&refused, &["error: a run was interrupted", "hint: run `zone up -e local`"]);
    };
    zone.run("preview").succeeded();
    refused();
    // an `up` that fails looked for some of it only, and one of another stack for none
    proxy.refuse(Some(Refusal { operation: "PutParameter", code: "AccessDeniedException", message: "no" }));
    assert_eq!(zone.run("up").code, Some(1));
    proxy.refuse(None);
    refused();
    let before = zone.resources(|_| true).len() as u64;
    let part = zone.run("up --only network --json").succeeded();
    assert!(part.count("same") <= before, "what was not made is not counted: {before} were there\n{part}");
    refused();
    zone.run("up").succeeded();
    assert_whole(&zone, &look);
}

#[test]
fn a_lost_emulator_is_said_and_the_next_up_starts_anew() {
    let zone = small();
    zone.started();
    let emulator = zone.emulator()["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
    let mut up = zone.watch("up");
    assert!(up.until(" created ", 30));
    signal(emulator.expect("a process"), Signal::KILL);
    let lost = Instant::now();
    let said = up.finish(Duration::from_secs(60));
    eprintln!("lost emulator: ended after {:?}", lost.elapsed());
    assert!(lost.elapsed() < Duration::from_secs(30), "{said}");
    assert_eq!(said.code, Some(1), "{said}");
    assert_says(&said, &["error: the deployment failed", "hint: "]);

    let up = zone.run("up").succeeded();
    assert_says(&up, &["lost everything: starting over", "the old state is kept in .zone/state/local."]);
    let look = Look::at(&zone.started());
    assert_whole(&zone, &look);
}

#[test]
fn on_a_bad_network_it_converges() {
    let seed = dice("network").random();
    let (zone, proxy, look) = proxied(seed);
    // the state goes over that network as well
    in_a_bucket(&zone, &look);
    proxy.fail(20);
    let began = Instant::now();
    zone.run("up").succeeded();
    let (calls, dealt) = proxy.dealt();
    eprintln!("network: {calls} calls in {:?}, of which went wrong {dealt:?}", began.elapsed());
    assert!(dealt.values().sum::<usize>() > 25, "the network was bad");
    proxy.fail(0);
    assert_whole(&zone, &look);
}

#[test]
fn ctrl_c_lets_it_end_and_go_on_later() {
    let zone = small();
    let look = Look::at(&zone.started());
    let stop = |mut up: Watched, after: usize| {
        assert!(up.until(" created ", after));
        signal(up.pid(), Signal::INT);
        let said = up.finish(Duration::from_secs(30));
        assert_eq!(said.code, Some(130), "{said}");
        assert_says(&said, &["the deployment was stopped", "hint: ", "zone up"]);
        let state = zone.state();
        let pending = &state["checkpoint"]["latest"]["pending_operations"];
        assert!(pending.as_array().is_none_or(Vec::is_empty), "what ran has ended: {pending}");
    };
    stop(zone.watch("up"), 1);
    stop(zone.watch("up"), 40);
    zone.run("up").succeeded();
    assert_whole(&zone, &look);
}

#[test]
fn the_wrong_account_is_refused_before_anything_is_done() {
    let zone = small();
    let endpoint = zone.started();
    // without the role, the credentials are of the management account
    zone.edit("config/local.toml", "role = \"OrganizationAccountAccessRole\"\n", "");
    let said = zone.run("up");
    assert_eq!(said.code, Some(1), "{said}");
    assert_says(&said, &[&format!("account {MANAGEMENT}"), &format!("not of {MEMBER}"), "hint: "]);
    let management = Look::at_management(&endpoint);
    for look in [&management, &Look::at(&endpoint)] {
        assert_eq!(look.census(), Census::default());
    }
    // the other account is right, and nothing is made there either
    assert_eq!(management.control_policies(), BTreeSet::new());
}

#[test]
fn a_management_account_that_cannot_be_reached_is_named_before_anything_is_done() {
    let zone = small();
    let endpoint = zone.started();
    zone.edit("config/local.toml", "account = \"123456789012\"", "account = \"210987654321\"");
    let said = zone.run("up");
    assert_eq!(said.code, Some(3), "{said}");
    assert_says(&said, &["for account 210987654321", "has account 123456789012", "hint: stop the running one first"]);
    // one that somebody else started is taken as it is
    let there = format!("[emulator]\nendpoint = \"{endpoint}\"\n\n[member]\n");
    zone.edit("config/local.toml", "[member]\n", &there);
    let said = zone.run("up");
    assert_eq!(said.code, Some(1), "{said}");
    assert_says(&said, &["the management account", "account 123456789012", "not of 210987654321", "hint: "]);
    assert_eq!(Look::at(&endpoint).census(), Census::default());
}

/// Without a management account the guardrail is skipped, and that is said.
#[test]
fn without_a_management_account_everything_else_is_deployed() {
    let zone = small();
    let endpoint = zone.started();
    zone.edit("config/local.toml", "[management]\naccount = \"123456789012\"\nattach_to = \"root\"\n", "");
    let said = zone.run("up").succeeded();
    assert_says(&said, &["guardrails: skipped"]);
    assert_once(&zone, &Look::at(&endpoint));
    assert_eq!(Look::at_management(&endpoint).control_policies(), BTreeSet::new());
    let judged = zone.run("verify --filter ZONE-008 --json").succeeded().objects();
    let unjudged = judged.iter().filter(|o| o["outcome"] == "not_evaluated").count();
    let of_each_tag = zone.shape().required_tags.len();
    assert_eq!(unjudged, of_each_tag + 1, "the guardrail's own rows and that of its attachment are not evaluated");
}

#[test]
fn a_name_that_is_taken_is_refused_and_ours_is_adopted() {
    let zone = small();
    let look = Look::at(&zone.started());
    let bus = || look.clients.events.create_event_bus().name("orders");
    look.ask(bus().send());
    let said = zone.run("up");
    assert_eq!(said.code, Some(1), "{said}");
    let place = format!("{MEMBER}/{REGION}");
    assert_says(
        &said,
        &[
            "aws:cloudwatch/eventBus:EventBus orders",
            "creating event bus `orders`",
            &place,
            "exists already",
            "`zone up -e local --adopt orders`",
            "zone up",
        ],
    );
    // its twin: what carries our tags is ours
    look.ask(look.clients.events.delete_event_bus().name("orders").send());
    let tag = |(key, value)| Tag::builder().key(key).value(value).build().expect("a tag");
    look.ask(bus().set_tags(Some(TAGS.map(tag).to_vec())).send());
    let said = zone.run("up").succeeded();
    assert_says(&said, &["adopted event bus `orders`"]);
    assert_whole(&zone, &look);
}

#[test]
fn what_aws_refuses_is_told_in_full_and_made_up_for() {
    let (zone, proxy, look) = proxied(0);
    let message = "User zone is not authorized to perform this";
    let refused = |operation: &'static str, words: [&str; 2]| {
        proxy.refuse(Some(Refusal { operation, code: "AccessDeniedException", message }));
        let said = zone.run("up");
        proxy.refuse(None);
        assert_eq!(said.code, Some(1), "{said}");
        assert_says(&said, &words);
        let place = format!("{MEMBER}/{REGION}");
        assert_says(&said, &[&place, "AccessDeniedException", message, "the deployment failed"]);
    };
    // one that is made and not what it should be, and one that is not made
    refused("EnableKeyRotation", ["failed aws:kms/key:Key ", "creating KMS key `"]);
    // which ones come to their turn before the engine stops is chance
    refused("CreateArchive", ["failed aws:cloudwatch/eventArchive:EventArchive ", "creating EventBridge archive `"]);
    zone.run("up").succeeded();
    for key in assert_whole(&zone, &look).keys {
        let rotation = look.ask(look.clients.kms.get_key_rotation_status().key_id(key).send());
        assert!(rotation.key_rotation_enabled, "the key is what it should be");
    }
}

/// One zone for all of them, each beginning where the one before has ended.
#[test]
fn a_zone_that_is_there_is_left_alone_mended_and_made_again() {
    let zone = small();
    let look = Look::at(&zone.started());
    two_at_once_are_one_too_many(&zone, &look);
    drift_is_shown_and_mended(&zone, &look);
    destroy_leaves_keys_alone_and_up_takes_them_up_again(&zone, &look);
}

fn two_at_once_are_one_too_many(zone: &Zone, look: &Look) {
    let mut first = zone.watch("up");
    assert!(first.until(" created ", 1));
    let second = zone.run("up");
    assert_eq!(second.code, Some(5), "{second}");
    assert_says(&second, &["`zone up -e local`", &format!("process {}", first.pid()), "hint: "]);
    assert!(!first.ended(), "the first goes on");
    let first = first.finish(Duration::from_secs(120));
    assert_eq!(first.code, Some(0), "{first}");
    assert_whole(zone, look);
}

fn drift_is_shown_and_mended(zone: &Zone, look: &Look) {
    let before = look.census();

    let queue = before.of("queues").into_iter().find(|url| url.contains("orders-")).expect("a queue");
    look.ask(look.clients.sqs.delete_queue().queue_url(queue).send());
    let bucket = &before.of("buckets").into_iter().find(|name| name.contains("invoices")).expect("a bucket");
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let call = look.clients.s3.put_bucket_versioning().bucket(bucket);
    look.ask(call.versioning_configuration(suspended).send());

    let shown = zone.run("refresh --preview");
    assert_eq!(shown.code, Some(0), "{shown}");
    let corrects = "`zone refresh -e local` records the changes in the state, then `zone up -e local` corrects them";
    assert_says(&shown, &[corrects]);
    let drift = [
        "gone aws:sqs/queue:Queue orders-dlq",
        "changed aws:s3/bucketVersioning:BucketVersioning invoices  (versioningConfiguration.status)",
        "`zone up -e local` corrects them",
    ];
    assert_says(&shown, &drift);
    assert_says(&zone.run("refresh").succeeded(), &drift);
    let preview = zone.run("preview").succeeded();
    assert_says(
        &preview,
        &["create aws:sqs/queue:Queue orders-dlq", "update aws:s3/bucketVersioning:BucketVersioning invoices"],
    );
    zone.run("up").succeeded();
    assert_eq!(assert_whole(zone, look), before);
    let versioning = look.ask(look.clients.s3.get_bucket_versioning().bucket(bucket).send());
    assert_eq!(versioning.status, Some(BucketVersioningStatus::Enabled));
}

fn destroy_leaves_keys_alone_and_up_takes_them_up_again(zone: &Zone, look: &Look) {
    let before = look.census();
    let said = zone.run("destroy").succeeded();
    assert_says(
        &said,
        &[&format!("days: {} KMS keys", before.keys.len()), "a deployment before then cancels the deletion"],
    );
    for key in &before.keys {
        assert_says(&said, &[key]);
    }
    let left = look.census();
    assert_eq!(left, Census { ending_keys: before.keys.clone(), ..Census::default() });
    let up = zone.run("up").succeeded();
    assert_says(&up, &["cancelled the deletion of KMS key"]);
    assert_eq!(assert_whole(zone, look).keys, before.keys, "the same keys again");
}
