//! The features as text, and as a plan: which scenarios there are, before any of them runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use cucumber::{
    feature::Ext as _,
    gherkin::{Feature, GherkinEnv, Scenario, StepType},
};

use crate::error::Error;

/// In the order of the report.
const SHIPPED: &[(&str, &str)] = &[
    ("contract", include_str!("contract.feature")),
    ("network", include_str!("network.feature")),
    ("kms", include_str!("kms.feature")),
    ("storage", include_str!("storage.feature")),
    ("events", include_str!("events.feature")),
    ("identity", include_str!("identity.feature")),
    ("delivery", include_str!("delivery.feature")),
    ("roles", include_str!("roles.feature")),
    ("trail", include_str!("trail.feature")),
    ("governance", include_str!("governance.feature")),
    ("platform", include_str!("platform.feature")),
];

/// Where a scenario stands: the feature and the line. An example has the line of its row.
pub(crate) type Place = (String, usize);

/// One scenario to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) requirement: String,
    pub(crate) feature: String,
    pub(crate) name: String,
    /// AWS may still show what was before a change that is seconds old.
    pub(crate) settles: bool,
}

/// The tag of scenarios that are asked again before they are judged red.
const SETTLES: &str = "settles";

/// Features with every outline expanded, and the plan of them.
#[derive(Debug)]
pub(crate) struct Suite {
    features: Vec<Feature>,
    /// By place; a feature's number comes first so that the order is that of the features.
    plan: BTreeMap<(usize, usize), Planned>,
}

impl Suite {
    /// The features that are part of this program.
    pub(crate) fn shipped() -> Self {
        Self::parse(SHIPPED).expect("the shipped features are well-formed, a test sees to it")
    }

    /// Reads features (name and text) and refuses every scenario that could pass without showing anything.
    pub(crate) fn parse(sources: &[(&str, &str)]) -> Result<Self, String> {
        let mut suite = Self { features: Vec::new(), plan: BTreeMap::new() };
        for (number, (name, text)) in sources.iter().enumerate() {
            let malformed = |what: String| format!("{name}.feature: {what}");
            let feature_name = (*name).to_owned();
            let mut feature =
                Feature::parse(text, GherkinEnv::default()).map_err(|error| malformed(error.to_string()))?;
            feature.path = Some(PathBuf::from(name));
            refuse_outlines_without_rows(&feature).map_err(malformed)?;
            let feature = feature.expand_examples().map_err(|error| malformed(error.to_string()))?;
            for (tags, scenario) in scenarios(&feature) {
                let line = scenario.position.line;
                let requirement =
                    requirement(&tags, scenario).map_err(|what| malformed(format!("line {line}: {what}")))?;
                let (name, settles) = (full_name(scenario), tags.contains(SETTLES));
                let planned = Planned { requirement, feature: feature_name.clone(), name, settles };
                if suite.plan.insert((number, line), planned).is_some() {
                    return Err(malformed(format!("line {line}: two scenarios stand there")));
                }
            }
            suite.features.push(feature);
        }
        Ok(suite)
    }

    /// Keeps what `filter` names; that must be something.
    pub(crate) fn select(mut self, filter: Option<&str>) -> Result<Self, Error> {
        let Some(filter) = filter else { return Ok(self) };
        let wanted = filter.to_lowercase();
        let requirements = self.rows().into_iter().map(|(requirement, _)| requirement).collect();
        self.plan.retain(|_, planned| {
            planned.requirement.to_lowercase() == wanted
                || planned.feature.to_lowercase().contains(&wanted)
                || planned.name.to_lowercase().contains(&wanted)
        });
        if self.plan.is_empty() {
            return Err(Error::NothingSelected { filter: filter.to_owned(), requirements });
        }
        let plan = &self.plan;
        for (number, feature) in self.features.iter_mut().enumerate() {
            retain(feature, |line| plan.contains_key(&(number, line)));
        }
        Ok(self)
    }

    /// Every scenario of the plan, in order.
    pub(crate) fn planned(&self) -> impl Iterator<Item = &Planned> {
        self.plan.values()
    }

