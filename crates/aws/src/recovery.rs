//! Creating exactly once, and adopting what is ours.
//!
//! AWS lets some things exist twice (keys, VPCs, pools), and takes no token that would make a repeated create
//! harmless. So every create carries an identity tag: a digest of the resource's URN and a nonce of this attempt.
//! When an answer is lost, the thing is looked for under its whole identity before it is made again. Before the
//! first attempt it is looked for under the URN's part, leaving out what the state knows already: a run that was
//! killed may have made it. Things whose name AWS allows once are adopted when their tags prove them ours.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    future::Future,
    sync::{Mutex, PoisonError, RwLock},
    time::Duration,
};

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pulumi::{
    urn,
    value::{Map, Value},
};
use sha2::{Digest, Sha256};

use crate::{
    clients::ATTEMPTS,
    context::Cx,
    error::{Failure, Verdict, verdict},
    pacing::PATIENCE,
    provider::is_global,
    refusal::{Answer, Refusal},
};

pub use crate::waits::{back_off, settled, settled_within, until};

/// The key of the identity tag.
pub const TAG: &str = "pulumi:identity";

/// What the state knows, and what this run wrote. Off until somebody who has read the state says so: without it, creates
/// do not look first, and adopt nothing but what they made themselves.
#[derive(Debug, Default)]
pub struct Recovery {
    state: RwLock<Option<Known>>,
    written: Mutex<HashMap<Key, String>>,
}

#[derive(Debug, Default)]
struct Known {
    /// All ids, those of what is deleted meanwhile included: it must not be taken up by what replaces it.
    ids: HashSet<String>,
    /// What there still is.
    resources: Vec<Held>,
}

/// A resource that the state has and AWS should.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// Its URN.
    pub urn: String,
    /// Its id.
    pub id: String,
    /// The account of its provider; none where the state does not say.
    pub account: Option<String>,
    /// Its region; none where the state does not say.
    pub region: Option<String>,
    /// Its inputs, as far as they are no secrets.
    pub inputs: serde_json::Map<String, serde_json::Value>,
    /// No program gives it this URN: somebody imported it by hand.
    pub stray: bool,
}

impl Held {
    fn values(&self) -> Map {
        self.inputs.iter().map(|(name, json)| (name.clone(), Value::from_json(json))).collect()
    }
}

/// Where the state has a resource under another URN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// Under one that the program does not give.
    Stray(String),
    /// Under one that the program gives, or gave.
    Held(String),
}

/// One resource of AWS: account, region (none where the type has none), type, and id.
type Key = (String, String, String, String);

fn key(cx: &Cx, id: &str) -> Key {
    let kind = urn::kind(&cx.urn);
    let region = if is_global(kind) { "" } else { &cx.region };
    (cx.caller.account.clone(), region.to_owned(), kind.to_owned(), id.to_owned())
}

