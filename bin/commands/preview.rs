//! `zone preview`: says what `zone up` would do.

use deploy::session::Access;
use deploy::{preview::preview, up::Order};
use state::{error::Result, home::Home};

use terminal::{Console, Output};

use crate::{cli::Preview, commands::work, home};

pub(crate) async fn run(home: Home, args: Preview, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.on.env)?;
    let order = Order { only: args.part.only, adopt: args.part.adopt, asks: true, ..Order::default() };
    let console = Console::new(output, &zone, args.on.verbose, true);
    preview(work(home, zone, "preview", Access::Reads, args.on.parallel)?, &order, &console).await
}
