//! What is certain about a request of whose context not everything is known.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    context::Context,
    decision::Decision,
    document::{Effect, Policy},
    evaluate::{Attached, Organization, Policies, evaluate},
    request::Request,
    statement::{Listed, ResourcePattern, Statement},
};

/// The two decisions between which a request is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// If each key that the context lacks had the value that is best for the request.
    pub best: Decision,
    /// If each had the worst.
    pub worst: Decision,
    /// The keys on which it depends where the two differ, as the policies write them.
    pub keys: Vec<String>,
}

/// Decides a request for the best and for the worst of what its context lacks. `is_whole` says of a key in small letters that its
/// absence is a fact, as that of `aws:requesttag/owner` is where all tags of the request are known.
///
/// A condition is open where its key, or a policy variable in its value, is absent; so is a resource with such a variable.
/// Statements about other actions, resources or principals open nothing, nor do those that fail by a key that is there.
pub fn evaluate_bounds(request: &Request, policies: &Policies, is_whole: impl Fn(&str) -> bool) -> Bounds {
    let mut denying = Open { request, is_whole: &is_whole, at_best: false, keys: BTreeSet::new() };
    let worst = evaluate(request, &denying.policies(policies));
    let mut allowing = Open { request, is_whole: &is_whole, at_best: true, keys: BTreeSet::new() };
    let best = evaluate(request, &allowing.policies(policies));
    // a deny that may hold decides whatever else may be allowed
    let keys = if worst.explicit { denying.keys } else { allowing.keys };
    Bounds { best, worst, keys: keys.into_iter().collect() }
}

struct Open<'a, F> {
    request: &'a Request,
    is_whole: &'a F,
    /// Whether what is open turns out for the request, or against it.
    at_best: bool,
    /// Of the statements that were taken to hold.
    keys: BTreeSet<String>,
}

