//! A deployment as a file: a checkpoint of Pulumi's own self-managed backend, and what `pulumi stack export` gives.
//!
//! What a newer engine wrote is refused rather than read in part: the next write would lose what this one does not know.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{error::Category, value::RawValue};

use super::{BYTE_STRING, Deployment, FEATURES};
use crate::{
    document::compact,
    error::{Exit, Failure, Result},
};

/// The version without features, and the one with them.
const PLAIN: u64 = 3;
const LATEST: u64 = 4;

#[derive(Deserialize)]
struct Read<'a> {
    version: Option<u64>,
    features: Option<Vec<String>>,
    #[serde(borrow)]
    checkpoint: Option<&'a RawValue>,
    #[serde(borrow)]
    deployment: Option<&'a RawValue>,
    /// Where the unversioned files of 2017 had it.
    latest: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ReadCheckpoint {
    stack: Option<String>,
    latest: Option<Deployment>,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    features: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<WrittenCheckpoint<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<&'a Deployment>,
}

#[derive(Serialize)]
struct WrittenCheckpoint<'a> {
    stack: &'a str,
    latest: &'a Deployment,
}

/// Where a text comes from, for what is said of it.
struct Source<'a> {
    stack: &'a str,
    place: &'a str,
}

impl Source<'_> {
    fn refused(&self, cause: &str) -> Failure {
        Failure::new(Exit::Failed, format!("reading the state of `{}`, `{}`: {cause}", self.stack, self.place))
    }

    fn damaged(&self, cause: &str) -> Failure {
        self.refused(cause)
            .hint("put an older version of it in its place: from its backups, or from the bucket's versions")
    }

    fn parse<'t, T: Deserialize<'t>>(&self, text: &'t [u8]) -> Result<T> {
        serde_json::from_slice(text).map_err(|cause| match cause.classify() {
            Category::Eof => self.damaged(&format!("it is cut off: {cause}")),
            _ => self.damaged(&cause.to_string()),
        })
    }

    /// The features of a file, if it is one that we read.
    fn features(&self, file: &Read<'_>) -> Result<BTreeSet<String>> {
        let version = file.version.unwrap_or(0);
        if version > LATEST {
            let newer = format!("it has version {version}, and this `zone` reads versions up to {LATEST}");
            return Err(self.refused(&newer).hint("a newer pulumi wrote it: use a newer `zone`"));
        }
        if version == 1 || version == 2 {
            let older = format!("it has version {version}, which pulumi wrote until 2019");
            return Err(self
                .refused(&older)
                .hint("plain pulumi reads it, and its next update writes it in the present version"));
        }
        let features: BTreeSet<String> = file.features.iter().flatten().cloned().collect();
        let known = |name: &str| name == BYTE_STRING || FEATURES.iter().any(|(_, feature)| *feature == name);
        let unknown: Vec<&str> = features.iter().map(String::as_str).filter(|name| !known(name)).collect();
        if unknown.is_empty() {
            return Ok(features);
        }
        let newer = format!("it uses `{}`, which this `zone` does not know", unknown.join("`, `"));
        Err(self.refused(&newer).hint("a newer pulumi wrote it: use a newer `zone`"))
    }

    fn checked(&self, mut deployment: Deployment, features: BTreeSet<String>) -> Result<Deployment> {
        deployment.check().map_err(|cause| self.damaged(&cause))?;
        deployment.features = features;
        Ok(deployment)
    }
}

