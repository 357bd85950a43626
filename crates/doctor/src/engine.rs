//! What has to be on this machine: the engine, the emulator, the state, and no run that is at work.

use config::{Kind, Zone};
use deploy::{keeping, session::places};
use emulator::Emulator;
use engine::binary::{self, EngineError, Origin, Ready};

use state::{
    error::{Result, counted},
    home::Home,
    lock::{self, Seen},
    secrets::Provider,
};

use super::{Doctor, check::Check};

/// The emulator of a local environment, and what was found of it.
pub(crate) struct Emulation {
    /// Where it is, when it answers.
    pub(crate) endpoint: Option<String>,
    /// Which start of it this is.
    pub(crate) instance: Option<String>,
    check: Option<Check>,
}

const EMULATOR: &str = "engine.emulator";

/// Looks for the emulator, and starts none.
pub(crate) async fn emulation(home: &Home, zone: &Zone) -> Emulation {
    if zone.kind != Kind::Emulator {
        return Emulation { endpoint: None, instance: None, check: None };
    }
    if let Some(endpoint) = &zone.emulator_endpoint {
        let check = Check::ok(EMULATOR, format!("config names one at {endpoint}"));
        return Emulation { endpoint: Some(endpoint.clone()), instance: Some(endpoint.clone()), check: Some(check) };
    }
    let running = emulator::status(&places(home)).await;
    let ready = match &running {
        Ok(Some(_)) => Ok(emulator::Ready::Installed),
        _ => emulator::examine(&places(home)).await,
    };
    let check = Some(emulator_check(&zone.environment, zone.member.id.as_ref(), &running, &ready));
    match running {
        Ok(Some(emulator)) if emulator.accounts.member == zone.member.id.as_ref() => {
            Emulation { endpoint: Some(emulator.endpoint), instance: Some(emulator.instance), check }
        }
        _ => Emulation { endpoint: None, instance: None, check },
    }
}

fn emulator_check(
    environment: &str,
    member: &str,
    running: &std::result::Result<Option<Emulator>, emulator::Error>,
    ready: &std::result::Result<emulator::Ready, emulator::Error>,
) -> Check {
    match (running, ready) {
        (Ok(Some(emulator)), _) if emulator.accounts.member == member => {
            Check::ok(EMULATOR, format!("runs at {} with account {member}", emulator.endpoint))
        }
        (Ok(Some(emulator)), _) => {
            let finding = format!("the one that runs has account {}, and not {member}", emulator.accounts.member);
            Check::problem(EMULATOR, finding)
                .hint("`zone emulator stop` stops it; all that was made in it is lost then")
        }
        (_, Err(error)) => failed(EMULATOR, error, error.hint()),
        (Err(error), Ok(_)) => Check::warning(EMULATOR, format!("{error}: `zone up -e {environment}` replaces it")),
        (Ok(None), Ok(emulator::Ready::Installed)) => {
            Check::warning(EMULATOR, "none runs").hint(format!("`zone up -e {environment}` starts one"))
        }
        (Ok(None), Ok(emulator::Ready::Installable(python))) => {
            let finding = format!("none is installed; {} is at hand to install it", python.display());
            Check::warning(EMULATOR, finding)
                .hint(format!("`zone up -e {environment}` installs and starts one, which takes about 20 s"))
        }
    }
}

/// The checks of this topic.
pub(crate) async fn examine(doctor: &Doctor<'_>) -> Vec<Check> {
    let environment = doctor.zone.environment.as_str();
    let passed = std::sync::Mutex::new(Vec::new());
    let note = |line: &str| passed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(line.to_owned());
    let ready = binary::examine(&doctor.home.tools(), &note).await;
    let passed = passed.into_inner().unwrap_or_default();
    let mut checks = vec![engine_check(&ready, &passed)];
    checks.extend(doctor.emulator.check.clone());
    let seen = match &doctor.found {
        Ok(found) => keeping::look(found, doctor.home).await.map(|seen| (found, seen)),
        Err(failure) => Err(failure.clone()),
    };
    match seen {
        Ok((found, seen)) => {
            let by_key = matches!(seen.secrets, Some(Provider::Cloud { .. }));
            let pending = seen.contents.as_ref().map(|contents| contents.pending);
            let passphrase = match pending {
                Some(_) => found.state.has_passphrase() || by_key,
                // one that is kept elsewhere is there before the first deployment
                None => found.state.has_own_passphrase(),
            };
            let place = found.state.stack.store.name();
            checks.push(match found.state.passphrase() {
                Some(Err(why)) if !by_key => failed("engine.state", &why.message, why.hint),
                _ => state_check(doctor.zone, &place, passphrase, &Ok(pending)),
            });
            let at_work = found.state.at_work().await.unwrap_or_default();
            let elsewhere = seen.lease.as_ref().and_then(|lease| lease.holder.as_ref()).map(ToString::to_string);
            checks.push(run_check(environment, &Ok(seen.here), at_work, elsewhere.as_deref()));
        }
        Err(failure) => {
            checks.push(state_check(doctor.zone, "", true, &Err(failure)));
            checks.push(run_check(environment, &lock::look(doctor.home, environment), None, None));
        }
    }
    checks
}

