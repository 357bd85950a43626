//! Other tenants than the shipped one: each is another `config/`, and `up`, `up` again, `verify`, `contract check`, `doctor`
//! and `destroy` do for it what they do for the shipped one.

use std::fmt::Write as _;

use crate::support::{Zone, python};
use serde_json::Value;

#[test]
fn what_init_writes_is_deployed_as_it_is() {
    let zone = Zone::empty();
    zone.run("init --prefix far-wind --region eu-central-1 --class internal,secret --domain mail,parcels").succeeded();
    // an organization of any id will do
    zone.edit("config/local.toml", "123456789012", "555566667777");
    zone.lives();
}

/// What few tenants have: guardrails without a management account, a tag in the trust of functions, a locked bucket that is no
/// trail's, a trail's bucket that is not locked.
#[test]
fn a_tenant_with_what_is_rare_is_deployed() {
    let zone = Zone::empty();
    zone.run("init --prefix odd-one --region eu-north-1 --class internal --domain mail --bucket one").succeeded();
    let management = "# `attach_to`: what the guardrail";
    let local = std::fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
    let (before, _) = local.split_once(management).expect("the management account is the last table");
    std::fs::write(zone.path("config/local.toml"), before).expect("local.toml is written");
    zone.edit("config/zone.toml", "[roles]", "[roles]\ntag_in_trust = \"owner\"");
    zone.edit("config/zone.toml", "object_lock_days = 365\n", "");
    zone.append("config/zone.toml", "[[bucket]]\npurpose = \"vault\"\nclass = \"internal\"\nobject_lock_days = 30\n");
    zone.lives();
}

/// 40 domains, 20 buckets, 5 pools, 6 availability zones, names at AWS's limits, tags with spaces and in other scripts.
#[test]
fn a_tenant_as_large_as_they_come_is_deployed() {
    let zone = Zone::empty();
    zone.run("init --prefix wide-zone --region us-east-1 --class plain,secret --domain first --bucket one").succeeded();
    let config = std::fs::read_to_string(zone.path("config/zone.toml")).expect("zone.toml");
    let mut text = config
        .replace(
            "managed_by = \"zone\"",
            "managed_by = \"zone\"\n\"Cost Center\" = \"Müller - 東京\"\n\"課\" = \"物流\"",
        )
        .replace("required = [", "required = [\"Cost Center\", ")
        .replace(
            "availability_zones = [\"a\", \"b\"]",
            "availability_zones = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]",
        )
        .replace("public_subnets = [\"10.0.0.0/20\", \"10.0.16.0/20\"]", &subnets("public", 0))
        .replace("private_subnets = [\"10.0.128.0/20\", \"10.0.144.0/20\"]", &subnets("private", 128));
    // the archive's name has 48 characters at most, with `-archive-local` behind the bus
    let longest = format!("bus-{}", "x".repeat(48 - "-archive-local".len() - 4));
    let mut buses: Vec<String> = (0..38).map(|n| format!("domain-{n:02}")).collect();
    buses.push(longest);
    for (n, bus) in buses.iter().enumerate() {
        write!(text, "\n[[domain]]\nbus = \"{bus}\"\nrole = \"Role{n}\"\nclasses = [\"plain\", \"secret\"]\n")
            .expect("text");
    }
    text.push_str("invokes = [\"domain-01-*\"]\n\n[domain.rules]\nbus = \"first\"\nprefix = \"rules-\"\n");
    text.push_str("\n[[domain.allow]]\nsid = \"Tables\"\nactions = [\"dynamodb:GetItem\"]\n");
    text.push_str("resources = [\"arn:aws:dynamodb:{region}:{account}:table/{bus}-*\"]\n");
    // a bucket's name has 63 characters at most
    let longest = "y".repeat(63 - "wide-zone--local".len());
    let purposes = (0..17).map(|n| format!("bucket-{n}")).chain([longest]);
    for purpose in purposes {
        write!(text, "\n[[bucket]]\npurpose = \"{purpose}\"\nclass = \"secret\"\nglacier_after_days = 5\nexpire_after_days = 50\n")
            .expect("text");
    }
    text.push_str("\n[identity]\ndomain_prefix = \"wide\"\n\n[identity.resource_server]\nidentifier = \"api\"\nscopes = [\"a\", \"b\"]\n");
    let mut callbacks = String::new();
    for n in 0..5 {
        write!(
            text,
            "\n[[pool]]\nname = \"pool-{n}\"\npassword_minimum_length = {}\nadmin_creates_users = {}\n",
            10 + n,
            n % 2 == 0
        )
        .expect("text");
        write!(text, "\n[[pool.client]]\nname = \"web-{n}\"\nkind = \"public\"\n").expect("text");
        write!(text, "\n[[pool.client]]\nname = \"machine-{n}\"\nkind = \"machine\"\nscopes = [\"b\"]\n")
            .expect("text");
        write!(callbacks, "\n[[callback]]\nclient = \"web-{n}\"\nurls = [\"https://{n}.example/in\"]\n").expect("text");
    }
    text.push_str(
        "\n[delivery]\nclass = \"secret\"\nbucket = \"bucket-0\"\nbuffer_megabytes = 5\nbuffer_seconds = 60\n",
    );
    for n in 0..3 {
        write!(text, "\n[[stream]]\nname = \"wide-stream-{n}\"\noutput = \"s{n}\"\nprefix = \"in/{n}\"\n")
            .expect("text");
    }
    std::fs::write(zone.path("config/zone.toml"), text).expect("zone.toml is written");
    let local = std::fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
    std::fs::write(zone.path("config/local.toml"), local + &callbacks).expect("local.toml is written");
    let made = zone.lives();
    // bus, archive, queue, role and their policies; what is set on a bucket
    let shape = zone.shape();
    let least = 8 * shape.domains.len() + 6 * shape.buckets.len();
    assert!(made > least as u64, "{made} resources of a zone that has at least {least}");
}

