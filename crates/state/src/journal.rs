//! The journal of one update: what the engine reports of each step, durable before the engine goes on, and folded into the
//! checkpoint at the end. A run that was killed leaves its journal; the next one folds it.
//!
//! A journal is a row of numbered batches, each one record. Its first is the [`Head`]. Two runs never write the same
//! journal, and whoever folds the journal of another run *seals* it first: it takes the next number, which a writer that
//! comes back to life finds taken.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    Message, Tell,
    deployment::Deployment,
    error::{Exit, Failure, Result, counted},
    lease::Lost,
    replay::{Entry, Replay},
    stack::{Checkpoint, Stack},
    store::{If, OWN, Written},
    version::sha256,
};

/// The format of what is written here; a journal of a newer one is refused.
const FORMAT: u32 = 1;

/// Where a whole state comes from.
const ENGINE: &str = "the engine's state";

/// What a journal is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The format of the journal.
    pub format: u32,
    /// `organization/{project}/{stack}`.
    pub stack: String,
    /// The engine's update: `update`, `refresh`, `destroy`, `import`.
    pub kind: String,
    /// The engine's version, such as `v3.259.0`, which the state's manifest names.
    pub engine: String,
    /// When it began.
    pub since: String,
    /// SHA-256 of the checkpoint that the entries refer to; none when there was no checkpoint.
    pub base: Option<String>,
}

/// One batch.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Head(Head),
    /// Entries of the engine, as it sent them.
    Entries(Vec<Box<RawValue>>),
    /// The whole state, of an engine that keeps no journal.
    Whole(Box<RawValue>),
    /// The checkpoint that the entries refer to, before a fold writes over it.
    Base(Box<RawValue>),
    /// A checkpoint of this digest is about to be written; the last one has everything in it.
    Fold {
        digest: String,
        last: bool,
    },
    /// Nothing comes after this: another run is about to fold the journal.
    Seal {
        by: String,
    },
}

impl Record {
    /// Without line feeds: JSON has them between its parts only.
    fn text(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec(self).unwrap_or_default();
        text.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        text
    }
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    stack: Stack,
    name: String,
    head: Head,
    /// The number of the next batch.
    next: u32,
    /// The checkpoint as it is now.
    checkpoint: Option<Checkpoint>,
    replay: Replay,
    /// The whole state, of an engine that keeps no journal.
    whole: Option<Deployment>,
    /// Whether the base is in the journal, so that a fold may write over the checkpoint.
    has_base: bool,
    /// Whether there is something that no fold has written.
    is_open: bool,
    /// What is written with what comes next.
    unwritten: Vec<Box<RawValue>>,
}

/// What the engine begins.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The journal's name (see [`name`]), unlike that of any other.
    pub name: String,
    /// The engine's update: `update`, `refresh`, `destroy`, `import`.
    pub kind: String,
    /// The engine's version, such as `v3.259.0`.
    pub engine: String,
}

impl Journal {
    /// Begins one; nothing is written before the first entry.
    pub fn begin(stack: Stack, checkpoint: Option<Checkpoint>, beginning: Beginning) -> Result<Self> {
        let base = checkpoint.as_ref().map(|checkpoint| stack.parse(checkpoint)).transpose()?;
        let base = base.unwrap_or_else(Deployment::empty);
        let head = Head {
            format: FORMAT,
            stack: stack.qualified(),
            kind: beginning.kind,
            engine: beginning.engine,
            since: jiff::Timestamp::now().to_string(),
            base: checkpoint.as_ref().map(Checkpoint::digest),
        };
        Ok(Self {
            stack,
            name: beginning.name,
            head,
            next: 0,
            checkpoint,
            replay: Replay::new(base),
            whole: None,
            has_base: false,
            is_open: false,
            unwritten: Vec::new(),
        })
    }

    /// Whether anything was written.
    pub fn is_begun(&self) -> bool {
        self.next > 0 || !self.unwritten.is_empty()
    }

