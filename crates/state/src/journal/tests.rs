use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::*;
use crate::{
    contents::Contents,
    store::{Kept, Object, Store, folder::Folder},
};

/// A folder whose disk is full when a test says so.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: Folder,
    pub(crate) is_full: AtomicBool,
    /// What else fails: the writes to keys with this in them, or `forget`.
    pub(crate) fails: Mutex<Option<&'static str>>,
    /// Whether it tells late of what it wrote.
    pub(crate) is_slow: AtomicBool,
    /// Whether it is behind a network.
    is_remote: bool,
}

impl Disk {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            folder: Folder::new(dir),
            is_full: AtomicBool::new(false),
            fails: Mutex::new(None),
            is_slow: AtomicBool::new(false),
            is_remote: false,
        }
    }

    fn room(&self, doing: &str) -> Result<()> {
        let fails = *self.fails.lock().expect("nobody panicked");
        if self.is_full.load(Ordering::SeqCst) || fails.is_some_and(|what| doing.contains(what)) {
            return Err(Failure::file(
                "writing",
                Path::new("disk"),
                std::io::Error::from(std::io::ErrorKind::StorageFull),
            ));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Disk {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        self.folder.get(key).await
    }
    async fn put(&self, key: &str, body: &[u8], only: If<'_>) -> Result<Written> {
        self.room(key)?;
        self.folder.put(key, body, only).await
    }
    async fn delete(&self, key: &str) -> Result<()> {
        self.folder.delete(key).await
    }
    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        self.folder.list(prefix).await
    }
    async fn versions(&self, key: &str) -> Result<Vec<Kept>> {
        self.folder.versions(key).await
    }
    async fn version(&self, key: &str, id: &str) -> Result<Option<Vec<u8>>> {
        self.folder.version(key, id).await
    }
    async fn append(&self, journal: &str, number: u32, batch: &[u8]) -> Result<Written> {
        self.room(journal)?;
        let written = self.folder.append(journal, number, batch).await;
        if self.is_slow.load(Ordering::SeqCst) {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        written
    }
    async fn batches(&self, journal: &str) -> Result<Vec<Vec<u8>>> {
        self.folder.batches(journal).await
    }
    async fn journals(&self) -> Result<Vec<String>> {
        self.folder.journals().await
    }
    async fn forget(&self, journal: &str) -> Result<()> {
        self.room("forget")?;
        self.folder.forget(journal).await
    }
    async fn forget_but(&self, journal: &str, number: u32) -> Result<()> {
        self.folder.forget_but(journal, number).await
    }
    fn is_remote(&self) -> bool {
        self.is_remote
    }
    fn url(&self) -> String {
        self.folder.url()
    }
    fn name(&self) -> String {
        self.folder.name()
    }
}

pub(crate) fn stack(store: Arc<dyn Store>) -> Stack {
    Stack { store, project: "zone".to_owned(), name: "dev".to_owned() }
}

pub(crate) fn resource(name: &str) -> Value {
    json!({ "urn": format!("urn:pulumi:dev::zone::t:i:T::{name}"), "custom": true, "id": name, "type": "t:i:T" })
}

/// What the engine reports when it makes something: that it begins, and that it ended.
pub(crate) fn made(step: u64, name: &str) -> [Value; 2] {
    let (begin, end) = (step * 2 - 1, step * 2);
    let operation = json!({ "resource": resource(name), "type": "creating" });
    [
        json!({ "version": 1, "kind": 0, "sequenceID": begin, "operationID": step, "removeOld": null, "removeNew": null, "operation": operation }),
        json!({ "version": 1, "kind": 1, "sequenceID": end, "operationID": step, "removeOld": null, "removeNew": null, "state": resource(name) }),
    ]
}

pub(crate) fn raw(entries: &[Value]) -> Vec<Box<RawValue>> {
    entries.iter().map(|entry| serde_json::value::to_raw_value(entry).expect("JSON")).collect()
}

async fn begin(stack: &Stack, fence: u64) -> Journal {
    let beginning =
        Beginning { name: name(stack, fence, "update"), kind: "update".to_owned(), engine: "v3.259.0".to_owned() };
    Journal::begin(stack.clone(), stack.read().await.expect("a read"), beginning).expect("a journal")
}

/// Folds everything, and deletes the journal.
async fn end(journal: Journal) -> Result<Option<Checkpoint>> {
    let (checkpoint, deleted) = journal.end().await?;
    deleted.await?;
    Ok(checkpoint)
}

pub(crate) async fn names(stack: &Stack) -> (Vec<String>, usize) {
    let checkpoint = stack.read().await.expect("a read").expect("a checkpoint");
    let contents = Contents::read(&checkpoint.body).expect("a state");
    (contents.urns.iter().map(|urn| pulumi::urn::name(urn).to_owned()).collect(), contents.pending)
}

async fn folded(stack: &Stack) -> Recovered {
    recover(stack, "next", &|_| ()).await.expect("a fold")
}

#[tokio::test]
async fn what_a_killed_run_reported_is_folded_and_what_it_began_is_pending() {
    let dir = tempfile::tempdir().expect("a folder");
    let stack = stack(Arc::new(Folder::new(dir.path())));
    let mut journal = begin(&stack, 1).await;
    assert!(!journal.is_begun());
    journal.take(raw(&made(1, "a"))).await.expect("taken");
    journal.take(raw(&made(2, "b")[..1])).await.expect("taken");
    // the engine did not get the answer, and sends it again
    journal.take(raw(&made(1, "a"))).await.expect("taken before");
    drop(journal);
    assert!(stack.read().await.expect("a read").is_none(), "nothing is folded yet");
    assert_eq!(left(&stack).await.expect("a look").len(), 1);
    assert_eq!(folded(&stack).await, Recovered { journals: 1, late: Vec::new() });
    assert_eq!(names(&stack).await, (vec!["a".to_owned()], 1));
    assert_eq!(folded(&stack).await, Recovered::default(), "nothing is left");
    assert!(left(&stack).await.expect("a look").is_empty());
}

#[tokio::test]
async fn a_kill_between_or_in_folds_loses_nothing_and_does_nothing_twice() {
    let dir = tempfile::tempdir().expect("a folder");
    let stack = stack(Arc::new(Folder::new(dir.path())));
    let mut journal = begin(&stack, 1).await;
    journal.take(raw(&made(1, "a"))).await.expect("taken");
    end(journal).await.expect("folded");
    // folded in the middle, and killed after more
    let mut journal = begin(&stack, 2).await;
    journal.take(raw(&made(1, "b"))).await.expect("taken");
    journal.fold().await.expect("folded");
    assert_eq!(names(&stack).await.0, ["b", "a"]);
    journal.take(raw(&made(2, "c"))).await.expect("taken");
    drop(journal);
    folded(&stack).await;
    assert_eq!(names(&stack).await, (["b", "c", "a"].map(str::to_owned).to_vec(), 0));
    // killed after its last fold was written, and before its journal was forgotten
    let mut journal = begin(&stack, 3).await;
    journal.take(raw(&made(1, "d"))).await.expect("taken");
    let deployment = journal.deployment().expect("a state");
    journal.put(&deployment, true).await.expect("written");
    drop(journal);
    assert_eq!(folded(&stack).await, Recovered::default());
    assert_eq!(names(&stack).await.0, ["d", "b", "c", "a"]);
    // killed after it said that it would fold, and before it did
    let mut journal = begin(&stack, 4).await;
    journal.take(raw(&made(1, "e"))).await.expect("taken");
    journal.append(&Record::Fold { digest: "0".to_owned(), last: true }).await.expect("written");
    drop(journal);
    folded(&stack).await;
    assert_eq!(names(&stack).await.0, ["e", "d", "b", "c", "a"]);
}

#[tokio::test]
async fn who_was_taken_over_can_write_no_more_and_what_it_would_have_written_is_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let store: Arc<dyn Store> = Arc::new(crate::store::overlay::Overlay::new(Arc::new(Folder::new(dir.path()))));
    let stack = stack(store);
    let mut sleeper = begin(&stack, 1).await;
    sleeper.take(raw(&made(1, "a"))).await.expect("taken");
    // another run seals and folds; this one wakes up while it does
    let batches = seal(&stack, &sleeper.name, "next").await.expect("sealed");
    assert_eq!(batches.len(), 3);
    let refused = sleeper.take(raw(&made(2, "b"))).await.expect_err("it was taken over");
    assert_eq!(refused.exit, Exit::Busy);
    assert_eq!(
        folded(&stack).await,
        Recovered { journals: 1, late: vec!["urn:pulumi:dev::zone::t:i:T::b".to_owned()] }
    );
    assert_eq!(names(&stack).await.0, ["a"]);
    forget_late(&stack).await.expect("forgotten");
    assert_eq!(folded(&stack).await, Recovered::default(), "it is told until the state has it");
}

