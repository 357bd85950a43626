//! User pools and their clients.

use aws_sdk_cognitoidentityprovider::{
    operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput,
    types::{
        AdminCreateUserConfigType, OAuthFlowType, ResourceServerType, SoftwareTokenMfaConfigType, UserPoolClientType,
        UserPoolMfaType, UserPoolType, UsernameAttributeType,
    },
};
use cucumber::{then, when};

use super::names;
use crate::{
    clients::refused,
    world::{Judged, World, ensure, seen},
};

const CUSTOM: &str = "custom:";

/// What Cognito has told.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    pool: Option<UserPoolType>,
    factors: Option<GetUserPoolMfaConfigOutput>,
    client: Option<UserPoolClientType>,
    pub(super) api: Option<ResourceServerType>,
}

#[when("Cognito describes the pool")]
async fn describe_pool(world: &mut World) -> Judged {
    let id = &world.entry()?.value;
    let answer = world.session()?.clients.cognito.describe_user_pool().user_pool_id(id).send().await;
    let answer = answer.map_err(|error| refused("cognito-idp:DescribeUserPool", id, &error))?;
    world.identity.pool = answer.user_pool;
    Ok(())
}

#[when("Cognito tells the pool's second factors")]
async fn second_factors(world: &mut World) -> Judged {
    let id = &world.entry()?.value;
    let answer = world.session()?.clients.cognito.get_user_pool_mfa_config().user_pool_id(id).send().await;
    world.identity.factors = Some(answer.map_err(|error| refused("cognito-idp:GetUserPoolMfaConfig", id, &error))?);
    Ok(())
}

#[when(expr = "Cognito describes the client of the pool at {string}")]
async fn describe_client(world: &mut World, pool: String) -> Judged {
    let (pool, id) = (world.published(&pool)?.value, &world.entry()?.value);
    let call = world.session()?.clients.cognito.describe_user_pool_client().user_pool_id(pool).client_id(id);
    let answer = call.send().await.map_err(|error| refused("cognito-idp:DescribeUserPoolClient", id, &error))?;
    world.identity.client = answer.user_pool_client;
    Ok(())
}

#[then(expr = "the pool has the ARN at {string}")]
fn has_arn(world: &mut World, entry: String) -> Judged {
    let said = world.published(&entry)?.value;
    let found = pool(world)?.arn().unwrap_or_default();
    ensure!(found == said, "Cognito calls the pool `{found}`, the contract `{said}`");
    Ok(())
}

#[then(expr = "the pool has the custom attributes {string}")]
fn has_attributes(world: &mut World, attributes: String) -> Judged {
    let all = pool(world)?.schema_attributes().iter().filter_map(|attribute| attribute.name());
    let custom: Vec<_> = all.filter_map(|name| name.strip_prefix(CUSTOM)).collect();
    let missing: Vec<_> = names(&attributes).into_iter().filter(|name| !custom.contains(name)).collect();
    ensure!(missing.is_empty(), "the pool lacks {}, it has {}", missing.join(", "), custom.join(", "));
    Ok(())
}

#[then("a second factor is required")]
fn factor_is_required(world: &mut World) -> Judged {
    let found = seen(world.identity.factors.as_ref(), "second factor")?.mfa_configuration();
    let name = found.map_or("unknown", UserPoolMfaType::as_str);
    ensure!(found == Some(&UserPoolMfaType::On), "a second factor is {name}");
    Ok(())
}

#[then("it is a time-based code")]
fn factor_is_totp(world: &mut World) -> Judged {
    let factors = seen(world.identity.factors.as_ref(), "second factor")?;
    let totp = factors.software_token_mfa_configuration().is_some_and(SoftwareTokenMfaConfigType::enabled);
    ensure!(totp, "time-based codes are off");
    ensure!(factors.sms_mfa_configuration().is_none(), "codes by SMS are on, too");
    Ok(())
}

#[then(expr = "passwords have at least {int} characters")]
fn password_length(world: &mut World, length: i32) -> Judged {
    let found = password(world)?.minimum_length().unwrap_or_default();
    ensure!(found >= length, "passwords have at least {found} characters");
    Ok(())
}

#[then("passwords have letters of both cases, digits and symbols")]
fn password_classes(world: &mut World) -> Judged {
    let policy = password(world)?;
    let classes = [
        ("lower-case letters", policy.require_lowercase()),
        ("upper-case letters", policy.require_uppercase()),
        ("digits", policy.require_numbers()),
        ("symbols", policy.require_symbols()),
    ];
    let free: Vec<_> = classes.into_iter().filter(|(_, required)| !required).map(|(name, _)| name).collect();
    ensure!(free.is_empty(), "passwords need no {}", free.join(", "));
    Ok(())
}

#[then("people sign in with their e-mail address")]
fn sign_in_by_mail(world: &mut World) -> Judged {
    let found = pool(world)?.username_attributes();
    ensure!(found == [UsernameAttributeType::Email], "people sign in with {found:?}");
    Ok(())
}

