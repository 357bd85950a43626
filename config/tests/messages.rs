//! What a user reads for each mistake: the shipped files with one thing changed, and the rendered errors.
//!
//! A new case is one line: name, file, what is replaced, by what. All cases of a table are one snapshot.

use std::fmt::Write as _;
use std::path::Path;

use config::load;

/// A case: its name, the file, the text that is replaced (the first time it occurs) and the new text.
type Case = (&'static str, &'static str, &'static str, &'static str);

const VALUES: &[Case] = &[
    ("misspelt table", "zone.toml", "[[bucket]]", "[[bukcet]]"),
    ("misspelt key", "zone.toml", "expire_after_days", "expires_after_days"),
    ("unknown key far from all others", "dev.toml", "profile =", "colour = \"red\"\nprofile ="),
    ("missing key at the top", "zone.toml", "prefix = \"bank\"\n", ""),
    ("missing key in a table of tables", "zone.toml", "class = \"pii\"\n", ""),
    ("missing table", "zone.toml", "[kms]\ndeletion_window_days = 30\nrotation_days = 365\n", ""),
    ("integer for a string", "dev.toml", "\"647751526084\"", "647751526084"),
    ("string for a number", "zone.toml", "archive_days = 30", "archive_days = \"30\""),
    ("negative number", "zone.toml", "archive_days = 30", "archive_days = -30"),
    ("string for a flag", "dev.toml", "protect = false", "protect = \"no\""),
    ("string for a list", "zone.toml", "[\"a\", \"b\", \"c\"]", "\"abc\""),
    ("wrong types inside a list", "zone.toml", "[\"a\", \"b\", \"c\"]", "[1, \"b\", true]"),
    ("table where tables belong", "dev.toml", "[member]", "[waiver]\nreason = \"later\"\n[member]"),
    ("tables where a table belongs", "zone.toml", "[kms]", "[[kms]]"),
    (
        "value where a table belongs",
        "dev.toml",
        "[member]\naccount = \"647751526084\"\nprofile = \"bank-dev\"",
        "member = \"647751526084\"",
    ),
    ("empty text", "dev.toml", "\"647751526084\"", "\"\""),
    ("not TOML", "zone.toml", "prefix = \"bank\"", "prefix = bank\""),
    ("twice the same key", "dev.toml", "state = \"file\"", "state = \"file\"\nstate = \"file\""),
];

const SHAPE: &[Case] = &[
    ("prefix with capitals", "zone.toml", "prefix = \"bank\"", "prefix = \"Bank\""),
    ("reserved prefix", "zone.toml", "prefix = \"bank\"", "prefix = \"aws\""),
    ("organization", "zone.toml", "o-1gqwjyxxhw", "1gqwjyxxhw"),
    ("region with a zone", "zone.toml", "\"ap-southeast-2\"", "\"ap-southeast-2a\""),
    ("region of another partition", "zone.toml", "\"ap-southeast-2\"", "\"cn-north-1\""),
    ("both regions the same", "zone.toml", "ap-southeast-4", "ap-southeast-2"),
    ("tag value", "zone.toml", "totara-bank\"", "totara#bank\""),
    ("malformed CIDR", "zone.toml", "10.40.16.0/20", "10.40.16.0/200"),
    ("CIDR with host bits", "zone.toml", "10.40.16.0/20", "10.40.17.0/20"),
    ("subnet outside the VPC", "zone.toml", "10.40.16.0/20", "10.41.16.0/20"),
    ("subnets overlap", "zone.toml", "10.40.160.0/20", "10.40.16.0/21"),
    ("subnet too small", "zone.toml", "10.40.160.0/20", "10.40.160.0/29"),
    ("a zone more than subnets", "zone.toml", "\"b\", \"c\"]", "\"b\", \"c\", \"d\"]"),
    ("zone with its region", "zone.toml", "[\"a\",", "[\"ap-southeast-2a\","),
    ("the same zone twice", "zone.toml", "[\"a\", \"b\"", "[\"a\", \"a\""),
    ("deletion window", "zone.toml", "deletion_window_days = 30", "deletion_window_days = 31"),
    ("rotation", "zone.toml", "rotation_days = 365", "rotation_days = 30"),
    ("archive for ever", "zone.toml", "archive_days = 30", "archive_days = 0"),
    ("queue retention", "zone.toml", "dlq_retention_days = 14", "dlq_retention_days = 15"),
    ("unknown service", "zone.toml", "\"logs\"", "\"log\""),
    ("service twice", "zone.toml", "\"logs\"", "\"sns\""),
    ("class twice", "zone.toml", "name = \"pii\"", "name = \"financial\""),
    ("class that does not exist", "zone.toml", "class = \"pii\"", "class = \"pi\""),
    ("purpose twice", "zone.toml", "\"reports\"", "\"iceberg\""),
    ("purpose with an underscore", "zone.toml", "\"pulumi-state\"", "\"pulumi_state\""),
    (
        "bucket name too long",
        "zone.toml",
        "\"pulumi-state\"",
        "\"a-state-with-a-name-that-nobody-will-ever-want-to-type-by-hand\"",
    ),
    ("bucket name reserved", "zone.toml", "prefix = \"bank\"", "prefix = \"xn--bank\""),
    ("unknown writer", "zone.toml", "writer = \"cloudtrail\"", "writer = \"cloudtrial\""),
    ("Glacier after the end", "zone.toml", "glacier_after_days = 90", "glacier_after_days = 2555"),
    ("lock after the end", "zone.toml", "object_lock_days = 2555", "object_lock_days = 2556"),
    ("no days", "zone.toml", "expire_after_days = 1\n", "expire_after_days = 0\n"),
    ("bus twice", "zone.toml", "\"bank-app\"", "\"bank-core\""),
    ("bus with a dot", "zone.toml", "\"bank-app\"", "\"bank.app\""),
    ("bus of every account", "zone.toml", "\"bank-app\"", "\"default\""),
    ("bus too long for its archive", "zone.toml", "\"bank-app\"", "\"bank-application-programming-interfaces\""),
    (
        "bus too long for its queue",
        "zone.toml",
        "\"bank-app\"",
        "\"bank-application-programming-interfaces-of-the-whole-wide-world-and-beyond\"",
    ),
];

