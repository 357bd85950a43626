//! Who watches a deployment: is told what happens, and asked before it does.

use config::Zone;
use engine::events::Step;
use state::{Message, error::Result};

use crate::{
    drift::Drifted,
    guardrail::{Bound, Closed},
    retained,
    session::{Outcome, Progress},
};

/// Who watches a deployment.
pub trait Watch: Sync {
    /// Words about what is done beside the engine's work.
    fn tell(&self, message: Message<'_>);

    /// What the engine does.
    fn progress(&self, progress: &Progress<'_>);

    /// What is about to be done.
    fn plan(&self, plan: &Plan<'_>);

    /// Whether it may be done; asked after the plan was shown, and before anything is changed.
    fn consent(&self, question: &str) -> Result<bool>;

    /// Whether risks that nobody has allowed may be taken; none where nobody can be asked. Who says yes to everything has not
    /// said yes to these.
    fn dares(&self, _question: &str) -> Option<bool> {
        None
    }

    /// What it came to, once: also of a preview after which nothing was done.
    fn ended(&self, ended: &Ended<'_>);
}

/// What is about to be done.
pub struct Plan<'a> {
    /// The steps that change something.
    pub steps: &'a [Step],
    /// The root of the organization on which service control policies are enabled first.
    pub enables: Option<&'a Closed>,
    /// Whom the guardrail binds that is attached for the first time.
    pub binds: Option<&'a Bound>,
    /// What stays, of a destroy.
    pub keeps: Option<Kept<'a>>,
}

impl<'a> Plan<'a> {
    /// Steps, and nothing beside.
    pub fn of(steps: &'a [Step]) -> Self {
        Self { steps, enables: None, binds: None, keeps: None }
    }
}

/// What stays of a zone that is destroyed, and what is emptied for it to go.
pub struct Kept<'a> {
    /// Buckets that stay.
    pub stays: &'a retained::Kept,
    /// Names of buckets that are emptied.
    pub emptied: &'a [String],
}

/// What it came to.
pub enum Ended<'a> {
    /// A plan after which nothing was done: there was nothing to do, it was not wanted, or it was refused.
    Planned {
        /// What the plan was.
        plan: &'a Outcome,
        /// What is said of it; none where a failure follows that says it.
        why: Option<&'a str>,
    },
    /// A preview that was asked for.
    Previewed(&'a Outcome),
    /// A deployment.
    Deployed {
        /// What it did.
        outcome: &'a Outcome,
        /// What was deployed.
        zone: &'a Zone,
        /// Whether the contract was published with it.
        publishes: bool,
        /// Whether guardrails of an earlier configuration stay.
        guardrails_stay: bool,
    },
    /// A deployment of a module.
    ModuleDeployed(&'a Outcome),
    /// A refresh.
    Refreshed {
        /// What it found.
        outcome: &'a Outcome,
        /// Whether the state has it now.
        recorded: bool,
    },
    /// A look for drift.
    Drifted {
        /// What was read, and what `up` would do.
        outcome: &'a Outcome,
        /// What differs.
        drift: &'a [Drifted],
    },
    /// A deletion.
    Destroyed {
        /// What it did.
        outcome: &'a Outcome,
        /// What is kept, by the plan.
        keeps: &'a retained::Kept,
    },
}
