//! Two user pools, with the programs that sign people in and the API that machines get tokens for.
//!
//! Read by: whatever signs people in, and API gateways, through `cognito/{pool}/{pool-id,arn}` and
//! `cognito/{pool}/client/{name}`. Secrets of clients stay in the state, encrypted, and never enter the contract.
//!
//! A pool is never replaced: its people would be gone. Attributes are only ever added, and what can be chosen only once
//! (whether capital letters count in user names) is chosen here for good.

use aws::cognito::{
    ResourceServer, UserPool, UserPoolClient, UserPoolDomain, resource_server as server, user_pool as pool,
};
use config::{ClientKind, Identity, Pool};
use pulumi::options::Options;

use crate::Stack;

/// What people's programs are told of them.
const SCOPES: [&str; 3] = ["openid", "email", "profile"];

/// What people may say of themselves: the standard attributes, and none of the pool's own.
///
/// A client that lists none may write all of them, the pool's own too (seen by many, against Cognito's API page:
/// <https://github.com/hashicorp/terraform-provider-aws/issues/28684>): whoever signs up or is signed in could then give
/// himself the `party_id` of another, and his token would say so. Only a program with the account's rights sets those
/// (`AdminUpdateUserAttributes`). An empty list counts as none.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html> (2026-11-25)
const WRITABLE: [&str; 16] = [
    "address",
    "birthdate",
    "email",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "website",
    "zoneinfo",
];

/// What Cognito says of them beside.
const TOLD: [&str; 3] = ["email_verified", "phone_number_verified", "updated_at"];

pub(crate) fn deploy(stack: &mut Stack<'_>, identity: &Identity) {
    for shape in &stack.zone.pools {
        user_pool(stack, identity, shape);
    }
}

fn user_pool(stack: &mut Stack<'_>, identity: &Identity, shape: &Pool) {
    let (zone, scope, name) = (stack.zone, stack.scope.clone(), &shape.name);
    let attributes = shape.attributes.iter().map(|attribute| {
        pool::Schema::args()
            .name(attribute)
            .attribute_data_type("String")
            .mutable(true)
            .string_attribute_constraints(pool::StringAttributeConstraints::args().min_length("0").max_length("2048"))
    });
    let password = pool::PasswordPolicy::args()
        .minimum_length(shape.password_minimum_length)
        .require_lowercase(true)
        .require_uppercase(true)
        .require_numbers(true)
        .require_symbols(true)
        .temporary_password_validity_days(7);
    let email = identity.email.as_ref().map(|email| {
        pool::EmailConfiguration::args()
            .email_sending_account("DEVELOPER")
            .source_arn(format!("arn:aws:ses:{}:{}:identity/{}", zone.region, zone.member.id, email.identity))
            .from_email_address(&email.from)
    });
    let pool = UserPool::new(&scope, name)
        .name(zone.full_name(name))
        .username_attributes(["email"])
        // or `Anna@..` and `anna@..` are two people; Cognito's default is that they are, and it cannot be changed later
        // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UsernameConfigurationType.html
        .username_configuration(pool::UsernameConfiguration::args().case_sensitive(false))
        .maybe_email_configuration(email)
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
    UserPoolDomain::new(&scope, name).domain(zone.pool_domain(identity, shape)).user_pool_id(pool.id()).register();

    let machines = shape.clients.iter().any(|client| client.kind == ClientKind::Machine);
    let api = identity.resource_server.as_ref().filter(|_| machines);
    let server = api.map(|api| (api, resource_server(stack, name, api, &pool)));
    for program in &shape.clients {
        let client = client(stack, program, shape, &pool, server.as_ref());
        stack.publish(format!("cognito/{name}/client/{}", program.name), client.id());
    }
    stack.publish(format!("cognito/{name}/pool-id"), pool.id());
    stack.publish(format!("cognito/{name}/arn"), pool.arn());
}

/// The API whose scopes the pool's machines are given.
fn resource_server(
    stack: &Stack<'_>,
    pool_name: &str,
    api: &config::ResourceServer,
    pool: &UserPool,
) -> ResourceServer {
    let scope = |name: &String| {
        server::Scope::args().scope_name(name).scope_description(format!("{name} by {}", api.identifier))
    };
    ResourceServer::new(&stack.scope, format!("{pool_name}-{}", api.identifier))
        .user_pool_id(pool.id())
        .identifier(&api.identifier)
        .name(name_of(&api.identifier))
        .scopes(api.scopes.iter().map(scope).collect::<Vec<_>>())
        .register()
}

/// The name of an API: an identifier may be a URL, whose signs are none of a name.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateResourceServer.html>
fn name_of(identifier: &str) -> String {
    let is_legal = |char: char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(char);
    identifier.chars().map(|char| if is_legal(char) { char } else { '-' }).collect()
}

fn client(
    stack: &Stack<'_>,
    shape: &config::Client,
    people: &Pool,
    pool: &UserPool,
    server: Option<&(&config::ResourceServer, ResourceServer)>,
) -> UserPoolClient {
    let zone = stack.zone;
    let custom = people.attributes.iter().map(|attribute| format!("custom:{attribute}"));
    let readable = WRITABLE.iter().chain(&TOLD).map(|attribute| (*attribute).to_owned()).chain(custom);
    let client = UserPoolClient::new(&stack.scope, &shape.name)
        .user_pool_id(pool.id())
        .name(&shape.name)
        .generate_secret(shape.kind.has_secret())
        .allowed_oauth_flows_user_pool_client(true)
        // a wrong name is answered as a wrong password is: nobody learns who is a customer
        .prevent_user_existence_errors("ENABLED")
        .enable_token_revocation(true)
        // machines too: people sign up with the id of any client of the pool
        .read_attributes(readable.collect::<Vec<_>>())
        .write_attributes(WRITABLE);
    if shape.kind == ClientKind::Machine {
        let scope = |scope: &String| server.map(|(api, _)| format!("{}/{scope}", api.identifier));
        let scopes: Vec<String> = shape.scopes.iter().filter_map(scope).collect();
        return client
            .allowed_oauth_flows(["client_credentials"])
            .allowed_oauth_scopes(scopes)
            .explicit_auth_flows(["ALLOW_REFRESH_TOKEN_AUTH"])
            // its scopes have to exist
            .depends_on(server.map(|(_, server)| server))
            .register();
    }
    let callback = zone.callback(shape);
    client
        .allowed_oauth_flows(["code"])
        .allowed_oauth_scopes(SCOPES)
        .explicit_auth_flows(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
        .supported_identity_providers(["COGNITO"])
        .maybe_callback_urls(callback.map(|c| c.urls.clone()))
        .maybe_logout_urls(callback.map(|c| c.sign_out_urls.clone()))
        .register()
}
