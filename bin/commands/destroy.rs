//! `zone destroy`: deletes the zone, after showing what goes, what is scheduled and what stays.

use deploy::destroy::destroy;
use deploy::session::Access;
use state::{error::Result, home::Home};

use terminal::{Console, Output};

use crate::{cli::Destroy, commands::work, home};

pub(crate) async fn run(home: Home, args: Destroy, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.on.env)?;
    let console = Console::new(output, &zone, args.on.verbose, args.yes);
    destroy(work(home, zone, "destroy", Access::Writes, args.on.parallel)?, &args.empty, &console).await
}
