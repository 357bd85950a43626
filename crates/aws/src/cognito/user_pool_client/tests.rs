//! The life of a client, and what is never sent for one.

use serde_json::json;

use super::*;
use crate::{
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, is_waited_out},
    },
    testing::{Adapter, CustomResource as _},
};

crate::lifecycle! {
    token: "aws:cognito/userPoolClient:UserPoolClient",
    needs: [("aws:cognito/userPool:UserPool", { "name": "pool-{unique}", "schemas": [{ "name": "party_id", "attributeDataType": "String" }] })],
    sample: {
        "name": "web-{unique}",
        "userPoolId": "${0.id}",
        "generateSecret": true,
        "allowedOauthFlowsUserPoolClient": true,
        "allowedOauthFlows": ["code"],
        "allowedOauthScopes": ["openid", "email"],
        "explicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "supportedIdentityProviders": ["COGNITO"],
        "callbackUrls": ["https://example.com/in"],
        "logoutUrls": ["https://example.com/out"],
        "preventUserExistenceErrors": "ENABLED",
        "accessTokenValidity": 15,
        "tokenValidityUnits": { "accessToken": "minutes" },
        "readAttributes": ["email", "custom:party_id"],
        "writeAttributes": ["name", "email"],
    },
    change: {
        "name": "web2-{unique}",
        "allowedOauthScopes": ["openid"],
        "callbackUrls": ["https://example.com/in", "https://example.com/in2"],
        "logoutUrls": [],
        "accessTokenValidity": 10,
        "refreshTokenValidity": 1,
        "enableTokenRevocation": false,
        "readAttributes": ["email", "email_verified", "custom:party_id"],
        "writeAttributes": ["email"],
    },
}

#[tokio::test]
async fn a_client_is_changed_and_deleted_again_while_its_pool_is_being_changed() {
    const CHANGING: &[Refusal] = &[("ConcurrentModificationException", "")];
    let cognito = |asked: &Asked| match asked.operation.as_str() {
        "DescribeUserPoolClient" => Answer::Json(json!({ "UserPoolClient": { "ClientId": "c", "UserPoolId": "p" } })),
        _ => done(asked),
    };
    let client: Inputs = inputs(&json!({ "name": "n", "userPoolId": "p" }));
    let late: &[Late] = &[
        ("UpdateUserPoolClient", POOL_IS_BUSY.limit, CHANGING),
        ("DeleteUserPoolClient", POOL_IS_BUSY.limit, CHANGING),
    ];
    let life = async |cx: Cx| {
        let outputs = Outputs::from_sdk(UserPoolClientType::builder().build());
        Adapter::<UserPoolClient>::update(&cx, "c", &client, &client, outputs).await?;
        Adapter::<UserPoolClient>::delete(&cx, "c", &client).await
    };
    is_waited_out("aws:cognito/userPoolClient:UserPoolClient", late, cognito, life).await;
}

/// An empty list is none given, to Cognito, and none given is all attributes.
#[tokio::test]
async fn an_empty_list_of_attributes_is_never_sent() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "CreateUserPoolClient" => Answer::Json(json!({ "UserPoolClient": { "ClientId": "c" } })),
        "DescribeUserPoolClient" => {
            Answer::Json(json!({ "UserPoolClient": { "ClientId": "c", "WriteAttributes": ["email"] } }))
        }
        "ListUserPoolClients" => Answer::Json(json!({ "UserPoolClients": [] })),
        _ => done(asked),
    });
    let cx = stub.cx("aws:cognito/userPoolClient:UserPoolClient");
    let with = |read: serde_json::Value, write: serde_json::Value| -> Inputs {
        inputs(&json!({ "name": "c", "userPoolId": "p", "readAttributes": read, "writeAttributes": write }))
    };
    let (empty, some) = (with(json!([]), json!([])), with(json!(["custom:id", "email"]), json!(["email"])));
    Box::pin(Adapter::<UserPoolClient>::create(&cx, &empty)).await.expect("made");
    Box::pin(Adapter::<UserPoolClient>::create(&cx, &some)).await.expect("made");
    let secret = || Outputs { client_secret: String::new() };
    Box::pin(Adapter::<UserPoolClient>::update(&cx, "c", &some, &empty, secret())).await.expect("changed");
    let sent = |operation: &str, n: usize| {
        let asked = stub.asked(operation);
        (asked[n]["ReadAttributes"].clone(), asked[n]["WriteAttributes"].clone())
    };
    let null = serde_json::Value::Null;
    assert_eq!(sent("CreateUserPoolClient", 0), (null.clone(), null.clone()));
    assert_eq!(sent("CreateUserPoolClient", 1), (json!(["custom:id", "email"]), json!(["email"])));
    assert_eq!(sent("UpdateUserPoolClient", 0), (null, json!(["email"])), "what there is stays");
}

