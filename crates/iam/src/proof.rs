//! Proves what a service control policy that asks for tags does, before it is attached: over every action of the
//! [table], its resource types, subsets of the tags, and kinds of principals.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    context::Context,
    decision::Decision,
    document::{Effect, Kind, Policy},
    error::Malformed,
    evaluate::{Attached, Organization, Policies, evaluate},
    principal::Principal,
    request::Request,
    table::{self, Action},
};

/// The policy and what it has to do.
#[derive(Debug, Clone)]
pub struct Guardrail<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Its document.
    pub document: &'a str,
    /// The tags without any one of which it denies.
    pub tags: &'a [String],
    /// Principals that it never denies, as patterns of their ARNs.
    pub exempt: &'a [String],
    /// The account that it binds.
    pub account: &'a str,
    /// The region of the requests.
    pub region: &'a str,
}

/// A request that a deployment makes, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recorded {
    /// The action: `s3:CreateBucket`.
    pub action: String,
    /// The resource, with `{account}` and `{region}` in their places.
    pub resource: String,
    /// Whether the request carries the zone's tags.
    pub tagged: bool,
}

/// What has been tried, and what does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many requests were decided.
    pub requests: usize,
    /// How many actions they were of.
    pub actions: usize,
    /// How many services these actions are of.
    pub services: usize,
    /// The actions that are denied without the tags, each with the resource types on which it is; empty for an action without
    /// resource types.
    pub guarded: BTreeMap<String, Vec<String>>,
    /// How many of the deployment's own requests were decided.
    pub recorded: usize,
    /// What does not hold, one of a kind for each action.
    pub findings: Vec<Finding>,
}

/// One request that is not decided as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong with it.
    pub fault: Fault,
    /// The action.
    pub action: String,
    /// The resource; empty where there is no request.
    pub resource: String,
    /// Who asks.
    pub principal: String,
    /// The tags that the request carries.
    pub tags: Vec<String>,
    /// What is decided; none where there is no request.
    pub decision: Option<Decision>,
}

/// How a request can be decided wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The policy names an action that AWS does not have, or that the table lacks.
    Unknown,
    /// The policy names the action, and no request of it is denied without the tags.
    NotGuarded,
    /// It is allowed though a tag is missing.
    Gap,
    /// It is denied though it cannot carry tags: nobody could make it.
    LockOut,
    /// It is denied though it carries all tags.
    DeniedWithTags,
    /// It is denied though its principal is exempt.
    NotExempt,
    /// The deployment of the zone makes it, and would be denied.
    OwnRequest,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the policy names an action that AWS does not have",
            Self::NotGuarded => "the policy names an action that it never denies",
            Self::Gap => "a request without a required tag is allowed",
            Self::LockOut => "a request that cannot carry tags is denied",
            Self::DeniedWithTags => "a request with all required tags is denied",
            Self::NotExempt => "an exempt principal is denied",
            Self::OwnRequest => "a request of the zone's own deployment is denied",
        })
    }
}

/// The request, and the statement that decides it.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fault, self.action)?;
        let Some(decision) = &self.decision else { return Ok(()) };
        let tags =
            if self.tags.is_empty() { "no tags".to_owned() } else { format!("the tags {}", self.tags.join(", ")) };
        write!(f, " on {} by {} with {tags}", self.resource, self.principal)?;
        match (&decision.statement, decision.allowed) {
            (Some(statement), false) => write!(f, ": statement {statement} denies it"),
            (_, false) => f.write_str(": no statement allows it"),
            (_, true) => f.write_str(": no statement denies it"),
        }
    }
}

/// A role's name that no exemption is meant for.
const NOBODY: &str = "zone-proof";
/// An action that no policy names.
const UNHEARD_OF: &str = "unheard-of:Act";
/// More tags than this are tried none, all, and all but each, instead of in every subset.
const EVERY_SUBSET: usize = 5;

