//! The contract as its readers meet it: an entry by its name, all of it for a program, a version as a document.

use std::path::Path;

use config::Zone;
use contract::{Entry, Finding, Problem, ZONE, live::Live};
use state::error::{Exit, Failure, Result};

use crate::publication::{findings, promised};

/// The entry of a name (`kms/pii/arn`) or of a path.
pub fn find(zone: &Zone, name: &str) -> Result<Entry> {
    let promised = promised(zone);
    if let Some(entry) = promised.iter().find(|e| e.name == name || e.path == name) {
        return Ok(entry.clone());
    }
    let near = promised.iter().min_by_key(|e| strsim::damerau_levenshtein(&e.name, name));
    let hint = near.map_or_else(String::new, |e| format!("did you mean `{}`? `zone contract list` shows all", e.name));
    Err(Failure::new(Exit::Usage, format!("the contract has no `{name}`")).hint(hint))
}

/// The value of an entry; refused where it is not as promised.
pub fn value<'l>(zone: &Zone, live: &'l Live, entry: &Entry, note: &dyn Fn(&str)) -> Result<&'l str> {
    let found = live.get(&entry.path).ok_or_else(|| unpublished(entry, &zone.environment))?;
    sound(zone, live, |path| path == entry.path, note)?;
    Ok(&found.value)
}

/// The whole contract, by name, for a program that does not ask SSM itself; refused where any of it is missing or not as promised.
pub fn values<'l>(zone: &Zone, live: &'l Live, note: &dyn Fn(&str)) -> Result<Vec<(String, &'l str)>> {
    sound(zone, live, |_| true, note)?;
    let value = |entry: Entry| match live.get(&entry.path) {
        Some(found) => Ok((entry.name, found.value.as_str())),
        None => Err(unpublished(&entry, &zone.environment)),
    };
    promised(zone).into_iter().map(value).collect()
}

/// Refuses what is not as promised, of the paths that are `meant`; a digest that is off is told.
fn sound(zone: &Zone, live: &Live, meant: impl Fn(&str) -> bool, note: &dyn Fn(&str)) -> Result<()> {
    for finding in findings(zone, live).into_iter().filter(Finding::breaks_readers) {
        match finding.problem {
            Problem::WrongType { .. } | Problem::WrongPattern { .. } if meant(&finding.path) => {
                return Err(Failure::new(Exit::Judged, &finding).hint(finding.repair()));
            }
            Problem::StaleDigest { .. } => note(&format!("{finding}; {}", finding.repair())),
            _ => {}
        }
    }
    Ok(())
}

fn unpublished(entry: &Entry, env: &str) -> Failure {
    let message =
        format!("`{}` is promised by stack {} and not published in environment `{env}`", entry.path, entry.owner);
    Failure::new(Exit::Judged, message).hint(format!("`zone up -e {env}` publishes it"))
}

/// `kms/pii/arn` as a shell names it: `BANK_KMS_PII_ARN`.
pub fn variable(prefix: &str, name: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_uppercase() } else { '_' };
    format!("{prefix}_{name}").chars().map(plain).collect()
}

/// A version of the contract by its number, or a document of somebody in a file.
pub fn document(named: &str) -> Result<String> {
    if let Ok(version) = named.parse::<u32>() {
        return ZONE.document(version).ok_or_else(|| {
            let newest = ZONE.version();
            Failure::new(Exit::Usage, format!("there is no version {version} of the contract"))
                .hint(format!("this build knows 1 to {newest}; a file can be named, too"))
        });
    }
    let path = Path::new(named);
    std::fs::read_to_string(path).map_err(|e| {
        Failure { exit: Exit::Usage, ..Failure::file("reading the contract", path, e) }
            .hint("name a version, such as 1, or a file such as crates/contract/published/v1.json")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_a_shell_takes() {
        assert_eq!(variable("acme", "eventbridge/orders/dlq-arn"), "ACME_EVENTBRIDGE_ORDERS_DLQ_ARN");
    }
}
