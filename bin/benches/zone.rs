//! `cargo bench -p zone`: ratios, taken in one run, of deployments through our provider against the engine
//! alone and against the bare AWS calls; and what the tool weighs. A report, never a test: nothing fails here
//! because a machine is slow.
//!
//! `cargo bench -p zone -- 258` compares at this size only; `cargo bench -p zone -- calls 258` lists what a first
//! deployment asks of AWS, how long each takes, and when. `cargo bench -p zone -- modules` measures what a module's author
//! waits for.
//!
//! - *ours*: the zone's own stacks, as shipped or with more buckets and domains, in two accounts, on the emulator
//! - *the engine alone*: as many independent resources of a provider that does nothing, as many components and
//!   provider instances, the same shim, the same engine, driven by the same code (`support/nothing.rs`)
//!
//! Each run is a process of its own (`support/host.rs`); the runs of a comparison alternate, and medians are
//! compared. Both sides keep their state as `zone` does, but where a row says otherwise (`support/keeping.rs`).

mod support;

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use aws::clients::{self, Access, Ambient, Clients, Role};
use support::{
    ground::{self, Ground, block_on, folder},
    host::{self, What},
    keeping::Keeping,
    load::{SHIPPED, copy_zone},
    modules, replay, start,
    table::Table,
    tools,
};

/// How long to wait for other work on the machine to end.
const PATIENCE: Duration = Duration::from_secs(45);
/// A load above this disturbs the figures.
const QUIET: f64 = 1.5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [mode, order] if mode == host::HOST => say(&host::main(order)),
        [mode, resources, ..] if mode == "calls" => calls(resources.parse().expect("a number of resources")),
        [mode, ..] if mode == "modules" => {
            let mut table = Table::new();
            modules::measure(&mut table, say);
            say(&format!("\n{table}"));
        }
        [resources, ..] if resources.parse::<usize>().is_ok() => bench(resources.parse().ok()),
        all if all.iter().any(|a| a == "--bench") => bench(None),
        // `cargo test --benches` only asks whether it starts
        _ => say("run it with `cargo bench -p zone`"),
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark's output is what it is for")]
fn say(line: &str) {
    println!("{line}");
}

fn load() -> (f64, String) {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let one = text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default();
    (one, text.trim().to_owned())
}

/// Everything; or the comparisons at one size, to look at one change.
fn bench(only: Option<usize>) {
    let began = Instant::now();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    while load().0 > QUIET && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_secs(1));
    }
    say(&format!("{cores} cores; load at the start {}", load().1));
    let engine = block_on(engine::binary::find_or_build(&tools(), &|line| say(line)));
    let engine = engine.expect("an engine");
    say(&format!("engine {}", engine.version));

    let mut table = Table::new();
    if let Some(resources) = only {
        compare(&engine.path, resources, &mut table);
    } else {
        weight(&mut table);
        compare(&engine.path, 100, &mut table);
        compare(&engine.path, SHIPPED, &mut table);
        compare(&engine.path, 1_000, &mut table);
        steps(&engine.path, &mut table);
        shipped(&mut table);
        modules::measure(&mut table, say);
    }
    say(&format!("\n{table}"));
    say(&format!("took {:.0} s; load at the end {}", began.elapsed().as_secs_f64(), load().1));
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    let half = seconds.len() / 2;
    if seconds.len() % 2 == 1 { seconds[half] } else { f64::midpoint(seconds[half - 1], seconds[half]) }
}

/// What a first deployment of so many resources asks of AWS, and when.
fn calls(resources: usize) {
    let engine = block_on(engine::binary::find_or_build(&tools(), &|line| say(line))).expect("an engine");
    let ground = Ground::new(&engine.path, What::Zone { resources, accounts: 2 }, Keeping::Journal);
    let began = Instant::now();
    let calls = ground.calls_of_first_up();
    say(&format!("first up, through a proxy: {:.2} s", began.elapsed().as_secs_f64()));
    say(&replay::report(calls));
}

/// Size of the executable, and the provider's start.
fn weight(table: &mut Table) {
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_zone")).expect("the executable").len();
    let megabytes = f64::from(u32::try_from(size / 1024).unwrap_or(u32::MAX)) / 1024.0;
    table.figure("executable", megabytes, "MB", Some(80.0));
    let starts = start::starts(20).iter().map(|d| d.as_secs_f64() * 1e3).collect();
    table.figure("provider start to first Check, median of 20", median(starts), "ms", Some(30.0));
}

