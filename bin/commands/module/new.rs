//! `zone module new`: writes a module that deploys at once.

use std::path::{Path, PathBuf};

use config::Zone;
use state::{
    error::{Exit, Failure, Result},
    home::{Home, make},
};

use crate::{cli::module::New, home, output::Output};

/// The files of a new module, below its folder.
const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("template/package.toml")),
    ("Pulumi.yaml", include_str!("template/Pulumi.yaml")),
    ("README.md", include_str!("template/README.md")),
    ("src/main.rs", include_str!("template/main.rs")),
    ("features/jobs.feature", include_str!("template/jobs.feature")),
];

/// What the tenant configures for it, below config/modules/.
const SETTINGS: &str = include_str!("template/settings.toml");

pub(super) fn run(home: &Home, new: &New, output: &Output) -> Result<()> {
    let name = new.name.as_str();
    super::check_name(name)?;
    let zone = home::load(home, "local")?;
    let class = class(&zone)?;
    let sdk = Sdk::find(home, new.sdk.as_deref())?;
    let folder = home.modules().join(name);
    let settings = home.config().join("modules").join(format!("{name}.toml"));
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for (path, text) in FILES {
        files.push((folder.join(path), filled(text, name, class, &sdk)));
    }
    files.push((settings, filled(SETTINGS, name, class, &sdk)));
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists()) {
        let shown = there.strip_prefix(home.root()).unwrap_or(there);
        return Err(Failure::new(
            Exit::Usage,
            format!("writing module `{name}`: `{}` exists already", shown.display()),
        )
        .hint("choose another name, or move the file away; nothing was written"));
    }
    for (path, text) in &files {
        make(path.parent().unwrap_or(Path::new("/")))?;
        std::fs::write(path, text).map_err(|e| Failure::file("writing", path, e))?;
        output.say(&format!("wrote {}", path.strip_prefix(home.root()).unwrap_or(path).display()));
    }
    output.say(&format!(
        "next: `zone module up {name}` builds and deploys it; modules/{name}/src/main.rs is its program"
    ));
    Ok(())
}

/// Writes a project for the engine where a module's folder is gone: beside what is kept of it.
pub(super) fn stand_in(home: &Home, name: &str) -> Result<()> {
    let folder = home.stand_in();
    make(&folder)?;
    let text = filled(FILES[1].1, name, "", &Sdk::Workspace);
    let text = text
        .replace(&format!("../../.zone/modules/{name}/stacks"), "../stacks")
        .replace("../../.zone/plugins", "../../../plugins");
    let path = folder.join("Pulumi.yaml");
    std::fs::write(&path, text).map_err(|e| Failure::file("writing", &path, e))
}

/// The class that the new module's settings name: one whose key encrypts log groups, too, where there is one.
fn class(zone: &Zone) -> Result<&str> {
    // a log group takes only a key that CloudWatch Logs may use
    let for_logs = zone.classes.iter().find(|class| class.services.iter().any(|service| service == "logs"));
    for_logs.or(zone.classes.first()).map(|class| class.name.as_str()).ok_or_else(|| {
        Failure::new(Exit::Usage, "the zone has no data class, and a module's data is encrypted with the key of one")
            .hint("add a [[class]] to config/zone.toml")
    })
}

/// Where the SDK's crates are.
enum Sdk {
    /// In the workspace that the zone's folder is: a module becomes a member.
    Workspace,
    /// In a folder.
    Folder(PathBuf),
}

impl Sdk {
    fn find(home: &Home, named: Option<&Path>) -> Result<Self> {
        let is_sdk = |dir: &Path| dir.join("module/Cargo.toml").is_file() && dir.join("pulumi/Cargo.toml").is_file();
        match named {
            Some(dir) if is_sdk(dir) => {
                Ok(Self::Folder(dir.canonicalize().map_err(|e| Failure::file("opening folder", dir, e))?))
            }
            Some(dir) => {
                let message =
                    format!("`{}` is not the folder of the SDK's crates: it has no module/Cargo.toml", dir.display());
                Err(Failure::new(Exit::Usage, message).hint("it is the folder `crates` of a checkout of the zone"))
            }
            None if is_sdk(&home.root().join("crates")) => Ok(Self::Workspace),
            None => {
                let message = format!("there are no crates of the SDK in `{}`", home.root().join("crates").display());
                Err(Failure::new(Exit::Usage, message)
                    .hint("name the folder `crates` of a checkout of the zone with --sdk; nothing was written"))
            }
        }
    }

    /// The dependency on a crate, as TOML.
    fn dependency(&self, name: &str) -> String {
        match self {
            Self::Workspace => "{ workspace = true }".to_owned(),
            Self::Folder(dir) => format!("{{ path = {:?} }}", dir.join(name).display().to_string()),
        }
    }
}

fn filled(text: &str, module: &str, class: &str, sdk: &Sdk) -> String {
    let text = text.replace("{module}", module).replace("{class}", class);
    let text = text.replace("{aws}", &sdk.dependency("aws")).replace("{sdk}", &sdk.dependency("module"));
    let text = text.replace("{pulumi}", &sdk.dependency("pulumi"));
    match sdk {
        Sdk::Folder(_) if text.starts_with("[package]") => {
            format!("{text}\n# it belongs to no workspace around it\n[workspace]\n")
        }
        Sdk::Workspace if text.starts_with("[package]") => format!("{text}\n[lints]\nworkspace = true\n"),
        _ => text,
    }
}
