//! The configuration of the Pulumi stack: texts by `namespace:key`, of which some are secret.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use crate::output::Output;

/// The configuration of the Pulumi stack. A key without a namespace is looked up in the project's.
///
/// ```
/// use pulumi::config::Config;
///
/// let values = [("shop:region", "eu-central-1"), ("shop:token", "t0k3n"), ("shop:replicas", "3")];
/// let config = Config::new("shop", values, ["shop:token"]);
/// assert_eq!(config.plain("region")?, Some("eu-central-1"));
/// assert_eq!(config.parse::<u32>("replicas")?, Some(3));
/// // a secret is an output, and stays secret in all that is made of it
/// let token = config.require("token")?;
/// assert!(config.plain("token").is_err());
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
/// # assert!(runtime.block_on(token.resolve()).expect("a value").value.has_secret());
/// # Ok::<(), pulumi::config::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Config {
    project: String,
    values: BTreeMap<String, String>,
    secret: BTreeSet<String>,
}

/// A configuration value that the program cannot work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is none of this key.
    #[error("reading configuration `{key}`: it is not set\nhint: set it in the stack's configuration")]
    Missing {
        /// The key, with its namespace.
        key: String,
    },
    /// It is secret, and was to be used as plain text.
    #[error(
        "reading configuration `{key}`: it is secret, and the program needs plain text\n\
         hint: set it without `--secret`, or take it as an output with `get` or `require`"
    )]
    Secret {
        /// The key, with its namespace.
        key: String,
    },
    /// It is not of the type that the program needs.
    #[error("reading configuration `{key}`: `{value}`: {cause}\nhint: set another value")]
    Invalid {
        /// The key, with its namespace.
        key: String,
        /// What it is.
        value: String,
        /// Why that is wrong.
        cause: String,
    },
}

impl Config {
    /// The configuration of a stack of `project`: values by `namespace:key`, and the keys of those that are secret.
    pub fn new<K, V, S>(
        project: impl Into<String>,
        values: impl IntoIterator<Item = (K, V)>,
        secret: impl IntoIterator<Item = S>,
    ) -> Self
    where
        K: Into<String>,
        V: Into<String>,
        S: Into<String>,
    {
        Self {
            project: project.into(),
            values: values.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
            secret: secret.into_iter().map(Into::into).collect(),
        }
    }

    /// A value; a secret one is a secret output. A value that is an object or a list is its JSON text.
    pub fn get(&self, key: &str) -> Option<Output<String>> {
        let key = self.whole(key);
        let value = Output::known(self.values.get(&key)?.clone());
        Some(if self.secret.contains(&key) { value.secret() } else { value })
    }

    /// A value that has to be set, as [`get`](Self::get).
    pub fn require(&self, key: &str) -> Result<Output<String>, Error> {
        self.get(key).ok_or_else(|| Error::Missing { key: self.whole(key) })
    }

    /// A value as plain text, for what the program decides; a secret one is refused.
    pub fn plain(&self, key: &str) -> Result<Option<&str>, Error> {
        let key = self.whole(key);
        if self.secret.contains(&key) {
            return Err(Error::Secret { key });
        }
        Ok(self.values.get(&key).map(String::as_str))
    }

    /// A value as a number, a boolean or whatever else is parsed from a text; a secret one is refused.
    pub fn parse<T: FromStr<Err: fmt::Display>>(&self, key: &str) -> Result<Option<T>, Error> {
        let Some(text) = self.plain(key)? else { return Ok(None) };
        let invalid = |e: T::Err| Error::Invalid { key: self.whole(key), value: text.to_owned(), cause: e.to_string() };
        text.parse().map(Some).map_err(invalid)
    }

    /// Whether a value is secret.
    pub fn is_secret(&self, key: &str) -> bool {
        self.secret.contains(&self.whole(key))
    }

    /// All keys, with their namespaces.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    fn whole(&self, key: &str) -> String {
        if key.contains(':') { key.to_owned() } else { format!("{}:{key}", self.project) }
    }
}

/// Without the secret values.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(key, value)| (key, if self.secret.contains(key) { "[secret]" } else { value });
        f.debug_map().entries(self.values.iter().map(|(k, v)| (k, v.as_str())).map(shown)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ToValue;

    fn config() -> Config {
        let values = [("p:token", "t0k3n"), ("p:port", "80a"), ("aws:region", "eu-central-1")];
        Config::new("p", values, ["p:token"])
    }

    #[tokio::test]
    async fn a_secret_value_stays_secret_in_what_is_made_of_it() {
        let config = config();
        let header = config.require("token").expect("it is set").apply(|token: String| format!("Bearer {token}"));
        assert_eq!(header.resolve().await.expect("a value").value, "Bearer t0k3n".to_value().secret());
        let region = config.get("aws:region").expect("it is set");
        assert_eq!(region.resolve().await.expect("a value").value, "eu-central-1".to_value());
        assert!(!format!("{config:?}").contains("t0k3n"));
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_whole_key() {
        let config = config();
        let said = |error: Error| error.to_string();
        let missing = said(config.require("regoin").expect_err("it is missing"));
        assert_eq!(
            missing,
            "reading configuration `p:regoin`: it is not set\nhint: set it in the stack's configuration"
        );
        let secret = said(config.plain("token").expect_err("it is secret"));
        assert!(secret.starts_with("reading configuration `p:token`: it is secret") && !secret.contains("t0k3n"));
        let invalid = said(config.parse::<u16>("port").expect_err("it is no number"));
        assert!(invalid.starts_with("reading configuration `p:port`: `80a`: invalid digit"), "{invalid}");
        assert_eq!(config.parse::<bool>("quiet"), Ok(None));
    }
}
