//! This executable as a plugin of the engine: started as `pulumi-resource-aws` or `pulumi-language-zone`.

use std::{io, os::unix::process::parent_id, process::ExitCode, time::Duration};

use deploy::plugin;
use state::home::Home;
use terminal::Output;
use tokio::signal::unix::{SignalKind, signal};

pub(crate) use deploy::plugin::STATE_KEY;

/// The provider through the process that drives the engine, where there is one.
pub(crate) fn hosted() -> Option<ExitCode> {
    plugin::hosted(|port| Output::new(true).data(&port.to_string())).then_some(ExitCode::SUCCESS)
}

/// The provider, by itself.
pub(crate) async fn resource() -> ExitCode {
    let output = Output::new(true);
    let served = plugin::resource(|port| output.data(&port.to_string()), ended()).await;
    exit("provider", served, &output)
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
    let served = plugin::language(home, |port| output.data(&port.to_string()), ended()).await;
    exit("program", served, &output)
}

fn exit(what: &str, served: io::Result<()>, output: &Output) -> ExitCode {
    let Err(error) = served else { return ExitCode::SUCCESS };
    output.note(&format!("serving the {what}: {error}"));
    ExitCode::FAILURE
}

/// The engine wants us to go, or is gone: one that fails or is killed tells nobody.
async fn ended() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return orphaned().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = orphaned() => {}
    }
}

/// Whoever started us is not our parent any more.
async fn orphaned() {
    let (parent, mut often) = (parent_id(), tokio::time::interval(Duration::from_secs(1)));
    while parent_id() == parent {
        often.tick().await;
    }
}
