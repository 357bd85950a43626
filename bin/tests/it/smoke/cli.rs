//! What a user sees: command, exit code, standard output and error, as snapshots.

use crate::support::{Said, Zone};

/// A snapshot of one command in a zone.
fn shown(zone: &Zone, arguments: &str) -> String {
    let Said { code, out, err } = zone.run(arguments);
    let root = zone.path("").canonicalize().expect("a folder").display().to_string();
    let root = root.trim_end_matches('/');
    let text = format!(
        "$ zone {arguments}\nexit code {}\n--- stdout\n{out}--- stderr\n{err}",
        code.map_or("none".into(), |c| c.to_string())
    );
    text.replace(root, "[ZONE]")
}

/// A zone whose account of production is not known yet.
fn without_an_account() -> Zone {
    let zone = Zone::new();
    zone.edit("config/prod.toml", "account = \"444455556666\"\n", "");
    zone
}

#[test]
fn help_of_every_verb() {
    let zone = Zone::new();
    let verbs = [
        "",
        "up",
        "preview",
        "plan",
        "drift",
        "refresh",
        "destroy",
        "verify",
        "verify diff",
        "doctor",
        "state",
        "state import",
        "state move",
        "unlock",
        "guardrail",
        "guardrail prove",
        "contract",
        "config",
        "config check",
        "config show",
        "emulator",
        "engine",
    ];
    let all: Vec<_> = verbs.iter().map(|verb| shown(&zone, &format!("{verb} --help"))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn wrong_use() {
    let zone = Zone::new();
    let cases = [
        "",
        "upp",
        "up --parallel 0",
        "up --env",
        "up --allow everything",
        "plan",
        "contract get",
        "contract get s3/lkae/name",
        "verify --filter tags diff a b",
        "verify diff nowhere nothing",
    ];
    insta::assert_snapshot!(cases.iter().map(|c| shown(&zone, c)).collect::<Vec<_>>().join("\n"));
}

#[test]
fn not_in_a_zone() {
    let zone = Zone::new();
    let outside = tempfile::tempdir().expect("a folder");
    let said: Said = zone.command("up").current_dir(outside.path()).output().expect("zone starts").into();
    assert_eq!(said.code, Some(2), "{said}");
    assert!(said.err.contains("nor a folder above it is a zone's") && said.err.contains("hint:"), "{said}");
    let named = zone.run("up --root /nowhere");
    assert_eq!(named.code, Some(2), "{named}");
    assert!(named.err.contains("`/nowhere` is not a zone's folder"), "{named}");
}

#[test]
fn nothing_is_deployed_yet() {
    let zone = Zone::new();
    let cases = ["emulator status", "verify", "contract list", "contract get kms/secret/arn", "emulator stop"];
    insta::assert_snapshot!(cases.iter().map(|c| shown(&zone, c)).collect::<Vec<_>>().join("\n"));
}

/// Each wrong value is named with file, line, key and a way out, and nothing is started.
#[test]
fn wrong_configuration() {
    let wrong = [
        ("config/zone.toml", "glacier_after_days = 200", "glacier_after_day = 200"),
        ("config/local.toml", "protect = false", "protect = \"no\""),
        ("config/local.toml", "172.20.4.0/22", "172.20.0.0/22"),
        ("config/local.toml", "172.20.4.0/22", "172.20.4.0/33"),
        ("config/zone.toml", "bus = \"billing\"", "bus = \"orders\""),
        (
            "config/zone.toml",
            "purpose = \"lake\"",
            "purpose = \"a-purpose-with-a-name-that-nobody-will-ever-want-to-type-by-hand\"",
        ),
        ("config/local.toml", "account = \"222233334444\"", "account = \"22223333444\""),
    ];
    let mut all = Vec::new();
    for (file, from, to) in wrong {
        let zone = Zone::new();
        zone.edit(file, from, to);
        all.push(format!("# {file}: {to}\n{}", shown(&zone, "up")));
        assert!(!zone.path(".zone").exists(), "nothing is started for `{to}`");
    }
    let zone = without_an_account();
    all.push(shown(&zone, "up -e pord"));
    all.push(shown(&zone, "up -e prod"));
    zone.edit("config/dev.toml", "333344445555", "222233334444");
    all.push(shown(&zone, "up"));
    insta::assert_snapshot!(all.join("\n"));
}

/// All environments or one; what is wrong with the shape is said once, and nothing is started.
#[test]
fn config_check() {
    let zone = without_an_account();
    let mut all = vec![shown(&zone, "config check"), shown(&zone, "config check -e dev")];
    all.push(shown(&zone, "config check -e prod --json"));
    all.push(shown(&zone, "config check -e pord"));
    zone.edit("config/zone.toml", "archive_days = 21", "archive_days = 0");
    zone.edit("config/local.toml", "state = \"file\"", "state = \"s3\"");
    all.push(shown(&zone, "config check"));
    let typo = Zone::new();
    typo.edit("config/zone.toml", "path = \"kms/secret/arn\"", "path = \"kms/sekret/arn\"");
    for command in ["config check -e dev", "contract list -e dev", "preview -e dev"] {
        all.push(shown(&typo, command));
    }
    for environment in ["dev", "local", "prod"] {
        std::fs::remove_file(zone.path(&format!("config/{environment}.toml"))).expect("the file is removed");
    }
    all.push(shown(&zone, "config check"));
    assert!(!zone.path(".zone").exists(), "nothing is started");
    insta::assert_snapshot!(all.join("\n"));
}

/// Decided offline; what is not there is not evaluated, and never proved.
#[test]
fn guardrail_prove() {
    let zone = without_an_account();
    let mut all = vec![shown(&zone, "guardrail prove"), shown(&zone, "guardrail prove -e dev --json")];
    let table = "[guardrails]\nexempt_principals = [\"arn:aws:iam::*:role/AcmeBootstrap\"]\n";
    zone.edit("config/zone.toml", table, "");
    all.push(shown(&zone, "guardrail prove"));
    assert!(!zone.path(".zone").exists(), "nothing is started");
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn config_show() {
    let zone = without_an_account();
    insta::assert_snapshot!(shown(&zone, "config show -e dev"));
    let shown = zone.run("config show --json").succeeded().objects();
    let [object] = shown.as_slice() else { panic!("one object, not {}", shown.len()) };
    assert_eq!(object["type"], "config");
    assert_eq!(object["config"]["environment"], "local");
    assert_eq!(object["config"]["tags"]["environment"], "local");
    assert_eq!(object["names"]["bucket"]["lake"], "acme-lake-local");
    assert_eq!(object["names"]["parameters"]["contract"], "/acme/local");
    assert_eq!(zone.run("config show -e prod").code, Some(2), "a zone that does not load is not shown");
    assert!(!zone.path(".zone").exists(), "nothing is started");
}
