//! What a type of AWS resources says of itself; what is the same for all types stands here.
//!
//! - AWS's answers "there is none" and "the name is taken" are lists of codes, [`AwsResource::ABSENT`] and
//!   [`AwsResource::EXISTS`]: a read then finds nothing, a delete has nothing to do, a create adopts what exists.
//! - `adopt` is the one place that makes an existing resource ours: it asks for proof, refuses what cannot be changed,
//!   claims the resource by its tags, and updates it.
//! - `once` makes what AWS would make a second time.

use std::{future::Future, marker::PhantomData};

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Declared, Described, Error, Kind, Live, Of},
        schema::Shaped,
    },
    value::{Map, ToValue, Value},
};

use crate::{
    checks::Checks,
    context::Cx,
    error, lasting, name,
    recovery::{self, Look},
    refusal::{Answer, Answered, Codes},
    tags::{Tagged, Untagged, WithTags},
    waits,
};

/// A type of AWS resources. Create, read and delete are compulsory.
pub trait AwsResource: Declared {
    /// Codes by which AWS says that there is none.
    const ABSENT: Codes;
    /// Codes by which AWS refuses a create because one of the name exists.
    const EXISTS: Codes = &[];
    /// How one that exists already is found.
    const PRESENCE: Presence = if Self::EXISTS.is_empty() { Presence::Numbered } else { Presence::Named };
    /// Whether [`update`](Self::update) is written.
    const UPDATES: bool = true;
    /// Whether a replacement cannot exist beside what it replaces, whatever its name.
    const DELETES_FIRST: bool = false;
    /// Most characters of a name.
    const LONGEST_NAME: usize = usize::MAX;

    /// Where the tags of the resource with this id hang, for a type that has the input `tags`.
    fn tagged(_cx: &Cx, _id: &str) -> Tagged {
        Box::new(Untagged)
    }
    /// Rules that types and limits cannot say. No network.
    fn check(_checks: &mut Checks<'_>) {}
    /// Changes of an existing one that are refused, as neither an update nor a replacement would be meant. No network.
    fn check_change(_olds: &Map, _news: &Map) -> Vec<Failure> {
        Vec::new()
    }
    /// As [`CustomResource::check_files`].
    fn check_files(_olds: &Map, _news: &Map) -> Vec<Failure> {
        Vec::new()
    }
    /// Why one that exists cannot become what the program says, beside properties that cannot change. No network.
    fn check_adoption(live: &Map, news: &Map) -> Vec<Failure> {
        Self::check_change(live, news)
    }
    /// Properties of which this very change takes a new resource, though another change of them is an update. No network.
    fn replacing(_olds: &Map, _news: &Map) -> Vec<&'static str> {
        Vec::new()
    }
    /// The id in the state of what is imported by `given`, where that has to say more.
    fn own_id(given: &str) -> &str {
        given
    }
    /// Makes a generated name one that AWS accepts here; doing so twice is as doing it once.
    fn fit_name(_inputs: &Map, name: String) -> String {
        name::fitted(name, Self::LONGEST_NAME)
    }
    /// After a read: tells what is live in the words of the inputs there were, where it can be told in several.
    fn reduce(_olds: Option<&Map>, _live: &mut Map) {}
    /// The id, in an import's form, that follows from the inputs alone: by default the name of what AWS knows by its name.
    /// No network.
    fn id_of(_cx: &Cx, inputs: &Self::Inputs) -> Option<String> {
        let name = Self::Inputs::SHAPE.properties.iter().find(|property| property.autoname)?;
        if Self::PRESENCE != Presence::Named {
            return None;
        }
        let Value::Object(inputs) = inputs.to_value() else { return None };
        inputs.get(name.name).and_then(Value::as_str).map(str::to_owned)
    }
    /// The id, in an import's form, of the one that may exist in its place; by default what [`id_of`](Self::id_of) says.
    fn existing(cx: &Cx, inputs: &Self::Inputs) -> impl Future<Output = Answer<Option<String>>> + Send {
        std::future::ready(Ok(Self::id_of(cx, inputs)))
    }
    /// The id of what [`read`](Self::read) is to find, where the engine may know it by another one.
    fn identify(
        _cx: &Cx,
        id: &str,
        _olds: Option<&Self::Inputs>,
    ) -> impl Future<Output = Answer<Option<String>>> + Send {
        std::future::ready(Ok(Some(id.to_owned())))
    }
    /// Whether a text has the form of an id of this type, for one that only the user can name.
    fn is_id(_text: &str) -> bool {
        false
    }
    /// Whether one that exists can belong to this resource; else why not, such as `it is of bus b`. The tags are judged
    /// besides; a type without tags has to say it here.
    fn ours(_cx: &Cx, _live: &Live<Self::Inputs, Self::Outputs>, _wanted: &Self::Inputs) -> Result<(), String> {
        if has_tags::<Self>() { Ok(()) } else { Err("nothing proves it ours".to_owned()) }
    }
    /// Makes it. A refusal by one of [`EXISTS`](Self::EXISTS) leads to `adopt`.
    fn create(cx: &Cx, inputs: &Self::Inputs) -> impl Future<Output = Answer<Created<Self::Outputs>>> + Send;
    /// Finds it by id; `None`, or a refusal by one of [`ABSENT`](Self::ABSENT), when there is none.
    fn read(cx: &Cx, id: &str) -> impl Future<Output = Answer<Option<Live<Self::Inputs, Self::Outputs>>>> + Send;
    /// Changes it in place; repeating it is harmless.
    fn update(
        _cx: &Cx,
        _id: &str,
        _old: &Self::Inputs,
        _new: &Self::Inputs,
        _outputs: Self::Outputs,
    ) -> impl Future<Output = Answer<Self::Outputs>> + Send {
        let bug = Error::new("this type cannot be updated in place").hint("this is a bug: please report it");
        std::future::ready(Err(bug.into()))
    }
    /// Removes it. A refusal by one of [`ABSENT`](Self::ABSENT) is success.
    fn delete(cx: &Cx, id: &str, inputs: &Self::Inputs) -> impl Future<Output = Answer> + Send;
}