#[tokio::test]
async fn a_state_that_somebody_else_changed_is_not_written_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let stack = stack(Arc::new(Folder::new(dir.path())));
    let mut journal = begin(&stack, 1).await;
    journal.take(raw(&made(1, "a"))).await.expect("taken");
    let mut theirs = Deployment::empty();
    theirs.manifest.set("version", "v3.1.0");
    let written = stack.write(None, &theirs).await.expect("written");
    let name = journal.name.clone();
    let refused = end(journal).await.expect_err("theirs stays");
    assert!(refused.message.contains("somebody else changed it"), "{refused}");
    let refused = recover(&stack, "next", &|_| ()).await.expect_err("it does not fit");
    assert!(refused.hint.as_deref().is_some_and(|hint| hint.contains(&format!("zone state discard -e dev {name}"))));
    assert_eq!(stack.read().await.expect("a read").expect("theirs").body, written.body);
    let aside = set_aside(&stack, &name).await.expect("set aside");
    assert!(std::fs::read_to_string(&aside).expect("kept").contains("urn:pulumi:dev::zone::t:i:T::a"), "{aside}");
    assert_eq!(folded(&stack).await, Recovered::default(), "it is in nobody's way");
}

/// The journal of a run that made one thing, with a batch of it replaced.
async fn with_batch(number: usize, text: &str) -> Result<Recovered> {
    let dir = tempfile::tempdir().expect("a folder");
    let stack = stack(Arc::new(Folder::new(dir.path())));
    let mut journal = begin(&stack, 1).await;
    journal.take(raw(&made(1, "a"))).await.expect("taken");
    journal.take(raw(&made(2, "b"))).await.expect("taken");
    let path = dir.path().join(format!("{OWN}/journal/{}.jsonl", journal.name));
    let all = std::fs::read_to_string(&path).expect("a journal");
    let mut lines: Vec<&str> = all.lines().collect();
    lines[number] = text;
    std::fs::write(&path, lines.join("\n") + "\n").expect("written");
    let recovered = recover(&stack, "next", &|_| ()).await;
    if recovered.is_err() {
        assert!(stack.read().await.expect("a read").is_none(), "nothing is written");
        assert_eq!(left(&stack).await.expect("a look").len(), 1, "the journal is kept");
    }
    recovered
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_is_refused_with_the_way_out_and_kept() {
    let head = |format: u32, stack: &str| {
        json!({ "head": { "format": format, "stack": stack, "kind": "update", "engine": "v3", "since": "then", "base": null } })
            .to_string()
    };
    let right = with_batch(0, &head(1, "organization/zone/dev")).await.expect("it is what there was");
    assert_eq!(right.journals, 1);
    let cases = [
        (0, head(2, "organization/zone/dev"), "it is of format 2", "newer `zone`"),
        (0, head(1, "organization/zone/prod"), "it is of `organization/zone/prod`", "zone state discard"),
        (0, "{\"entries\":[]}".to_owned(), "not the beginning", "zone state discard"),
        (1, "{\"entries\":[{\"ver".to_owned(), "batch 1", "zone state discard"),
        (
            1,
            "{\"entries\":[{\"version\":1,\"kind\":99,\"sequenceID\":1,\"operationID\":1}]}".to_owned(),
            "batch 1",
            "zone state discard",
        ),
        (2, "{\"thing\":1}".to_owned(), "batch 2", "zone state discard"),
    ];
    for (number, text, says, way_out) in cases {
        let refused = with_batch(number, &text).await.expect_err(&text);
        assert!(refused.message.contains(says), "{text}: {refused}");
        assert!(refused.hint.as_deref().is_some_and(|hint| hint.contains(way_out)), "{text}: {refused}");
    }
}

#[tokio::test]
async fn half_a_batch_that_was_never_acknowledged_is_left_out() {
    use std::io::Write;
    let dir = tempfile::tempdir().expect("a folder");
    let stack = stack(Arc::new(Folder::new(dir.path())));
    let mut journal = begin(&stack, 1).await;
    journal.take(raw(&made(1, "a"))).await.expect("taken");
    let path = dir.path().join(format!("{OWN}/journal/{}.jsonl", journal.name));
    let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("a journal");
    file.write_all(b"{\"entries\":[{\"version\":1,\"kin").expect("half a line");
    assert_eq!(folded(&stack).await.journals, 1);
    assert_eq!(names(&stack).await.0, ["a"]);
}

#[tokio::test]
async fn on_a_full_disk_what_was_acknowledged_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    let disk = Arc::new(Disk::new(dir.path()));
    let stack = stack(Arc::clone(&disk) as Arc<dyn Store>);
    let mut journal = begin(&stack, 1).await;
    journal.take(raw(&made(1, "a"))).await.expect("taken");
    disk.is_full.store(true, Ordering::SeqCst);
    let refused = journal.take(raw(&made(2, "b"))).await.expect_err("no room");
    assert_eq!(refused.hint.as_deref(), Some("make room on the disk, and run it again"));
    drop(journal);
    recover(&stack, "next", &|_| ()).await.expect_err("still no room");
    disk.is_full.store(false, Ordering::SeqCst);
    folded(&stack).await;
    assert_eq!(names(&stack).await.0, ["a"]);
}

