//! The program of a module: an executable that is named, or one that cargo builds.

use std::{
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use state::{
    Message, Tell,
    error::{Exit, Failure, Result},
    home::Home,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

/// The executable of a module's program: `given`, by its full path, or built with cargo until `stopped` ends.
///
/// # Errors
///
/// What is given is no executable file; or there is no cargo, the module has no manifest or no program of its name, cargo ended
/// with an error, or it was stopped.
pub async fn of(
    home: &Home,
    name: &str,
    given: Option<&Path>,
    tell: Tell<'_>,
    stopped: impl Future<Output = io::Result<()>>,
) -> Result<PathBuf> {
    match given {
        Some(program) => executable(name, program),
        None => build(home, name, tell, stopped).await,
    }
}

/// An executable that somebody else built.
fn executable(name: &str, program: &Path) -> Result<PathBuf> {
    let wrong = |what: &str| {
        let message = format!("the program of module `{name}` is not {what}: `{}`", program.display());
        Err(Failure::new(Exit::Usage, message).hint("leave out --program, and it is built"))
    };
    if !program.is_file() {
        return wrong("there");
    }
    let runs = std::fs::metadata(program).is_ok_and(|about| about.permissions().mode() & 0o111 != 0);
    if !runs {
        return wrong("executable");
    }
    program.canonicalize().map_err(|e| Failure::file("opening", program, e))
}

async fn build(
    home: &Home,
    name: &str,
    tell: Tell<'_>,
    stopped: impl Future<Output = io::Result<()>>,
) -> Result<PathBuf> {
    let manifest = home.modules().join(name).join("Cargo.toml");
    // through a link, cargo would look for the workspace at the wrong place
    let manifest = manifest.canonicalize().map_err(|_| {
        Failure::new(Exit::Usage, format!("module `{name}` has no Cargo.toml"))
            .hint(format!("`zone module new {name}` writes a module; the folder is modules/{name}"))
    })?;
    tell(Message::Now(&format!("building module {name}")));
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
        built = built(&mut child, said, name, tell) => built,
        stopped = stopped => {
            stopped.map_err(|e| Failure::new(Exit::Setup, format!("listening for signals: {e}")))?;
            Err(Failure::new(Exit::Cancelled, format!("building module `{name}` was stopped; nothing was changed"))
                .hint("run it again: cargo goes on from here"))
        }
    }
}

/// Follows cargo to its end; returns the executable.
async fn built(child: &mut Child, said: JoinHandle<String>, name: &str, tell: Tell<'_>) -> Result<PathBuf> {
    let mut executable = None;
    if let Some(out) = child.stdout.take() {
        let mut lines = BufReader::new(out).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
            if let Some(package) = message.pointer("/target/name").and_then(Value::as_str) {
                tell(Message::Now(&format!("building module {name}: {package}")));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_named_is_there_and_executable() {
        let dir = tempfile::tempdir().expect("a folder");
        let program = dir.path().join("program");
        let refused = || executable("audit", &program).expect_err("no program").message;
        assert!(refused().contains("`audit` is not there"), "{}", refused());
        std::fs::write(&program, "").expect("a file");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o644)).expect("permissions");
        assert!(refused().contains("`audit` is not executable"), "{}", refused());
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("permissions");
        assert!(executable("audit", &program).is_ok_and(|found| found.ends_with("program")));
    }
}
