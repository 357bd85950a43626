//! Modules: the first one from its deployment to its end, as its users see it; new ones; and what a module must not do.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use aws_sdk_ssm::types::ParameterType;
use serde_json::Value;

use crate::support::{Said, Zone, look::Look, python, repository};

/// The first module.
const AUDIT: &str = "object-audit";

/// A zone of the tests' own tenant with the first module's folder and settings, nothing deployed.
fn with_module() -> Zone {
    let zone = Zone::new();
    copy(&repository().join("modules").join(AUDIT), &zone.path(&format!("modules/{AUDIT}")));
    copy(&repository().join("config/tests/fixture/modules"), &zone.path("config/modules"));
    zone
}

/// A folder with all that is in it, but for what was built or cached there.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let name = entry.file_name();
        if entry.path().is_dir() {
            if !["__pycache__", "target"].contains(&&*name.to_string_lossy()) {
                copy(&entry.path(), &to.join(name));
            }
        } else {
            std::fs::copy(entry.path(), to.join(name)).expect("a file");
        }
    }
}

/// The module's program, which cargo builds for the module's own tests: beside `zone`.
fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_zone")).with_file_name(AUDIT);
    assert!(program.is_file(), "`{}` is built by `cargo test --workspace`", program.display());
    program
}

/// A verb on the module.
fn module(zone: &Zone, verb: &str, more: &str) -> Said {
    let program = if verb == "verify" { String::new() } else { format!(" --program {}", program().display()) };
    zone.run(&format!("module {verb} {AUDIT}{program} {more}"))
}

#[track_caller]
fn says(said: &Said, words: &[&str]) {
    for word in words {
        assert!(format!("{}{}", said.out, said.err).contains(word), "`{word}` is not said\n{said}");
    }
}

