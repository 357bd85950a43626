//! The only file that prints. Data goes to standard output, words to standard error; colour repeats what the
//! words say, and goes where a terminal is and `NO_COLOR` is not.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    sync::Mutex,
    time::Duration,
};

use anstream::{stderr, stdout};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::Value;

use engine::op::Op;
use state::{Message, error::Failure};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const CHANGED: Style = AnsiColor::Yellow.on_default();
const HINT: Style = AnsiColor::Cyan.on_default();
const DIM: Style = Style::new().dimmed();

/// How a word is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Wrong, or lost.
    Bad,
    /// Other than before, or not known.
    Changed,
    /// Neither.
    Plain,
    /// Beside the point.
    Dim,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Good => GOOD,
            Self::Bad => BAD,
            Self::Changed => CHANGED,
            Self::Plain => Style::new(),
            Self::Dim => DIM,
        }
    }
}

/// Where words go.
#[derive(Debug)]
pub struct Output {
    json: bool,
    /// Whether people read the data as it comes.
    read: bool,
    bar: Option<ProgressBar>,
    /// Why data could not be written, the first time.
    unwritten: Mutex<Option<io::Error>>,
}

impl Output {
    /// With `json`, data are objects for programs, and nothing else is said but notes and failures.
    pub fn new(json: bool) -> Self {
        let live = !json && io::stderr().is_terminal();
        let bar = live.then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = ProgressBar::new_spinner().with_style(style);
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { json, read: !json && io::stdout().is_terminal(), bar, unwritten: Mutex::default() }
    }

    /// Whether data are objects for programs.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether data goes to a terminal; elsewhere its form is for programs, and stable.
    pub fn is_read(&self) -> bool {
        self.read
    }

    /// Words about what is going on. Not for programs.
    pub fn say(&self, line: &str) {
        if self.json {
            return;
        }
        self.around(|| tell(line));
    }

    /// Something worth knowing, for people and (on standard error) beside a program's data.
    pub fn note(&self, line: &str) {
        self.around(|| tell(&format!("{DIM}{line}{DIM:#}")));
    }

    /// A coloured word and the rest of its line.
    pub fn row(&self, tone: Tone, word: &str, rest: &str) {
        let style = tone.style();
        self.say(&format!("{style}{word:>10}{style:#} {rest}"));
    }

    /// What is going on right now; on a terminal it replaces what it said before.
    pub fn now(&self, line: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(line.to_owned());
        }
    }

    /// What a library tells while it works.
    pub fn tell(&self, message: Message<'_>) {
        match message {
            Message::Now(text) => self.now(text),
            Message::Line(text) => self.say(text),
            Message::Note(text) => self.note(text),
        }
    }

    /// The end of what is going on.
    pub fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// One object for programs, on a line of its own.
    pub fn object(&self, object: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(object) {
            self.data(&text);
        }
    }

    /// One object for programs: the fields of `first`, an object, and those of `rest`, which is one, too.
    pub fn object_of(&self, mut first: Value, rest: &impl Serialize) {
        if let (Some(first), Ok(Value::Object(rest))) = (first.as_object_mut(), serde_json::to_value(rest)) {
            first.extend(rest);
        }
        self.object(&first);
    }

    /// One line of data.
    pub fn data(&self, line: &str) {
        let mut written = Ok(());
        self.around(|| written = writeln!(stdout(), "{line}"));
        let Err(cause) = written else { return };
        if let Ok(mut unwritten) = self.unwritten.lock() {
            unwritten.get_or_insert(cause);
        }
    }

    /// Why some data was not written; a reader that has had enough is none.
    pub fn unwritten(&self) -> Option<String> {
        let unwritten = self.unwritten.lock().ok()?;
        let cause = unwritten.as_ref().filter(|cause| cause.kind() != io::ErrorKind::BrokenPipe)?;
        Some(format!("writing to standard output: {cause}"))
    }

    /// A coloured word and the rest of its line, as data.
    pub fn data_row(&self, tone: Tone, word: &str, rest: &str) {
        let style = tone.style();
        self.data(&format!("{style}{word:<14}{style:#} {rest}"));
    }

    /// Lines below such a row.
    pub(crate) fn data_below(&self, lines: Option<&str>) {
        for line in lines.iter().flat_map(|lines| lines.lines()) {
            self.data_row(Tone::Dim, "", line);
        }
    }

    /// A row of a table whose first column has this width, as data.
    pub fn data_at(&self, tone: Tone, first: &str, width: usize, rest: &str) {
        let style = tone.style();
        self.data(&format!("{style}{first:<width$}{style:#}  {rest}"));
    }

    /// A failure, in its one form.
    pub fn failure(&self, failure: &Failure) {
        self.done();
        tell(&format!("{BAD}error{BAD:#}: {}", failure.message.trim_end()));
        if let Some(hint) = &failure.hint {
            tell(&format!("{HINT}hint{HINT:#}: {hint}"));
        }
    }

    /// Whether there is a terminal to ask on.
    pub fn can_ask(&self) -> bool {
        !self.json && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a yes-or-no question on the terminal; `None` when there is none.
    pub fn ask(&self, question: &str) -> Option<bool> {
        let answer = self.can_ask().then(|| self.line(&format!("{question} [y/N] ")))?;
        answer.ok().map(|answer| matches!(answer.as_str(), "y" | "Y" | "yes"))
    }

    /// Asks for a text; no answer is the default.
    pub fn question(&self, question: &str, default: &str) -> String {
        let shown = if default.is_empty() { format!("{question}: ") } else { format!("{question} [{default}]: ") };
        self.line(&shown).ok().filter(|answer| !answer.is_empty()).unwrap_or_else(|| default.to_owned())
    }

    fn line(&self, prompt: &str) -> io::Result<String> {
        let answer = || {
            write!(stderr(), "{prompt}")?;
            stderr().flush()?;
            let mut answer = String::new();
            io::stdin().read_line(&mut answer)?;
            Ok(answer.trim().to_owned())
        };
        match &self.bar {
            Some(bar) => bar.suspend(answer),
            None => answer(),
        }
    }

    fn around(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.done();
    }
}

/// Words for people. Where these cannot be written there is nowhere to say so.
fn tell(line: &str) {
    writeln!(stderr(), "{line}").ok();
}

/// A bug of ours, told apart from everything the world does wrong.
pub fn bug(what: &str) {
    tell(&format!("{BAD}error{BAD:#}: {what}"));
    tell(&format!("{HINT}hint{HINT:#}: this is a bug of zone: please report it with what you ran and the lines above"));
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

/// `3 to create, 1 to update`.
pub(crate) fn counts(changes: &BTreeMap<Op, u64>, planned: bool) -> String {
    let word = |op: &Op| match (op, planned) {
        (Op::Create, true) => "to create",
        (Op::Create, false) => "created",
        (Op::Update, true) => "to update",
        (Op::Update, false) => "updated",
        (Op::Delete, true) => "to delete",
        (Op::Delete, false) => "deleted",
        (Op::Replace, true) => "to replace",
        (Op::Replace, false) => "replaced",
        (Op::Adopt, true) => "to adopt",
        (Op::Adopt, false) => "adopted",
        (Op::Same, _) => "unchanged",
        _ => "changed otherwise",
    };
    let texts: Vec<_> = changes.iter().filter(|(_, n)| **n > 0).map(|(op, n)| format!("{n} {}", word(op))).collect();
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}
