//! The features as text, and as a plan: which scenarios there are, before any of them runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use config::Zone;
use cucumber::{
    World as _,
    feature::Ext as _,
    gherkin::{Feature, GherkinEnv, Rule, Scenario, Step, StepType},
    step::Collection,
};

use crate::{error::Error, rows, target::Module, vocabulary, world::World};

/// A feature file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is, for messages.
    pub file: PathBuf,
    /// What it says.
    pub text: String,
}

impl Source {
    /// The feature files of a folder, ordered by name; none where there is no such folder.
    pub fn all(dir: &Path) -> Result<Vec<Self>, Error> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |cause: io::Error| Error::File { path, cause: cause.to_string() }
        };
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(dir)(error)),
        };
        let is_feature = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "feature");
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_feature).collect();
        files.sort();
        let read = |file: PathBuf| {
            let text = fs::read_to_string(&file).map_err(failed(&file))?;
            Ok(Self { file, text })
        };
        files.into_iter().map(read).collect()
    }
}

/// In the order of the report; a tenant's own come after these.
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
    ("isolation", include_str!("isolation.feature")),
    ("probes", include_str!("probes.feature")),
];

/// Where a scenario stands: the feature and the line. An example has the line of its row.
pub(crate) type Place = (String, usize);

/// One scenario to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) requirement: String,
    pub(crate) feature: String,
    pub(crate) name: String,
    /// What the rule demands of which it is an example.
    pub(crate) rule: String,
    /// The file and the line, as messages name them; an example of what is configured has the line of its header.
    pub(crate) file: String,
    pub(crate) line: usize,
    /// Its steps, as they are read out.
    pub(crate) steps: Vec<String>,
    /// AWS may still show what was before a change that is seconds old.
    pub(crate) settles: bool,
}

/// The tag of scenarios that are asked again before they are judged red.
const SETTLES: &str = "settles";

/// Features with every outline expanded, and the plan of them.
#[derive(Debug, Clone)]
pub(crate) struct Suite {
    features: Vec<Feature>,
    /// By place; a feature's number comes first so that the order is that of the features.
    plan: BTreeMap<(usize, usize), Planned>,
}

