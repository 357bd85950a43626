//! Asks a server which instance it is: one small HTTP exchange, not worth a client library.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Generous, because one process serves 32 calls at a time on one core.
const PATIENCE: Duration = Duration::from_secs(10);

/// The instance id that answers at `endpoint`, or why there is none.
pub(crate) async fn instance(endpoint: &str) -> Result<String, String> {
    match timeout(PATIENCE, ask(endpoint)).await {
        Ok(Ok(answer)) => parse(&answer),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

async fn ask(endpoint: &str) -> io::Result<String> {
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET /zone/instance HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // an instance id is 32 letters: more than this comes from somebody else
    stream.take(8192).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn parse(answer: &str) -> Result<String, String> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer is not HTTP")?;
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) == Some("200") { Ok(body.to_owned()) } else { Err(format!("answered `{status}`")) }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_a_200_counts() {
        assert_eq!(parse("HTTP/1.1 200 OK\r\nA: b\r\n\r\nabc"), Ok("abc".to_owned()));
        assert_eq!(parse("HTTP/1.1 404 Not Found\r\n\r\nabc"), Err("answered `HTTP/1.1 404 Not Found`".to_owned()));
        assert!(parse("220 mail").is_err());
        assert!(parse("").is_err());
    }

    #[tokio::test]
    async fn nobody_there() {
        assert!(super::instance("http://127.0.0.1:1").await.is_err());
        assert!(super::instance("nonsense").await.is_err());
    }
}
