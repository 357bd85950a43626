//! A plan as a file: what a deployment would do, bound to the configuration and the state that it was made for.

mod difference;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use config::Zone;
use contract::{Entry, meta};
use engine::{
    events::{State, Step},
    op::Op,
};
use pulumi::{
    urn,
    value::{UNKNOWN, secret_in},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use state::{
    error::{Exit, Failure, Result},
    version::sha256,
};

use crate::{
    commit::Commit,
    risk::{self, Finding, Risk},
    session::{is_published, stack_of},
};

/// The form of the file that this build writes and reads.
pub const FORMAT: u64 = 1;

/// The way to a plan.
const MADE_BY: &str = "`zone plan -e ENV -o FILE` makes a plan";
/// What a plan shows in the place of a secret.
pub(crate) const SECRET: &str = "[secret]";
/// What the engine's mark of a secret is called, in its JSON.
pub(crate) const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
/// What a plan shows in the place of a value that the deployment makes.
const LATER: &str = "(known once it is deployed)";
/// What it shows in the place of the time at which a contract is published.
const NOW: &str = "(the time of the deployment)";

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// The form of the file.
    pub format: u64,
    /// The environment.
    pub environment: String,
    /// The version of `zone` that made it.
    pub zone: String,
    /// Digest of the configuration that it deploys.
    pub configuration: String,
    /// The commit of the zone's folder, where it is in a repository.
    pub commit: Option<Commit>,
    /// The version of the state that it changes.
    pub state: String,
    /// What was asked for.
    pub order: Asked,
    /// The root of the organization on which it enables service control policies first; none where they are enabled.
    pub enables: Option<String>,
    /// What it does, by URN.
    pub steps: Vec<Change>,
    /// Digest of all of the above.
    pub digest: String,
    /// Where it was read from.
    #[serde(skip)]
    pub path: PathBuf,
}

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Only these stacks; none is all.
    pub only: Vec<String>,
    /// Names and ids of what is adopted.
    pub adopt: Vec<String>,
}

/// What is done to one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What is done.
    pub op: Op,
    /// The resource.
    pub urn: String,
    /// Its type.
    pub kind: String,
    /// Its id, where it has one already.
    pub id: Option<String>,
    /// How its properties change, by path, in the engine's words.
    pub changed: BTreeMap<String, String>,
    /// Its inputs before.
    pub old: Option<Map<String, Value>>,
    /// Its inputs after.
    pub new: Option<Map<String, Value>>,
    /// What it can cost; empty is nothing that is known.
    pub risks: Vec<Finding>,
}

impl Change {
    /// The resource's name.
    pub fn name(&self) -> &str {
        urn::name(&self.urn)
    }

    /// The stack that it belongs to; empty for what belongs to all.
    pub fn stack(&self) -> String {
        stack_of(&self.urn).unwrap_or_default()
    }

    /// Whether it is the plan's view of a resource of AWS, rather than of a component, or one half of a replacement.
    pub fn is_own(&self) -> bool {
        let half = matches!(self.op, Op::CreateReplacement | Op::DeleteReplaced);
        !half && !self.kind.starts_with("pulumi:") && !self.kind.starts_with("zone:")
    }
}

/// What a plan is made of.
pub(crate) struct Basis {
    pub(crate) commit: Option<Commit>,
    pub(crate) state: String,
    pub(crate) order: Asked,
    pub(crate) enables: Option<String>,
}

/// The steps of a preview as a plan has them: in one order, without secrets, without what differs by the second.
pub(crate) fn changes(steps: &[Step], promised: &[Entry]) -> Vec<Change> {
    let risks = risk::assess(steps, promised);
    let mut changes: Vec<_> = steps.iter().zip(risks).map(|(step, risks)| change(step, risks)).collect();
    changes.sort_by(|one, other| (&one.urn, &one.op).cmp(&(&other.urn, &other.op)));
    changes
}

fn change(step: &Step, risks: Vec<Finding>) -> Change {
    let inputs = |state: &Option<State>| state.as_ref().map(|state| shown(state.inputs.clone()));
    let (old, mut new) = (inputs(&step.old), inputs(&step.new));
    if is_published(&step.urn)
        && urn::name(&step.urn) == meta::PUBLISHED_AT_NAME
        && let Some(value) = new.as_mut().and_then(|new| new.get_mut("insecureValue"))
        && old.as_ref().and_then(|old| old.get("insecureValue")) != Some(value)
    {
        *value = NOW.into();
    }
    let changed = match &step.detailed_diff {
        Some(diff) => diff.iter().map(|(path, change)| (path.clone(), change.diff_kind.clone())).collect(),
        None => step.diffs.iter().flatten().map(|path| (path.clone(), "update".to_owned())).collect(),
    };
    let id = step.old.as_ref().map(|old| old.id.clone()).filter(|id| !id.is_empty());
    Change { op: step.op.clone(), urn: step.urn.clone(), kind: step.kind.clone(), id, changed, old, new, risks }
}

