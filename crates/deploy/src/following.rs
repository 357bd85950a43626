//! Follows the engine's events: what is under way, what was done, what is planned.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use aws::adoption::Adopted;
use engine::{
    events::{Change, Event, State, Step},
    op::Op,
};
use pulumi::urn;
use state::subject::Subject;

use crate::{adopting, session::Progress};

/// How the engine begins to tell of operations that an interrupted run left.
const PENDING: &str = "pending operations from previous deployment";

/// Follows the engine's events.
#[derive(Default)]
pub(crate) struct Following {
    /// Whose run it is.
    subject: Subject,
    open: HashMap<String, Instant>,
    done: usize,
    plan: Vec<Step>,
    pub(crate) steps: Vec<Step>,
    pub(crate) changes: BTreeMap<Op, u64>,
    pub(crate) outputs: serde_json::Map<String, serde_json::Value>,
    pub(crate) complained: bool,
    /// Of some operation it is not known what came of it.
    pub(crate) uncertain: bool,
    plan_told: bool,
    /// The resources of which this phase changes nothing but whether they are protected.
    guarded: BTreeSet<String>,
}

impl Following {
    pub(crate) fn of(subject: Subject) -> Self {
        Self { subject, ..Self::default() }
    }

    /// Whether no step has begun that could change something.
    pub(crate) fn untouched(&self) -> bool {
        !self.plan_told
    }

    /// Tells creates that adopted as what they are: of a plan, this is known only at its end.
    pub(crate) fn adopted(&mut self, adopted: &[Adopted]) {
        self.steps.iter_mut().chain(&mut self.plan).for_each(|step| adopting::mark(step, adopted));
        let count = u64::try_from(adopted.len()).unwrap_or_default();
        if let Some(created) = self.changes.get_mut(&Op::Create).filter(|_| count > 0) {
            *created = created.saturating_sub(count);
            self.changes.insert(Op::Adopt, count);
        }
    }

