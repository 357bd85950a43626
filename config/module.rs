//! `modules/NAME.toml`: what a tenant configures for a module that is deployed on the zone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::Zone;
use crate::check;
use crate::problem::{Errors, Problem};

/// What a tenant configures for a module, for one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module {
    /// Tags of its resources, beside those of the zone and over them.
    pub tags: BTreeMap<String, String>,
    /// All else: the module's program says what it reads.
    pub settings: Map<String, Value>,
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
        let table = text.parse::<toml::Table>().map_err(|error| {
            let line = error.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            problem(file.clone(), line, "", error.message().to_owned(), "correct the TOML")
        })?;
        Self::read(table, &file, &text, zone)
    }

    fn read(mut table: toml::Table, file: &Path, text: &str, zone: &Zone) -> Result<Self, Errors> {
        let wrong = |key: &str, message: &str, hint: &str| {
            let last = key.rsplit('.').next().unwrap_or(key);
            let line = text.lines().position(|line| line.trim_start().trim_start_matches(['[', '"']).starts_with(last));
            problem(file.to_owned(), line.map(|line| line + 1), key, message.to_owned(), hint)
        };
        if let Some(environments) = table.remove("env") {
            let toml::Value::Table(mut environments) = environments else {
                return Err(wrong("env", "is not a table", "write a table for each environment, such as [env.dev]"));
            };
            match environments.remove(&zone.environment) {
                Some(toml::Value::Table(over)) => lay(&mut table, over),
                Some(_) => {
                    let key = format!("env.{}", zone.environment);
                    return Err(wrong(&key, "is not a table", "write it as a table, such as [env.dev]"));
                }
                None => {}
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
        let settings = serde_json::to_value(table).ok().and_then(|value| match value {
            Value::Object(settings) => Some(settings),
            _ => None,
        });
        Ok(Self { tags, settings: settings.unwrap_or_default() })
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
        std::fs::write(dir.path().join("modules/audit.toml"), text).expect("a file");
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