/// Tries every action of the table.
///
/// # Errors
///
/// The document is not a service control policy.
pub fn prove(guardrail: &Guardrail<'_>, recorded: &[Recorded]) -> Result<Proof, Malformed> {
    let policy = Policy::parse(guardrail.document, Kind::ServiceControl)?;
    let named: BTreeSet<String> = policy
        .patterns()
        .filter(|(effect, turned, _)| *effect == Effect::Deny && !turned)
        .map(|(_, _, pattern)| pattern.to_owned())
        .collect();
    let mut court = Court::new(guardrail, policy);
    for pattern in &named {
        if table::matching(pattern).next().is_none() {
            court.say(Fault::Unknown, pattern, None);
        }
    }
    for action in table::actions() {
        court.action(action, &named);
    }
    // whatever AWS has beside the table, and will have
    court.target(UNHEARD_OF, &Target { kind: String::new(), arn: "*".to_owned(), takes_tags: false });
    for request in recorded {
        court.own(request);
    }
    court.proof.services = table::services().count();
    Ok(court.proof)
}

/// Decides requests, and keeps what does not hold.
struct Court<'a> {
    guardrail: &'a Guardrail<'a>,
    policies: Policies,
    subsets: Vec<Vec<&'a str>>,
    ordinary: Vec<Principal>,
    exempt: Vec<Principal>,
    proof: Proof,
}

/// A resource of one type that an action is about.
struct Target {
    kind: String,
    arn: String,
    takes_tags: bool,
}

impl<'a> Court<'a> {
    fn new(guardrail: &'a Guardrail<'a>, policy: Policy) -> Self {
        // whatever else AWS asks allows everything, so that the guardrail alone decides
        let level = vec![Attached::new("FullAWSAccess", Policy::everything()), Attached::new(guardrail.name, policy)];
        let organization =
            Organization { management: String::new(), service_control: vec![level], resource_control: Vec::new() };
        let policies = Policies {
            identity: vec![Attached::new("AdministratorAccess", Policy::everything())],
            resource: Some(Attached::new("everybody", Policy::everything())),
            organization: Some(organization),
            ..Policies::default()
        };
        let account = guardrail.account;
        let ordinary = vec![
            Principal::Session { role: format!("arn:aws:iam::{account}:role/{NOBODY}"), name: NOBODY.to_owned() },
            Principal::User(format!("arn:aws:iam::{account}:user/{NOBODY}")),
            Principal::Root(account.to_owned()),
        ];
        let exempt = guardrail.exempt.iter().map(|pattern| like(pattern, account)).collect();
        let all: Vec<&str> = guardrail.tags.iter().map(String::as_str).collect();
        Self { guardrail, policies, subsets: subsets(&all), ordinary, exempt, proof: Proof::default() }
    }

    fn say(&mut self, fault: Fault, action: &str, request: Option<(&str, &Principal, &[&str], Decision)>) {
        // one of a kind tells as much as a hundred
        if self.proof.findings.iter().any(|finding| finding.fault == fault && finding.action == action) {
            return;
        }
        let finding = Finding {
            fault,
            action: action.to_owned(),
            resource: String::new(),
            principal: String::new(),
            tags: Vec::new(),
            decision: None,
        };
        self.proof.findings.push(match request {
            None => finding,
            Some((resource, principal, tags, decision)) => Finding {
                resource: resource.to_owned(),
                principal: principal.principal_arn().unwrap_or_default(),
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                decision: Some(decision),
                ..finding
            },
        });
    }

    fn decide(&mut self, principal: &Principal, action: &str, resource: &str, tags: &[&str]) -> Decision {
        self.proof.requests += 1;
        let mut context = Context::new();
        for tag in tags {
            context.set(&format!("aws:RequestTag/{tag}"), "value");
        }
        if !tags.is_empty() {
            context.set_all("aws:TagKeys", tags.iter().map(|tag| (*tag).to_owned()).collect());
        }
        context.set("aws:RequestedRegion", self.guardrail.region);
        let request = Request::new(principal.clone(), action, resource, self.guardrail.account, context);
        evaluate(&request, &self.policies)
    }

