//! What a scenario asked of AWS, and what was answered.
//!
//! Scenarios run at once in one task, so nothing but their clients tells their calls apart: each scenario has clients of its
//! own, with an interceptor that writes into its own record.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef},
            dyn_dispatch_hint,
        },
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use serde::Serialize;
use serde_json::Value;

use super::{rfc3339, seen};
use crate::published::Parameter;

/// One call of an AWS API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Service and operation, as IAM writes them: `kms:DescribeKey`.
    pub call: String,
    /// When it began.
    #[serde(serialize_with = "rfc3339::serialize")]
    pub time: SystemTime,
    /// The parameters of the request that were set, without secrets.
    pub on: Value,
    /// HTTP status of the answer; `None` without an answer.
    pub status: Option<u16>,
    /// The id by which AWS finds the request again, as CloudTrail has it.
    pub request_id: Option<String>,
    /// The answer, without secrets; of a call that failed, nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What a scenario is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// The parameter of the contract that names it.
    pub parameter: Option<String>,
    /// Its ARN, id or name; `None` if the parameter is a secret.
    pub value: Option<String>,
}

impl Subject {
    /// The value, or the parameter's path.
    pub fn name(&self) -> &str {
        self.value.as_deref().or(self.parameter.as_deref()).unwrap_or_default()
    }
}

/// What was recorded of a scenario, or of what scenarios share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) began: Option<SystemTime>,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) calls: Vec<Call>,
    /// Names of the shared looks that the scenario rests on.
    pub(crate) shared: BTreeSet<&'static str>,
}

/// Takes the record of one scenario.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Record>>);

impl Recorder {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For what begins now.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Record { began: Some(SystemTime::now()), ..Record::default() })))
    }

    /// A copy of all that was recorded until now.
    pub(crate) fn so_far(&self) -> Record {
        self.record().clone()
    }

    /// The scenario is about what this parameter names.
    pub(crate) fn parameter(&self, parameter: &Parameter) {
        let value = (parameter.kind != "SecureString").then(|| parameter.value.clone());
        self.subject(Subject { parameter: Some(parameter.path.clone()), value });
    }

    /// The scenario is about this, which no parameter names.
    pub(crate) fn resource(&self, name: &str) {
        if !self.record().subjects.iter().any(|known| known.value.as_deref() == Some(name)) {
            self.subject(Subject { parameter: None, value: Some(name.to_owned()) });
        }
    }

    fn subject(&self, subject: Subject) {
        let mut record = self.record();
        if !record.subjects.contains(&subject) {
            record.subjects.push(subject);
        }
    }

    /// The scenario rests on a look that is made once per run.
    pub(crate) fn shares(&self, look: &'static str) {
        self.record().shared.insert(look);
    }

    /// For the client of a service; `service` is IAM's prefix of it.
    pub(crate) fn listen(&self, service: &'static str) -> Listener {
        Listener { service, recorder: self.clone() }
    }
}

/// Records the calls of one client.
#[derive(Debug)]
pub(crate) struct Listener {
    service: &'static str,
    recorder: Recorder,
}

/// What is known of a call before it is sent.
#[derive(Debug, Clone)]
struct Asked {
    on: Value,
    time: SystemTime,
}

impl Storable for Asked {
    type Storer = StoreReplace<Self>;
}

/// The headers in which services give the request's id.
const IDS: [&str; 3] = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];

#[dyn_dispatch_hint]
impl Intercept for Listener {
    fn name(&self) -> &'static str {
        "evidence"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let on = seen::rendered(&format!("{:?}", context.input()));
        config.interceptor_state().store_put(Asked { on, time: SystemTime::now() });
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let asked = config.load::<Asked>().cloned();
        let Asked { on, time } = asked.unwrap_or_else(|| Asked { on: Value::Null, time: SystemTime::now() });
        let operation = config.load::<Metadata>().map(|m| m.name().to_owned()).unwrap_or_default();
        let response = context.response();
        let id = response.and_then(|response| IDS.iter().find_map(|name| response.headers().get(*name)));
        let (seen, error) = match context.output_or_error() {
            Some(Ok(output)) => (Some(seen::rendered(&format!("{output:?}"))), None),
            Some(Err(error)) => {
                let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
                let causes: Vec<_> = causes.map(ToString::to_string).collect();
                (None, Some(causes.join(": ")))
            }
            None => (None, Some("the call was not finished".to_owned())),
        };
        self.recorder.record().calls.push(Call {
            call: format!("{}:{operation}", self.service),
            time,
            on,
            status: response.map(|response| response.status().as_u16()),
            request_id: id.map(str::to_owned),
            seen,
            error,
        });
        Ok(())
    }
}
