//! The table of IAM actions: what AWS's service authorization reference says of the services that the zone, its guardrail and its
//! modules use. `tools/iam/table.mjs` writes `table.tsv`, and describes its format.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, OnceLock},
};

use crate::pattern::{matches, tokens};

/// An action of AWS, such as `s3:PutObject`.
#[derive(Clone, Debug)]
pub struct Action {
    /// Prefix of the service, such as `s3`.
    pub service: &'static str,
    /// Name without the prefix, such as `PutObject`.
    pub name: &'static str,
    /// What the action does, as AWS classifies it.
    pub level: Level,
    /// The resource types that the action is authorized on. None: a statement about it has to have the resource `*`.
    pub resources: Vec<ResourceType>,
    /// Condition keys that a request of this action has, whatever it is about, such as `aws:RequestTag/${TagKey}`.
    pub condition_keys: Keys,
}

/// A resource type as one action uses it.
#[derive(Clone, Debug)]
pub struct ResourceType {
    /// Name of the type, such as `bucket`.
    pub name: &'static str,
    /// Pattern of its ARNs with named places, such as `arn:${Partition}:s3:::${BucketName}`.
    pub arn: &'static str,
    /// Whether each request of the action names a resource of this type.
    pub required: bool,
    /// Condition keys that a request of the action has beside the action's own when it is about this type.
    pub condition_keys: Keys,
    /// Condition keys of the type itself, over all actions.
    pub type_keys: Keys,
}

/// Names of condition keys. `${TagKey}` and `<key>` stand for any name.
pub type Keys = Arc<[String]>;

/// Access level of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Lists resources.
    List,
    /// Reads what a resource holds or how it is configured.
    Read,
    /// Changes only tags.
    Tagging,
    /// Creates, changes or deletes a resource.
    Write,
    /// Changes who may do what.
    Permissions,
}

const REQUEST_TAG: &str = "aws:RequestTag/${TagKey}";

impl Action {
    /// Whether a request of this action can carry tags: it has `aws:RequestTag/${TagKey}` among its condition keys, by itself or
    /// on one of its resource types.
    pub fn takes_request_tags(&self) -> bool {
        self.keys().any(|key| key == REQUEST_TAG)
    }

    /// All condition keys of a request of this action, on whatever resource type; one may come more than once.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let of_types = self.resources.iter().flat_map(|resource| resource.condition_keys.iter());
        self.condition_keys.iter().chain(of_types).map(String::as_str)
    }
}

/// The action as policies name it: `s3:PutObject`.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.name)
    }
}

impl ResourceType {
    /// The pattern of its ARNs as a policy would have it, with `*` at each named place: `arn:*:s3:::*`.
    pub fn pattern(&self) -> String {
        self.filled(|_| "*")
    }

    /// An ARN with what `value` has for each named place, such as `Region`.
    pub fn filled<'a>(&self, value: impl Fn(&str) -> &'a str) -> String {
        let mut arn = String::with_capacity(self.arn.len());
        let mut rest = self.arn;
        while let Some((before, place)) = rest.split_once("${") {
            let (name, after) = place.split_once('}').unwrap_or((place, ""));
            arn += before;
            arn += value(name);
            rest = after;
        }
        arn + rest
    }
}

/// Every service of the table, in alphabetical order: its prefix and its name.
pub fn services() -> impl Iterator<Item = (&'static str, &'static str)> {
    table().services.iter().copied()
}

/// Whether resource control policies bind the resources of a service, by its prefix. AWS names all such services:
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services> (2026-11-26)
pub fn takes_resource_control(service: &str) -> bool {
    table().controlled.contains(service)
}

/// Every action of the table, by service and name.
pub fn actions() -> impl Iterator<Item = &'static Action> {
    table().actions.iter()
}

/// The action of this name, such as `s3:PutObject`, in whatever case; `None` where the table has no such action.
pub fn action(name: &str) -> Option<&'static Action> {
    let table = table();
    table.by_name.get(&name.to_ascii_lowercase()).map(|at| &table.actions[*at])
}

/// The actions that a policy's `Action` names, by IAM's rules: `*` for any text and `?` for any character, in whatever case.
pub fn matching(pattern: &str) -> impl Iterator<Item = &'static Action> {
    let lower = pattern.to_ascii_lowercase();
    let (service, name) = if lower == "*" { ("*", "*") } else { lower.split_once(':').unwrap_or_default() };
    let (service, name) = (tokens(service), tokens(name));
    actions().filter(move |action| {
        matches(&service, action.service.as_bytes()) && matches(&name, action.name.to_ascii_lowercase().as_bytes())
    })
}

struct Table {
    controlled: HashSet<&'static str>,
    services: Vec<(&'static str, &'static str)>,
    actions: Vec<Action>,
    by_name: HashMap<String, usize>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| parse(include_str!("table.tsv")))
}

/// Lists of condition keys repeat: each is kept once.
#[derive(Default)]
struct Lists(HashMap<(&'static str, &'static str), Keys>);

impl Lists {
    fn keys(&mut self, service: &'static str, list: &'static str) -> Keys {
        let full = |key: &str| if key.starts_with(':') { format!("{service}{key}") } else { key.to_owned() };
        self.0.entry((service, list)).or_insert_with(|| list.split_whitespace().map(full).collect()).clone()
    }
}

