//! `zone drift`: says how what is live differs from the state, and who changed it.

use deploy::drift::drift;
use deploy::session::Access;
use state::{error::Result, home::Home};

use terminal::{Console, Output};

use crate::{cli::Drift, commands::work, home};

pub(crate) async fn run(home: Home, args: Drift, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.on.env)?;
    let console = Console::new(output, &zone, args.on.verbose, true);
    drift(work(home, zone, "drift", Access::Compares, args.on.parallel)?, &console).await
}
