//! Whether the names that a deployment gives are free, or ours, or somebody else's.

mod look;
#[cfg(test)]
pub(super) mod tests;

use std::collections::{BTreeMap, HashSet};

use aws::adoption::choice_of;
use config::{Domain, Network, OidcProvider, Zone};
use futures::future::{BoxFuture, join_all};

use super::{Doctor, ask::Answer, check::Check, credentials::Account};
use deploy::publication;

/// Where GitHub's tokens come from; an account has one provider for it.
const GITHUB: &str = "token.actions.githubusercontent.com";

/// The kind of keys' aliases.
const ALIAS: &str = "key-alias";

/// Tags by key.
type Tags = BTreeMap<String, String>;

/// A kind of thing that has a name, which exists once.
struct Kind {
    /// In the check's id.
    slug: &'static str,
    /// What people call many of it.
    many: &'static str,
    /// Pulumi's type.
    token: &'static str,
    /// What a deployment makes of it: its name in the program, and its name on AWS.
    names: fn(&Zone) -> Vec<(String, String)>,
    /// Whether AWS would make a second one beside it: then one that exists is in nobody's way.
    beside: bool,
    look: for<'a> fn(&'a Account, &'a str) -> BoxFuture<'a, Answer<Sight>>,
}

/// What is seen under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sight {
    Free,
    /// Somebody else's, whom nobody here can ask.
    Elsewhere(String),
    There {
        /// What it may be called in the state; the first is what an import wants.
        ids: Vec<String>,
        whose: Whose,
    },
}

/// What proves whose a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whose {
    /// Its tags.
    Tags(Tags),
    /// Something else, which says that it is ours.
    Ours(String),
    /// Something else, which does not.
    NotOurs(String),
}

macro_rules! kind {
    ($slug:expr, $many:literal, $token:literal, $look:ident, $names:expr) => {
        kind!(false, $slug, $many, $token, $look, $names)
    };
    ($beside:literal, $slug:expr, $many:literal, $token:literal, $look:ident, $names:expr) => {
        Kind {
            slug: $slug,
            many: $many,
            token: $token,
            names: $names,
            beside: $beside,
            look: |at, name| Box::pin(look::$look(at, name)),
        }
    };
}

