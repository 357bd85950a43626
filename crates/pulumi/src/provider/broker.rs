//! Many provider instances in one process. The engine starts `pulumi-resource-aws` once per provider resource
//! and phase; that small start asks the process that drives the engine for a fresh port over a Unix socket,
//! prints it, and lives as long as the engine wants. So clients, credentials and limits are shared, and
//! instances cannot be mixed up: each has a port of its own. With nobody to ask, it serves by itself.

use std::{
    io::{self, BufRead},
    os::unix::net::UnixStream as Blocking,
    path::Path,
    sync::Arc,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UnixListener, UnixStream},
    sync::oneshot,
};
use tonic::transport::Server;

use super::{
    resource::Provider,
    server::{Catalog, Instance},
};
use crate::{listen::incoming, monitor::MESSAGE_LIMIT, proto::resource_provider_server::ResourceProviderServer};

/// The environment variable that tells a started plugin whom to ask.
pub const SOCKET: &str = "ZONE_PROVIDER_SOCKET";

/// Serves one instance on a fresh port of 127.0.0.1 until `stop` ends; returns the port.
pub async fn serve<P: Provider>(catalog: Arc<Catalog<P>>, stop: oneshot::Receiver<()>) -> io::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let service = ResourceProviderServer::new(Instance::new(catalog))
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT);
    let stopped = async {
        stop.await.ok();
    };
    let server = Server::builder().serve_with_incoming_shutdown(service, incoming(listener), stopped);
    tokio::spawn(server);
    Ok(port)
}

/// Answers plugin starts on a Unix socket at `path`, for as long as the returned guard lives.
pub fn listen<P: Provider>(path: &Path, catalog: Arc<Catalog<P>>) -> io::Result<Broker> {
    let listener = UnixListener::bind(path)?;
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let catalog = catalog.clone();
            tokio::spawn(async move {
                attend(stream, catalog).await.ok();
            });
        }
    });
    Ok(Broker(task))
}

/// Ends the broker when dropped; instances end with the plugin starts that asked for them.
#[derive(Debug)]
pub struct Broker(tokio::task::JoinHandle<()>);

impl Drop for Broker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn attend<P: Provider>(mut stream: UnixStream, catalog: Arc<Catalog<P>>) -> io::Result<()> {
    let (stop, stopped) = oneshot::channel();
    let port = serve(catalog, stopped).await?;
    stream.write_all(format!("{port}\n").as_bytes()).await?;
    // the other side writes nothing: this returns when it is gone
    let _nothing = stream.read(&mut [0]).await?;
    drop(stop);
    Ok(())
}

/// Asks the host process for a port. The stream has to be kept: the instance lives as long as it.
///
/// Blocking, and without a runtime: the start that asks does nothing else, and there may be fifty of them.
pub fn ask(path: &Path) -> io::Result<(u16, Blocking)> {
    let mut stream = Blocking::connect(path)?;
    let mut line = String::new();
    io::BufReader::new(&mut stream).read_line(&mut line)?;
    let port = line
        .trim()
        .parse()
        .map_err(|_| io::Error::other(format!("the host answered `{}`, not a port", line.trim())))?;
    Ok((port, stream))
}
