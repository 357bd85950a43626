//! What a planned step can cost, beside the work of doing it: data, who gets in, what others read, a service that stops.
//!
//! What is known of each type is in `risk/facts.rs`, one row each. A policy counts as widening unless it only takes away; a request
//! that it lets further is looked for, and shown.

mod access;
mod document;
mod facts;
mod published;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
    str::FromStr,
};

use contract::Entry;
use engine::{
    events::{State, Step},
    op::Op,
};
use pulumi::value::UNKNOWN;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::session::is_published;
use facts::{Facts, Keeps};

/// What a step can cost; ordered, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing that is known.
    NoRisk,
    /// Something that works stops for a while, or for good.
    Interrupts,
    /// A reader of the contract finds another value, or none.
    BreaksContract,
    /// Somebody may do what was denied.
    WidensAccess,
    /// Data is deleted, now or earlier than before.
    DestroysData,
}

impl Risk {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] =
        [Self::DestroysData, Self::WidensAccess, Self::BreaksContract, Self::Interrupts, Self::NoRisk];

    /// The word for it, as `--allow` takes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DestroysData => "destroys-data",
            Self::WidensAccess => "widens-access",
            Self::BreaksContract => "breaks-contract",
            Self::Interrupts => "interrupts",
            Self::NoRisk => "no-risk",
        }
    }

    /// What a plan with it does, as a sentence has it.
    const fn does(self) -> &'static str {
        match self {
            Self::DestroysData => "destroys data",
            Self::WidensAccess => "widens access",
            Self::BreaksContract => "breaks the contract",
            Self::Interrupts => "interrupts a service",
            Self::NoRisk => "has no risk",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Risk {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|risk| risk.word() == word).ok_or_else(|| format!("there is no risk class `{word}`"))
    }
}

/// One risk of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Of which class.
    pub class: Risk,
    /// Why: a fragment in lower case; `not evaluated: ` before what is only feared.
    pub reason: String,
    /// More of it, a line each: the statements of a policy that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

impl Finding {
    pub(crate) fn new(class: Risk, reason: impl Into<String>) -> Self {
        Self { class, reason: reason.into(), details: Vec::new() }
    }
}

/// The worst of a step's risks.
pub fn worst(findings: &[Finding]) -> Risk {
    findings.iter().map(|finding| finding.class).max().unwrap_or(Risk::NoRisk)
}

/// How many steps have which class as their worst, the worst first; classes without a step are left out.
pub fn counts<'a>(steps: impl IntoIterator<Item = &'a [Finding]>) -> Vec<(Risk, usize)> {
    let mut counts: BTreeMap<Risk, usize> = BTreeMap::new();
    for findings in steps {
        *counts.entry(worst(findings)).or_default() += 1;
    }
    counts.into_iter().rev().collect()
}

/// `1 destroys-data, 3 no-risk`.
pub fn counted(counts: &[(Risk, usize)]) -> String {
    counts.iter().map(|(risk, n)| format!("{n} {risk}")).collect::<Vec<_>>().join(", ")
}

/// The classes among these that nobody has allowed, the worst first.
pub fn unallowed<'a>(steps: impl IntoIterator<Item = &'a [Finding]>, allowed: &[Risk]) -> Vec<Risk> {
    let found: BTreeSet<Risk> = steps.into_iter().flatten().map(|finding| finding.class).collect();
    Risk::ALL.into_iter().filter(|risk| found.contains(risk) && !allowed.contains(risk)).collect()
}

