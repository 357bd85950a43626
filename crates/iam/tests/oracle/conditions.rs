//! Made-up conditions, and the context that they are held against.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// What a key holds, which says what operators take it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Texts,
    Number,
    Date,
    Flag,
    Bytes,
    Address,
    Arn,
}

/// A key, what it holds, and values that requests and policies have; wildcards and variables are added to texts.
struct Key {
    name: &'static str,
    kind: Kind,
    values: &'static [&'static str],
}

const fn key(name: &'static str, kind: Kind, values: &'static [&'static str]) -> Key {
    Key { name, kind, values }
}

const KEYS: &[Key] = &[
    key("aws:RequestTag/owner", Kind::Text, &["ada", "Ada", "bob"]),
    key("aws:ResourceTag/team", Kind::Text, &["red", "blue", "r*d", "r*d"]),
    key("aws:PrincipalTag/team", Kind::Text, &["red", "blue"]),
    key("aws:PrincipalTag/project", Kind::Text, &["orders", "other"]),
    key("s3:prefix", Kind::Text, &["home/ada", "home/bob", "ada"]),
    key("aws:TagKeys", Kind::Texts, &["owner", "team", "cost"]),
    key("aws:CalledVia", Kind::Texts, &["athena.amazonaws.com", "cloudformation.amazonaws.com"]),
    key("aws:MultiFactorAuthAge", Kind::Number, &["10", "10.5", "300", "-1"]),
    key("s3:max-keys", Kind::Number, &["10", "100", "1000"]),
    key(
        "aws:CurrentTime",
        Kind::Date,
        &[
            "2026-11-26T10:00:00Z",
            "2026-11-26",
            "2026-11-26T11:00:00+01:00",
            "2026-11-26T10:00:00.5Z",
            "2026-11-26T10:00Z",
            "2025-01-01T00:00:00Z",
            "2026",
        ],
    ),
    key("aws:EpochTime", Kind::Date, &["1795687200", "1735689600", "2026-11-26T10:00:00Z"]),
    key("aws:SecureTransport", Kind::Flag, &["true", "false"]),
    key("aws:MultiFactorAuthPresent", Kind::Flag, &["true", "false"]),
    key("ssm:Blob", Kind::Bytes, &["QmluYXJ5", "AAEC"]),
    key(
        "aws:SourceIp",
        Kind::Address,
        &["203.0.113.7", "203.0.113.99", "198.51.100.1", "2001:db8::1", "2001:db8:1::1"],
    ),
    key(
        "aws:SourceArn",
        Kind::Arn,
        &["arn:aws:sns:eu-west-1:111122223333:orders", "arn:aws:s3:::orders", "arn:aws:events:eu-west-1:1:rule/a/b"],
    ),
];

/// Networks of the addresses above, and addresses alone.
const NETWORKS: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.0/25",
    "203.0.113.7",
    "203.0.113.7/32",
    "0.0.0.0/0",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::/48",
    "2001:DB8::1",
    "::/0",
    "198.51.0.0/16",
];

/// Patterns of the ARNs above.
const ARNS: &[&str] = &[
    "arn:aws:sns:*:111122223333:orders",
    "arn:aws:sns:eu-*-1:*:o?ders",
    "arn:aws:s3:::*",
    "arn:*:s3:::orders",
    "arn:aws:events:*:1:rule/*",
    "arn:aws:*:*:*:*",
    "arn:aws:sns:eu-west-1:111122223333:ord",
];

/// Sets half of the keys.
pub(crate) fn context(random: &mut Random, context: &mut Map<String, Value>) {
    for key in KEYS.iter().filter(|key| key.kind != Kind::Arn || !key.name.starts_with("aws:Principal")) {
        if !random.chance(50) {
            continue;
        }
        let one = |random: &mut Random| Value::from(random.one(key.values));
        let value = if key.kind == Kind::Texts {
            if random.chance(40) { one(random) } else { (0..2).map(|_| one(random)).collect() }
        } else {
            one(random)
        };
        context.insert(key.name.to_owned(), value);
    }
}

