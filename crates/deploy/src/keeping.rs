//! Looking after a state without deploying: what it is, what it was, and back to that.

use std::sync::Arc;

use aws::clients::Ambient;
use config::{Backend, Zone};
use state::{
    Tell,
    claim::{self, Claim},
    contents::Contents,
    deployment::Deployment,
    difference::Difference,
    environment::State,
    error::{Exit, Failure, Result},
    home::Home,
    journal::{self, Head},
    lease::{self, Lease},
    lock::{self, Lock},
    open::Open,
    secrets::Provider,
    stack::Update,
};

use crate::backend::{self, Found};

/// What is seen of a state.
#[derive(Debug)]
pub struct Seen {
    /// What is in it, without what is in a journal; none when it was never made.
    pub contents: Option<Contents>,
    /// What encrypts its secrets.
    pub secrets: Option<Provider>,
    /// The last update of its history.
    pub last: Option<(String, Update)>,
    /// Who works on it, on this machine.
    pub here: lock::Seen,
    /// Who works on it, on any machine; none where it is not shared.
    pub lease: Option<lease::Seen>,
    /// Pulumi's own locks.
    pub claims: Vec<claim::Holder>,
    /// Journals of runs that did not end.
    pub journals: Vec<(String, Option<Head>)>,
}

impl Seen {
    /// Who works on it now, as people read it.
    pub fn at_work(&self) -> Option<String> {
        let holder = self.lease.as_ref().and_then(|lease| {
            let holder = lease.holder.as_ref()?;
            Some(format!("{holder}, its lease renewed {} s ago", lease.age.as_secs()))
        });
        let run = self.run().map(|run| format!("`{}` (process {}, since {})", run.command, run.pid, run.since));
        holder.or(run).or_else(|| self.claims.first().map(claim::Holder::name))
    }

    /// Whether a journal is that of the run at work.
    pub fn is_of_run(&self, journal: &str) -> bool {
        // a run and its journal have the same number
        let of_lease = self.lease.as_ref().and_then(|lease| journal::fence(&lease.holder.as_ref()?.run));
        let here = self.run().map(|run| run.fence);
        journal::fence(journal).is_some_and(|of| Some(of) == of_lease.or(here))
    }

    /// Whether there is nothing in it. What a run has done that has not ended is in its journal first.
    pub fn is_empty(&self) -> bool {
        self.contents.as_ref().is_none_or(|contents| contents.count() == 0) && self.journals.is_empty()
    }

    /// The run at work on this machine.
    fn run(&self) -> Option<&lock::Run> {
        match &self.here {
            lock::Seen::Busy(run) => Some(run),
            lock::Seen::Free | lock::Seen::Interrupted(_) => None,
        }
    }
}

/// Looks at a state; nothing is taken, and nothing written.
pub async fn look(found: &Found, home: &Home) -> Result<Seen> {
    let stack = &found.state.stack;
    let here = lock::look(home, &stack.name)?;
    let lease = if found.is_shared { Lease::look(&*stack.store, &stack.subject()).await? } else { None };
    let (secrets, contents) = match stack.read().await? {
        Some(checkpoint) => (Provider::of(&stack.parse(&checkpoint)?)?, Some(found.state.look(&checkpoint)?)),
        None => (None, None),
    };
    let claims = claim::look(&*stack.store, &stack.project, &stack.name).await?;
    let last = stack.latest().await?;
    let journals = journal::left(stack).await?;
    let claims = claims.into_iter().map(|(_, holder)| holder).collect();
    Ok(Seen { contents, secrets, last, here, lease, claims, journals })
}

/// The state as Pulumi exports it, with what is in journals: as it is now, or as an entry of the history or a version in the bucket
/// kept it.
pub async fn export(
    zone: &Zone,
    home: &Home,
    ambient: &Ambient,
    version: Option<&str>,
    tell: Tell<'_>,
) -> Result<Vec<u8>> {
    let found = backend::find(zone, home, ambient).await?;
    if let Some(id) = version {
        return Ok(found.state.stack.recall(id).await?.to_export());
    }
    let open = Open::to_read(found.state, tell).await?;
    if !open.exists().await {
        return Err(Failure::new(Exit::Failed, format!("environment `{}` has no state yet", zone.environment))
            .hint(format!("`zone up -e {}` makes the first one", zone.environment)));
    }
    Ok(open.deployment().await?.to_export())
}

