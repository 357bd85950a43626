//! A small HTTP/1.1 proxy in front of the emulator that makes the network a bad one: by chance, from a seed, or
//! by order.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// Connections at once; one more is closed.
const CONNECTIONS: usize = 256;
/// Bytes of one message.
const MESSAGE: u64 = 8 * 1024 * 1024;
/// How long either side may be silent.
const SILENCE: Duration = Duration::from_secs(90);

/// What can happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// Refused with the service's code for "too fast".
    Throttled,
    /// Refused with 503.
    Unavailable,
    /// Refused with 500.
    Broken,
    /// Carried out, and answered with 500.
    BrokenAfter,
    /// Cut before it reached the service.
    CutBefore,
    /// Carried out, and the answer lost.
    CutAfter,
    /// Carried out, and the answer cut in its middle.
    CutMidway,
}

const FAULTS: [Fault; 7] = [
    Fault::Throttled,
    Fault::Unavailable,
    Fault::Broken,
    Fault::BrokenAfter,
    Fault::CutBefore,
    Fault::CutAfter,
    Fault::CutMidway,
];

/// A refusal by order: the operation as `X-Amz-Target` names it, AWS's code and message.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// The end of `X-Amz-Target`, such as `EnableKeyRotation`.
    pub(crate) operation: &'static str,
    /// AWS's code.
    pub(crate) code: &'static str,
    /// AWS's message.
    pub(crate) message: &'static str,
}

/// What the proxy does, to be changed while it runs.
struct Weather {
    dice: StdRng,
    percent: u32,
    refusal: Option<Refusal>,
    calls: usize,
    dealt: BTreeMap<Fault, usize>,
}

struct Shared {
    upstream: String,
    weather: Mutex<Weather>,
    open: AtomicUsize,
    ends: AtomicBool,
}

/// A running proxy; ends when dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    /// In front of `endpoint`, such as `http://127.0.0.1:1234`; clear weather at first.
    pub(crate) fn new(endpoint: &str, seed: u64) -> Self {
        let upstream = endpoint.trim_start_matches("http://").to_owned();
        let weather =
            Weather { dice: StdRng::seed_from_u64(seed), percent: 0, refusal: None, calls: 0, dealt: BTreeMap::new() };
        let shared = Arc::new(Shared {
            upstream,
            weather: Mutex::new(weather),
            open: AtomicUsize::new(0),
            ends: AtomicBool::new(false),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("its address");
        let accepting = shared.clone();
        std::thread::spawn(move || accept(&listener, &accepting));
        Self { address, shared }
    }

    /// Where it is.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, so many calls of a hundred go wrong.
    pub(crate) fn fail(&self, percent: u32) {
        self.shared.weather().percent = percent;
    }

    /// From now on, this is refused; none: nothing is.
    pub(crate) fn refuse(&self, refusal: Option<Refusal>) {
        self.shared.weather().refusal = refusal;
    }

    /// Calls so far, and what went wrong with how many of them.
    pub(crate) fn dealt(&self) -> (usize, BTreeMap<Fault, usize>) {
        let weather = self.shared.weather();
        (weather.calls, weather.dealt.clone())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::Relaxed);
        // wakes the thread that accepts
        TcpStream::connect(self.address).ok();
    }
}

impl Shared {
    fn weather(&self) -> MutexGuard<'_, Weather> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self) -> Option<Fault> {
        let mut weather = self.weather();
        weather.calls += 1;
        if weather.dice.random_range(0..100) >= weather.percent {
            return None;
        }
        let fault = FAULTS[weather.dice.random_range(0..FAULTS.len())];
        *weather.dealt.entry(fault).or_default() += 1;
        Some(fault)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.ends.load(Ordering::Relaxed) {
            return;
        }
        let Ok(client) = client else { continue };
        if shared.open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS {
            shared.open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let shared = shared.clone();
        std::thread::spawn(move || {
            // a broken connection is what this is about
            serve(&shared, &client).ok();
            client.shutdown(Shutdown::Both).ok();
            shared.open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// Answers the calls of one connection, until one is cut.
fn serve(shared: &Shared, client: &TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    client.set_read_timeout(Some(SILENCE))?;
    let service = TcpStream::connect(&shared.upstream)?;
    service.set_nodelay(true)?;
    service.set_read_timeout(Some(SILENCE))?;
    let (mut requests, mut answers) = (BufReader::new(client), BufReader::new(&service));
    let mut client = client;
    while let Some(call) = Message::read(&mut requests, true)? {
        let refusal = shared.weather().refusal.clone();
        if let Some(refusal) = refusal.filter(|r| call.operation().ends_with(r.operation)) {
            client.write_all(&call.refused("400 Bad Request", refusal.code, refusal.message))?;
            continue;
        }
        let fault = shared.fault();
        let early = match fault {
            Some(Fault::Throttled) => Some(call.throttled()),
            Some(Fault::Unavailable) => {
                Some(call.refused("503 Service Unavailable", "ServiceUnavailable", "Please try again."))
            }
            Some(Fault::Broken) => Some(call.broken()),
            Some(Fault::CutBefore) => return Ok(()),
            _ => None,
        };
        if let Some(answer) = early {
            client.write_all(&answer)?;
            continue;
        }
        (&service).write_all(&call.bytes())?;
        let bodiless = call.head.starts_with("HEAD ");
        let Some(answer) = Message::read(&mut answers, !bodiless)? else { return Ok(()) };
        match fault {
            Some(Fault::CutAfter) => return Ok(()),
            Some(Fault::CutMidway) => {
                let bytes = answer.bytes();
                return client.write_all(&bytes[..bytes.len() / 2]);
            }
            Some(Fault::BrokenAfter) => client.write_all(&call.broken())?,
            _ => client.write_all(&answer.bytes())?,
        }
    }
    Ok(())
}

/// A request or an answer.
struct Message {
    /// First line and headers, with the empty line.
    head: String,
    body: Vec<u8>,
}

impl Message {
    /// The next one; none when the other side has closed.
    fn read(from: &mut impl BufRead, with_body: bool) -> io::Result<Option<Self>> {
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

    fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim())
    }

    /// What is asked for, of services that speak JSON.
    fn operation(&self) -> &str {
        self.header("x-amz-target").unwrap_or_default()
    }

    fn throttled(&self) -> Vec<u8> {
        if self.operation().is_empty() {
            self.refused("503 Slow Down", "SlowDown", "Please reduce your request rate.")
        } else {
            self.refused("400 Bad Request", "ThrottlingException", "Rate exceeded")
        }
    }

    fn broken(&self) -> Vec<u8> {
        self.refused("500 Internal Server Error", "InternalError", "We encountered an error.")
    }

    /// An error as the service that was called would tell it.
    fn refused(&self, status: &str, code: &str, message: &str) -> Vec<u8> {
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
