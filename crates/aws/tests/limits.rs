//! What AWS takes of all inputs: `src/limits.json` is what AWS's service models and `tools/limits/mapping.py` say, each of
//! its limits refuses what is just outside and takes what is just inside, and every input has a limit or a reason for none.
//!
//! `ZONE_BLESS=1 cargo test --workspace --test limits` writes the file anew, after a new botocore or a new input. The models
//! are those of the emulator's Python, which this installs as the emulator's tests do.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use aws::{clients::Ambient, provider::Aws};
use pulumi::{
    provider::{
        resource::Provider,
        schema::{Property, Type},
        server::Catalog,
    },
    value::{Map, Value},
};
use regex::Regex;
use serde_json::{Value as Json, json};

type Table = BTreeMap<String, BTreeMap<String, Json>>;

const FILE: &str = "crates/aws/src/limits.json";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn catalog() -> Catalog<Aws> {
    Catalog::new(Aws::new(Ambient::default()))
}

fn table() -> Table {
    serde_json::from_str(&fs::read_to_string(root().join(FILE)).expect(FILE)).expect("a table")
}

/// The inputs as the generator reads them.
fn tree(properties: &[Property]) -> Json {
    properties.iter().map(|p| (p.name.to_owned(), kind(p.kind))).collect::<serde_json::Map<_, _>>().into()
}

fn kind(of: Type) -> Json {
    match of {
        Type::String => "string".into(),
        Type::Bool => "bool".into(),
        Type::Integer | Type::Long => "integer".into(),
        Type::Number => "number".into(),
        Type::List(item) => json!([kind(*item)]),
        Type::Map(item) => json!({ "{}": kind(*item) }),
        Type::Object(shape) => tree(shape.properties),
        file => format!("{file:?}").to_lowercase().into(),
    }
}

