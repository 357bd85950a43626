//! The configuration of a zone's folder.

use config::Zone;
use deploy::session::emulated;
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};

/// An environment's configuration, right in itself and within AWS's limits, for a command that uses its accounts.
///
/// # Errors
///
/// The configuration is wrong; or the environment is a real one, and this shell is set up for the emulator.
pub(crate) fn load(home: &Home, environment: &str) -> Result<Zone> {
    let zone = read(home, environment)?;
    emulated(&zone).map_or(Ok(zone), Err)
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
