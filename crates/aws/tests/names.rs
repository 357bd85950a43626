//! Our types against the official provider's package: tokens, property names, types, what is required and what
//! is secret are the same, so a zone may change from this provider to the official one and back. What of theirs
//! we leave out is written to `docs/provider.md`.
//!
//! The package comes by npm, once, and is kept among the tools. Without npm and without a copy this is not
//! evaluated, which only a machine of a person may be content with.

mod official;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use official::{Member, Members, Package};
use pulumi::provider::{
    resource::Provider,
    schema::{Property, Type},
    server::Catalog,
};

/// What we add to every type where the official one says it otherwise: `tagsAll` is an output there, and an input
/// in its state.
const OURS: &str = "tagsAll";

/// What we require and the official provider does not, though AWS refuses to do without: nothing that it accepts
/// and AWS does too is refused by us.
const STRICTER: [&str; 1] = [
    // "at least one rule" is a validation there
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration rules",
];

/// What AWS has, and a zone needs, that the official provider knows nothing of yet. It is optional, and left out AWS
/// decides, so an official program is none the worse; one of ours that goes to the official provider drops it.
const BEYOND: [&str; 1] = ["aws:cloudtrail/trail:Trail recursiveLogging"];

const PAGE: &str = "docs/provider.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a comparison finds.
#[derive(Default)]
struct Findings {
    wrong: Vec<String>,
    left_out: Vec<String>,
    stricter: Vec<String>,
    beyond: Vec<String>,
}

/// How to find a nested object, and what to call it.
struct Side<'a> {
    shape: &'a dyn Fn(&str) -> Option<Members>,
    /// `inputs.s3`, `outputs.s3`, or `inputs` for the provider's own.
    namespace: String,
    /// Whether what is required counts: of outputs it says nothing.
    required: bool,
}

/// Our type, written as [`official::canonical`] does.
fn canonical(side: &Side, kind: Type) -> String {
    match kind {
        Type::String => "string".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::Integer | Type::Long | Type::Number => "number".to_owned(),
        Type::List(item) => format!("{}[]", canonical(side, *item)),
        Type::Map(item) => format!("{{{}}}", canonical(side, *item)),
        Type::Object(shape) => format!("{}.{}", side.namespace, shape.name),
        file => format!("pulumi.asset.{file:?}"),
    }
}

/// Compares properties, and those of the objects nested in them.
fn compare(at: &str, ours: &[Property], theirs: &Members, side: &Side, findings: &mut Findings) {
    for property in ours.iter().filter(|p| p.name != OURS) {
        let path = format!("{at}{}", property.name);
        let Some(official) = theirs.get(property.name) else {
            if BEYOND.contains(&path.as_str()) && !property.required {
                findings.beyond.push(path);
                continue;
            }
            findings.wrong.push(format!("{path} is no official property"));
            continue;
        };
        let kind = canonical(side, property.kind);
        if kind != official.kind {
            findings.wrong.push(format!("{path} is `{}` officially, ours is `{kind}`", official.kind));
            continue;
        }
        if side.required && property.required && !official.required && STRICTER.contains(&path.as_str()) {
            findings.stricter.push(path.clone());
        } else if side.required && property.required != official.required {
            let word = |required| if required { "required" } else { "optional" };
            findings.wrong.push(format!(
                "{path} is {} officially, ours is {}",
                word(official.required),
                word(property.required)
            ));
        }
        let mut inner = property.kind;
        while let Type::List(item) | Type::Map(item) = inner {
            inner = *item;
        }
        if let Type::Object(shape) = inner {
            match (side.shape)(&canonical(side, inner)) {
                Some(theirs) => compare(&format!("{path}."), shape.properties, &theirs, side, findings),
                None => findings.wrong.push(format!("{path}: there is no official `{}`", canonical(side, inner))),
            }
        }
    }
    for (name, member) in theirs.iter().filter(|(name, _)| ours.iter().all(|p| p.name != name.as_str())) {
        let deprecated = if member.deprecated { " (deprecated)" } else { "" };
        let (_, at) = at.split_once(' ').unwrap_or(("", at));
        findings.left_out.push(format!("`{at}{name}`{deprecated}"));
    }
}

