//! The life of a function, and what Lambda shows late or refuses for a while.

use std::time::Duration;

use pulumi::{asset::Asset, value::ToValue};
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{FUNCTION_IS_CHANGING, LAMBDA_IS_THROTTLED, Late, Refusal, TOLD, is_waited_out, wholly},
    },
    testing::{self, Account, Adapter, Bench, CustomResource as _},
};

const TOKEN: &str = "aws:lambda/function:Function";
const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

crate::lifecycle! {
    token: "aws:lambda/function:Function",
    needs: [("aws:iam/role:Role", { "name": "function-{unique}", "assumeRolePolicy": TRUST })],
    sample: {
        "name": "function-{unique}",
        "role": "${0.arn}",
        "runtime": "python3.13",
        "handler": "index.handler",
        "code": { "$archive": { "index.py": "def handler(event, context):\n    return 1\n" } },
        "description": "first",
        "environment": { "variables": { "MODE": "first", "EMPTY": "" } },
        "memorySize": 256,
        "tags": { "a": "1" },
    },
    change: {
        "code": { "$archive": { "index.py": "def handler(event, context):\n    return 2\n" } },
        "description": "",
        "environment": { "variables": { "MODE": "second" } },
        "timeout": 30,
        "reservedConcurrentExecutions": 2,
        "publish": true,
        "tags": { "b": "2" },
    },
}

fn sampled(change: &Json) -> Json {
    let mut function =
        json!({ "name": "f", "role": "r", "runtime": "nodejs22.x", "handler": "i.h", "s3Bucket": "b", "s3Key": "k" });
    function.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    function
}

/// A function as Lambda shows it.
fn shown(change: &Json) -> Answer {
    let mut configuration =
        json!({ "FunctionName": "f", "State": "Active", "LastUpdateStatus": "Successful", "CodeSize": 1 });
    configuration.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    Answer::Json(json!({ "Configuration": configuration, "Code": {} }))
}

/// Whether a call is this one.
fn is(asked: &Asked, operation: &str) -> bool {
    asked.operation == operation
}

#[tokio::test]
async fn a_role_made_a_moment_ago_and_a_function_that_is_being_made_are_waited_for() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("CreateFunction", 0) => Answer::Refused(
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        ("CreateFunction", 1) => {
            Answer::Refused("InvalidParameterValueException", "the KMS key is invalid for CreateGrant.")
        }
        ("GetFunction", 0) => Answer::Refused("ResourceNotFoundException", "Function not found: f"),
        ("GetFunction", 1..5) => shown(&json!({ "State": "Pending" })),
        ("GetFunction", _) => shown(&json!({})),
        _ => done(asked),
    });
    let cx = stub.cx(TOKEN);
    let wanted: Inputs = inputs(&sampled(&json!({})));
    let (made, waited) = Box::pin(Stub::run(Adapter::<Function>::create(&cx, &wanted))).await;
    let made = made.expect("made");
    assert_eq!((made.id.as_str(), made.incomplete), ("f", None));
    assert_eq!(made.outputs.version, LATEST);
    assert_eq!(stub.asked("CreateFunction").len(), 3);
    assert!(waited > Duration::from_millis(500), "{waited:?}");
}

const UNTOLD: &[Refusal] = &[
    ("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."),
    ("InvalidParameterValueException", "The KMS key is invalid for CreateGrant."),
];

/// A function that is there, and settled.
fn settled(asked: &Asked) -> Answer {
    if is(asked, "GetFunction") { shown(&json!({})) } else { done(asked) }
}

#[tokio::test]
async fn a_function_is_made_again_until_its_role_and_key_are_known_and_ec2_lets_lambda_through() {
    let function: Inputs = inputs(&sampled(&json!({})));
    let late: &[Late] =
        &[("CreateFunction", TOLD, UNTOLD), ("CreateFunction", FUNCTION_IS_BUSY.limit, &[LAMBDA_IS_THROTTLED])];
    let make = async |cx: Cx| wholly(Box::pin(Adapter::<Function>::create(&cx, &function)).await?);
    is_waited_out(TOKEN, late, settled, make).await;
    // of its name another change is under way: this is no function that exists
    let busy = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("CreateFunction", before @ 0..3) => {
            Answer::Refused(FUNCTION_IS_CHANGING[before].0, FUNCTION_IS_CHANGING[before].1)
        }
        _ => settled(asked),
    });
    let (made, _) = Box::pin(Stub::run(Adapter::<Function>::create(&busy.cx(TOKEN), &function))).await;
    assert_eq!((made.expect("made").incomplete, busy.asked("CreateFunction").len()), (None, 4));
}