impl<F: Fn(&str) -> bool> Open<'_, F> {
    fn policies(&mut self, policies: &Policies) -> Policies {
        let Policies { identity, boundary, session, resource, organization } = policies;
        Policies {
            identity: self.all(identity),
            boundary: boundary.as_ref().map(|policy| self.one(policy)),
            session: self.all(session),
            resource: resource.as_ref().map(|policy| self.one(policy)),
            organization: organization.as_ref().map(|of| Organization {
                management: of.management.clone(),
                service_control: of.service_control.iter().map(|level| self.all(level)).collect(),
                resource_control: of.resource_control.iter().map(|level| self.all(level)).collect(),
            }),
        }
    }

    fn all(&mut self, policies: &[Attached]) -> Vec<Attached> {
        policies.iter().map(|policy| self.one(policy)).collect()
    }

    fn one(&mut self, attached: &Attached) -> Attached {
        let statements = attached.policy.statements.iter().filter_map(|statement| self.statement(statement)).collect();
        Attached { name: Arc::clone(&attached.name), policy: Arc::new(Policy { statements }) }
    }

    fn is_open(&self, key: &str) -> bool {
        !(self.is_whole)(&key.to_ascii_lowercase())
    }

    /// The statement without what is open in it where it is taken to hold, nothing where it is taken to fail.
    fn statement(&mut self, statement: &Statement) -> Option<Statement> {
        let context = self.request.context();
        let (mut keys, mut holds) = (BTreeSet::new(), statement.clone());
        holds.conditions.retain(|condition| {
            let lacks: Vec<_> = condition.lacks(context).filter(|key| self.is_open(key)).map(str::to_owned).collect();
            let is_known = lacks.is_empty();
            keys.extend(lacks);
            is_known
        });
        holds.resources = holds.resources.take().and_then(|resources| self.resources(resources, context, &mut keys));
        let is_about_it = holds.covers(self.request) && holds.names(self.request).is_some();
        if keys.is_empty() || !is_about_it {
            return Some(statement.clone());
        }
        let is_taken_to_hold = (statement.effect == Effect::Allow) == self.at_best;
        if is_taken_to_hold {
            self.keys.extend(keys);
            return Some(holds);
        }
        // what does not depend on anything open stays: another resource of the same statement
        let by_another_resource = statement.conditions.len() == holds.conditions.len()
            && statement.resources.as_ref().is_some_and(|resources| !resources.turned)
            && statement.covers(self.request);
        by_another_resource.then(|| statement.clone())
    }

    /// The resources that are known: none stands for every resource, as one that is open may be the request's.
    fn resources(
        &self,
        resources: Listed<ResourcePattern>,
        context: &Context,
        keys: &mut BTreeSet<String>,
    ) -> Option<Listed<ResourcePattern>> {
        let Listed { turned, mut items } = resources;
        let before = items.len();
        items.retain(|item| {
            let lacks: Vec<_> = item.lacks(context).filter(|key| self.is_open(key)).map(str::to_owned).collect();
            let is_known = lacks.is_empty();
            keys.extend(lacks);
            is_known
        });
        (turned || items.len() == before).then_some(Listed { turned, items })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{document::Kind, principal::Principal};

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:alias/me";

    fn statement(effect: &str, resource: &str, conditions: &Value) -> Value {
        json!({ "Effect": effect, "Action": "kms:CreateAlias", "Resource": resource, "Condition": conditions })
    }

    /// Whether a request with the tag `owner` is allowed by these statements at worst and at best, and by which keys.
    fn bounds(statements: &[Value]) -> (bool, bool, Vec<String>) {
        let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let policy = Policy::parse(&text, Kind::Identity).expect("a policy");
        let policies = Policies { identity: vec![Attached::new("own", policy)], ..Policies::default() };
        let mut context = Context::new();
        context.set("aws:RequestTag/owner", "me");
        let principal = Principal::User("arn:aws:iam::111122223333:user/me".to_owned());
        let request = Request::new(principal, "kms:CreateAlias", KEY, "111122223333", context);
        let Bounds { best, worst, keys } =
            evaluate_bounds(&request, &policies, |key| key.starts_with("aws:requesttag/"));
        let certain = evaluate(&request, &policies).allowed;
        assert!(best.allowed || !certain && !worst.allowed, "{text}: the best is never worse");
        assert!(certain || !worst.allowed, "{text}: the worst is never better");
        (worst.allowed, best.allowed, if best.allowed == worst.allowed { Vec::new() } else { keys })
    }

    #[test]
    fn a_key_that_is_not_known_leaves_it_open_and_one_that_is_known_does_not() {
        let all = |conditions: &Value| statement("Allow", "*", conditions);
        let denied = |conditions: &Value| vec![all(&json!({})), statement("Deny", "*", conditions)];
        let open = |key: &str| (false, true, vec![key.to_owned()]);
        let (yes, no) = ((true, true, vec![]), (false, false, vec![]));

        assert_eq!(bounds(&[all(&json!({}))]), yes);
        assert_eq!(bounds(&[all(&json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }))]), open("aws:SourceIp"));
        let both = json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "StringEquals": { "aws:RequestTag/owner": "you" } });
        assert_eq!(bounds(&[all(&both)]), no, "the tag is known, and another");
        assert_eq!(
            bounds(&[all(&json!({ "StringEquals": { "aws:RequestTag/team": "a" } }))]),
            no,
            "it has no such tag"
        );
        assert_eq!(bounds(&[all(&json!({ "StringEquals": { "aws:RequestTag/owner": "me" } }))]), yes);

        // a deny holds by its operator where the key is absent, or may hold where it is there
        assert_eq!(bounds(&denied(&json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1" } }))), open("aws:SourceVpc"));
        for (operator, key, value) in [
            ("Bool", "aws:MultiFactorAuthPresent", "false"),
            ("DateLessThan", "aws:TokenIssueTime", "2026-01-01T00:00:00Z"),
            ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
            ("StringEquals", "aws:ResourceTag/owner", "you"),
        ] {
            assert_eq!(bounds(&denied(&json!({ operator: { key: value } }))), open(key), "{operator}");
        }
        assert_eq!(bounds(&denied(&json!({ "Null": { "aws:RequestTag/team": "true" } }))), no);
        assert_eq!(bounds(&denied(&json!({ "Null": { "aws:RequestTag/owner": "true" } }))), yes);
        let of_another = json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1", "aws:RequestTag/owner": "me" } });
        assert_eq!(bounds(&denied(&of_another)), yes, "the deny is not about this owner");
        let twice =
            [denied(&json!({ "Bool": { "aws:MultiFactorAuthPresent": "false" } })), denied(&json!({}))].concat();
        assert_eq!(bounds(&twice), no, "another statement denies it whatever comes");
    }

    #[test]
    fn a_variable_without_a_value_is_open_too() {
        let by_team = json!({ "StringEquals": { "aws:RequestTag/owner": "${aws:PrincipalTag/owner}" } });
        let open = (false, true, vec!["aws:principaltag/owner".to_owned()]);
        assert_eq!(bounds(&[statement("Allow", "*", &by_team)]), open);
        let not_by_team = json!({ "StringNotEquals": { "aws:RequestTag/owner": "${aws:PrincipalTag/owner}" } });
        assert_eq!(bounds(&[statement("Allow", "*", &json!({})), statement("Deny", "*", &not_by_team)]), open);

        let own = "arn:aws:kms:*:*:alias/${aws:PrincipalTag/owner}";
        assert_eq!(bounds(&[statement("Allow", own, &json!({}))]), open);
        assert_eq!(bounds(&[statement("Allow", "*", &json!({})), statement("Deny", own, &json!({}))]), open);
        let mut others = statement("Deny", own, &json!({}));
        let resource = others.as_object_mut().expect("an object").remove("Resource").expect("a resource");
        others["NotResource"] = resource;
        assert_eq!(bounds(&[statement("Allow", "*", &json!({})), others]), open);

        let mut either = statement("Allow", own, &json!({}));
        either["Resource"] = json!([own, KEY]);
        assert_eq!(bounds(&[either]), (true, true, vec![]), "the other resource is this one");
    }
}
