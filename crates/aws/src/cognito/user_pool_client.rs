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

use aws_sdk_cognitoidentityprovider::types::{self, RefreshTokenRotationType, UserPoolClientType};
use tokio::sync::Mutex;

use super::user_pool::schema::STANDARD;
use crate::{checks::items, prelude::*, waits::POOL_IS_BUSY};

/// A client of a Cognito user pool: an application that signs users in, or itself.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cognito/userPoolClient:UserPoolClient", noun = "user pool client", handle = UserPoolClient)]
#[resource(from = UserPoolClientType)]
pub struct Inputs {
    /// Name, up to 128 characters.
    #[resource(autoname, sdk = client_name)]
    pub name: String,
    /// The pool's id.
    #[resource(replace)]
    pub user_pool_id: String,
    /// Whether it has a secret, which a mobile or browser application cannot keep.
    #[resource(replace, default = false, own)]
    pub generate_secret: bool,
    /// How long an access token is good for; AWS's default is an hour.
    #[resource(computed)]
    pub access_token_validity: Option<i32>,
    /// OAuth flows: `code`, `implicit`, `client_credentials`.
    #[resource(set, default, sdk = allowed_o_auth_flows)]
    pub allowed_oauth_flows: Vec<String>,
    /// Whether it may use OAuth.
    #[resource(default = false, sdk = allowed_o_auth_flows_user_pool_client)]
    pub allowed_oauth_flows_user_pool_client: bool,
    /// `openid`, `email`, `phone`, `profile`, `aws.cognito.signin.user.admin`, and scopes of resource servers.
    #[resource(set, default, sdk = allowed_o_auth_scopes)]
    pub allowed_oauth_scopes: Vec<String>,
    /// The Pinpoint application that counts its use.
    pub analytics_configuration: Option<AnalyticsConfiguration>,
    /// Minutes a sign-in may take, 3 to 15.
    #[resource(default = 3)]
    pub auth_session_validity: i32,
    /// Where users may be sent after they signed in.
    #[resource(set, default)]
    pub callback_urls: Vec<String>,
    /// Where users are sent when the request names no URL; one of the callback URLs.
    pub default_redirect_uri: Option<String>,
    /// Whether it may send the user's address and device to Cognito, for threat protection.
    #[resource(default = false)]
    pub enable_propagate_additional_user_context_data: bool,
    /// Whether its tokens can be revoked.
    #[resource(default = true)]
    pub enable_token_revocation: bool,
    /// Ways to sign in, such as `ALLOW_USER_SRP_AUTH`, `ALLOW_REFRESH_TOKEN_AUTH`.
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
    #[resource(set, computed, blank)]
    pub read_attributes: Option<Vec<String>>,
    /// Whether a refresh token is good for one use.
    pub refresh_token_rotation: Option<RefreshTokenRotation>,
    /// How long a refresh token is good for; AWS's default is 30 days.
    #[resource(computed)]
    pub refresh_token_validity: Option<i32>,
    /// `COGNITO`, and identity providers of the pool by their names.
    #[resource(set, default)]
    pub supported_identity_providers: Vec<String>,
    /// Units of the validities.
    #[resource(computed)]
    pub token_validity_units: Option<TokenValidityUnits>,
    /// Attributes that the client may write; attributes of your own are named `custom:NAME`. If the list is absent or
    /// empty, the client, and with it each user who signed in through it, may write all attributes (AWS's API reference
    /// says: all standard ones).
    #[resource(set, computed, blank)]
    pub write_attributes: Option<Vec<String>>,
}

/// The Pinpoint application that counts a client's use.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolClientAnalyticsConfiguration", sdk = types::AnalyticsConfigurationType)]
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
    /// Whether data of the users is sent to Pinpoint, too.
    #[resource(default = false)]
    pub user_data_shared: bool,
}

/// Whether a refresh token is good for one use.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolClientRefreshTokenRotation", sdk = RefreshTokenRotationType)]
pub struct RefreshTokenRotation {
    /// `ENABLED` or `DISABLED`.
    pub feature: String,
    /// Seconds a used refresh token is still good for, 0 to 60.
    #[resource(computed)]
    pub retry_grace_period_seconds: Option<i32>,
}

/// Units of the validities: `seconds`, `minutes`, `hours` or `days`.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolClientTokenValidityUnits", sdk = types::TokenValidityUnitsType)]
pub struct TokenValidityUnits {
    /// Unit for access tokens.
    #[resource(default = "hours")]
    pub access_token: String,
    /// Unit for id tokens.
    #[resource(default = "hours")]
    pub id_token: String,
    /// Unit for refresh tokens.
    #[resource(default = "days")]
    pub refresh_token: String,
}

/// Outputs of a user pool client.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = UserPoolClient, from = UserPoolClientType)]
pub struct Outputs {
    /// The secret; empty where it has none.
    #[resource(secret)]
    pub client_secret: String,
}

/// Looking and making are one step: of two clients with one name, nothing but the order tells whose is whose.
static MAKING: Mutex<()> = Mutex::const_new(());

