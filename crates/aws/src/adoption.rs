//! What the user wants taken over: resources that exist already, and that this deployment is to make its own.
//!
//! A choice is a name or an id, as the user knows it (`acme-documents-dev`, `vpc-0a1b`), or `NAME=ID` where several
//! resources of the program could be meant. What is set on an adopted resource, or lies inside it, is adopted with it.

mod choice;
mod report;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use futures::future::BoxFuture;
use pulumi::{
    provider::{
        adopt::{Candidate, Found, Intent, Presence},
        check::Failure,
        resource::Error,
    },
    urn,
    value::{Map, Value},
};

use crate::{provider::Aws, recovery::Elsewhere, tags::tags_in};

use choice::{Choice, short};
pub use choice::{choice_of, covers, means};
pub use report::{Adopted, Refused, Report, Standing, Stray};

/// The choices of a run, and what came of them. Off until somebody chooses.
#[derive(Debug, Default)]
pub struct Adoption {
    known: Mutex<Known>,
    command: OnceLock<String>,
}

#[derive(Debug, Default)]
struct Known {
    /// Whether anybody chose.
    on: bool,
    /// Whether what cannot be adopted is taken for adopted all the same, once that is noted.
    judging: bool,
    choices: Vec<Choice>,
    adopted: Vec<Adopted>,
    standing: Vec<Standing>,
    strays: Vec<Stray>,
    refused: Vec<Refused>,
    /// The choices by which each was adopted, by URN: its own, or those of what it is part of.
    by: HashMap<String, Vec<String>>,
}

impl Adoption {
    /// Creates look for these, each a name, an id, or `NAME=ID`.
    pub fn begin(&self, choices: &[String]) {
        let choices = choices.iter().map(|text| Choice::of(text)).collect();
        *self.lock() = Known { on: true, choices, ..Known::default() };
    }

    /// As [`begin`](Self::begin), for a preview that only judges: what is refused is noted, and what depends on it is held
    /// against what exists.
    pub fn judge(&self, choices: &[String]) {
        self.begin(choices);
        self.lock().judging = true;
    }

    /// The command that deploys, for hints; none under plain `pulumi`.
    pub fn command(&self) -> Option<&str> {
        self.command.get().map(String::as_str)
    }

