//! Consumers of the contract, as configured: each names an entry that this configuration promises.
//!
//! The configuration does not know the contract, and the contract does not know the configuration; both meet here.

use std::{collections::BTreeSet, path::Path};

use ::contract::ZONE;
use config::{Errors, Problem, Zone};

use crate::{CONTRACT, contract_scope};

/// The zone of `environment`, as [`config::load`], and with consumers of nothing but what the contract promises for it.
pub fn load(dir: &Path, environment: &str) -> Result<Zone, Errors> {
    let zone = config::load(dir, environment)?;
    let problems = unpromised(dir, &zone);
    if problems.is_empty() { Ok(zone) } else { Err(Errors(problems)) }
}

pub(crate) fn of(consumer: &config::Consumer) -> ::contract::Consumer {
    ::contract::Consumer { path: consumer.path.clone(), read_by: consumer.read_by.clone() }
}

fn unpromised(dir: &Path, zone: &Zone) -> Vec<Problem> {
    let scope = contract_scope(zone);
    let promised: Vec<String> = ZONE.promised(&scope).into_iter().map(|entry| entry.name).collect();
    let problem = |(index, consumer): (usize, &::contract::Consumer)| {
        let place = zone.consumers.get(index).and_then(|consumer| consumer.place.clone());
        let (file, line) = place.map_or_else(|| (dir.join("zone.toml"), None), |(file, line)| (file, Some(line)));
        let path = &consumer.path;
        let known = ZONE.find(ZONE.version(), scope.root(), path);
        let (message, hint) = match known.filter(|entry| entry.owner != CONTRACT && !zone.has(entry.owner)) {
            Some(entry) => (
                format!("the contract does not promise `{path}`: stack {} is not deployed", entry.owner),
                "take the table out, or configure the stack".to_owned(),
            ),
            None => (format!("the contract does not promise `{path}`"), near(path, &promised)),
        };
        Problem { file, line, key: "consumer.path".to_owned(), message, hint }
    };
    ZONE.unknown_consumers(&scope).into_iter().map(problem).collect()
}

/// The promised name that is like `path`; of a path with wildcards, with its wildcards in the same places.
fn near(path: &str, promised: &[String]) -> String {
    let stars: Vec<bool> = path.split('/').map(|segment| segment == "*").collect();
    let like = |name: &String| {
        let segments: Vec<_> = name.split('/').collect();
        let same = segments.len() == stars.len();
        let star = |(segment, star): (&&str, &bool)| if *star { "*".to_owned() } else { (*segment).to_owned() };
        same.then(|| segments.iter().zip(&stars).map(star).collect::<Vec<_>>().join("/"))
    };
    let known: BTreeSet<String> = promised.iter().filter_map(like).collect();
    let distance = |name: &String| strsim::damerau_levenshtein(path, name);
    // a third of the letters may be wrong
    let nearest = known.iter().min_by_key(|name| distance(name)).filter(|name| distance(name) * 3 <= path.len());
    nearest.map_or_else(
        || "docs/contract.md lists the paths; names in braces are those of the configuration".to_owned(),
        |name| format!("did you mean `{name}`?"),
    )
}
