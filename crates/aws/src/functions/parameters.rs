//! SSM parameters below a path.

use std::collections::BTreeMap;

use derive::Shape;
use pulumi::{
    output::Input,
    prelude::{IntoInput, Output, ProviderRef, Scope},
    provider::resource::Error,
};

use super::PARAMETERS_BY_PATH;
use crate::{error::failed, provider::Config};

/// Which parameters are asked for.
#[derive(Clone, Debug, Default, Shape)]
pub struct ParametersByPathArguments {
    /// The path, from the root: `/acme/dev`.
    pub path: String,
    /// Also what stands deeper than one level below the path.
    #[resource(default = false)]
    pub recursive: bool,
    /// Decrypt secure strings.
    #[resource(default = true)]
    pub with_decryption: bool,
    /// Another region than the provider's.
    pub region: Option<String>,
}

/// Parameters; the lists run in parallel.
#[derive(Clone, Debug, Default, Shape)]
pub struct ParametersByPath {
    /// ARNs.
    pub arns: Vec<String>,
    /// The path, again: every answer has an id.
    pub id: String,
    /// Full names.
    pub names: Vec<String>,
    /// The path that was asked for.
    pub path: String,
    /// Types: `String`, `StringList`, `SecureString`.
    pub types: Vec<String>,
    /// Values.
    #[resource(secret)]
    pub values: Vec<String>,
}

impl ParametersByPath {
    /// The value of a parameter by its full name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let i = self.names.iter().position(|n| n == name)?;
        self.values.get(i).map(String::as_str)
    }
}

/// Asks for all parameters below a path, from a program.
pub fn get_parameters_by_path(
    scope: &Scope,
    provider: &ProviderRef,
    path: &str,
    wait_for: Option<Output<String>>,
) -> Output<ParametersByPath> {
    // the call waits for `wait_for`, and is not made while that is unknown
    let path = path.to_owned();
    let path: Input = match wait_for {
        Some(first) => first.apply(move |_| path).into_input(),
        None => IntoInput::<String>::into_input(path),
    };
    scope.invoke(PARAMETERS_BY_PATH, BTreeMap::from([("path".to_owned(), path)]), Some(provider))
}

pub(super) async fn by_path(config: &Config, arguments: ParametersByPathArguments) -> Result<ParametersByPath, Error> {
    let clients = config.clients(arguments.region.as_deref()).await?;
    let call = clients
        .ssm
        .get_parameters_by_path()
        .path(&arguments.path)
        .recursive(arguments.recursive)
        .with_decryption(arguments.with_decryption);
    let pages = call.into_paginator().send().collect::<Result<Vec<_>, _>>().await.map_err(failed)?;
    let mut answer =
        ParametersByPath { id: arguments.path.clone(), path: arguments.path, ..ParametersByPath::default() };
    for parameter in pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default()) {
        answer.arns.push(parameter.arn.unwrap_or_default());
        answer.names.push(parameter.name.unwrap_or_default());
        answer.types.push(parameter.r#type.map(|t| t.to_string()).unwrap_or_default());
        answer.values.push(parameter.value.unwrap_or_default());
    }
    Ok(answer)
}
