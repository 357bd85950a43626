//! What a session needs around the state: the engine's folder and environment, the emulator's places, and the plugins.

use std::path::Path;

use aws::clients::Ambient;
use config::Zone;
use emulator::Places;
use engine::binary;
use state::{
    error::{Exit, Failure, Result},
    home::{self, Home},
};

use crate::module::Module;

/// Where an emulator is kept. Who starts it names the executable that judges calls, too.
pub fn places(home: &Home) -> Places {
    Places { tools: home.tools(), run: home.emulator(), decider: None }
}

/// Makes the engine's own folder.
pub fn make_engine(home: &Home) -> Result<()> {
    engine::home::prepare(&home.engine()).map_err(|e| Failure::file("making folder", &home.engine(), e))
}

/// As the engine's finder says it.
pub fn told_by_engine(error: &binary::EngineError) -> Failure {
    Failure::new(Exit::Setup, error).maybe(error.hint())
}

/// As the emulator says it.
pub fn told_by_emulator(error: &emulator::Error) -> Failure {
    Failure::new(Exit::Setup, error).maybe(error.hint())
}

/// The management account of a zone, by its id.
pub fn management(zone: &Zone) -> Option<&str> {
    zone.management.as_ref().map(|management| management.account.id.as_ref())
}

/// What every start of the engine is told.
pub fn engine_environment(home: &Home) -> Vec<(String, String)> {
    [
        ("PULUMI_HOME", home.engine().display().to_string().as_str()),
        ("PULUMI_SKIP_UPDATE_CHECK", "true"),
        ("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true"),
        ("PULUMI_AUTOMATION_API", "true"),
        ("PULUMI_PARALLEL_DIFF", "true"),
        // or it does not know --event-log
        ("PULUMI_DEBUG_COMMANDS", "true"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .to_vec()
}

/// The emulator, for a plugin that the engine starts without us.
pub fn ambient_environment(ambient: &Ambient, region: &str) -> Vec<(String, String)> {
    let mut environment = vec![("AWS_REGION".to_owned(), region.to_owned())];
    if let (Some(endpoint), Some((id, secret))) = (&ambient.endpoint, &ambient.credentials) {
        let pairs = [("AWS_ENDPOINT_URL", endpoint), ("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)];
        environment.extend(pairs.map(|(k, v)| (k.to_owned(), v.clone())));
    }
    environment
}

/// Puts links to `zone`, and to a module's program, where Pulumi.yaml looks for the program and the provider.
pub fn link_plugins(home: &Home, executable: &Path, module: Option<&Module>) -> Result<()> {
    let dir = home.plugins();
    home::make(&dir)?;
    let mut links =
        vec![("pulumi-language-zone".to_owned(), executable), ("pulumi-resource-aws".to_owned(), executable)];
    // to delete a module, nobody has to build its program
    let built = module.filter(|module| !module.program.as_os_str().is_empty());
    links.extend(built.map(|module| (format!("pulumi-language-{}", module.name), module.program.as_path())));
    for (name, executable) in links {
        let link = dir.join(&name);
        if std::fs::read_link(&link).is_ok_and(|to| to == executable) {
            continue;
        }
        // made beside it and moved over it: another run may be starting from it right now
        let fresh = dir.join(format!(".{name}.{}", std::process::id()));
        let made = std::os::unix::fs::symlink(executable, &fresh).and_then(|()| std::fs::rename(&fresh, &link));
        made.map_err(|e| Failure::file("linking", &link, e))?;
    }
    Ok(())
}