/// Inputs as a plan shows them.
pub(crate) fn shown(inputs: Map<String, Value>) -> Map<String, Value> {
    inputs.into_iter().map(|(name, value)| (name, masked(value))).collect()
}

/// A value as a plan shows it: without secrets, and what is not known yet in words.
pub(crate) fn masked(value: Value) -> Value {
    match value {
        Value::String(text) if text == UNKNOWN => LATER.into(),
        // a text that has something unknown in it
        Value::String(text) if text.contains(UNKNOWN) => text.replace(UNKNOWN, LATER).into(),
        Value::Object(map) if map.contains_key(SIGNATURE) && (secret_in(&map).is_some() || is_sealed(&map)) => {
            SECRET.into()
        }
        Value::Object(map) => Value::Object(shown(map)),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        other => other,
    }
}

fn is_sealed(map: &Map<String, Value>) -> bool {
    ["ciphertext", "plaintext"].iter().any(|name| map.contains_key(*name))
}

/// Digest of the configuration of an environment.
pub fn configuration(zone: &Zone) -> Result<String> {
    let text = serde_json::to_string(zone)
        .map_err(|e| Failure::new(Exit::Failed, format!("writing the configuration as JSON: {e}")))?;
    Ok(sha256(text.as_bytes()))
}

impl Planned {
    pub(crate) fn new(zone: &Zone, basis: Basis, steps: Vec<Change>) -> Result<Self> {
        let mut planned = Self {
            format: FORMAT,
            environment: zone.environment.clone(),
            zone: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: configuration(zone)?,
            commit: basis.commit,
            state: basis.state,
            order: basis.order,
            enables: basis.enables,
            steps,
            digest: String::new(),
            path: PathBuf::new(),
        };
        planned.digest = planned.computed()?;
        Ok(planned)
    }

    /// The digest of everything but the digest.
    fn computed(&self) -> Result<String> {
        let value = serde_json::to_value(self).map_err(|e| unwritable(&e))?;
        Ok(digest(value))
    }

