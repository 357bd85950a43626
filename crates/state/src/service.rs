//! A small service on the loopback that the engine keeps its state in: as much of the HTTP API of Pulumi's service as one stack
//! needs.
//!
//! It answers the start of an update with journal version 1, so the engine reports each step as a journal entry instead of
//! writing the whole state twice per step. An entry about a resource is durable before it is acknowledged, and the engine waits for
//! that: what was made survives a kill and a power failure. At the end, and every 30 s, the journal is folded into the
//! checkpoint (see [`crate::journal`]).
//!
//! The service listens on 127.0.0.1, knows one stack, and asks for a token that is made for it alone. The engine's secrets
//! reach it encrypted: it is not asked to encrypt anything, and refuses to.
//!
//! Routes and their shapes: `pkg/backend/httpstate/client` and `sdk/go/common/apitype` of pulumi 3.259.

mod routes;

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use serde_json::json;
use tokio::{
    net::TcpListener,
    sync::{Mutex, watch},
    task::JoinHandle,
};

use crate::{
    deployment::Deployment,
    error::{Exit, Failure, Result},
    journal::{self, Beginning, Journal},
    lease::Lost,
    stack::{Checkpoint, Stack, Update},
    version::hex,
};

/// How old the checkpoint gets while a journal grows.
const FOLD: Duration = Duration::from_secs(30);

/// How long the engine gathers journal entries before it sends them, in milliseconds; its default is 50.
const BATCH: &str = "2";

/// How many it sends at once; its default is 100. A request costs more than its size.
const BATCH_SIZE: &str = "1000";

/// The service, until dropped.
#[derive(Debug)]
pub struct Service {
    shared: Arc<Shared>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    stack: Stack,
    token: String,
    /// How journals are named: whoever has a higher fence came later.
    fence: u64,
    at_work: Mutex<AtWork>,
}

/// What changes.
#[derive(Debug, Default)]
struct AtWork {
    checkpoint: Option<Checkpoint>,
    /// The engine's updates that are not previews, by id: their kind.
    updates: BTreeMap<String, String>,
    /// Ids of previews.
    previews: Vec<String>,
    journal: Option<Journal>,
    /// Why nothing is taken any more.
    broken: Option<Failure>,
    /// The update that is at work, for the history.
    update: Option<Update>,
}

impl AtWork {
    /// Whether nothing is taken because the environment is another run's now.
    fn is_lost(&self) -> bool {
        self.broken.as_ref().is_some_and(|why| why.exit == Exit::Busy)
    }
}

