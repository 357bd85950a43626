//! `zone module`: workloads that other teams deploy on the zone.

mod build;
mod list;
mod new;

use std::sync::Arc;

use config::{Kind, Zone};
use deploy::{
    Work,
    destroy::destroy,
    module::{self, Order},
    refresh::refresh,
    session::Access,
};
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};

use crate::{
    cli::module::{Module, Of, OfDestroy, OfRefresh, OfVerify, Preview},
    commands::{Console, work},
    home,
    output::Output,
};

pub(crate) async fn run(home: Home, verb: Module, output: &Output) -> Result<()> {
    match verb {
        Module::New(new) => new::run(&home, &new, output),
        Module::List(list) => list::run(&home, &list, output).await,
        Module::Preview(args) => {
            let (work, order, console) = opened(&home, args, ("preview", Access::Reads), false, output).await?;
            module::preview(work, &order, &console).await
        }
        Module::Up(args) => {
            let access = if args.rebuild { Access::Rebuilds } else { Access::Writes };
            let (work, order, console) = opened(&home, args.preview, ("up", access), args.yes, output).await?;
            module::up(work, &order, &console).await
        }
        Module::Refresh(OfRefresh { of, refresh: args }) => {
            let zone = home::load(&home, &args.on.env)?;
            let access = if args.preview { Access::Compares } else { Access::Writes };
            let console = Console::new(output, &zone, args.on.verbose, args.yes).reading().of_module(&of.name);
            let module = load(&home, &of, &zone, output).await?;
            let work = work_of(&home, zone, module, ("refresh", access), args.on.parallel)?;
            refresh(work, args.preview, &console).await
        }
        Module::Destroy(OfDestroy { of, destroy: args }) => {
            let zone = home::load(&home, &args.on.env)?;
            let console = Console::new(output, &zone, args.on.verbose, args.yes).of_module(&of.name);
            // the engine runs no program to delete; what is in the state is enough
            check_name(&of.name)?;
            let own = home.of_module(&of.name);
            if !home.modules().join(&of.name).join("Pulumi.yaml").is_file() && own.state(&zone.environment).is_dir() {
                // its folder is gone, and the state is enough: the engine wants a project all the same
                new::stand_in(&own, &of.name)?;
            } else {
                is_there(&home, &of)?;
            }
            // nor are its settings needed: a deletion does not wait until they are right
            let module = module::Module { name: of.name.clone(), ..module::Module::default() };
            let work = work_of(&home, zone, module, ("destroy", Access::Writes), args.on.parallel)?;
            destroy(work, &args.empty, &console).await
        }
        Module::Verify(OfVerify { of, judging }) => crate::commands::verify::module(home, &of, &judging, output).await,
    }
}

/// What a plan or a deployment of a module needs.
async fn opened<'o>(
    home: &Home,
    args: Preview,
    (verb, access): (&str, Access),
    yes: bool,
    output: &'o Output,
) -> Result<(Work, Order, Console<'o>)> {
    let Preview { of, on, adopt } = args;
    let zone = home::load(home, &on.env)?;
    let console = Console::new(output, &zone, on.verbose, yes).of_module(&of.name);
    let order = Order { adopt, asks: !yes && zone.kind == Kind::Aws };
    let module = load(home, &of, &zone, output).await?;
    Ok((work_of(home, zone, module, (verb, access), on.parallel)?, order, console))
}

fn work_of(
    home: &Home,
    zone: Zone,
    module: module::Module,
    (verb, access): (&str, Access),
    parallel: u32,
) -> Result<Work> {
    let home = home.of_module(&module.name);
    Ok(Work { module: Some(Arc::new(module)), ..work(home, zone, verb, access, parallel)? })
}

/// A module with its program, built where none is named.
async fn load(home: &Home, of: &Of, zone: &Zone, output: &Output) -> Result<module::Module> {
    let unbuilt = named(home, of, zone, of.program.clone().unwrap_or_default())?;
    let program = match &of.program {
        Some(program) if program.is_file() && !is_executable(program) => {
            let message = format!("the program of module `{}` is not executable: `{}`", of.name, program.display());
            return Err(Failure::new(Exit::Usage, message).hint("leave out --program, and it is built"));
        }
        Some(program) if program.is_file() => {
            program.canonicalize().map_err(|e| Failure::file("opening", program, e))?
        }
        Some(program) => {
            let message = format!("the program of module `{}` is not there: `{}`", of.name, program.display());
            return Err(Failure::new(Exit::Usage, message).hint("leave out --program, and it is built"));
        }
        None => build::program(home, &of.name, output).await?,
    };
    Ok(module::Module { program, ..unbuilt })
}

fn is_executable(program: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(program).is_ok_and(|about| about.permissions().mode() & 0o111 != 0)
}

/// Refuses what cannot be the name of a module: what is no name, and what is the zone's own below its root.
fn check_name(name: &str) -> Result<()> {
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

/// A module by its name, with what the tenant configures for it.
pub(crate) fn named(home: &Home, of: &Of, zone: &Zone, program: std::path::PathBuf) -> Result<module::Module> {
    is_there(home, of)?;
    let config = config::Module::load(&home.config(), &of.name, zone);
    let config = config.map_err(|errors| Failure::new(Exit::Usage, errors))?;
    Ok(module::Module { name: of.name.clone(), program, config })
}

/// Refuses what is no module of the folder.
fn is_there(home: &Home, of: &Of) -> Result<()> {
    let folder = home.modules().join(&of.name);
    check_name(&of.name)?;
    if !folder.join("Pulumi.yaml").is_file() {
        let known = list::folders(home);
        let hint = match known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => format!("`zone module new {}` writes it", of.name),
            all => format!("modules: {all}; `zone module new {}` writes a new one", of.name),
        };
        return Err(Failure::new(
            Exit::Usage,
            format!("there is no module `{}`: modules/{0} has no Pulumi.yaml", of.name),
        )
        .hint(hint));
    }
    Ok(())
}
