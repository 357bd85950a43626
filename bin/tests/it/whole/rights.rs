//! The rights that we publish and that `doctor` asks for are those that AWS asks for: the calls of a whole run say which.

use std::{collections::BTreeSet, path::Path};

use crate::support::{
    Zone, calls,
    look::Look,
    proxy::{Kept, Proxy},
};
use serde_json::Value;

/// Rights of a deployment that no call of this run shows, and why AWS asks for them or when they are called for.
const UNSEEN: &[(&str, &str)] = &[
    ("iam:PassRole", "of who gives a role to Firehose and CloudTrail"),
    ("kms:CreateGrant", "Firehose makes its grant in the caller's name"),
    ("kms:GenerateDataKey", "S3 encrypts objects of the state in the caller's name"),
    ("kms:TagResource", "CreateKey with tags"),
    ("s3:TagResource", "CreateBucket with tags"),
    ("logs:AssociateKmsKey", "CreateLogGroup with a key; another key later"),
    ("cloudtrail:RemoveTags", "a tag that is taken out of the configuration"),
    ("cognito-idp:UntagResource", "a tag that is taken out of the configuration"),
    ("ec2:DeleteTags", "a tag that is taken out of the configuration"),
    ("events:UntagResource", "a tag that is taken out of the configuration"),
    ("firehose:UntagDeliveryStream", "a tag that is taken out of the configuration"),
    ("iam:UntagOpenIDConnectProvider", "a tag that is taken out of the configuration"),
    ("iam:UntagPolicy", "a tag that is taken out of the configuration"),
    ("iam:UntagRole", "a tag that is taken out of the configuration"),
    ("kms:UntagResource", "a tag that is taken out of the configuration"),
    ("logs:UntagResource", "a tag that is taken out of the configuration"),
    ("organizations:UntagResource", "a tag that is taken out of the configuration"),
    ("sns:UntagResource", "a tag that is taken out of the configuration"),
    ("sqs:UntagQueue", "a tag that is taken out of the configuration"),
    ("ssm:RemoveTagsFromResource", "a tag that is taken out of the configuration"),
    ("xray:UntagResource", "a tag that is taken out of the configuration"),
    ("cloudtrail:UpdateTrail", "another bucket, key or log group"),
    ("cognito-idp:AddCustomAttributes", "one more attribute"),
    ("ec2:ModifySubnetAttribute", "a property of a subnet that was changed behind our back"),
    ("ec2:ModifyVpcEndpoint", "other route tables"),
    ("ec2:ReplaceRoute", "another gateway"),
    ("ec2:ReplaceRouteTableAssociation", "another route table"),
    ("firehose:StartDeliveryStreamEncryption", "another key"),
    ("firehose:UpdateDestination", "another destination, or how much is gathered"),
    ("iam:CreatePolicyVersion", "other rights to secrets"),
    ("iam:DeletePolicyVersion", "a policy has five versions at most"),
    ("iam:UpdateAssumeRolePolicy", "another trust"),
    ("iam:UpdateRole", "another description or length of a session"),
    ("kms:CancelKeyDeletion", "a key that waits for its deletion is taken up again"),
    ("kms:EnableKey", "a key that waits for its deletion is taken up again"),
    ("kms:PutKeyPolicy", "another policy of a key"),
    ("kms:UpdateAlias", "an alias that was pointed at another key"),
    ("kms:UpdateKeyDescription", "another description"),
    ("organizations:EnablePolicyType", "service control policies are not enabled yet"),
    ("organizations:UpdatePolicy", "other actions or exemptions of the guardrail"),
    ("sqs:GetQueueUrl", "a queue is found by its name when a run was cut off"),
    ("s3:ListAllMyBuckets", "who may not see a bucket asks whose it is"),
    ("iam:ListMFADevices", "doctor asks for those of IAM users"),
    (
        "organizations:DescribeOrganization",
        "doctor asks in the member account where no management account is configured",
    ),
    ("organizations:DescribeOrganizationalUnit", "a guardrail that hangs on a unit"),
];

/// What `doctor` reads where IAM's own simulation, which is published, is refused, as it is here.
const INSTEAD: [&str; 2] = ["iam:GetUser", "iam:ListRolePolicies"];

/// What the role of the probes does.
const TRIED: [&str; 5] =
    ["ec2:CreateVpc", "events:CreateEventBus", "iam:CreateRole", "s3:CreateBucket", "s3:PutObject"];

