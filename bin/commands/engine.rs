//! `zone engine`: the Pulumi engine, and using it without `zone`.

use config::Kind;
use pulumi::engine::binary::{self, Origin};

use crate::{
    cli::Engine,
    commands::emulator::running,
    deployment::{ambient_environment, emulated, engine_environment, link_plugins},
    error::Result,
    home::Home,
    output::Output,
    state::State,
};

pub(crate) async fn run(home: Home, verb: Engine, output: &Output) -> Result<()> {
    match verb {
        Engine::Install => {
            let say = |line: &str| output.say(line);
            let engine = binary::find_or_build(&home.tools(), &say).await?;
            let origin = match engine.origin {
                Origin::Env => "named by ZONE_PULUMI",
                Origin::Path => "found on PATH",
                Origin::Built => "built",
            };
            output.data(&format!("pulumi {} at {} ({origin})", engine.version, engine.path.display()));
        }
        Engine::Env { env } => {
            let zone = home.load(&env)?;
            let say = |line: &str| output.say(line);
            let engine = binary::find_or_build(&home.tools(), &say).await?;
            link_plugins(&home)?;
            home.make_engine()?;
            let ambient = match zone.kind {
                Kind::Emulator => emulated(&running(&home, &zone).await?),
                Kind::Aws => aws::clients::Ambient::default(),
            };
            let mut variables = State::new(&home, &env).environment();
            variables.extend(engine_environment(&home).into_iter().filter(|(name, _)| name != "PULUMI_AUTOMATION_API"));
            variables.extend(ambient_environment(&ambient, zone.region.as_ref()));
            variables.push(("PULUMI_STACK".to_owned(), env));
            for (name, value) in variables {
                output.data(&format!("export {name}={}", quoted(&value)));
            }
            if let Some(dir) = engine.path.parent() {
                output.data(&format!("export PATH={}:\"$PATH\"", quoted(&dir.display().to_string())));
            }
        }
    }
    Ok(())
}

/// As a shell reads it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}
