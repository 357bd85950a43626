//! A deployment of some stacks only: what has to be there for it, and which resources it touches.

use std::collections::{BTreeMap, BTreeSet};

use config::Zone;
use engine::{drive::Selection, events::Step, op::Op};
use stacks::{CONTRACT, GUARDRAILS, STACKS};
use state::error::{Exit, Failure, Result};

use crate::{following::only_guards, session::stack_of};

/// The stacks that were asked for.
#[derive(Debug)]
pub struct Only(BTreeSet<&'static str>);

/// What a deployment of these stacks would do.
#[derive(Debug)]
pub struct Part {
    /// The resources it touches.
    pub selection: Selection,
    /// Its part of the plan.
    pub steps: Vec<Step>,
    /// Why the contract is not published with it, when it is not.
    pub unpublished: Option<String>,
}

impl Only {
    /// Reads the names; none is everything.
    pub fn read(names: &[String], zone: &Zone) -> Result<Option<Self>> {
        let mut chosen = BTreeSet::new();
        for name in names {
            let known = STACKS.iter().map(|(stack, _)| *stack).find(|stack| stack == name);
            chosen.insert(known.ok_or_else(|| unknown(name))?);
        }
        if let Some(stack) = chosen.iter().find(|stack| **stack != GUARDRAILS && !zone.has(stack)) {
            let message =
                format!("environment `{}` has no stack `{stack}`: its table is not configured", zone.environment);
            return Err(Failure::new(Exit::Usage, message)
                .hint(format!("docs/stacks/{stack}.md says what to write into config/zone.toml")));
        }
        if chosen.contains(GUARDRAILS) && zone.guardrails.is_none() {
            let message = format!("environment `{}` has no table [guardrails]", zone.environment);
            return Err(Failure::new(Exit::Usage, message).hint("write it into config/zone.toml"));
        }
        if chosen.contains(GUARDRAILS) && zone.management.is_none() {
            let message =
                format!("environment `{}` has no management account to put guardrails into", zone.environment);
            return Err(Failure::new(Exit::Usage, message)
                .hint(format!("write a table [management] into config/{}.toml", zone.environment)));
        }
        Ok((!chosen.is_empty()).then_some(Self(chosen)))
    }

    /// Whether this stack was.
    pub fn has(&self, stack: &str) -> bool {
        self.0.contains(stack)
    }

    /// Holds the choice against a plan of everything. What the chosen stacks take values from must be as configured.
    pub fn of(&self, plan: &[Step], environment: &str) -> Result<Part> {
        let mut changes: BTreeMap<String, BTreeMap<Op, u64>> = BTreeMap::new();
        // what is only protected, or no more, gives others the values that it gave them
        for step in plan.iter().filter(|step| !only_guards(step)) {
            if let Some(stack) = stack_of(&step.urn) {
                *changes.entry(stack).or_default().entry(step.op.clone()).or_default() += 1;
            }
        }
        let needed = self.needed();
        let stale: Vec<_> = needed.iter().filter(|stack| changes.contains_key(**stack)).copied().collect();
        if !stale.is_empty() {
            return Err(self.refused(&stale, &changes, environment));
        }

        // the contract names everything: it can be whole only when everything else is there
        let owed: Vec<&str> = changes
            .iter()
            .filter(|(stack, ops)| {
                !self.0.contains(stack.as_str()) && *stack != CONTRACT && ops.keys().any(|op| *op != Op::Update)
            })
            .map(|(stack, _)| stack.as_str())
            .collect();
        let publishes = owed.is_empty();
        if self.0.contains(CONTRACT) && !publishes {
            return Err(self.refused(&owed, &changes, environment));
        }
        let unpublished = (!publishes && !self.0.contains(CONTRACT))
            .then(|| format!("the contract stays as it is: {} not deployed as configured", are(&owed)));
        let is_part = |step: &&Step| match stack_of(&step.urn).as_deref() {
            Some(CONTRACT) => publishes,
            Some(stack) => self.0.contains(stack),
            None => true,
        };
        let steps: Vec<Step> = plan.iter().filter(is_part).cloned().collect();
        let targets = steps.iter().map(|step| step.urn.clone()).collect();
        Ok(Part { selection: Selection { targets, excluded: Vec::new() }, steps, unpublished })
    }

    /// Everything that the chosen stacks take values from, directly or not, and that is not chosen itself.
    fn needed(&self) -> BTreeSet<&'static str> {
        let needs = |stack: &str| STACKS.iter().find(|(name, _)| *name == stack).map_or(&[][..], |(_, needs)| *needs);
        let mut open: Vec<&str> = self.0.iter().copied().collect();
        let mut all = BTreeSet::new();
        while let Some(stack) = open.pop() {
            open.extend(needs(stack).iter().filter(|need| all.insert(**need)));
        }
        all.difference(&self.0).copied().collect()
    }

    fn refused(&self, stale: &[&str], changes: &BTreeMap<String, BTreeMap<Op, u64>>, environment: &str) -> Failure {
        let of = |stack: &str| changes.get(stack).map_or_else(String::new, planned);
        let what: Vec<_> = stale.iter().map(|stack| format!("{stack} ({})", of(stack))).collect();
        let names = |names: Vec<&str>| names.join(",");
        let chosen = names(self.0.iter().copied().collect());
        let both = names(self.0.iter().copied().chain(stale.iter().copied()).collect());
        let message =
            format!("{chosen} cannot be deployed alone: what it needs is not as configured: {}", what.join(", "));
        Failure::new(Exit::Usage, message).hint(format!(
            "deploy it with what it needs: `zone up -e {environment} --only {both}`, or everything: `zone up -e {environment}`; nothing was changed"
        ))
    }
}

