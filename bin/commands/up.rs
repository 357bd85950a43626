//! `zone up`: deploys the zone, some of its stacks, or what a plan says, and publishes its contract.

use deploy::session::Access;
use deploy::{
    planned::Planned,
    up::{Order, up},
};

use terminal::{Console, Output};

use crate::{cli::Up, commands::work, home};
use state::{error::Result, home::Home};

pub(crate) async fn run(home: Home, args: Up, output: &Output) -> Result<()> {
    let plan = args.plan.as_deref().map(Planned::read).transpose()?;
    let mut order = Order { only: args.part.only, adopt: args.part.adopt, allow: args.allow, ..Order::default() };
    let mut environment = args.on.env.clone();
    if let Some(plan) = plan {
        if args.names_environment {
            plan.of_environment(&environment)?;
        }
        environment.clone_from(&plan.environment);
        (order.only, order.adopt) = (plan.order.only.clone(), plan.order.adopt.clone());
        order.plan = Some(plan);
    }
    let zone = home::load(&home, &environment)?;
    order.asks = !args.yes && zone.kind == config::Kind::Aws;
    let console = Console::new(output, &zone, args.on.verbose, args.yes);
    up(work(home, zone, "up", Access::Writes, args.on.parallel)?, &order, &console).await
}
