//! A parameter of SSM's parameter store.
//!
//! Calls: PutParameter, GetParameter, DescribeParameters, DeleteParameter, AddTagsToResource, RemoveTagsFromResource, ListTagsForResource.
//! IAM: `ssm:` + each of these; `kms:Encrypt` and `kms:Decrypt` where it is a SecureString with a key of its own.
//!
//! - PutParameter takes tags only where it makes a parameter, and leaves what it is not given as it is: what is
//!   taken away is sent empty.
//! - It is let through a few times a second only; the SDK's retries carry a large contract through that.
//! - AWS does not make an advanced parameter a standard one again: such a change is a replacement, as with the official
//!   provider. The value is in the program; earlier versions and labels go. Every other change of tier is an update.
//!   <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>, as of 2026-11

use aws_sdk_ssm::types::{ParameterMetadata, ParameterStringFilter, ParameterTier, ParameterType, Tag};

use crate::{
    prelude::*,
    tags::SsmParameter,
    waits::{PARAMETER_IS_BUSY, SECOND_LOOK},
};

/// A parameter of SSM's parameter store.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ssm/parameter:Parameter", noun = "SSM parameter", handle = Parameter, tags, from = ParameterMetadata)]
pub struct Inputs {
    /// Name; with a `/` in it, it begins with one.
    #[resource(replace, autoname)]
    pub name: String,
    /// `String`, `StringList` or `SecureString`.
    pub r#type: String,
    /// Value, kept secret whatever the type. Instead of `insecureValue`.
    #[resource(secret, own)]
    pub value: Option<String>,
    /// Value, shown in plain; not of a SecureString. Instead of `value`.
    #[resource(own)]
    pub insecure_value: Option<String>,
    /// What the parameter is for.
    #[resource(blank)]
    pub description: Option<String>,
    /// Regular expression that the value has to match.
    #[resource(blank)]
    pub allowed_pattern: Option<String>,
    /// `text`, `aws:ec2:image` or `aws:ssm:integration`; AWS's default is `text`.
    #[resource(replace, computed)]
    pub data_type: Option<String>,
    /// Key of a SecureString: id, ARN or alias; AWS's default is `alias/aws/ssm`.
    #[resource(computed, blank)]
    pub key_id: Option<String>,
    /// `Standard`, `Advanced` or `Intelligent-Tiering`; by default as the account is set up.
    #[resource(computed)]
    pub tier: Option<String>,
    /// Whether a parameter of this name that exists is taken over, even if its tags do not prove it ours.
    #[resource(unread, default = false, own)]
    pub overwrite: bool,
}

/// Outputs of a parameter.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Parameter)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Version, which grows by one with every change.
    #[resource(volatile)]
    pub version: i32,
}

const SECURE: &str = "SecureString";
const INTELLIGENT: &str = "Intelligent-Tiering";