    /// The text of the file.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(|e| unwritable(&e))
    }

    /// Writes it, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<()> {
        write(path, &self.text()?)
    }

    /// Reads one; refuses what is not as `zone plan` wrote it.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Failure { exit: Exit::Usage, ..Failure::file("reading the plan", path, e) }.hint(MADE_BY))?;
        let planned = Self::parse(&text).map_err(|refusal| {
            let message = format!("reading the plan `{}`: {}", path.display(), refusal.message);
            Failure { message, ..refusal }
        })?;
        Ok(Self { path: path.to_owned(), ..planned })
    }

    /// Reads the text of one.
    fn parse(text: &str) -> Result<Self> {
        let refused = |cause: String| Failure::new(Exit::Usage, cause).hint(MADE_BY);
        let value: Value = serde_json::from_str(text).map_err(|e| {
            if e.is_eof() {
                refused(format!("the file ends in the middle, on line {}", e.line()))
            } else {
                refused(format!("it is not JSON: {e}"))
            }
        })?;
        let format = value.get("format").and_then(Value::as_u64);
        match format {
            None => return Err(refused("it is not a plan: it has no `format`".to_owned())),
            Some(FORMAT) => {}
            Some(other) => {
                let hint = "apply it with the version of `zone` that made it, or plan again with this one";
                return Err(refused(format!("its format is {other}, and this `zone` reads format {FORMAT}")).hint(hint));
            }
        }
        let stated = value.get("digest").and_then(Value::as_str).unwrap_or_default().to_owned();
        let computed = digest(value.clone());
        if stated != computed {
            return Err(refused(format!(
                "it was changed after it was made: its digest is {computed}, and it says `{stated}`"
            ))
            .hint("a plan is applied as it was made, or made again: `zone plan -e ENV -o FILE`"));
        }
        serde_json::from_value(value).map_err(|e| refused(format!("it is not a plan: {e}")))
    }

    /// Refuses to be applied to another environment than its own.
    pub fn of_environment(&self, environment: &str) -> Result<()> {
        if self.environment == environment {
            return Ok(());
        }
        let message = format!(
            "applying the plan {}: it is of environment `{}`, not `{environment}`",
            self.called(),
            self.environment
        );
        Err(Failure::new(Exit::Usage, message).hint("leave -e out: a plan names its environment"))
    }

    /// Refuses another configuration than the one that it was made for.
    pub fn of_configuration(&self, zone: &Zone) -> Result<()> {
        if self.configuration == configuration(zone)? {
            return Ok(());
        }
        let commit = self.commit.as_ref().map_or_else(String::new, |commit| format!(" (commit {commit})"));
        let message = format!(
            "applying the plan {}: the configuration of `{}` differs from the plan's{commit}; nothing was changed",
            self.called(),
            self.environment
        );
        Err(Failure::new(Exit::Failed, message).hint(self.again()))
    }

    /// Refuses another state than the one that it was made for.
    pub(crate) fn of_state(&self, version: &str) -> Result<()> {
        if self.state == version {
            return Ok(());
        }
        let message = format!(
            "applying the plan {}: the state of `{}` was changed after the plan was made, by somebody else or by applying it; nothing was \
             changed",
            self.called(),
            self.environment
        );
        Err(Failure::new(Exit::Failed, message).hint(self.again()))
    }

    /// Refuses when what would be done is not what it says; names the first difference.
    pub(crate) fn as_planned(&self, now: &[Change], enables: Option<&str>) -> Result<()> {
        let root = |root: Option<&str>| root.map_or_else(|| "nowhere".to_owned(), |root| format!("on root {root}"));
        let enables = (self.enables.as_deref() != enables).then(|| {
            let (was, is) = (root(self.enables.as_deref()), root(enables));
            format!("the plan enables service control policies {was}, and now that is {is}")
        });
        let Some(difference) = enables.or_else(|| difference::first(&self.steps, now)) else { return Ok(()) };
        let message = format!(
            "applying the plan {}: a preview now finds other changes than the plan has: {difference}; nothing was changed",
            self.called()
        );
        Err(Failure::new(Exit::Failed, message).hint(self.again()))
    }

    /// What was done beyond what it says, if something was.
    pub(crate) fn beyond(&self, done: &[Step]) -> Result<()> {
        let is_planned =
            |step: &&Step| self.steps.iter().any(|planned| planned.urn == step.urn && planned.op == step.op);
        let Some(step) = done.iter().find(|step| !is_planned(step)) else { return Ok(()) };
        let message = format!(
            "applying the plan {}: made a change that it does not have: {} {} {}",
            self.called(),
            step.op,
            step.kind,
            urn::name(&step.urn)
        );
        Err(Failure::new(Exit::Failed, message).hint("this is a bug of zone: please report it with the plan"))
    }

    /// The risks of its steps.
    pub fn risks(&self) -> impl Iterator<Item = &[Finding]> {
        self.steps.iter().filter(|step| step.is_own()).map(|step| step.risks.as_slice())
    }

    /// The command that applies it, with these classes allowed.
    pub(crate) fn command(&self, allowed: &[Risk]) -> String {
        let words: Vec<_> = allowed.iter().map(|risk| risk.word()).collect();
        format!("zone up {} --yes --allow {}", self.path.display(), words.join(","))
    }

    fn called(&self) -> String {
        format!("`{}`", self.path.display())
    }

    /// The way out: the same plan, made again.
    pub(crate) fn again(&self) -> String {
        let list = |switch: &str, list: &[String]| {
            if list.is_empty() { String::new() } else { format!(" {switch} {}", list.join(",")) }
        };
        format!(
            "plan again, and read it again: `zone plan -e {} -o {}{}{}`",
            self.environment,
            self.path.display(),
            list("--only", &self.order.only),
            list("--adopt", &self.order.adopt)
        )
    }
}

/// Writes a file, whole or not at all.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |e: std::io::Error| Failure {
        hint: Some("name a file in a folder that exists and can be written".to_owned()),
        ..Failure::file("writing", path, e)
    };
    if path.exists() && !path.is_file() {
        // a pipe or a device is written to, not replaced
        return std::fs::write(path, text).map_err(failed);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    std::fs::write(file.path(), text).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

fn unwritable(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::Failed, format!("writing the plan as JSON: {error}"))
}

/// The digest of a plan: of its JSON without the digest, with keys in the order of their names.
fn digest(mut plan: Value) -> String {
    if let Some(plan) = plan.as_object_mut() {
        plan.remove("digest");
    }
    plan.sort_all_objects();
    sha256(plan.to_string().as_bytes())
}

#[cfg(test)]
pub(crate) mod tests;
