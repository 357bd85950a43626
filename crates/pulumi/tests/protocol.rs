//! `proto/pulumi.proto` against Pulumi's own descriptors: every message, field, enum value and method of ours is
//! theirs, with the same number, type and label. And `src/proto.rs` against `proto/pulumi.proto`.
//!
//! The official descriptors come from the Python SDK of the engine's version; `protocol/descriptors.py` fetches
//! them. Without network and without a copy kept of an earlier run this fails: a protocol that was not compared
//! is not known to be right.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto, MessageOptions, ServiceDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

/// Ours for messages that have another package, or that we want as plain messages.
const RENAMED: [(&str, &str); 2] =
    [(".pulumirpc.RpcStatus", ".google.rpc.Status"), (".pulumirpc.RpcAny", ".google.protobuf.Any")];

/// What a protocol says, a line each: `field .pulumirpc.CheckRequest.urn` is `1, optional string`.
type Facts = BTreeMap<String, String>;

fn facts(files: &[FileDescriptorProto]) -> Facts {
    let mut facts = Facts::new();
    for file in files {
        let package = format!(".{}", file.package());
        file.message_type.iter().for_each(|message| say_message(&mut facts, &package, message));
        file.enum_type.iter().for_each(|choice| say_enum(&mut facts, &package, choice));
        file.service.iter().for_each(|service| say_service(&mut facts, &package, service));
    }
    facts
}

fn renamed(name: &str) -> String {
    let new = RENAMED.iter().find(|(ours, _)| *ours == name);
    new.map_or(name, |(_, theirs)| theirs).to_owned()
}

fn say_message(facts: &mut Facts, scope: &str, message: &DescriptorProto) {
    let name = renamed(&format!("{scope}.{}", message.name()));
    let map = message.options.as_ref().is_some_and(MessageOptions::map_entry);
    facts.insert(format!("message {name}"), if map { "an entry of a map" } else { "a message" }.to_owned());
    for field in &message.field {
        let label = match field.label() {
            Label::Repeated => "repeated",
            Label::Required => "required",
            Label::Optional if field.proto3_optional() => "optional and told from its default",
            Label::Optional => "optional",
        };
        let kind = match field.r#type() {
            Type::Message | Type::Enum => renamed(field.type_name()),
            scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
        };
        let choice = field.oneof_index.and_then(|i| message.oneof_decl.get(usize::try_from(i).ok()?));
        let choice = choice.map(|oneof| format!(", one of {}", oneof.name())).unwrap_or_default();
        facts.insert(format!("field {name}.{}", field.name()), format!("{}, {label} {kind}{choice}", field.number()));
    }
    message.nested_type.iter().for_each(|nested| say_message(facts, &name, nested));
    message.enum_type.iter().for_each(|choice| say_enum(facts, &name, choice));
}

fn say_enum(facts: &mut Facts, scope: &str, choice: &EnumDescriptorProto) {
    let name = format!("{scope}.{}", choice.name());
    let values: Vec<_> = choice.value.iter().map(|value| format!("{} = {}", value.name(), value.number())).collect();
    // whole: a value that we did not know would be read as an unknown number
    facts.insert(format!("enum {name}"), values.join(", "));
}

fn say_service(facts: &mut Facts, scope: &str, service: &ServiceDescriptorProto) {
    let name = format!("{scope}.{}", service.name());
    facts.insert(format!("service {name}"), "a service".to_owned());
    for method in &service.method {
        let stream = |many: bool| if many { "stream " } else { "" };
        let (from, to) = (renamed(method.input_type()), renamed(method.output_type()));
        let said = format!("{}{from} -> {}{to}", stream(method.client_streaming()), stream(method.server_streaming()));
        facts.insert(format!("method {name}.{}", method.name()), said);
    }
}

/// What of ours is not as theirs.
fn differences(ours: &Facts, theirs: &Facts) -> Vec<String> {
    let differs = |(what, said): (&String, &String)| match theirs.get(what) {
        Some(official) if official == said => None,
        Some(official) => Some(format!("{what}\n  is:   {official}\n  ours: {said}")),
        None => Some(format!("{what}\n  is not in the official protocol")),
    };
    ours.iter().filter_map(differs).collect()
}

fn ours() -> Vec<FileDescriptorProto> {
    let files = protox::compile(["pulumi.proto"], [Path::new(env!("CARGO_MANIFEST_DIR")).join("proto")])
        .expect("pulumi.proto compiles");
    files.file.into_iter().filter(|file| file.package() == "pulumirpc").collect()
}

