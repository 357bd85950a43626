//! The configuration of a zone's folder.

use std::env;

use config::{Kind, Zone};
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};

/// The variable that marks a shell in which AWS clients use the emulator of an environment, which is its value.
pub(crate) const EMULATED: &str = "ZONE_EMULATED";

/// An environment's configuration, right in itself and within AWS's limits, for a command that uses its accounts.
///
/// # Errors
///
/// The configuration is wrong; or the environment is a real one, and the variables of this shell lead to the emulator, where
/// everything would seem to be done.
pub(crate) fn load(home: &Home, environment: &str) -> Result<Zone> {
    let zone = read(home, environment)?;
    let Ok(emulated) = env::var(EMULATED) else { return Ok(zone) };
    if zone.kind == Kind::Emulator {
        return Ok(zone);
    }
    let what =
        format!("in this shell, AWS clients use the emulator of `{emulated}`, so that nothing reaches `{environment}`");
    Err(Failure::new(Exit::Usage, what).hint(format!(
        "use another terminal, or take the variables back: `unset {EMULATED} AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID \
         AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION`"
    )))
}

/// An environment's configuration, right in itself and within AWS's limits.
pub(crate) fn read(home: &Home, environment: &str) -> Result<Zone> {
    let zone = stacks::load(&home.config(), environment).map_err(|errors| Failure::new(Exit::Usage, errors))?;
    let too_large = stacks::check(&zone);
    if let Some(first) = too_large.first() {
        let all: Vec<_> = too_large.iter().map(ToString::to_string).collect();
        return Err(Failure::new(Exit::Usage, all.join("\n")).hint(first.hint));
    }
    Ok(zone)
}
