//! Makes configurations up.

use std::fmt::{Display, Write as _};

use crate::support::chance::Chance;

fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    format!("[{}]", items.into_iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", "))
}

/// What one tenant's files say.
pub(super) struct Tenant {
    pub(super) zone: String,
    pub(super) local: String,
}

macro_rules! say {
    ($text:expr, $($form:tt)*) => { writeln!($text, $($form)*).expect("text") };
}

/// One that was made up.
pub(super) fn tenant(by: &mut Chance) -> Tenant {
    let (mut zone, mut callbacks) = (String::new(), String::new());
    let prefix = by.words(1, 2, 7).remove(0);
    let region = by.one(&["eu-west-1", "us-east-1", "ap-southeast-2", "eu-central-1", "us-west-2", "sa-east-1"]);
    say!(zone, "prefix = \"{prefix}\"\norganization = \"o-exampleorgid\"\n\n[regions]\nprimary = \"{region}\"");
    if by.of(30) {
        say!(zone, "secondary = \"ca-central-1\"");
    }
    tags(by, &mut zone);
    let has_network = by.of(75);
    if has_network {
        network(by, &mut zone);
    }

    let many = by.between(1, 5);
    let classes = by.words(many, 2, 12);
    let (days, rotation) = (by.between(7, 30), by.between(90, 2560));
    say!(zone, "\n[kms]\ndeletion_window_days = {days}\nrotation_days = {rotation}");
    let own = &by.one(&classes);
    for class in &classes {
        let all = ["cloudtrail", "cloudwatch", "events", "logs", "s3", "sns"];
        let least = if class == own && by.of(90) { all.len() } else { 0 };
        let services = by.some(&all, least);
        say!(zone, "\n[[class]]\nname = \"{class}\"\nservices = {}", list(services));
    }

    let many = by.between(0, 6);
    let mut purposes = by.words(many, 2, 20);
    if by.of(30) {
        // one word for many kinds of things
        purposes.push(own.clone());
    }
    let buckets: Vec<_> = purposes.into_iter().map(|purpose| (purpose, by.one(&classes))).collect();
    for (purpose, class) in &buckets {
        say!(zone, "\n[[bucket]]\npurpose = \"{purpose}\"\nclass = \"{class}\"");
        life(by, &mut zone, true);
    }
    let keeps_state = by.of(50);
    if keeps_state {
        say!(zone, "\n[[bucket]]\npurpose = \"pulumi-state\"\nclass = \"{}\"", by.one(&classes));
    }
    let observes = by.of(80);
    if observes && by.of(70) {
        say!(zone, "\n[[bucket]]\npurpose = \"trail\"\nclass = \"{own}\"\nwriter = \"cloudtrail\"");
        if by.of(70) {
            say!(zone, "object_lock_days = {}", by.between(1, 400));
        }
        life(by, &mut zone, false);
    }

    let many = if by.of(85) { by.between(1, 6) } else { 0 };
    let mut domains = by.words(many, 2, 16);
    if let Some(last) = domains.last_mut().filter(|_| by.of(30)) {
        last.clone_from(own);
    }
    let has_events = many > 0 && by.of(80);
    if has_events {
        let (archive, dlq) = (by.between(1, 400), by.between(1, 14));
        say!(zone, "\n[events]\nclass = \"{own}\"\narchive_days = {archive}\ndlq_retention_days = {dlq}");
    }
    for (n, bus) in domains.iter().enumerate() {
        domain(by, &mut zone, n, bus, &domains, &classes);
    }
    if many > 0 && by.of(80) {
        say!(zone, "\n[roles]");
        if by.of(15) {
            say!(zone, "tag_in_trust = \"owner\"");
        }
    }

    if by.of(60) {
        identity(by, &mut zone, &mut callbacks, &prefix);
    }
    if observes {
        let (percent, reservoir, priority) = (by.between(0, 100), by.between(0, 20), by.between(1, 9999));
        say!(
            zone,
            "\n[observability]\nclass = \"{own}\"\nsampling_percent = {percent}\nsampling_reservoir = {reservoir}\n\
             sampling_priority = {priority}"
        );
    }
    if observes && !buckets.is_empty() && by.of(50) {
        delivery(by, &mut zone, &prefix, &buckets, &classes, has_events);
    }
    if by.of(75) {
        let roles = if by.of(50) { list(["AWSReservedSSO_Admin_*"]) } else { "[]".to_owned() };
        say!(zone, "\n[access]\nbreak_glass_principals = {roles}");
    }
    let has_guardrails = by.of(70);
    if has_guardrails {
        let roles = if by.of(50) { list([format!("arn:aws:iam::*:role/{prefix}-setup")]) } else { "[]".to_owned() };
        say!(zone, "\n[guardrails]\nexempt_principals = {roles}");
    }
    for class in by.some(&classes, 0) {
        say!(zone, "\n[[consumer]]\npath = \"kms/{class}/arn\"\nread_by = [\"the ledger\", \"die Bücher\"]");
    }

    let mut local = String::new();
    let state = if keeps_state && by.of(60) { "bucket" } else { "file" };
    let secrets = match state {
        "bucket" if by.of(70) => "secrets = \"awskms\"\n",
        _ if by.of(50) => "secrets = \"passphrase\"\n",
        _ => "",
    };
    let retention = by.one(&[1, 3, 5, 7, 14, 30, 60, 90, 120, 365, 731, 3653]);
    say!(
        local,
        "kind = \"emulator\"\nstate = \"{state}\"\n{secrets}protect = false\nforce_destroy_buckets = true\n\
         log_retention_days = {retention}"
    );
    if by.of(30) {
        say!(local, "bucket_suffix = \"{}\"", by.word(1, 4));
    }
    let subjects = ["repo:one/two:*", "repo:one/three:ref:refs/heads/main", "repo:one@12/two@345:environment:prod"];
    say!(local, "github_subjects = {}", list(by.some(&subjects, 1)));
    say!(local, "\n[member]\naccount = \"111122223333\"\nrole = \"OrganizationAccountAccessRole\"");
    if by.of(80) {
        let target = by.one(&["root", "111122223333"]);
        say!(local, "\n[management]\naccount = \"123456789012\"\nattach_to = \"{target}\"");
    }
    if by.of(20) {
        say!(local, "\n[kms]\ndeletion_window_days = 7");
    }
    if has_network && by.of(20) {
        network(by, &mut local);
    }
    local.push_str(&callbacks);
    Tenant { zone, local }
}

