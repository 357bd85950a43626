//! The contract as it stands in SSM, read once per run.

use std::collections::BTreeMap;

use contract::ZONE;

use crate::{
    clients::{Clients, refused},
    error::Error,
    target::Target,
};

/// One parameter as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// As SSM has it: `/bank/dev/kms/pii/arn`.
    pub(crate) path: String,
    /// Below the root: `kms/pii/arn`.
    pub(crate) name: String,
    pub(crate) value: String,
    /// SSM's word: `String`, `StringList`.
    pub(crate) kind: String,
}

/// Every parameter below the root, ours and those of other teams.
#[derive(Debug, Clone, Default)]
pub(crate) struct Published {
    parameters: BTreeMap<String, Parameter>,
}

impl Published {
    /// Reads everything below the target's root in one sweep.
    pub(crate) async fn read(clients: &Clients, target: &Target) -> Result<Self, Error> {
        let root = target.root.trim_end_matches('/');
        let call = clients.ssm.get_parameters_by_path().path(root).recursive(true);
        let mut pages = call.into_paginator().send();
        let mut parameters = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::Contract {
                root: root.to_owned(),
                place: target.place(),
                cause: refused("ssm:GetParametersByPath", root, &error).text().to_owned(),
            })?;
            parameters.extend(page.parameters().iter().filter_map(|found| {
                let path = found.name()?.to_owned();
                let name = path.strip_prefix(root)?.strip_prefix('/')?.to_owned();
                let kind = found.r#type()?.as_str().to_owned();
                Some(Parameter { path, name, value: found.value()?.to_owned(), kind })
            }));
        }
        let published = Self::from_iter(parameters);
        if published.values(ZONE.version()).is_none_or(|mut values| values.next().is_none()) {
            return Err(Error::NoContract { root: root.to_owned(), place: target.place() });
        }
        Ok(published)
    }

    /// The parameter called `name`, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&Parameter> {
        self.parameters.get(name)
    }

    /// Path and value of all that contract `version` covers; what other teams put below the root is left out.
    /// `None` when this build does not know the version.
    pub(crate) fn values(&self, version: u32) -> Option<impl Iterator<Item = (&str, &str)>> {
        ZONE.covers(version, "")?;
        let covered =
            self.parameters.values().filter(move |parameter| ZONE.covers(version, &parameter.name) == Some(true));
        Some(covered.map(|parameter| (parameter.path.as_str(), parameter.value.as_str())))
    }

    /// What is published in place of a missing `name`: the names that differ in the middle only, as those of other buses.
    pub(crate) fn siblings(&self, name: &str) -> Vec<&str> {
        let (Some((first, _)), Some((_, last))) = (name.split_once('/'), name.rsplit_once('/')) else {
            return Vec::new();
        };
        let alike = |other: &&str| {
            other.strip_prefix(first).is_some_and(|rest| rest.starts_with('/'))
                && other.strip_suffix(last).is_some_and(|rest| rest.ends_with('/'))
        };
        self.parameters.keys().map(String::as_str).filter(alike).collect()
    }
}

impl FromIterator<Parameter> for Published {
    fn from_iter<I: IntoIterator<Item = Parameter>>(parameters: I) -> Self {
        Self { parameters: parameters.into_iter().map(|parameter| (parameter.name.clone(), parameter)).collect() }
    }
}
