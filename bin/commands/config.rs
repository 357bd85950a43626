//! `zone config`: looks at the configuration. Nothing is started, and no account is asked.

use ::config::Problem;
use serde_json::json;
use state::{
    error::{Exit, Failure, Result, counted},
    home::Home,
};

use terminal::{Output, Tone};

use crate::{cli::Config, home};

pub(crate) fn run(home: &Home, verb: Config, output: &Output) -> Result<()> {
    match verb {
        Config::Check { env, .. } => check(home, env, output),
        Config::Show { env, .. } => {
            let zone = home::read(home, &env)?;
            if output.is_json() {
                output.object(&json!({ "type": "config", "config": zone, "names": zone.names() }));
            } else {
                output.data(zone.to_toml().trim_end());
            }
            Ok(())
        }
    }
}

/// What is wrong with one environment.
fn problems(home: &Home, environment: &str) -> Vec<Problem> {
    match stacks::load(&home.config(), environment) {
        Ok(zone) => stacks::check(&zone).iter().map(|large| too_large(home, large)).collect(),
        Err(errors) => errors.0,
    }
}

/// A policy that AWS will not take, which follows from several values.
fn too_large(home: &Home, large: &stacks::TooLarge) -> Problem {
    Problem {
        file: home.config().join("zone.toml"),
        line: None,
        key: String::new(),
        message: large.to_string(),
        hint: large.hint.to_owned(),
    }
}

fn check(home: &Home, named: Option<String>, output: &Output) -> Result<()> {
    let environments = named.map_or_else(|| ::config::environments(&home.config()), |environment| vec![environment]);
    if environments.is_empty() {
        return Err(Failure::new(Exit::Usage, format!("`{}` has no environment", home.config().display()))
            .hint("write a file for one beside zone.toml, such as dev.toml"));
    }
    let mut said: Vec<Problem> = Vec::new();
    let mut wrong: Vec<&str> = Vec::new();
    for environment in &environments {
        let found = problems(home, environment);
        if !found.is_empty() {
            wrong.push(environment);
        }
        if output.is_json() {
            output.object(&json!({
                "type": "environment", "environment": environment, "ok": found.is_empty(), "problems": found,
            }));
            continue;
        }
        // what is wrong with zone.toml is wrong for all, and said once
        let (new, old): (Vec<_>, Vec<_>) = found.into_iter().partition(|problem| !said.contains(problem));
        match (new.len(), old.len()) {
            (0, 0) => output.data_row(Tone::Good, "ok", environment),
            (0, old) => {
                output.data_row(Tone::Bad, "wrong", &format!("{environment}: {} above", counted(old, "problem")));
            }
            (new, 0) => output.data_row(Tone::Bad, "wrong", &format!("{environment}: {}", counted(new, "problem"))),
            (new, old) => {
                let text = format!("{environment}: {}, {old} of them above", counted(new + old, "problem"));
                output.data_row(Tone::Bad, "wrong", &text);
            }
        }
        for problem in &new {
            output.data(&problem.to_string());
        }
        said.extend(new);
    }
    if output.is_json() {
        let (all, wrong) = (environments.len(), wrong.len());
        output.object(&json!({ "type": "summary", "ok": wrong == 0, "environments": all, "wrong": wrong }));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, format!("cannot deploy as configured: {}", wrong.join(", ")))
        .hint("each problem is named with its file, line and key"))
}