fn engine_check(ready: &std::result::Result<Ready, EngineError>, passed: &[String]) -> Check {
    let id = "engine.pulumi";
    let passed = passed.iter().map(|line| format!("; {line}")).collect::<String>();
    match ready {
        Ok(Ready::Found(engine)) => {
            let origin = match engine.origin {
                Origin::Env => "named by ZONE_PULUMI",
                Origin::Path => "found on PATH",
                Origin::Built => "built",
            };
            Check::ok(id, format!("pulumi {} at {} ({origin}){passed}", engine.version, engine.path.display()))
        }
        Ok(Ready::Buildable { go, version }) => {
            Check::warning(id, format!("there is none; {} builds pulumi {version}{passed}", go.display()))
                .hint("`zone engine install` builds it now, which takes minutes; so does the first `zone up`")
        }
        Err(error) => failed(id, format!("{error}{passed}"), error.hint()),
    }
}

/// `pending` are the unfinished operations in the state; none where there is no state.
fn state_check(zone: &Zone, place: &str, passphrase: bool, pending: &Result<Option<usize>>) -> Check {
    let id = "engine.state";
    match (passphrase, pending) {
        (_, Err(failure)) => failed(id, &failure.message, failure.hint.clone()),
        (false, Ok(Some(_))) => Check::problem(id, "there is a state, and its passphrase is missing").hint(format!(
            "put .zone/secrets/{}.passphrase back: without it the secrets in the state cannot be read",
            zone.environment
        )),
        (true, Ok(Some(0))) => {
            Check::ok(id, format!("it is in {place}, and the passphrase or key of its secrets is there"))
        }
        (true, Ok(Some(n))) => {
            let operations = counted(*n, "operation");
            let finding = format!("an interrupted run left {operations} that may or may not have been carried out");
            Check::warning(id, finding).hint(format!("`zone up -e {}` resolves this", zone.environment))
        }
        // an emulator's state goes with it
        (true, Ok(None)) if zone.kind == Kind::Aws => {
            Check::warning(id, "there is a passphrase, but no state that belongs to it")
                .hint(format!("if it was deployed from here, put .zone/state/{} back first", zone.environment))
        }
        (_, Ok(None)) => Check::ok(id, "there is none yet: the first `zone up` makes it"),
    }
}

/// `engine` is plain `pulumi` at work on this machine, `elsewhere` a run of `zone` that has the lease.
fn run_check(environment: &str, seen: &Result<Seen>, engine: Option<u32>, elsewhere: Option<&str>) -> Check {
    let id = "engine.run";
    if let (Ok(Seen::Free | Seen::Interrupted(_)), Some(who)) = (seen, elsewhere) {
        return Check::problem(id, format!("{who} is at work"))
            .hint(format!("wait for it to end; if its machine is gone, `zone unlock -e {environment}`"));
    }
    match (seen, engine) {
        (Err(failure), _) => {
            let check = Check::not_evaluated(id, failure.message.clone());
            Check { hint: failure.hint.clone(), ..check }
        }
        (Ok(Seen::Busy(run)), _) => {
            let finding = format!("`{}` is at work (process {}, since {})", run.command, run.pid, run.since);
            Check::problem(id, finding).hint("wait for it to end, or stop it with Ctrl-C where it runs")
        }
        (Ok(_), Some(pid)) => Check::problem(id, format!("an engine is at work on the state (process {pid})"))
            .hint("wait for it to end, or end that process"),
        (Ok(Seen::Interrupted(run)), _) => {
            let finding = if run.ended {
                "a run was interrupted, and no deployment came after it".to_owned()
            } else {
                format!("`{}` (process {}, since {}) was interrupted", run.command, run.pid, run.since)
            };
            Check::warning(id, finding)
                .hint(format!("`zone up -e {environment}` finds the resources that it created, and resumes"))
        }
        (Ok(Seen::Free), None) => Check::ok(id, "no run is at work, and none was interrupted"),
    }
}