impl Service {
    /// Starts it over a stack. The caller holds the environment, and has recovered what runs before left.
    pub async fn start(stack: Stack, fence: u64) -> Result<Self> {
        let failed = |e| Failure::new(Exit::Setup, format!("listening on 127.0.0.1 for the engine: {e}"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let checkpoint = stack.read().await?;
        let shared = Arc::new(Shared {
            stack,
            token: hex(&rand::random::<[u8; 32]>()),
            fence,
            at_work: Mutex::new(AtWork { checkpoint, ..AtWork::default() }),
        });
        let router = routes::router(Arc::clone(&shared), address);
        let serving = tokio::spawn(async move {
            // ends with its task
            axum::serve(listener, router).await.ok();
        });
        let folded = Arc::clone(&shared);
        let folding = tokio::spawn(async move {
            let mut tick = tokio::time::interval(FOLD);
            tick.tick().await;
            loop {
                tick.tick().await;
                folded.fold().await;
            }
        });
        Ok(Self { shared, address, tasks: vec![serving, folding] })
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What an engine has to be told to find it. Its credentials go into a file of `scratch`, where nobody else reads them.
    pub fn environment(&self, scratch: &Path) -> Result<Vec<(String, String)>> {
        let (url, token) = (self.url(), &self.shared.token);
        let credentials = json!({
            "current": url,
            "accessTokens": { (&*url): token },
            "accounts": { (&*url): {
                "accessToken": token,
                "username": routes::ORGANIZATION,
                "organizations": [routes::ORGANIZATION],
                "lastValidatedAt": jiff::Timestamp::now().to_string(),
            } },
        });
        let path = scratch.join("credentials.json");
        write_private(&path, credentials.to_string().as_bytes())?;
        let scratch = scratch.display().to_string();
        Ok([
            ("PULUMI_BACKEND_URL", url.as_str()),
            ("PULUMI_ACCESS_TOKEN", token),
            ("PULUMI_CREDENTIALS_PATH", &scratch),
            // not the keyring of the user's session
            ("PULUMI_CREDENTIAL_STORE", "plaintext"),
            ("PULUMI_DEFAULT_ORGANIZATION", routes::ORGANIZATION),
            ("PULUMI_JOURNALING_BATCH_PERIOD", BATCH),
            ("PULUMI_JOURNALING_BATCH_SIZE", BATCH_SIZE),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .to_vec())
    }

    /// The checkpoint as the engine would get it now; none when the stack was never made.
    pub async fn checkpoint(&self) -> Option<Checkpoint> {
        self.shared.at_work.lock().await.checkpoint.clone()
    }

    /// Writes a state that the engine did not make; refuses when somebody else wrote in between.
    pub async fn write(&self, deployment: &Deployment) -> Result<()> {
        let mut at_work = self.shared.at_work.lock().await;
        let written = self.shared.stack.write(at_work.checkpoint.as_ref(), deployment).await?;
        at_work.checkpoint = Some(written);
        Ok(())
    }

    /// After an engine has ended, in whatever way: folds its journal, and adds its update to the history.
    pub async fn ended(&self, succeeded: bool, changes: BTreeMap<String, u64>) -> Result<()> {
        let mut at_work = self.shared.at_work.lock().await;
        at_work.updates.clear();
        at_work.previews.clear();
        let update = at_work.update.take();
        let journal = at_work.journal.take();
        if let Some(broken) = &at_work.broken {
            // what is durable of the journal is folded by the next run, or was already
            return Err(broken.clone());
        }
        let ended = match journal {
            Some(journal) => {
                let (checkpoint, ended) = journal.end().await?;
                at_work.checkpoint = checkpoint;
                Some(ended)
            }
            None => None,
        };
        let remembered = async {
            let (Some(update), Some(checkpoint)) = (update, &at_work.checkpoint) else { return Ok(()) };
            let result = if succeeded { "succeeded" } else { "failed" }.to_owned();
            let end_time = jiff::Timestamp::now().as_second();
            let update = Update { result, end_time, resource_changes: changes, ..update };
            self.shared.stack.remember(&update.by(self.shared.fence), checkpoint).await
        };
        let forgotten = async {
            match ended {
                Some(ended) => ended.await,
                None => Ok(()),
            }
        };
        // the state has everything: these two do not wait for one another
        let (remembered, forgotten) = futures::join!(remembered, forgotten);
        remembered.and(forgotten)
    }

    /// Takes nothing from an engine any more once the lease is lost: another run has taken the environment over.
    pub fn heed(&mut self, mut lost: watch::Receiver<Option<Lost>>) {
        let shared = Arc::clone(&self.shared);
        self.tasks.push(tokio::spawn(async move {
            if let Ok(lost) = lost.wait_for(Option::is_some).await.map(|lost| lost.clone()) {
                let why = journal::taken_over(&shared.stack, lost.as_ref());
                // whatever was broken before: this says who has it now
                shared.at_work.lock().await.broken = Some(why);
            }
        }));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    async fn fold(&self) {
        let mut at_work = self.at_work.lock().await;
        if at_work.broken.is_none()
            && let Some(journal) = &mut at_work.journal
            && let Err(failure) = journal.fold().await
        {
            at_work.broken = Some(failure);
        }
    }

    /// Begins an update of the engine.
    fn begin(&self, at_work: &mut AtWork, id: &str, kind: &str, engine: &str) -> Result<()> {
        let name = journal::name(&self.stack, self.fence, id);
        let beginning = Beginning { name, kind: kind.to_owned(), engine: engine.to_owned() };
        at_work.journal = Some(Journal::begin(self.stack.clone(), at_work.checkpoint.clone(), beginning)?);
        Ok(())
    }
}

/// Writes a file that its owner alone can read.
fn write_private(path: &Path, text: &[u8]) -> Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text)).map_err(|e| Failure::file("writing", path, e))
}

#[cfg(test)]
mod tests;
