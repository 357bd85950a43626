//! What a resource type has to do, and what a provider adds to all of its types.

use std::{future::Future, sync::Arc, time::Duration};

use futures::future::BoxFuture;

use super::{
    adopt::{Candidate, Intent, Presence},
    check::Failure,
    log::EngineLog,
    schema::{FunctionSchema, Property, ResourceSchema, Shape, Shaped},
};
pub use super::{erased::Of, error::Error};
use crate::value::{FromValue, Map, ToValue, Value};

/// What a create made.
#[derive(Debug)]
pub struct Created<O> {
    /// The id that finds it again.
    pub id: String,
    /// Its outputs.
    pub outputs: O,
    /// It exists, but this went wrong afterwards: it is kept, and the next deployment updates it.
    pub incomplete: Option<Error>,
}

impl<O> Created<O> {
    /// Made, wholly.
    pub fn new(id: impl Into<String>, outputs: O) -> Self {
        Self { id: id.into(), outputs, incomplete: None }
    }
    /// Made; `rest` is how what follows creation went.
    #[must_use]
    pub fn and<E: Into<Error>>(mut self, rest: Result<(), E>) -> Self {
        self.incomplete = rest.err().map(Into::into);
        self
    }
}

/// What a read found.
#[derive(Debug)]
pub struct Live<I, O> {
    /// What inputs would describe it; every property AWS can be asked for.
    pub inputs: I,
    /// Its outputs.
    pub outputs: O,
}

/// Names of a type; derived on its inputs.
pub trait Described {
    /// Type token, such as `aws:kms/key:Key`.
    const TOKEN: &'static str;
    /// What users call it, such as `KMS key`.
    const NOUN: &'static str;
}

/// The inputs and outputs of a type; derived on its inputs.
pub trait Declared: Send + Sync + Sized + 'static {
    /// What the user says.
    type Inputs: Described + Shaped + FromValue + ToValue + Send + Sync;
    /// What the provider adds.
    type Outputs: Shaped + FromValue + ToValue + Clone + Send + Sync;
}

/// The outputs of a type that has none.
#[derive(Clone, Debug)]
pub struct NoOutputs {}

impl Shaped for NoOutputs {
    const SHAPE: Shape = Shape { name: "Outputs", description: "", properties: &[] };
}
impl FromValue for NoOutputs {
    fn from_value(_: &Value) -> Result<Self, String> {
        Ok(Self {})
    }
}
impl ToValue for NoOutputs {
    fn to_value(&self) -> Value {
        Value::Object(Map::new())
    }
}

/// One resource type. Create, read and delete are compulsory; a type without update is replaced on every change.
pub trait CustomResource: Declared {
    /// What the provider gives to every operation: clients, account, tags.
    type Context: Send + Sync;
    /// Whether [`update`](Self::update) is written.
    const UPDATES: bool = true;
    /// Whether a replacement cannot exist beside what it replaces, whatever its name.
    const DELETES_FIRST: bool = false;
    /// How one that exists already is found.
    const PRESENCE: Presence = Presence::Numbered;

    /// Rules that types cannot say. No network.
    fn check(_inputs: &Map) -> Vec<Failure> {
        Vec::new()
    }
    /// Changes of an existing one that are refused, as neither an update nor a replacement would be meant. No network.
    fn check_change(_olds: &Map, _news: &Map) -> Vec<Failure> {
        Vec::new()
    }
    /// What is wrong with the files that a program gives, where they are not those it gave before; `olds` is empty for a new
    /// one. It reads them, which takes a while. No network.
    fn check_files(_olds: &Map, _news: &Map) -> Vec<Failure> {
        Vec::new()
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
        name
    }
    /// After a read: tells what is live in the words of the inputs there were, where it can be told in several.
    fn reduce(_olds: Option<&Map>, _live: &mut Map) {}
    /// Makes it.
    fn create(
        cx: &Self::Context,
        inputs: &Self::Inputs,
    ) -> impl Future<Output = Result<Created<Self::Outputs>, Error>> + Send;
    /// The id, in an import's form, that follows from the inputs alone: the name, or the place where there is one at most.
    /// No network.
    fn id_of(_cx: &Self::Context, _inputs: &Self::Inputs) -> Option<String> {
        None
    }
    /// The id, in an import's form, of the one that may exist in its place; by default what [`id_of`](Self::id_of) says.
    fn existing(
        cx: &Self::Context,
        inputs: &Self::Inputs,
    ) -> impl Future<Output = Result<Option<String>, Error>> + Send {
        std::future::ready(Ok(Self::id_of(cx, inputs)))
    }
    /// Whether a text has the form of an id of this type, for one that only the user can name.
    fn is_id(_text: &str) -> bool {
        false
    }
    /// Why one that exists cannot become what the program says, beside properties that cannot change. No network.
    fn check_adoption(live: &Map, news: &Map) -> Vec<Failure> {
        Self::check_change(live, news)
    }
    /// Finds it by id; `None` when it is gone.
    fn read(
        cx: &Self::Context,
        id: &str,
    ) -> impl Future<Output = Result<Option<Live<Self::Inputs, Self::Outputs>>, Error>> + Send;
    /// The id of what [`read`](Self::read) is to find, where the engine may know it by another one: an import names it in
    /// the official provider's form, or AWS gave it a new one when it was changed (`olds` then tell which it is).
    /// `None` when there is no such thing.
    fn identify(
        _cx: &Self::Context,
        id: &str,
        _olds: Option<&Self::Inputs>,
    ) -> impl Future<Output = Result<Option<String>, Error>> + Send {
        std::future::ready(Ok(Some(id.to_owned())))
    }
    /// Changes it in place; repeating it is harmless.
    fn update(
        _cx: &Self::Context,
        _id: &str,
        _old: &Self::Inputs,
        _new: &Self::Inputs,
        _outputs: Self::Outputs,
    ) -> impl Future<Output = Result<Self::Outputs, Error>> + Send {
        async { Err(Error::new("this type cannot be updated in place").hint("this is a bug: please report it")) }
    }
    /// Removes it; removing what is gone is success.
    fn delete(cx: &Self::Context, id: &str, inputs: &Self::Inputs) -> impl Future<Output = Result<(), Error>> + Send;
}