#[test]
fn attributes_of_ones_own_are_named_with_their_prefix() {
    let wrong = |names: serde_json::Value| {
        let inputs = crate::testing::map(&json!({ "writeAttributes": names }));
        Adapter::<UserPoolClient>::check(&inputs).into_iter().map(|f| f.reason).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(wrong(json!(["email", "custom:party_id", "dev:custom:x", "phone_number_verified"])), "");
    assert!(wrong(json!(["party_id"])).ends_with("an attribute of your own is named `custom:party_id`"));
}

#[tokio::test]
async fn the_order_of_attributes_means_nothing() {
    let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
    let made = bench.sample(&sample()).await;
    let mut turned = made.inputs.clone();
    let Some(Value::Array(names)) = turned.get_mut("writeAttributes") else { panic!("a list") };
    names.reverse();
    assert_ne!(turned, made.inputs);
    let diff = bench.diff(&made, &made.inputs, &turned).await;
    assert!(diff.detailed_diff.is_empty() && diff.diffs.is_empty(), "{diff:?}");
    bench.clean_up().await;
}

/// The official provider's form of an import, and the secret in it.
#[tokio::test]
async fn it_is_imported_with_its_pool() {
    let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
    let made = bench.sample(&sample()).await;
    let pool = made.inputs["userPoolId"].as_str().expect("a pool").to_owned();
    let (id, inputs, state) = bench.import(&made.urn, &format!("{pool}/{}", made.id)).await.expect("it is found");
    assert_eq!((id.as_str(), &inputs["userPoolId"]), (made.id.as_str(), &made.inputs["userPoolId"]));
    assert!(matches!(&state["clientSecret"], Value::Secret(secret) if secret.as_str().is_some_and(|s| s.len() > 8)));
    assert_eq!(state["clientSecret"], made.state["clientSecret"]);
    bench.clean_up().await;
}

/// A killed run's client is taken up by its name; one that the state knows, or this run made, is another resource's.
#[tokio::test]
async fn a_client_that_an_interrupted_run_made_is_found() {
    let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
    let made = bench.sample(&sample()).await;
    assert_eq!(bench.remake(&made, &[]).await, made.id);
    assert_ne!(bench.remake(&made, &[&made.id]).await, made.id);
    bench.clean_up().await;
}

#[test]
fn flows_fit_the_client() {
    let wrong = |inputs: serde_json::Value| {
        let inputs = crate::testing::map(&inputs);
        Adapter::<UserPoolClient>::check(&inputs).iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
    };
    let flows = |flows: &[&str], secret: bool, on: bool| {
        wrong(json!({ "allowedOauthFlows": flows, "generateSecret": secret, "allowedOauthFlowsUserPoolClient": on }))
    };
    assert_eq!(flows(&["client_credentials"], true, true), "");
    assert_eq!(flows(&["client_credentials"], false, true), "generateSecret");
    assert_eq!(flows(&["client_credentials", "code"], true, true), "allowedOauthFlows");
    assert_eq!(flows(&["code"], false, false), "allowedOauthFlowsUserPoolClient");
    assert_eq!(
        wrong(json!({ "callbackUrls": ["https://a"], "defaultRedirectUri": "https://b" })),
        "defaultRedirectUri"
    );
    assert_eq!(wrong(json!({ "callbackUrls": ["https://a"], "defaultRedirectUri": "https://a" })), "");
}

#[test]
fn an_id_is_the_last_part_of_what_is_imported() {
    let own_id = <UserPoolClient as AwsResource>::own_id;
    assert_eq!((own_id("pool_1/abc"), own_id("abc")), ("abc", "abc"));
}
