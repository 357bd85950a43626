//! Adopting what exists already: what the user chose, how it shows in a plan, and what is refused.

use std::{collections::HashMap, sync::Arc};

use aws::{
    adoption::{Adopted, Refused, Report as Came, means},
    clients::Ambient,
    provider::Aws,
};
use config::Zone;
use engine::{
    events::{Change, Step},
    op::Op,
};
use pulumi::{
    program::{Ended, Run, run},
    provider::{preview::Preview, server::Catalog},
    value::Value,
};
use state::{
    Message, Tell,
    contents::{Contents, Outputs},
    error::{Exit, Failure, Result, counted},
};

use crate::session;

/// What the user wants adopted, and what the state has under other URNs than the program.
#[derive(Clone, Debug, Default)]
pub struct Adopting {
    /// Names and ids, or `NAME=ID`.
    pub choices: Vec<String>,
    /// The URN in the state, by the program's.
    pub moved: HashMap<String, String>,
}

/// Tells creates that adopt as what they are.
pub fn mark(step: &mut Step, adopted: &[Adopted]) {
    let Some(one) = adopted.iter().find(|one| step.op == Op::Create && one.urn == step.urn) else { return };
    step.op = Op::Adopt;
    let change = || Change { diff_kind: "update".to_owned() };
    let shown = one.changes.iter().filter(|path| !path.starts_with("tagsAll"));
    step.detailed_diff = Some(shown.map(|path| (path.clone(), change())).collect());
}

impl Adopting {
    /// What the command line and the configuration choose.
    pub fn new(line: &[String], configured: &[String]) -> Self {
        let mut choices = line.to_vec();
        choices.extend(configured.iter().filter(|choice| !line.contains(choice)).cloned());
        Self { choices, moved: HashMap::new() }
    }

    /// Whether there is anything to look for.
    pub fn is_on(&self) -> bool {
        !self.choices.is_empty()
    }

    /// Notes what the state has under other URNs; says how many they are, and names them. A second look at a plan knows
    /// them then.
    pub fn find(&mut self, came: &Came, tell: Tell<'_>) -> bool {
        let strays: Vec<_> = came.strays.iter().filter(|stray| !self.moved.contains_key(&stray.urn)).collect();
        for stray in &strays {
            tell(Message::Note(&format!("`{}` was imported as {}: it is moved to {}", stray.id, stray.was, stray.urn)));
            self.moved.insert(stray.urn.clone(), stray.was.clone());
        }
        !strays.is_empty()
    }

    /// Refuses a plan that does not have what was chosen. `known` says whether the state has it already.
    pub fn matched(&self, came: &Came, known: impl Fn(&str) -> bool) -> Result<()> {
        let open: Vec<_> = came.unmatched.iter().filter(|choice| !known(id_in(choice))).collect();
        let Some(first) = open.first().filter(|_| self.is_on()) else { return Ok(()) };
        let all = open.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        let message = format!("no resource to adopt matches {all}; nothing was changed");
        Err(Failure::new(Exit::Usage, message).hint(unmatched(first)))
    }

    /// Refuses a plan that leaves something in the way. `unfit` is what of it cannot be adopted.
    pub fn nothing_stands(&self, came: &Came, unfit: &[Refused], up: &str) -> Result<()> {
        if !self.is_on() || came.standing.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = came.standing.iter().map(|standing| format!("`{}`", standing.what)).collect();
        let mut message = format!(
            "{} of the same name {} already, not chosen for adoption: {}; nothing was changed",
            counted(came.standing.len(), "resource"),
            if came.standing.len() == 1 { "exists" } else { "exist" },
            names.join(", ")
        );
        let is_unfit = |what: &String| unfit.iter().any(|refused| !refused.unanswered && refused.by.contains(what));
        let (unfits, fits): (Vec<_>, Vec<_>) =
            came.standing.iter().map(|standing| standing.what.clone()).partition(is_unfit);
        let about = unfit.iter().filter(|refused| refused.by.iter().any(|by| unfits.contains(by)));
        about.for_each(|refused| message.extend(["; ", &refused.why.message]));
        let command = command(up, &[self.choices.as_slice(), &fits].concat());
        let hint = match (unfits.is_empty(), fits.is_empty()) {
            (true, _) => format!("remove them, or adopt them, too: `{command}`"),
            (false, true) => UNFIT.to_owned(),
            (false, false) => {
                format!("of what cannot be adopted, {UNFIT}; then remove the others, or adopt them: `{command}`")
            }
        };
        Err(Failure::new(Exit::Failed, message).hint(hint))
    }
}

/// What to do about one that cannot be adopted.
pub const UNFIT: &str = "choose another name, configure it as it is, or remove it";

/// What to do about a choice that matches nothing.
pub fn unmatched(choice: &str) -> &'static str {
    if choice.contains('=') {
        "the name before `=` is the resource's name in `zone preview --verbose`, and the id has to exist"
    } else {
        "the resource must exist and have the configured name; for a type that allows several (VPC, key, \
         pool), give `NAME=ID` with the resource's name in `zone preview --verbose`"
    }
}

/// What would come of adopting something.
#[derive(Debug)]
pub struct Foreseen {
    /// What came of it. What is refused counts as adopted here, so that its parts are judged, too.
    pub came: Came,
    /// Why the program did not run to its end; then some choices may not have been looked at.
    pub fault: Option<String>,
}

