//! A deployment: one function from a session and an operation to an outcome, telling its progress on the way.

mod folder;
mod opening;
mod outcome;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use aws::{
    adoption::{Adoption, Refused, Report},
    clients::Ambient,
    provider::Aws,
    recovery::Held,
};
use config::{Backend, Kind, Zone};
use engine::{
    binary::Engine,
    drive::{self, Drive, Operation, Selection},
    events::{Diagnostic, Event},
    op::Op,
};
use pulumi::{language::Runtime, output::Input, program::Scope, provider::server::Catalog, urn};
use state::{
    Message, Tell,
    contents::{Contents, Record},
    error::{Exit, Failure, Result, counted},
    home::Home,
    lock::Lock,
    open::Open,
    subject::Subject,
};

use crate::{
    adopting::{self, Adopting},
    backend,
    cancel::Cancel,
    following::Following,
    module::Module,
    publication, secrets,
};

pub use folder::{
    ambient_environment, engine_environment, link_plugins, make_engine, management, places, told_by_emulator,
    told_by_engine,
};
pub use outcome::{Outcome, Progress, Verdict};

/// Everything set up to work on one environment, and the right to do so.
pub struct Session {
    pub(crate) zone: Arc<Zone>,
    pub(crate) module: Option<Arc<Module>>,
    home: Home,
    cancel: Cancel,
    engine: Engine,
    ambient: Ambient,
    lock: Lock,
    open: Open,
    scratch: tempfile::TempDir,
    parallel: u32,
    pub(crate) adopting: Adopting,
    /// Whether the state is in a bucket.
    is_shared: bool,
    /// The URL that the marker should have, and has lost.
    unmarked: Option<String>,
    /// The start of the emulator that it is about; none in a real account.
    instance: Option<String>,
}

/// What a session is opened for.
#[derive(Clone, Debug)]
pub struct Work {
    /// What is deployed: this, and not what the files say by then.
    pub zone: Arc<Zone>,
    /// The zone's folder: where the state is kept, and Pulumi.yaml.
    pub home: Home,
    /// The module that is deployed on the zone; none is the zone itself. Then `home` is the module's.
    pub module: Option<Arc<Module>>,
    /// The executable that the engine starts as the provider and as the program: `zone`.
    pub executable: PathBuf,
    /// The command, for who finds the environment taken: `up`.
    pub verb: String,
    /// What it does to the state.
    pub access: Access,
    /// Resources worked on at once.
    pub parallel: u32,
    /// What ends it before its time.
    pub cancel: Cancel,
}

/// What a session does to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: no lock is taken, and no right to write is needed. A state that is lost is a note.
    Reads,
    /// As `Reads`, but without a state there is nothing to compare with: a state that is lost is an error.
    Compares,
    /// It writes the state that there is, or the first one.
    Writes,
    /// It makes a state again that was lost.
    Rebuilds,
}

impl Access {
    /// Whether it writes nothing.
    pub(crate) fn only_reads(self) -> bool {
        matches!(self, Self::Reads | Self::Compares)
    }
}

impl Session {
    /// What is deployed.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What the engine's environment is to hold, beside ours.
    async fn environment(&self) -> Result<Vec<(String, String)>> {
        let mut environment = self.open.environment(self.scratch.path())?;
        environment.extend(engine_environment(&self.home));
        environment.extend(ambient_environment(&self.ambient, self.zone.region.as_ref()));
        environment.extend(self.module.iter().map(|module| module.environment(&self.zone, &self.home)));
        let of_key = secrets::credentials(&self.zone, &self.ambient, &self.open).await?;
        environment.retain(|(name, _)| !of_key.iter().any(|(own, _)| own == name));
        environment.extend(of_key);
        Ok(environment)
    }

