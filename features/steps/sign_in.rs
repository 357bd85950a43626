//! How people and programs sign in, and to what they are sent.

use aws_sdk_cognitoidentityprovider::{
    error::ProvideErrorMetadata as _,
    types::{
        AdminCreateUserConfigType, DeletionProtectionType, ExplicitAuthFlowsType, LambdaConfigType,
        PreventUserExistenceErrorTypes, ResourceServerScopeType, VerifiedAttributeType,
    },
};
use cucumber::{then, when};

use super::{
    identity::{client, password, pool},
    names,
};
use crate::{
    clients::refused,
    world::{Judged, World, ensure, seen},
};

#[when(expr = "Cognito describes the API {string} of the pool")]
async fn describe_api(world: &mut World, identifier: String) -> Judged {
    let pool = &world.entry()?.value;
    let call = world.session()?.clients.cognito.describe_resource_server().user_pool_id(pool).identifier(&identifier);
    world.identity.api = match call.send().await {
        Ok(answer) => answer.resource_server,
        Err(error) if error.code() == Some("ResourceNotFoundException") => {
            return Err(format!("the pool `{pool}` has no API `{identifier}`").into());
        }
        Err(error) => return Err(refused("cognito-idp:DescribeResourceServer", &identifier, &error)),
    };
    Ok(())
}

#[then(expr = "the API has the scopes {string} and no others")]
fn api_has_scopes(world: &mut World, scopes: String) -> Judged {
    let api = seen(world.identity.api.as_ref(), "API")?;
    let found: Vec<_> = api.scopes().iter().map(ResourceServerScopeType::scope_name).collect();
    is_same("the API has the scopes", found, names(&scopes))
}

#[then("the client redirects where the environment says")]
fn sends_back(world: &mut World) -> Judged {
    let client = client(world)?;
    let name = client.client_name().unwrap_or_default();
    let zone = &world.session()?.target.zone;
    let callback = zone.callbacks.iter().find(|callback| callback.client == name);
    let (urls, sign_out_urls) = callback.map(|c| (c.urls.clone(), c.sign_out_urls.clone())).unwrap_or_default();
    let texts = |all: &[String]| all.iter().map(String::clone).collect::<Vec<_>>();
    is_same("after sign-in, the client redirects to", texts(client.callback_urls()), urls)?;
    is_same("after sign-out, the client redirects to", texts(client.logout_urls()), sign_out_urls)
}

#[then(expr = "the client allows the authentication flows {string} and no others")]
fn proofs(world: &mut World, flows: String) -> Judged {
    let found = client(world)?.explicit_auth_flows().iter().map(ExplicitAuthFlowsType::as_str).collect();
    is_same("the client allows the authentication flows", found, names(&flows))
}

#[then("the client hides which users exist")]
fn tells_nothing(world: &mut World) -> Judged {
    let found = client(world)?.prevent_user_existence_errors();
    let name = found.map_or("unknown", PreventUserExistenceErrorTypes::as_str);
    let hides = found == Some(&PreventUserExistenceErrorTypes::Enabled);
    ensure!(hides, "the client answers with {name} when a user does not exist");
    Ok(())
}

#[then("the client can revoke tokens")]
fn takes_back(world: &mut World) -> Judged {
    ensure!(client(world)?.enable_token_revocation() == Some(true), "tokens cannot be revoked");
    Ok(())
}

#[then(expr = "the client supports the identity providers {string}")]
fn takes_people_of(world: &mut World, providers: String) -> Judged {
    let expected = names(&providers).into_iter().filter(|name| *name != "nobody").collect();
    let found = client(world)?.supported_identity_providers().iter().map(String::as_str).collect();
    is_same("the client supports the identity providers", found, expected)
}

#[then("people sign in at the domain of the environment")]
fn is_at_domain(world: &mut World) -> Judged {
    let session = world.session()?;
    let (entry, target) = (&world.entry()?.name, &session.target);
    let name = entry.split('/').nth(1).unwrap_or_default();
    let identity = target.zone.identity.as_ref().ok_or("no user pools are configured")?;
    let expected = format!("{}-{name}-{}", identity.domain_prefix, target.environment);
    let found = pool(world)?.domain().unwrap_or("no domain");
    ensure!(found == expected, "people sign in at `{found}`, and not at `{expected}`");
    Ok(())
}

#[then("the pool is protected from deletion where the environment says so")]
fn is_protected(world: &mut World) -> Judged {
    let protect = world.session()?.target.zone.protect;
    let expected = if protect { DeletionProtectionType::Active } else { DeletionProtectionType::Inactive };
    // what was never set is off
    let found = pool(world)?.deletion_protection().unwrap_or(&DeletionProtectionType::Inactive);
    let (is, wanted) = (found.as_str(), expected.as_str());
    ensure!(*found == expected, "deletion protection is {is}, and should be {wanted}");
    Ok(())
}

#[then("the pool has no Lambda triggers")]
fn calls_nothing(world: &mut World) -> Judged {
    let none = LambdaConfigType::builder().build();
    let found = pool(world)?.lambda_config().filter(|found| **found != none);
    ensure!(found.is_none(), "the pool has Lambda triggers: {found:?}");
    Ok(())
}

#[then("the pool verifies e-mail addresses")]
fn makes_sure(world: &mut World) -> Judged {
    let found = pool(world)?.auto_verified_attributes().iter().map(VerifiedAttributeType::as_str).collect();
    is_same("the pool verifies", found, vec!["email"])
}

#[then(expr = "temporary passwords are valid for {int} days")]
fn temporary_passwords(world: &mut World, days: i32) -> Judged {
    let found = password(world)?.temporary_password_validity_days();
    ensure!(found == days, "temporary passwords are valid for {found} days");
    Ok(())
}

#[then("people can sign up by themselves")]
fn make_their_own(world: &mut World) -> Judged {
    let config = pool(world)?.admin_create_user_config();
    let admins = config.is_some_and(AdminCreateUserConfigType::allow_admin_create_user_only);
    ensure!(!admins, "only administrators make users");
    Ok(())
}

/// Holds two lists against each other, in whatever order.
fn is_same<T: Ord + AsRef<str>>(what: &str, mut found: Vec<T>, mut expected: Vec<T>) -> Judged {
    found.sort_unstable();
    expected.sort_unstable();
    let texts = |all: &[T]| all.iter().map(|text| text.as_ref().to_owned()).collect::<Vec<_>>().join(", ");
    ensure!(found == expected, "{what} [{}], and not [{}]", texts(&found), texts(&expected));
    Ok(())
}