impl Deployment {
    /// Reads a checkpoint: the file of the stack `organization/{project}/{stack}`. `place` is what people call the file.
    /// A stack that was never deployed gives an [empty](Self::empty) deployment.
    pub fn from_checkpoint(text: &[u8], stack: &str, place: &str) -> Result<Self> {
        let source = Source { stack, place };
        let text = one_line(text);
        let file: Read<'_> = source.parse(&text)?;
        let features = source.features(&file)?;
        let checkpoint = file.checkpoint.ok_or_else(|| source.damaged("it has no `checkpoint`"))?;
        let checkpoint: ReadCheckpoint = source.parse(checkpoint.get().as_bytes())?;
        match checkpoint.stack.as_deref() {
            Some(name) if name == stack => {}
            other => {
                let other = other.unwrap_or_default();
                let hint = format!("put the file of `{stack}` in its place: each environment has a state of its own");
                return Err(source.refused(&format!("it is the state of `{other}`")).hint(hint));
            }
        }
        match checkpoint.latest {
            Some(_) if file.version.unwrap_or(0) == 0 => Err(source.damaged("it has a deployment, but no `version`")),
            None if file.latest.is_some() => Err(source.damaged("it has a deployment, but no `version`")),
            Some(deployment) => source.checked(deployment, features),
            None => Ok(Self::empty()),
        }
    }

    /// The checkpoint of the stack `organization/{project}/{stack}`, in one line.
    pub fn to_checkpoint(&self, stack: &str) -> Vec<u8> {
        self.write(Some(WrittenCheckpoint { stack, latest: self }), None)
    }

    /// Reads what `pulumi stack export` writes and the service answers. It does not name its stack: `stack` and `place` are
    /// for what is said when it is refused.
    pub fn from_export(text: &[u8], stack: &str, place: &str) -> Result<Self> {
        let source = Source { stack, place };
        let text = one_line(text);
        let file: Read<'_> = source.parse(&text)?;
        let features = source.features(&file)?;
        match file.deployment {
            Some(_) if file.version.unwrap_or(0) == 0 => Err(source.damaged("it has no `version`")),
            Some(deployment) => source.checked(source.parse(deployment.get().as_bytes())?, features),
            None => Err(source.damaged("it has no `deployment`")),
        }
    }

    /// What `pulumi stack import` reads, and the service answers; in one line.
    pub fn to_export(&self) -> Vec<u8> {
        self.write(None, Some(self))
    }

    fn write(&self, checkpoint: Option<WrittenCheckpoint<'_>>, deployment: Option<&Self>) -> Vec<u8> {
        let features = self.features();
        let version = if features.is_empty() { PLAIN } else { LATEST };
        serde_json::to_vec(&Written { version, features, checkpoint, deployment }).expect("objects have a JSON form")
    }
}

