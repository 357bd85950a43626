//! A deployment on a terminal, or as JSON lines.

use config::{Kind, Zone};
use deploy::{
    Ended, Kept, Outcome, Plan, Progress, Verdict, Watch,
    guardrail::{Bound, Closed},
    publication::promised,
    retained::BUCKET,
};
use engine::op::Op;
use serde_json::json;
use state::{
    Message,
    error::{Exit, Failure, Result, counted},
    subject::Subject,
};

use crate::{
    output::{Output, Tone},
    report::Report,
};

/// A deployment on a terminal, or as JSON lines.
pub struct Console<'o> {
    report: Report<'o>,
    output: &'o Output,
    environment: String,
    subject: Subject,
    kind: Kind,
    /// Nobody is asked.
    yes: bool,
    /// It is a refresh, which reads.
    reads: bool,
}

impl<'o> Console<'o> {
    /// Of the zone. `verbose` shows every resource; with `yes` nobody is asked.
    pub fn new(output: &'o Output, zone: &Zone, verbose: bool, yes: bool) -> Self {
        let report = Report::new(output, verbose, promised(zone));
        let (environment, subject) = (zone.environment.clone(), Subject::from(zone.environment.as_str()));
        Self { report, output, environment, subject, kind: zone.kind, yes, reads: false }
    }

    /// The same, of a refresh.
    #[must_use]
    pub fn reading(self) -> Self {
        Self { reads: true, ..self }
    }

    /// The same, of a module on the zone.
    #[must_use]
    pub fn of_module(mut self, name: &str) -> Self {
        self.subject.module = Some(name.to_owned());
        self
    }

    /// What is deployed, as the last line names it.
    fn name(&self) -> String {
        match &self.subject.module {
            None => format!("zone `{}`", self.environment),
            Some(module) => format!("module `{module}`"),
        }
    }

    /// What a module's deployment came to: its outputs, and what comes next.
    fn module_deployed(&self, outcome: &Outcome) {
        let output = self.output;
        for (name, value) in &outcome.outputs {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            output.say(&format!("{name}: {text}"));
        }
        if let Some(module) = &self.subject.module {
            let e = if self.environment == "local" { String::new() } else { format!(" -e {}", self.environment) };
            output.say(&format!("next: `zone module verify {module}{e}` verifies it"));
        }
    }

    /// That service control policies will be enabled.
    fn enables(&self, closed: &Closed) {
        if self.output.is_json() {
            let object = json!({ "type": "enable", "what": "SERVICE_CONTROL_POLICY", "root": closed.root() });
            self.output.object(&object);
        }
        let what = format!("service control policies on root {} of the organization", closed.root());
        self.output.row(Tone::Changed, "enable", &what);
    }

    /// Whom the guardrail will bind.
    fn binds(&self, bound: &Bound) {
        if self.output.is_json() {
            let object = json!({ "type": "bind", "target": bound.target(), "accounts": bound.accounts() });
            self.output.object(&object);
        }
        self.output.row(Tone::Changed, "bind", &bound.text());
    }

    /// What will be emptied, what stays, why, and the way out.
    fn keeps(&self, kept: &Kept<'_>) {
        let output = self.output;
        for bucket in kept.emptied {
            let what = "all object versions, including those under a GOVERNANCE lock";
            if output.is_json() {
                output.object(&json!({ "type": "empty", "kind": BUCKET, "id": bucket, "what": what }));
            }
            output.row(Tone::Bad, "empty", &format!("{BUCKET} {bucket} ({what})"));
        }
        for full in &kept.stays.buckets {
            let (bucket, reason) = (&full.name, full.reason());
            let hint = format!("`{} --empty {bucket}` deletes all of it", self.subject.command("destroy"));
            if output.is_json() {
                let lock = full.lock();
                let lock = lock.map(|(mode, days, until)| json!({ "mode": mode, "days": days, "until": until }));
                output.object(
                    &json!({ "type": "kept", "kind": BUCKET, "id": bucket, "reason": reason, "lock": lock, "hint": hint }),
                );
            }
            let row = format!("{BUCKET} {bucket}, its policy, encryption and key ({reason}; {hint})");
            output.row(Tone::Changed, "keep", &row);
        }
    }

    fn deployed(&self, outcome: &Outcome, zone: &Zone, publishes: bool, guardrails_stay: bool) {
        let text = |name: &str| outcome.outputs.get(name).and_then(|v| v.as_str()).unwrap_or("unknown").to_owned();
        let (environment, output) = (&self.environment, self.output);
        if publishes {
            output.say(&format!("contract: version {}, digest {}", text("contractVersion"), text("contractDigest")));
        }
        if zone.guardrail().is_none() && (zone.guardrails.is_some() || guardrails_stay) {
            let why = match zone.guardrails {
                Some(_) => format!("config/{environment}.toml names no management account"),
                None => "there is no table [guardrails]".to_owned(),
            };
            let what = if guardrails_stay {
                "those that were deployed before stay as they are"
            } else {
                "untagged resources are not denied"
            };
            output.say(&format!("guardrails: skipped, as {why}: {what}"));
        }
        let e = if environment == "local" { String::new() } else { format!(" -e {environment}") };
        output.say(&if publishes {
            format!("next: `zone verify{e}` verifies it, `zone contract list{e}` lists what other teams can use")
        } else {
            format!("next: `zone up{e}` deploys the other stacks too, and publishes the contract")
        });
    }

