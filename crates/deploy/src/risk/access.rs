//! Whether a step can let somebody in who was kept out, or keep out who was let in.

use engine::{events::Step, op::Op};
use serde_json::Value;

use super::{
    Finding, Risk, at, changed,
    document::{self, Difference},
    facts::{Facts, Form},
    touches,
};

/// What is said of a change that does not only take away.
fn feared(path: &str) -> String {
    format!("not evaluated: `{path}` can allow what was denied before")
}

/// The risks of all properties of a step that decide about access.
pub(super) fn of(step: &Step, op: &Op, facts: &Facts) -> Vec<Finding> {
    // what goes itself is said to stop; only what is set on something that stays changes who gets to that
    let stays = facts.is_setting || facts.access.iter().any(|(_, form)| *form == Form::Restricts);
    if *op == Op::Delete && !stays {
        return Vec::new();
    }
    facts.access.iter().flat_map(|(path, form)| property(step, op, path, *form)).collect()
}

fn property(step: &Step, op: &Op, path: &str, form: Form) -> Vec<Finding> {
    if matches!(op, Op::Adopt | Op::Import) {
        let hit = changed(step).iter().any(|changed| touches(changed, path));
        let reason = format!("{}; it changes as the resource is adopted", feared(path));
        return hit.then(|| Finding::new(Risk::WidensAccess, reason)).into_iter().collect();
    }
    let (old, new) = (at(step.old.as_ref(), path), at(step.new.as_ref(), path));
    if old == new && *op != Op::Replace {
        return Vec::new();
    }
    let difference = match form {
        Form::PolicyOrDefault if old.is_none() != new.is_none() && *op == Op::Update => {
            let line =
                if new.is_none() { "AWS's own policy takes its place" } else { "it takes the place of AWS's own" };
            both(vec![line.to_owned()])
        }
        Form::Policy | Form::PolicyOrDefault => policy(step, path, old, new),
        Form::List => list(old, new),
        Form::Switch(opens) => switch(opens, op, old, new),
        Form::Opaque if matches!(op, Op::Create) => Difference::default(),
        Form::Opaque => both(Vec::new()),
        Form::Attached => attached(op, old, new),
        Form::Restricts => restricts(op, old, new),
    };
    findings(path, form, difference)
}

fn findings(path: &str, form: Form, difference: Difference) -> Vec<Finding> {
    let Difference { widens, narrows, lines, shown } = difference;
    match (widens, narrows) {
        (true, _) => {
            let reason = match (form, &shown) {
                (Form::Switch(_), _) => format!("`{path}` allows what was blocked"),
                (Form::Restricts, _) => "a policy that denies is detached".to_owned(),
                (_, None) => feared(path),
                (_, Some(requests)) if requests.is_empty() => {
                    format!("`{path}` changes; no request was found that is allowed now and was denied before")
                }
                (_, Some(_)) => format!("`{path}` allows requests that were denied before"),
            };
            vec![Finding {
                details: [shown.unwrap_or_default(), lines].concat(),
                ..Finding::new(Risk::WidensAccess, reason)
            }]
        }
        (false, true) => {
            let reason = match form {
                Form::Restricts => "requests that the policy denies fail from then on".to_owned(),
                _ => format!(
                    "`{path}` only removes permissions: access is not widened, and allowed requests can be denied"
                ),
            };
            vec![Finding { details: lines, ..Finding::new(Risk::Interrupts, reason) }]
        }
        (false, false) => Vec::new(),
    }
}

fn both(lines: Vec<String>) -> Difference {
    Difference { widens: true, narrows: true, lines, shown: None }
}

fn policy(step: &Step, path: &str, old: Option<&Value>, new: Option<&Value>) -> Difference {
    let difference = document::compare_statements(old, new);
    let mut difference = difference.unwrap_or_else(|why| both(vec![format!("`{path}`: {}", why.0)]));
    if difference.widens {
        let mut states = [&step.new, &step.old].into_iter().flatten();
        let arn = states.find_map(|state| state.outputs.get("arn").and_then(Value::as_str));
        let account = arn.and_then(|arn| arn.split(':').nth(4)).filter(|account| !account.is_empty());
        difference.shown = document::shown(&step.kind, path, account.unwrap_or("000000000000"), old, new);
    }
    difference
}

fn list(old: Option<&Value>, new: Option<&Value>) -> Difference {
    let items = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (before, after) = (items(old), items(new));
    let added = after.iter().filter(|item| !before.contains(item));
    let added: Vec<_> = added.map(|item| format!("added: {item}")).collect();
    let removed = before.iter().filter(|item| !after.contains(item));
    let removed: Vec<_> = removed.map(|item| format!("removed: {item}")).collect();
    // of most lists, none is AWS's own choice
    let turns = before.is_empty() != after.is_empty() && old.is_none() != new.is_none();
    Difference {
        widens: !added.is_empty() || turns && !removed.is_empty(),
        narrows: !removed.is_empty() || turns && !added.is_empty(),
        lines: [added, removed].concat(),
        shown: None,
    }
}

fn switch(opens: bool, op: &Op, old: Option<&Value>, new: Option<&Value>) -> Difference {
    // AWS's own value of all these is false
    let is_open = |value: Option<&Value>| value.and_then(Value::as_bool).unwrap_or_default() == opens;
    let (was, is) = match op {
        // what is closed from its beginning was never open to anybody
        Op::Create => (is_open(new), is_open(new)),
        _ => (is_open(old), is_open(new)),
    };
    Difference { widens: is && !was, narrows: was && !is, ..Difference::default() }
}

fn attached(op: &Op, old: Option<&Value>, new: Option<&Value>) -> Difference {
    let name = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("a policy").to_owned();
    let lines = match op {
        Op::Create => vec![format!("attached: {}", name(new))],
        Op::Delete => vec![format!("detached, which can have denied: {}", name(old))],
        _ => vec![format!("detached: {}", name(old)), format!("attached: {}", name(new))],
    };
    Difference { widens: true, narrows: *op != Op::Create, lines, shown: None }
}

fn restricts(op: &Op, old: Option<&Value>, new: Option<&Value>) -> Difference {
    let name = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("a policy").to_owned();
    match op {
        Op::Create => Difference { narrows: true, lines: Vec::new(), ..Difference::default() },
        Op::Delete => {
            Difference { widens: true, lines: vec![format!("detached: {}", name(old))], ..Difference::default() }
        }
        _ => both(vec![format!("detached: {}", name(old)), format!("attached: {}", name(new))]),
    }
}
