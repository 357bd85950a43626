//! A DynamoDB table.
//!
//! Calls: CreateTable, DescribeTable, UpdateTable, DeleteTable, DescribeTimeToLive, UpdateTimeToLive,
//! DescribeContinuousBackups, UpdateContinuousBackups, ListTagsOfResource, TagResource, UntagResource.
//! IAM: `dynamodb:` + each of these; `kms:DescribeKey` and `kms:CreateGrant` where it is encrypted with a key of the account.
//!
//! - AWS works at one change of a table at a time, and makes or deletes one index in a call: a change is several calls, each
//!   waited for. <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>, as of 2026-11
//! - An update goes by what the table is on AWS: of one that was interrupted, only what is left is done.
//! - AWS takes one change of the time to live in an hour, and one to `PAY_PER_REQUEST` in a day.
//! - An import tells the key of a global index in `keySchemas`, as `hashKey` and `rangeKey` of it are deprecated.
//! - Only attributes that are parts of keys are defined; AWS refuses others.
//! - AWS shows the ARN of its own key in the account (`alias/aws/dynamodb`), too: KMS is asked whether it is that one.
//! - DescribeTable may show what was there before for some seconds:
//!   <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>, as of 2026-11
//! - Replicas in other regions, restoring a backup and importing from S3 are left out.

mod change;
mod checks;
mod indexes;
mod shapes;

use aws_sdk_dynamodb::types::{
    BillingMode, ContinuousBackupsDescription, KeyType, PointInTimeRecoveryStatus, SseDescription, SseStatus, SseType,
    StreamSpecification, TableDescription, TableStatus, Tag, TimeToLiveDescription, TimeToLiveStatus,
};

pub use self::shapes::*;
use crate::{
    prelude::*,
    tags::DynamoTable,
    waits::{TABLE_IS_BUSY, TABLES_ARE_BUSY},
};

/// A DynamoDB table.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:dynamodb/table:Table", noun = "DynamoDB table", handle = Table, tags)]
pub struct Inputs {
    /// Name, 3 to 255 letters, digits, `_`, `.` and `-`.
    #[resource(replace, autoname)]
    pub name: String,
    /// The attributes that are parts of keys of the table and its indexes, and no others.
    #[resource(set, default)]
    pub attributes: Vec<Attribute>,
    /// Name of the partition key.
    #[resource(replace)]
    pub hash_key: Option<String>,
    /// Name of the sort key.
    #[resource(replace)]
    pub range_key: Option<String>,
    /// `PROVISIONED` or `PAY_PER_REQUEST`.
    #[resource(default = "PROVISIONED")]
    pub billing_mode: String,
    /// Read capacity units, with `PROVISIONED`.
    #[resource(computed)]
    pub read_capacity: Option<i64>,
    /// Write capacity units, with `PROVISIONED`.
    #[resource(computed)]
    pub write_capacity: Option<i64>,
    /// The most units of reads and writes with `PAY_PER_REQUEST`.
    #[resource(default)]
    pub on_demand_throughput: OnDemandThroughput,
    /// How much it takes at once.
    #[resource(computed)]
    pub warm_throughput: Option<WarmThroughput>,
    /// Global secondary indexes: keys of their own.
    #[resource(set, default)]
    pub global_secondary_indexes: Vec<GlobalSecondaryIndex>,
    /// Local secondary indexes: other sort keys for the same partition key.
    #[resource(set, replace, default)]
    pub local_secondary_indexes: Vec<LocalSecondaryIndex>,
    /// When items expire.
    #[resource(default)]
    pub ttl: Ttl,
    /// Point-in-time recovery; absent is none.
    pub point_in_time_recovery: Option<PointInTimeRecovery>,
    /// How items are encrypted; absent is with a key that AWS owns.
    pub server_side_encryption: Option<ServerSideEncryption>,
    /// Whether changes of items go to a stream.
    #[resource(default = false)]
    pub stream_enabled: bool,
    /// What the stream tells of a changed item: `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or `NEW_AND_OLD_IMAGES`.
    pub stream_view_type: Option<String>,
    /// Whether AWS refuses to delete the table.
    #[resource(default = false)]
    pub deletion_protection_enabled: bool,
    /// `STANDARD` or `STANDARD_INFREQUENT_ACCESS`.
    #[resource(default = "STANDARD")]
    pub table_class: String,
}

