//! The sentences that features are written in: what the steps say of themselves.

/// The files in which steps are defined.
const STEPS: &[&str] = &[
    include_str!("steps/alarms.rs"),
    include_str!("steps/contract.rs"),
    include_str!("steps/delivery.rs"),
    include_str!("steps/events.rs"),
    include_str!("steps/functions.rs"),
    include_str!("steps/governance.rs"),
    include_str!("steps/identity.rs"),
    include_str!("steps/kms.rs"),
    include_str!("steps/lifecycle.rs"),
    include_str!("steps/modules.rs"),
    include_str!("steps/network.rs"),
    include_str!("steps/platform.rs"),
    include_str!("steps/queues.rs"),
    include_str!("steps/roles.rs"),
    include_str!("steps/sign_in.rs"),
    include_str!("steps/storage.rs"),
    include_str!("steps/tables.rs"),
    include_str!("steps/trail.rs"),
    include_str!("steps/trials.rs"),
];

/// Every sentence, as its step is defined: `the key rotates every {int} days`.
fn sentences() -> impl Iterator<Item = &'static str> {
    let sentence = |line: &'static str| {
        let rest = ["#[given(", "#[when(", "#[then("].iter().find_map(|kind| line.strip_prefix(kind))?;
        let text = rest.strip_prefix("expr = ").unwrap_or(rest);
        text.strip_prefix('"')?.strip_suffix("\")]")
    };
    STEPS.iter().flat_map(|file| file.lines()).filter_map(sentence)
}

/// The sentences that are nearest to one that nobody defined.
pub(crate) fn nearest(text: &str) -> String {
    const SHOWN: usize = 3;
    // values are no part of a sentence
    let plain = |text: &str| {
        let outside = text.split('"').step_by(2).collect::<String>();
        outside.replace("{string}", "").replace("{int}", "").replace("{when}", "")
    };
    let given = plain(text);
    let mut near: Vec<_> =
        sentences().map(|known| (strsim::damerau_levenshtein(&plain(known), &given), known)).collect();
    near.sort_unstable();
    let near: Vec<_> = near.into_iter().take(SHOWN).map(|(_, known)| format!("`{known}`")).collect();
    format!("the nearest that are: {}", near.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_suggested() {
        assert!(sentences().count() > 150, "{}", sentences().count());
        assert!(
            nearest("the key rotats every 365 days")
                .starts_with("the nearest that are: `the key rotates every {int} days`")
        );
        assert!(
            nearest("the bucket of purpose \"x\" in contract")
                .contains("`the bucket of purpose {string} in the contract`")
        );
    }
}