/// Every kind. A new one is one entry, and a way to look in `look.rs`.
const KINDS: &[Kind] = &[
    kind!("bucket", "S3 buckets", "aws:s3/bucket:Bucket", bucket, |zone| {
        zone.buckets.iter().map(|b| (b.purpose.clone(), zone.bucket_name(&b.purpose))).collect()
    }),
    kind!(ALIAS, "KMS aliases", "aws:kms/alias:Alias", key_alias, |zone| {
        zone.classes.iter().map(|c| (c.name.clone(), zone.alias_name(&c.name))).collect()
    }),
    kind!("event-bus", "event buses", "aws:cloudwatch/eventBus:EventBus", event_bus, |zone| {
        of_stack(zone, "events", zone.domains.iter().map(|d| (d.bus.clone(), d.bus.clone())))
    }),
    kind!("event-archive", "event archives", "aws:cloudwatch/eventArchive:EventArchive", event_archive, |zone| {
        let archive = |d: &Domain| (d.bus.clone(), zone.env_name(&format!("{}-archive", d.bus)));
        of_stack(zone, "events", zone.domains.iter().map(archive))
    }),
    kind!("queue", "SQS queues", "aws:sqs/queue:Queue", queue, |zone| {
        let of_bus = |bus: &String| (format!("{bus}-dlq"), zone.env_name(&format!("{bus}-events-dlq")));
        let buses = of_stack(zone, "events", zone.domains.iter().map(|d| of_bus(&d.bus)));
        let failed = of_stack(zone, "delivery", [("dlq".to_owned(), zone.full_name("firehose-dlq"))]);
        [buses, failed].concat()
    }),
    kind!("role", "IAM roles", "aws:iam/role:Role", role, |zone| {
        let platform = [("access", "cicd"), ("access", "break-glass"), ("trail", "trail"), ("delivery", "delivery")];
        let own = |name: &str| (name.to_owned(), format!("{}-{name}", zone.platform()));
        let platform = platform.iter().flat_map(|(stack, name)| of_stack(zone, stack, [own(name)]));
        let mut domains = of_stack(zone, "roles", zone.domains.iter().map(|d| (d.bus.clone(), d.role.clone())));
        domains.extend(platform);
        domains
    }),
    kind!("policy", "IAM policies", "aws:iam/policy:Policy", policy, |zone| {
        of_stack(zone, "access", [("secrets-read".to_owned(), format!("{}-secrets-read", zone.prefix))])
    }),
    kind!(
        "oidc-provider",
        "OIDC providers",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        oidc_provider,
        |zone| {
            let own = zone.access.iter().filter(|access| access.oidc_provider == OidcProvider::Own);
            own.map(|_| ("github".to_owned(), GITHUB.to_owned())).collect()
        }
    ),
    kind!("pool-domain", "user pool domains", "aws:cognito/userPoolDomain:UserPoolDomain", pool_domain, |zone| {
        let pools = zone.identity.iter().flat_map(|identity| zone.pools.iter().map(move |pool| (identity, pool)));
        pools.map(|(identity, pool)| (pool.name.clone(), zone.pool_domain(identity, pool))).collect()
    }),
    kind!("stream", "delivery streams", "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", stream, |zone| {
        zone.streams.iter().map(|s| (s.name.clone(), s.name.clone())).collect()
    }),
    kind!("log-group", "log groups", "aws:cloudwatch/logGroup:LogGroup", log_group, |zone| {
        let platform = zone.platform();
        let own =
            of_stack(zone, "observability", [(platform.clone(), format!("/aws/{platform}/{}", zone.environment))]);
        let trail = ("trail".to_owned(), format!("/aws/cloudtrail/{}", zone.env_name(&zone.trail_name())));
        let of_stream = |name: &String| (name.clone(), format!("/aws/kinesisfirehose/{name}"));
        let streams = zone.streams.iter().map(|s| of_stream(&s.name)).collect();
        [own, of_stack(zone, "trail", [trail]), streams].concat()
    }),
    kind!("trail", "trails", "aws:cloudtrail/trail:Trail", trail, |zone| {
        of_stack(zone, "trail", [(zone.trail_name(), zone.trail_name())])
    }),
    kind!("topic", "SNS topics", "aws:sns/topic:Topic", topic, |zone| {
        let name = zone.env_name(&format!("{}-alerts", zone.platform()));
        of_stack(zone, "observability", [("alerts".to_owned(), name)])
    }),
    kind!("sampling-rule", "X-Ray sampling rules", "aws:xray/samplingRule:SamplingRule", sampling_rule, |zone| {
        let name = zone.env_name(&format!("{}-default", zone.platform()));
        of_stack(zone, "observability", [("default".to_owned(), name)])
    }),
    kind!(true, "vpc", "VPCs", "aws:ec2/vpc:Vpc", vpc, |zone| {
        let own = zone.network.iter().filter_map(Network::own);
        own.map(|vpc| ("vpc".to_owned(), vpc.cidr.to_string())).collect()
    }),
    kind!(true, "user-pool", "user pools", "aws:cognito/userPool:UserPool", user_pool, |zone| {
        zone.pools.iter().map(|pool| (pool.name.clone(), zone.full_name(&pool.name))).collect()
    }),
];

/// What a stack names, where the zone has it.
fn of_stack(zone: &Zone, stack: &str, names: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    if zone.has(stack) { names.into_iter().collect() } else { Vec::new() }
}

/// How many things of our names exist already in the account, by kind.
pub(super) type Existing = BTreeMap<&'static str, usize>;

/// The checks of this topic, and what exists already.
pub(super) async fn examine(doctor: &Doctor<'_>) -> (Vec<Check>, Existing) {
    let member = match &doctor.member {
        Ok(member) => member,
        Err(why) => return (vec![Check::not_evaluated("names", why)], Existing::new()),
    };
    let named = KINDS.iter().flat_map(|kind| (kind.names)(doctor.zone).into_iter().map(move |names| (kind, names)));
    let looks = named.map(async |(kind, (logical, name))| {
        let sight = (kind.look)(member, &name).await;
        let exists = matches!(sight, Ok(Sight::There { .. }));
        (kind.slug, exists, judge(kind, &logical, &name, sight, doctor.zone, &doctor.known))
    });
    let mut existing = Existing::new();
    let mut checks = Vec::new();
    for (slug, exists, check) in join_all(looks).await {
        *existing.entry(slug).or_default() += usize::from(exists);
        checks.push(check);
    }
    checks.extend(parameters(doctor, member).await);
    (checks, existing)
}

