//! A client of a Cognito user pool: an application that signs users in, or itself.
//!
//! Calls: CreateUserPoolClient, DescribeUserPoolClient, UpdateUserPoolClient, DeleteUserPoolClient, ListUserPoolClients;
//! to import one by its id alone, ListUserPools. IAM: `cognito-idp:` + each of these.
//!
//! - UpdateUserPoolClient takes back what it is not sent, so what nobody asked for is read and sent as it is.
//! - Clients carry no tags, and may exist twice under one name: one that an interrupted run made is known by its name,
//!   by not being in the state, and by this run not having made it.
//! - It is imported by `POOL/CLIENT`, as with the official provider, or by the client's id.
//! - The secret is AWS's, made with the client. It is in the state, encrypted, and in no message.

use aws_sdk_cognitoidentityprovider::{
    config::retry::RetryConfig,
    types::{
        AnalyticsConfigurationType, ExplicitAuthFlowsType, OAuthFlowType, RefreshTokenRotationType,
        TokenValidityUnitsType, UserPoolClientType,
    },
};
use derive::{Outputs, Resource, Shape};
use pulumi::{
    provider::{
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live, Of},
    },
    value::{Map, Value},
};
use tokio::sync::Mutex;

use super::user_pool::schema::STANDARD;
use crate::{
    context::Cx,
    error::{failed, found, gone},
    recovery::{self, Look},
    waits::POOL_IS_BUSY,
};

/// A client of a Cognito user pool: an application that signs users in, or itself.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cognito/userPoolClient:UserPoolClient", noun = "user pool client", handle = UserPoolClient)]
pub struct Inputs {
    /// Name, up to 128 characters.
    #[resource(autoname)]
    pub name: String,
    /// The pool's id.
    #[resource(replace)]
    pub user_pool_id: String,
    /// Whether it has a secret, which a mobile or browser application cannot keep.
    #[resource(replace, default = false)]
    pub generate_secret: bool,
    /// How long an access token is good for; AWS's default is an hour.
    #[resource(computed)]
    pub access_token_validity: Option<i32>,
    /// `code`, `implicit`, `client_credentials`.
    #[resource(set, default)]
    pub allowed_oauth_flows: Vec<String>,
    /// Whether it may use OAuth.
    #[resource(default = false)]
    pub allowed_oauth_flows_user_pool_client: bool,
    /// `openid`, `email`, `phone`, `profile`, `aws.cognito.signin.user.admin`, and scopes of resource servers.
    #[resource(set, default)]
    pub allowed_oauth_scopes: Vec<String>,
    /// Where its use is counted, in Pinpoint.
    pub analytics_configuration: Option<AnalyticsConfiguration>,
    /// Minutes a sign-in may take, 3 to 15.
    #[resource(default = 3)]
    pub auth_session_validity: i32,
    /// Where users may be sent after they signed in.
    #[resource(set, default)]
    pub callback_urls: Vec<String>,
    /// Where they are sent when it is not said; one of the callback URLs.
    pub default_redirect_uri: Option<String>,
    /// Whether the user's address and device may be told in behalf of it, for threat protection.
    #[resource(default = false)]
    pub enable_propagate_additional_user_context_data: bool,
    /// Whether its tokens can be revoked.
    #[resource(default = true)]
    pub enable_token_revocation: bool,
    /// Such as `ALLOW_USER_SRP_AUTH`, `ALLOW_REFRESH_TOKEN_AUTH`.
    #[resource(set, computed)]
    pub explicit_auth_flows: Option<Vec<String>>,
    /// How long an id token is good for; AWS's default is an hour.
    #[resource(computed)]
    pub id_token_validity: Option<i32>,
    /// Where users may be sent after they signed out.
    #[resource(set, default)]
    pub logout_urls: Vec<String>,
    /// `ENABLED` or `LEGACY`: whether an error tells that there is no such user.
    #[resource(computed)]
    pub prevent_user_existence_errors: Option<String>,
    /// Attributes that the client may read; attributes of your own are named `custom:NAME`. If the list is absent or
    /// empty, the client may read all attributes (AWS's API reference says: all standard ones).
    #[resource(set, computed)]
    pub read_attributes: Option<Vec<String>>,
    /// Whether a refresh token is good for one use.
    pub refresh_token_rotation: Option<RefreshTokenRotation>,
    /// How long a refresh token is good for; AWS's default is 30 days.
    #[resource(computed)]
    pub refresh_token_validity: Option<i32>,
    /// `COGNITO`, and identity providers of the pool by their names.
    #[resource(set, default)]
    pub supported_identity_providers: Vec<String>,
    /// What the validities are counted in.
    #[resource(computed)]
    pub token_validity_units: Option<TokenValidityUnits>,
    /// Attributes that the client may write; attributes of your own are named `custom:NAME`. If the list is absent or
    /// empty, the client, and with it each user who signed in through it, may write all attributes (AWS's API reference
    /// says: all standard ones).
    #[resource(set, computed)]
    pub write_attributes: Option<Vec<String>>,
}

