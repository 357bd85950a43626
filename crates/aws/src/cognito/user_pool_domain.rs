//! The domain of a Cognito user pool, where users sign in and applications get their tokens.
//!
//! Calls: CreateUserPoolDomain, DescribeUserPoolDomain, UpdateUserPoolDomain, DeleteUserPoolDomain.
//! IAM: `cognito-idp:` + each of these; for a domain of your own `acm:` of the certificate and
//! `cloudfront:updateDistribution`.
//!
//! - A prefix exists once in a region, for all accounts: one that is this pool's already is adopted.
//! - A pool has one prefix, so a new one can only come when the old one has gone.
//! - It is made and removed some time after the call; a domain of your own takes up to an hour.

use aws_sdk_cognitoidentityprovider::types::{CustomDomainConfigType, DomainDescriptionType, DomainStatusType};

use crate::{prelude::*, waits::POOL_IS_BUSY};

/// The domain of a Cognito user pool, where users sign in and applications get their tokens.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cognito/userPoolDomain:UserPoolDomain", noun = "user pool domain", handle = UserPoolDomain)]
#[resource(from = DomainDescriptionType)]
pub struct Inputs {
    /// A prefix of AWS's domain, up to 63 letters, digits and `-`, or a whole domain of your own.
    #[resource(replace)]
    pub domain: String,
    /// The pool's id.
    #[resource(replace)]
    pub user_pool_id: String,
    /// ARN of the certificate of a domain of your own, in us-east-1.
    #[resource(blank, sdk = custom_domain_config.certificate_arn)]
    pub certificate_arn: Option<String>,
    /// 1 is the classic pages, 2 those that can be branded.
    #[resource(computed)]
    pub managed_login_version: Option<i32>,
}

/// Outputs of a user pool domain.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = UserPoolDomain)]
pub struct Outputs {
    /// The account it is in.
    pub aws_account_id: String,
    /// The CloudFront distribution, which a domain of your own is an alias of.
    pub cloudfront_distribution: String,
    /// The same as `cloudfrontDistribution`; it is no ARN.
    pub cloudfront_distribution_arn: String,
    /// CloudFront's hosted zone, for an alias in Route 53.
    pub cloudfront_distribution_zone_id: String,
    /// Bucket of its static files.
    pub s3_bucket: Option<String>,
    /// Version of the pages.
    #[resource(volatile)]
    pub version: Option<String>,
}

/// Of a domain that is another pool's, that does not exist, and of everything else that is wrong, as of 2026-11.
const INVALID: Codes = &["InvalidParameterException"];
/// The same for all distributions: <https://docs.aws.amazon.com/general/latest/gr/cf_region.html>
const CLOUDFRONT: &str = "Z2FDTNDATAQYW2";
/// Words that AWS keeps for itself.
const RESERVED: [&str; 3] = ["aws", "amazon", "cognito"];
/// Less than an operation may take: what is unfinished then is in the state, and the next deployment goes on.
const PATIENCE: Duration = Duration::from_mins(15);
/// Within this, what was made may not show yet.
const UNSEEN: Duration = Duration::from_mins(1);

