//! Creating exactly once, and adopting what is ours.
//!
//! AWS lets some things exist twice (keys, VPCs, pools), and takes no token that would make a repeated create
//! harmless. So every create carries an identity tag: a digest of the resource's URN and a nonce of this attempt.
//! When an answer is lost, the thing is looked for under its whole identity before it is made again. Before the
//! first attempt it is looked for under the URN's part, leaving out what the state knows already: a run that was
//! killed may have made it. Things whose name AWS allows once are adopted when their tags prove them ours.

use std::{
    collections::{BTreeMap, HashSet},
    future::Future,
    sync::RwLock,
    time::Duration,
};

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pulumi::{provider::resource::Error, urn};
use sha2::{Digest, Sha256};

use crate::{
    clients::ATTEMPTS,
    error::{Failure, Verdict, failed, verdict},
    pacing::PATIENCE,
};

/// The key of the identity tag.
pub const TAG: &str = "pulumi:identity";

/// What the state knows. Off until somebody who has read it says so: without it, creates do not look first, and adopt
/// nothing but what they made themselves.
#[derive(Debug, Default)]
pub struct Recovery(RwLock<Option<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// All ids, those of what is deleted meanwhile included: it must not be taken up by what replaces it.
    ids: HashSet<String>,
    /// What there still is, as URN and id.
    resources: HashSet<(String, String)>,
}

impl Recovery {
    /// Creates look first, for what an earlier run may have made; `ids` are those in the state, and `resources` what
    /// the state has and AWS should, as URN and id.
    pub fn begin(&self, ids: HashSet<String>, resources: HashSet<(String, String)>) {
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Known { ids, resources });
    }

    fn ask(&self, question: impl Fn(&Known) -> bool) -> bool {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).as_ref().is_some_and(question)
    }

    /// Whether the state has this very resource by this id, and it was not deleted since.
    pub fn holds(&self, urn: &str, id: &str) -> bool {
        self.ask(|known| known.resources.iter().any(|(u, i)| u == urn && i == id))
    }

    /// Whether the state has some resource of this type by this id, and it was not deleted since.
    pub fn has(&self, kind: &str, id: &str) -> bool {
        self.ask(|known| known.resources.iter().any(|(u, i)| urn::kind(u) == kind && i == id))
    }

    /// Takes note that a resource is gone.
    pub fn forget(&self, urn: &str, id: &str) {
        if let Some(known) = &mut *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) {
            known.resources.retain(|(u, i)| u != urn || i != id);
        }
    }

    /// Takes note of what this run has made: nothing on a thing without tags would tell another resource so.
    pub fn learn(&self, id: &str) {
        if let Some(known) = &mut *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) {
            known.ids.insert(id.to_owned());
        }
    }

    /// Whether creates look first.
    pub fn is_on(&self) -> bool {
        self.ask(|_| true)
    }

    /// Whether the state knows this id, so that it cannot be what a lost create made.
    pub fn knows(&self, id: &str) -> bool {
        self.ask(|known| known.ids.contains(id))
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
/// uncertain when an answer got lost and what it may have made does not show.
pub async fn once<T, E, C, F>(recovery: &Recovery, call: impl Fn() -> C, find: impl Fn(Look) -> F) -> Result<T, Error>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    C: Future<Output = Result<T, Failure<E>>>,
    F: Future<Output = Result<Option<T>, Error>>,
{
    once_after(back_off, recovery, call, find).await
}

async fn once_after<T, E, C, F>(
    pause: impl Fn(u32) -> Duration,
    recovery: &Recovery,
    call: impl Fn() -> C,
    find: impl Fn(Look) -> F,
) -> Result<T, Error>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    C: Future<Output = Result<T, Failure<E>>>,
    F: Future<Output = Result<Option<T>, Error>>,
{
    if recovery.is_on()
        && let Some(found) = find(Look::Resource).await?
    {
        return Ok(found);
    }
    let (mut attempt, mut lost, began) = (1, false, tokio::time::Instant::now());
    loop {
        let failure = match call().await {
            Ok(made) => return Ok(made),
            Err(failure) => failure,
        };
        let verdict = verdict(&failure);
        if verdict == Verdict::Final {
            return Err(if lost { failed(failure).uncertain() } else { failed(failure) });
        }
        tokio::time::sleep(pause(attempt)).await;
        lost |= verdict == Verdict::Ambiguous;
        if lost {
            // what was made may show late: none of them is given up before the last has been looked for
            match find(Look::Attempt).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                Err(error) => return Err(error.uncertain()),
            }
        }
        // while AWS throttles it, time ends it and not a number
        let ends = if verdict == Verdict::Refused { began.elapsed() >= PATIENCE } else { attempt >= ATTEMPTS };
        if ends {
            return Err(if lost { failed(failure).uncertain() } else { failed(failure) });
        }
        attempt += u32::from(verdict != Verdict::Refused);
    }
}

