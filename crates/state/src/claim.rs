//! Pulumi's own lock of a stack, in the layout of its self-managed backend: plain `pulumi` refuses to work on a state while
//! `zone` does, and `zone` while plain `pulumi` does.
//!
//! The lock is an object without a lease: of one that stays behind, nobody can tell by the object alone whether its run is
//! gone. A lock of `zone` names its run; whoever holds the environment ([`crate::lock`]) knows that all other runs are gone.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Message, Tell,
    error::{Exit, Failure, Result},
    lock,
    process::is_engine,
    store::{If, Store},
    subject::Subject,
};

/// How the `username` of `zone`'s own locks begins. Pulumi shows it to whoever it refuses.
const OURS: &str = "zone (the next run of `zone` removes a lock that was left behind; not `pulumi cancel`), run ";

/// What Pulumi's lock says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its user.
    pub username: String,
    /// Its machine.
    pub hostname: String,
    /// Since when.
    pub timestamp: String,
}

impl Holder {
    fn is_ours(&self) -> bool {
        self.username.starts_with(OURS)
    }

    /// An engine that is at work on this machine.
    fn works_here(&self) -> bool {
        self.hostname == hostname() && lock::lives(self.pid) && is_engine(self.pid)
    }

    /// Whether it is certain that nothing works under it.
    fn is_gone(&self) -> bool {
        self.is_ours() || (self.hostname == hostname() && !self.works_here()) || *self == Self::default()
    }

    /// The user, or `zone` for one of ours.
    pub fn short(&self) -> &str {
        if self.is_ours() { "zone" } else { &self.username }
    }

    /// As people read it.
    pub fn name(&self) -> String {
        format!("{}@{}, process {}, since {}", self.short(), self.hostname, self.pid, self.timestamp)
    }
}

/// This machine's name.
pub fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The key below which the locks of a stack are.
fn folder(project: &str, stack: &str) -> String {
    format!(".pulumi/locks/organization/{project}/{stack}/")
}

/// The locks of a stack, by key. One that cannot be read was left half written.
pub async fn look(store: &dyn Store, project: &str, stack: &str) -> Result<Vec<(String, Holder)>> {
    let mut all = Vec::new();
    for key in store.list(&folder(project, stack)).await? {
        if let Some(object) = store.get(&key).await? {
            all.push((key, serde_json::from_slice(&object.body).unwrap_or_default()));
        }
    }
    Ok(all)
}

/// An engine at work on the stack, started by plain `pulumi` on this machine.
pub async fn at_work(store: &dyn Store, project: &str, stack: &str) -> Result<Option<u32>> {
    let all = look(store, project, stack).await?;
    Ok(all.into_iter().map(|(_, holder)| holder).find(|holder| !holder.is_ours() && holder.works_here()).map(|h| h.pid))
}

/// The stack, held against plain `pulumi`.
#[derive(Debug)]
pub struct Claim {
    store: Arc<dyn Store>,
    key: String,
}

impl Claim {
    /// Takes the stack, or says who has it. The caller holds the environment.
    pub async fn take(store: Arc<dyn Store>, project: &str, stack: &str, run: &str, tell: Tell<'_>) -> Result<Self> {
        let key = format!("{}{run}.json", folder(project, stack));
        clear(&*store, project, stack, tell).await?;
        let holder = Holder {
            pid: std::process::id(),
            username: format!("{OURS}{run}"),
            hostname: hostname(),
            timestamp: jiff::Timestamp::now().to_string(),
        };
        let body = serde_json::to_vec(&holder).unwrap_or_default();
        store.put(&key, &body, If::Always).await?;
        let claim = Self { store, key };
        // an engine may have done the same at the same moment: it looks once more after its write, and so do we
        match clear(&*claim.store, project, stack, tell).await {
            Ok(()) => Ok(claim),
            Err(refused) => {
                claim.release().await?;
                Err(refused)
            }
        }
    }

    /// Gives it back.
    pub async fn release(self) -> Result<()> {
        self.store.delete(&self.key).await
    }
}

/// Removes the locks of runs that are gone; refuses for one that may not be.
async fn clear(store: &dyn Store, project: &str, stack: &str, tell: Tell<'_>) -> Result<()> {
    let own = std::process::id();
    for (key, holder) in look(store, project, stack).await? {
        if holder.is_ours() && holder.pid == own && holder.hostname == hostname() {
            continue;
        }
        if !holder.is_gone() {
            let subject = Subject::of(project, stack);
            let message = format!("plain `pulumi` is at work on {subject}: its lock is held by {}", holder.name());
            return Err(Failure::new(Exit::Busy, message)
                .hint(format!("wait for it to end; if its machine is gone, `{}` removes its lock", subject.unlock())));
        }
        store.delete(&key).await?;
        tell(Message::Note(&format!("removed the Pulumi lock of a run that is gone (process {})", holder.pid)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::folder::Folder;

    fn store() -> (tempfile::TempDir, Arc<dyn Store>) {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Folder::new(dir.path()));
        (dir, store)
    }

    async fn write(store: &dyn Store, name: &str, holder: &Holder) {
        let key = format!("{}{name}.json", folder("zone", "dev"));
        let body = serde_json::to_vec(holder).expect("a holder");
        store.put(&key, &body, If::Always).await.expect("a write");
    }

    #[tokio::test]
    async fn a_lock_of_another_machine_refuses_and_one_that_is_gone_does_not() {
        let (_dir, store) = store();
        let told = std::sync::Mutex::new(Vec::new());
        let tell = |message: Message<'_>| {
            if let Message::Note(text) = message {
                told.lock().expect("no panic").push(text.to_owned());
            }
        };
        // a process number that no process can have
        let gone = Holder { pid: u32::MAX, username: "ann".into(), hostname: hostname(), timestamp: "then".into() };
        write(&*store, "gone", &gone).await;
        store.put(&format!("{}half.json", folder("zone", "dev")), b"{\"pid", If::Always).await.expect("a write");
        write(&*store, "zone", &Holder { username: format!("{OURS}1"), hostname: "other".into(), ..gone.clone() })
            .await;
        let claim = Claim::take(Arc::clone(&store), "zone", "dev", "2", &tell).await.expect("all of them are gone");
        assert_eq!(told.lock().expect("no panic").len(), 3);
        let held = look(&*store, "zone", "dev").await.expect("a look");
        assert!(held.len() == 1 && held[0].1.is_ours() && held[0].1.pid == std::process::id(), "{held:?}");
        claim.release().await.expect("released");
        assert!(look(&*store, "zone", "dev").await.expect("a look").is_empty());

        write(&*store, "elsewhere", &Holder { hostname: "other".into(), ..gone }).await;
        let refused = Claim::take(Arc::clone(&store), "zone", "dev", "3", &tell).await.expect_err("it may be at work");
        assert_eq!(refused.exit, Exit::Busy);
        assert!(refused.message.contains("ann@other, process 4294967295, since then"), "{}", refused.message);
        assert_eq!(look(&*store, "zone", "dev").await.expect("a look").len(), 1, "ours is gone again");
    }

    #[tokio::test]
    async fn a_plain_engine_at_work_here_refuses() {
        let (_dir, store) = store();
        // this process is no engine
        let here =
            Holder { pid: std::process::id(), username: "ann".into(), hostname: hostname(), timestamp: String::new() };
        write(&*store, "me", &here).await;
        assert_eq!(at_work(&*store, "zone", "dev").await.expect("a look"), None);
        assert!(!here.works_here());
    }
}