impl AwsResource for UserPoolDomain {
    const ABSENT: Codes = &["ResourceNotFoundException"];
    const PRESENCE: Presence = Presence::Named;
    const DELETES_FIRST: bool = true;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(inputs.domain.clone())
    }

    fn check(checks: &mut Checks<'_>) {
        let Some(domain) = checks.text("domain") else { return };
        let is_prefix = (1..=63).contains(&domain.len())
            && domain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !domain.starts_with('-')
            && !domain.ends_with('-');
        match (domain.contains('.'), checks.has("certificateArn")) {
            (true, true) => {}
            (true, false) => {
                let reason = format!("`{domain}` is a domain of your own, which needs a certificate in us-east-1");
                checks.wrong("certificateArn", reason);
            }
            (false, true) => {
                let reason = format!("`{domain}` is a prefix of AWS's domain, which has AWS's certificate");
                checks.wrong("certificateArn", reason);
            }
            (false, false) if !is_prefix => {
                let reason = "a prefix has up to 63 small letters, digits and `-`, which is neither first nor last";
                checks.wrong("domain", format!("{reason}; this is `{domain}`"));
            }
            (false, false) => {
                if let Some(word) = RESERVED.iter().find(|word| domain.contains(**word)) {
                    checks.wrong("domain", format!("AWS reserves the word `{word}`: `{domain}` has it"));
                }
            }
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.cognito.create_user_pool_domain().domain(&inputs.domain);
        let call = call
            .user_pool_id(&inputs.user_pool_id)
            .set_managed_login_version(inputs.managed_login_version)
            .set_custom_domain_config(certificate(inputs)?);
        let live = match POOL_IS_BUSY.out(|| call.clone().send()).await.done() {
            Err(refusal) if refusal.is(INVALID) => {
                match describe(cx, &inputs.domain).await?.map(|domain| domain.user_pool_id) {
                    Some(pool) if pool.as_ref() == Some(&inputs.user_pool_id) => bring(cx, inputs).await,
                    Some(pool) => return Err(of_another(cx, inputs, pool)),
                    None if refusal.says("Domain already") => return Err(of_another(cx, inputs, None)),
                    None => return Err(refusal),
                }
            }
            made => {
                made?;
                settle(cx, &inputs.domain).await
            }
        };
        let live = live.map(|live| outputs(cx, &live));
        Ok(resource::made(&inputs.domain, live, || outputs(cx, &DomainDescriptionType::builder().build())))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(domain) = describe(cx, id).await? else { return Ok(None) };
        let outputs = outputs(cx, &domain);
        let inputs = Inputs { domain: id.to_owned(), ..Inputs::from_sdk(domain) };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        Ok(outputs(cx, &bring(cx, new).await?))
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        let call = cx.clients.cognito.delete_user_pool_domain().domain(id).user_pool_id(&inputs.user_pool_id);
        match POOL_IS_BUSY.out(|| call.clone().send()).await.done() {
            Err(refusal) if refusal.is(INVALID) && describe(cx, id).await?.is_none() => return Ok(()),
            deleted => deleted?,
        }
        let gone = || async { Ok(describe(cx, id).await?.is_none().then_some(())) };
        waits::until(PATIENCE, "to be removed", gone).await
    }
}

fn outputs(cx: &Cx, domain: &DomainDescriptionType) -> Outputs {
    let distribution = domain.cloud_front_distribution.clone().unwrap_or_default();
    Outputs {
        aws_account_id: domain.aws_account_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
        cloudfront_distribution: distribution.clone(),
        cloudfront_distribution_arn: distribution,
        cloudfront_distribution_zone_id: CLOUDFRONT.to_owned(),
        s3_bucket: domain.s3_bucket.clone(),
        version: domain.version.clone(),
    }
}

fn certificate(inputs: &Inputs) -> Answer<Option<CustomDomainConfigType>> {
    let Some(arn) = &inputs.certificate_arn else { return Ok(None) };
    Ok(Some(CustomDomainConfigType::builder().certificate_arn(arn).build()?))
}

/// AWS answers with an empty description where there is no such domain.
async fn describe(cx: &Cx, domain: &str) -> Answer<Option<DomainDescriptionType>> {
    let described = cx.clients.cognito.describe_user_pool_domain().domain(domain).send().await;
    let described = described.found(UserPoolDomain::ABSENT)?.and_then(|described| described.domain_description);
    Ok(described.filter(|domain| domain.status.is_some()))
}

fn of_another(cx: &Cx, inputs: &Inputs, pool: Option<String>) -> Refusal {
    let why = match pool {
        Some(pool) => format!("it is of pool `{pool}`"),
        None => "it is of another account, or of a pool that cannot be seen".to_owned(),
    };
    cx.taken("user pool domain", &inputs.domain, &why).into()
}

/// Makes a domain that exists what it should be; what nobody asked for is as it should be.
async fn bring(cx: &Cx, inputs: &Inputs) -> Answer<DomainDescriptionType> {
    // one that was not finished when its creation gave up takes no change before
    let live = settle(cx, &inputs.domain).await?;
    let version = inputs.managed_login_version.or(live.managed_login_version);
    let live_certificate = given(live.custom_domain_config.as_ref().map(|config| config.certificate_arn.clone()));
    if version == live.managed_login_version && inputs.certificate_arn == live_certificate {
        return Ok(live);
    }
    let call = cx.clients.cognito.update_user_pool_domain().domain(&inputs.domain).user_pool_id(&inputs.user_pool_id);
    let call =
        call.set_managed_login_version(inputs.managed_login_version).set_custom_domain_config(certificate(inputs)?);
    POOL_IS_BUSY.out(|| call.clone().send()).await?;
    settle(cx, &inputs.domain).await
}