/// What AWS adds to a table.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Table)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// ARN of the stream, where there is one.
    #[resource(volatile)]
    pub stream_arn: Option<String>,
    /// When the stream was made, which tells it from other streams of the table.
    #[resource(volatile)]
    pub stream_label: Option<String>,
}

pub(super) const ABSENT: Codes = &["ResourceNotFoundException"];
const PROVISIONED: &str = "PROVISIONED";
const PAY_PER_REQUEST: &str = "PAY_PER_REQUEST";
/// The alias of AWS's own key for tables of an account.
const OWN_KEY: &str = "alias/aws/dynamodb";

impl AwsResource for Table {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["ResourceInUseException"];
    const LONGEST_NAME: usize = 255;

    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(DynamoTable(arn(cx, id)))
    }

    fn check(checks: &mut Checks<'_>) {
        checks::check(checks);
    }

    fn replacing(olds: &Map, news: &Map) -> Vec<&'static str> {
        checks::replacing(olds, news)
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        let Some(olds) = olds else { return };
        indexes::reword(olds, live);
        warmed(olds, live);
        // what is disabled may be told so, or not at all
        for property in ["pointInTimeRecovery", "serverSideEncryption"] {
            let is_none = live.get(property).is_none_or(|live| *live == Value::Null);
            if let Some(old) = olds.get(property).filter(|old| is_none && is_disabled(old)) {
                live.insert(property.to_owned(), old.clone());
            }
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let name = &inputs.name;
        let stream = StreamSpecification::builder().stream_enabled(true);
        let stream = stream.set_stream_view_type(inputs.stream_view_type.to_sdk()?).build()?;
        let maximum = Some(&inputs.on_demand_throughput).filter(|maximum| **maximum != OnDemandThroughput::default());
        let encryption = inputs.server_side_encryption.as_ref().filter(|encryption| encryption.enabled);
        let call = cx.clients.dynamodb.create_table().table_name(name);
        let call = call
            .set_attribute_definitions(Some(inputs.attributes.to_sdk()?))
            .set_key_schema(Some(indexes::keys(inputs.hash_key.as_ref(), inputs.range_key.as_ref())?))
            .set_global_secondary_indexes(indexes::global(inputs)?)
            .set_local_secondary_indexes(indexes::local(inputs)?)
            .billing_mode(inputs.billing_mode.as_str().into())
            .set_provisioned_throughput(indexes::throughput(
                &inputs.billing_mode,
                inputs.read_capacity,
                inputs.write_capacity,
            )?)
            .set_on_demand_throughput(maximum.map(ToSdk::to_sdk).transpose()?)
            .set_warm_throughput(inputs.warm_throughput.to_sdk()?)
            .set_stream_specification(inputs.stream_enabled.then_some(stream))
            .set_sse_specification(encryption.map(change::encryption))
            .deletion_protection_enabled(inputs.deletion_protection_enabled)
            .table_class(inputs.table_class.as_str().into())
            .set_tags(Some(built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?));
        // boxed: the request of such a call is large
        let make = || Box::pin(call.clone().send());
        let made = match propagation::told(&[], || TABLES_ARE_BUSY.out(make)).await.done() {
            // of one that is being deleted, AWS says that it exists
            Err(refusal) if refusal.is(Self::EXISTS) && change::is_going(cx, name).await? => {
                change::gone(cx, name).await?;
                TABLES_ARE_BUSY.out(make).await.done()
            }
            made => made,
        };
        match made {
            Err(refusal) if refusal.is(Self::EXISTS) => {
                // one that is being made, by the call whose answer was lost, or by somebody else
                change::settle(cx, name, |_| true).await?;
                return Err(refusal);
            }
            made => made?,
        }
        let rest = async {
            change::settle(cx, name, |_| true).await?;
            change::expire(cx, name, &inputs.ttl).await?;
            change::recover(cx, name, inputs.point_in_time_recovery.as_ref()).await?;
            Ok(outputs(cx, name, describe(cx, name).await?.as_ref()))
        };
        Ok(resource::made(name, rest.await, || outputs(cx, name, None)))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(table) = describe(cx, id).await? else { return Ok(None) };
        if table.table_status == Some(TableStatus::Deleting) {
            return Ok(None);
        }
        let (ttl, backups) = futures::future::join(change::ttl(cx, id), change::backups(cx, id)).await;
        let encryption = encrypted(cx, table.sse_description.clone()).await?;
        let outputs = outputs(cx, id, Some(&table));
        Ok(Some(Live { inputs: live(id, table, ttl?, backups?, encryption), outputs }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        // what the table is, as it settles: an earlier update may have been interrupted
        change::settle(cx, id, |_| true).await?;
        let read = || resource::read::<Self>(cx, id);
        let live = waits::there(&format!("DynamoDB table `{id}`"), read).await?;
        let table = change::apply(cx, id, &live.inputs, new).await?;
        Ok(outputs(cx, id, Some(&table)))
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.dynamodb.delete_table().table_name(id);
        match TABLE_IS_BUSY.out(|| call.clone().send()).await.done() {
            Err(refusal) if refusal.says("DeletionProtectionEnabled") || refusal.says("deletion protection") => {
                return Err(refusal.hint(
                    "its items go with it: if you want that, set `deletionProtectionEnabled` to false, deploy that, and \
                     delete it then",
                ));
            }
            deleted => deleted?,
        }
        change::gone(cx, id).await
    }
}

fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("dynamodb", &format!("table/{name}"))
}

