//! Reads both files of an environment and puts the zone together.

use std::io;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::check;
use crate::environment::Environment;
use crate::problem::{Errors, suggest};
use crate::reader::{Book, Source, Table};
use crate::schema;
use crate::shape::{ENVIRONMENT, Shape, consumer};
use crate::zone::Zone;
use crate::{Backend, Kind, SecretsProvider};

/// Files of the directory that are no environment: the shape, and the manifest of this crate, which the shipped
/// values stand beside.
const NO_ENVIRONMENTS: [&str; 2] = ["zone", "Cargo"];

/// The zone of `environment`, from `zone.toml` and `{environment}.toml` in `dir`.
///
/// On failure every problem of both files is reported, not only the first.
pub fn load(dir: &Path, environment: &str) -> Result<Zone, Errors> {
    read(dir, &environments(dir), environment, &|file| std::fs::read_to_string(file))
}

/// The same, of files that may not be written yet: `known` are the environments that have one, and `text` reads one.
pub(crate) fn read(
    dir: &Path,
    known: &[String],
    environment: &str,
    text: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<Zone, Errors> {
    let book = Book::default();
    let shape_file = dir.join("zone.toml");
    let elsewhere = "every environment shares this file; is the directory the right one?";
    let shape_source = book.open(&shape_file, text(&shape_file), elsewhere);
    // the name becomes a path: only one that is in the list is ever opened
    if let Some(message) = check::not_a_name(environment).filter(|_| known.iter().any(|name| name == environment)) {
        book.report(
            &file_of(dir, environment),
            None,
            "",
            format!("the name of an environment: {message}"),
            check::NAME_HINT,
        );
    }
    let environment_source = if known.iter().any(|name| name == environment) {
        let file = file_of(dir, environment);
        book.open(&file, text(&file), "the file must be readable")
    } else {
        let hint = suggest(environment, known, "environments");
        book.report(&file_of(dir, environment), None, "", format!("there is no environment `{environment}`"), hint);
        None
    };

    let mut settings = table(&book, environment_source.as_ref());
    let changes = settings.as_mut().map(|settings| settings.split(&schema::shared()));
    let mut shape = table(&book, shape_source.as_ref()).map(|shape| match changes {
        Some(changes) => Shape::read(shape.under(changes)),
        None => Shape::read(shape),
    });
    let settings = settings.map(Environment::read);
    if let Some(shape) = &mut shape {
        consumer::place(&book, &mut shape.consumers);
        check::shape(&book, shape);
    }
    if let Some(settings) = &settings {
        check::environment(&book, settings);
        let others = known.iter().filter(|name| *name != environment).map(|name| file_of(dir, name));
        sole_owner(&book, settings, others, text);
    }
    if let (Some(shape), Some(settings)) = (&shape, &settings) {
        check::both(&book, environment, shape, settings);
    }
    if let (true, Some(shape), Some(settings)) = (book.is_clean(), shape, settings)
        && let Some(zone) = assemble(environment, shape, settings)
    {
        return Ok(zone);
    }
    Err(book.into_errors())
}

/// The environments that have a file in `dir`, sorted.
pub fn environments(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            environment_of(&path).filter(|_| path.is_file())
        })
        .collect();
    names.sort();
    names
}

/// The environment whose file has this path; none where it is no environment's.
pub(crate) fn environment_of(file: &Path) -> Option<String> {
    let name = file.file_stem()?.to_str()?;
    (file.extension()? == "toml" && !NO_ENVIRONMENTS.contains(&name)).then(|| name.to_owned())
}

fn file_of(dir: &Path, environment: &str) -> PathBuf {
    dir.join(format!("{environment}.toml"))
}

fn table<'a>(book: &'a Book, source: Option<&'a Source>) -> Option<Table<'a>> {
    Table::top(book, source?)
}

/// None only if a value is absent, and then the book is not clean.
fn assemble(environment: &str, shape: Shape, settings: Environment) -> Option<Zone> {
    let required_tags = shape.tags.required();
    let kind = settings.kind?;
    let state = settings.state.unwrap_or(match kind {
        Kind::Aws if shape.has_state_bucket() => Backend::Bucket,
        Kind::Aws | Kind::Emulator => Backend::File,
    });
    let mut tags = shape.tags.all;
    tags.insert(ENVIRONMENT.to_owned(), environment.to_owned());
    Some(Zone {
        environment: environment.to_owned(),
        kind,
        state,
        secrets: settings.secrets.unwrap_or(SecretsProvider::Passphrase),
        passphrase_secret: settings.passphrase_secret,
        prefix: shape.prefix?,
        organization: shape.organization?,
        region: settings.region.or(shape.region)?,
        secondary_region: shape.secondary_region,
        member: settings.member?,
        management: settings.management,
        tags,
        required_tags,
        network: shape.network,
        classes: shape.classes,
        buckets: shape.buckets,
        domains: shape.domains,
        events: shape.events,
        kms: shape.kms,
        roles: shape.roles,
        identity: shape.identity,
        pools: shape.pools,
        callbacks: settings.callbacks,
        delivery: shape.delivery,
        streams: shape.streams,
        observability: shape.observability,
        guardrails: shape.guardrails,
        access: shape.access,
        consumers: shape.consumers,
        github_subjects: settings.github_subjects.unwrap_or_default(),
        bucket_suffix: settings.bucket_suffix,
        adopt: settings.adopt,
        protect: settings.protect?,
        force_destroy_buckets: settings.force_destroy_buckets?,
        log_retention_days: settings.log_retention_days?,
        emulator_endpoint: settings.emulator_endpoint,
        waivers: settings.waivers.into_iter().collect::<Option<_>>()?,
    })
}

/// Refuses a member account that another environment has too: bus and role names carry no environment, so the
/// second deployment would take over what belongs to the first.
fn sole_owner(
    book: &Book,
    settings: &Environment,
    others: impl Iterator<Item = PathBuf>,
    text: &dyn Fn(&Path) -> io::Result<String>,
) {
    let Some(member) = &settings.member else { return };
    for file in others {
        let Ok(text) = text(&file) else { continue };
        if let Some(line) = member_line(&file, text, member.id.as_ref()) {
            book.problem(
                "member.account",
                format!("`{}` is the account of {}:{line} too", member.id, file.display()),
                "bus and role names carry no environment, so each environment needs an account of its own",
            );
        }
    }
}

/// The line where a file says that its member account is `account`. Lenient: the file's own faults are reported
/// when its own environment is loaded.
fn member_line(file: &Path, text: String, account: &str) -> Option<usize> {
    let source = Source { file: file.to_owned(), text };
    let (table, _) = DeTable::parse_recoverable(&source.text);
    let value = table.get_ref().get("member")?.get_ref().get("account")?;
    matches!(value.get_ref(), DeValue::String(text) if text == account).then(|| source.line(value.span().start))
}