    /// Says which command deploys.
    pub fn runs_by(&self, command: &str) {
        self.command.get_or_init(|| command.to_owned());
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is any choice.
    pub fn is_on(&self) -> bool {
        self.lock().on
    }

    /// Whether this resource was adopted.
    pub fn has(&self, urn: &str) -> bool {
        self.lock().adopted.iter().any(|a| a.urn == urn)
    }

    /// Takes note of one that was adopted by a run before.
    #[cfg(test)]
    pub(crate) fn note(&self, one: Adopted) {
        self.lock().adopted.push(one);
    }

    /// What it came to.
    pub fn report(&self) -> Report {
        let known = self.lock();
        let is_refused = |choice: &Choice| known.refused.iter().any(|refused| refused.by.contains(&choice.text()));
        let open = known.choices.iter().filter(|choice| choice.taken.is_none() && !is_refused(choice));
        Report {
            adopted: known.adopted.clone(),
            standing: known.standing.clone(),
            strays: known.strays.clone(),
            refused: known.refused.clone(),
            unmatched: open.map(Choice::text).collect(),
        }
    }

    /// Takes note of one that the state has elsewhere.
    fn stray(&self, stray: Stray) {
        self.lock().strays.push(stray);
    }
}

/// What a create is to do.
pub(crate) fn intent<'a>(candidate: &'a Candidate<'a, Aws>) -> BoxFuture<'a, Result<Intent, Error>> {
    Box::pin(async move {
        decide(candidate).await.or_else(|Refusal { id, error, found }| {
            let adoption = &candidate.cx.adoption;
            adoption.refuse(candidate, id.as_deref(), &error);
            match found {
                Some(found) if adoption.lock().judging => Ok(Intent::Adopt(found)),
                _ => Err(error),
            }
        })
    })
}

/// Why nothing is adopted, or made.
struct Refusal {
    /// Of which one, where that is known.
    id: Option<String>,
    error: Error,
    /// What exists.
    found: Option<Box<Found>>,
}

async fn decide(candidate: &Candidate<'_, Aws>) -> Result<Intent, Refusal> {
    let (cx, own) = (candidate.cx, candidate.id());
    let of = |id: &str| {
        let id = Some(id.to_owned());
        move |error| Refusal { id, error, found: None }
    };
    if let Some(id) = &own
        && elsewhere(candidate, id).map_err(of(id))?
    {
        return Ok(Intent::Create);
    }
    if !cx.adoption.is_on() {
        return Ok(Intent::Create);
    }
    let mut chosen = choose(candidate).await.map_err(|error| Refusal { id: own, error, found: None })?;
    // of several that could be meant, the one whose unchangeable properties fit
    let several = chosen.len() > 1 || chosen.iter().any(|chosen| chosen.wish == Wish::Fitting);
    for Chosen { id, wish } in chosen.drain(..) {
        if elsewhere(candidate, &id).map_err(of(&id))? {
            return Ok(Intent::Create);
        }
        let Some(found) = candidate.look(&id).await.map_err(of(&id))? else { continue };
        if wish == Wish::None {
            return Ok(stand(candidate, &id, &found));
        }
        if several && !found.refusals.is_empty() {
            continue;
        }
        let fits = fits(candidate, &id, &found);
        // whoever judges goes on with it, and its parts are held against what exists
        let judged =
            if fits.is_ok() || cx.adoption.lock().judging { fits.and(take(candidate, &id, &found)) } else { fits };
        let found = Box::new(found);
        return match judged {
            Ok(()) => Ok(Intent::Adopt(found)),
            Err(error) => Err(Refusal { id: Some(id), error, found: Some(found) }),
        };
    }
    Ok(Intent::Create)
}

/// Refuses one that cannot become what the program says.
fn fits(candidate: &Candidate<'_, Aws>, id: &str, found: &Found) -> Result<(), Error> {
    if found.refusals.is_empty() {
        return Ok(());
    }
    // a type's own way out is that of a change
    let why = |f: &Failure| format!("`{}` {}", f.property, f.reason.lines().next().unwrap_or_default());
    let whys: Vec<_> = found.refusals.iter().map(why).collect();
    let (noun, whys) = (candidate.schema.noun, whys.join("; "));
    Err(Error::new(format!("{noun} `{id}` exists and cannot be adopted: {whys}"))
        .hint("configure it as it is, give the resource another name, or remove what exists; nothing was changed"))
}

/// What the user wants of one that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// To adopt it.
    Adopt,
    /// To adopt it, if it fits.
    Fitting,
    /// Nothing.
    None,
}

/// One that may exist and that the create is to look at.
struct Chosen {
    id: String,
    wish: Wish,
}

async fn choose(candidate: &Candidate<'_, Aws>) -> Result<Vec<Chosen>, Error> {
    let (cx, kind, name) = (candidate.cx, candidate.kind, urn::name(&candidate.cx.urn));
    // what the user says of a resource that may exist many times
    let numbered = cx.adoption.numbered(name, |text| kind.is_id(text));
    if !numbered.is_empty() {
        return Ok(numbered);
    }
    let is_part = cx.adoption.is_part(candidate);
    if !is_part && kind.presence() == Presence::Numbered {
        return Ok(Vec::new());
    }
    let Some(id) = candidate.existing().await? else { return Ok(Vec::new()) };
    let wish = match kind.presence() {
        _ if is_part || cx.adoption.names(name, &id) => Wish::Adopt,
        Presence::Named if candidate.preview => Wish::None,
        _ => return Ok(Vec::new()),
    };
    Ok(vec![Chosen { id, wish }])
}