/// The official package; `None`, with a word about it, where it cannot be had and need not be.
fn package() -> Option<Package> {
    let tools = std::env::var_os("ZONE_TOOLS").map_or_else(|| root().join(".zone/tools"), PathBuf::from);
    let package = Package::fetch(&tools);
    if package.is_none() {
        assert!(
            std::env::var("CI").is_err(),
            "not evaluated: npm is not at hand, and in CI it has to be: install Node.js"
        );
        // not by a macro: what passes has its output hidden, and who runs this is to know that nothing was compared
        let _ = std::io::stderr().write_all(b"not evaluated: npm is not at hand\n");
    }
    package
}

#[test]
fn types_are_as_in_the_official_provider() {
    let Some(package) = package() else { return };
    let catalog = Catalog::new(aws::provider::Aws::new(aws::clients::Ambient::default()));
    let shape = |name: &str| package.shape(name);
    let (mut wrong, mut stricter, mut beyond) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = String::new();
    for schema in catalog.schemas() {
        let token = schema.token;
        let Some(official) = package.resource(token) else {
            wrong.push(format!("{token} is no official type"));
            continue;
        };
        let module = token.split([':', '/']).nth(1).unwrap_or_default();
        let mut inputs = Findings::default();
        let side = Side { shape: &shape, namespace: format!("inputs.{module}"), required: true };
        compare(&format!("{token} "), &schema.inputs, &official.inputs, &side, &mut inputs);

        let mut outputs = Findings::default();
        let side = Side { shape: &shape, namespace: format!("outputs.{module}"), required: false };
        compare(&format!("{token} "), &schema.outputs, &official.outputs, &side, &mut outputs);
        let of_inputs =
            official.inputs.keys().map(|name| format!("`{name}`")).chain([format!("`{OURS}`")]).collect::<Vec<_>>();
        outputs.left_out.retain(|name| !of_inputs.iter().any(|input| name.starts_with(input)));

        for secret in &official.secrets {
            let ours = schema.inputs.iter().chain(&schema.outputs).filter(|p| p.name == secret);
            wrong.extend(
                ours.filter(|p| !p.secret).map(|_| format!("{token} {secret} is secret officially, ours is not")),
            );
        }
        wrong.extend(inputs.wrong.into_iter().chain(outputs.wrong));
        stricter.extend(inputs.stricter);
        beyond.extend(inputs.beyond);
        let _ = writeln!(rows, "| `{token}` | {} | {} |", listed(&inputs.left_out), listed(&outputs.left_out));
    }
    let mut provider = Findings::default();
    let side = Side { shape: &shape, namespace: "inputs".to_owned(), required: true };
    compare("pulumi:providers:aws ", catalog.provider.config_properties(), &package.provider(), &side, &mut provider);
    let functions = functions(&package, catalog.provider.functions(), &mut wrong);
    wrong.extend(provider.wrong);
    let undecided = provider.left_out.iter();
    wrong.extend(undecided.map(|name| {
        format!("{name} is an argument of the official provider: honour it, or refuse it in `refused` of provider.rs")
    }));
    let secrets = ["accessKey", "secretKey", "token"];
    let open = catalog.provider.config_properties().iter().filter(|p| secrets.contains(&p.name) && !p.secret);
    wrong.extend(open.map(|p| format!("{} of the provider is secret officially, ours is not", p.name)));
    let idle = STRICTER.iter().filter(|path| stricter.iter().all(|found| found != *path));
    let known = BEYOND.iter().filter(|path| beyond.iter().all(|found| found != *path));
    wrong.extend(known.map(|path| format!("{path} is an official property by now: take it out of BEYOND")));
    wrong.extend(idle.map(|path| format!("{path} is no stricter than officially: take it out of STRICTER")));
    assert!(
        wrong.is_empty(),
        "\n{}\n\ncorrect ours: the names, types and requirements of the official provider {} are the right ones\n",
        wrong.join("\n"),
        aws::VERSION
    );
    up_to_date(&page(&rows, &functions));
}

