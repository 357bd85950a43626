//! Changing a table: one thing at a time, and waiting between.

use aws_sdk_dynamodb::{
    operation::update_table::builders::UpdateTableFluentBuilder,
    types::{
        ContinuousBackupsDescription, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, IndexStatus,
        PointInTimeRecoverySpecification, SseSpecification, SseStatus, SseType, StreamSpecification, TableDescription,
        TableStatus, TimeToLiveDescription, TimeToLiveSpecification, TimeToLiveStatus,
    },
};

use super::{
    ABSENT, Inputs, PAY_PER_REQUEST, PROVISIONED, PointInTimeRecovery, ServerSideEncryption, Ttl, describe,
    indexes::{self, asks},
    live_backups, live_ttl,
};
use crate::{
    prelude::*,
    waits::{BACKUPS_ARE_NEW, SECOND_LOOK, TABLE_IS_BUSY},
};

/// AWS makes a table in seconds, an index of a large one in hours.
const LIMIT: Duration = Duration::from_hours(3);
/// AWS deletes a table within minutes.
const GOING: Duration = Duration::from_mins(15);

/// Makes of a table as it is one that is wanted; answers with what it is then.
pub(super) async fn apply(cx: &Cx, name: &str, live: &Inputs, wanted: &Inputs) -> Answer<TableDescription> {
    let changes = indexes::changes(live, wanted)?;
    for index in &changes.gone {
        remove(cx, name, index).await.within(&format!("deleting index `{index}`"))?;
    }
    provide(cx, name, live, wanted, changes.kept).await.within("changing its capacity")?;
    for index in &changes.made {
        let doing = format!("creating index `{}`", index.name);
        add(cx, name, wanted, index).await.within(&doing)?;
    }
    stream(cx, name, live, wanted).await.within("changing its stream")?;
    encrypt(cx, name, live, wanted).await.within("changing its encryption")?;
    if live.table_class != wanted.table_class {
        let class = wanted.table_class.as_str().into();
        let is_done = |table: &TableDescription| {
            let class = table.table_class_summary.as_ref().and_then(|summary| summary.table_class.as_ref());
            class.map_or("STANDARD", |class| class.as_str()) == wanted.table_class
        };
        changed(cx, name, update(cx, name).table_class(class), is_done).await.within("changing its class")?;
    }
    if live.deletion_protection_enabled != wanted.deletion_protection_enabled {
        let on = wanted.deletion_protection_enabled;
        let is_done = |table: &TableDescription| table.deletion_protection_enabled.unwrap_or(false) == on;
        let call = update(cx, name).deletion_protection_enabled(on);
        changed(cx, name, call, is_done).await.within("changing its protection")?;
    }
    expire(cx, name, &wanted.ttl).await?;
    recover(cx, name, wanted.point_in_time_recovery.as_ref()).await?;
    settle(cx, name, |_| true).await
}

fn update(cx: &Cx, name: &str) -> UpdateTableFluentBuilder {
    cx.clients.dynamodb.update_table().table_name(name)
}

/// Makes a change, and waits until AWS has made it.
async fn changed(
    cx: &Cx,
    name: &str,
    call: UpdateTableFluentBuilder,
    is_done: impl Fn(&TableDescription) -> bool + Sync,
) -> Answer {
    // boxed: the request of such a call is large
    propagation::told(&[], || TABLE_IS_BUSY.out(|| Box::pin(call.clone().send()))).await?;
    settle(cx, name, is_done).await.done()
}

async fn remove(cx: &Cx, name: &str, index: &str) -> Answer {
    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(index).build()?;
    let call =
        update(cx, name).global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().delete(delete).build());
    changed(cx, name, call, |table| !has(table, index)).await
}

async fn add(cx: &Cx, name: &str, wanted: &Inputs, index: &super::GlobalSecondaryIndex) -> Answer {
    let create = indexes::creation(index, &wanted.billing_mode)?;
    let call = update(cx, name)
        .set_attribute_definitions(Some(wanted.attributes.to_sdk()?))
        .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(create).build());
    changed(cx, name, call, |table| has(table, &index.name)).await
}

fn has(table: &TableDescription, index: &str) -> bool {
    table.global_secondary_indexes().iter().any(|live| live.index_name() == Some(index))
}

