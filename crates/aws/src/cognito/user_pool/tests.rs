//! The life of a pool, and the changes of it that are refused.

use pulumi::value::ToValue;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    recovery::TAG,
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, TOLD, is_waited_out, wholly},
    },
    testing::{Adapter, Bench, CustomResource as _},
};

crate::lifecycle! {
    token: "aws:cognito/userPool:UserPool",
    needs: [],
    sample: {
        "name": "pool-{unique}",
        "usernameAttributes": ["email"],
        "autoVerifiedAttributes": ["email"],
        "passwordPolicy": { "minimumLength": 12, "requireLowercase": true, "requireNumbers": true },
        "mfaConfiguration": "ON",
        "softwareTokenMfaConfiguration": { "enabled": true },
        "adminCreateUserConfig": { "allowAdminCreateUserOnly": true },
        "schemas": [
            { "name": "party_id", "attributeDataType": "String", "mutable": true, "stringAttributeConstraints": { "minLength": "0", "maxLength": "2048" } },
            { "name": "email", "attributeDataType": "String", "required": true, "mutable": true },
            { "name": "user_id", "attributeDataType": "Number" },
        ],
        "tags": { "a": "1" },
    },
    change: {
        "name": "pool-{unique}-renamed",
        "passwordPolicy": { "minimumLength": 14, "requireSymbols": true, "temporaryPasswordValidityDays": 1 },
        "mfaConfiguration": "OPTIONAL",
        "adminCreateUserConfig": { "allowAdminCreateUserOnly": false },
        "autoVerifiedAttributes": [],
        "emailVerificationSubject": "your code",
        "lambdaConfig": { "preSignUp": "arn:aws:lambda:ap-southeast-2:111122223333:function:sign-up" },
        "accountRecoverySetting": { "recoveryMechanisms": [{ "name": "admin_only", "priority": 1 }] },
        "schemas": [
            { "name": "jurisdiction", "attributeDataType": "String", "mutable": true },
            { "name": "party_id", "attributeDataType": "String", "mutable": true, "stringAttributeConstraints": { "minLength": "0", "maxLength": "2048" } },
            { "name": "email", "attributeDataType": "String", "required": true, "mutable": true },
            { "name": "user_id", "attributeDataType": "Number" },
        ],
        "tags": { "b": "2" },
    },
}

#[tokio::test]
async fn a_pool_waits_for_the_role_that_sends_its_messages_and_for_other_changes_of_it() {
    const UNTOLD: &[Refusal] =
        &[("InvalidSmsRoleAccessPolicyException", ""), ("InvalidSmsRoleTrustRelationshipException", "")];
    const CHANGING: &[Refusal] = &[("ConcurrentModificationException", "")];
    let cognito = |asked: &Asked| match asked.operation.as_str() {
        "CreateUserPool" | "DescribeUserPool" => Answer::Json(json!({ "UserPool": { "Id": "p", "Name": "n" } })),
        _ => done(asked),
    };
    let pool: Inputs =
        inputs(&json!({ "name": "n", "mfaConfiguration": "ON", "softwareTokenMfaConfiguration": { "enabled": true } }));
    let late: &[Late] = &[
        ("CreateUserPool", TOLD, UNTOLD),
        ("SetUserPoolMfaConfig", TOLD, UNTOLD),
        ("SetUserPoolMfaConfig", POOL_IS_BUSY.limit, CHANGING),
        ("UpdateUserPool", TOLD, UNTOLD),
        ("UpdateUserPool", POOL_IS_BUSY.limit, CHANGING),
        ("DeleteUserPool", POOL_IS_BUSY.limit, CHANGING),
    ];
    let life = async |cx: Cx| {
        let made = Box::pin(Adapter::<UserPool>::create(&cx, &pool)).await?;
        let outputs = made.outputs.clone();
        wholly(made)?;
        Box::pin(Adapter::<UserPool>::update(&cx, "p", &pool, &pool, outputs)).await?;
        Adapter::<UserPool>::delete(&cx, "p", &pool).await
    };
    is_waited_out("aws:cognito/userPool:UserPool", late, cognito, life).await;
}