/// What would come of adopting these: the program is run as in a preview, but by the provider alone, and nothing is changed.
/// `contents` and `outputs` are those of the state.
pub async fn foresee(
    zone: &Zone,
    ambient: &Ambient,
    contents: &Contents,
    outputs: &Outputs,
    choices: &[String],
) -> Foreseen {
    let catalog = Arc::new(Catalog::new(Aws::new(ambient.clone())));
    session::known(&catalog, contents, false);
    let adoption = catalog.provider.adoption();
    adoption.judge(choices);
    let value = |(name, json): (&String, &serde_json::Value)| (name.clone(), Value::from_state(json));
    let state = outputs.iter().map(|(urn, (id, all))| (urn.clone(), (id.clone(), all.iter().map(value).collect())));
    let about = Run { project: "zone".into(), stack: zone.environment.clone(), dry_run: true, ..Run::default() };
    let monitor = Arc::new(Preview::new(&about.project, &about.stack, catalog).with_state(state.collect()));
    let program = session::program(Arc::new(zone.clone()));
    let fault = match Box::pin(run(about, monitor, &program)).await {
        Ended::Unreported(why) => Some(why),
        _ => None,
    };
    Foreseen { came: adoption.report(), fault }
}

/// Whether the state has what is meant by this name or id.
pub fn holds(contents: &Contents, what: &str) -> bool {
    contents.resources.iter().any(|record| means(what, &record.id))
}

/// The id in a choice.
pub fn id_in(choice: &str) -> &str {
    choice.split_once('=').map_or(choice, |(_, id)| id)
}

/// The command that adopts, from the one that deploys.
pub fn command(up: &str, choices: &[impl AsRef<str>]) -> String {
    let choices: Vec<_> = choices.iter().map(AsRef::as_ref).collect();
    format!("{up} --adopt {}", choices.join(","))
}

#[cfg(test)]
mod tests {
    use aws::adoption::Standing;
    use pulumi::provider::resource::Error;

    use super::*;

    fn came(unmatched: &[&str], standing: &[&str]) -> Came {
        let one = |what: &&str| Standing { urn: "u".to_owned(), what: (*what).to_owned() };
        Came {
            unmatched: unmatched.iter().map(|choice| (*choice).to_owned()).collect(),
            standing: standing.iter().map(one).collect(),
            ..Came::default()
        }
    }

    #[test]
    fn what_is_chosen_has_to_be_there_or_in_the_state() {
        let adopting = Adopting::new(&["a".to_owned()], &["a".to_owned(), "x=b".to_owned()]);
        assert_eq!(adopting.choices, ["a", "x=b"]);
        assert!(adopting.matched(&came(&["x=b"], &[]), |id| id == "b").is_ok(), "deployed before");
        let refused = adopting.matched(&came(&["x=b"], &[]), |_| false).expect_err("it is nowhere");
        assert!(refused.message.contains("`x=b`"), "{}", refused.message);
    }

    #[test]
    fn what_is_in_the_way_is_told_at_once_with_the_command_that_adopts_all_of_it() {
        let adopting = Adopting::new(&["a".to_owned()], &[]);
        let came = came(&[], &["b", "c"]);
        let refused = adopting.nothing_stands(&came, &[], "zone up -e dev").expect_err("two more");
        assert!(refused.hint.expect("a hint").ends_with("`zone up -e dev --adopt a,b,c`"));
        assert!(Adopting::default().nothing_stands(&came, &[], "zone up -e dev").is_ok(), "nobody adopts");
    }

    #[test]
    fn what_cannot_be_adopted_is_not_in_the_command() {
        let adopting = Adopting::new(&["a".to_owned()], &[]);
        let unfit = |by: &[&str], unanswered| Refused {
            urn: "u".to_owned(),
            by: by.iter().map(|by| (*by).to_owned()).collect(),
            why: Error::new("it is locked"),
            unanswered,
        };
        let said = |standing: &[&str], unfit: &[Refused]| {
            let refused = adopting.nothing_stands(&came(&[], standing), unfit, "zone up -e dev").expect_err("stands");
            (refused.message, refused.hint.expect("a hint"))
        };
        let (message, hint) = said(&["b", "c"], &[unfit(&["b"], false)]);
        assert!(message.ends_with("nothing was changed; it is locked"), "{message}");
        assert!(hint.ends_with("`zone up -e dev --adopt a,c`"), "{hint}");
        assert_eq!(said(&["b"], &[unfit(&["b"], false)]).1, UNFIT);
        // of what AWS did not say nothing is known
        assert!(said(&["b"], &[unfit(&["b"], true)]).1.ends_with("`zone up -e dev --adopt a,b`"));
    }

    #[test]
    fn a_create_that_adopts_is_told_as_such() {
        let adopted = [Adopted {
            urn: "u".to_owned(),
            id: "i".to_owned(),
            changes: vec!["tags.a".to_owned(), "tagsAll.a".to_owned()],
        }];
        let mut step = Step { op: Op::Create, urn: "u".to_owned(), ..Step::default() };
        mark(&mut step, &adopted);
        assert_eq!(step.op, Op::Adopt);
        assert_eq!(step.detailed_diff.expect("changes").into_keys().collect::<Vec<_>>(), ["tags.a"]);
        let mut other = Step { op: Op::Create, urn: "v".to_owned(), ..Step::default() };
        mark(&mut other, &adopted);
        assert_eq!(other.op, Op::Create);
    }
}
