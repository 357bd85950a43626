//! Connections of the engine to us.

use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;

/// Connections as a server wants them. Without `TCP_NODELAY` every small answer waits 40 ms for the other
/// side's delayed acknowledgement, and the engine asks one question after the other.
pub fn incoming(listener: TcpListener) -> TcpIncoming {
    TcpIncoming::from(listener).with_nodelay(Some(true))
}
