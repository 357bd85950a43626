//! Publishes a contract: one SSM parameter per promised value, then version, date and digest.
//!
//! Published last, after everything it names. The digest is written at the very end, so that a reader can tell
//! a complete publication from a half one.

use std::collections::BTreeMap;

use aws::{
    functions::{ParametersByPath, get_parameters_by_path},
    ssm::Parameter,
};
use contract::{Definition, Entry, Publication, meta};
use pulumi::{
    all,
    options::Options,
    output::{Input, IntoInput, Output},
    program::{ProviderRef, Scope},
};

use crate::{Error, Zone};

/// What became of a publication.
pub struct Published {
    /// The digest, which is written last.
    pub digest: Parameter,
    /// Version and digest, as outputs of the Pulumi stack.
    pub outputs: Vec<(String, Input)>,
}

/// Publishes the module's own contract below `{root of the zone}/{module}`. `names` gives the stacks and the names that its
/// placeholders stand for, as [`contract::Scope`] takes them; `values` are the entries by their names.
///
/// # Errors
///
/// The values are not exactly those that the contract promises.
pub fn publish(
    zone: &Zone,
    contract: Definition,
    names: impl FnOnce(contract::Scope) -> contract::Scope,
    values: impl IntoIterator<Item = (String, Output<String>)>,
) -> Result<Vec<(String, Input)>, Error> {
    let root = format!("{}/{}", zone.target().root, zone.target().module);
    let scope = names(contract::Scope::new(root));
    let mut publication = Publication::new(contract, &scope);
    values.into_iter().for_each(|(name, value)| publication.provide(name, value));
    let entries = publication.finish().map_err(|mismatches| Error::Contract {
        contract: contract.name(),
        cause: mismatches.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    })?;
    Ok(write(zone.scope(), zone.provider(), contract, &scope, entries).outputs)
}

/// Registers the parameters of a publication.
pub fn write(
    scope: &Scope,
    provider: &ProviderRef,
    contract: Definition,
    names: &contract::Scope,
    entries: Vec<(Entry, Output<String>)>,
) -> Published {
    let (mut published, mut values) = (Vec::new(), Vec::new());
    for (entry, value) in entries {
        published.push(parameter(scope, &entry, &value, &[]));
        values.push(all!(Output::known(entry.path), value));
    }
    let digest = Output::all(values).apply(move |values: Vec<(String, String)>| {
        let values: BTreeMap<_, _> = values.into_iter().collect();
        contract.digest(contract.version(), values.iter().map(|(path, value)| (path.as_str(), value.as_str())))
    });
    let metas = contract.meta_entries(names).into_iter().map(|entry| (entry.name.clone(), entry));
    let metas: BTreeMap<String, Entry> = metas.collect();
    let version =
        parameter(scope, &metas[meta::VERSION_NAME], &Output::known(contract.version().to_string()), &published);
    let date = date(scope, names.root(), provider, &digest);
    let date = parameter(scope, &metas[meta::PUBLISHED_AT_NAME], &date, &published);
    published.extend([version, date]);
    let last = parameter(scope, &metas[meta::DIGEST_NAME], &digest, &published);
    let outputs = vec![
        ("contractVersion".to_owned(), IntoInput::<String>::into_input(contract.version().to_string())),
        ("contractDigest".to_owned(), IntoInput::<String>::into_input(&digest)),
    ];
    Published { digest: last, outputs }
}

/// The parameter of an entry, written after others.
fn parameter(scope: &Scope, entry: &Entry, value: &Output<String>, after: &[Parameter]) -> Parameter {
    Parameter::new(scope, &entry.name)
        .name(&entry.path)
        .r#type(entry.kind.as_str())
        .insecure_value(value)
        .description(&entry.description)
        .depends_on(after)
        .register()
}

/// When this content was published first: the live date while the live digest is the same, else now. So a
/// deployment that changes nothing changes nothing.
fn date(scope: &Scope, root: &str, provider: &ProviderRef, digest: &Output<String>) -> Output<String> {
    let live = get_parameters_by_path(scope, provider, &format!("{root}/contract"), Some(digest.clone()));
    let (digest_path, date_path) = (meta::digest_path(root), meta::published_at_path(root));
    // the contract holds no secrets, though the call that reads parameters answers as if all were
    let live: Output<ParametersByPath> = live.unsecret();
    let now = jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_else(|_| jiff::Timestamp::now()).to_string();
    all!(digest, live).apply(move |(digest, live)| {
        let same = live.value(&digest_path) == Some(digest.as_str());
        let date = live.value(&date_path).filter(|_| same);
        date.map_or(now, str::to_owned)
    })
}
