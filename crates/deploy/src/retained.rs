//! Buckets that hold something and may not be emptied: a destroy leaves them with all that guards them, and `up` refuses to
//! delete them.

use aws::{
    clients::Ambient,
    emptying::{self, Governance},
};
use config::Zone;
use engine::{events::Step, op::Op};
use pulumi::urn;
use serde_json::Value;
use state::{
    error::{Exit, Failure, Result, counted},
    subject::Subject,
};

use crate::accounts;

/// The type of a bucket.
pub const BUCKET: &str = "aws:s3/bucket:Bucket";
const KEY: &str = "aws:kms/key:Key";

/// Buckets that stay, and the URNs of everything that stays with them.
#[derive(Debug, Default)]
pub struct Kept {
    /// The buckets.
    pub buckets: Vec<Full>,
    /// URNs of all that stays.
    pub urns: Vec<String>,
}

/// A bucket that holds something.
#[derive(Clone, Debug)]
pub struct Full {
    /// Its name.
    pub name: String,
    /// What each object written to it is locked by: the mode, and how many days.
    lock: Option<(String, i32)>,
}

impl Full {
    /// What each object written to it is locked by: the mode, how many days, and until when what is written today is.
    pub fn lock(&self) -> Option<(&str, i32, Option<String>)> {
        let (mode, days) = self.lock.as_ref()?;
        Some((mode, *days, self.locked_until()))
    }

    /// When what is written to it today is free.
    fn locked_until(&self) -> Option<String> {
        let (_, days) = self.lock.as_ref()?;
        let day = jiff::Zoned::now().date().checked_add(jiff::Span::new().try_days(*days).ok()?).ok()?;
        Some(day.to_string())
    }

    /// Why it stays.
    pub fn reason(&self) -> String {
        match (&self.lock, self.locked_until()) {
            (Some((mode, days)), Some(until)) => {
                let each = counted(usize::try_from(*days).unwrap_or_default(), "day");
                format!("holds objects, each under a {mode} lock of {each}; one written today stays until {until}")
            }
            _ => "holds objects, and is not emptied for you".to_owned(),
        }
    }
}

impl Kept {
    /// Looks into each bucket that a plan deletes and that is not emptied on the way.
    pub async fn look(plan: &[Step], zone: &Zone, ambient: &Ambient) -> Result<Self> {
        let clients = accounts::clients(zone, &zone.member, ambient).await;
        let mut buckets = Vec::new();
        for step in plan.iter().filter(|step| step.op == Op::Delete && step.kind == BUCKET) {
            let Some(old) = step.old.as_ref().filter(|old| old.inputs.get("forceDestroy") != Some(&true.into())) else {
                continue;
            };
            let held = emptying::held(&clients.s3, &old.id).await;
            let held = held.map_err(|error| error.within(&format!("looking what bucket `{}` holds", old.id)))?;
            buckets.extend(held.map(|held| Full { name: old.id.clone(), lock: held.lock }));
        }
        Ok(Self { urns: with(&buckets, plan), buckets })
    }

    /// Whether a resource stays.
    pub fn keeps(&self, step: &Step) -> bool {
        self.urns.contains(&step.urn)
    }

    /// Takes the buckets of these names out, to be emptied and deleted; refuses one that is not among those that stay.
    pub fn without(&self, names: &[String], plan: &[Step]) -> Result<Self> {
        if let Some(other) = names.iter().find(|name| !self.buckets.iter().any(|full| full.name == **name)) {
            let all = self.buckets.iter().map(|full| format!("`{}`", full.name)).collect::<Vec<_>>().join(", ");
            let hint =
                if all.is_empty() { "no bucket would stay".to_owned() } else { format!("these would stay: {all}") };
            return Err(Failure::new(Exit::Usage, format!("--empty names `{other}`: no such bucket would stay"))
                .hint(format!("{hint}; nothing was deleted")));
        }
        let buckets: Vec<_> = self.buckets.iter().filter(|full| !names.contains(&full.name)).cloned().collect();
        Ok(Self { urns: with(&buckets, plan), buckets })
    }