/// A type as the provider's server takes it.
pub(crate) fn of<R: AwsResource>() -> Box<dyn Kind<Cx>> {
    if has_tags::<R>() { Box::new(WithTags::<R>::new()) } else { Box::new(Of::<Adapter<R>>::new()) }
}

fn has_tags<R: AwsResource>() -> bool {
    R::Inputs::SHAPE.properties.iter().any(|property| property.name == "tags")
}

/// The four operations of a type with what is the same for all types; unit tests call them here.
pub struct Adapter<R>(PhantomData<fn() -> R>);

impl<R: AwsResource> Declared for Adapter<R> {
    type Inputs = R::Inputs;
    type Outputs = R::Outputs;
}

impl<R: AwsResource> CustomResource for Adapter<R> {
    type Context = Cx;

    const UPDATES: bool = R::UPDATES;
    const DELETES_FIRST: bool = R::DELETES_FIRST;
    const PRESENCE: Presence = R::PRESENCE;

    fn check(inputs: &Map) -> Vec<Failure> {
        let mut checks = Checks::of(inputs);
        R::check(&mut checks);
        checks.failures()
    }
    fn check_change(olds: &Map, news: &Map) -> Vec<Failure> {
        R::check_change(olds, news)
    }
    fn check_files(olds: &Map, news: &Map) -> Vec<Failure> {
        R::check_files(olds, news)
    }
    fn check_adoption(live: &Map, news: &Map) -> Vec<Failure> {
        R::check_adoption(live, news)
    }
    fn replacing(olds: &Map, news: &Map) -> Vec<&'static str> {
        R::replacing(olds, news)
    }
    fn own_id(given: &str) -> &str {
        R::own_id(given)
    }
    fn fit_name(inputs: &Map, name: String) -> String {
        R::fit_name(inputs, name)
    }
    fn reduce(olds: Option<&Map>, live: &mut Map) {
        R::reduce(olds, live);
    }
    fn id_of(cx: &Cx, inputs: &R::Inputs) -> Option<String> {
        R::id_of(cx, inputs)
    }
    async fn existing(cx: &Cx, inputs: &R::Inputs) -> Result<Option<String>, Error> {
        Ok(R::existing(cx, inputs).await?)
    }
    async fn identify(cx: &Cx, id: &str, olds: Option<&R::Inputs>) -> Result<Option<String>, Error> {
        Ok(R::identify(cx, id, olds).await?)
    }
    fn is_id(text: &str) -> bool {
        R::is_id(text)
    }
    async fn create(cx: &Cx, inputs: &R::Inputs) -> Result<Created<R::Outputs>, Error> {
        match R::create(cx, inputs).await {
            Err(refusal) if refusal.is(R::EXISTS) => match R::existing(cx, inputs).await? {
                Some(id) => Ok(adopt::<R>(cx, &id, inputs).await?),
                None => Err(refusal.into()),
            },
            created => Ok(created?),
        }
    }
    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<R::Inputs, R::Outputs>>, Error> {
        Ok(read::<R>(cx, id).await?)
    }
    async fn update(
        cx: &Cx,
        id: &str,
        old: &R::Inputs,
        new: &R::Inputs,
        outputs: R::Outputs,
    ) -> Result<R::Outputs, Error> {
        Ok(R::update(cx, id, old, new, outputs).await?)
    }
    async fn delete(cx: &Cx, id: &str, inputs: &R::Inputs) -> Result<(), Error> {
        Ok(R::delete(cx, id, inputs).await.gone(R::ABSENT)?)
    }
}

/// Finds it by id; `None` when there is none.
pub(crate) async fn read<R: AwsResource>(cx: &Cx, id: &str) -> Answer<Option<Live<R::Inputs, R::Outputs>>> {
    Ok(R::read(cx, id).await.found(R::ABSENT)?.flatten())
}