    /// Takes entries of the engine; those that were taken before are passed over. What was made, changed, deleted or read is durable
    /// when it returns.
    ///
    /// Of a store behind a network, what is in the state alone is not waited for: the beginnings of steps, components, providers.
    /// Each would make the engine wait as long as a resource does. They are written before what comes next, so that nothing is
    /// durable without what it depends on. What a run began and never ended is found without them: creates look for what is
    /// there, by its identity, and updates and deletions are done again. Components and providers are made again.
    pub async fn take(&mut self, entries: Vec<Box<RawValue>>) -> Result<()> {
        let mut fresh = Vec::with_capacity(entries.len());
        let mut waits = !self.stack.store.is_remote();
        for raw in entries {
            let entry = Entry::read(raw.get())?;
            let is_real = entry.is_of_something_real();
            if self.replay.add(entry)? {
                waits |= is_real;
                fresh.push(raw);
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        self.is_open = true;
        self.unwritten.extend(fresh);
        if waits { self.flush().await } else { Ok(()) }
    }

    /// Writes what was not waited for.
    async fn flush(&mut self) -> Result<()> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        let entries = std::mem::take(&mut self.unwritten);
        self.append(&Record::Entries(entries)).await
    }

    /// Takes the whole state, of an engine that keeps no journal.
    pub async fn take_whole(&mut self, version: u32, features: Vec<String>, deployment: Box<RawValue>) -> Result<()> {
        let export = export(version, features, &deployment);
        let whole = self.stack.import(export.get().as_bytes(), ENGINE)?;
        self.append(&Record::Whole(export)).await?;
        self.whole = Some(whole);
        self.is_open = true;
        Ok(())
    }

    fn unreadable(&self, fault: &impl std::fmt::Display) -> Failure {
        Failure::new(Exit::Failed, format!("reading what the engine {} reports: {fault}", self.head.engine))
            .hint("use the engine's version that `zone engine install` builds; if it is that one, please report this")
    }

    async fn append(&mut self, record: &Record) -> Result<()> {
        if self.next == 0 {
            self.write(&Record::Head(self.head.clone())).await?;
        }
        self.write(record).await
    }

    async fn write(&mut self, record: &Record) -> Result<()> {
        let text = record.text();
        match self.stack.store.append(&self.name, self.next, &text).await? {
            Written::Done(_) => {
                self.next += 1;
                Ok(())
            }
            Written::Refused => {
                self.leave(record).await?;
                Err(taken_over(&self.stack, None))
            }
        }
    }

    /// Keeps entries that came when the environment was another run's already: what they tell of was done all the same.
    pub async fn take_late(&self, entries: Vec<Box<RawValue>>) -> Result<()> {
        self.leave(&Record::Entries(entries)).await
    }

    /// Leaves a record for the next run to find.
    async fn leave(&self, record: &Record) -> Result<()> {
        let key = format!("{}{:016x}.json", late(&self.stack), rand::random::<u64>());
        self.stack.store.put(&key, &record.text(), If::Always).await.map(|_| ())
    }

    fn deployment(&self) -> Result<Deployment> {
        match &self.whole {
            Some(whole) => Ok(whole.clone()),
            None => self.replay.deployment(jiff::Timestamp::now(), &self.head.engine),
        }
    }

    /// Writes what was taken until now into the checkpoint, so that plain `pulumi` sees it.
    pub async fn fold(&mut self) -> Result<()> {
        if !self.is_open {
            return Ok(());
        }
        self.flush().await?;
        if !self.has_base {
            let base = self.checkpoint.as_ref().map_or(Ok("null".to_owned()), |checkpoint| {
                String::from_utf8(checkpoint.body.to_vec()).map_err(|e| self.unreadable(&e))
            })?;
            let base = RawValue::from_string(base).map_err(|e| self.unreadable(&e))?;
            self.append(&Record::Base(base)).await?;
            self.has_base = true;
        }
        let deployment = self.deployment()?;
        self.checkpoint = Some(self.put(&deployment, false).await?);
        self.is_open = false;
        Ok(())
    }

    async fn put(&mut self, deployment: &Deployment, last: bool) -> Result<Checkpoint> {
        let text = deployment.to_checkpoint(&self.stack.qualified());
        self.append(&Record::Fold { digest: sha256(&text), last }).await?;
        self.stack.write_text(self.checkpoint.as_ref(), text).await
    }

    /// Folds everything. Returns the checkpoint as it is then, and what deletes the journal.
    pub async fn end(mut self) -> Result<(Option<Checkpoint>, impl Future<Output = Result<()>>)> {
        let is_begun = self.is_begun();
        if is_begun {
            self.checkpoint = Some(self.finish().await?);
        }
        let Self { stack, name, checkpoint, .. } = self;
        Ok((checkpoint, async move { if is_begun { stack.store.forget(&name).await } else { Ok(()) } }))
    }

    /// Folds everything.
    async fn finish(&mut self) -> Result<Checkpoint> {
        self.flush().await?;
        let mut deployment = self.deployment()?;
        if let Err(fault) = deployment.verify() {
            // see there how the engine comes to report an order that it would refuse
            deployment.put_in_order().ok();
            deployment.verify().map_err(|_| fault)?;
        }
        deployment.forget_integrity_error();
        self.put(&deployment, true).await
    }
}

/// What the keys of that begin with which a writer could not write any more, because another run had taken over.
fn late(stack: &Stack) -> String {
    format!("{OWN}/late/{}/", stack.name)
}

/// This run may not write any more.
pub(crate) fn taken_over(stack: &Stack, to: Option<&Lost>) -> Failure {
    let subject = stack.subject();
    let who = to.map_or_else(|| "another run has taken it over".to_owned(), ToString::to_string);
    let message = format!("{subject} was lost while this run was suspended or cut off: {who}; this run stops");
    Failure::new(Exit::Busy, message)
        .hint(format!("wait for that run to end; `{}` afterwards finds what this run made last", subject.command("up")))
}

/// A deployment as the engine's service has it.
fn export(version: u32, features: Vec<String>, deployment: &RawValue) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Export<'a> {
        version: u32,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        features: Vec<String>,
        deployment: &'a RawValue,
    }
    serde_json::value::to_raw_value(&Export { version, features, deployment }).unwrap_or_default()
}

