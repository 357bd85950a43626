//! Files as property values: an [`Asset`] is one file, an [`Archive`] is a tree of files.
//!
//! A program names where the content is; the state keeps that place and the SHA-256 hash of the content, and two assets
//! with the same hash are the same. Hashes are those of Pulumi's SDKs (pulumi sdk/go/common/resource/{asset,archive},
//! v3.259.0): of an asset its bytes, of an archive file its bytes, of everything else the tar file that Go would write.
//!
//! Relative paths start at the working directory of the process: of the program when it hashes, and of the provider when it
//! reads. Both are the project's folder, unless the host says otherwise.

mod archive;
mod files;
mod tar;
mod zip;

use std::{fmt, path::Path};

use sha2::{Digest, Sha256};

pub use self::archive::{Archive, ArchiveSource, Entry};
use crate::{
    output::{Input, IntoInput, Output, Resolved, Stopped},
    provider::schema::{Type, Typed},
    value::{FromValue, Map, ToValue, Value},
};

/// The hash of nothing, by which Pulumi tells an empty text from one that is not at hand.
const EMPTY_ASSET: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Why content cannot be read, with the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    message: String,
    hint: String,
}

impl Error {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
    fn io(path: &Path, error: &std::io::Error) -> Self {
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => {
                let at = std::env::current_dir().map(|dir| format!(", `{}`", dir.display())).unwrap_or_default();
                format!("a relative path starts at the working directory{at}; is the file built before the deployment?")
            }
            _ => "it has to be readable for the user who deploys".to_owned(),
        };
        Self::new(format!("reading `{}`: {error}", path.display()), hint)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nhint: {}", self.message, self.hint)
    }
}
impl std::error::Error for Error {}

impl From<Error> for crate::provider::resource::Error {
    fn from(error: Error) -> Self {
        Self::new(error.message).hint(error.hint)
    }
}

/// One file: on disk, in the program's text, or at a URL.
///
/// ```
/// use pulumi::asset::Asset;
///
/// let page = Asset::string("<h1>Hello</h1>").hashed()?;
/// assert_eq!(page.hash(), Some("e2c6c0ea7c7900c31f953e48d30d5e839801ab90630d751e7c8426ed5859da47"));
/// assert_eq!(page.bytes()?, b"<h1>Hello</h1>");
/// # Ok::<(), pulumi::asset::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Asset {
    source: AssetSource,
    hash: Option<String>,
}

/// Where the content of an [`Asset`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssetSource {
    /// In the file of this path.
    File(String),
    /// In this text.
    Text(String),
    /// At this URL: `https`, `http` or `file`.
    Remote(String),
    /// Nowhere: only its hash is known.
    Gone,
}

