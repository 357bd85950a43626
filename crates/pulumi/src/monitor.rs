//! The resource monitor: where a program's registrations go. The engine's over gRPC, or a mock in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use tonic::{Status, transport::Channel};

use crate::{
    proto::{
        ReadResourceRequest, ReadResourceResponse, RegisterResourceOutputsRequest, RegisterResourceRequest,
        RegisterResourceResponse, ResourceInvokeRequest, ResourceInvokeResponse,
        resource_monitor_client::ResourceMonitorClient,
    },
    urn,
    value::{Map, map_from_wire, map_into_wire},
};

/// A policy document or a long parameter list passes tonic's 4 MiB easily; the engine's own limit is 400 MiB.
pub const MESSAGE_LIMIT: usize = 400 * 1024 * 1024;

/// Answers a program.
#[async_trait]
pub trait Monitor: Send + Sync {
    /// Registers one resource; returns when the engine has dealt with it.
    async fn register(&self, request: RegisterResourceRequest) -> Result<RegisterResourceResponse, Status>;
    /// Reads a resource that exists, which the program does not manage.
    async fn read(&self, request: ReadResourceRequest) -> Result<ReadResourceResponse, Status>;
    /// Sets the outputs of a component or of the stack.
    async fn outputs(&self, request: RegisterResourceOutputsRequest) -> Result<(), Status>;
    /// Calls a function of a provider.
    async fn invoke(&self, request: ResourceInvokeRequest) -> Result<ResourceInvokeResponse, Status>;
    /// Says that nothing more will be registered, and waits for all steps to end.
    async fn finished(&self) -> Result<(), Status>;
}

/// The engine's monitor.
pub struct EngineMonitor(ResourceMonitorClient<Channel>);

impl EngineMonitor {
    /// Connects to `address` (`127.0.0.1:port`, plain HTTP/2).
    pub async fn connect(address: &str) -> Result<Self, tonic::transport::Error> {
        let channel = Channel::from_shared(format!("http://{address}"))
            .map_err(|_| unreachable_address())
            .unwrap_or_else(|fallback| fallback)
            .tcp_nodelay(true)
            .connect()
            .await?;
        let client = ResourceMonitorClient::new(channel)
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        Ok(Self(client))
    }
}

/// An address that is not one fails on connecting, with the transport's own message.
fn unreachable_address() -> tonic::transport::Endpoint {
    Channel::from_static("http://invalid.invalid:0")
}

#[async_trait]
impl Monitor for EngineMonitor {
    async fn register(&self, request: RegisterResourceRequest) -> Result<RegisterResourceResponse, Status> {
        Ok(self.0.clone().register_resource(request).await?.into_inner())
    }
    async fn read(&self, request: ReadResourceRequest) -> Result<ReadResourceResponse, Status> {
        Ok(self.0.clone().read_resource(request).await?.into_inner())
    }
    async fn outputs(&self, request: RegisterResourceOutputsRequest) -> Result<(), Status> {
        self.0.clone().register_resource_outputs(request).await.map(drop)
    }
    async fn invoke(&self, request: ResourceInvokeRequest) -> Result<ResourceInvokeResponse, Status> {
        Ok(self.0.clone().invoke(request).await?.into_inner())
    }
    async fn finished(&self) -> Result<(), Status> {
        match self.0.clone().signal_and_wait_for_shutdown(()).await {
            // an engine before v3.115 does not know the call, and needs none
            Err(status) if status.code() == tonic::Code::Unimplemented => Ok(()),
            other => other.map(drop),
        }
    }
}

/// Makes up the outputs that a provider would add, from type, logical name and inputs.
pub type MockOutputs = dyn Fn(&str, &str, &Map) -> Map + Send + Sync;

/// Makes up what is read, from type, id and what the program says of it; an error is what the engine would answer.
pub type MockRead = dyn Fn(&str, &str, &Map) -> Result<Map, Status> + Send + Sync;

