//! What a user reads for each mistake: the files of the fixture with one thing changed, and the rendered errors.
//!
//! A new case is one line of `cases/mod.rs`. All cases of a table are one snapshot.

mod cases;

use std::fmt::Write as _;
use std::path::Path;

use cases::{
    CONSUMERS, Case, DELIVERY, DOMAINS, EMAIL, ENVIRONMENT, EXISTING, GITHUB, GRANTS, IDENTITY, MISSING, NETWORK,
    OVERRIDES, SERVICES, SHAPE, TAGS, VALUES,
};
use config::load;

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixture");

#[test]
fn values_that_cannot_be_read() {
    insta::assert_snapshot!(page("dev", VALUES));
}

#[test]
fn values_of_the_shape_that_break_a_rule() {
    insta::assert_snapshot!(page("dev", SHAPE));
}

#[test]
fn values_of_a_network_that_break_a_rule() {
    insta::assert_snapshot!(page("local", NETWORK));
}

#[test]
fn values_that_a_service_refuses() {
    insta::assert_snapshot!(page("dev", SERVICES));
}

#[test]
fn values_of_domains_that_break_a_rule() {
    insta::assert_snapshot!(page("dev", DOMAINS));
}

#[test]
fn values_of_pools_and_callbacks_that_break_a_rule() {
    insta::assert_snapshot!(page("dev", IDENTITY));
}

#[test]
fn values_of_streams_and_logs_that_break_a_rule() {
    insta::assert_snapshot!(page("dev", DELIVERY));
}

#[test]
fn grants_of_a_domain_that_are_none_or_too_much() {
    insta::assert_snapshot!(page("dev", GRANTS));
}

#[test]
fn what_an_environment_cannot_say_otherwise() {
    insta::assert_snapshot!(page("dev", OVERRIDES));
}

#[test]
fn tags_that_nothing_can_have() {
    insta::assert_snapshot!(page("dev", TAGS));
}

#[test]
fn what_cannot_exist_already() {
    insta::assert_snapshot!(page("local", EXISTING));
}

#[test]
fn consumers_that_read_no_entry() {
    insta::assert_snapshot!(page("dev", CONSUMERS));
}

#[test]
fn tables_that_others_need() {
    insta::assert_snapshot!(page("dev", MISSING));
}

/// The addresses are the environment's, the subnets those of all environments.
#[test]
fn a_vpc_elsewhere_and_its_subnets_not() {
    insta::assert_snapshot!(render("local", |dir| {
        let local = std::fs::read_to_string(dir.join("local.toml")).unwrap();
        let network = local.split("\n\n").find(|table| table.starts_with("[network]")).unwrap();
        replace(dir, "zone.toml", "[kms]", &format!("{network}\n\n[kms]"));
        replace(dir, "local.toml", network, "[network]\ncidr = \"172.21.0.0/16\"");
    }));
}

/// What one place too many looks like, where the place is a table of its own.
#[test]
fn more_than_a_service_takes() {
    let mut buses = String::new();
    for n in 0..98 {
        writeln!(buses, "[[domain]]\nbus = \"more-{n}\"\nrole = \"More{n}Role\"\nclasses = [\"secret\"]\n").unwrap();
    }
    let urls: Vec<String> = (0..101).map(|n| format!("\"acme-dev://{n}\"")).collect();
    insta::assert_snapshot!(render("dev", |dir| {
        replace(dir, "zone.toml", "[roles]\n", &format!("{buses}[roles]\n"));
        replace(dir, "dev.toml", "\"acme-dev://welcome\"", &urls.join(", "));
    }));
}

#[test]
fn an_environment_whose_name_makes_others_too_long() {
    let rename = |dir: &Path| std::fs::rename(dir.join("dev.toml"), dir.join("development.toml")).unwrap();
    insta::assert_snapshot!(render("development", rename));
}

#[test]
fn values_of_an_environment_that_break_a_rule() {
    insta::assert_snapshot!(page("dev", ENVIRONMENT));
}

#[test]
fn subjects_of_github_that_let_others_in() {
    insta::assert_snapshot!(page("dev", GITHUB));
}

#[test]
fn senders_of_e_mails_that_ses_refuses() {
    insta::assert_snapshot!(page("dev", EMAIL));
}

/// In an environment that is protected each subject is bound to a branch or an environment.
#[test]
fn both_forms_of_githubs_subjects_load_and_a_bare_wildcard_does_not_where_it_is_protected() {
    let load = |to: &str| {
        let dir = copy();
        replace(dir.path(), "prod.toml", "repo:acme/orders:environment:prod", to);
        load(dir.path(), "prod").map(|zone| zone.github_subjects[0].clone()).map_err(|errors| errors.to_string())
    };
    for fine in ["repo:acme@12/orders@345:environment:prod", "repo:acme/orders:ref:refs/heads/main"] {
        assert_eq!(load(fine), Ok(fine.to_owned()));
    }
    for open in ["repo:acme/orders:*", "repo:acme@12/orders@345:*", "repo:acme/orders:ref:*"] {
        let errors = load(open).unwrap_err();
        assert!(errors.contains("github_subjects") && errors.contains("`protect` is true"), "{errors}");
    }
}

