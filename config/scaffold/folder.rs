//! The folder of a new tenant: the files are checked before one of them is written.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use super::Scaffold;
use crate::load::{environment_of, read};
use crate::problem::Errors;

/// What Pulumi needs to know of a zone's folder.
const PROJECT: &str = include_str!("../../Pulumi.yaml");

/// State and passphrases stay on this machine.
const IGNORED: &str = ".zone/\n";

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written<'a> {
    /// It was written.
    New(&'a Path),
    /// It existed, and was not changed.
    Left(&'a Path),
}

/// A file or folder that could not be written.
#[derive(Debug)]
pub struct Unwritten {
    /// What failed: `writing` or `making folder`.
    pub doing: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub cause: io::Error,
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`: {}", self.doing, self.path.display(), self.cause)
    }
}

impl std::error::Error for Unwritten {}

impl Scaffold {
    /// Whether its environment `local` can be deployed: names are only known to fit when all of them are.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, with file and line as [`write`](Self::write) would write them: `config/zone.toml:7`.
    pub fn check(&self) -> Result<(), Errors> {
        let dir = Path::new("config");
        let files: Vec<_> = self.files().into_iter().map(|(path, text)| (dir.join(path), text)).collect();
        let mut environments: Vec<_> = files.iter().filter_map(|(path, _)| environment_of(path)).collect();
        environments.sort();
        let text = |wanted: &Path| -> io::Result<String> {
            let found = files.iter().find(|(path, _)| path == wanted);
            found.map(|(_, text)| text.clone()).ok_or(io::ErrorKind::NotFound.into())
        };
        read(dir, &environments, "local", &text).map(|_| ())
    }

    /// Writes its files to `config/` in `dir`, and beside it `Pulumi.yaml` and `.gitignore`. A file that exists is not changed.
    /// `tell` gets each file, in the order of writing.
    ///
    /// # Errors
    ///
    /// A file or folder could not be written. Those that `tell` got before are written.
    pub fn write(&self, dir: &Path, tell: &dyn Fn(Written<'_>)) -> Result<(), Unwritten> {
        let (config, schema) = (dir.join("config"), dir.join("config/schema"));
        let mut files: Vec<_> = self.files().into_iter().map(|(path, text)| (config.join(path), text)).collect();
        files.push((dir.join("Pulumi.yaml"), PROJECT.to_owned()));
        files.push((dir.join(".gitignore"), IGNORED.to_owned()));
        std::fs::create_dir_all(&schema).map_err(|cause| Unwritten { doing: "making folder", path: schema, cause })?;
        for (path, text) in files {
            if path.exists() {
                tell(Written::Left(&path));
                continue;
            }
            if let Err(cause) = std::fs::write(&path, text) {
                return Err(Unwritten { doing: "writing", path, cause });
            }
            tell(Written::New(&path));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn what_does_not_fit_is_found_before_it_is_written() {
        let mut scaffold = Scaffold::new("acme").expect("a name");
        assert_eq!(scaffold.check(), Ok(()));
        scaffold.account = Some("111122223333".parse().expect("an account"));
        let taken = scaffold.check().expect_err("the account of local").to_string();
        assert!(taken.contains("is the account of config/dev.toml:"), "{taken}");
        scaffold.account = None;
        scaffold.buckets = vec!["b".repeat(64)];
        let long = scaffold.check().expect_err("a name that no bucket can have").to_string();
        assert!(long.starts_with("config/zone.toml:"), "{long}");
    }

    #[test]
    fn what_is_written_loads_and_what_exists_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let own = dir.path().join(".gitignore");
        std::fs::write(&own, "ours\n").expect("a file");
        let (new, left) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let tell = |written: Written<'_>| match written {
            Written::New(path) => new.borrow_mut().push(path.to_owned()),
            Written::Left(path) => left.borrow_mut().push(path.to_owned()),
        };
        let scaffold = Scaffold::new("acme").expect("a name");
        scaffold.write(dir.path(), &tell).expect("files");
        assert_eq!(new.borrow().len(), scaffold.files().len() + 1);
        assert_eq!(left.into_inner(), std::slice::from_ref(&own));
        assert_eq!(std::fs::read_to_string(own).expect("a file"), "ours\n");
        assert!(crate::load(&dir.path().join("config"), "local").is_ok());
        assert!(dir.path().join("Pulumi.yaml").is_file());
    }
}
