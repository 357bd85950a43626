//! A small HTTP/1.1 proxy in front of the emulator that makes the network a bad one: by chance, from a seed, or
//! by order.

use std::{
    collections::BTreeMap,
    io::{self, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::message::Message;

/// Connections at once; one more is closed.
const CONNECTIONS: usize = 256;
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

/// A call that the service carried out.
#[allow(dead_code, reason = "the benchmark reads all of it")]
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) request: Message,
    pub(crate) answer: Message,
    /// When it was passed on.
    pub(crate) at: Instant,
    /// How long the service took.
    pub(crate) took: Duration,
}

/// What the proxy does, to be changed while it runs.
struct Weather {
    dice: StdRng,
    percent: u32,
    refusal: Option<Refusal>,
    calls: usize,
    dealt: BTreeMap<Fault, usize>,
    kept: Vec<Kept>,
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
        let weather = Weather {
            dice: StdRng::seed_from_u64(seed),
            percent: 0,
            refusal: None,
            calls: 0,
            dealt: BTreeMap::new(),
            kept: Vec::new(),
        };
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

    /// The calls so far that the service carried out, with its answers.
    pub(crate) fn kept(&self) -> Vec<Kept> {
        self.shared.weather().kept.clone()
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
        let at = Instant::now();
        (&service).write_all(&call.bytes())?;
        let bodiless = call.head.starts_with("HEAD ");
        let Some(answer) = Message::read(&mut answers, !bodiless)? else { return Ok(()) };
        let kept = Kept { request: call.clone(), answer: answer.clone(), at, took: at.elapsed() };
        shared.weather().kept.push(kept);
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
