//! What came of all changes: by type, what was not tried, and which rows never failed.

use std::collections::{BTreeMap, BTreeSet};

use state::error::{Exit, Failure, Result, counted};

use crate::{
    equivalents::Equivalent,
    fate::{Fate, Tried},
    mutant::Skipped,
    thing::Thing,
};

/// How many changes ended in which way, of a type or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// A row failed, or nothing could be judged any more.
    pub caught: usize,
    /// No row failed, and none has to.
    pub equivalent: usize,
    /// No row failed.
    pub survived: usize,
    /// The change could not be made.
    pub refused: usize,
}

impl Counts {
    fn add(&mut self, fate: &Fate) {
        *match fate {
            Fate::Caught(_) | Fate::Unjudged(_) => &mut self.caught,
            Fate::Equivalent(_) => &mut self.equivalent,
            Fate::Survived => &mut self.survived,
            Fate::Refused(_) => &mut self.refused,
        } += 1;
    }

    /// How many changes these are.
    pub fn total(self) -> usize {
        self.caught + self.equivalent + self.survived + self.refused
    }

    /// `caught / (caught + survived)` in per cent with one decimal, never rounded up; none where that is 0 of 0.
    #[expect(clippy::cast_precision_loss, reason = "a zone has thousands of properties, not more")]
    pub fn score(self) -> Option<f64> {
        let all = self.caught + self.survived;
        (all > 0).then(|| (self.caught as f64 * 1000.0 / all as f64).floor() / 10.0)
    }
}

/// What came of all changes.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many ended in which way, by type of the resource.
    pub kinds: BTreeMap<String, Counts>,
    /// The same, of all types.
    pub all: Counts,
    /// The changes that could not be made: each in words, and why.
    pub refused: Vec<(String, String)>,
    /// The changes that were not tried, ordered by type and property.
    pub untried: Vec<Untried>,
    /// What had no effect in a run that made every change; none of a run that made some.
    pub idle: Option<Idle>,
}

/// Changes of a property that were not tried, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untried {
    /// The type of the resources.
    pub kind: String,
    /// The property without the numbers of items; of a whole resource `(resource)`.
    pub property: String,
    /// Why they were not tried.
    pub reason: String,
    /// How many these are.
    pub count: usize,
}

/// What had no effect in a run that made every change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idle {
    /// The rows that passed before, and that no change turned red: number and name.
    pub rows: Vec<(usize, String)>,
    /// The declarations of equivalent changes that were not needed.
    pub equivalents: Vec<Unused>,
}

/// A declaration of equivalent changes, of which no change was missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// Its number in the file.
    pub number: usize,
    /// What it covers: type, property, change.
    pub name: String,
    /// Why no row has to detect it.
    pub reason: String,
}

impl Report {
    pub(crate) fn new(things: &[Thing], tried: &[Tried], skipped: &[Skipped], idle: Option<Idle>) -> Self {
        let (mut kinds, mut all) = (BTreeMap::<String, Counts>::new(), Counts::default());
        let mut refused = Vec::new();
        for one in tried {
            let thing = &things[one.mutant.thing];
            kinds.entry(thing.kind.clone()).or_default().add(&one.fate);
            all.add(&one.fate);
            if let Fate::Refused(words) = &one.fate {
                refused.push((one.mutant.words(thing), words.clone()));
            }
        }
        let mut untried = BTreeMap::<(&str, &str, &str), usize>::new();
        for skip in skipped {
            *untried.entry((&things[skip.thing].kind, &skip.property, &skip.reason)).or_default() += 1;
        }
        let untried = untried.into_iter().map(|((kind, property, reason), count)| Untried {
            kind: kind.to_owned(),
            property: property.to_owned(),
            reason: reason.to_owned(),
            count,
        });
        Self { kinds, all, refused, untried: untried.collect(), idle }
    }

    /// How many changes were not evaluated: not tried, or not possible.
    pub fn not_evaluated(&self) -> usize {
        self.untried.iter().map(|untried| untried.count).sum::<usize>() + self.all.refused
    }

    /// Whether a row detected every change that one has to detect.
    ///
    /// # Errors
    ///
    /// A change survived.
    pub fn judgement(&self) -> Result<()> {
        if self.all.survived == 0 {
            return Ok(());
        }
        let message = format!("no row detected {}", counted(self.all.survived, "change"));
        Err(Failure::new(Exit::Judged, message).hint(
            "add a row that checks it, or declare it equivalent, with a reason, in crates/mutation/src/equivalents.toml",
        ))
    }
}

