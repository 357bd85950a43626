//! The state of one Pulumi stack, in the layout of Pulumi's self-managed backend: the checkpoint, the one before it, and the
//! history.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    deployment::Deployment,
    error::{Exit, Failure, Result},
    store::{If, Kept, Store, Version, Written},
    subject::Subject,
    version::sha256,
};

/// A stack in a store.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Where its objects are.
    pub store: Arc<dyn Store>,
    /// The Pulumi project.
    pub project: String,
    /// The stack's own name.
    pub name: String,
}

/// The checkpoint, as it was read.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Its text.
    pub body: Arc<Vec<u8>>,
    /// What the store calls this version.
    pub version: Version,
}

impl Checkpoint {
    /// What identifies its text, in whichever store it is.
    pub fn digest(&self) -> String {
        sha256(&self.body)
    }
}

/// One update of the history, as Pulumi keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Update {
    /// `update`, `refresh`, `destroy`, `import`.
    pub kind: String,
    /// When it began, in seconds of Unix time.
    pub start_time: i64,
    /// The commit's message, or what else was said of it.
    pub message: String,
    /// Who and what ran it.
    pub environment: BTreeMap<String, String>,
    /// Values of the configuration.
    pub config: BTreeMap<String, serde_json::Value>,
    /// Always 0.
    pub version: u32,
    /// `succeeded`, `failed`.
    pub result: String,
    /// When it ended, in seconds of Unix time.
    pub end_time: i64,
    /// Resources by what was done to them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resource_changes: BTreeMap<String, u64>,
}

/// What says in an update's environment which run of `zone` it was.
const FENCE: &str = "zone.fence";

impl Update {
    /// Notes which run of `zone` it was.
    pub(crate) fn by(mut self, fence: u64) -> Self {
        self.environment.insert(FENCE.to_owned(), fence.to_string());
        self
    }

    /// Which run of `zone` it was; none when it was not one.
    pub fn fence(&self) -> Option<u64> {
        self.environment.get(FENCE)?.parse().ok()
    }
}

impl Stack {
    /// What it is the state of.
    pub fn subject(&self) -> Subject {
        Subject::of(&self.project, &self.name)
    }

    /// The checkpoint's key.
    pub fn key(&self) -> String {
        format!(".pulumi/stacks/{}/{}.json", self.project, self.name)
    }

    /// What the keys of everything begin with that is this stack's and stays.
    pub(crate) fn folders(&self) -> [String; 3] {
        let Self { project, name, .. } = self;
        [format!(".pulumi/stacks/{project}/{name}."), self.history(), format!(".pulumi/backups/{project}/{name}/")]
    }

    fn history(&self) -> String {
        format!(".pulumi/history/{}/{}/", self.project, self.name)
    }

    /// The name that a checkpoint has in it.
    pub fn qualified(&self) -> String {
        format!("organization/{}/{}", self.project, self.name)
    }

    /// Where the checkpoint is, as people read it.
    pub fn place(&self) -> String {
        format!("{}/{}", self.store.name(), self.key())
    }

    /// Reads the checkpoint; none when the stack was never made.
    pub async fn read(&self) -> Result<Option<Checkpoint>> {
        let object = self.store.get(&self.key()).await?;
        Ok(object.map(|object| Checkpoint { body: Arc::new(object.body), version: object.version }))
    }

    /// Parses a checkpoint of this stack.
    pub fn parse(&self, checkpoint: &Checkpoint) -> Result<Deployment> {
        Deployment::from_checkpoint(&checkpoint.body, &self.qualified(), &self.place())
    }

    /// Parses a state as Pulumi exports it.
    pub fn import(&self, export: &[u8], place: &str) -> Result<Deployment> {
        let deployment = Deployment::from_export(export, &self.qualified(), place);
        let deployment = deployment.map_err(|refused| Failure {
            hint: refused
                .hint
                .filter(|hint| hint.contains("newer"))
                .or(Some("export it again; nothing was changed".to_owned())),
            exit: Exit::Usage,
            ..refused
        })?;
        let own = format!("urn:pulumi:{}::{}::", self.name, self.project);
        let urns = deployment.resources.iter().filter_map(|resource| resource.text("urn").ok());
        match urns.into_iter().find(|urn| !urn.starts_with(&own)) {
            Some(urn) => {
                let message = format!("reading `{place}`: `{urn}` is of another stack than `{}`", self.name);
                Err(Failure::new(Exit::Usage, message)
                    .hint("nothing was changed; each environment has a state of its own"))
            }
            None => Ok(deployment),
        }
    }