fn theirs() -> Vec<FileDescriptorProto> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = std::env::var_os("ZONE_TOOLS").map_or_else(|| here.join("../../.zone/tools"), PathBuf::from);
    let kept = tools.join(format!("pulumi-sdk-{}", pinned()));
    let script = here.join("tests/protocol/descriptors.py");
    let ran = Command::new("python3").arg(&script).arg(&kept).output();
    let ran = ran.unwrap_or_else(|e| panic!("the official protocol cannot be read without python3 on the PATH: {e}"));
    assert!(
        ran.status.success(),
        "\nthe official protocol is not at hand, so ours was not compared: {}\n\
         run this once with network; the copy is kept for later runs\n",
        String::from_utf8_lossy(&ran.stderr).trim()
    );
    let out = String::from_utf8(ran.stdout).expect("hex");
    let mut files: Vec<_> =
        out.lines().map(|line| FileDescriptorProto::decode(&*bytes(line)).expect("a descriptor")).collect();
    // what is Google's comes with the compiler
    let google = protox::compile(["google/protobuf/any.proto"], [here.join("proto")]).expect("Google's Any");
    files.extend(google.file);
    files
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).expect("two hex digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// The version in `protocol/requirements.txt`.
fn pinned() -> &'static str {
    let requirement = include_str!("protocol/requirements.txt");
    let version = requirement.strip_prefix("pulumi==").and_then(|rest| rest.split_whitespace().next());
    version.expect("requirements.txt begins with pulumi==<version>")
}

/// `src/proto.rs`, below what is written there by hand.
#[test]
fn the_committed_messages_are_as_generated() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = protox::compile(["pulumi.proto"], [here.join("proto")]).expect("pulumi.proto compiles");
    let out = tempfile::tempdir().expect("a folder");
    let builder = tonic_prost_build::configure().build_client(true).build_server(true).emit_rerun_if_changed(false);
    builder.out_dir(out.path()).compile_fds(files).expect("the messages are generated");
    let generated = fs::read_to_string(out.path().join("pulumirpc.rs")).expect("the generated messages");

    let path = here.join("src/proto.rs");
    let committed = fs::read_to_string(&path).expect("src/proto.rs");
    let by_hand = committed.find("// This file is @generated").expect("the first line that is generated");
    let made = committed[..by_hand].to_owned() + &generated;
    if std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &made).expect("src/proto.rs is written");
    } else {
        assert!(
            committed == made,
            "src/proto.rs is stale: write it again with ZONE_BLESS=1 cargo test --workspace --test protocol"
        );
    }
}

#[test]
fn our_protocol_is_pulumis() {
    let (ours, theirs) = (facts(&ours()), facts(&theirs()));
    assert!(ours.len() > 200, "only {} facts about our protocol: is all of it read?", ours.len());
    assert!(
        theirs.len() > ours.len(),
        "{} facts about theirs, {} about ours: is all of it read?",
        theirs.len(),
        ours.len()
    );
    let found = differences(&ours, &theirs);
    assert!(
        found.is_empty(),
        "\nproto/pulumi.proto differs from the protocol of Pulumi {}:\n{}\n\ncorrect proto/pulumi.proto: the official side is right\n",
        pinned(),
        found.join("\n")
    );
}

fn message<'a>(file: &'a mut FileDescriptorProto, name: &str) -> &'a mut DescriptorProto {
    file.message_type.iter_mut().find(|message| message.name() == name).expect("the message")
}

#[test]
fn what_differs_is_found() {
    let right = facts(&ours());
    let wrong = |change: fn(&mut FileDescriptorProto)| {
        let mut files = ours();
        change(&mut files[0]);
        differences(&facts(&files), &right).len()
    };
    assert_eq!(wrong(|_| ()), 0);
    assert_eq!(wrong(|f| message(f, "CheckRequest").field[0].number = Some(9)), 1, "a number");
    assert_eq!(wrong(|f| message(f, "CheckRequest").field[0].set_type(Type::Bytes)), 1, "a type");
    assert_eq!(wrong(|f| message(f, "CheckRequest").field[0].set_label(Label::Repeated)), 1, "a label");
    assert_eq!(wrong(|f| message(f, "CheckRequest").field[0].name = Some("Urn".to_owned())), 1, "a name");
    assert_eq!(wrong(|f| message(f, "ConfigureRequest").field[5].proto3_optional = Some(false)), 1, "presence");
    assert_eq!(wrong(|f| message(f, "Alias").field[0].oneof_index = None), 1, "a choice");
    assert_eq!(wrong(|f| f.enum_type[0].value[1].number = Some(7)), 1, "an enum's value");
    assert_eq!(wrong(|f| f.service[0].method[0].client_streaming = Some(false)), 1, "a stream");
    assert_eq!(wrong(|f| f.service[1].method[0].input_type = Some(".pulumirpc.Alias".to_owned())), 1, "a method");
}

#[test]
fn the_official_protocol_is_of_the_engine_we_build() {
    let engine = include_str!("../../../tools/pulumi/go.mod");
    let module = format!("github.com/pulumi/pulumi/pkg/v3 v{}", pinned());
    assert!(
        engine.contains(&module),
        "\ntools/pulumi/go.mod has another engine than tests/protocol/requirements.txt says, {}\n\
         pin the Python SDK of the same version there, with the sha256 of its wheel\n",
        pinned()
    );
}
