//! The folders of modules in a zone's folder: names, and what the tenant configures for each.

use std::path::PathBuf;

use config::Zone;
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};

use super::{Module, scaffold};

/// Refuses what cannot be the name of a module.
///
/// # Errors
///
/// It is no name, or it is the zone's own below its root.
pub fn check_name(name: &str) -> Result<()> {
    let wrong =
        |why: String, hint: &str| Err(Failure::new(Exit::Usage, format!("the name of a module: {why}")).hint(hint));
    if let Some(why) = config::not_a_module(name) {
        let hint = if name == "zone" { "choose another name" } else { "begin and end with a letter or a digit" };
        return wrong(why, hint);
    }
    if contract::ZONE.first_segments().contains(name) || ["modules", "state"].contains(&name) {
        return wrong(format!("the zone publishes its own parameters below `{name}`"), "choose another name");
    }
    Ok(())
}

/// The names of the folders below `modules/` that are modules, sorted.
pub fn folders(home: &Home) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(home.modules()) else { return Vec::new() };
    let entries = entries.flatten().filter(|entry| entry.path().join("Pulumi.yaml").is_file());
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// A module by its name, with what the tenant configures for it.
///
/// # Errors
///
/// There is no such module, or its settings are wrong.
pub fn named(home: &Home, name: &str, zone: &Zone, program: PathBuf) -> Result<Module> {
    is_there(home, name)?;
    let config = config::Module::load(&home.config(), name, zone);
    let config = config.map_err(|errors| Failure::new(Exit::Usage, errors))?;
    Ok(Module { name: name.to_owned(), program, config })
}

/// A module for its deletion, without program and settings: the engine runs no program to delete, and a deletion does not wait
/// until settings are right. Where its folder is gone and its state is in a folder, that is enough.
///
/// # Errors
///
/// There is no such module.
pub fn to_delete(home: &Home, name: &str, environment: &str) -> Result<Module> {
    check_name(name)?;
    let own = home.of_module(name);
    if !home.modules().join(name).join("Pulumi.yaml").is_file() && own.state(environment).is_dir() {
        // the engine wants a project all the same
        scaffold::stand_in(&own, name)?;
    } else {
        is_there(home, name)?;
    }
    Ok(Module { name: name.to_owned(), ..Module::default() })
}

/// Refuses what is no module of the folder.
fn is_there(home: &Home, name: &str) -> Result<()> {
    check_name(name)?;
    if home.modules().join(name).join("Pulumi.yaml").is_file() {
        return Ok(());
    }
    let known: Vec<_> = folders(home).iter().map(|name| format!("`{name}`")).collect();
    let hint = if known.is_empty() {
        format!("`zone module new {name}` writes it")
    } else {
        format!("modules: {}; `zone module new {name}` writes a new one", known.join(", "))
    };
    let message = format!("there is no module `{name}`: modules/{name} has no Pulumi.yaml");
    Err(Failure::new(Exit::Usage, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn a_module_has_no_name_of_the_zone() {
        assert!(check_name("object-audit").is_ok());
        for wrong in ["zone", "kms", "modules", "state", "Audit", "../x", ""] {
            assert!(check_name(wrong).is_err(), "{wrong}");
        }
    }
}
