//! `zone guardrail`: what the tag policy of the organization does.

use ::state::{
    error::{Exit, Failure, Result, counted},
    home::Home,
};
use deploy::guardrail;
use terminal::{Output, proof};

use crate::{cli::Guardrail, home};

pub(crate) fn run(home: &Home, verb: Guardrail, output: &Output) -> Result<()> {
    match verb {
        Guardrail::Prove { env, .. } => prove(home, &env, output),
    }
}

fn prove(home: &Home, environment: &str, output: &Output) -> Result<()> {
    let zone = home::load(home, environment)?;
    let name = zone.guardrail_name();
    let proved = guardrail::prove(&zone).map_err(|malformed| {
        Failure::new(Exit::Judged, format!("proving the guardrail `{name}`: {malformed}")).hint(malformed.hint())
    })?;
    let Some(proved) = proved else {
        let why = format!("environment `{environment}` has no guardrail: its configuration has no table [guardrails]");
        proof::none(output, &why);
        return Ok(());
    };
    proof::all(output, &proved, &zone.required_tags);
    if proved.findings.is_empty() {
        return Ok(());
    }
    let message = format!("the guardrail `{name}` has {}", counted(proved.findings.len(), "fault"));
    Err(Failure::new(Exit::Judged, message)
        .hint("correct `[tags] required` or `[guardrails]` in config/; nothing was changed"))
}
