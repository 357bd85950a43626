//! Waiting for AWS: each eventual consistency by name, the answers that show it, and how long it may last.
//!
//! - An eventual consistency that shows in an error is a [`Wait`], below. The one of IAM is [`crate::propagation`]. Things
//!   with a state of their own (creating, enabling, attaching) use [`until`].
//! - A wait ends as soon as AWS agrees: where nothing is late, it costs nothing.
//! - A read right after a write may show what was there before. Two types wait after a change until a read shows it: a
//!   bucket's lifecycle and a queue's attributes (but not its policy, which SQS writes in another form), because their
//!   services are known for it and nothing else waits for these changes. For all other types the reader has to ask again
//!   when it judges within a minute or two after a deployment.

use std::{future::Future, time::Duration};

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pulumi::{
    provider::{
        resource::{Declared, Error},
        schema::{Property, Shaped},
    },
    value::{ToValue, Value},
};

use crate::{
    error::{Failure, code},
    lasting,
    refusal::Answer,
};

/// Answers of AWS: a code, and words of the message, in small letters, where the code means more than that.
pub(crate) type Answers = &'static [(&'static str, &'static [&'static str])];

/// One eventual consistency: the answers that pass, and the time after which they count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    pub(crate) answers: Answers,
    pub(crate) limit: Duration,
}

/// S3 makes another change of the same bucket. This mostly takes seconds, sometimes minutes, and happens without any
/// other call of ours, too: <https://github.com/hashicorp/terraform-provider-aws/issues/7628>. The S3 API documents it for all
/// changes of a bucket: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>, as of 2026-11.
pub(crate) const BUCKET_IS_BUSY: Wait = Wait { answers: &[("OperationAborted", &[])], limit: Duration::from_mins(5) };

/// A new bucket is not known to all of S3 yet.
pub(crate) const BUCKET_IS_NEW: Wait = Wait { answers: &[("NoSuchBucket", &[])], limit: Duration::from_mins(1) };

/// Another change of the same bus, its policy, its archive or its tags is under way; EventBridge models it for all of
/// these calls: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html>, as of 2026-11.
pub(crate) const BUS_IS_BUSY: Wait =
    Wait { answers: &[("ConcurrentModificationException", &[])], limit: Duration::from_mins(2) };

/// A bus still has rules that were deleted a moment ago, such as the rule that AWS makes for an archive:
/// <https://github.com/anomalyco/sst/issues/4325>.
pub(crate) const BUS_HAS_RULES: Wait = Wait {
    answers: &[("ValidationException", &["since it has rules"]), BUS_IS_BUSY.answers[0]],
    limit: Duration::from_mins(2),
};

/// KMS shows a key, or its state, as it was before: "less than a few seconds .. in some cases several minutes".
/// <https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency>,
/// as of 2026-11.
pub(crate) const KEY_IS_SPREADING: Wait =
    Wait { answers: &[("NotFoundException", &[]), ("KMSInvalidStateException", &[])], limit: Duration::from_mins(2) };

/// The organization makes another change, an earlier change is not everywhere yet, or the organization is new: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html>, as of 2026-11.
pub(crate) const ORGANIZATION_IS_BUSY: Wait = Wait {
    answers: &[
        ("ConcurrentModificationException", &[]),
        ("PolicyChangesInProgressException", &[]),
        ("FinalizingOrganizationException", &[]),
    ],
    limit: Duration::from_mins(4),
};

/// A new thing is not known to all of EC2 yet.
/// <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>, as of 2026-11.
pub(crate) const EC2_IS_SPREADING: Wait = Wait {
    answers: &[
        ("InvalidGroup.NotFound", &[]),
        ("InvalidInternetGatewayID.NotFound", &[]),
        ("InvalidRouteTableID.NotFound", &[]),
        ("InvalidSubnetID.NotFound", &[]),
        ("InvalidVpcEndpointId.NotFound", &[]),
        ("InvalidVpcID.NotFound", &[]),
    ],
    limit: Duration::from_mins(1),
};

/// Another change of the same user pool is under way.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html>, as of 2026-11.
pub(crate) const POOL_IS_BUSY: Wait =
    Wait { answers: &[("ConcurrentModificationException", &[])], limit: Duration::from_mins(1) };

/// Another change of the same topic or of its tags is under way.
/// <https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html>, as of 2026-11.
pub(crate) const TOPIC_IS_BUSY: Wait =
    Wait { answers: &[("ConcurrentAccessException", &[]), ("ConcurrentAccess", &[])], limit: Duration::from_mins(1) };

