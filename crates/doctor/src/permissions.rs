//! Whether the callers may do all that a deployment does.
//!
//! IAM's own simulation says it where the caller may ask for it: AWS knows best. Elsewhere the caller's policies, and those of the
//! organization, are read and evaluated here. Neither knows session policies, which nobody can read.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>

use std::collections::BTreeMap;

use config::{Backend, Zone};
use futures::{StreamExt, stream};
use stacks::STACKS;
use state::error::counted;

use super::{Doctor, ask::Answer, check::Check, credentials::Account};
use rights::{RIGHTS, Right, STATE, is_of_management, spared};

mod evaluated;
mod policies;
mod rights;
mod simulated;

/// IAM allows few of these a second.
const AT_ONCE: usize = 4;

/// What is said of the management account as a whole.
const MANAGEMENT: &str = "permissions.management";

/// What was found of one action.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Judged {
    action: String,
    verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Allowed,
    /// With who or what refuses it.
    Refused(String),
    /// It depends on what only a real request has: on what, and by which policy.
    Open(String),
    /// Nothing that was read refuses it, and something could not be read.
    Unknown,
}

/// The checks of this topic.
pub(super) async fn examine(doctor: &Doctor<'_>) -> Vec<Check> {
    let keeps = |right: &Right| right.stack != STATE || doctor.zone.state == Backend::Bucket;
    let is_deployed = |right: &&Right| {
        keeps(right) && STACKS.iter().all(|(stack, _)| *stack != right.stack || doctor.zone.has(stack))
    };
    let of = |management: bool| {
        RIGHTS.iter().filter(is_deployed).filter(move |right| is_of_management(right.stack) == management)
    };
    let mut checks = match &doctor.member {
        Ok(member) => of_account("permissions", doctor, member, &of(false).collect::<Vec<_>>()).await,
        Err(why) => vec![Check::not_evaluated("permissions", why)],
    };
    match &doctor.management {
        Ok(management) => {
            checks.extend(of_account(MANAGEMENT, doctor, management, &of(true).collect::<Vec<_>>()).await);
        }
        // another check says that config names none
        Err(_) if doctor.zone.management.is_none() => {}
        Err(why) => checks.push(Check::not_evaluated(MANAGEMENT, why)),
    }
    checks
}

/// The checks of one account, or one of this id that says why there are none.
async fn of_account(id: &str, doctor: &Doctor<'_>, account: &Account, rights: &[&Right]) -> Vec<Check> {
    let zone = doctor.zone;
    let Some(source) = simulated::source(account).await else {
        return evaluated::examine(id, doctor, account, rights, "IAM simulates nothing for a root user").await;
    };
    // one question first: where nobody may ask, or nothing answers, the others are spared
    let Some((one, others)) = rights.split_first() else { return Vec::new() };
    let probe = simulated::ask_about(account, zone, &source, one).await;
    if let Err(error) = &probe {
        let refusals = [
            ("AccessDenied", "IAM's own simulation is refused"),
            ("NotImplemented", "the emulator has no simulation of IAM's"),
        ];
        if let Some((_, why)) = refusals.iter().find(|(code, _)| error.message.starts_with(code)) {
            return evaluated::examine(id, doctor, account, rights, why).await;
        }
        return vec![Check::unanswered(id, error.clone())];
    }
    let asked = stream::iter(others.iter().copied()).map(|right| simulated::ask_about(account, zone, &source, right));
    let others: Vec<_> = asked.buffered(AT_ONCE).collect().await;
    by_stack(&source, rights.iter().copied().zip([probe].into_iter().chain(others)))
}

/// The checks of each stack, in the order of the rights.
fn by_stack<'a>(source: &str, answers: impl Iterator<Item = (&'a Right, Answer<Vec<Judged>>)>) -> Vec<Check> {
    let answers: Vec<_> = answers.collect();
    let mut stacks: Vec<&str> = answers.iter().map(|(right, _)| right.stack).collect();
    stacks.dedup();
    let of = |stack: &str| {
        let own = answers.iter().filter(|(right, _)| right.stack == stack).map(|(_, answer)| answer.clone());
        judge(stack, source, own.collect::<Answer<Vec<_>>>().map(|all| all.concat()))
    };
    stacks.into_iter().flat_map(of).collect()
}

