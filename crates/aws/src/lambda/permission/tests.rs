use serde_json::json;

use super::*;
use crate::{
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{FUNCTION_IS_CHANGING, FUNCTION_IS_UNKNOWN, LAMBDA_IS_THROTTLED, Late, TOLD, is_waited_out, wholly},
    },
    testing::{Account, Adapter, Bench, CustomResource as _},
};

const TOKEN: &str = "aws:lambda/permission:Permission";
const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

crate::lifecycle! {
    token: "aws:lambda/permission:Permission",
    needs: [
        ("aws:iam/role:Role", { "name": "permission-{unique}", "assumeRolePolicy": TRUST }),
        ("aws:lambda/function:Function", {
            "name": "permission-{unique}", "role": "${0.arn}", "runtime": "python3.13", "handler": "index.handler",
            "code": { "$archive": { "index.py": "def handler(event, context):\n    return 1\n" } },
        }),
    ],
    sample: {
        "function": "${1.name}", "statementId": "bucket", "action": "lambda:InvokeFunction",
        "principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::official-{unique}",
    },
    import: "${1.name}/bucket",
}

#[tokio::test]
async fn is_found_as_the_official_provider_imports_it() {
    let mut bench = Bench::new(Account::Member).await;
    let made = bench.sample(&sample()).await;
    let function = made.state["function"].as_str().expect("a name").to_owned();
    let (id, inputs, _) = bench.import(&made.urn, &format!("{function}/bucket")).await.expect("it is found");
    assert_eq!((id, inputs), (made.id.clone(), made.inputs.clone()));
    assert!(bench.import(&made.urn, &format!("{function}/other")).await.is_none());
    bench.clean_up().await;
}

#[tokio::test]
async fn an_id_is_generated_of_the_resources_name() {
    let fit = |name: &str| <Permission as AwsResource>::fit_name(&Map::new(), name.to_owned());
    assert_eq!((fit("Api.default-1234567").as_str(), fit(&"a".repeat(120)).len()), ("Api-default-1234567", 120));
    assert_eq!(fit(&format!("{}-1234567", "a".repeat(120))).len(), 100);
}

fn wanted() -> Inputs {
    inputs(&json!({ "function": "f", "qualifier": "live", "statementId": "s", "action": "lambda:InvokeFunction",
        "principal": "111122223333" }))
}

fn policy(statement: &Json) -> Answer {
    Answer::Json(json!({ "Policy": json!({ "Statement": [{ "Sid": "other" }, statement] }).to_string() }))
}

#[tokio::test]
async fn a_new_function_and_another_change_are_waited_for_and_so_is_the_statement() {
    let live = json!({ "Sid": "s", "Action": "lambda:InvokeFunction", "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:root" } });
    let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
        ("AddPermission", 0) => Answer::Refused("ResourceNotFoundException", "Function not found: f"),
        ("AddPermission", 1) => Answer::Refused(
            "ResourceConflictException",
            "The function could not be updated due to a concurrent update operation.",
        ),
        ("GetPolicy", 0) => Answer::Refused("ResourceNotFoundException", "No policy is associated"),
        ("GetPolicy", 1) => policy(&json!({})),
        ("GetPolicy", _) => policy(&live),
        _ => done(asked),
    });
    let cx = stub.cx(TOKEN);
    let (made, _) = Stub::run(Adapter::<Permission>::create(&cx, &wanted())).await;
    let made = made.expect("made");
    assert_eq!((made.id.as_str(), made.incomplete), ("s", None));
    assert_eq!((stub.asked("AddPermission").len(), stub.asked("GetPolicy").len()), (3, 3));
    let id = Adapter::<Permission>::identify(&cx, "s", Some(&wanted())).await.expect("an id").expect("one");
    let read = Stub::run(Adapter::<Permission>::read(&cx, &id)).await.0.expect("read").expect("there");
    assert!(waits::shows::<Permission>(&read.inputs, &wanted()), "{:?}", read.inputs);
}

#[tokio::test]
async fn a_principal_that_iam_has_not_told_lambda_of_is_waited_for() {
    let lambda = |asked: &Asked| match asked.operation.as_str() {
        "GetPolicy" => policy(&json!({ "Sid": "s", "Action": "lambda:InvokeFunction" })),
        _ => done(asked),
    };
    let late: &[Late] = &[
        (
            "AddPermission",
            TOLD,
            &[(
                "InvalidParameterValueException",
                "The provided principal was invalid. Please check the principal and try again.",
            )],
        ),
        ("AddPermission", FUNCTION_IS_NEW.limit, FUNCTION_IS_UNKNOWN),
        ("AddPermission", FUNCTION_IS_BUSY.limit, &[LAMBDA_IS_THROTTLED]),
    ];
    let make = async |cx: Cx| wholly(Adapter::<Permission>::create(&cx, &wanted()).await?);
    is_waited_out(TOKEN, late, lambda, make).await;
    let gone = |asked: &Asked| match asked.operation.as_str() {
        "GetPolicy" => Answer::Refused("ResourceNotFoundException", "No policy is associated"),
        _ => done(asked),
    };
    let remove = async |cx: Cx| Adapter::<Permission>::delete(&cx, "s", &wanted()).await;
    is_waited_out(TOKEN, &[("RemovePermission", FUNCTION_IS_BUSY.limit, FUNCTION_IS_CHANGING)], gone, remove).await;
}

