//! The client against SSM's protocol: pages, refusals, and what is kept for how long.

use std::time::Duration;

use contract::{
    Error, Newer,
    client::{Client, TIME_TO_LIVE},
    meta,
};

use crate::{sample, ssm::Ssm};

fn client(ssm: &Ssm) -> Client {
    Client::new(ssm.sdk(), "dev", sample::ROOT)
}

fn secret() -> String {
    format!("{}/kms/secret/arn", sample::ROOT)
}

const OTHER_KEY: &str = "arn:aws:kms:ap-southeast-2:123456789012:key/ffffffff-0000-4000-8000-00000000beef";

/// A deployment that gives the class another key.
fn publish(ssm: &Ssm) {
    let mut store = ssm.store();
    store.live.insert(secret(), sample::string(OTHER_KEY));
    sample::sign(&mut store.live);
}

#[tokio::test]
async fn the_whole_contract_is_read_in_pages_of_ten() {
    let ssm = Ssm::with(sample::live()).await;
    let contract = client(&ssm).contract().await.expect("the contract");
    let parameters = sample::live().len();
    assert_eq!(contract.iter().count(), parameters);
    assert!(contract.is_verified());
    assert!(parameters > 20, "several pages");
    assert_eq!(ssm.calls(), parameters.div_ceil(10));
    let store = ssm.store();
    for (number, request) in store.requests.iter().enumerate() {
        assert_eq!((&request["Path"], &request["MaxResults"]), (&sample::ROOT.into(), &10.into()));
        assert_eq!(request["Recursive"], true);
        assert_ne!(request["WithDecryption"], true, "no secret is asked for");
        assert_eq!(request["NextToken"].is_string(), number > 0);
    }
}

#[tokio::test]
async fn pages_may_be_empty_and_other_teams_parameters_are_left_out() {
    let ssm = Ssm::with(sample::live()).await;
    ssm.store().live.insert(format!("{}/other-team/host", sample::ROOT), sample::string("db.example"));
    ssm.store().live.insert("/acme/device/kms/secret/arn".into(), sample::string("another environment"));
    ssm.store().empty_page_first = true;
    let contract = client(&ssm).contract().await.expect("the contract");
    assert_eq!(contract.iter().count(), sample::live().len());
    assert!(matches!(contract.get("other-team/host"), Err(Error::NotPromised { .. })));
}

#[tokio::test]
async fn half_a_publication_is_an_error_that_says_so() {
    let ssm = Ssm::with(sample::live()).await;
    ssm.store().live.remove(&secret());
    let error = client(&ssm).contract().await.expect_err("a value is missing");
    assert!(matches!(error, Error::Broken(_)));
    insta::with_settings!({filters => [("[0-9a-f]{64}", "[digest]")]}, {
        insta::assert_snapshot!(format!("{error}\nhint: {}", error.hint()), @"
        reading the contract: `/acme/dev/contract/digest` of environment `dev` (stack contract, for every reader of the contract): says [digest], what is published has [digest]: a publication is not finished, or somebody changed a value
        hint: if a deployment is at work, wait for its end; else `zone up -e dev` finishes the publication and mends what was changed
        ");
    });
    // the end of the publication makes it whole
    publish(&ssm);
    let contract = client(&ssm).contract().await.expect("the contract");
    assert_eq!(contract.key_arn("secret").expect("the key").as_str(), OTHER_KEY);
}

#[tokio::test]
async fn a_value_behind_the_publications_back_is_not_trusted() {
    let ssm = Ssm::with(sample::live()).await;
    ssm.store().live.insert(secret(), sample::string(OTHER_KEY));
    let error = client(&ssm).contract().await.expect_err("the digest is of another value");
    assert!(error.to_string().contains(&meta::digest_path(sample::ROOT)), "{error}");
}

#[tokio::test]
async fn a_newer_contract_is_refused_unless_it_may_be() {
    let ssm = Ssm::with(sample::live()).await;
    ssm.store().live.insert(meta::version_path(sample::ROOT), sample::string("7"));
    let error = client(&ssm).contract().await.expect_err("nobody knows version 7");
    assert!(error.to_string().contains("is version 7"), "{error}");
    let contract = client(&ssm).newer(Newer::Accept).contract().await.expect("the contract");
    assert!(!contract.is_verified());
}

#[tokio::test]
async fn a_refusal_names_place_and_way_out() {
    let ssm = Ssm::with(sample::live()).await;
    ssm.store().refuses = Some("AccessDeniedException");
    let error = client(&ssm).contract().await.expect_err("it is refused");
    insta::assert_snapshot!(format!("{error}\nhint: {}", error.hint()), @"
    reading the contract of environment `dev` below `/acme/dev`: AccessDeniedException: told to
    hint: the caller needs credentials of the environment's account that allow ssm:GetParametersByPath on parameter/acme/dev
    ");
}

#[tokio::test]
async fn what_was_read_is_served_without_a_call_until_its_time_is_over() {
    let ssm = Ssm::with(sample::live()).await;
    let kept = client(&ssm);
    let first = kept.contract().await.expect("the contract");
    let calls = ssm.calls();
    publish(&ssm);
    assert_eq!(kept.contract().await.expect("the same"), first);
    assert_eq!(ssm.calls(), calls, "served from what was read");
    let fresh = kept.refresh().await.expect("the new one");
    assert_eq!((fresh.key_arn("secret").expect("the key").as_str(), ssm.calls()), (OTHER_KEY, 2 * calls));
    assert_eq!(kept.contract().await.expect("the new one"), fresh);
    assert_eq!(ssm.calls(), 2 * calls);

    let short = client(&ssm).time_to_live(Duration::from_millis(20));
    short.contract().await.expect("the contract");
    tokio::time::sleep(Duration::from_millis(40)).await;
    short.contract().await.expect("the contract");
    assert_eq!(ssm.calls(), 4 * calls, "its time is over");
}

#[tokio::test]
async fn an_old_reading_is_served_only_to_who_asks_for_it() {
    let ssm = Ssm::with(sample::live()).await;
    let client = client(&ssm).time_to_live(Duration::ZERO);
    let first = client.contract().await.expect("the contract");
    ssm.store().refuses = Some("ThrottlingException");
    assert!(matches!(client.contract().await, Err(Error::Call { .. })), "never served by itself");
    let reading = client.contract_or_older(TIME_TO_LIVE).await.expect("the old one");
    assert_eq!(reading.contract, first);
    assert!(matches!(reading.failed, Some(Error::Call { .. })), "and said that it is old");
    assert!(reading.age < TIME_TO_LIVE);
    assert!(client.contract_or_older(Duration::ZERO).await.is_err(), "too old");
    ssm.store().refuses = None;
    assert!(client.contract_or_older(TIME_TO_LIVE).await.expect("a new one").failed.is_none());
}

#[tokio::test]
async fn one_reading_at_a_time_serves_all_who_wait() {
    let ssm = Ssm::with(sample::live()).await;
    let client = client(&ssm);
    let (one, two, three) = tokio::join!(client.contract(), client.contract(), client.contract());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(ssm.calls(), sample::live().len().div_ceil(10));

    let failing = Ssm::with(sample::live()).await;
    failing.store().refuses = Some("ThrottlingException");
    let client = Client::new(failing.sdk(), "dev", sample::ROOT);
    let (one, two, three) = tokio::join!(client.contract(), client.contract(), client.contract());
    assert!(one.is_err() && two.is_err() && three.is_err());
    assert_eq!(failing.calls(), 1, "a service that is down is not asked by each of them");
}