impl Idle {
    /// `rows` are those that passed before, with their numbers.
    pub(crate) fn of<'a>(
        tried: &[Tried],
        rows: impl Iterator<Item = (usize, &'a str)>,
        equivalents: &[Equivalent],
    ) -> Self {
        let red: BTreeSet<_> = tried.iter().flat_map(|one| one.fate.rows()).collect();
        let rows = rows.filter(|(row, _)| !red.contains(row)).map(|(row, name)| (row, name.to_owned()));
        let number = |one: &Tried| if let Fate::Equivalent(number) = one.fate { Some(number) } else { None };
        let used: BTreeSet<_> = tried.iter().filter_map(number).collect();
        let unused = equivalents.iter().enumerate().filter(|(number, _)| !used.contains(number));
        let unused = unused.map(|(number, one)| Unused { number, name: one.name(), reason: one.reason.clone() });
        Self { rows: rows.collect(), equivalents: unused.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        equivalents,
        mutant::{Mutant, What},
    };

    const KEY: &str = "aws:kms/key:Key";

    fn tried(thing: usize, fate: Fate) -> Tried {
        let (property, change) = ("a".to_owned(), "flipped".to_owned());
        Tried { mutant: Mutant { thing, property, change, what: What::Deletion }, fate }
    }

    fn caught(row: usize) -> Fate {
        Fate::Caught([row].into())
    }

    #[test]
    fn a_score_is_of_what_has_to_be_noticed_and_never_rounded_up() {
        let counts = Counts { caught: 1999, equivalent: 50, survived: 1, refused: 9 };
        assert_eq!((counts.score(), counts.total()), (Some(99.9), 2059));
        assert_eq!(Counts { caught: 3, ..Counts::default() }.score(), Some(100.0));
        assert_eq!(Counts { equivalent: 3, refused: 1, ..Counts::default() }.score(), None);
    }

    #[test]
    fn one_change_that_survives_is_a_failure() {
        let things = [Thing::made_up("a", KEY)];
        let fates = [caught(1), Fate::Unjudged("no contract".to_owned()), Fate::Equivalent(0)];
        let mut all: Vec<_> = fates.into_iter().map(|fate| tried(0, fate)).collect();
        assert!(Report::new(&things, &all, &[], None).judgement().is_ok());
        all.push(tried(0, Fate::Survived));
        let failure = Report::new(&things, &all, &[], None).judgement().expect_err("it survived");
        assert_eq!((failure.exit, failure.message.as_str()), (Exit::Judged, "no row detected 1 change"));
    }

    #[test]
    fn counts_are_by_type_and_reasons_by_property() {
        let things = [Thing::made_up("a", KEY), Thing::made_up("b", "aws:s3/bucket:Bucket")];
        let all = [tried(0, caught(1)), tried(1, Fate::Survived), tried(1, Fate::Refused("AWS is busy".to_owned()))];
        let skipped = |thing: usize, property: &str| Skipped {
            thing,
            property: property.to_owned(),
            reason: "it cannot change in place".to_owned(),
        };
        let report = Report::new(&things, &all, &[skipped(1, "b"), skipped(0, "b"), skipped(1, "b")], None);
        let bucket = Counts { survived: 1, refused: 1, ..Counts::default() };
        assert_eq!(report.kinds.values().collect::<Vec<_>>(), [&Counts { caught: 1, ..Counts::default() }, &bucket]);
        assert_eq!((report.all.total(), report.not_evaluated()), (3, 4));
        assert_eq!(report.refused, [("aws:s3/bucket:Bucket `b`  a: flipped".to_owned(), "AWS is busy".to_owned())]);
        let untried: Vec<_> = report.untried.iter().map(|one| (one.kind.as_str(), one.count)).collect();
        assert_eq!(untried, [(KEY, 1), ("aws:s3/bucket:Bucket", 2)]);
    }

    #[test]
    fn what_no_change_needed_is_idle() {
        let equivalents = equivalents::read().expect("they are read");
        let rows = [(1, "one"), (2, "two")].into_iter();
        let idle = Idle::of(&[tried(0, caught(1)), tried(0, Fate::Equivalent(0))], rows, &equivalents);
        assert_eq!(idle.rows, [(2, "two".to_owned())]);
        assert_eq!((idle.equivalents.len(), idle.equivalents[0].number), (equivalents.len() - 1, 1));
    }
}
