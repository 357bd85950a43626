//! Where a zone's things are: its folder, and what the tool keeps in `.zone/` there.

use std::path::{Path, PathBuf};

use crate::{
    error::{Exit, Failure, Result},
    subject::Subject,
};

/// A zone's folder, or that of a module in it: what is kept for each environment is its own, tools and emulator are the
/// zone's.
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
    module: Option<String>,
}

impl Home {
    /// The named folder, or the nearest above the current one that is a zone's.
    pub fn find(named: Option<PathBuf>) -> Result<Self> {
        let is_zone = |dir: &Path| dir.join("Pulumi.yaml").is_file() && dir.join("config/zone.toml").is_file();
        let start = match named {
            Some(dir) if is_zone(&dir) => {
                let root = dir.canonicalize().map_err(|e| Failure::file("opening folder", &dir, e))?;
                return Ok(Self { root, module: None });
            }
            Some(dir) => {
                let message = format!(
                    "`{}` is not a zone's folder: it has no Pulumi.yaml beside a config/zone.toml",
                    dir.display()
                );
                return Err(
                    Failure::new(Exit::Usage, message).hint("name the folder of a zone with --root or ZONE_ROOT")
                );
            }
            None => std::env::current_dir()
                .map_err(|e| Failure::new(Exit::Failed, format!("asking for the current folder: {e}")))?,
        };
        match start.ancestors().find(|dir| is_zone(dir)) {
            Some(root) => Ok(Self { root: root.to_owned(), module: None }),
            None => {
                let message = format!(
                    "neither `{}` nor a folder above it is a zone's: none has a Pulumi.yaml and a config/zone.toml",
                    start.display()
                );
                Err(Failure::new(Exit::Usage, message)
                    .hint("go to the zone's folder, or name it with --root or ZONE_ROOT"))
            }
        }
    }

    /// The same zone's folder, for a module in it.
    #[must_use]
    pub fn of_module(&self, name: &str) -> Self {
        Self { module: Some(name.to_owned()), ..self.clone() }
    }

    /// The zone's folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// The zone, or the module that it is the folder of, in an environment.
    pub fn subject(&self, environment: &str) -> Subject {
        Subject { environment: environment.to_owned(), module: self.module.clone() }
    }
    /// The folder of Pulumi.yaml. Of a module whose own folder is gone, it is one beside what is kept of it.
    pub fn project(&self) -> PathBuf {
        let Some(module) = &self.module else { return self.root.clone() };
        let own = self.modules().join(module);
        if !own.join("Pulumi.yaml").is_file() && self.stand_in().is_dir() { self.stand_in() } else { own }
    }
    /// Where a project is written for a module whose folder is gone.
    pub fn stand_in(&self) -> PathBuf {
        self.kept("project")
    }
    /// The folder of all modules.
    pub fn modules(&self) -> PathBuf {
        self.root.join("modules")
    }
    /// The configuration.
    pub fn config(&self) -> PathBuf {
        self.root.join("config")
    }
    /// What the tool keeps for the zone, and what all of its modules share.
    fn shared(&self, name: &str) -> PathBuf {
        self.root.join(".zone").join(name)
    }
    /// What the tool keeps for the zone alone, or for the module alone.
    fn kept(&self, name: &str) -> PathBuf {
        match &self.module {
            Some(module) => self.shared("modules").join(module).join(name),
            None => self.shared(name),
        }
    }
    /// Engine and emulator, shareable by several zones: `ZONE_TOOLS`, else below the zone.
    pub fn tools(&self) -> PathBuf {
        std::env::var_os("ZONE_TOOLS").map_or_else(|| self.shared("tools"), PathBuf::from)
    }
    /// Where Pulumi.yaml looks for the program and the provider.
    pub fn plugins(&self) -> PathBuf {
        self.shared("plugins")
    }
    /// The engine's settings of each stack, as Pulumi.yaml says.
    pub fn stacks(&self) -> PathBuf {
        self.kept("stacks")
    }
    /// The engine's own folder.
    pub fn engine(&self) -> PathBuf {
        self.shared("pulumi")
    }
    /// An environment's Pulumi state, where it is kept in files.
    pub fn state(&self, environment: &str) -> PathBuf {
        self.kept("state").join(environment)
    }
    /// An environment's passphrase.
    pub fn passphrase(&self, environment: &str) -> PathBuf {
        self.kept("secrets").join(format!("{environment}.passphrase"))
    }
    /// What runs on an environment now, or did.
    pub fn run(&self, environment: &str) -> PathBuf {
        self.kept("run").join(environment)
    }
    /// What the emulator keeps while it runs.
    pub fn emulator(&self) -> PathBuf {
        self.shared("emulator")
    }
}

/// Makes a folder and those above it.
pub fn make(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|e| Failure::file("making folder", dir, e))
}
