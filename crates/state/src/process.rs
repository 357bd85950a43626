//! Processes of the engine on this machine, told by what they were started as.

use std::path::Path;

use crate::lock;

/// Whether that process is an engine: a number may have been given to something else since.
pub fn is_engine(pid: u32) -> bool {
    match std::fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => {
            String::from_utf8_lossy(&line).split('\0').next().is_some_and(|program| program.ends_with("pulumi"))
        }
        Err(_) => !Path::new("/proc/self").exists() && lock::lives(pid),
    }
}

/// Whether that engine works on this stack of this project: the run that started it may have been killed before it could
/// note its number.
pub fn is_engine_of(pid: u32, project: &Path, stack: &str) -> bool {
    let at = |what: &str| format!("/proc/{pid}/{what}");
    let here =
        std::fs::read_link(at("cwd")).is_ok_and(|cwd| std::fs::canonicalize(project).is_ok_and(|own| own == cwd));
    let line = std::fs::read(at("cmdline")).unwrap_or_default();
    here && is_engine(pid) && String::from_utf8_lossy(&line).split('\0').any(|word| word == stack)
}

/// All processes of this machine, where it says so.
pub fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}
