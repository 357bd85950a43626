//! A zone that is gutted by hand: every change turns exactly its rows red, with a reason that names it, and the rows are
//! green before and after.

mod properties;

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
};

use crate::support::{
    self, Said, Zone,
    look::{Look, MEMBER, REGION},
};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

/// An emulator's two accounts.
struct Rig {
    member: Look,
    management: Look,
}

/// Puts back what was there.
type Undo = Box<dyn FnOnce(&Rig)>;

/// What is done to the zone, which rows say so, and what they say.
struct Gutted {
    /// The rows that turn red, with what each says.
    rows: Vec<(&'static str, &'static str)>,
    by: fn(&Rig) -> Undo,
}

fn gutted(rows: &'static [&'static str], because: &'static str, by: fn(&Rig) -> Undo) -> Gutted {
    Gutted { rows: rows.iter().map(|row| (*row, because)).collect(), by }
}

impl Gutted {
    /// And these rows, which look at it in another way.
    fn and(mut self, rows: &'static [&'static str], because: &'static str) -> Self {
        self.rows.extend(rows.iter().map(|row| (*row, because)));
        self
    }
}

/// The rows about the guardrail, one for each tag that is required.
const TAG_ROWS: [&str; 2] =
    ["the policy asks for the tag environment by itself", "the policy asks for the tag owner by itself"];

/// The rows that try it.
const CREATION_ROWS: [&str; 12] = [
    "a bucket is not created without the tag environment",
    "a bucket is not created without the tag owner",
    "a bucket is not created without any tag",
    "a VPC is not created without the tag environment",
    "a VPC is not created without the tag owner",
    "a VPC is not created without any tag",
    "a role is not created without the tag environment",
    "a role is not created without the tag owner",
    "a role is not created without any tag",
    "an event bus is not created without the tag environment",
    "an event bus is not created without the tag owner",
    "an event bus is not created without any tag",
];

