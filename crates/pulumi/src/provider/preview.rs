//! A program run against a provider alone, without an engine: what its creates would come to. What the state has is taken as
//! the state has it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tonic::{Request, Status};

use super::{
    resource::Provider,
    server::{Catalog, Instance},
};
use crate::{
    monitor::Monitor,
    proto::{
        CheckRequest, ConfigureRequest, CreateRequest, InvokeRequest, ReadRequest, ReadResourceRequest,
        ReadResourceResponse, RegisterResourceOutputsRequest, RegisterResourceRequest, RegisterResourceResponse,
        ResourceInvokeRequest, ResourceInvokeResponse, resource_provider_server::ResourceProvider,
    },
    urn,
    value::{Map, map_from_wire, map_into_wire},
};

/// What the engine calls the id of a provider instance that a preview makes.
const ID: &str = "unknown";

/// Answers a program as an engine does in a preview, one provider being all there is. Of a create or a call of a function that
/// the provider refuses nothing is known: the program goes on, so that all that is refused is seen.
pub struct Preview<P: Provider> {
    stack: String,
    project: String,
    catalog: Arc<Catalog<P>>,
    /// The instance of each provider, and the one that a component gives to what is in it, by URN.
    instances: Mutex<HashMap<String, Arc<Instance<P>>>>,
    /// Id and outputs of what the state has, by URN.
    state: HashMap<String, (String, Map)>,
    refused: Mutex<Vec<Refused>>,
}

/// A resource that the provider would not make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its URN.
    pub urn: String,
    /// Why, in the provider's words.
    pub why: String,
}

impl<P: Provider> Preview<P> {
    /// For a program that is run as this project and stack, whose state has nothing.
    pub fn new(project: &str, stack: &str, catalog: Arc<Catalog<P>>) -> Self {
        let (stack, project) = (stack.to_owned(), project.to_owned());
        Self { stack, project, catalog, instances: Mutex::default(), state: HashMap::new(), refused: Mutex::default() }
    }

    /// What the provider refused so far, ordered by URN.
    pub fn refused(&self) -> Vec<Refused> {
        let mut all = self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.sort_by(|a, b| a.urn.cmp(&b.urn));
        all
    }

    /// The same, whose state has these: their ids and outputs by URN.
    #[must_use]
    pub fn with_state(self, state: HashMap<String, (String, Map)>) -> Self {
        Self { state, ..self }
    }

    fn instances(&self) -> MutexGuard<'_, HashMap<String, Arc<Instance<P>>>> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The instance that a registration names, or else its parent has; else the default one, which has no arguments.
    async fn instance(&self, reference: &str, parent: &str) -> Result<Arc<Instance<P>>, Status> {
        match self.known(reference, parent) {
            Some(instance) => Ok(instance),
            None => self.configure(None).await,
        }
    }

    fn known(&self, reference: &str, parent: &str) -> Option<Arc<Instance<P>>> {
        // a reference is `URN::ID`
        let named = reference.rsplit_once("::").map_or(reference, |(urn, _)| urn);
        let instances = self.instances();
        instances.get(named).or_else(|| instances.get(parent)).cloned()
    }

    async fn configure(&self, args: Option<prost_types::Struct>) -> Result<Arc<Instance<P>>, Status> {
        let instance = Instance::new(self.catalog.clone());
        instance.configure(Request::new(ConfigureRequest { args, ..ConfigureRequest::default() })).await?;
        Ok(Arc::new(instance))
    }

    /// What a create would come to; an error where the provider refuses it.
    async fn create(
        instance: &Instance<P>,
        urn: &str,
        request: &RegisterResourceRequest,
    ) -> Result<RegisterResourceResponse, Status> {
        let (urn, news) = (urn.to_owned(), request.object.clone());
        let check = CheckRequest { urn: urn.clone(), news, ..CheckRequest::default() };
        let checked = instance.check(Request::new(check)).await?.into_inner();
        if !checked.failures.is_empty() {
            let failures = checked.failures.iter().map(|failure| format!("{}: {}", failure.property, failure.reason));
            return Err(Status::invalid_argument(failures.collect::<Vec<_>>().join("; ")));
        }
        let create = CreateRequest { urn, properties: checked.inputs, preview: true, ..CreateRequest::default() };
        let created = instance.create(Request::new(create)).await?.into_inner();
        Ok(RegisterResourceResponse { id: created.id, object: created.properties, ..Default::default() })
    }
}

#[async_trait]
impl<P: Provider> Monitor for Preview<P> {
    async fn register(&self, request: RegisterResourceRequest) -> Result<RegisterResourceResponse, Status> {
        let urn = urn::child(&request.parent, &self.stack, &self.project, &request.r#type, &request.name);
        let package = self.catalog.provider.name();
        if request.r#type.strip_prefix("pulumi:providers:").is_some_and(|name| name == package) {
            let instance = self.configure(request.object.clone()).await?;
            self.instances().insert(urn.clone(), instance);
            let (id, object) = (ID.to_owned(), request.object);
            return Ok(RegisterResourceResponse { urn, id, object, ..Default::default() });
        }
        let of_children = request.providers.get(package).unwrap_or(&request.provider);
        if let Some(instance) = self.known(of_children, &request.parent) {
            self.instances().insert(urn.clone(), instance);
        }
        if !request.custom {
            return Ok(RegisterResourceResponse { urn, object: request.object, ..Default::default() });
        }
        if let Some((id, outputs)) = self.state.get(&urn) {
            let object = outputs.clone().into_iter().chain(map_from_wire(request.object)).collect();
            let (id, object) = (id.clone(), Some(map_into_wire(object)));
            return Ok(RegisterResourceResponse { urn, id, object, ..Default::default() });
        }
        let instance = self.instance(&request.provider, &urn).await?;
        let answer = Self::create(&instance, &urn, &request).await.unwrap_or_else(|status| {
            let refused = Refused { urn: urn.clone(), why: status.message().to_owned() };
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).push(refused);
            RegisterResourceResponse { unknown: true, ..Default::default() }
        });
        Ok(RegisterResourceResponse { urn, ..answer })
    }

    async fn read(&self, request: ReadResourceRequest) -> Result<ReadResourceResponse, Status> {
        let urn = urn::child(&request.parent, &self.stack, &self.project, &request.r#type, &request.name);
        let instance = self.instance(&request.provider, &request.parent).await?;
        let of_it =
            ReadRequest { id: request.id, urn: urn.clone(), properties: request.properties, ..ReadRequest::default() };
        let read = instance.read(Request::new(of_it)).await?.into_inner();
        Ok(ReadResourceResponse { urn, properties: read.properties })
    }

    async fn outputs(&self, _: RegisterResourceOutputsRequest) -> Result<(), Status> {
        Ok(())
    }

    async fn invoke(&self, request: ResourceInvokeRequest) -> Result<ResourceInvokeResponse, Status> {
        let instance = self.instance(&request.provider, "").await?;
        let call = InvokeRequest { tok: request.tok, args: request.args, ..InvokeRequest::default() };
        let Ok(answer) = instance.invoke(Request::new(call)).await else {
            return Ok(ResourceInvokeResponse { unknown: true, ..ResourceInvokeResponse::default() });
        };
        let answer = answer.into_inner();
        Ok(ResourceInvokeResponse {
            r#return: answer.r#return,
            failures: answer.failures,
            ..ResourceInvokeResponse::default()
        })
    }

    async fn finished(&self) -> Result<(), Status> {
        Ok(())
    }
}
