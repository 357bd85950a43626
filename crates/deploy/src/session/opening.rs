//! Setting up a session: engine, emulator, accounts and state, in this order; and giving all of it back when one of them is
//! missing.

use std::{path::Path, sync::Arc};

use aws::clients::Ambient;
use config::{Kind, Zone};
use emulator::{Emulator, Places};
use engine::binary::{self, Engine};
use state::{
    Message, Tell,
    environment::State,
    error::{Exit, Failure, Result},
    home::{self, Home},
    lock::Lock,
    open::Open,
};

use super::{Access, Session, Work, link_plugins, make_engine, management, places, told_by_emulator, told_by_engine};
use crate::{
    accounts,
    adopting::Adopting,
    backend::{self, Found},
};

/// What is set up beside the open state.
struct Ready {
    engine: Engine,
    ambient: Ambient,
    instance: Option<String>,
    scratch: tempfile::TempDir,
    is_shared: bool,
    unmarked: Option<String>,
}

impl Session {
    /// Takes the environment for a command, and sets up engine, emulator and state.
    pub async fn open(work: Work, tell: Tell<'_>) -> Result<Self> {
        let environment = work.zone.environment.clone();
        let mut lock = Lock::take(&work.home, &environment, &work.verb)?;
        match set_up(&work, &mut lock, tell).await {
            Ok((ready, open)) => {
                let Work { zone, home, module, cancel, parallel, .. } = work;
                let Ready { engine, ambient, instance, scratch, is_shared, unmarked } = ready;
                let adopting = Adopting::default();
                let session = Self {
                    zone,
                    module,
                    home,
                    cancel,
                    engine,
                    ambient,
                    lock,
                    open,
                    scratch,
                    parallel,
                    adopting,
                    is_shared,
                    unmarked,
                    instance,
                };
                session.prepared(tell).await
            }
            // nobody waits for a run that never began
            Err(reason) => {
                lock.end().await?;
                Err(reason)
            }
        }
    }

    /// Makes passphrase and stack where there are none.
    async fn prepared(self, tell: Tell<'_>) -> Result<Self> {
        let made = async {
            let environment = self.environment().await?;
            self.open.prepare(&self.engine.path, &self.home.project(), &environment, tell).await
        };
        match made.await {
            Ok(()) => Ok(self),
            Err(reason) => self.end(Err(reason)).await,
        }
    }
}

async fn set_up(work: &Work, lock: &mut Lock, tell: Tell<'_>) -> Result<(Ready, Open)> {
    let Work { zone, home, executable, access, .. } = work;
    let say = |line: &str| {
        tell(Message::Now(line));
        tell(Message::Line(line));
    };
    tell(Message::Now("setting up"));
    let engine = async { binary::find_or_build(&home.tools(), &say).await.map_err(|error| told_by_engine(&error)) };
    let (engine, emulator) = tokio::join!(engine, reach(home, zone, executable, &say));
    let (engine, emulator) = (engine?, emulator?);
    let instance = emulator.as_ref().map(|(_, instance)| instance.clone());
    if let Some(instance) = &instance
        && let Some(aside) = State::in_folder(home, &zone.environment).follow(instance)?
    {
        let to = aside.strip_prefix(home.root()).unwrap_or(&aside).display().to_string();
        tell(Message::Note(&format!(
            "the emulator was restarted and lost everything: starting over (the old state is kept in {to})"
        )));
    }
    link_plugins(home, executable, work.module.as_deref())?;
    make_engine(home)?;
    home::make(&home.stacks())?;
    let scratch = tempfile::Builder::new()
        .prefix("zone-")
        .tempdir()
        .map_err(|e| Failure::new(Exit::Setup, format!("making a temporary folder: {e}")))?;
    let ambient = emulator.map(|(ambient, _)| ambient).unwrap_or_default();
    tell(Message::Now("making sure of the accounts"));
    accounts::assert(zone, &ambient).await?;
    let Found { state, is_shared, unmarked } = backend::find(zone, home, &ambient).await?;
    let open = opened(zone, &ambient, *access, lock, (state, is_shared), tell).await?;
    Ok((Ready { engine, ambient, instance, scratch, is_shared, unmarked }, open))
}

/// Opens the state, and refuses to make a first one of a zone that was deployed before.
async fn opened(
    zone: &Zone,
    ambient: &Ambient,
    access: Access,
    lock: &mut Lock,
    (state, is_shared): (State, bool),
    tell: Tell<'_>,
) -> Result<Open> {
    let (place, subject) = (state.stack.place(), state.stack.subject());
    let mut open = if access.only_reads() {
        Open::to_read(state, tell).await?
    } else {
        if is_shared {
            lock.share(Arc::clone(&state.stack.store), tell).await?;
        }
        Open::to_write(state, lock.fence(), &lock.id(), tell).await?
    };
    let ready = async {
        if let Some(lost) = lock.lost_to() {
            open.heed(lost);
        }
        if !open.recovered.late.is_empty() && !access.only_reads() {
            lock.lost().await?;
        }
        if access == Access::Rebuilds || !open.contents().await?.urns.is_empty() {
            return Ok(());
        }
        match backend::lost(zone, ambient, &subject, &place, is_shared).await? {
            Some(lost) if access == Access::Reads => {
                tell(Message::Note(&lost.to_string()));
                Ok(())
            }
            Some(lost) => Err(lost),
            None => Ok(()),
        }
    };
    match ready.await {
        Ok(()) => Ok(open),
        Err(reason) => {
            open.close().await?;
            Err(reason)
        }
    }
}

/// The emulator of a local environment, started if need be, and which start of it this is; none for a real one.
async fn reach(
    home: &Home,
    zone: &Zone,
    executable: &Path,
    say: &(dyn Fn(&str) + Send + Sync),
) -> Result<Option<(Ambient, String)>> {
    if zone.kind != Kind::Emulator {
        return Ok(None);
    }
    if let Some(endpoint) = &zone.emulator_endpoint {
        return Ok(Some((Ambient::emulated(endpoint), endpoint.clone())));
    }
    let places = Places { decider: Some(executable.to_owned()), ..places(home) };
    let (Emulator { endpoint, instance, .. }, started) =
        emulator::start(&places, zone.member.id.as_ref(), management(zone), say)
            .await
            .map_err(|error| told_by_emulator(&error))?;
    if started {
        say(&format!("started the emulator at {endpoint}"));
    }
    Ok(Some((Ambient::emulated(&endpoint), instance)))
}