/// Repeats a call while AWS does not see yet what was made a moment ago (`codes` say so), for about a minute.
pub async fn settled<T, E, C>(codes: &[&str], call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    settled_within(Duration::from_mins(1), codes, call).await
}

/// As [`settled`], for a time that the caller knows better.
pub async fn settled_within<T, E, C>(limit: Duration, codes: &[&str], call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    let end = tokio::time::Instant::now() + limit;
    let mut attempt = 1;
    loop {
        match call().await {
            Err(failure)
                if tokio::time::Instant::now() < end
                    && crate::error::code(&failure).is_some_and(|c| codes.contains(&c)) =>
            {
                tokio::time::sleep(back_off(attempt)).await;
                attempt += 1;
            }
            other => return other,
        }
    }
}

/// Asks until there is an answer (`None` is "not yet"), for a limited time; `what` is what is waited for, such as
/// `to be available`.
pub async fn until<T, C>(limit: Duration, what: &str, ask: impl Fn() -> C) -> Result<T, Error>
where
    C: Future<Output = Result<Option<T>, Error>>,
{
    let end = tokio::time::Instant::now() + limit;
    let mut attempt = 1;
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if tokio::time::Instant::now() >= end {
            let error = Error::new(format!("waited {} s for it {what}", limit.as_secs()));
            return Err(error.hint("look at it in AWS's console; run it again to go on"));
        }
        tokio::time::sleep(back_off(attempt)).await;
        attempt += 1;
    }
}

/// Exponential from 0.1 s to 8 s, with full jitter, so that many at once do not come back at once.
pub fn back_off(attempt: u32) -> Duration {
    let ceiling = 100u64.saturating_mul(1 << attempt.min(7)).min(8_000);
    Duration::from_millis(rand::random_range(ceiling / 4..=ceiling))
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
        recovery.begin(HashSet::from(["q".to_owned()]), HashSet::from([(urn.to_owned(), "q".to_owned())]));
        assert!(recovery.holds(urn, "q") && recovery.has("aws:sqs/queue:Queue", "q"));
        assert!(!recovery.holds("urn:pulumi:s::p::aws:sqs/queuePolicy:QueuePolicy::q", "q"));
        recovery.forget(urn, "q");
        assert!(!recovery.holds(urn, "q") && !recovery.has("aws:sqs/queue:Queue", "q"));
        assert!(recovery.knows("q"), "what replaces it does not take it up again");
    }

    /// How making something ends whose answers all get lost, when the look of this number finds it.
    async fn all_lost(found_at: u32) -> Result<&'static str, Error> {
        let looks = std::sync::atomic::AtomicU32::new(0);
        let call = || async { Err::<&str, Failure<GetCallerIdentityError>>(SdkError::timeout_error("too late")) };
        let find = |_| async {
            let look = looks.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            Ok((look == found_at).then_some("made"))
        };
        once_after(|_| Duration::ZERO, &Recovery::default(), call, find).await
    }

    #[tokio::test]
    async fn it_is_looked_for_after_the_last_attempt_too() {
        assert_eq!(all_lost(ATTEMPTS).await, Ok("made"));
        assert!(all_lost(ATTEMPTS + 1).await.unwrap_err().uncertain, "it may have been made");
    }

    #[tokio::test]
    async fn waiting_ends_with_the_answer_or_the_time() {
        let asked = std::sync::atomic::AtomicU32::new(0);
        let third = || async { Ok((asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 2).then_some("here")) };
        assert_eq!(until(Duration::from_mins(1), "to come", third).await, Ok("here"));
        let never = || async { Ok(None::<()>) };
        let error = until(Duration::ZERO, "to come", never).await.unwrap_err();
        assert_eq!(error.message, "waited 0 s for it to come");
    }

    #[test]
    fn back_off_grows_and_is_bounded() {
        assert!(back_off(1) <= Duration::from_millis(200));
        assert!((1..40).all(|n| back_off(n) <= Duration::from_secs(8)));
    }
}