/// What these do, as a sentence has it: `destroys data and widens access`.
pub fn does(risks: &[Risk]) -> String {
    let all: Vec<_> = risks.iter().map(|risk| risk.does()).collect();
    match &all[..] {
        [] => Risk::NoRisk.does().to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The risks of each step of a plan, in its order. `promised` is what the contract has after it.
pub fn assess(steps: &[Step], promised: &[Entry]) -> Vec<Vec<Finding>> {
    let around = Around::of(steps);
    steps.iter().map(|step| around.risks(step, promised)).collect()
}

/// What else a plan does: a policy of a bucket that goes with it is no news, nor is one of a bucket that is new.
struct Around<'a> {
    replaced: HashSet<&'a str>,
    made: HashSet<&'a str>,
    gone: HashSet<&'a str>,
}

impl<'a> Around<'a> {
    fn of(steps: &'a [Step]) -> Self {
        let with = |op: &'static [Op]| steps.iter().filter(move |step| op.contains(&step.op));
        // a setting can have the name of what it is set on
        let is_thing = |step: &&Step| facts::facts(&step.kind).is_some_and(|facts| !facts.is_setting);
        let replaced = with(&[Op::Replace]).map(|step| step.urn.as_str()).collect();
        let made = with(&[Op::Create]).filter(is_thing).filter_map(|step| step.new.as_ref());
        let gone = with(&[Op::Delete]).filter(is_thing).filter_map(|step| step.old.as_ref());
        Self { replaced, made: made.flat_map(names).collect(), gone: gone.flat_map(names).collect() }
    }

    fn risks(&self, step: &Step, promised: &[Entry]) -> Vec<Finding> {
        if step.kind.starts_with("pulumi:") || step.kind.starts_with("zone:") {
            return Vec::new();
        }
        let op = match &step.op {
            Op::DeleteReplaced if !self.replaced.contains(step.urn.as_str()) => &Op::Delete,
            op @ (Op::Create | Op::Update | Op::Replace | Op::Delete | Op::Adopt | Op::Import) => op,
            // what the engine drops from its state, and the halves of a replacement, which is a step itself
            _ => return Vec::new(),
        };
        if is_published(&step.urn) {
            return published::of(step, promised);
        }
        let Some(facts) = facts::facts(&step.kind) else {
            let takes_away = matches!(op, Op::Delete | Op::Replace);
            let reason = format!("not evaluated: what {} holds is not known here", step.kind);
            return takes_away.then(|| Finding::new(Risk::DestroysData, reason)).into_iter().collect();
        };
        self.classed(step, op, facts)
    }

    fn classed(&self, step: &Step, op: &Op, facts: &Facts) -> Vec<Finding> {
        let owner = |state: Option<&'_ State>| -> Option<String> {
            let name = state?.inputs.get(facts.owner?)?.as_str()?;
            Some(name.to_owned())
        };
        match op {
            Op::Delete if owner(step.old.as_ref()).is_some_and(|owner| self.gone.contains(owner.as_str())) => {
                return Vec::new();
            }
            Op::Create => {
                let on_new = owner(step.new.as_ref())
                    .is_some_and(|owner| owner.contains(UNKNOWN) || self.made.contains(owner.as_str()));
                if !facts.grants && (facts.owner.is_none() || on_new) {
                    return Vec::new();
                }
            }
            _ => {}
        }
        let mut found = destroys(step, op, facts);
        found.extend(access::of(step, op, facts));
        found.extend(interrupts(step, op, facts));
        found.sort_by_key(|finding| std::cmp::Reverse(finding.class));
        found
    }
}

/// What others call a resource: its id, its name, its ARN, its URL.
fn names(state: &State) -> impl Iterator<Item = &str> {
    let texts = [("inputs", "name"), ("inputs", "bucket"), ("outputs", "arn"), ("outputs", "url"), ("outputs", "name")];
    let texts = texts.into_iter().filter_map(|(of, name)| {
        let of = if of == "inputs" { &state.inputs } else { &state.outputs };
        of.get(name).and_then(Value::as_str)
    });
    texts.chain([state.id.as_str()]).filter(|name| !name.is_empty() && !name.contains(UNKNOWN))
}

