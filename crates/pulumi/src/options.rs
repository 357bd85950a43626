//! Resource options: what is said about a resource beside its inputs.

use std::sync::Arc;

use crate::{
    output::Output,
    program::{ProviderRef, Resource},
};

/// Every option of a registration; see [`Options`] for how they are given.
#[derive(Clone, Debug, Default)]
pub struct ResourceOptions {
    pub(crate) parent: Option<Output<String>>,
    pub(crate) depends_on: Vec<Output<String>>,
    pub(crate) provider: Option<ProviderRef>,
    pub(crate) providers: Vec<ProviderRef>,
    pub(crate) protect: Option<bool>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) ignore_changes: Vec<String>,
    pub(crate) import: Option<String>,
    pub(crate) timeouts: Timeouts,
    pub(crate) delete_before_replace: Option<bool>,
    pub(crate) retain_on_delete: Option<bool>,
    pub(crate) replace_on_changes: Vec<String>,
    pub(crate) additional_secret_outputs: Vec<String>,
    pub(crate) deleted_with: Option<Output<String>>,
    pub(crate) replace_with: Vec<Output<String>>,
    pub(crate) version: Option<Arc<str>>,
}

/// A former name of a resource, so that a rename is not a replacement.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Alias {
    /// The whole former URN.
    Urn(String),
    /// What differed; absent parts are as now.
    Was {
        /// The former logical name.
        name: Option<String>,
        /// The former type token.
        kind: Option<String>,
        /// The former parent's URN.
        parent: Option<String>,
    },
}

/// How long an operation may take, as the engine writes it (`"90s"`, `"20m"`); absent is the provider's default.
#[derive(Clone, Debug, Default)]
pub struct Timeouts {
    /// For create.
    pub create: Option<String>,
    /// For update.
    pub update: Option<String>,
    /// For delete.
    pub delete: Option<String>,
    /// For read.
    pub read: Option<String>,
}

/// The options that every builder takes, in Pulumi's words.
pub trait Options: Sized {
    /// Where they are kept.
    fn options_mut(&mut self) -> &mut ResourceOptions;

    /// Another parent than the scope's own.
    #[must_use]
    fn parent(mut self, parent: &impl AsRef<Resource>) -> Self {
        self.options_mut().parent = Some(parent.as_ref().urn());
        self
    }
    /// Waits for these, though no input comes from them: `.depends_on([&policy])`. Resources of another type come with
    /// another call.
    #[must_use]
    fn depends_on<R: AsRef<Resource>>(mut self, others: impl IntoIterator<Item = R>) -> Self {
        self.options_mut().depends_on.extend(others.into_iter().map(|other| other.as_ref().urn()));
        self
    }
    /// Managed by this provider instance instead of the parent's.
    #[must_use]
    fn provider(mut self, provider: &ProviderRef) -> Self {
        self.options_mut().provider = Some(provider.clone());
        self
    }
    /// Cannot be deleted or replaced until the protection is taken off.
    #[must_use]
    fn protect(mut self, protect: bool) -> Self {
        self.options_mut().protect = Some(protect);
        self
    }
    /// A former name, type or parent.
    #[must_use]
    fn alias(mut self, alias: Alias) -> Self {
        self.options_mut().aliases.push(alias);
        self
    }
    /// Property paths whose changes are not acted upon.
    #[must_use]
    fn ignore_changes<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        self.options_mut().ignore_changes.extend(paths.into_iter().map(str::to_owned));
        self
    }
    /// Takes over the existing thing with this id instead of creating one.
    #[must_use]
    fn import(mut self, id: impl Into<String>) -> Self {
        self.options_mut().import = Some(id.into());
        self
    }
    /// Other time limits than the provider's.
    #[must_use]
    fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.options_mut().timeouts = timeouts;
        self
    }
    /// On replacement the old one goes first.
    #[must_use]
    fn delete_before_replace(mut self, yes: bool) -> Self {
        self.options_mut().delete_before_replace = Some(yes);
        self
    }
    /// Dropped from the state on deletion, but left in the account.
    #[must_use]
    fn retain_on_delete(mut self, yes: bool) -> Self {
        self.options_mut().retain_on_delete = Some(yes);
        self
    }
    /// Property paths whose changes mean replacement.
    #[must_use]
    fn replace_on_changes<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        self.options_mut().replace_on_changes.extend(paths.into_iter().map(str::to_owned));
        self
    }
    /// Outputs to keep secret beside those the type declares.
    #[must_use]
    fn additional_secret_outputs<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.options_mut().additional_secret_outputs.extend(names.into_iter().map(str::to_owned));
        self
    }
    /// Need not be deleted itself when that one is.
    #[must_use]
    fn deleted_with(mut self, other: &impl AsRef<Resource>) -> Self {
        self.options_mut().deleted_with = Some(other.as_ref().urn());
        self
    }
    /// Replaced when one of these is.
    #[must_use]
    fn replace_with<R: AsRef<Resource>>(mut self, others: impl IntoIterator<Item = R>) -> Self {
        self.options_mut().replace_with.extend(others.into_iter().map(|other| other.as_ref().urn()));
        self
    }
    /// Sets something only where there is a value: `.when(limits, Options::timeouts)`. Optional arguments have a setter of
    /// their own for that, such as `maybe_description`.
    #[must_use]
    fn when<V>(self, value: Option<V>, set: impl FnOnce(Self, V) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
    }
}
