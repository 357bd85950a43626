//! A `zone` that is watched while it runs: what it says, line by line, and ways to disturb it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{Said, Zone};

/// Longer than any command takes.
const LIMIT: Duration = Duration::from_mins(5);

/// A command under way.
pub(crate) struct Watched {
    child: Child,
    lines: Receiver<String>,
    said: String,
}

impl Zone {
    /// Starts `zone` to be watched.
    pub(crate) fn watch(&self, arguments: &str) -> Watched {
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("zone starts");
        let words = BufReader::new(child.stderr.take().expect("it is piped"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in words.lines() {
                let Ok(line) = line else { return };
                sender.send(line).ok();
            }
        });
        Watched { child, lines, said: String::new() }
    }
}

/// The engine's process of the run of process `tool`; none before it has one.
pub(crate) fn engine(tool: u32) -> Option<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.find(|pid: &u32| {
        let about = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // `pid (name) state parent ..`
        let Some((name, rest)) = about.rsplit_once(')') else { return false };
        let parent = rest.split_whitespace().nth(1).and_then(|parent| parent.parse().ok());
        name.ends_with("(pulumi") && parent == Some(tool)
    })
}

impl Watched {
    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has said `count` lines with `words`; false when it ended before.
    pub(crate) fn until(&mut self, words: &str, count: usize) -> bool {
        let mut seen = 0;
        while seen < count {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => {
                    seen += usize::from(line.contains(words));
                    self.said += &line;
                    self.said.push('\n');
                }
                Err(RecvTimeoutError::Timeout) => panic!("{words:?} did not come\n{}", self.said),
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        true
    }

    /// Whether it has ended.
    pub(crate) fn ended(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Waits for its end, for so long at most.
    pub(crate) fn finish(mut self, limit: Duration) -> Said {
        let end = Instant::now() + limit;
        while !self.ended() {
            if Instant::now() > end {
                self.child.kill().ok();
                panic!("no end within {limit:?}\n{}", self.said);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(5)) {
            self.said += &line;
            self.said.push('\n');
        }
        let mut out = String::new();
        self.child.stdout.take().expect("it is piped").read_to_string(&mut out).expect("text");
        let code = self.child.wait().expect("a child").code();
        Said { code, out, err: self.said }
    }
}

/// Sends a signal; a process that is gone already is fine.
pub(crate) fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, signal).ok();
}
