//! What a deployment looks like: its plan, its progress, its end; for people and for programs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use contract::Entry;
use deploy::{
    Outcome, Progress, Verdict,
    drift::Drifted,
    risk::{self, Finding, Risk},
    session::stack_of,
};
use engine::{
    events::{Diagnostic, Step},
    op::Op,
};
use pulumi::{urn, value::UNKNOWN};
use serde_json::{Value, json};
use state::error::counted;

use crate::output::{Output, Tone, counts, seconds};

/// Plans of up to this many creations are shown one by one; larger ones by stack.
const LISTED: usize = 12;

/// Tells of a deployment.
pub(crate) struct Report<'o> {
    output: &'o Output,
    verbose: bool,
    /// What the contract has, for the risks of a plan.
    promised: Vec<Entry>,
    /// The classes of risk of the plan that was shown last.
    classes: Mutex<Option<Vec<Risk>>>,
    /// What AWS throttled, told once each.
    throttled: Mutex<BTreeSet<String>>,
}

impl<'o> Report<'o> {
    pub(crate) fn new(output: &'o Output, verbose: bool, promised: Vec<Entry>) -> Self {
        Self { output, verbose, promised, classes: Mutex::default(), throttled: Mutex::default() }
    }

    /// Progress, as it happens.
    pub(crate) fn progress(&self, progress: &Progress<'_>) {
        if self.output.is_json() {
            self.progress_json(progress);
            return;
        }
        let throttled = aws::pacing::throttled();
        let waits = if throttled.is_empty() {
            String::new()
        } else {
            format!(", throttled by {}, waiting", throttled.join(" and "))
        };
        for api in throttled {
            if self.throttled.lock().unwrap_or_else(PoisonError::into_inner).insert(api.clone()) {
                self.output.row(Tone::Dim, "note", &format!("throttled by {api}: its calls are slowed down"));
            }
        }
        match progress {
            Progress::Begins { open, done } => self.output.now(&format!("{done} done, {open} under way{waits}")),
            Progress::Done { step, took } => {
                if (step.op.changes() && is_own(step)) || self.verbose {
                    let (tone, word) = past(&step.op);
                    self.output.row(tone, word, &format!("{}  {}", subject(step), seconds(*took)));
                }
            }
            Progress::Read(_) => self.output.now("reading"),
            Progress::Planned(_) => self.output.now("planning"),
            Progress::PlanComplete(plan) => {
                self.plan(plan);
                self.risks(plan);
            }
            Progress::Failed(step) => self.output.row(Tone::Bad, "failed", &subject(step)),
            Progress::Says(diagnostic) => self.says(diagnostic),
        }
    }

    /// Progress of a refresh: the engine calls «deleted» what it no longer finds, which is told at the end in better words.
    pub(crate) fn reading(&self, progress: &Progress<'_>) {
        if self.output.is_json() || !matches!(progress, Progress::Done { .. }) {
            self.progress(progress);
        }
    }

    /// How what is live differs from the state.
    pub(crate) fn drift(&self, steps: &[Step]) {
        let mut own: Vec<&Step> = steps.iter().filter(|s| is_own(s)).collect();
        own.sort_by_key(|s| (rank(&s.op), s.urn.clone()));
        for step in own {
            let (tone, word) = if step.op == Op::Delete { (Tone::Bad, "gone") } else { (Tone::Changed, "changed") };
            self.output.row(tone, word, &format!("{}{}", subject(step), properties(step)));
        }
    }

    fn says(&self, diagnostic: &Diagnostic) {
        if diagnostic.ephemeral || diagnostic.severity == "debug" {
            return;
        }
        // the engine repeats at its end that some step failed, and which, each told already
        if diagnostic.message.starts_with("update failed") || diagnostic.message.starts_with("preview failed") {
            return;
        }
        let (tone, word) = match diagnostic.severity.as_str() {
            "error" => (Tone::Bad, "error"),
            "warning" => (Tone::Changed, "warning"),
            _ => (Tone::Dim, "note"),
        };
        for (i, line) in diagnostic.message.lines().enumerate() {
            self.output.row(tone, if i == 0 { word } else { "" }, line);
        }
    }

