//! An environment's state while a run works on it.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use tokio::sync::watch;

use crate::{
    Message, Tell,
    claim::Claim,
    contents::Contents,
    deployment::Deployment,
    environment::{State, pulumi},
    error::{Exit, Failure, Result},
    journal::{self, Recovered},
    lease::Lost,
    secrets::{PASSPHRASE, Provider},
    service::Service,
    stack::Update,
    store::overlay::Overlay,
    version::{self, version_of},
};

/// A state that is worked on, served to the engine.
#[derive(Debug)]
pub struct Open {
    /// The state.
    pub state: State,
    /// What was found of runs that did not end.
    pub recovered: Recovered,
    service: Service,
    /// Held against plain `pulumi`; a run that only reads holds nothing.
    claim: Option<Claim>,
}

impl Open {
    /// Folds what runs before left, and serves the state. The caller holds the environment (see [`crate::lock`]); `fence` is
    /// higher than that of all runs before, and `run` names this one.
    pub async fn to_write(state: State, fence: u64, run: &str, tell: Tell<'_>) -> Result<Self> {
        let stack = &state.stack;
        let claim = Claim::take(Arc::clone(&stack.store), &stack.project, &stack.name, run, tell).await?;
        match Self::serve(state, fence, run, tell).await {
            Ok(open) => Ok(Self { claim: Some(claim), ..open }),
            Err(failure) => {
                claim.release().await?;
                Err(failure)
            }
        }
    }

    /// As [`Self::to_write`], of which nothing is kept: it takes no right to write, and no lock.
    pub async fn to_read(mut state: State, tell: Tell<'_>) -> Result<Self> {
        let overlay = Overlay::new(Arc::clone(&state.stack.store));
        // Before its journal: a run that is at work folds it into the state now and then, and tells in the journal of each fold. So
        // the journal that is read later fits the state that is read now.
        overlay.keep(&state.stack.key()).await?;
        state.stack.store = Arc::new(overlay);
        Self::serve(state, 0, journal::READER, tell).await
    }

    async fn serve(state: State, fence: u64, run: &str, tell: Tell<'_>) -> Result<Self> {
        let recovered = journal::recover(&state.stack, run, tell).await?;
        let service = Service::start(state.stack.clone(), fence).await?;
        Ok(Self { state, recovered, service, claim: None })
    }

    /// Takes nothing from an engine any more once the environment is lost to another run.
    pub fn heed(&mut self, lost: watch::Receiver<Option<Lost>>) {
        self.service.heed(lost);
    }

    /// What encrypts the secrets; none where there are none yet.
    pub async fn secrets_provider(&self) -> Result<Option<Provider>> {
        let Some(checkpoint) = self.service.checkpoint().await else { return Ok(None) };
        Provider::of(&self.state.stack.parse(&checkpoint)?)
    }

    /// Whether the stack was ever made.
    pub async fn exists(&self) -> bool {
        self.service.checkpoint().await.is_some()
    }

    /// What an engine has to be told to find it; its credentials go into a file of `scratch`.
    pub fn environment(&self, scratch: &Path) -> Result<Vec<(String, String)>> {
        let mut environment = self.state.secrets();
        environment.extend(self.service.environment(scratch)?);
        Ok(environment)
    }

    /// The stack's name, as an engine has to be told it.
    pub fn stack(&self) -> String {
        self.state.stack.qualified()
    }

    /// Makes passphrase and stack where there are none.
    pub async fn prepare(
        &self,
        engine: &Path,
        project: &Path,
        environment: &[(String, String)],
        tell: Tell<'_>,
    ) -> Result<()> {
        let exists = self.exists().await;
        let provider = self.secrets_provider().await?;
        if !matches!(provider, Some(Provider::Cloud { .. }))
            && let Some(note) = self.state.prepare_passphrase(exists)?
        {
            tell(Message::Note(&note));
        }
        let stack = self.stack();
        let failed = |words: String| {
            let failure = Failure::new(Exit::Setup, format!("making the Pulumi stack `{stack}`: {words}"));
            failure.maybe(self.state.way_out(&words))
        };
        if !exists {
            let arguments =
                ["--non-interactive", "stack", "init", &stack, "--no-select", "--secrets-provider=passphrase"];
            return pulumi(engine, project, environment, &arguments, None).await.map(|_| ()).map_err(failed);
        }
        if provider.is_none() && !self.state.has_settings() {
            // a stack that nobody has deployed yet, and whose settings are on another machine: the engine would take it for
            // one of a service that keeps the secrets
            return self.encrypt(PASSPHRASE, engine, project, environment, failed).await;
        }
        self.state.prepare_settings(provider.as_ref())
    }