/// Makes up the answer of a provider's function, from its token and arguments.
pub type MockInvoke = dyn Fn(&str, &Map) -> Map + Send + Sync;

/// Keeps every registration and answers as an engine whose providers never fail: for tests, pictures and estimates.
pub struct MockMonitor {
    outputs: Box<MockOutputs>,
    invoke: Box<MockInvoke>,
    read: Box<MockRead>,
    seen: Mutex<Vec<RegisterResourceRequest>>,
    looked_up: Mutex<Vec<ReadResourceRequest>>,
    exported: Mutex<BTreeMap<String, Map>>,
}

impl MockMonitor {
    /// A monitor whose custom resources get these outputs beside their inputs, and whose invokes answer so.
    pub fn new(
        outputs: impl Fn(&str, &str, &Map) -> Map + Send + Sync + 'static,
        invoke: impl Fn(&str, &Map) -> Map + Send + Sync + 'static,
    ) -> Self {
        Self {
            outputs: Box::new(outputs),
            invoke: Box::new(invoke),
            read: Box::new(|kind, id, _| Err(Status::not_found(format!("{kind} `{id}` does not exist")))),
            seen: Mutex::default(),
            looked_up: Mutex::default(),
            exported: Mutex::default(),
        }
    }

    /// The same monitor, which answers reads so. Without it nothing that a program reads exists.
    #[must_use]
    pub fn reading(mut self, read: impl Fn(&str, &str, &Map) -> Result<Map, Status> + Send + Sync + 'static) -> Self {
        self.read = Box::new(read);
        self
    }

    /// All reads so far, ordered by type and name.
    pub fn reads(&self) -> Vec<ReadResourceRequest> {
        let mut reads = self.looked_up.lock().unwrap_or_else(PoisonError::into_inner).clone();
        reads.sort_by(|a, b| (&a.r#type, &a.name).cmp(&(&b.r#type, &b.name)));
        reads
    }

    /// All registrations so far, ordered by URN, so that two runs compare.
    pub fn registrations(&self) -> Vec<RegisterResourceRequest> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        seen.sort_by_key(|r| urn::child(&r.parent, "mock", "mock", &r.r#type, &r.name));
        seen
    }

    /// The outputs set on components and on the stack, by URN.
    pub fn exported(&self) -> BTreeMap<String, Map> {
        self.exported.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Monitor for MockMonitor {
    async fn register(&self, request: RegisterResourceRequest) -> Result<RegisterResourceResponse, Status> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let mut object = map_from_wire(request.object.clone());
        let mut id = String::new();
        if request.custom {
            object.extend((self.outputs)(&request.r#type, &request.name, &object));
            id = format!("{}-id", request.name);
        }
        let urn = urn::child(&request.parent, "mock", "mock", &request.r#type, &request.name);
        Ok(RegisterResourceResponse { urn, id, object: Some(map_into_wire(object)), ..Default::default() })
    }
    async fn read(&self, request: ReadResourceRequest) -> Result<ReadResourceResponse, Status> {
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let found = (self.read)(&request.r#type, &request.id, &map_from_wire(request.properties))?;
        let urn = urn::child(&request.parent, "mock", "mock", &request.r#type, &request.name);
        Ok(ReadResourceResponse { urn, properties: Some(map_into_wire(found)) })
    }
    async fn outputs(&self, request: RegisterResourceOutputsRequest) -> Result<(), Status> {
        let outputs = map_from_wire(request.outputs);
        self.exported.lock().unwrap_or_else(PoisonError::into_inner).insert(request.urn, outputs);
        Ok(())
    }
    async fn invoke(&self, request: ResourceInvokeRequest) -> Result<ResourceInvokeResponse, Status> {
        let answer = (self.invoke)(&request.tok, &map_from_wire(request.args));
        Ok(ResourceInvokeResponse { r#return: Some(map_into_wire(answer)), ..Default::default() })
    }
    async fn finished(&self) -> Result<(), Status> {
        Ok(())
    }
}
