//! Resources that exist already, and that the program reads and does not manage.

use std::{collections::BTreeMap, marker::PhantomData};

use crate::{
    options::ResourceOptions,
    output::{Input, IntoInput, Output, Resolved, Stopped},
    program::{ProviderRef, Registered, Resource, Scope, Shared, resolve_each, text_if_any, texts},
    proto::ReadResourceRequest,
    urn,
    value::{Map, Value, map_from_wire, map_into_wire},
};

/// A resource about to be read. A handle starts it: `Queue::get(&scope, "orders", id)`.
///
/// Each run reads it again, a preview too. One that is not there fails the run. A preview in which its id is not known yet
/// reads nothing, and everything of it is unknown. It is never changed, and never deleted.
pub struct Lookup<'s, R> {
    scope: &'s Scope,
    kind: String,
    name: String,
    id: Input,
    state: BTreeMap<String, Input>,
    options: ResourceOptions,
    handle: PhantomData<fn() -> R>,
}

impl<'s, R: From<Resource>> Lookup<'s, R> {
    /// One of the type `kind`, such as `aws:sqs/queue:Queue`, by its provider's `id`. `name` is its logical name, unique
    /// within its parent and type.
    pub fn new(scope: &'s Scope, kind: &str, name: impl Into<String>, id: impl IntoInput<String>) -> Self {
        let options = ResourceOptions::default();
        let (kind, id) = (kind.to_owned(), id.into_input());
        Self { scope, kind, name: name.into(), id, state: BTreeMap::new(), options, handle: PhantomData }
    }
    /// A property that helps the provider to find it, where the id does not say it all.
    #[must_use]
    pub fn state<T>(mut self, property: &str, value: impl IntoInput<T>) -> Self {
        self.state.insert(property.to_owned(), value.into_input());
        self
    }
    /// The version of the provider that reads it; absent is any.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.options.version = Some(version.into());
        self
    }
    /// Another parent than the scope's own.
    #[must_use]
    pub fn parent(mut self, parent: &impl AsRef<Resource>) -> Self {
        self.options.parent = Some(parent.as_ref().urn());
        self
    }
    /// Waits for these.
    #[must_use]
    pub fn depends_on<D: AsRef<Resource>>(mut self, others: impl IntoIterator<Item = D>) -> Self {
        self.options.depends_on.extend(others.into_iter().map(|other| other.as_ref().urn()));
        self
    }
    /// Read by this provider instance. Without it, by the one of the innermost component that has one of its package.
    #[must_use]
    pub fn provider(mut self, provider: &ProviderRef) -> Self {
        self.options.provider = Some(provider.clone());
        self
    }
    /// Outputs to keep secret beside those the type declares.
    #[must_use]
    pub fn additional_secret_outputs<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.options.additional_secret_outputs.extend(names.into_iter().map(str::to_owned));
        self
    }
    /// Reads it.
    pub fn read(self) -> R {
        let Self { scope, kind, name, id, state, mut options, handle: PhantomData } = self;
        let package = kind.split(':').next().unwrap_or_default();
        if options.provider.is_none() {
            options.provider = scope.providers.iter().rfind(|provider| &*provider.package == package).cloned();
        }
        let (shared, parent) = (scope.shared.clone(), options.parent.clone().or_else(|| scope.parent.clone()));
        let work = {
            let (kind, name) = (kind.clone(), name.clone());
            async move { read(&shared, parent, kind, name, id, state, options).await }
        };
        R::from(scope.start(&kind, &name, work))
    }
}

async fn read(
    shared: &Shared,
    parent: Option<Output<String>>,
    kind: String,
    name: String,
    id: Input,
    state: BTreeMap<String, Input>,
    options: ResourceOptions,
) -> Result<Registered, Stopped> {
    let what = format!("reading {kind} `{name}`");
    let parent = text_if_any(parent.as_ref()).await?;
    let id = id.resolve().await.map_err(|stopped| stopped.within(&format!("{what}: the id")))?;
    let mut dependencies: std::collections::BTreeSet<String> = texts(&options.depends_on).await?.into_iter().collect();
    dependencies.extend(id.dependencies.iter().map(ToString::to_string));
    let mut properties = Map::new();
    for (key, Resolved { value, dependencies: of }) in resolve_each(&what, "property", state).await? {
        dependencies.extend(of.iter().map(ToString::to_string));
        properties.insert(key, value);
    }
    let is_secret = id.value.has_secret();
    let id = match id.value.exposed() {
        Value::String(id) if !id.is_empty() => id,
        Value::Unknown => {
            let urn = urn::child(&parent, &shared.run.stack, &shared.run.project, &kind, &name);
            return Ok(Registered { urn, id: Value::Unknown, object: Value::Unknown });
        }
        _ => return Err(Stopped::Bug(format!("{what}: its id is empty").into())),
    };
    let provider = text_if_any(options.provider.as_ref().map(|provider| &provider.reference)).await?;
    let request = ReadResourceRequest {
        id: id.clone(),
        r#type: kind,
        name,
        parent,
        properties: Some(map_into_wire(properties)),
        dependencies: dependencies.into_iter().collect(),
        provider,
        version: options.version.map(|v| v.to_string()).unwrap_or_default(),
        accept_secrets: true,
        additional_secret_outputs: options.additional_secret_outputs,
        accept_resources: true,
    };
    let answer = shared.monitor.read(request).await.map_err(|status| shared.refused(&what, &status))?;
    let mut object = map_from_wire(answer.properties);
    if object.is_empty() && shared.run.dry_run {
        // the provider is not configured yet: it waits for something that this run would make
        return Ok(Registered { urn: answer.urn, id: Value::String(id), object: Value::Unknown });
    }
    let id = if is_secret { Value::String(id).secret() } else { Value::String(id) };
    object.entry("id".to_owned()).or_insert_with(|| id.clone());
    Ok(Registered { urn: answer.urn, id, object: Value::Object(object) })
}