#[tokio::test]
async fn a_second_look_at_a_pool_of_an_interrupted_run_that_finds_nothing_is_repeated() {
    const TOKEN: &str = "aws:cognito/userPool:UserPool";
    let owner = Stub::new(done).cx(TOKEN).identity.value();
    let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
        ("ListUserPools", _) => Answer::Json(json!({ "UserPools": [{ "Id": "p", "Name": "n" }] })),
        ("ListTagsForResource", _) => Answer::Json(json!({ "Tags": { TAG: owner.clone() } })),
        // it is found by its name
        ("DescribeUserPool", 1..4) => Answer::Refused("ResourceNotFoundException", "not yet"),
        ("DescribeUserPool", _) => {
            Answer::Json(json!({ "UserPool": { "Id": "p", "Name": "n", "UserPoolTags": { TAG: owner.clone() } } }))
        }
        _ => done(asked),
    });
    let cx = stub.cx(TOKEN);
    cx.recovery.begin([].into(), [].into());
    let (made, _) = Stub::run(Box::pin(Adapter::<UserPool>::create(&cx, &inputs(&json!({ "name": "n" }))))).await;
    let made = made.expect("taken up");
    assert_eq!((made.id.as_str(), made.incomplete), ("p", None));
    assert!(stub.asked("CreateUserPool").is_empty());
    // found, three looks for nothing, read, and read again by the update
    assert_eq!(stub.asked("DescribeUserPool").len(), 6);
}

/// What is protected is refused with the way out, and goes once the protection has.
#[tokio::test]
async fn a_protected_pool_is_not_deleted() {
    let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
    let made = bench
        .create("aws:cognito/userPool:UserPool", &json!({ "name": "kept-{unique}", "deletionProtection": "ACTIVE" }))
        .await;
    let refused = bench.try_delete(&made).await.expect_err("it is protected");
    assert!(refused.contains("hint: its users go with it"), "{refused}");
    let open = bench.change(&made, &json!({ "name": "kept-{unique}" })).await;
    bench.try_delete(&open).await.expect("it is not protected any more");
}

/// A killed run's pool is taken up again; one that the state knows is another resource's.
#[tokio::test]
async fn a_pool_that_an_interrupted_run_made_is_found() {
    let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
    let made = bench.sample(&sample()).await;
    bench
        .change(
            &made,
            &json!({ "name": "pool-{unique}", "usernameAttributes": ["email"], "schemas": sample().sample["schemas"] }),
        )
        .await;
    assert_eq!(bench.remake(&made, &[]).await, made.id);
    let (inputs, _) = bench.read(&made, Some(&made.inputs)).await.expect("it is there");
    assert_eq!(inputs, made.inputs, "it is made what it should be");
    let other = bench.remake(&made, &[&made.id]).await;
    assert_ne!(other, made.id);
    bench.try_delete(&crate::testing::Made { id: other, ..made }).await.expect("deleted");
    bench.clean_up().await;
}

/// What somebody set by hand, and the program does not speak of, survives an update.
#[tokio::test]
async fn an_update_keeps_what_nobody_asked_for() {
    let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
    let invitation =
        json!({ "emailSubject": "welcome", "emailMessage": "{username} {####}", "smsMessage": "{username} {####}" });
    let with = json!({
        "name": "kept-{unique}",
        "adminCreateUserConfig": { "allowAdminCreateUserOnly": true, "inviteMessageTemplate": invitation },
        "mfaConfiguration": "ON",
        "softwareTokenMfaConfiguration": { "enabled": true },
    });
    let made = bench.create("aws:cognito/userPool:UserPool", &with).await;
    let mut without = with.clone();
    without["adminCreateUserConfig"] = json!({ "allowAdminCreateUserOnly": true });
    without["deviceConfiguration"] = json!({ "challengeRequiredOnNewDevice": true });
    let changed = bench.change(&made, &without).await;
    let (_, live) = bench.read(&changed, None).await.expect("it is there");
    let live = Value::Object(live).to_json();
    assert_eq!(live["adminCreateUserConfig"]["inviteMessageTemplate"], invitation);
    assert_eq!((&live["mfaConfiguration"], &live["usernameAttributes"]), (&json!("ON"), &Json::Null));
    bench.clean_up().await;
}

