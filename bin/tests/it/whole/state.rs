//! The state of an environment: in its bucket, shared, locked, restored, lost and rebuilt.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{
    Said, Zone,
    look::{Look, REGION, STATES},
    proxy::{Proxy, Refusal},
    python, tools,
    watch::signal,
};

/// The tests' own tenant, with less of what takes time, and its state in its own bucket.
fn in_its_bucket() -> Zone {
    let zone = Zone::new();
    zone.cut("config/zone.toml", "[[domain]]\nbus = \"billing\"", "[roles]");
    zone.edit("config/local.toml", "state = \"file\"", "state = \"bucket\"\nsecrets = \"awskms\"");
    zone
}

fn show(zone: &Zone) -> Value {
    serde_json::from_str(&zone.run("state show --json").succeeded().out).expect("an object")
}

#[track_caller]
fn says(said: &Said, words: &[&str]) {
    for word in words {
        assert!(said.err.contains(word), "`{word}` is not said\n{said}");
    }
}

/// Whom a hint of `unlock` names.
#[track_caller]
fn holder(said: &str) -> String {
    said.split("--holder ").nth(1).and_then(|rest| rest.split('`').next()).expect("a name").to_owned()
}

/// Plain `pulumi` on the zone's state.
fn pulumi(zone: &Zone, arguments: &str) -> Said {
    plain(zone, arguments).output().expect("bash starts").into()
}

fn plain(zone: &Zone, arguments: &str) -> Command {
    let script = format!("eval \"$('{}' engine env)\" && pulumi {arguments}", env!("CARGO_BIN_EXE_zone"));
    let mut command = Command::new("bash");
    command.args(["-euc", &script]).current_dir(zone.path(".")).env("ZONE_TOOLS", tools()).stdin(Stdio::null());
    command
}

/// Texts that must stand nowhere but in the passphrase's own file: the passphrase, and what AWS counts as secret.
fn assert_no_secret(zone: &Zone, look: &Look) {
    let passphrase = std::fs::read_to_string(zone.path(".zone/secrets/local.passphrase")).expect("a passphrase");
    let mut secrets = vec![passphrase, "wJalr".to_owned()];
    for pool in look.ask(look.clients.cognito.list_user_pools().max_results(60).send()).user_pools.unwrap_or_default() {
        let id = pool.id.expect("an id");
        let clients = look.clients.cognito.list_user_pool_clients().user_pool_id(&id).max_results(60);
        for client in look.ask(clients.send()).user_pool_clients.unwrap_or_default() {
            let described = look.clients.cognito.describe_user_pool_client();
            let described = described.user_pool_id(&id).client_id(client.client_id.expect("an id")).send();
            let client = look.ask(described).user_pool_client;
            secrets.extend(client.and_then(|client| client.client_secret));
        }
    }
    let mut open = vec![zone.path(".zone")];
    let mut files = 0;
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("emulator") {
                open.push(path);
            } else if path.is_file() && !path.ends_with("local.passphrase") {
                files += 1;
                let text = std::fs::read(&path).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                let found = secrets.iter().find(|secret| text.contains(secret.as_str()));
                assert_eq!(found, None, "{} has a secret in it", path.display());
            }
        }
    }
    assert!(files > 3, "there was something to look into");
}