impl Suite {
    /// Our own features for what is configured, and a tenant's.
    pub(crate) fn of(own: &[Source], zone: &Zone) -> Result<Self, Error> {
        let ours = SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), format!("features/{name}.feature"), *text));
        let theirs = own.iter().map(|source| {
            let name = source.file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            // no name of ours: a row is told from another by its feature and its line
            (format!("features/{name}"), source.file.display().to_string(), source.text.as_str())
        });
        let mut suite = Self::parse(ours.chain(theirs), zone, Some(&World::collection()))?;
        suite.leave_out_what_the_tenant_says();
        Ok(suite)
    }

    /// The features of a module alone, with its settings in the place of `<settings.NAME>`.
    pub(crate) fn of_module(own: &[Source], zone: &Zone, module: &Module) -> Result<Self, Error> {
        let texts: Vec<_> = own.iter().map(|source| with_settings(source, module)).collect::<Result<_, _>>()?;
        let sources = own.iter().zip(&texts).map(|(source, text)| {
            let name = source.file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            (name, source.file.display().to_string(), text.as_str())
        });
        Self::parse(sources, zone, Some(&World::collection()))
    }

    /// A row of ours whose steps a tenant's row has, too, would be judged twice, and could not be waived with that.
    fn leave_out_what_the_tenant_says(&mut self) {
        fn steps(scenario: &Scenario) -> BTreeSet<&str> {
            scenario.steps.iter().map(|step| step.value.as_str()).collect()
        }
        let (ours, theirs) = self.features.split_at(SHIPPED.len());
        let theirs: Vec<_> = theirs.iter().flat_map(|f| scenarios(f)).map(|(_, scenario)| steps(scenario)).collect();
        let said = |scenario: &Scenario| theirs.iter().any(|theirs| steps(scenario).is_subset(theirs));
        let said: BTreeSet<(usize, usize)> = ours
            .iter()
            .enumerate()
            .flat_map(|(number, feature)| scenarios(feature).into_iter().map(move |(_, scenario)| (number, scenario)))
            .filter(|(_, scenario)| said(scenario))
            .map(|(number, scenario)| (number, scenario.position.line))
            .collect();
        self.plan.retain(|place, _| !said.contains(place));
        self.keep_what_is_planned();
    }

    /// Drops the scenarios that are in no plan.
    fn keep_what_is_planned(&mut self) {
        let plan = &self.plan;
        for (number, feature) in self.features.iter_mut().enumerate() {
            retain(feature, |line| plan.contains_key(&(number, line)));
        }
    }

    /// Reads features (name, file and text) and refuses every scenario that could pass without showing anything, and every
    /// step that is none of `steps`, where these are given.
    pub(crate) fn parse<'t>(
        sources: impl IntoIterator<Item = (String, String, &'t str)>,
        zone: &Zone,
        steps: Option<&Collection<World>>,
    ) -> Result<Self, Error> {
        let mut suite = Self { features: Vec::new(), plan: BTreeMap::new() };
        for (number, (name, file, text)) in sources.into_iter().enumerate() {
            let malformed = |line, problem| feature_error(&file, line, problem, HINT);
            let feature_name = name.clone();
            let (text, lines) = rows::filled(text, zone).map_err(|(line, what)| malformed(Some(line), what))?;
            let line_of = |line: usize| lines.get(line.saturating_sub(1)).copied();
            let mut feature =
                Feature::parse(&text, GherkinEnv::default()).map_err(|error| parsing(&file, &error, &lines))?;
            feature.path = Some(PathBuf::from(&name));
            // a misspelt `Scenario:` is taken for a description
            let empty = feature.rules.iter().find(|rule| rule.scenarios.is_empty());
            if let Some(rule) = empty {
                let problem = format!("rule `{}` has no scenario", rule.name);
                return Err(malformed(line_of(rule.position.line), problem));
            }
            if feature.rules.is_empty() && feature.scenarios.is_empty() {
                return Err(malformed(line_of(feature.position.line), "the feature has no scenario".to_owned()));
            }
            drop_empty_collections(&mut feature);
            refuse_outlines_without_rows(&feature).map_err(|(line, what)| malformed(line_of(line), what))?;
            let feature = feature.expand_examples().map_err(|error| malformed(None, error.to_string()))?;
            for (tags, rule, scenario) in ruled(&feature) {
                let line = scenario.position.line;
                let requirement = requirement(&tags, scenario).map_err(|what| malformed(line_of(line), what))?;
                let is_none = |step: &&Step| steps.is_some_and(|steps| matches!(steps.find(step), Ok(None)));
                if let Some(step) = scenario.steps.iter().find(is_none) {
                    let problem = format!("no step is defined for `{}`", step.value);
                    let hint = vocabulary::nearest(&step.value);
                    return Err(feature_error(&file, line_of(step.position.line), problem, &hint));
                }
                let planned = Planned {
                    requirement,
                    feature: feature_name.clone(),
                    name: full_name(scenario),
                    rule: rule.map_or(&feature.name, |rule| &rule.name).clone(),
                    file: file.clone(),
                    line: line_of(line).unwrap_or(line),
                    steps: scenario.steps.iter().map(|s| format!("{} {}", s.keyword.trim(), s.value)).collect(),
                    settles: tags.contains(SETTLES),
                };
                if suite.plan.insert((number, line), planned).is_some() {
                    return Err(malformed(line_of(line), "two scenarios stand there".to_owned()));
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
        self.keep_what_is_planned();
        Ok(self)
    }

    /// The same with the scenarios at these places of the plan alone.
    pub(crate) fn only(&self, rows: &BTreeSet<usize>) -> Self {
        let mut suite = self.clone();
        let mut number = 0..;
        suite.plan.retain(|_, _| number.next().is_some_and(|number| rows.contains(&number)));
        suite.keep_what_is_planned();
        suite
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

/// Where a scenario of a feature stands.
pub(crate) fn place(feature: &Feature, scenario: &Scenario) -> Place {
    (feature.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default(), scenario.position.line)
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
    ruled(feature).into_iter().map(|(tags, _, scenario)| (tags, scenario)).collect()
}

/// The same, with the rule that each stands in.
fn ruled(feature: &Feature) -> Vec<(BTreeSet<&str>, Option<&Rule>, &Scenario)> {
    let free = feature.scenarios.iter().map(|scenario| (None, scenario));
    let ruled = feature.rules.iter().flat_map(|rule| rule.scenarios.iter().map(move |scenario| (Some(rule), scenario)));
    free.chain(ruled)
        .map(|(rule, scenario)| {
            let inherited = rule.map_or(&[][..], |rule| &rule.tags[..]);
            let tags = feature.tags.iter().chain(inherited).chain(&scenario.tags);
            (tags.map(String::as_str).collect(), rule, scenario)
        })
        .collect()
}

/// What the parser says, with the line of the file.
fn parsing(file: &str, error: &impl std::fmt::Display, lines: &[usize]) -> Error {
    // `Error at 12:5: what was expected`
    let text = error.to_string();
    let rest = text.split_once(" at ").map_or(text.as_str(), |(_, rest)| rest);
    let (place, expected) = rest.split_once(": ").unwrap_or(("", rest));
    let place = place.split(':').next().and_then(|line| line.parse::<usize>().ok());
    // the end of the text stands behind its last line
    let line = place.and_then(|line| lines.get(line.saturating_sub(1)).or(lines.last()).copied());
    feature_error(file, line, format!("is no Gherkin: expected {expected}"), HINT)
}

/// What a feature has to be like.
const HINT: &str = "the features beside features/suite.rs show the form: one requirement as a tag, steps that are defined, \
                    and rows for each outline";

fn feature_error(file: &str, line: Option<usize>, problem: String, hint: &str) -> Error {
    Error::Feature { file: file.to_owned(), line, problem, hint: hint.to_owned() }
}

/// An outline over things of which none is configured judges nothing, and is meant to.
fn drop_empty_collections(feature: &mut Feature) {
    let has_rows = |scenario: &mut Scenario| {
        let before = scenario.examples.len();
        let is_empty = |examples: &cucumber::gherkin::Examples| {
            rows::is_collection(examples.name.as_deref()) && examples.table.as_ref().is_none_or(|t| t.rows.len() < 2)
        };
        scenario.examples.retain(|examples| !is_empty(examples));
        before == 0 || !scenario.examples.is_empty()
    };
    feature.scenarios.retain_mut(has_rows);
    feature.rules.iter_mut().for_each(|rule| rule.scenarios.retain_mut(has_rows));
}

/// Cucumber expands an outline without rows to nothing, silently.
fn refuse_outlines_without_rows(feature: &Feature) -> Result<(), (usize, String)> {
    for (_, scenario) in scenarios(feature) {
        let outline = scenario.keyword.contains("Outline") || scenario.keyword.contains("Template");
        let empty = |rows: Option<usize>| rows.is_none_or(|rows| rows < 2);
        let rows = scenario.examples.iter().map(|examples| examples.table.as_ref().map(|table| table.rows.len()));
        if (outline && scenario.examples.is_empty()) || rows.into_iter().any(empty) {
            return Err((scenario.position.line, format!("`{}` has no example", scenario.name)));
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

/// A feature's text with a module's settings filled in.
fn with_settings(source: &Source, module: &Module) -> Result<String, Error> {
    const OPENS: &str = "<settings.";
    let mut lines = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let mut filled = line.to_owned();
        while let Some(start) = filled.find(OPENS) {
            let Some(length) = filled[start..].find('>') else { break };
            let name = filled[start + OPENS.len()..start + length].to_owned();
            let value = match module.settings.get(&name) {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                None => {
                    let problem = format!("the module has no setting `{name}`");
                    let hint = format!("add it to config/modules/{}.toml", module.name);
                    return Err(feature_error(&source.file.display().to_string(), Some(number + 1), problem, &hint));
                }
            };
            filled.replace_range(start..=start + length, &value);
        }
        lines.push(filled);
    }
    Ok(lines.join("\n") + "\n")
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
