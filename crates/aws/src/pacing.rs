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
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::HttpRequest,
    };
    use aws_smithy_types::body::SdkBody;

    use super::*;
    use crate::{
        clients::{Access, Ambient, Clients, load},
        error::{code, failed},
        recovery::{Recovery, once},
    };

    /// A service that lets so many calls a second through, after a burst, and refuses the others with a code.
    #[derive(Clone, Debug)]
    struct Stub {
        rate: f64,
        code: &'static str,
        status: u16,
        bucket: Arc<Mutex<(f64, Instant)>>,
        calls: Arc<AtomicUsize>,
        refused: Arc<AtomicUsize>,
    }

    impl Stub {
        fn new(rate: f64, burst: f64, code: &'static str) -> Self {
            let bucket = Arc::new(Mutex::new((burst, Instant::now())));
            Self { rate, code, status: 400, bucket, calls: Arc::default(), refused: Arc::default() }
        }
        fn lets_through(&self) -> bool {
            let (mut bucket, now) = (self.bucket.lock().unwrap(), Instant::now());
            let gained = now.duration_since(bucket.1).as_secs_f64() * self.rate;
            *bucket = ((bucket.0 + gained).min(bucket.0.max(self.rate.max(1.0))), now);
            let through = bucket.0 >= 1.0;
            bucket.0 -= f64::from(u8::from(through));
            through
        }
        async fn clients(&self, patience: Duration) -> Clients {
            let stub = self.clone();
            let http = http_client_fn(move |_, _| SharedHttpConnector::new(stub.clone()));
            let ambient = Ambient {
                endpoint: Some("http://127.0.0.1:9".to_owned()),
                credentials: Some(("a".to_owned(), "b".to_owned())),
            };
            let access = Access { region: "eu-central-1".to_owned(), ..Access::default() };
            let pacing = Pacing { patience, ..Pacing::default() };
            Clients::paced(&load(&http, &ambient, &access).await, &access, &access.region, &pacing)
        }
        fn counted(&self) -> (usize, usize) {
            (self.calls.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
        }
    }

    impl HttpConnector for Stub {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let (status, body) = if self.lets_through() {
                (200, "{}".to_owned())
            } else {
                self.refused.fetch_add(1, Ordering::Relaxed);
                (self.status, format!(r#"{{"__type":"com.amazonaws#{}","message":"Rate exceeded"}}"#, self.code))
            };
            let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
            HttpConnectorFuture::new(async move { Ok(response) })
        }
    }

    /// So many parameters, 32 at once, as the engine does it.
    async fn put(clients: &Clients, count: usize) -> Result<(), String> {
        use futures::stream::{self, StreamExt, TryStreamExt};
        stream::iter(0..count)
            .map(|i| async move {
                let put = clients.ssm.put_parameter().name(format!("/p/{i}")).value("v");
                put.send().await.map(drop).map_err(|e| failed(e).to_string())
            })
            .buffer_unordered(32)
            .try_collect::<Vec<_>>()
            .await
            .map(drop)
    }

    #[tokio::test]
    async fn what_aws_lets_through_three_times_a_second_is_all_made() {
        // 3 a second, as SSM does it; another by a burst of 20 and a faster one
        let run = |count: usize, rate: f64, burst: f64| async move {
            let stub = Stub::new(rate, burst, "ThrottlingException");
            let clients = stub.clients(PATIENCE).await;
            let began = Instant::now();
            put(&clients, count).await.expect("all are made");
            let (calls, refused) = stub.counted();
            assert_eq!(calls - refused, count);
            assert!(refused < count + 64, "it does not hammer: {refused} refused of {calls}");
            assert!(began.elapsed() < Duration::from_secs(90), "{:?}", began.elapsed());
        };
        tokio::join!(run(74, 3.0, 3.0), run(100, 3.0, 20.0), run(100, 20.0, 3.0));
        assert!(throttled().iter().any(|api| api == "SSM PutParameter"), "the waiting is told to the end");
    }

    #[tokio::test]
    async fn what_aws_does_not_throttle_is_not_slowed_down() {
        let stub = Stub::new(1e9, 1e9, "");
        let clients = stub.clients(PATIENCE).await;
        let began = Instant::now();
        put(&clients, 400).await.unwrap();
        assert_eq!(stub.counted(), (400, 0));
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        // nor is another operation of a service that throttles one
        let pacing = Pacing::default();
        pacing.buckets().entry("SSM PutParameter".to_owned()).or_default().throttled(Instant::now());
        assert!(pacing.buckets().entry("SSM PutParameter".to_owned()).or_default().take(Instant::now()).is_err());
        assert!(pacing.buckets().entry("SSM GetParameter".to_owned()).or_default().take(Instant::now()).is_ok());
    }

    #[tokio::test]
    async fn patience_ends_with_its_time_and_not_with_a_number_of_attempts() {
        let stub = Stub::new(0.0, 0.0, "ThrottlingException");
        let clients = stub.clients(Duration::from_secs(4)).await;
        let began = Instant::now();
        let failure = clients.ssm.get_parameter().name("n").send().await.unwrap_err();
        assert_eq!(code(&failure), Some("ThrottlingException"), "what AWS says is what is said");
        let took = began.elapsed();
        assert!(took >= Duration::from_secs(4) && took < Duration::from_secs(15), "{took:?}");
    }

    #[tokio::test]
    async fn a_quota_is_said_at_once() {
        let stub = Stub::new(0.0, 0.0, "LimitExceededException");
        let clients = stub.clients(PATIENCE).await;
        let began = Instant::now();
        clients.kms.create_key().send().await.unwrap_err();
        let create = || clients.events.create_event_bus().name("b").send();
        once(&Recovery::default(), create, |_| async { Ok(None) }).await.unwrap_err();
        assert_eq!(stub.counted(), (2, 2));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn what_may_be_made_once_goes_on_while_it_is_throttled() {
        // 12 refusals are more than the attempts of a call
        let stub = Stub::new(0.1, -0.5, "RequestThrottledException");
        let clients = stub.clients(PATIENCE).await;
        let unrepeated = || aws_sdk_kms::config::Builder::new().retry_config(RetryConfig::disabled());
        let create = || clients.kms.create_key().customize().config_override(unrepeated()).send();
        once(&Recovery::default(), create, |_| async { Ok(None) }).await.expect("it is made in the end");
        let (calls, refused) = stub.counted();
        assert_eq!(calls - refused, 1, "and once");
        assert!(refused > 1, "{refused}");
    }

    #[tokio::test]
    async fn what_must_not_be_repeated_is_sent_once_and_the_rest_ten_times() {
        let stub = Stub { status: 500, ..Stub::new(0.0, 0.0, "InternalError") };
        let clients = stub.clients(PATIENCE).await;
        let unrepeated = aws_sdk_kms::config::Builder::new().retry_config(RetryConfig::disabled());
        clients.kms.create_key().customize().config_override(unrepeated).send().await.unwrap_err();
        assert_eq!(stub.counted(), (1, 1), "it may have been made");
        clients.kms.list_keys().send().await.unwrap_err();
        assert_eq!(stub.counted(), (11, 11));
    }

    #[test]
    fn a_limit_follows_what_is_let_through_and_is_forgotten() {
        let (mut bucket, start) = (Bucket::default(), Instant::now());
        assert!((0..100).all(|_| bucket.take(start).is_ok()), "unlimited until it is throttled");
        (0..10).for_each(|_| bucket.succeeded(start));
        (0..30).for_each(|_| bucket.throttled(start));
        let rate = bucket.limit.as_ref().unwrap().rate;
        assert!((rate - 8.0).abs() < 0.01, "a burst cuts it once: {rate}");
        assert!(bucket.take(start).is_err());
        assert!(bucket.take(start + Duration::from_secs(1)).is_ok());
        assert!(bucket.take(start + FORGOTTEN + Duration::from_secs(1)).is_ok() && bucket.limit.is_none());
    }

    #[test]
    fn a_code_is_read_in_every_protocol() {
        let response = |header: Option<(&'static str, &'static str)>, body: &'static str| {
            let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
            if let Some((name, value)) = header {
                response.headers_mut().insert(name, value);
            }
            response
        };
        let all = [
            response(None, r#"{"__type":"a#ThrottlingException"}"#),
            response(Some(("x-amzn-errortype", "ThrottledException:http://x")), "{}"),
            response(Some(("x-amzn-query-error", "RequestThrottled;Sender")), "{}"),
            response(None, "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>"),
            response(None, "<Error><Code>SlowDown</Code></Error>"),
        ];
        assert!(all.iter().all(is_throttled));
        let other = response(None, "<Error><Code>AccessDenied</Code><Message>SlowDown</Message></Error>");
        assert!(!is_throttled(&other) && !is_quota(&other));
    }
}
