//! A CloudWatch Logs log group.
//!
//! Calls: CreateLogGroup, DescribeLogGroups, PutRetentionPolicy, DeleteRetentionPolicy, AssociateKmsKey,
//! DisassociateKmsKey, PutLogGroupDeletionProtection, DeleteLogGroup, TagResource, UntagResource, ListTagsForResource.
//! IAM: `logs:` + each of these. The key's policy has to let `logs.<region>.amazonaws.com` use it.
//!
//! - AWS writes a group's ARN with `:*` behind it, for policies; here it is without, as tags and other services want it.
//! - Groups are found by a prefix of their name alone.
//! - A group of class `DELIVERY` keeps events for 2 days, whatever its retention is.

use aws_sdk_cloudwatchlogs::types::{LogGroup as SdkGroup, LogGroupClass};
use pulumi::value::ToValue;

use crate::{prelude::*, tags::LogsThing};

/// A CloudWatch Logs log group.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cloudwatch/logGroup:LogGroup", noun = "log group", handle = LogGroup, tags, name_prefix)]
#[resource(from = SdkGroup)]
pub struct Inputs {
    /// Name, up to 512 letters, digits, `_`, `-`, `/`, `.` and `#`.
    #[resource(replace, autoname, sdk = log_group_name)]
    pub name: String,
    /// Days it keeps an event; 0 is for ever.
    #[resource(default = 0)]
    pub retention_in_days: i32,
    /// ARN of the key its events are encrypted with; absent is a key of CloudWatch Logs.
    pub kms_key_id: Option<String>,
    /// `STANDARD` (AWS's default), `INFREQUENT_ACCESS` or `DELIVERY`.
    #[resource(replace, computed)]
    pub log_group_class: Option<String>,
    /// Whether AWS refuses to delete it; AWS's default is no.
    #[resource(computed)]
    pub deletion_protection_enabled: Option<bool>,
    /// Whether the group, with its events, stays in AWS when it is deleted here.
    #[resource(unread, default = false, own)]
    pub skip_destroy: bool,
}

/// Outputs of a log group.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = LogGroup)]
pub struct Outputs {
    /// ARN, without `:*`.
    pub arn: String,
}

pub(super) const ABSENT: Codes = &["ResourceNotFoundException"];
/// A group takes one change at a time.
pub(super) const BUSY: Codes = &["OperationAbortedException"];
/// A group made a moment ago may not be known everywhere.
const YOUNG: Codes = &["OperationAbortedException", "ResourceNotFoundException"];
const DELIVERY: &str = "DELIVERY";

impl AwsResource for LogGroup {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["ResourceAlreadyExistsException"];

    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(LogsThing(arn(cx, id)))
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        if live.get("logGroupClass").and_then(Value::as_str) == Some(DELIVERY) {
            let said = olds.and_then(|olds| olds.get("retentionInDays")).cloned();
            live.insert("retentionInDays".to_owned(), said.unwrap_or_else(|| 0.to_value()));
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let tags = cx.tags_as(|k, v| (k.to_owned(), v.to_owned())).into_iter().collect();
        let call = cx.clients.logs.create_log_group().log_group_name(&inputs.name).set_tags(Some(tags));
        let call = call
            .set_kms_key_id(inputs.kms_key_id.clone())
            .set_log_group_class(inputs.log_group_class.as_deref().map(LogGroupClass::from))
            .set_deletion_protection_enabled(inputs.deletion_protection_enabled);
        propagation::told(BUSY, || call.clone().send()).await?;
        let rest = if inputs.retention_in_days == 0 { Ok(()) } else { retain(cx, inputs).await };
        Ok(Created::new(&inputs.name, Outputs { arn: arn(cx, &inputs.name) }).and(rest))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let call = cx.clients.logs.describe_log_groups().log_group_name_prefix(id);
        let mut groups = call.into_paginator().items().send();
        while let Some(group) = groups.next().await {
            let group = group?;
            if group.log_group_name.as_deref() == Some(id) {
                return Ok(Some(Live { inputs: Inputs::from_sdk(group), outputs: Outputs { arn: arn(cx, id) } }));
            }
        }
        Ok(None)
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        if new.retention_in_days != old.retention_in_days {
            retain(cx, new).await?;
        }
        if new.kms_key_id != old.kms_key_id {
            encrypt(cx, new).await?;
        }
        if let Some(on) = new.deletion_protection_enabled
            && old.deletion_protection_enabled != Some(on)
        {
            let call = cx.clients.logs.put_log_group_deletion_protection().log_group_identifier(id);
            let call = call.deletion_protection_enabled(on);
            recovery::settled(YOUNG, || call.clone().send()).await.within("setting its deletion protection")?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        if inputs.skip_destroy {
            cx.log.info(&cx.urn, &format!("left log group `{id}` in AWS, as `skipDestroy` says")).await;
            return Ok(());
        }
        let call = cx.clients.logs.delete_log_group().log_group_name(id);
        recovery::settled(BUSY, || call.clone().send()).await.done()
    }
}

fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("logs", &format!("log-group:{name}"))
}

async fn retain(cx: &Cx, inputs: &Inputs) -> Answer {
    // AWS refuses another retention for this class
    if inputs.log_group_class.as_deref() == Some(DELIVERY) {
        return Ok(());
    }
    let (logs, name) = (&cx.clients.logs, &inputs.name);
    let set = if inputs.retention_in_days == 0 {
        let call = logs.delete_retention_policy().log_group_name(name);
        recovery::settled(YOUNG, || call.clone().send()).await.done()
    } else {
        let call = logs.put_retention_policy().log_group_name(name).retention_in_days(inputs.retention_in_days);
        recovery::settled(YOUNG, || call.clone().send()).await.done()
    };
    set.within("setting its retention")
}