/// Whether the state has it under another URN: noted when that is not the program's, else refused.
fn elsewhere(candidate: &Candidate<'_, Aws>, id: &str) -> Result<bool, Error> {
    let (cx, kind) = (candidate.cx, candidate.kind);
    let id_of = |inputs: &Map| kind.id_of(cx, inputs);
    match cx.recovery.elsewhere(cx, id, kind.own_id(id), id_of) {
        None => Ok(false),
        Some(Elsewhere::Stray(was)) => {
            cx.adoption.stray(Stray { urn: cx.urn.clone(), was, id: id.to_owned() });
            Ok(true)
        }
        Some(Elsewhere::Held(other)) => Err(renamed(candidate.schema.noun, id, &other)),
    }
}

/// The refusal of a resource that the state has under another URN.
pub(crate) fn renamed(noun: &str, id: &str, other: &str) -> Error {
    Error::new(format!("{noun} `{id}` is in the state already, as {other}")).hint(
        "when you rename a resource, give it the option `aliases` with its former name or URN; else one of the two would \
         be deleted at the end; nothing was changed",
    )
}

/// Takes note of one that is in the way and that nobody chose.
fn stand(candidate: &Candidate<'_, Aws>, id: &str, found: &Found) -> Intent {
    let cx = candidate.cx;
    let live = tags_in(&found.olds, "tags");
    let ours = !cx.default_tags.is_empty() && cx.default_tags.iter().all(|(k, v)| live.get(k) == Some(v));
    if candidate.schema.input("tags").is_some() && !ours {
        let what = short(id).to_owned();
        cx.adoption.lock().standing.push(Standing { urn: cx.urn.clone(), what });
    }
    Intent::Create
}

/// Takes note of one that is adopted; refuses it when another resource of the program takes it, too.
fn take(candidate: &Candidate<'_, Aws>, id: &str, found: &Found) -> Result<(), Error> {
    let cx = candidate.cx;
    let by = cx.adoption.choices(candidate, id);
    let mut known = cx.adoption.lock();
    let known = &mut *known;
    known.by.insert(cx.urn.clone(), by);
    let kind = urn::kind(&cx.urn);
    let twice = known.adopted.iter().find(|a| a.id == found.id && urn::kind(&a.urn) == kind && a.urn != cx.urn);
    if let Some(other) = twice.filter(|_| candidate.kind.presence() == Presence::Numbered) {
        let (one, two) = (urn::name(&other.urn), urn::name(&cx.urn));
        return Err(Error::new(format!("{} `{id}` could be `{one}` or `{two}`", candidate.schema.noun))
            .hint(format!("say which it is: `{one}={id}` or `{two}={id}`")));
    }
    for choice in &mut known.choices {
        let by_name = choice.name.as_deref().is_none_or(|name| name == urn::name(&cx.urn));
        if by_name && (means(&choice.what, id) || means(&choice.what, &found.id)) {
            choice.taken = Some(cx.urn.clone());
        }
    }
    known.adopted.push(Adopted { urn: cx.urn.clone(), id: found.id.clone(), changes: found.changes.clone() });
    Ok(())
}

impl Adoption {
    /// What the user chose of a type of which many may exist, for the resource of this name.
    fn numbered(&self, name: &str, is_id: impl Fn(&str) -> bool) -> Vec<Chosen> {
        let known = self.lock();
        let chosen = |wish| move |choice: &Choice| Chosen { id: choice.what.clone(), wish };
        let all: Vec<_> = known.choices.iter().filter(|choice| is_id(&choice.what)).collect();
        let named = all.iter().find(|choice| choice.name.as_deref() == Some(name));
        if let Some(named) = named {
            return vec![chosen(Wish::Adopt)(named)];
        }
        all.into_iter().filter(|choice| choice.name.is_none()).map(chosen(Wish::Fitting)).collect()
    }

