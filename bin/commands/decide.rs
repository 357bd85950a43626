//! `zone emulator decide`: judges requests by their policies, for the emulator's authorization gate
//! (`tools/emulator/authorize.py`), which starts it as a child process.
//!
//! One JSON object a line comes in, a question of [`iam::decider`], and its answer goes out. It ends when there is no more.

use std::io::{BufRead, stdin};

use iam::decider::Decider;
use state::error::{Exit, Failure, Result};
use terminal::Output;

/// Answers until there is no more to answer.
pub(crate) fn run(output: &Output) -> Result<()> {
    let (mut decider, mut line, mut questions) = (Decider::default(), String::new(), stdin().lock());
    let failed = |error| Failure::new(Exit::Failed, format!("reading the emulator's questions: {error}"));
    while questions.read_line(&mut line).map_err(failed)? > 0 {
        output.data(&decider.answer(&line).to_string());
        line.clear();
    }
    Ok(())
}
