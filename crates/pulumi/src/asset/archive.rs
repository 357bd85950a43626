//! Trees of files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{Asset, AssetSource, Error, changed, files, gone, hex, marked, tar, zip};
use crate::value::{Map, ToValue, Value};

/// The hash of an archive without files, by which Pulumi tells one from one that is not at hand.
pub(super) const EMPTY: &str = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

/// A tree of files: a folder, an archive file, named assets, or an archive at a URL.
///
/// ```
/// use pulumi::asset::{Archive, Asset};
///
/// let code = Archive::assets([("index.js", Asset::string("exports.handler = () => 1;\n"))]).hashed()?;
/// assert_eq!(code.hash(), Some("28a3cf5b7557c248957e9db2508df1a5c9cc323144a4424fa77ddaf9ce20e847"));
/// assert_eq!(&code.zip()?[..4], b"PK\x03\x04");
/// # Ok::<(), pulumi::asset::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Archive {
    pub(super) source: ArchiveSource,
    pub(super) hash: Option<String>,
}

/// Where the content of an [`Archive`] is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ArchiveSource {
    /// In this folder, or in this file, which ends with `.zip`, `.jar`, `.tar`, `.tgz` or `.tar.gz`.
    Path(String),
    /// In these assets and archives, by their paths inside this one.
    Assets(BTreeMap<String, Entry>),
    /// At this URL, which ends as an archive file does.
    Remote(String),
    /// Nowhere: only its hash is known.
    Gone,
}

/// What stands inside an [`Archive`].
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A file.
    Asset(Asset),
    /// A folder of files.
    Archive(Archive),
}

impl Entry {
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Asset(asset) => asset.text().into_iter().collect(),
            Self::Archive(archive) => archive.texts(),
        }
    }
}
impl From<Asset> for Entry {
    fn from(asset: Asset) -> Self {
        Self::Asset(asset)
    }
}
impl From<Archive> for Entry {
    fn from(archive: Archive) -> Self {
        Self::Archive(archive)
    }
}