impl Recovery {
    /// Creates look first, for what an earlier run may have made; `ids` are those in the state, and `resources` what
    /// the state has and AWS should.
    pub fn begin(&self, ids: HashSet<String>, resources: Vec<Held>) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(Known { ids, resources });
    }

    fn ask<T>(&self, question: impl Fn(&Known) -> Option<T>) -> Option<T> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(question)
    }

    fn any(&self, question: impl Fn(&Held) -> bool) -> bool {
        self.ask(|known| known.resources.iter().any(&question).then_some(())).is_some()
    }

    /// Whether the state has anything that a create could meet.
    pub fn has_resources(&self) -> bool {
        self.any(|_| true)
    }

    /// Whether the state has this very resource by this id, and it was not deleted since.
    pub fn holds(&self, urn: &str, id: &str) -> bool {
        self.any(|held| held.urn == urn && held.id == id)
    }

    /// Whether the state has some resource of this type by this id, and it was not deleted since.
    pub fn has(&self, kind: &str, id: &str) -> bool {
        self.any(|held| urn::kind(&held.urn) == kind && held.id == id)
    }

    /// Where the state has what this create would write, under another URN. `id` is in an import's form, `own` as the
    /// state has it; `id_of` is what inputs say of it.
    pub(crate) fn elsewhere(
        &self,
        cx: &Cx,
        id: &str,
        own: &str,
        id_of: impl Fn(&Map) -> Option<String>,
    ) -> Option<Elsewhere> {
        let kind = urn::kind(&cx.urn);
        let is_it = |held: &&Held| {
            held.urn != cx.urn
                && urn::kind(&held.urn) == kind
                && held.account.as_ref().is_none_or(|account| *account == cx.caller.account)
                && (is_global(kind) || held.region.as_ref().is_none_or(|region| *region == cx.region))
                && id_of(&held.values()).map_or_else(|| held.id == own, |other| other == id)
        };
        self.ask(|known| known.resources.iter().find(is_it).cloned())
            .map(|held| if held.stray { Elsewhere::Stray(held.urn) } else { Elsewhere::Held(held.urn) })
    }

    /// The URN of another resource of this type that the state has by this id here.
    pub(crate) fn other(&self, cx: &Cx, id: &str) -> Option<String> {
        match self.elsewhere(cx, id, id, |_| None)? {
            Elsewhere::Stray(urn) | Elsewhere::Held(urn) => Some(urn),
        }
    }

    /// Takes note of what this run wrote, and under which URN.
    pub(crate) fn wrote(&self, cx: &Cx, id: &str) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(key(cx, id), cx.urn.clone());
    }

    /// The other URN under which this run wrote it.
    pub(crate) fn written_as(&self, cx: &Cx, id: &str) -> Option<String> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.get(&key(cx, id)).filter(|urn| **urn != cx.urn).cloned()
    }

    /// Takes note that a resource is gone.
    pub fn forget(&self, urn: &str, id: &str) {
        if let Some(known) = &mut *self.state.write().unwrap_or_else(PoisonError::into_inner) {
            known.resources.retain(|held| held.urn != urn || held.id != id);
        }
    }

    /// Takes note of what this run has made: nothing on a thing without tags would tell another resource so.
    pub fn learn(&self, id: &str) {
        if let Some(known) = &mut *self.state.write().unwrap_or_else(PoisonError::into_inner) {
            known.ids.insert(id.to_owned());
        }
    }

    /// Whether creates look first.
    pub fn is_on(&self) -> bool {
        self.ask(|_| Some(())).is_some()
    }

    /// Whether the state knows this id, so that it cannot be what a lost create made.
    pub fn knows(&self, id: &str) -> bool {
        self.ask(|known| known.ids.contains(id).then_some(())).is_some()
    }
}

/// Which resource a thing in AWS belongs to, and which attempt made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    resource: String,
    nonce: String,
}

impl Identity {
    /// The identity of a new attempt to make the resource `urn`.
    pub fn new(urn: &str) -> Self {
        let digest = Sha256::digest(urn.as_bytes());
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        Self { resource: hex(&digest[..16]), nonce: hex(&rand::random::<[u8; 6]>()) }
    }

    /// The tag's value.
    pub fn value(&self) -> String {
        format!("{}.{}", self.resource, self.nonce)
    }

    /// The tag's values of all attempts for the resource, where `*` stands for anything.
    pub fn pattern(&self) -> String {
        format!("{}.*", self.resource)
    }

    /// Whether this attempt made the thing with these tags.
    pub fn made(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(TAG).is_some_and(|v| *v == self.value())
    }

    /// Whether some attempt for the same resource made it.
    pub fn owns(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(TAG).and_then(|v| v.split_once('.')).is_some_and(|(resource, _)| resource == self.resource)
    }
}

/// How to look for what a lost create may have made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Made by this very attempt.
    Attempt,
    /// Made by any attempt for the resource, and not in the state.
    Resource,
}

/// Makes something that AWS would make twice if asked twice. `call` must not be repeated by the SDK. Its error is
/// uncertain when an answer got lost and what it may have made does not show. Answers with whether an earlier run had
/// made it.
pub async fn once<T, E, C, F>(recovery: &Recovery, call: impl Fn() -> C, find: impl Fn(Look) -> F) -> Answer<(T, bool)>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    C: Future<Output = Result<T, Failure<E>>>,
    F: Future<Output = Answer<Option<T>>>,
{
    once_after(back_off, recovery, call, find).await
}

