//! `modules/NAME.toml`: what a tenant configures for a module that is deployed on the zone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::Zone;
use crate::check;
use crate::problem::{Errors, Problem, suggest};
use crate::reader::Source;

/// What a tenant configures for a module, for one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module {
    /// Tags of its resources, beside those of the zone and over them.
    pub tags: BTreeMap<String, String>,
    /// All else: the module's program says what it reads.
    pub settings: Map<String, Value>,
    /// The line of each setting in `modules/NAME.toml`, by its key with the tables around it (`limits.days`, `rule[0].days`).
    pub lines: BTreeMap<String, usize>,
}

impl Module {
    /// From `modules/NAME.toml` in the folder of the configuration; nothing where there is no such file. A table `[env.dev]` is
    /// laid over the rest in the environment `dev`.
    pub fn load(dir: &Path, name: &str, zone: &Zone) -> Result<Self, Errors> {
        let file = dir.join("modules").join(format!("{name}.toml"));
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                return Err(problem(file, None, "", format!("reading the file: {error}"), "the file must be readable"));
            }
        };
        let source = Source { file, text };
        let invalid = |error: toml::de::Error| {
            let line = error.span().map(|span| source.line(span.start));
            problem(source.file.clone(), line, "", error.message().to_owned(), "correct the TOML")
        };
        let mut lines = BTreeMap::new();
        collect(&source, DeTable::parse(&source.text).map_err(invalid)?.get_ref(), "", &mut lines);
        let table = source.text.parse::<toml::Table>().map_err(invalid)?;
        Self::read(table, lines, &source.file, &crate::environments(dir), zone)
    }

    fn read(
        mut table: toml::Table,
        mut lines: BTreeMap<String, usize>,
        file: &Path,
        environments: &[String],
        zone: &Zone,
    ) -> Result<Self, Errors> {
        // what the environment says stands where it says so
        let own = format!("env.{}.", zone.environment);
        let over: Vec<_> =
            lines.iter().filter_map(|(key, line)| Some((key.strip_prefix(&own)?.to_owned(), *line))).collect();
        lines.extend(over);
        let wrong = |key: &str, message: &str, hint: &str| {
            problem(file.to_owned(), lines.get(key).copied(), key, message.to_owned(), hint)
        };
        if let Some(all) = table.remove("env") {
            let toml::Value::Table(mut all) = all else {
                return Err(wrong("env", "is not a table", "write a table for each environment, such as [env.dev]"));
            };
            for (name, over) in &all {
                let key = format!("env.{name}");
                if !environments.contains(name) {
                    let hint = suggest(name, environments, "environments");
                    return Err(wrong(&key, &format!("there is no environment `{name}`"), &hint));
                }
                if !over.is_table() {
                    return Err(wrong(&key, "is not a table", "write it as a table, such as [env.dev]"));
                }
            }
            if let Some(toml::Value::Table(over)) = all.remove(&zone.environment) {
                lay(&mut table, over);
            }
        }
        let mut tags = BTreeMap::new();
        match table.remove("tags") {
            None => {}
            Some(toml::Value::Table(given)) => {
                for (key, value) in given {
                    let place = format!("tags.{key}");
                    let Some(value) = value.as_str() else {
                        return Err(wrong(&place, "is not a text", "write the tag's value in quotes"));
                    };
                    if key == crate::shape::ENVIRONMENT {
                        return Err(wrong(
                            &place,
                            "is the zone's to set",
                            "leave it out: it is the environment's name",
                        ));
                    }
                    if value.is_empty() && zone.required_tags.contains(&key) {
                        return Err(wrong(
                            &place,
                            "is empty, and the zone requires the tag",
                            "give it a value, or leave it out",
                        ));
                    }
                    tags.insert(key, value.to_owned());
                }
            }
            Some(_) => return Err(wrong("tags", "is not a table", "write [tags], and below it one line for each tag")),
        }
        let is_of = |key: &str, table: &str| key.split('.').next() == Some(table);
        lines.retain(|key, _| !is_of(key, "env") && !is_of(key, "tags"));
        let settings = serde_json::to_value(table).ok().and_then(|value| match value {
            Value::Object(settings) => Some(settings),
            _ => None,
        });
        Ok(Self { tags, settings: settings.unwrap_or_default(), lines })
    }
}