/// Changes what a table and its indexes take: the billing mode, capacities and maxima together, as AWS wants all capacities
/// with `PROVISIONED`; the warm throughput apart.
async fn provide(
    cx: &Cx,
    name: &str,
    live: &Inputs,
    wanted: &Inputs,
    kept: Vec<aws_sdk_dynamodb::types::UpdateGlobalSecondaryIndexAction>,
) -> Answer {
    let mode = wanted.billing_mode.as_str();
    let changes_mode = live.billing_mode != mode;
    let changes_capacity = mode == PROVISIONED
        && (asks(wanted.read_capacity, live.read_capacity) || asks(wanted.write_capacity, live.write_capacity));
    let capacity =
        if changes_capacity { indexes::throughput(mode, wanted.read_capacity, wanted.write_capacity)? } else { None };
    let changes_maximum = live.on_demand_throughput != wanted.on_demand_throughput && mode == PAY_PER_REQUEST;
    if changes_mode || capacity.is_some() || changes_maximum || !kept.is_empty() {
        let indexes: Vec<_> =
            kept.into_iter().map(|index| GlobalSecondaryIndexUpdate::builder().update(index).build()).collect();
        let call = update(cx, name)
            .set_billing_mode(changes_mode.then(|| mode.into()))
            .set_provisioned_throughput(capacity)
            .set_on_demand_throughput(changes_maximum.then(|| wanted.on_demand_throughput.to_sdk()).transpose()?)
            .set_global_secondary_index_updates(Some(indexes).filter(|indexes| !indexes.is_empty()));
        let is_done = |table: &TableDescription| {
            let live = table.billing_mode_summary.as_ref().and_then(|summary| summary.billing_mode.as_ref());
            live.map_or(PROVISIONED, |live| live.as_str()) == mode
        };
        match changed(cx, name, call, is_done).await {
            Err(refusal) if refusal.says("limited to once in") => {
                return Err(
                    refusal.hint("AWS changes a table to `PAY_PER_REQUEST` once a day: deploy it again tomorrow")
                );
            }
            provided => provided?,
        }
    }
    let warm = wanted.warm_throughput.as_ref().filter(|warm| {
        let is = live.warm_throughput.as_ref();
        // more than that is what AWS made of it with the traffic
        let more =
            |wanted: Option<i64>, live: Option<i64>| wanted.is_some_and(|wanted| live.is_none_or(|live| wanted > live));
        more(warm.read_units_per_second, is.and_then(|warm| warm.read_units_per_second))
            || more(warm.write_units_per_second, is.and_then(|warm| warm.write_units_per_second))
    });
    match warm {
        Some(warm) => changed(cx, name, update(cx, name).warm_throughput(warm.to_sdk()?), |_| true).await,
        None => Ok(()),
    }
}

/// A stream with another view is another stream: the old one has to be disabled first.
async fn stream(cx: &Cx, name: &str, live: &Inputs, wanted: &Inputs) -> Answer {
    let same = live.stream_enabled == wanted.stream_enabled && live.stream_view_type == wanted.stream_view_type;
    let is =
        |on: bool| move |table: &TableDescription| table.stream_specification().is_some_and(|s| s.stream_enabled) == on;
    if live.stream_enabled && !same {
        let off = StreamSpecification::builder().stream_enabled(false).build()?;
        changed(cx, name, update(cx, name).stream_specification(off), is(false)).await?;
    }
    if wanted.stream_enabled && !same {
        let on = StreamSpecification::builder().stream_enabled(true);
        let on = on.set_stream_view_type(wanted.stream_view_type.to_sdk()?).build()?;
        changed(cx, name, update(cx, name).stream_specification(on), is(true)).await?;
    }
    Ok(())
}

async fn encrypt(cx: &Cx, name: &str, live: &Inputs, wanted: &Inputs) -> Answer {
    let of = |inputs: &Inputs| inputs.server_side_encryption.clone().unwrap_or_default();
    let (live, wanted) = (of(live), of(wanted));
    if live == wanted {
        return Ok(());
    }
    let is_done = |table: &TableDescription| {
        let on = table.sse_description().is_some_and(|sse| sse.status == Some(SseStatus::Enabled));
        on == wanted.enabled
    };
    changed(cx, name, update(cx, name).sse_specification(encryption(&wanted)), is_done).await
}

/// AWS's own key is not named: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html>
pub(super) fn encryption(wanted: &ServerSideEncryption) -> SseSpecification {
    let builder = SseSpecification::builder().enabled(wanted.enabled);
    if wanted.enabled {
        builder.sse_type(SseType::Kms).set_kms_master_key_id(wanted.kms_key_arn.clone()).build()
    } else {
        builder.build()
    }
}

/// How the time to live is set.
pub(super) async fn ttl(cx: &Cx, name: &str) -> Answer<Option<TimeToLiveDescription>> {
    Ok(cx.clients.dynamodb.describe_time_to_live().table_name(name).send().await?.time_to_live_description)
}

/// How backups are set.
pub(super) async fn backups(cx: &Cx, name: &str) -> Answer<Option<ContinuousBackupsDescription>> {
    let answer = cx.clients.dynamodb.describe_continuous_backups().table_name(name).send().await;
    // "TableNotFoundException" is this call's own code for a table that is gone
    let answer = answer.found(&["TableNotFoundException"])?;
    Ok(answer.and_then(|answer| answer.continuous_backups_description))
}

