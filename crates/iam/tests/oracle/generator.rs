//! Made-up requests with the policies that decide them. Everything is drawn from small pools, so that about half of the statements
//! match, and every element of the policy language occurs.

use serde_json::{Map, Value, json};

use crate::{conditions, random::Random};

pub(crate) const HOME: &str = "111122223333";
const OTHER: &str = "444455556666";
const MANAGEMENT: &str = "999999999999";

/// An action with a resource that it is about; `ACCOUNT` stands for the owner's.
const SUBJECTS: &[(&str, &str)] = &[
    ("s3:PutObject", "arn:aws:s3:::orders/home/ada/k.txt"),
    ("s3:GetObject", "arn:aws:s3:::orders/home/bob/k.txt"),
    ("s3:GetObject", "arn:aws:s3:::logs-2026/a:b"),
    ("s3:ListBucket", "arn:aws:s3:::orders"),
    ("s3:ListAllMyBuckets", "*"),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:ACCOUNT:orders"),
    ("sns:Publish", "arn:aws:sns:eu-west-1:ACCOUNT:orders"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:ACCOUNT:key/ada-1"),
    ("kms:GenerateDataKey", "arn:aws:kms:eu-west-1:ACCOUNT:key/ada-1"),
    ("kms:CreateKey", "*"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:ACCOUNT:secret:db/orders-AbCdEf"),
    ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:ACCOUNT:function:orders"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:ACCOUNT:table/orders"),
    ("iam:GetRole", "arn:aws:iam::ACCOUNT:role/team/target"),
    ("ec2:DescribeVpcs", "*"),
    ("sts:GetCallerIdentity", "*"),
    ("sts:AssumeRole", "arn:aws:iam::ACCOUNT:role/team/target"),
    ("sts:AssumeRole", "arn:aws:iam::ACCOUNT:role/team/target"),
    ("sts:TagSession", "arn:aws:iam::ACCOUNT:role/team/target"),
    ("sts:AssumeRoleWithWebIdentity", "arn:aws:iam::ACCOUNT:role/team/target"),
];

pub(crate) const SERVICES: [&str; 2] = ["events.amazonaws.com", "sns.amazonaws.com"];

/// Who asks, as a case has it.
fn principal(random: &mut Random, action: &str) -> Value {
    if action == "sts:AssumeRoleWithWebIdentity" {
        return json!({"federated": format!("arn:aws:iam::{HOME}:oidc-provider/token.example.com")});
    }
    let account = if random.chance(8) { MANAGEMENT } else { HOME };
    match random.below(100) {
        0..40 => json!({"user": format!("arn:aws:iam::{account}:user/{}", random.one(&["ada", "staff/ada", "bob"]))}),
        40..80 => json!({"session": {
            "role": format!("arn:aws:iam::{account}:role/{}", random.one(&["app", "team/app"])),
            "name": random.one(&["s", "t"]),
        }}),
        80..83 => json!({"session": {
            "role": format!("arn:aws:iam::{account}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"),
            "name": "s",
        }}),
        83..88 => json!({"root": account}),
        88..95 if action != "sts:GetCallerIdentity" => json!({"service": random.one(&SERVICES)}),
        95..100 if action != "sts:GetCallerIdentity" => json!("anonymous"),
        _ => json!({"user": format!("arn:aws:iam::{account}:user/ada")}),
    }
}

/// What the generator knows of a request while it makes policies for it.
pub(crate) struct Subject {
    pub(crate) principal: Value,
    pub(crate) action: &'static str,
    pub(crate) resource: String,
    pub(crate) context: Map<String, Value>,
}

impl Subject {
    /// The names by which policies know the principal: its account, its role, itself.
    fn names(&self) -> Vec<String> {
        let account = |arn: &str| arn.split(':').nth(4).unwrap_or_default().to_owned();
        if let Some(user) = self.principal["user"].as_str() {
            return vec![account(user), user.to_owned()];
        }
        if let Some(role) = self.principal["session"]["role"].as_str() {
            let name = self.principal["session"]["name"].as_str().unwrap_or_default();
            let own = role.rsplit('/').next().unwrap_or_default();
            let of = account(role);
            return vec![of.clone(), role.to_owned(), format!("arn:aws:sts::{of}:assumed-role/{own}/{name}")];
        }
        let account = self.principal["root"].as_str().unwrap_or(OTHER);
        vec![account.to_owned(), format!("arn:aws:iam::{account}:user/nobody")]
    }

    fn is_somebody(&self) -> bool {
        self.principal.get("user").is_some() || self.principal.get("session").is_some()
    }
}

/// The keys that AWS sets by itself, and some of those that a request brings.
fn context(random: &mut Random, principal: &Value, account: &str) -> Map<String, Value> {
    let mut context = Map::new();
    let mut set = |key: &str, value: Value| context.insert(key.to_owned(), value);
    set("aws:ResourceAccount", account.into());
    set("aws:PrincipalIsAWSService", principal.get("service").is_some().to_string().into());
    if let Some(arn) = principal["user"].as_str().or(principal["session"]["role"].as_str()) {
        let is_user = principal.get("user").is_some();
        set("aws:PrincipalArn", arn.into());
        set("aws:PrincipalAccount", arn.split(':').nth(4).expect("an account").into());
        set("aws:PrincipalType", if is_user { "User" } else { "AssumedRole" }.into());
        if is_user {
            set("aws:username", arn.rsplit('/').next().expect("a name").into());
        }
    } else if let Some(root) = principal["root"].as_str() {
        set("aws:PrincipalArn", format!("arn:aws:iam::{root}:root").into());
        set("aws:PrincipalAccount", root.into());
        set("aws:PrincipalType", "Account".into());
    } else if let Some(service) = principal["service"].as_str() {
        set("aws:PrincipalServiceName", service.into());
    } else if principal == "anonymous" {
        set("aws:PrincipalType", "Anonymous".into());
    }
    conditions::context(random, &mut context);
    context
}

/// A pattern for the action: one that matches it, or of another one.
fn action(random: &mut Random, of: &str) -> String {
    let (service, name) = of.split_once(':').expect("an action has a service");
    match random.below(12) {
        0..2 => of.to_owned(),
        2 => "*".to_owned(),
        3 => format!("{service}:*"),
        4 => format!("{service}:{}*", &name[..3]),
        5 => format!("{service}:*{}", &name[3..]),
        6 => format!("{service}:?{}", &name[1..]),
        7 => format!("{}:{}", service.to_uppercase(), name.to_lowercase()),
        8 => format!("{service}:*{}*{}", &name[1..2], &name[name.len() - 1..]),
        _ => {
            (*random.one(&["s3:DeleteObject", "sqs:*", "kms:En*", "ec2:Run?nstances", "sts:Get*", "logs:*"])).to_owned()
        }
    }
}

/// A pattern for the resource: one that matches it, or another one.
fn resource(random: &mut Random, of: &str) -> String {
    let Some((start, own)) = of.match_indices(':').nth(4).map(|(at, _)| of.split_at(at + 1)) else {
        return (*random.one(&["*", "*", "*", "arn:aws:s3:::orders"])).to_owned();
    };
    let parts: Vec<_> = start.split(':').collect();
    let (service, region, account) = (parts[2], parts[3], parts[4]);
    match random.below(26) {
        0..4 => of.to_owned(),
        4..7 => "*".to_owned(),
        7 => format!("{start}*"),
        8 => format!("arn:aws:{service}:*:*:{own}"),
        // inside a segment, and at its end
        9 => format!("arn:aws:{service}:{region}:{account}:{}*", &own[..own.len() / 2]),
        10 => format!("{start}{}", own.replacen("orders", "*rd?rs", 1)),
        11 => format!("arn:aws:{service}:{}:{account}:{own}", region.replace("west", "w*t")),
        12 => format!("arn:aws:{service}:{region}:{}:{own}", account.replace("12222", "*").replace("45555", "?????")),
        13 => format!("{start}{}", own.replace("ada", "${aws:username}").replace("bob", "${aws:username}")),
        14 => format!("{start}{}", own.replace("orders", "${aws:PrincipalTag/project, 'orders'}")),
        15 => format!("{start}{}", own.replace("orders", "${aws:PrincipalTag/project}")),
        // a star at the end of a segment reaches beyond it
        16 => format!("arn:aws:{service}:*"),
        17 => format!("arn:aws:{service}*:{own}"),
        18 => "arn:aws:*".to_owned(),
        // one inside a segment does not: nothing has these names
        19 => format!("arn:a*s3:::{own}"),
        20 => format!("arn:aws:{service}:e*1:{own}"),
        // the part that names the type
        21 => match own.split_once(['/', ':']) {
            Some((_, rest)) => format!("{start}*/{rest}"),
            None => format!("{start}?{}", &own[1..]),
        },
        22 => format!("{start}{}", own.replace("orders", "ord${*}rs")),
        _ => (*random.one(&[
            "arn:aws:s3:::other/*",
            "arn:aws:sqs:eu-west-1:*:other*",
            "arn:aws:iam::*:role/other/*",
            "arn:aws:kms:*:*:key/other",
        ]))
        .to_owned(),
    }
}

/// One text, or a list of one to three.
fn some(random: &mut Random, mut make: impl FnMut(&mut Random) -> String) -> Value {
    if random.chance(50) {
        return make(random).into();
    }
    (0..=random.below(3)).map(|_| make(random)).collect()
}

fn principals(random: &mut Random, subject: &Subject) -> Value {
    if random.chance(12) {
        return "*".into();
    }
    let names = subject.names();
    let aws = some(random, |random| match random.below(12) {
        0..3 => names[0].clone(),
        3 => format!("arn:aws:iam::{}:root", names[0]),
        4..8 => names[names.len() - 1].clone(),
        8..10 => names[names.len() / 2].clone(),
        // a role of the same name, elsewhere in the tree
        10 => names[names.len() / 2].replace("role/team/", "role/").replace("user/staff/", "user/"),
        _ => (*random.one(&["arn:aws:iam::444455556666:user/ada", "444455556666", "*"])).to_owned(),
    });
    let mut of = Map::new();
    if random.chance(85) {
        of.insert("AWS".into(), aws);
    }
    if of.is_empty() || random.chance(20) {
        of.insert("Service".into(), some(random, |random| (*random.one(&SERVICES)).to_owned()));
    }
    if let Some(provider) = subject.principal.get("federated")
        && random.chance(70)
    {
        of.insert("Federated".into(), provider.clone());
    }
    of.into()
}

/// What a policy is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Identity,
    Resource,
    Trust,
    ServiceControl,
    ResourceControl,
}

