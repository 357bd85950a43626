//! The program side: scopes in which resources are registered, and the handles that come back.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::{join_all, try_join_all};
use tokio::{sync::watch, task::JoinHandle};
use tonic::Code;

use crate::{
    config::Config,
    monitor::Monitor,
    options::{Alias, Options, ResourceOptions},
    output::{Input, IntoInput, Output, Resolved, Stopped},
    proto::{self, RegisterResourceOutputsRequest, RegisterResourceRequest, ResourceInvokeRequest},
    urn,
    value::{FromValue, Map, Value, map_from_wire, map_into_wire},
};

/// What the engine says about this run of the program.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Project name, from Pulumi.yaml.
    pub project: String,
    /// Pulumi stack, one per environment.
    pub stack: String,
    /// Stack configuration.
    pub config: Config,
    /// Whether this is a preview, in which outputs may stay unknown.
    pub dry_run: bool,
    /// URNs under which the state has resources of the program, by the URN that the program gives them.
    pub moved: HashMap<String, String>,
}

pub(crate) struct Shared {
    pub(crate) run: Run,
    pub(crate) monitor: Arc<dyn Monitor>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// First bug of program or provider; the engine reports everything else itself.
    bug: Mutex<Option<String>>,
    stopped: watch::Sender<bool>,
}

/// A place to register resources in: the stack itself or a component.
#[derive(Clone)]
pub struct Scope {
    pub(crate) shared: Arc<Shared>,
    pub(crate) parent: Option<Output<String>>,
    /// Those of the components around it; the innermost is the last.
    pub(crate) providers: Vec<ProviderRef>,
}

/// The function that registers everything, and returns the stack's outputs.
pub type Program<E> = dyn Fn(Scope) -> Result<Vec<(String, Input)>, E> + Send + Sync;

/// How a run of a program ended.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// Everything was registered, and every step succeeded.
    Well,
    /// Something failed, and the engine has said what.
    Reported,
    /// The program is at fault, and nobody has said so yet.
    Unreported(String),
}