fn failed(id: &str, message: impl std::fmt::Display, hint: Option<String>) -> Check {
    let check = Check::problem(id, message.to_string());
    match hint {
        Some(hint) => check.hint(hint),
        None => check,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use engine::binary::Engine;
    use state::{
        error::{Exit, Failure},
        lock::Run,
    };

    use super::{super::check::Level, *};
    use crate::names::tests::zone;

    #[test]
    fn an_engine_is_there_or_can_be_built() {
        let engine = Engine { path: "/p".into(), version: "3.259.0".into(), origin: Origin::Path };
        let found = engine_check(&Ok(Ready::Found(engine)), &[]);
        assert_eq!((found.level, found.finding.as_str()), (Level::Ok, "pulumi 3.259.0 at /p (found on PATH)"));
        let go = Ready::Buildable { go: "/go".into(), version: "3.259.0".into() };
        let old = ["passing over `/p`: 3.1.0 is older than 3.206.0".to_owned()];
        let built = engine_check(&Ok(go), &old);
        assert_eq!(built.level, Level::Warning);
        assert!(built.finding.ends_with("; passing over `/p`: 3.1.0 is older than 3.206.0"), "{}", built.finding);
        let none = engine_check(&Err(EngineError::Missing { cause: "no Go".into() }), &[]);
        assert_eq!(none.level, Level::Problem);
        assert!(none.hint.is_some());
    }

    #[test]
    fn an_emulator_of_another_account_stands_in_the_way() {
        let emulator = |member: &str| {
            let accounts = emulator::Accounts { member: member.into(), management: "123456789012".into() };
            let (endpoint, instance, role) = ("http://127.0.0.1:1".into(), "i".into(), "r".into());
            Ok(Some(Emulator { endpoint, pid: 1, instance, accounts, role }))
        };
        let check = |running, ready| emulator_check("local", "111122223333", &running, &ready).level;
        assert_eq!(check(emulator("111122223333"), Ok(emulator::Ready::Installed)), Level::Ok);
        assert_eq!(check(emulator("444455556666"), Ok(emulator::Ready::Installed)), Level::Problem);
        assert_eq!(check(Ok(None), Ok(emulator::Ready::Installed)), Level::Warning);
        assert_eq!(check(Ok(None), Ok(emulator::Ready::Installable(PathBuf::from("/py")))), Level::Warning);
        assert_eq!(check(Ok(None), Err(emulator::Error::Python { cause: "none".into() })), Level::Problem);
    }

    #[test]
    fn state_and_passphrase_belong_together() {
        let (local, mut dev) = (zone(), zone());
        dev.kind = Kind::Aws;
        assert_eq!(state_check(&local, "here", true, &Ok(Some(0))).level, Level::Ok);
        assert_eq!(state_check(&local, "here", true, &Ok(Some(2))).level, Level::Warning);
        assert_eq!(state_check(&local, "here", false, &Ok(Some(0))).level, Level::Problem);
        assert_eq!(state_check(&local, "here", true, &Ok(None)).level, Level::Ok);
        assert_eq!(state_check(&dev, "here", true, &Ok(None)).level, Level::Warning);
        let broken = Err(Failure::new(Exit::Failed, "reading the state"));
        assert_eq!(state_check(&local, "here", true, &broken).level, Level::Problem);
    }

    #[test]
    fn a_run_is_at_work_or_was_interrupted() {
        let run = Run { command: "zone up -e dev".into(), pid: 7, ..Run::default() };
        let busy = run_check("dev", &Ok(Seen::Busy(run.clone())), None, None);
        assert_eq!(busy.level, Level::Problem);
        assert!(busy.finding.contains("`zone up -e dev` is at work (process 7"), "{}", busy.finding);
        assert_eq!(run_check("dev", &Ok(Seen::Interrupted(run)), None, None).level, Level::Warning);
        assert_eq!(run_check("dev", &Ok(Seen::Free), Some(9), None).level, Level::Problem);
        assert_eq!(run_check("dev", &Ok(Seen::Free), None, None).level, Level::Ok);
        let elsewhere = run_check("dev", &Ok(Seen::Free), None, Some("`zone up` of ann@laptop (process 7)"));
        assert_eq!(elsewhere.level, Level::Problem);
        assert!(elsewhere.finding.contains("ann@laptop"), "{}", elsewhere.finding);
    }
}