/// What was found of runs that did not end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Journals that were folded.
    pub journals: usize,
    /// URNs of what a run did something to after another had taken over, so that the state may not have it.
    pub late: Vec<String>,
}

/// Who folds what is at work, too, and keeps nothing of it.
pub(crate) const READER: &str = "preview";

/// Folds the journals that runs left which did not end. The caller holds the environment and the stack.
pub async fn recover(stack: &Stack, by: &str, tell: Tell<'_>) -> Result<Recovered> {
    let store = &stack.store;
    let mut recovered = Recovered::default();
    let late = late(stack);
    let (names, mut keys) = futures::try_join!(names(stack), store.list(&late))?;
    for name in &names {
        if fold(stack, name, by, tell).await? {
            recovered.journals += 1;
        }
    }
    if !names.is_empty() {
        // one of them may have become late
        keys = store.list(&late).await?;
    }
    for key in keys {
        let Some(object) = store.get(&key).await? else { continue };
        recovered.late.extend(urns(&object.body));
    }
    recovered.late.sort();
    recovered.late.dedup();
    Ok(recovered)
}

/// Forgets what runs did after they were taken over, once the state has it.
pub async fn forget_late(stack: &Stack) -> Result<()> {
    for key in stack.store.list(&late(stack)).await? {
        stack.store.delete(&key).await?;
    }
    Ok(())
}

/// The URNs that the entries of a record name.
fn urns(record: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Named {
        urn: String,
    }
    #[derive(Deserialize)]
    struct Operation {
        resource: Named,
    }
    #[derive(Deserialize)]
    struct Told {
        state: Option<Named>,
        operation: Option<Operation>,
    }
    let Ok(Record::Entries(entries)) = serde_json::from_slice(record) else { return Vec::new() };
    let told = entries.iter().filter_map(|entry| serde_json::from_str::<Told>(entry.get()).ok());
    let named = told.flat_map(|told| [told.state, told.operation.map(|operation| operation.resource)]);
    named.flatten().map(|named| named.urn).collect()
}

/// The name of a journal: a store may have those of several stacks.
pub fn name(stack: &Stack, fence: u64, update: &str) -> String {
    format!("{}/{fence:08}-{update}", stack.name)
}

/// The fence in the name of a journal, or of a run.
pub fn fence(name: &str) -> Option<u64> {
    name.rsplit('/').next()?.split('-').next()?.parse().ok()
}

