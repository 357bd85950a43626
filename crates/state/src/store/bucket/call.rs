//! One request to S3, tried again for as long as its patience lasts.
//!
//! This is the one place that tries again. The SDK has retries of its own, with a budget that all calls of a client share: a
//! journal that sends hundreds of requests while S3 throttles it would use it up, and then fail at once. So [`once`] switches
//! them off. An interceptor of the client that holds calls back may still do so; it works within one attempt.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_s3::config::{Builder, retry::RetryConfig};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeDeserializationInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{DateTime, config_bag::ConfigBag, date_time::Format};
use tokio::time::{Instant, sleep, timeout};

use super::{
    between,
    refusal::{Attempt, Refusal},
};

/// How long a request is tried again, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// No attempt begins later than this after the first one.
    pub total: Duration,
    /// How long one attempt may last.
    pub attempt: Duration,
    /// The wait after the first attempt; each wait is twice as long as the one before it.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Default for Patience {
    /// A minute: S3 throttles a prefix for some seconds, and a laptop that changes its network is back by then.
    fn default() -> Self {
        Self {
            total: Duration::from_secs(60),
            attempt: Duration::from_secs(30),
            first: Duration::from_millis(100),
            longest: Duration::from_secs(5),
        }
    }
}

/// Makes the call until it succeeds, is refused for good, or the patience ends.
pub(super) async fn patiently<T, F>(patience: &Patience, mut call: impl FnMut() -> F) -> Attempt<T>
where
    F: Future<Output = Attempt<T>>,
{
    let began = Instant::now();
    let mut wait = patience.first;
    loop {
        // on the heap: the future of an SDK call is large
        let refusal = match timeout(patience.attempt, Box::pin(call())).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(refusal)) => refusal,
            Err(_) => Refusal::slow(patience.attempt),
        };
        let spread = wait.mul_f64(rand::random_range(0.5..1.0));
        if !refusal.passes || began.elapsed() + spread > patience.total {
            return Err(refusal.after(began.elapsed()));
        }
        sleep(spread).await;
        wait = (wait * 2).min(patience.longest);
    }
}

/// What a call has of its own in place of the client's configuration: it is made once.
pub(super) fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::standard().with_max_attempts(1))
}

/// S3's own time, from the head of its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<Mutex<Option<DateTime>>>);

impl Heard {
    /// How old something is, by S3's own clock. No time at all when S3 does not say: what has no age does not expire.
    pub(super) fn since(&self, written: Option<DateTime>) -> Duration {
        let now = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.zip(written).map_or(Duration::ZERO, |(now, written)| between(written.secs(), now.secs()))
    }
}

#[dyn_dispatch_hint]
impl Intercept for Heard {
    fn name(&self) -> &'static str {
        "clock of s3"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|text| DateTime::from_str(text, Format::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
