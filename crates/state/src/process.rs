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