/// Turns a journal of a run that had lost the environment into what the next deployment refreshes and looks for.
async fn put_late(stack: &Stack, name: &str, batches: &[Vec<u8>]) -> Result<()> {
    for (number, batch) in batches.iter().enumerate() {
        let key = format!("{}{}-{number:08}.json", late(stack), name.replace('/', "-"));
        stack.store.put(&key, batch, If::Always).await?;
    }
    stack.store.forget(name).await
}

/// The names of the journals of a stack, the oldest first.
async fn names(stack: &Stack) -> Result<Vec<String>> {
    let mut names = stack.store.journals().await?;
    names.retain(|name| name.rsplit_once('/').is_some_and(|(of, _)| of == stack.name));
    Ok(names)
}

/// The journals that runs left which did not end, with their heads where these can be read.
pub async fn left(stack: &Stack) -> Result<Vec<(String, Option<Head>)>> {
    let mut all = Vec::new();
    for name in names(stack).await? {
        let first = stack.store.batches(&name).await?.into_iter().next();
        let head = first.and_then(|first| match serde_json::from_slice(&first) {
            Ok(Record::Head(head)) => Some(head),
            _ => None,
        });
        all.push((name, head));
    }
    Ok(all)
}

/// Keeps a journal that does not fit the state, out of the way of further runs. Returns where it is.
pub async fn set_aside(stack: &Stack, name: &str) -> Result<String> {
    let batches = stack.store.batches(name).await?;
    let key = format!("{OWN}/aside/{name}.jsonl");
    stack.store.put(&key, &batches.join(&b'\n'), If::Always).await?;
    stack.store.forget(name).await?;
    Ok(format!("{}/{key}", stack.store.name()))
}

/// The checkpoint that entries refer to, as their journal has it; none when there was no checkpoint.
struct Base(Option<Checkpoint>);

/// A journal of another run, read.
struct Read {
    head: Head,
    replay: Replay,
    whole: Option<Deployment>,
    base: Option<Base>,
    folds: Vec<(String, bool)>,
    entries: usize,
}

