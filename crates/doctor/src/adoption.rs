//! Whether what exists could be adopted: a deployment that adopts it all is run as in a preview, without an engine, and
//! what it refuses is offered no more.

use std::time::Duration;

use aws::{
    adoption::{Refused, covers},
    ask::within_time,
};
use deploy::adopting::{self, Foreseen};

use super::{
    Doctor,
    check::{Check, one_line},
};

/// Longest that all the looks may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The checks again, each offer to adopt held against what a deployment would say to it.
pub(super) async fn examine(doctor: &Doctor<'_>, checks: Vec<Check>) -> Vec<Check> {
    let configured = &doctor.zone.adopt;
    let Some(foreseen) = foresee(doctor, &checks).await else { return checks };
    let is_known = |id: &str| adopting::holds(&doctor.contents, id);
    let offered: Vec<_> = offers(&checks).map(str::to_owned).collect();
    let mut judged: Vec<_> = checks.into_iter().map(|check| judge(check, &foreseen, configured)).collect();
    let others = configured.iter().filter(|choice| !offered.iter().any(|offer| covers(choice, offer)));
    judged.extend(others.filter_map(|choice| of_configured(choice, &foreseen, &is_known)));
    judged
}

/// As [`examine`], of some checks alone: what the configuration adopts besides is not judged again.
pub(super) async fn examine_some(doctor: &Doctor<'_>, checks: Vec<Check>) -> Vec<Check> {
    match foresee(doctor, &checks).await {
        Some(foreseen) => checks.into_iter().map(|check| judge(check, &foreseen, &doctor.zone.adopt)).collect(),
        None => checks,
    }
}

/// What a deployment would say to all that is offered and configured; none where there is nothing, or nobody to ask.
async fn foresee(doctor: &Doctor<'_>, checks: &[Check]) -> Option<Foreseen> {
    let mut all: Vec<_> = offers(checks).map(str::to_owned).collect();
    all.extend(doctor.zone.adopt.iter().filter(|choice| !all.contains(choice)).cloned().collect::<Vec<_>>());
    let (false, Ok(ambient), Ok(_)) = (all.is_empty(), &doctor.ambient, &doctor.member) else { return None };
    let outputs = doctor.outputs().await;
    let foreseen = adopting::foresee(doctor.zone, ambient, &doctor.contents, &outputs, &all);
    let unforeseen = |why| Foreseen { came: aws::adoption::Report::default(), fault: Some(why) };
    Some(within_time(PATIENCE, foreseen).await.unwrap_or_else(|error| unforeseen(error.message)))
}

/// All choices that checks offer.
fn offers(checks: &[Check]) -> impl Iterator<Item = &str> {
    checks.iter().filter_map(|check| check.adopt.as_deref()).flat_map(choices)
}

/// The choices of one offer.
fn choices(offer: &str) -> impl Iterator<Item = &str> {
    offer.split(',')
}

/// What is said against some choices.
enum Said {
    Nothing,
    /// They would be refused.
    Refused(String),
    /// It is not known, and why.
    Open(String),
}

fn said(mine: &[&str], foreseen: &Foreseen) -> Said {
    let is_mine = |refused: &&Refused| refused.by.iter().any(|choice| mine.contains(&choice.as_str()));
    let (open, refused): (Vec<_>, Vec<_>) =
        foreseen.came.refused.iter().filter(is_mine).partition(|refused| refused.unanswered);
    let whys =
        |all: &[&Refused]| all.iter().map(|refused| one_line(&refused.why.message)).collect::<Vec<_>>().join("; ");
    let lost = foreseen.came.unmatched.iter().any(|choice| mine.contains(&choice.as_str()));
    match &foreseen.fault {
        _ if !refused.is_empty() => Said::Refused(whys(&refused)),
        _ if !open.is_empty() => Said::Open(whys(&open)),
        Some(fault) if lost || foreseen.came.adopted.is_empty() => Said::Open(one_line(fault)),
        None if lost => Said::Open("a deployment would not look at it".to_owned()),
        _ => Said::Nothing,
    }
}

fn judge(check: Check, foreseen: &Foreseen, configured: &[String]) -> Check {
    let Some(offer) = check.adopt.clone() else { return check };
    let mine: Vec<_> = choices(&offer).collect();
    match said(&mine, foreseen) {
        Said::Refused(why) => check.refused(&why),
        Said::Open(why) => {
            let finding = format!("{}; whether it can be adopted was not evaluated: {why}", check.finding);
            Check { finding, ..check }
        }
        Said::Nothing if mine.iter().all(|choice| configured.iter().any(|other| covers(other, choice))) => {
            let many = check.many;
            let ok = Check::ok(check.id, "exists, and is adopted by `zone up`: `adopt` in the configuration names it");
            Check { many, ..ok }
        }
        Said::Nothing => check,
    }
}

