//! What would be decided if all of a request's context were known.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    decision::Decision,
    document::{Effect, Policy},
    evaluate::{Attached, Organization, Policies, evaluate},
    request::Request,
    statement::Statement,
};

/// The decision about a request if every key that its context lacks had the value that is best for it, and the keys, in small
/// letters, on which that depends. `is_whole` says of a key in small letters that its absence is a fact, as that of
/// `aws:requesttag/owner` is where all tags of the request are known.
///
/// Statements that speak of other actions, resources or principals, or that fail by a key that is there, open nothing.
pub fn evaluate_at_best(
    request: &Request,
    policies: &Policies,
    is_whole: impl Fn(&str) -> bool,
) -> (Decision, Vec<String>) {
    let mut at_best = AtBest { request, is_whole, keys: BTreeSet::new() };
    let Policies { identity, boundary, session, resource, organization } = policies;
    let best = Policies {
        identity: at_best.all(identity),
        boundary: boundary.as_ref().map(|policy| at_best.one(policy)),
        session: at_best.all(session),
        resource: resource.as_ref().map(|policy| at_best.one(policy)),
        organization: organization.as_ref().map(|of| Organization {
            management: of.management.clone(),
            service_control: of.service_control.iter().map(|level| at_best.all(level)).collect(),
            resource_control: of.resource_control.iter().map(|level| at_best.all(level)).collect(),
        }),
    };
    (evaluate(request, &best), at_best.keys.into_iter().collect())
}

struct AtBest<'a, F> {
    request: &'a Request,
    is_whole: F,
    keys: BTreeSet<String>,
}

impl<F: Fn(&str) -> bool> AtBest<'_, F> {
    fn all(&mut self, policies: &[Attached]) -> Vec<Attached> {
        policies.iter().map(|policy| self.one(policy)).collect()
    }

    fn one(&mut self, attached: &Attached) -> Attached {
        let statements = attached.policy.statements.iter().filter_map(|statement| self.statement(statement)).collect();
        Attached { name: Arc::clone(&attached.name), policy: Arc::new(Policy { statements }) }
    }

    /// The statement without its conditions on absent keys if it allows; nothing if it denies and such a condition can fail.
    fn statement(&mut self, statement: &Statement) -> Option<Statement> {
        let context = self.request.context();
        let is_open = |key: &str| context.get(key).is_none() && !(self.is_whole)(key);
        let (open, known): (Vec<_>, Vec<_>) =
            statement.conditions.iter().cloned().partition(|condition| is_open(condition.key()));
        let decides = statement.conditions.iter().all(|condition| condition.holds(context));
        let best = Statement { conditions: known, ..statement.clone() };
        // who is meant and what is known must fit, and the open conditions must be what stands in the way
        let stands_in_the_way = decides == (statement.effect == Effect::Deny)
            && !open.is_empty()
            && best.covers(self.request)
            && best.names(self.request).is_some();
        if !stands_in_the_way {
            return Some(statement.clone());
        }
        self.keys.extend(open.iter().map(|condition| condition.key().to_owned()));
        (statement.effect == Effect::Allow).then_some(best)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{context::Context, document::Kind, principal::Principal};

    fn statement(effect: &str, conditions: &Value) -> Value {
        json!({ "Effect": effect, "Action": "kms:CreateKey", "Resource": "*", "Condition": conditions })
    }

    /// Whether a request with the tag `owner` may be allowed by these statements, and the keys on which it depends.
    fn at_best(statements: &[Value]) -> (bool, Vec<String>) {
        let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let policy = Policy::parse(&text, Kind::Identity).expect("a policy");
        let policies = Policies { identity: vec![Attached::new("own", policy)], ..Policies::default() };
        let mut context = Context::new();
        context.set("aws:RequestTag/owner", "me");
        let principal = Principal::User("arn:aws:iam::111122223333:user/me".to_owned());
        let request = Request::new(principal, "kms:CreateKey", "*", "111122223333", context);
        assert!(!evaluate(&request, &policies).allowed, "nothing is open about what is allowed: {text}");
        let (decision, keys) = evaluate_at_best(&request, &policies, |key| key.starts_with("aws:requesttag/"));
        (decision.allowed, keys)
    }

    #[test]
    fn a_key_that_is_not_known_leaves_it_open_and_one_that_is_known_does_not() {
        let anything = json!({});
        let by_address = json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } });
        let by_tag = |value: &str| json!({ "StringEquals": { "aws:RequestTag/owner": value } });
        let by_other_tag = json!({ "StringEquals": { "aws:RequestTag/team": "a" } });
        let without_tag = json!({ "Null": { "aws:RequestTag/team": "true" } });
        let outside = json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1" } });
        let outside_tagged = json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1", "aws:RequestTag/owner": "me" } });
        let both = json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "StringEquals": { "aws:RequestTag/owner": "you" } });
        let source = || vec!["aws:sourceip".to_owned()];

        assert_eq!(at_best(&[statement("Allow", &by_address)]), (true, source()));
        assert_eq!(at_best(&[statement("Allow", &both)]), (false, vec![]), "the tag is known, and another");
        assert_eq!(at_best(&[statement("Allow", &by_other_tag)]), (false, vec![]), "the request has no such tag");
        assert_eq!(at_best(&[statement("Allow", &by_tag("you"))]), (false, vec![]));
        let allow = statement("Allow", &anything);
        assert_eq!(at_best(&[allow.clone(), statement("Deny", &outside)]), (true, vec!["aws:sourcevpc".to_owned()]));
        assert_eq!(at_best(&[allow.clone(), statement("Deny", &without_tag)]), (false, vec![]));
        let denied = at_best(&[allow, statement("Deny", &anything), statement("Deny", &outside)]);
        assert!(!denied.0, "another statement denies it whatever comes");
        let (allowed, keys) = at_best(&[statement("Allow", &by_address), statement("Deny", &outside_tagged)]);
        assert_eq!((allowed, keys), (true, source()), "the deny is not about this owner");
    }
}
