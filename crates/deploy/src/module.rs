//! Deploys a module on a zone: another team's program, with a state and a lock of its own.
//!
//! It goes through the same engine, provider, locks, journal and recovery as the zone. What is the zone's alone is left out:
//! its stacks, its contract, its guardrail. Before anything is changed, the plan is held against the zone's rules.
//!
//! [`named`] finds a module in the zone's folder, [`program`] finds or builds its executable, [`scaffold`] writes a new module.

mod folder;
pub mod program;
mod rules;
pub mod scaffold;

pub use folder::{check_name, folders, named, to_delete};

use std::{collections::BTreeMap, path::PathBuf};

use config::Zone;
use engine::{
    drive::{Operation, Selection},
    events::Step,
};
use module::{TARGET, Target};
use state::{
    Message,
    contents::Contents,
    error::{Exit, Failure, Result},
    home::Home,
};

use crate::{
    Ended, Plan, Verdict, Watch, Work, adoptable,
    adopting::Adopting,
    concluded, plan,
    retained::Kept,
    session::{Outcome, Session},
};

/// A module that is deployed.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Its name, which is that of its folder and of its project in Pulumi.yaml.
    pub name: String,
    /// Its executable: the program, which the engine starts as a language plugin.
    pub program: PathBuf,
    /// What the tenant configures for it.
    pub config: config::Module,
}

impl Module {
    /// The tags of its resources: the zone's, and over them those that the tenant configures for it.
    pub fn tags(&self, zone: &Zone) -> BTreeMap<String, String> {
        let mut tags = zone.tags.clone();
        tags.extend(self.config.tags.clone());
        tags
    }

    /// What its program is told about the zone.
    pub fn target(&self, zone: &Zone, home: &Home) -> Target {
        let account = &zone.member;
        Target {
            module: self.name.clone(),
            environment: zone.environment.clone(),
            prefix: zone.prefix.clone(),
            root: zone.parameter_root(),
            region: zone.region.to_string(),
            account: account.id.to_string(),
            profile: account.profile.clone(),
            role: account.role_arn(),
            tags: self.tags(zone),
            bucket_suffix: zone.bucket_suffix.clone(),
            protect: zone.protect,
            force_destroy_buckets: zone.force_destroy_buckets,
            folder: home.of_module(&self.name).project(),
            log_retention_days: zone.log_retention_days,
            settings: self.config.settings.clone(),
            settings_lines: self.config.lines.clone(),
        }
    }

    /// The same, as the variable that it travels in.
    pub(crate) fn environment(&self, zone: &Zone, home: &Home) -> (String, String) {
        (TARGET.to_owned(), serde_json::to_string(&self.target(zone, home)).unwrap_or_default())
    }
}

/// How a module is deployed.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Names and ids of what exists and is adopted.
    pub adopt: Vec<String>,
    /// Whether consent is asked for.
    pub asks: bool,
}

/// Previews a module. Nothing is changed.
pub async fn preview(work: Work, order: &Order, watch: &dyn Watch) -> Result<()> {
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let done = async {
        let (outcome, judged) = look(&mut session, order, watch).await?;
        if outcome.verdict == Verdict::Succeeded && outcome.steps.is_empty() {
            watch.tell(Message::Line("no changes"));
        }
        watch.ended(&Ended::Previewed(&outcome));
        concluded(&outcome, "the preview", "run it again")?;
        judged
    };
    let done = done.await;
    session.end(done).await
}

/// Deploys a module.
pub async fn up(work: Work, order: &Order, watch: &dyn Watch) -> Result<()> {
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let done = apply(&mut session, order, watch).await;
    session.end(done).await
}

/// Plans, shows the plan, and holds it against the zone's rules.
async fn look(session: &mut Session, order: &Order, watch: &dyn Watch) -> Result<(Outcome, Result<()>)> {
    let contents = session.contents().await?;
    session.adopting = Adopting::new(&order.adopt, &[]);
    let outcome = plan(session, &contents, Selection::default(), watch).await?;
    if outcome.verdict != Verdict::Succeeded {
        return Ok((outcome, Ok(())));
    }
    watch.plan(&Plan::of(&outcome.steps));
    let judged = match keeps_rules(session, &contents, &outcome.steps) {
        Ok(()) => adoptable(session, &outcome, &contents).await,
        refused => refused,
    };
    Ok((outcome, judged))
}

/// Holds what would be there after these steps against the zone's rules.
fn keeps_rules(session: &Session, contents: &Contents, steps: &[Step]) -> Result<()> {
    let tags = session.module.as_ref().map(|module| module.tags(session.zone())).unwrap_or_default();
    rules::judge(contents, steps, session.zone(), session.subject().project(), &tags)
}

async fn apply(session: &mut Session, order: &Order, watch: &dyn Watch) -> Result<()> {
    let (zone, subject) = (session.zone.clone(), session.subject());
    let tell = |message: Message<'_>| watch.tell(message);
    let how = format!("run `{}` again: it goes on from here", subject.command("up"));
    session.heed_late(&tell).await?;
    let (planned, judged) = look(session, order, watch).await?;
    let unchanged = |why| watch.ended(&Ended::Planned { plan: &planned, why });
    if planned.verdict != Verdict::Succeeded {
        unchanged(None);
        return concluded(&planned, "the preview", &how);
    }
    judged.inspect_err(|_| unchanged(None))?;
    let looked = Kept::look(&planned.steps, &zone, session.ambient()).await;
    let environment = zone.environment.as_str();
    looked.and_then(|full| full.refused(&subject)).inspect_err(|_| unchanged(None))?;
    if planned.steps.is_empty() {
        unchanged(Some("nothing to change"));
        return session.keep_as_configured(&tell).await;
    }
    if order.asks && !watch.consent(&format!("deploy this to {environment}?"))? {
        unchanged(Some("nothing was changed"));
        return Ok(());
    }
    let outcome = session.run(Operation::UpAtOnce, Selection::default(), &mut |p| watch.progress(&p)).await?;
    watch.ended(&Ended::ModuleDeployed(&outcome));
    concluded(&outcome, "the deployment", &how)?;
    session.keep_as_configured(&tell).await?;
    // a policy that was made of what only the deployment knows could not be read before
    let contents = session.contents().await?;
    keeps_rules(session, &contents, &[]).map_err(|failure| {
        let message = failure.message.replacen("the plan breaks", "everything is deployed, and it breaks", 1);
        Failure::new(Exit::Judged, message).hint(format!(
            "change the module's program and run `{}`; docs/modules.md explains each rule",
            subject.command("up")
        ))
    })
}
