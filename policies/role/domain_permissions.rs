//! What a domain's functions may do: the inline policy `domain-permissions` of their role.

use config::{Domain, Rules, Zone};

use super::arn;
use crate::{Document, Operator, Statement};

/// Their own logs, secrets, bus and keys (`keys`: the ARNs of the keys of the domain's classes); parameters and topics
/// of the whole zone; traces; and what the domain's configuration adds. `topic_key`: of the platform's topic, if there is
/// one.
///
/// - **Region**: the zone's own everywhere, also for functions of other domains, where the requirement writes `*`
///   (decided 2026-11-24): all functions are deployed there, and a role shall not reach where nothing of the zone is.
/// - **Topics**: publishing to an encrypted topic also takes its key, of the publisher and not of SNS. So every domain may
///   use `topic_key`, the key of the platform's own topic, and through SNS only (2026-11-25).
///   <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse>
/// - **X-Ray** takes no resource. `PutTelemetryRecords`, `GetSamplingRules` and `GetSamplingTargets` stand beside
///   `PutTraceSegments` because the SDKs report what they dropped, and ask for the sampling rule that the zone sets:
///   without these they fall back to a rule of their own.
///   <https://docs.aws.amazon.com/xray/latest/devguide/security_iam_service-with-iam.html>
/// - **Logs**: the group, for `CreateLogGroup`, and with `:*` the streams in it.
pub fn domain_permissions(zone: &Zone, domain: &Domain, keys: &[String], topic_key: Option<&str>) -> Document {
    let bus = &domain.bus;
    let prefix = &zone.prefix;
    let logs = arn(zone, "logs", &format!("log-group:/aws/lambda/{bus}-*"));
    let own = arn(zone, "secretsmanager", &format!("secret:{bus}/*"));
    let always =
        [
            Statement::allow("Logs", ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])
                .on([logs.clone(), format!("{logs}:*")]),
            Statement::allow("Secrets", ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]).on([own]),
            Statement::allow("Parameters", ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"])
                .on([arn(zone, "ssm", &format!("parameter/{prefix}/*"))]),
            Statement::allow("Events", ["events:PutEvents"]).on([arn(zone, "events", &format!("event-bus/{bus}"))]),
            Statement::allow("Topics", ["sns:Publish"]).on([arn(zone, "sns", &format!("{prefix}-*"))]),
            Statement::allow("Keys", ["kms:Decrypt", "kms:GenerateDataKey"]).on(keys),
        ];
    let key_of_topics = topic_key.map(|key| {
        Statement::allow("KeyOfTopics", ["kms:Decrypt", "kms:GenerateDataKey"]).on([key]).when(
            Operator::StringEquals,
            "kms:ViaService",
            [format!("sns.{}.amazonaws.com", zone.region)],
        )
    });
    let traces = Statement::allow(
        "Traces",
        ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    );
    let granted = domain
        .allow
        .iter()
        .map(|allow| Statement::allow(&allow.sid, &allow.actions).on(zone.resources_of(domain, allow)));
    let rules = domain.rules.as_ref().map(|rules| rules_on_another_bus(zone, rules));
    let invokes = (!domain.invokes.is_empty()).then(|| {
        let functions = domain.invokes.iter().map(|pattern| arn(zone, "lambda", &format!("function:{pattern}")));
        Statement::allow("FunctionsOfOtherDomains", ["lambda:InvokeFunction"]).on(functions)
    });
    Document::new(always.into_iter().chain(key_of_topics).chain([traces]).chain(granted).chain(rules).chain(invokes))
}