/// First and further runs of one size, ours and the engine's in turn, both with the journal.
fn compare(engine: &Path, resources: usize, table: &mut Table) {
    // what is aimed at is aimed at for the shipped zone
    let aimed = resources == SHIPPED;
    let rounds = if aimed { 3 } else { 1 };
    let (mut ours, mut alone, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    let mut grounds = None;
    let mut count = resources;
    for round in 1..=rounds {
        say(&format!("{resources} resources: first up {round} of {rounds}"));
        let zone = Ground::new(engine, What::Zone { resources, accounts: 2 }, Keeping::Journal);
        let ran = zone.first_up();
        count = ran.custom(2);
        ours.push(ran.seconds);
        peaks.push(ran.peak_mb);
        let nothing = Ground::new(engine, What::Nothing { resources: count, accounts: 2, bytes: 0 }, Keeping::Journal);
        alone.push(nothing.first_up().seconds);
        grounds = Some((zone, nothing));
    }
    let of = |what: &str| format!("{what}, {count} resources");
    let first = median(ours);
    let alone = median(alone);
    table.ratio(&of("first up, to the engine alone"), first, alone, aimed.then_some(1.3));
    let (zone, nothing) = grounds.expect("at least one round");
    if aimed {
        // as large a state as ours, each byte of a resource being there twice
        let bytes = zone.state_bytes().saturating_sub(nothing.state_bytes()) / count / 2;
        let what = What::Nothing { resources: count, accounts: 2, bytes };
        let grounds: Vec<_> = (0..rounds).map(|_| Ground::new(engine, what, Keeping::Journal)).collect();
        let alike = grounds.iter().map(|ground| ground.first_up().seconds).collect();
        let kilobytes = |ground: &Ground| ground.state_bytes() / 1000;
        let sizes =
            format!("{} kB; ours {} kB, {} kB above", kilobytes(&grounds[0]), kilobytes(&zone), kilobytes(&nothing));
        table.ratio(
            &of(&format!("first up, to the engine with as large a state ({sizes})")),
            first,
            median(alike),
            None,
        );
        say(&format!("{resources} resources: with the engine's own file backend"));
        let files = || Ground::new(engine, What::Zone { resources, accounts: 2 }, Keeping::Files).first_up().seconds;
        let files = median((0..rounds).map(|_| files()).collect());
        table.ratio(&of("first up, to itself on the engine's file backend"), first, files, Some(0.5));
        bucket(engine, resources, first, table);
    }
    say(&format!("{resources} resources: the bare calls"));
    let calls = Ground::new(engine, What::Zone { resources, accounts: 2 }, Keeping::Journal).calls_of_first_up();
    let (took, calls) = ground::bare(calls);
    let what = of(&format!("first up, to its {calls} writing calls alone"));
    table.ratio(&what, first, took.as_secs_f64(), None);

    for (preview, name) in [(true, "no-change preview"), (false, "no-change up")] {
        let (mut ours, mut alone) = (Vec::new(), Vec::new());
        for round in 1..=3 {
            say(&format!("{resources} resources: {name} {round} of 3"));
            alone.push(nothing.unchanged(preview).seconds);
            let ran = zone.unchanged(preview);
            ours.push(ran.seconds);
            peaks.push(ran.peak_mb);
        }
        let target = (aimed && preview).then_some(1.3);
        table.ratio(&of(&format!("{name}, to the engine alone")), median(ours), median(alone), target);
    }
    drop((zone, nothing));
    if aimed {
        memory(engine, resources, peaks.into_iter().fold(0.0, f64::max), table);
    }
}

/// A first deployment whose state is in a bucket of an S3 of its own, each of whose answers takes 30 ms longer.
fn bucket(engine: &Path, resources: usize, first: f64, table: &mut Table) {
    const DELAY: u64 = 30;
    let seconds = (0..3).map(|round| {
        say(&format!("{resources} resources: with the state in a bucket, {} of 3", round + 1));
        let dir = folder();
        let s3 = ground::Running::start(dir.path());
        let keeping = Keeping::Bucket { endpoint: s3.endpoint.clone(), delay: DELAY };
        Ground::new(engine, What::Zone { resources, accounts: 2 }, keeping).first_up().seconds
    });
    let seconds = median(seconds.collect());
    let what = format!(
        "first up with the state in a bucket ({DELAY} ms an answer), to that in a folder, {resources} resources"
    );
    table.ratio(&what, seconds, first, Some(1.3));
}

/// What a step costs the engine and our service when there are many, to what it costs when there are few.
fn steps(engine: &Path, table: &mut Table) {
    let first = |resources| {
        say(&format!("{resources} resources that cost nothing"));
        let what = What::Nothing { resources, accounts: 2, bytes: 1_000 };
        median((0..3).map(|_| Ground::new(engine, what, Keeping::Journal).first_up().seconds).collect())
    };
    let (few, middle, many) = (first(100), first(1_000), first(2_000));
    let cost = |from: f64, to: f64, steps: f64| (to - from) / steps * 1e3;
    let (early, late) = (cost(few, middle, 900.0), cost(middle, many, 1_000.0));
    table.figure("a further step, 100 to 1,000 resources", early, "ms", None);
    table.figure("a further step, 1,000 to 2,000 resources", late, "ms", None);
    table.figure("a late step, to an early one", late / early, "x", Some(1.2));
}

/// Most memory, what ten more accounts add to it, and what fifty take with all that the engine starts of us.
fn memory(engine: &Path, resources: usize, two: f64, table: &mut Table) {
    say("12 accounts");
    let zone = Ground::new(engine, What::Zone { resources, accounts: 12 }, Keeping::Journal);
    let twelve = zone.first_up().peak_mb.max(zone.unchanged(true).peak_mb).max(zone.unchanged(false).peak_mb);
    let of = |accounts: &str| format!("peak memory of our process, {accounts} accounts");
    table.figure(&of("2"), two, "MB", Some(60.0));
    table.figure(&of("12"), twelve, "MB", None);
    table.figure("memory of a further account", (twelve - two) / 10.0, "MB", Some(2.0));
    drop(zone);
    say("50 accounts");
    let zone = Ground::new(engine, What::Zone { resources, accounts: 50 }, Keeping::Journal);
    let fifty = zone.first_up();
    table.figure(&of("50"), fifty.peak_mb, "MB", None);
    table.figure("peak memory of all our processes, 50 accounts", fifty.all_mb, "MB", Some(200.0));
}

/// The zone as it is shipped, by its own commands.
fn shipped(table: &mut Table) {
    let dir = folder();
    copy_zone(dir.path()).expect("a copy of the zone");
    let zone = |arguments: &str| command(dir.path(), arguments, true);
    say("the shipped zone");
    zone("emulator start");
    std::thread::sleep(Duration::from_secs(3));
    let commands = [
        ("first up", "up", Some(10.0)),
        ("no-change up", "up", None),
        ("no-change preview", "preview", None),
        ("rows that read", "verify --read-only", Some(3.0)),
        ("probes", "verify --filter probes", Some(20.0)),
        ("all features", "verify", Some(20.0)),
        ("proof of the guardrail", "guardrail prove", Some(1.0)),
    ];
    for (name, command, target) in commands {
        table.figure(&format!("the shipped zone, {name}"), zone(command), "s", target);
    }
    contract(dir.path(), table);
    zone("emulator stop");
    gates(table);
}

/// What the gates of the emulator cost a first deployment.
fn gates(table: &mut Table) {
    let first = |gated: bool| {
        let dir = folder();
        copy_zone(dir.path()).expect("a copy of the zone");
        command(dir.path(), "emulator start", gated);
        std::thread::sleep(Duration::from_secs(3));
        let took = command(dir.path(), "up", gated);
        command(dir.path(), "emulator stop", gated);
        took
    };
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 1..=3 {
        say(&format!("the shipped zone with and without the gates of the emulator, {round} of 3"));
        with.push(first(true));
        without.push(first(false));
    }
    table.ratio(
        "the shipped zone, first up with both gates, to that without",
        median(with),
        median(without),
        Some(1.1),
    );
}

/// Seconds that a command of `zone` takes, in the folder of a zone.
fn command(dir: &Path, arguments: &str, gated: bool) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zone"));
    command.args(arguments.split(' ')).current_dir(dir).env("ZONE_TOOLS", tools());
    command.env_remove("ZONE_ROOT").env_remove("AWS_ENDPOINT_URL").stdin(Stdio::null());
    if !gated {
        command.env("ZONE_AUTHORIZATION_GATE", "off").env("ZONE_MODEL_GATE", "off");
    }
    let began = Instant::now();
    let said = command.output().expect("zone starts");
    let took = began.elapsed().as_secs_f64();
    assert!(said.status.success(), "{arguments}: {}", String::from_utf8_lossy(&said.stderr));
    took
}

