//! The zone's rules for modules, held against a plan: tags, names, encryption, and nothing public.
//!
//! They are judged over all resources as they would be after the plan. What only the deployment knows counts for the resource
//! that it fits best, so that a preview of a first deployment is judged, too.

mod access;

use std::collections::BTreeMap;

use config::Zone;
use engine::{events::Step, op::Op};
use pulumi::{urn, value::UNKNOWN};
use serde_json::{Map, Value};
use state::{
    contents::Contents,
    error::{Exit, Failure, Result, counted},
};

use crate::planned::{SECRET, SIGNATURE};

const BUCKET: &str = "aws:s3/bucket:Bucket";
const BLOCK: &str = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const ENCRYPTION: &str = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const PARAMETER: &str = "aws:ssm/parameter:Parameter";
const LOGGING: &str = "aws:s3/bucketLogging:BucketLogging";

/// The types whose names the rule on names is about, and the property that has the name.
const NAMED: [(&str, &str); 7] = [
    (BUCKET, "bucket"),
    ("aws:sqs/queue:Queue", "name"),
    ("aws:sns/topic:Topic", "name"),
    ("aws:dynamodb/table:Table", "name"),
    ("aws:lambda/function:Function", "name"),
    ("aws:iam/role:Role", "name"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "name"),
];

/// How the aliases of AWS's own keys begin.
const AWS_OWN: &str = "alias/aws/";

/// The types that hold data, and the property that has the key.
const ENCRYPTED: [(&str, &[&str]); 4] = [
    ("aws:sqs/queue:Queue", &["kmsMasterKeyId"]),
    ("aws:sns/topic:Topic", &["kmsMasterKeyId"]),
    ("aws:dynamodb/table:Table", &["serverSideEncryption", "kmsKeyArn"]),
    ("aws:cloudwatch/logGroup:LogGroup", &["kmsKeyId"]),
];

/// A resource as it would be.
#[derive(Clone, Debug, Default)]
struct Resource {
    kind: String,
    name: String,
    inputs: Map<String, Value>,
    tags: Option<Map<String, Value>>,
}

impl Resource {
    fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }

    fn text(&self, property: &str) -> Option<&str> {
        self.inputs.get(property).and_then(plain)
    }
}

/// A text; what a plan or a state hides, because it is secret, counts as not known.
fn plain(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) if text == SECRET => Some(UNKNOWN),
        Value::String(text) => Some(text),
        Value::Object(hidden) if hidden.contains_key(SIGNATURE) => Some(UNKNOWN),
        _ => None,
    }
}

/// The text at a path; see [`plain`].
fn plain_at<'v>(inputs: &'v Map<String, Value>, path: &[&str]) -> Option<&'v str> {
    let (first, rest) = path.split_first()?;
    match inputs.get(*first)? {
        Value::Object(inner) if !rest.is_empty() && !inner.contains_key(SIGNATURE) => plain_at(inner, rest),
        value => plain(value),
    }
}

/// One resource that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Breach {
    rule: &'static str,
    kind: String,
    name: String,
    what: String,
}

/// Refuses a plan that breaks a rule; all breaches are named.
///
/// `all` are the tags that the zone and its configuration of the module give to every resource.
pub(super) fn judge(
    contents: &Contents,
    steps: &[Step],
    zone: &Zone,
    module: &str,
    all: &BTreeMap<String, String>,
) -> Result<()> {
    let resources = after(contents, steps);
    let mut breaches: Vec<_> = resources.iter().filter_map(|resource| tags(resource, zone, module, all)).collect();
    breaches.extend(names(&resources, zone, module));
    breaches.extend(public_buckets(&resources));
    breaches.extend(encryption(&resources, zone));
    breaches.extend(resources.iter().flat_map(access::breaches));
    if breaches.is_empty() {
        return Ok(());
    }
    let each = breaches.iter().map(|b| format!("\n  rule `{}`: {} `{}`: {}", b.rule, b.kind, b.name, b.what));
    let message =
        format!("the plan breaks the zone's rules {}:{}", counted(breaches.len(), "time"), each.collect::<String>());
    Err(Failure::new(Exit::Judged, message)
        .hint("change the module's program; docs/modules.md explains each rule; nothing was changed"))
}

