//! A ZIP file that depends on nothing but its files: names in order, one time and one mode for all.

use std::collections::BTreeMap;

use super::Error;

/// 1990-01-01, as Pulumi has it: some readers refuse 1980.
const DATE: u16 = (10 << 9) | (1 << 5) | 1;
/// A regular file that all may read and run: a `bootstrap` of AWS Lambda has to be executable.
const MODE: u32 = 0o100_755;
/// Made on Unix, so that the mode counts; version 2.0, which knows deflated files.
const MADE_BY: u16 = 0x0314;
const NEEDED: u16 = 20;
const DEFLATED: u16 = 8;
const UTF8: u16 = 1 << 11;
/// Of 10; what zlib takes by default.
const LEVEL: u8 = 6;

pub(super) fn write(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, Error> {
    let too_large = |what: &str| {
        Error::new(
            format!("the archive is too large for a ZIP file: {what}"),
            "leave out what is not needed, or split it",
        )
    };
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let count = u16::try_from(files.len()).map_err(|_| too_large("it has more than 65,535 files"))?;
    for (name, content) in files {
        let size = |n: usize| u32::try_from(n).map_err(|_| too_large(&format!("it passes 4 GiB with `{name}`")));
        let packed = miniz_oxide::deflate::compress_to_vec(content, LEVEL);
        let offset = size(out.len())?;
        let name_length = u16::try_from(name.len()).map_err(|_| too_large(&format!("the name `{name}`")))?;
        // what the header in front and the one in the directory have in common
        let mut common = Vec::new();
        for field in [NEEDED, if name.is_ascii() { 0 } else { UTF8 }, DEFLATED, 0, DATE] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc32fast::hash(content), size(packed.len())?, size(content.len())?] {
            common.extend(field.to_le_bytes());
        }
        common.extend(name_length.to_le_bytes());
        common.extend(0_u16.to_le_bytes());

        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(packed);

        directory.extend(b"PK\x01\x02");
        directory.extend(MADE_BY.to_le_bytes());
        directory.extend(&common);
        // no comment, on the first disk, no attributes of DOS
        directory.extend([0; 6]);
        directory.extend((MODE << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let end = |n: usize| u32::try_from(n).map_err(|_| too_large("it passes 4 GiB"));
    let (length, offset) = (end(directory.len())?, end(out.len())?);
    out.extend(directory);
    out.extend(b"PK\x05\x06");
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend([0; 2]);
    Ok(out)
}
