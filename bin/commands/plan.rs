//! `zone plan`: writes what `zone up` would do to a file, which `zone up FILE` applies.

use deploy::session::Access;
use deploy::{
    markdown,
    planned::{self, Planned},
    preview::plan_to,
    risk,
    up::Order,
};
use serde_json::json;
use state::{
    error::{Result, counted},
    home::Home,
};

use terminal::{Console, Output};

use crate::{cli::Plan, commands::work, home};

pub(crate) async fn run(home: Home, args: Plan, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.on.env)?;
    let order = Order { only: args.part.only, adopt: args.part.adopt, asks: true, ..Order::default() };
    let console = Console::new(output, &zone, args.on.verbose, true);
    let keep = |plan: &Planned| {
        plan.write(&args.output)?;
        if let Some(path) = &args.markdown {
            planned::write(path, &markdown::render(plan))?;
        }
        let risks = risk::counts(plan.risks());
        if output.is_json() {
            let risks: serde_json::Map<_, _> =
                risks.iter().map(|(risk, count)| (risk.word().to_owned(), json!(count))).collect();
            output.object(&json!({
                "type": "plan", "file": args.output, "digest": plan.digest, "state": plan.state,
                "configuration": plan.configuration, "commit": plan.commit, "risks": risks,
            }));
        }
        // components are steps without a risk of their own
        let (steps, file) = (counted(risks.iter().map(|(_, count)| count).sum(), "change"), args.output.display());
        output.say(&format!("plan of {steps} in AWS: `{file}`; `zone up {file}` applies it"));
        Ok(())
    };
    plan_to(work(home, zone, "plan", Access::Compares, args.on.parallel)?, &order, &console, &keep).await
}