/// Where a client's use is counted.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolClientAnalyticsConfiguration")]
pub struct AnalyticsConfiguration {
    /// ARN of the Pinpoint application, instead of its id.
    pub application_arn: Option<String>,
    /// Id of the Pinpoint application.
    pub application_id: Option<String>,
    /// External id in the role's trust policy.
    pub external_id: Option<String>,
    /// ARN of the role.
    #[resource(computed)]
    pub role_arn: Option<String>,
    /// Whether data of the users goes there, too.
    #[resource(default = false)]
    pub user_data_shared: bool,
}

/// Whether a refresh token is good for one use.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolClientRefreshTokenRotation")]
pub struct RefreshTokenRotation {
    /// `ENABLED` or `DISABLED`.
    pub feature: String,
    /// Seconds a used one is still good for, 0 to 60.
    #[resource(computed)]
    pub retry_grace_period_seconds: Option<i32>,
}

/// What validities are counted in: `seconds`, `minutes`, `hours` or `days`.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolClientTokenValidityUnits")]
pub struct TokenValidityUnits {
    /// Of access tokens.
    #[resource(default = "hours")]
    pub access_token: String,
    /// Of id tokens.
    #[resource(default = "hours")]
    pub id_token: String,
    /// Of refresh tokens.
    #[resource(default = "days")]
    pub refresh_token: String,
}

/// What AWS adds to a client.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = UserPoolClient)]
pub struct Outputs {
    /// The secret; empty where it has none.
    #[resource(secret)]
    pub client_secret: String,
}

const ABSENT: &[&str] = &["ResourceNotFoundException"];

/// Looking and making are one step: of two clients with one name, nothing but the order tells whose is whose.
static MAKING: Mutex<()> = Mutex::const_new(());

/// The settings of a client, into CreateUserPoolClient or UpdateUserPoolClient.
macro_rules! with {
    ($inputs:ident, $live:expr, $call:expr) => {{
        let live: Option<&UserPoolClientType> = $live;
        let flows = |flows: &Vec<String>| flows.iter().map(|f| ExplicitAuthFlowsType::from(f.as_str())).collect();
        $call
            .user_pool_id(&$inputs.user_pool_id)
            .client_name(&$inputs.name)
            .set_access_token_validity($inputs.access_token_validity.or(live.and_then(|l| l.access_token_validity)))
            .set_allowed_o_auth_flows(Some(
                $inputs.allowed_oauth_flows.iter().map(|f| OAuthFlowType::from(f.as_str())).collect(),
            ))
            .allowed_o_auth_flows_user_pool_client($inputs.allowed_oauth_flows_user_pool_client)
            .set_allowed_o_auth_scopes(Some($inputs.allowed_oauth_scopes.clone()))
            .set_analytics_configuration($inputs.analytics_configuration.clone().map(Into::into))
            .auth_session_validity($inputs.auth_session_validity)
            .set_callback_urls(Some($inputs.callback_urls.clone()))
            .set_default_redirect_uri($inputs.default_redirect_uri.clone())
            .enable_propagate_additional_user_context_data($inputs.enable_propagate_additional_user_context_data)
            .enable_token_revocation($inputs.enable_token_revocation)
            .set_explicit_auth_flows(
                $inputs.explicit_auth_flows.as_ref().map(flows).or(live.and_then(|l| l.explicit_auth_flows.clone())),
            )
            .set_id_token_validity($inputs.id_token_validity.or(live.and_then(|l| l.id_token_validity)))
            .set_logout_urls(Some($inputs.logout_urls.clone()))
            .set_prevent_user_existence_errors(match &$inputs.prevent_user_existence_errors {
                Some(errors) => Some(errors.as_str().into()),
                None => live.and_then(|l| l.prevent_user_existence_errors.clone()),
            })
            .set_read_attributes(
                some($inputs.read_attributes.as_ref()).or(live.and_then(|l| some(l.read_attributes.as_ref()))),
            )
            .set_refresh_token_rotation(rotation($inputs, live)?)
            .set_refresh_token_validity($inputs.refresh_token_validity.or(live.map(|l| l.refresh_token_validity)))
            .set_supported_identity_providers(Some($inputs.supported_identity_providers.clone()))
            .set_token_validity_units(match &$inputs.token_validity_units {
                Some(units) => Some(units.clone().into()),
                None => live.and_then(|l| l.token_validity_units.clone()),
            })
            .set_write_attributes(
                some($inputs.write_attributes.as_ref()).or(live.and_then(|l| some(l.write_attributes.as_ref()))),
            )
    }};
}

