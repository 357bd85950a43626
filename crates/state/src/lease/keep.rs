//! A lease that is held: its writes, one after the other, and its renewals.

use std::{fmt, sync::Arc};

use tokio::{
    sync::{Mutex, watch},
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    Lease, Times,
    record::{Holder, Record, key},
};
use crate::{
    error::{Exit, Failure, Result},
    store::{If, Store, Version, Written},
    subject::Subject,
};

/// A lease that is held no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Who has it now; none when it was taken away, and nobody took it since.
    pub to: Option<Holder>,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            Some(holder) => write!(f, "{holder} has taken it over"),
            None => f.write_str("it was unlocked"),
        }
    }
}

/// What is known of the object, and of its holder.
#[derive(Debug)]
pub(super) struct Kept {
    store: Arc<dyn Store>,
    subject: Subject,
    pub(super) fence: u64,
    /// What was last written, and its version.
    now: Mutex<(Record, Version)>,
    pub(super) lost: watch::Sender<Option<Lost>>,
}

impl Kept {
    pub(super) fn new(store: Arc<dyn Store>, subject: &Subject, record: Record, version: Version) -> Self {
        let fence = record.fence;
        let now = Mutex::new((record, version));
        Self { store, subject: subject.clone(), fence, now, lost: watch::Sender::new(None) }
    }

    /// Writes the object with this changed, or finds that it is another's.
    pub(super) async fn write(&self, change: impl FnOnce(&mut Record)) -> Result<()> {
        let mut now = self.now.lock().await;
        if let Some(lost) = self.lost.borrow().clone() {
            return Err(self.failure(&lost));
        }
        let mut next = now.0.clone();
        change(&mut next);
        loop {
            next.counter += 1;
            if let Written::Done(version) = self.store.put(&key(&self.subject), &next.encode(), If::Is(&now.1)).await? {
                *now = (next, version);
                return Ok(());
            }
            // A write of ours that was given up may have been carried out all the same: it has our fence, and our holder.
            match Lease::look(&*self.store, &self.subject).await? {
                Some(seen) if seen.fence == self.fence && seen.holder.is_some() && seen.holder == now.0.holder => {
                    next.counter = next.counter.max(seen.counter);
                    now.1 = seen.version;
                }
                seen => {
                    let lost = Lost { to: seen.and_then(|seen| seen.holder) };
                    self.lost.send_replace(Some(lost.clone()));
                    return Err(self.failure(&lost));
                }
            }
        }
    }

    fn failure(&self, lost: &Lost) -> Failure {
        let message = format!("writing the lease of {} in `{}`: {lost}", self.subject, self.store.name());
        Failure::new(Exit::Busy, message).hint("this run has to end: run it again once the other one has ended")
    }
}

/// Renews the lease until it is lost.
pub(super) async fn renew(kept: Arc<Kept>, times: Times) {
    let mut ticks = interval(times.renewal);
    // a machine that slept renews once, not once for each renewal that it missed
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // the first one is at once, when it has just been written
    ticks.tick().await;
    while kept.lost.borrow().is_none() {
        ticks.tick().await;
        // A request without an answer must not outlast the lease. What fails is tried again at the next tick: whether the lease
        // is lost, only the store can say.
        let _ = timeout(times.lease / 3, kept.write(|_| ())).await;
    }
}
