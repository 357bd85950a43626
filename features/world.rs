//! What a scenario has found out so far.

use std::{
    collections::{HashMap, hash_map::RandomState},
    fmt,
    hash::{BuildHasher as _, Hasher as _},
    sync::{Arc, OnceLock},
};

use aws_sdk_eventbridge::operation::{
    describe_archive::DescribeArchiveOutput, describe_event_bus::DescribeEventBusOutput,
};
use aws_sdk_firehose::types::DeliveryStreamDescription;
use aws_sdk_kms::{operation::get_key_rotation_status::GetKeyRotationStatusOutput, types::KeyMetadata};
use aws_sdk_sqs::types::QueueAttributeName;

use crate::{
    published::Parameter,
    session::Session,
    steps::{
        governance::Governance, identity::Identity, isolation::Subject, modules::Module, network::Network,
        platform::Platform, probes::Tried, roles::Iam, storage::Bucket, trail::Told,
    },
};

/// Why a step does not hold, or why nobody can tell whether it does.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    text: String,
    unobserved: bool,
}

impl Failure {
    /// No judgement: what it rests on cannot be observed here.
    pub(crate) fn not_evaluated(reason: impl Into<String>) -> Self {
        Self { text: reason.into(), unobserved: true }
    }

    pub(crate) fn is_unobserved(&self) -> bool {
        self.unobserved
    }

    /// The reason alone.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The reason of a failure that cucumber has shown, when it was [`Self::not_evaluated`].
    pub(crate) fn reason_not_evaluated(shown: &str) -> Option<&str> {
        shown.strip_prefix(mark())
    }
}

/// Stands before the reason of what was not evaluated, as cucumber hands on nothing of a failure but its text. Each process
/// draws its own, so that no text of AWS's or of ours can pass for it.
fn mark() -> &'static str {
    static MARK: OnceLock<String> = OnceLock::new();
    MARK.get_or_init(|| format!("not evaluated {:016x}: ", RandomState::new().build_hasher().finish()))
}

/// What cucumber shows.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unobserved {
            f.write_str(mark())?;
        }
        f.write_str(&self.text)
    }
}

impl<T: Into<String>> From<T> for Failure {
    fn from(text: T) -> Self {
        Self { text: text.into(), unobserved: false }
    }
}

/// What a step returns.
pub(crate) type Judged<T = ()> = Result<T, Failure>;

/// Ends the step with a failure unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($reason:tt)+) => {
        if !$condition {
            return Err($crate::world::Failure::from(format!($($reason)+)));
        }
    };
}
pub(crate) use ensure;

/// One scenario's state: a field per AWS noun, filled by the steps that describe it. What AWS tells is large and cucumber
/// moves a world about: boxed, or a test's stack overflows.
#[derive(Debug, Default, cucumber::World)]
pub(crate) struct World {
    session: Option<Arc<Session>>,
    /// The parameter that the scenario starts from.
    pub(crate) entry: Option<Parameter>,
    pub(crate) scope: Option<contract::Scope>,
    pub(crate) bus: Option<DescribeEventBusOutput>,
    pub(crate) archive: Option<DescribeArchiveOutput>,
    pub(crate) queue: Option<HashMap<QueueAttributeName, String>>,
    pub(crate) key: Option<KeyMetadata>,
    pub(crate) rotation: Option<GetKeyRotationStatusOutput>,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) network: Box<Network>,
    pub(crate) identity: Box<Identity>,
    pub(crate) stream: Option<Box<DeliveryStreamDescription>>,
    pub(crate) iam: Box<Iam>,
    pub(crate) subject: Box<Subject>,
    pub(crate) trail: Box<Told>,
    pub(crate) platform: Box<Platform>,
    pub(crate) governance: Box<Governance>,
    pub(crate) tried: Box<Tried>,
    pub(crate) module: Box<Module>,
}

impl World {
    /// Puts the scenario into a run; done before its first step.
    pub(crate) fn enter(&mut self, session: Arc<Session>) {
        self.session = Some(session);
    }

    /// The run that the scenario is part of.
    pub(crate) fn session(&self) -> Judged<Arc<Session>> {
        self.session.clone().ok_or_else(|| "the scenario was not put into a run".into())
    }

    /// The published parameter `name`, or a failure that says what there is in its place.
    pub(crate) fn published(&self, name: &str) -> Judged<Parameter> {
        let session = self.session()?;
        let published = &session.published;
        let found = published.get(name).cloned();
        found.inspect(|parameter| session.recorder.parameter(parameter)).ok_or_else(|| {
            let siblings = published.siblings(name);
            let instead = if siblings.is_empty() { "nothing like it".to_owned() } else { siblings.join(", ") };
            format!("the contract has no `{name}` below `{}`; it has {instead}", session.target.root).into()
        })
    }

    /// The value of the entry that the scenario starts from.
    pub(crate) fn entry(&self) -> Judged<&Parameter> {
        seen(self.entry.as_ref(), "entry of the contract")
    }
}

/// What an earlier step should have found.
pub(crate) fn seen<'a, T: ?Sized>(found: Option<&'a T>, what: &str) -> Judged<&'a T> {
    found.ok_or_else(|| format!("no earlier step has looked at a {what}").into())
}

/// The part of an ARN after its fifth colon, without the resource type before `separator`.
pub(crate) fn arn_name<'a>(arn: &'a str, separator: &str) -> Judged<&'a str> {
    let resource = arn.splitn(6, ':').nth(5);
    resource
        .and_then(
            |resource| {
                if separator.is_empty() { Some(resource) } else { Some(resource.split_once(separator)?.1) }
            },
        )
        .ok_or_else(|| format!("`{arn}` is no ARN with `{separator}` in it").into())
}