    fn action(&mut self, action: &Action, named: &BTreeSet<String>) {
        self.proof.actions += 1;
        let name = action.to_string();
        let mut is_denied = false;
        for target in self.targets(action) {
            is_denied |= self.target(&name, &target);
        }
        let is_named = || named.iter().any(|pattern| pattern.eq_ignore_ascii_case(&name));
        if !is_denied && is_named() {
            self.say(Fault::NotGuarded, &name, None);
        }
    }

    /// Tries one action on one type of resource; whether it is denied without tags.
    fn target(&mut self, action: &str, target: &Target) -> bool {
        let all: Vec<&str> = self.guardrail.tags.iter().map(String::as_str).collect();
        let (mut is_guarded, mut is_locked) = (false, false);
        for principal in self.ordinary.clone() {
            let bare = self.decide(&principal, action, &target.arn, &[]);
            if bare.allowed {
                // tags never make a request worse
                let full = self.decide(&principal, action, &target.arn, &all);
                if !full.allowed {
                    self.say(Fault::DeniedWithTags, action, Some((&target.arn, &principal, &all, full)));
                }
                continue;
            }
            if !target.takes_tags {
                is_locked = true;
                self.say(Fault::LockOut, action, Some((&target.arn, &principal, &[], bare)));
                continue;
            }
            is_guarded = true;
            for tags in self.subsets.clone() {
                let decision = self.decide(&principal, action, &target.arn, &tags);
                let fault = match (tags.len() == all.len(), decision.allowed) {
                    (true, false) => Fault::DeniedWithTags,
                    (false, true) => Fault::Gap,
                    _ => continue,
                };
                self.say(fault, action, Some((&target.arn, &principal, &tags, decision)));
            }
        }
        if is_guarded {
            let kinds = self.proof.guarded.entry(action.to_owned()).or_default();
            kinds.extend((!target.kind.is_empty()).then(|| target.kind.clone()));
            for principal in self.exempt.clone() {
                let decision = self.decide(&principal, action, &target.arn, &[]);
                if !decision.allowed {
                    self.say(Fault::NotExempt, action, Some((&target.arn, &principal, &[], decision)));
                }
            }
            // it binds every kind of principal, or none
            for principal in self.ordinary.clone() {
                let decision = self.decide(&principal, action, &target.arn, &[]);
                if decision.allowed {
                    self.say(Fault::Gap, action, Some((&target.arn, &principal, &[], decision)));
                }
            }
        }
        is_guarded || is_locked
    }

    /// A resource of each type that the action is about; of an action without types, every resource.
    fn targets(&self, action: &Action) -> Vec<Target> {
        let takes = |keys: &[String]| keys.iter().any(|key| key.starts_with("aws:RequestTag/"));
        let of_action = takes(&action.condition_keys);
        let place = |name: &str| match name {
            "Partition" => "aws",
            "Region" => self.guardrail.region,
            "Account" => self.guardrail.account,
            _ => "example",
        };
        let mut targets: Vec<Target> = action
            .resources
            .iter()
            .map(|of| Target {
                kind: of.name.to_owned(),
                arn: of.filled(place),
                // AWS lists the key with the action where every type takes it, and with the types where only some do
                takes_tags: takes(&of.condition_keys) || of_action,
            })
            .collect();
        if targets.is_empty() {
            targets.push(Target { kind: String::new(), arn: "*".to_owned(), takes_tags: action.takes_request_tags() });
        }
        targets
    }

    fn own(&mut self, request: &Recorded) {
        self.proof.recorded += 1;
        let at =
            request.resource.replace("{account}", self.guardrail.account).replace("{region}", self.guardrail.region);
        let all: Vec<&str> = self.guardrail.tags.iter().map(String::as_str).collect();
        let tags = if request.tagged { &all[..] } else { &[] };
        let principal = self.ordinary[0].clone();
        let decision = self.decide(&principal, &request.action, &at, tags);
        if !decision.allowed {
            self.say(Fault::OwnRequest, &request.action, Some((&at, &principal, tags, decision)));
        }
    }
}