    fn progress_json(&self, progress: &Progress<'_>) {
        let step = |step: &Step, status: &str, took: Option<Duration>| {
            json!({
                "type": "resource", "status": status, "op": step.op, "urn": step.urn, "kind": step.kind,
                "name": urn::name(&step.urn), "changed": changed_properties(step), "duration_ms": took.map(millis),
            })
        };
        // secrets are masked by the engine
        let planned = |s: &Step| {
            let mut object = step(s, "planned", None);
            object["protect"] = is_protected(s).into();
            object["inputs"] = s.new.as_ref().map(|new| in_words(new.inputs.clone().into())).into();
            object
        };
        match progress {
            Progress::Done { step: s, took } if s.op.changes() => self.output.object(&step(s, "done", Some(*took))),
            Progress::Planned(s) => self.output.object(&planned(s)),
            Progress::Failed(s) => self.output.object(&step(s, "failed", None)),
            Progress::Says(d) if !d.ephemeral && d.severity != "debug" => {
                self.output
                    .object(&json!({ "type": "message", "severity": d.severity, "urn": d.urn, "text": d.message }));
            }
            _ => {}
        }
    }

    /// What would be done: what takes away first; many of a kind by stack, what has a fate of its own one by one.
    pub(crate) fn plan(&self, plan: &[Step]) {
        let shown = |s: &&Step| is_own(s) && !matches!(s.op, Op::CreateReplacement | Op::DeleteReplaced);
        let mut steps: Vec<&Step> = plan.iter().filter(shown).collect();
        steps.sort_by_key(|s| (rank(&s.op), s.urn.clone()));
        let many = |op: Op| !self.verbose && plan.iter().filter(|s| is_own(s) && s.op == op).count() > LISTED;
        let (many_created, many_deleted) = (many(Op::Create), many(Op::Delete));
        let mut grouped: BTreeMap<(u8, &Op, String), (usize, usize)> = BTreeMap::new();
        for step in steps {
            let (tone, word) = future(&step.op);
            let fate = fate(step);
            let by_stack = (step.op == Op::Create && many_created) || (step.op == Op::Delete && many_deleted);
            if by_stack && fate.is_empty() {
                let stack = stack_of(&step.urn).unwrap_or_else(|| service_of(&step.kind));
                let (all, protected) = grouped.entry((rank(&step.op), &step.op, stack)).or_default();
                *all += 1;
                *protected += usize::from(is_protected(step));
                continue;
            }
            let changed = if step.op == Op::Delete { String::new() } else { properties(step) };
            let guard = if step.op == Op::Create && is_protected(step) { "  (protected)" } else { "" };
            self.output.row(tone, word, &format!("{}{changed}{fate}{guard}", subject(step)));
        }
        for ((_, op, stack), (all, protected)) in grouped {
            let (tone, word) = future(op);
            let guard =
                if *op == Op::Create && protected > 0 { format!(", {protected} protected") } else { String::new() };
            self.output.row(tone, word, &format!("{} of {stack}{guard}", counted(all, "resource")));
        }
    }

    /// What a plan can cost: each step with a risk, the worst first, and how many there are of each class.
    pub(crate) fn risks(&self, plan: &[Step]) {
        let findings = risk::assess(plan, &self.promised);
        let shown = |(step, _): &(&Step, &Vec<Finding>)| {
            is_own(step) && !matches!(step.op, Op::CreateReplacement | Op::DeleteReplaced)
        };
        let mut own: Vec<_> = plan.iter().zip(&findings).filter(shown).collect();
        let classes = risk::unallowed(own.iter().map(|(_, findings)| findings.as_slice()), &[]);
        *self.classes.lock().unwrap_or_else(PoisonError::into_inner) = Some(classes);
        let counts = risk::counts(own.iter().map(|(_, findings)| findings.as_slice()));
        if counts.iter().all(|(class, _)| *class == Risk::NoRisk) {
            return;
        }
        // of a first deployment the number says enough; a plan's file has every one
        let creates = |step: &Step| step.op == Op::Create;
        if !self.verbose && !self.output.is_json() && own.iter().filter(|(step, _)| creates(step)).count() > LISTED {
            own.retain(|(step, _)| !creates(step));
        }
        own.sort_by_key(|(step, findings)| (std::cmp::Reverse(risk::worst(findings)), step.urn.clone()));
        for (step, finding) in own.iter().flat_map(|(step, findings)| findings.iter().map(move |f| (step, f))) {
            if self.output.is_json() {
                self.output.object(&json!({
                    "type": "risk", "urn": step.urn, "kind": step.kind, "name": urn::name(&step.urn), "op": step.op,
                    "class": finding.class, "reason": finding.reason, "details": finding.details,
                }));
            }
            let tone = if finding.class == Risk::DestroysData { Tone::Bad } else { Tone::Changed };
            self.output.row(tone, finding.class.word(), &format!("{}: {}", subject(step), finding.reason));
            finding.details.iter().for_each(|line| self.output.row(Tone::Dim, "", line));
        }
        self.output.say(&format!("risk: {}", risk::counted(&counts)));
    }