    /// Scenarios per requirement, in the order of their first appearance.
    pub(crate) fn rows(&self) -> Vec<(String, usize)> {
        let mut rows: Vec<(String, usize)> = Vec::new();
        for planned in self.planned() {
            match rows.iter_mut().find(|(requirement, _)| *requirement == planned.requirement) {
                Some((_, count)) => *count += 1,
                None => rows.push((planned.requirement.clone(), 1)),
            }
        }
        rows
    }

    /// What cucumber runs, and the plan in order with the places by which its events are recognised.
    pub(crate) fn into_parts(self) -> (Vec<Feature>, Vec<(Place, Planned)>) {
        let plan = self.plan.into_iter().map(|((_, line), planned)| ((planned.feature.clone(), line), planned));
        (self.features, plan.collect())
    }
}

/// Of these features, the scenarios at these places.
pub(crate) fn only(features: &[Feature], places: &BTreeSet<Place>) -> Vec<Feature> {
    let mut features = features.to_vec();
    for feature in &mut features {
        let name = feature.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
        retain(feature, |line| places.contains(&(name.clone(), line)));
    }
    features
}

/// Keeps the scenarios of a feature that stand at these lines.
fn retain(feature: &mut Feature, kept: impl Fn(usize) -> bool) {
    let kept = |scenario: &Scenario| kept(scenario.position.line);
    feature.scenarios.retain(kept);
    feature.rules.iter_mut().for_each(|rule| rule.scenarios.retain(kept));
}

/// All scenarios of a feature, with the tags they have and inherit.
fn scenarios(feature: &Feature) -> Vec<(BTreeSet<&str>, &Scenario)> {
    let free = feature.scenarios.iter().map(|scenario| (&[][..], scenario));
    let ruled = feature.rules.iter().flat_map(|rule| rule.scenarios.iter().map(|scenario| (&rule.tags[..], scenario)));
    free.chain(ruled)
        .map(|(rule, scenario)| {
            (feature.tags.iter().chain(rule).chain(&scenario.tags).map(String::as_str).collect(), scenario)
        })
        .collect()
}

/// Cucumber expands an outline without rows to nothing, silently.
fn refuse_outlines_without_rows(feature: &Feature) -> Result<(), String> {
    for (_, scenario) in scenarios(feature) {
        let outline = scenario.keyword.contains("Outline") || scenario.keyword.contains("Template");
        let empty = |rows: Option<usize>| rows.is_none_or(|rows| rows < 2);
        let rows = scenario.examples.iter().map(|examples| examples.table.as_ref().map(|table| table.rows.len()));
        if (outline && scenario.examples.is_empty()) || rows.into_iter().any(empty) {
            return Err(format!("line {}: `{}` has no example", scenario.position.line, scenario.name));
        }
    }
    Ok(())
}

/// The one requirement of a scenario that asserts something.
fn requirement(tags: &BTreeSet<&str>, scenario: &Scenario) -> Result<String, String> {
    let name = &scenario.name;
    if !scenario.steps.iter().any(|step| step.ty == StepType::Then) {
        return Err(format!("`{name}` asserts nothing"));
    }
    let ids: Vec<_> = tags.iter().filter(|tag| is_requirement(tag)).collect();
    match ids[..] {
        [id] => Ok((*id).to_owned()),
        _ => Err(format!("`{name}` has {} requirements as tags, and should have one", ids.len())),
    }
}

/// Capitals, a hyphen, digits: `FR-417`.
fn is_requirement(tag: &str) -> bool {
    tag.split_once('-').is_some_and(|(letters, digits)| {
        !letters.is_empty()
            && !digits.is_empty()
            && letters.bytes().all(|byte| byte.is_ascii_uppercase())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The name with the example's values. Cucumber puts those in that the name asks for; the others are appended, or two
/// rows of one outline could not be told apart.
fn full_name(scenario: &Scenario) -> String {
    let values = scenario.examples.first().and_then(|examples| examples.table.as_ref()?.rows.get(1));
    let unnamed: Vec<_> =
        values.into_iter().flatten().filter(|value| !scenario.name.contains(*value)).map(String::as_str).collect();
    if unnamed.is_empty() { scenario.name.clone() } else { format!("{} ({})", scenario.name, unnamed.join(", ")) }
}