impl CustomResource for UserPoolClient {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    /// AWS takes many of the same name: the first that keeps a secret, or keeps none, as this one is to.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Result<Option<String>, Error> {
        for id in named(cx, inputs).await? {
            let client = describe(cx, &inputs.user_pool_id, &id).await?;
            if client.is_some_and(|c| c.client_secret.is_some() == inputs.generate_secret) {
                return Ok(Some(format!("{}/{id}", inputs.user_pool_id)));
            }
        }
        Ok(None)
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut wrong = |property: &str, reason: &str| {
            failures.push(Failure { property: property.to_owned(), reason: reason.to_owned() });
        };
        let texts = |property: &str| match inputs.get(property) {
            Some(Value::Array(items)) => items.iter().map(|v| v.as_str().unwrap_or("")).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let flows = texts("allowedOauthFlows");
        let is = |property: &str, wanted: bool| match inputs.get(property) {
            None | Some(Value::Null) => !wanted,
            Some(Value::Bool(value)) => *value == wanted,
            Some(_) => false,
        };
        if flows.contains(&"client_credentials") {
            if flows.len() > 1 {
                wrong("allowedOauthFlows", "`client_credentials` goes with no other flow: make a client for each");
            }
            if is("generateSecret", false) {
                wrong("generateSecret", "the flow `client_credentials` needs a client with a secret: set it to true");
            }
        }
        if !flows.is_empty() && is("allowedOauthFlowsUserPoolClient", false) {
            wrong("allowedOauthFlowsUserPoolClient", "OAuth is off, so the flows are idle: set it to true");
        }
        for property in ["readAttributes", "writeAttributes"] {
            let known = |name: &str| STANDARD.contains(&name) || name.contains(':');
            for name in texts(property).into_iter().filter(|name| !name.is_empty() && !known(name)) {
                wrong(
                    property,
                    &format!("`{name}` is not a standard attribute; an attribute of your own is named `custom:{name}`"),
                );
            }
        }
        let urls = texts("callbackUrls");
        let redirect = inputs.get("defaultRedirectUri").and_then(Value::as_str);
        let known = !urls.is_empty() && !urls.contains(&"");
        if redirect.is_some_and(|redirect| known && !urls.contains(&redirect)) {
            wrong("defaultRedirectUri", "this is one of `callbackUrls`");
        }
        failures
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        let property = "refreshTokenRotation";
        let Some(Value::Object(old)) = olds.and_then(|olds| olds.get(property)) else { return };
        // AWS need not say what is off
        if old.get("feature").and_then(Value::as_str) == Some("DISABLED") {
            live.entry(property.to_owned()).or_insert_with(|| Value::Object(old.clone()));
        }
    }