fn subnets(kind: &str, first: u32) -> String {
    let all: Vec<_> = (0..6).map(|n| format!("\"10.0.{}.0/20\"", first + 16 * n)).collect();
    format!("{kind}_subnets = [{}]", all.join(", "))
}

/// A VPC and GitHub's identity provider of somebody else are published and trusted, and nothing of them is changed.
#[test]
fn what_the_configuration_says_exists_is_left_as_it_is() {
    let zone = Zone::empty();
    zone.run("init --prefix guest --domain visits").succeeded();
    zone.run("emulator start").succeeded();
    let made = std::process::Command::new(python())
        .args(["-c", MAKE, zone.emulator()["endpoint"].as_str().expect("an endpoint"), "make"])
        .output()
        .expect("python runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).expect("ids");
    let text = std::fs::read_to_string(zone.path("config/zone.toml")).expect("zone.toml");
    let (before, rest) = text.split_once("cidr = \"10.0.0.0/16\"").expect("a network");
    let (_, after) = rest.split_once("\"10.0.144.0/20\"]\n").expect("its subnets");
    let list = |key: &str| format!("{key} = {}\n", made[key]);
    let network = format!("vpc_id = {}\n{}{}", made["vpc_id"], list("public_subnet_ids"), list("private_subnet_ids"));
    let text = format!("{before}{network}{after}");
    let text = text.replace("break_glass_principals = []", "break_glass_principals = []\noidc_provider = \"existing\"");
    std::fs::write(zone.path("config/zone.toml"), text).expect("zone.toml is written");

    let said = zone.run("doctor --json").succeeded();
    let checks: Vec<_> =
        said.objects().into_iter().filter(|o| o["id"].as_str().is_some_and(|id| id.starts_with("existing."))).collect();
    assert_eq!(checks.len(), 3, "{said}");
    assert!(checks.iter().all(|check| check["level"] == "ok"), "{checks:?}");
    zone.lives();
    let after = std::process::Command::new(python())
        .args(["-c", MAKE, zone.emulator()["endpoint"].as_str().expect("an endpoint"), "look"])
        .output()
        .expect("python runs");
    let after: Value = serde_json::from_slice(&after.stdout).expect("ids");
    assert_eq!(after, made, "it is there, as it was");

    // an id that is nobody's is named before anything is deployed
    zone.edit("config/zone.toml", made["vpc_id"].as_str().expect("an id"), "vpc-0a1b2c3d4e5f67890");
    let said = zone.run("doctor --json");
    assert!(said.out.contains("there is no VPC vpc-0a1b2c3d4e5f67890"), "{said}");
}

/// Makes a VPC and GitHub's provider, or says what is there.
const MAKE: &str = r#"
import boto3, json, sys
endpoint, verb = sys.argv[1:]
kwargs = dict(endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
role = "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole"
taken = boto3.client("sts", **kwargs).assume_role(RoleArn=role, RoleSessionName="guest")["Credentials"]
kwargs.update(aws_access_key_id=taken["AccessKeyId"], aws_secret_access_key=taken["SecretAccessKey"], aws_session_token=taken["SessionToken"])
ec2, iam = boto3.client("ec2", **kwargs), boto3.client("iam", **kwargs)
mark = [{"Name": "tag:guest", "Values": ["yes"]}]
if verb == "make":
    tags = lambda kind: [{"ResourceType": kind, "Tags": [{"Key": "guest", "Value": "yes"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags("vpc"))["Vpc"]["VpcId"]
    for n in range(4):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", TagSpecifications=tags("subnet"))
    iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["f" * 40])
vpc = ec2.describe_vpcs(Filters=mark)["Vpcs"][0]["VpcId"]
subnets = sorted(ec2.describe_subnets(Filters=mark)["Subnets"], key=lambda s: s["CidrBlock"])
ids = [s["SubnetId"] for s in subnets]
[provider] = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
print(json.dumps({"vpc_id": vpc, "public_subnet_ids": ids[:2], "private_subnet_ids": ids[2:], "tags": [s["Tags"] for s in subnets], "audiences": provider["ClientIDList"], "provider": provider["Tags"]}))
"#;
