//! What the benchmark is made of.

pub(crate) mod ground;
pub(crate) mod host;
pub(crate) mod keeping;
pub(crate) mod load;
#[path = "../../tests/it/support/message.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
pub(crate) mod message;
pub(crate) mod modules;
pub(crate) mod nothing;
#[path = "../../tests/it/support/proxy.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
pub(crate) mod proxy;
pub(crate) mod replay;
pub(crate) mod start;
pub(crate) mod table;

use std::path::{Path, PathBuf};

/// The Pulumi stack, named as the environment whose configuration it has.
pub(crate) const STACK: &str = "local";

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository")
}

/// Where engine and emulator are installed.
pub(crate) fn tools() -> PathBuf {
    std::env::var_os("ZONE_TOOLS").map_or_else(|| repository().join(".zone/tools"), PathBuf::from)
}
