//! Builds the program of a module with cargo.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use crate::output::Output;

/// Builds a module's program; returns the executable.
pub(super) async fn program(home: &Home, name: &str, output: &Output) -> Result<PathBuf> {
    let manifest = home.modules().join(name).join("Cargo.toml");
    // through a link, cargo would look for the workspace at the wrong place
    let manifest = manifest.canonicalize().map_err(|_| deploy::module::missing(name, "Cargo.toml"))?;
    output.now(&format!("building module {name}"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.args(["build", "--message-format=json-render-diagnostics", "--manifest-path"]).arg(&manifest);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.current_dir(manifest.parent().unwrap_or(Path::new("/"))).kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| {
        Failure::new(Exit::Setup, format!("starting `{}`: {e}", cargo.display()))
            .hint("install Rust, or name an executable that was built elsewhere with --program")
    })?;
    let said = tokio::spawn(words(child.stderr.take()));
    tokio::select! {
        built = built(&mut child, said, name, output) => built,
        stopped = tokio::signal::ctrl_c() => {
            stopped.map_err(|e| Failure::new(Exit::Setup, format!("listening for signals: {e}")))?;
            output.done();
            Err(Failure::new(Exit::Cancelled, format!("building module `{name}` was stopped; nothing was changed"))
                .hint("run it again: cargo goes on from here"))
        }
    }
}

/// Follows cargo to its end; returns the executable.
async fn built(child: &mut Child, said: JoinHandle<String>, name: &str, output: &Output) -> Result<PathBuf> {
    let mut executable = None;
    if let Some(out) = child.stdout.take() {
        let mut lines = BufReader::new(out).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
            if let Some(package) = message.pointer("/target/name").and_then(Value::as_str) {
                output.now(&format!("building module {name}: {package}"));
            }
            // of several programs, the one that is named as the module is
            let is_own = |target: &str| target == name || target == format!("module-{name}");
            let target = message.pointer("/target/name").and_then(Value::as_str);
            if let Some(path) = message.get("executable").and_then(Value::as_str).filter(|_| target.is_some_and(is_own))
            {
                executable = Some(PathBuf::from(path));
            }
        }
    }
    let status = child.wait().await.map_err(|e| Failure::new(Exit::Failed, format!("waiting for cargo: {e}")))?;
    let said = said.await.unwrap_or_default();
    match executable {
        Some(executable) if status.success() => Ok(executable),
        None if status.success() => {
            Err(Failure::new(Exit::Usage, format!("modules/{name} has no program called `{name}` or `module-{name}`"))
                .hint(format!("name the [[bin]] of modules/{name}/Cargo.toml so")))
        }
        _ => {
            output.done();
            let message = format!("building module `{name}`: cargo ended with {status}\n{}", said.trim_end());
            Err(Failure::new(Exit::Failed, message)
                .hint("correct what cargo names and run it again; nothing was changed"))
        }
    }
}

/// What cargo says beside its progress: errors and warnings.
async fn words(err: Option<tokio::process::ChildStderr>) -> String {
    let Some(err) = err else { return String::new() };
    let mut lines = BufReader::new(err).lines();
    let mut kept = Vec::new();
    while let Ok(Some(line)) = lines.next_line().await {
        let progress =
            ["Compiling", "Downloaded", "Downloading", "Blocking", "Updating", "Locking", "Adding", "Finished"];
        if !progress.iter().any(|word| line.trim_start().starts_with(word)) {
            kept.push(line);
        }
    }
    kept.join("\n")
}
