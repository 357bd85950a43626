//! One run of the engine, with our program and our provider in this process.
//!
//! The engine gets our address as `--client` (the language runtime), as `--event-log` (its events), and a Unix
//! socket in the environment, through which plugin starts ask us for a port (see [`pulumi::provider::broker`]).

use std::{
    fmt::Display,
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    process::{Child, Command},
    sync::mpsc,
    time::Instant,
};
use tonic::{Request, Response, Status, Streaming, transport::Server};

use crate::events::{self, Event};
use pulumi::{
    language::Runtime,
    listen::incoming,
    monitor::MESSAGE_LIMIT,
    proto::{
        EventRequest,
        events_server::{Events, EventsServer},
        language_runtime_server::LanguageRuntimeServer,
    },
    provider::{
        broker::{self, SOCKET},
        resource::Provider,
        server::Catalog,
    },
};

/// Garbage the engine lets gather before it collects, in percent of what it holds. It makes its whole state anew at every
/// step; at Go's 100 a first deployment takes a fifth longer.
const GARBAGE: &str = "400";

/// How long the engine may take to end at once, when it was told to. It ends within a moment, or never: told twice within
/// milliseconds, pulumi 3.259 can wait for its own event stream for good.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the engine is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Say what an update would do.
    Preview,
    /// Say how what is live differs from the state, and what an update would do about it, changing neither.
    PreviewLive,
    /// Preview, then update.
    Up,
    /// Update without a preview.
    UpAtOnce,
    /// Say how what is live differs from the state, changing neither.
    PreviewRefresh,
    /// Bring the state up to what is live.
    Refresh,
    /// Say what a destroy would do.
    PreviewDestroy,
    /// Delete everything.
    Destroy,
}

impl Operation {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Preview => &["preview"],
            Self::PreviewLive => &["preview", "--refresh"],
            Self::Up => &["up", "--yes"],
            Self::UpAtOnce => &["up", "--yes", "--skip-preview"],
            Self::PreviewRefresh => &["refresh", "--preview-only"],
            Self::Refresh => &["refresh", "--yes", "--skip-preview"],
            Self::PreviewDestroy => &["destroy", "--preview-only"],
            Self::Destroy => &["destroy", "--yes", "--skip-preview"],
        }
    }
}

/// Which resources a run may touch, by URN; all of them by default. What it leaves out stays as the state has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these; none means all.
    pub targets: Vec<String>,
    /// Not these, nor what they need.
    pub excluded: Vec<String>,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Drive {
    /// The `pulumi` executable.
    pub engine: PathBuf,
    /// The folder of Pulumi.yaml.
    pub project: PathBuf,
    /// The Pulumi stack.
    pub stack: String,
    /// What to do.
    pub operation: Operation,
    /// On what.
    pub selection: Selection,
    /// Steps at once.
    pub parallel: u32,
    /// Environment of the engine, beside our own: backend, passphrase file, endpoints.
    pub environment: Vec<(String, String)>,
    /// A folder for the socket; its path has to be short (108 bytes with the socket's name).
    pub scratch: PathBuf,
}

/// How the run ended.
#[derive(Debug)]
pub struct Ended {
    /// The engine's exit code; absent when a signal killed it. 0 is success, see pulumi's `exit_codes.go`.
    pub code: Option<i32>,
    /// Whether we asked it to stop.
    pub interrupted: bool,
    /// The last of what it wrote to its standard error and output, for when it ended without a word on the event stream.
    pub words: String,
}

/// A run that never came about, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Our side of the protocol could not be set up.
    #[error("listening for the engine: {0}")]
    Listen(io::Error),
    /// The executable could not be started.
    #[error("starting the engine `{}`: {cause}", path.display())]
    Start {
        /// The executable.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Waiting for it failed.
    #[error("waiting for the engine: {0}")]
    Wait(io::Error),
}

/// Passes the engine's events on; none when there will be no more.
struct Listener(mpsc::UnboundedSender<Option<Event>>);

