//! An X-Ray sampling rule.
//!
//! Calls: CreateSamplingRule, GetSamplingRules, UpdateSamplingRule, DeleteSamplingRule, TagResource, UntagResource,
//! ListTagsForResource. IAM: `xray:` + each of these.
//!
//! - X-Ray answers InvalidRequestException for a name that is taken, for one that is gone, and for everything else that
//!   is wrong with a request: which it was, is looked up.
//! - The rule `Default` exists in every region: <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html>

use std::collections::BTreeMap;

use aws_sdk_xray::types::{SamplingRule as SdkRule, SamplingRuleUpdate, Tag};
use derive::{Outputs, Resource};
use pulumi::{
    provider::{
        adopt::Presence,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::Map,
};

use crate::{
    context::Cx,
    error::{code, failed},
    name,
    tags::{Taggable, Tagged, WithTags, XrayThing, built},
};

/// An X-Ray sampling rule: which requests are traced, and how many of them.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:xray/samplingRule:SamplingRule", noun = "X-Ray sampling rule", handle = SamplingRule)]
pub struct Inputs {
    /// Name, up to 32 characters.
    #[resource(replace, autoname)]
    pub rule_name: String,
    /// Share of the matching requests that is traced when the reservoir is empty, 0 to 1.
    pub fixed_rate: f64,
    /// Matching requests that are traced a second before the share counts.
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
    /// Pattern of the ARN of what the service runs on.
    pub resource_arn: String,
    /// Pattern of the service's name.
    pub service_name: String,
    /// Pattern of the service's origin, such as `AWS::Lambda::Function`.
    pub service_type: String,
    /// Pattern of the request's path.
    pub url_path: String,
    /// Patterns of the segment's attributes, by key.
    #[resource(default)]
    pub attributes: BTreeMap<String, String>,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// What AWS adds to a sampling rule.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = SamplingRule)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

const INVALID: &str = "InvalidRequestException";
const LONGEST: usize = 32;

impl CustomResource for SamplingRule {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Named;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(inputs.rule_name.clone())
    }

    fn fit_name(_: &Map, name: String) -> String {
        name::fitted(name, LONGEST)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let tags = built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?;
        let call = cx.clients.xray.create_sampling_rule().sampling_rule(rule(inputs)?).set_tags(Some(tags));
        let name = &inputs.rule_name;
        let created = Created::new(name, Outputs { arn: arn(cx, name) });
        match call.send().await {
            Ok(_) => Ok(created),
            Err(failure) if code(&failure) == Some(INVALID) && find(cx, name).await?.is_some() => {
                let target = SamplingRule::tagged(cx, name);
                let live = target.all(cx).await?;
                cx.adopt("X-Ray sampling rule", name, &live).await?;
                target.claim(cx, &live).await?;
                Ok(created.and(put(cx, inputs).await))
            }
            Err(failure) => Err(match code(&failure) {
                Some("RuleLimitExceededException") => failed(failure)
                    .hint("a region of an account has 25 rules of its own: delete one, or ask AWS for a higher quota"),
                _ => failed(failure),
            }),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(rule) = find(cx, id).await? else { return Ok(None) };
        let outputs = Outputs { arn: rule.rule_arn.unwrap_or_else(|| arn(cx, id)) };
        let inputs = Inputs {
            rule_name: id.to_owned(),
            fixed_rate: rule.fixed_rate,
            reservoir_size: rule.reservoir_size,
            priority: rule.priority,
            version: rule.version,
            host: rule.host,
            http_method: rule.http_method,
            resource_arn: rule.resource_arn,
            service_name: rule.service_name,
            service_type: rule.service_type,
            url_path: rule.url_path,
            attributes: rule.attributes.unwrap_or_default().into_iter().collect(),
            tags: BTreeMap::new(),
        };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        match cx.clients.xray.delete_sampling_rule().rule_name(id).send().await {
            Err(failure) if code(&failure) == Some(INVALID) && find(cx, id).await?.is_none() => Ok(()),
            deleted => deleted.map(drop).map_err(failed),
        }
    }
}

impl Taggable for SamplingRule {
    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(XrayThing(arn(cx, id)))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<SamplingRule>::new())
}

fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("xray", &format!("sampling-rule/{name}"))
}

async fn find(cx: &Cx, name: &str) -> Result<Option<SdkRule>, Error> {
    let mut pages = cx.clients.xray.get_sampling_rules().into_paginator().send();
    while let Some(page) = pages.next().await {
        let rules = page.map_err(failed)?.sampling_rule_records.unwrap_or_default();
        let mut rules = rules.into_iter().filter_map(|record| record.sampling_rule);
        if let Some(rule) = rules.find(|rule| rule.rule_name.as_deref() == Some(name)) {
            return Ok(Some(rule));
        }
    }
    Ok(None)
}

fn rule(inputs: &Inputs) -> Result<SdkRule, Error> {
    let rule = SdkRule::builder()
        .rule_name(&inputs.rule_name)
        .fixed_rate(inputs.fixed_rate)
        .reservoir_size(inputs.reservoir_size)
        .priority(inputs.priority)
        .version(inputs.version)
        .host(&inputs.host)
        .http_method(&inputs.http_method)
        .resource_arn(&inputs.resource_arn)
        .service_name(&inputs.service_name)
        .service_type(&inputs.service_type)
        .url_path(&inputs.url_path)
        .set_attributes(Some(inputs.attributes.clone().into_iter().collect()));
    rule.build().map_err(|e| Error::new(e.to_string()))
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    // nobody says what an update makes of a boost that it does not name, and there is no property for one: as it is
    let boost = find(cx, &inputs.rule_name).await?.and_then(|live| live.sampling_rate_boost);
    let update = SamplingRuleUpdate::builder()
        .set_sampling_rate_boost(boost)
        .rule_name(&inputs.rule_name)
        .fixed_rate(inputs.fixed_rate)
        .reservoir_size(inputs.reservoir_size)
        .priority(inputs.priority)
        .host(&inputs.host)
        .http_method(&inputs.http_method)
        .resource_arn(&inputs.resource_arn)
        .service_name(&inputs.service_name)
        .service_type(&inputs.service_type)
        .url_path(&inputs.url_path)
        .set_attributes(Some(inputs.attributes.clone().into_iter().collect()));
    let call = cx.clients.xray.update_sampling_rule().sampling_rule_update(update.build());
    call.send().await.map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stub::{Answer, Stub, done};

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
        let live = SamplingRule::read(&cx, "r").await.expect("read").expect("there");
        SamplingRule::update(&cx, "r", &live.inputs, &live.inputs, live.outputs).await.expect("changed");
        let sent = &stub.asked("UpdateSamplingRule")[0]["SamplingRuleUpdate"]["SamplingRateBoost"];
        assert_eq!(*sent, json!({ "MaxRate": 0.5, "CooldownWindowMinutes": 10 }));
    }

    #[test]
    fn generated_names_have_32_characters_at_most() {
        assert_eq!(
            SamplingRule::fit_name(&Map::new(), format!("{}-1234567", "a".repeat(40))),
            format!("{}-1234567", "a".repeat(24))
        );
    }
}