    /// Runs one operation to its end.
    pub async fn run(
        &mut self,
        operation: Operation,
        selection: Selection,
        on: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Outcome> {
        let began = Instant::now();
        let catalog = Arc::new(Catalog::new(Aws::new(self.ambient.clone())));
        let contents = self.open.contents().await?;
        let deploys = matches!(operation, Operation::Up | Operation::UpAtOnce);
        let whole = deploys && selection.targets.is_empty();
        catalog.provider.adoption().runs_by(&self.command("up"));
        if (deploys || operation == Operation::Preview) && self.adopting.is_on() {
            catalog.provider.adoption().begin(&self.adopting.choices);
        }
        if deploys {
            self.recover(&catalog, contents).await?;
        } else if matches!(operation, Operation::Preview | Operation::PreviewLive) {
            known(&catalog, &contents, self.module.is_some());
        } else if contents.pending > 0 {
            let message = format!(
                "{} of a run without a known outcome: if nobody is at work, `{}` resolves this",
                counted(contents.pending, "operation"),
                self.command("up")
            );
            on(Progress::Says(&Diagnostic { severity: "warning".into(), message, ..Diagnostic::default() }));
        }
        let excluded = selection.excluded.clone();
        let drive = Drive {
            engine: self.engine.path.clone(),
            project: self.home.project(),
            stack: self.open.stack(),
            operation,
            selection,
            parallel: self.parallel,
            environment: self.environment().await?,
            scratch: self.scratch.path().to_owned(),
        };
        // the engine starts a module's program as its language plugin
        let runtime = self.module.is_none().then(|| Runtime {
            program: Arc::new(program(Arc::clone(&self.zone))),
            packages: vec![("aws", aws::VERSION)],
            moved: self.adopting.moved.clone(),
        });
        let adoption = catalog.provider.adoption();
        let mut following = Following::of(self.subject());
        let ended = drive::run(&drive, runtime, catalog, self.cancel.wishes(), |event| {
            following.event(marked(event, &adoption), on);
        })
        .await;
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => {
                // it may have made something before nobody heard of it any more
                if deploys {
                    self.lock.lost().await?;
                }
                return Err(Failure::new(Exit::Setup, error));
            }
        };
        let adoption = adoption.report();
        following.adopted(&adoption.adopted);
        let verdict = match ended.code {
            // the engine ends a deletion that it was asked to stop as if it had deleted everything
            Some(0) if !(ended.interrupted && operation == Operation::Destroy) => Verdict::Succeeded,
            Some(0) if self.is_gone(&excluded).await? => Verdict::Succeeded,
            _ if ended.interrupted => Verdict::Cancelled,
            _ => Verdict::Failed,
        };
        let changes = following.changes.iter().map(|(op, n)| (op.to_string(), *n)).collect();
        if let Err(failure) = self.open.ended(verdict == Verdict::Succeeded, changes).await {
            // whose the environment is now says more than that the state is another one
            return Err(self.lock.lost().await.err().unwrap_or(failure));
        }
        if following.uncertain {
            self.lock.lost().await?;
        } else if whole && verdict == Verdict::Succeeded {
            // each create looked for what was lost; what was not to be created was not looked for
            self.lock.recovered().await?;
        }
        if deploys && !whole {
            // the engine counts what it was not to touch as the same, made or not
            let touched: u64 = following.changes.iter().filter(|(op, _)| **op != Op::Same).map(|(_, n)| n).sum();
            let there = u64::try_from(self.open.contents().await?.urns.len()).unwrap_or(u64::MAX);
            following.changes.insert(Op::Same, there.saturating_sub(touched));
        }
        if verdict == Verdict::Failed && !following.complained {
            // it ended before it could say anything on the event stream
            let message =
                if ended.words.is_empty() { format!("the engine ended with {:?}", ended.code) } else { ended.words };
            if let Some(hint) = self.open.state.way_out(&message) {
                return Err(Failure::new(Exit::Setup, message).hint(hint));
            }
            on(Progress::Says(&Diagnostic { severity: "error".into(), message, ..Diagnostic::default() }));
        }
        Ok(Outcome {
            verdict,
            untouched: following.untouched(),
            changes: following.changes,
            outputs: following.outputs,
            steps: following.steps,
            duration: began.elapsed(),
            skipped: if self.module.is_none() && self.zone.guardrails.is_some() && self.zone.management.is_none() {
                &[stacks::GUARDRAILS]
            } else {
                &[]
            },
            adoption,
        })
    }