/// What the requests of a deployment carry, and conditions ask for: what is the right's own, and the region.
fn context(zone: &Zone, right: &Right) -> BTreeMap<String, Vec<String>> {
    let region = zone.region.to_string();
    let own = right.with.iter().map(|(key, value)| ((*key).to_owned(), vec![value.replace("{region}", &region)]));
    own.chain([("aws:RequestedRegion".to_owned(), vec![region.clone()])]).collect()
}

/// The tags of a request that makes something or tags it: the configured ones, and what the provider and the network add.
fn tags(zone: &Zone, right: &Right) -> BTreeMap<String, Vec<String>> {
    let mut tags: BTreeMap<_, _> = zone.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    tags.insert(aws::recovery::TAG.to_owned(), "zone".to_owned());
    if right.stack == "network" {
        tags.insert("Name".to_owned(), zone.platform());
    }
    let keys = ("aws:TagKeys".to_owned(), tags.keys().cloned().collect());
    tags.into_iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value])).chain([keys]).collect()
}

/// What a right is about, in this account.
fn in_account(zone: &Zone, account: &str, caller: &str, right: &Right) -> String {
    let resource = (right.resource)(zone).replace("{region}", zone.region.as_ref());
    resource.replace("{account}", account).replace("{caller}", caller)
}

