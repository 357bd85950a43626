//! AWS as a script, for tests of what the emulator cannot show: late, stale and refused answers.
//!
//! A [`Stub`] answers each request by a function of what is asked and how often it was asked before; waiting takes no
//! time (see [`crate::waits::clock`]), and no request leaves the process.

mod cbor;
pub(crate) mod late;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::SdkError,
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};
use pulumi::value::{FromValue, Value};
use serde_json::{Value as Json, json};

use crate::{
    clients::Clients,
    context::{Caller, Cx},
    error::Failure,
    recovery::Identity,
    testing,
    waits::clock,
};

pub(crate) const ACCOUNT: &str = "111122223333";
const REGION: &str = "ap-southeast-2";

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The operation, such as `DeleteEventBus`; of S3 the method and what of the bucket, such as `PUT tagging`.
    pub(crate) operation: String,
    /// What is asked: JSON where it is, the fields of a form, the text of anything else.
    pub(crate) body: Json,
    /// How often the operation was asked before.
    pub(crate) before: usize,
    pub(crate) protocol: Protocol,
    /// Whether locks under GOVERNANCE are to be bypassed.
    pub(crate) bypasses: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Json,
    Cbor,
    Ec2,
    Query,
    S3,
}

/// What AWS answers.
pub(crate) enum Answer {
    /// JSON.
    Json(Json),
    /// What stands in the XML of the operation's answer.
    Xml(String),
    /// An error: code and message.
    Refused(&'static str, &'static str),
}

/// An answer that says nothing but "done".
pub(crate) fn done(asked: &Asked) -> Answer {
    if matches!(asked.protocol, Protocol::Json | Protocol::Cbor) {
        Answer::Json(json!({}))
    } else {
        Answer::Xml(String::new())
    }
}

/// A failed call, without a request.
pub(crate) fn refused(code: &str, message: &str) -> Failure<GetCallerIdentityError> {
    let error = GetCallerIdentityError::generic(ErrorMetadata::builder().code(code).message(message).build());
    SdkError::service_error(error, HttpResponse::new(status(400), SdkBody::empty()))
}

/// The inputs of a type, from a sample's text.
pub(crate) fn inputs<T: FromValue>(json: &Json) -> T {
    T::from_value(&Value::Object(testing::map(json))).expect("inputs")
}

type Script = Box<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// AWS as a script.
pub(crate) struct Stub {
    script: Script,
    log: Mutex<Vec<Asked>>,
    in_flight: Mutex<Vec<String>>,
    /// The operations that were under way at once, at the moments at which one began.
    crowds: Mutex<Vec<Vec<String>>>,
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stub")
    }
}

impl Stub {
    pub(crate) fn new(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        let (log, in_flight, crowds) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { script: Box::new(script), log, in_flight, crowds })
    }

    /// What an operation on a resource of this type gets, with this AWS behind it.
    pub(crate) fn cx(self: &Arc<Self>, token: &str) -> Cx {
        let connector = SharedHttpConnector::new(Connector(self.clone()));
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "stub")))
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        let urn = format!("urn:pulumi:test::test::{token}::r");
        let caller = Caller { account: ACCOUNT.to_owned(), arn: String::new(), user_id: String::new() };
        Cx {
            clients: Arc::new(Clients::new(&config, REGION)),
            caller,
            region: REGION.to_owned(),
            partition: "aws".to_owned(),
            identity: Identity::new(&urn),
            urn,
            inputs: pulumi::value::Map::new(),
            tags: [("tenant_id".to_owned(), "test".to_owned())].into(),
            default_tags: Arc::default(),
            recovery: Arc::default(),
            adoption: Arc::default(),
            log: Arc::default(),
        }
    }

    /// Runs a test without waiting; answers how long it would have waited, too.
    pub(crate) async fn run<T>(test: impl Future<Output = T>) -> (T, Duration) {
        clock::skipping(test).await
    }

    /// What was asked of an operation, in order.
    pub(crate) fn asked(&self, operation: &str) -> Vec<Json> {
        let log = self.log.lock().expect("no test panicked in it");
        log.iter().filter(|asked| asked.operation == operation).map(|asked| asked.body.clone()).collect()
    }

    /// The operations that were asked for, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.log.lock().expect("no test panicked in it").iter().map(|asked| asked.operation.clone()).collect()
    }

    /// How many requests for some operations were under way at once, at most.
    pub(crate) fn at_once_of(&self, which: impl Fn(&str) -> bool) -> usize {
        let crowds = self.crowds.lock().expect("no test panicked in it");
        crowds.iter().map(|crowd| crowd.iter().filter(|o| which(o)).count()).max().unwrap_or_default()
    }

    async fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut asked = Asked::new(request);
        {
            let mut now = self.in_flight.lock().expect("no test panicked in it");
            now.push(asked.operation.clone());
            self.crowds.lock().expect("no test panicked in it").push(now.clone());
        }
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        asked.before = self.asked(&asked.operation).len();
        let answer = (self.script)(&asked);
        self.log.lock().expect("no test panicked in it").push(asked.clone());
        let mut now = self.in_flight.lock().expect("no test panicked in it");
        if let Some(mine) = now.iter().position(|operation| *operation == asked.operation) {
            now.swap_remove(mine);
        }
        asked.response(answer)
    }
}