/// An environment, held to write its state without an engine.
#[derive(Debug)]
pub struct Held {
    lock: Lock,
    open: Open,
}

impl Held {
    /// Takes the environment, or says who has it. Folds what runs before left.
    pub async fn take(zone: &Zone, home: &Home, ambient: &Ambient, verb: &str, tell: Tell<'_>) -> Result<Self> {
        let (lock, found) = hold(zone, home, ambient, verb, tell).await?;
        match Open::to_write(found.state, lock.fence(), &lock.id(), tell).await {
            Ok(open) => Ok(Self { lock, open }),
            Err(reason) => {
                lock.end().await?;
                Err(reason)
            }
        }
    }

    /// The state as it is; empty where there is none.
    pub async fn deployment(&self) -> Result<Deployment> {
        self.open.deployment().await
    }

    /// Reads a state as Pulumi exports it, and refuses one that the engine could not work with.
    pub fn import(&self, export: &[u8], place: &str) -> Result<Deployment> {
        let deployment = self.open.state.stack.import(export, place)?;
        deployment.verify().map_err(|fault| {
            Failure::new(Exit::Usage, format!("reading `{place}`: {}", fault.message))
                .hint("export it again, or restore an earlier state; nothing was changed")
        })?;
        Ok(deployment)
    }

    /// The state that an entry of the history kept, or a version of the checkpoint in its bucket.
    pub async fn remembered(&self, id: &str) -> Result<Deployment> {
        self.open.state.stack.recall(id).await
    }

    /// What replacing the state with another would change.
    pub async fn difference(&self, to: &Deployment) -> Result<Difference> {
        Ok(Difference::between(&self.deployment().await?, to))
    }

    /// Replaces the state; the one before it is in the history.
    pub async fn replace(&self, deployment: &Deployment, message: &str, difference: &Difference) -> Result<()> {
        let count = |urns: &[String]| u64::try_from(urns.len()).unwrap_or(u64::MAX);
        let changes = [("create", &difference.added), ("delete", &difference.removed), ("update", &difference.changed)];
        let changes = changes.map(|(op, urns)| (op.to_owned(), count(urns))).into_iter().filter(|(_, n)| *n > 0);
        self.open.replace(deployment, message, changes.collect()).await
    }

    /// What encrypts the secrets of the state, and of another one where it is something else.
    pub async fn other_secrets(&self, to: &Deployment) -> Result<Option<(Provider, Provider)>> {
        let (now, then) = (Provider::of(&self.deployment().await?)?, Provider::of(to)?);
        Ok(now.zip(then).filter(|(now, then)| now != then))
    }

    /// Ends in order.
    pub async fn close(self) -> Result<()> {
        self.open.close().await?;
        self.lock.end().await
    }
}

/// Takes the environment's lock on this machine, and where the state is shared, on all.
async fn hold(zone: &Zone, home: &Home, ambient: &Ambient, verb: &str, tell: Tell<'_>) -> Result<(Lock, Found)> {
    let environment = &zone.environment;
    let mut lock = Lock::take(home, environment, verb)?;
    let held = async {
        let found = backend::find(zone, home, ambient).await?;
        if found.is_shared {
            lock.share(Arc::clone(&found.state.stack.store), tell).await?;
        }
        Ok(found)
    };
    match held.await {
        Ok(found) => Ok((lock, found)),
        Err(reason) => {
            lock.end().await?;
            Err(reason)
        }
    }
}

/// Sets the journal of a run aside that does not fit the state any more. Returns where it is kept.
pub async fn discard(zone: &Zone, home: &Home, ambient: &Ambient, name: &str, tell: Tell<'_>) -> Result<String> {
    let (mut lock, found) = hold(zone, home, ambient, "state discard", tell).await?;
    let stack = &found.state.stack;
    let all = journal::left(stack).await?;
    if !all.iter().any(|(known, _)| known == name) {
        let names: Vec<_> = all.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("environment `{}` has no journal `{name}`", zone.environment);
        lock.end().await?;
        return Err(Failure::new(Exit::Usage, message).hint(if names.is_empty() {
            "it has none at all: there is nothing to discard".to_owned()
        } else {
            format!("its journals: {}", names.join(", "))
        }));
    }
    let discarded = async {
        let store = Arc::clone(&stack.store);
        let claim = Claim::take(store, &stack.project, &stack.name, &lock.id(), tell).await?;
        // what it tells of is in the accounts, and not in the state
        let aside = lock.lost().await;
        let aside = aside.and(journal::set_aside(stack, name).await);
        claim.release().await.and(aside)
    };
    let discarded = discarded.await;
    lock.end().await.and(discarded)
}