/// All resources as they would be.
fn after(contents: &Contents, steps: &[Step]) -> Vec<Resource> {
    let mut resources = BTreeMap::new();
    for record in contents.resources.iter().filter(|record| !record.is_deleted) {
        let resource = Resource {
            kind: urn::kind(&record.urn).to_owned(),
            name: urn::name(&record.urn).to_owned(),
            tags: record.inputs.get("tagsAll").and_then(Value::as_object).cloned(),
            inputs: record.inputs.clone(),
        };
        resources.insert(record.urn.clone(), resource);
    }
    for step in steps {
        let Some(new) = step.new.as_ref().filter(|_| !matches!(step.op, Op::Delete | Op::DeleteReplaced)) else {
            if step.op == Op::Delete {
                resources.remove(&step.urn);
            }
            continue;
        };
        let all = new.outputs.get("tagsAll").or_else(|| new.inputs.get("tagsAll"));
        let resource = Resource {
            kind: step.kind.clone(),
            name: urn::name(&step.urn).to_owned(),
            tags: all.and_then(Value::as_object).cloned(),
            inputs: new.inputs.clone(),
        };
        resources.insert(step.urn.clone(), resource);
    }
    resources.into_values().collect()
}

fn breach(rule: &'static str, of: &Resource, what: impl Into<String>) -> Breach {
    Breach { rule, kind: of.kind.clone(), name: of.name.clone(), what: what.into() }
}

/// Every resource that has tags has those that the zone requires, with the values of the zone and of the module's settings. The
/// provider adds them, unless the program made one of its own; a resource's own tags win over them.
fn tags(resource: &Resource, zone: &Zone, module: &str, all: &BTreeMap<String, String>) -> Option<Breach> {
    let tags = resource.tags.as_ref()?;
    let value = |key: &String| tags.get(key).and_then(plain).filter(|value| !value.is_empty());
    let missing: Vec<_> =
        zone.required_tags.iter().filter(|key| value(key).is_none()).map(|key| format!("`{key}`")).collect();
    if !missing.is_empty() {
        return Some(breach("tags", resource, format!("it lacks {}", missing.join(", "))));
    }
    let other = zone.required_tags.iter().find_map(|key| {
        let (given, demanded) = (value(key)?, all.get(key)?);
        let differs = given != demanded && given != UNKNOWN;
        differs.then(|| {
            format!(
                "its tag `{key}` is `{given}`, and the zone's is `{demanded}`: leave it out, or set it in \
                 config/modules/{module}.toml"
            )
        })
    })?;
    Some(breach("tags", resource, other))
}

/// Names begin with the zone's prefix and the module.
fn names(resources: &[Resource], zone: &Zone, module: &str) -> Vec<Breach> {
    let begins = format!("{}-{module}-", zone.prefix);
    let root = zone.parameter_root();
    let (own, marker) = (format!("{root}/{module}/"), module::marker::name(&root, module));
    let wrong = |resource: &Resource| {
        if resource.is(PARAMETER) {
            let name = resource.text("name").filter(|name| name.starts_with(&root) && **name != marker)?;
            return (!name.starts_with(&own)).then(|| {
                breach(
                    "names",
                    resource,
                    format!("its name `{name}` is the zone's or another module's: it does not begin with `{own}`"),
                )
            });
        }
        let (_, property) = NAMED.iter().find(|(kind, _)| resource.is(kind))?;
        let name = resource.text(property).filter(|name| *name != UNKNOWN)?;
        (!name.starts_with(&begins))
            .then(|| breach("names", resource, format!("its name `{name}` does not begin with `{begins}`")))
    };
    resources.iter().filter_map(wrong).collect()
}

/// The buckets that no resource of a kind, and with this property, is set on. What is set on a bucket that is not known yet is
/// set on one of them.
fn without<'r>(resources: &'r [Resource], kind: &str, fits: impl Fn(&Resource) -> bool) -> Vec<&'r Resource> {
    let settings: Vec<_> = resources.iter().filter(|resource| resource.is(kind) && fits(resource)).collect();
    let unknown =
        settings.iter().filter(|setting| setting.text("bucket").is_none_or(|bucket| bucket == UNKNOWN)).count();
    let has = |bucket: &Resource| {
        bucket.text("bucket").is_some_and(|name| settings.iter().any(|setting| setting.text("bucket") == Some(name)))
    };
    let open: Vec<_> = resources.iter().filter(|resource| resource.is(BUCKET) && !has(resource)).collect();
    if open.len() <= unknown { Vec::new() } else { open }
}

