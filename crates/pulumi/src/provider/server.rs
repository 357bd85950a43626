//! One configured instance of a provider behind one port: the protocol's calls in terms of [`Provider`].
//!
//! It is long because all calls of the protocol are one implementation of one trait.

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use prost::Message;
use tokio::sync::OnceCell;
use tonic::{Code, Request, Response, Status};

use super::{
    adopt::{Candidate, Found, Intent, Presence},
    check::{self, Autonaming, Failure, is_reserved},
    diff::{self, Diff},
    given::settled,
    log::EngineLog,
    resource::{Created, Error, Kind, Operation, Provider, find},
    schema::{self, ResourceSchema},
};
use crate::{
    proto::{
        self, CheckRequest, CheckResponse, ConfigureRequest, ConfigureResponse, CreateRequest, CreateResponse,
        DeleteRequest, DiffRequest, DiffResponse, ErrorResourceInitFailed, GetMappingRequest, GetMappingResponse,
        GetMappingsRequest, GetMappingsResponse, GetSchemaRequest, GetSchemaResponse, InvokeRequest, InvokeResponse,
        PluginAttach, PluginInfo, PropertyDiff, ProviderHandshakeRequest, ProviderHandshakeResponse, ReadRequest,
        ReadResponse, RpcAny, RpcStatus, UpdateRequest, UpdateResponse, diff_response::DiffChanges,
        resource_provider_server::ResourceProvider,
    },
    urn,
    value::{Map, Value, map_from_wire, map_into_wire},
};

/// In the state of a resource that exists and whose creation did not come to its end: the inputs in the state are
/// what was wanted, so an update has to look at what is there.
const INCOMPLETE: &str = "__incomplete";

/// Longest an operation may take when the user gives no limit.
const TIMEOUT: Duration = Duration::from_secs(20 * 60);

/// The types of a provider, with their whole schemas: shared by its instances.
pub struct Catalog<P> {
    /// The provider.
    pub provider: P,
    schemas: HashMap<&'static str, (usize, ResourceSchema)>,
}

impl<P: Provider> Catalog<P> {
    /// Collects the schemas.
    pub fn new(provider: P) -> Self {
        let schema = |(i, kind): (usize, &dyn Kind<P::Context>)| {
            let mut schema = kind.schema();
            schema.inputs.extend(provider.common_inputs(&schema));
            if !kind.updates() {
                schema.inputs.iter_mut().for_each(|p| p.replace = true);
            }
            (schema.token, (i, schema))
        };
        let schemas = provider.kinds().iter().map(|kind| &**kind).enumerate().map(schema).collect();
        Self { provider, schemas }
    }

    /// The schema of one type.
    pub fn schema(&self, token: &str) -> Option<&ResourceSchema> {
        self.schemas.get(token).map(|(_, schema)| schema)
    }

    /// How one of a type that exists already is found.
    pub fn presence(&self, token: &str) -> Option<Presence> {
        self.schemas.get(token).map(|(i, _)| self.provider.kinds()[*i].presence())
    }

    /// All schemas, ordered by token.
    pub fn schemas(&self) -> Vec<&ResourceSchema> {
        let mut schemas: Vec<_> = self.schemas.values().map(|(_, schema)| schema).collect();
        schemas.sort_by_key(|s| s.token);
        schemas
    }

    /// The package schema (Pulumi schema 1.0).
    pub fn package(&self) -> serde_json::Value {
        let provider = &self.provider;
        schema::package(
            provider.name(),
            provider.version(),
            provider.config_properties(),
            &self.schemas(),
            provider.functions(),
        )
    }

    fn find(&self, urn: &str) -> Result<(&dyn Kind<P::Context>, &ResourceSchema), Status> {
        let token = urn::kind(urn);
        match self.schemas.get(token) {
            Some((i, schema)) => Ok((&*self.provider.kinds()[*i], schema)),
            None => {
                let known: Vec<_> = self.schemas().iter().map(|s| s.token).collect();
                let message =
                    format!("type `{token}` is not supported by this provider; it knows {}", known.join(", "));
                Err(Status::invalid_argument(message))
            }
        }
    }
}

/// One instance: the state between Configure and the end.
pub struct Instance<P: Provider> {
    catalog: Arc<Catalog<P>>,
    config: OnceCell<P::Config>,
    log: Arc<EngineLog>,
}

impl<P: Provider> Instance<P> {
    /// An instance that waits for Configure.
    pub fn new(catalog: Arc<Catalog<P>>) -> Self {
        Self { catalog, config: OnceCell::new(), log: Arc::default() }
    }

