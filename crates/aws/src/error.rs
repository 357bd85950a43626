//! AWS's failures in the user's words, and the one place that knows which of them pass.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::{ErrorMetadata, metadata::ProvideErrorMetadata};
use pulumi::provider::resource::Error;

use crate::network::proxy;

/// What came back from a call that failed.
pub type Failure<E> = SdkError<E, HttpResponse>;

/// Codes that mean "later": AWS refused before it did anything. They are those of AWS's SDKs, without
/// `LimitExceededException`: the models of all services here (CloudWatch Logs, Cognito, EventBridge, Firehose, IAM,
/// KMS; read 2026-11-25) say of it that there are too many resources, which passes by no waiting.
const THROTTLED: [&str; 16] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "KMSThrottling",
    "KmsThrottled",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Whether a code means that AWS throttles a call. Services put a name of their own before some.
pub(crate) fn is_throttle(code: &str) -> bool {
    let own = code.rsplit('.').next().unwrap_or(code);
    THROTTLED.contains(&own)
}

/// The user's words for a failed call: `Code: message`, or what happened on the way.
///
/// Only what depends on the operation is here: there are hundreds of them, and each has this function of its own in the executable.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
pub fn failed<E: ProvideErrorMetadata + std::error::Error + 'static>(failure: Failure<E>) -> Error {
    let secret = keeps_secrets(std::any::type_name::<E>());
    let way = match &failure {
        SdkError::ServiceError(service) => {
            let why = std::error::Error::source(service.err());
            return refused(service.err().meta(), why, service.raw(), secret).of_call();
        }
        SdkError::ResponseError(unread) => Way::Answered(unread.raw()),
        SdkError::DispatchFailure(cause) => Way::Out { reached: !(cause.is_io() || cause.is_timeout()) },
        SdkError::TimeoutError(_) => Way::Out { reached: true },
        _ => Way::Before,
    };
    not_answered(&failure, &way, secret).of_call()
}

/// How far a call came that got no answer of the service.
enum Way<'a> {
    /// It was not sent.
    Before,
    /// It was sent, or was to be.
    Out { reached: bool },
    /// There is an answer that the SDK cannot read.
    Answered(&'a HttpResponse),
}

