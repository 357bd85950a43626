//! The module's executable: it serves the program to the engine.

use std::{
    cell::Cell,
    collections::HashMap,
    fmt::Display,
    io::Write,
    panic::AssertUnwindSafe,
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use pulumi::{language::Runtime, output::Input, plugin, program::Scope};

use crate::{Error, TARGET, Target, Zone, zone::read_target};

/// Exit code of an executable that was not started by the engine.
const USAGE: u8 = 2;

/// Serves a program until the engine stops it. This is all that a module's `main` does.
///
/// The engine starts the executable as `pulumi-language-NAME`, with the [`Target`] in its environment. Started by a person, it
/// prints the command that deploys it.
pub fn serve<E: Display + 'static>(
    program: impl Fn(&Zone) -> Result<Vec<(String, Input)>, E> + Send + Sync + 'static,
) -> ExitCode {
    let started_as = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&started_as).file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    if !name.starts_with("pulumi-language-") {
        complain(&format!("this is the program of a module\nhint: `zone module up {name}` deploys it"));
        return ExitCode::from(USAGE);
    }
    end_with_the_engine();
    note_panics();
    let served = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(plugin::serve_program(language(program), announce)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("serving the program: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn language<E: Display + 'static>(
    program: impl Fn(&Zone) -> Result<Vec<(String, Input)>, E> + Send + Sync + 'static,
) -> Runtime<String> {
    let run = move |scope: Scope| -> Result<Vec<(String, Input)>, String> {
        let target = read_target(std::env::var(TARGET).ok().as_deref()).map_err(|e: Error| e.to_string())?;
        run(&scope, target, &program)
    };
    Runtime { program: Arc::new(run), packages: vec![("aws", aws::VERSION)], moved: HashMap::new() }
}

/// Runs a program in a zone; the marker is registered with what it read.
pub(crate) fn run<E: Display>(
    scope: &Scope,
    target: Target,
    program: &impl Fn(&Zone) -> Result<Vec<(String, Input)>, E>,
) -> Result<Vec<(String, Input)>, String> {
    let zone = Zone::of(scope, target);
    RUNS.set(true);
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| program(&zone)));
    RUNS.set(false);
    let outputs = ended.map_err(|_| panicked())?.map_err(|e| e.to_string())?;
    zone.close();
    Ok(outputs)
}

/// What the last panic said, and where.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

thread_local! {
    /// Whether the program itself runs on this thread, and not a closure of one of its outputs.
    static RUNS: Cell<bool> = const { Cell::new(false) };
}

/// Keeps what a panic of the program says for the message that the engine shows. With `RUST_BACKTRACE`, the standard error has
/// it, too.
fn note_panics() {
    let usual = std::panic::take_hook();
    let wants_more = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    std::panic::set_hook(Box::new(move |info| {
        if !RUNS.get() {
            return usual(info);
        }
        let said = info.payload_as_str().unwrap_or("it does not say why");
        let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(format!("the program panicked{}: {said}", place.unwrap_or_default()));
        if wants_more {
            usual(info);
        }
    }));
}

fn panicked() -> String {
    let said = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
    let said = said.unwrap_or_else(|| "the program panicked".to_owned());
    format!(
        "{said}\nhint: return an error instead: it is shown as it is; with RUST_BACKTRACE=1, the backtrace is shown"
    )
}

/// Ends the process when the engine is gone that started it: one that is killed cannot say so.
fn end_with_the_engine() {
    let engine = std::os::unix::process::parent_id();
    std::thread::spawn(move || {
        while std::os::unix::process::parent_id() == engine {
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
        #[expect(clippy::exit, reason = "nobody is left to serve")]
        std::process::exit(0);
    });
}

/// The first line of the standard output is the port.
fn announce(port: u16) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{port}")
}

/// The standard error is for people; where it is closed, nobody is left to tell.
fn complain(message: &str) {
    writeln!(std::io::stderr(), "error: {message}").ok();
}