/// Sets when items expire, where it is otherwise.
pub(super) async fn expire(cx: &Cx, name: &str, wanted: &Ttl) -> Answer {
    let description = ttl(cx, name).await?;
    let is_settling = |live: &TimeToLiveDescription| {
        matches!(live.time_to_live_status, Some(TimeToLiveStatus::Enabling | TimeToLiveStatus::Disabling))
    };
    let settling = description.as_ref().is_some_and(is_settling);
    let live = description.map(live_ttl).unwrap_or_default();
    if live == *wanted {
        return Ok(());
    }
    let set = async |on: bool, attribute: Option<&String>| {
        let ttl = TimeToLiveSpecification::builder().enabled(on).set_attribute_name(attribute.cloned()).build()?;
        let call = cx.clients.dynamodb.update_time_to_live().table_name(name).time_to_live_specification(ttl);
        TABLE_IS_BUSY.out(|| call.clone().send()).await.done()
    };
    let result = async {
        // with another attribute, it is another one
        if live.enabled {
            set(false, live.attribute_name.as_ref()).await?;
        }
        if wanted.enabled { set(true, wanted.attribute_name.as_ref()).await } else { Ok(()) }
    };
    result.await.map_err(|refusal: Refusal| {
        let is_early = settling || refusal.says("modified multiple times") || (live.enabled && wanted.enabled);
        let refusal = if is_early && refusal.is(&["ValidationException"]) {
            refusal.hint("AWS takes one change of a table's time to live in an hour: deploy it again then")
        } else {
            refusal
        };
        refusal.within("changing its time to live")
    })
}

/// Sets point-in-time recovery, where it is otherwise.
pub(super) async fn recover(cx: &Cx, name: &str, wanted: Option<&PointInTimeRecovery>) -> Answer {
    let wanted = wanted.cloned().unwrap_or_default();
    let live = backups(cx, name).await?.map(live_backups).unwrap_or_default();
    if live.enabled == wanted.enabled && !asks(wanted.recovery_period_in_days, live.recovery_period_in_days) {
        return Ok(());
    }
    let recovery = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(wanted.enabled)
        .set_recovery_period_in_days(wanted.recovery_period_in_days.filter(|_| wanted.enabled))
        .build()?;
    let call = cx.clients.dynamodb.update_continuous_backups().table_name(name);
    let call = call.point_in_time_recovery_specification(recovery);
    let set = || BACKUPS_ARE_NEW.out(|| call.clone().send());
    set().await.done().within("changing its point-in-time recovery")
}

/// Waits until AWS works at nothing of the table any more and `is_done` says that the change shows; answers with what it is.
pub(super) async fn settle(
    cx: &Cx,
    name: &str,
    is_done: impl Fn(&TableDescription) -> bool + Sync,
) -> Answer<TableDescription> {
    let since = waits::clock::now();
    let ask = || async {
        let Some(table) = describe(cx, name).await? else {
            // a new table may not be known everywhere yet
            let gone = || Error::new("it is not there any more").hint("run it again to go on").into();
            return if waits::clock::now() < since + SECOND_LOOK { Ok(None) } else { Err(gone()) };
        };
        Ok(if is_settled(&table)? && is_done(&table) { Some(table) } else { None })
    };
    waits::until(LIMIT, "to be made or changed", ask).await
}

/// Whether AWS works at nothing of the table.
fn is_settled(table: &TableDescription) -> Answer<bool> {
    match table.table_status() {
        Some(TableStatus::InaccessibleEncryptionCredentials) => {
            let error = Error::new("AWS cannot use the key that it is encrypted with");
            return Err(error.hint("enable the key, and let its policy allow what DynamoDB does with it").into());
        }
        Some(status @ (TableStatus::Archiving | TableStatus::Archived)) => {
            let error = Error::new(format!("it is {status}: AWS has no access to its key for more than 7 days"));
            return Err(error.hint("restore it from the backup that AWS made of it").into());
        }
        Some(TableStatus::Active) => {}
        _ => return Ok(false),
    }
    let encryption = table.sse_description().and_then(|sse| sse.status());
    let changes_encryption =
        matches!(encryption, Some(SseStatus::Enabling | SseStatus::Disabling | SseStatus::Updating));
    let indexes = table.global_secondary_indexes();
    let is_ready = |status: Option<&IndexStatus>| status.is_none_or(|status| *status == IndexStatus::Active);
    Ok(!changes_encryption && indexes.iter().all(|index| is_ready(index.index_status())))
}

/// Whether a table of this name is being deleted.
pub(super) async fn is_going(cx: &Cx, name: &str) -> Answer<bool> {
    let table = describe(cx, name).await?;
    Ok(table.is_none_or(|table| table.table_status == Some(TableStatus::Deleting)))
}

/// Waits until a table that is being deleted is gone: its name is in use until then.
pub(super) async fn gone(cx: &Cx, name: &str) -> Answer {
    let left = || async { Ok(describe(cx, name).await.found(ABSENT)?.flatten().is_none().then_some(())) };
    waits::until(GOING, "to be deleted", left).await
}
