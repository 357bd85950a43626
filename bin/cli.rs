//! The command line; the doc comments are its help.

pub(crate) mod module;

use std::path::PathBuf;

use clap::{
    Args, CommandFactory, FromArgMatches, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
    parser::ValueSource,
};
use deploy::risk::Risk;

/// An AWS landing zone: deployed by one command, described by a contract, verified by features.
///
/// You need no AWS account to try it: `zone up` deploys the environment `local` on an emulator that it starts.
#[derive(Debug, Parser)]
#[command(name = "zone", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Folder of the zone, with Pulumi.yaml and config/; default: the current folder or its nearest parent that is a
    /// zone
    #[arg(long, global = true, env = "ZONE_ROOT", value_name = "DIR")]
    pub(crate) root: Option<std::path::PathBuf>,
}

impl Cli {
    /// Reads the command line; ends the process where it is wrong.
    pub(crate) fn read() -> Self {
        let matches = Self::command().get_matches();
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
        if let (Command::Up(up), Some(given)) = (&mut cli.command, matches.subcommand_matches("up")) {
            up.names_environment = given.value_source("env") == Some(ValueSource::CommandLine);
        }
        cli
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a new tenant's configuration; keep existing files
    Init(Init),
    /// Deploy the zone and publish its contract
    Up(Up),
    /// Preview the changes that `up` would make
    Preview(Preview),
    /// Write the changes that `up` would make to a file, which `up FILE` applies
    Plan(Plan),
    /// Report how live resources differ from the state; change nothing
    Drift(Drift),
    /// Update state from live resources and report drift
    Refresh(Refresh),
    /// Delete the zone
    Destroy(Destroy),
    /// Verify the live zone with the features
    Verify(Verify),
    /// Report what would stop a deployment and how to fix it
    Doctor(Doctor),
    /// Prove what the organization's tag policy does before it is attached
    #[command(subcommand)]
    Guardrail(Guardrail),
    /// Deploy other teams' workloads on the zone: each is a program with a state and a contract of its own
    #[command(subcommand)]
    Module(module::Module),
    /// Show, move, restore or rebuild the environment's Pulumi state
    #[command(subcommand)]
    State(State),
    /// Release an environment that a lost machine still holds
    Unlock(Unlock),
    /// Read the published contract
    #[command(subcommand)]
    Contract(Contract),
    /// Check or show the configuration; nothing is started
    #[command(subcommand)]
    Config(Config),
    /// Manage the emulator that replaces AWS on this machine
    #[command(subcommand)]
    Emulator(Emulator),
    /// Install the Pulumi engine, or print its environment
    #[command(subcommand)]
    Engine(Engine),
}

/// On a terminal, `init` asks for omitted options. Without one, it uses the defaults that the help names.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Folder of the new zone; default: the current folder
    pub(crate) dir: Option<std::path::PathBuf>,
    /// Prefix of all names, such as acme
    #[arg(long)]
    pub(crate) prefix: Option<String>,
    /// Id of the AWS organization; default: a made-up id
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// Region to deploy to; default: eu-west-1
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Account of the environment `dev`; if omitted, fill it in later
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// GitHub repository that may deploy
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repository: Option<String>,
    /// Data classes, the platform's own class first
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) class: Vec<String>,
    /// Purposes of the buckets
    #[arg(long, value_name = "PURPOSE", value_delimiter = ',')]
    pub(crate) bucket: Vec<String>,
    /// Business domains
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) domain: Vec<String>,
    /// Ask no questions; use the defaults
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// Options of every command that works on an environment.
#[derive(Clone, Debug, Args)]
pub(crate) struct On {
    /// Environment name (config/ENV.toml)
    #[arg(short, long, default_value = "local", value_name = "ENV")]
    pub(crate) env: String,
    /// Print JSON lines; the last line is the summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Show every resource and property
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Number of resources to work on at once
    #[arg(long, default_value_t = 32, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) parallel: u32,
}

/// What of the zone is deployed, and what that exists is taken into it.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// Only these stacks; refused unless the stacks that they depend on are up to date
    #[arg(long, value_name = "STACK", value_delimiter = ',', num_args = 1..)]
    pub(crate) only: Vec<String>,
    /// Adopt existing resources: a name, an id, or NAME=ID with the resource's name in the plan; same as `adopt` in the
    /// environment's file
    #[arg(long, value_name = "NAME_OR_ID", value_delimiter = ',', num_args = 1..)]
    pub(crate) adopt: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    #[command(flatten)]
    pub(crate) on: On,
    #[command(flatten)]
    pub(crate) part: Part,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) on: On,
    /// File to write the plan to, as JSON
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// File to write the plan to as Markdown, for a comment on a pull request
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) part: Part,
}

