//! What is set on another resource, which has one of it at most: a bucket's versioning, a queue's policy.

use std::{future::Future, marker::PhantomData};

use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, Declared, Kind, Live, NoOutputs},
    },
    value::Map,
};

use crate::{
    checks::Checks,
    context::Cx,
    refusal::{Answer, Codes},
    resource::{self, AwsResource},
};

/// A type that is set on another resource: setting it is create and update in one, and AWS adds nothing to it.
pub trait Setting: Declared<Outputs = NoOutputs> {
    /// Codes by which AWS says that it is not set, or that what it is set on does not exist.
    const ABSENT: Codes;

    /// The id: what it is set on.
    fn id_of(inputs: &Self::Inputs) -> String;
    /// As [`AwsResource::check`].
    fn check(_checks: &mut Checks<'_>) {}
    /// As [`AwsResource::check_change`].
    fn check_change(_olds: &Map, _news: &Map) -> Vec<Failure> {
        Vec::new()
    }
    /// As [`AwsResource::check_adoption`].
    fn check_adoption(live: &Map, news: &Map) -> Vec<Failure> {
        Self::check_change(live, news)
    }
    /// As [`AwsResource::reduce`].
    fn reduce(_olds: Option<&Map>, _live: &mut Map) {}
    /// Sets it; `old` is how it was set before, by this resource.
    fn put(cx: &Cx, old: Option<&Self::Inputs>, new: &Self::Inputs) -> impl Future<Output = Answer> + Send;
    /// How it is set; `None`, or a refusal by one of [`ABSENT`](Self::ABSENT), when it is not.
    fn read(cx: &Cx, id: &str) -> impl Future<Output = Answer<Option<Self::Inputs>>> + Send;
    /// Leaves it unset. A refusal by one of [`ABSENT`](Self::ABSENT) is success.
    fn reset(cx: &Cx, id: &str, inputs: &Self::Inputs) -> impl Future<Output = Answer> + Send;
}

/// A setting as the provider's server takes it.
pub(crate) fn of<S: Setting>() -> Box<dyn Kind<Cx>> {
    resource::of::<SettingOf<S>>()
}

/// A setting as a resource.
pub struct SettingOf<S>(PhantomData<fn() -> S>);

impl<S: Setting> Declared for SettingOf<S> {
    type Inputs = S::Inputs;
    type Outputs = NoOutputs;
}

impl<S: Setting> AwsResource for SettingOf<S> {
    const ABSENT: Codes = S::ABSENT;
    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &S::Inputs) -> Option<String> {
        Some(S::id_of(inputs))
    }
    fn check(checks: &mut Checks<'_>) {
        S::check(checks);
    }
    fn check_change(olds: &Map, news: &Map) -> Vec<Failure> {
        S::check_change(olds, news)
    }
    fn check_adoption(live: &Map, news: &Map) -> Vec<Failure> {
        S::check_adoption(live, news)
    }
    fn reduce(olds: Option<&Map>, live: &mut Map) {
        S::reduce(olds, live);
    }
    async fn create(cx: &Cx, inputs: &S::Inputs) -> Answer<Created<NoOutputs>> {
        S::put(cx, None, inputs).await?;
        Ok(Created::new(S::id_of(inputs), NoOutputs {}))
    }
    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<S::Inputs, NoOutputs>>> {
        Ok(S::read(cx, id).await?.map(|inputs| Live { inputs, outputs: NoOutputs {} }))
    }
    async fn update(cx: &Cx, _: &str, old: &S::Inputs, new: &S::Inputs, outputs: NoOutputs) -> Answer<NoOutputs> {
        S::put(cx, Some(old), new).await?;
        Ok(outputs)
    }
    async fn delete(cx: &Cx, id: &str, inputs: &S::Inputs) -> Answer {
        S::reset(cx, id, inputs).await
    }
}
