//! `zone module list`: the modules of the zone's folder, and those that are deployed.

use std::collections::BTreeSet;

use deploy::{consumers, module::folders, reach::placed};
use serde_json::json;
use state::{
    error::{Result, counted},
    home::Home,
};
use terminal::Output;

use crate::{cli::module::List, home};

pub(super) async fn run(home: &Home, args: &List, output: &Output) -> Result<()> {
    let zone = home::load(home, &args.env)?;
    let (ambient, _) = placed(home, &zone).await?;
    let deployed = consumers::deployed(&zone, &ambient).await?;
    let folders = folders(home);
    let names: BTreeSet<&String> = folders.iter().chain(deployed.keys()).collect();
    for name in &names {
        let is_here = folders.contains(name);
        let marker = deployed.get(*name);
        if output.is_json() {
            let reads = marker.and_then(|marker| marker.as_ref()).map(|marker| &marker.reads);
            output.object(&json!({ "module": name, "deployed": marker.is_some(), "folder": is_here, "reads": reads }));
            continue;
        }
        let state = match marker {
            None => "not deployed".to_owned(),
            Some(None) => "deployed by a newer `zone`".to_owned(),
            Some(Some(marker)) => {
                let entries = match marker.reads.len() {
                    1 => "1 entry".to_owned(),
                    n => format!("{n} entries"),
                };
                format!("deployed; reads {entries} of the contract, version {}", marker.contract)
            }
        };
        let folder = if is_here { String::new() } else { format!(" (no folder modules/{name} here)") };
        output.say(&format!("{name}: {state}{folder}"));
    }
    if !output.is_json() {
        output.say(&format!("{} in environment `{}`", counted(names.len(), "module"), args.env));
        if names.is_empty() {
            output.say("next: `zone module new NAME` writes one");
        }
    }
    Ok(())
}