fn parse(text: &'static str) -> Table {
    let mut table =
        Table { controlled: HashSet::new(), services: Vec::new(), actions: Vec::new(), by_name: HashMap::new() };
    let mut lists = Lists::default();
    let mut types: HashMap<&str, (&str, Keys)> = HashMap::new();
    let mut service = "";
    for line in text.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        match next() {
            "control" => {
                table.controlled.insert(next());
            }
            "service" => {
                service = next();
                table.services.push((service, next()));
                types.clear();
            }
            "resource" => {
                let (name, arn) = (next(), next());
                types.insert(name, (arn, lists.keys(service, next())));
            }
            "action" => {
                let (name, level) = (next(), level(next()));
                let condition_keys = lists.keys(service, next());
                table.by_name.insert(format!("{service}:{name}").to_ascii_lowercase(), table.actions.len());
                let resources = Vec::new();
                table.actions.push(Action { service, name, level, resources, condition_keys });
            }
            "on" => {
                let (name, required) = (next(), next() == "required");
                let condition_keys = lists.keys(service, next());
                let (arn, type_keys) = types.get(name).cloned().expect("the table names the type before its use");
                let of = table.actions.last_mut().expect("the table names the action before its resource types");
                of.resources.push(ResourceType { name, arn, required, condition_keys, type_keys });
            }
            kind => unreachable!("the table has no records `{kind}`"),
        }
    }
    table
}

fn level(name: &str) -> Level {
    match name {
        "list" => Level::List,
        "read" => Level::Read,
        "tagging" => Level::Tagging,
        "write" => Level::Write,
        "permissions" => Level::Permissions,
        _ => unreachable!("the table has no access level `{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> &'static Action {
        action(name).unwrap_or_else(|| panic!("{name} is in the table"))
    }

    #[test]
    fn an_action_is_found_in_whatever_case() {
        for name in ["s3:PutObject", "S3:putobject", "s3:PUTOBJECT"] {
            assert_eq!(named(name).to_string(), "s3:PutObject");
        }
        assert!(action("s3:PutObjects").is_none() && action("s3").is_none() && action("nothing:PutObject").is_none());
    }

    #[test]
    fn an_action_knows_its_resource_types() {
        let run = named("ec2:RunInstances");
        assert_eq!(run.level, Level::Write);
        let of = |name: &str| run.resources.iter().find(|resource| resource.name == name).expect("a resource type");
        assert!(of("instance").required && !of("key-pair").required);
        assert_eq!(of("instance").arn, "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}");
        assert_eq!(of("instance").pattern(), "arn:*:ec2:*:*:instance/*");
        assert!(of("instance").condition_keys.contains(&"ec2:InstanceType".to_owned()), "the prefix is written out");
        assert!(!of("instance").condition_keys.contains(&"ec2:NewInstanceProfile".to_owned()));
        assert!(of("instance").type_keys.contains(&"ec2:NewInstanceProfile".to_owned()), "a key of another action");
        assert!(named("s3:ListAllMyBuckets").resources.is_empty(), "only on `*`");
    }

    #[test]
    fn tags_are_in_a_request_where_the_reference_has_the_key() {
        // on the action; on a resource type only
        for name in ["sqs:CreateQueue", "iam:CreateRole", "kms:CreateKey", "ec2:CreateVpc", "ec2:RunInstances"] {
            assert!(named(name).takes_request_tags(), "{name}");
        }
        for name in ["s3:PutObject", "ec2:DescribeVpcs", "iam:CreateGroup", "kms:CreateAlias", "ec2:DeleteVpc"] {
            assert!(!named(name).takes_request_tags(), "{name}");
        }
        assert!(
            !named("ec2:CreateVpc").condition_keys.contains(&REQUEST_TAG.to_owned()),
            "it stands on the type `vpc`"
        );
    }

    #[test]
    fn levels_are_as_aws_classifies() {
        assert_eq!(named("s3:ListBucket").level, Level::List);
        assert_eq!(named("s3:GetObject").level, Level::Read);
        assert_eq!(named("s3:PutObject").level, Level::Write);
        assert_eq!(named("s3:PutBucketPolicy").level, Level::Permissions);
        assert_eq!(named("sqs:TagQueue").level, Level::Tagging);
    }

    #[test]
    fn resource_control_policies_bind_some_services() {
        assert!(["s3", "sts", "kms", "sqs", "secretsmanager"].into_iter().all(takes_resource_control));
        assert!(!["iam", "ec2", "lambda", "sns", ""].into_iter().any(takes_resource_control));
    }

    #[test]
    fn patterns_match_by_the_rules_of_iam() {
        let names = |pattern: &str| matching(pattern).map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names("sts:getcalleridentity"), ["sts:GetCallerIdentity"]);
        assert_eq!(names("events:?utRule"), ["events:PutRule"]);
        assert_eq!(names("kms:*ATEAlias"), ["kms:CreateAlias", "kms:UpdateAlias"]);
        assert_eq!(names("s3:*Object*Legal*"), ["s3:GetObjectLegalHold", "s3:PutObjectLegalHold"]);
        assert_eq!(matching("*").count(), actions().count());
        assert_eq!(matching("*:*").count(), actions().count());
        assert_eq!(matching("sqs:*").count(), actions().filter(|action| action.service == "sqs").count());
        assert!(names("s3").is_empty() && names("s3:").is_empty() && names("s3:PutObjec").is_empty());
    }

    #[test]
    fn the_table_is_sorted_and_whole() {
        let prefixes: Vec<_> = services().map(|(prefix, _)| prefix).collect();
        assert!(prefixes.is_sorted());
        for prefix in prefixes {
            let names: Vec<_> = actions().filter(|action| action.service == prefix).map(|action| action.name).collect();
            assert!(!names.is_empty(), "{prefix} has actions");
        }
        assert_eq!(table().by_name.len(), table().actions.len(), "no action comes twice");
    }
}
