//! A small S3 for tests: HTTP on the loopback, conditions as S3 keeps them, a clock that the test sets, faults on demand.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    num::ParseIntError,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
};
use aws_smithy_types::{DateTime, date_time::Format};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{Bucket, Patience, Place};

/// The bucket there is.
pub(crate) const BUCKET: &str = "state-of-dev";

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is refused with this status and code.
    Answer(u16, &'static str),
    /// The same, with more in the message.
    Says(u16, &'static str, &'static str),
    /// The connection ends before it is carried out.
    CutBefore,
    /// It is carried out, and the connection ends before the answer.
    CutAfter,
    /// The answer ends in the middle of its body.
    CutWithin,
    /// It is not answered.
    Silence,
}

/// A request, as far as a test has to know it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    body: Vec<u8>,
    /// Its number, from 0.
    pub(crate) number: usize,
}

#[derive(Clone)]
struct Stored {
    body: Vec<u8>,
    at: i64,
}

impl Stored {
    /// As S3's: the same for the same bytes.
    fn etag(&self) -> String {
        let digest = Sha256::digest(&self.body);
        format!("\"{}\"", digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

type Faults = Box<dyn FnMut(&Request) -> Option<Fault> + Send>;

struct State {
    objects: BTreeMap<String, Stored>,
    /// Everything that was ever stored, by key, the oldest first.
    versions: BTreeMap<String, Vec<Stored>>,
    now: i64,
    faults: Faults,
    requests: Vec<Request>,
    page: usize,
    ignores_conditions: bool,
}

/// The S3; it ends when it is dropped.
pub(crate) struct Stub {
    state: Arc<Mutex<State>>,
    pub(crate) endpoint: String,
    server: JoinHandle<()>,
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stub").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Stub {
    /// Starts it, with an empty bucket.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let state = Arc::new(Mutex::new(State {
            objects: BTreeMap::new(),
            versions: BTreeMap::new(),
            now: 1_800_000_000,
            faults: Box::new(|_| None),
            requests: Vec::new(),
            page: 1000,
            ignores_conditions: false,
        }));
        let shared = state.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                // a connection that ends is no failure of the test: the client says what it makes of it
                tokio::spawn(async move { serve(stream, &state).await.ok() });
            }
        });
        Self { state, endpoint, server }
    }

    /// A store in it, below this prefix, that loses its patience soon.
    pub(crate) fn bucket(&self, prefix: &str) -> Bucket {
        let place = Place {
            bucket: BUCKET.to_owned(),
            prefix: prefix.to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint: Some(self.endpoint.clone()),
            owner: Some("123456789012".to_owned()),
            kms_key: None,
        };
        self.bucket_at(place)
    }

    /// A store at this place.
    pub(crate) fn bucket_at(&self, place: Place) -> Bucket {
        use std::time::Duration;
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .region(Region::new(place.region.clone()))
            .endpoint_url(&self.endpoint)
            .force_path_style(true)
            .build();
        Bucket::new(Client::from_conf(config), place).with_patience(Patience {
            total: Duration::from_secs(20),
            attempt: Duration::from_secs(10),
            first: Duration::from_millis(1),
            longest: Duration::from_millis(4),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets its clock go on.
    pub(crate) fn wait(&self, seconds: i64) {
        self.state().now += seconds;
    }

    /// Asks this for a fault before each request.
    pub(crate) fn faults(&self, faults: impl FnMut(&Request) -> Option<Fault> + Send + 'static) {
        self.state().faults = Box::new(faults);
    }

    /// How many keys a page of a listing has at most.
    pub(crate) fn page(&self, keys: usize) {
        self.state().page = keys;
    }

    /// Takes no notice of conditions from now on.
    pub(crate) fn ignore_conditions(&self) {
        self.state().ignores_conditions = true;
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// The keys there are.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.state().objects.keys().cloned().collect()
    }

    /// Puts an object there without a request.
    pub(crate) fn place(&self, key: &str, body: &[u8]) {
        let mut state = self.state();
        let at = state.now;
        state.store(key, Stored { body: body.to_vec(), at });
    }
}

async fn serve(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(mut request) = read(&mut stream).await? {
        let (fault, answer) = {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            request.number = state.requests.len();
            state.requests.push(request.clone());
            let fault = (state.faults)(&request);
            let answer = match &fault {
                Some(Fault::Answer(status, code)) => refusal(*status, code, ""),
                Some(Fault::Says(status, code, message)) => refusal(*status, code, message),
                Some(Fault::CutBefore | Fault::Silence) => refusal(500, "InternalError", ""),
                None | Some(Fault::CutAfter | Fault::CutWithin) => state.carry_out(&request),
            };
            (fault, (answer, state.now))
        };
        match fault {
            Some(Fault::CutBefore | Fault::CutAfter) => return Ok(()),
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::CutWithin) => {
                let mut text = encode(&request, &answer.0, answer.1);
                text.truncate(text.len().saturating_sub(answer.0.body.len() / 2 + 1));
                return stream.write_all(&text).await;
            }
            _ => stream.write_all(&encode(&request, &answer.0, answer.1)).await?,
        }
    }
    Ok(())
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: BTreeMap<_, _> = lines.iter().skip(1).filter_map(|line| line.split_once(": ")).collect();
    let headers: BTreeMap<_, _> = headers.into_iter().map(|(k, v)| (k.to_lowercase(), v.to_owned())).collect();
    assert!(!headers.contains_key("transfer-encoding"), "bodies have a length: {headers:?}");
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().expect("a length"))];
    stream.read_exact(&mut body).await?;
    let line: Vec<_> = lines[0].split(' ').collect();
    let (path, query) = line[1].split_once('?').unwrap_or((line[1], ""));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_matches('/'), ""));
    let query = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    Ok(Some(Request {
        method: line[0].to_owned(),
        bucket: bucket.to_owned(),
        key: decoded(key),
        query: query.map(|(k, v)| (k.to_owned(), decoded(v))).collect(),
        headers,
        body,
        number: 0,
    }))
}

