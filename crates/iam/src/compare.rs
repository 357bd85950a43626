//! Compares what policies mean: which requests one lets through that another does not.
//!
//! There are endlessly many requests, so some are tried: for each statement, an action of every set of actions that the two
//! policies tell apart, resources of every pattern, principals of every name, and values of every key that its conditions need.
//! What is found is certain, and shown by a request. What is not found is not proved.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    condition::Sample,
    context::Context,
    document::{Effect, Policy},
    principal::Principal,
    request::Request,
    statement::Statement,
    table,
};

/// Stands for what no policy names.
const OTHER: &str = "zone0other";
/// Values of keys that are tried together, at most, for one statement.
const TOGETHER: usize = 64;

/// Whom the policies are about.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Who has the policies, where they name nobody.
    pub principal: Principal,
    /// The account that owns the resources.
    pub account: String,
}

/// A request that one set of policies lets further than the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// Who asks; of policies that name somebody.
    pub principal: Option<String>,
    /// The keys that the request needs, with their values.
    pub context: BTreeMap<String, String>,
    /// The statement that allows it now, or that denied it before.
    pub statement: String,
    /// Whether it is allowed now; otherwise it is denied no more, and other policies decide.
    pub allowed: bool,
}

/// What policies of one kind say of a request, from little to much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Denied,
    Silent,
    Allowed,
}

/// The requests that `more` lets further than `less`, one for each statement and set of actions.
pub fn beyond(more: &[Policy], less: &[Policy], setting: &Setting) -> Vec<Difference> {
    Search::new(more, less, setting).run()
}

struct Search<'a> {
    more: Vec<&'a Statement>,
    less: Vec<&'a Statement>,
    setting: &'a Setting,
    base: Context,
    /// One action of every set that the statements tell apart.
    actions: Vec<(String, String)>,
    resources: BTreeSet<String>,
    principals: Vec<Principal>,
    names_somebody: bool,
}

impl<'a> Search<'a> {
    fn new(more: &'a [Policy], less: &'a [Policy], setting: &'a Setting) -> Self {
        let of = |policies: &'a [Policy]| policies.iter().flat_map(|policy| &policy.statements).collect::<Vec<_>>();
        let (more, less) = (of(more), of(less));
        let base = Request::new(setting.principal.clone(), "", "*", &setting.account, Context::new()).context;
        let all: Vec<&Statement> = more.iter().chain(&less).copied().collect();
        let mut resources = BTreeSet::from(["*".to_owned(), format!("arn:aws:{OTHER}:::{OTHER}")]);
        for listed in all.iter().filter_map(|statement| statement.resources.as_ref()) {
            resources.extend(listed.items.iter().flat_map(|pattern| pattern.samples(&base, OTHER)));
            resources.remove("");
        }
        let mut principals = Vec::new();
        let mut add = |principal: Principal| {
            if !principals.contains(&principal) {
                principals.push(principal);
            }
        };
        let named: Vec<_> = all.iter().filter_map(|statement| statement.principals.as_ref()).collect();
        let names_somebody = !named.is_empty();
        if names_somebody {
            named.iter().flat_map(|of| &of.named).filter_map(|named| named.sample(OTHER)).for_each(&mut add);
            add(Principal::Anonymous);
            add(Principal::User(format!("arn:aws:iam::{}:user/{OTHER}", setting.account)));
            add(Principal::User(format!("arn:aws:iam::000000000000:user/{OTHER}")));
        }
        add(setting.principal.clone());
        Self { actions: actions(&all), more, less, setting, base, resources, principals, names_somebody }
    }

    fn run(&self) -> Vec<Difference> {
        let allows = self.more.iter().filter(|s| s.effect == Effect::Allow);
        let denied = self.less.iter().filter(|s| s.effect == Effect::Deny);
        let others: Vec<&Statement> = self.more.iter().chain(&self.less).copied().collect();
        allows.chain(denied).flat_map(|statement| self.of(statement, &others)).collect()
    }

    /// What the statement lets further, or held back.
    fn of(&self, source: &Statement, others: &[&Statement]) -> Vec<Difference> {
        let mut contexts = self.contexts(source, None);
        for other in others.iter().filter(|other| !other.conditions.is_empty() && **other != source) {
            for context in self.contexts(source, Some(other)) {
                if !contexts.contains(&context) {
                    contexts.push(context);
                }
            }
        }
        let acts = |action: &&(String, String)| {
            source.actions.items.iter().any(|pattern| pattern.is(action)) != source.actions.turned
        };
        self.actions.iter().filter(acts).filter_map(|action| self.first(source, action, &contexts)).collect()
    }

