//! What all scenarios of a run share: the target, the clients, the contract.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::{
    clients::{Clients, Way, refused},
    error::Error,
    evidence::recorder::Recorder,
    probe::Prober,
    published::Published,
    tags::ByThing,
    target::Target,
    world::{Failure, Judged},
};

/// The look that opens a run: who the caller is, and the published contract.
pub(crate) const OPENING: &str = "opening";
/// The look at the tags of everything.
pub(crate) const TAGS: &str = "tags";
/// What makes the role of the probes, and removes what earlier runs left.
pub(crate) const PROBES: &str = "probes";

/// One run's way to the account, or one scenario's.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) target: Arc<Target>,
    pub(crate) way: Way,
    pub(crate) clients: Arc<Clients>,
    pub(crate) published: Arc<Published>,
    /// Why there are no clients in the management account.
    pub(crate) no_management: String,
    /// Asked for by the first scenario that looks at tags.
    pub(crate) tags: Arc<OnceCell<ByThing>>,
    /// What the scenario asks and sees; of a run, what opened it.
    pub(crate) recorder: Recorder,
    /// The looks at tags, which scenarios share.
    pub(crate) shared: Recorder,
    /// What was asked to make the role of the probes.
    pub(crate) probing: Recorder,
    /// ARN of the caller in the account, and in the management account.
    pub(crate) callers: Arc<(String, Option<String>)>,
    /// The role of the probes, which the first of them makes.
    prober: Arc<OnceCell<Judged<Arc<Prober>>>>,
}

impl Session {
    /// The same, with nothing seen of it yet.
    pub(crate) fn fresh(&self) -> Self {
        Self { tags: Arc::default(), ..self.clone() }
    }

    /// The same, with nothing that was seen kept.
    pub(crate) fn forgetful(&self) -> Self {
        Self { shared: Recorder::default(), ..self.fresh() }
    }

    /// The same on the same way, with the contract read again.
    pub(crate) async fn again(&self) -> Result<Self, Error> {
        let recorder = Recorder::default();
        let clients = Arc::new(self.way.clients(&recorder));
        let published = Arc::new(Published::read(&clients, &self.target).await?);
        Ok(Self { clients, published, recorder, ..self.forgetful() })
    }

    /// The same for one scenario: its calls go to `recorder`.
    pub(crate) fn of_scenario(&self, recorder: &Recorder) -> Self {
        recorder.shares(OPENING);
        Self { clients: Arc::new(self.way.clients(recorder)), recorder: recorder.clone(), ..self.clone() }
    }

    /// The same for what is asked once for all scenarios.
    pub(crate) fn of_all(&self) -> Self {
        Self { clients: Arc::new(self.way.clients(&self.shared)), ..self.clone() }
    }

    /// The role of the probes, if they may run.
    pub(crate) async fn prober(&self) -> Judged<Arc<Prober>> {
        if let Err(why) = &self.target.probes {
            return Err(Failure::not_evaluated(why));
        }
        self.recorder.shares(PROBES);
        let clients = Arc::new(self.way.clients(&self.probing));
        let own = Self { clients, recorder: self.probing.clone(), ..self.clone() };
        self.prober.get_or_init(async || Prober::open(&own).await.map(Arc::new)).await.clone()
    }

    /// Removes the role of the probes, where there is one; what could not be removed is the error.
    pub(crate) async fn close(&self) -> Result<(), String> {
        match self.prober.get() {
            Some(Ok(prober)) => prober.close(self).await.map_err(|failure| failure.text().to_owned()),
            Some(Err(_)) | None => Ok(()),
        }
    }

    /// Makes sure of the accounts, then reads the contract.
    pub(crate) async fn open(target: &Target) -> Result<Arc<Self>, Error> {
        let mut way = Way::new(target).await;
        let recorder = Recorder::default();
        let clients = Arc::new(way.clients(&recorder));
        let place = target.place();
        let found = identity(&clients.sts, &target.environment).await;
        let found = found.map_err(|cause| Error::Identity { place: place.clone(), cause })?;
        let caller = is_account(target, place, &target.account, found)?;
        let mut management_caller = None;
        let mut no_management = format!(
            "config/{}.toml names no management account: the guardrail is not this environment's, or nobody's",
            target.environment
        );
        if let (Some(sts), Some(management)) = (&clients.management, &target.management) {
            match identity(sts, &management.account).await {
                Ok(found) => {
                    let place = format!("the management account {}", management.account);
                    management_caller = Some(is_account(target, place, &management.account, found)?);
                }
                // who has no way in there judges the account without its guardrail, and is told so
                Err(cause) => {
                    no_management = format!("the management account {} is not reached: {cause}", management.account);
                    way.management = None;
                }
            }
        }
        let published = Published::read(&clients, target).await?;
        Ok(Arc::new(Self {
            target: Arc::new(target.clone()),
            way,
            clients,
            published: Arc::new(published),
            no_management,
            tags: Arc::default(),
            recorder,
            shared: Recorder::default(),
            probing: Recorder::default(),
            callers: Arc::new((caller, management_caller)),
            prober: Arc::default(),
        }))
    }
}

/// Account and ARN of the caller.
async fn identity(sts: &aws_sdk_sts::Client, subject: &str) -> Result<(String, String), String> {
    let identity = sts.get_caller_identity().send().await;
    let identity = identity.map_err(|error| refused("sts:GetCallerIdentity", subject, &error).text().to_owned())?;
    Ok((identity.account.unwrap_or_default(), identity.arn.unwrap_or_default()))
}

/// The ARN of the caller, who has to be in the account that is wanted.
fn is_account(target: &Target, place: String, wanted: &str, (found, arn): (String, String)) -> Result<String, Error> {
    if found == wanted {
        return Ok(arn);
    }
    Err(Error::WrongAccount { environment: target.environment.clone(), place, found, arn })
}

#[cfg(test)]
impl Session {
    /// A run against a target of which nothing is known yet.
    pub(crate) async fn unopened(target: Target) -> Arc<Self> {
        let (way, recorder) = (Way::new(&target).await, Recorder::default());
        Arc::new(Self {
            target: Arc::new(target),
            clients: Arc::new(way.clients(&recorder)),
            way,
            published: Arc::default(),
            no_management: String::new(),
            tags: Arc::default(),
            recorder,
            shared: Recorder::default(),
            probing: Recorder::default(),
            callers: Arc::default(),
            prober: Arc::default(),
        })
    }
}