    /// The types it serves.
    pub fn catalog(&self) -> &Catalog<P> {
        &self.catalog
    }

    fn config(&self) -> Result<&P::Config, Status> {
        self.config.get().ok_or_else(|| Status::failed_precondition("the provider is not configured"))
    }

    async fn context(&self, urn: &str, inputs: Map, timeout: Option<Duration>) -> Result<P::Context, Status> {
        let operation = Operation { urn: urn.to_owned(), inputs, timeout, log: self.log.clone() };
        self.catalog.provider.context(self.config()?, operation).await.map_err(|e| clean(&e))
    }

    /// Tells what is live in the words of the inputs there were.
    fn reduce(
        &self,
        kind: &dyn Kind<P::Context>,
        schema: &ResourceSchema,
        olds: Option<&Map>,
        live: &mut Map,
    ) -> Result<(), Status> {
        self.catalog.provider.reduce(self.config()?, schema, olds, live);
        kind.reduce(olds.map(exposed).as_ref(), live);
        *live = settled(std::mem::take(live), &schema.inputs);
        Ok(())
    }

    /// Makes what exists what the program says; in a preview, says what it would come to.
    async fn adopt(
        &self,
        candidate: &Candidate<'_, P>,
        found: Found,
        inputs: &Map,
        timeout: Option<Duration>,
    ) -> Result<Response<CreateResponse>, Status> {
        let (kind, schema, cx, bare) = (candidate.kind, candidate.schema, candidate.cx, candidate.inputs);
        let Found { id, olds, outputs, changes, .. } = found;
        let of_aws = chosen(schema, &olds, inputs);
        let answer = |outputs: Map| state(schema, inputs, of_aws.clone().into_iter().chain(outputs).collect());
        if candidate.preview {
            let changing =
                |name: &str| !changes.is_empty() && schema.outputs.iter().any(|p| p.name == name && p.volatile);
            let foreseen = |(name, value): (String, Value)| {
                let value = if changing(&name) { Value::Unknown } else { value };
                (name, value)
            };
            let properties = Some(map_into_wire(answer(outputs.into_iter().map(foreseen).collect())));
            return Ok(Response::new(CreateResponse { id, properties }));
        }
        let failed = |error| self.failed("adopting", schema, candidate.urn, bare, cx, error);
        let adopt = async {
            kind.claim(cx, &id).await?;
            if changes.is_empty() {
                return Ok(outputs.clone());
            }
            kind.update(cx, &id, &exposed(&olds), bare, &outputs).await
        };
        let adopted = limited(timeout, adopt).await;
        self.catalog.provider.made(cx, &id, &key(kind, cx, bare, &id)).map_err(|e| clean(&failed(e)))?;
        match adopted {
            Ok(outputs) => Ok(Response::new(CreateResponse { id, properties: Some(map_into_wire(answer(outputs))) })),
            Err(error) => {
                let mut properties = answer(outputs);
                properties.insert(INCOMPLETE.to_owned(), Value::Bool(true));
                Err(init_failed(id, properties, &failed(error)))
            }
        }
    }

    /// `gerund noun `name` in place: cause`, the one form of every failure.
    fn failed(
        &self,
        gerund: &str,
        schema: &ResourceSchema,
        urn: &str,
        inputs: &Map,
        cx: &P::Context,
        error: Error,
    ) -> Error {
        let named = schema.inputs.iter().find(|p| p.autoname).and_then(|p| inputs.get(p.name)).and_then(Value::as_str);
        let name = named.or_else(|| inputs.get("bucket").and_then(Value::as_str)).unwrap_or_else(|| urn::name(urn));
        error.within(&format!("{gerund} {} `{name}` in {}", schema.noun, self.catalog.provider.place(cx)))
    }
}

/// A failure after which the resource is as it was. Not Unknown nor Internal: for those the engine tells the
/// user that the resource's status is unknown and may be corrupt.
fn clean(error: &Error) -> Status {
    Status::failed_precondition(error.to_string())
}

/// A failed create: Unknown when it may have made something, which makes the engine tell the run's status as unknown;
/// whoever follows it then knows that there is something to look for.
fn lost_or_clean(error: &Error) -> Status {
    if error.uncertain { Status::unknown(error.to_string()) } else { clean(error) }
}

