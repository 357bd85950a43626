//! The first difference of two lists of changes, in words.

use serde_json::{Map, Value};

use super::Change;

/// The first difference of what a plan says and what would be done.
pub(super) fn first(planned: &[Change], now: &[Change]) -> Option<String> {
    let called = |change: &Change| format!("{} {} {}", change.op, change.kind, change.name());
    for old in planned {
        let Some(new) = now.iter().find(|new| new.urn == old.urn && new.op == old.op) else {
            let instead = now.iter().find(|new| new.urn == old.urn);
            let instead = instead.map_or_else(|| "now it does not change".to_owned(), |new| format!("now {}", new.op));
            return Some(format!("the plan has `{}`, and {instead}", called(old)));
        };
        if old != new {
            let what = ["old", "new"].into_iter().zip([(&old.old, &new.old), (&old.new, &new.new)]);
            let property = what.filter_map(|(which, (was, is))| {
                let (was, is) = (was.clone().unwrap_or_default(), is.clone().unwrap_or_default());
                let name = was.keys().chain(is.keys()).find(|name| was.get(*name) != is.get(*name))?.clone();
                let text = |map: &Map<String, Value>| map.get(&name).map_or_else(|| "nothing".to_owned(), short);
                Some(format!("`{name}` ({which}) is {} in the plan, and {} now", text(&was), text(&is)))
            });
            let property = property.into_iter().next().unwrap_or_else(|| "its risks or details differ now".to_owned());
            return Some(format!("`{}`: {property}", called(old)));
        }
    }
    let new = now.iter().find(|new| !planned.iter().any(|old| old.urn == new.urn && old.op == new.op))?;
    Some(format!("the plan does not have `{}`", called(new)))
}

/// A value in a line.
fn short(value: &Value) -> String {
    const LONGEST: usize = 120;
    let text = value.to_string();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}