/// The attribute of a killed run is there already: it is not added twice.
#[tokio::test]
async fn attributes_that_are_there_are_not_added_again() {
    let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
    let attribute = |name: &str| json!({ "name": name, "attributeDataType": "String", "mutable": true });
    let with = |names: &[&str]| json!({ "name": "grown-{unique}", "schemas": names.iter().map(|n| attribute(n)).collect::<Vec<_>>() });
    let made = bench.create("aws:cognito/userPool:UserPool", &with(&["a"])).await;
    bench.change(&made, &with(&["a", "b"])).await;
    // as the state of the killed run would have it
    let grown = bench.change(&made, &with(&["c", "a", "b"])).await;
    let (inputs, _) = bench.read(&grown, Some(&grown.inputs)).await.expect("it is there");
    assert_eq!(inputs, grown.inputs);
    let refused = bench.refusals(&grown, &with(&["a", "b"])).await;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(
        refused[0].contains("attribute `c` is gone; attributes of a user pool that exists can only be added\nhint: ")
    );
    bench.clean_up().await;
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => b.to_value(),
        Json::Number(n) => Value::Number(n.as_f64().expect("a number")),
        Json::String(s) if s == "?" => Value::Unknown,
        Json::String(s) => s.to_value(),
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::Object(fields) => Value::Object(fields.iter().map(|(k, v)| (k.clone(), value(v))).collect()),
    }
}

fn map(json: &Json) -> Map {
    match value(json) {
        Value::Object(map) => map,
        other => panic!("{other:?}"),
    }
}

fn refused(old: &Json, new: &Json) -> String {
    schema::frozen(&map(old), &map(new)).iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
}

#[test]
fn how_users_sign_in_stays() {
    let by = |attributes: &[&str]| json!({ "usernameAttributes": attributes });
    assert_eq!(refused(&by(&["email", "phone_number"]), &by(&["phone_number", "email"])), "");
    assert_eq!(refused(&by(&["email"]), &json!({})), "usernameAttributes");
    assert_eq!(refused(&json!({}), &by(&["email"])), "usernameAttributes");
    assert_eq!(refused(&by(&["email"]), &json!({ "usernameAttributes": "?" })), "");
    assert_eq!(refused(&json!({ "aliasAttributes": ["email"] }), &json!({})), "aliasAttributes");
    let case = |sensitive: bool| json!({ "usernameConfiguration": { "caseSensitive": sensitive } });
    assert_eq!(refused(&case(true), &case(false)), "usernameConfiguration");
    assert_eq!((refused(&case(true), &case(true)), refused(&case(true), &json!({}))), (String::new(), String::new()));
    assert_eq!(refused(&json!({ "region": "a" }), &json!({ "region": "b" })), "region");
    assert_eq!(refused(&json!({ "region": "a", "name": "x" }), &json!({ "region": "a", "name": "y" })), "");
}

#[test]
fn attributes_are_only_added() {
    let pool = |schemas: Json| json!({ "schemas": schemas });
    let id = json!({ "name": "user_id", "attributeDataType": "String", "mutable": true });
    let worded = json!({ "name": "user_id", "attributeDataType": "String", "mutable": true, "required": false, "developerOnlyAttribute": false });
    let fixed = json!({ "name": "user_id", "attributeDataType": "String" });
    let number = json!({ "name": "party", "attributeDataType": "Number" });
    let email = json!({ "name": "email", "attributeDataType": "String", "required": true });
    assert_eq!(refused(&pool(json!([id])), &pool(json!([number, id]))), "");
    assert_eq!(refused(&pool(json!([id])), &pool(json!([worded]))), "");
    assert_eq!(refused(&pool(json!([id])), &pool(json!([fixed]))), "schemas[0]");
    assert_eq!(refused(&pool(json!([id, number])), &pool(json!([number]))), "schemas");
    assert_eq!(refused(&pool(json!([id])), &json!({})), "schemas");
    assert_eq!(refused(&pool(json!([id])), &pool(json!([id, email]))), "schemas[1]");
    assert_eq!(refused(&pool(json!([email, id])), &pool(json!([id, email]))), "");
    // what is not known yet is judged when it is
    assert_eq!(refused(&pool(json!([id])), &pool(json!("?"))), "");
    assert_eq!(refused(&pool(json!([id])), &pool(json!([{ "name": "?", "attributeDataType": "String" }]))), "");
    let unknown = json!({ "name": "user_id", "attributeDataType": "?", "mutable": true });
    assert_eq!(refused(&pool(json!([id])), &pool(json!([unknown]))), "");
}

