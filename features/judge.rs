//! Judges the same account again and again, some rows at a time: whoever changes things on purpose asks which rows notice.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    error::Error,
    report::ScenarioResult,
    runner,
    session::Session,
    suite::{Source, Suite},
    target::Target,
    waiver::{Waiver, Waivers},
};

/// The features of a target, and an open way to it. Rows have numbers, in the order of the features.
pub struct Judge {
    suite: Suite,
    waivers: Waivers,
    session: Arc<Session>,
}

impl Judge {
    /// As [`run`](crate::run), without judging anything yet.
    pub async fn open(target: &Target, own: &[Source], waivers: &[Waiver], today: &str) -> Result<Self, Error> {
        let suite = Suite::of(own, &target.zone)?;
        let waivers = Waivers::new(waivers, today, &suite)?;
        let session = Session::open(target).await?;
        Ok(Self { suite, waivers, session })
    }

    /// Reads the contract again: what was published may have changed.
    pub async fn reopen(&mut self) -> Result<(), Error> {
        self.session = Arc::new(self.session.again().await?);
        Ok(())
    }

    /// Judges these rows, or all, with nothing in mind of what was seen before. In the order of the features.
    ///
    /// The future is not `Send`, as that of [`run`](crate::run).
    pub async fn judge(&self, rows: Option<&BTreeSet<usize>>) -> Vec<(usize, ScenarioResult)> {
        let all: BTreeSet<_> = (0..self.suite.planned().count()).collect();
        let rows = rows.unwrap_or(&all);
        if rows.is_empty() {
            return Vec::new();
        }
        let session = Arc::new(self.session.forgetful());
        let report = runner::judge(self.suite.only(rows), session, &self.waivers, |_| ()).await;
        rows.iter().copied().zip(report.scenarios).collect()
    }
}