    fn first(&self, source: &Statement, action: &(String, String), contexts: &[Context]) -> Option<Difference> {
        for principal in &self.principals {
            for resource in &self.resources {
                for context in contexts {
                    let mut keys = context.clone();
                    if self.names_somebody {
                        // who asks decides these
                        for key in [
                            "aws:PrincipalArn",
                            "aws:PrincipalAccount",
                            "aws:PrincipalType",
                            "aws:PrincipalIsAWSService",
                            "aws:username",
                        ] {
                            if self.base.get(&key.to_ascii_lowercase()) == keys.get(&key.to_ascii_lowercase()) {
                                keys.remove(key);
                            }
                        }
                    }
                    let name = format!("{}:{}", action.0, action.1);
                    let request = Request::new(principal.clone(), &name, resource, &self.setting.account, keys);
                    if !source.covers(&request) || source.names(&request).is_none() {
                        continue;
                    }
                    let (now, before) = (verdict(&self.more, &request), verdict(&self.less, &request));
                    if now > before {
                        return Some(self.difference(source, &name, &request, now));
                    }
                }
            }
        }
        None
    }

    fn difference(&self, source: &Statement, name: &str, request: &Request, now: Verdict) -> Difference {
        let own =
            Request::new(request.principal.clone(), name, &request.resource, &self.setting.account, Context::new());
        let needed = request.context.iter().filter(|(key, values)| own.context.get(key) != Some(values));
        Difference {
            action: table::action(name).map_or_else(|| name.to_owned(), ToString::to_string),
            resource: request.resource.clone(),
            principal: self.names_somebody.then(|| shown(&request.principal)),
            context: needed.map(|(key, values)| (key.to_owned(), values.join(", "))).collect(),
            statement: source.label.to_string(),
            allowed: now == Verdict::Allowed,
        }
    }

    /// Contexts in which the conditions of a statement hold, and those of another as well.
    fn contexts(&self, source: &Statement, other: Option<&Statement>) -> Vec<Context> {
        let mut contexts = vec![self.base.clone()];
        let conditions = source.conditions.iter().chain(other.into_iter().flat_map(|other| &other.conditions));
        for condition in conditions {
            let key = condition.key();
            let mut next = Vec::new();
            for context in &contexts {
                for sample in condition.samples(OTHER) {
                    let mut context = context.clone();
                    match sample {
                        Sample::Absent => context.remove(key),
                        Sample::Value(value) => context.set(key, value),
                    }
                    next.push(context);
                    if next.len() >= TOGETHER {
                        break;
                    }
                }
            }
            contexts = next;
            contexts.truncate(TOGETHER);
        }
        contexts
    }
}

/// One action for each set of actions that the statements tell apart, and one that AWS does not have.
fn actions(statements: &[&Statement]) -> Vec<(String, String)> {
    let patterns: Vec<_> = statements.iter().flat_map(|statement| &statement.actions.items).collect();
    let lower = |name: &str| name.to_ascii_lowercase();
    let known = table::actions().map(|action| (action.service.to_owned(), lower(action.name)));
    // an action that is named and that the table lacks
    let named = patterns.iter().filter(|pattern| !pattern.written().contains(['*', '?']));
    let named = named.filter_map(|pattern| {
        let lower = lower(pattern.written());
        lower.split_once(':').map(|(service, name)| (service.to_owned(), name.to_owned()))
    });
    let mut sets: BTreeMap<Vec<bool>, (String, String)> = BTreeMap::new();
    for action in known.chain(named).chain([(OTHER.to_owned(), OTHER.to_owned())]) {
        let set: Vec<bool> = patterns.iter().map(|pattern| pattern.is(&action)).collect();
        sets.entry(set).or_insert(action);
    }
    sets.into_values().collect()
}

fn verdict(statements: &[&Statement], request: &Request) -> Verdict {
    let speaks = |effect: Effect| {
        statements.iter().any(|s| s.effect == effect && s.covers(request) && s.names(request).is_some())
    };
    match () {
        () if speaks(Effect::Deny) => Verdict::Denied,
        () if speaks(Effect::Allow) => Verdict::Allowed,
        () => Verdict::Silent,
    }
}

fn shown(principal: &Principal) -> String {
    match principal {
        Principal::Service(name) | Principal::Federated(name) => name.clone(),
        Principal::Anonymous => "anybody".to_owned(),
        other => other.principal_arn().unwrap_or_default(),
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {}", self.action, self.resource.replace(OTHER, "..."))?;
        if let Some(principal) = &self.principal {
            write!(f, " by {}", principal.replace(OTHER, "..."))?;
        }
        for (at, (key, value)) in self.context.iter().enumerate() {
            let word = if at == 0 { "with" } else { "and" };
            write!(f, " {word} {key} = {}", value.replace(OTHER, "..."))?;
        }
        write!(f, " (statement {})", self.statement)
    }
}

#[cfg(test)]
mod tests {
    use super::{Setting, beyond};
    use crate::{
        document::{Kind, Policy},
        principal::Principal,
    };