#[tokio::test]
async fn each_change_of_a_function_is_made_again_while_another_one_is_under_way() {
    let old: Inputs = inputs(&sampled(&json!({})));
    let new: Inputs = inputs(&sampled(&json!({
        "timeout": 9, "s3Key": "other", "publish": true, "reservedConcurrentExecutions": 1, "codeSigningConfigArn": "c",
    })));
    let limit = FUNCTION_IS_BUSY.limit;
    let late: &[Late] = &[
        ("PutFunctionCodeSigningConfig", limit, FUNCTION_IS_CHANGING),
        ("UpdateFunctionConfiguration", TOLD, UNTOLD),
        ("UpdateFunctionConfiguration", limit, FUNCTION_IS_CHANGING),
        ("UpdateFunctionCode", TOLD, UNTOLD),
        ("UpdateFunctionCode", limit, FUNCTION_IS_CHANGING),
        ("PutFunctionConcurrency", limit, FUNCTION_IS_CHANGING),
        ("PublishVersion", limit, FUNCTION_IS_CHANGING),
        ("DeleteFunctionCodeSigningConfig", limit, FUNCTION_IS_CHANGING),
        ("DeleteFunctionConcurrency", limit, FUNCTION_IS_CHANGING),
    ];
    let change = async |cx: Cx| {
        let known = || outputs(&cx, "f", FunctionConfiguration::builder().build(), LATEST);
        Box::pin(Adapter::<Function>::update(&cx, "f", &old, &new, known())).await?;
        Box::pin(Adapter::<Function>::update(&cx, "f", &new, &old, known())).await.map(drop)
    };
    is_waited_out(TOKEN, late, settled, change).await;
}

#[tokio::test]
async fn a_function_is_deleted_when_nothing_else_changes_it() {
    let function: Inputs =
        inputs(&sampled(&json!({ "replaceSecurityGroupsOnDestroy": true, "replacementSecurityGroupIds": ["other"] })));
    let lambda = |asked: &Asked| match (asked.operation.as_str(), asked.before) {
        ("GetFunction", 0..2) => {
            shown(&json!({ "VpcConfig": { "VpcId": "v", "SubnetIds": ["s"], "SecurityGroupIds": ["own"] } }))
        }
        ("GetFunction", _) => Answer::Refused("ResourceNotFoundException", "Function not found: f"),
        _ => done(asked),
    };
    let late: &[Late] = &[
        ("UpdateFunctionConfiguration", FUNCTION_IS_BUSY.limit, FUNCTION_IS_CHANGING),
        ("DeleteFunction", FUNCTION_IS_BUSY.limit, FUNCTION_IS_CHANGING),
    ];
    is_waited_out(TOKEN, late, lambda, async |cx| Adapter::<Function>::delete(&cx, "f", &function).await).await;
}

#[tokio::test]
async fn a_function_that_lambda_could_not_make_is_kept_with_the_reason() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "GetFunction" => shown(&json!({
            "State": "Failed", "StateReasonCode": "SubnetOutOfIPAddresses", "StateReason": "no addresses are left",
        })),
        _ => done(asked),
    });
    let wanted: Inputs = inputs(&sampled(&json!({})));
    let (made, waited) = Box::pin(Stub::run(Adapter::<Function>::create(&stub.cx(TOKEN), &wanted))).await;
    let error = made.expect("made").incomplete.expect("not wholly");
    assert_eq!(error.message, "SubnetOutOfIPAddresses: no addresses are left");
    assert!(waited.is_zero(), "{waited:?}");
}

async fn update(stub: &std::sync::Arc<Stub>, old: &Json, new: &Json) -> Result<Outputs, Error> {
    let cx = stub.cx(TOKEN);
    let known = outputs(&cx, "f", FunctionConfiguration::builder().build(), LATEST);
    let [old, new]: [Inputs; 2] = [inputs(&sampled(old)), inputs(&sampled(new))];
    Stub::run(Adapter::<Function>::update(&cx, "f", &old, &new, known)).await.0
}

fn calls(stub: &Stub) -> Vec<String> {
    stub.operations()
        .into_iter()
        .filter(|operation| !operation.starts_with("Get") && !operation.starts_with("List"))
        .collect()
}

