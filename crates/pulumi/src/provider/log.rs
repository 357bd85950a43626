//! Words to the user from inside a provider: the engine shows them beside the resource.

use std::sync::OnceLock;

use tonic::transport::{Channel, Endpoint};

use crate::proto::{LogRequest, LogSeverity, engine_client::EngineClient};

/// The engine's log; silent until the engine has said where it listens.
#[derive(Debug, Default)]
pub struct EngineLog(OnceLock<Channel>);

impl EngineLog {
    /// Sets the engine's address (`127.0.0.1:port`), once; connects when first used.
    pub fn attach(&self, address: &str) {
        if let Ok(endpoint) = Endpoint::from_shared(format!("http://{address}")) {
            self.0.get_or_init(|| endpoint.connect_lazy());
        }
    }

    /// Shows `message` beside the resource `urn`. A log that cannot be delivered is not worth failing for.
    pub async fn info(&self, urn: &str, message: &str) {
        self.send(LogSeverity::Info, urn, message).await;
    }

    /// As [`info`](Self::info), as a warning.
    pub async fn warning(&self, urn: &str, message: &str) {
        self.send(LogSeverity::Warning, urn, message).await;
    }

    async fn send(&self, severity: LogSeverity, urn: &str, message: &str) {
        let Some(channel) = self.0.get() else { return };
        let request = LogRequest {
            severity: severity as i32,
            message: message.to_owned(),
            urn: urn.to_owned(),
            ..Default::default()
        };
        EngineClient::new(channel.clone()).log(request).await.ok();
    }
}
