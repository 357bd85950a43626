//! What a plan may cost: what `--allow` names, and what somebody says yes to.

use state::{
    error::{Exit, Failure, Result},
    subject::Subject,
};

use crate::{
    Watch, adopting,
    planned::Change,
    risk::{self, Risk},
    up::Order,
};

/// Whether a plan may be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// As far as its risks go; consent is asked for as ever.
    Yes,
    /// Somebody has just said so.
    Asked,
    /// Somebody has just said no.
    No,
}

/// Holds the risks of a plan against what is allowed. Without a plan's file and without `--allow`, nothing is held.
pub(crate) fn allowed(order: &Order, environment: &str, changes: &[Change], watch: &dyn Watch) -> Result<Allowed> {
    let given = order.allow.clone().unwrap_or_default();
    if order.plan.is_none() && order.allow.is_none() {
        return Ok(Allowed::Yes);
    }
    let own = changes.iter().filter(|change| change.is_own()).map(|change| change.risks.as_slice());
    let open = risk::unallowed(own, &given);
    if open.is_empty() {
        return Ok(Allowed::Yes);
    }
    let does = risk::does(&open);
    let all: Vec<_> = Risk::ALL.into_iter().filter(|risk| given.contains(risk) || open.contains(risk)).collect();
    let (doing, command) = match &order.plan {
        Some(plan) => match watch.dares(&format!("this {does}: deploy it to {environment} all the same?")) {
            Some(true) => return Ok(Allowed::Asked),
            Some(false) => return Ok(Allowed::No),
            None => (format!("applying the plan `{}`", plan.path.display()), plan.command(&all)),
        },
        None => (format!("deploying to `{environment}`"), command(order, environment, &all)),
    };
    let words: Vec<_> = open.iter().map(|risk| format!("`{risk}`")).collect();
    let message = format!("{doing}: it {does}, and --allow does not name {}; nothing was changed", words.join(", "));
    Err(Failure::new(Exit::Usage, message).hint(format!("read what it does, and allow it: `{command}`")))
}

/// The command that deploys, with these classes allowed.
fn command(order: &Order, environment: &str, allowed: &[Risk]) -> String {
    let up = Subject::from(environment).command("up");
    let command = if order.adopt.is_empty() { up } else { adopting::command(&up, &order.adopt) };
    let only = if order.only.is_empty() { String::new() } else { format!(" --only {}", order.only.join(",")) };
    let words: Vec<_> = allowed.iter().map(|risk| risk.word()).collect();
    let yes = if order.asks { "" } else { " --yes" };
    format!("{command}{only}{yes} --allow {}", words.join(","))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::PathBuf};

    use engine::op::Op;
    use state::Message;

    use super::*;
    use crate::{Ended, Plan, Progress, planned::Planned, risk::Finding};

    /// Somebody who answers, or nobody.
    struct Answers(Option<bool>);

    impl Watch for Answers {
        fn tell(&self, _: Message<'_>) {}
        fn progress(&self, _: &Progress<'_>) {}
        fn plan(&self, _: &Plan<'_>) {}
        fn consent(&self, _: &str) -> Result<bool> {
            Ok(true)
        }
        fn dares(&self, question: &str) -> Option<bool> {
            assert!(question.starts_with("this destroys data: "), "{question}");
            self.0
        }
        fn ended(&self, _: &Ended<'_>) {}
    }

    fn change(risks: &[Risk]) -> Change {
        let finding = |class: &Risk| Finding { class: *class, reason: "why".to_owned(), details: Vec::new() };
        Change {
            op: Op::Delete,
            urn: "urn:pulumi:dev::zone::aws:s3/bucket:Bucket::lake".to_owned(),
            kind: "aws:s3/bucket:Bucket".to_owned(),
            id: None,
            changed: BTreeMap::new(),
            old: None,
            new: None,
            risks: risks.iter().map(finding).collect(),
        }
    }

    fn of_plan(allow: &[Risk], answer: Option<bool>, risks: &[Risk]) -> Result<Allowed> {
        let plan = Planned { path: PathBuf::from("p.json"), ..crate::planned::tests::sample() };
        let order = Order { plan: Some(plan), allow: Some(allow.to_vec()), ..Order::default() };
        allowed(&order, "dev", &[change(risks)], &Answers(answer))
    }

    #[test]
    fn a_plan_with_a_risk_is_refused_with_the_command_that_allows_it() {
        let refused = of_plan(&[Risk::Interrupts], None, &[Risk::DestroysData, Risk::Interrupts]).expect_err("a risk");
        assert_eq!(refused.exit, Exit::Usage);
        assert_eq!(
            refused.message,
            "applying the plan `p.json`: it destroys data, and --allow does not name `destroys-data`; nothing was changed"
        );
        let hint = refused.hint.expect("a hint");
        assert!(hint.ends_with("`zone up p.json --yes --allow destroys-data,interrupts`"), "{hint}");
        let both = [Risk::DestroysData, Risk::Interrupts];
        assert_eq!(of_plan(&both, None, &both).expect("all allowed"), Allowed::Yes);
        assert_eq!(of_plan(&[], None, &[]).expect("no risk"), Allowed::Yes);
    }

    #[test]
    fn somebody_can_be_asked() {
        assert_eq!(of_plan(&[], Some(true), &[Risk::DestroysData]).expect("yes"), Allowed::Asked);
        assert_eq!(of_plan(&[], Some(false), &[Risk::DestroysData]).expect("no"), Allowed::No);
    }

    #[test]
    fn without_a_plan_only_a_list_that_was_given_counts() {
        let up = |allow: Option<Vec<Risk>>| {
            let order = Order { allow, only: vec!["storage".to_owned()], ..Order::default() };
            allowed(&order, "dev", &[change(&[Risk::DestroysData])], &Answers(Some(true)))
        };
        assert_eq!(up(None).expect("as ever"), Allowed::Yes);
        assert_eq!(up(Some(vec![Risk::DestroysData])).expect("allowed"), Allowed::Yes);
        let refused = up(Some(vec![Risk::NoRisk])).expect_err("a list without it");
        let hint = refused.hint.expect("a hint");
        assert!(hint.ends_with("`zone up -e dev --only storage --yes --allow destroys-data,no-risk`"), "{hint}");
    }
}