/// What a resource is known by: what its inputs say, where its id alone does not.
fn key<C>(kind: &dyn Kind<C>, cx: &C, inputs: &Map, id: &str) -> String {
    kind.id_of(cx, inputs).unwrap_or_else(|| id.to_owned())
}

/// Runs an operation to its end even when the engine goes away, within its time limit.
async fn limited<T: Send>(
    timeout: Option<Duration>,
    work: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, Error> {
    let limit = timeout.unwrap_or(TIMEOUT);
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        Err(Error::new(format!("not finished after {} s", limit.as_secs()))
            .hint("give it longer with the customTimeouts option; run it again to go on")
            .uncertain())
    })
}

fn seconds(timeout: f64) -> Option<Duration> {
    (timeout > 0.0 && timeout.is_finite()).then(|| Duration::from_secs_f64(timeout))
}

fn exposed(map: &Map) -> Map {
    map.iter().map(|(k, v)| (k.clone(), v.clone().exposed())).collect()
}

/// Shortest text that is looked for in others: one of fewer letters keeps no secret.
const TELLING: usize = 4;

/// Failures as they may be shown: secrets that their words quote are left out.
fn hushed(mut failures: Vec<Failure>, inputs: &Map) -> Vec<Failure> {
    for secret in inputs.values().flat_map(Value::secrets).filter(|s| s.len() >= TELLING) {
        for failure in &mut failures {
            failure.reason = failure.reason.replace(secret, "[secret]");
        }
    }
    failures
}

/// The state of a resource: its inputs, and what absent ones mean, with its outputs over them. What came in secret,
/// or is declared so, goes out secret.
fn state(schema: &ResourceSchema, inputs: &Map, outputs: Map) -> Map {
    let mut state: Map = inputs.iter().filter(|(k, _)| !is_reserved(k)).map(|(k, v)| (k.clone(), v.clone())).collect();
    for property in &schema.inputs {
        // a program may compute with it, as with the official provider; of an empty list or map there is nothing to tell
        if let Some(default) = property.default.filter(|d| !matches!(d, schema::Default::Empty)) {
            state.entry(property.name.to_owned()).or_insert_with(|| default.to_value(property.kind));
        }
    }
    // what a program keeps secret is so in what AWS makes of it, too: a secret name in an ARN. What a type declares
    // secret by itself, as a parameter's value, is no part of a name
    let told: Vec<String> = inputs
        .iter()
        .filter(|(k, _)| !schema.is_secret(k))
        .flat_map(|(_, v)| v.secrets())
        .filter(|s| s.len() >= TELLING)
        .map(str::to_owned)
        .collect();
    for (key, value) in outputs {
        let was_secret = state.get(&key).is_some_and(Value::has_secret);
        let tells = || told.iter().any(|secret| value.to_json().to_string().contains(secret.as_str()));
        let is_secret = was_secret || (!told.is_empty() && value != Value::Unknown && tells());
        state.insert(key, if is_secret { value.secret() } else { value });
    }
    for (key, value) in &mut state {
        if schema.is_secret(key) && *value != Value::Null {
            *value = std::mem::take(value).secret();
        }
    }
    state
}

/// What AWS chose by itself, as far as a read has shown it: an update that does not ask for it leaves it.
fn chosen(schema: &ResourceSchema, olds: &Map, news: &Map) -> Map {
    let unasked = schema.inputs.iter().filter(|p| p.computed && !news.contains_key(p.name));
    unasked.filter_map(|p| Some((p.name.to_owned(), olds.get(p.name)?.clone()))).collect()
}

fn failures(failures: Vec<Failure>) -> Vec<proto::CheckFailure> {
    failures.into_iter().map(|f| proto::CheckFailure { property: f.property, reason: f.reason }).collect()
}

/// The inputs that would describe what is live, told from the point of view of the inputs there were: an input
/// that was not given and is as by default stays ungiven, and one that means the same keeps its wording.
pub(super) fn live_inputs(schema: &ResourceSchema, olds: Option<&Map>, live: &Map) -> Map {
    // a state may have been written before empty values were taken for none
    let olds = olds.map(|olds| settled(olds.clone(), &schema.inputs));
    let olds = olds.as_ref();
    let mut inputs = Map::new();
    for property in &schema.inputs {
        let old = olds.and_then(|olds| olds.get(property.name));
        let value = match (old, live.get(property.name)) {
            (old, _) if property.unread => old.cloned(),
            (Some(old), Some(live)) if diff::same(property, live, old) => Some(old.clone().secret_as(live)),
            // what AWS would choose by itself, and does not mention, is no news
            (Some(old), None) if property.computed && !property.told => Some(old.clone()),
            (Some(old), live) => live.map(|live| live.clone().secret_as(old)),
            (None, Some(live)) => {
                let by_default = diff::same(property, &property.absent(), live);
                let unasked = olds.is_some() && property.computed;
                (!by_default && !unasked).then(|| live.clone())
            }
            (None, None) => None,
        };
        if let Some(value) = value {
            let value = if property.secret { value.secret() } else { value };
            inputs.insert(property.name.to_owned(), value);
        }
    }
    inputs
}