/// Every bucket blocks public access in all four ways.
fn public_buckets(resources: &[Resource]) -> Vec<Breach> {
    const ALL: [&str; 4] = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
    let blocks = |block: &Resource| ALL.iter().all(|way| block.inputs.get(*way) == Some(&Value::Bool(true)));
    let open = without(resources, BLOCK, blocks);
    open.into_iter()
        .map(|bucket| breach("public access", bucket, "no BucketPublicAccessBlock blocks it in all four ways"))
        .collect()
}

/// What holds data is encrypted with a key of the account. A bucket that takes access logs is not: S3 delivers them only to one
/// with SSE-S3.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html> (2026-11-26)
fn encryption(resources: &[Resource], zone: &Zone) -> Vec<Breach> {
    let account = zone.member.id.to_string();
    let has_key = |setting: &Resource| bucket_keys(setting).any(|key| not_a_key(key, &account).is_none());
    let takes_logs = |bucket: &Resource| {
        let is_target = |target: Option<&str>| target.is_some_and(|t| t == UNKNOWN || Some(t) == bucket.text("bucket"));
        resources.iter().any(|resource| resource.is(LOGGING) && is_target(resource.text("targetBucket")))
            && resources.iter().any(|resource| resource.is(ENCRYPTION) && bucket_keys(resource).next().is_none())
    };
    let plain = without(resources, ENCRYPTION, has_key).into_iter().filter(|bucket| !takes_logs(bucket));
    let why = |bucket: &Resource| {
        let own = |setting: &&Resource| {
            let of = setting.text("bucket").unwrap_or(UNKNOWN);
            setting.is(ENCRYPTION) && (of == UNKNOWN || Some(of) == bucket.text("bucket"))
        };
        let fault = resources.iter().filter(own).flat_map(bucket_keys).find_map(|key| not_a_key(key, &account));
        fault.unwrap_or_else(|| "it is not encrypted with a KMS key".to_owned())
    };
    let buckets = plain.map(|bucket| breach("encryption", bucket, why(bucket)));
    let keyless = |resource: &Resource| {
        let (_, path) = ENCRYPTED.iter().find(|(kind, _)| resource.is(kind))?;
        let fault = not_a_key(plain_at(&resource.inputs, path).unwrap_or_default(), &account)?;
        Some(breach("encryption", resource, format!("`{}`: {fault}", path.join("."))))
    };
    buckets.chain(resources.iter().filter_map(keyless)).collect()
}

/// The keys that a bucket's encryption names; an empty one where it wants KMS and names none, which is AWS's own key.
fn bucket_keys(setting: &Resource) -> impl Iterator<Item = &str> {
    let rules = setting.inputs.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    rules.iter().filter_map(|rule| {
        let default = rule.get("applyServerSideEncryptionByDefault")?;
        let algorithm = default.get("sseAlgorithm").and_then(Value::as_str)?;
        let key = default.get("kmsMasterKeyId").and_then(plain).unwrap_or_default();
        algorithm.starts_with("aws:kms").then_some(key)
    })
}

/// Why a text does not name a key of the account; nothing where it does, or where only the deployment knows it.
fn not_a_key(key: &str, account: &str) -> Option<String> {
    if key.is_empty() {
        return Some("it names no KMS key of the account".to_owned());
    }
    // arn:aws:kms:eu-west-1:111122223333:key/..
    let parts: Vec<_> = key.splitn(6, ':').collect();
    let (owner, name) = match parts.as_slice() {
        ["arn", _, "kms", _, owner, name] => (*owner, *name),
        _ => (account, key),
    };
    if name.starts_with(AWS_OWN) {
        return Some(format!("it names no KMS key of the account: `{key}` is AWS's own"));
    }
    (owner != account).then(|| format!("it names no KMS key of the account: `{key}` is of account {owner}"))
}

#[cfg(test)]
mod tests;