#[test]
fn it_moves_into_its_bucket_and_whoever_deploys_finds_it_there() {
    let zone = in_its_bucket();
    let up = zone.run("up").succeeded();
    says(&up, &["encrypted with awskms://alias/acme/", "moved the state to s3://acme-pulumi-state-local"]);
    assert!(!zone.path(".zone/state/local").exists(), "there is one state");
    let look = Look::of(&zone);
    let shown = show(&zone);
    assert_eq!((&shown["shared"], &shown["at_work"], &shown["pending"]), (&json!(true), &Value::Null, &json!(0)));
    assert_eq!(zone.run("up --json").succeeded().changes().len(), 1, "unchanged");
    zone.run("doctor").succeeded();

    // an empty checkout: neither state nor passphrase nor settings
    let colleague = zone.colleague();
    assert_eq!(colleague.run("preview --json").succeeded().changes().len(), 1, "unchanged");
    assert!(!colleague.path(".zone/secrets").exists(), "the key takes the passphrase's place");
    colleague.edit("config/local.toml", "log_retention_days = ", "log_retention_days = 90 #");
    let up = colleague.run("up --json").succeeded();
    assert!(up.count("update") > 0, "{up}");
    zone.edit("config/local.toml", "log_retention_days = ", "log_retention_days = 90 #");
    assert_eq!(zone.run("up --json").succeeded().changes().len(), 1, "the colleague's work is known");
    let history = colleague.run("state history --json").succeeded().objects();
    assert!(history.len() >= 4 && history.iter().all(|update| update["result"] == "succeeded"), "{history:?}");

    // without the marker it is found, too, and marked again
    let marker = "/acme/local/state/url";
    look.ask(look.clients.ssm.delete_parameter().name(marker).send());
    assert_eq!(colleague.run("up --json").succeeded().changes().len(), 1, "unchanged");
    let marked = look.ask(look.clients.ssm.get_parameter().name(marker).send());
    let url = marked.parameter.and_then(|parameter| parameter.value).unwrap_or_default();
    assert!(url.starts_with("s3://acme-pulumi-state-local?region="), "{url}");

    // plain pulumi works on the same state; in a real account it would sign in by itself
    let listed = pulumi(&zone, "stack ls --json").succeeded();
    assert!(listed.out.contains("\"local\""), "{listed}");
    pulumi(&zone, "preview --non-interactive --expect-no-changes").succeeded();

    // without the state everybody is told that it is lost, and with its former version it is there again
    let (bucket, key) = ("acme-pulumi-state-local", ".pulumi/stacks/zone/local.json");
    look.ask(look.clients.s3.delete_object().bucket(bucket).key(key).send());
    look.ask(look.clients.ssm.delete_parameter().name(marker).send());
    let lost = colleague.run("state show");
    assert_eq!(lost.code, Some(1), "{lost}");
    assert!(lost.out.contains("resources   none\n"), "{lost}");
    says(&lost, &["there is no state of it", "zone state history -e local"]);
    let versions = colleague.run("state history --versions --json").succeeded().objects();
    let id = versions[0]["id"].as_str().expect("an id");
    assert!(versions.len() > 3 && versions[0]["bytes"].as_i64() > Some(10_000), "{versions:?}");
    assert!(colleague.run("state history --versions").succeeded().out.starts_with(id), "people see the same");
    let export = colleague.run(&format!("state export --version {id}")).succeeded();
    assert_eq!(colleague.run("state restore none --yes").code, Some(2));
    says(&colleague.run(&format!("state restore {id} --yes")).succeeded(), &["the state of local is replaced"]);
    assert_eq!(colleague.run("state export").succeeded().out, export.out, "it is that version");
    assert_eq!(colleague.run("up --json").succeeded().changes().len(), 1, "unchanged");
    look.ask(look.clients.ssm.get_parameter().name(marker).send());

    let destroyed = colleague.run("destroy --yes").succeeded();
    says(&destroyed, &["encrypted with a passphrase now", "moved the state to .zone/state/local on this machine"]);
    assert_eq!(show(&colleague)["shared"], json!(false));

    // what is left of that on the colleague's machine stands in nobody's way
    zone.run("up").succeeded();
    assert_eq!(show(&colleague)["shared"], json!(true));
    let destroyed = colleague.run("destroy --yes").succeeded();
    says(
        &destroyed,
        &["this machine had an older state of `local`: moved it to .zone/state/local.moved-", "moved the state to"],
    );
}

