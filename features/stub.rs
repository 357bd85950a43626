//! A service of a few lines, for what no emulator does: pages of tags, a bucket of a stranger.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::Arc,
    time::Duration,
};

use crate::{
    session::Session,
    target::{Access, Target},
};

/// The id of every request.
pub(crate) const REQUEST_ID: &str = "a-request";

/// Answers every request by its first line and its body, with a status and a body; returns where it listens.
pub(crate) fn answering(answer: fn(&str, &str) -> (u16, String)) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).is_err() || line.trim().is_empty() {
                    break;
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                head += &line;
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let first = head.lines().next().unwrap_or_default();
            let (status, text) = answer(first, &String::from_utf8_lossy(&body));
            let text = if first.starts_with("HEAD ") { String::new() } else { text };
            let end = format!(
                "x-amzn-RequestId: {REQUEST_ID}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
                text.len()
            );
            stream.write_all(format!("HTTP/1.1 {status} Of The Stub\r\n{end}").as_bytes()).ok();
        }
    });
    endpoint
}

/// The configuration of nobody in particular.
pub(crate) fn zone() -> config::Zone {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/tests/tenants/minimal");
    config::load(&dir, "local").unwrap_or_else(|errors| panic!("{errors}"))
}

/// A run against a service at `endpoint`, of an environment of which nothing is published.
pub(crate) async fn session(endpoint: &str, patience: Duration) -> Arc<Session> {
    let target = Target {
        environment: "test".into(),
        root: "/acme/test".into(),
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        organization: "o-1".into(),
        endpoint: Some(endpoint.into()),
        access: Access::default(),
        management: None,
        zone: Arc::new(zone()),
        probes: Err("nothing is tried here".to_owned()),
        module: None,
        patience,
    };
    Session::unopened(target).await
}