#[test]
fn inputs_that_aws_would_refuse_are_refused_at_once() {
    let wrong = |inputs: Json| {
        let failures = Adapter::<UserPool>::check(&map(&inputs));
        failures.iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
    };
    let attribute = |name: &str| json!({ "name": name, "attributeDataType": "String", "required": true });
    assert_eq!(wrong(json!({ "schemas": [attribute("email"), attribute("mine")] })), "schemas[1]");
    assert_eq!(wrong(json!({ "schemas": [{ "name": "custom:mine", "attributeDataType": "String" }] })), "schemas[0]");
    assert_eq!(wrong(json!({ "schemas": [attribute("email"), attribute("email")] })), "schemas[1]");
    assert_eq!(wrong(json!({ "mfaConfiguration": "ON" })), "mfaConfiguration");
    assert_eq!(wrong(json!({ "mfaConfiguration": "ON", "softwareTokenMfaConfiguration": "?" })), "");
    assert_eq!(wrong(json!({ "aliasAttributes": ["email"], "usernameAttributes": ["email"] })), "aliasAttributes");
    let twice = json!({ "emailVerificationSubject": "a", "verificationMessageTemplate": { "emailSubject": "b" } });
    assert_eq!(wrong(twice), "emailVerificationSubject");
    let same = json!({ "emailVerificationSubject": "a", "verificationMessageTemplate": { "emailSubject": "a" } });
    assert_eq!(wrong(same), "", "as an import has it");
}

#[test]
fn what_is_live_is_told_in_the_words_of_the_program() {
    let standard = json!({ "name": "email", "attributeDataType": "String", "mutable": true, "stringAttributeConstraints": { "minLength": "0", "maxLength": "2048" } });
    let sub = json!({ "name": "sub", "attributeDataType": "String", "required": true, "stringAttributeConstraints": { "minLength": "1", "maxLength": "2048" } });
    let strict = json!({ "name": "gender", "attributeDataType": "String", "mutable": true, "required": true });
    let own = json!({ "name": "user_id", "attributeDataType": "String" });
    let live = json!({
        "mfaConfiguration": "OFF",
        "schemas": [sub, standard, strict, own],
        "lambdaConfig": { "preTokenGeneration": "f", "preTokenGenerationConfig": { "lambdaArn": "f", "lambdaVersion": "V2_0" } },
    });
    let told = |olds: Option<Json>| {
        let mut live = map(&live);
        schema::reduce(olds.map(|olds| map(&olds)).as_ref(), &mut live);
        Value::Object(live).to_json()
    };
    let imported = told(None);
    assert_eq!(imported["schemas"], json!([strict, own]));
    assert_eq!(
        imported["lambdaConfig"].as_object().map(|l| l.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["preTokenGenerationConfig".to_owned()])
    );
    let olds = json!({
        "schemas": [standard],
        "softwareTokenMfaConfiguration": { "enabled": true },
        "userPoolAddOns": { "advancedSecurityMode": "OFF" },
        "deviceConfiguration": { "challengeRequiredOnNewDevice": true },
    });
    let refreshed = told(Some(olds.clone()));
    assert_eq!(refreshed["schemas"], json!([standard, own]), "an attribute that somebody added shows");
    for property in ["softwareTokenMfaConfiguration", "userPoolAddOns"] {
        assert_eq!(refreshed[property], olds[property], "{property}");
    }
    assert_eq!(refreshed["deviceConfiguration"], Json::Null, "what was turned off behind our back shows");
}

#[test]
fn names_are_told_without_what_aws_puts_before_them() {
    assert_eq!(["custom:a", "dev:custom:a", "email", "a"].map(schema::bare), ["a", "a", "email", "a"]);
    assert_eq!(schema::bare("custom:email"), "custom:email", "it is another one than the standard one");
}