    fn own_id(given: &str) -> &str {
        given.rsplit_once('/').map_or(given, |(_, id)| id)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let _alone = MAKING.lock().await;
        let before = if cx.recovery.is_on() { Vec::new() } else { named(cx, inputs).await? };
        let call = with!(inputs, None, cx.clients.cognito.create_user_pool_client());
        let call = call.generate_secret(inputs.generate_secret);
        let call = || async {
            // repeated only after looking whether it was made: see `once`
            let unrepeated =
                aws_sdk_cognitoidentityprovider::config::Builder::new().retry_config(RetryConfig::disabled());
            let made = call.clone().customize().config_override(unrepeated).send().await?;
            Ok((made.user_pool_client, false))
        };
        let find = |look| {
            let before = &before;
            async move {
                let ids = named(cx, inputs).await?;
                for id in ids.into_iter().filter(|id| !before.contains(id) && !cx.recovery.knows(id)) {
                    let client = describe(cx, &inputs.user_pool_id, &id).await?;
                    // a secret comes with the client, or never
                    let fits = client.filter(|c| c.client_secret.is_some() == inputs.generate_secret);
                    if fits.is_some() {
                        return Ok(Some((fits, look == Look::Resource)));
                    }
                }
                Ok(None)
            }
        };
        let (client, existed) = recovery::once(&cx.recovery, call, find).await?;
        let client = client.ok_or_else(|| Error::new("AWS made a client and did not say which"))?;
        let id = client.client_id.clone().unwrap_or_default();
        cx.recovery.learn(&id);
        let rest = if existed {
            cx.log.info(&cx.urn, &format!("found user pool client `{id}`, which an interrupted run had made")).await;
            put(cx, &id, inputs, &client).await
        } else {
            Ok(())
        };
        Ok(Created::new(&id, outputs(&client)).and(rest))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let in_state = cx.inputs.get("userPoolId").and_then(Value::as_str);
        let client = match (in_state, id.split_once('/')) {
            (_, Some((pool, id))) => describe(cx, pool, id).await?,
            (Some(pool), None) => describe(cx, pool, id).await?,
            (None, None) => search(cx, id).await?,
        };
        let Some(client) = client else { return Ok(None) };
        let outputs = outputs(&client);
        Ok(Some(Live { inputs: live_inputs(client), outputs }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        let Some(live) = describe(cx, &new.user_pool_id, id).await? else {
            return Err(
                Error::new(format!("client `{id}` is gone")).hint("refresh, and it is made anew, with another id")
            );
        };
        put(cx, id, new, &live).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
        let call = cx.clients.cognito.delete_user_pool_client().user_pool_id(&inputs.user_pool_id).client_id(id);
        gone(POOL_IS_BUSY.out(|| call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<UserPoolClient>::new())
}

fn outputs(client: &UserPoolClientType) -> Outputs {
    Outputs { client_secret: client.client_secret.clone().unwrap_or_default() }
}

async fn describe(cx: &Cx, pool: &str, id: &str) -> Result<Option<UserPoolClientType>, Error> {
    let call = cx.clients.cognito.describe_user_pool_client().user_pool_id(pool).client_id(id);
    Ok(found(call.send().await, ABSENT)?.and_then(|described| described.user_pool_client))
}

/// The ids of the pool's clients of this name.
async fn named(cx: &Cx, inputs: &Inputs) -> Result<Vec<String>, Error> {
    let call = cx.clients.cognito.list_user_pool_clients().user_pool_id(&inputs.user_pool_id).max_results(60);
    let clients = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.map_err(failed)?;
    let named = clients.into_iter().filter(|client| client.client_name.as_deref() == Some(&inputs.name));
    Ok(named.filter_map(|client| client.client_id).collect())
}

/// The client with this id, in whichever pool it is.
async fn search(cx: &Cx, id: &str) -> Result<Option<UserPoolClientType>, Error> {
    let pools = cx.clients.cognito.list_user_pools().max_results(60).into_paginator().items().send();
    let pools = pools.collect::<Result<Vec<_>, _>>().await.map_err(failed)?;
    for pool in pools.into_iter().filter_map(|pool| pool.id) {
        if let Some(client) = describe(cx, &pool, id).await? {
            return Ok(Some(client));
        }
    }
    Ok(None)
}

async fn put(cx: &Cx, id: &str, inputs: &Inputs, live: &UserPoolClientType) -> Result<(), Error> {
    let call = with!(inputs, Some(live), cx.clients.cognito.update_user_pool_client().client_id(id));
    POOL_IS_BUSY.out(|| call.clone().send()).await.map(drop).map_err(failed)
}

/// Absent, it stays as it is; to take it away is to disable it.
fn rotation(inputs: &Inputs, live: Option<&UserPoolClientType>) -> Result<Option<RefreshTokenRotationType>, Error> {
    let was_on = live.is_some_and(|l| l.refresh_token_rotation.is_some());
    let (feature, grace) = match &inputs.refresh_token_rotation {
        Some(rotation) => (rotation.feature.as_str(), rotation.retry_grace_period_seconds),
        None if was_on => ("DISABLED", None),
        None => return Ok(None),
    };
    let rotation = RefreshTokenRotationType::builder().feature(feature.into()).set_retry_grace_period_seconds(grace);
    rotation.build().map(Some).map_err(|e| Error::new(e.to_string()))
}

/// A list that names something. Cognito takes an empty one for none given, and none given for all attributes: the
/// console says so (<https://github.com/aws/aws-cdk/pull/7607>), though the API's pages speak of the standard ones.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html>, as of
/// 2026-11.
fn some(list: Option<&Vec<String>>) -> Option<Vec<String>> {
    list.cloned().filter(|list| !list.is_empty())
}

fn texts<T: ToString>(values: Vec<T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

fn live_inputs(client: UserPoolClientType) -> Inputs {
    let rotation = client.refresh_token_rotation.map(|r| RefreshTokenRotation {
        feature: r.feature.to_string(),
        retry_grace_period_seconds: r.retry_grace_period_seconds,
    });
    let unit = |unit: Option<aws_sdk_cognitoidentityprovider::types::TimeUnitsType>, usual: &str| {
        unit.map_or_else(|| usual.to_owned(), |u| u.to_string())
    };
    Inputs {
        name: client.client_name.unwrap_or_default(),
        user_pool_id: client.user_pool_id.unwrap_or_default(),
        generate_secret: client.client_secret.is_some(),
        access_token_validity: client.access_token_validity,
        allowed_oauth_flows: texts(client.allowed_o_auth_flows.unwrap_or_default()),
        allowed_oauth_flows_user_pool_client: client.allowed_o_auth_flows_user_pool_client.unwrap_or(false),
        allowed_oauth_scopes: client.allowed_o_auth_scopes.unwrap_or_default(),
        analytics_configuration: client.analytics_configuration.map(|a| AnalyticsConfiguration {
            application_arn: a.application_arn,
            application_id: a.application_id,
            external_id: a.external_id,
            role_arn: a.role_arn,
            user_data_shared: a.user_data_shared,
        }),
        auth_session_validity: client.auth_session_validity.unwrap_or(3),
        callback_urls: client.callback_urls.unwrap_or_default(),
        default_redirect_uri: client.default_redirect_uri,
        enable_propagate_additional_user_context_data: client
            .enable_propagate_additional_user_context_data
            .unwrap_or(false),
        enable_token_revocation: client.enable_token_revocation.unwrap_or(true),
        explicit_auth_flows: client.explicit_auth_flows.map(texts),
        id_token_validity: client.id_token_validity,
        logout_urls: client.logout_urls.unwrap_or_default(),
        prevent_user_existence_errors: client.prevent_user_existence_errors.map(|e| e.to_string()),
        read_attributes: client.read_attributes.filter(|list| !list.is_empty()),
        // what is off need not be said
        refresh_token_rotation: rotation.filter(|r| r.feature != "DISABLED"),
        refresh_token_validity: Some(client.refresh_token_validity),
        supported_identity_providers: client.supported_identity_providers.unwrap_or_default(),
        token_validity_units: client.token_validity_units.map(|u| TokenValidityUnits {
            access_token: unit(u.access_token, "hours"),
            id_token: unit(u.id_token, "hours"),
            refresh_token: unit(u.refresh_token, "days"),
        }),
        write_attributes: client.write_attributes.filter(|list| !list.is_empty()),
    }
}

impl From<AnalyticsConfiguration> for AnalyticsConfigurationType {
    fn from(analytics: AnalyticsConfiguration) -> Self {
        Self::builder()
            .set_application_arn(analytics.application_arn)
            .set_application_id(analytics.application_id)
            .set_external_id(analytics.external_id)
            .set_role_arn(analytics.role_arn)
            .user_data_shared(analytics.user_data_shared)
            .build()
    }
}

impl From<TokenValidityUnits> for TokenValidityUnitsType {
    fn from(units: TokenValidityUnits) -> Self {
        Self::builder()
            .access_token(units.access_token.as_str().into())
            .id_token(units.id_token.as_str().into())
            .refresh_token(units.refresh_token.as_str().into())
            .build()
    }
}

#[cfg(test)]
mod tests;
