//! Ending a deployment before its time.

use tokio::sync::{mpsc, watch};

/// A wish to stop, which may be said more than once: at the first the engine lets what is under way end, at the second it
/// ends at once. Copies are the same wish.
#[derive(Clone, Debug)]
pub struct Cancel(watch::Sender<usize>);

impl Default for Cancel {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Cancel {
    /// Says it once more.
    pub fn cancel(&self) {
        self.0.send_modify(|said| *said += 1);
    }

    /// Whether it was said.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Each time that it is said from now on, and once at the beginning for all that was said before.
    pub(crate) fn wishes(&self) -> mpsc::UnboundedReceiver<()> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut said = self.0.subscribe();
        let mut passed = *said.borrow_and_update();
        if passed > 0 {
            sender.send(()).ok();
        }
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = sender.closed() => return,
                    changed = said.changed() => if changed.is_err() { return },
                }
                // a change that is noticed late stands for all that were said until then
                let now = *said.borrow_and_update();
                for _ in passed..now {
                    sender.send(()).ok();
                }
                passed = now;
            }
        });
        receiver
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_said_before_and_after_is_heard_and_nothing_stays_behind() {
        let cancel = Cancel::default();
        let mut early = cancel.wishes();
        assert!(early.try_recv().is_err() && !cancel.is_cancelled());
        cancel.clone().cancel();
        assert_eq!(early.recv().await, Some(()));
        let mut late = cancel.wishes();
        assert_eq!(late.recv().await, Some(()));
        drop((early, late));
        // whoever listened has gone: the last sender is ours
        while cancel.0.receiver_count() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_is_said_twice_at_once_is_heard_twice() {
        let cancel = Cancel::default();
        let mut wishes = cancel.wishes();
        // nobody listens in between: a task that is not awaited does not run
        cancel.cancel();
        cancel.cancel();
        assert_eq!((wishes.recv().await, wishes.recv().await), (Some(()), Some(())));
        assert!(wishes.try_recv().is_err());
        drop(wishes);
    }
}