fn init_failed(id: String, properties: Map, error: &Error) -> Status {
    let detail = ErrorResourceInitFailed {
        id,
        properties: Some(map_into_wire(properties)),
        reasons: vec![error.to_string()],
        inputs: None,
    };
    let any = RpcAny {
        type_url: "type.googleapis.com/pulumirpc.ErrorResourceInitFailed".into(),
        value: detail.encode_to_vec(),
    };
    let status = RpcStatus { code: Code::Unknown as i32, message: error.to_string(), details: vec![any] };
    Status::with_details(Code::Unknown, error.to_string(), status.encode_to_vec().into())
}

#[tonic::async_trait]
impl<P: Provider> ResourceProvider for Instance<P> {
    async fn handshake(
        &self,
        request: Request<ProviderHandshakeRequest>,
    ) -> Result<Response<ProviderHandshakeResponse>, Status> {
        self.log.attach(&request.into_inner().engine_address);
        Ok(Response::new(ProviderHandshakeResponse {
            accept_secrets: true,
            // no type takes a resource: the engine sends its id, where a program gives one
            accept_resources: false,
            accept_outputs: false,
            supports_autonaming_configuration: true,
        }))
    }

    async fn attach(&self, request: Request<PluginAttach>) -> Result<Response<()>, Status> {
        self.log.attach(&request.into_inner().address);
        Ok(Response::new(()))
    }

    async fn get_plugin_info(&self, _: Request<()>) -> Result<Response<PluginInfo>, Status> {
        Ok(Response::new(PluginInfo { version: self.catalog.provider.version().to_owned() }))
    }

    async fn get_schema(&self, _: Request<GetSchemaRequest>) -> Result<Response<GetSchemaResponse>, Status> {
        Ok(Response::new(GetSchemaResponse { schema: self.catalog.package().to_string() }))
    }

    async fn check_config(&self, request: Request<CheckRequest>) -> Result<Response<CheckResponse>, Status> {
        let mut news = map_from_wire(request.into_inner().news);
        let failures = failures(self.catalog.provider.check_config(&exposed(&news)));
        // what is secret by its type is so in the state, however it was given
        for property in self.catalog.provider.config_properties().iter().filter(|p| p.secret) {
            if let Some(value) = news.remove(property.name) {
                news.insert(property.name.to_owned(), value.secret());
            }
        }
        Ok(Response::new(CheckResponse { inputs: Some(map_into_wire(news)), failures }))
    }

    async fn diff_config(&self, request: Request<DiffRequest>) -> Result<Response<DiffResponse>, Status> {
        let request = request.into_inner();
        let olds = request.old_inputs.or(request.olds);
        // a provider's arguments say how to reach things, not which things: no change of them replaces anything
        let changed = map_from_wire(olds) != map_from_wire(request.news);
        let changes = if changed { DiffChanges::DiffSome } else { DiffChanges::DiffNone };
        Ok(Response::new(DiffResponse { changes: changes as i32, ..Default::default() }))
    }

    async fn configure(&self, request: Request<ConfigureRequest>) -> Result<Response<ConfigureResponse>, Status> {
        let arguments = map_from_wire(request.into_inner().args);
        let config =
            self.catalog.provider.configure(&arguments).map_err(|e| Status::invalid_argument(e.to_string()))?;
        self.config.set(config).map_err(|_| Status::already_exists("the provider is configured already"))?;
        Ok(Response::new(ConfigureResponse {
            accept_secrets: true,
            supports_preview: true,
            accept_resources: false,
            accept_outputs: false,
            supports_autonaming_configuration: true,
        }))
    }

