//! The modules that are deployed on a zone, by the markers that they leave, and what they read of its contract.

use std::collections::{BTreeMap, BTreeSet};

use aws::clients::Ambient;
use config::Zone;
use contract::{
    diff::{Change, Class},
    live::Live,
};
use module::{Marker, marker};
use state::error::{Exit, Failure, Result, counted};

use crate::publication;

/// The deployed modules, by their names.
pub type Modules = BTreeMap<String, Option<Marker>>;

/// The modules below a zone's root, and their markers. A marker that cannot be read is one of a newer `zone`: its module reads
/// everything.
pub fn of(zone: &Zone, live: &Live) -> Modules {
    let root = zone.parameter_root();
    let found = live.iter().filter_map(|(path, found)| {
        let module = marker::module_of(&root, path)?;
        Some((module.to_owned(), Marker::parse(&found.value)))
    });
    found.collect()
}

/// The modules that read one of these entries of the contract, with the entries; by their names, such as `kms/pii/arn`.
pub fn readers<'a>(modules: &'a Modules, entries: &[String]) -> BTreeMap<&'a str, BTreeSet<String>> {
    let mut readers = BTreeMap::new();
    for (module, marker) in modules {
        let reads = |entry: &&String| marker.as_ref().is_none_or(|marker| marker.reads.contains(*entry));
        let read: BTreeSet<_> = entries.iter().filter(reads).cloned().collect();
        if !read.is_empty() {
            readers.insert(module.as_str(), read);
        }
    }
    readers
}

/// The modules that breaking changes of the contract break: those that read an entry of a changed path.
pub fn broken<'m>(modules: &'m Modules, changes: &[&Change]) -> Vec<&'m str> {
    let paths: Vec<_> =
        changes.iter().filter(|change| change.class == Class::Breaking).map(|change| &change.path).collect();
    let breaks = |entry: &String| paths.iter().any(|path| is_of(path, entry));
    // a marker that cannot be read is of a module that reads everything
    let reads = |marker: &Option<Marker>| marker.as_ref().is_none_or(|marker| marker.reads.iter().any(breaks));
    let broken = modules.iter().filter(|(_, marker)| !paths.is_empty() && reads(marker));
    broken.map(|(module, _)| module.as_str()).collect()
}

/// Whether an entry (`kms/pii/arn`) is one of a path with placeholders (`kms/{class}/arn`).
fn is_of(path: &str, entry: &str) -> bool {
    let (path, entry): (Vec<_>, Vec<_>) = (path.split('/').collect(), entry.split('/').collect());
    let fits = |(pattern, segment): (&&str, &&str)| pattern.starts_with('{') || pattern == segment;
    path.len() == entry.len() && path.iter().zip(&entry).all(fits)
}

/// The modules that are deployed.
pub async fn deployed(zone: &Zone, ambient: &Ambient) -> Result<Modules> {
    Ok(of(zone, &publication::live(zone, ambient).await?))
}

/// Refuses to delete a zone while modules are deployed on it.
pub(crate) async fn refuse_deployed(zone: &Zone, ambient: &Ambient) -> Result<()> {
    let modules = deployed(zone, ambient).await?;
    let Some(first) = modules.keys().next() else { return Ok(()) };
    let environment = &zone.environment;
    let named = modules.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let is_one = modules.len() == 1;
    let message = format!(
        "{} deployed on environment `{environment}`: {named}; nothing was deleted",
        if is_one { "1 module is".to_owned() } else { format!("{} are", counted(modules.len(), "module")) }
    );
    Err(Failure::new(Exit::Failed, message).hint(format!(
        "delete {} first: `zone module destroy {first} -e {environment}`",
        if is_one { "it" } else { "them" }
    )))
}

/// Refuses a publication that takes away what a deployed module reads; `leaving` are the names of the entries.
pub(crate) async fn refuse_broken(zone: &Zone, ambient: &Ambient, leaving: &[String]) -> Result<()> {
    if leaving.is_empty() {
        return Ok(());
    }
    let modules = deployed(zone, ambient).await?;
    let readers = readers(&modules, leaving);
    if readers.is_empty() {
        return Ok(());
    }
    let each = readers.iter().map(|(module, read)| {
        format!(
            "module `{module}` reads {}",
            read.iter().map(|entry| format!("`{entry}`")).collect::<Vec<_>>().join(", ")
        )
    });
    let message = format!(
        "the contract of environment `{}` would no longer have what deployed modules read: {}; nothing was changed",
        zone.environment,
        each.collect::<Vec<_>>().join("; ")
    );
    Err(Failure::new(Exit::Failed, message)
        .hint("keep the entries in the configuration, or deploy the modules first without them"))
}

#[cfg(test)]
mod tests {
    use contract::live::Parameter;

    use super::*;

    #[test]
    fn the_modules_that_read_an_entry_are_found_and_one_that_cannot_be_read_reads_all() {
        let zone =
            config::load(std::path::Path::new("../../config/tests/fixture"), "local").expect("the fixture loads");
        let root = zone.parameter_root();
        let text = |value: &str| Parameter { kind: "String".to_owned(), value: value.to_owned() };
        let audit = Marker { contract: 2, reads: BTreeSet::from(["kms/a/arn".to_owned()]) };
        let live = Live::from([
            (marker::name(&root, "audit"), text(&audit.text())),
            (marker::name(&root, "newer"), text("{\"format\":2}")),
            (format!("{root}/kms/a/arn"), text("arn")),
        ]);
        let modules = of(&zone, &live);
        assert_eq!(modules.keys().collect::<Vec<_>>(), ["audit", "newer"]);
        let named = |entries: &[&str]| {
            let entries: Vec<_> = entries.iter().map(|&entry| entry.to_owned()).collect();
            readers(&modules, &entries).into_keys().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(named(&["kms/a/arn"]), ["audit", "newer"]);
        assert_eq!(named(&["kms/b/arn"]), ["newer"]);
        assert!(named(&[]).is_empty());
    }

    #[test]
    fn a_breaking_change_names_the_modules_that_read_what_it_changes() {
        let marker =
            |reads: &[&str]| Some(Marker { contract: 2, reads: reads.iter().map(|&read| read.to_owned()).collect() });
        let modules = Modules::from([
            ("audit".to_owned(), marker(&["kms/a/arn"])),
            ("jobs".to_owned(), marker(&["network/vpc-id"])),
        ]);
        let change = |path: &str, class| Change {
            path: path.to_owned(),
            class,
            what: contract::diff::What::Removed { deprecated_since: None },
        };
        assert_eq!(broken(&modules, &[&change("kms/{class}/arn", Class::Breaking)]), ["audit"]);
        assert_eq!(broken(&modules, &[&change("network/vpc-id", Class::Breaking)]), ["jobs"]);
        assert!(broken(&modules, &[&change("kms/{class}/arn", Class::Minor)]).is_empty());
        assert!(broken(&modules, &[&change("kms/{class}/name", Class::Breaking)]).is_empty());
        let newer = Modules::from([("newer".to_owned(), None)]);
        assert_eq!(broken(&newer, &[&change("kms/{class}/arn", Class::Breaking)]), ["newer"]);
    }
}
