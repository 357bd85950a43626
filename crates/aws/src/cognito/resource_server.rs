//! A resource server of a Cognito user pool: an API, and the scopes that tokens for it may have.
//!
//! Calls: CreateResourceServer, DescribeResourceServer, UpdateResourceServer, DeleteResourceServer.
//! IAM: `cognito-idp:` + each of these.
//!
//! - It carries no tags: one of the pool that exists already under its identifier is adopted, as the pool is ours.
//! - Its id is `POOL|IDENTIFIER`, as with the official provider.

use aws_sdk_cognitoidentityprovider::types::{ResourceServerScopeType, ResourceServerType};

use crate::prelude::*;

/// A resource server of a Cognito user pool: an API, and the scopes that tokens for it may have.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cognito/resourceServer:ResourceServer", noun = "resource server", handle = ResourceServer)]
pub struct Inputs {
    /// What scopes begin with, such as `acme-api` or the API's URL.
    #[resource(replace)]
    pub identifier: String,
    /// Name, up to 256 characters.
    #[resource(autoname)]
    pub name: String,
    /// The scopes, up to 100.
    #[resource(set, default)]
    pub scopes: Vec<Scope>,
    /// The pool's id.
    #[resource(replace)]
    pub user_pool_id: String,
}

/// A scope: what a token may be good for.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "ResourceServerScope", sdk = ResourceServerScopeType)]
pub struct Scope {
    /// What the scope allows.
    pub scope_description: String,
    /// Name, which follows the identifier and a slash.
    pub scope_name: String,
}

/// Outputs of a resource server.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = ResourceServer)]
pub struct Outputs {
    /// The scopes as tokens name them: `IDENTIFIER/SCOPE`.
    #[resource(volatile)]
    pub scope_identifiers: Vec<String>,
}

impl AwsResource for ResourceServer {
    const ABSENT: Codes = &["ResourceNotFoundException"];
    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}|{}", inputs.user_pool_id, inputs.identifier))
    }

    /// It is of this pool.
    fn ours(_: &Cx, _: &Live<Inputs, Outputs>, _: &Inputs) -> Result<(), String> {
        Ok(())
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let (pool, identifier) = (&inputs.user_pool_id, &inputs.identifier);
        let call = cx.clients.cognito.create_resource_server().user_pool_id(pool).identifier(identifier);
        let call = call.name(&inputs.name).set_scopes(Some(inputs.scopes.to_sdk()?));
        match call.send().await.done() {
            // 2026-11: InvalidParameterException is everything that is wrong
            Err(refusal)
                if refusal.is(&["InvalidParameterException"]) && describe(cx, pool, identifier).await?.is_some() =>
            {
                resource::adopt::<Self>(cx, &format!("{pool}|{identifier}"), inputs).await
            }
            made => {
                made?;
                Ok(Created::new(format!("{pool}|{identifier}"), outputs(identifier, &inputs.scopes)))
            }
        }
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let (pool, identifier) = parts(id)?;
        let Some(server) = describe(cx, pool, identifier).await? else { return Ok(None) };
        let inputs = Inputs {
            identifier: identifier.to_owned(),
            name: server.name.unwrap_or_default(),
            scopes: Vec::from_sdk(server.scopes.unwrap_or_default()),
            user_pool_id: pool.to_owned(),
        };
        let outputs = outputs(identifier, &inputs.scopes);
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        put(cx, new).await?;
        Ok(outputs(&new.identifier, &new.scopes))
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let (pool, identifier) = parts(id)?;
        cx.clients.cognito.delete_resource_server().user_pool_id(pool).identifier(identifier).send().await.done()
    }
}

fn parts(id: &str) -> Answer<(&str, &str)> {
    resource::parts(id, '|', "is no id of a resource server", "it is POOL|IDENTIFIER, with the pool's id")
}

fn outputs(identifier: &str, scopes: &[Scope]) -> Outputs {
    Outputs { scope_identifiers: scopes.iter().map(|scope| format!("{identifier}/{}", scope.scope_name)).collect() }
}

async fn describe(cx: &Cx, pool: &str, identifier: &str) -> Answer<Option<ResourceServerType>> {
    let call = cx.clients.cognito.describe_resource_server().user_pool_id(pool).identifier(identifier);
    Ok(call.send().await.found(ResourceServer::ABSENT)?.and_then(|described| described.resource_server))
}

async fn put(cx: &Cx, inputs: &Inputs) -> Answer {
    let call = cx.clients.cognito.update_resource_server().user_pool_id(&inputs.user_pool_id);
    let call = call.identifier(&inputs.identifier).name(&inputs.name).set_scopes(Some(inputs.scopes.to_sdk()?));
    call.send().await.done()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    crate::lifecycle! {
        token: "aws:cognito/resourceServer:ResourceServer",
        needs: [("aws:cognito/userPool:UserPool", { "name": "pool-{unique}" })],
        sample: {
            "identifier": "acme-api",
            "name": "acme API",
            "userPoolId": "${0.id}",
            "scopes": [
                { "scopeName": "read", "scopeDescription": "reads" },
                { "scopeName": "write", "scopeDescription": "writes" },
            ],
        },
        change: { "name": "API of Acme", "scopes": [{ "scopeName": "read", "scopeDescription": "reads it all" }] },
    }

    #[tokio::test]
    async fn one_that_is_there_is_adopted() {
        let token = "aws:cognito/resourceServer:ResourceServer";
        let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
        bench.create("aws:cognito/userPool:UserPool", &json!({ "name": "pool-{unique}" })).await;
        let server = |name: &str| json!({ "identifier": "api", "name": name, "userPoolId": "${0.id}" });
        let first = bench.create(token, &server("a")).await;
        let second = bench.create(token, &server("b")).await;
        assert_eq!(first.id, second.id);
        let (inputs, _) = bench.read(&second, Some(&second.inputs)).await.expect("it is there");
        assert_eq!(inputs, second.inputs);
        bench.clean_up().await;
    }

    #[test]
    fn an_id_has_two_parts() {
        assert_eq!(parts("ap-southeast-2_a|https://api|1"), Ok(("ap-southeast-2_a", "https://api|1")));
        assert!(parts("acme-api").is_err());
    }
}