fn tags(by: &mut Chance, zone: &mut String) {
    let own = [
        ("owner", "équipe"),
        ("cost-center", "4711"),
        ("\"data.domain\"", "Größen/物流"),
        ("\"Cost Unit\"", "a b"),
        ("managed_by", "zone"),
        ("\"課\"", "物流"),
    ];
    let mut tags = by.some(&own, 1);
    if !tags.iter().any(|(key, _)| *key == "owner") {
        tags.push(own[0]);
    }
    say!(zone, "\n[tags]");
    if by.of(80) {
        let required = by.some(&["owner", "environment"], 1);
        say!(zone, "required = {}", list(required));
    }
    for (key, value) in tags {
        say!(zone, "{key} = \"{value}\"");
    }
}

fn network(by: &mut Chance, zone: &mut String) {
    let zones = by.between(1, 3);
    let block = by.one(&["10.7", "10.250", "172.16", "172.31", "192.168", "100.64"]);
    let subnets = |first: usize| list((0..zones).map(|n| format!("{block}.{}.0/20", first + 16 * n)));
    say!(
        zone,
        "\n[network]\ncidr = \"{block}.0.0/16\"\navailability_zones = {}\npublic_subnets = {}\nprivate_subnets = {}",
        list(by.some(&["a", "b", "c"], 3).into_iter().take(zones)),
        subnets(0),
        subnets(128)
    );
}

/// A life cycle, of the whole bucket or by prefixes.
fn life(by: &mut Chance, zone: &mut String, may_lock: bool) {
    if by.of(20) {
        say!(zone, "irreplaceable = true");
    }
    if may_lock && by.of(20) {
        say!(zone, "object_lock_days = {}", by.between(1, 100));
    }
    if by.of(25) {
        return;
    }
    let by_prefix = by.of(30);
    let mut days = |zone: &mut String| {
        let glacier = by.between(1, 300);
        let does_move = by.of(40);
        if does_move {
            say!(zone, "glacier_after_days = {glacier}");
        }
        if by.of(40) {
            let least = if does_move { glacier + 90 } else { 1 };
            say!(zone, "expire_after_days = {}", by.between(least, 2_000));
        } else if !does_move {
            say!(zone, "expire_after_days = {}", by.between(500, 900));
        }
    };
    if by_prefix {
        for prefix in ["in/", "out/errors/"] {
            say!(zone, "\n[[bucket.rule]]\nprefix = \"{prefix}\"");
            days(zone);
        }
    } else {
        days(zone);
    }
}

