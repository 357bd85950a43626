//! Finds a Python that can run the emulator: `ZONE_PYTHON`, else `python3`, else `python` on the path.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use crate::Error;

/// The oldest that the pinned packages support.
const MINIMUM: (u32, u32) = (3, 10);

/// Where to look; read from the process in one place, so that tests can say otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Search {
    /// `ZONE_PYTHON`: then nothing else is tried.
    pub(crate) named: Option<OsString>,
    /// `PATH`.
    pub(crate) path: OsString,
}

impl Search {
    pub(crate) fn from_process() -> Self {
        Self {
            named: std::env::var_os("ZONE_PYTHON").filter(|value| !value.is_empty()),
            path: std::env::var_os("PATH").unwrap_or_default(),
        }
    }

    /// The first usable Python, or what was wrong with each.
    pub(crate) async fn find(&self) -> Result<PathBuf, Error> {
        let names: Vec<OsString> = match &self.named {
            Some(name) => vec![name.clone()],
            None => vec!["python3".into(), "python".into()],
        };
        let mut faults = Vec::new();
        for name in names {
            let shown = name.to_string_lossy().into_owned();
            let Some(python) = self.on_path(Path::new(&name)) else {
                faults.push(format!("`{shown}` is not there"));
                continue;
            };
            match version(&python).await {
                Ok(version) if version >= MINIMUM => return Ok(python),
                Ok((major, minor)) => faults.push(format!(
                    "`{}` is {major}.{minor}, at least {}.{} is needed",
                    python.display(),
                    MINIMUM.0,
                    MINIMUM.1
                )),
                Err(cause) => faults.push(format!("`{}` does not run: {cause}", python.display())),
            }
        }
        Err(Error::Python { cause: faults.join("; ") })
    }

    fn on_path(&self, name: &Path) -> Option<PathBuf> {
        if name.components().count() > 1 {
            return name.is_file().then(|| name.to_owned());
        }
        std::env::split_paths(&self.path).map(|folder| folder.join(name)).find(|file| file.is_file())
    }
}

async fn version(python: &Path) -> Result<(u32, u32), String> {
    let program = "import sys; print('%d.%d' % sys.version_info[:2])";
    let output = Command::new(python)
        .args(["-c", program])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let parsed =
        text.trim().split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    parsed.ok_or_else(|| {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it prints no version");
        last.trim().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Search;
    use crate::fake::program;

    #[tokio::test]
    async fn the_first_new_enough_one_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "python3", "echo 3.9");
        let search = Search { named: None, path: folder.path().into() };
        let error = search.find().await.unwrap_err().to_string();
        assert!(error.contains("is 3.9, at least 3.10 is needed; `python` is not there"), "{error}");

        program(folder.path(), "python", "echo 3.10");
        assert_eq!(search.find().await.unwrap(), folder.path().join("python"));
    }

    #[tokio::test]
    async fn a_named_one_must_work() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "python3", "echo 3.12");
        program(folder.path(), "broken", "echo no such module >&2; exit 1");
        let named = |name: &Path| Search { named: Some(name.into()), path: folder.path().into() };

        let error = named(&folder.path().join("broken")).find().await.unwrap_err();
        assert!(error.to_string().ends_with("does not run: no such module"), "{error}");
        assert!(error.hint().unwrap().contains("ZONE_PYTHON"));
        assert!(named(Path::new("absent")).find().await.is_err());
        assert!(named(Path::new("python3")).find().await.is_ok());
    }
}