/// Somebody whose ARN is like a pattern.
fn like(pattern: &str, account: &str) -> Principal {
    let mut parts: Vec<_> = pattern.splitn(6, ':').map(|part| part.replace('*', "").replace('?', "x")).collect();
    if let Some(of) = parts.get_mut(4).filter(|of| of.is_empty()) {
        account.clone_into(of);
    }
    let arn = parts.join(":");
    if arn.contains(":user/") {
        Principal::User(arn)
    } else {
        Principal::Session { role: arn, name: NOBODY.to_owned() }
    }
}

/// The subsets of the tags that are tried, all of them last.
fn subsets<'a>(all: &[&'a str]) -> Vec<Vec<&'a str>> {
    if all.len() <= EVERY_SUBSET {
        let of =
            |bits: usize| all.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0).map(|(_, tag)| *tag).collect();
        return (0..1 << all.len()).map(of).collect();
    }
    let without = |left: &&&str| all.iter().filter(|tag| **tag != **left).copied().collect::<Vec<_>>();
    let mut tried = vec![Vec::new()];
    tried.extend(all.iter().map(|left| without(&left)));
    tried.push(all.to_vec());
    tried
}

#[cfg(test)]
mod tests {
    use super::{Fault, Finding, Guardrail, Proof, Recorded, prove};

    const GUARDRAIL: &str = include_str!("../../../policies/scp/require_tags.exempt.json");

    fn tried(document: &str, recorded: &[Recorded]) -> Proof {
        let tags = ["owner", "environment"].map(str::to_owned);
        let exempt = ["arn:aws:iam::*:role/AcmeBootstrap".to_owned()];
        let (account, region) = ("111122223333", "eu-central-1");
        let guardrail = Guardrail { name: "g", document, tags: &tags, exempt: &exempt, account, region };
        prove(&guardrail, recorded).expect("it is a policy")
    }

    fn faults(document: &str) -> Vec<(Fault, String)> {
        tried(document, &[]).findings.into_iter().map(|finding| (finding.fault, finding.action)).collect()
    }

    #[test]
    fn the_guardrail_denies_without_any_one_of_the_tags_and_locks_nobody_out() {
        let proof = tried(GUARDRAIL, &[]);
        let said: Vec<_> = proof.findings.iter().map(Finding::to_string).collect();
        assert!(said.is_empty(), "{}", said.join("\n"));
        assert_eq!(proof.actions, crate::table::actions().count());
        assert!(proof.requests > 3 * proof.actions, "{}", proof.requests);
        assert_eq!(proof.guarded.len(), 18, "{:?}", proof.guarded);
        assert_eq!(proof.guarded["ec2:CreateSubnet"], ["subnet"]);
        assert!(proof.guarded.contains_key("s3:CreateBucket"));
    }

    /// A statement about one tag.
    fn deny(sid: &str, actions: &str, on: &str, tag: &str) -> String {
        let exempt = r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/AcmeBootstrap"}"#;
        let lacks = format!(r#""Null":{{"aws:RequestTag/{tag}":"true"}}"#);
        format!(
            r#"{{"Sid":"{sid}","Effect":"Deny","Action":{actions},"Resource":"{on}","Condition":{{{lacks},{exempt}}}}}"#
        )
    }

    fn both(actions: &str, on: &str) -> String {
        document(&[deny("A", actions, on, "owner"), deny("B", actions, on, "environment")])
    }

    fn document(statements: &[String]) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    }

