//! `zone`: the one executable: command line, program host and provider host, told apart by the name it is started under.
//!
//! Parses, calls, renders. Start reading at `commands/up.rs`; a deployment itself is the crate `deploy`.

mod cli;
mod commands;
mod home;
mod plugin;

use std::{path::Path, process::ExitCode};

use cli::{Cli, Command, Config, Contract, Emulator, Guardrail, State, Verify, VerifyVerb};
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};
use terminal::Output;

/// Exit code of a bug of ours; the others are those of [`Exit`].
const BUG: u8 = 70;

/// The name under which the engine starts the provider.
const PROVIDER: &str = "pulumi-resource-aws";

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| terminal::bug(&panic.to_string())));
    let name = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&name).file_name().and_then(|n| n.to_str()).unwrap_or("zone").to_owned();
    if name == PROVIDER
        && let Some(code) = plugin::hosted()
    {
        return code;
    }
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.worker_threads(workers()).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::bug(&format!("starting the runtime: {error}"));
            return ExitCode::from(BUG);
        }
    };
    let work = || match name.as_str() {
        PROVIDER => runtime.block_on(plugin::resource()),
        "pulumi-language-zone" => runtime.block_on(plugin::language()),
        _ => runtime.block_on(command(Cli::read())),
    };
    // the panic hook has said it; nothing is left to do but to end with the right code
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or(ExitCode::from(BUG))
}

/// Two are enough: the work is waiting.
fn workers() -> usize {
    2
}

async fn command(cli: Cli) -> ExitCode {
    let json = match &cli.command {
        Command::Up(c) => c.on.json,
        Command::Preview(preview) => preview.on.json,
        Command::Plan(c) => c.on.json,
        Command::Drift(c) => c.on.json,
        Command::Refresh(c) => c.on.json,
        Command::Destroy(c) => c.on.json,
        Command::Verify(c) => match c.verb {
            Some(VerifyVerb::Diff { json, .. }) => json,
            None => c.judging.json,
        },
        Command::Doctor(c) => c.json,
        Command::Config(Config::Check { json, .. } | Config::Show { json, .. })
        | Command::Contract(Contract::List { json, .. } | Contract::Check { json, .. } | Contract::Diff { json, .. })
        | Command::State(State::Show { json, .. } | State::History { json, .. })
        | Command::Guardrail(Guardrail::Prove { json, .. }) => *json,
        Command::State(State::Rebuild { on, .. }) => on.json,
        Command::Module(verb) => verb.is_json(),
        Command::Contract(Contract::Get { .. } | Contract::Export { .. })
        | Command::Emulator(_)
        | Command::Engine(_)
        | Command::State(_)
        | Command::Unlock(_)
        | Command::Init(_) => false,
    };
    let output = Output::new(json);
    let ran = run(cli, &output).await.and_then(|()| match output.unwritten() {
        None => Ok(()),
        Some(cause) => Err(Failure::new(Exit::Failed, cause).hint("make room there, or write it elsewhere")),
    });
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit as u8)
        }
    }
}

async fn run(cli: Cli, output: &Output) -> Result<()> {
    if let Command::Init(init) = &cli.command {
        return commands::init::run(cli.root, init, output);
    }
    if let Command::Verify(Verify { verb: Some(verb), .. }) = &cli.command {
        // two folders are compared, wherever they are
        return commands::verify::compare(verb, output);
    }
    if let Command::Emulator(Emulator::Decide) = &cli.command {
        return commands::decide::run(output);
    }
    let home = Home::find(cli.root)?;
    match cli.command {
        Command::Init(_) => Ok(()),
        Command::Up(up) => commands::up::run(home, up, output).await,
        Command::Preview(preview) => commands::preview::run(home, preview, output).await,
        Command::Plan(plan) => commands::plan::run(home, plan, output).await,
        Command::Drift(drift) => commands::drift::run(home, drift, output).await,
        Command::Refresh(refresh) => commands::refresh::run(home, refresh, output).await,
        Command::Destroy(destroy) => commands::destroy::run(home, destroy, output).await,
        Command::Verify(verify) => commands::verify::run(home, verify, output).await,
        Command::Doctor(doctor) => commands::doctor::run(home, doctor, output).await,
        Command::Guardrail(verb) => commands::guardrail::run(&home, verb, output),
        Command::Module(verb) => commands::module::run(home, verb, output).await,
        Command::State(verb) => commands::state::run(home, verb, output).await,
        Command::Unlock(unlock) => commands::unlock::run(home, unlock, output).await,
        Command::Contract(verb) => commands::contract::run(home, verb, output).await,
        Command::Config(verb) => commands::config::run(&home, verb, output),
        Command::Emulator(verb) => commands::emulator::run(home, verb, output).await,
        Command::Engine(verb) => commands::engine::run(home, verb, output).await,
    }
}