/// AWS sets to its default what an update does not name, so the tags go along; one that DescribeUserPool shows still,
/// though it was taken away a moment ago, does not come back.
#[tokio::test]
async fn an_update_sends_the_tags_again() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "DescribeUserPool" => Answer::Json(json!({ "UserPool": {
            "Id": "p", "Name": "pool", "Policies": { "PasswordPolicy": { "TemporaryPasswordValidityDays": 7 } },
            "AdminCreateUserConfig": { "AllowAdminCreateUserOnly": true, "UnusedAccountValidityDays": 7 },
            "UserPoolTags": { "aws:cloudformation:stack-name": "s", "pulumi:identity": "i", "theirs": "1", "old": "2", "tenant_id": "x" },
        } })),
        _ => done(asked),
    });
    let cx = stub.cx("aws:cognito/userPool:UserPool");
    let old: Inputs = inputs(&json!({ "name": "pool", "tags": { "old": "2" } }));
    let new: Inputs = inputs(&json!({ "name": "renamed" }));
    let none = String::new;
    let outputs = Outputs { arn: none(), endpoint: none(), creation_date: none(), custom_domain: None, domain: None };
    Stub::run(Box::pin(Adapter::<UserPool>::update(&cx, "p", &old, &new, outputs))).await.0.expect("changed");
    let sent = &stub.asked("UpdateUserPool")[0];
    assert_eq!(sent["UserPoolTags"], json!({ "pulumi:identity": "i", "theirs": "1", "tenant_id": "test" }));
    assert_eq!(
        sent["AdminCreateUserConfig"],
        json!({ "AllowAdminCreateUserOnly": true }),
        "not by its older name, too"
    );
}

#[tokio::test]
async fn a_new_pool_names_the_days_of_a_password_once() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "CreateUserPool" => Answer::Json(json!({ "UserPool": { "Id": "p", "Name": "pool" } })),
        _ => done(asked),
    });
    let pool: Inputs = inputs(&json!({
        "name": "pool", "adminCreateUserConfig": { "allowAdminCreateUserOnly": true },
        "passwordPolicy": { "temporaryPasswordValidityDays": 3 }, "usernameConfiguration": { "caseSensitive": false },
    }));
    let cx = stub.cx("aws:cognito/userPool:UserPool");
    Stub::run(Box::pin(Adapter::<UserPool>::create(&cx, &pool))).await.0.expect("made");
    let sent = &stub.asked("CreateUserPool")[0];
    assert_eq!(sent["AdminCreateUserConfig"], json!({ "AllowAdminCreateUserOnly": true }));
    assert_eq!(sent["UsernameConfiguration"], json!({ "CaseSensitive": false }));
    assert_eq!(sent["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"], 3);
}

/// A pool whose names are the same in any writing: read back, imported, and refused a change.
mod case_insensitive {
    use super::{Bench, json};

    crate::lifecycle! {
        token: "aws:cognito/userPool:UserPool",
        needs: [],
        sample: { "name": "any-case-{unique}", "usernameConfiguration": { "caseSensitive": false } },
        change: { "name": "any-case-{unique}-renamed" },
    }

    #[tokio::test]
    async fn it_stays_so() {
        let mut bench = Bench::new(crate::testing::Account::Member).await;
        let made = bench.sample(&sample()).await;
        let (live, _) = bench.read(&made, None).await.expect("it is there");
        assert_eq!(
            pulumi::value::Value::Object(live).to_json()["usernameConfiguration"],
            json!({ "caseSensitive": false })
        );
        let with = |configuration| json!({ "name": "any-case-{unique}", "usernameConfiguration": configuration });
        let refused = bench.refusals(&made, &with(json!({ "caseSensitive": true }))).await;
        assert!(
            refused.len() == 1 && refused[0].contains("`usernameConfiguration` of a user pool that exists"),
            "{refused:?}"
        );
        assert_eq!(bench.refusals(&made, &with(json!({ "caseSensitive": false }))).await, Vec::<String>::new());
        bench.clean_up().await;
    }
}