#[tokio::test]
async fn a_change_is_the_calls_that_it_takes_one_after_the_other() {
    let lambda = || {
        Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("UpdateFunctionCode" | "UpdateFunctionConfiguration", 0) => Answer::Refused(
                "ResourceConflictException",
                "The operation cannot be performed at this time. An update is in progress for resource: f",
            ),
            ("GetFunction", 0..3) => shown(&json!({ "LastUpdateStatus": "InProgress" })),
            ("GetFunction", _) => shown(&json!({})),
            ("PublishVersion", _) => Answer::Json(json!({ "Version": "7" })),
            ("ListVersionsByFunction", _) => {
                Answer::Json(json!({ "Versions": [{ "Version": "$LATEST" }, { "Version": "10" }, { "Version": "9" }] }))
            }
            _ => done(asked),
        })
    };
    let nothing = lambda();
    let unchanged = update(&nothing, &json!({}), &json!({ "skipDestroy": true })).await.expect("updated");
    assert_eq!((calls(&nothing), unchanged.version.as_str()), (vec![], "10"));

    let code = lambda();
    update(&code, &json!({}), &json!({ "s3Key": "other" })).await.expect("updated");
    assert_eq!(calls(&code), ["UpdateFunctionCode", "UpdateFunctionCode"]);
    assert_eq!(code.asked("UpdateFunctionCode")[1], json!({ "S3Bucket": "b", "S3Key": "other" }));

    let settings = lambda();
    update(&settings, &json!({}), &json!({ "timeout": 9 })).await.expect("updated");
    assert_eq!(settings.asked("UpdateFunctionConfiguration")[1], json!({ "Timeout": 9 }));
    assert!(settings.asked("UpdateFunctionCode").is_empty());

    let both = lambda();
    let new = json!({ "timeout": 9, "sourceCodeHash": "h", "publish": true, "reservedConcurrentExecutions": 0 });
    update(&both, &json!({ "sourceCodeHash": "g" }), &new).await.expect("updated");
    let twice = |call: &'static str| [call, call];
    let wanted = [twice("UpdateFunctionConfiguration"), twice("UpdateFunctionCode")].concat();
    assert_eq!(calls(&both), [wanted, vec!["PutFunctionConcurrency", "PublishVersion"]].concat());

    let freed = lambda();
    update(&freed, &json!({ "reservedConcurrentExecutions": 0 }), &json!({})).await.expect("updated");
    assert_eq!(calls(&freed), ["DeleteFunctionConcurrency"]);
}

#[tokio::test]
async fn what_goes_is_sent_empty_and_what_aws_chose_stays() {
    let stub = Stub::new(|asked| if is(asked, "GetFunction") { shown(&json!({})) } else { done(asked) });
    let old = json!({
        "deadLetterConfig": { "targetArn": "q" },
        "description": "d",
        "environment": { "variables": { "A": "1" } },
        "ephemeralStorage": { "size": 1024 },
        "fileSystemConfig": { "arn": "a", "localMountPath": "/mnt/a" },
        "kmsKeyArn": "k",
        "layers": ["l"],
        "loggingConfig": { "logFormat": "JSON" },
        "snapStart": { "applyOn": "PublishedVersions" },
        "tracingConfig": { "mode": "Active" },
        "vpcConfig": { "subnetIds": ["s"], "securityGroupIds": ["g"] },
    });
    update(&stub, &old, &json!({})).await.expect("updated");
    let sent = json!({
        "DeadLetterConfig": { "TargetArn": "" },
        "Description": "",
        "Environment": { "Variables": {} },
        "FileSystemConfigs": [],
        "KMSKeyArn": "",
        "Layers": [],
        "SnapStart": { "ApplyOn": "None" },
        "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": false },
    });
    assert_eq!(stub.asked("UpdateFunctionConfiguration"), [sent]);
}

#[tokio::test]
async fn another_key_encrypts_the_variables_again() {
    let stub = Stub::new(|asked| if is(asked, "GetFunction") { shown(&json!({})) } else { done(asked) });
    let environment = json!({ "environment": { "variables": { "A": "1" } } });
    let mut with_key = environment.clone();
    with_key["kmsKeyArn"] = json!("k");
    update(&stub, &environment, &with_key).await.expect("updated");
    let sent = json!({ "KMSKeyArn": "k", "Environment": { "Variables": { "A": "1" } } });
    assert_eq!(stub.asked("UpdateFunctionConfiguration"), [sent]);
}

