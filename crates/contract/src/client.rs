//! Reads the contract from SSM, all of it at once, and keeps it for a while.
//!
//! One reading is a chain of `GetParametersByPath` calls, recursive, of 10 parameters each: the most that the API gives,
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html>. What other
//! teams publish below the root adds its tenth, and AWS may give shorter pages. Needs `ssm:GetParametersByPath` on the root. Retries are those of the SDK client that is handed in.

use std::{
    error::Error as _,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_sdk_ssm::{
    error::{ProvideErrorMetadata, SdkError},
    operation::get_parameters_by_path::GetParametersByPathError,
};
use tokio::sync::Mutex;

use crate::{
    definition::Definition,
    live::{Live, Parameter},
    snapshot::{Error, Newer, Snapshot},
    zone::ZONE,
};

/// How long a reading is served, unless said otherwise.
pub const TIME_TO_LIVE: Duration = Duration::from_mins(5);

/// The most that `GetParametersByPath` gives in one answer.
const PAGE: i32 = 10;

/// Reader of the contract of one environment. Share it: callers wait for the one reading that is under way, and get its
/// result, be it an error.
#[derive(Debug)]
pub struct Client {
    contract: Definition,
    ssm: aws_sdk_ssm::Client,
    environment: String,
    root: String,
    time_to_live: Duration,
    newer: Newer,
    readings: Mutex<Readings>,
}

/// What came of the readings so far.
#[derive(Debug, Default)]
struct Readings {
    /// The last that succeeded, and when it began: its values are of then, or younger.
    good: Option<(Instant, Arc<Snapshot>)>,
    /// The last that failed, and when it ended.
    bad: Option<(Instant, Error)>,
}

/// A contract that may be older than its time to live.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The contract.
    pub contract: Arc<Snapshot>,
    /// Time since it began to be read.
    pub age: Duration,
    /// Why it is not a younger one.
    pub failed: Option<Error>,
}

impl Client {
    /// A client of the zone's contract. Reads nothing yet. `environment` ("dev") is named in errors; `root` ("/acme/dev") is where the contract stands.
    pub fn new(ssm: aws_sdk_ssm::Client, environment: impl Into<String>, root: impl Into<String>) -> Self {
        let root = root.into().trim_end_matches('/').to_owned();
        let (environment, readings) = (environment.into(), Mutex::default());
        let newer = Newer::default();
        Self { contract: ZONE, ssm, environment, root, time_to_live: TIME_TO_LIVE, newer, readings }
    }

    /// Reads another contract than the zone's, which stands below a root of its own.
    #[must_use]
    pub const fn of(mut self, contract: Definition) -> Self {
        self.contract = contract;
        self
    }

    /// Serves a reading for so long. Zero reads every time.
    #[must_use]
    pub const fn time_to_live(mut self, time_to_live: Duration) -> Self {
        self.time_to_live = time_to_live;
        self
    }

    /// What to do about a contract that is newer than this build; by default it is refused.
    #[must_use]
    pub const fn newer(mut self, newer: Newer) -> Self {
        self.newer = newer;
        self
    }

    /// The contract, read now or at most the time to live ago. An older one is never served, not even when SSM does not
    /// answer: see [`Self::contract_or_older`].
    pub async fn contract(&self) -> Result<Arc<Snapshot>, Error> {
        self.reading(self.time_to_live).await.map(|(_, contract)| contract)
    }

    /// The contract, read now.
    pub async fn refresh(&self) -> Result<Arc<Snapshot>, Error> {
        self.reading(Duration::ZERO).await.map(|(_, contract)| contract)
    }

    /// As [`Self::contract`]; when that fails, the last good reading, if it is at most `oldest` old. For a program that had
    /// better go on with what it knows than stop.
    pub async fn contract_or_older(&self, oldest: Duration) -> Result<Reading, Error> {
        let failed = match self.reading(self.time_to_live).await {
            Ok((began, contract)) => return Ok(Reading { contract, age: began.elapsed(), failed: None }),
            Err(error) => error,
        };
        let last = self.readings.lock().await.good.clone();
        match last.map(|(began, contract)| (began.elapsed(), contract)).filter(|(age, _)| *age <= oldest) {
            Some((age, contract)) => Ok(Reading { contract, age, failed: Some(failed) }),
            None => Err(failed),
        }
    }

    /// Holds the lock while it reads: whoever comes meanwhile waits, and takes the result.
    async fn reading(&self, time_to_live: Duration) -> Result<(Instant, Arc<Snapshot>), Error> {
        let came = Instant::now();
        let mut readings = self.readings.lock().await;
        if let Some((began, contract)) = &readings.good
            && (*began >= came || began.elapsed() < time_to_live)
        {
            return Ok((*began, Arc::clone(contract)));
        }
        // or a hundred callers would ask a service that is down one after the other
        if let Some((ended, error)) = &readings.bad
            && *ended >= came
        {
            return Err(error.clone());
        }
        let began = Instant::now();
        match self.read().await {
            Ok(contract) => {
                let contract = Arc::new(contract);
                readings.good = Some((began, Arc::clone(&contract)));
                Ok((began, contract))
            }
            Err(error) => {
                readings.bad = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    async fn read(&self) -> Result<Snapshot, Error> {
        let call = self.ssm.get_parameters_by_path().path(&self.root).recursive(true).max_results(PAGE);
        let mut pages = call.into_paginator().send();
        let mut live = Live::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::Call {
                environment: self.environment.clone(),
                root: self.root.clone(),
                cause: cause(&error),
            })?;
            live.extend(page.parameters.unwrap_or_default().into_iter().filter_map(|found| {
                let kind = found.r#type?.as_str().to_owned();
                Some((found.name?, Parameter { kind, value: found.value? }))
            }));
        }
        Snapshot::new(self.contract, &self.environment, &self.root, &live, self.newer)
    }
}

/// Code and message of an answer; without one, what each cause on the way there knows.
fn cause<R: std::fmt::Debug + 'static>(error: &SdkError<GetParametersByPathError, R>) -> String {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => {
            let (mut text, mut next) = (error.to_string(), error.source());
            while let Some(deeper) = next {
                text = format!("{text}: {deeper}");
                next = deeper.source();
            }
            text
        }
    }
}
