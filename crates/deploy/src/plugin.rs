//! `zone` as a plugin of the engine: the provider, and the program for plain `pulumi`.
//!
//! Each is served on a fresh port of 127.0.0.1. The engine reads the port from the standard output of the plugin, so `listening`
//! prints it.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Read},
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::Path,
    process::Command,
    sync::Arc,
};

use aws::{clients::Ambient, provider::Aws};
use pulumi::{
    language::Runtime,
    listen::incoming,
    monitor::MESSAGE_LIMIT,
    proto::language_runtime_server::LanguageRuntimeServer,
    provider::{broker, server::Catalog},
};
use state::home::Home;
use tokio::{net::TcpListener, sync::oneshot};

use crate::session::configured;

/// Creates of a plugin that nobody hosts look first for what an interrupted run may have made, when this is `true`.
const RECOVER: &str = "ZONE_RECOVER";

/// What a plugin that nobody hosts adopts: names and ids as of `zone up --adopt`, with commas between them.
const ADOPT: &str = "ZONE_ADOPT";

/// The access key that `zone engine env` of an emulator gives for the state alone, where that is in the member account: from there
/// no role of the management account can be assumed. Whoever signs in otherwise has another key.
pub const STATE_KEY: &str = "ZONE_STATE_KEY";

/// The provider through the process that drives the engine: tells its port, and waits until that process is gone. False if there
/// is no such process; then [`resource`] serves it.
///
/// Where there is `/bin/cat`, it takes the place of this process, and this does not return. Signals end both as they end any
/// program; the instance of the provider ends with the stream.
pub fn hosted(listening: impl FnOnce(u16)) -> bool {
    let Some(socket) = std::env::var_os(broker::SOCKET) else { return false };
    let Ok((port, mut stream)) = broker::ask(Path::new(&socket)) else { return false };
    listening(port);
    // All that is left is to hold the stream. The smallest program there is does it in our place: of this one, each
    // start would keep 4 MB, and there is one for every account.
    if let Ok(stream) = stream.try_clone() {
        let _not_there = Command::new("/bin/cat").stdin(OwnedFd::from(stream)).exec();
    }
    // the host writes nothing: this returns when it is gone, and the instance with it
    stream.read_exact(&mut [0]).ok();
    true
}

/// How accounts are reached beside their own ways in.
fn ambient() -> Ambient {
    let of_state =
        std::env::var(STATE_KEY).ok().filter(|key| std::env::var("AWS_ACCESS_KEY_ID").is_ok_and(|own| own == *key));
    let endpoint = of_state.and_then(|_| std::env::var("AWS_ENDPOINT_URL").ok());
    endpoint.as_deref().map_or_else(Ambient::default, Ambient::emulated)
}

/// The provider by itself, until `ended`; `ZONE_RECOVER` and `ZONE_ADOPT` say what its creates look for.
///
/// # Errors
///
/// There is no port to listen on.
pub async fn resource(listening: impl FnOnce(u16), ended: impl Future<Output = ()>) -> io::Result<()> {
    let catalog = Catalog::new(Aws::new(ambient()));
    if std::env::var(RECOVER).is_ok_and(|v| v == "true") {
        catalog.provider.recovery().begin(HashSet::default(), Vec::new());
    }
    if let Ok(choices) = std::env::var(ADOPT) {
        let choices: Vec<_> = choices.split(',').map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned).collect();
        catalog.provider.adoption().begin(&choices);
    }
    let (stop, stopped) = oneshot::channel();
    listening(broker::serve(Arc::new(catalog), stopped).await?);
    ended.await;
    drop(stop);
    Ok(())
}

/// The program of the zone in `home`, for plain `pulumi`, until `ended`.
///
/// # Errors
///
/// There is no port to listen on.
pub async fn language(home: Home, listening: impl FnOnce(u16), ended: impl Future<Output = ()>) -> io::Result<()> {
    let runtime =
        Runtime { program: Arc::new(configured(home)), packages: vec![("aws", aws::VERSION)], moved: HashMap::new() };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    listening(listener.local_addr()?.port());
    let service = LanguageRuntimeServer::new(runtime).max_decoding_message_size(MESSAGE_LIMIT);
    let server = tonic::transport::Server::builder();
    server.serve_with_incoming_shutdown(service, incoming(listener), ended).await.ok();
    Ok(())
}
