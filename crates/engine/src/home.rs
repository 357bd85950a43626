//! The engine's own folder, its `PULUMI_HOME`.

use std::{fs, io, path::Path};

const WHY: &str =
    "The engine logs every run into a folder of this name, with the values of secrets in it (encrypted, once it
knows how), and takes a quarter of a preview's time for it. This file stands in its place. To see what the engine does:
`zone engine env`, then pulumi's own `--logtostderr -v=9`.
";

/// Makes the folder, and sees to it that the engine logs nothing there: it goes on without its log where it cannot make
/// the log's folder.
pub fn prepare(home: &Path) -> io::Result<()> {
    fs::create_dir_all(home)?;
    let logs = home.join("logs");
    if logs.is_dir() {
        fs::remove_dir_all(&logs)?;
    }
    if !logs.exists() {
        fs::write(logs, WHY)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_place_for_logs_any_more() {
        let dir = tempfile::tempdir().expect("a folder");
        let logs = dir.path().join("home/logs");
        fs::create_dir_all(&logs).expect("a folder");
        fs::write(logs.join("old.log"), "old").expect("a log");
        for _ in 0..2 {
            prepare(&dir.path().join("home")).expect("the folder");
            assert_eq!(fs::read_to_string(&logs).expect("a file"), WHY);
        }
    }
}
