//! `zone verify --mutate`: can the rows fail? Changes what is deployed behind the state's back, one property at a time, and
//! looks which rows turn red.
//!
//! A change is caught when a row that passed fails. First the rows are judged that have seen the resource, or that noticed such
//! a change before; all others only if none of these is red. Every [`BATCH`] changes all rows have to be green again.

mod equivalents;
mod footprints;
mod report;

use std::collections::BTreeSet;

use aws::clients::Ambient;
use config::{Kind, Zone};
use deploy::{
    keeping::Held,
    mutate::{Hand, Mutant, chance},
};
use features::{Judge, Outcome, ScenarioResult};
use state::{
    Message,
    error::{Exit, Failure, Result, counted},
    home::Home,
};

use self::{
    equivalents::Equivalent,
    footprints::Footprints,
    report::{Fate, Tried},
};
use super::{judge, told};
use crate::{cli::Verify, commands::emulator::running, output::Output};

/// After so many changes it is made sure that everything is as before.
const BATCH: usize = 40;

pub(super) async fn run(home: &Home, zone: &Zone, verify: &Verify, output: &Output) -> Result<()> {
    if zone.kind != Kind::Emulator {
        let message = format!("--mutate breaks what is deployed, and `{}` is a real account", zone.environment);
        return Err(Failure::new(Exit::Usage, message)
            .hint("`zone verify --mutate -e local` does it on the emulator; nothing was changed"));
    }
    let ambient = Ambient::emulated(&running(home, zone).await?);
    let tell = |message: Message<'_>| match message {
        Message::Now(text) => output.now(text),
        Message::Line(text) => output.say(text),
        Message::Note(text) => output.note(text),
    };
    // nobody deploys meanwhile
    let held = Held::take(zone, home, &ambient, "verify --mutate", &tell).await?;
    let done = work(home, zone, verify, &held, ambient, output).await;
    let closed = held.close().await;
    done.and(closed)
}

async fn work(home: &Home, zone: &Zone, verify: &Verify, held: &Held, ambient: Ambient, output: &Output) -> Result<()> {
    let cancel = super::super::cancelled_by_signals()?;
    let equivalents = equivalents::read()?;
    let deployment = held.deployment().await?;
    let mut run = Run {
        hand: Hand::open(&deployment, ambient).await?,
        judge: judge(home, zone).await?,
        footprints: Footprints::default(),
        environment: zone.environment.clone(),
        green: BTreeSet::new(),
        rows: Vec::new(),
    };
    run.begin(output).await?;
    let (mut mutants, skipped) = run.hand.mutants(verify.seed).await;
    if let Some(filter) = &verify.judging.filter {
        mutants.retain(|mutant| run.hand.things[mutant.thing].kind.contains(filter.as_str()));
    }
    if let Some(sample) = verify.sample {
        let urn = |mutant: &Mutant| run.hand.things[mutant.thing].urn.clone();
        mutants.sort_by_cached_key(|m| chance(verify.seed, &[&urn(m), &m.property, &m.change]));
        mutants.truncate(sample);
        mutants.sort_by_key(|mutant| mutant.thing);
    }
    report::planned(output, mutants.len());
    let mut tried = Vec::new();
    for (number, mutant) in mutants.iter().enumerate() {
        output.now(&format!("change {} of {}, {} not noticed", number + 1, mutants.len(), report::survivors(&tried)));
        let one = run.one(mutant, &equivalents).await?;
        report::line(output, &run.hand.things[mutant.thing], &one);
        tried.push(one);
        let is_over = cancel.is_cancelled();
        if (number + 1) % BATCH == 0 || number + 1 == mutants.len() || is_over {
            run.assure(&tried).await?;
        }
        if is_over {
            return Err(Failure::new(Exit::Cancelled, "the mutations were stopped")
                .hint("everything is as it was before; run it again from the start"));
        }
    }
    output.done();
    let whole = verify.sample.is_none() && verify.judging.filter.is_none();
    let rows: Vec<_> = run.green.iter().map(|row| (*row, run.rows[*row].as_str())).collect();
    report::shown(output, &run.hand.things, (&tried, &skipped), &equivalents, whole.then_some(&rows[..]))
}

/// What a run of mutations works with.
struct Run {
    hand: Hand,
    judge: Judge,
    footprints: Footprints,
    environment: String,
    /// The rows that passed before anything was changed.
    green: BTreeSet<usize>,
    /// Names of all rows.
    rows: Vec<String>,
}

fn failed(result: &ScenarioResult) -> bool {
    result.outcome == Outcome::Failed
}

impl Run {
    /// Looks at everything as it is.
    async fn begin(&mut self, output: &Output) -> Result<()> {
        output.now("judging the zone as it is");
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

    /// The rows of these that fail now; an error where nothing can be judged any more.
    async fn red(&mut self, rows: &BTreeSet<usize>) -> std::result::Result<BTreeSet<usize>, features::Error> {
        self.judge.reopen().await?;
        let judged = self.judge.judge(Some(rows)).await;
        Ok(judged.into_iter().filter(|(_, result)| failed(result)).map(|(row, _)| row).collect())
    }

    /// Makes a change, looks, and puts it back.
    async fn one(&mut self, mutant: &Mutant, equivalents: &[Equivalent]) -> Result<Tried> {
        let thing = &self.hand.things[mutant.thing];
        let equivalent = equivalents::of(equivalents, thing, mutant);
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
        let red = self.red(&green).await.map_err(|error| told(&error))?;
        if red.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = red.iter().map(|row| format!("`{}`", self.rows[*row])).collect();
        let last = tried.len().saturating_sub(1) / BATCH * BATCH;
        let suspects =
            tried[last..].iter().filter(|one| matches!(&one.fate, Fate::Caught(rows) if !rows.is_disjoint(&red)));
        let suspects: Vec<_> =
            suspects.map(|one| report::named(&self.hand.things[one.mutant.thing], &one.mutant)).collect();
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
