//! A state from one store to another: copied, read back and compared.

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    error::{Exit, Failure, Result},
    journal,
    stack::Stack,
    store::If,
};

/// Copies a stack, its checkpoint last: until then, the new place has no stack. The caller holds both.
///
/// A place that has another state of the stack is refused. What an earlier copy left there is written over.
pub async fn copy(from: &Stack, to: &Stack) -> Result<()> {
    let between = format!("moving the state from {} to {}", from.store.name(), to.store.name());
    if let Some((name, _)) = journal::left(from).await?.first() {
        return Err(Failure::new(Exit::Failed, format!("{between}: the journal `{name}` is not folded yet"))
            .hint(format!("`zone up -e {}` folds it", from.name)));
    }
    let Some(checkpoint) = from.read().await? else {
        return Err(Failure::new(Exit::Failed, format!("{between}: there is no state to move")));
    };
    let there = to.read().await?;
    if there.as_ref().is_some_and(|there| there.digest() != checkpoint.digest()) {
        return Err(Failure::new(Exit::Failed, format!("{between}: there is another state already"))
            .hint(format!("`zone state history -e {}` shows what is there; nothing was changed", from.name)));
    }
    let mut keys = from.store.list(".pulumi/").await?;
    let is_of_stack = |key: &String| from.folders().iter().any(|folder| key.starts_with(folder)) || *key == META;
    keys.retain(|key| is_of_stack(key) && *key != from.key());
    let copy = async |key: String| -> Result<()> {
        let Some(object) = from.store.get(&key).await? else { return Ok(()) };
        to.store.put(&key, &object.body, If::Always).await?;
        let back = to.store.get(&key).await?;
        if back.is_none_or(|back| back.body != object.body) {
            let message = format!("{between}: `{key}` reads back other than it was written");
            return Err(Failure::new(Exit::Failed, message).hint("the state stays where it was; run it again"));
        }
        Ok(())
    };
    // the checkpoint last: where it is, all of it is
    stream::iter(keys).map(&copy).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    copy(from.key()).await
}

/// How many objects are copied at once.
const AT_ONCE: usize = 8;

/// What says which layout a store has.
const META: &str = ".pulumi/meta.yaml";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{deployment::Deployment, stack::Update, store::folder::Folder};

    fn stack(dir: &std::path::Path) -> Stack {
        Stack { store: Arc::new(Folder::new(dir)), project: "zone".to_owned(), name: "dev".to_owned() }
    }

    #[tokio::test]
    async fn a_stack_arrives_with_its_history_and_another_one_is_not_written_over() {
        let (a, b) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let (from, to) = (stack(a.path()), stack(b.path()));
        assert!(copy(&from, &to).await.expect_err("nothing there").message.ends_with("there is no state to move"));
        let checkpoint = from.write(None, &Deployment::empty()).await.expect("written");
        from.remember(&Update::default(), &checkpoint).await.expect("remembered");
        from.store.put(".pulumi/stacks/zone/other.json", b"{}", If::Always).await.expect("written");
        for _ in 0..2 {
            copy(&from, &to).await.expect("copied");
        }
        assert_eq!(to.read().await.expect("a read").expect("a checkpoint").digest(), checkpoint.digest());
        assert_eq!(to.updates().await.expect("a history").len(), 1);
        assert!(to.store.get(".pulumi/stacks/zone/other.json").await.expect("a read").is_none(), "another stack");
        let mut other = Deployment::empty();
        other.manifest.set("version", "v3.0.0");
        let now = to.read().await.expect("a read");
        to.write(now.as_ref(), &other).await.expect("written");
        let refused = copy(&from, &to).await.expect_err("another state");
        assert!(refused.message.ends_with("there is another state already"), "{}", refused.message);
    }
}
