//! The house rules that a machine can check: who may call whom, how long files get, who prints, which words never stand in
//! the code, the indexes of the provider's modules, where links lead, what we build with, and what the workflows may do.

mod links;
mod pipelines;
mod supply;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use regex::Regex;

/// Which of our crates each of them may use.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "zone",
        &[
            "deploy", "doctor", "mutation", "terminal", "state", "engine", "stacks", "aws", "features", "contract",
            "config", "pulumi", "emulator", "iam",
        ],
    ),
    // what it shows; nothing of ours calls it but the executable
    ("terminal", &["deploy", "doctor", "features", "state", "engine", "aws", "contract", "config", "pulumi", "iam"]),
    // a deployment does not need the doctor
    ("deploy", &["stacks", "state", "engine", "aws", "contract", "config", "pulumi", "emulator", "iam", "module"]),
    ("doctor", &["deploy", "stacks", "state", "engine", "aws", "contract", "config", "pulumi", "emulator", "iam"]),
    // it holds an environment as a deployment does, and judges it
    ("mutation", &["deploy", "features", "state", "aws", "config", "pulumi", "iam"]),
    ("state", &["pulumi"]),
    ("engine", &["pulumi"]),
    // the zone publishes its contract as modules do
    ("stacks", &["policies", "aws", "contract", "config", "pulumi", "module"]),
    // what a module's program is written with; `aws` without its provider
    ("module", &["aws", "contract", "pulumi"]),
    ("policies", &["config"]),
    ("features", &["contract", "config", "iam"]),
    ("aws", &["pulumi", "derive"]),
    ("pulumi", &[]),
    ("derive", &[]),
    ("contract", &[]),
    ("config", &[]),
    ("iam", &[]),
    ("emulator", &[]),
];

/// What every module below modules/ may use, whoever wrote it.
const OF_A_MODULE: &[&str] = &["aws", "contract", "pulumi", "module"];

/// Which of our crates their tests may use beside these.
const TEST_ARROWS: &[(&str, &[&str])] = &[
    // what is live is compared with what the policies render
    ("zone", &["policies"]),
    // the rights that verify needs are published with the others
    ("doctor", &["features"]),
    // itself: with the feature `provider`, so that no test depends on who else enables it
    ("aws", &["emulator", "aws"]),
    ("derive", &["pulumi"]),
    // the example of a program and its provider, which a test runs
    ("pulumi", &["derive"]),
];

/// Dependencies that are there for the features that they bring.
const FOR_FEATURES: &[&str] = &["aws-credential-types"];

/// Lines of the executable, without tests: it parses and calls.
const EXECUTABLE: usize = 3000;

const MEDIAN: usize = 150;
const PERCENTILE_95: usize = 400;
const LONGEST: usize = 600;
const REASON: &str = "long because";

/// The one file that prints.
const PRINTER: &str = "crates/terminal/src/output.rs";

/// The one file that a generator of others writes; a test of `crates/pulumi` holds it against what it is made of.
const GENERATED: &str = "crates/pulumi/src/proto.rs";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo metadata")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// Every file that is ours and ends so, by its path below the workspace; what is built, kept or hidden is not ours.
fn files(ends: &[&str]) -> Vec<String> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        let entries = fs::read_dir(directory).unwrap_or_else(|e| panic!("{}: {e}", directory.display()));
        for entry in entries.map(|entry| entry.expect("an entry of a directory")) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().expect("the type of a file");
            if kind.is_dir()
                && name != "target"
                && name != "node_modules"
                && !(name.starts_with('.') && name != ".github" && name != ".ci")
            {
                walk(&entry.path(), found);
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    let mut found = Vec::new();
    let root = root();
    walk(&root, &mut found);
    let below =
        |path: &PathBuf| path.strip_prefix(&root).expect("a path below the root").to_string_lossy().into_owned();
    let mut files: Vec<String> =
        found.iter().map(below).filter(|file| ends.iter().any(|end| file.ends_with(end))).collect();
    files.sort();
    files
}