/// Runs a program against a monitor to its end.
pub async fn run<E: std::fmt::Display>(run: Run, monitor: Arc<dyn Monitor>, program: &Program<E>) -> Ended {
    let (stopped, _) = watch::channel(false);
    let name = format!("{}-{}", run.project, run.stack);
    let shared = Arc::new(Shared { run, monitor, tasks: Mutex::default(), bug: Mutex::default(), stopped });
    let outside = Scope { shared: shared.clone(), parent: None, providers: Vec::new() };
    let stack = outside.register("pulumi:pulumi:Stack", &name, false, BTreeMap::new(), ResourceOptions::default());
    let scope = Scope { shared: shared.clone(), parent: Some(stack.urn()), providers: Vec::new() };
    match program(scope.clone()) {
        Ok(outputs) => scope.set_outputs(outputs),
        Err(error) => shared.fault(&error.to_string()),
    }
    // registrations may register more while they resolve, so drain until nothing is left
    loop {
        let tasks = std::mem::take(&mut *lock(&shared.tasks));
        if tasks.is_empty() {
            break;
        }
        for ended in join_all(tasks).await {
            if let Err(panic) = ended {
                shared.fault(&format!("a registration panicked: {panic}"));
            }
        }
    }
    if !*shared.stopped.borrow()
        && let Err(status) = shared.monitor.finished().await
        && status.code() != Code::Unavailable
    {
        shared.fault(&format!("waiting for the engine: {}", status.message()));
    }
    let bug = lock(&shared.bug).take();
    match bug {
        Some(bug) => Ended::Unreported(bug),
        None if *shared.stopped.borrow() => Ended::Reported,
        None => Ended::Well,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn fault(&self, message: &str) {
        lock(&self.bug).get_or_insert_with(|| message.to_owned());
        self.stopped.send_replace(true);
    }

    fn note(&self, stopped: &Stopped) {
        match stopped {
            Stopped::Elsewhere => {
                self.stopped.send_replace(true);
            }
            Stopped::Bug(message) => self.fault(message),
        }
    }

    /// An RPC that the engine refused: after a cancel it says Unavailable to everything, and that means stop now.
    pub(crate) fn refused(&self, what: &str, status: &tonic::Status) -> Stopped {
        let stopped = match status.code() {
            Code::Unavailable | Code::Cancelled => Stopped::Elsewhere,
            _ => Stopped::Bug(format!("{what}: {}", status.message()).into()),
        };
        self.note(&stopped);
        stopped
    }
}

impl Scope {
    /// What the engine says about this run.
    pub fn run(&self) -> &Run {
        &self.shared.run
    }

    /// The configuration of the Pulumi stack.
    pub fn config(&self) -> &Config {
        &self.shared.run.config
    }

    /// Registers a component: a named group, which is the parent of what is registered in the scope it returns.
    pub fn component(&self, kind: &str, name: &str) -> ComponentBuilder<'_> {
        ComponentBuilder { scope: self, kind: kind.into(), name: name.into(), options: ResourceOptions::default() }
    }

    /// Sets the outputs of this scope's component, or of the stack.
    pub fn set_outputs(&self, outputs: impl IntoIterator<Item = (String, Input)>) {
        let Some(parent) = self.parent.clone() else { return };
        let outputs = outputs.into_iter().collect();
        let shared = self.shared.clone();
        self.spawn(async move {
            let urn = text(&parent).await?;
            let what = format!("setting the outputs of `{}`", urn::name(&urn));
            let outputs = resolve_each(&what, "output", outputs).await?;
            let outputs = outputs.into_iter().map(|(key, resolved)| (key, resolved.value));
            let outputs = outputs.filter(|(_, value)| *value != Value::Null).collect();
            let request = RegisterResourceOutputsRequest { urn, outputs: Some(map_into_wire(outputs)) };
            shared.monitor.outputs(request).await.map_err(|s| shared.refused(&what, &s))
        });
    }

    /// Calls a function of a provider, such as `aws:index/getCallerIdentity:getCallerIdentity`. With an
    /// unknown argument it is not called, and the answer is unknown.
    pub fn invoke<T>(
        &self,
        token: &'static str,
        arguments: BTreeMap<String, Input>,
        provider: Option<&ProviderRef>,
    ) -> Output<T> {
        let (shared, provider) = (self.shared.clone(), provider.cloned());
        let task = tokio::spawn(async move {
            let arguments = Input::Object(arguments).resolve().await;
            let Resolved { value, mut dependencies } = arguments.map_err(|e| e.within(&format!("calling {token}")))?;
            let unknown = |dependencies| Ok(Resolved { value: Value::Unknown, dependencies });
            let args = match value {
                Value::Object(map) if !map.values().any(Value::has_unknown) => map,
                _ => return unknown(dependencies),
            };
            let (reference, version) = match provider {
                Some(provider) => {
                    let resolved = provider.reference.resolve().await?;
                    dependencies.extend(resolved.dependencies);
                    (resolved.value.as_str().unwrap_or_default().to_owned(), provider.version.to_string())
                }
                None => Default::default(),
            };
            let request = ResourceInvokeRequest {
                tok: token.to_owned(),
                args: Some(map_into_wire(args.into_iter().map(|(k, v)| (k, v.exposed())).collect())),
                provider: reference,
                version,
                ..Default::default()
            };
            let answer = shared.monitor.invoke(request).await.map_err(|s| shared.refused(token, &s))?;
            if let Some(failure) = answer.failures.first() {
                let message = format!("{token}: {}: {}", failure.property, failure.reason);
                shared.fault(&message);
                return Err(Stopped::Bug(message.into()));
            }
            if answer.unknown {
                return unknown(dependencies);
            }
            Ok(Resolved { value: Value::Object(map_from_wire(answer.r#return)), dependencies })
        });
        Output::from_future(
            async move { task.await.unwrap_or_else(|_| Err(Stopped::Bug("an invoke panicked".into()))) },
        )
    }

    /// Registers a resource. Generated builders call this; a stack's text does not.
    pub fn register(
        &self,
        kind: &str,
        name: &str,
        custom: bool,
        inputs: BTreeMap<String, Input>,
        options: ResourceOptions,
    ) -> Resource {
        let (shared, parent) = (self.shared.clone(), self.parent.clone());
        let work = {
            let (kind, name) = (kind.to_owned(), name.to_owned());
            async move { register(&shared, parent, kind, name, custom, inputs, options).await }
        };
        self.start(kind, name, work)
    }

    /// A resource that `work` registers or reads, in a task of its own.
    pub(crate) fn start(
        &self,
        kind: &str,
        name: &str,
        work: impl Future<Output = Result<Registered, Stopped>> + Send + 'static,
    ) -> Resource {
        let (urn_sender, urn) = later();
        let (id_sender, id) = later();
        let (object_sender, object) = later();
        let resource = Resource { urn: urn.cast(), id: id.cast(), object, name: name.into(), kind: kind.into() };
        let shared = self.shared.clone();
        self.spawn(async move {
            let (urn, id, object) = match work.await {
                Ok(Registered { urn, id, object }) => {
                    let dependencies: BTreeSet<Arc<str>> = [Arc::from(urn.as_str())].into();
                    let resolved = |value| Ok(Resolved { value, dependencies: dependencies.clone() });
                    (resolved(Value::String(urn)), resolved(id), resolved(object))
                }
                Err(ref stopped) => (Err(stopped.clone()), Err(stopped.clone()), Err(stopped.clone())),
            };
            // said before what waits for it hears of it: the first message names where it began
            let outcome = object.as_ref().map(drop).map_err(|stopped| {
                shared.note(stopped);
                stopped.clone()
            });
            urn_sender.send(Some(urn)).ok();
            id_sender.send(Some(id)).ok();
            object_sender.send(Some(object)).ok();
            outcome
        });
        resource
    }

    fn spawn(&self, work: impl Future<Output = Result<(), Stopped>> + Send + 'static) {
        let shared = self.shared.clone();
        let task = tokio::spawn(async move {
            if let Err(stopped) = work.await {
                shared.note(&stopped);
            }
        });
        lock(&self.shared.tasks).push(task);
    }
}

/// An output that is set once, from another task.
fn later() -> (watch::Sender<Option<Result<Resolved, Stopped>>>, Output<Value>) {
    let (sender, mut receiver) = watch::channel(None::<Result<Resolved, Stopped>>);
    let output = Output::from_future(async move {
        match receiver.wait_for(Option::is_some).await {
            Ok(value) => value.clone().unwrap_or(Err(Stopped::Elsewhere)),
            Err(_) => Err(Stopped::Elsewhere),
        }
    });
    (sender, output)
}

pub(crate) async fn text(output: &Output<String>) -> Result<String, Stopped> {
    let resolved = output.resolve().await?;
    Ok(resolved.value.as_str().unwrap_or_default().to_owned())
}

/// As [`text`]; an empty one where there is no output.
pub(crate) async fn text_if_any(output: Option<&Output<String>>) -> Result<String, Stopped> {
    match output {
        Some(output) => text(output).await,
        None => Ok(String::new()),
    }
}

pub(crate) async fn texts(outputs: &[Output<String>]) -> Result<Vec<String>, Stopped> {
    try_join_all(outputs.iter().map(text)).await
}

/// Waits for each of the inputs or outputs of a resource; a failure names the resource and the property.
pub(crate) async fn resolve_each(
    what: &str,
    part: &str,
    inputs: BTreeMap<String, Input>,
) -> Result<Vec<(String, Resolved)>, Stopped> {
    let each = inputs.into_iter().map(async |(key, input)| match input.resolve().await {
        Ok(resolved) => Ok((key, resolved)),
        Err(stopped) => Err(stopped.within(&format!("{what}: {part} `{key}`"))),
    });
    try_join_all(each).await
}

/// What came of a registration or a read.
pub(crate) struct Registered {
    pub(crate) urn: String,
    pub(crate) id: Value,
    pub(crate) object: Value,
}

async fn register(
    shared: &Shared,
    parent: Option<Output<String>>,
    kind: String,
    name: String,
    custom: bool,
    inputs: BTreeMap<String, Input>,
    options: ResourceOptions,
) -> Result<Registered, Stopped> {
    let what = format!("registering {kind} `{name}`");
    let resolved = resolve_each(&what, "input", inputs).await?;
    let mut dependencies: BTreeSet<String> = texts(&options.depends_on).await?.into_iter().collect();
    let mut property_dependencies = BTreeMap::new();
    let mut object = Map::new();
    for (key, Resolved { value, dependencies: of }) in resolved {
        if value == Value::Null {
            continue;
        }
        let urns: Vec<String> = of.iter().map(ToString::to_string).collect();
        dependencies.extend(urns.iter().cloned());
        property_dependencies.insert(key.clone(), proto::register_resource_request::PropertyDependencies { urns });
        object.insert(key, value);
    }
    let parent = text_if_any(options.parent.as_ref().or(parent.as_ref())).await?;
    let provider = text_if_any(options.provider.as_ref().map(|provider| &provider.reference)).await?;
    let mut providers = std::collections::HashMap::new();
    for provider in &options.providers {
        providers.insert(provider.package.to_string(), text(&provider.reference).await?);
    }
    let deleted_with = text_if_any(options.deleted_with.as_ref()).await?;
    let timeouts = options.timeouts;
    let any = [&timeouts.create, &timeouts.update, &timeouts.delete, &timeouts.read].iter().any(|t| t.is_some());
    let mut aliases: Vec<_> = options.aliases.into_iter().map(alias).collect();
    let own = urn::child(&parent, &shared.run.stack, &shared.run.project, &kind, &name);
    aliases.extend(shared.run.moved.get(&own).cloned().map(Alias::Urn).map(alias));
    let request = RegisterResourceRequest {
        r#type: kind,
        name,
        parent,
        custom,
        object: Some(map_into_wire(object)),
        protect: options.protect,
        dependencies: dependencies.into_iter().collect(),
        provider,
        property_dependencies: property_dependencies.into_iter().collect(),
        delete_before_replace: options.delete_before_replace.unwrap_or(false),
        delete_before_replace_defined: options.delete_before_replace.is_some(),
        version: options.version.map(|v| v.to_string()).unwrap_or_default(),
        ignore_changes: options.ignore_changes,
        accept_secrets: true,
        additional_secret_outputs: options.additional_secret_outputs,
        import_id: options.import.unwrap_or_default(),
        custom_timeouts: any.then(|| proto::register_resource_request::CustomTimeouts {
            create: timeouts.create.unwrap_or_default(),
            update: timeouts.update.unwrap_or_default(),
            delete: timeouts.delete.unwrap_or_default(),
            read: timeouts.read.unwrap_or_default(),
        }),
        supports_partial_values: true,
        accept_resources: true,
        providers,
        replace_on_changes: options.replace_on_changes,
        retain_on_delete: options.retain_on_delete,
        aliases,
        deleted_with,
        alias_specs: true,
        supports_result_reporting: true,
        replace_with: texts(&options.replace_with).await?,
    };
    let answer = shared.monitor.register(request).await.map_err(|status| shared.refused(&what, &status))?;
    if answer.result != proto::Result::Success as i32 {
        shared.stopped.send_replace(true);
        return Err(Stopped::Elsewhere);
    }
    // an answer without id or outputs means "not known yet", and only in a preview or a targeted run
    let unknown = answer.unknown || (custom && shared.run.dry_run && answer.id.is_empty());
    let id = if unknown || answer.id.is_empty() { Value::Unknown } else { Value::String(answer.id) };
    let mut object = map_from_wire(answer.object);
    if answer.unknown {
        return Ok(Registered { urn: answer.urn, id: Value::Unknown, object: Value::Unknown });
    }
    if let Value::String(id) = &id {
        object.entry("id".to_owned()).or_insert_with(|| Value::String(id.clone()));
    }
    let object = Value::Object(object);
    Ok(Registered { urn: answer.urn, id, object })
}

fn alias(alias: Alias) -> proto::Alias {
    use proto::alias::{Alias as Kind, Spec, spec::Parent};
    let kind = match alias {
        Alias::Urn(urn) => Kind::Urn(urn),
        Alias::Was { name, kind, parent } => Kind::Spec(Spec {
            name: name.unwrap_or_default(),
            r#type: kind.unwrap_or_default(),
            parent: parent.map(Parent::ParentUrn),
            ..Default::default()
        }),
    };
    proto::Alias { alias: Some(kind) }
}

/// A registered resource, as the program holds it.
#[derive(Clone, Debug)]
pub struct Resource {
    urn: Output<String>,
    id: Output<String>,
    object: Output<Value>,
    name: Arc<str>,
    kind: Arc<str>,
}

impl AsRef<Resource> for Resource {
    fn as_ref(&self) -> &Resource {
        self
    }
}

impl Resource {
    /// Its URN.
    pub fn urn(&self) -> Output<String> {
        self.urn.clone()
    }
    /// The id its provider gave it; unknown in the preview that would create it.
    pub fn id(&self) -> Output<String> {
        self.id.clone()
    }
    /// Its logical name.
    pub fn logical_name(&self) -> &str {
        &self.name
    }
    /// Its type token.
    pub fn kind(&self) -> &str {
        &self.kind
    }
    /// One of its properties. In a preview, a property the provider could not foresee is unknown.
    pub fn property<T>(&self, name: &'static str) -> Output<T> {
        let (id, object) = (self.id.clone(), self.object.clone());
        Output::from_future(async move {
            let mut resolved = object.resolve().await?;
            let pending = id.resolve().await?.value == Value::Unknown;
            resolved.value = match resolved.value {
                Value::Object(mut map) => match map.remove(name) {
                    Some(value) => value,
                    None if pending => Value::Unknown,
                    None => Value::Null,
                },
                other => other,
            };
            Ok(resolved)
        })
    }
}

/// A provider instance, as resources refer to it.
#[derive(Clone, Debug)]
pub struct ProviderRef {
    pub(crate) package: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) reference: Output<String>,
}

impl ProviderRef {
    /// From the registered `pulumi:providers:<package>` resource. In the preview that creates it its id is
    /// unknown, and travels as such.
    pub fn new(resource: &Resource, package: &str, version: &str) -> Self {
        let (urn, id) = (resource.urn(), resource.id());
        let reference = Output::from_future(async move {
            let (urn, id) = (urn.resolve().await?, id.resolve().await?);
            let id = id.value.as_str().unwrap_or(crate::value::UNKNOWN).to_owned();
            let value = Value::String(format!("{}::{id}", urn.value.as_str().unwrap_or_default()));
            Ok(Resolved { value, dependencies: urn.dependencies })
        });
        Self { package: package.into(), version: version.into(), reference }
    }
}

/// A component about to be registered.
pub struct ComponentBuilder<'s> {
    scope: &'s Scope,
    kind: String,
    name: String,
    options: ResourceOptions,
}

impl Options for ComponentBuilder<'_> {
    fn options_mut(&mut self) -> &mut ResourceOptions {
        &mut self.options
    }
    fn provider(mut self, provider: &ProviderRef) -> Self {
        self.options.providers.push(provider.clone());
        self
    }
}

impl ComponentBuilder<'_> {
    /// Registers it, and returns the scope of its children.
    pub fn register(self) -> Scope {
        let providers = self.scope.providers.iter().chain(&self.options.providers).cloned().collect();
        let resource = self.scope.register(&self.kind, &self.name, false, BTreeMap::new(), self.options);
        Scope { shared: self.scope.shared.clone(), parent: Some(resource.urn()), providers }
    }
}

/// What every generated builder of a custom resource is made of.
pub struct Arguments<'s> {
    scope: &'s Scope,
    name: String,
    inputs: BTreeMap<String, Input>,
    /// Its options.
    pub options: ResourceOptions,
}

impl<'s> Arguments<'s> {
    /// None yet.
    pub fn new(scope: &'s Scope, name: impl Into<String>) -> Self {
        Self { scope, name: name.into(), inputs: BTreeMap::new(), options: ResourceOptions::default() }
    }
    /// Sets one input by its Pulumi name.
    pub fn set<T>(&mut self, name: &str, value: impl IntoInput<T>) {
        self.inputs.insert(name.to_owned(), value.into_input());
    }
    /// Registers the resource.
    pub fn register(mut self, kind: &str, version: &str) -> Resource {
        self.options.version.get_or_insert_with(|| version.into());
        self.scope.register(kind, &self.name, true, self.inputs, self.options)
    }
}

/// Reads a stack output or invoke answer as `T`.
pub fn read<T: FromValue>(value: &Value) -> Result<T, String> {
    T::from_value(value)
}
