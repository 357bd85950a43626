//! `zone up`: deploys the zone, or some of its stacks, and publishes its contract.

use deploy::up::{Order, up};

use crate::{
    cli::Up,
    commands::{Console, work},
    home,
    output::Output,
};
use state::{error::Result, home::Home};

pub(crate) async fn run(home: Home, args: Up, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.on.env)?;
    let asks = !args.yes && zone.kind == config::Kind::Aws;
    let order = Order { only: args.only, adopt: args.adopt, asks };
    let console = Console::new(output, &zone, args.on.verbose, args.yes);
    up(work(home, zone, "up", false, args.on.parallel)?, &order, &console).await
}