/// The statements that differ between two policies, a line each; none where these are not two policies.
pub(crate) fn statements(old: Option<&Value>, new: Option<&Value>) -> Vec<String> {
    let is_policy =
        |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| text.contains("Statement"));
    if !is_policy(old) || !is_policy(new) {
        return Vec::new();
    }
    document::compare_statements(old, new).map(|difference| difference.lines).unwrap_or_default()
}

/// The paths that change, as far as the engine says.
pub(crate) fn changed(step: &Step) -> Vec<&str> {
    match &step.detailed_diff {
        Some(diff) => diff.keys().map(String::as_str).collect(),
        None => step.diffs.iter().flatten().map(String::as_str).collect(),
    }
}

/// Whether a change at `path` is one of `property`, or of what it is in.
fn touches(path: &str, property: &str) -> bool {
    let below = |path: &str, property: &str| {
        path.strip_prefix(property).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    below(path, property) || below(property, path)
}

/// A property of the inputs by its path.
fn at<'s>(state: Option<&'s State>, path: &str) -> Option<&'s Value> {
    let mut names = path.split('.');
    let first = state?.inputs.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name)).filter(|value| !value.is_null())
}

fn destroys(step: &Step, op: &Op, facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_set = |name: &str| at(step.old.as_ref(), name) == Some(&Value::Bool(true));
    if let (Some(holds), Op::Delete | Op::Replace) = (facts.holds, op)
        && !is_set("skipDestroy")
    {
        let how = if *op == Op::Delete { "deletes" } else { "replaces, and so deletes," };
        let unless = match step.kind.as_str() {
            "aws:s3/bucket:Bucket" if !is_set("forceDestroy") => "; AWS refuses it while the bucket holds objects",
            "aws:kms/key:Key" => "; the deletion is scheduled, and can be cancelled until then",
            _ => "",
        };
        found.push(Finding::new(Risk::DestroysData, format!("{how} {holds}{unless}")));
    }
    for (path, keeps) in facts.keeps {
        if matches!(op, Op::Adopt | Op::Import) {
            if changed(step).iter().any(|changed| touches(changed, path)) {
                let reason =
                    format!("not evaluated: `{path}` of what is adopted changes, and can keep data for less time");
                found.push(Finding::new(Risk::DestroysData, reason));
            }
            continue;
        }
        let (old, new) = (at(step.old.as_ref(), path), at(step.new.as_ref(), path));
        found.extend(shortened(*keeps, path, op, old, new).map(|reason| Finding::new(Risk::DestroysData, reason)));
    }
    found
}

/// How data is kept for less time, if it is.
fn shortened(keeps: Keeps, path: &str, op: &Op, old: Option<&Value>, new: Option<&Value>) -> Option<String> {
    let unknown = new.is_some_and(|new| new.to_string().contains(UNKNOWN));
    match keeps {
        _ if unknown && old != new => Some(format!("not evaluated: `{path}` is known once it is deployed")),
        Keeps::Period => {
            let period = |value: Option<&Value>| value.and_then(Value::as_f64).filter(|days| *days > 0.0);
            let less = match (period(old), period(new)) {
                (Some(old), Some(new)) => new < old,
                (None, Some(_)) => *op == Op::Update,
                (_, None) => false,
            };
            let text = |value: Option<&Value>| period(value).map_or_else(|| "for ever".to_owned(), |n| n.to_string());
            (less && *op != Op::Delete)
                .then(|| format!("`{path}` is lowered from {} to {}: what is older is deleted", text(old), text(new)))
        }
        Keeps::LifeCycle => {
            let (before, after) = (expiry(old), expiry(new));
            let covered = |rule: &Value| before.iter().any(|other| deletes_no_earlier(rule, other));
            (!after.iter().all(covered))
                .then(|| "objects of the bucket expire by other rules: some are deleted earlier than before".to_owned())
        }
        Keeps::Versions => {
            let on = |value: Option<&Value>| value.and_then(Value::as_str) == Some("Enabled");
            (on(old) && !on(new))
                .then(|| "versions are no longer kept: what is overwritten or deleted from then on is lost".to_owned())
        }
        Keeps::Lock => (old.is_some() && old != new && !is_longer_lock(old, new))
            .then(|| "new objects are locked for less time, or less strictly, and can be deleted".to_owned()),
        Keeps::Backups => (is_on(old) && !is_on(new)).then(|| {
            "the backups of point-in-time recovery are deleted: what is lost then cannot be restored".to_owned()
        }),
        Keeps::Expiry => (*op == Op::Update && !is_on(old) && is_on(new))
            .then(|| "items expire: those whose time is over are deleted".to_owned()),
    }
}