/// What is said against a choice of the configuration that no check offers; `known` says whether the state has it already.
fn of_configured(choice: &str, foreseen: &Foreseen, known: &impl Fn(&str) -> bool) -> Option<Check> {
    let id = format!("names.adopt.{choice}");
    if known(adopting::id_in(choice)) {
        return None;
    }
    match said(&[choice], foreseen) {
        Said::Refused(why) => Some(
            Check::problem(id, why)
                .hint(format!("{}, or take it out of `adopt` in the configuration", adopting::UNFIT)),
        ),
        Said::Nothing => None,
        Said::Open(_) if foreseen.fault.is_none() && foreseen.came.unmatched.iter().any(|lost| lost == choice) => {
            let finding = format!("`adopt` in the configuration names `{choice}`, and no resource to adopt matches it");
            Some(Check::problem(id, finding).hint(adopting::unmatched(choice)))
        }
        Said::Open(why) => Some(Check::not_evaluated(id, format!("whether it can be adopted: {why}"))),
    }
}

#[cfg(test)]
mod tests {
    use aws::adoption::{Adopted, Report};

    use super::*;
    use crate::{ask::Error, check::Level};

    fn offer(choice: &str) -> Check {
        Check::problem(format!("names.{choice}"), "exists").adoptable(choice, "dev", "remove it")
    }

    fn refused(by: &str, why: &str, unanswered: bool) -> Refused {
        Refused { urn: format!("urn of {by}"), by: vec![by.to_owned()], why: Error::new(why), unanswered }
    }

    fn foreseen(refused: Vec<Refused>, unmatched: &[&str], fault: Option<&str>) -> Foreseen {
        let adopted = vec![Adopted { urn: "u".to_owned(), id: "i".to_owned(), changes: Vec::new() }];
        let unmatched = unmatched.iter().map(|choice| (*choice).to_owned()).collect();
        let came = Report { adopted, refused, unmatched, ..Report::default() };
        Foreseen { came, fault: fault.map(str::to_owned) }
    }

    #[test]
    fn what_a_deployment_would_refuse_is_not_offered() {
        let both =
            foreseen(vec![refused("b", "it is\nlocked", false), refused("c", "it is another", false)], &[], None);
        let judged = judge(offer("b"), &both, &["b".to_owned()]);
        assert_eq!((judged.level, judged.adopt, judged.finding.as_str()), (Level::Problem, None, "it is locked"));
        assert!(judged.hint.is_some_and(|hint| !hint.contains("--adopt")));
        // the twin: of another, nothing is said
        assert_eq!(judge(offer("d"), &both, &[]), offer("d"));
        // one of two is enough
        assert_eq!(judge(offer("a,logical=k,c"), &both, &[]).finding, "it is another");
    }

    #[test]
    fn what_could_not_be_asked_is_offered_and_said() {
        let judged = judge(offer("b"), &foreseen(vec![refused("b", "AccessDenied: no", true)], &[], None), &[]);
        assert_eq!(judged.finding, "exists; whether it can be adopted was not evaluated: AccessDenied: no");
        assert_eq!((judged.adopt, judged.hint), (offer("b").adopt, offer("b").hint));
        let unseen = foreseen(Vec::new(), &["b"], Some("no answer within 60 s"));
        assert!(judge(offer("b"), &unseen, &[]).finding.ends_with("not evaluated: no answer within 60 s"));
        assert_eq!(judge(offer("d"), &unseen, &[]), offer("d"), "it was looked at");
    }

    #[test]
    fn what_the_configuration_adopts_is_no_problem() {
        let none = foreseen(Vec::new(), &[], None);
        for (offered, configured) in [("b", "b"), ("vpc=vpc-1", "vpc-1"), ("orders-dlq", "https://sqs/1/orders-dlq")] {
            let judged = judge(offer(offered), &none, &[configured.to_owned()]);
            assert_eq!((judged.level, judged.adopt), (Level::Ok, None), "{offered} by {configured}");
        }
        assert_eq!(judge(offer("b"), &none, &["c".to_owned()]), offer("b"));
        let lost = foreseen(Vec::new(), &["b"], None);
        assert_eq!(judge(offer("b"), &lost, &["b".to_owned()]).level, Level::Problem, "nothing would become it");
    }

    #[test]
    fn a_choice_of_the_configuration_is_judged_without_an_offer_too() {
        let lost = foreseen(Vec::new(), &["b"], None);
        let level = |foreseen: &Foreseen| of_configured("b", foreseen, &|_| false).map(|check| check.level);
        assert_eq!(level(&lost), Some(Level::Problem));
        assert_eq!(of_configured("b", &lost, &|id| id == "b"), None, "the state has it");
        assert_eq!(level(&foreseen(Vec::new(), &[], None)), None, "it is adopted");
        assert_eq!(level(&foreseen(Vec::new(), &["b"], Some("no answer"))), Some(Level::NotEvaluated));
        assert_eq!(level(&foreseen(vec![refused("b", "denied", true)], &[], None)), Some(Level::NotEvaluated));
        let check = of_configured("b", &foreseen(vec![refused("b", "it is locked", false)], &[], None), &|_| false);
        assert_eq!(check.map(|check| (check.level, check.finding)), Some((Level::Problem, "it is locked".to_owned())));
    }
}