fn statement(random: &mut Random, kind: Kind, subject: &Subject) -> Value {
    let mut statement = Map::new();
    let denies = if kind == Kind::ResourceControl { 100 } else { 18 };
    let is_deny = random.chance(denies);
    statement.insert("Effect".into(), if is_deny { "Deny" } else { "Allow" }.into());
    match kind {
        Kind::Resource | Kind::Trust => {
            let name = if random.chance(if is_deny { 25 } else { 3 }) { "NotPrincipal" } else { "Principal" };
            let named = loop {
                let named = principals(random, subject);
                // everybody but everybody: AWS refuses it in some services
                if name == "Principal" || !named.to_string().contains("\"*\"") {
                    break named;
                }
            };
            statement.insert(name.into(), named);
        }
        Kind::ResourceControl => {
            statement.insert("Principal".into(), "*".into());
        }
        Kind::Identity | Kind::ServiceControl => {}
    }
    let turned = random.chance(12);
    let actions = some(random, |random| {
        let made = action(random, subject.action);
        // "everything but everything" says nothing
        if turned && made == "*" { "s3:*".to_owned() } else { made }
    });
    statement.insert(if turned { "NotAction" } else { "Action" }.into(), actions);
    if kind != Kind::Trust {
        let name = if random.chance(12) { "NotResource" } else { "Resource" };
        statement.insert(name.into(), some(random, |random| resource(random, &subject.resource)));
    }
    if random.chance(55) {
        statement.insert("Condition".into(), conditions::block(random, &subject.context));
    }
    statement.into()
}