fn is_on(switch: Option<&Value>) -> bool {
    switch.and_then(Value::as_bool) == Some(true)
}

/// The rules of a life cycle that delete, without what only moves objects.
fn expiry(rules: Option<&Value>) -> Vec<Value> {
    let deletes = |rule: &&Value| {
        let is_on = rule.get("status").and_then(Value::as_str) != Some("Disabled");
        is_on && ["expiration", "noncurrentVersionExpiration"].iter().any(|name| rule.get(name).is_some())
    };
    let rules = rules.and_then(Value::as_array).into_iter().flatten();
    let only = |rule: &Value| {
        let kept = ["filter", "prefix", "expiration", "noncurrentVersionExpiration"];
        kept.iter().filter_map(|name| Some(((*name).to_owned(), rule.get(name)?.clone()))).collect::<Value>()
    };
    rules.filter(deletes).map(only).collect()
}

/// Whether a rule deletes, of the same objects, nothing that another one does not delete as early.
fn deletes_no_earlier(rule: &Value, other: &Value) -> bool {
    const DAYS: [(&str, &str); 2] = [("expiration", "days"), ("noncurrentVersionExpiration", "noncurrentDays")];
    let no_earlier = |(way, unit): (&str, &str)| {
        let Some(after) = rule.get(way) else { return true };
        let Some(before) = other.get(way) else { return false };
        // in whatever else it says of this way it has to be the same
        let with_its_days = || {
            let mut same = before.clone();
            *same.get_mut(unit)? = after.get(unit)?.clone();
            Some(same)
        };
        let days = |way: &Value| way.get(unit).and_then(Value::as_f64);
        let later = days(after).zip(days(before)).is_some_and(|(after, before)| after >= before);
        after == before || (later && with_its_days().as_ref() == Some(after))
    };
    let is_same = |part: &str| rule.get(part) == other.get(part);
    ["filter", "prefix"].into_iter().all(is_same) && DAYS.into_iter().all(no_earlier)
}

fn is_longer_lock(old: Option<&Value>, new: Option<&Value>) -> bool {
    let of = |value: Option<&Value>, name: &str| value?.get("defaultRetention")?.get(name).cloned();
    let days = |value: Option<&Value>| {
        let number = |name: &str| of(value, name).and_then(|n| n.as_f64()).unwrap_or_default();
        number("days") + 365.0 * number("years")
    };
    let strict = |value: Option<&Value>| of(value, "mode").as_ref().and_then(Value::as_str) == Some("COMPLIANCE");
    days(new) >= days(old) && (strict(new) || !strict(old))
}

fn interrupts(step: &Step, op: &Op, facts: &Facts) -> Option<Finding> {
    let reason = match op {
        Op::Delete => facts.stops?.to_owned(),
        Op::Replace => format!("replaced: {}", facts.stops?),
        Op::Create => return None,
        _ => {
            let changes = changed(step);
            let hit: Vec<_> = facts
                .interrupts
                .iter()
                .filter(|property| changes.iter().any(|path| touches(path, property)))
                .map(|property| format!("`{property}`"))
                .collect();
            if hit.is_empty() {
                return None;
            }
            format!("{} changes for those who use it", hit.join(", "))
        }
    };
    Some(Finding::new(Risk::Interrupts, reason))
}

#[cfg(test)]
mod tests;