    /// The end of a look for drift.
    pub(crate) fn drifted(&self, outcome: &Outcome, drift: &[Drifted]) {
        self.output.done();
        let gone = drift.iter().filter(|one| one.gone).count();
        for one in drift {
            let (tone, word) = if one.gone { (Tone::Bad, "gone") } else { (Tone::Changed, "changed") };
            if self.output.is_json() {
                self.output.object_of(json!({ "type": "drift", "status": word, "name": one.name() }), one);
            }
            self.output.row(tone, word, &format!("{} {}", one.kind, one.name()));
            for property in &one.properties {
                let text =
                    |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
                if property.statements.is_empty() {
                    let (state, live) = (text(&property.state), text(&property.live));
                    self.output.row(Tone::Plain, "", &format!("{}: {state} in the state, {live} live", property.path));
                }
                let statements = property.statements.iter();
                statements.for_each(|line| self.output.row(Tone::Plain, "", &format!("{}: {line}", property.path)));
            }
            self.output.row(Tone::Dim, "", &format!("by: {}", one.by));
            self.output.row(Tone::Dim, "", &format!("up: {}", one.up.text));
        }
        let took = seconds(outcome.duration);
        let what = match (outcome.verdict, drift.len()) {
            (Verdict::Failed, _) => "failed".to_owned(),
            (Verdict::Cancelled, _) => "stopped".to_owned(),
            (Verdict::Succeeded, 0) => "no drift".to_owned(),
            (Verdict::Succeeded, all) => format!("drift: {} changed, {gone} gone", all - gone),
        };
        self.output.say(&format!("{what}, in {took}"));
        if self.output.is_json() {
            self.output.object(&json!({
                "type": "summary", "result": outcome.verdict,
                "ok": outcome.verdict == Verdict::Succeeded && drift.is_empty(),
                "changed": drift.len() - gone, "gone": gone, "duration_ms": millis(outcome.duration),
            }));
        }
    }

    /// The end: what was done, and how long it took.
    pub(crate) fn end(&self, what: &str, outcome: &Outcome) {
        self.end_of(what, outcome, false);
    }

    /// The end of a preview: what would be done.
    pub(crate) fn end_of_preview(&self, outcome: &Outcome) {
        self.end_of("preview", outcome, true);
    }

    fn end_of(&self, what: &str, outcome: &Outcome, planned: bool) {
        self.output.done();
        let (took, counts) = (seconds(outcome.duration), counts(&outcome.changes, planned));
        match outcome.verdict {
            Verdict::Succeeded => {
                self.output.say(&format!("{what}: {counts} in {took}"));
            }
            Verdict::Failed if outcome.untouched => {
                self.output.say(&format!("failed after {took}; nothing was changed"));
            }
            Verdict::Cancelled if outcome.untouched => {
                self.output.say(&format!("stopped after {took}; nothing was changed"));
            }
            Verdict::Failed => self.output.say(&format!("failed after {took}; done until then: {counts}")),
            Verdict::Cancelled => self.output.say(&format!("stopped after {took}; done until then: {counts}")),
        }
    }