/// The contract's parameters that exist and that no deployment of ours published.
async fn parameters(doctor: &Doctor<'_>, member: &Account) -> Vec<Check> {
    let root = doctor.zone.parameter_root();
    let id = "names.parameter";
    let live = match look::parameters(member, &root).await {
        Ok(live) => live,
        Err(error) => return vec![Check::unanswered(id, error)],
    };
    let token = "aws:ssm/parameter:Parameter";
    let is_known = |name: &String| doctor.known.contains(&(token.to_owned(), name.clone()));
    let promised: HashSet<String> =
        publication::promised(doctor.zone).into_iter().map(|entry| format!("{root}/{}", entry.name)).collect();
    let unknown: Vec<_> = live.into_iter().filter(|name| promised.contains(name) && !is_known(name)).collect();
    let looks = unknown.iter().map(async |name| (name, look::parameter_tags(member, name).await));
    let mut checks = Vec::new();
    for (name, tags) in join_all(looks).await {
        let id = format!("{id}.{name}");
        match tags.map(|tags| proof(&Whose::Tags(tags), &doctor.zone.tags)) {
            Err(error) => checks.push(Check::unanswered(id, error)),
            Ok(Ok(())) => {}
            Ok(Err(why)) => checks.push(
                Check::problem(id, format!("exists, and `zone up` does not adopt it by itself: {why}")).adoptable(
                    name,
                    &doctor.zone.environment,
                    "remove it",
                ),
            ),
        }
    }
    if checks.is_empty() {
        checks.push(Check::ok(id, format!("the contract's names below {root} are free, or ours")));
    }
    checks
}

fn judge(
    kind: &Kind,
    logical: &str,
    name: &str,
    sight: Answer<Sight>,
    zone: &Zone,
    known: &HashSet<(String, String)>,
) -> Check {
    let id = format!("names.{}.{name}", kind.slug);
    let is_known = |id: &str| known.contains(&(kind.token.to_owned(), id.to_owned()));
    let check = match sight {
        Err(error) => Check::unanswered(id, error),
        Ok(Sight::Free) if is_known(name) => Check::warning(id, "it is in the state, but not in AWS")
            .hint("`zone refresh` records that, and `zone up` creates it again"),
        Ok(Sight::Free) => Check::ok(id, "free"),
        Ok(Sight::Elsewhere(why)) => Check::problem(id, why)
            .hint("choose another name in config/ (for buckets: `bucket_suffix` of the environment)"),
        Ok(Sight::There { ids, .. }) if ids.iter().any(|id| is_known(id)) => Check::ok(id, "deployed"),
        Ok(Sight::There { ids, whose }) => match proof(&whose, &zone.tags) {
            Ok(()) => Check::ok(id, "exists, not in the state, and is ours: adopted by `zone up`"),
            Err(why) => standing(kind, logical, name, &ids, &whose, &why, zone),
        },
    };
    check.one_of(kind.many)
}

/// Something exists, and is not ours.
fn standing(kind: &Kind, logical: &str, name: &str, ids: &[String], whose: &Whose, why: &str, zone: &Zone) -> Check {
    let id = format!("names.{}.{name}", kind.slug);
    let own = ids.first().map_or(name, String::as_str);
    let check = if kind.beside {
        Check::warning(id, format!("{own} exists, and `zone up` creates another one: {why}"))
    } else {
        Check::problem(id, format!("exists, and `zone up` does not adopt it by itself: {why}"))
    };
    if matches!(whose, Whose::Tags(live) if is_other_environment(live, &zone.tags)) {
        return check.hint(
            "two environments cannot share an account: deploy to another account, or destroy that environment first",
        );
    }
    // of a key's alias, the key itself has to be adopted, too, or what it encrypted has a key that nobody manages
    let choice = match ids {
        [alias, key] if kind.slug == ALIAS => format!("{alias},{logical}={key}"),
        _ if kind.beside => format!("{logical}={own}"),
        _ => choice_of(own).to_owned(),
    };
    let instead = if kind.beside { "leave it alone" } else { "choose another name, remove it" };
    check.adoptable(choice, &zone.environment, instead)
}

/// Whether a deployment would take a thing over; else why not.
fn proof(whose: &Whose, tags: &Tags) -> Result<(), String> {
    match whose {
        Whose::Ours(_) => Ok(()),
        Whose::NotOurs(why) => Err(why.clone()),
        Whose::Tags(live) if is_other_environment(live, tags) => {
            Err(format!("it is environment `{}`'s", live[ENVIRONMENT]))
        }
        Whose::Tags(live) => {
            let lacking: Vec<_> =
                tags.iter().filter(|(k, v)| live.get(*k) != Some(v)).map(|(k, _)| k.as_str()).collect();
            match lacking.as_slice() {
                [] => Ok(()),
                lacking if lacking.len() == tags.len() => Err("it carries none of our tags".to_owned()),
                lacking => Err(format!("its tags differ from ours in {}", lacking.join(", "))),
            }
        }
    }
}

const ENVIRONMENT: &str = "environment";

/// Whether these are the tags of another environment of the same zone.
pub(super) fn is_other_environment(live: &Tags, tags: &Tags) -> bool {
    let same = |key: &String| live.get(key).is_some_and(|value| Some(value) == tags.get(key));
    let (environment, others): (Vec<_>, Vec<_>) = tags.keys().partition(|key| *key == ENVIRONMENT);
    live.contains_key(ENVIRONMENT) && others.into_iter().all(same) && !environment.into_iter().all(same)
}
