//! `zone emulator`: the emulator that stands in for AWS on this machine.

use ::emulator::Places;
use aws::clients::Ambient;
use deploy::{
    accounts::as_member,
    reach::running,
    session::{EMULATED, ambient_environment, management, places, told_by_emulator},
};
use serde_json::json;
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};
use terminal::Output;

use crate::{cli::Emulator, home};

/// The environment whose account the emulator has.
const LOCAL: &str = "local";

pub(crate) async fn run(home: Home, verb: Emulator, output: &Output) -> Result<()> {
    let places = places(&home);
    match verb {
        Emulator::Start(args) => {
            let zone = home::load(&home, LOCAL)?;
            if let Some(endpoint) = &zone.emulator_endpoint {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("environment `{LOCAL}` uses another emulator, at {endpoint}"),
                )
                .hint(format!("take `endpoint` out of config/{LOCAL}.toml to have one started")));
            }
            let say = |line: &str| output.say(line);
            let places = Places { decider: Some(super::executable()?), ..places };
            let (emulator, started) = emulator::start(&places, zone.member.id.as_ref(), management(&zone), &say)
                .await
                .map_err(|error| told_by_emulator(&error))?;
            output.say(if started { "started the emulator" } else { "the emulator runs already" });
            tell(&emulator, args.json, output);
        }
        Emulator::Stop(args) => {
            let stopped = emulator::stop(&places).await.map_err(|error| told_by_emulator(&error))?;
            if args.json {
                output.object(&json!({ "stopped": stopped.is_some() }));
            } else {
                output.data(if stopped.is_some() {
                    "stopped the emulator; what it emulated is gone"
                } else {
                    "no emulator runs"
                });
            }
        }
        Emulator::Status(args) => match emulator::status(&places).await.map_err(|error| told_by_emulator(&error))? {
            Some(emulator) => {
                tell(&emulator, args.json, output);
                if let Some(endpoint) = home::load(&home, LOCAL).ok().and_then(|zone| zone.emulator_endpoint) {
                    output.note(&format!("config/{LOCAL}.toml uses another one, at {endpoint}"));
                }
            }
            None => {
                return Err(Failure::new(Exit::Failed, "no emulator runs")
                    .hint("`zone emulator start` starts one; so does `zone up`"));
            }
        },
        Emulator::Env => {
            let zone = home::load(&home, LOCAL)?;
            let ambient = Ambient::emulated(&running(&home, &zone).await?);
            let mut variables = ambient_environment(&ambient, zone.region.as_ref());
            as_member(&zone, &ambient, &mut variables).await?;
            // version 1 of the AWS CLI reads no other
            variables.push(("AWS_DEFAULT_REGION".to_owned(), zone.region.to_string()));
            variables.push((EMULATED.to_owned(), LOCAL.to_owned()));
            // a profile of the user's would win in some clients
            output.data("unset AWS_PROFILE");
            super::export(&variables, output);
        }
        // needs no zone's folder
        Emulator::Decide => return super::decide::run(output),
    }
    Ok(())
}

fn tell(emulator: &emulator::Emulator, json: bool, output: &Output) {
    if json {
        output.object(&json!({
            "endpoint": emulator.endpoint,
            "pid": emulator.pid,
            "accounts": { "member": emulator.accounts.member, "management": emulator.accounts.management },
            "role": emulator.role,
        }));
        return;
    }
    output.data(&format!("endpoint    {}", emulator.endpoint));
    output.data(&format!("process     {}", emulator.pid));
    output.data(&format!("member      {} (through role {})", emulator.accounts.member, emulator.role));
    output.data(&format!("management  {}", emulator.accounts.management));
}