/// A resource that is left as it is, and that needs one which the program does not have any more.
#[tokio::test]
async fn what_is_reported_in_an_order_that_the_engine_refuses_is_put_in_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let stack = stack(Arc::new(Folder::new(dir.path())));
    let mut journal = begin(&stack, 1).await;
    journal.take(raw(&[made(1, "dropped"), made(2, "kept")].concat())).await.expect("taken");
    end(journal).await.expect("folded");
    let mut journal = begin(&stack, 2).await;
    let mut same = made(1, "kept");
    same[1]["removeOld"] = json!(1);
    same[1]["state"]["dependencies"] = json!(["urn:pulumi:dev::zone::t:i:T::dropped"]);
    journal.take(raw(&same)).await.expect("taken");
    end(journal).await.expect("folded in order");
    assert_eq!(names(&stack).await.0, ["dropped", "kept"]);
}

/// A run that was suspended before it began its journal finds nothing of its own sealed when it goes on.
#[tokio::test]
async fn what_a_run_did_that_came_back_when_it_was_another_s_turn_is_told_to_the_next() {
    let dir = tempfile::tempdir().expect("a folder");
    let stack = stack(Arc::new(Folder::new(dir.path())));
    let mut sleeper = begin(&stack, 1).await;
    let mut other = begin(&stack, 2).await;
    other.take(raw(&made(1, "a"))).await.expect("taken");
    let checkpoint = end(other).await.expect("folded").expect("a checkpoint");
    stack.remember(&crate::stack::Update::default().by(2), &checkpoint).await.expect("remembered");
    sleeper.take(raw(&made(1, "b"))).await.expect("nothing is in its way");
    end(sleeper).await.expect_err("the state is another one");
    let urn = |name: &str| format!("urn:pulumi:dev::zone::t:i:T::{name}");
    assert_eq!(folded(&stack).await, Recovered { journals: 0, late: vec![urn("b")] });
    assert_eq!(names(&stack).await.0, ["a"]);
    assert!(left(&stack).await.expect("a look").is_empty());
}