async fn encrypt(cx: &Cx, inputs: &Inputs) -> Answer {
    let (logs, name) = (&cx.clients.logs, &inputs.name);
    let set = if let Some(key) = &inputs.kms_key_id {
        let call = logs.associate_kms_key().log_group_name(name).kms_key_id(key);
        propagation::told(BUSY, || call.clone().send()).await.done()
    } else {
        let call = logs.disassociate_kms_key().log_group_name(name);
        recovery::settled(BUSY, || call.clone().send()).await.done()
    };
    set.within("setting its key")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            self, done,
            late::{Late, Refusal, SETTLED, TOLD, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    #[tokio::test]
    async fn each_change_of_a_group_is_made_again_while_another_one_is_under_way_or_its_key_is_new() {
        const CHANGING: Refusal = ("OperationAbortedException", "");
        const YOUNG: &[Refusal] = &[CHANGING, ("ResourceNotFoundException", "")];
        const UNTOLD: &[Refusal] = &[
            CHANGING,
            ("AccessDeniedException", "The specified KMS key does not exist or is not allowed to be used with Arn 'a'"),
            ("InvalidParameterException", "The specified KMS Key Id could not be found. 'k'"),
        ];
        let plain: Inputs = stub::inputs(&json!({ "name": "g" }));
        let full: Inputs = stub::inputs(
            &json!({ "name": "g", "kmsKeyId": "k", "retentionInDays": 30, "deletionProtectionEnabled": true }),
        );
        let late: &[Late] = &[
            ("CreateLogGroup", TOLD, UNTOLD),
            ("PutRetentionPolicy", SETTLED, YOUNG),
            ("DeleteRetentionPolicy", SETTLED, YOUNG),
            ("DisassociateKmsKey", SETTLED, &[CHANGING]),
            ("AssociateKmsKey", TOLD, UNTOLD),
            ("PutLogGroupDeletionProtection", SETTLED, YOUNG),
            ("DeleteLogGroup", SETTLED, &[CHANGING]),
        ];
        let life = async |cx: Cx| {
            let outputs = || Outputs { arn: String::new() };
            wholly(Adapter::<LogGroup>::create(&cx, &full).await?)?;
            Adapter::<LogGroup>::update(&cx, "g", &full, &plain, outputs()).await?;
            Adapter::<LogGroup>::update(&cx, "g", &plain, &full, outputs()).await?;
            Adapter::<LogGroup>::delete(&cx, "g", &full).await
        };
        is_waited_out("aws:cloudwatch/logGroup:LogGroup", late, done, life).await;
    }

    crate::lifecycle! {
        token: "aws:cloudwatch/logGroup:LogGroup",
        needs: [("aws:kms/key:Key", {})],
        sample: { "name": "/acme/{unique}", "retentionInDays": 30, "kmsKeyId": "${0.arn}", "tags": { "a": "1" } },
        change: { "retentionInDays": 0, "deletionProtectionEnabled": false, "tags": { "b": "2" } },
    }

    mod without_a_key {
        crate::lifecycle! {
            token: "aws:cloudwatch/logGroup:LogGroup",
            // its name begins with the other's
            needs: [("aws:cloudwatch/logGroup:LogGroup", { "name": "/plain/{unique}/more" }), ("aws:kms/key:Key", {})],
            sample: { "name": "/plain/{unique}" },
            change: { "retentionInDays": 365, "kmsKeyId": "${1.arn}" },
        }
    }

    #[tokio::test]
    async fn one_of_its_name_is_adopted_or_refused() {
        crate::testing::adopts(sample()).await;
    }

    #[tokio::test]
    async fn one_of_another_region_is_imported_by_id_and_region() {
        let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
        let far = serde_json::json!({ "name": "/far/{unique}", "region": "us-west-2" });
        let made = bench.create("aws:cloudwatch/logGroup:LogGroup", &far).await;
        assert!(bench.import(&made.urn, &made.id).await.is_none(), "in the provider's region there is none");
        let found = bench.import(&made.urn, &format!("{}@us-west-2", made.id)).await;
        let (id, inputs, state) = found.expect("it is found in its region");
        assert_eq!((id, inputs["region"].as_str()), (made.id.clone(), Some("us-west-2")));
        assert_eq!(state["region"], inputs["region"]);
        assert!(bench.read(&made, Some(&inputs)).await.is_some(), "and again");
        bench.clean_up().await;
    }

    fn map(fields: &[(&str, Value)]) -> Map {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }

    #[test]
    fn a_group_for_delivery_keeps_events_as_aws_wants() {
        let live = |class: &str, olds: Option<&Map>| {
            let mut live = map(&[("logGroupClass", class.to_value()), ("retentionInDays", 2.to_value())]);
            <LogGroup as AwsResource>::reduce(olds, &mut live);
            live["retentionInDays"].clone()
        };
        let olds = map(&[("retentionInDays", 30.to_value())]);
        assert_eq!((live(DELIVERY, None), live(DELIVERY, Some(&olds))), (0.to_value(), 30.to_value()));
        assert_eq!(live("STANDARD", Some(&olds)), 2.to_value());
    }
}