/// One operation on one resource, as the engine asked for it.
pub struct Operation {
    /// The resource's URN.
    pub urn: String,
    /// Its inputs, secrets exposed.
    pub inputs: Map,
    /// Time limit; absent is the provider's own.
    pub timeout: Option<Duration>,
    /// Words to the user.
    pub log: Arc<EngineLog>,
}

/// A resource type with its Rust types erased.
pub trait Kind<C>: Send + Sync {
    /// Its schema, without what the provider adds to all types.
    fn schema(&self) -> ResourceSchema;
    /// Whether it can be updated in place.
    fn updates(&self) -> bool;
    /// Whether a replacement cannot exist beside what it replaces.
    fn deletes_first(&self) -> bool;
    /// Rules that types cannot say.
    fn check(&self, inputs: &Map) -> Vec<Failure>;
    /// Changes of an existing one that are refused.
    fn check_change(&self, olds: &Map, news: &Map) -> Vec<Failure>;
    /// What is wrong with files that are not those there were before.
    fn check_files(&self, _olds: &Map, _news: &Map) -> Vec<Failure> {
        Vec::new()
    }
    /// Properties of which this very change takes a new resource.
    fn replacing(&self, _olds: &Map, _news: &Map) -> Vec<&'static str> {
        Vec::new()
    }
    /// The id in the state of what is imported by `given`.
    fn own_id<'a>(&self, given: &'a str) -> &'a str;
    /// Makes a generated name one that AWS accepts here.
    fn fit_name(&self, inputs: &Map, name: String) -> String;
    /// Tells what is live in the words of the inputs there were.
    fn reduce(&self, olds: Option<&Map>, live: &mut Map);
    /// How one that exists already is found.
    fn presence(&self) -> Presence {
        Presence::Numbered
    }
    /// The id that follows from the inputs alone; none where they are not all known, too.
    fn id_of(&self, _cx: &C, _inputs: &Map) -> Option<String> {
        None
    }
    /// The id of the one that may exist in its place.
    fn existing<'a>(&'a self, _cx: &'a C, _inputs: &'a Map) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(std::future::ready(Ok(None)))
    }
    /// Whether a text has the form of an id of this type.
    fn is_id(&self, _text: &str) -> bool {
        false
    }
    /// Why one that exists cannot become what the program says.
    fn check_adoption(&self, live: &Map, news: &Map) -> Vec<Failure> {
        self.check_change(live, news)
    }
    /// Marks an adopted one as this resource's, where the type has a way to.
    fn claim<'a>(&'a self, _cx: &'a C, _id: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(std::future::ready(Ok(())))
    }
    /// Makes it.
    fn create<'a>(&'a self, cx: &'a C, inputs: &'a Map) -> BoxFuture<'a, Result<Created<Map>, Error>>;
    /// The id of what [`read`](Self::read) is to find.
    fn identify<'a>(
        &'a self,
        cx: &'a C,
        id: &'a str,
        olds: Option<&'a Map>,
    ) -> BoxFuture<'a, Result<Option<String>, Error>>;
    /// Finds it.
    fn read<'a>(&'a self, cx: &'a C, id: &'a str) -> BoxFuture<'a, Result<Option<Live<Map, Map>>, Error>>;
    /// Changes it.
    fn update<'a>(
        &'a self,
        cx: &'a C,
        id: &'a str,
        old: &'a Map,
        new: &'a Map,
        outputs: &'a Map,
    ) -> BoxFuture<'a, Result<Map, Error>>;
    /// Removes it.
    fn delete<'a>(&'a self, cx: &'a C, id: &'a str, inputs: &'a Map) -> BoxFuture<'a, Result<(), Error>>;
}