/// No `DeleteRule`, no `RemoveTargets`: functions set rules up, deployments tear them down. No `TagResource` (2026-11-25):
/// `PutRule` with tags would ask for it, and the guardrail leaves `PutRule` alone.
fn rules_on_another_bus(zone: &Zone, rules: &Rules) -> Statement {
    let actions = ["events:DescribeRule", "events:ListTargetsByRule", "events:PutRule", "events:PutTargets"];
    Statement::allow("RulesOnAnotherBus", actions).on([arn(
        zone,
        "events",
        &format!("rule/{}/{}*", rules.bus, rules.prefix),
    )])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::golden::{assert_golden, class_key_arn, dev};

    fn of(zone: &Zone, domain: &Domain) -> Document {
        let keys: Vec<_> = domain.classes.iter().map(|class| class_key_arn(class)).collect();
        domain_permissions(zone, domain, &keys, zone.observability.as_ref().map(|o| class_key_arn(&o.class)).as_deref())
    }

    fn statements(zone: &Zone, domain: &Domain) -> BTreeMap<String, serde_json::Value> {
        let json: serde_json::Value = serde_json::from_str(&of(zone, domain).to_json()).unwrap();
        let statements = json["Statement"].as_array().unwrap().clone();
        statements.into_iter().map(|statement| (statement["Sid"].as_str().unwrap().to_owned(), statement)).collect()
    }

    #[test]
    fn golden_of_every_domain() {
        let zone = dev();
        for domain in &zone.domains {
            assert_golden(&format!("role/domain_permissions.{}.json", domain.bus), &of(&zone, domain));
        }
    }

    #[test]
    fn domains_differ_exactly_where_configuration_says() {
        let zone = dev();
        for domain in &zone.domains {
            let mut sids = vec!["Events", "KeyOfTopics", "Keys", "Logs", "Parameters", "Secrets", "Topics", "Traces"];
            sids.extend(domain.allow.iter().map(|allow| allow.sid.as_str()));
            sids.extend(domain.rules.as_ref().map(|_| "RulesOnAnotherBus"));
            sids.extend((!domain.invokes.is_empty()).then_some("FunctionsOfOtherDomains"));
            sids.sort_unstable();
            let mine = statements(&zone, domain);
            assert_eq!(mine.keys().collect::<Vec<_>>(), sids, "{}", domain.bus);

            // a domain of the same configuration under another name has the same policy, name apart
            let other = Domain { bus: "other-bus".to_owned(), ..domain.clone() };
            let renamed = of(&zone, &other).to_json().replace("other-bus", &domain.bus);
            assert_eq!(renamed, of(&zone, domain).to_json());
        }
    }

    #[test]
    fn keys_are_those_of_the_domains_classes_and_no_others() {
        let zone = dev();
        for domain in &zone.domains {
            let text = statements(&zone, domain)["Keys"]["Resource"].to_string();
            for class in &zone.classes {
                assert_eq!(text.contains(&class_key_arn(&class.name)), domain.classes.contains(&class.name), "{text}");
            }
        }
    }

    #[test]
    fn whoever_may_publish_to_a_topic_may_use_its_key_through_sns() {
        let zone = dev();
        let topic_key = class_key_arn(&zone.observability.as_ref().expect("a topic").class);
        let via = format!("sns.{}.amazonaws.com", zone.region);
        for domain in &zone.domains {
            let mine = statements(&zone, domain);
            let publishes = mine.values().any(|statement| statement.to_string().contains("sns:Publish"));
            let statement = &mine["KeyOfTopics"];
            assert!(publishes, "{}", domain.bus);
            assert_eq!(
                statement["Action"],
                serde_json::json!(["kms:Decrypt", "kms:GenerateDataKey"]),
                "{}",
                domain.bus
            );
            assert_eq!(statement["Resource"], topic_key, "{}", domain.bus);
            let through = serde_json::json!({ "StringEquals": { "kms:ViaService": via } });
            assert_eq!(statement["Condition"], through, "{}", domain.bus);
        }
    }

    #[test]
    fn no_domain_reaches_secrets_logs_or_the_bus_of_another() {
        let zone = dev();
        for domain in &zone.domains {
            for sid in ["Events", "Logs", "Secrets"] {
                let text = statements(&zone, domain)[sid]["Resource"].to_string();
                for other in zone.domains.iter().filter(|other| other.bus != domain.bus) {
                    let begins_alike = other.bus.starts_with(&format!("{}-", domain.bus));
                    assert!(!begins_alike, "{}'s functions could write to the logs of {}", domain.bus, other.bus);
                    for end in ["/*", "-*", "\""] {
                        assert!(!text.contains(&format!("/{}{end}", other.bus)), "{} {sid}: {text}", domain.bus);
                        assert!(!text.contains(&format!(":{}{end}", other.bus)), "{} {sid}: {text}", domain.bus);
                    }
                }
            }
        }
    }

    #[test]
    fn a_grant_adds_its_statement_and_nothing_else() {
        let zone = dev();
        let without = Domain { allow: Vec::new(), ..zone.domains[0].clone() };
        let grant = config::Allow {
            sid: "Tables".to_owned(),
            actions: vec!["dynamodb:GetItem".to_owned()],
            resources: vec!["arn:aws:dynamodb:{region}:{account}:table/{prefix}-{bus}-{environment}".to_owned()],
        };
        let with = Domain { allow: vec![grant], ..without.clone() };
        let (before, mut after) = (statements(&zone, &without), statements(&zone, &with));
        let added = after.remove("Tables").expect("the statement");
        assert_eq!(before, after);
        let table = format!("table/{}-{}-{}", zone.prefix, without.bus, zone.environment);
        assert_eq!(added["Resource"], arn(&zone, "dynamodb", &table));
        assert_eq!(added["Action"], "dynamodb:GetItem");
    }

    #[test]
    fn without_a_topic_there_is_no_key_for_it() {
        let zone = Zone { observability: None, ..dev() };
        assert!(!statements(&zone, &zone.domains[0]).contains_key("KeyOfTopics"));
    }

    #[test]
    fn rules_are_never_deleted_and_only_below_their_prefix() {
        let zone = dev();
        let domain = zone.domains.iter().find(|domain| domain.rules.is_some()).unwrap();
        let rules = domain.rules.as_ref().unwrap();
        let statement = &statements(&zone, domain)["RulesOnAnotherBus"];
        assert_eq!(statement["Resource"], arn(&zone, "events", &format!("rule/{}/{}*", rules.bus, rules.prefix)));
        let text = of(&zone, domain).to_json();
        for never in ["Delete", "Remove", "iam:", "\"events:*"] {
            assert!(!text.contains(never), "{never}");
        }
    }
}