/// Another change of the same trail or of its tags is under way.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html>, as of 2026-11.
pub(crate) const TRAIL_IS_BUSY: Wait = Wait { answers: &[("ConflictException", &[])], limit: Duration::from_mins(1) };

/// Other changes of the same parameter are under way.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>, as of 2026-11.
pub(crate) const PARAMETER_IS_BUSY: Wait = Wait { answers: &[("TooManyUpdates", &[])], limit: Duration::from_mins(1) };

/// A Firehose stream is being made or changed.
/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_TagDeliveryStream.html>, as of 2026-11.
pub(crate) const STREAM_IS_BUSY: Wait =
    Wait { answers: &[("ResourceInUseException", &[])], limit: Duration::from_mins(1) };

/// Lambda makes another change of the same function, or of its policy; or EC2 limits how fast Lambda makes the function's
/// network interfaces. <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html> and
/// <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>, not looked up on 2026-11-26; the
/// words are those that the official provider waits for.
pub(crate) const FUNCTION_IS_BUSY: Wait = Wait {
    answers: &[
        ("ResourceConflictException", &["cannot be performed at this time", "in progress", "concurrent update"]),
        ("InvalidParameterValueException", &["throttled by ec2"]),
    ],
    limit: Duration::from_mins(10),
};

/// A new function is not known to all of Lambda yet. As the official provider, as of 2026-11.
pub(crate) const FUNCTION_IS_NEW: Wait = Wait {
    answers: &[("ResourceNotFoundException", &["function not found", "cannot find alias"])],
    limit: Duration::from_mins(1),
};

/// How long a function takes to be made or changed: in a VPC some minutes, with a large image as well.
/// <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>, not looked up on 2026-11-26.
pub(crate) const FUNCTION_IS_READY: Duration = Duration::from_mins(10);

/// A DynamoDB table is being made, changed or deleted, or as many tables of the account are as AWS works on at once. Other
/// limits have the same code ("limited to once in 1 day"), and do not pass: <https://github.com/hashicorp/terraform-provider-aws/issues/2146>.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>, as of 2026-11.
pub(crate) const TABLE_IS_BUSY: Wait =
    Wait { answers: &[("ResourceInUseException", &[]), TABLES_ARE_BUSY.answers[0]], limit: Duration::from_mins(10) };

/// As many DynamoDB tables of the account are made, changed or deleted as AWS works on at once.
pub(crate) const TABLES_ARE_BUSY: Wait =
    Wait { answers: &[("LimitExceededException", &["simultaneous", "concurrent"])], limit: Duration::from_mins(10) };

/// AWS enables the backups of a new table, on which point-in-time recovery rests: this may take 10 minutes.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html>, as of 2026-11.
pub(crate) const BACKUPS_ARE_NEW: Wait =
    Wait { answers: &[("ContinuousBackupsUnavailableException", &[])], limit: Duration::from_mins(20) };

/// SQS keeps the name of a deleted queue for 60 s.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>, as of 2026-11.
pub(crate) const QUEUE_NAME_IS_KEPT: Wait = Wait {
    answers: &[("AWS.SimpleQueueService.QueueDeletedRecently", &[]), ("QueueDeletedRecently", &[])],
    limit: Duration::from_secs(90),
};

/// How long a new queue or topic may show no tags.
pub(crate) const TAGS_ARE_NEW: Duration = Duration::from_mins(1);

/// How long a second read may find nothing, though the first one found it: another server of AWS answered.
/// <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>, as of 2026-11.
pub(crate) const SECOND_LOOK: Duration = Duration::from_mins(1);

/// How long SQS may show old attributes, and S3 old lifecycle rules.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>: "up to 60
/// seconds", as of 2026-11; a lifecycle may take longer.
pub(crate) const SETTINGS_ARE_NEW: Duration = Duration::from_mins(3);

impl Wait {
    /// Makes a call, and repeats it while AWS gives one of these answers.
    pub(crate) async fn out<T, E, C>(&self, call: impl Fn() -> C) -> Result<T, Failure<E>>
    where
        E: ProvideErrorMetadata,
        C: Future<Output = Result<T, Failure<E>>>,
    {
        repeated(self.limit, |failure| is_among(failure, self.answers), call).await
    }
}

/// Whether a failed call was answered by one of these.
pub(crate) fn is_among<E: ProvideErrorMetadata>(failure: &Failure<E>, answers: Answers) -> bool {
    let Some(code) = code(failure) else { return false };
    let message = failure.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default().to_lowercase();
    let means = |(known, words): &(&str, &[&str])| {
        *known == code && (words.is_empty() || words.iter().any(|word| message.contains(word)))
    };
    answers.iter().any(means)
}