    /// Whether nothing is left in the state but what was to stay.
    async fn is_gone(&self, stays: &[String]) -> Result<bool> {
        Ok(self.open.contents().await?.urns.iter().all(|urn| stays.contains(urn)))
    }

    /// URNs in the state that somebody gave by hand, and that the program does not have: they are left alone.
    pub fn strays(&self, contents: &Contents) -> Vec<String> {
        if self.module.is_some() {
            return Vec::new();
        }
        let moved: HashSet<&String> = self.adopting.moved.values().collect();
        let is_stray =
            |record: &&Record| !record.is_deleted && stack_of(&record.urn).is_none() && !moved.contains(&record.urn);
        contents.resources.iter().filter(is_stray).map(|record| record.urn.clone()).collect()
    }

    /// URNs of published parameters that the contract promises no more.
    pub fn retired(&self, contents: &Contents) -> Vec<String> {
        let promised: HashSet<String> = publication::promised(&self.zone).into_iter().map(|entry| entry.name).collect();
        let retired = contents.urns.iter().filter(|urn| is_published(urn) && !promised.contains(urn::name(urn)));
        retired.cloned().collect()
    }

    /// URNs of guardrails that an earlier configuration put into the management account, where this one names none: an
    /// organization's guardrail does not fall because a table is missing.
    pub fn guardrails_left(&self, contents: &Contents) -> Vec<String> {
        if self.zone.guardrail().is_some() {
            return Vec::new();
        }
        let is_way_in = |urn: &str| urn::kind(urn) == "pulumi:providers:aws" && urn::name(urn) == "management";
        let is_one = |urn: &&String| stack_of(urn).as_deref() == Some(stacks::GUARDRAILS) || is_way_in(urn);
        contents.urns.iter().filter(is_one).cloned().collect()
    }

    /// Brings the state of published parameters up to what is live where somebody changed or deleted them, so that the
    /// next deployment mends them; says how many they were.
    pub async fn heed_contract(&mut self) -> Result<usize> {
        let targets = publication::changed(&self.zone, &self.ambient, &self.open.contents().await?).await?;
        if !targets.is_empty() {
            let selection = Selection { targets: targets.clone(), excluded: Vec::new() };
            let read = self.run(Operation::Refresh, selection, &mut |_| ()).await?;
            if read.verdict != Verdict::Succeeded {
                return Err(Failure::new(Exit::Failed, "refreshing the contract's parameters failed")
                    .hint(format!("`zone refresh -e {}` says more", self.zone.environment)));
            }
        }
        Ok(targets.len())
    }

    /// Brings the state up to what runs did that had lost the environment to another one, and says so.
    pub async fn heed_late(&mut self, tell: Tell<'_>) -> Result<()> {
        let late = std::mem::take(&mut self.open.recovered.late);
        if late.is_empty() {
            return Ok(());
        }
        let known = self.open.contents().await?.urns;
        let targets: Vec<_> = late.into_iter().filter(|urn| known.contains(urn)).collect();
        tell(Message::Note(&format!(
            "a run continued after it lost its lease: refreshed {} that it changed; looking for what it created",
            state::error::counted(targets.len(), "resource")
        )));
        if !targets.is_empty() {
            let selection = Selection { targets, excluded: Vec::new() };
            let read = self.run(Operation::Refresh, selection, &mut |_| ()).await?;
            if read.verdict != Verdict::Succeeded {
                return Err(Failure::new(Exit::Failed, "refreshing what a lost run changed failed")
                    .hint(format!("`zone refresh -e {}` says more", self.zone.environment)));
            }
        }
        self.open.forget_late().await
    }

    /// What the state has now.
    pub async fn contents(&self) -> Result<Contents> {
        self.open.contents().await
    }

    /// Which state it is: another one after every change.
    pub async fn state_version(&self) -> Result<String> {
        self.open.version().await
    }

    /// The zone's folder.
    pub fn folder(&self) -> &Path {
        self.home.root()
    }

    /// How AWS is reached beside the accounts' own ways in.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// Whether a run was interrupted and none came after it that looked for what it had made.
    pub async fn interrupted(&self) -> Result<bool> {
        Ok(self.lock.unrecovered || self.open.contents().await?.pending > 0)
    }

