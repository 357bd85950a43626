//! The command line of `zone module`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Destroy, Judging, On, Refresh};

/// Deploy other teams' workloads on the zone: each is a program with a state and a contract of its own.
#[derive(Debug, Subcommand)]
pub(crate) enum Module {
    /// Write a new module, which deploys on `local` at once
    New(New),
    /// List the modules, and which of them are deployed
    List(List),
    /// Build and deploy a module
    Up(Up),
    /// Preview the changes that `up` would make
    Preview(Preview),
    /// Update a module's state from live resources and report drift
    Refresh(OfRefresh),
    /// Delete a module
    Destroy(OfDestroy),
    /// Verify a deployed module with its features
    Verify(OfVerify),
}

impl Module {
    /// Whether JSON is asked for.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Self::New(_) => false,
            Self::List(list) => list.json,
            Self::Up(up) => up.preview.on.json,
            Self::Preview(preview) => preview.on.json,
            Self::Refresh(args) => args.refresh.on.json,
            Self::Destroy(args) => args.destroy.on.json,
            Self::Verify(args) => args.judging.json,
        }
    }
}

/// Which module, and its program.
#[derive(Clone, Debug, Args)]
pub(crate) struct Of {
    /// Name of the module, its folder below modules/
    pub(crate) name: String,
    /// Executable of the module's program; default: it is built with cargo
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// Name of the module: lower-case letters, digits and hyphens
    pub(crate) name: String,
    /// Folder of the SDK's crates; default: `crates` in the zone's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) sdk: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Environment name (config/ENV.toml)
    #[arg(short, long, default_value = "local", value_name = "ENV")]
    pub(crate) env: String,
    /// Print one JSON object per module
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    #[command(flatten)]
    pub(crate) of: Of,
    #[command(flatten)]
    pub(crate) on: On,
    /// Adopt existing resources: a name, an id, or NAME=ID with the resource's name in the plan
    #[arg(long, value_name = "NAME_OR_ID", value_delimiter = ',', num_args = 1..)]
    pub(crate) adopt: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) preview: Preview,
    /// Create a new state from the module's live resources, if the state is lost
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// Skip confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OfRefresh {
    #[command(flatten)]
    pub(crate) of: Of,
    #[command(flatten)]
    pub(crate) refresh: Refresh,
}

#[derive(Debug, Args)]
pub(crate) struct OfDestroy {
    #[command(flatten)]
    pub(crate) of: Of,
    #[command(flatten)]
    pub(crate) destroy: Destroy,
}

#[derive(Debug, Args)]
pub(crate) struct OfVerify {
    #[command(flatten)]
    pub(crate) of: Of,
    #[command(flatten)]
    pub(crate) judging: Judging,
}
