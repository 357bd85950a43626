//! `zone module`: workloads that other teams deploy on the zone.

mod list;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use config::{Kind, Zone};
use deploy::{
    Work,
    destroy::destroy,
    module::{self, Order, program, scaffold},
    refresh::refresh,
    session::Access,
};
use state::{Message, error::Result, home::Home};
use terminal::{Console, Output};
use tokio::signal::ctrl_c;

use crate::{
    cli::module::{Module, New, Of, OfDestroy, OfRefresh, OfVerify, Preview},
    commands::work,
    home,
};

pub(crate) async fn run(home: Home, verb: Module, output: &Output) -> Result<()> {
    match verb {
        Module::New(new) => write(&home, &new, output),
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
            let module = module::to_delete(&home, &of.name, &zone.environment)?;
            let work = work_of(&home, zone, module, ("destroy", Access::Writes), args.on.parallel)?;
            destroy(work, &args.empty, &console).await
        }
        Module::Verify(OfVerify { of, judging }) => crate::commands::verify::module(home, &of, &judging, output).await,
    }
}

fn write(home: &Home, new: &New, output: &Output) -> Result<()> {
    let name = new.name.as_str();
    // before what is wrong with the configuration
    module::check_name(name)?;
    let zone = home::load(home, "local")?;
    let wrote = |path: &Path| output.say(&format!("wrote {}", path.display()));
    scaffold::write(home, &zone, name, new.sdk.as_deref(), &wrote)?;
    output.say(&format!(
        "next: `zone module up {name}` builds and deploys it; modules/{name}/src/main.rs is its program"
    ));
    Ok(())
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
    let found = module::named(home, &of.name, zone, PathBuf::new())?;
    let tell = |message: Message<'_>| output.tell(message);
    let program = program::of(home, &of.name, of.program.as_deref(), &tell, ctrl_c()).await?;
    Ok(module::Module { program, ..found })
}