/// What the generator makes of these inputs, or why it cannot.
fn generated(inputs: &Json) -> Result<String, String> {
    let tools = std::env::var_os("ZONE_TOOLS").map_or_else(|| root().join(".zone/tools"), PathBuf::from);
    let places = emulator::Places { run: tools.clone(), tools, decider: None };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let python = runtime.block_on(emulator::install(&places, &|_| ())).expect("the emulator's Python");
    let mut child = Command::new(python)
        .arg("-I")
        .arg(root().join("tools/limits/generate.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the generator runs");
    child.stdin.take().expect("a pipe").write_all(inputs.to_string().as_bytes()).expect("the generator reads");
    let output = child.wait_with_output().expect("the generator ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn inputs() -> Json {
    let all = catalog().schemas().into_iter().map(|schema| (schema.token.to_owned(), tree(&schema.inputs))).collect();
    Json::Object(all)
}

#[test]
fn the_table_is_what_the_models_and_the_mapping_say() {
    let made = generated(&inputs()).unwrap_or_else(|error| panic!("{error}"));
    let file = root().join(FILE);
    if std::env::var_os("ZONE_BLESS").is_some() {
        fs::write(&file, made).expect("written");
        return;
    }
    let committed = fs::read_to_string(file).expect(FILE);
    let new: Vec<_> = made.lines().filter(|line| !committed.contains(line)).collect();
    let gone: Vec<_> = committed.lines().filter(|line| !made.contains(line)).collect();
    assert!(
        committed == made,
        "{FILE} is not what the models say\nnew: {new:#?}\ngone: {gone:#?}\nZONE_BLESS=1 writes it anew"
    );
}

#[test]
fn an_input_without_limit_or_reason_is_named() {
    let mut with_more = inputs();
    with_more["aws:kms/key:Key"]["colour"] = json!("string");
    with_more["aws:cognito/userPool:UserPool"]["passwordPolicy"]["colour"] = json!("integer");
    let error = generated(&with_more).expect_err("a new input");
    assert!(
        error.contains("aws:kms/key:Key colour is no member of CreateKeyRequest, EnableKeyRotationRequest: map it")
    );
    assert!(error.contains("aws:cognito/userPool:UserPool passwordPolicy.colour is no member of PasswordPolicyType"));
    assert_eq!(error.trim().lines().count(), 2, "{error}");
    let mut without = inputs();
    without["aws:kms/key:Key"].as_object_mut().expect("inputs").remove("deletionWindowInDays");
    without["aws:unknown"] = json!({});
    let error = generated(&without).expect_err("a mapping of nothing");
    assert!(error.contains("deletionWindowInDays") && error.contains("aws:unknown is not in the mapping"), "{error}");
}

/// Inputs of which only the place `path` has a value.
fn at(path: &str, value: Value) -> Value {
    let (steps, last) = match path.strip_suffix("{key}") {
        Some(rest) => {
            let Value::String(key) = value else { panic!("a key is a text") };
            (rest, Value::Object([(key, Value::String("a".to_owned()))].into()))
        }
        None => (path, value),
    };
    let mut value = last;
    for step in steps.split('.').rev() {
        let mut name = step;
        while let Some((rest, wrapped)) =
            name.strip_suffix("[]").map(|rest| (rest, Value::Array(vec![value.clone()]))).or_else(|| {
                name.strip_suffix("{}").map(|rest| (rest, Value::Object([("a".to_owned(), value.clone())].into())))
            })
        {
            (name, value) = (rest, wrapped);
        }
        value = Value::Object([(name.to_owned(), value)].into());
    }
    value
}

/// What is refused of one value at one place, as `property: reason`.
fn refusals(catalog: &Catalog<Aws>, token: &str, path: &str, value: Value) -> Vec<String> {
    let Value::Object(inputs) = at(path, value) else { panic!("inputs are an object") };
    refused(catalog, token, &inputs)
}

fn refused(catalog: &Catalog<Aws>, token: &str, inputs: &Map) -> Vec<String> {
    let schema = catalog.schema(token).expect("a known token");
    let failures = catalog.provider.limits(schema, inputs);
    failures.into_iter().map(|failure| format!("{}: {}", failure.property, failure.reason)).collect()
}

/// Texts that fit the patterns of the models, and some that do not.
const TEXTS: [&str; 40] = [
    "a",
    "ab",
    "abc",
    "/",
    "a@b",
    "12345",
    "{####}",
    "{##a##}",
    ".gz",
    "p-12345678",
    "r-1234",
    "ap-southeast-2_aB1",
    "aws.partner/a/b",
    "arn:aws:iam::111122223333:role/a",
    "arn:aws:kms:ap-southeast-2:111122223333:key/a",
    "arn:aws:kinesis:ap-southeast-2:111122223333:stream/a",
    "arn:aws:s3:::a",
    "arn:aws:events:ap-southeast-2:111122223333:event-bus/a",
    "arn:aws:lambda:ap-southeast-2:111122223333:layer:a:1",
    "arn:aws:lambda:ap-southeast-2:111122223333:code-signing-config:csc-aaaaaaaaaaaaaaaaa",
    "arn:aws:elasticfilesystem:ap-southeast-2:111122223333:access-point/fsap-aaaaaaaaaaaaaaaaa",
    "/mnt/a",
    "sg-1",
    "subnet-1",
    "o-abcdefghijkl",
    "lambda:a",
    "111122223333",
    "a b",
    "a\"b",
    "a#b",
    "a:b",
    "a*b",
    "a!b",
    "a|b",
    "a/b?",
    "\u{7}",
    "ä",
    "\u{4e2d}\n",
    "a\nb",
    "\n",
];

/// Values just outside and just inside a limit, made of the limit alone.
fn samples(limit: &Json) -> (Vec<Value>, Vec<Value>) {
    let number = |name: &str| limit[name].as_f64();
    let (mut outside, mut inside) = (Vec::new(), Vec::new());
    for one in limit["oneOf"].as_array().into_iter().flatten() {
        inside.push(
            one.as_str()
                .map_or_else(|| Value::Number(one.as_f64().expect("a number")), |s| Value::String(s.to_owned())),
        );
    }
    match inside.first() {
        Some(Value::String(first)) => outside.push(Value::String(format!("{first}-"))),
        Some(_) => outside.push(Value::Number(-5.0)),
        None => {}
    }
    for (name, step) in [("min", -1.0), ("max", 1.0)] {
        outside.extend(number(name).map(|bound| Value::Number(bound + step)));
        inside.extend(number(name).map(Value::Number));
    }
    let count = |name: &str| limit[name].as_u64().and_then(|count| usize::try_from(count).ok());
    let items = |count| Value::Array(vec![Value::Null; count]);
    outside.extend(count("minItems").map(|bound| items(bound - 1)));
    outside.extend(count("maxItems").map(|bound| items(bound + 1)));
    inside.extend(count("minItems").into_iter().chain(count("maxItems")).map(items));
    let pattern = limit["pattern"].as_str().map(|p| Regex::new(&format!("^(?:{p})$")).expect("a pattern of Rust's"));
    let fits = |text: &str| pattern.as_ref().is_none_or(|pattern| pattern.is_match(text));
    let sizes = count("minLength").unwrap_or(1)..=count("maxLength").unwrap_or(usize::MAX);
    let sized = |text: &str| sizes.contains(&text.chars().count());
    if pattern.is_some() || limit["minLength"].is_number() || limit["maxLength"].is_number() {
        // longer ones by doubling: none of the patterns counts
        let grown = TEXTS.iter().flat_map(|text| {
            std::iter::successors(Some((*text).to_owned()), |text| (text.len() < 40).then(|| format!("{text}{text}")))
        });
        let grown: Vec<_> = grown.collect();
        let within = grown.iter().find(|text| sized(text) && fits(text)).expect("a text that fits");
        inside.push(Value::String(within.clone()));
        if pattern.is_some() {
            let other = grown.iter().find(|text| sized(text) && !fits(text)).expect("a text that does not fit");
            outside.push(Value::String(other.clone()));
        }
        let a_few = |count| Value::String("a".repeat(count));
        outside.extend(count("minLength").map(|bound| a_few(bound - 1)));
        outside.extend(count("maxLength").map(|bound| a_few(bound + 1)));
        if fits("aaaaaaaa") {
            inside.extend(count("maxLength").map(a_few));
        }
    }
    (outside, inside)
}

#[test]
fn each_limit_refuses_what_is_just_outside_and_takes_what_is_just_inside() {
    let (catalog, mut count) = (catalog(), 0);
    let table = table();
    assert_eq!(table.keys().map(String::as_str).filter(|token| catalog.schema(token).is_none()).count(), 0);
    for (token, paths) in &table {
        for (path, limit) in paths {
            let (outside, inside) = samples(limit);
            assert!(!outside.is_empty() && !inside.is_empty(), "{token} {path} has no samples");
            for value in outside {
                let said = refusals(&catalog, token, path, value.clone());
                assert_eq!(said.len(), 1, "{token} {path} takes {value:?}, or says why not more than once: {said:?}");
                assert!(said[0].contains(": AWS takes "), "{said:?}");
                if !path.ends_with("{key}") && !matches!(value, Value::Array(_)) {
                    let hidden = refusals(&catalog, token, path, value.secret());
                    assert!(hidden.len() == 1 && !hidden[0].contains(", not `"), "a secret is not shown: {hidden:?}");
                }
                count += 1;
            }
            for value in inside {
                let said = refusals(&catalog, token, path, value.clone());
                assert!(said.is_empty(), "{token} {path} refuses {value:?}: {said:?}");
            }
            if !path.ends_with("{key}") {
                assert!(refusals(&catalog, token, path, Value::Unknown).is_empty());
            }
        }
    }
    assert!(count > 450, "{count}");
}

#[test]
fn refusals_name_the_place_the_value_and_what_is_allowed() {
    let catalog = catalog();
    let said = |token: &str, path: &str, value: Value| refusals(&catalog, token, path, value).join("\n");
    let text = |text: &str| Value::String(text.to_owned());
    let lifecycle = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    assert_eq!(
        said(lifecycle, "rules[].expiration.days", Value::Number(-5.0)),
        "rules[0].expiration.days: AWS takes 1 or more, not `-5`"
    );
    assert_eq!(
        said(lifecycle, "rules[].status", text("enabled")),
        "rules[0].status: AWS takes one of `Enabled`, `Disabled`, not `enabled`"
    );
    let archive = "aws:cloudwatch/eventArchive:EventArchive";
    assert_eq!(said(archive, "retentionDays", Value::Number(-5.0)), "retentionDays: AWS takes 0 or more, not `-5`");
    assert_eq!(said(archive, "retentionDays", Value::Number(0.0)), "");
    assert_eq!(
        said(archive, "name", text("a b")),
        "name: AWS takes a text of the pattern `[\\.\\-_A-Za-z0-9]+`, not `a b`"
    );
    assert_eq!(
        said(archive, "name", text(&"a".repeat(49))),
        format!("name: AWS takes up to 48 characters (this has 49), not `{}`", "a".repeat(49))
    );
    assert_eq!(
        said("aws:cloudwatch/logGroup:LogGroup", "retentionInDays", Value::Number(31.0)).split(" 3,").next(),
        Some(
            "retentionInDays: AWS takes one of `0`, `1`, `3`, `5`, `7`, `14`, `30`, `60`, `90`, `120`, `150`, `180`, `365`, `400`, `545`, `731`, `1096`, `1827`, `2192`, `2557`, `2922`, `3288`, `3653`, not `31`"
        )
    );
    let parameter = "aws:ssm/parameter:Parameter";
    assert_eq!(
        said(parameter, "value", text(&"a".repeat(9000))),
        "value: AWS takes up to 8192 characters (this has 9000)"
    );
}

/// What a type shortens a generated name to is what AWS takes.
#[test]
fn a_name_that_is_made_to_fit_fits() {
    let (catalog, mut count) = (catalog(), 0);
    for kind in catalog.provider.kinds() {
        let schema = kind.schema();
        let long = format!("{}-1234567", "a".repeat(1100));
        let fitted = kind.fit_name(&Map::new(), long.clone());
        if fitted.len() < long.len() {
            let property = schema.inputs.iter().find(|p| p.autoname).expect("a name").name;
            let said = refusals(&catalog, schema.token, property, Value::String(fitted));
            assert!(said.is_empty(), "{}: {said:?}", schema.token);
            assert_eq!(refusals(&catalog, schema.token, property, Value::String(long)).len(), 1, "{}", schema.token);
            count += 1;
        }
    }
    assert!(count >= 6, "{count}");
}

#[test]
fn a_default_tag_is_refused_once_and_where_it_is_said() {
    let catalog = catalog();
    let tags = |key: &str| Value::Object([(key.to_owned(), Value::String("a".to_owned()))].into());
    let said = |inputs: Map| refused(&catalog, "aws:iam/role:Role", &inputs);
    let own: Map = [("tags".to_owned(), tags("a#b")), ("tagsAll".to_owned(), tags("a#b"))].into();
    assert_eq!(said(own).len(), 1);
    let by_default: Map = [("tags".to_owned(), tags("a")), ("tagsAll".to_owned(), tags("a#b"))].into();
    assert!(said(by_default).iter().all(|reason| reason.starts_with("tagsAll.a#b: AWS takes a text of the pattern")));
    let fine: Map = [("tags".to_owned(), tags("a")), ("tagsAll".to_owned(), tags("a"))].into();
    assert!(said(fine).is_empty());
}