impl Archive {
    const fn of(source: ArchiveSource) -> Self {
        Self { source, hash: None }
    }
    /// An archive file, by its path, which ends with `.zip`, `.jar`, `.tar`, `.tgz` or `.tar.gz`.
    pub fn file(path: impl Into<String>) -> Self {
        Self::of(ArchiveSource::Path(path.into()))
    }
    /// All files below a folder, by its path.
    ///
    /// A link to a file stands for the file. A link to a folder is refused, as Pulumi would leave the folder out. What is
    /// named `.pulumi` is left out.
    pub fn directory(path: impl Into<String>) -> Self {
        Self::of(ArchiveSource::Path(path.into()))
    }
    /// Assets and archives by their paths inside this one, such as `lib/index.js`; what comes first under a path counts.
    pub fn assets<K: Into<String>, E: Into<Entry>>(entries: impl IntoIterator<Item = (K, E)>) -> Self {
        let entries = entries.into_iter().map(|(path, entry)| (path.into(), entry.into()));
        Self::of(ArchiveSource::Assets(entries.collect()))
    }
    /// The archive file that a URL leads to. The engine downloads it to know its hash.
    pub fn remote(url: impl Into<String>) -> Self {
        Self::of(ArchiveSource::Remote(url.into()))
    }
    /// Where its content is.
    pub const fn source(&self) -> &ArchiveSource {
        &self.source
    }
    /// SHA-256 of its content in hexadecimal digits; absent until [`hashed`](Self::hashed).
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }
    /// The same archive with its hash. One with anything behind `http` or `https` stays without: the engine hashes it.
    pub fn hashed(mut self) -> Result<Self, Error> {
        if self.hash.is_none() && !self.is_elsewhere() {
            self.hash = Some(self.digest()?);
        }
        Ok(self)
    }
    /// Its files by their paths, for a provider. Fails if they are no longer what the hash says.
    ///
    /// Archive files are not unpacked, and what is behind `http` or `https` is not downloaded: both are refused.
    pub fn files(&self) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let files = self.listed()?;
        match self.hash() {
            Some(hash) if hash != tar::hash(&files)? => Err(changed(&self.place())),
            _ => Ok(files.into_iter().collect()),
        }
    }
    /// A ZIP file of it, for a provider: a `.zip` or `.jar` file as it is, and of everything else one that is the same for
    /// the same files: names in order, all times 1990-01-01, all modes 0755. Fails if the content is no longer what the
    /// hash says.
    ///
    /// Other archive files are refused, and what is behind `http` or `https` is not downloaded.
    pub fn zip(&self) -> Result<Vec<u8>, Error> {
        let Some(path) = self.archive_file()? else { return zip::write(&self.files()?) };
        if !files::is_zip(&path) {
            return Err(Error::new(
                format!("`{}` is no ZIP file", path.display()),
                "give a `.zip` file, or the folder that the archive was made of",
            ));
        }
        let content = files::read(&path)?;
        match self.hash() {
            Some(hash) if hash != hex(&Sha256::digest(&content)) => Err(changed(&self.place())),
            _ => Ok(content),
        }
    }
    fn is_elsewhere(&self) -> bool {
        match &self.source {
            ArchiveSource::Remote(url) => files::is_web(url),
            ArchiveSource::Assets(entries) => entries.values().any(|entry| match entry {
                Entry::Asset(asset) => matches!(&asset.source, AssetSource::Remote(url) if files::is_web(url)),
                Entry::Archive(archive) => archive.is_elsewhere(),
            }),
            ArchiveSource::Path(_) | ArchiveSource::Gone => false,
        }
    }
    /// The archive file that it is, where it is one.
    fn archive_file(&self) -> Result<Option<PathBuf>, Error> {
        let path = match &self.source {
            ArchiveSource::Path(path) => PathBuf::from(path),
            ArchiveSource::Remote(url) => files::local(url)?,
            ArchiveSource::Assets(_) | ArchiveSource::Gone => return Ok(None),
        };
        let is_folder = fs::metadata(&path).map_err(|e| Error::io(&path, &e))?.is_dir();
        match (is_folder, files::is_archive(&path)) {
            (true, false) => return Ok(None),
            (false, true) => return Ok(Some(path)),
            (true, true) => {
                let message = format!("`{}` is a folder with the name of an archive file", path.display());
                return Err(Error::new(message, "rename the folder: Pulumi goes by the name"));
            }
            (false, false) => {}
        }
        Err(Error::new(
            format!("`{}` is neither a folder nor an archive file", path.display()),
            format!("an archive file ends with {}; a single file is an asset", files::ENDS.join(", ")),
        ))
    }
    fn digest(&self) -> Result<String, Error> {
        match self.archive_file()? {
            Some(path) => Ok(hex(&Sha256::digest(files::read(&path)?))),
            None => tar::hash(&self.listed()?),
        }
    }
    /// Its files in Pulumi's order; of two of the same path the first.
    fn listed(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut all = Vec::new();
        self.list("", &mut all)?;
        let mut seen = BTreeSet::new();
        all.retain(|(name, _)| seen.insert(name.clone()));
        Ok(all)
    }
    fn list(&self, below: &str, all: &mut Vec<(String, Vec<u8>)>) -> Result<(), Error> {
        let at = |name: &str| if below.is_empty() { name.to_owned() } else { files::join(below, name) };
        if let Some(path) = self.archive_file()? {
            let hint = "give the folder that it was made of; an archive file can only be given by itself";
            return Err(Error::new(format!("`{}` is not unpacked", path.display()), hint));
        }
        match &self.source {
            ArchiveSource::Path(path) => {
                for (name, file) in files::below(Path::new(path))? {
                    all.push((at(&name), files::read(&file)?));
                }
            }
            ArchiveSource::Assets(entries) => {
                for (name, entry) in entries {
                    files::fits(name)?;
                    match entry {
                        Entry::Asset(asset) => all.push((at(name), asset.content()?)),
                        Entry::Archive(archive) => archive.list(&at(name), all)?,
                    }
                }
            }
            // a URL of a folder
            ArchiveSource::Remote(url) => {
                let folder = files::local(url)?;
                let hint = "give the folder with `Archive::directory`";
                return Err(Error::new(format!("`{}` is no archive file", folder.display()), hint));
            }
            ArchiveSource::Gone => return Err(gone("archive")),
        }
        Ok(())
    }
    /// The texts that stand inside.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match &self.source {
            ArchiveSource::Assets(entries) => entries.values().flat_map(Entry::texts).collect(),
            _ => Vec::new(),
        }
    }
    fn place(&self) -> String {
        match &self.source {
            ArchiveSource::Path(place) | ArchiveSource::Remote(place) => place.clone(),
            ArchiveSource::Assets(_) | ArchiveSource::Gone => "an archive of assets".to_owned(),
        }
    }
    /// As it stands in a marked object; the signature aside.
    pub(crate) fn to_map(&self) -> Map {
        let content = match &self.source {
            ArchiveSource::Path(path) => Some(("path", path.to_value())),
            ArchiveSource::Remote(url) => Some(("uri", url.to_value())),
            ArchiveSource::Assets(entries) => {
                let value = |entry: &Entry| match entry {
                    Entry::Asset(asset) => asset.to_value(),
                    Entry::Archive(archive) => archive.to_value(),
                };
                Some(("assets", Value::Object(entries.iter().map(|(k, e)| (k.clone(), value(e))).collect())))
            }
            ArchiveSource::Gone => None,
        };
        marked(content, self.hash.clone())
    }
    /// From a marked object, the signature aside; none if something else than assets and archives stands inside.
    pub(crate) fn from_map(map: &Map) -> Option<Self> {
        let text = |key: &str| map.get(key).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned);
        let hash = text("hash");
        let source = match (text("path"), text("uri"), map.get("assets")) {
            (Some(path), ..) => ArchiveSource::Path(path),
            (None, Some(url), _) => ArchiveSource::Remote(url),
            (None, None, Some(Value::Object(entries))) if !entries.is_empty() => {
                let entry = |(name, value): (&String, &Value)| {
                    let entry = match value {
                        Value::Asset(asset) => Entry::Asset(asset.clone()),
                        Value::Archive(archive) => Entry::Archive(archive.clone()),
                        _ => return None,
                    };
                    Some((name.clone(), entry))
                };
                ArchiveSource::Assets(entries.iter().map(entry).collect::<Option<_>>()?)
            }
            (None, None, Some(Value::Object(_)) | None) if hash.as_ref().is_none_or(|hash| hash == EMPTY) => {
                ArchiveSource::Assets(BTreeMap::new())
            }
            (None, None, Some(Value::Object(_)) | None) => ArchiveSource::Gone,
            (None, None, Some(_)) => return None,
        };
        Some(Self { source, hash })
    }
}