/// The first deployment of one checkout is killed; another one, with nothing but the configuration and the passphrase, completes
/// it, and plain `pulumi` agrees.
#[test]
fn another_checkout_completes_what_a_killed_one_began() {
    let zone = Zone::new();
    zone.cut("config/zone.toml", "[[domain]]\nbus = \"billing\"", "[roles]");
    let look = Look::at(&zone.started());
    look.make_states();
    zone.edit("config/local.toml", "state = \"file\"", &format!("state = \"s3://{STATES}?region={REGION}\""));
    let mut up = zone.watch("up");
    assert!(up.until(" created ", 40));
    signal(up.pid(), Signal::KILL);
    up.finish(Duration::from_secs(10));

    let colleague = zone.colleague();
    let passphrase = std::fs::read_to_string(zone.path(".zone/secrets/local.passphrase")).expect("a passphrase");
    let run = |arguments: &str| -> Said {
        let mut command = colleague.command(arguments);
        command.env("PULUMI_CONFIG_PASSPHRASE", &passphrase).output().expect("zone starts").into()
    };
    let held = run("unlock").err;
    let name = holder(&held);
    run(&format!("unlock --holder {name}")).succeeded();
    let up = run("up").succeeded();
    says(&up, &["was interrupted: taking over ", " recorded steps from its journal"]);
    assert_eq!(run("up --json").succeeded().changes().len(), 1, "unchanged");
    let (state, census) = (colleague.shape(), look.census());
    assert_eq!(census.things.get("VPCs").map(std::collections::BTreeSet::len), Some(1), "{census:?}");
    assert_eq!(census.keys.len(), state.classes.len(), "nothing is there twice");
    let preview: Said =
        plain(&colleague, "preview").env("PULUMI_CONFIG_PASSPHRASE", &passphrase).output().expect("it starts").into();
    let preview = preview.succeeded();
    assert!(preview.out.contains("unchanged") && !preview.out.contains("to create"), "{preview}");
}

