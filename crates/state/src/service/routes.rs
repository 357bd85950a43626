//! The routes of the service, each in one function from a request to an answer.

use std::{collections::BTreeMap, io::Read, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use sha2::{Digest, Sha256};

use super::{AtWork, Shared};
use crate::{deployment::Deployment, error::Failure, stack::Update, version::hex};

/// The one organization of a self-managed backend.
pub(super) const ORGANIZATION: &str = "organization";

/// A refusal, as the engine's client reads it: by the code in the body, not by the status.
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "code": self.0.as_u16(), "message": self.1 }).to_string();
        (self.0, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

impl From<Failure> for Refusal {
    /// The client tries again by itself after a 5xx, which would only repeat what the store has tried long enough.
    fn from(failure: Failure) -> Self {
        Self(StatusCode::BAD_REQUEST, failure.to_string())
    }
}

fn malformed(fault: impl std::fmt::Display) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, format!("reading the engine's request: {fault}"))
}

fn unknown(what: &str) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, format!("`zone` serves no {what}"))
}

type Answer = Result<String, Refusal>;

struct Served {
    shared: Arc<Shared>,
    host: String,
}

pub(super) fn router(shared: Arc<Shared>, address: SocketAddr) -> Router {
    let served = Served { shared, host: address.to_string() };
    Router::new().fallback(answer).with_state(Arc::new(served))
}

