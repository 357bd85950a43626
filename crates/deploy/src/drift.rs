//! Says how what is live differs from the state, by property, who changed it, and what `up` would do about it. Nothing is
//! changed, the state neither.

pub mod author;

use std::time::Instant;

use engine::{
    drive::{Operation, Selection},
    events::Step,
    op::Op,
};
use pulumi::urn;
use serde::Serialize;
use serde_json::{Map, Value};
use state::{
    Message,
    error::{Exit, Failure, Result, counted},
};

use crate::{
    Ended, Progress, Verdict, Watch, Work, concluded, path,
    planned::masked,
    session::{Session, is_published},
};
use author::Author;

/// A resource that is not live as the state has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drifted {
    /// Its URN.
    pub urn: String,
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Whether it does not exist any more.
    pub gone: bool,
    /// What differs; nothing of what is gone.
    pub properties: Vec<Property>,
    /// What `up` would do about it.
    pub up: Mending,
    /// Who changed it last, and when.
    pub by: Author,
}

impl Drifted {
    /// Its name.
    pub fn name(&self) -> &str {
        urn::name(&self.urn)
    }
}

/// A property that is not live as the state has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Property {
    /// Its path.
    pub path: String,
    /// What the state has; none is nothing.
    pub state: Option<Value>,
    /// What is live; none is nothing.
    pub live: Option<Value>,
    /// Of a policy, the statements that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<String>,
}

/// What `up` would do about a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mending {
    /// The step; none is nothing.
    pub op: Option<Op>,
    /// Whether `refresh` has to record the difference first.
    pub after_refresh: bool,
    /// The same in words.
    pub text: String,
}

/// Looks for drift. Drift is a failure that [`Exit::Judged`] tells from others.
pub async fn drift(work: Work, watch: &dyn Watch) -> Result<()> {
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let done = look(&mut session, watch).await;
    session.end(done).await
}

async fn look(session: &mut Session, watch: &dyn Watch) -> Result<()> {
    let zone = session.zone.clone();
    let environment = zone.environment.as_str();
    let contents = session.contents().await?;
    if contents.resources.is_empty() {
        watch.tell(Message::Line("nothing is deployed"));
    }
    let mut read: Vec<Step> = Vec::new();
    let mut outcome = session
        .run(Operation::PreviewLive, Selection::default(), &mut |progress| match progress {
            Progress::Read(step) if differs(step) => read.push(step.clone()),
            Progress::Says(_) | Progress::Failed(_) => watch.progress(&progress),
            _ => {}
        })
        .await?;
    let began = Instant::now();
    let mut drifted: Vec<_> = read.iter().map(|step| of(step, &outcome.steps, environment)).collect();
    drifted.sort_by(|one, other| (!one.gone, &one.urn).cmp(&(!other.gone, &other.urn)));
    if !drifted.is_empty() {
        watch.tell(Message::Now("asking CloudTrail who it was"));
        author::find(&mut drifted, &read, &contents, &zone, session.ambient()).await;
    }
    outcome.duration += began.elapsed();
    watch.ended(&Ended::Drifted { outcome: &outcome, drift: &drifted });
    let verdict = outcome.verdict;
    concluded(&outcome, "the look for drift", "run it again")?;
    if drifted.is_empty() || verdict != Verdict::Succeeded {
        return Ok(());
    }
    let are = if drifted.len() == 1 { "is" } else { "are" };
    let message = format!("{} of `{environment}` {are} not as deployed", counted(drifted.len(), "resource"));
    Err(Failure::new(Exit::Judged, message).hint(format!(
        "to undo the changes: `zone refresh -e {environment}`, then `zone up -e {environment}`; to keep them, change the configuration"
    )))
}

/// Whether a read found something else than the state has.
fn differs(step: &Step) -> bool {
    let changed = step.detailed_diff.as_ref().is_some_and(|diff| !diff.is_empty())
        || step.detailed_diff.is_none() && step.diffs.as_ref().is_some_and(|diffs| !diffs.is_empty());
    !step.kind.starts_with("pulumi:") && (step.new.is_none() || changed)
}

fn of(step: &Step, plan: &[Step], environment: &str) -> Drifted {
    let inputs =
        |of: &Option<engine::events::State>| of.as_ref().map(|state| (state.inputs.clone(), state.outputs.clone()));
    let (old, live) = (inputs(&step.old), inputs(&step.new));
    let value = |of: &Option<(Map<String, Value>, Map<String, Value>)>, at: &str| {
        let (inputs, outputs) = of.as_ref()?;
        path::at(inputs, at).or_else(|| path::at(outputs, at)).cloned().map(masked)
    };
    let properties = crate::risk::changed(step).into_iter().filter(|path| !path.starts_with("tagsAll"));
    let mut properties: Vec<_> = properties
        .map(|at| {
            let (state, live) = (value(&old, at), value(&live, at));
            let statements = crate::risk::statements(state.as_ref(), live.as_ref());
            Property { path: at.to_owned(), state, live, statements }
        })
        .collect();
    if step.new.is_none() {
        properties.clear();
    }
    let id = step.old.as_ref().or(step.new.as_ref()).map(|state| state.id.clone()).unwrap_or_default();
    Drifted {
        urn: step.urn.clone(),
        kind: step.kind.clone(),
        id,
        gone: step.new.is_none(),
        properties,
        up: mending(step, plan, environment),
        by: Author::not_evaluated("it was not asked"),
    }
}

fn mending(step: &Step, plan: &[Step], environment: &str) -> Mending {
    let half = |op: &Op| matches!(op, Op::CreateReplacement | Op::DeleteReplaced);
    let Some(planned) = plan.iter().find(|planned| planned.urn == step.urn && !half(&planned.op)) else {
        let text = "`zone up` leaves it as it is: the configuration does not say otherwise".to_owned();
        return Mending { op: None, after_refresh: false, text };
    };
    // `up` looks at these by itself
    let after_refresh = !is_published(&step.urn);
    let does = match planned.op {
        Op::Create => "creates it again".to_owned(),
        Op::Delete => "deletes it".to_owned(),
        Op::Replace => "replaces it".to_owned(),
        Op::Update => format!("sets it back: {}", crate::risk::changed(planned).join(", ")),
        ref other => format!("does: {other}"),
    };
    let text = if after_refresh {
        format!("`zone refresh -e {environment}` records it, then `zone up -e {environment}` {does}")
    } else {
        format!("`zone up -e {environment}` {does}")
    };
    Mending { op: Some(planned.op.clone()), after_refresh, text }
}

#[cfg(test)]
mod tests;