    /// Whatever the verdict: what was done until then has its fate too.
    fn destroyed(&self, outcome: &Outcome, keeps: &deploy::retained::Kept) {
        let keys = outcome.steps.iter().filter(|s| s.kind == "aws:kms/key:Key").filter_map(|s| s.old.as_ref());
        let keys: Vec<_> = keys.collect();
        if !keys.is_empty() {
            let ids: Vec<_> = keys.iter().map(|k| k.id.as_str()).collect();
            let days = keys[0].inputs.get("deletionWindowInDays").and_then(serde_json::Value::as_f64).unwrap_or(30.0);
            let count = counted(ids.len(), "KMS key");
            self.output.say(&format!("scheduled for deletion in {days} days: {count} ({})", ids.join(", ")));
            self.output.say("a deployment before then cancels the deletion");
        }
        if !keeps.buckets.is_empty() {
            let names: Vec<_> = keeps.buckets.iter().map(|full| full.name.as_str()).collect();
            self.output.say(&format!("what stays: {} (not empty)", names.join(", ")));
        }
    }
}

impl Watch for Console<'_> {
    fn tell(&self, message: Message<'_>) {
        self.output.tell(message);
    }

    fn progress(&self, progress: &Progress<'_>) {
        if self.reads { self.report.reading(progress) } else { self.report.progress(progress) }
    }

    fn plan(&self, plan: &Plan<'_>) {
        self.report.plan(plan.steps);
        if plan.keeps.is_none() {
            self.report.risks(plan.steps);
        }
        plan.enables.iter().for_each(|closed| self.enables(closed));
        plan.binds.iter().for_each(|bound| self.binds(bound));
        plan.keeps.iter().for_each(|kept| self.keeps(kept));
    }

    /// Before something is done to a real account. An emulator's zone is nobody's loss.
    fn consent(&self, question: &str) -> Result<bool> {
        if self.yes || self.kind == Kind::Emulator {
            return Ok(true);
        }
        self.output.ask(question).ok_or_else(|| {
            Failure::new(Exit::Usage, "there is no terminal to ask on")
                .hint(format!("look at it with `{}`, then say --yes", self.subject.command("preview")))
        })
    }

    /// Risks are asked for one by one, on a terminal alone; those to an emulator are named on the command line.
    fn dares(&self, question: &str) -> Option<bool> {
        if self.kind == Kind::Emulator { None } else { self.output.ask(question) }
    }

    fn ended(&self, ended: &Ended<'_>) {
        let report = &self.report;
        let outcome = match *ended {
            Ended::Planned { plan, why } => {
                if let Some(why) = why {
                    self.output.done();
                    self.output.say(why);
                }
                plan
            }
            Ended::Previewed(outcome) => {
                report.end_of_preview(outcome);
                outcome
            }
            Ended::Deployed { outcome, zone, publishes, guardrails_stay } => {
                report.end(&self.name(), outcome);
                if outcome.verdict == Verdict::Succeeded {
                    self.deployed(outcome, zone, publishes, guardrails_stay);
                }
                outcome
            }
            Ended::ModuleDeployed(outcome) => {
                report.end(&self.name(), outcome);
                if outcome.verdict == Verdict::Succeeded {
                    self.module_deployed(outcome);
                }
                outcome
            }
            Ended::Refreshed { outcome, recorded } => {
                if outcome.verdict == Verdict::Succeeded {
                    report.drift(&outcome.steps);
                    let drifted = outcome.changes.iter().any(|(op, n)| *op != Op::Same && *n > 0);
                    let first = if recorded {
                        ""
                    } else {
                        &*format!("`{}` records the changes in the state, then ", self.subject.command("refresh"))
                    };
                    let up = self.subject.command("up");
                    let says = format!("live resources differ from the state: {first}`{up}` corrects them");
                    self.output.say(if drifted { &says } else { "no drift" });
                }
                report.end("refresh", outcome);
                outcome
            }
            Ended::Drifted { outcome, drift } => {
                self.report.drifted(outcome, drift);
                return;
            }
            Ended::Destroyed { outcome, keeps } => {
                report.end(&self.name(), outcome);
                self.destroyed(outcome, keeps);
                outcome
            }
        };
        report.summary(outcome);
    }
}
