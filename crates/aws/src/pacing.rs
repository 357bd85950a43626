//! Pace and patience of every call: what AWS throttles is slowed down, and tried again for minutes.
//!
//! AWS limits each API by itself, and publishes few of the limits (`PutParameter` of SSM: about 3 a second; see
//! <https://docs.aws.amazon.com/general/latest/gr/ssm.html>, read 2026-11-25). So nothing is limited until AWS
//! throttles it. From then on an API has a token bucket, whose rate follows from what AWS lets through, as in the
//! adaptive mode of AWS's SDKs; but by operation, so that `GetParameter` does not wait because of `PutParameter`.
//!
//! It is an interceptor, as the SDK lets nobody set a retry strategy. Before an attempt it may hold it back: the
//! attempt then fails without being sent. After each it tells the SDK, by a retry configuration of this one
//! call, whether to go on, and when.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
                FinalizerInterceptorContextRef, InterceptorContext,
            },
            dyn_dispatch_hint,
        },
        orchestrator::{HttpResponse, Metadata},
        retries::{
            RequestAttempts,
            classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority},
        },
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use tokio::time::Instant;

use crate::{clients::ATTEMPTS, error::is_throttle, recovery::back_off};

/// How long a call goes on while AWS throttles it.
pub const PATIENCE: Duration = Duration::from_mins(5);
/// The slowest pace, in calls a second.
const SLOWEST: f64 = 0.5;
/// What AWS has not throttled for so long is limited no more.
const FORGOTTEN: Duration = Duration::from_mins(1);
/// How long a throttled call is worth a word: longer than one waits at the slowest pace.
const NEWS: Duration = Duration::from_secs(5);

static THROTTLED: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());

/// The APIs whose calls AWS throttled, or which waited for that reason, within the last seconds: `SSM PutParameter`.
pub fn throttled() -> Vec<String> {
    let mut latest = THROTTLED.lock().unwrap_or_else(PoisonError::into_inner);
    latest.retain(|_, at| at.elapsed() < NEWS);
    latest.keys().cloned().collect()
}

fn tell(api: &str, now: Instant) {
    THROTTLED.lock().unwrap_or_else(PoisonError::into_inner).insert(api.to_owned(), now);
}

/// The pace of the calls of one account in one region, by service and operation.
#[derive(Clone, Debug)]
pub struct Pacing {
    buckets: Arc<Mutex<HashMap<String, Bucket>>>,
    patience: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Self { buckets: Arc::default(), patience: PATIENCE }
    }
}

impl Pacing {
    fn buckets(&self) -> MutexGuard<'_, HashMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of the rate of one operation.
#[derive(Debug, Default)]
struct Bucket {
    limit: Option<Limit>,
    /// When the last calls succeeded, for a second.
    done: VecDeque<Instant>,
}

#[derive(Debug)]
struct Limit {
    /// Calls a second.
    rate: f64,
    /// At most one: a burst is what AWS throttles.
    tokens: f64,
    filled: Instant,
    /// When the rate was last cut.
    cut: Instant,
    /// When AWS last throttled it.
    throttled: Instant,
}

impl Bucket {
    /// Whether a call may go; if not, when to ask again.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        if self.limit.as_ref().is_some_and(|limit| now.duration_since(limit.throttled) > FORGOTTEN) {
            self.limit = None;
        }
        let Some(limit) = &mut self.limit else { return Ok(()) };
        let gained = now.duration_since(limit.filled).as_secs_f64() * limit.rate;
        limit.tokens = (limit.tokens + gained).min(1.0);
        limit.filled = now;
        if limit.tokens >= 1.0 {
            limit.tokens -= 1.0;
            return Ok(());
        }
        // not all at once: the next token is for one of them
        let spread = rand::random_range(0.0..(4.0 / limit.rate).min(1.0));
        Err(Duration::from_secs_f64((1.0 - limit.tokens) / limit.rate + spread))
    }

    fn succeeded(&mut self, now: Instant) {
        self.done.push_back(now);
        self.trim(now);
        if let Some(limit) = &mut self.limit {
            // about a quarter of a call a second more, each second
            limit.rate += 0.25 / limit.rate;
        }
    }

    /// Of a burst that is throttled together, the first cuts the rate.
    fn throttled(&mut self, now: Instant) {
        self.trim(now);
        let seen = u32::try_from(self.done.len()).map_or(f64::MAX, f64::from);
        let rate = (seen * 0.8).max(SLOWEST);
        match &mut self.limit {
            Some(limit) => {
                limit.throttled = now;
                if now.duration_since(limit.cut) >= Duration::from_secs(1) {
                    (limit.rate, limit.cut) = (rate.min(limit.rate * 0.8).max(SLOWEST), now);
                    limit.tokens = limit.tokens.min(0.0);
                }
            }
            None => {
                self.limit = Some(Limit { rate: rate.max(1.0), tokens: 0.0, filled: now, cut: now, throttled: now });
            }
        }
    }

    fn trim(&mut self, now: Instant) {
        while self.done.front().is_some_and(|at| now.duration_since(*at) > Duration::from_secs(1)) {
            self.done.pop_front();
        }
    }
}

