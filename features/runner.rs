//! Hands a suite to cucumber and waits for the report.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use cucumber::{Cucumber, Parser, World as _, cli, gherkin::Feature, parser, runner};
use futures::{FutureExt as _, stream};
use tokio::sync::Mutex;

use crate::{
    collector::{Collector, Judged},
    evidence::{Contract, Look, recorder::Recorder},
    report::{Heard, Outcome, Report, ScenarioResult},
    session::{OPENING, PROBES, Session, TAGS},
    suite::{self, Place, Planned, Suite},
    waiver::Waivers,
    world::World,
};

/// Cucumber replaces the process's panic hook while it runs: two runs at once would leave it replaced for good.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Gives cucumber features that are parsed and expanded already.
struct Embedded;

impl Parser<Vec<Feature>> for Embedded {
    type Cli = cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, features: Vec<Feature>, _: Self::Cli) -> Self::Output {
        stream::iter(features.into_iter().map(Ok).collect::<Vec<_>>())
    }
}

/// Scenarios at once. AWS's quotas are low, so more of them only wait for each other: with 8 a run on the emulator takes as
/// long as with cucumber's 64, as measured on 2026-11-25.
const AT_ONCE: usize = 8;
/// How long to wait before AWS is asked again: it settles within seconds, mostly.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs every scenario of `suite`, some at a time.
///
/// A scenario that `settles` and did not hold is run again until it holds or the target's patience is over: S3 shows an old
/// lifecycle for a while, SQS old attributes for up to 60 seconds, and tags spread, too.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>,
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html> (2026-11-25)
pub(crate) async fn judge(
    suite: Suite,
    session: Arc<Session>,
    waivers: &Waivers,
    mut on: impl FnMut(Heard<'_>),
) -> Report {
    let (features, plan) = suite.into_parts();
    let patience = session.target.patience;
    let patient = !patience.is_zero();
    let collector = Collector::new(plan.clone(), waivers, patient, |result: &_| on(Heard::Judged(result)));
    let mut results = pass(features.clone(), &session, collector).await;
    let (began, mut told) = (Instant::now(), false);
    loop {
        let waiting: BTreeSet<_> = results.iter().filter(|(_, j)| j.waits).map(|(place, _)| place.clone()).collect();
        if waiting.is_empty() {
            break;
        }
        if !std::mem::replace(&mut told, true) {
            on(Heard::AskingAgain { rows: waiting.len(), patience });
        }
        let left = patience.saturating_sub(began.elapsed());
        tokio::time::sleep(AGAIN.min(left)).await;
        let again = Arc::new(session.fresh());
        let of = |(place, _): &&(Place, Planned)| waiting.contains(place);
        let planned = plan.iter().filter(of).cloned().collect();
        let collector = Collector::new(planned, waivers, !left.is_zero(), |_: &_| ());
        for (place, new) in pass(suite::only(&features, &waiting), &again, collector).await {
            let Some((_, old)) = results.iter_mut().find(|(of, _)| *of == place) else { continue };
            let waited = began.elapsed().as_secs_f64();
            let (before, mut result) = (old.result.clone(), new.result);
            result.evidence.follow(&before.evidence);
            if !new.waits {
                let note = match result.outcome {
                    Outcome::Passed => format!("it failed at first, and passed after {waited:.0} s"),
                    _ => format!("AWS was asked again for {waited:.0} s"),
                };
                let reason = result.reason.take().or(before.reason).unwrap_or_default();
                result.reason = Some(format!("{reason}; {note}"));
                on(Heard::Judged(&result));
            }
            *old = Judged { result, waits: new.waits };
        }
    }
    if let Err(left) = session.close().await {
        on(Heard::Left(&left));
    }
    let scenarios = results.into_iter().map(|(_, judged)| judged.result).collect();
    let (caller, management_caller) = (*session.callers).clone();
    let look = |name: &str, recorder: &Recorder| Look { name: name.to_owned(), calls: recorder.so_far().calls };
    let shared = [(OPENING, &session.recorder), (TAGS, &session.shared), (PROBES, &session.probing)];
    let looks = shared.map(|(name, recorder)| look(name, recorder));
    let looks = looks.into_iter().filter(|look| !look.calls.is_empty()).collect();
    Report { scenarios, caller, management_caller, contract: Contract::of(&session.published), looks }
}

/// Runs these scenarios once, none of them twice.
async fn pass(
    features: Vec<Feature>,
    session: &Arc<Session>,
    collector: Collector<'_, impl FnMut(&ScenarioResult)>,
) -> Vec<(Place, Judged)> {
    let (session, records) = (Arc::clone(session), collector.records());
    let runner = runner::Basic::default()
        .steps(World::collection())
        .max_concurrent_scenarios(AT_ONCE)
        // a tag could ask for it, and what holds the second time in the same moment does not hold
        .retry_options(|_, _, _, _| None)
        .before(move |feature, _, scenario, world: &mut World| {
            let recorder = records.begin(suite::place(feature, scenario));
            world.enter(Arc::new(session.of_scenario(&recorder)));
            async {}.boxed_local()
        });
    let _alone = ONE_AT_A_TIME.lock().await;
    Cucumber::<World, _, _, _, _, cli::Empty>::custom(Embedded, runner, collector)
        // and not from our own command line
        .with_default_cli()
        .run(features)
        .await
        .into_results()
}

#[cfg(test)]
mod tests;
