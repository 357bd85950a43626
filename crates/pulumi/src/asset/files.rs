//! Files and folders on disk, as archives take them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Error;

/// How the name of an archive file ends.
pub(super) const ENDS: [&str; 5] = [".zip", ".jar", ".tar", ".tgz", ".tar.gz"];

/// Pulumi's own folder, which no archive takes.
const BOOKKEEPING: &str = ".pulumi";

fn ends(path: &Path, ends: &[&str]) -> bool {
    let path = path.to_string_lossy();
    ends.iter().any(|end| path.ends_with(end))
}

pub(super) fn is_archive(path: &Path) -> bool {
    ends(path, &ENDS)
}

pub(super) fn is_zip(path: &Path) -> bool {
    ends(path, &ENDS[..2])
}

pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// The path of a `file` URL.
pub(super) fn local(url: &str) -> Result<PathBuf, Error> {
    if is_web(url) {
        let hint = "download it before the deployment, and give the file";
        return Err(Error::new(format!("`{url}` is not downloaded here"), hint));
    }
    let path = url.strip_prefix("file://").map(|rest| rest.strip_prefix("localhost").unwrap_or(rest));
    match path {
        Some(path) if path.starts_with('/') && !path.contains(['?', '#', '%']) => Ok(PathBuf::from(path)),
        _ => {
            Err(Error::new(format!("`{url}` is no URL of a file"), "give `https://..`, `http://..` or `file:///path`"))
        }
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let kind = fs::metadata(path).map_err(|e| Error::io(path, &e))?;
    if kind.is_dir() {
        return Err(Error::new(format!("`{}` is a folder", path.display()), "give it with `Archive::directory`"));
    }
    if !kind.is_file() {
        return Err(Error::new(
            format!("`{}` is no file", path.display()),
            "sockets, pipes and devices have no content",
        ));
    }
    fs::read(path).map_err(|e| Error::io(path, &e))
}

/// All files below a folder by their paths from it, in the order of Go's `filepath.Walk`: of each folder by name.
pub(super) fn below(folder: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut all = Vec::new();
    walk(folder, "", &mut all)?;
    Ok(all)
}

fn walk(folder: &Path, prefix: &str, all: &mut Vec<(String, PathBuf)>) -> Result<(), Error> {
    let failed = |e: std::io::Error| Error::io(folder, &e);
    let mut entries = fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries.into_iter().filter(|entry| entry.file_name() != BOOKKEEPING) {
        let path = entry.path();
        let name = entry.file_name().into_string().map_err(|_| {
            Error::new(format!("the name of `{}` is not UTF-8", path.display()), "rename it, or leave it out")
        })?;
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().map_err(|e| Error::io(&path, &e))?;
        if kind.is_dir() {
            walk(&path, &name, all)?;
        } else if kind.is_symlink() && fs::metadata(&path).map_err(|e| Error::io(&path, &e))?.is_dir() {
            let hint = "put the folder in the place of the link: Pulumi would leave it out without a word";
            return Err(Error::new(format!("`{}` is a link to a folder", path.display()), hint));
        } else {
            all.push((name, path));
        }
    }
    Ok(())
}

/// Whether a path may stand inside an archive.
pub(super) fn fits(name: &str) -> Result<(), Error> {
    let outside = name.is_empty() || name.starts_with('/') || name.contains('\0') || name.split('/').any(|s| s == "..");
    if outside {
        let hint = "give a relative path without `..`, such as `lib/index.js`";
        return Err(Error::new(format!("`{}` is no path inside an archive", name.escape_debug()), hint));
    }
    Ok(())
}

/// As Go's `path.Join`, of paths that [`fits`] let pass.
pub(super) fn join(below: &str, name: &str) -> String {
    let parts = below.split('/').chain(name.split('/')).filter(|part| !part.is_empty() && *part != ".");
    parts.collect::<Vec<_>>().join("/")
}