/// A stack that was made and not deployed has its settings on the machine that made it alone.
#[test]
fn another_checkout_deploys_a_stack_that_was_only_made() {
    let zone = Zone::minimal();
    zone.started();
    let look = Look::in_account_of(&zone);
    look.make_states();
    zone.edit("config/local.toml", "state = \"file\"", &format!("state = \"s3://{STATES}?region={REGION}\""));
    let up = zone.watch("up");
    let made = || zone.path(".zone/stacks/Pulumi.local.yaml").exists();
    let began = std::time::Instant::now();
    while !made() {
        assert!(began.elapsed() < Duration::from_secs(60), "the stack is made");
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(up.pid(), Signal::KILL);
    up.finish(Duration::from_secs(10));
    assert_eq!(show(&zone)["secrets"], "none yet", "it was not deployed");

    let colleague = zone.colleague();
    let passphrase = std::fs::read_to_string(zone.path(".zone/secrets/local.passphrase")).expect("a passphrase");
    std::fs::create_dir_all(colleague.path(".zone/secrets")).expect("a folder");
    std::fs::write(colleague.path(".zone/secrets/local.passphrase"), &passphrase).expect("a file");
    let held = colleague.run("unlock").err;
    let name = holder(&held);
    colleague.run(&format!("unlock --holder {name}")).succeeded();
    colleague.run("up").succeeded();
    assert_eq!(colleague.run("up --json").succeeded().changes().len(), 1, "unchanged");
    assert_eq!(zone.run("up --json").succeeded().changes().len(), 1, "unchanged, with the same passphrase");
    // nobody else reads its secrets
    std::fs::write(colleague.path(".zone/secrets/local.passphrase"), "").expect("a file");
    says(&colleague.run("up"), &["incorrect passphrase"]);
}

/// Puts a text into Secrets Manager, as its owner does, who is not `zone`.
fn put_secret(zone: &Zone, verb: &str, text: &str) {
    let script = format!(
        "eval \"$('{}' emulator env)\" && '{}' -c 'import boto3, sys; {verb}' '{text}'",
        env!("CARGO_BIN_EXE_zone"),
        python().display()
    );
    let mut command = Command::new("bash");
    zone.command("").get_envs().for_each(|(name, value)| match value {
        Some(value) => drop(command.env(name, value)),
        None => drop(command.env_remove(name)),
    });
    let said = Said::from(command.args(["-c", &script]).current_dir(zone.path(".")).output().expect("bash starts"));
    said.succeeded();
}

/// The configuration names a secret: no machine needs a file, and no file is made.
#[test]
fn a_passphrase_in_secrets_manager_serves_every_machine() {
    let zone = Zone::minimal();
    let (look, elsewhere) = (Look::of(&zone), Look::in_account_of(&zone));
    elsewhere.make_states();
    let keeps = format!("state = \"s3://{STATES}?region={REGION}\"\npassphrase_secret = \"acme/pulumi\"");
    zone.edit("config/local.toml", "state = \"file\"", &keeps);
    let before = look.census();
    let lacks = zone.run("up");
    assert_eq!(lacks.code, Some(3), "{lacks}");
    says(&lacks, &["has no such secret in ", "hint: create it in Secrets Manager", "config/local.toml"]);
    assert_eq!(look.census(), before, "nothing is deployed without it");
    let doctor = zone.run("doctor");
    assert!(doctor.out.contains("problem        engine.state  reading the passphrase of the state"), "{doctor}");

    let client = "boto3.client(\"secretsmanager\")";
    put_secret(
        &zone,
        &format!("{client}.create_secret(Name=\"acme/pulumi\", SecretString=sys.argv[1])"),
        "corr3ct-h0rse",
    );
    zone.run("up").succeeded();
    assert!(!zone.path(".zone/secrets").exists(), "no file is made");
    let colleague = zone.colleague();
    assert_eq!(colleague.run("preview --json").succeeded().changes().len(), 1, "unchanged");
    assert_eq!(colleague.run("up --json").succeeded().changes().len(), 1, "unchanged");
    for zone in [&zone, &colleague] {
        assert!(!zone.path(".zone/secrets").exists(), "no file is made");
        let search = Command::new("grep").args(["-r", "corr3ct-h0rse", "."]).current_dir(zone.path(".")).output();
        assert_eq!(search.expect("grep starts").status.code(), Some(1), "the passphrase is in no file");
        let search = Command::new("grep").args(["-rq", "passphrase_secret", "."]).current_dir(zone.path(".")).status();
        assert_eq!(search.expect("grep starts").code(), Some(0), "which are looked through");
    }
    let env = zone.run("engine env").succeeded();
    assert!(!env.out.contains("corr3ct-h0rse") && env.err.contains("PULUMI_CONFIG_PASSPHRASE"), "{env}");

    put_secret(
        &zone,
        &format!("{client}.put_secret_value(SecretId=\"acme/pulumi\", SecretString=sys.argv[1])"),
        "other",
    );
    let wrong = colleague.run("up");
    assert_ne!(wrong.code, Some(0), "{wrong}");
    says(&wrong, &["incorrect passphrase", "the secret that `passphrase_secret` names does not hold the passphrase"]);
    // a file of the machine comes first
    std::fs::create_dir_all(colleague.path(".zone/secrets")).expect("a folder");
    std::fs::write(colleague.path(".zone/secrets/local.passphrase"), "corr3ct-h0rse").expect("a file");
    assert_eq!(colleague.run("up --json").succeeded().changes().len(), 1, "unchanged");
}

#[test]
fn of_two_who_deploy_at_once_one_does_and_the_other_is_told() {
    let zone = in_its_bucket();
    zone.run("up").succeeded();
    let colleague = zone.colleague();
    let races = std::env::var("ZONE_RACES").ok().and_then(|races| races.parse().ok()).unwrap_or(3);
    let (mut refused, mut won) = (0, 0);
    for race in 0..races {
        let days = if race % 2 == 0 { 60 } else { 90 };
        for zone in [&zone, &colleague] {
            let path = zone.path("config/local.toml");
            let text = std::fs::read_to_string(&path).expect("a configuration");
            let line = |line: &str| {
                let is_it = line.starts_with("log_retention_days");
                if is_it { format!("log_retention_days = {days}") } else { line.to_owned() }
            };
            std::fs::write(path, text.lines().map(line).collect::<Vec<_>>().join("\n")).expect("written");
        }
        let start =
            |zone: &Zone| zone.command("up").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let both =
            [start(&zone), start(&colleague)].map(|child| Said::from(child.wait_with_output().expect("it ends")));
        for said in &both {
            match said.code {
                Some(0) => won += 1,
                Some(5) => {
                    refused += 1;
                    says(said, &["is at work on environment `local`", "hint: ", "`zone unlock -e local`"]);
                }
                _ => panic!("{said}"),
            }
        }
        assert!(both.iter().any(|said| said.code == Some(0)), "{}\n{}", both[0], both[1]);
        let up = zone.run("up --json").succeeded();
        assert_eq!(up.changes().len(), 1, "no entry is lost: {up}");
    }
    assert!(won >= races && refused > 0, "{won} won, {refused} were refused");
    assert_eq!(show(&zone)["at_work"], Value::Null, "no lock is left");
}

#[test]
fn who_finds_a_dead_machine_s_lock_waits_or_takes_it_by_name() {
    let zone = in_its_bucket();
    zone.run("up").succeeded();
    let colleague = zone.colleague();
    zone.edit("config/local.toml", "log_retention_days = ", "log_retention_days = 90 #");
    let mut up = zone.watch("up");
    assert!(up.until(" updated ", 1));
    signal(up.pid(), Signal::KILL);
    up.finish(Duration::from_secs(10));
    let refused = colleague.run("up");
    assert_eq!(refused.code, Some(5), "{refused}");
    let asked = colleague.run("unlock");
    assert_eq!(asked.code, Some(2), "{asked}");
    let name = holder(&asked.err);
    let wrong = colleague.run("unlock --holder somebody@else");
    assert_eq!(wrong.code, Some(2), "{wrong}");
    assert_eq!(colleague.run("up").code, Some(5), "it is still held");
    colleague.run(&format!("unlock --holder {name}")).succeeded();
    // what the dead run recorded is gone on from
    colleague.edit("config/local.toml", "log_retention_days = ", "log_retention_days = 90 #");
    let up = colleague.run("up").succeeded();
    says(&up, &["was interrupted"]);
    assert_eq!(colleague.run("up --json").succeeded().changes().len(), 1, "unchanged");
    // the one that was dead comes back
    assert_eq!(zone.run("up --json").succeeded().changes().len(), 1, "unchanged");
    says(&colleague.run("unlock").succeeded(), &["nobody holds environment `local`"]);
}

#[test]
fn plain_pulumi_and_zone_keep_out_of_each_other_s_way() {
    let zone = Zone::minimal();
    zone.run("up").succeeded();
    // a lock of plain pulumi on another machine
    let locks = zone.path(".zone/state/local/.pulumi/locks/organization/zone/local");
    std::fs::create_dir_all(&locks).expect("a folder");
    let lock = json!({ "pid": 1, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-11-26T00:00:00Z" });
    std::fs::write(locks.join("a.json"), lock.to_string()).expect("a lock");
    let refused = zone.run("up");
    assert_eq!(refused.code, Some(5), "{refused}");
    says(&refused, &["plain `pulumi` is at work", "ann@elsewhere", "`zone unlock -e local`"]);
    zone.run("preview").succeeded();
    zone.run("unlock --holder ann@elsewhere").succeeded();
    assert_eq!(zone.run("up --json").succeeded().changes().len(), 1, "unchanged");

    // a run of zone that was killed keeps plain pulumi out, until the next one has gone on from its journal
    zone.edit("config/local.toml", "log_retention_days = ", "log_retention_days = 90 #");
    zone.edit("config/zone.toml", "deletion_window_days = ", "deletion_window_days = 8 #");
    let mut up = zone.watch("up");
    assert!(up.until(" updated ", 1));
    signal(up.pid(), Signal::KILL);
    up.finish(Duration::from_secs(10));
    let refused = pulumi(&zone, "up --yes --skip-preview");
    assert_ne!(refused.code, Some(0), "{refused}");
    let words = refused.to_string();
    assert!(
        words.contains("the stack is currently locked by 1 lock(s)") && words.contains("next run of `zone`"),
        "{words}"
    );
    zone.run("up").succeeded();
    assert!(std::fs::read_dir(&locks).expect("the folder").next().is_none(), "no lock is left");
    pulumi(&zone, "preview").succeeded();
}

/// However a run ends by itself, nobody has to wait for its locks.
#[test]
fn a_run_that_ends_in_a_refusal_gives_the_environment_back() {
    let zone = Zone::minimal();
    let endpoint = zone.started();
    let look = Look::in_account_of(&zone);
    look.make_states();
    zone.edit("config/local.toml", "state = \"file\"", &format!("state = \"s3://{STATES}?region={REGION}\""));
    let proxy = Proxy::new(&endpoint, 0);
    zone.append("config/local.toml", &format!("[emulator]\nendpoint = \"{}\"\n", proxy.endpoint()));
    zone.run("up").succeeded();
    // what AWS refuses in between
    proxy.refuse(Some(Refusal { operation: "GetParametersByPath", code: "AccessDeniedException", message: "not you" }));
    let denied = zone.run("up");
    assert_eq!(denied.code, Some(1), "{denied}");
    assert_eq!(show(&zone)["at_work"], Value::Null, "{denied}");
    proxy.refuse(None);
    let plan = zone.path("plan.json").display().to_string();
    zone.edit("config/local.toml", "log_retention_days = ", "log_retention_days = 90 #");
    zone.edit("config/zone.toml", "deletion_window_days = ", "deletion_window_days = 8 #");
    zone.run(&format!("plan -o {plan}")).succeeded();
    zone.run("up").succeeded();
    let refusals = [
        (format!("up {plan}"), 1),
        ("up --allow no-risk --adopt nothing-of-this-name".to_owned(), 2),
        ("state rebuild --yes".to_owned(), 2),
        ("state restore 1 --yes".to_owned(), 2),
        ("state move --to bucket".to_owned(), 2),
    ];
    for (command, code) in refusals {
        let refused = zone.run(&command);
        assert_eq!(refused.code, Some(code), "{command}: {refused}");
        assert_eq!(show(&zone)["at_work"], Value::Null, "{command}");
    }
}

#[test]
fn a_state_is_exported_cut_imported_and_restored() {
    let zone = Zone::minimal();
    zone.run("up").succeeded();
    let whole = zone.run("state export").succeeded().out;
    let mut cut: Value = serde_json::from_str(&whole).expect("an object");
    let resources = cut["deployment"]["resources"].as_array_mut().expect("resources");
    let gone = resources.pop().expect("a resource");
    let file = zone.path("cut.json");
    let import = |text: &str| {
        std::fs::write(&file, text).expect("written");
        zone.run(&format!("state import {} --yes", file.display()))
    };
    let other = whole.replace("urn:pulumi:local::", "urn:pulumi:prod::");
    let refusals = [
        (&whole[..whole.len() / 2], "it is cut off"),
        ("", "reading"),
        (&whole.replacen("\"version\":3", "\"version\":9", 1), "version"),
        (&other, "is of another stack than `local`"),
        (&whole.replacen("\"deployment\"", "\"deploiment\"", 1), "deployment"),
    ];
    for (text, words) in refusals {
        let refused = import(text);
        assert_eq!(refused.code, Some(2), "{words}: {refused}");
        says(&refused, &[words, "hint: "]);
    }
    assert_eq!(zone.run("state export").succeeded().out, whole, "nothing was changed");
    let asks = zone.run(&format!("state import {}", file.display()));
    assert_eq!(asks.code, Some(2), "there is no terminal to ask on\n{asks}");

    says(&import(&whole).succeeded(), &["it is the state that there is"]);
    says(&import(&cut.to_string()).succeeded(), &["0 resources added to the state, 1 removed, 0 changed"]);
    let preview = zone.run("preview --json").succeeded();
    assert_eq!(preview.count("create"), 1, "{}: {preview}", gone["urn"]);
    let history = zone.run("state history --json").succeeded().objects();
    assert_eq!((&history[0]["kind"], &history[1]["kind"]), (&json!("import"), &json!("update")));
    let id = history[1]["id"].as_str().expect("an id");
    says(&zone.run("state history --versions").succeeded(), &["it is in a folder, which keeps none"]);
    let unknown = zone.run("state restore 1 --yes");
    assert_eq!(unknown.code, Some(2), "{unknown}");
    says(&unknown, &["no earlier state `1` of `local`", "zone state history -e local --versions"]);
    says(&zone.run(&format!("state restore {id} --yes")).succeeded(), &["1 resources added to the state, 0 removed"]);
    assert_eq!(zone.run("preview --json").succeeded().changes().len(), 1, "unchanged");
    assert_eq!(
        zone.run(&format!("state export --version {id}")).succeeded().out,
        zone.run("state export").succeeded().out
    );
    assert_no_secret(&zone, &Look::of(&zone));
}

#[test]
fn a_lost_state_is_not_deployed_a_second_time_and_is_rebuilt() {
    let zone = Zone::new();
    zone.cut("config/zone.toml", "[[domain]]\nbus = \"billing\"", "[roles]");
    zone.run("up").succeeded();
    let look = Look::of(&zone);
    let before = look.census();
    let kept = zone.run("state rebuild --yes");
    assert_eq!(kept.code, Some(2), "there is a state\n{kept}");
    let ids = |zone: &Zone| zone.resources(|kind| kind.starts_with("aws:"));
    let had = ids(&zone);
    let marker = std::fs::read(zone.path(".zone/state/local/emulator")).expect("a marker");
    std::fs::remove_dir_all(zone.path(".zone/state/local")).expect("lost");
    std::fs::create_dir_all(zone.path(".zone/state/local")).expect("a folder");
    std::fs::write(zone.path(".zone/state/local/emulator"), marker).expect("a marker");
    let refused = zone.run("up");
    assert_eq!(refused.code, Some(1), "{refused}");
    says(&refused, &["is deployed", "there is no state of it", "`zone state rebuild -e local`"]);
    for compares in ["drift", "plan -o plan.json", "refresh --preview"] {
        let refused = zone.run(compares);
        assert_eq!(refused.code, Some(1), "{compares}: there is nothing to compare with\n{refused}");
        says(&refused, &["there is no state of it"]);
    }
    says(&zone.run("preview").succeeded(), &["there is no state of it"]);
    assert_eq!(look.census(), before, "nothing was changed");
    zone.run("state rebuild --yes").succeeded();
    assert_eq!(look.census(), before, "each is there once, and what was there");
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(ids(&zone)), sorted(had));
    assert_eq!(zone.run("preview --json").succeeded().changes().len(), 1, "unchanged");
    assert_eq!(zone.run("refresh --preview --json").succeeded().changes().len(), 1, "as it is live");
    assert_no_secret(&zone, &look);
}

#[test]
fn what_is_wrong_with_a_bucket_is_said_with_the_way_out() {
    let zone = Zone::minimal();
    let look = Look::in_account_of(&zone);
    look.make_states();
    let mut state = "file".to_owned();
    let mut with = |url: &str| {
        zone.edit("config/local.toml", &format!("state = \"{state}\""), &format!("state = \"{url}\""));
        url.clone_into(&mut state);
        zone.run("up")
    };
    let gone = with(&format!("s3://no-such-states?region={REGION}"));
    assert_eq!(gone.code, Some(1), "{gone}");
    says(&gone, &["no-such-states", "hint: "]);
    let elsewhere = with("s3://states?region=us-west-2");
    assert_eq!(elsewhere.code, Some(1), "{elsewhere}");
    says(&elsewhere, &[REGION, "hint: "]);
    assert!(look.census().keys.is_empty(), "nothing was made");
    with(&format!("s3://states?region={REGION}")).succeeded();
    // a policy that lets nobody write
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Deny", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::states/*",
    }] });
    look.ask(look.clients.s3.put_bucket_policy().bucket(STATES).policy(policy.to_string()).send());
    let denied = zone.run("up");
    assert_eq!(denied.code, Some(1), "{denied}");
    says(&denied, &["`s3:PutObject`", "hint: "]);
    // reading is enough for a preview
    assert_eq!(zone.run("preview --json").succeeded().changes().len(), 1, "unchanged");
    look.ask(look.clients.s3.delete_bucket_policy().bucket(STATES).send());
    // a state of a newer version, half a state, a state of another environment
    let key = ".pulumi/stacks/zone/local.json";
    let object = look.ask(look.clients.s3.get_object().bucket(STATES).key(key).send());
    let whole = look.ask(object.body.collect()).to_vec();
    let whole = String::from_utf8(whole).expect("JSON");
    let put = |body: String| {
        look.ask(look.clients.s3.put_object().bucket(STATES).key(key).body(body.into_bytes().into()).send())
    };
    for (text, words) in [
        (whole.replacen("\"version\":3", "\"version\":9", 1), "version"),
        (whole[..whole.len() / 3].to_owned(), "cut off"),
        (whole.replace("organization/zone/local", "organization/zone/prod"), "organization/zone/prod"),
    ] {
        put(text);
        let refused = zone.run("up");
        assert_eq!(refused.code, Some(1), "{refused}");
        says(&refused, &[words, "hint: "]);
    }
    put(whole);
    assert_eq!(zone.run("up --json").succeeded().changes().len(), 1, "unchanged");
}
