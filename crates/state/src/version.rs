//! Which state of an environment it is: a digest that changes with the state, and with nothing else.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// What a state without resources is called: whether the engine has made its file yet says nothing of it.
pub const EMPTY: &str = "empty";

/// The version of a checkpoint: SHA-256 of its deployment without the manifest, which has the time of the last run.
pub fn version_of(checkpoint: &[u8]) -> Result<String, serde_json::Error> {
    let mut file: serde_json::Value = serde_json::from_slice(checkpoint)?;
    let mut deployment = file.pointer_mut("/checkpoint/latest").map(serde_json::Value::take).unwrap_or_default();
    let has = |list: &str| deployment.get(list).and_then(|list| list.as_array()).is_some_and(|list| !list.is_empty());
    if !has("resources") && !has("pending_operations") {
        return Ok(EMPTY.to_owned());
    }
    if let Some(deployment) = deployment.as_object_mut() {
        deployment.remove("manifest");
    }
    deployment.sort_all_objects();
    Ok(sha256(deployment.to_string().as_bytes()))
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // writing to a String cannot fail
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(deployment: &str) -> String {
        version_of(format!(r#"{{"version":3,"checkpoint":{{"latest":{deployment}}}}}"#).as_bytes()).expect("JSON")
    }

    #[test]
    fn it_changes_with_the_resources_and_not_with_the_time() {
        let one = version(r#"{"manifest":{"time":"a"},"resources":[{"urn":"u","inputs":{"a":1}}]}"#);
        assert_eq!(one.len(), 64);
        assert_eq!(one, version(r#"{"resources":[{"inputs":{"a":1},"urn":"u"}],"manifest":{"time":"b"}}"#));
        assert_ne!(one, version(r#"{"manifest":{"time":"a"},"resources":[{"urn":"u","inputs":{"a":2}}]}"#));
        let pending = r#"{"resources":[{"urn":"u","inputs":{"a":1}}],"pending_operations":[{"type":"creating"}]}"#;
        assert_ne!(one, version(pending));
    }

    #[test]
    fn a_state_without_resources_is_empty_whether_it_has_a_file_or_not() {
        assert_eq!(version("null"), EMPTY);
        assert_eq!(version(r#"{"manifest":{},"resources":[]}"#), EMPTY);
        assert_ne!(version(r#"{"pending_operations":[{"type":"creating"}]}"#), EMPTY);
        assert!(version_of(b"{").is_err());
    }

    #[test]
    fn sha256_of_a_known_text() {
        // printf abc | sha256sum
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
