//! Tests of outputs and inputs.

use super::*;

fn made_by(urn: &str, value: Value) -> Output<String> {
    let resolved = Resolved { value, dependencies: [Arc::from(urn)].into() };
    Output::from_future(std::future::ready(Ok(resolved)))
}

#[tokio::test]
async fn apply_keeps_secret_and_dependencies() {
    let out = made_by("a", "x".to_value().secret()).zip(&made_by("b", "y".to_value())).apply(|(a, b)| a + &b);
    let resolved = out.resolve().await.unwrap();
    assert_eq!(resolved.value, "xy".to_value().secret());
    assert_eq!(resolved.dependencies.len(), 2);
}

#[tokio::test]
async fn an_unknown_part_makes_the_whole_unknown_and_is_not_computed_with() {
    let out = made_by("a", Value::Unknown).zip(&made_by("b", "y".to_value())).apply(|_| -> String { unreachable!() });
    assert_eq!(out.resolve().await.unwrap().value, Value::Unknown);
}

#[tokio::test]
async fn a_failure_reaches_whoever_waits() {
    let failed: Output<String> = Output::from_future(std::future::ready(Err(Stopped::Elsewhere)));
    assert!(matches!(failed.apply(|s| s).resolve().await, Err(Stopped::Elsewhere)));
}

#[tokio::test]
async fn a_computation_that_fails_says_why_and_is_not_tried_with_an_unknown() {
    let parsed = async |value: Value| {
        let number: Output<i32> = made_by("a", value).try_apply(|text| text.parse::<i32>());
        number.resolve().await.map(|resolved| resolved.value)
    };
    assert_eq!(parsed("7".to_value().secret()).await.expect("a number"), Value::Number(7.0).secret());
    assert_eq!(parsed(Value::Unknown).await.expect("not computed"), Value::Unknown);
    let Err(Stopped::Bug(message)) = parsed("x".to_value()).await else { panic!("it fails") };
    assert_eq!(&*message, "invalid digit found in string");
}

#[tokio::test]
async fn several_are_waited_for_together() {
    let (text, number) = (made_by("a", "x".to_value().secret()), Output::<i32>::known(7));
    let flags = &Output::<Vec<bool>>::known(vec![true]);
    let out = crate::all!(text, number, flags).apply(|(text, number, flags)| format!("{text} {number} {flags:?}"));
    let resolved = out.resolve().await.expect("a value");
    assert_eq!(resolved.value, "x 7 [true]".to_value().secret());
    assert_eq!(resolved.dependencies.len(), 1);
    let unknown = crate::all!(text, made_by("b", Value::Unknown)).apply(|_| -> String { unreachable!() });
    assert!(unknown.resolve().await.expect("not computed").value.has_unknown());
}

#[tokio::test]
async fn a_number_fits_or_is_refused() {
    async fn given<T>(number: impl IntoInput<T>) -> Result<Value, String> {
        match number.into_input().resolve().await {
            Ok(resolved) => Ok(resolved.value),
            Err(Stopped::Bug(message)) => Err(message.to_string()),
            Err(Stopped::Elsewhere) => panic!("nothing else went wrong"),
        }
    }
    assert_eq!(given::<i32>(7_u32).await, Ok(Value::Number(7.0)));
    assert_eq!(given::<i32>(65_535_u16).await, Ok(Value::Number(65_535.0)));
    assert_eq!(given::<i64>(u32::MAX).await, Ok(Value::Number(4_294_967_295.0)));
    let refused = "expected a whole number from -2147483648 to 2147483647, found 4294967295";
    assert_eq!(given::<i32>(u32::MAX).await, Err(refused.to_owned()));
    assert_eq!(given::<i32>(4_294_967_295_i64).await, Err(refused.to_owned()));
    let refused = "expected a whole number from -9007199254740991 to 9007199254740991, found 9007199254740992";
    assert_eq!(given::<i64>(1_i64 << 53).await, Err(refused.to_owned()));
}

#[tokio::test]
async fn an_input_gathers_what_stands_deep_inside() {
    let list: Input =
        IntoInput::<Vec<String>>::into_input(vec![made_by("a", "x".to_value()), made_by("b", Value::Unknown)]);
    let resolved = Input::Object([("items".to_owned(), list)].into()).resolve().await.unwrap();
    assert_eq!(resolved.dependencies.len(), 2);
    assert!(resolved.value.has_unknown());
}