    /// What the engine says of a resource that it does not delete or replace, with a way out for whoever has no program to change.
    fn unguarded<'a>(&self, message: &'a str) -> Cow<'a, str> {
        let is_kept = message.contains("cannot be deleted") && message.contains("because it is protected");
        let stays = message.contains("unable to replace") && message.contains("marked for protection");
        let urn = message.split('"').find(|part| part.starts_with("urn:pulumi:"));
        let Some(urn) = urn.filter(|_| is_kept || stays) else { return Cow::Borrowed(message) };
        let (name, environment) = (urn::name(urn), &self.subject.environment);
        let said = if is_kept { "was not deleted" } else { "cannot be replaced, which would delete it" };
        Cow::Owned(format!(
            "`{name}` is protected from deletion: it {said}\nhint: keep it in the configuration, write `protect = false` into \
             config/{environment}.toml, and run `{}`; then run this again",
            self.subject.command("up")
        ))
    }

    /// Notes an event, and tells of it.
    pub(crate) fn event(&mut self, mut event: Event, on: &mut (dyn FnMut(Progress<'_>) + Send)) {
        if let Event::Begins(step) | Event::Ended(step) | Event::Failed(step) = &mut event
            && guards(step)
        {
            self.guarded.insert(step.urn.clone());
        }
        match event {
            Event::Begins(step) if step.planning => {
                if step.op.changes() {
                    on(Progress::Planned(&step));
                    self.plan.push(step);
                }
            }
            Event::Begins(step) => {
                if !self.plan_told {
                    self.plan_told = true;
                    on(Progress::PlanComplete(&self.plan));
                }
                self.open.insert(key(&step), Instant::now());
                on(Progress::Begins { open: self.open.len(), done: self.done });
            }
            Event::Ended(step) => {
                if step.kind == "pulumi:pulumi:Stack"
                    && let Some(new) = &step.new
                    && !new.outputs.is_empty()
                {
                    self.outputs.clone_from(&new.outputs);
                }
                if step.planning {
                    if step.op == Op::Refresh {
                        on(Progress::Read(&step));
                    }
                    // only at its end does the reading of a resource turn out to be a change
                    if step.op.changes() && !self.plan.iter().any(|planned| planned.urn == step.urn) {
                        on(Progress::Planned(&step));
                        self.plan.push(step);
                    }
                    return;
                }
                let took = self.open.remove(&key(&step)).map_or(Duration::ZERO, |began| began.elapsed());
                self.done += 1;
                on(Progress::Done { step: &step, took });
                if step.op.changes() {
                    self.steps.push(step);
                }
            }
            Event::Failed(step) => {
                self.open.remove(&key(&step));
                self.complained = true;
                on(Progress::Failed(&step));
            }
            // we have told of it, and its advice is for the engine's own commands
            Event::Diagnostic(diagnostic) if diagnostic.message.contains(PENDING) => {}
            Event::Diagnostic(mut diagnostic) => {
                diagnostic.message =
                    without_count(&without_value(without_wrapper(&self.unguarded(&diagnostic.message))));
                self.complained |= diagnostic.severity == "error";
                on(Progress::Says(&diagnostic));
            }
            Event::Summary(summary) => {
                if summary.is_preview {
                    self.steps = std::mem::take(&mut self.plan);
                    self.plan.clone_from(&self.steps);
                } else if !self.plan_told {
                    self.steps.clear();
                }
                self.uncertain |= summary.maybe_corrupt;
                self.changes = summary.resource_changes;
                let guarded = u64::try_from(std::mem::take(&mut self.guarded).len()).unwrap_or_default();
                if let Some(same) = self.changes.get_mut(&Op::Same).filter(|_| guarded > 0) {
                    *same = same.saturating_sub(guarded);
                    *self.changes.entry(Op::Update).or_default() += guarded;
                }
            }
        }
    }
}

/// Tells of a step that it protects a resource from deletion, or takes that away: the engine does not, and where nothing else
/// changes, both are the same resource to it, and so no reason to run. Says whether that is all that changes.
fn guards(step: &mut Step) -> bool {
    let is_protected = |state: &Option<State>| state.as_ref().map(|state| state.protect);
    let (before, after) = (is_protected(&step.old), is_protected(&step.new));
    if before.is_none() || after.is_none() || before == after {
        return false;
    }
    let change = ("protect".to_owned(), Change { diff_kind: "update".to_owned() });
    match (&step.op, &mut step.detailed_diff, &mut step.diffs) {
        (Op::Same, ..) => {
            step.op = Op::Update;
            step.detailed_diff = Some([change].into());
            return true;
        }
        (Op::Update, Some(diff), _) => drop(diff.insert(change.0, change.1)),
        (Op::Update, None, Some(names)) => names.push(change.0),
        _ => {}
    }
    false
}

/// Whether all that a step changes is whether a resource is protected.
pub(crate) fn only_guards(step: &Step) -> bool {
    step.op == Op::Update && step.detailed_diff.as_ref().is_some_and(|diff| diff.keys().eq(["protect"]))
}

/// The error of a program, without what the engine says before each.
fn without_wrapper(message: &str) -> &str {
    let own = message.strip_prefix("an unhandled error occurred: ");
    own.map_or(message, |own| own.strip_prefix("program failed:").unwrap_or(own).trim_start())
}

/// What is wrong with a property, without its value as Go prints it, which the engine puts before the reason.
fn without_value(message: &str) -> String {
    let parts = message.split_once(" value {").and_then(|(property, rest)| {
        let (_, reason) = rest.split_once("} has a problem: ")?;
        Some(format!("{property}: {reason}"))
    });
    parts.unwrap_or_else(|| message.to_owned())
}

/// The error of a resource that exists and is not whole, without the count that the engine puts before one.
fn without_count(message: &str) -> String {
    let one = message.strip_prefix("1 error occurred:").map(|rest| rest.trim().trim_start_matches("* ").to_owned());
    one.unwrap_or_else(|| message.to_owned())
}

fn key(step: &Step) -> String {
    format!("{} {}", step.op, step.urn)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step on a resource that stays the same, but for its protection.
    fn same(planning: bool, before: bool, after: bool) -> Step {
        let state = |protect| Some(State { protect, ..State::default() });
        let (op, urn) = (Op::Same, format!("urn:pulumi:t::p::t::{before}-{after}"));
        Step { op, urn, planning, old: state(before), new: state(after), ..Step::default() }
    }

    #[test]
    fn only_to_protect_a_resource_is_a_change() {
        for planning in [true, false] {
            let mut following = Following::default();
            let mut told = 0;
            for step in [same(planning, false, true), same(planning, true, false), same(planning, true, true)] {
                for event in [Event::Begins(step.clone()), Event::Ended(step)] {
                    following.event(event, &mut |progress| {
                        told += usize::from(matches!(progress, Progress::Planned(_) | Progress::Done { .. }));
                    });
                }
            }
            let resource_changes = [(Op::Same, 3)].into();
            let summary = engine::events::Summary { resource_changes, is_preview: planning, ..Default::default() };
            following.event(Event::Summary(summary), &mut |_| ());
            assert_eq!(told, if planning { 2 } else { 3 });
            assert_eq!(following.changes, [(Op::Same, 1), (Op::Update, 2)].into());
            let changed: Vec<_> = following.steps.iter().map(|step| (&step.op, urn::name(&step.urn))).collect();
            assert_eq!(changed, [(&Op::Update, "false-true"), (&Op::Update, "true-false")]);
        }
    }

    #[test]
    fn what_is_protected_is_told_with_the_way_out() {
        let following = Following::of(Subject::from("prod"));
        let gone = "resource \"urn:pulumi:t::p::t::pii\" cannot be deleted\nbecause it is protected. To unprotect the resource, either ..";
        let told = following.unguarded(gone);
        let hint = "\nhint: keep it in the configuration, write `protect = false` into config/prod.toml, and run `zone up -e prod`";
        assert!(told.starts_with(&format!("`pii` is protected from deletion: it was not deleted{hint}")), "{told}");
        let other =
            "unable to replace resource \"urn:pulumi:t::p::t::pii\"\nas it is currently marked for protection. To ..";
        let told = following.unguarded(other);
        assert!(
            told.contains("`pii` is protected from deletion: it cannot be replaced") && told.contains(hint),
            "{told}"
        );
        assert_eq!(
            following.unguarded("it cannot be deleted: it is not empty"),
            "it cannot be deleted: it is not empty"
        );
    }

    #[test]
    fn protection_beside_another_change_is_told_too() {
        let other = |name: &str| (name.to_owned(), Change { diff_kind: "update".to_owned() });
        let mut step = Step { op: Op::Update, detailed_diff: Some([other("tags")].into()), ..same(true, true, false) };
        assert!(!guards(&mut step) && !only_guards(&step));
        assert_eq!(step.detailed_diff.expect("changes").keys().collect::<Vec<_>>(), ["protect", "tags"]);
        let mut step = same(true, true, false);
        assert!(guards(&mut step) && only_guards(&step));
    }

    #[test]
    fn a_refused_property_is_told_without_its_value() {
        let said = "error: t resource 'n': property schemas value {[{map[a:{b}]}]} has a problem: it is gone";
        assert_eq!(without_value(said), "error: t resource 'n': property schemas: it is gone");
        assert_eq!(without_value("a value {of no property}"), "a value {of no property}");
    }

    #[test]
    fn what_a_program_says_is_told_as_it_says_it() {
        let said = "an unhandled error occurred: program failed: \nconfig/modules/jobs.toml:3: no\nhint: yes";
        assert_eq!(without_wrapper(said), "config/modules/jobs.toml:3: no\nhint: yes");
        assert_eq!(without_wrapper("an unhandled error occurred: no\nhint: yes"), "no\nhint: yes");
        assert_eq!(without_wrapper("program failed: no"), "program failed: no");
    }

    #[test]
    fn one_error_is_told_without_its_count() {
        assert_eq!(without_count("1 error occurred:\n\t* creating it: no\nhint: wait"), "creating it: no\nhint: wait");
        let two = "2 errors occurred:\n\t* a\n\t* b";
        assert_eq!(without_count(two), two);
    }
}