/// Repeats a call while its failure is one that passes, for a limited time.
pub(crate) async fn repeated<T, E, C>(
    limit: Duration,
    passes: impl Fn(&Failure<E>) -> bool,
    call: impl Fn() -> C,
) -> Result<T, Failure<E>>
where
    C: Future<Output = Result<T, Failure<E>>>,
{
    let end = clock::now() + limit;
    let mut attempt = 1;
    loop {
        match call().await {
            Err(failure) if clock::now() < end && passes(&failure) => {
                clock::sleep(back_off(attempt)).await;
                attempt += 1;
            }
            other => return other,
        }
    }
}

/// Repeats a call while AWS does not see yet what was made a moment ago (`codes` say so), for about a minute.
pub async fn settled<T, E, C>(codes: &[&str], call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    settled_within(Duration::from_mins(1), codes, call).await
}

/// As [`settled`], for a time that the caller knows better.
pub async fn settled_within<T, E, C>(limit: Duration, codes: &[&str], call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    repeated(limit, |failure| code(failure).is_some_and(|c| codes.contains(&c)), call).await
}

/// Asks until there is an answer (`None` is "not yet"), for a limited time; `what` is what is waited for, such as
/// `to be available`.
pub async fn until<T, C>(limit: Duration, what: &str, ask: impl Fn() -> C) -> Answer<T>
where
    C: Future<Output = Answer<Option<T>>>,
{
    asked(limit, ask).await?.ok_or_else(|| {
        let error = Error::new(format!("waited {} s for it {what}", limit.as_secs()));
        error.hint("look at it in AWS's console; run it again to go on").into()
    })
}

/// Asks until there is an answer, or the time is over.
pub(crate) async fn asked<T, C>(limit: Duration, ask: impl Fn() -> C) -> Answer<Option<T>>
where
    C: Future<Output = Answer<Option<T>>>,
{
    let end = clock::now() + limit;
    let mut attempt = 1;
    loop {
        let answer = ask().await?;
        if answer.is_some() || clock::now() >= end {
            return Ok(answer);
        }
        clock::sleep(back_off(attempt)).await;
        attempt += 1;
    }
}

/// Reads what AWS has shown a moment ago; `thing` is such as ``subnet `s` ``. If there is nothing, that means "not yet".
pub(crate) async fn there<T, C>(thing: &str, read: impl Fn() -> C) -> Answer<T>
where
    C: Future<Output = Answer<Option<T>>>,
{
    let gone = || Error::new(format!("{thing} existed a moment ago, but is gone now")).hint("run it again to go on");
    asked(SECOND_LOOK, read).await?.ok_or_else(|| gone().into())
}

/// Whether what is live is what was asked for, as a refresh would say.
pub(crate) fn shows<R: Declared>(live: &R::Inputs, wanted: &R::Inputs) -> bool
where
    R::Inputs: ToValue,
{
    let (Value::Object(live), Value::Object(wanted)) = (live.to_value(), wanted.to_value()) else { return false };
    let changed = |property: &&Property| lasting::is_changed(property, &live, &wanted);
    !R::Inputs::SHAPE.properties.iter().filter(|property| !property.unread).any(|property| changed(&property))
}

/// Exponential from 0.1 s to 8 s, with full jitter, so that many at once do not come back at once.
pub fn back_off(attempt: u32) -> Duration {
    let ceiling = 100u64.saturating_mul(1 << attempt.min(7)).min(8_000);
    Duration::from_millis(rand::random_range(ceiling / 4..=ceiling))
}

/// The time that waits are measured by. In a test it may pass without anybody waiting for it.
pub(crate) mod clock {
    use std::time::Duration;

    use tokio::time::Instant;

    #[cfg(test)]
    tokio::task_local! {
        /// When a test began whose time stands still, and how much of it was waited for since.
        static SKIPPED: (Instant, std::cell::Cell<Duration>);
    }

    /// Now.
    pub(crate) fn now() -> Instant {
        #[cfg(test)]
        if let Ok(now) = SKIPPED.try_with(|(began, skipped)| *began + skipped.get()) {
            return now;
        }
        Instant::now()
    }

    /// Waits.
    pub(crate) async fn sleep(time: Duration) {
        #[cfg(test)]
        if SKIPPED.try_with(|(_, skipped)| skipped.set(skipped.get() + time)).is_ok() {
            return tokio::task::yield_now().await;
        }
        tokio::time::sleep(time).await;
    }