fn is_test(file: &str) -> bool {
    file.split('/').any(|part| part == "tests" || part == "benches")
}

#[track_caller]
fn none(problems: &[String], what_to_do: &str) {
    assert!(problems.is_empty(), "\n{}\n\n{what_to_do}\n", problems.join("\n"));
}

/// What is wrong with the dependencies of one crate on others of ours.
fn wrong_arrows(name: &str, is_module: bool, used: &[(String, DependencyKind)]) -> Vec<String> {
    let of = |list: &[(&str, &'static [&'static str])]| list.iter().find(|(from, _)| *from == name).map(|(_, to)| *to);
    let Some(allowed) = of(ARROWS).or(is_module.then_some(OF_A_MODULE)) else {
        return vec![format!(
            "{name} is a new crate: say in ARROWS of bin/tests/house/main.rs which of ours it may use"
        )];
    };
    let tests = of(TEST_ARROWS).unwrap_or_default();
    let wrong = |(to, kind): &(String, DependencyKind)| {
        let fine =
            allowed.contains(&to.as_str()) || (*kind == DependencyKind::Development && tests.contains(&to.as_str()));
        let list = if allowed.is_empty() { "none of ours".to_owned() } else { allowed.join(", ") };
        (!fine).then(|| format!("{name} -> {to} ({kind} dependency): {name} may use {list}"))
    };
    used.iter().filter_map(wrong).collect()
}

#[test]
fn arrows_point_where_the_map_says() {
    let metadata = metadata();
    let members: BTreeMap<_, _> = metadata.workspace_packages().into_iter().map(|p| (p.name.to_string(), p)).collect();
    let mut problems = Vec::new();
    for (name, package) in &members {
        let ours = package.dependencies.iter().filter(|d| members.contains_key(&d.name));
        let used: Vec<_> = ours.map(|d| (d.name.clone(), d.kind)).collect();
        let is_module = package.manifest_path.starts_with(root().join("modules").to_string_lossy().as_ref());
        problems.extend(wrong_arrows(name, is_module, &used));
    }
    for (name, _) in ARROWS.iter().filter(|(name, _)| !members.contains_key(*name)) {
        problems.push(format!("{name} is no crate any more: take it out of ARROWS of bin/tests/house/main.rs"));
    }
    none(
        &problems,
        "Take the dependency away. If the map is to change, change it in README.md first, then ARROWS here.",
    );
}

#[test]
fn a_wrong_arrow_is_found() {
    let uses = |to: &str, kind| [(to.to_owned(), kind)];
    assert_eq!(
        wrong_arrows("features", false, &uses("aws", DependencyKind::Normal)).len(),
        1,
        "nobody marks their own homework"
    );
    assert_eq!(wrong_arrows("aws", false, &uses("emulator", DependencyKind::Normal)).len(), 1, "in tests only");
    assert_eq!(wrong_arrows("aws", false, &uses("emulator", DependencyKind::Development)).len(), 0);
    assert_eq!(wrong_arrows("pulumi", false, &uses("config", DependencyKind::Build)).len(), 1, "build scripts count");
    assert_eq!(wrong_arrows("unheard-of", false, &[]).len(), 1, "every crate is on the map");
    assert_eq!(wrong_arrows("unheard-of", true, &uses("module", DependencyKind::Normal)).len(), 0, "but for modules");
    assert_eq!(
        wrong_arrows("unheard-of", true, &uses("deploy", DependencyKind::Normal)).len(),
        1,
        "which use no deployment"
    );
}

/// Those of a crate's dependencies that none of these texts names.
fn unused(dependencies: &[(String, DependencyKind)], texts: &[(String, String)]) -> Vec<String> {
    let names = |name: &str, kind: DependencyKind| {
        let pattern = format!(r"\b{}\b(::|;|\s+as\s|,|\}}| \[)", regex::escape(&name.replace('-', "_")));
        let pattern = Regex::new(&pattern).expect("a pattern");
        let of_kind = |file: &str| kind != DependencyKind::Normal || (!is_test(file) && !file.ends_with("build.rs"));
        texts.iter().any(|(file, text)| of_kind(file) && pattern.is_match(text))
    };
    dependencies
        .iter()
        .filter(|(name, kind)| !FOR_FEATURES.contains(&name.as_str()) && !names(name, *kind))
        .map(|(name, kind)| format!("{name} ({kind})"))
        .collect()
}

