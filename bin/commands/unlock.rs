//! `zone unlock`: releases an environment that a machine holds which is gone.

use ::state::{
    error::{Exit, Failure, Result},
    home::Home,
};
use deploy::keeping;

use crate::{cli::Unlock, commands::emulator::reached, home, output::Output};

pub(crate) async fn run(home: Home, args: Unlock, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.env)?;
    let ambient = reached(&home, &zone).await?;
    let holders = keeping::holders(&zone, &home, &ambient).await?;
    let Some(name) = holders.name() else {
        output.say(&format!("nobody holds environment `{}`", args.env));
        return Ok(());
    };
    for line in holders.lines() {
        output.say(&line);
    }
    let typed = match args.holder {
        Some(holder) => holder,
        None if output.can_ask() => output.question(
            &format!("if that run is gone for good, type its holder ({name}) to take the environment from it"),
            "",
        ),
        None => {
            return Err(Failure::new(Exit::Usage, format!("environment `{}` is held by {name}", args.env)).hint(
                format!(
                    "make sure that this run is gone, then `zone unlock -e {} --holder {name}`; nothing was changed",
                    args.env
                ),
            ));
        }
    };
    if typed != name {
        return Err(Failure::new(
            Exit::Usage,
            format!("environment `{}` is held by {name}, not by `{typed}`", args.env),
        )
        .hint("nothing was changed"));
    }
    holders.unlock(&args.env).await?;
    output.say(&format!("environment `{}` is free", args.env));
    output.say(&format!("next: `zone up -e {}` goes on from what that run recorded", args.env));
    Ok(())
}
