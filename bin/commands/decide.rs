//! `zone emulator decide`: judges requests by their policies, for the emulator's authorization gate
//! (`tools/emulator/authorize.py`), which starts it as a child process.
//!
//! One JSON object a line comes in, an [`iam::Case`], and one goes out: the [`iam::Decision`], or `{"error": ".."}`. It ends when
//! there is no more.

use std::{
    collections::HashMap,
    io::{BufRead, stdin},
    sync::Arc,
};

use iam::{Case, Kind, Malformed, Policy};
use serde_json::json;
use state::error::{Exit, Failure, Result};

use crate::output::Output;

/// More texts than a zone has policies; all are forgotten then.
const KEPT: usize = 4096;

/// Policies that were read, by their texts.
#[derive(Default)]
struct Read(HashMap<Kind, HashMap<String, Arc<Policy>>>);

impl Read {
    /// The answer to one line.
    fn answer(&mut self, line: &str) -> serde_json::Value {
        let case: Case = match serde_json::from_str(line) {
            Ok(case) => case,
            Err(error) => return json!({ "error": format!("no question: {error}") }),
        };
        match case.evaluate_with(|kind, text| self.policy(kind, text)) {
            Ok(decision) => json!(decision),
            Err(malformed) => json!({ "error": malformed.to_string() }),
        }
    }

    fn policy(&mut self, kind: Kind, text: &str) -> std::result::Result<Arc<Policy>, Malformed> {
        let read = self.0.entry(kind).or_default();
        if let Some(policy) = read.get(text) {
            return Ok(Arc::clone(policy));
        }
        let parsed = Policy::parse(text, kind).map_err(|mut malformed| {
            // which of all it is, nobody else would tell
            for problem in &mut malformed.problems {
                problem.what = format!("{} in the policy {text}", problem.what);
            }
            malformed
        })?;
        if read.len() >= KEPT {
            read.clear();
        }
        let policy = Arc::new(parsed);
        read.insert(text.to_owned(), Arc::clone(&policy));
        Ok(policy)
    }
}

/// Answers until there is no more to answer.
pub(crate) fn run(output: &Output) -> Result<()> {
    let (mut read, mut line, mut questions) = (Read::default(), String::new(), stdin().lock());
    let failed = |error| Failure::new(Exit::Failed, format!("reading the emulator's questions: {error}"));
    while questions.read_line(&mut line).map_err(failed)? > 0 {
        output.data(&read.answer(&line).to_string());
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Read;

    fn question(document: &Value) -> String {
        let request = json!({
            "principal": { "user": "arn:aws:iam::111122223333:user/u" },
            "action": "s3:ListAllMyBuckets", "resource": "*", "account": "111122223333",
        });
        let policies = json!({ "identity": [{ "name": "p", "document": document.to_string() }] });
        json!({ "request": request, "policies": policies }).to_string()
    }

    #[test]
    fn answers_what_it_is_asked_and_reads_a_text_once() {
        let mut read = Read::default();
        let allows = json!({ "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } });
        let denies = json!({ "Statement": { "Sid": "No", "Effect": "Deny", "Action": "s3:*", "Resource": "*" } });
        for _ in 0..2 {
            assert_eq!(read.answer(&question(&allows))["allowed"], true);
            let denied = read.answer(&question(&denies));
            let words = ["layer", "policy", "statement"].map(|word| denied[word].as_str().expect("a word").to_owned());
            assert_eq!((&denied["allowed"], &denied["explicit"]), (&json!(false), &json!(true)));
            assert_eq!(words, ["identity", "p", "No"]);
        }
        assert_eq!(read.0.values().map(std::collections::HashMap::len).sum::<usize>(), 2);
    }

    #[test]
    fn says_what_it_cannot_judge() {
        let mut read = Read::default();
        let malformed = read.answer(&question(&json!({ "Statement": { "Effect": "Perhaps" } })));
        assert!(malformed["error"].as_str().expect("a text").contains("Perhaps"), "{malformed}");
        assert!(read.answer("{}")["error"].as_str().expect("a text").starts_with("no question: "));
    }
}