impl AwsResource for Parameter {
    const ABSENT: Codes = &["ParameterNotFound"];
    const EXISTS: Codes = &["ParameterAlreadyExists"];

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(SsmParameter(id.to_owned()))
    }

    fn check(checks: &mut Checks<'_>) {
        match (checks.has("value"), checks.has("insecureValue")) {
            (false, false) => {
                checks.wrong("value", "missing: give `value`, or `insecureValue` where it is no secret");
            }
            (false, true) if checks.text("type") == Some(SECURE) => {
                checks.wrong("insecureValue", "a SecureString has its value in `value`");
            }
            _ => checks.not_both("value", "insecureValue"),
        }
        if let Some(name) = checks.text("name").filter(|name| name.contains('/') && !name.starts_with('/')) {
            checks.wrong("name", format!("a name with a `/` in it begins with one: `/{name}`"));
        }
    }

    fn replacing(olds: &Map, news: &Map) -> Vec<&'static str> {
        let is = |inputs: &Map, tier: &str| inputs.get("tier").and_then(Value::as_str) == Some(tier);
        if is(olds, "Advanced") && is(news, "Standard") { vec!["tier"] } else { Vec::new() }
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        let Some(olds) = olds else { return };
        // AWS has one value: it is shown as it was given
        if olds.get("insecureValue").is_some_and(|value| *value != Value::Null)
            && live.get("type").and_then(Value::as_str) != Some(SECURE)
            && let Some(value) = live.remove("value")
        {
            live.insert("insecureValue".to_owned(), value);
        }
        // AWS shows which tier it chose, not that it was to choose
        if olds.get("tier").and_then(Value::as_str) == Some(INTELLIGENT) {
            live.insert("tier".to_owned(), Value::String(INTELLIGENT.to_owned()));
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let tags = built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?;
        match put(cx, None, inputs, Some(tags)).await {
            Err(refusal) if inputs.overwrite && refusal.is(Self::EXISTS) => overwrite(cx, inputs).await,
            version => Ok(Created::new(&inputs.name, outputs(cx, &inputs.name, version?))),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let look = || async {
            let value = cx.clients.ssm.get_parameter().name(id).with_decryption(true).send();
            let (value, metadata) = futures::future::join(value, describe(cx, id)).await;
            // DescribeParameters may lag behind GetParameter. Both are asked again: it may have been deleted meanwhile
            Ok(value?.parameter.zip(metadata?))
        };
        let Some((parameter, metadata)) = waits::asked(SECOND_LOOK, look).await? else {
            return Err(Error::new("GetParameter finds it, but DescribeParameters does not")
                .hint("check that the credentials allow ssm:DescribeParameters for it; then run it again")
                .into());
        };
        let inputs = Inputs {
            name: id.to_owned(),
            r#type: parameter.r#type.map(String::from_sdk).unwrap_or_default(),
            value: parameter.value,
            data_type: parameter.data_type,
            ..Inputs::from_sdk(metadata)
        };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, parameter.version) }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        Ok(outputs(cx, id, put(cx, Some(old), new, None).await?))
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        cx.clients.ssm.delete_parameter().name(id).send().await.done()
    }
}

fn outputs(cx: &Cx, name: &str, version: i64) -> Outputs {
    let arn = cx.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')));
    Outputs { arn, version: i32::try_from(version).unwrap_or(i32::MAX) }
}

