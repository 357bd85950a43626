//! Whose credentials are in use, and where.

use derive::Shape;
use pulumi::provider::resource::Error;

use crate::provider::Config;

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

pub(super) async fn caller(config: &Config) -> Result<CallerIdentity, Error> {
    let caller = config.caller().await?.clone();
    Ok(CallerIdentity {
        id: caller.account.clone(),
        account_id: caller.account,
        arn: caller.arn,
        user_id: caller.user_id,
    })
}

pub(super) fn region(config: &Config, arguments: RegionArguments) -> RegionAnswer {
    let region = arguments.region.unwrap_or_else(|| config.region().to_owned());
    RegionAnswer { id: region.clone(), name: region.clone(), region }
}