fn policy(random: &mut Random, kind: Kind, subject: &Subject, name: &str) -> Value {
    let version = if random.chance(10) { "2008-10-17" } else { "2012-10-17" };
    let statements: Vec<_> = (0..=random.below(3)).map(|_| statement(random, kind, subject)).collect();
    json!({"name": name, "document": {"Version": version, "Statement": statements}})
}

/// What AWS attaches by itself to every level of an organization.
fn full_access(kind: Kind) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    if kind == Kind::ResourceControl {
        statement["Principal"] = "*".into();
    }
    json!({"name": "FullAWSAccess", "document": {"Version": "2012-10-17", "Statement": [statement]}})
}

fn levels(random: &mut Random, kind: Kind, subject: &Subject) -> Value {
    let level = |random: &mut Random, number: usize| {
        let mut policies = Vec::new();
        if kind == Kind::ResourceControl || random.chance(85) {
            policies.push(full_access(kind));
        }
        if policies.is_empty() || random.chance(30) {
            policies.push(policy(random, kind, subject, &format!("level {number}")));
        }
        Value::from(policies)
    };
    (0..=random.below(3)).map(|number| level(random, number)).collect()
}

/// One case.
pub(crate) fn case(random: &mut Random) -> Value {
    let (action, resource) = SUBJECTS[random.below(SUBJECTS.len())];
    let principal = principal(random, action);
    let names = Subject { principal, action, resource: String::new(), context: Map::new() };
    let home = if names.principal.get("federated").is_some() { HOME.to_owned() } else { names.names()[0].clone() };
    let owner = if resource == "*" || names.principal.get("federated").is_some() || random.chance(65) {
        home
    } else {
        (*random.one(&[HOME, OTHER, MANAGEMENT])).to_owned()
    };
    let owner = owner.as_str();
    let context = context(random, &names.principal, owner);
    let subject = Subject { resource: resource.replace("ACCOUNT", owner), context, ..names };

    let is_somebody = subject.is_somebody();
    let identity: Vec<_> = (0..if is_somebody { random.below(4) } else { 0 })
        .map(|number| policy(random, Kind::Identity, &subject, &format!("identity {number}")))
        .collect();
    let boundary = (is_somebody && random.chance(20)).then(|| policy(random, Kind::Identity, &subject, "boundary"));
    let is_session = subject.principal.get("session").is_some();
    let sessions = if is_session && random.chance(25) { 1 + random.below(2) } else { 0 };
    let session: Vec<_> =
        (0..sessions).map(|number| policy(random, Kind::Identity, &subject, &format!("session {number}"))).collect();
    let kind = if subject.action.starts_with("sts:") { Kind::Trust } else { Kind::Resource };
    let own = if kind == Kind::Trust || action.starts_with("kms:") { 95 } else { 60 };
    let has_policy = resource != "*" && action != "iam:GetRole" && random.chance(own);
    let on_resource = has_policy.then(|| policy(random, kind, &subject, "resource"));
    let organization = random.chance(45).then(|| {
        json!({
            "management": MANAGEMENT,
            "service_control": levels(random, Kind::ServiceControl, &subject),
            "resource_control": levels(random, Kind::ResourceControl, &subject),
        })
    });
    json!({
        "request": {
            "principal": subject.principal,
            "action": subject.action,
            "resource": subject.resource,
            "account": owner,
            "context": subject.context,
        },
        "policies": {
            "identity": identity,
            "boundary": boundary,
            "session": session,
            "resource": on_resource,
            "organization": organization,
        },
    })
}
