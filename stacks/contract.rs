//! The contract: one SSM parameter per promised value, then version, date and digest.
//!
//! Published last, after everything it names. The digest is written at the very end, so that a reader can tell
//! a complete publication from a half one.

use std::collections::BTreeMap;

use ::contract::{Entry, ZONE, meta};
use aws::{functions, ssm::Parameter};
use config::Zone;
use pulumi::{
    all,
    options::Options,
    output::{Input, IntoInput, Output},
    prelude::{ProviderRef, Scope},
};

use crate::contract_scope;

/// Registers the parameters; returns the last one, the digest, and the stack outputs.
pub(crate) fn deploy(
    scope: &Scope,
    zone: &Zone,
    provider: &ProviderRef,
    entries: Vec<(Entry, Output<String>)>,
) -> (Parameter, Vec<(String, Input)>) {
    let (mut published, mut values) = (Vec::new(), Vec::new());
    for (entry, value) in entries {
        let parameter = Parameter::new(scope, &entry.name)
            .name(&entry.path)
            .r#type(entry.kind.as_str())
            .insecure_value(&value)
            .description(&entry.description)
            .register();
        published.push(parameter);
        values.push(all!(Output::known(entry.path), value));
    }
    let digest = Output::all(values).apply(|values: Vec<(String, String)>| {
        let values: BTreeMap<_, _> = values.into_iter().collect();
        ZONE.digest(ZONE.version(), values.iter().map(|(path, value)| (path.as_str(), value.as_str())))
    });
    let parameter = |entry: &Entry, value: &Output<String>| {
        Parameter::new(scope, &entry.name)
            .name(&entry.path)
            .r#type(entry.kind.as_str())
            .insecure_value(value)
            .description(&entry.description)
            .depends_on(&published)
    };
    let root = zone.parameter_root();
    let metas = ZONE.meta_entries(&contract_scope(zone));
    let metas: BTreeMap<String, Entry> = metas.into_iter().map(|e| (e.name.clone(), e)).collect();
    let version = parameter(&metas[meta::VERSION_NAME], &Output::known(ZONE.version().to_string())).register();
    let date = publication_date(scope, &root, provider, &digest);
    let date = parameter(&metas[meta::PUBLISHED_AT_NAME], &date).register();
    let last = parameter(&metas[meta::DIGEST_NAME], &digest).depends_on([&version, &date]).register();

    let outputs = vec![
        ("contractVersion".to_owned(), IntoInput::<String>::into_input(ZONE.version().to_string())),
        ("contractDigest".to_owned(), IntoInput::<String>::into_input(&digest)),
    ];
    (last, outputs)
}

/// When this content was published first: the live date while the live digest is the same, else now. So a
/// deployment that changes nothing changes nothing.
fn publication_date(scope: &Scope, root: &str, provider: &ProviderRef, digest: &Output<String>) -> Output<String> {
    let live = functions::get_parameters_by_path(scope, provider, &format!("{root}/contract"), Some(digest.clone()));
    let (digest_path, date_path) = (meta::digest_path(root), meta::published_at_path(root));
    // the contract holds no secrets, though the call that reads parameters answers as if all were
    let live = live.unsecret();
    let now = jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_else(|_| jiff::Timestamp::now()).to_string();
    all!(digest, live).apply(move |(digest, live)| {
        let same = live.value(&digest_path) == Some(digest.as_str());
        let date = live.value(&date_path).filter(|_| same);
        date.map_or(now, str::to_owned)
    })
}