    /// Runs a test in which waiting takes no time; answers how much it would have taken, too.
    #[cfg(test)]
    pub(crate) async fn skipping<T>(test: impl Future<Output = T>) -> (T, Duration) {
        let test = async {
            let result = test.await;
            (result, SKIPPED.with(|(_, skipped)| skipped.get()))
        };
        SKIPPED.scope((Instant::now(), std::cell::Cell::default()), test).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::stub::refused;

    /// Each wait with its name.
    macro_rules! named {
        ($($wait:ident),* $(,)?) => { [$((stringify!($wait), $wait)),*] };
    }

    const ALL: [(&str, Wait); 18] = named![
        BUCKET_IS_BUSY,
        BUCKET_IS_NEW,
        BUS_IS_BUSY,
        BUS_HAS_RULES,
        KEY_IS_SPREADING,
        ORGANIZATION_IS_BUSY,
        EC2_IS_SPREADING,
        POOL_IS_BUSY,
        TOPIC_IS_BUSY,
        TRAIL_IS_BUSY,
        PARAMETER_IS_BUSY,
        STREAM_IS_BUSY,
        FUNCTION_IS_BUSY,
        FUNCTION_IS_NEW,
        TABLE_IS_BUSY,
        TABLES_ARE_BUSY,
        BACKUPS_ARE_NEW,
        QUEUE_NAME_IS_KEPT,
    ];

    #[test]
    fn no_wait_is_left_out_here() {
        let name = |line: &'static str| {
            let (name, _) = line.split_once("const ")?.1.split_once(": Wait")?;
            name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_').then_some(name)
        };
        let declared: Vec<_> = include_str!("waits.rs").lines().filter_map(name).collect();
        assert_eq!(ALL.map(|(name, _)| name).as_slice(), declared, "each of them stands in `ALL`");
    }

    #[tokio::test]
    async fn an_answer_that_passes_is_waited_out_and_no_longer_than_its_limit() {
        for (name, wait) in ALL {
            for (code, words) in wait.answers {
                let message = format!("said: {}", words.first().unwrap_or(&"no").to_uppercase());
                let calls = AtomicU32::new(0);
                let call = || async {
                    let n = calls.fetch_add(1, Ordering::Relaxed);
                    if n < 3 { Err(refused(code, &message)) } else { Ok(n) }
                };
                assert_eq!(clock::skipping(wait.out(call)).await.0.expect("it passes"), 3, "{name}: {code}");
                let never = || async { Err::<(), _>(refused(code, &message)) };
                let (given_up, waited) = clock::skipping(wait.out(never)).await;
                assert!(given_up.is_err() && waited >= wait.limit, "{name}: {code}: {waited:?}");
                assert!(waited < wait.limit + Duration::from_secs(9), "{name}: {code}: {waited:?}");
            }
            let other = || async { Err::<(), _>(refused("ValidationException", "Detail is malformed")) };
            let (_, waited) = clock::skipping(wait.out(other)).await;
            assert_eq!(waited, Duration::ZERO, "{name}: what does not pass is told at once");
        }
    }

    #[tokio::test]
    async fn waiting_ends_with_the_answer_or_the_time() {
        let looks = AtomicU32::new(0);
        let third = || async { Ok((looks.fetch_add(1, Ordering::Relaxed) == 2).then_some("here")) };
        assert_eq!(until(Duration::from_mins(1), "to come", third).await, Ok("here"));
        let never = || async { Ok(None::<()>) };
        let (error, waited) = clock::skipping(until(Duration::from_mins(5), "to come", never)).await;
        assert_eq!(Error::from(error.unwrap_err()).message, "waited 300 s for it to come");
        assert!(waited >= Duration::from_mins(5));
    }

    #[tokio::test]
    async fn a_second_look_that_finds_nothing_is_not_the_last() {
        let looks = AtomicU32::new(0);
        let third = || async { Ok((looks.fetch_add(1, Ordering::Relaxed) == 2).then_some("here")) };
        assert_eq!(clock::skipping(there("subnet `s`", third)).await.0, Ok("here"));
        let (error, _) = clock::skipping(there("subnet `s`", || async { Ok(None::<()>) })).await;
        assert_eq!(Error::from(error.unwrap_err()).message, "subnet `s` existed a moment ago, but is gone now");
    }

    #[test]
    fn back_off_grows_and_is_bounded() {
        assert!(back_off(1) <= Duration::from_millis(200));
        assert!((1..40).all(|n| back_off(n) <= Duration::from_secs(8)));
    }
}