#[derive(Debug, Args)]
pub(crate) struct Drift {
    #[command(flatten)]
    pub(crate) on: On,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Plan of `zone plan` to apply exactly as it is; refused if the configuration, the state or the changes are no longer
    /// those of the plan
    #[arg(value_name = "FILE", conflicts_with_all = ["only", "adopt"])]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) on: On,
    /// Whether -e was given, and not left at its default.
    #[arg(skip)]
    pub(crate) names_environment: bool,
    /// Risks to accept without asking; others are refused. Without a plan and without this option, all are accepted
    #[arg(
        long,
        value_name = "CLASS",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Risk::ALL.map(Risk::word)).try_map(|word| word.parse::<Risk>()),
    )]
    pub(crate) allow: Option<Vec<Risk>>,
    #[command(flatten)]
    pub(crate) part: Part,
    /// Skip confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Refresh {
    #[command(flatten)]
    pub(crate) on: On,
    /// Skip confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Only report drift; change nothing, not even the state
    #[arg(long)]
    pub(crate) preview: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) on: On,
    /// Skip confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Delete these buckets with all their objects, including objects under a GOVERNANCE lock
    #[arg(long, value_name = "BUCKET,..", value_delimiter = ',')]
    pub(crate) empty: Vec<String>,
}

/// What is judged, and what of it is kept.
#[derive(Debug, Args)]
pub(crate) struct Judging {
    /// Environment name (config/ENV.toml)
    #[arg(short, long, default_value = "local", value_name = "ENV")]
    pub(crate) env: String,
    /// Print one JSON object per scenario, then a summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Check only scenarios whose requirement or name contains this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Folder for evidence: a new folder below it gets the reports of this run (JUnit, HTML, SARIF, OSCAL, JSON lines) and a
    /// manifest that continues the chain of earlier runs
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Also run probes, which try forbidden actions with a temporary role and delete what they create; asks first.
    /// On the emulator, probes always run
    #[arg(long, conflicts_with = "read_only")]
    pub(crate) probe: bool,
    /// Run no probes, not even on the emulator
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Skip the confirmation of --probe
    #[arg(short, long, requires = "probe")]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Verify {
    #[command(subcommand)]
    pub(crate) verb: Option<VerifyVerb>,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Change deployed resources on the emulator, one property at a time, and report changes that no row detects; each change is
    /// undone. With --filter, only resource types that contain the text. Exit code 4 if a change was not noticed
    #[arg(long, conflicts_with_all = ["probe", "read_only", "report", "policy"])]
    pub(crate) mutate: bool,
    /// Number of changes that --mutate makes, chosen at random; default: all
    #[arg(long, value_name = "N", requires = "mutate")]
    pub(crate) sample: Option<usize>,
    /// Seed that selects the changes of --sample and the tags of --mutate
    #[arg(long, value_name = "S", requires = "mutate", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Only print the IAM policy that verify needs: `member` and `management` to read these accounts, `probe` for the additional
    /// permissions of --probe
    #[arg(long, value_name = "ACCOUNT", num_args = 0..=1, default_missing_value = "member", conflicts_with_all = ["probe", "read_only", "report", "filter"])]
    pub(crate) policy: Option<Rights>,
}

/// What `verify` needs rights for.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Rights {
    Member,
    Management,
    Probe,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VerifyVerb {
    /// Compare two runs that `verify --report` wrote; exit code 4 if something got worse
    Diff {
        /// Folder of the earlier run
        #[arg(value_name = "RUN")]
        before: PathBuf,
        /// Folder of the later run
        #[arg(value_name = "LATER_RUN")]
        after: PathBuf,
        /// Print one JSON object per changed row, then a summary
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Environment name (config/ENV.toml)
    #[arg(short, long, default_value = "local", value_name = "ENV")]
    pub(crate) env: String,
    /// Print one JSON object per check, then a summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Enable service control policies in the organization if they are disabled; nothing else is changed
    #[arg(long)]
    pub(crate) fix: bool,
    /// Skip the confirmation of --fix
    #[arg(short, long, requires = "fix")]
    pub(crate) yes: bool,
}

/// Where a state can be moved.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Place {
    /// A folder of this machine
    File,
    /// The zone's own bucket
    Bucket,
}

