//! What holds for every policy of a zone, whatever it is for.

use serde_json::Value;

use crate::golden::dev;
use crate::limits::{self, MANAGED, ROLE_INLINE, ROLE_TRUST, Rendered, SCP};

fn statements(rendered: &Rendered) -> Vec<Value> {
    let json: Value = serde_json::from_str(&rendered.document.to_json()).unwrap();
    json["Statement"].as_array().unwrap().clone()
}

fn list(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().map(|value| value.as_str().unwrap()).collect(),
        value => vec![value.as_str().unwrap()],
    }
}

/// Each statement of every policy, with the policy.
fn for_each(mut check: impl FnMut(&Rendered, &Value)) {
    let zone = dev();
    let all = limits::all(&zone);
    // each domain has a bus, a queue and a role; beside them stand keys, buckets and the platform's own
    let least = zone.classes.len() + zone.buckets.len() + 3 * zone.domains.len() + 5;
    assert!(all.len() >= least, "{}", all.len());
    for rendered in &all {
        let statements = statements(rendered);
        assert!(!statements.is_empty(), "{}", rendered.policy);
        for statement in &statements {
            check(rendered, statement);
        }
    }
}

#[test]
fn ids_are_letters_and_digits_and_unique() {
    for rendered in limits::all(&dev()) {
        let statements = statements(&rendered);
        let mut sids: Vec<_> = statements.iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
        assert!(sids.iter().all(|sid| !sid.is_empty() && sid.chars().all(|char| char.is_ascii_alphanumeric())));
        sids.sort_unstable();
        sids.dedup();
        assert_eq!(sids.len(), statements.len(), "{}", rendered.policy);
    }
}

#[test]
fn a_service_only_ever_acts_for_this_account() {
    let account = dev().member.id.to_string();
    for_each(|rendered, statement| {
        if statement["Effect"] == "Allow" && !statement["Principal"]["Service"].is_null() {
            assert!(statement["Condition"].to_string().contains(&account), "{}: {statement}", rendered.policy);
        }
    });
}

#[test]
fn everybody_is_only_ever_allowed_with_the_organization() {
    let ours = dev().organization.to_string();
    for_each(|rendered, statement| {
        if statement["Effect"] == "Allow" && statement["Principal"] == "*" {
            let organization = &statement["Condition"]["StringEquals"]["aws:PrincipalOrgID"];
            assert_eq!(*organization, ours, "{}: {statement}", rendered.policy);
        }
    });
}

#[test]
fn elements_are_those_that_the_kind_of_policy_takes() {
    for_each(|rendered, statement| {
        let identity = [ROLE_INLINE, MANAGED, SCP].contains(&rendered.limit);
        assert_eq!(statement["Principal"].is_null(), identity, "{}: {statement}", rendered.policy);
        let trust = rendered.limit == ROLE_TRUST;
        assert_eq!(statement["Resource"].is_null(), trust, "{}: {statement}", rendered.policy);
        for element in ["Action", "Resource"].iter().filter(|element| !(trust && **element == "Resource")) {
            assert!(!list(&statement[element]).is_empty(), "{}: {statement}", rendered.policy);
        }
    });
}

#[test]
fn every_trust_has_a_condition() {
    for_each(|rendered, statement| {
        if rendered.limit == ROLE_TRUST {
            assert!(statement["Condition"].is_object(), "{}: {statement}", rendered.policy);
        }
    });
}

/// Negated operators and `IfExists` also match a request without the key: on an allow they would narrow nothing.
#[test]
fn nothing_is_allowed_for_want_of_a_key() {
    let mut exceptions = Vec::new();
    for_each(|rendered, statement| {
        let operators = statement["Condition"].as_object().into_iter().flatten().map(|(operator, _)| operator);
        let lenient = operators.filter(|operator| operator.contains("Not") || operator.ends_with("IfExists")).count();
        if statement["Effect"] == "Allow" && lenient > 0 {
            exceptions.push(rendered.policy.clone());
        }
    });
    // why they are, is said at `role::lambda_trust` and `role::cloudtrail_trust`
    assert_eq!(exceptions, ["the trust policy of the domains' roles", "the trust policy of the trail's role"]);
}

/// Everything is only allowed where AWS takes no resource, and in a key's policy, where it is the key itself.
#[test]
fn roles_are_given_resources_and_actions_one_by_one() {
    for_each(|rendered, statement| {
        if [ROLE_INLINE, MANAGED].contains(&rendered.limit) {
            let actions = list(&statement["Action"]);
            assert!(actions.iter().all(|action| !action.contains('*')), "{}: {statement}", rendered.policy);
            if list(&statement["Resource"]).contains(&"*") {
                assert!(actions.iter().all(|action| action.starts_with("xray:")), "{}: {statement}", rendered.policy);
            }
        }
    });
}

#[test]
fn roles_reach_their_own_account_and_region_only() {
    let zone = dev();
    let here = format!(":{}:{}:", zone.region, zone.member.id);
    let buckets = format!("arn:aws:s3:::{}-", zone.prefix);
    for_each(|rendered, statement| {
        if [ROLE_INLINE, MANAGED].contains(&rendered.limit) {
            for resource in list(&statement["Resource"]).into_iter().filter(|resource| *resource != "*") {
                let bucket = resource.starts_with(&buckets);
                assert!(bucket || resource.contains(&here), "{}: {resource}", rendered.policy);
            }
        }
    });
}

/// SNS and SQS take no other resource than the topic or queue itself; SNS one, SQS seven actions in a statement.
#[test]
fn topics_and_queues_name_themselves() {
    for_each(|rendered, statement| {
        let name = rendered.policy.split('`').nth(1).unwrap_or_default();
        if [limits::QUEUE, limits::TOPIC].contains(&rendered.limit) {
            let resource = statement["Resource"].as_str().unwrap();
            assert!(resource.ends_with(&format!(":{name}")), "{}: {statement}", rendered.policy);
        }
        if rendered.limit == limits::QUEUE {
            assert!(list(&statement["Action"]).len() <= 7, "{}: {statement}", rendered.policy);
        }
    });
}
