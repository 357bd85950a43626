//! A zone as it stands in SSM after a deployment, with what AWS gives out.

use contract::{
    Consumer, Scope, ZONE,
    live::{Live, Parameter},
    meta, zone,
};

pub(crate) const ROOT: &str = "/acme/dev";

pub(crate) fn scope() -> Scope {
    without(&[])
}

/// The sample without some of its stacks.
pub(crate) fn without(stacks: &[&str]) -> Scope {
    Scope::new(ROOT)
        .stacks(ZONE.owners().into_iter().filter(|owner| !stacks.contains(owner)))
        .names(zone::CLASS, ["secret", "public"])
        .names(zone::BUS, ["acme-sales", "acme-risk"])
        .names(zone::BUCKET, ["attic", "cellar", "pulumi-state"])
        .names(zone::POOL, ["members", "guests"])
        .tuples(zone::CLIENT, [["members", "phone"], ["guests", "desk"]])
        .names(zone::STREAM, ["clicks"])
        .names(zone::PLATFORM, ["acme-platform"])
        .consumers([Consumer { path: "kms/secret/arn".into(), read_by: vec!["payroll".into(), "billing".into()] }])
}

/// Everything that is promised, and the digest of it.
pub(crate) fn live() -> Live {
    of(&scope())
}

/// As [`live`], of another scope.
pub(crate) fn of(scope: &Scope) -> Live {
    let mut live: Live = ZONE
        .entries(scope)
        .into_iter()
        .map(|entry| (entry.path, Parameter { kind: entry.kind.as_str().to_owned(), value: value(&entry.name) }))
        .collect();
    live.insert(meta::version_path(ROOT), string(&ZONE.version().to_string()));
    live.insert(meta::published_at_path(ROOT), string("2026-11-24T06:30:00Z"));
    sign(&mut live);
    live
}

/// Puts the digest of what is there, as a publication does at its end.
pub(crate) fn sign(live: &mut Live) {
    let covered = |path: &str| ZONE.covers(ZONE.version(), &path[ROOT.len() + 1..]) == Some(true);
    let pairs = live.iter().filter(|(path, _)| covered(path));
    let digest = ZONE.digest(ZONE.version(), pairs.map(|(path, found)| (path.as_str(), found.value.as_str())));
    live.insert(meta::digest_path(ROOT), string(&digest));
}

pub(crate) fn string(value: &str) -> Parameter {
    Parameter { kind: "String".into(), value: value.into() }
}

fn value(name: &str) -> String {
    let (_, last) = name.rsplit_once('/').expect("every name has a folder");
    let folder = name.split('/').next().expect("a first segment");
    let subject = name.split('/').nth(1).expect("a second segment");
    let arn = |service: &str, resource: &str| format!("arn:aws:{service}:ap-southeast-2:123456789012:{resource}");
    match (folder, last) {
        ("network", "vpc-id") => "vpc-0a1b2c3d4e5f60718".into(),
        ("network", _) => "subnet-0a1b2c3d4e5f60718,subnet-0a1b2c3d4e5f60719,subnet-0a1b2c3d".into(),
        ("kms", _) => arn("kms", "key/1b2c3d4e-0000-4000-8000-00000000beef"),
        ("s3", "name") => format!("acme-{subject}-dev"),
        ("s3", "login-url") => format!(
            "s3://acme-{subject}-dev?region=ap-southeast-2&awssdk=v2&ssetype=aws:kms&kmskeyid={}",
            arn("kms", "key/1b2c3d4e-0000-4000-8000-00000000beef")
        ),
        ("s3", _) => format!("arn:aws:s3:::acme-{subject}-dev"),
        ("eventbridge", "arn") => arn("events", &format!("event-bus/{subject}")),
        ("eventbridge", "dlq-arn") => arn("sqs", &format!("{subject}-events-dlq-dev")),
        ("eventbridge", _) => arn("events", &format!("archive/{subject}-archive-dev")),
        ("cognito", "pool-id") => "ap-southeast-2_aB3dEf9hI".into(),
        ("cognito", "arn") => arn("cognito-idp", "userpool/ap-southeast-2_aB3dEf9hI"),
        ("cognito", _) => "1h57kf5cpq17m0eml12example".into(),
        ("firehose", _) if subject == "dlq" => arn("sqs", "acme-firehose-dlq-dev"),
        ("firehose", _) => arn("firehose", "deliverystream/acme-clicks"),
        ("iam", _) if subject == "secrets-read" => "arn:aws:iam::123456789012:policy/acme-secrets-read".into(),
        ("iam", _) => "arn:aws:iam::123456789012:role/AcmeSalesRole".into(),
        ("cloudtrail", "arn") => arn("cloudtrail", "trail/acme-platform"),
        ("cloudtrail", _) => arn("logs", "log-group:/aws/cloudtrail/acme-platform-dev"),
        ("logs", _) => arn("logs", "log-group:/aws/acme-platform/dev"),
        ("sns", _) => arn("sns", "acme-platform-alerts-dev"),
        ("xray", _) => arn("xray", "sampling-rule/acme-platform-default-dev"),
        _ => panic!("the sample has no value for {name}"),
    }
}
