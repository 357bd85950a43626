//! A folder with one folder per run, each with a manifest that names the run before it by its hash: a set of runs is a chain.
//!
//! Whoever changes a file of a run has to change its manifest, and then the manifest of every later run. The last manifest's
//! hash is what has to be kept elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Run, html, jsonl, junit, oscal, rfc3339, sarif};
use crate::report::Report;

/// Name of the file that lists the others.
pub const MANIFEST: &str = "manifest.json";
/// Name of the file with a row per scenario.
pub const EVIDENCE: &str = "evidence.jsonl";

/// A run's list of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Form of this file: 1.
    pub format: u32,
    /// The run: the name of its folder.
    pub run: String,
    /// The environment that was judged.
    pub environment: String,
    /// `AWS` or `local AWS`.
    pub platform: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Name and version of the program that wrote it.
    pub tool: String,
    /// When it was written.
    pub written: String,
    /// The files beside it.
    pub files: BTreeMap<String, Sum>,
    /// The run of this environment before it; `null` for the first.
    pub previous: Option<Previous>,
}

/// What a file was when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its length.
    pub bytes: usize,
}

/// The run before a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Previous {
    /// Name of its folder.
    pub run: String,
    /// SHA-256 of its manifest.
    pub sha256: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The run's folder.
    pub folder: PathBuf,
    /// SHA-256 of its manifest.
    pub sha256: String,
    /// The run before it.
    pub previous: Option<Previous>,
    /// What is wrong with the chain of earlier runs.
    pub problems: Vec<String>,
}

/// Why evidence could not be written or read.
#[derive(Debug)]
pub struct Problem {
    doing: &'static str,
    path: PathBuf,
    cause: io::Error,
}