/// One call, over all its attempts.
#[derive(Clone, Debug)]
struct Course {
    api: String,
    began: Instant,
    /// Attempts that the client's configuration allows.
    allowed: u32,
    sent: u32,
    /// How long the attempt at hand is held back.
    held: Option<Duration>,
}

impl Storable for Course {
    type Storer = StoreReplace<Self>;
}

/// An attempt that was not sent.
#[derive(Debug)]
struct Held;

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("held back, as AWS throttles this call")
    }
}

impl std::error::Error for Held {}

#[dyn_dispatch_hint]
impl Intercept for Pacing {
    fn name(&self) -> &'static str {
        "pacing"
    }

    // the first hook that knows the operation, and what it has of its own in place of the client's configuration
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let api = config.load::<Metadata>().map(|m| format!("{} {}", m.service(), m.name())).unwrap_or_default();
        let allowed = config.load::<RetryConfig>().map_or(1, RetryConfig::max_attempts);
        config.interceptor_state().store_put(Course { api, began: Instant::now(), allowed, sent: 0, held: None });
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(mut course) = config.load::<Course>().cloned() else { return Ok(()) };
        let now = Instant::now();
        let taken = self.buckets().entry(course.api.clone()).or_default().take(now);
        // at the end of its patience it goes, whatever the pace: what AWS answers then is the answer
        course.held = taken.err().filter(|_| now.duration_since(course.began) < self.patience);
        course.sent += u32::from(course.held.is_none());
        let held = course.held.is_some();
        if held {
            tell(&course.api, now);
        }
        config.interceptor_state().store_put(course);
        if held { Err(Held.into()) } else { Ok(()) }
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(course) = config.load::<Course>().cloned() else { return Ok(()) };
        let attempts = config.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        let now = Instant::now();
        let next = if let Some(wait) = course.held {
            Some(wait)
        } else if matches!(context.output_or_error(), Some(Ok(_))) {
            self.buckets().entry(course.api).or_default().succeeded(now);
            return Ok(());
        } else if context.response().is_some_and(is_throttled) {
            tell(&course.api, now);
            self.buckets().entry(course.api).or_default().throttled(now);
            // who allows a few attempts wants an answer soon
            let patient = course.allowed >= ATTEMPTS;
            let more =
                if patient { now.duration_since(course.began) < self.patience } else { course.sent < course.allowed };
            // its pace is the bucket's; this spreads those that were throttled together
            more.then(|| back_off(course.sent.min(4)))
        } else if context.response().is_some_and(is_quota) {
            // the SDK takes it for a throttle, and no waiting helps
            None
        } else {
            (course.sent < course.allowed).then(|| back_off(course.sent))
        };
        let wait = next.unwrap_or_default();
        config.interceptor_state().store_put(
            RetryConfig::standard()
                .with_max_attempts(attempts + u32::from(next.is_some()))
                .with_initial_backoff(wait)
                .with_max_backoff(wait)
                .with_use_static_exponential_base(true),
        );
        Ok(())
    }
}

/// Says of what was held back, and of what AWS throttles without a code that the SDK knows, that it can be tried again.
#[derive(Debug)]
pub(crate) struct Later;

impl ClassifyRetry for Later {
    fn name(&self) -> &'static str {
        "held back or throttled"
    }
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
        let held = error.is_interceptor_error() && causes.into_iter().any(<dyn std::error::Error>::is::<Held>);
        if held || context.response().is_some_and(is_throttled) {
            return RetryAction::throttling_error();
        }
        RetryAction::NoActionIndicated
    }
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

fn is_throttled(response: &HttpResponse) -> bool {
    !response.status().is_success()
        && (response.status().as_u16() == 429 || codes(response).iter().any(|code| is_throttle(code)))
}

fn is_quota(response: &HttpResponse) -> bool {
    codes(response).iter().any(|code| code == "LimitExceededException" || code == "LimitExceeded")
}

/// The codes of a refusal, of whichever protocol it is.
fn codes(response: &HttpResponse) -> Vec<String> {
    let headers = ["x-amzn-errortype", "x-amzn-query-error"].iter().filter_map(|name| response.headers().get(*name));
    let mut codes: Vec<_> = headers.map(|text| text.split([';', ':']).next().unwrap_or(text).to_owned()).collect();
    let body = response.body().bytes().unwrap_or_default();
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) {
        let own = ["__type", "code", "Code"].iter().filter_map(|name| json.get(name)?.as_str());
        codes.extend(own.map(|text| text.rsplit('#').next().unwrap_or(text).to_owned()));
    } else if let Ok(xml) = std::str::from_utf8(body)
        && let Some((_, rest)) = xml.split_once("<Code>")
        && let Some((code, _)) = rest.split_once("</Code>")
    {
        codes.push(code.to_owned());
    }
    codes
}

#[cfg(test)]
mod tests;