/// Folds a journal; says whether there was something in it.
async fn fold(stack: &Stack, name: &str, by: &str, tell: Tell<'_>) -> Result<bool> {
    let store = &stack.store;
    let batches = seal(stack, name, by).await?;
    let current = stack.read().await?;
    let Some(read) = read(stack, name, &batches, current.as_ref())? else {
        store.forget(name).await?;
        return Ok(false);
    };
    let now = current.as_ref().map(Checkpoint::digest);
    let was_folded = |last: bool| read.folds.iter().any(|(digest, l)| Some(digest) == now.as_ref() && (*l || !last));
    if was_folded(true) {
        // killed between its last fold and the end of its journal
        store.forget(name).await?;
        return Ok(false);
    }
    if now != read.head.base && !was_folded(false) {
        if stack.latest().await?.and_then(|(_, update)| update.fence()) > fence(name) {
            // a run of `zone` came after it, and did not find it: it was suspended, and began when it was another's turn
            return put_late(stack, name, &batches).await.map(|()| false);
        }
        let message = format!(
            "the state `{}` was changed by somebody else after the run of {} was interrupted: its journal `{name}` does not \
             fit any more",
            stack.place(),
            read.head.since
        );
        return Err(Failure::new(Exit::Failed, message).hint(format!(
            "`zone state discard -e {} {name}` keeps the state as it is and sets the journal aside; the next `zone up` then \
             finds what that run made",
            stack.name
        )));
    }
    let (since, steps) = (&read.head.since, counted(read.entries, "recorded step"));
    tell(Message::Note(&if by == READER {
        format!("the run of {since} has not ended: this shows the state with {steps} from its journal")
    } else {
        format!("the run of {since} was interrupted: taking over {steps} from its journal")
    }));
    let sealed = u32::try_from(batches.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let mut journal = Journal {
        stack: stack.clone(),
        name: name.to_owned(),
        head: read.head,
        next: u32::try_from(batches.len()).unwrap_or(u32::MAX),
        checkpoint: current,
        replay: read.replay,
        whole: read.whole,
        has_base: read.base.is_some(),
        is_open: true,
        unwritten: Vec::new(),
    };
    journal.finish().await?;
    // the seal stays, so that its writer finds it whenever it comes back to life
    store.forget_but(name, sealed).await?;
    Ok(true)
}

/// Takes the next number of a journal, so that its writer cannot go on; returns the batches, with the seal.
async fn seal(stack: &Stack, name: &str, by: &str) -> Result<Vec<Vec<u8>>> {
    loop {
        let mut batches = stack.store.batches(name).await?;
        let is_sealed = |batch: &Vec<u8>| matches!(serde_json::from_slice(batch), Ok(Record::Seal { .. }));
        if batches.is_empty() || batches.iter().any(is_sealed) {
            return Ok(batches);
        }
        let text = Record::Seal { by: by.to_owned() }.text();
        let number = u32::try_from(batches.len()).unwrap_or(u32::MAX);
        if let Written::Done(_) = stack.store.append(name, number, &text).await? {
            batches.push(text);
            return Ok(batches);
        }
    }
}

/// Reads a journal; none when there is nothing in it.
fn read(stack: &Stack, name: &str, batches: &[Vec<u8>], current: Option<&Checkpoint>) -> Result<Option<Read>> {
    let faulty = |number: usize, fault: &dyn std::fmt::Display| {
        let message = format!("reading batch {number} of the journal `{name}` in {}: {fault}", stack.store.name());
        Failure::new(Exit::Failed, message).hint(format!(
            "`zone state discard -e {} {name}` sets it aside and keeps the state as it was before that run; the next `zone \
             up` then finds what that run made",
            stack.name
        ))
    };
    let mut records = Vec::with_capacity(batches.len());
    for (number, batch) in batches.iter().enumerate() {
        records.push(serde_json::from_slice::<Record>(batch).map_err(|e| faulty(number, &e))?);
    }
    let mut records = records.into_iter().enumerate();
    let head = match records.next() {
        None => return Ok(None),
        Some((_, Record::Head(head))) => head,
        Some(_) => return Err(faulty(0, &"it is not the beginning of a journal")),
    };
    if head.format > FORMAT {
        let newer = format!("it is of format {}, and this `zone` reads {FORMAT}", head.format);
        let message = format!("reading the journal `{name}` in {}: {newer}", stack.store.name());
        return Err(Failure::new(Exit::Failed, message).hint("use the newer `zone` that wrote it"));
    }
    if head.stack != stack.qualified() {
        return Err(faulty(0, &format!("it is of `{}`, not of `{}`", head.stack, stack.qualified())));
    }
    let (mut entries, mut whole, mut base, mut folds) = (Vec::new(), None, None, Vec::new());
    for (number, record) in records {
        match record {
            Record::Head(_) => return Err(faulty(number, &"it begins twice")),
            Record::Entries(raw) => entries.extend(raw.into_iter().map(|raw| (number, raw))),
            Record::Whole(export) => {
                whole = Some(stack.import(export.get().as_bytes(), ENGINE).map_err(|e| faulty(number, &e.message))?);
            }
            Record::Base(body) if body.get() == "null" => base = Some(Base(None)),
            Record::Base(body) => {
                let body = std::sync::Arc::new(body.get().as_bytes().to_vec());
                let version = crate::store::Version(String::new());
                base = Some(Base(Some(Checkpoint { body, version })));
            }
            Record::Fold { digest, last } => folds.push((digest, last)),
            Record::Seal { .. } => {}
        }
    }
    let from = match &base {
        Some(Base(base)) => base.as_ref(),
        None => current,
    };
    let from = from.map(|checkpoint| stack.parse(checkpoint)).transpose()?;
    let mut replay = Replay::new(from.unwrap_or_else(Deployment::empty));
    let count = entries.len();
    if base.is_some() || current.map(Checkpoint::digest) == head.base {
        for (number, raw) in entries {
            let added = Entry::read(raw.get()).and_then(|entry| replay.add(entry));
            added.map_err(|e| faulty(number, &e.message))?;
        }
    }
    Ok(Some(Read { head, replay, whole, base, folds, entries: count }))
}

#[cfg(test)]
pub(crate) mod tests;
