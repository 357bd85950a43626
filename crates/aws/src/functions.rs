//! Functions: what can be asked without making anything. One file an answer, below `functions/`.

mod identity;
mod organization;
mod parameters;

use pulumi::{
    provider::{
        resource::Error,
        schema::{FunctionSchema, Shaped},
    },
    value::{FromValue, Map, ToValue, Value},
};

pub use self::{
    identity::{CallerIdentity, Nothing, RegionAnswer, RegionArguments},
    organization::{
        Organization, OrganizationAccount, OrganizationArguments, OrganizationPolicyType, OrganizationRoot,
        get_organization,
    },
    parameters::{ParametersByPath, ParametersByPathArguments, get_parameters_by_path},
};
use crate::provider::Config;

const CALLER_IDENTITY: &str = "aws:index/getCallerIdentity:getCallerIdentity";
const REGION: &str = "aws:index/getRegion:getRegion";
const ORGANIZATION: &str = "aws:organizations/getOrganization:getOrganization";
/// The token of the function that reads parameters below a path.
pub const PARAMETERS_BY_PATH: &str = "aws:ssm/getParametersByPath:getParametersByPath";

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
        token: ORGANIZATION,
        description: "The organization that the account is in.",
        arguments: OrganizationArguments::SHAPE,
        answer: Organization::SHAPE,
    },
    FunctionSchema {
        token: PARAMETERS_BY_PATH,
        description: "All SSM parameters below a path.",
        arguments: ParametersByPathArguments::SHAPE,
        answer: ParametersByPath::SHAPE,
    },
];

/// Answers a function.
pub(crate) async fn invoke(config: &Config, token: &str, arguments: &Map) -> Result<Map, Error> {
    let answer = match token {
        CALLER_IDENTITY => identity::caller(config).await?.to_value(),
        REGION => identity::region(config, read(arguments)?).to_value(),
        ORGANIZATION => organization::organization(config, read(arguments)?).await?.to_value(),
        _ => parameters::by_path(config, read(arguments)?).await?.to_value(),
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
