//! What the guardrail does: what is proved of it, with what speaks against it.

use iam::proof::{Fault, Proof};
use serde_json::json;
use state::error::counted;

use crate::output::{Output, Tone};

/// A proof; `tags` are those that the guardrail demands.
pub fn all(output: &Output, proof: &Proof, tags: &[String]) {
    if output.is_json() { objects(output, proof) } else { rows(output, proof, tags) }
}

/// There is nothing to prove, and `why`.
pub fn none(output: &Output, why: &str) {
    if output.is_json() {
        output.object(&json!({"type": "proof", "outcome": "not_evaluated", "reason": why}));
    } else {
        output.data_row(Tone::Changed, "not evaluated", why);
    }
}

fn objects(output: &Output, proof: &Proof) {
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
fn rows(output: &Output, proof: &Proof, tags: &[String]) {
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
