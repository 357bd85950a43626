//! The policy of an SNS topic, where it is a resource of its own.
//!
//! Calls: SetTopicAttributes, GetTopicAttributes.
//! IAM: `sns:` + each of these.
//!
//! - A topic has one policy: this one is all of it.
//! - A topic always has one: deleting this puts the policy back that AWS gives to a new topic.

use serde_json::json;

use super::topic::{self, POLICY};
use crate::prelude::*;

/// The policy of an SNS topic.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:sns/topicPolicy:TopicPolicy", noun = "SNS topic policy", handle = TopicPolicy)]
pub struct Inputs {
    /// ARN of the topic.
    #[resource(replace)]
    pub arn: String,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

/// Outputs of a topic's policy.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = TopicPolicy)]
pub struct Outputs {
    /// Account that owns the topic.
    pub owner: String,
}

impl AwsResource for TopicPolicy {
    const ABSENT: Codes = topic::ABSENT;
    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(inputs.arn.clone())
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        topic::put(cx, &inputs.arn, POLICY, &inputs.policy).await?;
        Ok(Created::new(&inputs.arn, Outputs { owner: owner(&inputs.arn).to_owned() }))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let mut live = topic::describe(cx, id).await?;
        let policy = given(live.remove(POLICY)).filter(|policy| !is_default(policy, id));
        let outputs = Outputs { owner: live.remove("Owner").unwrap_or_else(|| owner(id).to_owned()) };
        Ok(policy.map(|policy| Live { inputs: Inputs { arn: id.to_owned(), policy }, outputs }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        topic::put(cx, id, POLICY, &new.policy).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        // a topic that is gone is not waited for, as `put` would
        topic::describe(cx, id).await?;
        topic::put(cx, id, POLICY, &default(id)).await
    }
}

/// The account in a topic's ARN.
fn owner(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// Whether a topic has no policy of its own: AWS's default allows the topic's account something, and calls itself so.
/// What it allows may differ from one year to the next, and so may the key of its condition (`AWS:SourceOwner`).
fn is_default(policy: &str, arn: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<serde_json::Value>(policy) else { return false };
    let [statement] = policy["Statement"].as_array().map_or(&[][..], Vec::as_slice) else { return false };
    let owner = json!(owner(arn));
    let keys = statement["Condition"]["StringEquals"].as_object();
    policy["Id"] == "__default_policy_ID"
        && statement["Sid"] == "__default_statement_ID"
        && statement["Effect"] == "Allow"
        && statement["Resource"] == arn
        && keys.is_some_and(|keys| keys.len() == 1 && keys.values().all(|account| *account == owner))
}

/// The policy of a new topic, as AWS writes it: the account may do everything that a policy can allow.
fn default(arn: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions.map(|action| format!("SNS:{action}")),
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": owner(arn) } },
        }],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    #[test]
    fn the_policy_of_a_new_topic_is_known_by_its_name_whatever_it_allows() {
        let arn = "arn:aws:sns:ap-southeast-2:111122223333:t";
        let altered = |alter: &dyn Fn(&mut Json)| {
            let mut policy: Json = serde_json::from_str(&default(arn)).expect("JSON");
            alter(&mut policy);
            is_default(&policy.to_string(), arn)
        };
        assert!(altered(&|_| {}));
        assert!(altered(&|p| p["Statement"][0]["Action"] = json!(["SNS:Publish", "SNS:Subscribe", "SNS:New"])));
        assert!(altered(&|p| p["Version"] = json!("2012-10-17")));
        let by = |key: &str, account: &str| json!({ "StringEquals": { key: account } });
        assert!(altered(&|p| p["Statement"][0]["Condition"] = by("AWS:SourceAccount", "111122223333")));
        assert!(!altered(&|p| p["Statement"][0]["Condition"] = by("AWS:SourceOwner", "444455556666")));
        assert!(!altered(&|p| p["Id"] = json!("mine")));
        assert!(!altered(&|p| p["Statement"][0]["Sid"] = json!("mine")));
        assert!(!altered(&|p| p["Statement"][0]["Effect"] = json!("Deny")));
        assert!(!altered(&|p| p["Statement"][0]["Condition"] = json!(null)), "it is open to all");
        assert!(!altered(&|p| {
            let first = p["Statement"][0].clone();
            p["Statement"].as_array_mut().expect("a list").push(first);
        }));
    }

    crate::lifecycle! {
        token: "aws:sns/topicPolicy:TopicPolicy",
        needs: [("aws:sns/topic:Topic", { "name": "topic-{unique}" })],
        sample: {
            "arn": "${0.arn}",
            "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Alarms\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"cloudwatch.amazonaws.com\"},\"Action\":\"sns:Publish\",\"Resource\":\"${0.arn}\"}]}",
        },
        change: {
            "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Tls\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sns:Publish\",\"Resource\":\"${0.arn}\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}",
        },
    }
}