/// The words for an answer of the service that is a refusal.
fn refused(
    told: &ErrorMetadata,
    why: Option<&(dyn std::error::Error + 'static)>,
    raw: &HttpResponse,
    secret: bool,
) -> Error {
    // of an answer that it cannot read the SDK says nothing but that
    let error = match words(told.code(), told.message(), raw.status().as_u16()) {
        Some(words) => Error::new(words),
        None => {
            let why = why.map(ToString::to_string).filter(|why| !why.is_empty());
            let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
            Error::new(format!("{}{why}", answer(raw, secret)))
        }
    };
    match told.code().and_then(hint) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// The words for what happened on the way.
fn not_answered(failure: &(dyn std::error::Error + 'static), way: &Way<'_>, secret: bool) -> Error {
    let mut causes = vec![failure.to_string()];
    let mut source = failure.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !causes.iter().any(|c| c.contains(&text)) {
            causes.push(text);
        }
        source = cause.source();
    }
    if let Way::Answered(raw) = way {
        causes.push(answer(raw, secret));
    }
    let text = causes.join(": ");
    let error = Error::new(text.clone());
    if text.contains("credentials-login") {
        return error.hint(
            "profiles of `aws login` are not supported: run `eval \"$(aws configure export-credentials --profile NAME --format env)\"` \
             and leave `profile` out, or use a profile of `aws sso login`",
        );
    }
    // no connection, whatever its words: of STS's endpoint they name credentials, too
    let unreached = matches!(way, Way::Out { reached: false });
    if !unreached && text.contains("credential") {
        return error
            .hint("sign in for this profile or role, and run it again (for SSO: `aws sso login --profile NAME`)");
    }
    match way {
        Way::Out { .. } => error.hint(match proxy() {
            Some(proxy) => {
                format!("check the network, the endpoint, and the proxy `{proxy}`; run it again to go on")
            }
            None => "check the network and the endpoint; run it again to go on".to_owned(),
        }),
        Way::Before | Way::Answered(_) => error,
    }
}

/// AWS's code and message, as far as it gave them: the answer to a HEAD has neither.
fn words(code: Option<&str>, message: Option<&str>, status: u16) -> Option<String> {
    match (code, message.filter(|message| !message.is_empty())) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (Some(only), None) | (None, Some(only)) => Some(format!("{only} (status {status})")),
        (None, None) => None,
    }
}

/// How much of an answer that cannot be read is shown.
const SHOWN: usize = 200;

/// Calls whose answers hold what nobody may see: credentials, the values of parameters, a client's secret, and tags, which
/// a program may have as secrets.
const SECRET: [&str; 8] = [
    "AssumeRole",
    "GetParameter",
    "DescribeUserPoolClient",
    "CreateUserPoolClient",
    "UpdateUserPoolClient",
    "Tagging",
    "ListTags",
    "Tags",
];

/// Whether the call that fails with this type has an answer that is not shown.
fn keeps_secrets(error: &str) -> bool {
    let call = error.rsplit("::").next().unwrap_or(error);
    SECRET.iter().any(|secret| call.contains(secret))
}

/// An answer that says nothing the SDK can read: a proxy's page, most often.
fn answer(raw: &HttpResponse, secret: bool) -> String {
    let status = raw.status().as_u16();
    let kind = raw.headers().get("content-type").map(|kind| format!(", as {kind}")).unwrap_or_default();
    let bytes = raw.body().bytes().unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = match (text.is_empty(), secret) {
        (true, _) => "and an empty body".to_owned(),
        (false, true) => format!("and {} bytes that are not shown, as there may be secrets in them", bytes.len()),
        (false, false) if text.chars().count() > SHOWN => {
            format!("and {} bytes that begin with `{}`", bytes.len(), text.chars().take(SHOWN).collect::<String>())
        }
        (false, false) => format!("and `{text}`"),
    };
    format!("AWS answered with status {status}{kind}, {said}")
}

fn hint(code: &str) -> Option<&'static str> {
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => Some(
            "the credentials in use lack this permission, or an SCP denies it; the type's documentation lists the actions it needs",
        ),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            Some("the credentials have expired: sign in again and run it again")
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            Some("AWS does not know these credentials: check the profile")
        }
        "InvalidTag" => Some(
            "AWS does not say which tag: look for one with other characters than letters, digits, spaces and _.:/=+-@",
        ),
        "DependencyViolation" => Some(
            "another resource still uses it, often a network interface that this deployment did not create or cannot see",
        ),
        throttle if is_throttle(throttle) => {
            Some("AWS throttled this call for minutes: run it again to go on, or ask AWS to raise the limit")
        }
        "QueueDeletedRecently" | "AWS.SimpleQueueService.QueueDeletedRecently" => {
            Some("AWS keeps a deleted queue's name for 60 s: run it again after that")
        }
        _ => None,
    }
}

/// The error code, when AWS itself answered.
pub fn code<E: ProvideErrorMetadata>(failure: &Failure<E>) -> Option<&str> {
    match failure {
        SdkError::ServiceError(service) => service.err().code(),
        _ => None,
    }
}

/// What to do about a failed call that must not be made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// AWS refused it for now: make it again.
    Refused,
    /// The answer got lost, or AWS broke: it may have been carried out.
    Ambiguous,
    /// AWS said no.
    Final,
}

