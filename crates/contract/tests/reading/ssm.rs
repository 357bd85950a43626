//! As much of SSM as the client talks to, over HTTP on this machine: `GetParametersByPath`, page by page.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use aws_config::BehaviorVersion;
use aws_sdk_ssm::config::{Credentials, Region, retry::RetryConfig};
use contract::live::{Live, Parameter};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What it holds and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) live: Live,
    /// Bodies of all requests.
    pub(crate) requests: Vec<Value>,
    /// Code of the error with which everything is answered.
    pub(crate) refuses: Option<&'static str>,
    /// An empty page comes first, as AWS may send one.
    pub(crate) empty_page_first: bool,
}

/// The responder, for as long as the runtime lives.
#[derive(Debug, Clone)]
pub(crate) struct Ssm {
    store: Arc<Mutex<Store>>,
    endpoint: String,
}

impl Ssm {
    pub(crate) async fn with(live: Live) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let store = Arc::new(Mutex::new(Store { live, ..Store::default() }));
        let shared = Arc::clone(&store);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Self { store, endpoint }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().expect("no test panics while it holds it")
    }

    pub(crate) fn calls(&self) -> usize {
        self.store().requests.len()
    }

    /// An SDK client that talks to it; an error is not tried again, so that calls can be counted.
    pub(crate) fn sdk(&self) -> aws_sdk_ssm::Client {
        let config = aws_sdk_ssm::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-southeast-2"))
            .endpoint_url(&self.endpoint)
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled());
        aws_sdk_ssm::Client::from_conf(config.build())
    }
}

async fn serve(connection: TcpStream, store: Arc<Mutex<Store>>) {
    let mut connection = BufReader::new(connection);
    while let Some((target, body)) = request(&mut connection).await {
        assert_eq!(target, "AmazonSSM.GetParametersByPath");
        let (status, answer) = answer(&mut store.lock().expect("no test panics while it holds it"), body);
        // long enough for callers to meet
        tokio::time::sleep(Duration::from_millis(2)).await;
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        if connection.write_all(format!("{head}{answer}").as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The next request's operation and body; `None` when the client has gone.
async fn request(connection: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.to_owned()),
            None if line.trim_end().is_empty() => break,
            None => continue,
        };
    }
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.ok()?;
    Some((headers.remove("x-amz-target")?, serde_json::from_slice(&body).ok()?))
}

fn answer(store: &mut Store, request: Value) -> (&'static str, Value) {
    let text = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
    let (folder, token) = (format!("{}/", text("Path")), text("NextToken"));
    let most = usize::try_from(request["MaxResults"].as_u64().unwrap_or(10)).expect("a small number");
    store.requests.push(request);
    if let Some(code) = store.refuses {
        return ("400 Bad Request", json!({ "__type": code, "message": "told to" }));
    }
    if token.is_empty() && store.empty_page_first {
        return ("200 OK", json!({ "Parameters": [], "NextToken": "0" }));
    }
    let from: usize = if token.is_empty() { 0 } else { token.parse().expect("a token of ours") };
    let parameter =
        |(path, found): (&String, &Parameter)| json!({ "Name": path, "Type": found.kind, "Value": found.value });
    let below: Vec<_> = store.live.iter().filter(|(path, _)| path.starts_with(&folder)).map(parameter).collect();
    let page: Vec<_> = below.iter().skip(from).take(most).cloned().collect();
    let next = (from + page.len() < below.len()).then(|| (from + page.len()).to_string());
    ("200 OK", json!({ "Parameters": page, "NextToken": next }))
}