/// Compares functions; the rows of what is left out.
fn functions(package: &Package, ours: &[pulumi::provider::schema::FunctionSchema], wrong: &mut Vec<String>) -> String {
    let mut rows = String::new();
    for function in ours {
        let token = function.token;
        let Some((arguments, answer)) = package.function(token) else {
            wrong.push(format!("{token} is no official function"));
            continue;
        };
        let shape = |name: &str| package.shape(name);
        let module = token.split([':', '/']).nth(1).unwrap_or_default();
        let side = |of: &str, required| Side { shape: &shape, namespace: format!("{of}.{module}"), required };
        let (mut asked, mut answered) = (Findings::default(), Findings::default());
        compare(&format!("{token} "), function.arguments.properties, &arguments, &side("inputs", true), &mut asked);
        compare(&format!("{token} "), function.answer.properties, &answer, &side("outputs", false), &mut answered);
        wrong.extend(asked.wrong.into_iter().chain(answered.wrong));
        let _ = writeln!(rows, "| `{token}` | {} | {} |", listed(&asked.left_out), listed(&answered.left_out));
    }
    rows
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

fn page(types: &str, functions: &str) -> String {
    format!(
        "# The provider\n\n\
         Tokens, names, types and requirements are those of the official provider {version}, so a zone can change from one\n\
         to the other. Anything left out is refused with a message that names the supported ones. A test compares with the\n\
         official package and writes this page: `ZONE_BLESS=1 cargo test --workspace --test names`.\n\n\
         ## What differs on purpose\n\n\
         - A Cognito user pool is never replaced, because its users would be lost. The preview refuses a change that needs a new pool (sign-in,\n\
         \x20 region, removed or changed attributes). A new name is an update.\n\
         - A KMS key is never replaced, because its encrypted data would be lost. A bucket is replaced only if it was\n\
         \x20 deployed with `forceDestroy`.\n\
         - A forced replacement (`--replace`, taint, `replaceOnChanges`) of a resource that keeps its name needs the option\n\
         \x20 `deleteBeforeReplace`. Without it, the engine creates first, and the create is refused.\n\
         - Properties that the official provider does not have, all of them optional: {beyond}.\n\
         - A secret stays one in everything that follows from it: `tagsAll` of secret tags and secret default tags, a name made of a\n\
         \x20 secret prefix, an ARN with a secret name, the answer of a function with a secret argument.\n\n\
         ## What a program may give\n\n\
         - An empty string or object counts as not set, at any depth. Exceptions, where an empty value has a meaning:\n\
         \x20 {empty}. Values of tags may be empty. A required text that is empty is refused.\n\
         - A policy, event pattern or other JSON text may be given as an object or a list: {documents}.\n\
         - Where an id is expected, you can give a resource: its id is used.\n\
         - A policy that AWS gives back in another form is not changed: an account or its root's ARN as principal, statements and\n\
         \x20 values in another order, one of them without a list, numbers and booleans of conditions in quotes, an empty `Sid`.\n\
         \x20 `\"*\"` and `{{\"AWS\": \"*\"}}` are different, because some services distinguish them.\n\
         - To import or look up a resource in another region, give `id@region`, such as `vpc-1@us-west-2`. If the id itself ends\n\
         \x20 in `@` and a region's name, add its own region after it.\n\
         - An SSM parameter of tier `Advanced` that becomes `Standard` is replaced; every other change of the tier is an update.\n\
         - Tags that AWS refuses are refused in a preview: their characters, length and number (49, as one is the provider's own).\n\n\
         ## Types and what is left out\n\n\
         | type | inputs left out | outputs left out |\n|---|---|---|\n{types}\n\
         ## Functions and what is left out\n\n\
         | function | arguments left out | answers left out |\n|---|---|---|\n{functions}\n\
         ## Arguments of the provider\n\n\
         All official ones are known, and `endpoints` of all services. These are refused, with the reason: `insecure`,\n\
         `ignoreTags`, `ec2MetadataServiceEndpoint`, `ec2MetadataServiceEndpointMode`, `s3UsEast1RegionalEndpoint` other than\n\
         `regional`, `tagPolicyCompliance` other than `disabled`, and `sourceIdentity` and `transitiveTagKeys` of a role.\n",
        version = aws::VERSION,
        beyond = BEYOND.map(|path| format!("`{path}`")).join(", "),
        empty = all_that(&|property: &Property| property.empty),
        documents = all_that(&|property: &Property| property.json),
    )
}

/// The properties of all types that are so, at any depth: `Type.path`.
fn all_that(is_so: &dyn Fn(&Property) -> bool) -> String {
    fn within(path: &str, properties: &[Property], is_so: &dyn Fn(&Property) -> bool, found: &mut Vec<String>) {
        for property in properties {
            let at = format!("{path}.{}", property.name);
            if is_so(property) {
                found.push(format!("`{at}`"));
            }
            let mut inner = property.kind;
            while let Type::List(item) | Type::Map(item) = inner {
                inner = *item;
            }
            if let Type::Object(shape) = inner {
                within(&at, shape.properties, is_so, found);
            }
        }
    }
    let catalog = Catalog::new(aws::provider::Aws::new(aws::clients::Ambient::default()));
    let mut found = Vec::new();
    for schema in catalog.schemas() {
        within(schema.token.rsplit(':').next().unwrap_or_default(), &schema.inputs, is_so, &mut found);
    }
    found.join(", ")
}

fn up_to_date(wanted: &str) {
    let file = root().join(PAGE);
    if std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1") {
        fs::write(&file, wanted).unwrap_or_else(|e| panic!("{PAGE}: {e}"));
    }
    let is = fs::read_to_string(&file).unwrap_or_default();
    assert!(is == wanted, "\n{PAGE} is stale; write it anew: ZONE_BLESS=1 cargo test --workspace --test names\n");
}

