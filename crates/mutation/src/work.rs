//! Makes the changes one after the other, looks which rows fail, and puts each change back.

use std::collections::BTreeSet;

use aws::clients::Ambient;
use deploy::{Cancel, keeping::Held};
use features::{Judge, Outcome, ScenarioResult, Target};
use state::{
    Message,
    error::{Exit, Failure, Result, counted},
};

use crate::{
    BATCH, Hear, Heard, Order,
    equivalents::{self, Equivalent},
    fate::{Fate, Tried},
    footprints::Footprints,
    hand::Hand,
    mutant::{Mutant, chosen},
    report::{Idle, Report},
};

/// What a run works with.
struct Run {
    hand: Hand,
    judge: Judge,
    footprints: Footprints,
    equivalents: Vec<Equivalent>,
    environment: String,
    /// The rows that passed before anything was changed.
    green: BTreeSet<usize>,
    /// Names of all rows.
    rows: Vec<String>,
}

/// Makes the changes of an order in an environment that is held, with everything as before at the end.
pub(crate) async fn run(
    order: &Order<'_>,
    held: &Held,
    ambient: Ambient,
    cancel: &Cancel,
    hear: Hear<'_>,
) -> Result<Report> {
    let equivalents = equivalents::read()?;
    let deployment = held.deployment().await?;
    let mut run = Run {
        hand: Hand::open(&deployment, ambient).await?,
        judge: judge(order).await?,
        footprints: Footprints::default(),
        equivalents,
        environment: order.target.environment.clone(),
        green: BTreeSet::new(),
        rows: Vec::new(),
    };
    run.begin(hear).await?;
    let (mutants, skipped) = run.hand.mutants(order.seed).await;
    let mutants = chosen(mutants, &run.hand.things, order.filter, order.sample, order.seed);
    let tried = run.all(&mutants, cancel, hear).await?;
    let is_whole = order.sample.is_none() && order.filter.is_none();
    let rows = run.green.iter().map(|row| (*row, run.rows[*row].as_str()));
    let idle = is_whole.then(|| Idle::of(&tried, rows, &run.equivalents));
    Ok(Report::new(&run.hand.things, &tried, &skipped, idle))
}

/// A judge that looks again and again, and only reads.
async fn judge(order: &Order<'_>) -> Result<Judge> {
    let probes = Err("probes do not run with --mutate".to_owned());
    let target = Target { probes, ..order.target.clone() };
    Judge::open(&target, order.own, order.waivers, order.today).await.map_err(|error| unjudged(&error))
}

fn unjudged(error: &features::Error) -> Failure {
    Failure::new(Exit::Failed, error).maybe(error.hint())
}

fn failed(result: &ScenarioResult) -> bool {
    result.outcome == Outcome::Failed
}

impl Run {
    /// Looks at everything as it is.
    async fn begin(&mut self, hear: Hear<'_>) -> Result<()> {
        hear(Heard::Told(Message::Now("judging the zone as it is")));
        let before = self.judge.judge(None).await;
        let red = before.iter().filter(|(_, result)| failed(result)).count();
        if red > 0 {
            let message = format!("{} failed before anything was changed", counted(red, "row"));
            return Err(Failure::new(Exit::Judged, message)
                .hint(format!("`zone verify -e {}` shows them; nothing was changed", self.environment)));
        }
        for (row, result) in &before {
            self.rows.push(format!("{}  {}", result.requirement, result.name));
            self.footprints.add(*row, &result.evidence);
            if result.outcome == Outcome::Passed {
                self.green.insert(*row);
            }
        }
        Ok(())
    }