/// Waits until AWS has made or changed it.
async fn settle(cx: &Cx, domain: &str) -> Answer<DomainDescriptionType> {
    let began = waits::clock::now();
    let active = || async {
        let Some(live) = describe(cx, domain).await? else {
            let is_late = waits::clock::now() - began > UNSEEN;
            return if is_late { Err(Error::new("AWS accepted it, and it does not show").into()) } else { Ok(None) };
        };
        match &live.status {
            Some(DomainStatusType::Failed) => Err(Error::new("AWS failed to make it")
                .hint("look whether its certificate is valid and its parent domain resolves; then run it again")
                .into()),
            Some(DomainStatusType::Active) => Ok(Some(live)),
            _ => Ok(None),
        }
    };
    waits::until(PATIENCE, "to be active", active).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Asked, Stub, done, inputs,
            late::{Late, Refusal, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    const TOKEN: &str = "aws:cognito/userPoolDomain:UserPoolDomain";

    fn live(status: &str) -> Answer {
        Answer::Json(json!({ "DomainDescription": { "Domain": "d", "UserPoolId": "p", "Status": status } }))
    }

    #[tokio::test]
    async fn a_domain_is_waited_for_until_it_is_active_and_until_it_is_gone() {
        let script = |asked: &Asked| match (asked.operation.as_str(), asked.before) {
            ("CreateUserPoolDomain" | "DeleteUserPoolDomain", 0) => {
                Answer::Refused("ConcurrentModificationException", "busy")
            }
            ("DescribeUserPoolDomain", 0..2 | 9..) => Answer::Json(json!({ "DomainDescription": {} })),
            ("DescribeUserPoolDomain", 2..5) => live("CREATING"),
            ("DescribeUserPoolDomain", 5) => live("ACTIVE"),
            ("DescribeUserPoolDomain", _) => live("DELETING"),
            _ => done(asked),
        };
        let stub = Stub::new(script);
        let cx = stub.cx(TOKEN);
        let domain: Inputs = inputs(&json!({ "domain": "d", "userPoolId": "p" }));
        let made = Stub::run(Adapter::<UserPoolDomain>::create(&cx, &domain)).await.0.expect("made");
        assert_eq!((made.incomplete, stub.asked("DescribeUserPoolDomain").len()), (None, 6));
        Stub::run(Adapter::<UserPoolDomain>::delete(&cx, "d", &domain)).await.0.expect("deleted");
        assert_eq!(stub.asked("DescribeUserPoolDomain").len(), 10);
    }

    #[tokio::test]
    async fn each_change_of_a_domain_is_made_again_while_its_pool_is_being_changed() {
        const CHANGING: &[Refusal] = &[("ConcurrentModificationException", "")];
        let limit = POOL_IS_BUSY.limit;
        let old: Inputs = inputs(&json!({ "domain": "d", "userPoolId": "p" }));
        let new: Inputs = inputs(&json!({ "domain": "d", "userPoolId": "p", "managedLoginVersion": 2 }));
        let active = |asked: &Asked| if asked.operation.starts_with("Describe") { live("ACTIVE") } else { done(asked) };
        let put = async |cx: Cx| {
            let made = Adapter::<UserPoolDomain>::create(&cx, &old).await?;
            let outputs = made.outputs.clone();
            wholly(made)?;
            Adapter::<UserPoolDomain>::update(&cx, "d", &old, &new, outputs).await.map(drop)
        };
        let late: &[Late] = &[("CreateUserPoolDomain", limit, CHANGING), ("UpdateUserPoolDomain", limit, CHANGING)];
        is_waited_out(TOKEN, late, active, put).await;
        // one that exists is brought to what is wanted
        let exists = move |asked: &Asked| match asked.operation.as_str() {
            "CreateUserPoolDomain" => Answer::Refused("InvalidParameterException", "Domain already associated"),
            _ => active(asked),
        };
        let bring = async |cx: Cx| wholly(Adapter::<UserPoolDomain>::create(&cx, &new).await?);
        is_waited_out(TOKEN, &[("UpdateUserPoolDomain", limit, CHANGING)], exists, bring).await;
        let gone = |asked: &Asked| done(asked);
        let delete = async |cx: Cx| Adapter::<UserPoolDomain>::delete(&cx, "d", &old).await;
        is_waited_out(TOKEN, &[("DeleteUserPoolDomain", limit, CHANGING)], gone, delete).await;
    }

    #[tokio::test]
    async fn a_domain_that_does_not_come_is_given_up() {
        let domain: Inputs = inputs(&json!({ "domain": "d", "userPoolId": "p" }));
        let given_up = |status: Option<&'static str>| {
            let domain = domain.clone();
            async move {
                let stub = Stub::new(move |asked| match (asked.operation.as_str(), status) {
                    ("DescribeUserPoolDomain", Some(status)) => live(status),
                    _ => done(asked),
                });
                let (made, waited) = Stub::run(Adapter::<UserPoolDomain>::create(&stub.cx(TOKEN), &domain)).await;
                (made.expect("it may be there").incomplete.expect("it is not").message, waited)
            }
        };
        let (why, waited) = given_up(None).await;
        assert!(why.contains("it does not show") && waited >= UNSEEN, "{why} after {waited:?}");
        let (why, waited) = given_up(Some("CREATING")).await;
        assert!(why.contains("waited 900 s for it to be active") && waited >= PATIENCE, "{why} after {waited:?}");
        let (why, waited) = given_up(Some("FAILED")).await;
        assert!(why.contains("AWS failed to make it") && waited.is_zero(), "{why} after {waited:?}");
    }

    crate::lifecycle! {
        token: "aws:cognito/userPoolDomain:UserPoolDomain",
        needs: [("aws:cognito/userPool:UserPool", { "name": "pool-{unique}" })],
        sample: { "domain": "acme-{unique}", "userPoolId": "${0.id}", "managedLoginVersion": 1 },
        change: { "managedLoginVersion": 2 },
    }

    /// What this pool has already is adopted, what another pool has is refused with its pool's name.
    #[tokio::test]
    async fn a_prefix_that_is_taken_is_adopted_only_from_its_own_pool() {
        let token = "aws:cognito/userPoolDomain:UserPoolDomain";
        let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
        let first = bench.create("aws:cognito/userPool:UserPool", &json!({ "name": "first-{unique}" })).await;
        bench.create("aws:cognito/userPool:UserPool", &json!({ "name": "second-{unique}" })).await;
        bench.create(token, &json!({ "domain": "own-{unique}", "userPoolId": "${0.id}" })).await;
        let again = json!({ "domain": "own-{unique}", "userPoolId": "${0.id}", "managedLoginVersion": 2 });
        let again = bench.create(token, &again).await;
        let (inputs, _) = bench.read(&again, Some(&again.inputs)).await.expect("it is there");
        assert_eq!(inputs, again.inputs);
        let other = json!({ "domain": "own-{unique}", "userPoolId": "${1.id}" });
        let urn = bench.urn(token);
        let refused = bench.try_create(&urn, token, &other).await.expect_err("it is another pool's");
        assert!(refused.contains(&format!("exists already, and it is of pool `{}`\nhint: ", first.id)), "{refused}");
        bench.clean_up().await;
    }

    /// A pool has one prefix: the old one goes first.
    #[tokio::test]
    async fn another_prefix_comes_after_the_old_one_has_gone() {
        let mut bench = crate::testing::Bench::new(crate::testing::Account::Member).await;
        let made = bench.sample(&sample()).await;
        let other = bench
            .check(
                &made.urn,
                made.inputs.clone(),
                crate::testing::map(&bench.fill(&json!({ "domain": "other-{unique}", "userPoolId": "${0.id}" }))),
            )
            .await;
        let diff = bench.diff(&made, &made.inputs, &other).await;
        assert_eq!((diff.replaces, diff.delete_before_replace), (vec!["domain".to_owned()], true));
        bench.clean_up().await;
    }

    #[test]
    fn prefixes_and_domains_are_told_apart() {
        let wrong = |inputs: serde_json::Value| {
            let inputs = crate::testing::map(&inputs);
            Adapter::<UserPoolDomain>::check(&inputs).iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
        };
        for prefix in ["acme-customers-dev", "a", "9"] {
            assert_eq!(wrong(json!({ "domain": prefix })), "", "{prefix}");
        }
        for prefix in ["Acme", "acme_", "-acme", "acme-", "", "my-aws", "amazonia", "cognito1"] {
            assert_eq!(wrong(json!({ "domain": prefix })), "domain", "{prefix}");
        }
        assert_eq!(wrong(json!({ "domain": "auth.example.com" })), "certificateArn");
        assert_eq!(wrong(json!({ "domain": "auth.example.com", "certificateArn": "arn" })), "");
        assert_eq!(wrong(json!({ "domain": "auth", "certificateArn": "arn" })), "certificateArn");
    }
}
