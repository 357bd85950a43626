//! What is wrong with a definition itself. The types cannot say it, so a test of each contract asks for it.

use regex::Regex;

use crate::{
    definition::{Definition, Version},
    template::Template,
};

impl Definition {
    /// Everything that is wrong with the definition, each with version and path; nothing is wrong with a contract that can
    /// be published.
    ///
    /// Versions count from 1 without a gap. Patterns compile and are anchored. Placeholders are whole segments of the path.
    /// No version has two templates that promise one name.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (version, number) in self.versions().iter().zip(1..) {
            if version.number != number {
                faults.push(format!("version {}: versions count from 1 without a gap, oldest first", version.number));
            }
            for template in version.templates {
                let wrong = fault(version, template).into_iter().chain(ambiguous(version, template));
                faults.extend(wrong.map(|wrong| format!("version {}: `{}`: {wrong}", version.number, template.path)));
            }
        }
        faults
    }
}

fn placeholders(path: &'static str) -> Vec<&'static str> {
    path.split('/').filter(|segment| segment.contains(['{', '}'])).collect()
}

fn fault(version: &Version, template: &Template) -> Vec<String> {
    let mut faults = Vec::new();
    if let Err(error) = Regex::new(template.pattern) {
        faults.push(format!("the pattern does not compile: {error}"));
    }
    if !template.pattern.starts_with('^') || !template.pattern.ends_with('$') {
        faults.push(format!("the pattern is not anchored with ^ and $: {}", template.pattern));
    }
    let found = placeholders(template.path);
    if found != template.each.placeholders {
        let each = template.each;
        faults.push(format!("its placeholders are {found:?}, those of `{}` are {:?}", each.name, each.placeholders));
    }
    if !(1..=version.number).contains(&template.since) {
        faults.push(format!("its first version, {}, is not one from 1 to {}", template.since, version.number));
    }
    if template.deprecated_since.is_some_and(|since| since <= template.since || since > version.number) {
        faults.push("its end is not announced after its first version, and by this one at the latest".to_owned());
    }
    faults
}

/// Whether a name of this template is one of another template too. The names that can clash are those with a fixed word of
/// another path in a placeholder's place, as `dlq`.
fn ambiguous(version: &Version, template: &Template) -> Option<String> {
    let placeholders = placeholders(template.path);
    let words = version.templates.iter().flat_map(|other| other.path.split('/')).filter(|word| !word.contains('{'));
    for word in words {
        let fill = |segment| if placeholders.contains(&segment) { word } else { segment };
        let name = template.path.split('/').map(fill).collect::<Vec<_>>().join("/");
        let others: Vec<_> = version.templates.iter().filter(|other| other.subjects(&name).is_some()).collect();
        if template.subjects(&name).is_some() && others.len() > 1 {
            return Some(format!("another template promises `{name}` too; `except` keeps a name out"));
        }
    }
    None
}