#[tokio::test]
async fn a_change_that_lambda_could_not_make_fails_with_the_reason() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "GetFunction" => shown(&json!({
            "LastUpdateStatus": "Failed", "LastUpdateStatusReasonCode": "ImageDeleted", "LastUpdateStatusReason": "gone",
        })),
        _ => done(asked),
    });
    let error = update(&stub, &json!({}), &json!({ "timeout": 9 })).await.expect_err("it failed");
    assert_eq!(error.message, "changing its settings: ImageDeleted: gone");
}

#[tokio::test]
async fn what_is_empty_on_lambda_is_not_there() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "GetFunction" => shown(&json!({
            "Description": "",
            "DeadLetterConfig": {},
            "Environment": { "Variables": {} },
            "ImageConfigResponse": { "ImageConfig": {} },
            "KMSKeyArn": "",
            "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
            "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [], "VpcId": "" },
            "MemorySize": 128, "Timeout": 3, "PackageType": "Zip", "Role": "r",
        })),
        "GetFunctionCodeSigningConfig" => Answer::Refused("AccessDeniedException", "not in this region"),
        _ => done(asked),
    });
    let mut cx = stub.cx(TOKEN);
    let (live, _) = Stub::run(Adapter::<Function>::read(&cx, "f")).await;
    let Value::Object(live) = live.expect("read").expect("there").inputs.to_value() else { panic!("an object") };
    let given: Vec<_> =
        live.iter().filter(|(_, value)| **value != Value::Null).map(|(name, _)| name.as_str()).collect();
    let by_default = ["memorySize", "name", "packageType", "reservedConcurrentExecutions", "role", "timeout"];
    let own = ["layers", "publish", "replaceSecurityGroupsOnDestroy", "replacementSecurityGroupIds", "skipDestroy"];
    let mut wanted = [by_default.as_slice(), &own].concat();
    wanted.sort_unstable();
    assert_eq!(given, wanted);
    // whoever asked for code signing is told that it cannot be read
    cx.inputs.insert("codeSigningConfigArn".to_owned(), "c".to_value());
    let (refused, _) = Stub::run(Adapter::<Function>::read(&cx, "f")).await;
    assert!(refused.expect_err("denied").message.starts_with("reading its code signing: AccessDeniedException"));
}

#[tokio::test]
async fn an_environment_that_cannot_be_decrypted_is_not_taken_for_none() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "GetFunction" => {
            let error = json!({ "ErrorCode": "AccessDeniedException", "Message": "no kms:Decrypt" });
            shown(&json!({ "Environment": { "Error": error } }))
        }
        _ => done(asked),
    });
    let (refused, _) = Stub::run(Adapter::<Function>::read(&stub.cx(TOKEN), "f")).await;
    let refused = refused.expect_err("it cannot be read");
    assert_eq!(refused.message, "reading its environment: AccessDeniedException: no kms:Decrypt");
    assert!(refused.hint.is_some_and(|hint| hint.contains("kms:Decrypt")));
}

#[test]
fn nothing_said_in_so_many_words_is_no_drift() {
    let said = testing::map(&json!({
        "environment": { "variables": {} }, "imageConfig": { "commands": [] },
        "vpcConfig": { "subnetIds": [], "securityGroupIds": [] },
    }));
    let mut live = Map::new();
    settings::reduce(Some(&said), &mut live);
    assert_eq!(live, said);
    let said =
        testing::map(&json!({ "environment": { "variables": { "A": "1" } }, "imageConfig": { "commands": ["c"] } }));
    let mut live = Map::new();
    settings::reduce(Some(&said), &mut live);
    assert_eq!(live, Map::new(), "what was taken away behind our back is");
}

