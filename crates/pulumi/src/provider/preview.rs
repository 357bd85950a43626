//! A program run against a provider alone, without an engine: what its creates would come to where the state is empty.

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
};

/// What the engine calls the id of a provider instance that a preview makes.
const ID: &str = "unknown";

/// Answers a program as an engine does in a preview, one provider being all there is. A create that the provider refuses
/// is like one whose outputs are not known yet: the program goes on, and all refusals of a run are seen.
pub struct Preview<P: Provider> {
    stack: String,
    project: String,
    catalog: Arc<Catalog<P>>,
    /// The instance of each provider, and the one that a component gives to what is in it, by URN.
    instances: Mutex<HashMap<String, Arc<Instance<P>>>>,
}

impl<P: Provider> Preview<P> {
    /// For a program that is run as this project and stack.
    pub fn new(project: &str, stack: &str, catalog: Arc<Catalog<P>>) -> Self {
        Self { stack: stack.to_owned(), project: project.to_owned(), catalog, instances: Mutex::default() }
    }

    fn instances(&self) -> MutexGuard<'_, HashMap<String, Arc<Instance<P>>>> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The instance that a registration names, or else its parent has; else the default one, which has no arguments.
    async fn instance(&self, reference: &str, parent: &str) -> Result<Arc<Instance<P>>, Status> {
        // a reference is `URN::ID`
        let named = reference.rsplit_once("::").map_or(reference, |(urn, _)| urn);
        let known = {
            let instances = self.instances();
            instances.get(named).or_else(|| instances.get(parent)).cloned()
        };
        match known {
            Some(instance) => Ok(instance),
            None => self.configure(None).await,
        }
    }

    async fn configure(&self, args: Option<prost_types::Struct>) -> Result<Arc<Instance<P>>, Status> {
        let instance = Instance::new(self.catalog.clone());
        instance.configure(Request::new(ConfigureRequest { args, ..ConfigureRequest::default() })).await?;
        Ok(Arc::new(instance))
    }

    /// What a create would come to; `None` where the provider refuses it.
    async fn create(
        instance: &Instance<P>,
        urn: &str,
        request: &RegisterResourceRequest,
    ) -> Option<RegisterResourceResponse> {
        let (urn, news) = (urn.to_owned(), request.object.clone());
        let check = CheckRequest { urn: urn.clone(), news, ..CheckRequest::default() };
        let checked = instance.check(Request::new(check)).await.ok()?.into_inner();
        if !checked.failures.is_empty() {
            return None;
        }
        let create = CreateRequest { urn, properties: checked.inputs, preview: true, ..CreateRequest::default() };
        let created = instance.create(Request::new(create)).await.ok()?.into_inner();
        Some(RegisterResourceResponse { id: created.id, object: created.properties, ..Default::default() })
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
        let instance = self.instance(of_children, &request.parent).await?;
        self.instances().insert(urn.clone(), instance);
        if !request.custom {
            return Ok(RegisterResourceResponse { urn, object: request.object, ..Default::default() });
        }
        let instance = self.instance(&request.provider, &urn).await?;
        let created = Self::create(&instance, &urn, &request).await;
        let answer = created.unwrap_or_else(|| RegisterResourceResponse { unknown: true, ..Default::default() });
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
        let answer = instance.invoke(Request::new(call)).await?.into_inner();
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