#[then("capital letters do not count in their names")]
fn names_are_folded(world: &mut World) -> Judged {
    // a pool that says nothing counts them
    let folded = pool(world)?.username_configuration().is_some_and(|names| !names.case_sensitive());
    ensure!(folded, "`Anna@..` and `anna@..` are two people");
    Ok(())
}

#[then("only administrators make users")]
fn admins_make_users(world: &mut World) -> Judged {
    let admins =
        pool(world)?.admin_create_user_config().is_some_and(AdminCreateUserConfigType::allow_admin_create_user_only);
    ensure!(admins, "people sign up by themselves");
    Ok(())
}

#[then("the client has no secret")]
fn client_has_no_secret(world: &mut World) -> Judged {
    ensure!(client(world)?.client_secret().is_none(), "the client has a secret");
    Ok(())
}

#[then("the client has a secret")]
fn client_has_secret(world: &mut World) -> Judged {
    ensure!(client(world)?.client_secret().is_some(), "the client has no secret");
    Ok(())
}

#[then(expr = "the client may use the flows {string}")]
fn client_flows(world: &mut World, flows: String) -> Judged {
    let client = client(world)?;
    let found: Vec<_> = client.allowed_o_auth_flows().iter().map(OAuthFlowType::as_str).collect();
    ensure!(client.allowed_o_auth_flows_user_pool_client() == Some(true), "OAuth is off for the client");
    ensure!(found == names(&flows), "the client may use the flows {}", found.join(", "));
    Ok(())
}

#[then(expr = "the client is given the scopes {string}")]
fn client_scopes(world: &mut World, scopes: String) -> Judged {
    let (mut found, mut expected) = (client(world)?.allowed_o_auth_scopes().to_vec(), names(&scopes));
    found.sort_unstable();
    expected.sort_unstable();
    ensure!(found == expected, "the client is given the scopes {}", found.join(", "));
    Ok(())
}

#[then("the client sends people back to somewhere")]
fn client_sends_back(world: &mut World) -> Judged {
    ensure!(!client(world)?.callback_urls().is_empty(), "the client has no callback URL");
    Ok(())
}

#[then("nobody can write attributes of the pool's own through the client")]
fn writes_no_custom_attribute(world: &mut World) -> Judged {
    writes_none(client(world)?.write_attributes())
}

/// A client that lists none lets people write all of them.
fn writes_none(written: &[String]) -> Judged {
    ensure!(!written.is_empty(), "the client lists no attributes that it may write, and so may write all");
    let own: Vec<_> = written.iter().filter(|name| name.contains(':')).map(String::as_str).collect();
    ensure!(own.is_empty(), "people can write {} of themselves", own.join(", "));
    Ok(())
}

#[then(expr = "the client is told the attributes {string} of the pool's own")]
fn reads_custom_attributes(world: &mut World, attributes: String) -> Judged {
    let told: Vec<_> = client(world)?.read_attributes().iter().filter_map(|name| name.strip_prefix(CUSTOM)).collect();
    let missing: Vec<_> = names(&attributes).into_iter().filter(|name| !told.contains(name)).collect();
    ensure!(missing.is_empty(), "the client is not told {}", missing.join(", "));
    Ok(())
}

/// What Cognito sets by itself, beside what it has verified.
const SET: [&str; 2] = ["sub", "updated_at"];

#[then("people can write the other attributes that the client is told, save for what Cognito sets")]
fn writes_the_others(world: &mut World) -> Judged {
    let client = client(world)?;
    let others = client.read_attributes().iter().filter(|name| !name.contains(':') && !name.ends_with("_verified"));
    let missing = others.filter(|name| !SET.contains(&name.as_str()) && !client.write_attributes().contains(name));
    let missing: Vec<_> = missing.map(String::as_str).collect();
    ensure!(missing.is_empty(), "people cannot write {} of themselves", missing.join(", "));
    Ok(())
}

pub(super) fn pool(world: &World) -> Judged<&UserPoolType> {
    seen(world.identity.pool.as_ref(), "pool")
}

pub(super) fn client(world: &World) -> Judged<&UserPoolClientType> {
    seen(world.identity.client.as_ref(), "client")
}

pub(super) fn password(world: &World) -> Judged<&aws_sdk_cognitoidentityprovider::types::PasswordPolicyType> {
    let policy = pool(world)?.policies().and_then(|policies| policies.password_policy());
    policy.ok_or_else(|| "the pool has no password policy".into())
}

#[cfg(test)]
mod tests {
    use super::writes_none;

    #[test]
    fn a_client_without_a_list_writes_everything() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(writes_none(&list(&["email", "name"])).is_ok());
        assert!(writes_none(&list(&[])).is_err());
        assert!(writes_none(&list(&["email", "custom:party_id"])).is_err());
        assert!(writes_none(&list(&["dev:custom:party_id"])).is_err());
    }
}