/// The whole contract, as a module reads it: calls and time, the median of ten.
fn contract(dir: &Path, table: &mut Table) {
    let file = std::fs::read(dir.join(".zone/emulator/emulator.json")).expect("an emulator");
    let emulator: serde_json::Value = serde_json::from_slice(&file).expect("an object");
    let zone = config::load(&dir.join("config"), "local").expect("the configuration is right");
    let endpoint = emulator["endpoint"].as_str().map(str::to_owned);
    let (calls, times): (Vec<_>, Vec<_>) = block_on(async {
        let credentials = Some(("test".to_owned(), "test".to_owned()));
        let role = format!("arn:aws:iam::{}:role/OrganizationAccountAccessRole", zone.member.id);
        let roles = vec![Role { arn: role, ..Role::default() }];
        let access = Access { region: zone.region.to_string(), roles, ..Access::default() };
        let ambient = Ambient { endpoint, credentials };
        let sdk = clients::load(&clients::http_client(), &ambient, &access).await;
        let ssm = Clients::new(&sdk, &access.region).ssm;
        let mut all = Vec::new();
        for _ in 0..10 {
            let began = Instant::now();
            let pages = ssm.get_parameters_by_path().path(zone.parameter_root()).recursive(true).max_results(10);
            let pages = pages.into_paginator().send().collect::<Result<Vec<_>, _>>().await.expect("the contract");
            all.push((pages.len(), began.elapsed().as_secs_f64() * 1e3));
        }
        all.into_iter().unzip()
    });
    let calls = u32::try_from(calls.into_iter().max().unwrap_or_default()).unwrap_or(u32::MAX);
    table.figure("calls of a whole contract", f64::from(calls), "calls", Some(9.0));
    table.figure("reading a whole contract", median(times), "ms", Some(50.0));
}