/// Uses the deployed module with boto3.
fn used(zone: &Zone) -> Value {
    let variables = zone.run("emulator env").succeeded().out;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/outside/audit.py");
    let prefix = zone.shape().prefix;
    let output = Command::new("sh")
        .args(["-c", &format!("{variables}exec \"$@\""), "sh"])
        .arg(python())
        .arg(script)
        .args([&prefix, "local"])
        .env_remove("AWS_PROFILE")
        .output()
        .expect("the emulator's Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("an object")
}

/// One zone for all of it, each beginning where the one before has ended: a deployment is what takes time.
#[test]
fn the_first_module_is_deployed_used_verified_and_deleted() {
    let zone = with_module();
    a_module_without_its_zone_changes_nothing(&zone);
    zone.run("up").succeeded();
    it_is_deployed_and_a_second_time_nothing_changes(&zone);
    its_users_see_what_it_does(&zone);
    its_features_hold(&zone);
    the_zone_knows_who_reads_what(&zone);
    a_contract_that_is_not_whole_is_refused(&zone);
    it_goes_and_the_zone_is_as_before(&zone);
}

fn a_module_without_its_zone_changes_nothing(zone: &Zone) {
    let refused = module(zone, "up", "");
    assert_eq!(refused.code, Some(1), "{refused}");
    says(&refused, &["nothing is published below `/acme/local`", "hint: ", "zone up -e local"]);
    assert!(Look::at(&zone.started()).census().things.is_empty(), "nothing was made");
}

fn it_is_deployed_and_a_second_time_nothing_changes(zone: &Zone) {
    let preview = module(zone, "preview", "").succeeded();
    says(&preview, &["create 3 resources of lambda", "create 16 resources of s3"]);
    let first = module(zone, "up", "--json").succeeded();
    assert!(first.count("create") > 20, "{first}");
    says(&module(zone, "up", "").succeeded(), &["nothing to change"]);
    says(&module(zone, "preview", "").succeeded(), &["no changes"]);
    says(&module(zone, "refresh", "--preview").succeeded(), &["no drift"]);
    says(&zone.run("preview").succeeded(), &["no changes"]);
}

fn its_users_see_what_it_does(zone: &Zone) {
    let seen = used(zone);
    for soon in ["cold", "warm", "dead_letter", "alarm"] {
        assert!(seen[soon].is_number(), "{soon}: {seen}");
    }
    assert_eq!((&seen["size"], &seen["sort_key"]), (&"3".into(), &"CHECKSUM".into()), "{seen}");
    assert_eq!((&seen["twice"], &seen["changed"]), (&1.into(), &2.into()), "{seen}");
    assert_eq!((&seen["letter_is_the_event"], &seen["state"]), (&true.into(), &"ALARM".into()), "{seen}");
}

fn its_features_hold(zone: &Zone) {
    let judged = module(zone, "verify", "--json").succeeded();
    let rows = judged.objects();
    let others: Vec<_> = rows.iter().filter(|row| row["type"] == "scenario" && row["outcome"] != "passed").collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(judged.summary()["passed"].as_u64() > Some(25), "{judged}");
    // a row that cannot fail proves nothing
    let look = Look::at(&zone.started());
    let bucket = "acme-object-audit-objects-local";
    look.ask(look.clients.s3.delete_public_access_block().bucket(bucket).send());
    let judged = module(zone, "verify", "--json --read-only");
    assert_eq!(judged.code, Some(4), "{judged}");
    let failed: Vec<_> = judged.objects().into_iter().filter(|row| row["outcome"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!((&failed[0]["requirement"], &failed[0]["name"]), (&"AUDIT-001".into(), &"it is not public".into()));
    let skipped: Vec<_> = judged.objects().into_iter().filter(|row| row["outcome"] == "not_evaluated").collect();
    assert_eq!(skipped.len(), 2, "trials do not run with --read-only: {skipped:?}");
    module(zone, "refresh", "").succeeded();
    module(zone, "up", "").succeeded();
    module(zone, "verify", "--read-only").succeeded();
}

fn the_zone_knows_who_reads_what(zone: &Zone) {
    says(&zone.run("module list").succeeded(), &["object-audit: deployed; reads 2 entries"]);
    let consumers = zone.run("contract check --consumers").succeeded();
    says(&consumers, &["module object-audit: reads kms/internal/arn, sns/alerts/arn", "0 broken"]);
    let refused = zone.run("destroy --yes");
    assert_eq!(refused.code, Some(1), "{refused}");
    says(&refused, &["`object-audit`", "nothing was deleted", "zone module destroy object-audit -e local"]);
    // a stack less, and with it an entry that the module reads
    let before = std::fs::read_to_string(zone.path("config/zone.toml")).expect("the file");
    let document = std::fs::read_to_string(repository().join("crates/contract/published/v2.json")).expect("v2");
    let mut document: Value = serde_json::from_str(&document).expect("JSON");
    document["parameters"].as_array_mut().expect("entries").retain(|entry| entry["path"] != "sns/alerts/arn");
    std::fs::write(zone.path("next.json"), document.to_string()).expect("a file");
    let breaks = zone.run("contract diff 2 next.json -e local");
    assert_eq!(breaks.code, Some(4), "{breaks}");
    says(&breaks, &["breaks modules: `object-audit`"]);
    assert_eq!(std::fs::read_to_string(zone.path("config/zone.toml")).expect("the file"), before);
}

fn a_contract_that_is_not_whole_is_refused(zone: &Zone) {
    let look = Look::at(&zone.started());
    let ssm = &look.clients.ssm;
    let set = |name: &str, value: &str| {
        look.ask(ssm.put_parameter().name(name).value(value).r#type(ParameterType::String).overwrite(true).send());
    };
    let value = |name: &str| {
        let answer = look.ask(ssm.get_parameter().name(name).send());
        answer.parameter.and_then(|parameter| parameter.value).expect("a value")
    };
    for (name, wrong, why) in [
        ("/acme/local/contract/digest", "0".repeat(64), "digest"),
        ("/acme/local/contract/version", "9".to_owned(), "version 9"),
        ("/acme/local/kms/internal/arn", "no-arn".to_owned(), "kms/internal/arn"),
    ] {
        let before = value(name);
        set(name, &wrong);
        let refused = module(zone, "preview", "");
        assert_eq!(refused.code, Some(1), "{name}: {refused}");
        says(&refused, &[why, "hint: "]);
        set(name, &before);
    }
    says(&module(zone, "preview", "").succeeded(), &["no changes"]);
    // the zone is where it was deployed, and the configuration says another place by now
    zone.edit("config/zone.toml", "primary = \"eu-west-1\"", "primary = \"eu-west-3\"");
    let elsewhere = module(zone, "preview", "");
    assert_eq!(elsewhere.code, Some(1), "{elsewhere}");
    says(&elsewhere, &["nothing is published below `/acme/local`", "are account, region and root"]);
    zone.edit("config/zone.toml", "primary = \"eu-west-3\"", "primary = \"eu-west-1\"");
    zone.append("config/modules/object-audit.toml", "[env.local]\nclass = \"none\"\n");
    let refused = module(zone, "preview", "");
    assert_eq!(refused.code, Some(1), "{refused}");
    let settings = std::fs::read_to_string(zone.path("config/modules/object-audit.toml")).expect("its settings");
    let place = format!("config/modules/object-audit.toml:{}: ", settings.lines().count());
    says(&refused, &[&format!("{place}`class`: environment `local` publishes no `kms/none/arn`"), "there are: kms/"]);
    zone.edit("config/modules/object-audit.toml", "class = \"none\"", "clas = \"internal\"");
    let refused = module(zone, "preview", "");
    says(&refused, &[&format!("{place}`clas`: unknown field `clas`"), "the module's README lists its settings"]);
    assert!(!refused.err.contains("unhandled"), "{refused}");
    zone.edit("config/modules/object-audit.toml", "[env.local]", "[env.locl]");
    let refused = module(zone, "preview", "");
    assert_eq!(refused.code, Some(2), "{refused}");
    says(&refused, &["there is no environment `locl`", "did you mean `local`?"]);
    zone.edit("config/modules/object-audit.toml", "[env.locl]\nclas = \"internal\"\n", "");
}

fn it_goes_and_the_zone_is_as_before(zone: &Zone) {
    module(zone, "destroy", "--yes").succeeded();
    says(&zone.run("module list").succeeded(), &["object-audit: not deployed"]);
    let refused = module(zone, "refresh", "");
    assert_eq!(refused.code, Some(2), "{refused}");
    says(&refused, &["is not deployed", "zone module up object-audit -e local"]);
    says(&zone.run("preview").succeeded(), &["no changes"]);
    let noted = std::fs::read_to_string(zone.path(".zone/emulator/authorizations.jsonl")).expect("the gate is there");
    let noted: Vec<_> = noted.lines().filter(|line| !line.contains("zone-probe")).collect();
    assert_eq!(noted, [""; 0], "a call of a module was denied, or is not in the gate's table of rights");
    zone.run("destroy --yes").succeeded();
}

/// Killed at some moment, and deployed again.
#[test]
fn a_module_that_is_killed_goes_on_and_one_that_lost_its_state_is_rebuilt() {
    let zone = with_module();
    zone.run("up").succeeded();
    for after in [700, 1500] {
        let mut running =
            zone.command(&format!("module up {AUDIT} --program {}", program().display())).spawn().expect("it starts");
        std::thread::sleep(std::time::Duration::from_millis(after));
        running.kill().expect("it is killed");
        running.wait().expect("it ended");
    }
    module(&zone, "up", "").succeeded();
    says(&module(&zone, "preview", "").succeeded(), &["no changes"]);

    std::fs::remove_dir_all(zone.path(&format!(".zone/modules/{AUDIT}/state"))).expect("the state goes");
    let refused = module(&zone, "up", "");
    assert_eq!(refused.code, Some(1), "{refused}");
    says(&refused, &["there is no state of it", "zone module up object-audit -e local --rebuild"]);
    let rebuilt = module(&zone, "up", "--rebuild --json").succeeded();
    assert!(rebuilt.count("adopt") > 15 || rebuilt.count("create") > 15, "{rebuilt}");
    says(&module(&zone, "preview", "").succeeded(), &["no changes"]);
    // the folder is gone, as on another branch: the state is enough to delete the module
    std::fs::remove_dir_all(zone.path(&format!("modules/{AUDIT}"))).expect("the folder goes");
    zone.run(&format!("module destroy {AUDIT} --yes")).succeeded();
    says(&zone.run("module list").succeeded(), &["0 modules"]);
}

/// What `zone module new` writes is deployed and verified as it is.
#[test]
fn a_new_module_deploys_at_once() {
    let zone = Zone::minimal();
    zone.run("up").succeeded();
    let sdk = repository().join("crates");
    zone.run(&format!("module new jobs --sdk {}", sdk.display())).succeeded();
    let again = zone.run(&format!("module new jobs --sdk {}", sdk.display()));
    assert_eq!(again.code, Some(2), "{again}");
    says(&again, &["`modules/jobs/Cargo.toml` exists already", "nothing was written"]);
    // the versions that this repository has: another one would be downloaded
    std::fs::copy(repository().join("Cargo.lock"), zone.path("modules/jobs/Cargo.lock")).expect("Cargo.lock");
    let up = zone.run("module up jobs --json").succeeded();
    assert!(up.count("create") > 0, "{up}");
    zone.run("module verify jobs").succeeded();
    let graph = Command::new("cargo")
        .args(["tree", "--prefix", "none", "--edges", "normal", "--manifest-path"])
        .arg(zone.path("modules/jobs/Cargo.toml"))
        .output()
        .expect("cargo");
    let graph = String::from_utf8_lossy(&graph.stdout).into_owned();
    assert!(graph.contains("pulumi v"), "{graph}");
    assert!(!graph.lines().any(|line| line.starts_with("aws-")), "a program compiles no SDK: {graph}");

    // the zone takes nothing away that a deployed module reads
    zone.edit("config/zone.toml", "\"all\"", "\"everything\"");
    let refused = zone.run("up");
    assert_eq!(refused.code, Some(1), "{refused}");
    says(&refused, &["module `jobs` reads `kms/all/arn`", "nothing was changed", "keep the entries"]);
    zone.edit("config/zone.toml", "\"everything\"", "\"all\"");
    says(&zone.run("preview").succeeded(), &["no changes"]);

    // what breaks a rule is told before anything is made
    zone.edit("modules/jobs/src/main.rs", ".name(zone.own_name(\"jobs\"))", ".name(\"anything\")");
    zone.edit(
        "modules/jobs/src/main.rs",
        ".kms_master_key_id(zone.key_arn(&settings.class))",
        ".delay_seconds(i32::from(settings.class.is_empty()))",
    );
    let refused = zone.run("module up jobs");
    assert_eq!(refused.code, Some(4), "{refused}");
    says(&refused, &["rule `names`", "`anything` does not begin with", "rule `encryption`", "nothing was changed"]);

    // a panic is told as an error is: what and where, in one line
    zone.edit("modules/jobs/src/main.rs", ".name(\"anything\")", ".name([\"a\"][zone.region().len()])");
    let panicked = zone.run("module preview jobs");
    assert_eq!(panicked.code, Some(1), "{panicked}");
    says(
        &panicked,
        &["the program panicked at ", "src/main.rs:", "index out of bounds", "hint: return an error instead"],
    );
    assert!(panicked.err.lines().count() < 10, "{panicked}");

    zone.edit("modules/jobs/src/main.rs", "fn main()", "fn main(");
    let broken = zone.run("module up jobs");
    assert_eq!(broken.code, Some(1), "{broken}");
    says(&broken, &["building module `jobs`", "error", "correct what cargo names"]);
    zone.run("module destroy jobs --yes").succeeded();
}

/// The engine ends a deletion that it was asked to stop as if it were done.
#[test]
fn a_deletion_that_is_stopped_says_so_and_goes_on_when_it_is_run_again() {
    use std::{
        io::{BufRead, BufReader},
        process::Stdio,
    };
    let zone = Zone::new();
    zone.run("up").succeeded();
    let mut running = zone.command("destroy --yes --parallel 1").stderr(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(running.stderr.take().expect("standard error")).lines();
    let mut said = String::new();
    let mut stopped = false;
    for line in lines.map_while(Result::ok) {
        if !stopped && line.contains("deleted aws:") {
            let pid = rustix::process::Pid::from_child(&running);
            rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it is stopped");
            stopped = true;
        }
        said.push_str(&line);
        said.push('\n');
    }
    let code = running.wait().expect("it ended").code();
    assert!(stopped, "{said}");
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("the deletion was stopped") && said.contains("run `zone destroy -e local` again"), "{said}");
    zone.run("destroy --yes").succeeded();
    assert!(Look::at(&zone.started()).census().things.is_empty(), "all of it is gone");
}

#[test]
fn a_module_that_is_not_there_is_refused_with_the_way_out() {
    let zone = with_module();
    for (arguments, words) in [
        ("module up other", &["there is no module `other`", "modules: `object-audit`", "zone module new other"][..]),
        ("module up zone", &["`zone` is the zone's own name"]),
        ("module new Zone", &["expected lower-case letters, digits and hyphens, got `Zone`"]),
        ("module new fresh", &["--sdk", "nothing was written"]),
        ("module new kms", &["the zone publishes its own parameters below `kms`"]),
        ("module new modules", &["the zone publishes its own parameters below `modules`"]),
        ("module up object-audit --program Pulumi.yaml", &["is not executable: `Pulumi.yaml`"]),
        ("module up object-audit --program /nowhere", &["`/nowhere`", "leave out --program"]),
    ] {
        let refused = zone.run(arguments);
        assert_eq!(refused.code, Some(2), "{arguments}: {refused}");
        says(&refused, words);
        says(&refused, &["hint: "]);
    }
}