    fn setting() -> Setting {
        let role = "arn:aws:iam::111122223333:role/app".to_owned();
        Setting { principal: Principal::Session { role, name: "s".into() }, account: "111122223333".into() }
    }

    fn policy(kind: Kind, statements: &[&str]) -> Vec<Policy> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        vec![Policy::parse(&text, kind).unwrap_or_else(|error| panic!("{text}: {error}"))]
    }

    fn said(kind: Kind, more: &[&str], less: &[&str]) -> Vec<String> {
        let found = beyond(&policy(kind, more), &policy(kind, less), &setting());
        found.iter().map(ToString::to_string).collect()
    }

    const READ: &str = r#"{"Sid":"R","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;

    #[test]
    fn what_means_the_same_is_the_same() {
        for other in [
            r#"{"Effect":"Allow","Action":["s3:getobject"],"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b/x"]}"#,
            r#"{"Effect":"Allow","Action":"s3:GetObjec?","Resource":"arn:aws:s3:::b/*"}"#,
        ] {
            assert_eq!(said(Kind::Identity, &[other], &[READ]), [""; 0], "{other}");
            assert_eq!(said(Kind::Identity, &[READ], &[other]), [""; 0], "{other}");
        }
    }

    #[test]
    fn what_allows_more_is_shown_by_a_request() {
        for (more, shown) in [
            (
                r#"{"Sid":"N","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}"#,
                "s3:GetAccelerateConfiguration on arn:aws:s3:::b/",
            ),
            (
                r#"{"Sid":"N","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b*"}"#,
                "s3:GetObject on arn:aws:s3:::b",
            ),
            (r#"{"Sid":"N","Effect":"Allow","Action":"*","Resource":"*"}"#, "on "),
            (r#"{"Sid":"N","Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#, "on "),
            (
                r#"{"Sid":"N","Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/*"}"#,
                "s3:GetObject on ",
            ),
        ] {
            let found = said(Kind::Identity, &[more], &[READ]);
            assert!(
                found.iter().any(|line| line.contains(shown) && line.contains("(statement N)")),
                "{more}\n{found:?}"
            );
        }
    }

    #[test]
    fn a_condition_that_goes_or_grows_is_shown_with_its_key() {
        let when = |condition: &str| {
            format!(
                r#"{{"Sid":"R","Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{{{condition}}}}}"#
            )
        };
        let one = when(r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#);
        let two = when(r#""StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}"#);
        let like = when(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#);
        let free = READ.replace("arn:aws:s3:::b/*", "*");
        for (more, less, shown) in [
            (&two, &one, "with aws:principalorgid = o-2"),
            (&like, &one, "with aws:principalorgid = o-..."),
            (&free, &one, "s3:GetObject on *"),
        ] {
            let found = said(Kind::Identity, &[more], &[less]);
            assert!(found.iter().any(|line| line.contains(shown)), "{more}\n{found:?}");
        }
        assert_eq!(said(Kind::Identity, &[&one], &[&two]), [""; 0]);
        assert_eq!(said(Kind::Identity, &[&one], &[&free]), [""; 0]);
    }

    #[test]
    fn a_deny_that_goes_lets_further_whatever_is_allowed_elsewhere() {
        let deny = r#"{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
        let allow = r#"{"Sid":"A","Effect":"Allow","Principal":{"Service":"x.amazonaws.com"},"Action":"s3:PutObject","Resource":"*"}"#;
        let found = said(Kind::Resource, &[allow], &[allow, deny]);
        assert!(
            found.iter().any(|line| line.contains("aws:securetransport = false") && line.contains("statement Tls")),
            "{found:?}"
        );
        assert_eq!(said(Kind::Resource, &[allow, deny], &[allow]), [""; 0]);
        let narrower = deny.replace(r#""s3:*""#, r#""s3:GetObject""#);
        assert!(!said(Kind::Resource, &[&narrower], &[deny]).is_empty());
    }

    #[test]
    fn who_is_named_anew_is_shown() {
        let to = |whom: &str| {
            format!(r#"{{"Sid":"A","Effect":"Allow","Principal":{whom},"Action":"sqs:SendMessage","Resource":"*"}}"#)
        };
        let own = to(r#"{"AWS":"111122223333"}"#);
        for (whom, shown) in [
            (r#""*""#, "by anybody"),
            (r#"{"AWS":"444455556666"}"#, "by arn:aws:iam::444455556666:user/..."),
            (r#"{"Service":"sns.amazonaws.com"}"#, "by sns.amazonaws.com"),
        ] {
            let found = said(Kind::Resource, &[&own, &to(whom).replace("\"A\"", "\"N\"")], &[&own]);
            assert!(found.iter().any(|line| line.contains(shown)), "{whom} {found:?}");
        }
        assert_eq!(said(Kind::Resource, &[&to(r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#)], &[&own]), [""; 0]);
    }
}