impl Problem {
    pub(super) fn at(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self { doing, path: path.clone(), cause }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        if self.doing.starts_with("reading") {
            return "give the folder of one run, as `zone verify --report DIR` writes it: DIR/TIME-ENVIRONMENT";
        }
        match self.cause.kind() {
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "give a folder; it is created if it does not exist",
            ErrorKind::PermissionDenied => {
                "the user who runs `zone` needs write access to the folder; or give another folder"
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "make room on the disk, or give another folder, and run it again"
            }
            ErrorKind::ReadOnlyFilesystem => "the folder has to be on a disk that can be written; give another folder",
            _ => "give another folder, and run it again; earlier runs were not changed",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`: {}", self.doing, self.path.display(), self.cause)
    }
}

impl std::error::Error for Problem {}

/// Writes a run into a new folder below `dir`. It is there as a whole, or not at all.
pub fn write(dir: &Path, run: &Run, report: &Report) -> Result<Written, Problem> {
    fs::create_dir_all(dir).map_err(Problem::at("creating folder", dir))?;
    // two runs that end at once must not both follow the same run; the lock ends with the process
    let path = dir.join(".lock");
    let lock = fs::OpenOptions::new().create(true).append(true).open(&path).map_err(Problem::at("writing", &path))?;
    lock.lock().map_err(Problem::at("locking", &path))?;

    let chain = Chain::read(dir, &run.environment)?;
    let problems = chain.problems(dir);
    let previous = chain.last();
    let mut now = SystemTime::now();
    let mut name = name(now, &run.environment);
    while dir.join(&name).exists() {
        std::thread::sleep(Duration::from_millis(200));
        now = SystemTime::now();
        name = self::name(now, &run.environment);
    }

    let (part, folder) = (dir.join(format!(".{name}.part")), dir.join(&name));
    let written = files(&part, &name, now, run, report, previous.clone());
    let sha256 = match written {
        Ok(sha256) => sha256,
        Err(problem) => {
            // half a run is no evidence
            fs::remove_dir_all(&part).ok();
            return Err(problem);
        }
    };
    fs::rename(&part, &folder).map_err(Problem::at("naming", &folder))?;
    fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(Problem::at("writing", dir))?;
    Ok(Written { folder, sha256, previous, problems })
}

/// `2026-11-26T101500Z-dev`.
fn name(now: SystemTime, environment: &str) -> String {
    format!("{}-{environment}", rfc3339::seconds(now).replace(':', ""))
}

/// Writes all files of a run; returns the hash of its manifest.
fn files(
    folder: &Path,
    name: &str,
    now: SystemTime,
    run: &Run,
    report: &Report,
    previous: Option<Previous>,
) -> Result<String, Problem> {
    fs::create_dir(folder).map_err(Problem::at("creating folder", folder))?;
    let texts = [
        ("junit.xml", junit::written(run, report)),
        ("report.html", html::written(name, run, report)),
        ("results.sarif", sarif::written(name, run, report)),
        ("oscal-assessment-results.json", oscal::written(name, run, report)),
        (EVIDENCE, jsonl::written(name, run, report)),
    ];
    let mut sums = BTreeMap::new();
    for (file, text) in texts {
        let sum = put(&folder.join(file), &text)?;
        sums.insert(file.to_owned(), Sum { sha256: sum, bytes: text.len() });
    }
    let manifest = Manifest {
        format: 1,
        run: name.to_owned(),
        environment: run.environment.clone(),
        platform: run.platform().to_owned(),
        account: run.account.clone(),
        region: run.region.clone(),
        tool: run.tool.clone(),
        written: rfc3339::seconds(now),
        files: sums,
        previous,
    };
    let path = folder.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| Problem::at("writing", &path)(e.into()))?;
    put(&path, &(text + "\n"))
}

/// Writes a new file durably; returns its hash.
fn put(path: &Path, text: &str) -> Result<String, Problem> {
    let write = || {
        let mut file = fs::File::create_new(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(Problem::at("writing", path))?;
    Ok(sha256(text.as_bytes()))
}

/// SHA-256 in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A run's manifest, and its hash.
pub(super) fn manifest(folder: &Path) -> Result<(Manifest, String), Problem> {
    let path = folder.join(MANIFEST);
    let text = fs::read(&path).map_err(Problem::at("reading", &path))?;
    let manifest = serde_json::from_slice(&text).map_err(|e| Problem::at("reading", &path)(e.into()))?;
    Ok((manifest, sha256(&text)))
}

/// What of a run's files is not as its manifest says.
pub(super) fn changed(folder: &Path, manifest: &Manifest) -> Vec<String> {
    let problem = |(file, sum): (&String, &Sum)| {
        let path = folder.join(file);
        match fs::read(&path) {
            Ok(text) if sha256(&text) == sum.sha256 => None,
            Ok(_) => Some(format!("`{}` is not the file that its manifest lists: it was changed", path.display())),
            Err(cause) => Some(format!("`{}` is in its manifest, and cannot be read: {cause}", path.display())),
        }
    };
    manifest.files.iter().filter_map(problem).collect()
}

/// The earlier runs of an environment.
struct Chain {
    /// By name: the manifest and its hash.
    runs: BTreeMap<String, (Manifest, String)>,
    unread: Vec<String>,
}

impl Chain {
    fn read(dir: &Path, environment: &str) -> Result<Self, Problem> {
        let (mut runs, mut unread) = (BTreeMap::new(), Vec::new());
        let entries = fs::read_dir(dir).map_err(Problem::at("reading folder", dir))?;
        for entry in entries {
            let entry = entry.map_err(Problem::at("reading folder", dir))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || !entry.path().is_dir() {
                continue;
            }
            match manifest(&entry.path()) {
                Ok((manifest, sha256)) if manifest.environment == environment => {
                    runs.insert(name, (manifest, sha256));
                }
                Err(problem) if name.ends_with(&format!("Z-{environment}")) => unread.push(problem.to_string()),
                // another environment's, or no run at all
                Ok(_) | Err(_) => {}
            }
        }
        Ok(Self { runs, unread })
    }

    /// The run that no other run follows.
    fn last(&self) -> Option<Previous> {
        let (run, (_, sha256)) = self.runs.iter().rfind(|(name, _)| !self.followed().contains(name.as_str()))?;
        Some(Previous { run: run.clone(), sha256: sha256.clone() })
    }

    fn followed(&self) -> BTreeSet<&str> {
        self.runs.values().filter_map(|(manifest, _)| Some(&*manifest.previous.as_ref()?.run)).collect()
    }

    /// Where the chain is broken. The files of the last run are read; those of earlier runs are held by their manifests.
    fn problems(&self, dir: &Path) -> Vec<String> {
        let mut problems = self.unread.clone();
        let mut first = Vec::new();
        for (name, (manifest, _)) in &self.runs {
            if manifest.run != *name {
                problems.push(format!(
                    "`{}` is the run `{}`, renamed or copied",
                    dir.join(name).display(),
                    manifest.run
                ));
            }
            let Some(previous) = &manifest.previous else {
                first.push(name.as_str());
                continue;
            };
            match self.runs.get(&previous.run) {
                None => problems.push(format!("run `{}`, which `{name}` follows, is missing", previous.run)),
                Some((_, sha256)) if *sha256 != previous.sha256 => {
                    let path = dir.join(&previous.run).join(MANIFEST);
                    problems.push(format!("`{}` was changed after run `{name}` followed it", path.display()));
                }
                Some(_) => {}
            }
        }
        if first.len() > 1 {
            problems.push(format!("there are {} first runs: {}", first.len(), first.join(", ")));
        }
        let followed = self.followed();
        let open: Vec<_> = self.runs.keys().map(String::as_str).filter(|name| !followed.contains(name)).collect();
        // a run that is missing or changed explains more than one
        if open.len() > 1 && problems.is_empty() {
            problems.push(format!("there are {} last runs: {}", open.len(), open.join(", ")));
        }
        if let Some((name, (manifest, _))) = self.last().and_then(|last| self.runs.get_key_value(&last.run)) {
            problems.extend(changed(&dir.join(name), manifest));
        }
        problems
    }
}