    /// Writes a checkpoint over `before`, which is kept beside it; refuses when somebody else wrote in between.
    pub async fn write(&self, before: Option<&Checkpoint>, deployment: &Deployment) -> Result<Checkpoint> {
        self.write_text(before, deployment.to_checkpoint(&self.qualified())).await
    }

    /// As [`Self::write`], of a checkpoint's text.
    pub(crate) async fn write_text(&self, before: Option<&Checkpoint>, body: Vec<u8>) -> Result<Checkpoint> {
        if let Some(before) = before {
            if *before.body == body {
                return Ok(before.clone());
            }
            self.store.put(&format!("{}.bak", self.key()), &before.body, If::Always).await?;
        }
        if before.is_none() {
            // without it, plain `pulumi` would look for the stacks of a project where its first versions had them
            self.store.put(".pulumi/meta.yaml", b"version: 1\n", If::Absent).await?;
        }
        let only = before.map_or(If::Absent, |before| If::Is(&before.version));
        match self.store.put(&self.key(), &body, only).await? {
            Written::Done(version) => Ok(Checkpoint { body: Arc::new(body), version }),
            Written::Refused => Err(self.changed()),
        }
    }

    fn changed(&self) -> Failure {
        let message = format!(
            "writing the state `{}`: somebody else changed it while this run was at work; theirs stays, and what this run \
             did is kept in its journal",
            self.place()
        );
        Failure::new(Exit::Failed, message)
            .hint(format!("`zone state show -e {}` shows both, and says how to go on", self.name))
    }

    /// Adds an update and the checkpoint that it left to the history.
    pub async fn remember(&self, update: &Update, checkpoint: &Checkpoint) -> Result<()> {
        let now = jiff::Timestamp::now().as_nanosecond();
        let at = |what: &str| format!("{}{}-{now}.{what}.json", self.history(), self.name);
        let text = serde_json::to_vec(update).unwrap_or_default();
        // the history's entry last: what is listed is whole
        self.store.put(&at("checkpoint"), &checkpoint.body, If::Always).await?;
        self.store.put(&at("history"), &text, If::Always).await?;
        Ok(())
    }

    /// The history, newest first: what each entry is called, and what it says.
    pub async fn updates(&self) -> Result<Vec<(String, Update)>> {
        self.some_updates(usize::MAX).await
    }

    async fn some_updates(&self, most: usize) -> Result<Vec<(String, Update)>> {
        let keys = self.store.list(&self.history()).await?;
        let mut all = Vec::new();
        for key in keys.iter().rev().filter(|key| key.ends_with(".history.json")).take(most) {
            let Some(object) = self.store.get(key).await? else { continue };
            let update = serde_json::from_slice(&object.body)
                .map_err(|e| Failure::new(Exit::Failed, format!("reading `{key}` of {}: {e}", self.store.name())))?;
            let id =
                key.strip_suffix(".history.json").and_then(|key| key.rsplit_once('-')).map(|(_, at)| at.to_owned());
            all.push((id.unwrap_or_default(), update));
        }
        Ok(all)
    }

    /// The last update of the history.
    pub async fn latest(&self) -> Result<Option<(String, Update)>> {
        Ok(self.some_updates(1).await?.into_iter().next())
    }

    /// The state that an entry of the history kept, or a version of the checkpoint.
    pub async fn recall(&self, id: &str) -> Result<Deployment> {
        let key = format!("{}{}-{id}.checkpoint.json", self.history(), self.name);
        match self.store.get(&key).await? {
            Some(object) => {
                Deployment::from_checkpoint(&object.body, &self.qualified(), &format!("{}/{key}", self.store.name()))
            }
            // the ids of the history are numbers, and no bucket's are
            None => match if id.bytes().all(|b| b.is_ascii_digit()) { None } else { self.store.version(&self.key(), id).await? } {
                Some(body) => {
                    Deployment::from_checkpoint(&body, &self.qualified(), &format!("{}, version {id}", self.place()))
                }
                None => Err(Failure::new(
                    Exit::Usage,
                    format!("there is no earlier state `{id}` of `{}`, neither in its history nor as a version", self.name),
                )
                .hint(format!(
                    "`zone state history -e {0}` lists the updates, `zone state history -e {0} --versions` the versions of a \
                     state in a bucket",
                    self.name
                ))),
            },
        }
    }

    /// The versions of the checkpoint that its bucket keeps, the newest first. They have the states in the middle of an update as
    /// well, which no entry of the history has.
    pub async fn versions(&self) -> Result<Vec<Kept>> {
        self.store.versions(&self.key()).await
    }
}
