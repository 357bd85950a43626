//! `zone engine`: the Pulumi engine, and using it without `zone`.

use config::Kind;
use deploy::{
    accounts::as_member,
    backend, keeping,
    reach::placed,
    session::{EMULATED, ambient_environment, engine_environment, link_plugins, make_engine, told_by_engine},
};
use engine::binary::{self, Origin};
use state::{error::Result, home::Home, secrets::Provider};

use terminal::Output;

use crate::{
    cli::Engine,
    commands::{executable, export, quoted},
    home,
    plugin::STATE_KEY,
};

pub(crate) async fn run(home: Home, verb: Engine, output: &Output) -> Result<()> {
    match verb {
        Engine::Install => {
            let say = |line: &str| output.say(line);
            let engine = binary::find_or_build(&home.tools(), &say).await.map_err(|error| told_by_engine(&error))?;
            let origin = match engine.origin {
                Origin::Env => "named by ZONE_PULUMI",
                Origin::Path => "found on PATH",
                Origin::Built => "built",
            };
            output.data(&format!("pulumi {} at {} ({origin})", engine.version, engine.path.display()));
        }
        Engine::Env { env } => {
            let zone = home::load(&home, &env)?;
            let say = |line: &str| output.say(line);
            let engine = binary::find_or_build(&home.tools(), &say).await.map_err(|error| told_by_engine(&error))?;
            link_plugins(&home, &executable()?, None)?;
            make_engine(&home)?;
            let (ambient, _) = placed(&home, &zone).await?;
            let found = backend::find(&zone, &home, &ambient).await?;
            let mut variables = found.state.for_plain_pulumi();
            variables.extend(engine_environment(&home).into_iter().filter(|(name, _)| name != "PULUMI_AUTOMATION_API"));
            variables.extend(ambient_environment(&ambient, zone.region.as_ref()));
            let secrets = keeping::look(&found, &home).await?.secrets;
            let in_account = found.state.is_in_bucket() || matches!(secrets, Some(Provider::Cloud { .. }));
            if zone.kind == Kind::Emulator && in_account {
                // in a real account whoever runs it has signed in; the emulator's bucket and key are the member account's
                as_member(&zone, &ambient, &mut variables).await?;
                let key = variables.iter().find(|(name, _)| name == "AWS_ACCESS_KEY_ID").map(|(_, key)| key.clone());
                variables.extend(key.map(|key| (STATE_KEY.to_owned(), key)));
            }
            if zone.kind == Kind::Emulator {
                variables.push((EMULATED.to_owned(), env.clone()));
            }
            match found.state.passphrase() {
                Some(Ok(_)) => output.note(
                    "plain pulumi needs the passphrase of the state in PULUMI_CONFIG_PASSPHRASE: it is in the secret that \
                     `passphrase_secret` names, and is not printed here",
                ),
                Some(Err(why)) => output.note(&why.to_string()),
                None => {}
            }
            variables.push(("PULUMI_STACK".to_owned(), env));
            export(&variables, output);
            if let Some(dir) = engine.path.parent() {
                output.data(&format!("export PATH={}:\"$PATH\"", quoted(&dir.display().to_string())));
            }
        }
    }
    Ok(())
}