fn outputs(cx: &Cx, name: &str, table: Option<&TableDescription>) -> Outputs {
    // that of a stream which is no more stays for a day
    let stream = table.filter(|table| table.stream_specification.as_ref().is_some_and(|stream| stream.stream_enabled));
    Outputs {
        arn: table.and_then(|table| table.table_arn.clone()).unwrap_or_else(|| arn(cx, name)),
        stream_arn: stream.and_then(|table| table.latest_stream_arn.clone()),
        stream_label: stream.and_then(|table| table.latest_stream_label.clone()),
    }
}

async fn describe(cx: &Cx, name: &str) -> Answer<Option<TableDescription>> {
    let answer = cx.clients.dynamodb.describe_table().table_name(name).send().await;
    Ok(answer.found(ABSENT)?.and_then(|answer| answer.table))
}

/// What is live, as inputs.
fn live(
    name: &str,
    table: TableDescription,
    ttl: Option<TimeToLiveDescription>,
    backups: Option<ContinuousBackupsDescription>,
    server_side_encryption: Option<ServerSideEncryption>,
) -> Inputs {
    let keys = table.key_schema.unwrap_or_default();
    let (read_capacity, write_capacity) = indexes::capacity(table.provisioned_throughput.as_ref());
    let stream = table.stream_specification.filter(|stream| stream.stream_enabled);
    // a table that was always provisioned has no summary
    let billing_mode = table.billing_mode_summary.and_then(|summary| summary.billing_mode);
    let class = table.table_class_summary.and_then(|summary| summary.table_class);
    Inputs {
        name: name.to_owned(),
        attributes: Vec::from_sdk(table.attribute_definitions.unwrap_or_default()),
        hash_key: indexes::part(&keys, &KeyType::Hash),
        range_key: indexes::part(&keys, &KeyType::Range),
        billing_mode: billing_mode.unwrap_or(BillingMode::Provisioned).as_str().to_owned(),
        read_capacity,
        write_capacity,
        on_demand_throughput: table.on_demand_throughput.map(OnDemandThroughput::from_sdk).unwrap_or_default(),
        warm_throughput: table.warm_throughput.map(WarmThroughput::from_sdk),
        global_secondary_indexes: Vec::from_sdk(table.global_secondary_indexes.unwrap_or_default()),
        local_secondary_indexes: Vec::from_sdk(table.local_secondary_indexes.unwrap_or_default()),
        ttl: ttl.map(live_ttl).unwrap_or_default(),
        point_in_time_recovery: backups.map(live_backups).filter(|recovery| recovery.enabled),
        server_side_encryption,
        stream_enabled: stream.is_some(),
        stream_view_type: stream.and_then(|stream| stream.stream_view_type).map(String::from_sdk),
        deletion_protection_enabled: table.deletion_protection_enabled.unwrap_or(false),
        table_class: class.map_or_else(|| "STANDARD".to_owned(), String::from_sdk),
    }
}

