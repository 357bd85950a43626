//! As much of SSM as a reader talks to, over HTTP on this machine, without a runtime: `GetParametersByPath`, page by page.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use contract::live::{Live, Parameter};
use serde_json::{Value, json};

/// What it holds and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) live: Live,
    /// Operation and body of each request.
    pub(crate) requests: Vec<(String, Value)>,
    /// Code of the error with which everything is answered.
    pub(crate) refuses: Option<&'static str>,
}

/// The responder, for as long as the test runs.
#[derive(Debug, Clone)]
pub(crate) struct Ssm {
    store: Arc<Mutex<Store>>,
    pub(crate) endpoint: String,
}

impl Ssm {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let store = Arc::new(Mutex::new(Store::default()));
        let shared = Arc::clone(&store);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(connection, &shared));
            }
        });
        Self { store, endpoint }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().expect("nothing panics while it holds it")
    }
}

fn serve(connection: TcpStream, store: &Mutex<Store>) {
    let mut connection = BufReader::new(connection);
    while let Some((target, body)) = request(&mut connection) {
        let (status, answer) = answer(&mut store.lock().expect("nothing panics while it holds it"), target, &body);
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        if connection.get_mut().write_all(format!("{head}{answer}").as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request's operation and body; `None` when the client has gone.
fn request(connection: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.trim().to_owned()),
            None if line.trim_end().is_empty() => break,
            None => continue,
        };
    }
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    Some((headers.remove("x-amz-target").unwrap_or_default(), serde_json::from_slice(&body).ok()?))
}

fn answer(store: &mut Store, target: String, request: &Value) -> (&'static str, Value) {
    let text = |key: &str| request[key].as_str().unwrap_or_default();
    let folder = format!("{}/", text("Path"));
    let (from, most) = (text("NextToken").parse().unwrap_or(0), request["MaxResults"].as_u64().unwrap_or(10));
    store.requests.push((target, request.clone()));
    if let Some(code) = store.refuses {
        return ("400 Bad Request", json!({ "__type": code, "message": "told to" }));
    }
    let parameter =
        |(path, found): (&String, &Parameter)| json!({ "Name": path, "Type": found.kind, "Value": found.value });
    let below: Vec<_> = store.live.iter().filter(|(path, _)| path.starts_with(&folder)).map(parameter).collect();
    let most = usize::try_from(most).unwrap_or(10);
    let page: Vec<_> = below.iter().skip(from).take(most).cloned().collect();
    let next = from + page.len();
    let mut answer = json!({ "Parameters": page });
    if next < below.len() {
        answer["NextToken"] = next.to_string().into();
    }
    ("200 OK", answer)
}