    /// Encrypts the secrets in it with a passphrase, or with the key of a URL; `failed` tells what the engine said.
    pub async fn encrypt(
        &self,
        with: &str,
        engine: &Path,
        project: &Path,
        environment: &[(String, String)],
        failed: impl FnOnce(String) -> Failure,
    ) -> Result<()> {
        let answer = if with == PASSPHRASE { Some(self.state.new_passphrase()?) } else { None };
        let stack = self.stack();
        let arguments = ["--non-interactive", "stack", "change-secrets-provider", with, "--stack", &stack];
        pulumi(engine, project, environment, &arguments, answer.as_deref()).await.map(|_| ()).map_err(failed)
    }

    /// What is in it now; nothing there is empty.
    pub async fn contents(&self) -> Result<Contents> {
        match self.service.checkpoint().await {
            Some(checkpoint) => self.state.look(&checkpoint),
            None => Ok(Contents::default()),
        }
    }

    /// The state as it is now; empty where there is none.
    pub async fn deployment(&self) -> Result<Deployment> {
        match self.service.checkpoint().await {
            Some(checkpoint) => self.state.stack.parse(&checkpoint),
            None => Ok(Deployment::empty()),
        }
    }

    /// Which state it is now: another one after every change, and the same one wherever it is kept.
    pub async fn version(&self) -> Result<String> {
        let Some(checkpoint) = self.service.checkpoint().await else { return Ok(version::EMPTY.to_owned()) };
        version_of(&checkpoint.body).map_err(|fault| {
            Failure::new(Exit::Failed, format!("reading the state `{}`: {fault}", self.state.stack.place()))
        })
    }

    /// Replaces the state with one that the engine did not make, and adds that to the history.
    pub async fn replace(&self, deployment: &Deployment, message: &str, changes: BTreeMap<String, u64>) -> Result<()> {
        self.service.write(deployment).await?;
        self.remember(message, changes).await
    }

    /// Adds the state as it is to the history, as something that was written without a deployment.
    pub async fn remember(&self, message: &str, changes: BTreeMap<String, u64>) -> Result<()> {
        let now = jiff::Timestamp::now().as_second();
        let update = Update {
            kind: "import".to_owned(),
            start_time: now,
            end_time: now,
            message: message.to_owned(),
            result: "succeeded".to_owned(),
            resource_changes: changes,
            ..Update::default()
        };
        match self.service.checkpoint().await {
            Some(checkpoint) => self.state.stack.remember(&update, &checkpoint).await,
            None => Ok(()),
        }
    }

    /// Takes the unfinished operations out of the state: what they may have made is looked for by its identity.
    pub async fn settle(&self) -> Result<()> {
        let mut deployment = self.deployment().await?;
        deployment.pending_operations.clear();
        self.service.write(&deployment).await
    }

    /// After an engine has ended, in whatever way: folds what it reported, and adds it to the history.
    pub async fn ended(&self, succeeded: bool, changes: BTreeMap<String, u64>) -> Result<()> {
        self.service.ended(succeeded, changes).await
    }

    /// Forgets what runs did after they had lost the environment, once the state has it.
    pub async fn forget_late(&self) -> Result<()> {
        journal::forget_late(&self.state.stack).await
    }

    /// Gives the stack back to plain `pulumi`.
    pub async fn close(self) -> Result<()> {
        match self.claim {
            Some(claim) => claim.release().await,
            None => Ok(()),
        }
    }
}