/// Makes it, or puts it over what it was; answers with its version.
async fn put(cx: &Cx, old: Option<&Inputs>, new: &Inputs, tags: Option<Vec<Tag>>) -> Answer<i64> {
    let cleared = |of: fn(&Inputs) -> Option<&String>| or_empty(old.and_then(of), of(new));
    let call = cx.clients.ssm.put_parameter().name(&new.name).overwrite(old.is_some()).set_tags(tags);
    let call = call
        .r#type(ParameterType::from(new.r#type.as_str()))
        .set_value(new.value.clone().or_else(|| new.insecure_value.clone()))
        .set_description(cleared(|i| i.description.as_ref()))
        .set_allowed_pattern(cleared(|i| i.allowed_pattern.as_ref()))
        .set_data_type(new.data_type.clone())
        .set_key_id(new.key_id.clone().filter(|_| new.r#type == SECURE))
        .set_tier(new.tier.as_deref().map(ParameterTier::from));
    Ok(PARAMETER_IS_BUSY.out(|| call.clone().send()).await?.version)
}

async fn describe(cx: &Cx, name: &str) -> Answer<Option<ParameterMetadata>> {
    let filter = ParameterStringFilter::builder().key("Name").option("Equals").values(name).build()?;
    // a page may be empty and yet not the last: "it is possible for .. no items .. and a `NextToken`"
    // <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html>, as of 2026-11
    let mut pages = cx.clients.ssm.describe_parameters().parameter_filters(filter).into_paginator().send();
    while let Some(page) = pages.next().await {
        if let Some(found) = page?.parameters.unwrap_or_default().into_iter().next() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Makes a parameter that existed already what it should be, whoever made it.
async fn overwrite(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
    let name = &inputs.name;
    let target = Parameter::tagged(cx, name);
    let tags = target.all(cx).await?;
    let read = || resource::read::<Parameter>(cx, name);
    let live = waits::there(&format!("SSM parameter `{name}`"), read).await?;
    target.claim(cx, &tags).await?;
    let version = put(cx, Some(&live.inputs), inputs, None).await?;
    Ok(Created::new(name, outputs(cx, name, version)))
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;

    use super::*;
    use crate::{
        stub::{
            Answer, Stub, done, inputs,
            late::{Late, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    #[tokio::test]
    async fn a_parameter_whose_description_is_behind_its_value_is_asked_for_again() {
        let script = |behind: usize| {
            Stub::new(move |asked| match asked.operation.as_str() {
                "GetParameter" => Answer::Json(
                    serde_json::json!({ "Parameter": { "Name": "/p", "Type": "String", "Value": "v", "Version": 1 } }),
                ),
                "DescribeParameters" if asked.before >= behind => {
                    Answer::Json(serde_json::json!({ "Parameters": [{ "Name": "/p", "Tier": "Standard" }] }))
                }
                _ => done(asked),
            })
        };
        let cx = |stub: &std::sync::Arc<Stub>| stub.cx("aws:ssm/parameter:Parameter");
        let late = Stub::run(Adapter::<Parameter>::read(&cx(&script(4)), "/p")).await.0.expect("read").expect("there");
        assert_eq!((late.inputs.value.as_deref(), late.inputs.tier.as_deref()), (Some("v"), Some("Standard")));
        let (never, waited) = Stub::run(Adapter::<Parameter>::read(&cx(&script(usize::MAX)), "/p")).await;
        assert!(never.expect_err("it is not described").hint.is_some_and(|h| h.contains("ssm:DescribeParameters")));
        assert!(waited >= SECOND_LOOK);
        let gone = Stub::new(|asked| match asked.operation.as_str() {
            "GetParameter" => Answer::Refused("ParameterNotFound", "none"),
            _ => done(asked),
        });
        let (gone, waited) = Stub::run(Adapter::<Parameter>::read(&cx(&gone), "/p")).await;
        assert!(gone.expect("read").is_none() && waited.is_zero());
    }

    #[tokio::test]
    async fn a_parameter_is_put_again_while_other_changes_of_it_are_under_way() {
        const TOKEN: &str = "aws:ssm/parameter:Parameter";
        let late: &[Late] = &[("PutParameter", PARAMETER_IS_BUSY.limit, &[("TooManyUpdates", "")])];
        let parameter: Inputs = inputs(&serde_json::json!({ "name": "/p", "type": "String", "value": "v" }));
        let make = async |cx: Cx| wholly(Adapter::<Parameter>::create(&cx, &parameter).await?);
        is_waited_out(TOKEN, late, done, make).await;
        let change = async |cx: Cx| {
            let outputs = outputs(&cx, "/p", 1);
            Adapter::<Parameter>::update(&cx, "/p", &parameter, &parameter, outputs).await.map(drop)
        };
        is_waited_out(TOKEN, late, done, change).await;
    }

    #[tokio::test]
    async fn a_parameter_that_may_be_put_over_is_read_again_until_ssm_shows_it_and_put_again_while_it_is_busy() {
        let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("PutParameter", 0) => Answer::Refused("ParameterAlreadyExists", "it exists"),
            ("PutParameter", 1..4) => Answer::Refused("TooManyUpdates", "busy"),
            ("GetParameter", 0..2) => Answer::Refused("ParameterNotFound", "not yet"),
            ("GetParameter", _) => Answer::Json(serde_json::json!({ "Parameter": { "Name": "/p", "Value": "v" } })),
            ("DescribeParameters", _) => Answer::Json(serde_json::json!({ "Parameters": [{ "Name": "/p" }] })),
            _ => done(asked),
        });
        let wanted: Inputs =
            inputs(&serde_json::json!({ "name": "/p", "type": "String", "value": "w", "overwrite": true }));
        let cx = stub.cx("aws:ssm/parameter:Parameter");
        let (made, _) = Stub::run(Adapter::<Parameter>::create(&cx, &wanted)).await;
        assert_eq!(made.expect("put over").id, "/p");
        assert_eq!((stub.asked("GetParameter").len(), stub.asked("PutParameter").len()), (3, 5));
        assert_eq!(stub.asked("PutParameter")[4]["Overwrite"], true);
    }

    crate::lifecycle! {
        token: "aws:ssm/parameter:Parameter",
        needs: [],
        sample: { "name": "/acme/{unique}/vpc-id", "type": "String", "value": "vpc-1", "description": "network: the VPC", "tags": { "a": "1" } },
        change: { "value": "vpc-2", "allowedPattern": "^vpc-" },
    }

    mod secure {
        crate::lifecycle! {
            token: "aws:ssm/parameter:Parameter",
            needs: [],
            sample: { "name": "/acme/{unique}/token", "type": "SecureString", "value": "a", "tier": "Advanced" },
            change: { "value": "b" },
        }
    }

    #[tokio::test]
    async fn a_plain_value_stays_plain() {
        let sample =
            serde_json::json!({ "name": "/acme/{unique}/subnets", "type": "StringList", "insecureValue": "a,b" });
        let change = serde_json::json!({ "insecureValue": "a,b,c" });
        crate::testing::basic(crate::testing::Sample {
            account: crate::testing::Account::Member,
            token: "aws:ssm/parameter:Parameter",
            needs: vec![],
            sample,
            change: Some(change),
            import: None,
        })
        .await;
    }

    #[tokio::test]
    async fn an_advanced_parameter_is_replaced_by_a_standard_one_and_not_the_other_way_round() {
        let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
        let of = |tier: &str| serde_json::json!({ "name": "/acme/{unique}/tier", "type": "String", "value": "a", "tier": tier });
        let made = bench.create("aws:ssm/parameter:Parameter", &of("Advanced")).await;
        let standard =
            bench.check(&made.urn, made.inputs.clone(), crate::testing::map(&bench.fill(&of("Standard")))).await;
        let lowered = bench.diff(&made, &made.inputs, &standard).await;
        assert_eq!(lowered.replaces, ["tier"]);
        assert!(lowered.detailed_diff["tier"].kind().as_str_name().ends_with("UPDATE_REPLACE"));
        assert!(lowered.delete_before_replace, "its name stays");
        assert!(bench.diff(&made, &standard, &made.inputs).await.replaces.is_empty(), "up is an update");
        let mut unasked = made.inputs.clone();
        unasked.remove("tier");
        assert_eq!(bench.diff(&made, &unasked, &standard).await.replaces, ["tier"], "which AWS had chosen");
        bench.clean_up().await;
    }

    fn map(fields: &[(&str, &str)]) -> Map {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.to_value())).collect()
    }

    #[test]
    fn one_value_in_the_right_place() {
        let wrong = |fields: &[(&str, &str)]| {
            Adapter::<Parameter>::check(&map(fields)).iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(wrong(&[("type", "String"), ("insecureValue", "x"), ("name", "/a/b")]), "");
        assert_eq!(wrong(&[("type", "String")]), "value");
        assert_eq!(wrong(&[("type", "String"), ("value", "x"), ("insecureValue", "x")]), "insecureValue");
        assert_eq!(wrong(&[("type", "SecureString"), ("insecureValue", "x")]), "insecureValue");
        assert_eq!(wrong(&[("type", "String"), ("value", "x"), ("name", "a/b")]), "name");
    }

    #[test]
    fn what_is_live_is_told_as_it_was_given() {
        let reduced = |olds: Option<&[(&str, &str)]>, kind: &str| {
            let mut live = map(&[("type", kind), ("value", "x"), ("tier", "Standard")]);
            <Parameter as AwsResource>::reduce(olds.map(map).as_ref(), &mut live);
            live
        };
        assert_eq!(
            reduced(Some(&[("insecureValue", "y")]), "String"),
            map(&[("type", "String"), ("insecureValue", "x"), ("tier", "Standard")])
        );
        // never in plain what AWS keeps encrypted
        assert!(reduced(Some(&[("insecureValue", "y")]), "SecureString").contains_key("value"));
        assert!(reduced(None, "String").contains_key("value"));
        assert_eq!(
            reduced(Some(&[("value", "y"), ("tier", INTELLIGENT)]), "String").get("tier").and_then(Value::as_str),
            Some(INTELLIGENT)
        );
    }
}
