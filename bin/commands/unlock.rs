//! `zone unlock`: releases an environment that a machine holds which is gone.

use ::state::{
    error::{Exit, Failure, Result},
    home::Home,
};
use deploy::{keeping, reach::reached};

use terminal::Output;

use crate::{cli::Unlock, home};

pub(crate) async fn run(home: Home, args: Unlock, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.env)?;
    let home = match &args.module {
        Some(module) => home.of_module(module),
        None => home,
    };
    let subject = home.subject(&args.env);
    let ambient = reached(&home, &zone).await?;
    let holders = keeping::holders(&zone, &home, &ambient).await?;
    let Some(name) = holders.name() else {
        output.say(&format!("nobody holds {subject}"));
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
            return Err(Failure::new(Exit::Usage, format!("{subject} is held by {name}")).hint(format!(
                "make sure that this run is gone, then `{} --holder {name}`; nothing was changed",
                subject.unlock()
            )));
        }
    };
    if typed != name {
        return Err(Failure::new(Exit::Usage, format!("{subject} is held by {name}, not by `{typed}`"))
            .hint("nothing was changed"));
    }
    holders.unlock().await?;
    output.say(&format!("{subject} is free"));
    output.say(&format!("next: `{}` goes on from what that run recorded", subject.command("up")));
    Ok(())
}
