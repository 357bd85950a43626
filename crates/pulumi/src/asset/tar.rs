//! The hash of an archive: of the tar file that Go's `archive/tar` writes for its files, byte for byte.
//!
//! Each file has a USTAR header with its name, mode 0600 and its size, and nothing else. A name that does not fit there, as
//! it is too long or not ASCII, comes before it in a PAX record.

use sha2::{Digest, Sha256};

use super::{Error, hex};

const BLOCK: usize = 512;
const NAME: usize = 100;
const PREFIX: usize = 155;
/// What 11 octal digits hold; beyond it Go writes the size in another way.
const LARGEST: usize = 0o777_7777_7777;

/// SHA-256 in hexadecimal digits, of files in this order.
pub(super) fn hash(files: &[(String, Vec<u8>)]) -> Result<String, Error> {
    let mut hash = Sha256::new();
    for (name, content) in files {
        if content.len() > LARGEST {
            return Err(Error::new(
                format!("`{name}` is larger than 8 GiB"),
                "an archive cannot hold it: leave it out",
            ));
        }
        let (prefix, short) = match split(name) {
            Some(parts) => parts,
            None if fits(name) => ("", name.as_str()),
            None => {
                let record = record("path", name);
                hash.update(header(b'x', "", &beside(name), None, record.len()));
                padded(&mut hash, record.as_bytes());
                ("", name.as_str())
            }
        };
        hash.update(header(b'0', prefix, &ascii(short), Some(0o600), content.len()));
        padded(&mut hash, content);
    }
    hash.update([0; 2 * BLOCK]);
    Ok(hex(&hash.finalize()))
}

fn padded(hash: &mut Sha256, content: &[u8]) {
    hash.update(content);
    hash.update(&[0; BLOCK][..(BLOCK - content.len() % BLOCK) % BLOCK]);
}

fn fits(name: &str) -> bool {
    name.is_ascii() && name.len() <= NAME
}

fn ascii(name: &str) -> String {
    name.chars().filter(char::is_ascii).collect()
}

/// A long name in two parts, cut at a slash, where both fit.
fn split(name: &str) -> Option<(&str, &str)> {
    if name.len() <= NAME || !name.is_ascii() {
        return None;
    }
    let cut = name[..name.len().min(PREFIX + 1)].rfind('/').filter(|cut| *cut > 0)?;
    let (prefix, short) = (&name[..cut], &name[cut + 1..]);
    (short.len() <= NAME && !short.is_empty()).then_some((prefix, short))
}

/// The name of the header that holds the PAX record of a file.
fn beside(name: &str) -> String {
    let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
    let slash = if folder.is_empty() { "" } else { "/" };
    let mut beside = ascii(&format!("{folder}{slash}PaxHeaders.0/{file}"));
    beside.truncate(NAME);
    beside.trim_end_matches('/').to_owned()
}

/// `<length of all of it> <key>=<value>\n`.
fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let size = rest + rest.to_string().len();
    let record = format!("{size} {key}={value}\n");
    if record.len() == size { record } else { format!("{} {key}={value}\n", record.len()) }
}

/// A header; one of a record has no mode, and no numbers of devices.
fn header(kind: u8, prefix: &str, name: &str, mode: Option<usize>, size: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let name = &name.as_bytes()[..name.len().min(NAME)];
    block[..name.len()].copy_from_slice(name);
    // a cut name that ends with a slash would be a folder's
    if let Some(last) = name.iter().rposition(|b| *b != b'/').filter(|last| name.len() == NAME && *last < NAME - 1) {
        block[last + 1..NAME].fill(0);
    }
    let mut octal = |at: usize, width: usize, number: usize| {
        block[at..at + width - 1].copy_from_slice(format!("{number:0digits$o}", digits = width - 1).as_bytes());
    };
    octal(100, 8, mode.unwrap_or_default());
    octal(108, 8, 0);
    octal(116, 8, 0);
    octal(124, 12, size);
    octal(136, 12, 0);
    if mode.is_some() {
        octal(329, 8, 0);
        octal(337, 8, 0);
    }
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
    block[148..156].fill(b' ');
    let sum: usize = block.iter().map(|b| usize::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}
