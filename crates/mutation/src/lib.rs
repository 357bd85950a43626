//! Can the rows of a judgement fail? Changes what is deployed on the emulator behind the state's back, one property at a time,
//! looks which rows of the features turn red, and puts it back.
//!
//! A mutation ([`Mutant`]) is one change of one resource ([`Thing`]). It is made through our own provider, as the engine would
//! make it. The state does not change.
//!
//! A change is caught when a row that passed fails. First the rows are judged that have seen the resource, or that noticed such
//! a change before; all others only if none of these is red. Every [`BATCH`] changes all rows have to be green again.
//!
//! [`run`] is all there is to call. It takes an [`Order`], prints nothing, reads no file of the configuration, and installs no
//! signal handler. It reports what happens as [`Heard`]: each change as soon as it was tried, and at the end the [`Report`].
//!
//! - `thing`: the resources of a state; `mutant`: one change of one of them, and which ones are made
//! - `values`: the other values that a property can have; `document`: the other documents that a policy can be
//! - `hand`: makes a change, and puts it back
//! - `footprints`: which rows are judged first; `equivalents`: the changes that no row has to notice
//! - `work`: all changes, one after the other; `fate`: what came of one; `report`: what came of all

mod document;
mod equivalents;
mod fate;
mod footprints;
mod hand;
mod mutant;
mod report;
mod thing;
mod values;
mod work;

use aws::clients::Ambient;
use config::Kind;
use deploy::{Cancel, keeping::Held};
use features::{Source, Target, Waiver};
use state::{
    Message,
    error::{Exit, Failure, Result},
    home::Home,
};

pub use fate::{Fate, Tried};
pub use mutant::Mutant;
pub use report::{Counts, Idle, Report, Untried, Unused};
pub use thing::Thing;

/// After so many changes it is made sure that everything is as before.
pub const BATCH: usize = 40;

/// What is changed, and by what it is judged.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The folder of the zone.
    pub home: &'a Home,
    /// The environment, on an emulator that runs. Its probes never run.
    pub target: &'a Target,
    /// The tenant's own features, beside ours.
    pub own: &'a [Source],
    /// Failures that somebody answers for.
    pub waivers: &'a [Waiver],
    /// Today (YYYY-MM-DD), which decides which waivers still hold.
    pub today: &'a str,
    /// A part of the names of the types whose resources are changed; none changes all.
    pub filter: Option<&'a str>,
    /// How many changes are made, chosen at random; none makes all.
    pub sample: Option<usize>,
    /// Selects the changes of `sample`, and which tags are changed: the same ones for the same seed.
    pub seed: u64,
}

/// What happens during a run.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// Words about what is done beside the changes.
    Told(Message<'a>),
    /// The changes are known.
    Planned {
        /// How many are going to be made.
        changes: usize,
    },
    /// A change is about to be made.
    Trying {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// How many of those before it survived.
        survived: usize,
    },
    /// A change was made, judged, and put back.
    Tried {
        /// The resource.
        thing: &'a Thing,
        /// The change, and what came of it.
        tried: &'a Tried,
    },
    /// All changes were made, and everything is as before. The environment is still held.
    Ended(&'a Report),
}

/// Who hears of it.
pub type Hear<'a> = &'a (dyn Fn(Heard<'_>) + Send + Sync);

/// Makes the changes of an order, and puts each of them back. It holds the environment meanwhile, so that nobody deploys. A
/// cancellation takes effect after the change that is under way.
///
/// The future is not `Send`, as that of [`features::run`].
///
/// # Errors
///
/// - [`Exit::Usage`]: the environment is a real account
/// - [`Exit::Busy`]: another run works on it
/// - [`Exit::Judged`]: a row failed before anything was changed, or no row detected a change ([`Report::judgement`])
/// - [`Exit::Cancelled`]: it was cancelled; everything is as it was before
/// - [`Exit::Failed`]: the zone cannot be judged, or it is not restored
pub async fn run(order: &Order<'_>, cancel: &Cancel, hear: Hear<'_>) -> Result<()> {
    let zone = &*order.target.zone;
    let endpoint = order.target.endpoint.as_deref().filter(|_| zone.kind == Kind::Emulator);
    let Some(ambient) = endpoint.map(Ambient::emulated) else {
        let message = format!("--mutate breaks what is deployed, and `{}` is a real account", zone.environment);
        return Err(Failure::new(Exit::Usage, message)
            .hint("`zone verify --mutate -e local` does it on the emulator; nothing was changed"));
    };
    let tell = |message: Message<'_>| hear(Heard::Told(message));
    // nobody deploys meanwhile
    let held = Held::take(zone, order.home, &ambient, "verify --mutate", &tell).await?;
    let done = work::run(order, &held, ambient, cancel, hear).await;
    // what came of it is shown, also where the environment cannot be released
    let done = done.and_then(|report| {
        hear(Heard::Ended(&report));
        report.judgement()
    });
    let closed = held.close().await;
    done.and(closed)
}
