//! `zone guardrail`: what the tag policy of the organization does.

use ::state::{
    error::{Exit, Failure, Result, counted},
    home::Home,
};
use deploy::guardrail;
use iam::proof::{Fault, Proof};
use serde_json::json;

use crate::{
    cli::Guardrail,
    home,
    output::{Output, Tone},
};

pub(crate) fn run(home: &Home, verb: Guardrail, output: &Output) -> Result<()> {
    match verb {
        Guardrail::Prove { env, .. } => prove(home, &env, output),
    }
}

fn prove(home: &Home, environment: &str, output: &Output) -> Result<()> {
    let zone = home::load(home, environment)?;
    let name = zone.guardrail_name();
    let proof = guardrail::prove(&zone).map_err(|malformed| {
        Failure::new(Exit::Judged, format!("proving the guardrail `{name}`: {malformed}")).hint(malformed.hint())
    })?;
    let Some(proof) = proof else {
        let why = format!("environment `{environment}` has no guardrail: its configuration has no table [guardrails]");
        if output.is_json() {
            output.object(&json!({"type": "proof", "outcome": "not_evaluated", "reason": why}));
        } else {
            output.data_row(Tone::Changed, "not evaluated", &why);
        }
        return Ok(());
    };
    if output.is_json() {
        objects(&proof, output);
    } else {
        rows(&proof, &zone.required_tags, output);
    }
    if proof.findings.is_empty() {
        return Ok(());
    }
    let message = format!("the guardrail `{name}` has {}", counted(proof.findings.len(), "fault"));
    Err(Failure::new(Exit::Judged, message)
        .hint("correct `[tags] required` or `[guardrails]` in config/; nothing was changed"))
}

fn objects(proof: &Proof, output: &Output) {
    for finding in &proof.findings {
        output.object(&json!({
            "type": "finding",
            "fault": finding.fault.to_string(),
            "action": finding.action,
            "resource": finding.resource,
            "principal": finding.principal,
            "tags": finding.tags,
            "decision": finding.decision,
        }));
    }
    output.object(&json!({
        "type": "proof",
        "outcome": if proof.findings.is_empty() { "passed" } else { "failed" },
        "requests": proof.requests,
        "actions": proof.actions,
        "services": proof.services,
        "recorded": proof.recorded,
        "guarded": proof.guarded,
    }));
}

/// One line for each thing that is proved, with what speaks against it below.
fn rows(proof: &Proof, tags: &[String], output: &Output) {
    let guarded = counted(proof.guarded.len(), "action");
    let mut claims: Vec<(&[Fault], String)> = vec![
        (
            &[Fault::Gap, Fault::NotGuarded, Fault::Unknown],
            format!("{guarded} that create resources are denied without any one of the tags {}", tags.join(", ")),
        ),
        (
            &[Fault::DeniedWithTags],
            format!(
                "all {} of {} are allowed with all of the tags",
                counted(proof.actions, "action"),
                counted(proof.services, "service")
            ),
        ),
        (&[Fault::LockOut], "every action that cannot carry tags is allowed without them".to_owned()),
        (&[Fault::NotExempt], "exempt principals are allowed without tags".to_owned()),
    ];
    if proof.recorded > 0 {
        let own = counted(proof.recorded, "request");
        claims.push((&[Fault::OwnRequest], format!("{own} of a whole deployment of the zone are allowed")));
    }
    for (faults, claim) in claims {
        let against: Vec<_> = proof.findings.iter().filter(|finding| faults.contains(&finding.fault)).collect();
        let (tone, word) = if against.is_empty() { (Tone::Good, "proved") } else { (Tone::Bad, "refuted") };
        output.data_row(tone, word, &claim);
        for finding in against {
            output.data(&format!("  {finding}"));
        }
    }
    for (action, kinds) in &proof.guarded {
        let on = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        output.say(&format!("  guards {action}{on}"));
    }
    output.say(&format!("decided {} offline", counted(proof.requests, "request")));
}
