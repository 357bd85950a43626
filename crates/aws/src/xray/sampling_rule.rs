//! An X-Ray sampling rule.
//!
//! Calls: CreateSamplingRule, GetSamplingRules, UpdateSamplingRule, DeleteSamplingRule, TagResource, UntagResource,
//! ListTagsForResource. IAM: `xray:` + each of these.
//!
//! - X-Ray answers InvalidRequestException for a name that is taken, for one that is gone, and for everything else that
//!   is wrong with a request: which it was, is looked up.
//! - The rule `Default` exists in every region: <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html>

use aws_sdk_xray::types::{SamplingRule as SdkRule, SamplingRuleUpdate, Tag};

use crate::{prelude::*, tags::XrayThing};

/// An X-Ray sampling rule: which requests are traced, and how many of them.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:xray/samplingRule:SamplingRule", noun = "X-Ray sampling rule", handle = SamplingRule, tags)]
#[resource(sdk = SdkRule)]
pub struct Inputs {
    /// Name, up to 32 characters.
    #[resource(replace, autoname)]
    pub rule_name: String,
    /// Share of the matching requests that is traced when the reservoir is empty, 0 to 1.
    pub fixed_rate: f64,
    /// Number of matching requests per second that are traced before `fixedRate` applies.
    pub reservoir_size: i32,
    /// Order in which rules are tried, 1 to 9999: the smallest first.
    pub priority: i32,
    /// Version of the rule's format: 1.
    #[resource(replace)]
    pub version: i32,
    /// Pattern of the host name in the request.
    pub host: String,
    /// Pattern of the request's method.
    pub http_method: String,
    /// Pattern of the ARN of the resource that the service runs on.
    pub resource_arn: String,
    /// Pattern of the service's name.
    pub service_name: String,
    /// Pattern of the service's origin, such as `AWS::Lambda::Function`.
    pub service_type: String,
    /// Pattern of the request's path.
    pub url_path: String,
    /// Patterns of the segment's attributes, by key.
    #[resource(default, always)]
    pub attributes: BTreeMap<String, String>,
}

/// Outputs of a sampling rule.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = SamplingRule)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

const INVALID: Codes = &["InvalidRequestException"];

impl AwsResource for SamplingRule {
    /// X-Ray has no code of its own for that.
    const ABSENT: Codes = &[];
    const PRESENCE: Presence = Presence::Named;
    const LONGEST_NAME: usize = 32;

    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(XrayThing(arn(cx, id)))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let name = &inputs.rule_name;
        let tags = built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?;
        let call = cx.clients.xray.create_sampling_rule().sampling_rule(inputs.to_sdk()?).set_tags(Some(tags));
        match call.send().await.done() {
            Ok(()) => Ok(Created::new(name, Outputs { arn: arn(cx, name) })),
            Err(refusal) if refusal.is(INVALID) && find(cx, name).await?.is_some() => {
                resource::adopt::<Self>(cx, name, inputs).await
            }
            Err(refusal) if refusal.is(&["RuleLimitExceededException"]) => Err(refusal
                .hint("an account has 25 rules of its own in a region: delete one, or ask AWS for a higher quota")),
            Err(refusal) => Err(refusal),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(rule) = find(cx, id).await? else { return Ok(None) };
        let outputs = Outputs { arn: rule.rule_arn.clone().unwrap_or_else(|| arn(cx, id)) };
        Ok(Some(Live { inputs: Inputs::from_sdk(rule), outputs }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        // AWS does not say what an update makes of a boost that it does not have, and there is no property for one: as it is
        let boost = find(cx, id).await?.and_then(|live| live.sampling_rate_boost);
        let update = SamplingRuleUpdate::builder()
            .set_sampling_rate_boost(boost)
            .rule_name(id)
            .fixed_rate(new.fixed_rate)
            .reservoir_size(new.reservoir_size)
            .priority(new.priority)
            .host(&new.host)
            .http_method(&new.http_method)
            .resource_arn(&new.resource_arn)
            .service_name(&new.service_name)
            .service_type(&new.service_type)
            .url_path(&new.url_path)
            .set_attributes(Some(new.attributes.to_sdk()?));
        cx.clients.xray.update_sampling_rule().sampling_rule_update(update.build()).send().await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        match cx.clients.xray.delete_sampling_rule().rule_name(id).send().await.done() {
            Err(refusal) if refusal.is(INVALID) && find(cx, id).await?.is_none() => Ok(()),
            deleted => deleted,
        }
    }
}

fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("xray", &format!("sampling-rule/{name}"))
}

async fn find(cx: &Cx, name: &str) -> Answer<Option<SdkRule>> {
    let mut records = cx.clients.xray.get_sampling_rules().into_paginator().items().send();
    while let Some(record) = records.next().await {
        let rule = record?.sampling_rule.filter(|rule| rule.rule_name.as_deref() == Some(name));
        if rule.is_some() {
            return Ok(rule);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{Answer, Stub, done},
        testing::{Adapter, CustomResource as _},
    };

    crate::lifecycle! {
        token: "aws:xray/samplingRule:SamplingRule",
        needs: [],
        sample: {
            "ruleName": "rule-{unique}",
            "fixedRate": 0.05,
            "reservoirSize": 1,
            "priority": 9000,
            "version": 1,
            "host": "*",
            "httpMethod": "*",
            "resourceArn": "*",
            "serviceName": "*",
            "serviceType": "*",
            "urlPath": "*",
            "attributes": { "tier": "gold" },
            "tags": { "a": "1" },
        },
        change: { "fixedRate": 0.1, "priority": 1, "urlPath": "/pay*", "attributes": {}, "tags": { "b": "2" } },
    }

    /// What there is no property for: AWS does not say what becomes of it when an update leaves it out.
    #[tokio::test]
    async fn a_boost_stays_as_it_is() {
        let rule = json!({
            "RuleName": "r", "FixedRate": 0.1, "ReservoirSize": 1, "Priority": 1, "Version": 1, "Host": "*", "HTTPMethod": "*",
            "ResourceARN": "*", "ServiceName": "*", "ServiceType": "*", "URLPath": "*",
            "SamplingRateBoost": { "MaxRate": 0.5, "CooldownWindowMinutes": 10 },
        });
        let stub = Stub::new(move |asked| match asked.operation.as_str() {
            "GetSamplingRules" => Answer::Json(json!({ "SamplingRuleRecords": [{ "SamplingRule": rule }] })),
            _ => done(asked),
        });
        let cx = stub.cx("aws:xray/samplingRule:SamplingRule");
        let live = Adapter::<SamplingRule>::read(&cx, "r").await.expect("read").expect("there");
        Adapter::<SamplingRule>::update(&cx, "r", &live.inputs, &live.inputs, live.outputs).await.expect("changed");
        let sent = &stub.asked("UpdateSamplingRule")[0]["SamplingRuleUpdate"]["SamplingRateBoost"];
        assert_eq!(*sent, json!({ "MaxRate": 0.5, "CooldownWindowMinutes": 10 }));
    }

    #[test]
    fn generated_names_have_32_characters_at_most() {
        assert_eq!(
            <SamplingRule as AwsResource>::fit_name(&Map::new(), format!("{}-1234567", "a".repeat(40))),
            format!("{}-1234567", "a".repeat(24))
        );
    }
}