    /// The last object for programs.
    pub(crate) fn summary(&self, outcome: &Outcome) {
        if !self.output.is_json() {
            return;
        }
        let text = |name: &str| outcome.outputs.get(name).cloned().unwrap_or_default();
        let mut summary = json!({
            "type": "summary",
            "result": outcome.verdict,
            "changes": outcome.changes,
            "duration_ms": millis(outcome.duration),
            "skipped": outcome.skipped,
            "contract": { "version": text("contractVersion"), "digest": text("contractDigest") },
        });
        if let Some(classes) = &*self.classes.lock().unwrap_or_else(PoisonError::into_inner) {
            summary["risks"] = json!(classes);
        }
        self.output.object(&summary);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The service of a type, as a module's resources are grouped: `s3` of `aws:s3/bucket:Bucket`.
fn service_of(kind: &str) -> String {
    kind.split([':', '/']).nth(1).unwrap_or(kind).to_owned()
}

/// Whether a step is on a resource of the zone, not on a component, the stack or a provider.
fn is_own(step: &Step) -> bool {
    let custom = [&step.new, &step.old].into_iter().flatten().any(|s| s.custom);
    custom && !step.kind.starts_with("pulumi:")
}

/// `aws:s3/bucket:Bucket documents`.
fn subject(step: &Step) -> String {
    format!("{} {}", step.kind, urn::name(&step.urn))
}

fn changed_properties(step: &Step) -> Vec<String> {
    match &step.detailed_diff {
        Some(diff) => diff.keys().cloned().collect(),
        None => step.diffs.clone().unwrap_or_default(),
    }
}

/// `  (versioningConfiguration.status)`, or nothing.
fn properties(step: &Step) -> String {
    let changed = changed_properties(step);
    if changed.is_empty() { String::new() } else { format!("  ({})", changed.join(", ")) }
}

/// Inputs as a reader wants them: what only the deployment will tell is said so, where the engine has a magic text.
fn in_words(value: Value) -> Value {
    match value {
        Value::String(text) if text == UNKNOWN => "(known once it is deployed)".into(),
        Value::Array(items) => items.into_iter().map(in_words).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, in_words(value))).collect(),
        other => other,
    }
}

/// What deletion means for things that do not simply go.
fn fate(step: &Step) -> String {
    let Some(old) = step.old.as_ref().filter(|_| step.op == Op::Delete) else { return String::new() };
    match step.kind.as_str() {
        "aws:kms/key:Key" => {
            let days = old.inputs.get("deletionWindowInDays").and_then(serde_json::Value::as_f64).unwrap_or(30.0);
            format!("  (scheduled: deleted after {days} days; a deployment before that cancels it)")
        }
        "aws:s3/bucket:Bucket" if old.inputs.get("objectLockEnabled") == Some(&true.into()) => {
            "  (under Object Lock: stays while it holds locked objects)".to_owned()
        }
        _ => String::new(),
    }
}

fn rank(op: &Op) -> u8 {
    match op {
        Op::Delete => 0,
        Op::Replace => 1,
        _ => 2,
    }
}

fn is_protected(step: &Step) -> bool {
    step.new.as_ref().or(step.old.as_ref()).is_some_and(|state| state.protect)
}

fn future(op: &Op) -> (Tone, &'static str) {
    match op {
        Op::Delete => (Tone::Bad, "delete"),
        Op::Replace => (Tone::Bad, "replace"),
        Op::Update => (Tone::Changed, "update"),
        Op::Create => (Tone::Good, "create"),
        Op::Import => (Tone::Good, "import"),
        Op::Adopt => (Tone::Changed, "adopt"),
        _ => (Tone::Plain, "change"),
    }
}

fn past(op: &Op) -> (Tone, &'static str) {
    match op {
        Op::Delete | Op::DeleteReplaced => (Tone::Bad, "deleted"),
        Op::Replace => (Tone::Changed, "replaced"),
        Op::Update => (Tone::Changed, "updated"),
        Op::Create | Op::CreateReplacement => (Tone::Good, "created"),
        Op::Import => (Tone::Good, "imported"),
        Op::Adopt => (Tone::Changed, "adopted"),
        Op::Same => (Tone::Dim, "unchanged"),
        Op::Refresh | Op::Read => (Tone::Dim, "read"),
        _ => (Tone::Plain, "changed"),
    }
}