#[test]
fn an_identity_of_ses_loads_with_a_sender_of_it() {
    let email = |identity: &str, from: &str| {
        let dir = copy();
        let table = format!("[identity.email]\nidentity = \"{identity}\"\nfrom = \"{from}\"\n\n[member]");
        replace(dir.path(), "dev.toml", "[member]", &table);
        let zone = load(dir.path(), "dev").unwrap_or_else(|errors| panic!("{errors}"));
        zone.identity.unwrap().email.unwrap().from
    };
    assert_eq!(email("a.example", "Acme <b@a.example>"), "Acme <b@a.example>");
    assert_eq!(email("a.example", "b@mail.a.example"), "b@mail.a.example");
    assert_eq!(email("b@a.example", "b@a.example"), "b@a.example");
}

#[test]
fn an_emulator_elsewhere_is_refused() {
    let case = (
        "emulator elsewhere",
        "local.toml",
        "[member]",
        "[emulator]\nendpoint = \"https://sqs.amazonaws.com\"\n[member]",
    );
    insta::assert_snapshot!(page("local", &[case]));
}

#[test]
fn environments_that_have_no_file() {
    let mut text = String::new();
    for environment in ["de", "staging", "zone", "../config/dev", ""] {
        writeln!(text, "# {environment:?}\n{}\n", render(environment, |_| {})).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_missing_shape() {
    insta::assert_snapshot!(render("dev", |dir| std::fs::remove_file(dir.join("zone.toml")).unwrap()));
}

#[test]
fn a_file_that_is_not_text() {
    insta::assert_snapshot!(render("dev", |dir| std::fs::write(dir.join("zone.toml"), [0xff, 0xfe]).unwrap()));
}

#[test]
fn a_file_whose_lines_end_in_carriage_returns_is_told_of_once() {
    insta::assert_snapshot!(render("dev", |dir| {
        let text = std::fs::read_to_string(dir.join("dev.toml")).unwrap();
        std::fs::write(dir.join("dev.toml"), text.replace('\n', "\r")).unwrap();
    }));
}

#[test]
fn an_environment_with_a_name_that_no_bucket_can_carry() {
    let rename = |dir: &Path| std::fs::rename(dir.join("dev.toml"), dir.join("Dev_1.toml")).unwrap();
    insta::assert_snapshot!(render("Dev_1", rename));
}

#[test]
fn all_problems_of_both_files_at_once_in_their_order() {
    insta::assert_snapshot!(render("dev", |dir| {
        replace(dir, "dev.toml", "333344445555", "1");
        replace(dir, "dev.toml", "state = \"file\"", "state = \"s3\"");
        replace(dir, "zone.toml", "expire_after_days = 3\n", "expire_after_days = 0\n");
        replace(dir, "zone.toml", "prefix = \"acme\"", "prefix = \"Acme\"");
    }));
}

#[test]
fn a_state_in_what_the_zone_does_not_have() {
    insta::assert_snapshot!(render("dev", |dir| {
        replace(dir, "dev.toml", "state = \"file\"", "state = \"bucket\"");
        replace(dir, "zone.toml", "purpose = \"pulumi-state\"", "purpose = \"states\"");
    }));
    insta::assert_snapshot!(render("dev", |dir| {
        replace(dir, "dev.toml", "state = \"file\"", "state = \"buckets\"\nsecrets = \"kms\"");
    }));
}

#[test]
fn broken_files_are_refused_and_never_panic() {
    let whole = std::fs::read_to_string(Path::new(FIXTURE).join("zone.toml")).unwrap();
    let ends = (0..whole.len()).step_by(37).filter(|end| whole.is_char_boundary(*end));
    for end in ends {
        let dir = copy();
        std::fs::write(dir.path().join("zone.toml"), &whole[..end]).unwrap();
        // a file cut between two [[domain]] is whole; whatever comes out, it comes out as a value
        let _outcome = load(dir.path(), "dev");
    }
}

fn page(environment: &str, cases: &[Case]) -> String {
    let mut page = String::new();
    for (name, file, from, to) in cases {
        let errors = render(environment, |dir| replace(dir, file, from, to));
        writeln!(page, "# {name}\n{errors}\n").unwrap();
    }
    page
}

/// The errors of the fixture after `change`, with `config` for the directory.
fn render(environment: &str, change: impl FnOnce(&Path)) -> String {
    let dir = copy();
    change(dir.path());
    let errors = load(dir.path(), environment).expect_err("the change must be refused").to_string();
    errors.replace(&dir.path().display().to_string(), "config").replace('\\', "/")
}

fn copy() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in ["zone.toml", "local.toml", "dev.toml", "prod.toml"] {
        std::fs::copy(Path::new(FIXTURE).join(file), dir.path().join(file)).unwrap();
    }
    dir
}

fn replace(dir: &Path, file: &str, from: &str, to: &str) {
    let path = dir.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let changed = text.replacen(from, to, 1);
    assert_ne!(text, changed, "`{from}` does not occur in {file}");
    std::fs::write(path, changed).unwrap();
}
