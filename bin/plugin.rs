//! This executable as a plugin of the engine: started as `pulumi-resource-aws` or `pulumi-language-zone`.

use std::{
    collections::{HashMap, HashSet},
    io::Read,
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::Path,
    process::{Command, ExitCode},
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
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use deploy::session::configured;
use state::home::Home;

use crate::output::Output;

/// Creates of a plugin that nobody hosts look first for what an interrupted run may have made, when this is `true`.
const RECOVER: &str = "ZONE_RECOVER";

/// What a plugin that nobody hosts adopts: names and ids as of `zone up --adopt`, with commas between them.
const ADOPT: &str = "ZONE_ADOPT";

/// The provider through the process that drives the engine, where there is one: says its port, and waits for the end.
///
/// Signals end it as they do any program; what it stands for ends with its stream.
pub(crate) fn hosted() -> Option<ExitCode> {
    let socket = std::env::var_os(broker::SOCKET)?;
    let (port, mut stream) = broker::ask(Path::new(&socket)).ok()?;
    Output::new(true).data(&port.to_string());
    // All that is left is to hold the stream. The smallest program there is does it in our place: of this one, each
    // start would keep 4 MB, and there is one for every account.
    if let Ok(stream) = stream.try_clone() {
        let _not_there = Command::new("/bin/cat").stdin(OwnedFd::from(stream)).exec();
    }
    // the host writes nothing: this returns when it is gone, and the instance with it
    stream.read_exact(&mut [0]).ok();
    Some(ExitCode::SUCCESS)
}

/// The access key that `zone engine env` of an emulator gives for the state alone, where that is in the member account: from there
/// no role of the management account can be assumed. Whoever signs in otherwise has another key.
pub(crate) const STATE_KEY: &str = "ZONE_STATE_KEY";

/// How accounts are reached beside their own ways in.
fn ambient() -> Ambient {
    let of_state =
        std::env::var(STATE_KEY).ok().filter(|key| std::env::var("AWS_ACCESS_KEY_ID").is_ok_and(|own| own == *key));
    let endpoint = of_state.and_then(|_| std::env::var("AWS_ENDPOINT_URL").ok());
    endpoint.as_deref().map_or_else(Ambient::default, Ambient::emulated)
}

/// The provider, by itself.
pub(crate) async fn resource() -> ExitCode {
    let output = Output::new(true);
    let catalog = Catalog::new(Aws::new(ambient()));
    if std::env::var(RECOVER).is_ok_and(|v| v == "true") {
        catalog.provider.recovery().begin(HashSet::default(), Vec::new());
    }
    let (stop, stopped) = oneshot::channel();
    if let Ok(choices) = std::env::var(ADOPT) {
        let choices: Vec<_> = choices.split(',').map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned).collect();
        catalog.provider.adoption().begin(&choices);
    }
    match broker::serve(Arc::new(catalog), stopped).await {
        Ok(port) => output.data(&port.to_string()),
        Err(error) => {
            output.note(&format!("serving the provider: {error}"));
            return ExitCode::FAILURE;
        }
    }
    ended().await;
    drop(stop);
    ExitCode::SUCCESS
}

/// The program, for plain `pulumi`.
pub(crate) async fn language() -> ExitCode {
    let output = Output::new(true);
    let home = match Home::find(std::env::var_os("ZONE_ROOT").map(Into::into)) {
        Ok(home) => home,
        Err(failure) => {
            output.failure(&failure);
            return ExitCode::from(failure.exit as u8);
        }
    };
    let runtime =
        Runtime { program: Arc::new(configured(home)), packages: vec![("aws", aws::VERSION)], moved: HashMap::new() };
    let listener = match TcpListener::bind(("127.0.0.1", 0)).await.and_then(|l| Ok((l.local_addr()?.port(), l))) {
        Ok((port, listener)) => {
            output.data(&port.to_string());
            listener
        }
        Err(error) => {
            output.note(&format!("serving the program: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let service = LanguageRuntimeServer::new(runtime).max_decoding_message_size(MESSAGE_LIMIT);
    let server = tonic::transport::Server::builder();
    server.serve_with_incoming_shutdown(service, incoming(listener), ended()).await.ok();
    ExitCode::SUCCESS
}

/// The engine wants us to go.
async fn ended() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