fn encode(request: &Request, answer: &Answer, now: i64) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} stub\r\nContent-Length: {}\r\n", answer.status, answer.body.len());
    write!(head, "Date: {}\r\n", http_date(now)).expect("a text grows");
    for (name, value) in &answer.headers {
        write!(head, "{name}: {value}\r\n").expect("a text grows");
    }
    head += "\r\n";
    let body = if request.method == "HEAD" { &[] } else { &answer.body[..] };
    [head.as_bytes(), body].concat()
}

fn http_date(seconds: i64) -> String {
    DateTime::from_secs(seconds).fmt(Format::HttpDate).expect("a date")
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let region = ("x-amz-bucket-region", "us-west-2".to_owned());
    let headers = if status == 301 { vec![region] } else { Vec::new() };
    Answer { status, headers, body: body.into_bytes() }
}

impl State {
    fn carry_out(&mut self, request: &Request) -> Answer {
        if request.bucket != BUCKET {
            return refusal(404, "NoSuchBucket", "The specified bucket does not exist");
        }
        let there = self.objects.get(&request.key).cloned();
        let none = || refusal(404, "NoSuchKey", "The specified key does not exist.");
        match request.method.as_str() {
            "GET" if request.key.is_empty() && request.query.contains_key("versions") => self.list_versions(request),
            "GET" if request.key.is_empty() => self.list(request),
            "GET" if request.query.contains_key("versionId") => match self.version(request) {
                Ok(Some(Stored { body, .. })) => Answer { status: 200, headers: Vec::new(), body },
                Ok(None) => refusal(404, "NoSuchVersion", "The specified version does not exist."),
                Err(_) => refusal(400, "InvalidArgument", "Invalid version id specified"),
            },
            "GET" => there.map_or_else(none, |there| Answer {
                status: 200,
                headers: vec![("ETag", there.etag()), ("Last-Modified", http_date(there.at))],
                body: there.body,
            }),
            "PUT" => {
                let condition = |name| request.headers.get(name).filter(|_| !self.ignores_conditions);
                let failed = || refusal(412, "PreconditionFailed", "At least one of the pre-conditions did not hold");
                if condition("if-none-match").is_some() && there.is_some() {
                    return failed();
                }
                if let Some(expected) = condition("if-match") {
                    match there {
                        None => return none(),
                        Some(there) if there.etag() != *expected => return failed(),
                        Some(_) => {}
                    }
                }
                let stored = Stored { body: request.body.clone(), at: self.now };
                let headers = vec![("ETag", stored.etag())];
                self.store(&request.key, stored);
                Answer { status: 200, headers, body: Vec::new() }
            }
            "DELETE" => {
                self.objects.remove(&request.key);
                Answer { status: 204, headers: Vec::new(), body: Vec::new() }
            }
            method => panic!("the stub has no {method}"),
        }
    }

