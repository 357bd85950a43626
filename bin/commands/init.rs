//! `zone init`: writes the configuration of a new tenant. Nothing that exists is changed.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use ::config::{Invalid, Scaffold, load};
use state::error::{Exit, Failure, Result};

use crate::{cli::Init, output::Output};

/// What Pulumi needs to know of a zone's folder.
const PROJECT: &str = include_str!("../../Pulumi.yaml");

pub(crate) fn run(root: Option<PathBuf>, init: &Init, output: &Output) -> Result<()> {
    if let Some(root) = root {
        let message = format!("`--root {}` names an existing zone, and `zone init` writes a new one", root.display());
        return Err(Failure::new(Exit::Usage, message).hint("name the new zone's folder: `zone init FOLDER`"));
    }
    let dir = init.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let config = dir.join("config");
    if config.join("zone.toml").exists() {
        let message = format!("`{}` exists, and is not changed", config.join("zone.toml").display());
        return Err(Failure::new(Exit::Usage, message).hint("name another folder: `zone init FOLDER`"));
    }
    let scaffold = answers(init, output)?;
    check(&scaffold)?;
    let mut files: Vec<(PathBuf, String)> =
        scaffold.files().into_iter().map(|(path, text)| (config.join(path), text)).collect();
    files.push((dir.join("Pulumi.yaml"), PROJECT.to_owned()));
    // state and passphrases stay on this machine
    files.push((dir.join(".gitignore"), ".zone/\n".to_owned()));
    state::home::make(&config.join("schema"))?;
    for (path, text) in files {
        if path.exists() {
            output.note(&format!("left as it is: {}", path.display()));
            continue;
        }
        std::fs::write(&path, text).map_err(|e| Failure::file("writing", &path, e))?;
        output.say(&format!("wrote {}", path.display()));
    }
    let cd = if dir == Path::new(".") { String::new() } else { format!("cd {} && ", dir.display()) };
    output.say(&format!("next: `{cd}zone up` deploys it on an emulator; look at config/zone.toml first"));
    if scaffold.account.is_none() {
        output.say("then: write the account below [member] of config/dev.toml, and `zone doctor -e dev` says what else it needs");
    }
    Ok(())
}

/// Whether it can be deployed, before anything is written: names are only known to fit when all of them are.
fn check(scaffold: &Scaffold) -> Result<()> {
    let dir = tempfile::tempdir().map_err(|e| Failure::new(Exit::Setup, format!("making a temporary folder: {e}")))?;
    for (path, text) in scaffold.files().into_iter().filter(|(path, _)| !path.contains('/')) {
        let path = dir.path().join(path);
        std::fs::write(&path, text).map_err(|e| Failure::file("writing", &path, e))?;
    }
    load(dir.path(), "local").map(|_| ()).map_err(|errors| {
        let errors = errors.to_string().replace(&dir.path().display().to_string(), "config");
        Failure::new(Exit::Usage, format!("these names are not valid; nothing was written\n{errors}"))
            .hint("run `zone init` with other names")
    })
}

/// What the options say, and what is asked for the rest where there is a terminal.
fn answers(init: &Init, output: &Output) -> Result<Scaffold> {
    let asks = !init.yes && output.can_ask();
    let prefix = match &init.prefix {
        Some(prefix) => prefix.clone(),
        None if asks => output.question("the prefix of all names (lower-case letters, digits, hyphens)", "acme"),
        None => {
            let message = "the prefix of all names is missing, and there is no terminal to ask on";
            return Err(Failure::new(Exit::Usage, message).hint("name it: `zone init --prefix acme`"));
        }
    };
    let mut scaffold = Scaffold::new(&prefix).map_err(|why| refused("--prefix", why))?;
    let text = |given: &Option<String>, question: &str, default: &str| match given {
        Some(given) => given.clone(),
        None if asks => output.question(question, default),
        None => default.to_owned(),
    };
    let organization = scaffold.organization.to_string();
    let organization =
        text(&init.organization, "the id of the AWS organization (o-..; as it is if there is none yet)", &organization);
    scaffold.organization = parsed("--organization", &organization)?;
    let region = text(&init.region, "the region that everything is deployed in", scaffold.region.as_ref());
    scaffold.region = parsed("--region", &region)?;
    let account = text(&init.account, "the account of the environment dev (empty if it is not known yet)", "");
    scaffold.account = if account.is_empty() { None } else { Some(parsed("--account", &account)?) };
    scaffold.repository = text(&init.repository, "the GitHub repository that may deploy", &scaffold.repository);
    let list = |given: &[String], question: &str, default: &[String]| -> Vec<String> {
        if !given.is_empty() || !asks {
            return if given.is_empty() { default.to_vec() } else { given.to_vec() };
        }
        let answer = output.question(question, &default.join(","));
        answer.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    scaffold.classes = list(&init.class, "the classes of data, the platform's own first", &scaffold.classes);
    scaffold.buckets = list(&init.bucket, "the purposes of the buckets", &scaffold.buckets);
    scaffold.domains = list(&init.domain, "the business domains", &scaffold.domains);
    Ok(scaffold)
}

fn parsed<T: FromStr<Err = Invalid>>(option: &str, text: &str) -> Result<T> {
    text.parse().map_err(|why| refused(option, why))
}

fn refused(option: &str, why: Invalid) -> Failure {
    Failure::new(Exit::Usage, format!("`{option}`: {}", why.message)).hint(why.hint)
}
