//! One message of HTTP/1.1, as it goes over the wire, and the refusals that AWS's services answer.

use std::io::{self, BufRead, Read};

/// Bytes of one message.
const MESSAGE: u64 = 8 * 1024 * 1024;

/// A request or an answer.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// First line and headers, with the empty line.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The next one; none when the other side has closed.
    pub(crate) fn read(from: &mut impl BufRead, with_body: bool) -> io::Result<Option<Self>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if from.by_ref().take(MESSAGE).read_line(&mut head)? == 0 {
                return Ok(None);
            }
        }
        let mut message = Self { head, body: Vec::new() };
        let empty = ["HTTP/1.1 204", "HTTP/1.1 304"].iter().any(|status| message.head.starts_with(status));
        if with_body && !empty {
            message.read_body(from)?;
        }
        Ok(Some(message))
    }

    fn read_body(&mut self, from: &mut impl BufRead) -> io::Result<()> {
        let chunked = self.header("transfer-encoding").is_some_and(|v| v.contains("chunked"));
        if !chunked {
            let length = self.header("content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
            return self.take(from, length);
        }
        loop {
            let mut size = String::new();
            from.by_ref().take(MESSAGE).read_line(&mut size)?;
            self.body.extend_from_slice(size.as_bytes());
            let digits = size.split(';').next().unwrap_or_default().trim();
            let length = u64::from_str_radix(digits, 16).map_err(io::Error::other)?;
            // the chunk and its line's end; after the last one there are no trailers here
            self.take(from, length + 2)?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn take(&mut self, from: &mut impl BufRead, length: u64) -> io::Result<()> {
        if length > MESSAGE {
            return Err(io::Error::other("too long"));
        }
        let read = from.by_ref().take(length).read_to_end(&mut self.body)?;
        if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim())
    }

    /// What is asked for, of services that speak JSON.
    pub(crate) fn operation(&self) -> &str {
        self.header("x-amz-target").unwrap_or_default()
    }

    pub(crate) fn throttled(&self) -> Vec<u8> {
        if self.operation().is_empty() {
            self.refused("503 Slow Down", "SlowDown", "Please reduce your request rate.")
        } else {
            self.refused("400 Bad Request", "ThrottlingException", "Rate exceeded")
        }
    }

    pub(crate) fn broken(&self) -> Vec<u8> {
        self.refused("500 Internal Server Error", "InternalError", "We encountered an error.")
    }

    /// An error as the service that was called would tell it.
    pub(crate) fn refused(&self, status: &str, code: &str, message: &str) -> Vec<u8> {
        let xml = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        let (kind, body) = if !self.operation().is_empty() {
            let json = serde_json::json!({ "__type": code, "message": message });
            ("application/x-amz-json-1.1", json.to_string())
        } else if self.header("authorization").is_some_and(|v| v.contains("/sts/")) {
            ("text/xml", format!("<ErrorResponse>{xml}</ErrorResponse>"))
        } else {
            ("application/xml", xml)
        };
        let body = if self.head.starts_with("HEAD ") { String::new() } else { body };
        let length = body.len();
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
    }
}