/// What the engine knows by this id, with the id that AWS knows it by; `None` when it is gone.
pub(super) async fn find<C: Sync>(
    kind: &dyn Kind<C>,
    cx: &C,
    id: &str,
    olds: Option<&Map>,
) -> Result<Option<(String, Live<Map, Map>)>, Error> {
    let Some(id) = kind.identify(cx, id, olds).await? else { return Ok(None) };
    Ok(kind.read(cx, &id).await?.map(|live| (id, live)))
}

/// A provider: its types, and what it adds to all of them.
pub trait Provider: Send + Sync + 'static {
    /// What Configure makes of the provider's arguments. No network.
    type Config: Send + Sync;
    /// What an operation gets.
    type Context: Send + Sync;

    /// Package name, such as `aws`.
    fn name(&self) -> &'static str;
    /// Package version, which state and registrations carry.
    fn version(&self) -> &'static str;
    /// The provider's own arguments.
    fn config_properties(&self) -> &'static [Property] {
        &[]
    }
    /// Its types.
    fn kinds(&self) -> &[Box<dyn Kind<Self::Context>>];
    /// Its functions.
    fn functions(&self) -> &'static [FunctionSchema] {
        &[]
    }
    /// Inputs that a type has beside its own.
    fn common_inputs(&self, _kind: &ResourceSchema) -> Vec<Property> {
        Vec::new()
    }
    /// The id of what is imported or looked up by `given`, which may say more than the id, and the inputs that it says;
    /// `state` is what a program says of what it looks up.
    fn imported<'a>(&self, _kind: &ResourceSchema, given: &'a str, _state: &Map) -> (&'a str, Map) {
        (given, Map::new())
    }
    /// Inputs of a type that are out of the bounds of what is behind it. No network.
    fn limits(&self, _kind: &ResourceSchema, _inputs: &Map) -> Vec<Failure> {
        Vec::new()
    }
    /// Failures of the provider's arguments that types cannot say.
    fn check_config(&self, _arguments: &Map) -> Vec<Failure> {
        Vec::new()
    }
    /// Reads the provider's arguments, secret ones marked.
    fn configure(&self, arguments: &Map) -> Result<Self::Config, Error>;
    /// Check's last word: fills the common inputs.
    fn complete(&self, _config: &Self::Config, _kind: &ResourceSchema, _inputs: &mut Map) {}
    /// After a read: splits what is live into the user's and the provider's part.
    fn reduce(&self, _config: &Self::Config, _kind: &ResourceSchema, _olds: Option<&Map>, _live: &mut Map) {}
    /// What an operation gets. The first one signs in, and asserts that the account is the right one.
    fn context<'a>(
        &'a self,
        config: &'a Self::Config,
        operation: Operation,
    ) -> BoxFuture<'a, Result<Self::Context, Error>>;
    /// Whether a create looks at what exists before it decides, in a preview, too.
    fn looks(&self) -> bool {
        false
    }
    /// What a create is to do. An error refuses it before anything is done.
    fn intent<'a>(&'a self, _candidate: &'a Candidate<'a, Self>) -> BoxFuture<'a, Result<Intent, Error>>
    where
        Self: Sized,
    {
        Box::pin(std::future::ready(Ok(Intent::Create)))
    }
    /// Judges what a create came to, by its id: an error keeps it out of the state. `key` is what it is known by where
    /// its id does not say it all.
    fn made(&self, _cx: &Self::Context, _id: &str, _key: &str) -> Result<(), Error> {
        Ok(())
    }
    /// The URN under which this very run wrote what a delete would take away: it stays.
    fn written_as(&self, _cx: &Self::Context, _key: &str) -> Option<String> {
        None
    }
    /// Takes note that what the state knows by this id is gone.
    fn gone(&self, _cx: &Self::Context, _id: &str) {}
    /// Where an operation works, for messages: account and region.
    fn place(&self, cx: &Self::Context) -> String;
    /// Calls a function.
    fn invoke<'a>(
        &'a self,
        _config: &'a Self::Config,
        token: &'a str,
        _arguments: &'a Map,
    ) -> BoxFuture<'a, Result<Map, Error>> {
        Box::pin(std::future::ready(Err(Error::new(format!("there is no function `{token}`")))))
    }
}