/// The settings of a client, into CreateUserPoolClient or UpdateUserPoolClient.
macro_rules! with {
    ($inputs:ident, $live:expr, $call:expr) => {{
        let live: Option<&UserPoolClientType> = $live;
        $call
            .user_pool_id(&$inputs.user_pool_id)
            .client_name(&$inputs.name)
            .set_access_token_validity(or_live($inputs.access_token_validity, live, |l| &l.access_token_validity))
            .set_allowed_o_auth_flows(Some($inputs.allowed_oauth_flows.to_sdk()?))
            .allowed_o_auth_flows_user_pool_client($inputs.allowed_oauth_flows_user_pool_client)
            .set_allowed_o_auth_scopes(Some($inputs.allowed_oauth_scopes.clone()))
            .set_analytics_configuration($inputs.analytics_configuration.to_sdk()?)
            .auth_session_validity($inputs.auth_session_validity)
            .set_callback_urls(Some($inputs.callback_urls.clone()))
            .set_default_redirect_uri($inputs.default_redirect_uri.clone())
            .enable_propagate_additional_user_context_data($inputs.enable_propagate_additional_user_context_data)
            .enable_token_revocation($inputs.enable_token_revocation)
            .set_explicit_auth_flows(or_live($inputs.explicit_auth_flows.to_sdk()?, live, |l| &l.explicit_auth_flows))
            .set_id_token_validity(or_live($inputs.id_token_validity, live, |l| &l.id_token_validity))
            .set_logout_urls(Some($inputs.logout_urls.clone()))
            .set_prevent_user_existence_errors(or_live($inputs.prevent_user_existence_errors.to_sdk()?, live, |l| {
                &l.prevent_user_existence_errors
            }))
            .set_read_attributes(some(or_live(some($inputs.read_attributes.clone()), live, |l| &l.read_attributes)))
            .set_refresh_token_rotation(rotation($inputs, live)?)
            .set_refresh_token_validity($inputs.refresh_token_validity.or(live.map(|l| l.refresh_token_validity)))
            .set_supported_identity_providers(Some($inputs.supported_identity_providers.clone()))
            .set_token_validity_units(or_live($inputs.token_validity_units.to_sdk()?, live, |l| {
                &l.token_validity_units
            }))
            .set_write_attributes(some(or_live(some($inputs.write_attributes.clone()), live, |l| &l.write_attributes)))
    }};
}

impl AwsResource for UserPoolClient {
    const ABSENT: Codes = &["ResourceNotFoundException"];

