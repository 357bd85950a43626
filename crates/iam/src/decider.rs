//! Questions and answers as lines of JSON, for a program that asks often: the emulator's authorization gate.
//!
//! A question has `texts`, the policies that are new, by number, and `cases`, each a [`Case`] whose documents are numbers of texts.
//! The answer is `{"decisions": [..]}` with the [`Decision`] of each case, or `{"error": ".."}`.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::Deserialize;
use serde_json::json;

use crate::{Case, Decision, Kind, Malformed, Policy, Problem};

/// What one call needs. Policies are the same in thousands of calls: a text comes once, under a number that a `document` names it by
/// from then on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    texts: BTreeMap<u32, String>,
    cases: Vec<Case>,
}

/// A text that was given, and what it was read as.
#[derive(Debug)]
struct Given {
    text: String,
    policies: HashMap<Kind, Arc<Policy>>,
}

/// Answers questions by the texts that were given, by number.
#[derive(Debug, Default)]
pub struct Decider(HashMap<u32, Given>);

impl Decider {
    /// The answer to one question: `{"decisions": [..]}` or `{"error": ".."}`.
    pub fn answer(&mut self, line: &str) -> serde_json::Value {
        let question: Question = match serde_json::from_str(line) {
            Ok(question) => question,
            Err(error) => return json!({ "error": format!("no question: {error}") }),
        };
        self.0.extend(
            question.texts.into_iter().map(|(number, text)| (number, Given { text, policies: HashMap::new() })),
        );
        let decided = question.cases.iter().map(|case| case.evaluate_with(|kind, number| self.policy(kind, number)));
        match decided.collect::<Result<Vec<Decision>, _>>() {
            Ok(decisions) => json!({ "decisions": decisions }),
            Err(malformed) => json!({ "error": malformed.to_string() }),
        }
    }

    /// The policy of a number.
    fn policy(&mut self, kind: Kind, number: &str) -> Result<Arc<Policy>, Malformed> {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Decider;

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
        let mut decider = Decider::default();
        let first = decider.answer(&question(&json!({ "0": policy("Allow"), "1": policy("Deny") }), &[0, 1]));
        for answered in [first, decider.answer(&question(&json!({}), &[0, 1]))] {
            assert_eq!(answered["decisions"][0]["allowed"], true, "{answered}");
            let denied = &answered["decisions"][1];
            let words = ["layer", "policy", "statement"].map(|word| denied[word].as_str().expect("a word").to_owned());
            assert_eq!((&denied["allowed"], &denied["explicit"]), (&json!(false), &json!(true)));
            assert_eq!(words, ["identity", "p1", "It"]);
        }
        assert_eq!(decider.0.values().map(|given| given.policies.len()).sum::<usize>(), 2);
    }

    #[test]
    fn a_number_given_again_stands_for_the_new_text() {
        let mut decider = Decider::default();
        assert_eq!(decider.answer(&question(&json!({ "0": policy("Allow") }), &[0]))["decisions"][0]["allowed"], true);
        assert_eq!(decider.answer(&question(&json!({ "0": policy("Deny") }), &[0]))["decisions"][0]["allowed"], false);
    }

    #[test]
    fn says_what_it_cannot_judge() {
        let mut decider = Decider::default();
        let malformed = decider.answer(&question(&json!({ "0": policy("Perhaps") }), &[0]));
        assert!(malformed["error"].as_str().expect("a text").contains("Perhaps"), "{malformed}");
        let unknown = decider.answer(&question(&json!({}), &[7]));
        assert_eq!(unknown["error"], "no policy has the number 7");
        assert!(decider.answer("{}")["error"].as_str().expect("a text").starts_with("no question: "));
    }
}
