//! Tries what is forbidden, and expects the refusal.
//!
//! A probe uses a role of its own, which is made for the run and removed after it: no exemption names it, and it may do just what
//! the probes try, so that what denies them is the policy that the row is about. Whatever a probe creates is named
//! `zone-probe-..`, is removed in the same step also where it should never have come into being, and is found and removed by the
//! next run where this one is killed.

mod answer;
mod creation;
mod leftovers;

use std::{collections::HashMap, time::Duration};

use aws_credential_types::Credentials;
use aws_sdk_iam::types::Tag;
use serde_json::json;
use tokio::sync::Mutex;

pub(crate) use answer::{Answer, By};
pub(crate) use creation::{CREATIONS, Creation, all_tags};
pub(crate) use leftovers::empty;

use crate::{
    clients::{Clients, Way, refused},
    session::Session,
    world::{Failure, Judged},
};

/// How everything begins that a probe creates.
pub(crate) const NAME: &str = "zone-probe";
/// Where its roles are, so that they can be listed.
const PATH: &str = "/zone-probe/";
/// Where its objects are, in the zone's buckets.
pub(crate) const FOLDER: &str = "zone-probe/";
/// The inline policy of the role.
const POLICY: &str = "probe";
/// How long IAM takes to show a new role and its policy everywhere, at most.
const SPREADING: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_secs(2);

/// The role of a run, and clients with its session.
#[derive(Debug)]
pub(crate) struct Prober {
    role: String,
    /// The way in with the session of the role.
    way: Way,
    /// What names everything of this run.
    run: String,
    /// Whether what is allowed is allowed indeed, by creation.
    twins: Mutex<HashMap<&'static str, Judged>>,
}

impl Prober {
    /// Removes what earlier runs left, makes the role and waits until its session may do what it should.
    pub(crate) async fn open(session: &Session) -> Judged<Self> {
        leftovers::remove(session).await?;
        let run = format!("{NAME}-{}-{:08x}", session.target.environment, rand::random::<u32>());
        let prober = make(session, &run).await;
        if prober.is_err() {
            remove_role(session, &run).await?;
        }
        prober
    }

    /// Clients with the session of the role, whose calls are recorded for the scenario.
    pub(crate) fn clients(&self, session: &Session) -> Clients {
        self.way.clients(&session.recorder)
    }

    /// S3 as somebody without credentials sees it.
    pub(crate) fn unsigned(&self, session: &Session) -> aws_sdk_s3::Client {
        self.way.unsigned(&session.recorder)
    }

    /// Removes the role.
    pub(crate) async fn close(&self, session: &Session) -> Judged {
        remove_role(session, &self.role).await
    }

    /// A name that nothing else has.
    pub(crate) fn name(&self) -> String {
        format!("{}-{:08x}", self.run, rand::random::<u32>())
    }

    /// Whether the creation is allowed with all tags; tried once.
    pub(crate) async fn twin(&self, session: &Session, creation: &'static Creation) -> Judged {
        let mut twins = self.twins.lock().await;
        if let Some(known) = twins.get(creation.what) {
            return known.clone();
        }
        let tags = creation::all_tags(session);
        let outcome = match creation.attempt(session, self, &tags).await? {
            Answer::Done => Ok(()),
            Answer::Denied { message, .. } => {
                Err(format!("creating {} with all required tags is denied, too: {message}", creation.what).into())
            }
        };
        twins.insert(creation.what, outcome.clone());
        outcome
    }
}

async fn make(session: &Session, role: &str) -> Judged<Prober> {
    let target = &session.target;
    let iam = &session.clients.iam;
    let external_id = format!("{:032x}", rand::random::<u128>());
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": target.account}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }});
    let tags = creation::all_tags(session);
    let tag = |(key, value): &(String, String)| Tag::builder().key(key).value(value).build();
    let tags = tags.iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let call = iam.create_role().role_name(role).path(PATH).assume_role_policy_document(trust.to_string());
    let call = call.description("a run of `zone verify` tries what is forbidden; gone in minutes").set_tags(Some(tags));
    let made = call.send().await.map_err(|error| refused("iam:CreateRole", role, &error))?;
    let arn = made.role.map(|role| role.arn).unwrap_or_default();
    let rights = creation::rights(session).to_string();
    let put = iam.put_role_policy().role_name(role).policy_name(POLICY).policy_document(rights).send().await;
    put.map_err(|error| refused("iam:PutRolePolicy", role, &error))?;
    let credentials = assumed(session, &arn, &external_id).await?;
    let way = session.way.with(credentials);
    let prober = Prober { role: role.to_owned(), way, run: role.to_owned(), twins: Mutex::default() };
    prober.wait(session).await?;
    Ok(prober)
}

/// A session of the role, which IAM may not show at once.
async fn assumed(session: &Session, arn: &str, external_id: &str) -> Judged<Credentials> {
    let began = tokio::time::Instant::now();
    loop {
        let call = session.clients.sts.assume_role().role_arn(arn).role_session_name(NAME).external_id(external_id);
        match call.send().await {
            Ok(answer) => {
                let credentials = answer.credentials.ok_or("sts:AssumeRole answers without credentials")?;
                return Ok(Credentials::new(
                    credentials.access_key_id,
                    credentials.secret_access_key,
                    Some(credentials.session_token),
                    None,
                    "probe",
                ));
            }
            Err(error) if began.elapsed() >= SPREADING => return Err(refused("sts:AssumeRole", arn, &error)),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

impl Prober {
    /// Waits until the role's policy is in force: until then everything is denied, for another reason than the row's.
    async fn wait(&self, session: &Session) -> Judged {
        let began = tokio::time::Instant::now();
        let tags = creation::all_tags(session);
        loop {
            match creation::DRY.attempt(session, self, &tags).await? {
                Answer::Denied { by: By::Nothing, .. } if began.elapsed() < SPREADING => {
                    tokio::time::sleep(PAUSE).await;
                }
                // a deny is for the rows to judge
                Answer::Done | Answer::Denied { .. } => return Ok(()),
            }
        }
    }
}

async fn remove_role(session: &Session, role: &str) -> Judged {
    let iam = &session.clients.iam;
    let gone = |code: Option<&str>| code == Some("NoSuchEntity");
    let removed = iam.delete_role_policy().role_name(role).policy_name(POLICY).send().await;
    if let Err(error) = removed
        && !gone(aws_sdk_iam::error::ProvideErrorMetadata::code(&error))
    {
        return Err(left("role", role, &refused("iam:DeleteRolePolicy", role, &error)));
    }
    let removed = iam.delete_role().role_name(role).send().await;
    if let Err(error) = removed
        && !gone(aws_sdk_iam::error::ProvideErrorMetadata::code(&error))
    {
        return Err(left("role", role, &refused("iam:DeleteRole", role, &error)));
    }
    Ok(())
}

/// What could not be removed again.
pub(crate) fn left(what: &str, name: &str, why: &Failure) -> Failure {
    format!("the {what} `{name}` that a probe made is left: {}; delete it, or run `zone verify` again", why.text())
        .into()
}
