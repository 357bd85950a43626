//! `zone refresh`: brings the state up to what is live, and says what had drifted.

use deploy::refresh::refresh;
use deploy::session::Access;
use state::{error::Result, home::Home};

use terminal::{Console, Output};

use crate::{cli::Refresh, commands::work, home};

pub(crate) async fn run(home: Home, args: Refresh, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.on.env)?;
    let console = Console::new(output, &zone, args.on.verbose, args.yes).reading();
    let access = if args.preview { Access::Compares } else { Access::Writes };
    refresh(work(home, zone, "refresh", access, args.on.parallel)?, args.preview, &console).await
}