#[derive(Debug, Subcommand)]
pub(crate) enum State {
    /// Show where the state is, what is in it, and who works on it
    Show {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// List the updates whose state can be restored, newest first
    History {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// List the versions of the state that its bucket keeps, instead of the updates
        #[arg(long)]
        versions: bool,
        /// Print one JSON object per update or version
        #[arg(long)]
        json: bool,
    },
    /// Print the state as `pulumi stack import` reads it; secrets stay encrypted
    Export {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Print the state after this update, or this version of it; default: the current state
        #[arg(long, value_name = "ID")]
        version: Option<String>,
    },
    /// Replace the state with an exported one, after showing the difference
    Import {
        /// File with the state; `-` reads standard input
        file: std::path::PathBuf,
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Skip confirmation
        #[arg(short, long)]
        yes: bool,
    },
    /// Go back to the state after an update, or to a version of it, after showing the difference
    Restore {
        /// Update or version to go back to, as `zone state history` and `zone state history --versions` list them
        version: String,
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Skip confirmation
        #[arg(short, long)]
        yes: bool,
    },
    /// Move the state between this machine and the zone's own bucket
    Move {
        /// Where to
        #[arg(long, value_enum)]
        to: Place,
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
    },
    /// Rebuild a lost state from the configuration and the live resources
    Rebuild {
        #[command(flatten)]
        on: On,
        /// Skip confirmation
        #[arg(short, long)]
        yes: bool,
    },
    /// Set aside the journal of an interrupted run that does not fit the state any more
    Discard {
        /// Journal, as `zone state show` names it
        journal: String,
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Skip confirmation
        #[arg(short, long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Guardrail {
    /// Evaluate the policy for every action of the services in use: it denies untagged creates and locks nobody out; works
    /// offline
    Prove {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Write JSON lines to stdout
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Unlock {
    /// Environment name (config/ENV.toml)
    #[arg(short, long, default_value = "local", value_name = "ENV")]
    pub(crate) env: String,
    /// The module that is held, not the zone itself
    #[arg(long, value_name = "NAME")]
    pub(crate) module: Option<String>,
    /// Current holder (USER@HOST), as the error message names it; asked for on a terminal
    #[arg(long, value_name = "USER@HOST")]
    pub(crate) holder: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Contract {
    /// List every path of the contract with its published value
    List {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Print one JSON object per entry
        #[arg(long)]
        json: bool,
    },
    /// Print the whole contract, for programs that do not read SSM
    Export {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Output format: one JSON object, or lines for a shell
        #[arg(long, default_value = "json", value_enum)]
        format: Format,
    },
    /// Compare live parameters with the contract
    Check {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Also list the deployed modules and what they read; of a broken entry, name them
        #[arg(long)]
        consumers: bool,
        /// Print one JSON object per finding, then a summary
        #[arg(long)]
        json: bool,
    },
    /// Report whether a contract change is patch, minor or breaking
    Diff {
        /// Old version, such as 1, or file, such as crates/contract/published/v1.json
        from: String,
        /// New version or file; default: the newest version of this build
        to: Option<String>,
        /// Name the modules deployed on this environment that a breaking change breaks
        #[arg(short, long, value_name = "ENV")]
        env: Option<String>,
        /// Print one JSON object per change, then a summary
        #[arg(long)]
        json: bool,
    },
    /// Print one value
    Get {
        /// Name of the parameter, such as `kms/pii/arn`, or its full path
        name: String,
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
    },
}

/// Output formats of `contract export`.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Format {
    Json,
    Env,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Report configuration errors by file, line and key
    Check {
        /// Environment name (config/ENV.toml); default: all environments
        #[arg(short, long, value_name = "ENV")]
        env: Option<String>,
        /// Print one JSON object per environment, then a summary
        #[arg(long)]
        json: bool,
    },
    /// Print the effective configuration and derived names as TOML
    Show {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Emulator {
    /// Start the emulator, unless it is running
    Start(EmulatorArgs),
    /// Stop the emulator; all emulated resources are lost
    Stop(EmulatorArgs),
    /// Print the emulator's endpoint and accounts
    Status(EmulatorArgs),
    /// Print variables that let AWS clients use the member account of `local`
    Env,
    /// Judge requests by their policies, one JSON object a line, for the emulator
    #[command(hide = true)]
    Decide,
}

#[derive(Debug, Args)]
pub(crate) struct EmulatorArgs {
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Engine {
    /// Print which engine is used; build one if there is none
    Install,
    /// Print variables that let plain `pulumi` use the same state
    Env {
        /// Environment name (config/ENV.toml)
        #[arg(short, long, default_value = "local", value_name = "ENV")]
        env: String,
    },
}