/// Notes the line of each key of a table, and of those below it.
fn collect(source: &Source, table: &DeTable<'_>, around: &str, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let path = format!("{around}{}", key.get_ref());
        lines.insert(path.clone(), source.line(key.span().start));
        below(source, value.get_ref(), &path, lines);
    }
}

fn below(source: &Source, value: &DeValue<'_>, path: &str, lines: &mut BTreeMap<String, usize>) {
    match value {
        DeValue::Table(table) => collect(source, table, &format!("{path}."), lines),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                lines.insert(path.clone(), source.line(item.span().start));
                below(source, item.get_ref(), &path, lines);
            }
        }
        _ => {}
    }
}

/// Why a text is not the name of a module; nothing where it is one.
pub fn not_a_module(name: &str) -> Option<String> {
    match name {
        "zone" => Some("`zone` is the zone's own name".to_owned()),
        _ => check::not_a_name(name),
    }
}

/// Lays one table over another, deep.
fn lay(below: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(over)) => lay(below, over),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

fn problem(file: PathBuf, line: Option<usize>, key: &str, message: String, hint: &str) -> Errors {
    Errors(vec![Problem { file, line, key: key.to_owned(), message, hint: hint.to_owned() }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        crate::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), "local").expect("the fixture loads")
    }

    fn load(text: &str) -> Result<Module, Errors> {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("modules")).expect("a folder");
        for (path, text) in [("modules/audit.toml", text), ("local.toml", ""), ("dev.toml", "")] {
            std::fs::write(dir.path().join(path), text).expect("a file");
        }
        Module::load(dir.path(), "audit", &zone())
    }

    #[test]
    fn a_module_without_a_file_has_no_settings() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(Module::load(dir.path(), "audit", &zone()).expect("nothing"), Module::default());
    }

    #[test]
    fn what_an_environment_says_lies_over_what_all_have() {
        let text = "class = \"a\"\ndays = 3\n[tags]\nowner = \"us\"\n[limits]\nx = 1\ny = 2\n[env.local]\nclass = \"b\"\n\
                    [env.local.limits]\ny = 3\n[env.dev]\nclass = \"c\"\n";
        let module = load(text).expect("it loads");
        assert_eq!(
            Value::Object(module.settings),
            serde_json::json!({ "class": "b", "days": 3, "limits": { "x": 1, "y": 3 } })
        );
        assert_eq!(module.tags, BTreeMap::from([("owner".to_owned(), "us".to_owned())]));
        let lines = [("class", 9), ("days", 2), ("limits", 10), ("limits.x", 6), ("limits.y", 11)];
        assert_eq!(module.lines, BTreeMap::from(lines.map(|(key, line)| (key.to_owned(), line))));
    }

    #[test]
    fn what_is_in_a_list_has_its_line() {
        let module =
            load("names = [\n  \"a\",\n  \"b\",\n]\n[[rule]]\ndays = 1\n[[rule]]\ndays = 2\n").expect("it loads");
        assert_eq!((module.lines["names[1]"], module.lines["rule[1].days"]), (3, 8));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_the_way_out() {
        for (text, line, says) in [
            ("class = ", 1, "correct the TOML"),
            ("a = 1\n[tags]\nowner = 3\n", 3, "in quotes"),
            ("[tags]\nenvironment = \"x\"\n", 2, "leave it out"),
            ("[tags]\nowner = \"\"\n", 2, "give it a value"),
            ("tags = 1\n", 1, "one line for each tag"),
            ("env = 1\n", 1, "[env.dev]"),
            ("[env]\nlocal = 1\n", 2, "[env.dev]"),
            ("a = 1\n[env.locl]\na = 2\n", 2, "did you mean `local`"),
            ("[env.locl.limits]\na = 2\n", 1, "did you mean `local`"),
        ] {
            let said = load(text).expect_err(text).to_string();
            assert!(said.contains(&format!("audit.toml:{line}")) && said.contains(says), "{text}: {said}");
        }
    }

    #[test]
    fn a_module_has_a_name_of_its_own() {
        assert_eq!(not_a_module("object-audit"), None);
        for wrong in ["zone", "", "../x", "Audit", "a/b"] {
            assert!(not_a_module(wrong).is_some(), "{wrong}");
        }
    }
}
