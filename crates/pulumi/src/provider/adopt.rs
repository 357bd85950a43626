//! Adopting: what exists already becomes what the program says, instead of a second one beside it.
//!
//! The provider decides what a create is to do ([`Intent`]); how one that exists is held against the program, and what
//! of it cannot be changed, is the same for all types and stands here.

use super::{
    check::Failure,
    diff,
    given::settled,
    resource::{Error, Kind, Live, Provider, find},
    schema::ResourceSchema,
    server::live_inputs,
};
use crate::{
    proto::property_diff::Kind as Change,
    urn,
    value::{Map, Value},
};

/// How AWS takes to a second one of a type: it decides how one that exists already is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Its name is unique: one that exists is in the way.
    Named,
    /// It is set on another resource, which has one at most: it is adopted with that resource.
    Setting,
    /// A second one can exist beside it: only the user can say that one is meant.
    Numbered,
}

/// What a create is to do.
#[derive(Debug)]
pub enum Intent {
    /// Make a new one.
    Create,
    /// Make this one what the program says.
    Adopt(Box<Found>),
}

/// One that exists, held against what the program says.
#[derive(Debug)]
pub struct Found {
    /// The id that the state will have.
    pub id: String,
    /// What is live, as inputs.
    pub olds: Map,
    /// What the provider adds.
    pub outputs: Map,
    /// Properties that will change, by path.
    pub changes: Vec<String>,
    /// Properties that cannot change, by path: what has other values there is another resource.
    pub fixed: Vec<String>,
    /// Why it cannot become what the program says.
    pub refusals: Vec<Failure>,
}

/// A resource about to be created, and how to look at what may exist in its place.
pub struct Candidate<'a, P: Provider> {
    pub(super) provider: &'a P,
    pub(super) config: &'a P::Config,
    /// Its type.
    pub kind: &'a dyn Kind<P::Context>,
    /// What the schema says of its type.
    pub schema: &'a ResourceSchema,
    /// The operation.
    pub cx: &'a P::Context,
    /// Its URN.
    pub urn: &'a str,
    /// What the program says, secrets exposed; some of it is unknown in a preview.
    pub inputs: &'a Map,
    /// Whether this is a preview.
    pub preview: bool,
}

impl<P: Provider> Candidate<'_, P> {
    /// The id of the one that its name or its place would make it, whether or not there is one.
    pub fn id(&self) -> Option<String> {
        self.kind.id_of(self.cx, self.inputs)
    }

    /// As [`id`](Self::id), asking AWS where the inputs alone do not say.
    pub async fn existing(&self) -> Result<Option<String>, Error> {
        self.kind.existing(self.cx, self.inputs).await
    }

    /// Looks at the one with this id; `None` when there is none.
    pub async fn look(&self, id: &str) -> Result<Option<Found>, Error> {
        let Some((found_by, mut live)) = find(self.kind, self.cx, id, None).await? else {
            return Ok(None);
        };
        self.provider.reduce(self.config, self.schema, None, &mut live.inputs);
        self.kind.reduce(None, &mut live.inputs);
        live.inputs = settled(live.inputs, &self.schema.inputs);
        Ok(Some(self.compare(&found_by, live)))
    }

    fn compare(&self, found_by: &str, live: Live<Map, Map>) -> Found {
        let olds = live_inputs(self.schema, None, &live.inputs);
        // of what is not known yet nothing can be said
        let known: Map =
            self.inputs.iter().filter(|(_, v)| !v.has_unknown()).map(|(k, v)| (k.clone(), v.clone())).collect();
        let is_judged = |path: &str| !self.inputs.get(root(path)).is_some_and(Value::has_unknown);
        let diff = diff::diff(self.schema, urn::name(self.urn), &olds, self.inputs, &[]);
        let fixed = diff.changes.iter().filter(|(path, kind)| replaces(**kind) && is_judged(path));
        let mut fixed: Vec<_> = fixed.map(|(path, _)| path.clone()).collect();
        let bare = |map: &Map| map.iter().map(|(k, v)| (k.clone(), v.clone().exposed())).collect::<Map>();
        fixed.extend(self.kind.replacing(&bare(&olds), &known).into_iter().map(str::to_owned));
        let mut refusals = self.kind.check_adoption(&bare(&olds), &known);
        refusals.extend(
            fixed.iter().map(|path| Failure { property: path.clone(), reason: differs(path, &olds, self.inputs) }),
        );
        Found {
            id: self.kind.own_id(found_by).to_owned(),
            changes: diff.changes.into_keys().collect(),
            outputs: live.outputs,
            olds,
            fixed,
            refusals,
        }
    }
}

fn root(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

fn replaces(kind: Change) -> bool {
    matches!(kind, Change::AddReplace | Change::DeleteReplace | Change::UpdateReplace)
}

/// `is A, and is to be B`, of a property that cannot change.
fn differs(path: &str, olds: &Map, news: &Map) -> String {
    let said = |map: &Map| match map.get(root(path)) {
        None | Some(Value::Null) => "not set".to_owned(),
        Some(value) if value.has_secret() => "a secret".to_owned(),
        Some(value) => value.to_json().to_string(),
    };
    format!("is {}, and is to be {}: that cannot be changed after it was created", said(olds), said(news))
}
