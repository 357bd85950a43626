//! `zone emulator decide`: judges requests by their policies, for the emulator's authorization gate
//! (`tools/emulator/authorize.py`), which starts it as a child process.
//!
//! One JSON object a line comes in, a [`Question`], and one goes out: `{"decisions": [..]}` with the [`iam::Decision`] of each case,
//! or `{"error": ".."}`. It ends when there is no more.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, stdin},
    sync::Arc,
};

use iam::{Case, Decision, Kind, Malformed, Policy, Problem};
use serde::Deserialize;
use serde_json::json;
use state::error::{Exit, Failure, Result};

use crate::output::Output;

/// What one call needs. Policies are the same in thousands of calls: a text comes once, under a number that a `document` names it by
/// from then on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    texts: BTreeMap<u32, String>,
    cases: Vec<Case>,
}

/// A text that was given, and what it was read as.
struct Given {
    text: String,
    policies: HashMap<Kind, Arc<Policy>>,
}

/// What was given, by number.
#[derive(Default)]
struct Read(HashMap<u32, Given>);

impl Read {
    /// The answer to one line.
    fn answer(&mut self, line: &str) -> serde_json::Value {
        let question: Question = match serde_json::from_str(line) {
            Ok(question) => question,
            Err(error) => return json!({ "error": format!("no question: {error}") }),
        };
        self.0.extend(
            question.texts.into_iter().map(|(number, text)| (number, Given { text, policies: HashMap::new() })),
        );
        let decided = question.cases.iter().map(|case| case.evaluate_with(|kind, number| self.policy(kind, number)));
        match decided.collect::<std::result::Result<Vec<Decision>, _>>() {
            Ok(decisions) => json!({ "decisions": decisions }),
            Err(malformed) => json!({ "error": malformed.to_string() }),
        }
    }

    /// The policy of a number.
    fn policy(&mut self, kind: Kind, number: &str) -> std::result::Result<Arc<Policy>, Malformed> {
        let given = number.parse::<u32>().ok().and_then(|number| self.0.get_mut(&number));
        let Some(Given { text, policies }) = given else {
            let what = format!("no policy has the number {number}");
            let problem = Problem { place: String::new(), what, hint: String::new() };
            return Err(Malformed { problems: vec![problem] });
        };
        if let Some(policy) = policies.get(&kind) {
            return Ok(Arc::clone(policy));
        }
        let parsed = Policy::parse(text, kind).map_err(|mut malformed| {
            // which of all it is, nobody else would tell
            for problem in &mut malformed.problems {
                problem.what = format!("{} in the policy {text}", problem.what);
            }
            malformed
        })?;
        let policy = Arc::new(parsed);
        policies.insert(kind, Arc::clone(&policy));
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

    /// A question about each of these policies, by number.
    fn question(texts: &Value, numbers: &[u32]) -> String {
        let request = json!({
            "principal": { "user": "arn:aws:iam::111122223333:user/u" },
            "action": "s3:ListAllMyBuckets", "resource": "*", "account": "111122223333",
        });
        let case = |number: &u32| json!({ "request": request, "policies": { "identity": [{ "name": format!("p{number}"), "document": number }] } });
        json!({ "texts": texts, "cases": numbers.iter().map(case).collect::<Vec<_>>() }).to_string()
    }

    fn policy(effect: &str) -> String {
        json!({ "Statement": { "Sid": "It", "Effect": effect, "Action": "s3:*", "Resource": "*" } }).to_string()
    }

    #[test]
    fn decides_each_case_by_the_texts_that_were_given() {
        let mut read = Read::default();
        let first = read.answer(&question(&json!({ "0": policy("Allow"), "1": policy("Deny") }), &[0, 1]));
        for answered in [first, read.answer(&question(&json!({}), &[0, 1]))] {
            assert_eq!(answered["decisions"][0]["allowed"], true, "{answered}");
            let denied = &answered["decisions"][1];
            let words = ["layer", "policy", "statement"].map(|word| denied[word].as_str().expect("a word").to_owned());
            assert_eq!((&denied["allowed"], &denied["explicit"]), (&json!(false), &json!(true)));
            assert_eq!(words, ["identity", "p1", "It"]);
        }
        assert_eq!(read.0.values().map(|given| given.policies.len()).sum::<usize>(), 2);
    }

    #[test]
    fn a_number_given_again_stands_for_the_new_text() {
        let mut read = Read::default();
        assert_eq!(read.answer(&question(&json!({ "0": policy("Allow") }), &[0]))["decisions"][0]["allowed"], true);
        assert_eq!(read.answer(&question(&json!({ "0": policy("Deny") }), &[0]))["decisions"][0]["allowed"], false);
    }

    #[test]
    fn says_what_it_cannot_judge() {
        let mut read = Read::default();
        let malformed = read.answer(&question(&json!({ "0": policy("Perhaps") }), &[0]));
        assert!(malformed["error"].as_str().expect("a text").contains("Perhaps"), "{malformed}");
        let unknown = read.answer(&question(&json!({}), &[7]));
        assert_eq!(unknown["error"], "no policy has the number 7");
        assert!(read.answer("{}")["error"].as_str().expect("a text").starts_with("no question: "));
    }
}