const ENVIRONMENT: &[Case] = &[
    ("kind", "dev.toml", "\"aws\"", "\"amazon\""),
    ("state in a bucket", "dev.toml", "state = \"file\"", "state = \"s3\""),
    ("account with hyphens", "dev.toml", "647751526084", "6477-5152-6084"),
    ("account too short", "dev.toml", "647751526084", "64775152608"),
    ("account of another environment", "dev.toml", "647751526084", "111122223333"),
    ("management is the member", "dev.toml", "[member]", "[management]\naccount = \"647751526084\"\n[member]"),
    ("role as an ARN", "dev.toml", "profile = \"bank-dev\"", "role = \"arn:aws:iam::647751526084:role/Admin\""),
    ("retention that CloudWatch does not have", "dev.toml", "log_retention_days = 30", "log_retention_days = 2555"),
    ("retention longer than the longest", "dev.toml", "log_retention_days = 30", "log_retention_days = 9999"),
    ("suffix", "dev.toml", "state =", "bucket_suffix = \"Totara\"\nstate ="),
    (
        "suffix that makes names too long",
        "dev.toml",
        "state =",
        "bucket_suffix = \"an-end-that-is-much-longer-than-it-should-be\"\nstate =",
    ),
    ("emulator on AWS", "dev.toml", "[member]", "[emulator]\nendpoint = \"http://127.0.0.1:5000\"\n[member]"),
    ("full buckets deleted on AWS", "dev.toml", "force_destroy_buckets = false", "force_destroy_buckets = true"),
    (
        "waiver",
        "dev.toml",
        "[member]",
        "[[waiver]]\nrequirement = \"fr418\"\nreason = \"later\"\nuntil = \"2027-06-30\"\napproved_by = \"ops\"\n[[waiver]]\nrequirement = \"FR-418\"\nreason = \"later\"\nuntil = \"2027-02-29\"\n[member]",
    ),
    (
        "waiver with a bare date",
        "dev.toml",
        "[member]",
        "[[waiver]]\nrequirement = \"FR-418\"\nreason = \"later\"\nuntil = 2027-06-30\napproved_by = \"ops\"\n[member]",
    ),
];

#[test]
fn values_that_cannot_be_read() {
    insta::assert_snapshot!(page("dev", VALUES));
}

#[test]
fn values_of_the_shape_that_break_a_rule() {
    insta::assert_snapshot!(page("dev", SHAPE));
}

#[test]
fn values_of_an_environment_that_break_a_rule() {
    insta::assert_snapshot!(page("dev", ENVIRONMENT));
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
fn an_environment_with_a_name_that_no_bucket_can_carry() {
    let rename = |dir: &Path| std::fs::rename(dir.join("dev.toml"), dir.join("Dev_1.toml")).unwrap();
    insta::assert_snapshot!(render("Dev_1", rename));
}

#[test]
fn all_problems_of_both_files_at_once_in_their_order() {
    insta::assert_snapshot!(render("dev", |dir| {
        replace(dir, "dev.toml", "647751526084", "1");
        replace(dir, "dev.toml", "state = \"file\"", "state = \"s3\"");
        replace(dir, "zone.toml", "10.40.160.0/20", "10.50.0.0/20");
        replace(dir, "zone.toml", "prefix = \"bank\"", "prefix = \"Bank\"");
    }));
}

#[test]
fn broken_files_are_refused_and_never_panic() {
    let shipped = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("zone.toml")).unwrap();
    let ends = (0..shipped.len()).step_by(37).filter(|end| shipped.is_char_boundary(*end));
    for end in ends {
        let dir = shipped_copy();
        std::fs::write(dir.path().join("zone.toml"), &shipped[..end]).unwrap();
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

/// The errors of the shipped files after `change`, with `config` for the directory.
fn render(environment: &str, change: impl FnOnce(&Path)) -> String {
    let dir = shipped_copy();
    change(dir.path());
    let errors = load(dir.path(), environment).expect_err("the change must be refused").to_string();
    errors.replace(&dir.path().display().to_string(), "config").replace('\\', "/")
}

fn shipped_copy() -> tempfile::TempDir {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().unwrap();
    for file in ["zone.toml", "local.toml", "dev.toml", "uat.toml", "prod.toml"] {
        std::fs::copy(shipped.join(file), dir.path().join(file)).unwrap();
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