/// Moves the state to where the configuration does not say, or says since a moment ago.
/// `instance` is the start of the emulator that it is about.
pub async fn relocate(
    zone: &Zone,
    home: &Home,
    (ambient, instance): (&Ambient, Option<&str>),
    to: &Backend,
    tell: Tell<'_>,
) -> Result<()> {
    let environment = &zone.environment;
    let (mut lock, found) = hold(zone, home, ambient, "state move", tell).await?;
    let moved = async {
        let open = Open::to_write(found.state.clone(), lock.fence(), &lock.id(), tell).await?;
        let moved = async {
            match (to, found.is_shared) {
                (Backend::File, true) => {
                    backend::into_folder(zone, home, ambient, (&open.state, instance), tell).await.map(|_| ())
                }
                (Backend::Bucket, false) => {
                    let place = backend::destination(zone, home, ambient, &open.state).await?;
                    let (bucket, url) = place.ok_or_else(|| {
                        Failure::new(
                            Exit::Failed,
                            format!("environment `{environment}` has no bucket for its state yet"),
                        )
                        .hint(format!("`zone up -e {environment}` makes it"))
                    })?;
                    lock.share(Arc::clone(&bucket.stack.store), tell).await?;
                    backend::into_bucket(zone, home, ambient, (&open.state, &bucket, &url), tell).await
                }
                _ => {
                    let message = format!("the state of `{environment}` is in {}", open.state.stack.store.name());
                    Err(Failure::new(Exit::Usage, message).hint(format!(
                        "it can be moved between this machine and the zone's own bucket; `zone state export -e {environment}` \
                         and `zone state import FILE -e {environment}` take it anywhere else; nothing was changed"
                    )))
                }
            }
        };
        let moved = moved.await;
        open.close().await.and(moved)
    };
    let moved = moved.await;
    lock.end().await.and(moved)
}

/// Who holds an environment so that nobody else can work on it.
#[derive(Clone, Debug)]
pub struct Holders {
    /// The state.
    state: State,
    /// The run of `zone` that has the lease.
    pub lease: Option<lease::Seen>,
    /// Plain `pulumi`, by the key of its lock.
    pub claims: Vec<(String, claim::Holder)>,
}

/// Looks who holds it.
pub async fn holders(zone: &Zone, home: &Home, ambient: &Ambient) -> Result<Holders> {
    let Found { state, is_shared, .. } = backend::find(zone, home, ambient).await?;
    let lease = if is_shared { Lease::look(&*state.stack.store, &state.stack.subject()).await? } else { None };
    let lease = lease.filter(|seen| seen.holder.is_some() || seen.broken.is_some());
    let claims = claim::look(&*state.stack.store, &state.stack.project, &state.stack.name).await?;
    Ok(Holders { state, lease, claims })
}

impl Holders {
    /// The name that has to be typed before it is taken away from them: of the run, else of plain `pulumi`.
    pub fn name(&self) -> Option<String> {
        let lease = self.lease.as_ref().map(|seen| match &seen.holder {
            Some(holder) => format!("{}@{}", holder.user, holder.host),
            None => "unknown".to_owned(),
        });
        lease.or_else(|| self.claims.first().map(|(_, holder)| format!("{}@{}", holder.short(), holder.hostname)))
    }

    /// Each of them, as people read it.
    pub fn lines(&self) -> Vec<String> {
        let lease = self.lease.iter().map(|seen| match &seen.holder {
            Some(holder) => {
                format!("{holder}, since {}; its lease was renewed {} s ago", holder.since, seen.age.as_secs())
            }
            None => "a lease that cannot be read".to_owned(),
        });
        lease.chain(self.claims.iter().map(|(_, holder)| format!("Pulumi's lock: {}", holder.name()))).collect()
    }

    /// Takes it away from them.
    pub async fn unlock(self) -> Result<()> {
        let store = &self.state.stack.store;
        if let Some(seen) = self.lease {
            Lease::unlock(&**store, &self.state.stack.subject(), seen).await?;
        }
        for (key, _) in &self.claims {
            store.delete(key).await?;
        }
        Ok(())
    }
}