/// A value of a policy for a text: as it is, with wildcards, with a variable.
fn text(random: &mut Random, of: &str, has_wildcards: bool) -> String {
    let half = of.len() / 2;
    match random.below(14) {
        0..2 if has_wildcards => format!("{}*", &of[..half]),
        2 if has_wildcards => format!("?{}", &of[1..]),
        3 if has_wildcards => format!("*{}*", &of[half..=half]),
        4 => "${aws:username}".to_owned(),
        5 => "${aws:PrincipalTag/team}".to_owned(),
        6 => "${aws:PrincipalTag/team, 'red'}".to_owned(),
        7 => "${AWS:RequestTag/owner, 'ada'}".to_owned(),
        8 | 11 => "r${*}d".to_owned(),
        9 => format!("{}*", &of[..half]),
        10 => "${aws:TagKeys}".to_owned(),
        _ => of.to_owned(),
    }
}

const COMPARISONS: [&str; 6] =
    ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];

/// An operator for the key, without what stands around it, and a value for it.
fn test(random: &mut Random, key: &Key) -> (String, Value) {
    let own = random.one(key.values);
    let (operator, values): (String, Vec<String>) = match key.kind {
        Kind::Text | Kind::Texts => {
            let names = [
                "StringEquals",
                "StringNotEquals",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
                "StringLike",
                "StringNotLike",
            ];
            let name = random.one(&names);
            let has_wildcards = name.ends_with("Like");
            let more = random.below(3);
            let values = (0..=more).map(|_| {
                let of = random.one(key.values);
                text(random, of, has_wildcards)
            });
            (name.to_owned(), values.collect())
        }
        Kind::Number => {
            let values = (0..=random.below(2)).map(|_| (*random.one(key.values)).to_owned()).collect();
            (format!("Numeric{}", random.one(&COMPARISONS)), values)
        }
        Kind::Date => {
            let values = (0..=random.below(2)).map(|_| (*random.one(key.values)).to_owned()).collect();
            (format!("Date{}", random.one(&COMPARISONS)), values)
        }
        Kind::Flag => ("Bool".to_owned(), vec![(*random.one(&[own, "True", "FALSE"])).to_owned()]),
        Kind::Bytes => ("BinaryEquals".to_owned(), vec![own.to_owned()]),
        Kind::Address => {
            let values = (0..=random.below(2)).map(|_| (*random.one(NETWORKS)).to_owned()).collect();
            ((*random.one(&["IpAddress", "NotIpAddress"])).to_owned(), values)
        }
        Kind::Arn => {
            let mut values: Vec<_> = (0..=random.below(2)).map(|_| (*random.one(ARNS)).to_owned()).collect();
            if random.chance(30) {
                values.push(own.to_owned());
            }
            if random.chance(20) {
                values.push("arn:aws:sns:eu-west-1:111122223333:${aws:PrincipalTag/project}".to_owned());
            }
            ((*random.one(&["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"])).to_owned(), values)
        }
    };
    let values = if values.len() == 1 && random.chance(60) { json!(values[0]) } else { json!(values) };
    (operator, values)
}

/// A condition block of one to three tests.
pub(crate) fn block(random: &mut Random, context: &Map<String, Value>) -> Value {
    let mut block = Map::new();
    for _ in 0..=random.below(2) {
        // the keys that AWS sets by itself belong to the others from time to time
        let principal_arn = context.get("aws:PrincipalArn").and_then(Value::as_str).filter(|_| random.chance(10));
        if let Some(arn) = principal_arn {
            let operator = random.one(&["ArnLike", "ArnNotLike", "StringEquals", "StringNotLike"]);
            let value = match random.below(3) {
                0 => "arn:aws:iam::*:role/*".to_owned(),
                1 => "arn:aws:iam::111122223333:user/bob".to_owned(),
                _ => arn.to_owned(),
            };
            insert(&mut block, operator, "aws:PrincipalArn", value.into());
            continue;
        }
        let key = &KEYS[random.below(KEYS.len())];
        let name = if random.chance(10) { key.name.to_uppercase() } else { key.name.to_owned() };
        if random.chance(10) {
            let value = random.one(&["true", "false"]);
            insert(&mut block, "Null", &name, value.into());
            continue;
        }
        let (operator, values) = test(random, key);
        let quantified = if key.kind == Kind::Texts { 80 } else { 3 };
        let quantifier = if random.chance(quantified) { random.one(&["ForAllValues:", "ForAnyValue:"]) } else { "" };
        let if_exists = if random.chance(20) { "IfExists" } else { "" };
        insert(&mut block, &format!("{quantifier}{operator}{if_exists}"), &name, values);
    }
    block.into()
}

fn insert(block: &mut Map<String, Value>, operator: &str, key: &str, values: Value) {
    let keys = block.entry(operator).or_insert_with(|| json!({})).as_object_mut().expect("an object of keys");
    keys.insert(key.to_owned(), values);
}