async fn once_after<T, E, C, F>(
    pause: impl Fn(u32) -> Duration,
    recovery: &Recovery,
    call: impl Fn() -> C,
    find: impl Fn(Look) -> F,
) -> Answer<(T, bool)>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    C: Future<Output = Result<T, Failure<E>>>,
    F: Future<Output = Answer<Option<T>>>,
{
    if recovery.is_on()
        && let Some(found) = find(Look::Resource).await?
    {
        return Ok((found, true));
    }
    let refused = |failure: Failure<E>, lost| {
        let refusal = Refusal::from(failure);
        if lost { refusal.uncertain() } else { refusal }
    };
    let (mut attempt, mut lost, began) = (1, false, tokio::time::Instant::now());
    loop {
        let failure = match call().await {
            Ok(made) => return Ok((made, false)),
            Err(failure) => failure,
        };
        let verdict = verdict(&failure);
        if verdict == Verdict::Final {
            return Err(refused(failure, lost));
        }
        tokio::time::sleep(pause(attempt)).await;
        lost |= verdict == Verdict::Ambiguous;
        if lost {
            // what was made may show late: none of them is given up before the last has been looked for
            match find(Look::Attempt).await {
                Ok(Some(found)) => return Ok((found, false)),
                Ok(None) => {}
                Err(refusal) => return Err(refusal.uncertain()),
            }
        }
        // while AWS throttles it, time ends it and not a number
        let ends = if verdict == Verdict::Refused { began.elapsed() >= PATIENCE } else { attempt >= ATTEMPTS };
        if ends {
            return Err(refused(failure, lost));
        }
        attempt += u32::from(verdict != Verdict::Refused);
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sts::{error::SdkError, operation::get_caller_identity::GetCallerIdentityError};

    use super::*;

    #[test]
    fn identity_tells_attempt_and_resource_apart() {
        let (a, b, other) = (Identity::new("urn:a"), Identity::new("urn:a"), Identity::new("urn:b"));
        let tags = |i: &Identity| BTreeMap::from([(TAG.to_owned(), i.value())]);
        assert!(a.made(&tags(&a)) && !a.made(&tags(&b)));
        assert!(a.owns(&tags(&b)) && !a.owns(&tags(&other)) && !a.owns(&BTreeMap::new()));
        assert!(a.value().len() <= 256);
        assert!(a.value().starts_with(a.pattern().trim_end_matches('*')));
    }

    #[test]
    fn what_the_state_has_is_told_by_its_resource() {
        let recovery = Recovery::default();
        let urn = "urn:pulumi:s::p::aws:sqs/queue:Queue::q";
        assert!(!recovery.is_on() && !recovery.holds(urn, "q"));
        let held = Held { urn: urn.to_owned(), id: "q".to_owned(), ..Held::default() };
        recovery.begin(HashSet::from(["q".to_owned()]), vec![held]);
        assert!(recovery.holds(urn, "q") && recovery.has("aws:sqs/queue:Queue", "q"));
        assert!(!recovery.holds("urn:pulumi:s::p::aws:sqs/queuePolicy:QueuePolicy::q", "q"));
        recovery.forget(urn, "q");
        assert!(!recovery.holds(urn, "q") && !recovery.has("aws:sqs/queue:Queue", "q"));
        assert!(recovery.knows("q"), "what replaces it does not take it up again");
    }

    /// How making something ends whose answers all get lost, when the look of this number finds it.
    async fn all_lost(found_at: u32) -> Answer<&'static str> {
        let looks = std::sync::atomic::AtomicU32::new(0);
        let call = || async { Err::<&str, Failure<GetCallerIdentityError>>(SdkError::timeout_error("too late")) };
        let find = |_| async {
            let look = looks.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            Ok((look == found_at).then_some("made"))
        };
        once_after(|_| Duration::ZERO, &Recovery::default(), call, find).await.map(|(made, _)| made)
    }

    #[tokio::test]
    async fn it_is_looked_for_after_the_last_attempt_too() {
        assert_eq!(all_lost(ATTEMPTS).await, Ok("made"));
        let lost = pulumi::provider::resource::Error::from(all_lost(ATTEMPTS + 1).await.unwrap_err());
        assert!(lost.uncertain, "it may have been made");
    }
}
