//! Calls that AWS answers late: which answers are waited out, for how long, and that no other one is.

use std::{collections::BTreeMap, time::Duration};

use pulumi::provider::resource::{Created, Error};

use super::{Answer, Asked, Stub};
use crate::context::Cx;

/// How long [`propagation::told`](crate::propagation::told) waits.
pub(crate) const TOLD: Duration = Duration::from_mins(2);
/// How long [`recovery::settled`](crate::recovery::settled) waits.
pub(crate) const SETTLED: Duration = Duration::from_mins(1);

/// An error: its code, and its message where the code means more than "not yet".
pub(crate) type Refusal = (&'static str, &'static str);

/// An operation, how long it is asked for again, and the errors that pass.
pub(crate) type Late = (&'static str, Duration, &'static [Refusal]);

/// What Lambda says when EC2 lets it do no more right now.
pub(crate) const LAMBDA_IS_THROTTLED: Refusal =
    ("InvalidParameterValueException", "Your request has been throttled by EC2");

/// What Lambda says while a function is being changed.
pub(crate) const FUNCTION_IS_CHANGING: &[Refusal] = &[
    ("ResourceConflictException", "The operation cannot be performed at this time."),
    ("ResourceConflictException", "An update is in progress for resource: f"),
    ("ResourceConflictException", "It could not be updated due to a concurrent update operation."),
    LAMBDA_IS_THROTTLED,
];

/// What Lambda says of a function, or of an alias, that it does not know yet.
pub(crate) const FUNCTION_IS_UNKNOWN: &[Refusal] = &[
    ("ResourceNotFoundException", "Function not found: f"),
    ("ResourceNotFoundException", "Cannot find alias arn: f:live"),
];

/// Tests that `act` waits for AWS as `late` says, where AWS answers with `answer` in the end:
///
/// - It succeeds when each of these errors comes twice, and asks once more for each.
/// - It fails with the error when that does not pass, after the time and no later.
/// - It fails at once with another error, be it of the same code with another message.
pub(crate) async fn is_waited_out(
    token: &str,
    late: &[Late],
    answer: impl Fn(&Asked) -> Answer + Clone + Send + Sync + 'static,
    act: impl AsyncFn(Cx) -> Result<(), Error>,
) {
    let run = async |refusal: Box<dyn Fn(&Asked) -> Option<Refusal> + Send + Sync>| {
        let answer = answer.clone();
        let stub = Stub::new(move |asked| match refusal(asked) {
            Some((code, message)) => Answer::Refused(code, message),
            None => answer(asked),
        });
        let (end, waited) = Stub::run(act(stub.cx(token))).await;
        (stub, end, waited)
    };
    let (usual, end, waited) = run(Box::new(|_| None)).await;
    assert_eq!((end, waited), (Ok(()), Duration::ZERO), "where nothing is late, it costs nothing");

    let mut refusals = BTreeMap::<&str, Vec<Refusal>>::new();
    for &(operation, _, passing) in late {
        refusals.entry(operation).or_default().extend(passing.iter().flat_map(|refusal| [*refusal; 2]));
    }
    let script = refusals.clone();
    let (stub, end, _) =
        run(Box::new(move |asked| script.get(asked.operation.as_str())?.get(asked.before).copied())).await;
    assert_eq!(end, Ok(()), "what passes is waited out");
    for (operation, refusals) in refusals {
        let times = usual.asked(operation).len();
        assert!(times > 0, "{operation} is not asked for");
        assert_eq!(stub.asked(operation).len(), times + refusals.len(), "{operation}");
    }

    let refused = async |operation: &'static str, refusal: Refusal| {
        let (stub, end, waited) = run(Box::new(move |asked| (asked.operation == operation).then_some(refusal))).await;
        let error = end.expect_err(operation);
        assert!(error.message.contains(refusal.0), "{operation}: {error}");
        (stub.asked(operation).len(), waited)
    };
    for &(operation, limit, passing) in late {
        let mut others = vec![("NotToBe", "no")];
        for &(code, message) in passing {
            let (_, waited) = refused(operation, (code, message)).await;
            // the last pause may go on for 8 s
            let end = limit + Duration::from_secs(8);
            assert!((limit..=end).contains(&waited), "{operation}, {code}: {waited:?}");
            others.extend((!message.is_empty()).then_some((code, "no")));
        }
        for other in others {
            assert_eq!(refused(operation, other).await, (1, Duration::ZERO), "{operation}, {other:?}: told at once");
        }
    }
}

/// How a create went, what follows it included.
pub(crate) fn wholly<O>(made: Created<O>) -> Result<(), Error> {
    made.incomplete.map_or(Ok(()), Err)
}