fn unknown(name: &str) -> Failure {
    let names: Vec<_> = STACKS.iter().map(|(stack, _)| *stack).collect();
    let near = names.iter().map(|stack| (strsim::damerau_levenshtein(stack, name), *stack)).min();
    let hint = match near.filter(|(distance, _)| *distance <= name.chars().count() / 3) {
        Some((_, stack)) => format!("did you mean `{stack}`?"),
        None => format!("stacks: {}", names.join(", ")),
    };
    Failure::new(Exit::Usage, format!("there is no stack `{name}`")).hint(hint)
}

/// `network and identity are`.
fn are(stacks: &[&str]) -> String {
    match stacks {
        [one] => format!("{one} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
        [] => "nothing is".to_owned(),
    }
}

/// `3 to create, 1 to update`.
fn planned(ops: &BTreeMap<Op, u64>) -> String {
    let texts: Vec<_> = ops.iter().map(|(op, n)| format!("{n} to {op}")).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/tests/fixture");
        config::load(&fixture, "local").expect("an environment of the fixture")
    }

    fn only(names: &[&str]) -> Only {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Only::read(&names, &zone()).expect("known stacks").expect("a choice")
    }

    fn step(op: &str, stack: &str, name: &str) -> Step {
        let urn = format!("urn:pulumi:local::zone::zone:stack:{stack}$aws:kms/key:Key::{name}");
        Step { op: op.into(), urn, kind: "aws:kms/key:Key".to_owned(), ..Step::default() }
    }

    #[test]
    fn what_it_needs_has_to_be_there() {
        let plan = [step("create", "Kms", "secret"), step("create", "Storage", "lake")];
        let refused = only(&["storage"]).of(&plan, "dev").expect_err("kms is not there");
        assert_eq!(
            refused.message,
            "storage cannot be deployed alone: what it needs is not as configured: kms (1 to create)"
        );
        assert!(refused.hint.expect("a hint").contains("--only storage,kms"));
        let part = only(&["storage", "kms"]).of(&plan, "dev").expect("both");
        assert_eq!(part.selection.targets.len(), 2);
    }

    #[test]
    fn needs_are_followed_to_their_end() {
        assert_eq!(only(&["delivery"]).needed(), BTreeSet::from(["kms", "storage"]));
        assert_eq!(only(&["network"]).needed(), BTreeSet::new());
    }

    #[test]
    fn the_contract_is_published_when_everything_is_there() {
        let contract = step("update", "Contract", "contract/digest");
        let whole = [step("update", "Kms", "secret"), contract.clone()];
        let part = only(&["kms"]).of(&whole, "dev").expect("a part");
        assert_eq!((part.steps.len(), part.unpublished), (2, None));
        let lacking = [step("create", "Network", "vpc"), step("create", "Kms", "secret"), contract];
        let part = only(&["kms"]).of(&lacking, "dev").expect("a part");
        assert_eq!(part.selection.targets, [lacking[1].urn.clone()]);
        assert_eq!(
            part.unpublished.as_deref(),
            Some("the contract stays as it is: network is not deployed as configured")
        );
        let refused = only(&["contract"]).of(&lacking, "dev").expect_err("the contract alone");
        assert!(refused.message.contains("kms (1 to create), network (1 to create)"), "{}", refused.message);
    }

    #[test]
    fn names_are_checked() {
        let read = |name: &str, zone: &Zone| Only::read(&[name.to_owned()], zone).expect_err("a refusal");
        assert_eq!(read("storge", &zone()).hint.as_deref(), Some("did you mean `storage`?"));
        assert!(read("kafka", &zone()).hint.expect("a hint").starts_with("stacks: network, kms"));
        let alone = Zone { management: None, ..zone() };
        assert!(read("guardrails", &alone).message.contains("no management account"));
        assert!(Only::read(&[], &zone()).expect("nothing asked").is_none());
    }
}