/// What is denied, and beside it what may be: the one makes the other neither better nor worse.
fn judge(stack: &str, source: &str, results: Answer<Vec<Judged>>) -> Vec<Check> {
    let id = format!("permissions.{stack}");
    let results = match results {
        Ok(results) if results.is_empty() => return vec![Check::not_evaluated(id, "the simulation has no result")],
        Ok(results) => results,
        Err(error) => return vec![Check::unanswered(id, error)],
    };
    let (mut denied, mut open, mut unknown) = (Vec::new(), Vec::new(), 0);
    for Judged { action, verdict } in &results {
        match verdict {
            Verdict::Allowed => {}
            Verdict::Refused(why) => denied.push(format!("{action} ({why})")),
            // a condition on something that nobody knows before may well be met
            Verdict::Open(why) => open.push(format!("{action} ({why})")),
            Verdict::Unknown => unknown += 1,
        }
    }
    let actions = counted(results.len(), "action");
    if denied.is_empty() && open.is_empty() {
        return vec![match unknown {
            0 => Check::ok(id, format!("{source} may do the {actions} asked for")),
            _ => Check::not_evaluated(
                id,
                format!("{source} may do the {actions} asked for as far as its own policies say"),
            ),
        }];
    }
    let mut checks = Vec::new();
    if !denied.is_empty() {
        let finding = format!("{source} may not do {}", denied.join(", "));
        let hint =
            "allow these actions to the caller, or deploy as somebody who may do them; docs/rights/ has them all";
        checks.push(match spared(stack) {
            Some(without) => Check::warning(&id, finding).hint(without),
            None => Check::problem(&id, finding).hint(hint),
        });
    }
    if !open.is_empty() {
        let finding = format!("whether {source} may do these depends on the request: {}", open.join(", "));
        checks.push(
            Check::warning(format!("{id}.conditions"), finding)
                .hint("see that requests from where you deploy meet these conditions"),
        );
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::{
        super::{ask::Error, check::Level, names::tests::zone},
        *,
    };

    fn judged(action: &str, verdict: Verdict) -> Judged {
        Judged { action: action.to_owned(), verdict }
    }

    fn refused(action: &str, why: &str) -> Judged {
        judged(action, Verdict::Refused(why.to_owned()))
    }

    #[test]
    fn what_is_denied_is_named_with_who_denies_it() {
        let of = |stack: &str, results| {
            let checks = judge(stack, "arn:role", results);
            let [check] = &checks[..] else { panic!("one check: {checks:?}") };
            check.clone()
        };
        let allowed = || judged("kms:CreateAlias", Verdict::Allowed);
        assert_eq!(of("kms", Ok(vec![allowed()])).level, Level::Ok);
        assert_eq!(of("kms", Ok(vec![])).level, Level::NotEvaluated);
        assert_eq!(of("kms", Err(Error::new("no"))).level, Level::NotEvaluated);

        let by_scp = refused("kms:PutKeyPolicy", "a service control policy of the organization");
        let check = of("kms", Ok(vec![refused("kms:CreateKey", "a policy denies it"), allowed(), by_scp]));
        assert_eq!(check.level, Level::Problem);
        assert_eq!(
            check.finding,
            "arn:role may not do kms:CreateKey (a policy denies it), kms:PutKeyPolicy (a service control policy of the organization)"
        );

        let missing = of("destroy", Ok(vec![refused("kms:ScheduleKeyDeletion", "no policy allows it")]));
        assert_eq!(missing.level, Level::Warning, "it would stop no deployment");
    }

    #[test]
    fn a_real_gap_and_an_open_question_change_nothing_of_each_other() {
        let open = judged("kms:CreateKey", Verdict::Open("aws:SourceIp".to_owned()));
        let alone = judge("kms", "arn:role", Ok(vec![open.clone()]));
        assert_eq!(alone.iter().map(|check| check.level).collect::<Vec<_>>(), [Level::Warning]);
        let both = judge("kms", "arn:role", Ok(vec![open, refused("kms:CreateAlias", "no policy allows it")]));
        let [gap, question] = &both[..] else { panic!("two checks: {both:?}") };
        assert_eq!((gap.level, gap.id.as_str()), (Level::Problem, "permissions.kms"));
        assert_eq!(gap.finding, "arn:role may not do kms:CreateAlias (no policy allows it)");
        assert_eq!((question.level, question.id.as_str()), (Level::Warning, "permissions.kms.conditions"));
        assert_eq!(question.finding, alone[0].finding);
    }

    #[test]
    fn what_could_not_be_read_is_not_evaluated_and_a_gap_is_a_gap_all_the_same() {
        let unknown = || judged("kms:CreateKey", Verdict::Unknown);
        let alone = judge("kms", "arn:role", Ok(vec![unknown()]));
        assert_eq!(alone.iter().map(|check| check.level).collect::<Vec<_>>(), [Level::NotEvaluated]);
        let both = judge("kms", "arn:role", Ok(vec![unknown(), refused("kms:CreateAlias", "no policy allows it")]));
        assert_eq!(both.iter().map(|check| check.level).collect::<Vec<_>>(), [Level::Problem]);
    }

    #[test]
    fn one_answer_that_is_missing_leaves_its_stack_open_and_no_other() {
        let of = |stack: &'static str| RIGHTS.iter().filter(move |right| right.stack == stack);
        let allowed = || Ok(vec![judged("a:B", Verdict::Allowed)]);
        let kms = of("kms").zip([allowed(), Err(Error::new("no answer within 15 s"))]);
        let checks = by_stack("arn:role", kms.chain(of("storage").zip([allowed()])));
        let levels: Vec<_> = checks.iter().map(|check| (check.id.as_str(), check.level)).collect();
        assert_eq!(levels, [("permissions.kms", Level::NotEvaluated), ("permissions.storage", Level::Ok)]);
    }

    #[test]
    fn rights_are_asked_for_by_the_names_that_are_given() {
        let zone = zone();
        let resources: Vec<_> = RIGHTS.iter().map(|right| (right.resource)(&zone)).collect();
        for wanted in [
            "arn:aws:s3:::acme-lake-local",
            "arn:aws:sqs:{region}:{account}:orders-events-dlq-local",
            "arn:aws:iam::{account}:role/acme-platform-delivery",
            "arn:aws:ssm:{region}:{account}:parameter/acme/local/contract/version",
        ] {
            assert!(resources.iter().any(|resource| resource == wanted), "{wanted} is not in {resources:?}");
        }
        for right in RIGHTS {
            let (context, tags) = (context(&zone, right), tags(&zone, right));
            assert!(tags.contains_key("aws:RequestTag/owner"), "or a guardrail denies everything");
            assert!(tags["aws:TagKeys"].contains(&"pulumi:identity".to_owned()), "the provider's own");
            let passes = right.actions.contains(&"iam:PassRole");
            let named = context.contains_key("iam:PassedToService");
            assert_eq!(named, passes, "or a right that names the service is denied");
        }
    }
}