#[test]
fn every_dependency_is_used() {
    let all = files(&[".rs"]);
    let mut problems = Vec::new();
    for package in metadata().workspace_packages() {
        let manifest = package.manifest_path.as_std_path().strip_prefix(root()).expect("a path below the root");
        let folder = format!("{}/", manifest.parent().expect("a folder").display());
        let texts: Vec<_> = all.iter().filter(|file| file.starts_with(&folder)).map(|f| (f.clone(), read(f))).collect();
        let named: Vec<_> =
            package.dependencies.iter().map(|d| (d.rename.clone().unwrap_or_else(|| d.name.clone()), d.kind)).collect();
        problems.extend(unused(&named, &texts).into_iter().map(|found| format!("{manifest:?}: {found}")));
    }
    none(&problems, "Take it out of the manifest; what only tests use is a dev-dependency.");
}

#[test]
fn an_unused_dependency_is_found() {
    let texts = [("a/src/lib.rs", "use some_crate::Thing;"), ("a/tests/it.rs", "other::call()")];
    let texts = texts.map(|(file, text)| (file.to_owned(), text.to_owned()));
    let one = |name: &str, kind| unused(&[(name.to_owned(), kind)], &texts);
    assert!(one("some-crate", DependencyKind::Normal).is_empty());
    assert_eq!(one("other", DependencyKind::Normal), ["other (normal)"], "only a test uses it");
    assert!(one("other", DependencyKind::Development).is_empty());
    assert_eq!(one("nobody", DependencyKind::Development), ["nobody (dev)"]);
}

#[test]
fn files_are_short() {
    // what a compiler test is fed says nothing of how long our files are
    let files = files(&[".rs"]).into_iter().filter(|file| !file.contains("/tests/ui/"));
    let mut sizes: Vec<(usize, String)> = files.map(|file| (read(&file).lines().count(), file)).collect();
    sizes.sort();
    let at = |percent: usize| sizes[(sizes.len() * percent).div_ceil(100) - 1].0;
    let mut problems = Vec::new();
    if at(50) > MEDIAN {
        problems.push(format!("the median of {} files is {} lines, more than {MEDIAN}", sizes.len(), at(50)));
    }
    if at(95) > PERCENTILE_95 {
        let mut problem =
            format!("the 95th percentile of {} files is {} lines, more than {PERCENTILE_95}:", sizes.len(), at(95));
        for (lines, file) in sizes.iter().rev().filter(|(lines, _)| *lines > PERCENTILE_95) {
            let _ = write!(problem, "\n  {lines:5} {file}");
        }
        problems.push(problem);
    }
    for (lines, file) in sizes.iter().filter(|(lines, _)| *lines > LONGEST) {
        if !read(file).lines().take(10).any(|line| line.to_lowercase().contains(REASON)) {
            problems
                .push(format!("{file} has {lines} lines: say why in its first 10 lines, in a line with `{REASON} ..`"));
        }
    }
    none(&problems, "Split a file by what it is about; a file that is one thing may be long, and says why.");
}

#[test]
fn the_executable_parses_and_calls() {
    let own = files(&[".rs"]).into_iter().filter(|file| file.starts_with("bin/") && !is_test(file));
    let lines = |file: &str| read(file).lines().take_while(|line| *line != "#[cfg(test)]").count();
    let mut sizes: Vec<_> = own.map(|file| (lines(&file), file)).collect();
    let all: usize = sizes.iter().map(|(lines, _)| lines).sum();
    assert!(all > EXECUTABLE / 2, "{all} lines are not all of it");
    sizes.sort();
    let longest = sizes.iter().rev().take(8).map(|(lines, file)| format!("{lines:5} {file}"));
    let problems: Vec<_> = longest.filter(|_| all > EXECUTABLE).collect();
    none(
        &problems,
        &format!("bin/ has {all} lines, more than {EXECUTABLE}: move what is not parsing or calling into a crate."),
    );
}

