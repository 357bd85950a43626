//! A change of a resource, its name in reports, and which changes a run makes.

use pulumi::value::Map;

use crate::thing::Thing;

/// One change of one resource.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The number of the resource.
    pub thing: usize,
    /// The property, with the numbers of items: `rules[0].status`. Empty for the whole resource.
    pub property: String,
    /// What is done to it.
    pub change: String,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// It gets these inputs.
    Inputs(Map),
    /// It is deleted.
    Deletion,
}

impl Mutant {
    /// The property without the numbers of items: `rules.status`. Of the whole resource it is `(resource)`.
    pub fn pattern(&self) -> String {
        pattern(&self.property)
    }

    /// The change in words, with the resource that it changes: ``aws:kms/key:Key `pii`  rotationPeriodInDays: one more``.
    pub fn words(&self, thing: &Thing) -> String {
        let of = if self.property.is_empty() { String::new() } else { format!("{}: ", self.property) };
        format!("{} `{}`  {of}{}", thing.kind, thing.name(), self.change)
    }
}

/// A change that is not made.
#[derive(Clone, Debug)]
pub(crate) struct Skipped {
    /// The number of the resource.
    pub(crate) thing: usize,
    /// As [`Mutant::pattern`].
    pub(crate) property: String,
    /// Why not.
    pub(crate) reason: String,
}

/// As [`Mutant::pattern`], of any property.
pub(crate) fn pattern(property: &str) -> String {
    if property.is_empty() {
        return "(resource)".to_owned();
    }
    let mut inside = false;
    let outside = |c: &char| {
        let was = inside;
        inside = *c == '[' || (inside && *c != ']');
        !was && !inside
    };
    property.chars().filter(outside).collect()
}

/// The same number for the same words, in every run: what is chosen at random is chosen by it.
pub(crate) fn chance(seed: u64, words: &[&str]) -> u64 {
    // FNV-1a, and a last mix: neighbours differ in all bits
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

/// The changes of resources whose type contains the filter, and of these so many, chosen at random; in the order of the
/// resources.
pub(crate) fn chosen(
    mut mutants: Vec<Mutant>,
    things: &[Thing],
    filter: Option<&str>,
    sample: Option<usize>,
    seed: u64,
) -> Vec<Mutant> {
    if let Some(filter) = filter {
        mutants.retain(|mutant| things[mutant.thing].kind.contains(filter));
    }
    if let Some(sample) = sample {
        mutants.sort_by_cached_key(|m| chance(seed, &[&things[m.thing].urn, &m.property, &m.change]));
        mutants.truncate(sample);
        mutants.sort_by_key(|mutant| mutant.thing);
    }
    mutants
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_pattern_has_no_numbers() {
        assert_eq!(pattern("rules[0].transitions[11].days"), "rules.transitions.days");
        assert_eq!((pattern("tagsAll.a.b"), pattern("")), ("tagsAll.a.b".to_owned(), "(resource)".to_owned()));
    }

    #[test]
    fn chance_depends_on_the_seed_and_on_each_word() {
        let all = [chance(1, &["a", "b"]), chance(2, &["a", "b"]), chance(1, &["ab"]), chance(1, &["a", "c"])];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert_eq!(chance(1, &["a", "b"]), all[0]);
    }

    fn mutant(thing: usize, property: &str) -> Mutant {
        Mutant { thing, property: property.to_owned(), change: "flipped".to_owned(), what: What::Deletion }
    }

    #[test]
    fn a_filter_is_a_part_of_the_type_and_a_sample_is_in_the_order_of_the_resources() {
        let things = [Thing::made_up("a", "aws:kms/key:Key"), Thing::made_up("b", "aws:s3/bucket:Bucket")];
        let all = || (0..20).map(|number| mutant(number % 2, &format!("p{number}"))).collect::<Vec<_>>();
        let numbers = |mutants: Vec<Mutant>| mutants.into_iter().map(|mutant| mutant.thing).collect::<Vec<_>>();
        assert_eq!(numbers(chosen(all(), &things, Some("kms"), None, 1)), [0; 10]);
        let sample = chosen(all(), &things, None, Some(7), 1);
        assert_eq!(sample.len(), 7);
        assert!(numbers(sample).is_sorted());
        assert_eq!(chosen(all(), &things, Some("s3"), Some(3), 1).len(), 3);
    }

    #[test]
    fn a_change_of_a_whole_resource_names_no_property() {
        let thing = Thing::made_up("urn:pulumi:dev::zone::aws:kms/key:Key::pii", "aws:kms/key:Key");
        assert_eq!(mutant(0, "a.b").words(&thing), "aws:kms/key:Key `pii`  a.b: flipped");
        assert_eq!(mutant(0, "").words(&thing), "aws:kms/key:Key `pii`  flipped");
    }
}
