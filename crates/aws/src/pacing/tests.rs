//! Pace and patience, against a service that lets so many calls a second through.

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