    /// Whether the user chose the one with this id, by its id or by the name in it.
    fn names(&self, name: &str, id: &str) -> bool {
        self.lock().choices.iter().any(|choice| choice.is(name, id))
    }

    /// Whether it is part of an adopted one: a property names that. What is set on a resource of the state belongs to it,
    /// whichever run adopted that.
    fn is_part(&self, candidate: &Candidate<'_, Aws>) -> bool {
        let is_setting = candidate.kind.presence() == Presence::Setting;
        let is_known = || texts(candidate).any(|text| candidate.cx.recovery.knows(text));
        (is_setting && is_known()) || !wholes(&self.lock(), candidate).is_empty()
    }

    /// The choices by which this one would be adopted: those that mean it, or those of what it is part of.
    fn choices(&self, candidate: &Candidate<'_, Aws>, id: &str) -> Vec<String> {
        let (known, name) = (self.lock(), urn::name(candidate.urn));
        let own: Vec<_> = known.choices.iter().filter(|choice| choice.is(name, id)).map(Choice::text).collect();
        if !own.is_empty() {
            return own;
        }
        let of_whole = wholes(&known, candidate).into_iter().filter_map(|whole| known.by.get(&whole.urn));
        let mut all: Vec<_> = of_whole.flatten().cloned().collect();
        all.sort();
        all.dedup();
        all
    }

    /// Takes note of one that was chosen, or is part of what was chosen, and cannot be adopted.
    fn refuse(&self, candidate: &Candidate<'_, Aws>, id: Option<&str>, error: &Error) {
        let by = self.choices(candidate, id.unwrap_or_default());
        if by.is_empty() {
            return;
        }
        let mut known = self.lock();
        // of what AWS did not say, nothing that refers to it is certain either
        let refers = || candidate.inputs.values().any(Value::has_unknown);
        let unanswered = error.of_call || (refers() && known.refused.iter().any(|refused| refused.unanswered));
        known.refused.push(Refused { urn: candidate.urn.to_owned(), by, why: error.clone(), unanswered });
    }
}

/// Texts of a candidate that may name what it is part of. Of what has a name of its own, only one that can never change
/// does.
fn texts<'a>(candidate: &'a Candidate<'_, Aws>) -> impl Iterator<Item = &'a str> {
    let all = candidate.kind.presence() != Presence::Named;
    let names = candidate.schema.inputs.iter().filter(move |p| (p.replace || all) && p.name != "region");
    names.filter_map(|p| candidate.inputs.get(p.name).and_then(Value::as_str))
}

/// The adopted ones that it is part of.
fn wholes<'a>(known: &'a Known, candidate: &Candidate<'_, Aws>) -> Vec<&'a Adopted> {
    let is = |text: &str, id: &str| text == id || (text.starts_with("arn:") && short(text) == id);
    let is_whole = |a: &&Adopted| a.urn != candidate.urn && texts(candidate).any(|text| is(text, &a.id));
    known.adopted.iter().filter(is_whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_the_program_says_which_one_is_meant() {
        let adoption = Adoption::default();
        assert!(!adoption.is_on());
        adoption.begin(&["private=rtb-1".to_owned(), "vpc-1".to_owned()]);
        let table: fn(&str) -> bool = |text| text.starts_with("rtb-");
        let of = |name: &str, is_id: fn(&str) -> bool| -> Vec<(String, Wish)> {
            adoption.numbered(name, is_id).into_iter().map(|chosen| (chosen.id, chosen.wish)).collect()
        };
        assert_eq!(of("private", table), [("rtb-1".to_owned(), Wish::Adopt)]);
        assert_eq!(of("public", table), []);
        assert_eq!(of("zone", |text| text.starts_with("vpc-")), [("vpc-1".to_owned(), Wish::Fitting)]);
        assert_eq!(adoption.report().unmatched, ["private=rtb-1", "vpc-1"]);
    }
}
