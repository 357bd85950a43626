//! A whole Pulumi project in one executable: a program, and a provider that puts files on this machine's disk.
//!
//! The engine starts it under the name of the plugin that it wants, `pulumi-language-site` or `pulumi-resource-disk`: both
//! are links to this executable, and `Pulumi.yaml` says where they are. It prints its port, and serves until it is told to
//! stop. `crates/pulumi/README.md` says how to set that up; `crates/pulumi/tests/example.rs` does it.

mod program;
mod provider;

use std::{collections::HashMap, error::Error, io::Write, path::Path, sync::Arc};

use pulumi::{language::Runtime, plugin, prelude::Scope, provider::server::Catalog};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let announce = |port: u16| writeln!(std::io::stdout(), "{port}");
    let started_as = std::env::args().next().unwrap_or_default();
    match Path::new(&started_as).file_name().and_then(|name| name.to_str()) {
        Some("pulumi-language-site") => {
            let packages = vec![(provider::PACKAGE, provider::VERSION)];
            let program = Arc::new(|scope: Scope| program::site(&scope));
            let runtime = Runtime { program, packages, moved: HashMap::new() };
            plugin::serve_program(runtime, announce).await?;
        }
        Some("pulumi-resource-disk") => {
            plugin::serve_provider(Arc::new(Catalog::new(provider::Disk::new())), announce).await?;
        }
        _ => return Err("start it as `pulumi-language-site` or `pulumi-resource-disk`: the engine does".into()),
    }
    Ok(())
}