/// Every change on rows of its own, so that one judgement tells them apart.
fn first() -> Vec<Gutted> {
    vec![
        gutted(&["functions of orders have "], "AdministratorAccess", |r| attach(r, "OrdersRole", ADMINISTRATOR)).and(
            &["functions of orders use their own bus", "functions of orders cannot change"],
            "AdministratorAccess",
        ),
        gutted(&["functions of billing have "], "AWSLambdaBasicExecutionRole` is not attached", |r| {
            let basic = detach(r, "BillingRole", "service-role/AWSLambdaBasicExecutionRole");
            let vpc = detach(r, "BillingRole", "service-role/AWSLambdaVPCAccessExecutionRole");
            Box::new(|r| {
                basic(r);
                vpc(r);
            })
        }),
        gutted(&["functions of parcels have "], "iam:PutRolePolicy", |r| {
            let actions = ["iam:PutRolePolicy", "kms:CreateGrant", "secretsmanager:PutSecretValue"];
            inline(r, "ParcelsRole", &json!({ "Effect": "Allow", "Action": actions, "Resource": "arn:aws:*:*:*:*" }))
        })
        .and(&["functions of parcels cannot change"], "by an identity-based policy (`more`"),
        gutted(&["the policy for secrets reads"], "secretsmanager:DeleteSecret", |r| {
            let actions = ["secretsmanager:DeleteSecret", "secretsmanager:UpdateSecret", "iam:CreateUser"];
            version(r, json!({ "Effect": "Allow", "Action": actions, "Resource": "*" }))
        }),
        gutted(&["the key of class secret is used by"], "Everybody", |r| {
            key(r, "secret", |all| all.push(everybody("kms:*", "*")))
        }),
        gutted(&["the key of class internal is used by"], "no statement allows", |r| {
            key(r, "internal", |all| all.retain(|s| s["Principal"]["Service"].is_null()))
        }),
        gutted(&["bucket lake takes nothing"], "denies a put without encryption", |r| {
            bucket(r, "lake", |all| {
                all.retain(|s| s["Sid"] == "DenyInsecureTransport");
            })
        })
        .and(
            &[
                "bucket lake takes no object without encryption",
                "bucket lake takes no object encrypted with AES256",
                "bucket lake takes no object encrypted with another key",
            ],
            " is allowed",
        ),
        gutted(&["bucket invoices takes nothing"], "denies a put that does not name the key", |r| {
            bucket(r, "invoices", |all| all.retain(|s| s["Sid"] != "DenyWrongKey"))
        })
        .and(&["bucket invoices takes no object encrypted with another key"], " is allowed"),
        gutted(&["bucket pulumi-state takes nothing"], "denies a put with another encryption", |r| {
            bucket(r, "pulumi-state", |all| all.retain(|s| s["Sid"] != "DenyIncorrectEncryption"))
        }),
        gutted(&["bucket scratch takes nothing"], "Everybody", |r| {
            bucket(r, "scratch", |all| all.push(everybody("s3:GetObject", "arn:aws:s3:::acme-scratch-local/*")))
        }),
        gutted(&["bucket scratch keeps its lifecycle"], "noncurrent version", versions_stay),
        gutted(&["dead letters of orders are"], "Everybody", |r| {
            queue(r, "orders-events-dlq-local", |all| {
                let arn = all[0]["Resource"].clone();
                all.push(json!({ "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn }));
            })
        }),
        gutted(&["dead letters of billing are"], "sqs:ReceiveMessage", |r| {
            queue(r, "billing-events-dlq-local", |all| {
                all[0]["Action"] = json!(["sqs:SendMessage", "sqs:ReceiveMessage"]);
            })
        }),
        gutted(&["failed records are kept"], "denies what is granted", |r| {
            queue(r, "acme-firehose-dlq-local", |all| all[0]["Effect"] = "Deny".into())
        }),
        gutted(&["alarms of this account reach the topic"], "Everybody", |r| {
            topic(r, |all| {
                let arn = all[0]["Resource"].clone();
                all.push(json!({ "Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": arn }));
            })
        }),
        gutted(&TAG_ROWS, "s3:CreateBucket", |r| {
            guardrail(r, |all| all.iter_mut().for_each(|s| s["Resource"] = "arn:aws:s3:::nothing".into()))
        })
        .and(&CREATION_ROWS, " is allowed"),
        gutted(&["facts is delivered by a role"], "allows * on `*`", |r| {
            inline(r, &delivery_role(r), &json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))
        }),
        gutted(&["the trail writes to its log group"], "allows * on `*`", |r| {
            inline(r, &trail_role(r), &json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))
        }),
        gutted(&["facts logs what it could not deliver"], "for ever", |r| {
            let name = "/aws/kinesisfirehose/acme-facts";
            r.member.ask(r.member.clients.logs.delete_retention_policy().log_group_name(name).send());
            Box::new(move |r| {
                let call = r.member.clients.logs.put_retention_policy().log_group_name(name).retention_in_days(60);
                r.member.ask(call.send());
            })
        }),
        gutted(&["private subnets of 172.20.0.0/16 have no route out"], "0.0.0.0/1", route_out),
        gutted(&["everything that was deployed has the tag owner"], "igw-", |r| {
            let gateways = r.member.ask(r.member.clients.ec2.describe_internet_gateways().send());
            untag(r, gateways.internet_gateways()[0].internet_gateway_id().expect("an id"), "owner")
        }),
        gutted(&["everything that was deployed has the tag data.domain"], ":role/", |r| {
            untag_role(r, delivery_role(r), "data.domain")
        }),
        gutted(&["everything that was deployed has the tag environment"], "rtb-", |r| {
            untag(r, &private_table(r), "environment")
        }),
        gutted(&["everything that was deployed has the tag cost-center"], ":role/", |r| {
            untag_role(r, trail_role(r), "cost-center")
        }),
    ]
}

/// Other ways into the same rows.
fn second() -> Vec<Gutted> {
    vec![
        gutted(&["functions of orders have "], "NotResource", |r| {
            let all = json!({ "Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::none" });
            inline(r, "OrdersRole", &all)
        }),
        gutted(&["functions of orders read their own secrets"], "is for every resource", as_before),
        gutted(&["the policy for secrets reads"], "NotAction", |r| {
            version(r, json!({ "Effect": "Allow", "NotAction": "iam:DeleteUser", "Resource": "*" }))
        }),
        gutted(&TAG_ROWS, "ec2:CreateNatGateway", |r| {
            guardrail(r, |all| {
                for statement in all {
                    statement["Condition"]["StringEquals"] = json!({ "aws:PrincipalAccount": "never" });
                }
            })
        })
        .and(&CREATION_ROWS, " is allowed"),
        gutted(&["the key of class internal is used by"], "nothing grants", |r| {
            key(r, "internal", |all| {
                let events = all.iter_mut().find(|s| s["Principal"]["Service"] == "events.amazonaws.com");
                events.expect("a statement").as_object_mut().expect("an object").remove("Condition");
            })
        }),
    ]
}

/// Nothing more: the change before turns this row red, too.
fn as_before(_: &Rig) -> Undo {
    Box::new(|_| ())
}

const ADMINISTRATOR: &str = "AdministratorAccess";

fn attach(r: &Rig, role: &'static str, policy: &'static str) -> Undo {
    let call = r.member.clients.iam.attach_role_policy().role_name(role);
    r.member.ask(call.policy_arn(format!("arn:aws:iam::aws:policy/{policy}")).send());
    Box::new(move |r| drop(detach(r, role, policy)))
}

fn detach(r: &Rig, role: &'static str, policy: &'static str) -> Undo {
    let call = r.member.clients.iam.detach_role_policy().role_name(role);
    r.member.ask(call.policy_arn(format!("arn:aws:iam::aws:policy/{policy}")).send());
    Box::new(move |r| drop(attach(r, role, policy)))
}

/// One more inline policy.
fn inline(r: &Rig, role: &str, statement: &Value) -> Undo {
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let call = r.member.clients.iam.put_role_policy().role_name(role).policy_name("more");
    r.member.ask(call.policy_document(document).send());
    let role = role.to_owned();
    Box::new(move |r| {
        r.member.ask(r.member.clients.iam.delete_role_policy().role_name(role).policy_name("more").send());
    })
}

/// A version of `acme-secrets-read` with one more statement.
fn version(r: &Rig, statement: Value) -> Undo {
    let (iam, arn) = (&r.member.clients.iam, format!("arn:aws:iam::{MEMBER}:policy/acme-secrets-read"));
    let policy = r.member.ask(iam.get_policy().policy_arn(&arn).send()).policy.expect("a policy");
    let before = policy.default_version_id.expect("a version");
    let was = r.member.ask(iam.get_policy_version().policy_arn(&arn).version_id(&before).send());
    let was = was.policy_version.and_then(|version| version.document).expect("a document");
    let was = percent_encoding::percent_decode_str(&was).decode_utf8().expect("a text").into_owned();
    let document = edited(&was, |all| all.push(statement));
    let made = iam.create_policy_version().policy_arn(&arn).policy_document(document).set_as_default(true);
    let made = r.member.ask(made.send()).policy_version.and_then(|v| v.version_id).expect("a version");
    Box::new(move |r| {
        let iam = &r.member.clients.iam;
        r.member.ask(iam.set_default_policy_version().policy_arn(&arn).version_id(before).send());
        r.member.ask(iam.delete_policy_version().policy_arn(&arn).version_id(made).send());
    })
}

fn key(r: &Rig, class: &str, edit: impl FnOnce(&mut Vec<Value>)) -> Undo {
    let alias = format!("alias/acme/{class}");
    let key = r.member.ask(r.member.clients.kms.describe_key().key_id(alias).send());
    let id = key.key_metadata.expect("a key").key_id;
    let was = r.member.ask(r.member.clients.kms.get_key_policy().key_id(&id).policy_name("default").send());
    let put = move |r: &Rig, policy: String| {
        r.member.ask(r.member.clients.kms.put_key_policy().key_id(&id).policy_name("default").policy(policy).send());
    };
    swapped(r, was.policy.expect("a policy"), edit, put)
}

fn bucket(r: &Rig, purpose: &str, edit: impl FnOnce(&mut Vec<Value>)) -> Undo {
    let name = format!("acme-{purpose}-local");
    let was = r.member.ask(r.member.clients.s3.get_bucket_policy().bucket(&name).send());
    let put = move |r: &Rig, policy: String| {
        r.member.ask(r.member.clients.s3.put_bucket_policy().bucket(&name).policy(policy).send());
    };
    swapped(r, was.policy.expect("a policy"), edit, put)
}

fn queue(r: &Rig, name: &str, edit: impl FnOnce(&mut Vec<Value>)) -> Undo {
    let sqs = &r.member.clients.sqs;
    let url = r.member.ask(sqs.get_queue_url().queue_name(name).send()).queue_url.expect("a URL");
    let policy = QueueAttributeName::Policy;
    let was = r.member.ask(sqs.get_queue_attributes().queue_url(&url).attribute_names(policy.clone()).send());
    let was = was.attributes.and_then(|mut all| all.remove(&policy)).expect("a policy");
    let put = move |r: &Rig, text: String| {
        let call = r.member.clients.sqs.set_queue_attributes().queue_url(&url);
        r.member.ask(call.attributes(QueueAttributeName::Policy, text).send());
    };
    swapped(r, was, edit, put)
}

fn topic(r: &Rig, edit: impl FnOnce(&mut Vec<Value>)) -> Undo {
    let arn = format!("arn:aws:sns:{REGION}:{MEMBER}:acme-platform-alerts-local");
    let was = r.member.ask(r.member.clients.sns.get_topic_attributes().topic_arn(&arn).send());
    let was = was.attributes.and_then(|mut all| all.remove("Policy")).expect("a policy");
    let put = move |r: &Rig, text: String| {
        let call = r.member.clients.sns.set_topic_attributes().topic_arn(&arn);
        r.member.ask(call.attribute_name("Policy").attribute_value(text).send());
    };
    swapped(r, was, edit, put)
}

fn guardrail(r: &Rig, edit: impl FnOnce(&mut Vec<Value>)) -> Undo {
    let organizations = &r.management.clients.organizations;
    let filter = aws_sdk_organizations::types::PolicyType::ServiceControlPolicy;
    let all = r.management.ask(organizations.list_policies().filter(filter).send());
    let ours = all.policies().iter().find(|p| p.name() == Some("acme-platform-required-tags"));
    let id = ours.and_then(|policy| policy.id()).expect("the guardrail").to_owned();
    let was = r.management.ask(organizations.describe_policy().policy_id(&id).send());
    let was = was.policy.and_then(|policy| policy.content).expect("a document");
    let put = move |r: &Rig, content: String| {
        let call = r.management.clients.organizations.update_policy().policy_id(&id);
        r.management.ask(call.content(content).send());
    };
    swapped(r, was, edit, put)
}

/// What is deleted stays for ever as noncurrent versions.
fn versions_stay(r: &Rig) -> Undo {
    let name = "acme-scratch-local";
    let was = r.member.ask(r.member.clients.s3.get_bucket_lifecycle_configuration().bucket(name).send());
    let was = was.rules.expect("rules");
    let put = move |r: &Rig, rules: Vec<aws_sdk_s3::types::LifecycleRule>| {
        let rules = aws_sdk_s3::types::BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
        let call = r.member.clients.s3.put_bucket_lifecycle_configuration().bucket(name);
        r.member.ask(call.lifecycle_configuration(rules.expect("they are whole")).send());
    };
    let mut less = was.clone();
    for rule in &mut less {
        rule.noncurrent_version_expiration = None;
    }
    put(r, less);
    Box::new(move |r| put(r, was))
}

/// The route table that the private subnets share: the one that is not the VPC's main one and has no way out.
fn private_table(r: &Rig) -> String {
    let arn = |name: &str| format!("/acme/local/network/{name}");
    let call = r.member.clients.ssm.get_parameter().name(arn("private-subnet-ids"));
    let ids = r.member.ask(call.send()).parameter.and_then(|parameter| parameter.value).expect("ids");
    let subnet = ids.split(',').next().expect("an id");
    let filter = aws_sdk_ec2::types::Filter::builder().name("association.subnet-id").values(subnet).build();
    let tables = r.member.ask(r.member.clients.ec2.describe_route_tables().filters(filter).send());
    tables.route_tables()[0].route_table_id().expect("an id").to_owned()
}

/// Half of the Internet, for the private subnets.
fn route_out(r: &Rig) -> Undo {
    let table = private_table(r);
    let gateways = r.member.ask(r.member.clients.ec2.describe_internet_gateways().send());
    let gateway = gateways.internet_gateways()[0].internet_gateway_id().expect("an id");
    let call = r.member.clients.ec2.create_route().route_table_id(&table).gateway_id(gateway);
    r.member.ask(call.destination_cidr_block("0.0.0.0/1").send());
    Box::new(move |r| {
        let call = r.member.clients.ec2.delete_route().route_table_id(table);
        r.member.ask(call.destination_cidr_block("0.0.0.0/1").send());
    })
}

fn untag(r: &Rig, id: &str, key: &'static str) -> Undo {
    let filter = |name: &str, value: &str| aws_sdk_ec2::types::Filter::builder().name(name).values(value).build();
    let ec2 = &r.member.clients.ec2;
    let was = ec2.describe_tags().filters(filter("resource-id", id)).filters(filter("key", key));
    let was = r.member.ask(was.send()).tags()[0].value().expect("a value").to_owned();
    let tag = aws_sdk_ec2::types::Tag::builder().key(key);
    r.member.ask(ec2.delete_tags().resources(id).tags(tag.clone().build()).send());
    let id = id.to_owned();
    Box::new(move |r| {
        r.member.ask(r.member.clients.ec2.create_tags().resources(id).tags(tag.value(was).build()).send());
    })
}

fn untag_role(r: &Rig, role: String, key: &'static str) -> Undo {
    let all = r.member.ask(r.member.clients.iam.list_role_tags().role_name(&role).send());
    let was = all.tags().iter().find(|tag| tag.key() == key).expect("the tag").clone();
    r.member.ask(r.member.clients.iam.untag_role().role_name(&role).tag_keys(key).send());
    Box::new(move |r| {
        r.member.ask(r.member.clients.iam.tag_role().role_name(role).tags(was).send());
    })
}

fn delivery_role(r: &Rig) -> String {
    let call = r.member.clients.firehose.describe_delivery_stream().delivery_stream_name("acme-facts");
    let stream = r.member.ask(call.send()).delivery_stream_description.expect("a stream");
    let to = stream.destinations()[0].extended_s3_destination_description().expect("a bucket");
    name(to.role_arn())
}

fn trail_role(r: &Rig) -> String {
    let trail = r.member.ask(r.member.clients.cloudtrail.get_trail().name("acme-platform").send()).trail;
    name(&trail.and_then(|trail| trail.cloud_watch_logs_role_arn).expect("a role"))
}

fn name(arn: &str) -> String {
    arn.rsplit('/').next().expect("a name").to_owned()
}

fn everybody(action: &str, resource: &str) -> Value {
    json!({ "Sid": "More", "Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource })
}

fn edited(document: &str, edit: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut document: Value = serde_json::from_str(document).expect("a policy");
    edit(document["Statement"].as_array_mut().expect("statements"));
    document.to_string()
}

fn swapped(r: &Rig, was: String, edit: impl FnOnce(&mut Vec<Value>), put: impl Fn(&Rig, String) + 'static) -> Undo {
    put(r, edited(&was, edit));
    Box::new(move |r| put(r, was))
}

/// The rows that failed: name and reason.
fn red(said: &Said) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = said.objects().into_iter().filter(|o| o["type"] == "scenario" && o["outcome"] == "failed");
    rows.map(|row| (text(&row, "name"), text(&row, "reason"))).collect()
}

/// Does all of it, looks once, and puts it back.
fn judge(zone: &Zone, rig: &Rig, changes: &[Gutted]) {
    let undo: Vec<_> = changes.iter().map(|change| (change.by)(rig)).collect();
    let said = zone.run("verify --json");
    let mut left = red(&said);
    for change in changes {
        for (row, because) in &change.rows {
            let at = left.iter().position(|(name, reason)| name.contains(row) && reason.contains(because));
            let at = at.unwrap_or_else(|| panic!("`{row}` is not red because of `{because}`: {left:#?}"));
            left.remove(at);
        }
    }
    assert!(left.is_empty(), "and nothing else is red: {left:#?}");
    assert_eq!(said.code, Some(4), "{said}");
    for undo in undo.into_iter().rev() {
        undo(rig);
    }
    assert_eq!(red(&zone.run("verify --json").succeeded()), [], "all of it is put back");
}

fn every_change_turns_exactly_its_rows_red(zone: &Zone) {
    assert_eq!(red(&zone.run("verify --json").succeeded()), [], "green as it is deployed");
    let endpoint = zone.started();
    let rig = Rig { member: Look::at(&endpoint), management: Look::at_management(&endpoint) };
    judge(zone, &rig, &first());
    judge(zone, &rig, &second());
}

/// A change that `outside/change.py` makes.
struct Outside {
    batch: u64,
    /// `token property`.
    of: Vec<String>,
    rows: Vec<String>,
    /// One a row.
    because: Vec<String>,
}

/// The script, with boto3, which shares nothing with us.
fn script(zone: &Zone, what: &str) -> Command {
    let emulator = zone.emulator();
    let mut command = Command::new(support::python());
    let endpoint = emulator["endpoint"].as_str().expect("an endpoint");
    command.arg("-I").arg(support::repository().join("bin/tests/it/outside/change.py"));
    command.args([endpoint, MEMBER, "local", what]);
    command
}

fn from_outside(zone: &Zone) -> Vec<Outside> {
    let said = Said::from(script(zone, "list").output().expect("Python starts")).succeeded();
    let texts =
        |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let read = |change: Value| Outside {
        batch: change["batch"].as_u64().expect("a batch"),
        of: texts(&change["of"]),
        rows: texts(&change["rows"]),
        because: texts(&change["because"]),
    };
    said.objects().into_iter().map(read).collect()
}

/// Makes the changes of a batch, looks, and has them put back.
fn judge_from_outside(zone: &Zone, batch: u64, changes: &[&Outside]) {
    let mut command = script(zone, &batch.to_string());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("Python starts");
    let mut words = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    words.read_line(&mut line).expect("a line");
    if line.trim() != "changed" {
        let output = child.wait_with_output().expect("Python ends");
        panic!("batch {batch}: {line}{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut left = red(&zone.run("verify --json"));
    // it restores when its input ends
    drop(child.stdin.take());
    let mut rest = String::new();
    words.read_to_string(&mut rest).expect("text");
    let output = child.wait_with_output().expect("Python ends");
    assert_eq!(rest.trim(), "restored", "batch {batch}: {}", String::from_utf8_lossy(&output.stderr));
    let rows = changes.iter().flat_map(|change| {
        change.rows.iter().zip(&change.because).map(move |(row, because)| (&change.of, row, because))
    });
    let mut rows: Vec<_> = rows.collect();
    // the longest first: a row's name may begin with the whole of another's
    rows.sort_by_key(|(_, row, _)| std::cmp::Reverse(row.len()));
    for (of, row, because) in rows {
        let at = left.iter().position(|(name, reason)| name.contains(row) && reason.contains(because));
        let at = at.unwrap_or_else(|| panic!("{of:?}: `{row}` is not red because of `{because}`: {left:#?}"));
        left.remove(at);
    }
    assert!(left.is_empty(), "batch {batch}: and nothing else is red: {left:#?}");
}

/// So that a change can be made of a pool in which administrators make the users.
const CLERKS: &str = r#"
[[pool]]
name = "clerks"
password_minimum_length = 14
admin_creates_users = true
attributes = ["badge"]
"#;

#[test]
fn whatever_is_changed_by_hand_turns_its_rows_red_and_no_others() {
    let zone = Zone::new();
    zone.append("config/zone.toml", CLERKS);
    zone.run("up").succeeded();
    every_change_turns_exactly_its_rows_red(&zone);
    every_configured_property_turns_its_rows_red_or_has_a_reason_why_not(&zone);
}

fn every_configured_property_turns_its_rows_red_or_has_a_reason_why_not(zone: &Zone) {
    let changes = from_outside(zone);
    assert!(changes.len() > 120, "{} changes", changes.len());
    let rows: Vec<_> = first().into_iter().chain(second()).flat_map(|change| change.rows).copied().collect();
    let of = changes.iter().flat_map(|change| change.of.iter().map(String::as_str)).collect();
    let state = zone.state();
    let unchanged = properties::unjudged(&state, &std::collections::BTreeSet::new(), &rows);
    let named = |text: &String| text.starts_with("aws:cloudwatch/logGroup:LogGroup retentionInDays: no change");
    assert!(unchanged.iter().any(named), "what no change covers is named: {unchanged:#?}");
    let wrong = properties::unjudged(&state, &of, &rows);
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    let last = changes.iter().map(|change| change.batch).max().unwrap_or_default();
    for batch in 0..=last {
        let of_batch: Vec<_> = changes.iter().filter(|change| change.batch == batch).collect();
        judge_from_outside(zone, batch, &of_batch);
    }
    assert_eq!(red(&zone.run("verify --json").succeeded()), [], "all of it is put back");
}