async fn answer(State(served): State<Arc<Served>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let answered = async {
        served.admits(&parts.headers)?;
        let body = axum::body::to_bytes(body, usize::MAX).await.map_err(malformed)?;
        let body = inflated(&parts.headers, body)?;
        // in a task of its own: an engine that is killed cuts the connection, and a write that was begun has to end all the same
        let task = tokio::spawn(async move {
            let path: Vec<_> = parts.uri.path().trim_matches('/').split('/').skip(1).collect();
            served.shared.answer(&parts.method, &path, &parts.headers, &body).await
        });
        task.await.unwrap_or_else(|e| Err(malformed(e)))
    };
    match answered.await {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The body, which the engine compresses where it may be large.
fn inflated(headers: &HeaderMap, body: Bytes) -> Result<Vec<u8>, Refusal> {
    if headers.get(header::CONTENT_ENCODING).is_none_or(|encoding| encoding != "gzip") {
        return Ok(body.into());
    }
    let mut inflated = Vec::with_capacity(body.len() * 4);
    flate2::read::GzDecoder::new(&*body).read_to_end(&mut inflated).map_err(malformed)?;
    Ok(inflated)
}

impl Served {
    /// Whether a request is one of our engine's: it has the token, and was meant for this address.
    fn admits(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let said = text(header::AUTHORIZATION);
        let said = said.strip_prefix("token ").or(said.strip_prefix("update-token ")).unwrap_or_default();
        // compared by their digests: the time it takes says nothing about the token
        let is_ours = Sha256::digest(said) == Sha256::digest(&self.shared.token);
        if is_ours && text(header::HOST) == self.host {
            return Ok(());
        }
        Err(Refusal(StatusCode::UNAUTHORIZED, "this is the state of a `zone` at work, for its own engine".to_owned()))
    }
}

/// What the engine begins an update with.
#[derive(Deserialize)]
struct Begins {
    #[serde(default)]
    options: Options,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    config: BTreeMap<String, Value>,
}
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Options {
    dry_run: bool,
}
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    message: String,
    environment: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Entries {
    entries: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    #[serde(default)]
    is_invalid: bool,
    version: u32,
    #[serde(default)]
    features: Vec<String>,
    deployment: Option<Box<RawValue>>,
}

impl Shared {
    /// `path` is what comes after `/api`.
    async fn answer(&self, method: &Method, path: &[&str], headers: &HeaderMap, body: &[u8]) -> Answer {
        let of_stack = match path {
            ["user"] => {
                let organization = json!({ "githubLogin": ORGANIZATION });
                let user = json!({ "githubLogin": ORGANIZATION, "name": "zone", "organizations": [organization] });
                return Ok(user.to_string());
            }
            ["user", "organizations", "default"] => return Ok(json!({ "GitHubLogin": ORGANIZATION }).to_string()),
            ["user", "stacks"] => return self.stacks().await,
            ["stacks", organization, project] if *method == Method::POST => {
                self.is_served(organization, project, None)?;
                return self.create(body).await;
            }
            ["stacks", organization, project, stack, rest @ ..] => {
                self.is_served(organization, project, Some(stack))?;
                rest
            }
            _ => return Err(unknown(&path.join("/"))),
        };
        let mut at_work = self.at_work.lock().await;
        let nothing = Ok("{}".to_owned());
        match (method, of_stack) {
            (&Method::GET, []) => self.about(&at_work),
            (&Method::GET, ["export"]) => self.export(&at_work),
            (&Method::POST, ["import"]) => self.import(&mut at_work, body).await,
            // asked for what plain `pulumi` answers from its history, which is not served here
            (&Method::GET, ["updates", ..]) => Err(unknown("history")),
            (&Method::POST, ["encrypt" | "decrypt" | "batch-encrypt" | "batch-decrypt"]) => Err(Refusal(
                StatusCode::BAD_REQUEST,
                "`zone` encrypts nothing for the engine: the stack's settings must name its secrets provider"
                    .to_owned(),
            )),
            // what the engine tells of secrets that a user had shown
            (&Method::POST, ["decrypt", ..]) => nothing,
            (&Method::POST, [kind @ ("update" | "preview" | "refresh" | "destroy")]) => {
                Self::announce(&mut at_work, kind, body)
            }
            // `update` whatever the kind is
            (_, [_, id, what @ ..]) => {
                let is_preview = at_work.previews.iter().any(|preview| preview == id);
                let kind = at_work.updates.get(*id).cloned();
                if !is_preview && kind.is_none() {
                    return Err(unknown(&format!("update `{id}`")));
                }
                match (method, what) {
                    (&Method::POST, []) => self.starts(&mut at_work, id, kind, headers),
                    // an import, which was over when it was answered
                    (&Method::GET, []) => Ok(json!({ "status": "succeeded", "events": [] }).to_string()),
                    (&Method::POST, ["renew_lease"]) => Ok(json!({ "token": self.token }).to_string()),
                    (&Method::PATCH, ["journalentries"]) => self.take(&mut at_work, body).await,
                    (&Method::PATCH, ["checkpoint"]) => self.take_whole(&mut at_work, body).await,
                    // the events come over gRPC as well, and the end is the engine's own
                    (&Method::POST, ["events" | "complete" | "cancel", ..]) => nothing,
                    _ => Err(unknown(&of_stack.join("/"))),
                }
            }
            _ => Err(unknown(&of_stack.join("/"))),
        }
    }

    fn is_served(&self, organization: &str, project: &str, stack: Option<&str>) -> Result<(), Refusal> {
        let is_stack = stack.is_none_or(|stack| stack == self.stack.name);
        if organization == ORGANIZATION && project == self.stack.project && is_stack {
            return Ok(());
        }
        Err(unknown(&format!("stack `{organization}/{project}/{}`", stack.unwrap_or_default())))
    }

    fn id(&self, at_work: &AtWork) -> Value {
        json!({
            "id": "",
            "orgName": ORGANIZATION,
            "projectName": self.stack.project,
            "stackName": self.stack.name,
            "activeUpdate": at_work.updates.keys().next().map_or("", String::as_str),
            "tags": {},
            "version": 1,
        })
    }

    fn about(&self, at_work: &AtWork) -> Answer {
        match at_work.checkpoint {
            Some(_) => Ok(self.id(at_work).to_string()),
            None => Err(unknown(&format!("stack `{}` yet", self.stack.name))),
        }
    }

    async fn stacks(&self) -> Answer {
        let at_work = self.at_work.lock().await;
        let stacks: Vec<_> = at_work.checkpoint.iter().map(|_| self.id(&at_work)).collect();
        Ok(json!({ "stacks": stacks, "continuationToken": null }).to_string())
    }

    async fn create(&self, body: &[u8]) -> Answer {
        #[derive(Deserialize)]
        struct Creates {
            #[serde(rename = "stackName")]
            stack_name: String,
        }
        let asked: Creates = serde_json::from_slice(body).map_err(malformed)?;
        self.is_served(ORGANIZATION, &self.stack.project, Some(&asked.stack_name))?;
        let mut at_work = self.at_work.lock().await;
        if at_work.checkpoint.is_some() {
            let message = format!("stack `{}` already exists", self.stack.name);
            return Err(Refusal(StatusCode::CONFLICT, message));
        }
        at_work.checkpoint = Some(self.stack.write(None, &Deployment::empty()).await?);
        Ok(json!({ "messages": [] }).to_string())
    }

    fn export(&self, at_work: &AtWork) -> Answer {
        let Some(checkpoint) = &at_work.checkpoint else { return self.about(at_work) };
        let export = self.stack.parse(checkpoint)?.to_export();
        String::from_utf8(export).map_err(malformed)
    }

    async fn import(&self, at_work: &mut AtWork, body: &[u8]) -> Answer {
        let deployment = self.stack.import(body, "the engine's state")?;
        at_work.checkpoint = Some(self.stack.write(at_work.checkpoint.as_ref(), &deployment).await?);
        let id = hex(&rand::random::<[u8; 16]>());
        at_work.updates.insert(id.clone(), "import".to_owned());
        Ok(json!({ "updateId": id }).to_string())
    }

    /// The engine says what it is about to do; a preview in front of an update is announced as an update that is dry.
    fn announce(at_work: &mut AtWork, kind: &str, body: &[u8]) -> Answer {
        let begins: Begins = serde_json::from_slice(body).map_err(malformed)?;
        let id = hex(&rand::random::<[u8; 16]>());
        if begins.options.dry_run || kind == "preview" {
            at_work.previews.push(id.clone());
        } else {
            at_work.updates.insert(id.clone(), kind.to_owned());
            at_work.update = Some(Update {
                kind: kind.to_owned(),
                start_time: jiff::Timestamp::now().as_second(),
                message: begins.metadata.message,
                environment: begins.metadata.environment,
                config: begins.config,
                ..Update::default()
            });
        }
        Ok(json!({ "updateID": id, "requiredPolicies": [], "messages": [] }).to_string())
    }

    fn starts(&self, at_work: &mut AtWork, id: &str, kind: Option<String>, headers: &HeaderMap) -> Answer {
        if let Some(broken) = &at_work.broken {
            return Err(broken.clone().into());
        }
        if let Some(kind) = kind {
            self.begin(at_work, id, &kind, &engine(headers))?;
        }
        let expires = jiff::Timestamp::now().as_second() + 24 * 60 * 60;
        let token = &self.token;
        Ok(json!({ "version": 1, "token": token, "tokenExpiration": expires, "journalVersion": 1 }).to_string())
    }

    async fn take(&self, at_work: &mut AtWork, body: &[u8]) -> Answer {
        let sent: Entries = serde_json::from_slice(body).map_err(malformed)?;
        if let (true, Some(broken), Some(journal)) = (at_work.is_lost(), &at_work.broken, &at_work.journal) {
            // calls that were under way have ended, and nobody else knows of them
            journal.take_late(sent.entries).await?;
            return Err(broken.clone().into());
        }
        Self::into_journal(at_work, async |journal| journal.take(sent.entries).await).await
    }

    async fn take_whole(&self, at_work: &mut AtWork, body: &[u8]) -> Answer {
        let sent: Whole = serde_json::from_slice(body).map_err(malformed)?;
        let deployment =
            sent.deployment.filter(|_| !sent.is_invalid).ok_or_else(|| malformed("it has no deployment"))?;
        let write =
            async |journal: &mut super::Journal| journal.take_whole(sent.version, sent.features, deployment).await;
        Self::into_journal(at_work, write).await
    }

    /// What could not be made durable is not acknowledged, and nothing after it: the engine ends the run.
    async fn into_journal(
        at_work: &mut AtWork,
        write: impl AsyncFnOnce(&mut super::Journal) -> crate::error::Result<()>,
    ) -> Answer {
        if let Some(broken) = &at_work.broken {
            return Err(broken.clone().into());
        }
        let journal = at_work.journal.as_mut().ok_or_else(|| malformed("no update was started"))?;
        match write(journal).await {
            Ok(()) => Ok("{}".to_owned()),
            Err(failure) => {
                at_work.broken = Some(failure.clone());
                Err(failure.into())
            }
        }
    }
}

/// The engine's version, out of `pulumi-cli/1 (v3.259.0; linux; ..)`.
fn engine(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let version = agent.split_once('(').map(|(_, rest)| rest.split(';').next().unwrap_or_default());
    version.unwrap_or_default().to_owned()
}