/// Makes a resource that existed already what it should be, if it is ours. `id` is in an import's form.
///
/// # Errors
///
/// It is not ours, or it differs in a property that cannot be changed: then nothing was changed.
pub(crate) async fn adopt<R: AwsResource>(cx: &Cx, id: &str, wanted: &R::Inputs) -> Answer<Created<R::Outputs>> {
    let noun = R::Inputs::NOUN;
    let find = || async {
        let Some(id) = R::identify(cx, id, None).await? else { return Ok(None) };
        Ok(read::<R>(cx, &id).await?.map(|live| (id, live)))
    };
    let (id, live) = waits::there(&format!("{noun} `{id}`"), find).await?;
    let ours = R::ours(cx, &live, wanted);
    if let Err(why) = fixed::<R>(&live.inputs, wanted).map_or(ours, Err) {
        return Err(cx.taken(noun, &id, &why).into());
    }
    let target = R::tagged(cx, &id);
    let tags = target.all(cx).await?;
    if has_tags::<R>() {
        cx.adopt(noun, &id, &tags).await?;
    } else {
        cx.log.info(&cx.urn, &format!("adopted {noun} `{id}`, which existed")).await;
    }
    let before = live.outputs.clone();
    let change = async {
        target.claim(cx, &tags).await?;
        if R::UPDATES { R::update(cx, &id, &live.inputs, wanted, live.outputs).await } else { Ok(live.outputs) }
    };
    Ok(made(R::own_id(&id), change.await, || before))
}

/// In which property, that cannot be changed, what is live differs from what is wanted.
fn fixed<R: AwsResource>(live: &R::Inputs, wanted: &R::Inputs) -> Option<String> {
    let (Value::Object(live), Value::Object(wanted)) = (live.to_value(), wanted.to_value()) else { return None };
    let differs = |property: &str| match live.get(property).and_then(Value::as_str) {
        Some(text) => format!("its `{property}` is `{text}`"),
        None => format!("its `{property}` differs"),
    };
    let properties = R::Inputs::SHAPE.properties.iter().filter(|property| property.replace && !property.unread);
    let changed = properties.filter(|property| lasting::is_changed(property, &live, &wanted)).map(|p| p.name);
    changed.chain(R::replacing(&live, &wanted)).next().map(differs)
}

/// Makes something that AWS would make twice if asked twice, and that it knows by an id of its own; answers with whether
/// an interrupted run had made it. `call` comes from [`unrepeated`](crate::clients::Clients::unrepeated) clients and is made again only after
/// `find` has looked for what it may have made; `operation` is such as `CreateVpc`.
pub(crate) async fn once<T, E, C, F>(
    cx: &Cx,
    operation: &str,
    call: impl Fn() -> C + Sync,
    find: impl Fn(Look) -> F + Sync,
) -> Answer<(T, bool)>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    C: Future<Output = Result<Option<T>, error::Failure<E>>>,
    F: Future<Output = Answer<Option<T>>>,
{
    let find = |look| {
        let found = find(look);
        async move { Ok(found.await?.map(Some)) }
    };
    let (made, existed) = recovery::once(&cx.recovery, call, find).await?;
    let made = made.ok_or_else(|| Error::new(format!("{operation} succeeded, but AWS did not return the resource")))?;
    Ok((made, existed))
}

/// What was made, with its outputs, or with those that are known when what follows the create is refused.
pub(crate) fn made<O>(id: impl Into<String>, outputs: Answer<O>, known: impl FnOnce() -> O) -> Created<O> {
    match outputs {
        Ok(outputs) => Created::new(id, outputs),
        Err(refusal) => Created::new(id, known()).and(Err::<(), _>(refusal)),
    }
}

/// The two parts of an id; `wrong` says what is amiss with an id that has not two, and `form` how it should be.
pub(crate) fn parts<'a>(id: &'a str, separator: char, wrong: &str, form: &str) -> Answer<(&'a str, &'a str)> {
    id.split_once(separator).ok_or_else(|| Error::new(format!("`{id}` {wrong}")).hint(form).into())
}

/// Waits until AWS shows a resource as it was put: a service may show what was there before, or nothing, and the next read
/// would take that for drift. What is not shown in time is left to that read.
pub(crate) async fn shown<R: AwsResource>(cx: &Cx, id: &str, wanted: &R::Inputs) -> Answer {
    let as_wanted = || async {
        let live = read::<R>(cx, id).await.within("waiting for it")?;
        Ok(live.filter(|live| waits::shows::<R>(&live.inputs, wanted)).map(drop))
    };
    waits::asked(waits::SETTINGS_ARE_NEW, as_wanted).await.done()
}

/// Claims a resource that a run made of which the state does not know, and says so.
pub(crate) async fn claim_found<R: AwsResource>(cx: &Cx, id: &str) -> Answer {
    cx.log.info(&cx.urn, &format!("found {} `{id}`, which an earlier run made", R::Inputs::NOUN)).await;
    let target = R::tagged(cx, id);
    target.claim(cx, &target.all(cx).await?).await
}

#[cfg(test)]
mod tests;