#[test]
fn one_file_prints() {
    let prints = Regex::new(r"\b(e?print(ln)?|dbg)!|\bio::(stdout|stderr)\(\)\.(write|lock)").expect("a pattern");
    let quiet =
        files(&[".rs"]).into_iter().filter(|file| file != PRINTER && !file.ends_with("build.rs") && !is_test(file));
    let problems: Vec<_> = quiet.flat_map(|file| lines_with(&prints, &file)).collect();
    none(&problems, &format!("Only {PRINTER} prints: return what is to be said, and let a command hand it there."));
}

/// `file:line: text` of all lines of a file that a pattern finds.
fn lines_with(pattern: &Regex, file: &str) -> Vec<String> {
    let text = read(file);
    let hits = text.lines().enumerate().filter(|(_, line)| pattern.is_match(line));
    hits.map(|(i, line)| format!("{file}:{}: {}", i + 1, line.trim())).collect()
}

#[test]
fn every_crate_has_the_lints() {
    let problems: Vec<_> = files(&["Cargo.toml"])
        .into_iter()
        .filter(|file| file != "Cargo.toml")
        .filter(|file| {
            let text = read(file);
            let mut lints = text.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
            !lines_of_table(&mut lints).any(|line| line.replace(' ', "") == "workspace=true")
        })
        .map(|file| format!("{file} does not take the lints of the workspace"))
        .collect();
    none(&problems, "Add:\n[lints]\nworkspace = true");
}

fn lines_of_table<'a>(lines: &mut dyn Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    lines.take_while(|line| !line.starts_with('['))
}

#[test]
fn nothing_is_left_undone() {
    // in pieces, so that this file passes itself
    let words = [
        concat!("\\bTO", "DO\\b"),
        concat!("\\bFIX", "ME\\b"),
        concat!("\\bto", "do!"),
        concat!("\\bunimple", "mented!"),
        concat!(r"#\[ig", "nore"),
    ];
    let words = Regex::new(&words.join("|")).expect("a pattern");
    let problems: Vec<_> = files(&[".rs"]).iter().flat_map(|file| lines_with(&words, file)).collect();
    none(
        &problems,
        "Do it, or write down outside the code that it is to be done. A test that cannot run yet is not written yet.",
    );
}

#[test]
fn no_lint_is_silenced_without_a_reason() {
    let attribute = Regex::new(r"(?s)#!?\[(?:cfg_attr\([^\]]*?)?\b(?:allow|expect)\((.*?)\)\]").expect("a pattern");
    let mut problems = Vec::new();
    for file in files(&[".rs"]).into_iter().filter(|file| file != GENERATED) {
        let text = read(&file);
        for found in attribute.captures_iter(&text).filter(|found| !found[1].contains("reason")) {
            let line = text[..found.get(0).expect("the match").start()].lines().count() + 1;
            problems.push(format!("{file}:{line}: {}", &found[0]));
        }
    }
    none(&problems, "Write #[expect(the_lint, reason = \"..\")], or do as the lint says.");
}

#[test]
fn no_package_registry_is_named() {
    // in pieces, so that this file passes itself
    let hosts = [
        ["py", "pi.org"],
        ["python", "hosted.org"],
        ["npm", "js.org"],
        ["npm", "js.com"],
        ["proxy.go", "lang.org"],
        ["sum.go", "lang.org"],
    ];
    let mut hosts = hosts.map(|pieces| regex::escape(&pieces.concat())).join("|");
    // cargo's own name for its index, `..-index`, may stand where a tool wants it
    hosts += concat!("|crates", r"\.io(?:[^-]|$)");
    let hosts = Regex::new(&hosts).expect("a pattern");
    let texts = [".rs", ".md", ".py", ".toml", ".txt", ".in", ".mod", ".sh", ".yml", ".yaml", ".json", ".js", "/run"];
    let problems: Vec<_> = files(&texts).iter().flat_map(|file| lines_with(&hosts, file)).collect();
    none(&problems, "Leave the host out: cargo, go, pip and npm each know theirs, and a user may have set another.");
}