fn domain(by: &mut Chance, zone: &mut String, n: usize, bus: &str, all: &[String], classes: &[String]) {
    // hardly ever none: that is refused
    let least = usize::from(!by.of(3));
    let classes = by.some(classes, least);
    say!(zone, "\n[[domain]]\nbus = \"{bus}\"\nrole = \"Role{n}\"\nclasses = {}", list(classes));
    let other = by.one(all);
    if other != bus && by.of(30) {
        say!(zone, "invokes = {}", list([format!("{other}-*"), format!("{other}-x-*Handler*")]));
    }
    for n in 0..by.one(&[0, 0, 1, 2]) {
        let actions = by.some(&["dynamodb:GetItem", "dynamodb:PutItem", "sqs:SendMessage", "s3:GetObject"], 1);
        say!(
            zone,
            "\n[[domain.allow]]\nsid = \"Own{n}\"\nactions = {}\nresources = {}",
            list(actions),
            list([
                "arn:aws:dynamodb:{region}:{account}:table/{prefix}-{bus}-{environment}",
                "arn:aws:s3:::{prefix}-x/*"
            ])
        );
    }
    if other != bus && by.of(30) {
        say!(zone, "\n[domain.rules]\nbus = \"{other}\"\nprefix = \"{bus}-on-\"");
    }
}

fn identity(by: &mut Chance, zone: &mut String, callbacks: &mut String, prefix: &str) {
    say!(zone, "\n[identity]\ndomain_prefix = \"{prefix}-{}\"", by.word(2, 8));
    let has_server = by.of(60);
    let many = by.between(1, 3);
    let scopes = by.words(many, 2, 8);
    if has_server {
        say!(
            zone,
            "\n[identity.resource_server]\nidentifier = \"{}\"\nscopes = {}",
            by.one(&["api", "https://api.example"]),
            list(&scopes)
        );
    }
    let many = by.between(0, 3);
    for (n, pool) in by.words(many, 2, 12).into_iter().enumerate() {
        let (least, admin) = (by.between(8, 40), by.of(50));
        say!(zone, "\n[[pool]]\nname = \"{pool}\"\npassword_minimum_length = {least}\nadmin_creates_users = {admin}");
        if by.of(60) {
            let many = by.between(1, 4);
            let attributes = by.words(many, 2, 12).into_iter().map(|word| word.replace('-', "_"));
            say!(zone, "attributes = {}", list(attributes));
        }
        for m in 0..by.between(0, 3) {
            let client = format!("client-{n}-{m}");
            let kinds: &[&str] =
                if has_server { &["public", "confidential", "machine"] } else { &["public", "confidential"] };
            let kind = by.one(kinds);
            say!(zone, "\n[[pool.client]]\nname = \"{client}\"\nkind = \"{kind}\"");
            if kind == "machine" {
                say!(zone, "scopes = {}", list(by.some(&scopes, 1)));
            } else {
                say!(
                    callbacks,
                    "\n[[callback]]\nclient = \"{client}\"\nurls = [\"{}\"]",
                    by.one(&["https://web.example/in", "app-one://in", "http://localhost:3000/in"])
                );
                if by.of(50) {
                    say!(callbacks, "sign_out_urls = [\"http://localhost:3000/\"]");
                }
            }
        }
    }
}

fn delivery(
    by: &mut Chance,
    zone: &mut String,
    prefix: &str,
    buckets: &[(String, String)],
    classes: &[String],
    has_events: bool,
) {
    let (bucket, class) = by.one(buckets);
    let (megabytes, seconds) = (by.between(64, 128), by.between(60, 900));
    say!(
        zone,
        "\n[delivery]\nclass = \"{class}\"\nbucket = \"{bucket}\"\nbuffer_megabytes = {megabytes}\n\
         buffer_seconds = {seconds}"
    );
    if !has_events || by.of(30) {
        say!(zone, "queue_class = \"{}\"\nqueue_retention_days = {}", by.one(classes), by.between(1, 14));
    }
    let many = by.between(0, 3);
    for output in by.words(many, 2, 10) {
        let name = if by.of(70) { format!("{prefix}-{output}") } else { output.clone() };
        say!(zone, "\n[[stream]]\nname = \"{name}\"\noutput = \"{output}\"\nprefix = \"{output}/a=b\"");
    }
}