    fn store(&mut self, key: &str, stored: Stored) {
        self.versions.entry(key.to_owned()).or_default().push(stored.clone());
        self.objects.insert(key.to_owned(), stored);
    }

    /// Ids are numbers here.
    fn version(&self, request: &Request) -> Result<Option<Stored>, ParseIntError> {
        let number: usize = request.query["versionId"].parse()?;
        Ok(self.versions.get(&request.key).and_then(|versions| versions.get(number)).cloned())
    }

    /// As S3 does: by key, the newest first, with a marker of two parts.
    fn list_versions(&self, request: &Request) -> Answer {
        let query = |name: &str| request.query.get(name).map_or("", String::as_str);
        let of_prefix = self.versions.iter().filter(|(key, _)| key.starts_with(query("prefix")));
        let all =
            of_prefix.flat_map(|(key, versions)| versions.iter().enumerate().rev().map(move |(n, v)| (key, n, v)));
        let after = (query("key-marker"), query("version-id-marker"));
        let mut rest: Vec<_> = all.collect();
        if let Some(at) = rest.iter().position(|(key, n, _)| (key.as_str(), &*n.to_string()) == after) {
            rest.drain(..=at);
        }
        let is_truncated = rest.len() > self.page;
        rest.truncate(self.page);
        let mut body = format!("<ListVersionsResult><IsTruncated>{is_truncated}</IsTruncated>");
        if let Some((key, n, _)) = rest.last().filter(|_| is_truncated) {
            write!(body, "<NextKeyMarker>{key}</NextKeyMarker><NextVersionIdMarker>{n}</NextVersionIdMarker>")
                .expect("a text grows");
        }
        for (key, n, stored) in rest {
            let at = DateTime::from_secs(stored.at).fmt(Format::DateTime).expect("a date");
            let size = stored.body.len();
            write!(
                body,
                "<Version><Key>{key}</Key><VersionId>{n}</VersionId><LastModified>{at}</LastModified><Size>{size}</Size></Version>"
            )
            .expect("a text grows");
        }
        body += "</ListVersionsResult>";
        Answer { status: 200, headers: Vec::new(), body: body.into_bytes() }
    }

    fn list(&self, request: &Request) -> Answer {
        let query = |name: &str| request.query.get(name).map_or("", String::as_str);
        let (prefix, after) = (query("prefix"), query("continuation-token"));
        let mut keys = self.objects.keys().filter(|key| key.starts_with(prefix) && key.as_str() > after);
        let page: Vec<_> = keys.by_ref().take(self.page).collect();
        let mut body = "<ListBucketResult>".to_owned();
        if let (Some(last), Some(_)) = (page.last(), keys.next()) {
            write!(body, "<NextContinuationToken>{last}</NextContinuationToken>").expect("a text grows");
        }
        for key in page {
            write!(body, "<Contents><Key>{key}</Key></Contents>").expect("a text grows");
        }
        body += "</ListBucketResult>";
        Answer { status: 200, headers: Vec::new(), body: body.into_bytes() }
    }
}
