//! The way to the accounts of an environment for what is no deployment: a real one's are there, an emulator has to run already.

use aws::clients::Ambient;
use config::{Backend, Kind, Zone};
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};

use crate::session::{places, told_by_emulator};

/// How the accounts of an environment are reached, for what looks after its state: a state in a folder needs no emulator.
pub async fn reached(home: &Home, zone: &Zone) -> Result<Ambient> {
    match (zone.kind, &zone.state) {
        (Kind::Aws, _) | (Kind::Emulator, Backend::File) => Ok(Ambient::default()),
        (Kind::Emulator, _) => Ok(Ambient::emulated(&running(home, zone).await?)),
    }
}

/// As [`reached`], also of a state in a folder, with the start of the emulator that it is about.
pub async fn placed(home: &Home, zone: &Zone) -> Result<(Ambient, Option<String>)> {
    if zone.kind == Kind::Aws {
        return Ok((Ambient::default(), None));
    }
    let (endpoint, instance) = at_work(home, zone).await?;
    Ok((Ambient::emulated(&endpoint), Some(instance)))
}

/// The endpoint of the emulator that a local environment lives on; it is not started for a question.
pub async fn running(home: &Home, zone: &Zone) -> Result<String> {
    at_work(home, zone).await.map(|(endpoint, _)| endpoint)
}

/// Where the emulator is, and which start of it this is.
async fn at_work(home: &Home, zone: &Zone) -> Result<(String, String)> {
    if let Some(endpoint) = &zone.emulator_endpoint {
        return Ok((endpoint.clone(), endpoint.clone()));
    }
    match emulator::status(&places(home)).await.map_err(|error| told_by_emulator(&error))? {
        Some(emulator) => Ok((emulator.endpoint, emulator.instance)),
        None => Err(Failure::new(
            Exit::Failed,
            format!("environment `{}` is not deployed: no emulator runs", zone.environment),
        )
        .hint("`zone up` deploys it")),
    }
}
