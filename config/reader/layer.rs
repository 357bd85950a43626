//! Values of `zone.toml` with those of an environment's file above them.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Source;

/// A key of a table, and the file that it stands in.
pub(super) struct Entry<'a> {
    pub(super) name: Spanned<DeString<'a>>,
    pub(super) source: &'a Source,
    pub(super) node: Node<'a>,
}

/// A value, or one of `zone.toml` with one of the environment's file above it, both tables or both lists.
pub(super) enum Node<'a> {
    One(Spanned<DeValue<'a>>, &'a Source),
    Above(Box<Node<'a>>, Spanned<DeValue<'a>>, &'a Source),
}

impl<'a> Node<'a> {
    /// The value that counts where only one can.
    pub(super) fn top(&self) -> (&Spanned<DeValue<'a>>, &'a Source) {
        match self {
            Self::One(value, source) | Self::Above(_, value, source) => (value, source),
        }
    }

    /// All values, the one of `zone.toml` first.
    pub(super) fn layers(self) -> Vec<(Spanned<DeValue<'a>>, &'a Source)> {
        match self {
            Self::One(value, source) => vec![(value, source)],
            Self::Above(under, value, source) => {
                let mut layers = under.layers();
                layers.push((value, source));
                layers
            }
        }
    }

    /// This one with another above it.
    pub(super) fn below(self, over: Self) -> Self {
        let both =
            |matches: fn(&DeValue<'_>) -> bool| matches(self.top().0.get_ref()) && matches(over.top().0.get_ref());
        let merges =
            both(|value| matches!(value, DeValue::Table(_))) || both(|value| matches!(value, DeValue::Array(_)));
        match over {
            Self::One(value, source) if merges => Self::Above(Box::new(self), value, source),
            over => over,
        }
    }
}

/// The tables of a `[[key]]`.
#[derive(Default)]
pub(super) struct Items<'a>(pub(super) Vec<Item<'a>>);

pub(super) struct Item<'a> {
    pub(super) node: Node<'a>,
    pub(super) stranger: Option<String>,
}

impl Items<'_> {
    /// What tells them apart; empty for one that does not say it.
    pub(super) fn names(&self, by: &str) -> Vec<String> {
        self.0.iter().map(|item| text(item.node.top().0.get_ref(), by).unwrap_or_default()).collect()
    }
}

impl<'a> Item<'a> {
    pub(super) fn change(&mut self, over: Spanned<DeValue<'a>>, source: &'a Source) {
        let none = Node::One(Spanned::new(0..0, DeValue::Boolean(false)), source);
        let under = std::mem::replace(&mut self.node, none);
        self.node = Node::Above(Box::new(under), over, source);
    }
}

/// The text under a key of a table.
pub(super) fn text(value: &DeValue<'_>, key: &str) -> Option<String> {
    let DeValue::Table(table) = value else { return None };
    match table.get(key)?.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

pub(super) fn entries<'a>(table: DeTable<'a>, source: &'a Source) -> Vec<Entry<'a>> {
    table.into_iter().map(|(name, value)| Entry { name, source, node: Node::One(value, source) }).collect()
}

/// The keys of both; of one that both have, `over` counts, key by key where it is a table.
pub(super) fn merged<'a>(mut under: Vec<Entry<'a>>, over: Vec<Entry<'a>>) -> Vec<Entry<'a>> {
    for entry in over {
        match under.iter().position(|known| known.name.get_ref() == entry.name.get_ref()) {
            Some(index) => {
                let Entry { name, source, node } = under.remove(index);
                under.insert(index, Entry { name, source, node: node.below(entry.node) });
            }
            None => under.push(entry),
        }
    }
    under
}