#[derive(Clone, Debug)]
struct Connector(Arc<Stub>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let stub = self.0.clone();
        HttpConnectorFuture::new(async move { Ok(stub.answer(&request).await) })
    }
}

/// The operation of a request to Lambda, whose requests do not have its name.
fn of_lambda(method: &str, path: &str) -> String {
    let mut parts = path.split('/').skip(1);
    let (kind, thing, part) = (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    let verb = |verbs: [&'static str; 4]| {
        verbs[["GET", "POST", "PUT", "DELETE"].iter().position(|m| *m == method).expect("a verb")]
    };
    match (kind, thing, part) {
        ("functions", None, _) => verb(["ListFunctions", "CreateFunction", "", ""]),
        ("functions", _, "") => verb(["GetFunction", "", "", "DeleteFunction"]),
        ("functions", _, "code") => verb(["", "", "UpdateFunctionCode", ""]),
        ("functions", _, "configuration") => verb(["", "", "UpdateFunctionConfiguration", ""]),
        ("functions", _, "versions") => verb(["ListVersionsByFunction", "PublishVersion", "", ""]),
        ("functions", _, "policy") => verb(["GetPolicy", "AddPermission", "", "RemovePermission"]),
        ("functions", _, "concurrency") => verb(["", "", "PutFunctionConcurrency", "DeleteFunctionConcurrency"]),
        ("functions", _, "event-invoke-config") => verb([
            "GetFunctionEventInvokeConfig",
            "",
            "PutFunctionEventInvokeConfig",
            "DeleteFunctionEventInvokeConfig",
        ]),
        ("functions", _, "code-signing-config") => verb([
            "GetFunctionCodeSigningConfig",
            "",
            "PutFunctionCodeSigningConfig",
            "DeleteFunctionCodeSigningConfig",
        ]),
        ("tags", ..) => verb(["ListTags", "TagResource", "", "UntagResource"]),
        _ => panic!("no call of Lambda that a test knows: {method} {path}"),
    }
    .to_owned()
}

fn status(code: u16) -> StatusCode {
    StatusCode::try_from(code).expect("a status")
}

impl Asked {
    fn new(request: &HttpRequest) -> Self {
        let text = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let (_, place) = request.uri().split_once("://").unwrap_or_default();
        let (host, path) = place.split_once('/').unwrap_or((place, ""));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let target = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
        let form = || {
            let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .map(|(k, v)| (k.to_owned(), Json::String(crate::document::decoded(v))))
                .collect::<serde_json::Map<_, _>>()
        };
        let (protocol, operation, body) = if let Some(operation) = target {
            (Protocol::Json, operation.to_owned(), serde_json::from_str(&text).unwrap_or_default())
        } else if text.starts_with("Action=") {
            let form = form();
            let operation = form["Action"].as_str().unwrap_or_default().to_owned();
            let protocol = if host.starts_with("ec2.") { Protocol::Ec2 } else { Protocol::Query };
            (protocol, operation, Json::Object(form))
        } else if let Some((_, operation)) = path.split_once("/operation/") {
            (Protocol::Cbor, operation.to_owned(), cbor::read(request.body().bytes().unwrap_or_default()))
        } else if host.contains("s3.") {
            let of = query.split('&').next().and_then(|first| first.split('=').next()).filter(|of| *of != "x-id");
            (Protocol::S3, format!("{} {}", request.method(), of.unwrap_or("")).trim().to_owned(), Json::String(text))
        } else {
            let operation = if host.contains("lambda.") { of_lambda(request.method(), path) } else { path.to_owned() };
            (Protocol::Json, operation, serde_json::from_str(&text).unwrap_or_default())
        };
        let bypasses = request.headers().get("x-amz-bypass-governance-retention").is_some();
        Self { operation, body, before: 0, protocol, bypasses }
    }

    fn response(&self, answer: Answer) -> HttpResponse {
        let operation = &self.operation;
        let (code, text) = match answer {
            Answer::Json(json) if self.protocol == Protocol::Cbor => return answered(200, cbor::write(&json)),
            Answer::Json(json) => (200, json.to_string()),
            Answer::Xml(inside) => {
                let text = match self.protocol {
                    Protocol::Ec2 => format!("<{operation}Response>{inside}</{operation}Response>"),
                    Protocol::Query => format!(
                        "<{operation}Response><{operation}Result>{inside}</{operation}Result></{operation}Response>"
                    ),
                    Protocol::S3 | Protocol::Json | Protocol::Cbor => inside,
                };
                (200, text)
            }
            Answer::Refused(code, message) => {
                let error = format!("<Code>{code}</Code><Message>{message}</Message>");
                let text = match self.protocol {
                    Protocol::Cbor => {
                        return answered(400, cbor::write(&json!({ "__type": code, "message": message })));
                    }
                    Protocol::Json => json!({ "__type": code, "message": message }).to_string(),
                    Protocol::Ec2 => format!("<Response><Errors><Error>{error}</Error></Errors></Response>"),
                    Protocol::Query => format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"),
                    Protocol::S3 => format!("<Error>{error}</Error>"),
                };
                (400, text)
            }
        };
        answered(code, text)
    }
}

fn answered(code: u16, body: impl Into<SdkBody>) -> HttpResponse {
    HttpResponse::new(status(code), body.into())
}
