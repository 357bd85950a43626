//! `zone verify diff`: what changed between two runs.

use features::evidence;
use state::error::{Exit, Failure, Result, counted};
use terminal::{Output, changes};

use crate::cli::VerifyVerb;

pub(crate) fn compare(verb: &VerifyVerb, output: &Output) -> Result<()> {
    let VerifyVerb::Diff { before, after, .. } = verb;
    let difference =
        evidence::diff(before, after).map_err(|problem| Failure::new(Exit::Usage, &problem).hint(problem.hint()))?;
    let worse = changes::all(output, &difference);
    if worse == 0 {
        return Ok(());
    }
    let failure = Failure::new(Exit::Judged, format!("{} got worse", counted(worse, "row")));
    Err(failure.hint("report.html in the folder of the later run has the details of each row"))
}
