//! Hands a suite to cucumber and waits for the report.

use std::sync::Arc;

use cucumber::{Cucumber, Parser, World as _, cli, gherkin::Feature, parser, runner};
use futures::{FutureExt as _, stream};
use tokio::sync::Mutex;

use crate::{
    collector::Collector,
    report::{Report, ScenarioResult},
    session::Session,
    suite::Suite,
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

/// Runs every scenario of `suite`, many at a time, none of them twice.
pub(crate) async fn judge(
    suite: Suite,
    session: Arc<Session>,
    waivers: &Waivers,
    on: impl FnMut(&ScenarioResult),
) -> Report {
    let (features, plan) = suite.into_parts();
    let runner = runner::Basic::default()
        .steps(World::collection())
        // a tag could ask for it, and a check that holds the second time is not one
        .retry_options(|_, _, _, _| None)
        .before(move |_, _, _, world: &mut World| {
            world.enter(Arc::clone(&session));
            async {}.boxed_local()
        });
    let _alone = ONE_AT_A_TIME.lock().await;
    Cucumber::<World, _, _, _, _, cli::Empty>::custom(Embedded, runner, Collector::new(plan, waivers, on))
        // and not from our own command line
        .with_default_cli()
        .run(features)
        .await
        .into_report()
}

#[cfg(test)]
mod tests;
