//! The rows of the generic features: `Examples: every bucket`, with a header and no rows, has one for each bucket that is
//! configured, with its values.
//!
//! Expected values stand in these columns and nowhere else: the features are the same for every tenant.

use config::{Bucket, Client, ClientKind, Domain, Network, OidcProvider, Pool, Zone};

use crate::{
    probe::CREATIONS,
    steps::probes::{WAYS, WRONG},
};

/// A thing that is configured, by column.
pub(crate) type Row = Vec<(&'static str, String)>;

/// Stands for the name of the environment that is judged.
pub(crate) const THE_ENVIRONMENT: &str = "{the environment}";

/// What is said of a list without anything in it.
const NOBODY: &str = "nobody";

/// A kind of thing, and those that are configured.
type Collection = (&'static str, fn(&Zone) -> Vec<Row>);

/// All that a feature can ask for. One that begins with `the` has one row, or none where its stack is not deployed.
const COLLECTIONS: &[Collection] = &[
    ("the network", |zone| {
        own(zone)
            .map(|vpc| vec![("cidr", vpc.cidr.to_string()), ("zones", vpc.availability_zones.join(", "))])
            .into_iter()
            .collect()
    }),
    ("every kind of subnet", |zone| {
        own(zone)
            .into_iter()
            .flat_map(|vpc| {
                let addresses = |all: &[config::Cidr]| joined(all.iter().map(ToString::to_string));
                let zones = vpc.availability_zones.join(", ");
                [("public", &vpc.public_subnets), ("private", &vpc.private_subnets)].map(|(kind, all)| {
                    vec![("kind", kind.to_owned()), ("zones", zones.clone()), ("addresses", addresses(all))]
                })
            })
            .collect()
    }),
    ("the network that exists", |zone| {
        zone.network
            .as_ref()
            .and_then(Network::existing)
            .map(|vpc| {
                vec![
                    ("vpc", vpc.vpc_id.clone()),
                    ("public", vpc.public_subnet_ids.join(",")),
                    ("private", vpc.private_subnet_ids.join(",")),
                ]
            })
            .into_iter()
            .collect()
    }),
    ("every class", |zone| {
        zone.classes
            .iter()
            .map(|class| {
                vec![
                    ("class", class.name.clone()),
                    ("alias", zone.alias_name(&class.name)),
                    ("services", or(class.services.join(", "), "no service")),
                    ("days", zone.kms.as_ref().map(|kms| kms.rotation_days.to_string()).unwrap_or_default()),
                ]
            })
            .collect()
    }),
    ("every class with a bucket", |zone| {
        zone.classes
            .iter()
            .filter_map(|class| {
                let buckets = joined(zone.buckets.iter().filter(|b| b.class == class.name).map(|b| b.purpose.clone()));
                (!buckets.is_empty()).then(|| vec![("class", class.name.clone()), ("buckets", buckets)])
            })
            .collect()
    }),
    ("every bucket", |zone| zone.buckets.iter().map(bucket).collect()),
    ("every bucket with one retention", |zone| {
        zone.buckets.iter().filter(|b| one_retention(b)).map(retention).collect()
    }),
    ("every bucket with several retentions", |zone| {
        zone.buckets.iter().filter(|b| !one_retention(b)).map(retention).collect()
    }),
    ("every one of several retentions", |zone| {
        zone.buckets.iter().filter(|b| !one_retention(b)).flat_map(retentions).collect()
    }),
    ("every locked bucket", |zone| {
        zone.buckets
            .iter()
            .filter_map(|bucket| {
                let days = bucket.object_lock_days?;
                Some(vec![
                    ("purpose", bucket.purpose.clone()),
                    ("mode", "GOVERNANCE".to_owned()),
                    ("days", days.to_string()),
                ])
            })
            .collect()
    }),
    ("every bus", |zone| {
        zone.events
            .iter()
            .flat_map(|events| {
                zone.domains.iter().map(|domain| {
                    vec![
                        ("bus", domain.bus.clone()),
                        ("archive_days", events.archive_days.to_string()),
                        ("queue_days", events.dlq_retention_days.to_string()),
                        ("class", events.class.clone()),
                    ]
                })
            })
            .collect()
    }),
    ("every pool", |zone| zone.pools.iter().map(pool).collect()),
    ("every pool with attributes", |zone| zone.pools.iter().filter(|p| !p.attributes.is_empty()).map(pool).collect()),
    ("every pool of administrators", |zone| zone.pools.iter().filter(|p| p.admin_creates_users).map(pool).collect()),
    ("every pool with sign-up", |zone| zone.pools.iter().filter(|p| !p.admin_creates_users).map(pool).collect()),
    ("every client", |zone| clients(zone, |_, _| true)),
    ("every client of a pool with attributes", |zone| clients(zone, |pool, _| !pool.attributes.is_empty())),
    ("every public client", |zone| clients(zone, |_, client| client.kind == ClientKind::Public)),
    ("every confidential client", |zone| clients(zone, |_, client| client.kind == ClientKind::Confidential)),
    ("every machine client", |zone| clients(zone, |_, client| client.kind == ClientKind::Machine)),
    ("every client that signs people in", |zone| clients(zone, |_, client| client.kind.signs_people_in())),
    ("every pool with machines", |zone| {
        zone.pools
            .iter()
            .filter_map(|pool| {
                let server = zone.identity.as_ref()?.resource_server.as_ref()?;
                pool.clients.iter().find(|client| client.kind == ClientKind::Machine)?;
                Some(vec![
                    ("pool", pool.name.clone()),
                    ("api", server.identifier.clone()),
                    ("scopes", server.scopes.join(", ")),
                ])
            })
            .collect()
    }),
    ("the delivery", |zone| {
        of(zone, "delivery", || {
            zone.delivery
                .iter()
                .map(|delivery| {
                    vec![
                        ("bucket", delivery.bucket.clone()),
                        ("class", delivery.queue_class.clone()),
                        ("days", delivery.queue_retention_days.to_string()),
                    ]
                })
                .collect()
        })
    }),
    ("every stream", |zone| {
        zone.delivery
            .iter()
            .flat_map(|delivery| {
                zone.streams.iter().map(|stream| {
                    vec![
                        ("stream", stream.output.clone()),
                        ("prefix", stream.prefix.clone()),
                        ("bucket", delivery.bucket.clone()),
                        ("class", delivery.class.clone()),
                        ("log_class", zone.observability.as_ref().map(|logs| logs.class.clone()).unwrap_or_default()),
                        ("megabytes", delivery.buffer_megabytes.to_string()),
                        ("seconds", delivery.buffer_seconds.to_string()),
                        (
                            "prefixes",
                            joined(zone.streams.iter().map(|s| s.prefix.clone()).chain(["errors".to_owned()])),
                        ),
                    ]
                })
            })
            .collect()
    }),
    ("every role", |zone| {
        of(zone, "roles", || {
            zone.domains
                .iter()
                .map(|domain| {
                    vec![
                        ("bus", domain.bus.clone()),
                        ("classes", domain.classes.join(", ")),
                        ("parameters", format!("/{}/", zone.prefix)),
                    ]
                })
                .collect()
        })
    }),
    ("every role with a bus", |zone| {
        of(zone, "events", || {
            of(zone, "roles", || zone.domains.iter().map(|domain| vec![("bus", domain.bus.clone())]).collect())
        })
    }),
    ("every role with rules", |zone| {
        of(zone, "roles", || {
            zone.domains
                .iter()
                .filter_map(|domain| {
                    let rules = domain.rules.as_ref()?;
                    Some(vec![("bus", domain.bus.clone()), ("prefix", rules.prefix.clone()), ("on", rules.bus.clone())])
                })
                .collect()
        })
    }),
    ("every grant", |zone| of(zone, "roles", || zone.domains.iter().flat_map(grants).collect())),
    ("the trail", |zone| {
        zone.bucket_of_writer("cloudtrail")
            .zip(zone.observability.as_ref())
            .map(|(bucket, logs)| vec![("purpose", bucket.purpose.clone()), ("class", logs.class.clone())])
            .into_iter()
            .collect()
    }),
    ("every log group", |zone| {
        let trail = zone.has("trail").then(|| "cloudtrail/log-group-arn".to_owned());
        let entries = [format!("logs/{}/arn", zone.platform())].into_iter().chain(trail);
        let of = |logs: &config::Observability, entry| vec![("entry", entry), ("class", logs.class.clone())];
        zone.observability.iter().flat_map(|logs| entries.clone().map(|entry| of(logs, entry))).collect()
    }),
    ("the observability", |zone| {
        zone.observability
            .iter()
            .map(|logs| {
                vec![
                    ("class", logs.class.clone()),
                    ("percent", logs.sampling_percent.to_string()),
                    ("reservoir", logs.sampling_reservoir.to_string()),
                    ("priority", logs.sampling_priority.to_string()),
                ]
            })
            .collect()
    }),
    ("the access", |zone| {
        zone.access
            .iter()
            .map(|_| {
                vec![
                    ("subjects", zone.github_subjects.join(", ")),
                    ("secrets", format!("{}-*/*", zone.prefix)),
                    ("classes", joined(zone.classes.iter().map(|class| class.name.clone()))),
                ]
            })
            .collect()
    }),
    ("every permission set for emergencies", |zone| {
        let roles = zone.access.iter().flat_map(|access| &access.break_glass_principals);
        roles.map(|role| vec![("role", role.clone())]).collect()
    }),
    ("the identity provider that is ours", |zone| {
        let own = zone.access.iter().filter(|access| access.oidc_provider == OidcProvider::Own);
        own.map(|_| vec![("audience", "sts.amazonaws.com".to_owned())]).collect()
    }),
    ("every tag", |zone| {
        zone.tags
            .iter()
            .map(|(tag, value)| {
                // as a tenant's own row writes it, which is the same for every environment
                let value = if tag == "environment" { THE_ENVIRONMENT } else { value.as_str() };
                vec![("tag", tag.clone()), ("value", value.to_owned())]
            })
            .collect()
    }),
    ("every creation", |zone| {
        of_guardrail(zone, || CREATIONS.iter().map(|creation| vec![("what", creation.what.to_owned())]).collect())
    }),
    ("every creation without one tag", |zone| {
        let of = |what: &str| {
            let tags = zone.required_tags.iter();
            tags.map(|tag| vec![("what", what.to_owned()), ("tag", tag.clone())]).collect::<Vec<_>>()
        };
        of_guardrail(zone, || CREATIONS.iter().flat_map(|creation| of(creation.what)).collect())
    }),
    ("every bucket and wrong encryption", |zone| {
        let open = zone.buckets.iter().filter(|bucket| !keeps(bucket));
        open.flat_map(|of| WRONG.map(|how| [bucket(of), vec![("how", how.to_owned())]].concat())).collect()
    }),
    ("every bucket of logs and way to delete", |zone| {
        let logs = zone.buckets.iter().filter(|bucket| bucket.writer.is_some());
        logs.flat_map(|of| WAYS.map(|how| vec![("purpose", of.purpose.clone()), ("how", how.to_owned())])).collect()
    }),
    ("the guardrail", |zone| of_guardrail(zone, || vec![vec![("policy", zone.guardrail_name())]])),
    ("every required tag", |zone| {
        of_guardrail(zone, || {
            zone.required_tags.iter().map(|tag| vec![("policy", zone.guardrail_name()), ("tag", tag.clone())]).collect()
        })
    }),
];

fn own(zone: &Zone) -> Option<&config::Vpc> {
    zone.network.as_ref().and_then(Network::own)
}

/// The rows of a stack, where it is deployed.
fn of(zone: &Zone, stack: &str, rows: impl FnOnce() -> Vec<Row>) -> Vec<Row> {
    if zone.has(stack) { rows() } else { Vec::new() }
}

/// Also where no management account is configured: then each row says that it is not evaluated, and why.
fn of_guardrail(zone: &Zone, rows: impl FnOnce() -> Vec<Row>) -> Vec<Row> {
    if zone.guardrails.is_some() { rows() } else { Vec::new() }
}

fn joined(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join(", ")
}

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

fn bucket(bucket: &Bucket) -> Row {
    let (whom, service) = match bucket.writer.as_deref() {
        Some(writer) => (format!("everybody but {writer}.amazonaws.com"), format!("{writer}.amazonaws.com")),
        None => ("everybody".to_owned(), NOBODY.to_owned()),
    };
    vec![("purpose", bucket.purpose.clone()), ("class", bucket.class.clone()), ("whom", whom), ("service", service)]
}

/// Whether what is stored in it stays there: it is locked for years, or nobody may delete it.
pub(crate) fn keeps(bucket: &Bucket) -> bool {
    bucket.object_lock_days.is_some() || bucket.writer.is_some()
}

/// Whether the same happens to all objects to which anything happens.
fn one_retention(bucket: &Bucket) -> bool {
    let ages = |rule: &config::BucketRule| (rule.glacier_after_days, rule.expire_after_days);
    bucket.rules.windows(2).all(|two| ages(&two[0]) == ages(&two[1]))
}

fn after(days: Option<u32>) -> String {
    match days {
        None => "never".to_owned(),
        Some(1) => "after 1 day".to_owned(),
        Some(days) => format!("after {days} days"),
    }
}

/// Where something happens to a bucket's objects, and what, where it is the same everywhere.
fn retention(bucket: &Bucket) -> Row {
    let (place, glacier, expiry) = match bucket.rules.first() {
        None => ("anywhere".to_owned(), bucket.glacier_after_days, bucket.expire_after_days),
        Some(first) => {
            let prefixes = joined(bucket.rules.iter().map(|rule| rule.prefix.clone()));
            (format!("below {prefixes}"), first.glacier_after_days, first.expire_after_days)
        }
    };
    vec![("purpose", bucket.purpose.clone()), ("where", place), ("glacier", after(glacier)), ("expiry", after(expiry))]
}

/// What happens to the objects of each rule.
fn retentions(bucket: &Bucket) -> Vec<Row> {
    let row = |rule: &config::BucketRule| {
        vec![
            ("purpose", bucket.purpose.clone()),
            ("where", format!("below {}", rule.prefix)),
            ("glacier", after(rule.glacier_after_days)),
            ("expiry", after(rule.expire_after_days)),
        ]
    };
    bucket.rules.iter().map(row).collect()
}

fn pool(pool: &Pool) -> Row {
    vec![
        ("pool", pool.name.clone()),
        ("attributes", pool.attributes.join(", ")),
        ("length", pool.password_minimum_length.to_string()),
    ]
}

fn clients(zone: &Zone, is_one: impl Fn(&Pool, &Client) -> bool) -> Vec<Row> {
    let api = zone.identity.as_ref().and_then(|identity| identity.resource_server.as_ref());
    let row = |pool: &Pool, client: &Client| {
        let machine = client.kind == ClientKind::Machine;
        let scope = |scope: &String| format!("{}/{scope}", api.map(|api| api.identifier.as_str()).unwrap_or_default());
        vec![
            ("pool", pool.name.clone()),
            ("client", client.name.clone()),
            ("attributes", pool.attributes.join(", ")),
            ("providers", if machine { NOBODY } else { "COGNITO" }.to_owned()),
            ("scopes", joined(client.scopes.iter().map(scope))),
        ]
    };
    let all = zone.pools.iter().flat_map(|pool| pool.clients.iter().map(move |client| (pool, client)));
    all.filter(|(pool, client)| is_one(pool, client)).map(|(pool, client)| row(pool, client)).collect()
}

fn grants(domain: &Domain) -> Vec<Row> {
    let actions = domain.allow.iter().flat_map(|allow| &allow.actions);
    actions.map(|action| vec![("bus", domain.bus.clone()), ("action", action.clone())]).collect()
}

/// How an outline asks for rows: `Examples: every bucket`.
const EXAMPLES: &str = "Examples: ";

/// A feature's text with its rows filled in, and for each of its lines the line of the text before.
///
/// # Errors
///
/// The place and the reason, where an outline asks for a collection or a column that there is not.
pub(crate) fn filled(text: &str, zone: &Zone) -> Result<(String, Vec<usize>), (usize, String)> {
    let (mut filled, mut lines) = (String::new(), Vec::new());
    let mut rows: Option<(&str, Vec<Row>)> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        filled.push_str(line);
        filled.push('\n');
        lines.push(number);
        if let Some((collection, rows)) = rows.take() {
            let indent = &line[..line.len() - line.trim_start().len()];
            let columns: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
            for row in rows {
                let cell = |column: &&str| {
                    let known = row.iter().find(|(name, _)| name == column);
                    let known = known.map(|(_, value)| value.replace('\\', "\\\\").replace('|', "\\|"));
                    known.ok_or_else(|| {
                        let names: Vec<_> = row.iter().map(|(name, _)| *name).collect();
                        (number, format!("`{collection}` has no column `{column}`; it has {}", names.join(", ")))
                    })
                };
                let cells = columns.iter().map(cell).collect::<Result<Vec<_>, _>>()?;
                filled.push_str(&[indent, "| ", &cells.join(" | "), " |\n"].concat());
                lines.push(number);
            }
        } else if let Some(name) = line.trim().strip_prefix(EXAMPLES).map(str::trim).filter(|name| !name.is_empty()) {
            let known = COLLECTIONS.iter().find(|(known, _)| *known == name);
            let (name, of) = known.ok_or_else(|| {
                let names: Vec<_> = COLLECTIONS.iter().map(|(known, _)| *known).collect();
                (number, format!("there is no collection `{name}`; there are {}", names.join(", ")))
            })?;
            rows = Some((*name, of(zone)));
        }
    }
    Ok((filled, lines))
}

/// Whether an outline asks for rows of the configuration, and may have none.
pub(crate) fn is_collection(name: Option<&str>) -> bool {
    name.is_some_and(|name| COLLECTIONS.iter().any(|(known, _)| *known == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub;

    #[test]
    fn an_outline_has_a_row_for_each_thing_and_none_where_there_is_none() {
        let zone = stub::zone();
        let text = "a\n  Examples: every bucket\n    | purpose | class |\nb\n  Examples: every bus\n    | bus |\nc\n";
        let (filled, lines) = filled(text, &zone).expect("rows");
        let rows: Vec<_> = zone.buckets.iter().map(|b| format!("    | {} | {} |\n", b.purpose, b.class)).collect();
        let expected = format!(
            "a\n  Examples: every bucket\n    | purpose | class |\n{}b\n  Examples: every bus\n    | bus |\nc\n",
            rows.concat()
        );
        assert_eq!(filled, expected);
        assert_eq!(lines.len(), filled.lines().count());
        assert_eq!(lines.last(), Some(&7));
        assert!(is_collection(Some("every bus")) && !is_collection(Some("")) && !is_collection(None));
    }

    #[test]
    fn what_is_not_known_is_named_with_its_line() {
        let zone = stub::zone();
        let (line, said) = filled("Examples: every bukcet\n| a |\n", &zone).expect_err("no such collection");
        assert!(line == 1 && said.contains("`every bukcet`") && said.contains("every bucket"), "{said}");
        let (line, said) = filled("\nExamples: every bucket\n| purpos |\n", &zone).expect_err("no such column");
        assert!(line == 3 && said.contains("`purpos`") && said.contains("purpose"), "{said}");
    }
}