#[test]
fn typescript_is_read() {
    let text = "\
        export interface NestedArgs {\n    \
            /**\n     * @deprecated Use b.\n     */\n    \
            a?: pulumi.Input<string | undefined>;\n    \
            /** Plain. */\n    \
            b: pulumi.Input<pulumi.Input<inputs.s3.Rule>[]>;\n    \
            readonly c: pulumi.Output<{\n        [key: string]: string;\n    } | undefined>;\n    \
            d: pulumi.Input<string | enums.ssm.ParameterType>;\n    \
            e?: pulumi.Input<inputs.s3.PolicyDocument | string | undefined>;\n    \
            constructor(name: string);\n}\n\
        export interface Other {\n    z: number;\n}\n";
    let member = |required, deprecated, kind: &str| Member { required, deprecated, kind: kind.to_owned() };
    let expected = [
        ("a", member(false, true, "string")),
        ("b", member(true, false, "inputs.s3.Rule[]")),
        ("c", member(true, false, "{string}")),
        ("d", member(true, false, "string")),
        ("e", member(false, false, "string")),
    ];
    let expected: BTreeMap<_, _> = expected.into_iter().map(|(name, member)| (name.to_owned(), member)).collect();
    assert_eq!(official::members(text, "export interface NestedArgs "), Some(expected));
    assert_eq!(official::members(text, "export interface Nested "), None);
}

#[test]
fn what_differs_is_found() {
    const ITEM: Type = Type::Object(&pulumi::provider::schema::Shape {
        name: "Rule",
        description: "",
        properties: &[Property::new("id", "", Type::String), Property::new("days", "", Type::Integer)],
    });
    let rule =
        |_: &str| official::members("interface Rule {\n    id: string;\n    prefix?: string;\n}\n", "interface Rule ");
    let side = Side { shape: &rule, namespace: "inputs.s3".to_owned(), required: true };
    let find = |ours: &[Property], theirs: &str| {
        let theirs =
            official::members(&format!("interface Args {{\n    {theirs}\n}}\n"), "interface Args ").expect("members");
        let mut findings = Findings::default();
        compare("token ", ours, &theirs, &side, &mut findings);
        (findings.wrong, findings.left_out)
    };
    let property = |name, kind| Property::new(name, "", kind);
    let (wrong, left_out) = find(&[property("nmae", Type::String)], "name?: string;");
    assert_eq!((wrong, left_out), (vec!["token nmae is no official property".to_owned()], vec!["`name`".to_owned()]));
    let beyond = |required| {
        let mut findings = Findings::default();
        let ours = Property { required, ..property("recursiveLogging", Type::Bool) };
        compare("aws:cloudtrail/trail:Trail ", &[ours], &Members::new(), &side, &mut findings);
        (findings.wrong.len(), findings.beyond.len())
    };
    assert_eq!((beyond(false), beyond(true)), ((0, 1), (1, 0)), "nobody has to give what only we know");
    let (wrong, _) = find(&[property("name", Type::Bool)], "name?: pulumi.Input<string>;");
    assert_eq!(wrong, ["token name is `string` officially, ours is `boolean`"]);
    let (wrong, _) = find(&[property("name", Type::String)], "name: pulumi.Input<string>;");
    assert_eq!(wrong, ["token name is required officially, ours is optional"]);
    let (wrong, left_out) = find(&[property("rules", Type::List(&ITEM))], "rules?: pulumi.Input<inputs.s3.Rule>[];");
    assert_eq!(
        wrong,
        ["token rules.id is required officially, ours is optional", "token rules.days is no official property"]
    );
    assert_eq!(left_out, ["`rules.prefix`"]);
}
