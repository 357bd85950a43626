//! The official provider's Node.js package, as text: what its generated code says of types, properties and secrets.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use regex::Regex;
use sha2::{Digest, Sha512};

/// SHA-512 of the package's archive, of version [`aws::VERSION`]: what `npm view @pulumi/aws@<version>
/// dist.integrity` says, in hex.
const SHA512: &str = "ae8297619d84ca3bdaa4a61a72f450354796d94048f0c2b0ccedb7dfc5f0757b\
                      427fbe5369b6380d5cb9eb36361db9c45341f57db05772df28031f729d078cac";

/// The unpacked package.
pub(crate) struct Package {
    folder: tempfile::TempDir,
    inputs: String,
    outputs: String,
}

/// What the code of a resource type says.
pub(crate) struct Resource {
    /// Arguments of its constructor.
    pub(crate) inputs: Members,
    /// All its properties, inputs too.
    pub(crate) outputs: Members,
    /// Properties that are secret whatever they are given.
    pub(crate) secrets: BTreeSet<String>,
}

/// The members of a TypeScript interface or class by name.
pub(crate) type Members = BTreeMap<String, Member>;

/// A property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    /// Its type as [`canonical`] writes it.
    pub(crate) kind: String,
}

impl Package {
    /// Takes the archive that is kept in `tools`, or has npm fetch it; `None` where there is neither.
    pub(crate) fn fetch(tools: &Path) -> Option<Self> {
        let kept = tools.join(format!("pulumi-aws-{}.tgz", aws::VERSION));
        if !kept.is_file() {
            Command::new("npm").arg("--version").output().ok().filter(|ran| ran.status.success())?;
            fs::create_dir_all(tools).unwrap_or_else(|e| panic!("making {}: {e}", tools.display()));
            let folder = tempfile::tempdir_in(tools).expect("a temporary folder");
            let package = format!("@pulumi/aws@{}", aws::VERSION);
            let ran = Command::new("npm")
                .args(["pack", &package, "--pack-destination"])
                .arg(folder.path())
                .output()
                .expect("npm starts");
            let said = String::from_utf8_lossy(&ran.stderr);
            assert!(
                ran.status.success(),
                "npm could not fetch {package}; with network it is fetched once and kept in {}:\n{said}",
                kept.display()
            );
            let packed =
                fs::read_dir(folder.path()).expect("the folder").next().expect("npm packed one file").expect("a file");
            fs::rename(packed.path(), &kept).expect("the archive gets its name");
        }
        let archive = fs::read(&kept).expect("the archive");
        let hash: String = Sha512::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hash,
            SHA512,
            "\n{} is not the official provider {}: remove it and run this again; where it stays so, SHA512 in \
             crates/aws/tests/official/mod.rs is of another version\n",
            kept.display(),
            aws::VERSION
        );
        Some(Self::unpack(&kept))
    }

    fn unpack(archive: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let unpack = Command::new("tar")
            .arg("-xzf")
            .arg(archive)
            .arg("-C")
            .arg(folder.path())
            .args(["--exclude", "*.map", "package"])
            .output();
        let unpack = unpack.expect("tar starts");
        assert!(
            unpack.status.success(),
            "unpacking {}: {}",
            archive.display(),
            String::from_utf8_lossy(&unpack.stderr)
        );
        let text = |name: &str| {
            fs::read_to_string(folder.path().join("package/types").join(name))
                .unwrap_or_else(|e| panic!("types/{name}: {e}"))
        };
        Self { inputs: text("input.d.ts"), outputs: text("output.d.ts"), folder }
    }

    /// The code beside a token, such as `cloudwatch/eventBus.js`; `None` where there is no such type or function.
    fn text(&self, token: &str, extension: &str) -> Option<String> {
        let (path, _) = token.strip_prefix("aws:")?.rsplit_once(':')?;
        let path = path.strip_prefix("index/").unwrap_or(path);
        let path: PathBuf = self.folder.path().join("package").join(path);
        let mut name = path.file_name().map(OsStr::to_os_string)?;
        name.push(extension);
        fs::read_to_string(path.with_file_name(name)).ok()
    }

    /// What is said of a resource type; `None` where the token is not official.
    pub(crate) fn resource(&self, token: &str) -> Option<Resource> {
        let (code, types) = (self.text(token, ".js")?, self.text(token, ".d.ts")?);
        let (_, name) = token.rsplit_once(':')?;
        code.contains(&format!("static __pulumiType = '{token}'")).then_some(())?;
        let all = |pattern: &str| -> BTreeSet<String> {
            Regex::new(pattern).expect("a pattern").captures_iter(&code).map(|found| found[1].to_owned()).collect()
        };
        let mut inputs = members(&types, &format!("export interface {name}Args "))?;
        let outputs = members(&types, &format!("export declare class {name} "))?;
        // what the constructor really does counts, and has to agree with its types
        let given = all(r#"resourceInputs\["(\w+)"\] = .*\bargs\b"#);
        assert_eq!(given, inputs.keys().cloned().collect(), "the inputs of {token} in its code and in its types");
        let required = all(r"Missing required property '(\w+)'");
        for (name, member) in &mut inputs {
            member.required = required.contains(name);
        }
        let added = all(r#"resourceInputs\["(\w+)"\] = undefined /\*out\*/"#);
        assert!(
            added.iter().all(|name| outputs.contains_key(name)),
            "the outputs of {token} in its code and in its types"
        );
        let mut secrets = all(r#"resourceInputs\["(\w+)"\] = .*pulumi\.secret\("#);
        for list in all(r"additionalSecretOutputs: \[([^\]]*)\]") {
            secrets.extend(list.split(',').map(|name| name.trim().trim_matches('"').to_owned()));
        }
        Some(Resource { inputs, outputs, secrets })
    }

    /// Arguments and answer of a function; `None` where the token is not official.
    pub(crate) fn function(&self, token: &str) -> Option<(Members, Members)> {
        let (code, types) = (self.text(token, ".js")?, self.text(token, ".d.ts")?);
        let (_, name) = token.rsplit_once(':')?;
        code.contains(&format!("invoke(\"{token}\"")).then_some(())?;
        let name = name[..1].to_uppercase() + &name[1..];
        let arguments = members(&types, &format!("export interface {name}Args ")).unwrap_or_default();
        Some((arguments, members(&types, &format!("export interface {name}Result "))?))
    }

    /// The provider's own arguments.
    pub(crate) fn provider(&self) -> Members {
        let types = fs::read_to_string(self.folder.path().join("package/provider.d.ts")).expect("provider.d.ts");
        members(&types, "export interface ProviderArgs ").expect("ProviderArgs")
    }

    /// A nested object by its official name, such as `inputs.s3.BucketCorsRule`.
    pub(crate) fn shape(&self, name: &str) -> Option<Members> {
        let text = if name.starts_with("inputs.") { &self.inputs } else { &self.outputs };
        match name.split('.').collect::<Vec<_>>()[..] {
            [_, shape] => members(text, &format!("export interface {shape} ")),
            [_, module, shape] => {
                let (_, rest) = text.split_once(&format!("export declare namespace {module} {{\n"))?;
                let (module, _) = rest.split_once("\n}\n")?;
                members(module, &format!("    interface {shape} "))
            }
            _ => None,
        }
    }
}

/// The members of what begins with `header` at the start of a line.
pub(crate) fn members(text: &str, header: &str) -> Option<Members> {
    let indent = &header[..header.len() - header.trim_start().len()];
    let mut lines = text.lines().skip_while(|line| !line.starts_with(header)).skip(1).peekable();
    lines.peek()?;
    let member = Regex::new(r"^ {4}(?:readonly )?(\w+)(\?)?: (.*)$").expect("a pattern");
    let mut found = Members::new();
    let mut deprecated = false;
    while let Some(line) = lines.next() {
        let Some(line) = line.strip_prefix(indent).filter(|line| *line != "}") else { break };
        if line.trim_start().starts_with("/**") {
            deprecated = false;
        }
        deprecated |= line.contains("@deprecated");
        let Some(parts) = member.captures(line) else { continue };
        let mut kind = parts[3].to_owned();
        while !(kind.ends_with(';') && kind.matches('{').count() == kind.matches('}').count()) {
            kind += lines.next()?.trim();
        }
        let member =
            Member { required: parts.get(2).is_none(), deprecated, kind: canonical(kind.trim_end_matches(';')) };
        found.insert(parts[1].to_owned(), member);
        deprecated = false;
    }
    Some(found)
}

/// A TypeScript type without what makes it an input or an output: `string`, `number`, `boolean`, `T[]`, `{T}`
/// for a map, or the name of a nested object. Where a text is taken beside something else, it is `string`.
pub(crate) fn canonical(kind: &str) -> String {
    let parts = alternatives(kind.trim());
    if let [one] = parts[..] {
        if let Some(item) = one.strip_suffix("[]") {
            return format!("{}[]", canonical(item));
        }
        for wrapper in ["pulumi.Input<", "pulumi.Output<"] {
            if let Some(inner) = one.strip_prefix(wrapper).and_then(|rest| rest.strip_suffix('>')) {
                return canonical(inner);
            }
        }
        if let Some(inner) = one.strip_prefix("{[key: string]:").and_then(|rest| rest.strip_suffix('}')) {
            return format!("{{{}}}", canonical(inner.trim().trim_end_matches(';')));
        }
        return one.to_owned();
    }
    let known: Vec<_> =
        parts.into_iter().filter(|part| *part != "undefined" && !part.starts_with("enums.")).map(canonical).collect();
    match known.iter().find(|part| *part == "string").or(known.first()) {
        Some(part) => part.clone(),
        None => "undefined".to_owned(),
    }
}

/// The parts of `a | b<c | d>` outside of brackets.
fn alternatives(kind: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in kind.char_indices() {
        match c {
            '<' | '{' | '(' => depth += 1,
            '>' | '}' | ')' => depth -= 1,
            '|' if depth == 0 => {
                parts.push(kind[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(kind[start..].trim());
    parts
}