#[tokio::test]
async fn a_statement_that_lambda_never_shows_is_left_to_the_next_read() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "GetPolicy" => policy(&json!({})),
        _ => done(asked),
    });
    let (made, waited) = Stub::run(Adapter::<Permission>::create(&stub.cx(TOKEN), &wanted())).await;
    assert_eq!(made.expect("made").incomplete, None);
    assert!((SECOND_LOOK..=SECOND_LOOK + Duration::from_secs(8)).contains(&waited), "{waited:?}");
}

/// Lambda may show a statement for a while that it has removed.
#[tokio::test]
async fn a_removed_statement_is_waited_for_until_lambda_shows_it_no_more() {
    let live = json!({ "Sid": "s", "Action": "lambda:InvokeFunction" });
    for (looks, asked) in [(4, 5), (usize::MAX, usize::MAX)] {
        let live = live.clone();
        let stub = Stub::new(move |asked| match asked.operation.as_str() {
            "GetPolicy" if asked.before < looks => policy(&live),
            "GetPolicy" => policy(&json!({})),
            _ => done(asked),
        });
        let (removed, waited) = Stub::run(Adapter::<Permission>::delete(&stub.cx(TOKEN), "s", &wanted())).await;
        assert_eq!(removed, Ok(()), "what is not seen in time is left to the next read");
        if looks == usize::MAX {
            assert!((SECOND_LOOK..=SECOND_LOOK + Duration::from_secs(8)).contains(&waited), "{waited:?}");
        } else {
            assert_eq!(stub.asked("GetPolicy").len(), asked);
        }
    }
}

#[tokio::test]
async fn a_statement_that_says_something_else_is_not_taken() {
    let create = |action: &'static str| async move {
        let live = json!({ "Sid": "s", "Action": action, "Principal": { "AWS": "arn:aws:iam::111122223333:root" } });
        let stub = Stub::new(move |asked| match asked.operation.as_str() {
            "AddPermission" => Answer::Refused(
                "ResourceConflictException",
                "The statement id (s) provided already exists. Please provide a new statement id",
            ),
            _ => policy(&live),
        });
        Stub::run(Adapter::<Permission>::create(&stub.cx(TOKEN), &wanted())).await
    };
    let (taken, waited) = create("lambda:InvokeFunction").await;
    assert_eq!((taken.expect("it is the same").id.as_str(), waited.is_zero()), ("s", true));
    let (refused, _) = create("lambda:*").await;
    let refused = refused.expect_err("it is another").message;
    assert!(refused.contains("exists already, and its `action` is `lambda:*`"), "{refused}");
}

#[test]
fn a_statement_is_read_with_all_its_conditions() {
    let statement = json!({
        "Sid": "s", "Action": "lambda:InvokeFunctionUrl", "Principal": "*",
        "Condition": {
            "StringEquals": {
                "AWS:SourceAccount": "1", "aws:PrincipalOrgID": "o", "lambda:EventSourceToken": "t",
                "lambda:FunctionUrlAuthType": "NONE",
            },
            "ArnLike": { "AWS:SourceArn": "a" },
            "Bool": { "lambda:InvokedViaFunctionUrl": "true" },
        },
    });
    let wanted: Inputs = inputs(&json!({
        "function": "", "statementId": "", "action": "lambda:InvokeFunctionUrl", "principal": "*",
        "sourceAccount": "1", "principalOrgId": "o", "eventSourceToken": "t", "functionUrlAuthType": "NONE",
        "sourceArn": "a", "invokedViaFunctionUrl": true,
    }));
    assert_eq!(said(&statement), wanted);
    let service = said(&json!({ "Principal": { "Service": "s3.amazonaws.com" } }));
    assert_eq!((service.principal.as_str(), service.source_arn), ("s3.amazonaws.com", None));
}

#[test]
fn an_account_is_its_root() {
    let root = "arn:aws-cn:iam::111122223333:root";
    assert!(is_same_principal("111122223333", root) && is_same_principal(root, "111122223333"));
    assert!(!is_same_principal("444455556666", root) && !is_same_principal("*", root));
    assert!(!is_same_principal("arn:aws:iam::111122223333:role/r", root));
}
