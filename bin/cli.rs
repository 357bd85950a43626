//! The command line; the doc comments are its help.

use clap::{Args, Parser, Subcommand};

/// An AWS landing zone: deployed by one command, described by a contract, proved by features.
///
/// With no account at hand, `zone up` deploys the environment `local` on an emulator it starts by itself.
#[derive(Debug, Parser)]
#[command(name = "zone", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Folder of the zone: where Pulumi.yaml and config/ are; by default the nearest above this one
    #[arg(long, global = true, env = "ZONE_ROOT", value_name = "DIR")]
    pub(crate) root: Option<std::path::PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the configuration of a new tenant; nothing that exists is changed
    Init(Init),
    /// Deploy the zone, and publish its contract
    Up(Up),
    /// Say what `up` would do
    Preview(Preview),
    /// Bring the state up to what is live, and say what had drifted
    Refresh(Refresh),
    /// Delete the zone
    Destroy(Destroy),
    /// Judge the live zone by the features
    Verify(Verify),
    /// Say what would stop a deployment, and how to fix it
    Doctor(Doctor),
    /// Read the published contract
    #[command(subcommand)]
    Contract(Contract),
    /// Look at the configuration; nothing is started
    #[command(subcommand)]
    Config(Config),
    /// The emulator that stands in for AWS on this machine
    #[command(subcommand)]
    Emulator(Emulator),
    /// The Pulumi engine
    #[command(subcommand)]
    Engine(Engine),
}

/// What is left out is asked for on a terminal, and as the help says without one.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Folder of the new zone; this one if left out
    pub(crate) dir: Option<std::path::PathBuf>,
    /// First word of all names, such as acme
    #[arg(long)]
    pub(crate) prefix: Option<String>,
    /// Id of the AWS organization; a made-up one if left out
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// Region that everything is deployed in; eu-west-1 if left out
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Account of the environment `dev`; to be filled in if left out
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// GitHub repository that may deploy
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repository: Option<String>,
    /// Classes of data, the platform's own first
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) class: Vec<String>,
    /// Purposes of the buckets
    #[arg(long, value_name = "PURPOSE", value_delimiter = ',')]
    pub(crate) bucket: Vec<String>,
    /// Business domains
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) domain: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// What every command on an environment takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct On {
    /// Environment: a file of config/
    #[arg(short, long, default_value = "local", value_name = "ENV")]
    pub(crate) env: String,
    /// Print one JSON object a line, the last a summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Show every resource and property
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Resources worked on at once
    #[arg(long, default_value_t = 32, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) parallel: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    #[command(flatten)]
    pub(crate) on: On,
    /// Only these stacks; refused when what they need is not deployed as configured
    #[arg(long, value_name = "STACK", value_delimiter = ',', num_args = 1..)]
    pub(crate) only: Vec<String>,
    /// Adopt what exists already: its name, its id, or NAME=ID with the resource's name in the plan; `adopt` in the
    /// environment's file says the same
    #[arg(long, value_name = "NAME_OR_ID", value_delimiter = ',', num_args = 1..)]
    pub(crate) adopt: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) on: On,
    /// Only these stacks; refused when what they need is not deployed as configured
    #[arg(long, value_name = "STACK", value_delimiter = ',', num_args = 1..)]
    pub(crate) only: Vec<String>,
    /// Adopt what exists already: its name, its id, or NAME=ID with the resource's name in the plan; `adopt` in the
    /// environment's file says the same
    #[arg(long, value_name = "NAME_OR_ID", value_delimiter = ',', num_args = 1..)]
    pub(crate) adopt: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Refresh {
    #[command(flatten)]
    pub(crate) on: On,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Only say what has drifted; change nothing, the state included
    #[arg(long)]
    pub(crate) preview: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) on: On,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Delete all that this bucket holds, objects under a GOVERNANCE lock too, so that it goes as well; repeatable
    #[arg(long, value_name = "BUCKET")]
    pub(crate) empty: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Environment: a file of config/
    #[arg(short, long, default_value = "local", value_name = "ENV")]
    pub(crate) env: String,
    /// Print one JSON object a scenario, then a summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Judge only scenarios whose requirement or name contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Environment: a file of config/
    #[arg(short, long, default_value = "local", value_name = "ENV")]
    pub(crate) env: String,
    /// Print one JSON object a check, then a summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Enable service control policies in the organization where they are not; nothing else is changed
    #[arg(long)]
    pub(crate) fix: bool,
    /// Do not ask before fixing
    #[arg(short, long, requires = "fix")]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Contract {
    /// Every path the contract promises, with what is published there
    List {
        /// Environment: a file of config/
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Print one JSON object an entry
        #[arg(long)]
        json: bool,
    },
    /// The whole contract, for programs that do not ask SSM
    Export {
        /// Environment: a file of config/
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// One JSON object, or lines that a shell reads
        #[arg(long, default_value = "json", value_enum)]
        format: Format,
    },
    /// Hold what is live against what is promised
    Check {
        /// Environment: a file of config/
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Print one JSON object a finding, then a summary
        #[arg(long)]
        json: bool,
    },
    /// Say whether a change of the contract is a patch, minor or breaking
    Diff {
        /// A version, such as 1, or a file such as crates/contract/published/v1.json
        from: String,
        /// The same; by default the newest version of this build
        to: Option<String>,
        /// Print one JSON object a change, then a summary
        #[arg(long)]
        json: bool,
    },
    /// One value
    Get {
        /// Its name, such as `kms/pii/arn`, or its whole path
        name: String,
        /// Environment: a file of config/
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
    },
}

/// How the contract is written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Format {
    Json,
    Env,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say what is wrong with it, by file, line and key
    Check {
        /// Environment: a file of config/; all of them if none is named
        #[arg(short, long, value_name = "ENV")]
        env: Option<String>,
        /// Print one JSON object an environment, then a summary
        #[arg(long)]
        json: bool,
    },
    /// Print all that counts in an environment, and the names that follow from it, as TOML
    Show {
        /// Environment: a file of config/
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Emulator {
    /// Start it, unless it runs
    Start(EmulatorArgs),
    /// Stop it; what it emulated is gone
    Stop(EmulatorArgs),
    /// Say where it is
    Status(EmulatorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct EmulatorArgs {
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Engine {
    /// Say which engine is used; build it if there is none
    Install,
    /// Print what to export so that plain `pulumi` works on the same state
    Env {
        /// Environment: a file of config/
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
    },
}
