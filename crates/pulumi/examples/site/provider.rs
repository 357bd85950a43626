//! The provider: files and folders on this machine's disk.
#![expect(unreachable_pub, reason = "a derived handle is `pub`, and so its inputs and outputs have to be")]

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use derive::{Outputs, Resource};
use futures::future::{BoxFuture, ready};
use pulumi::{
    asset::{Archive, Asset},
    provider::resource::{Created, CustomResource, Error, Kind, Live, Of, Operation, Provider},
    value::Map,
};

/// The name of the provider's package.
pub(crate) const PACKAGE: &str = "disk";
/// Its version.
pub(crate) const VERSION: &str = "1.0.0";

/// A file.
#[derive(Clone, Debug, Resource)]
#[resource(token = "disk:index/file:File", noun = "file", handle = File, outputs = FileOutputs, version = VERSION)]
pub struct FileInputs {
    /// Where it is.
    #[resource(replace)]
    pub path: String,
    /// What is in it.
    pub content: Asset,
    /// Its mode, as a decimal number.
    #[resource(default = 420)]
    pub mode: i32,
}

/// Outputs of a file.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = File)]
pub struct FileOutputs {
    /// Its size in bytes.
    #[resource(volatile)]
    pub size: i64,
    /// Its text.
    #[resource(volatile)]
    pub text: String,
}

/// A folder with all that is in it.
#[derive(Clone, Debug, Resource)]
#[resource(token = "disk:index/folder:Folder", noun = "folder", handle = Folder, outputs = FolderOutputs, version = VERSION)]
pub struct FolderInputs {
    /// Where it is.
    #[resource(replace)]
    pub path: String,
    /// Its files.
    pub content: Archive,
}

/// Outputs of a folder.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Folder)]
pub struct FolderOutputs {
    /// How many files it has, those in folders below it too.
    #[resource(volatile)]
    pub files: i64,
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::new(format!("`{path}`: {error}"))
}

/// Writes a file, and the folders that it is in.
fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    fs::write(path, content).map_err(failed(path))
}

/// What was removed before is removed.
fn removed(path: &Path, result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

fn write_file(inputs: &FileInputs) -> Result<FileOutputs, Error> {
    let (path, content) = (Path::new(&inputs.path), inputs.content.bytes()?);
    write(path, &content)?;
    let mode = u32::try_from(inputs.mode).map_err(|e| Error::new(format!("mode {}: {e}", inputs.mode)))?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(failed(path))?;
    Ok(file_outputs(&content))
}

fn file_outputs(content: &[u8]) -> FileOutputs {
    let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
    FileOutputs { size, text: String::from_utf8_lossy(content).into_owned() }
}

impl CustomResource for File {
    type Context = ();

    async fn create((): &(), inputs: &FileInputs) -> Result<Created<FileOutputs>, Error> {
        Ok(Created::new(&inputs.path, write_file(inputs)?))
    }
    async fn read((): &(), id: &str) -> Result<Option<Live<FileInputs, FileOutputs>>, Error> {
        let path = Path::new(id);
        let content = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            content => content.map_err(failed(path))?,
        };
        let mode = fs::metadata(path).map_err(failed(path))?.permissions().mode() & 0o7777;
        let inputs = FileInputs {
            path: id.to_owned(),
            content: Asset::file(id).hashed()?,
            mode: i32::try_from(mode).map_err(|e| Error::new(e.to_string()))?,
        };
        Ok(Some(Live { inputs, outputs: file_outputs(&content) }))
    }
    async fn update((): &(), _: &str, _: &FileInputs, new: &FileInputs, _: FileOutputs) -> Result<FileOutputs, Error> {
        write_file(new)
    }
    async fn delete((): &(), id: &str, _: &FileInputs) -> Result<(), Error> {
        removed(Path::new(id), fs::remove_file(id))
    }
}

fn write_folder(inputs: &FolderInputs) -> Result<FolderOutputs, Error> {
    let (path, files) = (Path::new(&inputs.path), inputs.content.files()?);
    removed(path, fs::remove_dir_all(path))?;
    for (name, content) in &files {
        write(&path.join(name), content)?;
    }
    Ok(FolderOutputs { files: i64::try_from(files.len()).unwrap_or(i64::MAX) })
}

impl CustomResource for Folder {
    type Context = ();

    async fn create((): &(), inputs: &FolderInputs) -> Result<Created<FolderOutputs>, Error> {
        Ok(Created::new(&inputs.path, write_folder(inputs)?))
    }
    async fn read((): &(), id: &str) -> Result<Option<Live<FolderInputs, FolderOutputs>>, Error> {
        if !Path::new(id).is_dir() {
            return Ok(None);
        }
        let content = Archive::directory(id).hashed()?;
        let files = i64::try_from(content.files()?.len()).unwrap_or(i64::MAX);
        Ok(Some(Live { inputs: FolderInputs { path: id.to_owned(), content }, outputs: FolderOutputs { files } }))
    }
    async fn update(
        (): &(),
        _: &str,
        _: &FolderInputs,
        new: &FolderInputs,
        _: FolderOutputs,
    ) -> Result<FolderOutputs, Error> {
        write_folder(new)
    }
    async fn delete((): &(), id: &str, _: &FolderInputs) -> Result<(), Error> {
        removed(Path::new(id), fs::remove_dir_all(id))
    }
}

/// The provider; it has no arguments of its own.
pub(crate) struct Disk(Vec<Box<dyn Kind<()>>>);

impl Disk {
    /// With all of its types.
    pub(crate) fn new() -> Self {
        Self(vec![Box::new(Of::<File>::new()), Box::new(Of::<Folder>::new())])
    }
}

impl Provider for Disk {
    type Config = ();
    type Context = ();

    fn name(&self) -> &'static str {
        PACKAGE
    }
    fn version(&self) -> &'static str {
        VERSION
    }
    fn kinds(&self) -> &[Box<dyn Kind<()>>] {
        &self.0
    }
    fn configure(&self, _: &Map) -> Result<(), Error> {
        Ok(())
    }
    fn context<'a>(&'a self, (): &'a (), _: Operation) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(ready(Ok(())))
    }
    fn place(&self, (): &()) -> String {
        "this machine".to_owned()
    }
}
