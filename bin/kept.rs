//! What a destroy has to leave: buckets that hold something and may not be emptied, with all that guards them.

use aws::clients::Ambient;
use config::Zone;
use pulumi::{engine::events::Step, urn};
use serde_json::{Value, json};

use crate::{
    accounts,
    error::{Failure, Result},
    output::{Output, Tone},
};

const BUCKET: &str = "aws:s3/bucket:Bucket";
const KEY: &str = "aws:kms/key:Key";

/// Buckets that stay, by name, and the URNs of everything that stays with them.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) buckets: Vec<String>,
    pub(crate) urns: Vec<String>,
}

impl Kept {
    /// Looks into each bucket that a plan deletes and that is not emptied on the way.
    pub(crate) async fn look(plan: &[Step], zone: &Zone, ambient: &Ambient) -> Result<Self> {
        let clients = accounts::clients(zone, &zone.member, ambient).await;
        let mut buckets = Vec::new();
        for step in plan.iter().filter(|step| step.op == "delete" && step.kind == BUCKET) {
            let Some(old) = step.old.as_ref().filter(|old| old.inputs.get("forceDestroy") != Some(&true.into())) else {
                continue;
            };
            let listed = clients.s3.list_object_versions().bucket(&old.id).max_keys(1).send().await;
            let page = aws::error::found(listed, &["NoSuchBucket"])
                .map_err(|error| Failure::from(error.within(&format!("looking what bucket `{}` holds", old.id))))?;
            if page.is_some_and(|page| !page.versions().is_empty() || !page.delete_markers().is_empty()) {
                buckets.push(old.id.clone());
            }
        }
        Ok(Self { urns: with(&buckets, plan), buckets })
    }

    pub(crate) fn keeps(&self, step: &Step) -> bool {
        self.urns.contains(&step.urn)
    }

    /// Says what stays, why, and the way out.
    pub(crate) fn say(&self, environment: &str, output: &Output) {
        for bucket in &self.buckets {
            let reason = "holds objects, and is not emptied for you";
            let hint =
                format!("empty it of versions and delete markers, then run `zone destroy -e {environment}` again");
            if output.is_json() {
                output.object(&json!({ "type": "kept", "kind": BUCKET, "id": bucket, "reason": reason, "hint": hint }));
            }
            output.row(
                Tone::Changed,
                "keep",
                &format!("{BUCKET} {bucket}, its policy, encryption and key ({reason}: {hint})"),
            );
        }
    }
}

/// The buckets, what guards them, the keys of their encryption, and the providers and components all of these are in.
fn with(buckets: &[String], plan: &[Step]) -> Vec<String> {
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
            && text(step, "bucket").is_some_and(|bucket| buckets.contains(&bucket))
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
