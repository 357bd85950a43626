//! The commit of a zone's folder, for who reads a plan later.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio::process::Command;

/// Where the configuration comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Whether files that git knows were changed since.
    pub dirty: bool,
}

impl Commit {
    /// The commit of a folder; none outside a repository, before the first commit, and without git.
    pub async fn of(folder: &Path) -> Option<Self> {
        let id = git(folder, &["rev-parse", "--verify", "--quiet", "HEAD"]).await?;
        let changed = git(folder, &["status", "--porcelain", "--untracked-files=no"]).await?;
        Some(Self { id: id.trim().to_owned(), dirty: !changed.trim().is_empty() })
    }
}

impl std::fmt::Display for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)?;
        f.write_str(if self.dirty { " with uncommitted changes" } else { "" })
    }
}

async fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).stdin(std::process::Stdio::null());
    let output = command.output().await.ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_is_clean_until_a_file_of_it_is_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Commit::of(folder.path()).await, None, "outside a repository");
        let run = |arguments: &'static [&'static str]| git(folder.path(), arguments);
        run(&["init", "--quiet"]).await.expect("git");
        assert_eq!(Commit::of(folder.path()).await, None, "before the first commit");
        let file = folder.path().join("zone.toml");
        std::fs::write(&file, "a").expect("a file");
        run(&["add", "."]).await.expect("git");
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "first"];
        git(folder.path(), &who).await.expect("a commit");
        let clean = Commit::of(folder.path()).await.expect("a commit");
        assert_eq!((clean.id.len(), clean.dirty), (40, false));
        std::fs::write(&file, "b").expect("a file");
        let dirty = Commit::of(folder.path()).await.expect("a commit");
        assert!(dirty.dirty && dirty.to_string().ends_with(" with uncommitted changes"));
    }
}
