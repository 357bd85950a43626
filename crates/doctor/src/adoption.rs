//! Whether what exists could be adopted: a deployment that adopts it all is run as in a preview, without an engine, and
//! what it refuses is offered no more.

use std::time::Duration;

use aws::{
    adoption::{Refused, Report},
    ask::within_time,
};
use deploy::adopting;

use super::{
    Doctor,
    check::{Check, one_line},
};

/// Longest that all the looks may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The checks again, each offer to adopt held against what a deployment would say to it.
pub(super) async fn examine(doctor: &Doctor<'_>, checks: Vec<Check>) -> Vec<Check> {
    let configured = &doctor.zone.adopt;
    let offered = checks.iter().filter_map(|check| check.adopt.as_deref()).flat_map(choices).map(str::to_owned);
    let mut all: Vec<_> = offered.collect();
    all.extend(configured.iter().filter(|choice| !all.contains(choice)).cloned().collect::<Vec<_>>());
    let (false, Ok(ambient), Ok(_)) = (all.is_empty(), &doctor.ambient, &doctor.member) else { return checks };
    let foreseen = adopting::foreseen(doctor.zone, ambient, &doctor.contents, &all);
    let report = match within_time(PATIENCE, foreseen).await {
        Ok(Ok(report)) => report,
        Ok(Err(why)) => return unjudged(checks, &why),
        Err(error) => return unjudged(checks, &error.message),
    };
    let is_known = |choice: &str| doctor.contents.resources.iter().any(|record| record.id == adopting::id_in(choice));
    let mut judged: Vec<_> = checks.into_iter().map(|check| judge(check, &report, configured)).collect();
    judged.extend(report.unmatched.iter().filter(|choice| configured.contains(choice) && !is_known(choice)).map(
        |choice| {
            let finding = format!("`adopt` in the configuration names `{choice}`, and no resource to adopt matches it");
            Check::problem(format!("names.adopt.{choice}"), finding).hint(adopting::unmatched(choice))
        },
    ));
    judged
}

/// The choices of one offer.
fn choices(offer: &str) -> impl Iterator<Item = &str> {
    offer.split(',')
}

/// The program did not run: nothing is said of any offer.
fn unjudged(mut checks: Vec<Check>, why: &str) -> Vec<Check> {
    checks
        .push(Check::not_evaluated("names.adoption", format!("whether what exists can be adopted: {}", one_line(why))));
    checks
}

fn judge(check: Check, report: &Report, configured: &[String]) -> Check {
    let Some(offer) = check.adopt.clone() else { return check };
    let mine: Vec<_> = choices(&offer).collect();
    let is_mine = |refused: &&Refused| refused.by.iter().any(|choice| mine.contains(&choice.as_str()));
    let (open, refused): (Vec<_>, Vec<_>) =
        report.refused.iter().filter(is_mine).partition(|refused| refused.unanswered);
    let whys = |all: &[&Refused]| all.iter().map(|refused| one_line(&refused.why)).collect::<Vec<_>>().join("; ");
    let lost: Vec<_> = mine.iter().filter(|choice| report.unmatched.iter().any(|other| other == *choice)).collect();
    if let Some(choice) = lost.first().filter(|_| refused.is_empty() && open.is_empty()) {
        return check.refused(&format!("exists, and no resource of the program would become `{choice}`"));
    }
    if !refused.is_empty() {
        return check.refused(&whys(&refused));
    }
    if !open.is_empty() {
        let finding = format!("{}; whether it can be adopted was not evaluated: {}", check.finding, whys(&open));
        return Check { finding, ..check };
    }
    if mine.iter().all(|choice| configured.iter().any(|other| other == choice)) {
        let many = check.many;
        let ok = Check::ok(check.id, "exists, and is adopted by `zone up`: `adopt` in the configuration names it");
        return Check { many, ..ok };
    }
    check
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Level;

    fn offer() -> Check {
        Check::problem("names.bucket.b", "exists").adoptable("b", "dev", "remove it")
    }

    fn refused(unanswered: bool) -> Report {
        let one = |by: &str, why: &str| Refused {
            urn: format!("urn of {by}"),
            by: vec![by.to_owned()],
            why: why.to_owned(),
            unanswered,
        };
        Report { refused: vec![one("b", "it is\nlocked"), one("c", "it is another")], ..Report::default() }
    }

    #[test]
    fn what_a_deployment_would_refuse_is_not_offered() {
        let judged = judge(offer(), &refused(false), &["b".to_owned()]);
        assert_eq!((judged.level, judged.adopt), (Level::Problem, None));
        assert_eq!(judged.finding, "it is locked");
        assert!(judged.hint.is_some_and(|hint| !hint.contains("--adopt")));
        // the twin: of another, nothing is said
        let other = Check::problem("names.bucket.d", "exists").adoptable("d", "dev", "remove it");
        assert_eq!(judge(other.clone(), &refused(false), &[]), other);
    }

    #[test]
    fn a_refusal_of_one_of_two_choices_is_a_refusal() {
        let alias = Check::problem("names.key-alias.a", "exists").adoptable("a,logical=c", "dev", "remove it");
        let report = Report {
            refused: vec![Refused {
                urn: String::new(),
                by: vec!["logical=c".to_owned()],
                why: "it is asymmetric".to_owned(),
                unanswered: false,
            }],
            ..Report::default()
        };
        assert_eq!(judge(alias, &report, &[]).finding, "it is asymmetric");
    }

    #[test]
    fn what_could_not_be_asked_is_offered_and_said() {
        let judged = judge(offer(), &refused(true), &[]);
        assert_eq!(judged.finding, "exists; whether it can be adopted was not evaluated: it is locked");
        assert_eq!((judged.adopt, judged.hint), (offer().adopt, offer().hint));
    }

    #[test]
    fn what_the_configuration_adopts_is_no_problem() {
        let judged = judge(offer(), &Report::default(), &["b".to_owned()]);
        assert_eq!((judged.level, judged.adopt), (Level::Ok, None));
        let lost = Report { unmatched: vec!["b".to_owned()], ..Report::default() };
        assert_eq!(judge(offer(), &lost, &["b".to_owned()]).level, Level::Problem, "it would become nothing");
    }

    #[test]
    fn a_program_that_does_not_run_leaves_all_offers_open() {
        let checks = unjudged(vec![offer()], "no answer within 60 s");
        assert_eq!(checks[0], offer());
        assert_eq!((checks[1].level, checks[1].id.as_str()), (Level::NotEvaluated, "names.adoption"));
    }
}
