//! One writer per environment, across machines.
//!
//! The lease is an object beside the state, [`key`]. Who takes it writes it on the condition that nobody else did; the holder
//! renews it every 10 s; once it was not renewed for 60 s, another run may take it over. All of this rests on conditional
//! writes and on the store's own clock, so the clocks of the machines do not matter.
//!
//! Each holder has a **fence**: a number that grows by one. A holder that slept through its takeover is refused by the store
//! when it renews, and [`Lease::lost`] says who has it now.

#[cfg(test)]
mod double;
mod keep;
mod record;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{sync::watch, task::JoinHandle};

use self::{keep::Kept, record::Record};
pub use self::{
    keep::Lost,
    record::{Holder, key},
};
use crate::{
    error::{Exit, Failure, Result},
    store::{If, Store, Version, Written},
    subject::Subject,
};

/// How often somebody who finds the lease free tries to take it while others are faster.
const TRIES: u32 = 20;

/// How long a lease lasts, and how often it is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// How long after its last renewal it can be taken over.
    pub lease: Duration,
    /// How often it is renewed.
    pub renewal: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { lease: Duration::from_secs(60), renewal: Duration::from_secs(10) }
    }
}

/// The right to write the state of an environment. Dropping it ends the renewals, so that it runs out; to end it at once, see
/// [`Lease::release`].
#[derive(Debug)]
pub struct Lease {
    kept: Arc<Kept>,
    renewals: JoinHandle<()>,
}

/// A lease that was taken.
#[derive(Debug)]
pub struct Taken {
    /// The lease.
    pub lease: Lease,
    /// From whom it was taken over; none when it was free.
    pub former: Option<Holder>,
    /// What the callers before this one kept in it; null when there were none.
    pub last: Value,
}

/// What a look at the lease shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Who holds it; none when it is free.
    pub holder: Option<Holder>,
    /// The fence of the last holder.
    pub fence: u64,
    /// How long ago it was renewed, by the store's clock.
    pub age: Duration,
    /// What callers keep in it.
    pub last: Value,
    /// Why it cannot be read, when it is not one of ours. [`Lease::unlock`] replaces it.
    pub broken: Option<String>,
    version: Version,
    counter: u64,
}

impl Lease {
    /// Takes the lease, or says who has it. A holder of the same place is gone: a place has a lock of its own, which the
    /// caller holds.
    pub async fn take(store: Arc<dyn Store>, subject: &Subject, holder: Holder, times: Times) -> Result<Taken> {
        for _ in 0..TRIES {
            let seen = Self::look(&*store, subject).await?;
            if let Some(seen) = &seen {
                refuse_held(&*store, subject, seen, &holder, times)?;
            }
            let (fence, counter, last) =
                seen.as_ref().map_or((0, 0, Value::Null), |seen| (seen.fence, seen.counter, seen.last.clone()));
            let mut record = Record::new(fence + 1, Some(holder.clone()), last.clone());
            record.counter = counter + 1;
            let only = seen.as_ref().map_or(If::Absent, |seen| If::Is(&seen.version));
            if let Written::Done(version) = store.put(&key(subject), &record.encode(), only).await? {
                let kept = Arc::new(Kept::new(store, subject, record, version));
                let renewals = tokio::spawn(keep::renew(kept.clone(), times));
                let former = seen.and_then(|seen| seen.holder);
                return Ok(Taken { lease: Self { kept, renewals }, former, last });
            }
        }
        let message = format!("taking the lease of {subject} in `{}`: others were faster", store.name());
        Err(Failure::new(Exit::Busy, message).hint("run it again once the other runs have ended"))
    }

    /// Who holds the lease; none when nobody ever did.
    pub async fn look(store: &dyn Store, subject: &Subject) -> Result<Option<Seen>> {
        let key = key(subject);
        let Some(object) = store.get(&key).await? else { return Ok(None) };
        let (record, broken) = Record::decode(&object.body, &key, &store.name())?;
        Ok(Some(Seen {
            holder: record.holder,
            fence: record.fence,
            age: object.age,
            last: record.last,
            broken,
            version: object.version,
            counter: record.counter,
        }))
    }

    /// Takes the lease away from the holder that was seen, unless it was renewed or taken over since. Its fence is used up, so
    /// what that holder still writes is refused.
    pub async fn unlock(store: &dyn Store, subject: &Subject, seen: Seen) -> Result<()> {
        let mut record = Record::new(seen.fence, None, seen.last);
        record.counter = seen.counter + 1;
        if let Written::Done(_) = store.put(&key(subject), &record.encode(), If::Is(&seen.version)).await? {
            return Ok(());
        }
        let doing = format!("unlocking {subject} in `{}`", store.name());
        let now = Self::look(store, subject).await?.and_then(|now| now.holder);
        Err(match now {
            None => Failure::new(Exit::Failed, format!("{doing}: it was released meanwhile")),
            Some(holder) if Some(&holder) == seen.holder.as_ref() => {
                Failure::new(Exit::Busy, format!("{doing}: {holder} has just renewed its lease, so it is at work"))
                    .hint("stop it where it runs: Ctrl-C there ends it in order")
            }
            Some(holder) => {
                let message = format!("{doing}: {holder} has taken it meanwhile");
                Failure::new(Exit::Busy, message).hint("wait for it to end")
            }
        })
    }

    /// The number of this holder: larger than that of each holder before it.
    pub fn fence(&self) -> u64 {
        self.kept.fence
    }

    /// Whether the lease was lost, and to whom, as far as is known: the store says so at the next renewal.
    pub fn lost(&self) -> Option<Lost> {
        self.kept.lost.borrow().clone()
    }

    /// Says at once when it is lost.
    pub fn watch(&self) -> watch::Receiver<Option<Lost>> {
        self.kept.lost.subscribe()
    }

    /// Keeps this in the lease, for those who come after.
    pub async fn update(&self, last: Value) -> Result<()> {
        self.kept.write(|record| record.last = last).await
    }

    /// Ends the lease, and keeps this in it for those who come after.
    pub async fn release(self, last: Value) -> Result<()> {
        self.renewals.abort();
        let released = self.kept.write(|record| (record.holder, record.last) = (None, last));
        released.await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewals.abort();
    }
}

/// Refuses a lease that another one holds.
fn refuse_held(store: &dyn Store, subject: &Subject, seen: &Seen, own: &Holder, times: Times) -> Result<()> {
    if let Some(cause) = &seen.broken {
        let message = format!("reading the lease `{}` in `{}`: {cause}", key(subject), store.name());
        let hint = format!("see that no other run is at work, then run `{}`", subject.unlock());
        return Err(Failure::new(Exit::Failed, message).hint(hint));
    }
    match &seen.holder {
        Some(holder) if holder.place != own.place && seen.age <= times.lease => {
            let place = store.name();
            let message = format!("{holder} is at work on {subject} in `{place}`, since {}", holder.since);
            let hint = format!(
                "wait for it to end. If its machine is gone, its lease ends by itself {} s after the last renewal, which was {} \
                 s ago; `{}` ends it at once",
                times.lease.as_secs_f64(),
                seen.age.as_secs(),
                subject.unlock()
            );
            Err(Failure::new(Exit::Busy, message).hint(hint))
        }
        _ => Ok(()),
    }
}