    /// Refuses a deployment that would delete these: AWS would refuse the last step only, when everything that
    /// guards the bucket is gone.
    pub fn refused(&self, subject: &Subject) -> Result<()> {
        let Some((last, rest)) = self.buckets.split_last() else { return Ok(()) };
        let listed = rest.iter().map(|bucket| format!("`{}`, ", bucket.name)).collect::<String>();
        let message = format!(
            "bucket {listed}`{}` is no longer configured but still holds objects: nothing was changed",
            last.name
        );
        let place = if subject.module.is_some() { "the program" } else { "config/zone.toml" };
        Err(Failure::new(Exit::Failed, message).hint(format!(
            "put it back into {place}, or empty it of versions and delete markers and run `{}` again",
            subject.command("up")
        )))
    }
}

/// Deletes what these buckets hold.
pub async fn empty(names: &[String], zone: &Zone, ambient: &Ambient) -> Result<()> {
    let clients = accounts::clients(zone, &zone.member, ambient).await;
    for bucket in names {
        let emptied = emptying::empty(&clients.s3, bucket, Governance::Bypassed).await;
        emptied.map_err(|error| error.within(&format!("emptying bucket `{bucket}`")))?;
    }
    Ok(())
}

/// The buckets, what guards them, the keys of their encryption, and the providers and components all of these are in.
fn with(buckets: &[Full], plan: &[Step]) -> Vec<String> {
    if buckets.is_empty() {
        return Vec::new();
    }
    let text = |step: &Step, name: &str| {
        let old = step.old.as_ref()?;
        old.inputs.get(name).or_else(|| old.outputs.get(name)).and_then(Value::as_str).map(str::to_owned)
    };
    // notifications guard nothing, and what they go to would have to stay
    let guards = |step: &&Step| {
        step.kind.starts_with("aws:s3/")
            && !step.kind.starts_with("aws:s3/bucketNotification:")
            && text(step, "bucket").is_some_and(|bucket| buckets.iter().any(|full| full.name == bucket))
    };
    let mut kept: Vec<&Step> = plan.iter().filter(guards).collect();
    let said: String = kept
        .iter()
        .filter_map(|step| step.old.as_ref())
        .map(|old| Value::Object(old.inputs.clone()).to_string())
        .collect();
    let key = |step: &&Step| step.kind == KEY && text(step, "arn").is_some_and(|arn| said.contains(&arn));
    kept.extend(plan.iter().filter(key));
    kept.extend(
        plan.iter().filter(|step| step.kind.starts_with("pulumi:") || urn::kind(&step.urn).starts_with("zone:")),
    );
    kept.into_iter().map(|step| step.urn.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_said_with_the_day_it_ends() {
        let full = |lock| Full { name: "b".to_owned(), lock };
        assert_eq!(full(None).reason(), "holds objects, and is not emptied for you");
        let locked = full(Some(("GOVERNANCE".to_owned(), 1)));
        let tomorrow = jiff::Zoned::now().date().tomorrow().expect("a day").to_string();
        assert_eq!(locked.locked_until(), Some(tomorrow));
        assert!(
            locked
                .reason()
                .starts_with("holds objects, each under a GOVERNANCE lock of 1 day; one written today stays until "),
            "{}",
            locked.reason()
        );
    }

    #[test]
    fn only_what_would_stay_can_be_named_to_be_emptied() {
        let full = |name: &str| Full { name: name.to_owned(), lock: None };
        let kept = Kept { buckets: vec![full("a"), full("b")], urns: Vec::new() };
        let left = kept.without(&["a".to_owned()], &[]).expect("one of them");
        assert_eq!(left.buckets.iter().map(|full| full.name.as_str()).collect::<Vec<_>>(), ["b"]);
        let refused = kept.without(&["c".to_owned()], &[]).expect_err("none of them");
        assert!(refused.message.contains("--empty names `c`"), "{}", refused.message);
    }
}