/// The actions of a policy that is published.
fn published(name: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/rights/{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let policy: Value = serde_json::from_str(&text).expect("a policy");
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let actions = statements.flat_map(|s| s["Action"].as_array().into_iter().flatten());
    actions.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The rights that these calls need, in the member account or in the management account.
fn needed(kept: &[Kept], management: bool) -> BTreeSet<String> {
    let names: BTreeSet<_> = kept.iter().map(|kept| calls::name(&kept.request)).collect();
    for name in &names {
        assert!(name.split_once(':').is_some_and(|(_, o)| !o.contains('/')), "nobody has said which call `{name}` is");
    }
    let of_account = names.iter().filter(|name| name.starts_with("organizations:") == management);
    // the way into an account is the caller's own affair
    let calls = of_account.filter(|name| *name != "sts:AssumeRole");
    calls.flat_map(|name| features::actions::all_of(name)).map(str::to_owned).collect()
}

/// What of one is not in the other.
fn less(of: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    of.difference(other).cloned().collect()
}

#[test]
fn the_calls_of_a_whole_run_need_the_rights_that_are_published_and_asked_for() {
    let zone = Zone::new();
    let emulator = zone.started();
    let proxy = Proxy::new(&emulator, 1);
    zone.append("config/local.toml", &format!("[emulator]\nendpoint = \"{}\"\n", proxy.endpoint()));

    zone.edit("config/local.toml", "state = \"file\"", "state = \"bucket\"\nsecrets = \"awskms\"");

    let mut at = 0;
    let mut run = |command: &str, code: i32| {
        let said = zone.run(command);
        assert_eq!(said.code, Some(code), "{said}");
        let kept = proxy.kept().split_off(at);
        at += kept.len();
        kept
    };
    let mut examined = run("doctor", 0);
    let mut deployed = run("up", 0);
    examined.extend(run("doctor", 0));
    let judged = run("verify --read-only", 0);
    let probed = run("verify --filter probes", 0);
    zone.edit("config/zone.toml", "cost-center = \"Zürich 4711\"", "cost-center = \"other\"");
    zone.edit("config/local.toml", "log_retention_days = 60", "log_retention_days = 90");
    deployed.extend(run("up", 0));
    deployed.extend(run("refresh", 0));
    // what was made is found again and adopted
    deployed.extend(run("state export", 0));
    let export = zone.run("state export").succeeded();
    let mut state: Value = serde_json::from_str(&export.out).expect("an object");
    state["deployment"]["resources"] = serde_json::json!([]);
    std::fs::write(zone.path("empty.json"), state.to_string()).expect("written");
    deployed.extend(run("state import empty.json --yes", 0));
    deployed.extend(run("state rebuild --yes", 0));
    let look = Look::at(&emulator);
    look.ask(look.clients.s3.delete_public_access_block().bucket("acme-scratch-local").send());
    let drifted = run("drift", 4);
    let destroyed = run("destroy --yes", 0);

    let unseen: BTreeSet<_> = UNSEEN.iter().map(|(action, _)| (*action).to_owned()).collect();
    let none = Vec::<String>::new();
    let mut all = BTreeSet::new();
    for (management, account) in [(false, "member"), (true, "management")] {
        let deploy = published(&format!("deploy.{account}"));
        let calls = needed(&deployed, management);
        assert_eq!(less(&calls, &deploy), none, "{account}: a deployment calls them, and doctor does not ask for them");
        let spare = &deploy - &calls;
        assert_eq!(less(&spare, &unseen), none, "{account}: doctor asks for them, and nobody calls or explains them");

        let destroy = published(&format!("destroy.{account}"));
        let calls = needed(&destroyed, management);
        let lacking = &(&calls - &deploy) - &destroy;
        assert!(lacking.is_empty(), "{account}: destroy calls them, and nobody publishes them: {lacking:?}");
        assert_eq!(less(&destroy, &calls), none, "{account}: published for destroy, which does not call them");

        let verify = published(&format!("verify.{account}"));
        let calls = needed(&judged, management);
        assert_eq!(less(&calls, &verify), none, "{account}: verify calls them, and nobody publishes them");
        assert_eq!(
            less(&(&verify - &calls), &unseen),
            none,
            "{account}: published for verify, which does not call them"
        );
        all.extend([deploy, verify].into_iter().flatten());
    }

    for (management, account) in [(false, "member"), (true, "management")] {
        let (deploy, doctor) = (published(&format!("deploy.{account}")), published(&format!("doctor.{account}")));
        let calls = needed(&examined, management);
        let mut calls = &calls - &deploy;
        if management {
            // which account a call of IAM went to, nobody sees
            calls.insert("iam:SimulatePrincipalPolicy".to_owned());
        } else {
            for action in INSTEAD {
                assert!(calls.remove(action), "doctor does not call {action}");
            }
        }
        assert_eq!(less(&calls, &doctor), none, "{account}: doctor calls them, and nobody publishes them");
        assert_eq!(
            less(&(&doctor - &calls), &unseen),
            none,
            "{account}: published for doctor, which does not call them"
        );
        all.extend(doctor);
    }
    assert_eq!(less(&unseen, &all), none, "explained, and published nowhere");

    let drift = published("drift.member");
    assert_eq!(drift, published("drift.management"), "CloudTrail is asked in the account of what differs");
    assert_eq!(less(&drift, &needed(&drifted, false)), none, "published for drift, which does not call them");
    for (management, account) in [(false, "member"), (true, "management")] {
        let known: BTreeSet<_> = published(&format!("deploy.{account}")).union(&drift).cloned().collect();
        let calls = needed(&drifted, management);
        assert_eq!(less(&calls, &known), none, "{account}: drift calls them, and nobody publishes them");
    }

    // the role of the probes has its rights by its own policy, and some calls are not signed
    let tried: BTreeSet<_> = TRIED.iter().map(|action| (*action).to_owned()).collect();
    let signed: Vec<_> =
        probed.into_iter().filter(|kept| !calls::name(&kept.request).ends_with(" of unsigned")).collect();
    let (probe, calls) = (published("probe.member"), needed(&signed, false));
    let known = [&published("verify.member"), &probe, &tried].into_iter().flatten().cloned().collect();
    assert_eq!(less(&calls, &known), none, "probes call them, and nobody publishes them");
    let implied = ["iam:TagRole", "s3:DeleteObjectVersion", "sts:AssumeRole"].map(str::to_owned);
    assert_eq!(
        less(&probe, &[calls, implied.into()].into_iter().flatten().collect()),
        none,
        "published for probes, which do not call them"
    );
}
