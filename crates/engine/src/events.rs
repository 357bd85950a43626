//! The engine's event stream: one JSON object per event (pulumi sdk/go/common/apitype/events.go, v3.259.0).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::op::Op;

/// What the engine said.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step on a resource begins; with `planning`, it would.
    Begins(Step),
    /// A step has ended well.
    Ended(Step),
    /// A step has failed; the reason came as a diagnostic.
    Failed(Step),
    /// A message.
    Diagnostic(Diagnostic),
    /// A phase is over: the preview's or the update's.
    Summary(Summary),
}

/// One step on one resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Step {
    /// What it does.
    pub op: Op,
    /// The resource.
    pub urn: String,
    /// Its type token.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is only a plan.
    pub planning: bool,
    /// What changes, by property path: `add`, `update-replace`, ...
    pub detailed_diff: Option<BTreeMap<String, Change>>,
    /// Top-level properties that change.
    pub diffs: Option<Vec<String>>,
    /// State before.
    pub old: Option<State>,
    /// State after.
    pub new: Option<State>,
}

/// How one property changes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Change {
    /// `add`, `delete`, `update`, each also with `-replace`.
    pub diff_kind: String,
}

/// A resource before or after a step. Secrets in it are masked by the engine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct State {
    /// Managed by a provider, as opposed to a component.
    pub custom: bool,
    /// Id.
    pub id: String,
    /// Protected from deletion.
    pub protect: bool,
    /// Inputs.
    pub inputs: serde_json::Map<String, serde_json::Value>,
    /// Outputs.
    pub outputs: serde_json::Map<String, serde_json::Value>,
}

/// A message of the engine, the program or a provider.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Diagnostic {
    /// The resource it is about; empty when it is about none.
    pub urn: String,
    /// `debug`, `info`, `info#err`, `warning` or `error`.
    pub severity: String,
    /// Text, without colour marks.
    pub message: String,
    /// Worth showing only while it happens.
    pub ephemeral: bool,
}

/// The end of a phase.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// Resources by what was (or would be) done to them.
    pub resource_changes: BTreeMap<Op, u64>,
    /// Whether this was the preview.
    pub is_preview: bool,
    /// Of some operation it is not known what came of it.
    pub maybe_corrupt: bool,
    /// `succeeded`, `failed` or `canceled`; empty from engines that do not say.
    pub result: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    resource_pre_event: Option<StepEvent>,
    res_outputs_event: Option<StepEvent>,
    res_op_failed_event: Option<StepEvent>,
    diagnostic_event: Option<Diagnostic>,
    summary_event: Option<Summary>,
    error_event: Option<ErrorEvent>,
}

#[derive(Deserialize)]
struct StepEvent {
    metadata: Step,
    #[serde(default)]
    planning: bool,
}

#[derive(Deserialize)]
struct ErrorEvent {
    error: String,
}

impl StepEvent {
    fn step(self) -> Step {
        Step { planning: self.planning, ..self.metadata }
    }
}

/// Reads one event; `None` for those nobody here needs.
pub fn parse(json: &str) -> Result<Option<Event>, serde_json::Error> {
    let wire: Wire = serde_json::from_str(json)?;
    Ok(match wire {
        Wire { resource_pre_event: Some(e), .. } => Some(Event::Begins(e.step())),
        Wire { res_outputs_event: Some(e), .. } => Some(Event::Ended(e.step())),
        Wire { res_op_failed_event: Some(e), .. } => Some(Event::Failed(e.step())),
        Wire { diagnostic_event: Some(d), .. } => {
            Some(Event::Diagnostic(Diagnostic { message: plain(&d.message), ..d }))
        }
        Wire { summary_event: Some(s), .. } => Some(Event::Summary(s)),
        Wire { error_event: Some(e), .. } => Some(Event::Diagnostic(Diagnostic {
            severity: "error".to_owned(),
            message: plain(&e.error),
            ..Diagnostic::default()
        })),
        _ => None,
    })
}

/// A message without the engine's colour marks (`<{%fg 12%}>`).
fn plain(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some((before, marked)) = rest.split_once("<{%") {
        out.push_str(before);
        rest = marked.split_once("%}>").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_with_its_changes() {
        let json = r#"{"sequence":1,"timestamp":2,"resourcePreEvent":{"planning":true,"metadata":{"op":"update","urn":"urn:pulumi:s::p::t::n",
            "type":"t","old":null,"new":{"type":"t","urn":"u","custom":true,"id":"i","parent":"","inputs":{"a":1},"outputs":{},"provider":""},
            "detailedDiff":{"a":{"diffKind":"update","inputDiff":true}},"provider":""}}}"#;
        let Ok(Some(Event::Begins(step))) = parse(json) else { panic!("not a step") };
        assert!(step.planning && step.new.is_some_and(|n| n.custom));
        assert_eq!(step.detailed_diff.unwrap()["a"].diff_kind, "update");
    }

    #[test]
    fn a_message_loses_its_marks() {
        let json = r#"{"sequence":1,"timestamp":2,"diagnosticEvent":{"message":"<{%reset%}>no <{%fg 1%}>way<{%reset%}>\n","color":"raw","severity":"error"}}"#;
        let Ok(Some(Event::Diagnostic(d))) = parse(json) else { panic!("not a diagnostic") };
        assert_eq!(d.message, "no way");
    }

    #[test]
    fn what_nobody_needs_is_passed_over() {
        assert!(parse(r#"{"sequence":1,"timestamp":2,"cancelEvent":{}}"#).is_ok_and(|e| e.is_none()));
        assert!(parse("{").is_err());
    }
}
