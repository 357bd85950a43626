//! Two user pools, with the programs that sign people in and the API that machines get tokens for.
//!
//! Read by: bank-app, onboarding, back office and API gateway, through `cognito/{pool}/{pool-id,arn}` and
//! `cognito/{pool}/client/{name}`. Secrets of clients stay in the state, encrypted, and never enter the contract.
//!
//! A pool is never replaced: its people would be gone. Attributes are only ever added.

use aws::cognito::{
    ResourceServer, UserPool, UserPoolClient, UserPoolDomain, resource_server as server, user_pool as pool,
    user_pool_client::UserPoolClientBuilder,
};
use config::{ClientKind, Pool};
use pulumi::options::Options;

use crate::Stack;

/// What people's programs are told of them.
const SCOPES: [&str; 3] = ["openid", "email", "profile"];

pub(crate) fn deploy(stack: &mut Stack<'_>) {
    for shape in &stack.zone.pools {
        user_pool(stack, shape);
    }
}

fn user_pool(stack: &mut Stack<'_>, shape: &Pool) {
    let (zone, scope, name) = (stack.zone, stack.scope.clone(), &shape.name);
    let attributes = shape.attributes.iter().map(|attribute| {
        pool::Schema::args()
            .name(attribute)
            .attribute_data_type("String")
            .mutable(true)
            .string_attribute_constraints(pool::StringAttributeConstraints::args().min_length("0").max_length("2048"))
    });
    let password = pool::PasswordPolicy::args()
        .minimum_length(crate::kms::days(shape.password_minimum_length))
        .require_lowercase(true)
        .require_uppercase(true)
        .require_numbers(true)
        .require_symbols(true)
        .temporary_password_validity_days(7);
    let pool = UserPool::new(&scope, name)
        .name(zone.full_name(name))
        .username_attributes(["email"])
        .auto_verified_attributes(["email"])
        .password_policy(password)
        .mfa_configuration("ON")
        .software_token_mfa_configuration(pool::SoftwareTokenMfaConfiguration::args().enabled(true))
        .admin_create_user_config(
            pool::AdminCreateUserConfig::args().allow_admin_create_user_only(shape.admin_creates_users),
        )
        .schemas(attributes.collect::<Vec<_>>())
        .deletion_protection(if zone.protect { "ACTIVE" } else { "INACTIVE" })
        .protect(zone.protect)
        .register();
    UserPoolDomain::new(&scope, name).domain(zone.pool_domain(shape)).user_pool_id(pool.id()).register();

    let machines = shape.clients.iter().any(|client| client.kind == ClientKind::Machine);
    let server = machines.then(|| resource_server(stack, name, &pool));
    for shape in &shape.clients {
        let client = client(stack, shape, &pool, server.as_ref());
        stack.publish(format!("cognito/{name}/client/{}", shape.name), client.id());
    }
    stack.publish(format!("cognito/{name}/pool-id"), pool.id());
    stack.publish(format!("cognito/{name}/arn"), pool.arn());
}

/// The API whose scopes the pool's machines are given.
fn resource_server(stack: &Stack<'_>, pool_name: &str, pool: &UserPool) -> ResourceServer {
    let api = &stack.zone.identity.resource_server;
    let scope = |name: &String| {
        server::Scope::args().scope_name(name).scope_description(format!("{name} by {}", api.identifier))
    };
    ResourceServer::new(&stack.scope, format!("{pool_name}-{}", api.identifier))
        .user_pool_id(pool.id())
        .identifier(&api.identifier)
        .name(&api.identifier)
        .scopes(api.scopes.iter().map(scope).collect::<Vec<_>>())
        .register()
}

fn client(
    stack: &Stack<'_>,
    shape: &config::Client,
    pool: &UserPool,
    server: Option<&ResourceServer>,
) -> UserPoolClient {
    let zone = stack.zone;
    let api = &zone.identity.resource_server.identifier;
    let client = UserPoolClient::new(&stack.scope, &shape.name)
        .user_pool_id(pool.id())
        .name(&shape.name)
        .generate_secret(shape.kind.has_secret())
        .allowed_oauth_flows_user_pool_client(true)
        // a wrong name is answered as a wrong password is: nobody learns who is a customer
        .prevent_user_existence_errors("ENABLED")
        .enable_token_revocation(true);
    if shape.kind == ClientKind::Machine {
        let scopes: Vec<String> = shape.scopes.iter().map(|scope| format!("{api}/{scope}")).collect();
        return client
            .allowed_oauth_flows(["client_credentials"])
            .allowed_oauth_scopes(scopes)
            .explicit_auth_flows(["ALLOW_REFRESH_TOKEN_AUTH"])
            // its scopes have to exist
            .depends_on(server.map(|server| &**server))
            .register();
    }
    let callback = zone.callback(shape);
    client
        .allowed_oauth_flows(["code"])
        .allowed_oauth_scopes(SCOPES)
        .explicit_auth_flows(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
        .supported_identity_providers(["COGNITO"])
        .when(callback.map(|c| c.urls.clone()), UserPoolClientBuilder::callback_urls)
        .when(callback.map(|c| c.sign_out_urls.clone()), UserPoolClientBuilder::logout_urls)
        .register()
}