#[tokio::test]
async fn a_function_is_deleted_when_lambda_shows_it_no_more() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("DeleteFunction", 0) => Answer::Refused("ResourceConflictException", "An update is in progress"),
        ("GetFunction", 0..4) => shown(&json!({ "State": "Deleting" })),
        ("GetFunction", _) => Answer::Refused("ResourceNotFoundException", "Function not found: f"),
        _ => done(asked),
    });
    let function: Inputs = inputs(&sampled(&json!({})));
    Stub::run(Adapter::<Function>::delete(&stub.cx(TOKEN), "f", &function)).await.0.expect("deleted");
    assert_eq!((stub.asked("DeleteFunction").len(), stub.asked("GetFunction").len()), (2, 5));

    let edge = Stub::new(|_| {
        Answer::Refused(
            "InvalidParameterValueException",
            "Lambda was unable to delete f because it is a replicated function.",
        )
    });
    let (refused, waited) = Stub::run(Adapter::<Function>::delete(&edge.cx(TOKEN), "f", &function)).await;
    assert!(refused.expect_err("replicas").hint.is_some_and(|hint| hint.contains("replicas")) && waited.is_zero());

    let kept = Stub::new(done);
    let function: Inputs = inputs(&sampled(&json!({ "skipDestroy": true })));
    Stub::run(Adapter::<Function>::delete(&kept.cx(TOKEN), "f", &function)).await.0.expect("left");
    assert_eq!(kept.operations(), Vec::<String>::new());
}

#[tokio::test]
async fn its_interfaces_get_other_groups_before_it_is_deleted() {
    let in_vpc = json!({ "VpcConfig": { "VpcId": "vpc-1", "SubnetIds": ["s"], "SecurityGroupIds": ["own"] } });
    let script = move |asked: &Asked| match asked.operation.as_str() {
        "GetFunction" if asked.before < 2 => shown(&in_vpc),
        "GetFunction" => Answer::Refused("ResourceNotFoundException", "Function not found: f"),
        "DescribeSecurityGroups" => {
            Answer::Xml("<securityGroupInfo><item><groupId>default</groupId></item></securityGroupInfo>".to_owned())
        }
        _ => done(asked),
    };
    for (more, group) in [(json!([]), "default"), (json!(["other"]), "other")] {
        let stub = Stub::new(script.clone());
        let with = json!({ "replaceSecurityGroupsOnDestroy": true, "replacementSecurityGroupIds": more });
        let function: Inputs = inputs(&sampled(&with));
        Stub::run(Adapter::<Function>::delete(&stub.cx(TOKEN), "f", &function)).await.0.expect("deleted");
        let sent = json!({ "VpcConfig": { "SubnetIds": ["s"], "SecurityGroupIds": [group] } });
        assert_eq!(stub.asked("UpdateFunctionConfiguration"), [sent]);
        assert_eq!(
            calls(&stub),
            [
                if group == "default" { vec!["DescribeSecurityGroups"] } else { vec![] },
                vec!["UpdateFunctionConfiguration", "DeleteFunction"],
            ]
            .concat()
        );
    }
}

#[test]
fn code_is_put_again_when_it_is_other_code() {
    let function = |change: &Json| -> Inputs { inputs(&sampled(change)) };
    let is_changed = |old: &Json, new: &Json| code::is_changed(&function(old), &function(new));
    assert!(!is_changed(&json!({}), &json!({ "timeout": 9 })));
    assert!(is_changed(&json!({}), &json!({ "s3ObjectVersion": "2" })));
    assert!(is_changed(&json!({ "codeSha256": "live" }), &json!({ "codeSha256": "wanted" })));
    assert!(!is_changed(&json!({ "codeSha256": "live", "architectures": ["x86_64"] }), &json!({})));
    assert!(is_changed(&json!({ "architectures": ["x86_64"] }), &json!({ "architectures": ["arm64"] })));
    let with = |text: &str| {
        let code = Archive::assets([("index.js", Asset::string(text))]).hashed().expect("a hash");
        Inputs { code: Some(code), ..function(&json!({})) }
    };
    assert!(code::is_changed(&with("1"), &with("2")) && !code::is_changed(&with("1"), &with("1")));
}

/// A secret variable stays one, in the inputs and in the state.
#[tokio::test]
async fn a_secret_in_the_environment_stays_secret() {
    let mut bench = Bench::new(Account::Member).await;
    let made = bench.sample(&sample()).await;
    let mut hushed = made.inputs.clone();
    let variables = Value::Object([("MODE".to_owned(), "first".to_value().secret())].into());
    hushed.insert("environment".to_owned(), Value::Object([("variables".to_owned(), variables)].into()));
    let made = bench.update(&made, hushed.clone(), false).await;
    assert!(made.state["environment"].has_secret());
    let (inputs, state) = bench.read(&made, Some(&hushed)).await.expect("it is there");
    assert!(inputs["environment"].has_secret() && state["environment"].has_secret());
    bench.clean_up().await;
}

#[tokio::test]
async fn adopts() {
    testing::adopts(sample()).await;
}