/// The text without indentation: people write files with it, and a journal has one entry in a line.
fn one_line(text: &[u8]) -> Vec<u8> {
    if text.trim_ascii_end().contains(&b'\n') { compact(text) } else { text.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "organization/zone/dev";

    fn checkpoint(text: &str) -> Result<Deployment> {
        Deployment::from_checkpoint(text.as_bytes(), STACK, "a file")
    }

    fn written(deployment: &Deployment) -> String {
        String::from_utf8(deployment.to_checkpoint(STACK)).expect("text")
    }

    #[test]
    fn a_checkpoint_is_written_as_it_was_read() {
        for text in [
            r#"{"version":3,"checkpoint":{"stack":"organization/zone/dev","latest":{"manifest":{"version":"v3"},"resources":[{"urn":"a"}],"metadata":{}}}}"#,
            r#"{"version":4,"features":["byteString","taint"],"checkpoint":{"stack":"organization/zone/dev","latest":{"manifest":{},"resources":[{"urn":"a","taint":true}],"metadata":{}}}}"#,
        ] {
            assert_eq!(written(&checkpoint(text).expect("it is read")), text);
            let deployment = checkpoint(text).expect("it is read");
            let exported = Deployment::from_export(&deployment.to_export(), STACK, "an export").expect("it is read");
            assert_eq!(written(&exported), text);
        }
    }

    #[test]
    fn the_version_follows_from_the_features() {
        let mut deployment = Deployment::empty();
        assert!(written(&deployment).starts_with(r#"{"version":3,"checkpoint""#));
        let mut tainted = crate::document::Object::new();
        tainted.set("taint", &true);
        deployment.resources.push(tainted);
        assert!(written(&deployment).starts_with(r#"{"version":4,"features":["taint"],"checkpoint""#));
    }

    #[test]
    fn a_stack_without_a_deployment_is_empty() {
        let nothing =
            checkpoint(r#"{"version":0,"checkpoint":{"stack":"organization/zone/dev"}}"#).expect("it is read");
        let text = String::from_utf8(nothing.to_export()).expect("text");
        assert_eq!(
            text,
            r#"{"version":3,"deployment":{"manifest":{"time":"0001-01-01T00:00:00Z","magic":"","version":""},"metadata":{}}}"#
        );
        assert!(checkpoint(r#"{"version":3,"checkpoint":{"stack":"organization/zone/dev","latest":null}}"#).is_ok());
    }

    #[test]
    fn indentation_is_dropped_and_values_are_not() {
        let text =
            "{\n \"version\": 3,\n \"deployment\": {\n  \"resources\": [ {\"urn\": \"a b\", \"x\": 1.50} ]\n }\n}\n";
        let deployment = Deployment::from_export(text.as_bytes(), STACK, "a file").expect("it is read");
        let written = String::from_utf8(deployment.to_export()).expect("text");
        assert!(written.contains(r#""resources":[{"urn":"a b","x":1.50}]"#), "{written}");
    }

    #[test]
    fn what_cannot_be_read_says_why_and_what_to_do() {
        let whole = r#"{"version":3,"checkpoint":{"stack":"organization/zone/dev","latest":{"manifest":{}}}}"#;
        checkpoint(whole).expect("it is read");
        for (text, cause, hint) in [
            (&whole[..60], "it is cut off: EOF while parsing", "older version"),
            ("", "it is cut off: EOF while parsing", "older version"),
            (&*whole.replace(":3", ":5"), "it has version 5, and this `zone` reads versions up to 4", "newer `zone`"),
            (&*whole.replace(":3", ":2"), "it has version 2, which pulumi wrote until 2019", "plain pulumi"),
            (&*whole.replace(":3", ":4,\"features\":[\"taint\",\"later\"]"), "it uses `later`, which this", "newer"),
            (
                &*whole.replace("zone/dev", "zone/test"),
                "it is the state of `organization/zone/test`",
                "each environment",
            ),
            (&*whole.replace(":3", ":0"), "it has a deployment, but no `version`", "older version"),
            (r#"{"stack":"organization/zone/dev","latest":{}}"#, "it has no `checkpoint`", "older version"),
            (r#"{"version":3}"#, "it has no `checkpoint`", "older version"),
            (r#"{"version":"3"}"#, "invalid type: string \"3\"", "older version"),
            (&*whole.replace("{}", r#"{},"resources":[{"urn":1}]"#), "resource 0: field `urn`", "older version"),
            (&*whole.replace("{}", "[]"), "invalid type: sequence", "older version"),
        ] {
            let refused = checkpoint(text).expect_err(text);
            let whole = format!("reading the state of `organization/zone/dev`, `a file`: {cause}");
            assert!(refused.message.starts_with(&whole), "{refused}");
            assert!(refused.hint.as_deref().is_some_and(|it| it.contains(hint)), "{refused}");
        }
    }

    #[test]
    fn an_export_has_a_version_and_a_deployment() {
        for (text, cause) in [
            (r#"{"version":3}"#, "it has no `deployment`"),
            (r#"{"version":3,"deployment":null}"#, "it has no `deployment`"),
            (r#"{"deployment":{}}"#, "it has no `version`"),
            (r#"{"version":9,"deployment":{}}"#, "it has version 9"),
        ] {
            let refused = Deployment::from_export(text.as_bytes(), STACK, "a file").expect_err(text);
            assert!(refused.message.contains(cause), "{refused}");
        }
        Deployment::from_export(br#"{"version":3,"deployment":{}}"#, STACK, "a file").expect("it is read");
    }
}