/// The index of a module: every type in its folder, in alphabetical order, and whether it is a setting.
fn index(first: &str, types: &BTreeMap<String, bool>) -> String {
    let line = |form: &dyn Fn(&str) -> String| types.keys().map(|name| form(name)).collect::<String>();
    let modules = line(&|name| format!("pub mod {name};\n"));
    let uses = line(&|name| format!("pub use {name}::{};\n", pascal(name)));
    let unit = |is_setting: bool| if is_setting { "setting" } else { "resource" };
    let kinds: Vec<_> =
        types.iter().map(|(name, setting)| format!("{}::of::<{}>()", unit(*setting), pascal(name))).collect();
    let units: BTreeSet<_> = types.values().map(|setting| unit(*setting)).collect();
    let units = units.into_iter().collect::<Vec<_>>().join(", ");
    // as rustfmt has it: in one line where that fits
    let rustfmt = read("rustfmt.toml");
    let width = rustfmt.lines().find_map(|line| line.strip_prefix("max_width = ")?.parse().ok()).unwrap_or(100);
    let one_line = format!("    vec![{}]", kinds.join(", "));
    let list = if one_line.len() <= width {
        one_line
    } else {
        format!("    vec![\n        {},\n    ]", kinds.join(",\n        "))
    };
    format!(
        "{first}\n\n{modules}\n{uses}\nuse pulumi::provider::resource::Kind;\n\nuse crate::{{context::Cx, {units}}};\n\n\
         /// All types of this module.\npub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {{\n{list}\n}}\n"
    )
}

fn pascal(snake: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    snake.split('_').map(capital).collect()
}

#[test]
fn module_indexes_are_as_generated() {
    let folder = "crates/aws/src/";
    let mut modules: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    let mut problems = Vec::new();
    for file in files(&[".rs"]).iter().filter(|file| file.starts_with(folder)) {
        let Some((module, name)) = file[folder.len()..].strip_suffix(".rs").expect("a Rust file").split_once('/')
        else {
            continue;
        };
        // no types: what is adopted, how each service keeps tags, what can be asked, what tests try and script, and the parts of
        // a type that is too long for one file
        if ["adoption", "functions", "pacing", "resource", "stub", "tags", "testing"].contains(&module)
            || name.contains('/')
        {
            continue;
        }
        let types = modules.entry(module.to_owned()).or_default();
        if name == "mod" {
            continue;
        }
        let pascal = pascal(name);
        let text = read(file);
        types.insert(name.to_owned(), text.contains(&format!("impl Setting for {pascal} {{")));
        let camel = pascal[..1].to_lowercase() + &pascal[1..];
        let token = format!("\"aws:{module}/{camel}:{pascal}\"");
        for wanted in
            [format!("token = {token}"), format!("handle = {pascal}")].iter().filter(|wanted| !text.contains(*wanted))
        {
            problems.push(format!("{file} has no `{wanted}`: the path is the name"));
        }
    }
    assert!(!modules.is_empty(), "no module below {folder}: has it moved?");
    for (module, types) in &modules {
        let file = format!("{folder}{module}/mod.rs");
        let is = fs::read_to_string(root().join(&file)).unwrap_or_default();
        let first = is
            .lines()
            .next()
            .filter(|line| line.starts_with("//! "))
            .map_or_else(|| format!("//! {module} types."), str::to_owned);
        let wanted = index(&first, types);
        if is == wanted {
            continue;
        }
        if std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1") {
            fs::write(root().join(&file), wanted).unwrap_or_else(|e| panic!("{file}: {e}"));
        } else {
            problems.push(format!("{file} is stale: it is not what the files beside it make"));
        }
    }
    none(&problems, "Write the indexes anew: ZONE_BLESS=1 cargo test --workspace --test house");
}
