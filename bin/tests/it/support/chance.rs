//! Chances that can be had again.
#![expect(clippy::print_stderr, reason = "seeds are for who runs this")]

use rand::{
    RngExt, SeedableRng,
    rngs::StdRng,
    seq::{IndexedRandom, SliceRandom},
};

/// A number that a variable gives.
pub(crate) fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// Chances; `ZONE_SEED` repeats those of a run, which tells its seed.
pub(crate) fn dice(test: &str) -> StdRng {
    let seed = number("ZONE_SEED").unwrap_or_else(rand::random);
    eprintln!("{test}: ZONE_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// Chances, in the words of a configuration.
pub(crate) struct Chance(pub(crate) StdRng);

impl Chance {
    /// Whether it happens, so many times of a hundred.
    pub(crate) fn of(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }
    /// A number, both ends included.
    pub(crate) fn between(&mut self, least: usize, most: usize) -> usize {
        self.0.random_range(least..=most)
    }
    /// One of these.
    pub(crate) fn one<T: Clone>(&mut self, all: &[T]) -> T {
        all.choose(&mut self.0).expect("there is one").clone()
    }
    /// So many of these or fewer, in any order.
    pub(crate) fn some<T: Clone>(&mut self, all: &[T], least: usize) -> Vec<T> {
        let mut all = all.to_vec();
        all.shuffle(&mut self.0);
        let many = self.between(least.min(all.len()), all.len());
        all.truncate(many);
        all
    }
    /// A word that begins with a letter.
    pub(crate) fn word(&mut self, least: usize, most: usize) -> String {
        let length = self.between(least, most);
        let first = self.one(b"abcdefghijklmnopqrstuvwxyz");
        let rest = (1..length).map(|_| char::from(self.one(b"abcdefghijklmnopqrstuvwxyz0123456789")));
        std::iter::once(char::from(first)).chain(rest.collect::<Vec<_>>()).collect()
    }
    /// So many different words.
    pub(crate) fn words(&mut self, many: usize, least: usize, most: usize) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        while all.len() < many {
            let mut word = self.word(least, most);
            if self.of(25) {
                word = format!("{word}-{}", self.word(1, 4));
            }
            if !all.contains(&word) {
                all.push(word);
            }
        }
        all
    }
}