    /// Makes these changes, one after the other.
    async fn all(&mut self, mutants: &[Mutant], cancel: &Cancel, hear: Hear<'_>) -> Result<Vec<Tried>> {
        let (mut tried, mut survived, of) = (Vec::new(), 0, mutants.len());
        hear(Heard::Planned { changes: of });
        for (mutant, number) in mutants.iter().zip(1_usize..) {
            if cancel.is_cancelled() {
                return self.stopped(&tried).await;
            }
            hear(Heard::Trying { number, of, survived });
            let one = self.one(mutant).await?;
            hear(Heard::Tried { thing: &self.hand.things[mutant.thing], tried: &one });
            survived += usize::from(one.fate == Fate::Survived);
            tried.push(one);
            if number.is_multiple_of(BATCH) || number == of {
                self.assure(&tried).await?;
            }
        }
        Ok(tried)
    }

    /// The end of a run that was cancelled, with everything as before.
    async fn stopped<T>(&mut self, tried: &[Tried]) -> Result<T> {
        if !tried.is_empty() {
            self.assure(tried).await?;
        }
        Err(Failure::new(Exit::Cancelled, "the mutations were stopped")
            .hint("everything is as it was before; run it again from the start"))
    }

    /// The rows of these that fail now; an error where nothing can be judged any more.
    async fn red(&mut self, rows: &BTreeSet<usize>) -> std::result::Result<BTreeSet<usize>, features::Error> {
        self.judge.reopen().await?;
        let judged = self.judge.judge(Some(rows)).await;
        Ok(judged.into_iter().filter(|(_, result)| failed(result)).map(|(row, _)| row).collect())
    }

    /// Makes a change, looks, and puts it back.
    async fn one(&mut self, mutant: &Mutant) -> Result<Tried> {
        let thing = &self.hand.things[mutant.thing];
        let equivalent = equivalents::of(&self.equivalents, thing, mutant);
        let key = (thing.kind.clone(), mutant.pattern());
        let near: BTreeSet<_> = self.footprints.near(thing, &key.1).intersection(&self.green).copied().collect();
        let made = self.hand.make(mutant).await;
        let fate = match &made {
            Err(words) => Fate::Refused(words.clone()),
            Ok(()) => self.look(&near, equivalent).await,
        };
        if let Err(words) = self.hand.restore(mutant).await {
            let thing = &self.hand.things[mutant.thing];
            return Err(self.unrestored(&format!("{} `{}`: {words}", thing.kind, thing.name())));
        }
        if let Fate::Caught(rows) = &fate {
            self.footprints.learn(&key.0, &key.1, rows);
        }
        Ok(Tried { mutant: mutant.clone(), fate })
    }

    async fn look(&mut self, near: &BTreeSet<usize>, equivalent: Option<usize>) -> Fate {
        let far: BTreeSet<_> = self.green.difference(near).copied().collect();
        for rows in [near, &far] {
            match self.red(rows).await {
                Ok(red) if red.is_empty() => {}
                Ok(red) => return Fate::Caught(red),
                // without its contract a zone cannot be judged at all
                Err(error) => return Fate::Unjudged(error.to_string()),
            }
            if let Some(number) = equivalent {
                return Fate::Equivalent(number);
            }
        }
        Fate::Survived
    }

    /// Makes sure that everything is as it was before.
    async fn assure(&mut self, tried: &[Tried]) -> Result<()> {
        let green = self.green.clone();
        let red = self.red(&green).await.map_err(|error| unjudged(&error))?;
        if red.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = red.iter().map(|row| format!("`{}`", self.rows[*row])).collect();
        let last = tried.len().saturating_sub(1) / BATCH * BATCH;
        let suspects =
            tried[last..].iter().filter(|one| matches!(&one.fate, Fate::Caught(rows) if !rows.is_disjoint(&red)));
        let suspects: Vec<_> = suspects.map(|one| one.mutant.words(&self.hand.things[one.mutant.thing])).collect();
        Err(self.unrestored(&format!("{} still fail, after: {}", names.join(", "), suspects.join("; "))))
    }

    fn unrestored(&self, words: &str) -> Failure {
        let message = format!("environment `{}` is not restored: {words}", self.environment);
        Failure::new(Exit::Failed, message).hint(format!(
            "`zone refresh -e {0}`, then `zone up -e {0}` put it back; or start over with `zone emulator stop` and `zone up -e {0}`",
            self.environment
        ))
    }
}