    async fn invoke(&self, request: Request<InvokeRequest>) -> Result<Response<InvokeResponse>, Status> {
        let request = request.into_inner();
        let Some(function) = self.catalog.provider.functions().iter().find(|f| f.token == request.tok) else {
            let message = format!("function `{}` is not supported by this provider", request.tok);
            return Err(Status::invalid_argument(message));
        };
        let arguments = map_from_wire(request.args);
        let is_secret = arguments.values().any(Value::has_secret);
        let mut arguments = settled(exposed(&arguments), function.arguments.properties);
        arguments.retain(|k, _| !is_reserved(k));
        let wrong = check::check(&arguments, function.arguments.properties);
        if !wrong.is_empty() {
            return Ok(Response::new(InvokeResponse { r#return: None, failures: failures(wrong) }));
        }
        let answer = limited(None, self.catalog.provider.invoke(self.config()?, &request.tok, &arguments)).await;
        let mut answer = answer.map_err(|e| clean(&e.within(&format!("calling {}", request.tok))))?;
        if is_secret {
            // an answer tells what was asked for
            answer = answer.into_iter().map(|(k, v)| (k, v.secret())).collect();
        }
        Ok(Response::new(InvokeResponse { r#return: Some(map_into_wire(answer)), failures: vec![] }))
    }

    async fn check(&self, request: Request<CheckRequest>) -> Result<Response<CheckResponse>, Status> {
        let request = request.into_inner();
        let (kind, schema) = self.catalog.find(&request.urn)?;
        let settle = |map| settled(map_from_wire(map), &schema.inputs);
        let (olds, mut news) = (settle(request.olds), settle(request.news));
        news.retain(|k, _| !is_reserved(k));
        let way = match request.autonaming {
            None => Autonaming::Ours,
            Some(a) if a.mode == proto::check_request::autonaming_options::Mode::Disable as i32 => Autonaming::Disabled,
            Some(a) => Autonaming::Exactly(a.proposed_name),
        };
        let unnamed = check::autoname(
            schema,
            urn::name(&request.urn),
            &olds,
            &mut news,
            &request.random_seed,
            &way,
            |news, name| kind.fit_name(news, name),
        );
        self.catalog.provider.complete(self.config()?, schema, &mut news);
        let mut wrong = check::check(&news, &schema.inputs);
        wrong.extend(unnamed);
        if wrong.is_empty() {
            wrong = self.catalog.provider.limits(schema, &news);
        }
        if wrong.is_empty() {
            wrong = kind.check(&exposed(&news));
        }
        if wrong.is_empty() && !olds.is_empty() {
            wrong = kind.check_change(&exposed(&olds), &exposed(&news));
        }
        if wrong.is_empty() {
            wrong = kind.check_files(&exposed(&olds), &exposed(&news));
        }
        for (key, value) in &mut news {
            // the state holds inputs as they leave here
            if schema.is_secret(key) && *value != Value::Null {
                *value = std::mem::take(value).secret();
            }
        }
        let failures = failures(hushed(wrong, &news));
        Ok(Response::new(CheckResponse { inputs: Some(map_into_wire(news)), failures }))
    }

    async fn diff(&self, request: Request<DiffRequest>) -> Result<Response<DiffResponse>, Status> {
        let request = request.into_inner();
        let (kind, schema) = self.catalog.find(&request.urn)?;
        let (state, news) = (map_from_wire(request.olds), map_from_wire(request.news));
        let olds = request.old_inputs.map_or_else(|| state.clone(), |inputs| map_from_wire(Some(inputs)));
        let Diff { mut changes, delete_before_replace } =
            diff::diff(schema, urn::name(&request.urn), &olds, &news, &request.ignore_changes);
        let root = |path: &String| path.split(['.', '[']).next().unwrap_or(path).to_owned();
        let replacing = |kind: &proto::property_diff::Kind| kind.as_str_name().ends_with("_REPLACE");
        // what AWS chose counts as well as what was asked for
        let was: Map = chosen(schema, &state, &olds).into_iter().chain(olds).collect();
        let by_this = kind.replacing(&exposed(&was), &exposed(&news));
        for (path, kind) in &mut changes {
            if by_this.contains(&root(path).as_str()) {
                *kind = diff::replaced(*kind);
            }
        }
        let mut diffs: Vec<_> = changes.keys().map(root).collect();
        diffs.dedup();
        let mut replaces: Vec<_> = changes.iter().filter(|(_, k)| replacing(k)).map(|(p, _)| root(p)).collect();
        replaces.dedup();
        let delete_before_replace = delete_before_replace || kind.deletes_first();
        let stables = schema.outputs.iter().filter(|p| !p.volatile).map(|p| p.name.to_owned()).collect();
        Ok(Response::new(DiffResponse {
            replaces,
            stables,
            delete_before_replace,
            changes: if changes.is_empty() { DiffChanges::DiffNone } else { DiffChanges::DiffSome } as i32,
            diffs,
            detailed_diff: changes
                .into_iter()
                .map(|(p, k)| (p, PropertyDiff { kind: k as i32, input_diff: true }))
                .collect(),
            has_detailed_diff: true,
        }))
    }

    async fn create(&self, request: Request<CreateRequest>) -> Result<Response<CreateResponse>, Status> {
        let request = request.into_inner();
        let (kind, schema) = self.catalog.find(&request.urn)?;
        let inputs = map_from_wire(request.properties);
        let unmade = || {
            let outputs = schema.outputs.iter().map(|p| (p.name.to_owned(), Value::Unknown)).collect();
            let properties = Some(map_into_wire(state(schema, &inputs, outputs)));
            Ok(Response::new(CreateResponse { id: String::new(), properties }))
        };
        let looks = self.catalog.provider.looks();
        if request.preview && !looks {
            return unmade();
        }
        let (bare, timeout) = (exposed(&inputs), seconds(request.timeout));
        let cx = self.context(&request.urn, bare.clone(), timeout).await?;
        let failed = |error| self.failed("creating", schema, &request.urn, &bare, &cx, error);
        if looks {
            let candidate = Candidate {
                provider: &self.catalog.provider,
                config: self.config()?,
                kind,
                schema,
                cx: &cx,
                urn: &request.urn,
                inputs: &bare,
                preview: request.preview,
            };
            let intent = limited(timeout, self.catalog.provider.intent(&candidate)).await;
            match intent.map_err(|e| clean(&failed(e)))? {
                Intent::Adopt(found) => return self.adopt(&candidate, *found, &inputs, timeout).await,
                Intent::Create if request.preview => return unmade(),
                Intent::Create => {}
            }
        }
        let create = async {
            let created = kind.create(&cx, &bare).await?;
            self.catalog.provider.made(&cx, &created.id, &key(kind, &cx, &bare, &created.id))?;
            Ok(created)
        };
        let created = limited(timeout, create).await;
        let Created { id, outputs, incomplete } = created.map_err(|e| lost_or_clean(&failed(e)))?;
        let mut properties = state(schema, &inputs, outputs);
        match incomplete {
            Some(error) => {
                properties.insert(INCOMPLETE.to_owned(), Value::Bool(true));
                Err(init_failed(id, properties, &failed(error)))
            }
            None => Ok(Response::new(CreateResponse { id, properties: Some(map_into_wire(properties)) })),
        }
    }

    async fn read(&self, request: Request<ReadRequest>) -> Result<Response<ReadResponse>, Status> {
        let request = request.into_inner();
        let (kind, schema) = self.catalog.find(&request.urn)?;
        let olds = Some(map_from_wire(request.inputs)).filter(|olds| !olds.is_empty());
        let olds = olds.map(|olds| settled(olds, &schema.inputs));
        let (id, said) = match olds {
            Some(_) => (request.id.as_str(), Map::new()),
            None => self.catalog.provider.imported(schema, &request.id, &map_from_wire(request.properties)),
        };
        let before = olds.as_ref().map_or_else(|| said.clone(), exposed);
        let cx = self.context(&request.urn, before.clone(), seconds(request.timeout)).await?;
        let known = olds.as_ref().map(|_| &before);
        let live = limited(seconds(request.timeout), find(kind, &cx, id, known)).await;
        let live = live.map_err(|e| clean(&self.failed("reading", schema, &request.urn, &before, &cx, e)))?;
        let Some((id, mut live)) = live else {
            self.catalog.provider.gone(&cx, id);
            return Ok(Response::new(ReadResponse::default()));
        };
        self.reduce(kind, schema, olds.as_ref(), &mut live.inputs)?;
        live.inputs.extend(said);
        let inputs = live_inputs(schema, olds.as_ref(), &live.inputs);
        let mut properties = state(schema, &inputs, live.outputs);
        for property in schema.inputs.iter().filter(|p| p.computed) {
            // what AWS chose is worth showing, though nobody asked for it
            if let Some(value) = live.inputs.get(property.name) {
                let value = if property.secret { value.clone().secret() } else { value.clone() };
                properties.entry(property.name.to_owned()).or_insert(value);
            }
        }
        Ok(Response::new(ReadResponse {
            id: kind.own_id(&id).to_owned(),
            properties: Some(map_into_wire(properties)),
            inputs: Some(map_into_wire(inputs)),
        }))
    }

    async fn update(&self, request: Request<UpdateRequest>) -> Result<Response<UpdateResponse>, Status> {
        let request = request.into_inner();
        let (kind, schema) = self.catalog.find(&request.urn)?;
        let (olds, news) = (map_from_wire(request.olds), map_from_wire(request.news));
        let outputs = || schema.outputs.iter().filter_map(|p| Some((p, olds.get(p.name)?.clone())));
        if request.preview {
            let foreseen = outputs().map(|(p, v)| (p.name.to_owned(), if p.volatile { Value::Unknown } else { v }));
            let foreseen = chosen(schema, &olds, &news).into_iter().chain(foreseen).collect();
            let properties = Some(map_into_wire(state(schema, &news, foreseen)));
            return Ok(Response::new(UpdateResponse { properties }));
        }
        let old_inputs = exposed(&request.old_inputs.map_or_else(|| olds.clone(), |o| map_from_wire(Some(o))));
        let old_inputs = settled(old_inputs, &schema.inputs);
        let bare = exposed(&news);
        let cx = self.context(&request.urn, bare.clone(), seconds(request.timeout)).await?;
        let known: Map = outputs().map(|(p, v)| (p.name.to_owned(), v.exposed())).collect();
        let update = async {
            let mut old_inputs = old_inputs;
            if olds.contains_key(INCOMPLETE)
                && let Some((_, mut live)) = find(kind, &cx, &request.id, Some(&old_inputs)).await?
            {
                self.reduce(kind, schema, Some(&old_inputs), &mut live.inputs).map_err(|e| Error::new(e.message()))?;
                old_inputs = exposed(&live_inputs(schema, Some(&old_inputs), &live.inputs));
            }
            kind.update(&cx, &request.id, &old_inputs, &bare, &known).await
        };
        let updated = limited(seconds(request.timeout), update).await;
        let updated = updated.map_err(|e| clean(&self.failed("updating", schema, &request.urn, &bare, &cx, e)))?;
        let updated = chosen(schema, &olds, &news).into_iter().chain(updated).collect();
        Ok(Response::new(UpdateResponse { properties: Some(map_into_wire(state(schema, &news, updated))) }))
    }

    async fn delete(&self, request: Request<DeleteRequest>) -> Result<Response<()>, Status> {
        let request = request.into_inner();
        let (kind, schema) = self.catalog.find(&request.urn)?;
        let inputs = exposed(&map_from_wire(request.old_inputs.or(request.properties)));
        let inputs = settled(inputs, &schema.inputs);
        let cx = self.context(&request.urn, inputs.clone(), seconds(request.timeout)).await?;
        if let Some(other) = self.catalog.provider.written_as(&cx, &key(kind, &cx, &inputs, &request.id)) {
            let noun = schema.noun;
            let kept = format!(
                "kept {noun} `{}`: this run wrote it as {other}; when you rename a resource, give it the option `aliases` \
                 with its former name",
                request.id
            );
            self.log.warning(&request.urn, &kept).await;
            return Ok(Response::new(()));
        }
        let deleted = limited(seconds(request.timeout), kind.delete(&cx, &request.id, &inputs)).await;
        deleted.map_err(|e| clean(&self.failed("deleting", schema, &request.urn, &inputs, &cx, e)))?;
        self.catalog.provider.gone(&cx, &request.id);
        Ok(Response::new(()))
    }

    async fn cancel(&self, _: Request<()>) -> Result<Response<()>, Status> {
        // sent at the end of every run, and at once on Ctrl-C, when what runs is to finish: nothing to stop here
        Ok(Response::new(()))
    }

    async fn get_mapping(&self, _: Request<GetMappingRequest>) -> Result<Response<GetMappingResponse>, Status> {
        Ok(Response::new(GetMappingResponse::default()))
    }

    async fn get_mappings(&self, _: Request<GetMappingsRequest>) -> Result<Response<GetMappingsResponse>, Status> {
        Ok(Response::new(GetMappingsResponse::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        provider::schema::{Default, Property, Type},
        value::ToValue,
    };

    fn schema() -> ResourceSchema {
        ResourceSchema {
            token: "t",
            noun: "thing",
            description: "",
            inputs: vec![
                Property { default: Some(Default::Number(30.0)), ..Property::new("days", "", Type::Integer) },
                Property { default: Some(Default::Empty), ..Property::new("tags", "", Type::Map(&Type::String)) },
                Property { computed: true, ..Property::new("tier", "", Type::String) },
                Property { computed: true, told: true, ..Property::new("place", "", Type::String) },
                Property { secret: true, ..Property::new("value", "", Type::String) },
            ],
            outputs: vec![Property::new("arn", "", Type::String)],
        }
    }

    fn map(fields: &[(&str, Value)]) -> Map {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }

    #[tokio::test]
    async fn a_create_of_which_nothing_is_known_is_said_to_be_so() {
        let late = limited(Some(Duration::ZERO), std::future::pending::<Result<(), Error>>()).await.unwrap_err();
        assert_eq!(lost_or_clean(&late).code(), Code::Unknown);
        assert_eq!(lost_or_clean(&late.within("creating it")).code(), Code::Unknown);
        assert_eq!(lost_or_clean(&Error::new("no")).code(), Code::FailedPrecondition);
    }

    #[test]
    fn a_state_tells_what_absent_inputs_mean() {
        let made = |inputs: &[(&str, Value)]| state(&schema(), &map(inputs), map(&[("arn", "a".to_value())]));
        let days = Value::Number(30.0);
        assert_eq!(made(&[]), map(&[("arn", "a".to_value()), ("days", days)]));
        for days in [Value::Number(7.0), Value::Unknown] {
            assert_eq!(made(&[("days", days.clone())])["days"], days);
        }
        assert_eq!(made(&[("value", "v".to_value())])["value"], "v".to_value().secret());
    }

    #[test]
    fn what_aws_does_not_mention_is_gone_if_it_always_tells_it() {
        let olds = |place: &str| map(&[("tier", "Standard".to_value()), ("place", place.to_value())]);
        let live = |place: &str| live_inputs(&schema(), Some(&olds(place)), &Map::new());
        assert_eq!(live("here"), map(&[("tier", "Standard".to_value())]));
        assert_eq!(live(""), map(&[("tier", "Standard".to_value())]), "nothing is nothing");
    }

    #[test]
    fn what_is_secret_stays_so_when_it_is_read() {
        let tags = |v: Value| Value::Object(map(&[("a", v), ("b", "2".to_value())]));
        let read = |old: Value, live: &str| {
            let olds = map(&[("tags", old)]);
            live_inputs(&schema(), Some(&olds), &map(&[("tags", tags(live.to_value()))])).remove("tags")
        };
        let one = tags("1".to_value().secret());
        assert_eq!(read(one.clone(), "1"), Some(one.clone()), "the same");
        assert_eq!(read(one, "x"), Some(tags("x".to_value().secret())), "changed behind our back");
        let whole = tags("1".to_value()).secret();
        assert_eq!(read(whole, "x"), Some(tags("x".to_value()).secret()));
    }

    #[test]
    fn what_aws_makes_of_a_secret_is_secret() {
        let arn = |inputs: &[(&str, Value)]| {
            state(&schema(), &map(inputs), map(&[("arn", "arn:aws:hushed-name".to_value())])).remove("arn")
        };
        let plain = Some("arn:aws:hushed-name".to_value());
        assert_eq!(arn(&[("place", "hushed-name".to_value().secret())]), plain.clone().map(Value::secret));
        assert_eq!(arn(&[("place", "hushed-name".to_value())]), plain);
        assert_eq!(arn(&[("place", "other-name".to_value().secret())]), plain);
        assert_eq!(arn(&[("value", "name".to_value().secret())]), plain, "a type's own secret is no part of a name");
    }

    #[test]
    fn a_failure_quotes_no_secret() {
        let failure = |reason: &str| vec![Failure { property: "place".to_owned(), reason: reason.to_owned() }];
        let said = |place: Value| hushed(failure("`my-place` is none of here, there"), &map(&[("place", place)]));
        assert_eq!(said("my-place".to_value()), failure("`my-place` is none of here, there"));
        assert_eq!(said("my-place".to_value().secret()), failure("`[secret]` is none of here, there"));
    }

    #[test]
    fn an_update_keeps_what_aws_chose_unless_asked_for_another() {
        let olds = map(&[("tier", "Standard".to_value()), ("days", Value::Number(7.0))]);
        let kept = |news: &[(&str, Value)]| chosen(&schema(), &olds, &map(news));
        assert_eq!(kept(&[]), map(&[("tier", "Standard".to_value())]));
        assert_eq!(kept(&[("tier", "Advanced".to_value())]), Map::new());
        assert_eq!(chosen(&schema(), &Map::new(), &Map::new()), Map::new());
    }
}