#[tonic::async_trait]
impl Events for Listener {
    async fn stream_events(&self, request: Request<Streaming<EventRequest>>) -> Result<Response<()>, Status> {
        let mut stream = request.into_inner();
        let pass_on = async {
            while let Some(message) = stream.message().await? {
                let event = events::parse(&message.event);
                if let Some(event) = event.map_err(|e| Status::invalid_argument(format!("event: {e}")))? {
                    self.0.send(Some(event)).ok();
                }
            }
            Ok(Response::new(()))
        };
        let ended = pass_on.await;
        self.0.send(None).ok();
        ended
    }
}

/// Runs the engine to its end. Without a `runtime`, it starts the project's program itself, by Pulumi.yaml. `interrupt` yields
/// once for each wish to stop: the first lets running steps finish, the second ends the engine at once, or kills it where it does
/// not end within 3 seconds; the third kills it.
pub async fn run<E: Display + 'static, P: Provider>(
    drive: &Drive,
    runtime: Option<Runtime<E>>,
    catalog: Arc<Catalog<P>>,
    mut interrupt: mpsc::UnboundedReceiver<()>,
    mut on: impl FnMut(Event),
) -> Result<Ended, Error> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(Error::Listen)?;
    let port = listener.local_addr().map_err(Error::Listen)?.port();
    let (sender, mut events) = mpsc::unbounded_channel();
    let is_ours = runtime.is_some();
    let language = runtime.map(|runtime| LanguageRuntimeServer::new(runtime).max_decoding_message_size(MESSAGE_LIMIT));
    let listening = EventsServer::new(Listener(sender)).max_decoding_message_size(MESSAGE_LIMIT);
    let server = Server::builder().add_optional_service(language).add_service(listening);
    let server = tokio::spawn(server.serve_with_incoming(incoming(listener)));
    let socket = drive.scratch.join(format!("provider-{}.sock", std::process::id()));
    std::fs::remove_file(&socket).ok();
    let broker = broker::listen(&socket, catalog).map_err(Error::Listen)?;

    let mut child = start(drive, port, is_ours, &socket)?;
    let words = tokio::spawn(listen(child.stdout.take(), child.stderr.take()));
    let Seen { status, interrupted, heard_all } = follow(&mut child, &mut interrupt, &mut events, &mut on).await?;
    // the stream has been closed by the engine's end, if there was one; what is on its way arrives within moments
    while !heard_all && let Ok(Some(Some(event))) = tokio::time::timeout(Duration::from_millis(50), events.recv()).await
    {
        on(event);
    }
    server.abort();
    drop(broker);
    std::fs::remove_file(&socket).ok();
    let words = words.await.unwrap_or_default();
    Ok(Ended { code: status.code(), interrupted, words })
}

/// What came of following the engine.
struct Seen {
    status: ExitStatus,
    interrupted: bool,
    heard_all: bool,
}

/// Passes events on and wishes to stop, until the engine has ended.
async fn follow(
    engine: &mut Child,
    interrupt: &mut mpsc::UnboundedReceiver<()>,
    events: &mut mpsc::UnboundedReceiver<Option<Event>>,
    on: &mut impl FnMut(Event),
) -> Result<Seen, Error> {
    let pid = engine.id();
    let (mut interrupts, mut heard_all, mut deadline) = (0, false, None);
    loop {
        tokio::select! {
            biased;
            Some(heard) = events.recv() => match heard {
                Some(event) => on(event),
                None => heard_all = true,
            },
            Some(()) = interrupt.recv() => {
                interrupts += 1;
                signal(pid, if interrupts < 3 { Signal::INT } else { Signal::KILL });
                if interrupts == 2 {
                    deadline = Some(Instant::now() + PATIENCE);
                }
            }
            () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                deadline = None;
                signal(pid, Signal::KILL);
            }
            status = engine.wait() => {
                let status = status.map_err(Error::Wait)?;
                return Ok(Seen { status, interrupted: interrupts > 0, heard_all });
            }
        }
    }
}