/// Judges a failed call.
pub fn verdict<E: ProvideErrorMetadata>(failure: &Failure<E>) -> Verdict {
    match failure {
        SdkError::DispatchFailure(dispatch) if dispatch.is_user() => Verdict::Final,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Verdict::Ambiguous,
        SdkError::ServiceError(service) => match service.err().code() {
            code if code.is_some_and(is_throttle) || service.raw().status().as_u16() == 429 => Verdict::Refused,
            _ if service.raw().status().as_u16() >= 500 => Verdict::Ambiguous,
            _ => Verdict::Final,
        },
        _ => Verdict::Final,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_did_not_say_is_not_made_up() {
        let words = |code, message, status| words(code, message, status).unwrap_or_default();
        assert_eq!(words(Some("NoSuchKey"), Some("There is none."), 404), "NoSuchKey: There is none.");
        assert_eq!(words(Some("NotFound"), None, 404), "NotFound (status 404)");
        assert_eq!(words(None, Some(""), 403), "");
        assert_eq!(answer(&answered(403, None, ""), false), "AWS answered with status 403, and an empty body");
    }

    fn answered(status: u16, kind: Option<&'static str>, body: &str) -> HttpResponse {
        let mut raw = HttpResponse::new(status.try_into().expect("a status"), body.to_owned().into());
        if let Some(kind) = kind {
            raw.headers_mut().insert("content-type", kind);
        }
        raw
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_shown_in_its_beginning() {
        let page = "<html>\n  <b>Proxy</b> ".to_owned() + &"x".repeat(300);
        let said = answer(&answered(502, Some("text/html"), &page), false);
        assert!(
            said.starts_with("AWS answered with status 502, as text/html, and 322 bytes that begin with `<html> <b>")
        );
        assert!(said.len() < 300, "{said}");
        assert_eq!(answer(&answered(200, None, "{"), false), "AWS answered with status 200, and `{`");
    }

    #[test]
    fn an_answer_with_secrets_is_never_shown() {
        let hidden = |call: &str| keeps_secrets(&format!("aws_sdk_x::operation::y::{call}Error"));
        for call in ["GetParameter", "GetParametersByPath", "DescribeUserPoolClient", "AssumeRole", "GetBucketTagging"]
        {
            assert!(hidden(call), "{call}");
        }
        assert!(!hidden("DescribeVpcs") && !hidden("GetPolicy"));
        let said = answer(&answered(200, Some("application/json"), "{\"Value\": hush"), true);
        assert_eq!(
            said,
            "AWS answered with status 200, as application/json, and 14 bytes that are not shown, as there may be secrets in them"
        );
    }

    /// What a server's answer becomes, in the client of a call.
    async fn said(status: &str, body: &'static str) -> [String; 2] {
        use std::io::{Read as _, Write as _};
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: text/html\r\nconnection: close\r\n");
        let server = std::thread::spawn(move || {
            for stream in listener.incoming().take(2) {
                let mut stream = stream.expect("a connection");
                let mut request = [0; 8192];
                let _ = stream.read(&mut request);
                let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
            }
        });
        let credentials = Some(("test".to_owned(), "test".to_owned()));
        let ambient = crate::clients::Ambient { endpoint: Some(endpoint), credentials };
        let access = crate::clients::Access { region: "us-east-1".to_owned(), ..crate::clients::Access::default() };
        let sdk = crate::clients::load(&crate::clients::http_client(), &ambient, &access).await;
        let sdk = sdk.into_builder().retry_config(aws_config::retry::RetryConfig::disabled()).build();
        let clients = crate::clients::Clients::new(&sdk, "us-east-1");
        let open = failed(clients.ssm.describe_parameters().send().await.expect_err("no answer")).to_string();
        let hidden = failed(clients.ssm.get_parameter().name("p").send().await.expect_err("no answer")).to_string();
        server.join().expect("the server ends");
        [open, hidden]
    }

    #[tokio::test]
    async fn a_call_tells_what_it_could_not_read() {
        for status in ["200 OK", "502 Bad Gateway"] {
            let [open, hidden] = said(status, "<html>hush-4711</html>").await;
            let code = &status[..3];
            assert!(
                open.contains(&format!("AWS answered with status {code}, as text/html, and `<html>hush")),
                "{open}"
            );
            assert!(hidden.contains(&format!("status {code}")) && !hidden.contains("hush"), "{hidden}");
        }
    }
}
