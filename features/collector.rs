//! Listens to cucumber and turns its events into results.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Instant, SystemTime},
};

use cucumber::{
    Event, Writer, cli,
    event::{Cucumber, Feature, Hook, Info, RetryableScenario, Rule, Scenario, Step, StepError},
    gherkin, parser,
    writer::Normalized,
};

use crate::{
    evidence::{
        Evidence,
        recorder::{Record, Recorder},
    },
    report::{Outcome, ScenarioResult},
    suite::{self, Place, Planned},
    waiver::Waivers,
    world::{Failure, World},
};

/// What is known of a scenario while it runs.
#[derive(Debug)]
struct Running {
    since: Instant,
    /// Steps that held.
    held: usize,
    /// The first thing that went otherwise.
    verdict: Option<(Outcome, String)>,
}

/// A result, and whether it may be another in a moment.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) result: ScenarioResult,
    pub(crate) waits: bool,
}

/// What the scenarios of a pass have seen, by their places.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records(Arc<Mutex<HashMap<Place, Recorder>>>);

impl Records {
    /// A scenario begins.
    pub(crate) fn begin(&self, place: Place) -> Recorder {
        let recorder = Recorder::new();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, recorder.clone());
        recorder
    }

    fn of(&self, place: &Place) -> Record {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.get(place).map(Recorder::so_far).unwrap_or_default()
    }
}

/// Holds the plan and fills in the results.
pub(crate) struct Collector<'a, F> {
    plan: Vec<(Place, Planned)>,
    results: HashMap<Place, Judged>,
    running: HashMap<Place, Running>,
    waivers: &'a Waivers,
    on: F,
    records: Records,
    /// Whether what may look otherwise in a moment is kept back, and not told of.
    patient: bool,
}

impl<'a, F: FnMut(&ScenarioResult)> Collector<'a, F> {
    pub(crate) fn new(plan: Vec<(Place, Planned)>, waivers: &'a Waivers, patient: bool, on: F) -> Self {
        let (results, running, records) = (HashMap::new(), HashMap::new(), Records::default());
        Self { plan, results, running, waivers, on, records, patient }
    }

    /// Where scenarios that run leave what they have seen.
    pub(crate) fn records(&self) -> Records {
        self.records.clone()
    }

    /// The results in the order of the plan. What was planned and never came is failed: a missing row looks like none.
    pub(crate) fn into_results(mut self) -> Vec<(Place, Judged)> {
        let lost: Vec<_> = self
            .plan
            .iter()
            .map(|(place, _)| place)
            .filter(|place| !self.results.contains_key(*place))
            .cloned()
            .collect();
        for place in lost {
            self.finish(&place);
        }
        let results = &mut self.results;
        self.plan.iter().filter_map(|(place, _)| Some((place.clone(), results.remove(place)?))).collect()
    }

    fn scenario(&mut self, place: &Place, event: Scenario<World>) {
        match event {
            Scenario::Started => {
                let running = Running { since: Instant::now(), held: 0, verdict: None };
                self.running.insert(place.clone(), running);
            }
            Scenario::Background(step, event) | Scenario::Step(step, event) => {
                self.step(place, &step, event);
            }
            Scenario::Hook(_, Hook::Failed(_, info)) => {
                self.verdict(place, Outcome::Failed, text(&info));
            }
            Scenario::Hook(_, Hook::Started | Hook::Passed) | Scenario::Log(_) => {}
            Scenario::Finished => self.finish(place),
        }
    }

    fn step(&mut self, place: &Place, step: &gherkin::Step, event: Step<World>) {
        match event {
            Step::Started => {}
            Step::Passed(..) => {
                if let Some(running) = self.running.get_mut(place) {
                    running.held += 1;
                }
            }
            Step::Skipped | Step::Failed(_, _, _, StepError::NotFound) => {
                self.verdict(place, Outcome::Failed, format!("no step is defined for `{}`", step.value));
            }
            Step::Failed(_, _, _, StepError::AmbiguousMatch(error)) => {
                let which: Vec<_> = error.possible_matches.iter().map(|(regex, _)| format!("`{regex}`")).collect();
                let reason = format!("`{}` is ambiguous, it is matched by {}", step.value, which.join(" and "));
                self.verdict(place, Outcome::Failed, reason);
            }
            Step::Failed(_, _, _, StepError::Panic(info)) => {
                let shown = text(&info);
                match Failure::reason_not_evaluated(&shown) {
                    Some(reason) => self.verdict(place, Outcome::NotEvaluated, reason.to_owned()),
                    None => self.verdict(place, Outcome::Failed, shown),
                }
            }
        }
    }

    fn verdict(&mut self, place: &Place, outcome: Outcome, reason: String) {
        if let Some(running) = self.running.get_mut(place) {
            running.verdict.get_or_insert((outcome, reason));
        }
    }

    fn finish(&mut self, place: &Place) {
        let Some((_, planned)) = self.plan.iter().find(|(planned, _)| planned == place) else {
            return;
        };
        let running = self.running.remove(place);
        let duration = running.as_ref().map(|running| running.since.elapsed()).unwrap_or_default();
        let verdict = match running {
            None => Some((Outcome::Failed, "it was planned and never ran".to_owned())),
            Some(Running { verdict: None, held: 0, .. }) => {
                Some((Outcome::Failed, "none of its steps was reported".to_owned()))
            }
            Some(running) => running.verdict,
        };
        let failed = matches!(verdict, Some((Outcome::Failed, _)));
        let (outcome, reason, waiver) = match verdict {
            None => (Outcome::Passed, None, None),
            Some((Outcome::Failed, failure)) => {
                let (outcome, reason, waiver) = self.waivers.apply(planned, failure);
                (outcome, Some(reason), waiver)
            }
            Some((outcome, reason)) => (outcome, Some(reason), None),
        };
        let waits = failed && planned.settles && self.patient;
        let Planned { requirement, feature, name, rule, file, line, steps, .. } = planned.clone();
        let Record { began, subjects, calls, shared } = self.records.of(place);
        let began = began.unwrap_or_else(SystemTime::now);
        let shared = shared.into_iter().map(str::to_owned).collect();
        let evidence = Box::new(Evidence { rule, file, line, steps, began, subjects, calls, shared, waiver });
        let result = ScenarioResult { requirement, feature, name, outcome, reason, duration, evidence };
        if !waits {
            (self.on)(&result);
        }
        self.results.insert(place.clone(), Judged { result, waits });
    }
}

/// Scenarios come as they end, all mixed; each is kept by its place, so the order needs no mending.
impl<F> Normalized for Collector<'_, F> {}

impl<F: FnMut(&ScenarioResult)> Writer<World> for Collector<'_, F> {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, _: &Self::Cli) {
        // what we parse ourselves cannot fail to parse here, and if it does, the plan misses it
        let Ok(Cucumber::Feature(feature, event)) = event.map(Event::into_inner) else { return };
        let (Feature::Rule(_, Rule::Scenario(scenario, event)) | Feature::Scenario(scenario, event)) = event else {
            return;
        };
        let RetryableScenario { event, .. } = event;
        self.scenario(&suite::place(&feature, &scenario), event);
    }
}

/// What a step said when it failed: the text of its error, which cucumber throws as a panic.
fn text(info: &Info) -> String {
    info.downcast_ref::<String>()
        .cloned()
        .or_else(|| info.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "the step panicked without a word".to_owned())
}