    #[test]
    fn whatever_is_wrong_with_a_guardrail_is_found() {
        let is = |fault: Fault, action: &str| vec![(fault, action.to_owned())];
        assert_eq!(faults(&both(r#""s3:CreateBucket""#, "*")), []);
        // a tag that nobody asks for
        let half = document(&[deny("A", r#""s3:CreateBucket""#, "*", "owner")]);
        assert_eq!(faults(&half), is(Fault::Gap, "s3:CreateBucket"));
        // both tags in one statement deny only who has neither
        let one = half.replace(
            r#""aws:RequestTag/owner":"true""#,
            r#""aws:RequestTag/owner":"true","aws:RequestTag/environment":"true""#,
        );
        assert_eq!(faults(&one), is(Fault::Gap, "s3:CreateBucket"));
        // a tag that nobody has
        let third = document(&["owner", "environment", "else"].map(|tag| deny(tag, r#""sqs:CreateQueue""#, "*", tag)));
        assert_eq!(faults(&third), is(Fault::DeniedWithTags, "sqs:CreateQueue"));
        // a key's alias takes no tags
        assert_eq!(faults(&both(r#""kms:CreateAlias""#, "*")), is(Fault::LockOut, "kms:CreateAlias"));
        // nor does the VPC that a subnet is made in
        assert_eq!(faults(&both(r#""ec2:CreateSubnet""#, "*")), is(Fault::LockOut, "ec2:CreateSubnet"));
        assert_eq!(faults(&both(r#""ec2:CreateSubnet""#, "arn:aws:ec2:*:*:subnet/*")), []);
        assert_eq!(faults(&both(r#""s3:MakeBucket""#, "*")), is(Fault::Unknown, "s3:MakeBucket"));
        assert_eq!(
            faults(&both(r#""s3:CreateBucket""#, "arn:aws:s3:::acme-*")),
            is(Fault::NotGuarded, "s3:CreateBucket")
        );
        let nobody = both(r#""s3:CreateBucket""#, "*").replace("AcmeBootstrap", "Other");
        assert_eq!(faults(&nobody), is(Fault::NotExempt, "s3:CreateBucket"));
        // the root user has no role
        let roles =
            both(r#""s3:CreateBucket""#, "*").replace("ArnNotLike", "StringLike").replace("AcmeBootstrap", "zone-*");
        assert_eq!(faults(&roles), is(Fault::Gap, "s3:CreateBucket"));
        let everything = faults(&both(r#""*""#, "*"));
        assert!(everything.contains(&(Fault::LockOut, super::UNHEARD_OF.to_owned())));
        assert!(everything.len() > 1000 && everything.contains(&(Fault::LockOut, "kms:ListKeys".to_owned())));
    }

    #[test]
    fn the_deployments_own_requests_pass_or_are_named() {
        let request = |action: &str, resource: &str, tagged| Recorded {
            action: action.into(),
            resource: resource.into(),
            tagged,
        };
        let own = [
            request("s3:CreateBucket", "arn:aws:s3:::b", true),
            request("ec2:CreateSubnet", "arn:aws:ec2:{region}:{account}:vpc/v", false),
        ];
        let proof = tried(GUARDRAIL, &own);
        assert_eq!((proof.recorded, proof.findings.len()), (2, 0));
        let proof = tried(GUARDRAIL, &[request("kms:CreateKey", "*", false)]);
        let [finding] = &proof.findings[..] else { panic!("{:?}", proof.findings) };
        assert_eq!(
            finding.to_string(),
            "a request of the zone's own deployment is denied: kms:CreateKey on * by arn:aws:iam::111122223333:role/zone-proof \
             with no tags: statement Owner0 denies it"
        );
    }

    #[test]
    fn many_tags_are_tried_each_and_together() {
        assert_eq!(super::subsets(&["a", "b"]), [vec![], vec!["a"], vec!["b"], vec!["a", "b"]]);
        let six = super::subsets(&["a", "b", "c", "d", "e", "f"]);
        assert_eq!((six.len(), six[0].len(), six[1].len(), six[7].len()), (8, 0, 5, 6));
    }
}
