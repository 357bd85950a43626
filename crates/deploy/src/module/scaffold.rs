//! Writes a new module, which deploys at once.

use std::path::{Path, PathBuf};

use config::Zone;
use state::{
    error::{Exit, Failure, Result},
    home::{Home, make},
};

use super::folder::check_name;

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

/// Writes a new module to `modules/` of the zone's folder, and its settings to `config/modules/`. `sdk` is the folder of the SDK's
/// crates; without it, they are those of the zone's workspace. `wrote` gets each file, by its path in the zone's folder.
///
/// # Errors
///
/// The name cannot be a module's, the zone has no data class, the SDK is not there, or a file exists: then nothing was written.
/// Or a file could not be written.
pub fn write(home: &Home, zone: &Zone, name: &str, sdk: Option<&Path>, wrote: &dyn Fn(&Path)) -> Result<()> {
    check_name(name)?;
    let class = class(zone)?;
    let sdk = Sdk::find(home, sdk)?;
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
        wrote(path.strip_prefix(home.root()).unwrap_or(path));
    }
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::module::{folders, named, to_delete};

    /// A zone's folder without modules.
    fn home(dir: &Path) -> Home {
        make(&dir.join("config")).expect("a folder");
        for file in ["Pulumi.yaml", "config/zone.toml"] {
            std::fs::write(dir.join(file), "").expect("a file");
        }
        Home::find(Some(dir.to_owned())).expect("a zone's folder")
    }

    #[test]
    fn a_new_module_is_whole_and_is_written_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let home = home(dir.path());
        let zone = config::load(Path::new("../../config/tests/fixture"), "local").expect("the fixture loads");
        let sdk = Some(Path::new(".."));
        let wrote = RefCell::new(Vec::new());
        let tell = |path: &Path| wrote.borrow_mut().push(path.to_owned());
        write(&home, &zone, "audit", sdk, &tell).expect("a module");
        let wrote = wrote.take();
        assert_eq!(wrote.len(), FILES.len() + 1);
        for path in wrote {
            let text = std::fs::read_to_string(home.root().join(&path)).expect("a file");
            assert!(["{module}", "{class}", "{aws}"].iter().all(|open| !text.contains(open)), "{}", path.display());
        }
        assert_eq!(folders(&home), ["audit"]);
        let module = named(&home, "audit", &zone, PathBuf::new()).expect("it is there");
        assert!(module.config.settings.contains_key("class"));
        let again = write(&home, &zone, "audit", sdk, &|_| {}).expect_err("it is there");
        assert!(again.message.contains("`modules/audit/Cargo.toml` exists already"), "{again}");
    }

    #[test]
    fn what_is_in_the_state_is_deleted_without_a_folder() {
        let dir = tempfile::tempdir().expect("a folder");
        let home = home(dir.path());
        let unknown = to_delete(&home, "audit", "local").expect_err("neither folder nor state");
        assert!(unknown.message.starts_with("there is no module `audit`"), "{unknown}");
        let own = home.of_module("audit");
        make(&own.state("local")).expect("a folder");
        to_delete(&home, "audit", "local").expect("a state");
        let project = std::fs::read_to_string(own.stand_in().join("Pulumi.yaml")).expect("a project");
        assert!(project.contains("stackConfigDir: ../stacks") && !project.contains("../../.zone"), "{project}");
    }
}