#[tokio::test]
async fn over_a_network_what_is_in_the_state_alone_is_written_with_what_comes_next() {
    let dir = tempfile::tempdir().expect("a folder");
    let stack = stack(Arc::new(Disk { is_remote: true, ..Disk::new(dir.path()) }));
    let batches = async |journal: &Journal| stack.store.batches(&journal.name).await.expect("batches").len();
    let mut journal = begin(&stack, 1).await;
    let component = |step: u64, name: &str| {
        let [begins, mut ends] = made(step, name);
        ends["state"]["custom"] = json!(false);
        ends["state"].as_object_mut().expect("an object").remove("id");
        [begins, ends]
    };
    journal.take(raw(&component(1, "network"))).await.expect("taken");
    let [begins, ends] = made(2, "a");
    journal.take(raw(&[begins])).await.expect("taken");
    assert!(journal.is_begun() && batches(&journal).await == 0, "the engine need not wait");
    journal.take(raw(&[ends, made(3, "b")[0].clone()])).await.expect("taken");
    assert_eq!(batches(&journal).await, 2, "the head, and all together");
    journal.take(raw(&component(4, "storage"))).await.expect("taken");
    journal.take(raw(&[made(5, "c")[0].clone()])).await.expect("taken");
    drop(journal);
    folded(&stack).await;
    assert_eq!(
        names(&stack).await,
        (vec!["network".to_owned(), "a".to_owned()], 1),
        "what was acknowledged as made, and what came before it"
    );

    let mut journal = begin(&stack, 2).await;
    journal.take(raw(&[made(1, "d")[0].clone()])).await.expect("taken");
    end(journal).await.expect("folded");
    assert_eq!(names(&stack).await.1, 2, "what was begun is known at an end in order");
}