fn start(drive: &Drive, port: u16, is_ours: bool, socket: &std::path::Path) -> Result<Child, Error> {
    let mut command = Command::new(&drive.engine);
    command
        .arg("--non-interactive")
        .args(drive.operation.arguments())
        .args(is_ours.then(|| format!("--client=127.0.0.1:{port}")))
        .arg(format!("--exec-kind=auto.{}", if is_ours { "inline" } else { "local" }))
        .args(["--event-log", &format!("tcp://127.0.0.1:{port}")])
        .arg(format!("--parallel={}", drive.parallel))
        .args(drive.selection.targets.iter().flat_map(|urn| ["--target", urn.as_str()]))
        .args(drive.selection.excluded.iter().flat_map(|urn| ["--exclude", urn.as_str()]))
        .args(["--stack", &drive.stack])
        .current_dir(&drive.project)
        // it would win over the passphrase file of this environment, where there is one
        .env_remove("PULUMI_CONFIG_PASSPHRASE")
        .envs(drive.environment.iter().map(|(k, v)| (k, v)))
        .env(SOCKET, socket)
        .envs(std::env::var_os("GOGC").is_none().then_some(("GOGC", GARBAGE)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // a group of its own: Ctrl-C on the terminal reaches us, and we pass it on once
        .process_group(0);
    command.spawn().map_err(|cause| Error::Start { path: drive.engine.clone(), cause })
}

fn signal(pid: Option<u32>, signal: Signal) {
    let pid = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        kill_process(pid, signal).ok();
    }
}

/// The last 8 KiB of each stream.
async fn listen(out: Option<impl AsyncReadExt + Unpin>, err: Option<impl AsyncReadExt + Unpin>) -> String {
    async fn tail(stream: Option<impl AsyncReadExt + Unpin>) -> String {
        const KEEP: usize = 8 * 1024;
        let Some(mut stream) = stream else { return String::new() };
        let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(n @ 1..) = stream.read(&mut buffer).await {
            kept.extend_from_slice(&buffer[..n]);
            let excess = kept.len().saturating_sub(KEEP);
            kept.drain(..excess);
        }
        String::from_utf8_lossy(&kept).into_owned()
    }
    let (out, err) = tokio::join!(tail(out), tail(err));
    format!("{}\n{}", out.trim_end(), err.trim_end()).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    /// What comes of an engine that does not heed SIGINT, when it is told to stop so often.
    async fn told(times: usize) -> (ExitStatus, Duration) {
        let mut engine =
            Command::new("sh").args(["-c", "trap '' INT; echo; exec sleep 6"]).stdout(Stdio::piped()).spawn();
        let engine = engine.as_mut().expect("a shell");
        // it has set its trap
        engine.stdout.as_mut().expect("its output").read_u8().await.expect("a line");
        let (wish, mut wishes) = mpsc::unbounded_channel();
        let (_events, mut events) = mpsc::unbounded_channel();
        for _ in 0..times {
            wish.send(()).expect("it is heard");
        }
        let began = Instant::now();
        let seen = follow(engine, &mut wishes, &mut events, &mut |_| {}).await.expect("it ends");
        assert!(seen.interrupted);
        (seen.status, began.elapsed())
    }

    #[tokio::test]
    async fn an_engine_that_does_not_end_at_once_is_killed_and_one_that_may_go_on_is_not() {
        let (once, twice, thrice) = tokio::join!(told(1), told(2), told(3));
        assert!(once.0.success(), "what runs may end: {once:?}");
        assert_eq!(twice.0.signal(), Some(9), "{twice:?}");
        assert!(twice.1 >= PATIENCE, "{twice:?}");
        assert_eq!(thrice.0.signal(), Some(9), "{thrice:?}");
        assert!(thrice.1 < PATIENCE, "{thrice:?}");
    }
}
