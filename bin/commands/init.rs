//! `zone init`: writes the configuration of a new tenant. Nothing that exists is changed.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use ::config::{Invalid, Scaffold, Written};
use state::error::{Exit, Failure, Result};
use terminal::Output;

use crate::cli::Init;

pub(crate) fn run(root: Option<PathBuf>, init: &Init, output: &Output) -> Result<()> {
    if let Some(root) = root {
        let message = format!("`--root {}` names an existing zone, and `zone init` writes a new one", root.display());
        return Err(Failure::new(Exit::Usage, message).hint("name the new zone's folder: `zone init FOLDER`"));
    }
    let dir = init.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let shape = dir.join("config/zone.toml");
    if shape.exists() {
        let message = format!("`{}` exists, and is not changed", shape.display());
        return Err(Failure::new(Exit::Usage, message).hint("name another folder: `zone init FOLDER`"));
    }
    let scaffold = answers(init, output)?;
    scaffold.check().map_err(|errors| {
        Failure::new(Exit::Usage, format!("these names are not valid; nothing was written\n{errors}"))
            .hint("run `zone init` with other names")
    })?;
    let written = scaffold.write(&dir, &|file| match file {
        Written::New(path) => output.say(&format!("wrote {}", path.display())),
        Written::Left(path) => output.note(&format!("left as it is: {}", path.display())),
    });
    written.map_err(|failed| Failure::file(failed.doing, &failed.path, failed.cause))?;
    let cd = if dir == Path::new(".") { String::new() } else { format!("cd {} && ", dir.display()) };
    output.say(&format!("next: `{cd}zone up` deploys it on an emulator; look at config/zone.toml first"));
    if scaffold.account.is_none() {
        output.say("then: write the account below [member] of config/dev.toml, and `zone doctor -e dev` says what else it needs");
    }
    Ok(())
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