    /// Creates look for what is there already, and that the state does not know: a run that was killed, or whose
    /// answers got lost, may have made it. Always, because no note of how runs ended is surer than looking.
    async fn recover(&mut self, catalog: &Catalog<Aws>, contents: Contents) -> Result<()> {
        self.lock.makes().await?;
        if contents.pending > 0 {
            self.lock.lost().await?;
            self.open.settle().await?;
        }
        known(catalog, &contents, self.module.is_some());
        Ok(())
    }

    /// What of that which stands in the way could not be adopted, if it were chosen, too. Of a module, whose program only the
    /// engine can run, nothing is said.
    pub(crate) async fn unfit(&self, came: &Report, contents: &Contents) -> Vec<Refused> {
        if self.module.is_some() {
            return Vec::new();
        }
        let standing = came.standing.iter().map(|standing| standing.what.clone());
        let choices: Vec<_> = self.adopting.choices.iter().cloned().chain(standing).collect();
        let outputs = self.open.state.outputs().await;
        adopting::foresee(&self.zone, &self.ambient, contents, &outputs, &choices).await.came.refused
    }

    /// What is deployed, in messages and commands.
    pub fn subject(&self) -> Subject {
        self.home.subject(&self.zone.environment)
    }

    /// The command of a verb, as a hint names it.
    pub fn command(&self, verb: &str) -> String {
        self.subject().command(verb)
    }

    /// After a deployment: encrypts the state's secrets as the configuration says, and keeps the state where it says.
    pub async fn keep_as_configured(&mut self, tell: Tell<'_>) -> Result<()> {
        self.encrypt(&secrets::configured(&self.zone), tell).await?;
        // a module's state is where the zone's is from the start
        if self.zone.state != Backend::Bucket || self.module.is_some() {
            return Ok(());
        }
        if self.is_shared {
            return match self.unmarked.take() {
                Some(url) => backend::mark(&self.zone, &self.ambient, &url).await,
                None => Ok(()),
            };
        }
        let to = backend::destination(&self.zone, &self.home, &self.ambient, &self.open.state).await?;
        let Some((to, url)) = to else { return Ok(()) };
        self.lock.share(Arc::clone(&to.stack.store), tell).await?;
        let places = (&self.open.state, &to, url.as_str());
        backend::into_bucket(&self.zone, &self.home, &self.ambient, places, tell).await
    }

    /// Encrypts the state with a passphrase or the key of a URL, where it is encrypted otherwise.
    async fn encrypt(&self, with: &str, tell: Tell<'_>) -> Result<()> {
        if secrets::are_encrypted(&self.open, with).await? {
            return Ok(());
        }
        secrets::encrypt(with, &self.open, &self.engine.path, &self.home.project(), &self.environment().await?, tell)
            .await
    }

    /// Before the zone is deleted: takes its state out of its bucket, and out of the keeping of its key. The bucket and the key
    /// go with the zone; the state of what is left of it must not.
    pub async fn leave(&mut self, tell: Tell<'_>) -> Result<()> {
        if self.module.is_some() {
            return Ok(());
        }
        self.encrypt(secrets::PASSPHRASE, tell).await?;
        if !self.is_shared || self.zone.state != Backend::Bucket {
            return Ok(());
        }
        let instance = self.instance.as_deref();
        let moved =
            backend::into_folder(&self.zone, &self.home, &self.ambient, (&self.open.state, instance), tell).await;
        let to = match moved {
            Ok(to) => to,
            Err(failure) => {
                // nobody else may have the passphrase
                let back = self.encrypt(&secrets::configured(&self.zone), tell).await;
                return Err(match back {
                    Ok(()) => failure,
                    Err(_) => failure.hint(format!(
                        "the state in {} is still encrypted with a passphrase: run `{}`, which encrypts it as configured again; until \
                         then, nobody without the passphrase can deploy",
                        self.open.state.stack.store.name(),
                        self.command("up")
                    )),
                });
            }
        };
        let open = Open::to_write(to, self.lock.fence(), &self.lock.id(), tell).await?;
        std::mem::replace(&mut self.open, open).close().await?;
        self.lock.unshare().await?;
        self.is_shared = false;
        Ok(())
    }

