//! An executable as a plugin of the engine: how a program or a provider is served until the engine stops it.
//!
//! The engine starts `pulumi-language-<runtime>` for a program and `pulumi-resource-<package>` for each instance of a
//! provider, and reads the port that it serves on from the first line of its standard output. `announce` prints that line:
//! `|port| writeln!(std::io::stdout(), "{port}")`. Everything else that a plugin has to say goes to standard error.

use std::{fmt::Display, io, sync::Arc};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use tonic::transport::Server;

use crate::{
    language::Runtime,
    listen::incoming,
    monitor::MESSAGE_LIMIT,
    proto::language_runtime_server::LanguageRuntimeServer,
    provider::{broker, resource::Provider, server::Catalog},
};

/// Serves a program on a fresh port of 127.0.0.1, until SIGINT or SIGTERM. Fails if there is no port, or if it cannot be
/// announced.
pub async fn serve_program<E: Display + 'static>(
    runtime: Runtime<E>,
    announce: impl FnOnce(u16) -> io::Result<()>,
) -> io::Result<()> {
    let mut signals = Signals::new()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    announce(listener.local_addr()?.port())?;
    let service = LanguageRuntimeServer::new(runtime)
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT);
    let served = Server::builder().serve_with_incoming_shutdown(service, incoming(listener), signals.next());
    served.await.map_err(io::Error::other)
}

/// Serves one instance of a provider on a fresh port of 127.0.0.1, until SIGINT or SIGTERM. Fails if there is no port, or if
/// it cannot be announced.
pub async fn serve_provider<P: Provider>(
    catalog: Arc<Catalog<P>>,
    announce: impl FnOnce(u16) -> io::Result<()>,
) -> io::Result<()> {
    let mut signals = Signals::new()?;
    let (stop, stopped) = oneshot::channel();
    announce(broker::serve(catalog, stopped).await?)?;
    signals.next().await;
    drop(stop);
    Ok(())
}

/// The engine's ways to say that a plugin may go.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