/// What is being enabled is as good as enabled: it may take AWS an hour.
fn live_ttl(live: TimeToLiveDescription) -> Ttl {
    let is_on = matches!(live.time_to_live_status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling));
    Ttl { attribute_name: live.attribute_name.filter(|_| is_on), enabled: is_on }
}

fn live_backups(live: ContinuousBackupsDescription) -> PointInTimeRecovery {
    let on = live
        .point_in_time_recovery_description
        .filter(|recovery| recovery.point_in_time_recovery_status == Some(PointInTimeRecoveryStatus::Enabled));
    PointInTimeRecovery { enabled: on.is_some(), recovery_period_in_days: on.and_then(|on| on.recovery_period_in_days) }
}

/// Its encryption as inputs say it: AWS's own key is not named.
async fn encrypted(cx: &Cx, live: Option<SseDescription>) -> Answer<Option<ServerSideEncryption>> {
    let is_on = |live: &SseDescription| {
        let on = matches!(live.status, Some(SseStatus::Enabled | SseStatus::Enabling | SseStatus::Updating));
        on && live.sse_type == Some(SseType::Kms)
    };
    let Some(live) = live.filter(is_on) else { return Ok(None) };
    let key = live.kms_master_key_arn;
    let is_own = match &key {
        Some(key) if !is_named(&cx.inputs, key) => {
            let own = cx.clients.kms.describe_key().key_id(OWN_KEY).send().await;
            // nobody may ask, or there is none: then it is shown as it is
            let own = own.found(&["NotFoundException", "AccessDeniedException"])?.and_then(|own| own.key_metadata);
            own.and_then(|own| own.arn).as_ref() == Some(key)
        }
        _ => false,
    };
    Ok(Some(ServerSideEncryption { enabled: true, kms_key_arn: key.filter(|_| !is_own) }))
}

fn is_disabled(setting: &Value) -> bool {
    indexes::object(setting).and_then(|setting| setting.get("enabled")) == Some(&Value::Bool(false))
}

/// Whether the program names this key: then it is no key of AWS's own choice.
fn is_named(inputs: &Map, key: &str) -> bool {
    let encryption = inputs.get("serverSideEncryption").and_then(indexes::object);
    encryption.and_then(|encryption| encryption.get("kmsKeyArn")).and_then(Value::as_str) == Some(key)
}

/// AWS raises the warm throughput with the traffic, which is no drift.
fn warmed(olds: &Map, live: &mut Map) {
    let Some(wanted) = olds.get("warmThroughput").and_then(indexes::object) else { return };
    let Some(Value::Object(live)) = live.get_mut("warmThroughput") else { return };
    for (name, wanted) in wanted {
        if let (Value::Number(least), Some(Value::Number(now))) = (wanted, live.get_mut(name)) {
            *now = if *now > *least { *least } else { *now };
        }
    }
}

#[cfg(test)]
mod tests;