    /// Gives the environment back, whatever came of it: every verb ends here, so that nobody waits for a lock of a run that has
    /// ended.
    pub async fn end<T>(self, done: Result<T>) -> Result<T> {
        self.open.close().await?;
        self.lock.end().await?;
        done
    }
}

/// A resource of the state, as the provider is told of it.
fn held(record: &Record) -> Held {
    let text = |name: &str| record.provider.get(name).and_then(serde_json::Value::as_str);
    let accounts = text("allowedAccountIds").and_then(|text| serde_json::from_str::<Vec<String>>(text).ok());
    Held {
        urn: record.urn.clone(),
        id: record.id.clone(),
        account: accounts.filter(|all| all.len() == 1).and_then(|mut all| all.pop()),
        region: record.text("region").or(text("region")).map(str::to_owned),
        inputs: record.inputs.clone(),
        stray: stack_of(&record.urn).is_none(),
    }
}

/// An event, with a create that adopts told as such.
fn marked(mut event: Event, adoption: &Adoption) -> Event {
    if let Event::Begins(step) | Event::Ended(step) | Event::Failed(step) = &mut event
        && adoption.has(&step.urn)
    {
        adopting::mark(step, &adoption.report().adopted);
    }
    event
}

/// Whether a resource is a parameter of the contract.
pub(crate) fn is_published(urn: &str) -> bool {
    urn::kind(urn) == "aws:ssm/parameter:Parameter" && stack_of(urn).as_deref() == Some(stacks::CONTRACT)
}

/// The zone's stack that a resource or component belongs to, as its file is called; none for what belongs to all.
pub fn stack_of(urn: &str) -> Option<String> {
    let chain = urn.split("::").nth(2)?;
    let component = chain.split('$').find_map(|kind| kind.strip_prefix("zone:stack:"))?;
    Some(component.to_lowercase())
}

/// Registers a zone.
pub(crate) fn program(
    zone: Arc<Zone>,
) -> impl Fn(Scope) -> std::result::Result<Vec<(String, Input)>, String> + Send + Sync {
    move |scope| stacks::program(&zone, &scope).map_err(|e| e.to_string())
}

/// The variable that marks a shell in which AWS clients use the emulator of an environment, which is its value.
pub const EMULATED: &str = "ZONE_EMULATED";

/// Why nothing is done for an environment in this shell: it is a real one, and the variables lead to the emulator, where everything
/// would seem to be done.
pub fn emulated(zone: &Zone) -> Option<Failure> {
    let emulated = std::env::var(EMULATED).ok().filter(|environment| !environment.is_empty())?;
    (zone.kind == Kind::Aws).then(|| {
        let message = format!(
            "this shell is set up for the emulator of `{emulated}`: its AWS variables would send each call for `{}` to the emulator",
            zone.environment
        );
        Failure::new(Exit::Usage, message).hint(format!(
            "use another terminal, or run `unset {EMULATED} AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY \
             AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION`, and set your own AWS variables again, such as AWS_PROFILE"
        ))
    })
}

/// Tells the provider what the state has; `module` says whether it is a module's.
pub(crate) fn known(catalog: &Catalog<Aws>, contents: &Contents, module: bool) {
    let ids = contents.resources.iter().map(|record| record.id.clone()).collect();
    // what waits for its replacement is not in AWS any more
    let resources = contents.resources.iter().filter(|record| !record.is_deleted);
    // a module has no stacks of the zone's, and all of its resources are its program's
    let resources = resources.map(|record| Held { stray: !module && stack_of(&record.urn).is_none(), ..held(record) });
    catalog.provider.recovery().begin(ids, resources.collect());
}

/// Registers the zone of the environment that the engine names, under plain `pulumi`, which gives no other word of it.
pub fn configured(home: Home) -> impl Fn(Scope) -> std::result::Result<Vec<(String, Input)>, String> + Send + Sync {
    move |scope| {
        let zone = stacks::load(&home.config(), &scope.run().stack).map_err(|e| e.to_string())?;
        if let Some(refusal) = emulated(&zone) {
            return Err(refusal.to_string());
        }
        program(Arc::new(zone))(scope)
    }
}
