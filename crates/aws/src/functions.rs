//! Functions: what can be asked without making anything.

use std::collections::BTreeMap;

use derive::Shape;
use pulumi::{
    output::Input,
    prelude::{IntoInput, Output, ProviderRef, Scope},
    provider::{
        resource::Error,
        schema::{FunctionSchema, Shaped},
    },
    value::{FromValue, Map, ToValue, Value},
};

use crate::{error::failed, provider::Config};

const CALLER_IDENTITY: &str = "aws:index/getCallerIdentity:getCallerIdentity";
const REGION: &str = "aws:index/getRegion:getRegion";
const PARAMETERS_BY_PATH: &str = "aws:ssm/getParametersByPath:getParametersByPath";

/// All functions.
pub const ALL: &[FunctionSchema] = &[
    FunctionSchema {
        token: CALLER_IDENTITY,
        description: "Whose credentials are in use.",
        arguments: Nothing::SHAPE,
        answer: CallerIdentity::SHAPE,
    },
    FunctionSchema {
        token: REGION,
        description: "The provider's region.",
        arguments: RegionArguments::SHAPE,
        answer: RegionAnswer::SHAPE,
    },
    FunctionSchema {
        token: PARAMETERS_BY_PATH,
        description: "All SSM parameters below a path.",
        arguments: ParametersByPathArguments::SHAPE,
        answer: ParametersByPath::SHAPE,
    },
];

/// No arguments.
#[derive(Clone, Debug, Default, Shape)]
pub struct Nothing {}

/// Whose credentials are in use.
#[derive(Clone, Debug, Default, Shape)]
pub struct CallerIdentity {
    /// The account's 12 digits.
    pub account_id: String,
    /// The caller's ARN.
    pub arn: String,
    /// The account, again: every answer has an id.
    pub id: String,
    /// The caller's unique id.
    pub user_id: String,
}

/// Which region is asked about.
#[derive(Clone, Debug, Default, Shape)]
pub struct RegionArguments {
    /// Another region than the provider's.
    pub region: Option<String>,
}

/// A region.
#[derive(Clone, Debug, Default, Shape)]
pub struct RegionAnswer {
    /// Its name, again: every answer has an id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its name.
    pub region: String,
}

/// Which parameters are asked for.
#[derive(Clone, Debug, Default, Shape)]
pub struct ParametersByPathArguments {
    /// The path, from the root: `/bank/dev`.
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

/// Answers a function.
pub(crate) async fn invoke(config: &Config, token: &str, arguments: &Map) -> Result<Map, Error> {
    let answer = match token {
        CALLER_IDENTITY => {
            let caller = config.caller().await?.clone();
            CallerIdentity {
                id: caller.account.clone(),
                account_id: caller.account,
                arn: caller.arn,
                user_id: caller.user_id,
            }
            .to_value()
        }
        REGION => {
            let region = read::<RegionArguments>(arguments)?.region.unwrap_or_else(|| config.region().to_owned());
            RegionAnswer { id: region.clone(), name: region.clone(), region }.to_value()
        }
        _ => parameters_by_path(config, read(arguments)?).await?.to_value(),
    };
    let Value::Object(mut answer) = answer else { return Ok(Map::new()) };
    if let Some(values) = answer.get_mut("values") {
        *values = std::mem::take(values).secret();
    }
    Ok(answer)
}

fn read<T: FromValue>(arguments: &Map) -> Result<T, Error> {
    T::from_value(&Value::Object(arguments.clone())).map_err(Error::new)
}

async fn parameters_by_path(config: &Config, arguments: ParametersByPathArguments) -> Result<ParametersByPath, Error> {
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