    /// AWS takes many of the same name: the first that fits.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Answer<Option<String>> {
        let client = fitting(cx, inputs, named(cx, inputs).await?).await?;
        Ok(client.and_then(|client| client.client_id).map(|id| format!("{}/{id}", inputs.user_pool_id)))
    }

    fn own_id(given: &str) -> &str {
        given.rsplit_once('/').map_or(given, |(_, id)| id)
    }

    fn check(checks: &mut Checks<'_>) {
        let inputs = checks.inputs;
        let texts =
            |property: &str| -> Vec<_> { items(inputs, property).iter().map(|v| v.as_str().unwrap_or("")).collect() };
        let flows = texts("allowedOauthFlows");
        if flows.contains(&"client_credentials") {
            if flows.len() > 1 {
                let reason = "`client_credentials` goes with no other flow: make a client for each";
                checks.wrong("allowedOauthFlows", reason);
            }
            if !checks.asks("generateSecret") {
                let reason = "the flow `client_credentials` needs a client with a secret: set it to true";
                checks.wrong("generateSecret", reason);
            }
        }
        if !flows.is_empty() && !checks.asks("allowedOauthFlowsUserPoolClient") {
            checks.wrong("allowedOauthFlowsUserPoolClient", "OAuth is off, so the flows are idle: set it to true");
        }
        for property in ["readAttributes", "writeAttributes"] {
            let known = |name: &str| name.is_empty() || STANDARD.contains(&name) || name.contains(':');
            for name in texts(property).into_iter().filter(|name| !known(name)) {
                let hint = format!("an attribute of your own is named `custom:{name}`");
                checks.wrong(property, format!("`{name}` is not a standard attribute; {hint}"));
            }
        }
        let urls = texts("callbackUrls");
        let known = !urls.is_empty() && !urls.contains(&"");
        if checks.text("defaultRedirectUri").is_some_and(|redirect| known && !urls.contains(&redirect)) {
            checks.wrong("defaultRedirectUri", "it has to be one of `callbackUrls`");
        }
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        let property = "refreshTokenRotation";
        let Some(Value::Object(old)) = olds.and_then(|olds| olds.get(property)) else { return };
        // AWS need not say what is off
        if old.get("feature").and_then(Value::as_str) == Some("DISABLED") {
            live.entry(property.to_owned()).or_insert_with(|| Value::Object(old.clone()));
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let _alone = MAKING.lock().await;
        let before = if cx.recovery.is_on() { Vec::new() } else { named(cx, inputs).await? };
        let call = with!(inputs, None, cx.clients.unrepeated().cognito.create_user_pool_client());
        let call = call.generate_secret(inputs.generate_secret);
        let create = || async { Ok(call.clone().send().await?.user_pool_client) };
        let find = |_| async {
            let mut ids = named(cx, inputs).await?;
            ids.retain(|id| !before.contains(id) && !cx.recovery.knows(id));
            fitting(cx, inputs, ids).await
        };
        let (client, existed) = resource::once(cx, "CreateUserPoolClient", create, find).await?;
        let id = client.client_id.clone().unwrap_or_default();
        cx.recovery.learn(&id);
        let rest = async {
            if existed {
                resource::claim_found::<Self>(cx, &id).await?;
                put(cx, &id, inputs, &client).await?;
            }
            Answer::Ok(())
        };
        Ok(Created::new(&id, Outputs::from_sdk(client.clone())).and(rest.await))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let in_state = cx.inputs.get("userPoolId").and_then(Value::as_str);
        let (pool, id) = id.split_once('/').map_or((in_state, id), |(pool, id)| (Some(pool), id));
        let client = match pool {
            Some(pool) => describe(cx, pool, id).await?,
            None => search(cx, id).await?,
        };
        let Some(client) = client else { return Ok(None) };
        Ok(Some(Live { inputs: live_inputs(client.clone()), outputs: Outputs::from_sdk(client) }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let live = describe(cx, &new.user_pool_id, id).await?.ok_or_else(|| {
            Error::new(format!("client `{id}` was deleted")).hint("refresh: it is then created again, with another id")
        })?;
        put(cx, id, new, &live).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        let call = cx.clients.cognito.delete_user_pool_client().user_pool_id(&inputs.user_pool_id).client_id(id);
        POOL_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}

async fn describe(cx: &Cx, pool: &str, id: &str) -> Answer<Option<UserPoolClientType>> {
    let described = cx.clients.cognito.describe_user_pool_client().user_pool_id(pool).client_id(id).send().await;
    Ok(described.found(UserPoolClient::ABSENT)?.and_then(|described| described.user_pool_client))
}

/// The ids of the pool's clients of this name.
async fn named(cx: &Cx, inputs: &Inputs) -> Answer<Vec<String>> {
    let call = cx.clients.cognito.list_user_pool_clients().user_pool_id(&inputs.user_pool_id).max_results(60);
    let clients = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await?;
    let named = clients.into_iter().filter(|client| client.client_name.as_deref() == Some(&inputs.name));
    Ok(named.filter_map(|client| client.client_id).collect())
}

/// The first that keeps a secret, or keeps none, as this one is to: a secret comes with the client, or never.
async fn fitting(cx: &Cx, inputs: &Inputs, ids: Vec<String>) -> Answer<Option<UserPoolClientType>> {
    for id in ids {
        let client = describe(cx, &inputs.user_pool_id, &id).await?;
        if let Some(client) = client.filter(|client| client.client_secret.is_some() == inputs.generate_secret) {
            return Ok(Some(client));
        }
    }
    Ok(None)
}

/// The client with this id, in whichever pool it is.
async fn search(cx: &Cx, id: &str) -> Answer<Option<UserPoolClientType>> {
    let pools = cx.clients.cognito.list_user_pools().max_results(60).into_paginator().items().send();
    for pool in pools.collect::<Result<Vec<_>, _>>().await?.into_iter().filter_map(|pool| pool.id) {
        if let Some(client) = describe(cx, &pool, id).await? {
            return Ok(Some(client));
        }
    }
    Ok(None)
}

async fn put(cx: &Cx, id: &str, inputs: &Inputs, live: &UserPoolClientType) -> Answer {
    let call = with!(inputs, Some(live), cx.clients.cognito.update_user_pool_client().client_id(id));
    POOL_IS_BUSY.out(|| call.clone().send()).await.done()
}

/// Absent, it stays as it is; to take it away is to disable it.
fn rotation(inputs: &Inputs, live: Option<&UserPoolClientType>) -> Answer<Option<RefreshTokenRotationType>> {
    let was_on = live.is_some_and(|live| live.refresh_token_rotation.is_some());
    let off = || RefreshTokenRotation { feature: "DISABLED".to_owned(), retry_grace_period_seconds: None };
    inputs.refresh_token_rotation.clone().or_else(|| was_on.then(off)).to_sdk()
}

/// A list that names something. Cognito takes an empty one for none given, and none given for all attributes: the
/// console says so (<https://github.com/aws/aws-cdk/pull/7607>), though the API's pages speak of the standard ones.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html>, as of
/// 2026-11.
fn some(list: Option<Vec<String>>) -> Option<Vec<String>> {
    list.filter(|list| !list.is_empty())
}

fn live_inputs(client: UserPoolClientType) -> Inputs {
    let generate_secret = client.client_secret.is_some();
    let mut inputs = Inputs { generate_secret, ..Inputs::from_sdk(client) };
    // what is off need not be said
    inputs.refresh_token_rotation.take_if(|rotation| rotation.feature == "DISABLED");
    inputs
}

#[cfg(test)]
mod tests;
