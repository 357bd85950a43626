//! The contract itself: entries, version, digest, time.

use std::time::{Duration, SystemTime};

use aws_smithy_types::date_time::{DateTime, Format};
use contract::{Scope, ZONE, zone as of};
use cucumber::{given, then};

use crate::world::{Judged, World, ensure, seen};

/// Clocks of two machines may differ by this much.
const SKEW: Duration = Duration::from_mins(5);

#[given(expr = "the contract's entry {string}")]
fn entry(world: &mut World, name: String) -> Judged {
    world.entry = Some(world.published(&name)?);
    Ok(())
}

#[given("the names that are configured")]
fn names(world: &mut World) -> Judged {
    let zone = world.session()?.target.zone.clone();
    let client =
        |pool: &config::Pool| pool.clients.iter().map(|c| [pool.name.clone(), c.name.clone()]).collect::<Vec<_>>();
    let scope = Scope::new(zone.parameter_root())
        .stacks(ZONE.owners().into_iter().filter(|stack| zone.has(stack)))
        .names(of::CLASS, zone.classes.iter().map(|class| class.name.as_str()))
        .names(of::BUS, zone.domains.iter().map(|domain| domain.bus.as_str()))
        .names(of::BUCKET, zone.buckets.iter().map(|bucket| bucket.purpose.as_str()))
        .names(of::POOL, zone.pools.iter().map(|pool| pool.name.as_str()))
        .tuples(of::CLIENT, zone.pools.iter().flat_map(client))
        .names(of::STREAM, zone.streams.iter().map(|stream| stream.output.as_str()))
        .names(of::PLATFORM, [zone.platform()]);
    world.scope = Some(scope);
    Ok(())
}

#[then(expr = "the entry has the value {string}")]
fn entry_has_value(world: &mut World, value: String) -> Judged {
    let found = &world.entry()?.value;
    ensure!(*found == value, "it is `{found}`");
    Ok(())
}

#[then("the entry has the type and the shape that the contract promises")]
fn entry_has_its_shape(world: &mut World) -> Judged {
    let found = world.entry()?;
    let root = &world.session()?.target.root;
    let promised = ZONE.find(ZONE.version(), root, &found.name);
    let promised = promised.ok_or_else(|| format!("the contract promises no `{}`", found.name))?;
    match shape(&promised, &found.kind, &found.value) {
        Some(wrong) => Err(wrong.into()),
        None => Ok(()),
    }
}

#[then("everything promised for these names is published")]
fn all_is_published(world: &mut World) -> Judged {
    let session = world.session()?;
    let missing: Vec<_> = ZONE
        .entries(seen(world.scope.as_ref(), "scope")?)
        .into_iter()
        .filter(|promised| session.published.get(&promised.name).is_none())
        .map(|promised| format!("`{}` (stack {})", promised.path, promised.owner))
        .collect();
    ensure!(missing.is_empty(), "{} promised and not published: {}", missing.len(), missing.join(", "));
    Ok(())
}

#[then("every value of it has the type and the shape that the contract promises")]
fn all_have_their_shape(world: &mut World) -> Judged {
    let session = world.session()?;
    let promised = ZONE.entries(seen(world.scope.as_ref(), "scope")?);
    let found = promised.iter().filter_map(|promised| Some((promised, session.published.get(&promised.name)?)));
    let wrong: Vec<_> = found.filter_map(|(promised, found)| shape(promised, &found.kind, &found.value)).collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    Ok(())
}

#[then("the entry is a version that this program knows")]
fn version_is_known(world: &mut World) -> Judged {
    let found = &world.entry()?.value;
    let version: u32 = found.parse().map_err(|_| format!("`{found}` is no version"))?;
    let known = ZONE.covers(version, "").is_some();
    ensure!(known, "the contract is of version {version}, this program knows 1 to {}", ZONE.version());
    Ok(())
}

#[then("the entry is the digest of everything that is published")]
fn digest_is_right(world: &mut World) -> Judged {
    let version = world.published(contract::meta::VERSION_NAME)?.value;
    let version: u32 = version.parse().map_err(|_| format!("`{version}` is no version"))?;
    let session = world.session()?;
    let values = session.published.values(version);
    let values =
        values.ok_or_else(|| format!("the contract is of version {version}, which this program does not know"))?;
    let (computed, found) = (ZONE.digest(version, values), &world.entry()?.value);
    ensure!(
        *found == computed,
        "the contract says {found}, what is published has {computed}: a publication was not finished, or somebody changed \
         a value"
    );
    Ok(())
}

#[then("the entry is a time that has been")]
fn time_has_been(world: &mut World) -> Judged {
    let found = &world.entry()?.value;
    let time = DateTime::from_str(found, Format::DateTime).map_err(|error| format!("`{found}` is no time: {error}"))?;
    let latest = DateTime::from(SystemTime::now() + SKEW);
    ensure!(time <= latest, "`{found}` is yet to come");
    Ok(())
}

/// What is wrong with a value or its type, if anything.
fn shape(promised: &contract::Entry, kind: &str, value: &str) -> Option<String> {
    let path = &promised.path;
    if kind != promised.kind.as_str() {
        return Some(format!("`{path}` is a {kind} and should be a {}", promised.kind.as_str()));
    }
    (!promised.accepts(value)).then(|| format!("`{path}` is `{value}` and should match {}", promised.pattern))
}