impl Asset {
    const fn of(source: AssetSource) -> Self {
        Self { source, hash: None }
    }
    /// The file of this path.
    pub fn file(path: impl Into<String>) -> Self {
        Self::of(AssetSource::File(path.into()))
    }
    /// This text, as UTF-8.
    pub fn string(text: impl Into<String>) -> Self {
        Self::of(AssetSource::Text(text.into()))
    }
    /// What a URL leads to. The engine downloads it to know its hash.
    pub fn remote(url: impl Into<String>) -> Self {
        Self::of(AssetSource::Remote(url.into()))
    }
    /// Where its content is.
    pub const fn source(&self) -> &AssetSource {
        &self.source
    }
    /// SHA-256 of its content in hexadecimal digits; absent until [`hashed`](Self::hashed).
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }
    /// The same asset with its hash. One behind `http` or `https` stays without: the engine hashes it.
    pub fn hashed(mut self) -> Result<Self, Error> {
        let elsewhere = matches!(&self.source, AssetSource::Remote(url) if files::is_web(url));
        if self.hash.is_none() && !elsewhere {
            self.hash = Some(hex(&Sha256::digest(self.content()?)));
        }
        Ok(self)
    }
    /// Its content, for a provider. Fails if it is no longer what the hash says.
    ///
    /// What is behind `http` or `https` is not downloaded, and refused.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        let content = self.content()?;
        match self.hash() {
            Some(hash) if hash != hex(&Sha256::digest(&content)) => Err(changed(&self.place())),
            _ => Ok(content),
        }
    }
    fn content(&self) -> Result<Vec<u8>, Error> {
        match &self.source {
            AssetSource::File(path) => files::read(Path::new(path)),
            AssetSource::Text(text) => Ok(text.clone().into_bytes()),
            AssetSource::Remote(url) => files::read(&files::local(url)?),
            AssetSource::Gone => Err(gone("asset")),
        }
    }
    /// The text that it is, where it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        if let AssetSource::Text(text) = &self.source { Some(text) } else { None }
    }
    fn place(&self) -> String {
        match &self.source {
            AssetSource::File(place) | AssetSource::Remote(place) => place.clone(),
            AssetSource::Text(_) | AssetSource::Gone => "a text".to_owned(),
        }
    }
    /// As it stands in a marked object; the signature aside.
    pub(crate) fn to_map(&self) -> Map {
        let content = match &self.source {
            AssetSource::File(path) => Some(("path", path)),
            // an empty text is told by its hash
            AssetSource::Text(text) if text.is_empty() => None,
            AssetSource::Text(text) => Some(("text", text)),
            AssetSource::Remote(url) => Some(("uri", url)),
            AssetSource::Gone => None,
        };
        let empty = matches!(&self.source, AssetSource::Text(text) if text.is_empty());
        let hash = self.hash.clone().or_else(|| empty.then(|| EMPTY_ASSET.to_owned()));
        marked(content.map(|(key, text)| (key, text.to_value())), hash)
    }
    /// From a marked object, the signature aside.
    pub(crate) fn from_map(map: &Map) -> Self {
        let text = |key: &str| map.get(key).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned);
        let hash = text("hash");
        let source = match (text("path"), text("uri"), text("text")) {
            (Some(path), ..) => AssetSource::File(path),
            (None, Some(url), _) => AssetSource::Remote(url),
            (None, None, Some(text)) => AssetSource::Text(text),
            (None, None, None) if hash.as_ref().is_none_or(|hash| hash == EMPTY_ASSET) => {
                AssetSource::Text(String::new())
            }
            (None, None, None) => AssetSource::Gone,
        };
        Self { source, hash }
    }
}

fn marked(content: Option<(&str, Value)>, hash: Option<String>) -> Map {
    let hash = hash.map(|hash| ("hash", Value::String(hash)));
    content.into_iter().chain(hash).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn changed(place: &str) -> Error {
    Error::new(
        format!("`{place}` is no longer what the program gave"),
        "it changed during the deployment: deploy again when it is built",
    )
}

fn gone(what: &str) -> Error {
    Error::new(format!("the content of this {what} is not known, only its hash"), "deploy again, with the file at hand")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).filter_map(|d| char::from_digit(d.into(), 16)).collect()
}

macro_rules! content {
    ($ty:ident, $what:literal) => {
        /// Equal where the contents are: by hash where both have one, else by where the content is.
        impl PartialEq for $ty {
            fn eq(&self, other: &Self) -> bool {
                match (&self.hash, &other.hash) {
                    (Some(one), Some(other)) => one == other,
                    _ => self.source == other.source,
                }
            }
        }
        impl Typed for $ty {
            const TYPE: Type = Type::$ty;
        }
        impl ToValue for $ty {
            fn to_value(&self) -> Value {
                Value::$ty(self.clone())
            }
        }
        impl FromValue for $ty {
            fn from_value(value: &Value) -> Result<Self, String> {
                match value {
                    Value::Secret(inner) => Self::from_value(inner),
                    Value::$ty(content) => Ok(content.clone()),
                    other => Err(format!(concat!("expected ", $what, ", found {}"), other.type_name())),
                }
            }
        }
        /// Hashed when the registration needs it; what cannot be read then fails the registration.
        impl IntoInput<$ty> for $ty {
            fn into_input(self) -> Input {
                Input::Later(Output::from_future(async move {
                    let hashed = tokio::task::spawn_blocking(move || self.hashed()).await;
                    let hashed = hashed.map_err(|e| Stopped::Bug(e.to_string().into()))?;
                    let value = hashed.map_err(|e| Stopped::Bug(e.to_string().into()))?.to_value();
                    Ok(Resolved { value, ..Resolved::default() })
                }))
            }
        }
        impl IntoInput<$ty> for &$ty {
            fn into_input(self) -> Input {
                self.clone().into_input()
            }
        }
    };
}
content!(Asset, "an asset");
content!(Archive, "an archive");

#[cfg(test)]
mod tests;
