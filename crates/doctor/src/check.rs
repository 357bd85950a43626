//! What a check found.

use serde::Serialize;
use serde_json::json;

use super::ask::Error;
use deploy::adopting;
use state::subject::Subject;

/// How a finding is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing stands in the way.
    Ok,
    /// It would not stop a deployment, and should be known before one.
    Warning,
    /// It would stop a deployment, or leave out what it promises.
    Problem,
    /// It could not be asked; the finding says why.
    NotEvaluated,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Topic and thing, the same in every run: `organization.features`.
    pub id: String,
    /// How it is meant.
    pub level: Level,
    /// One line, with what was observed.
    pub finding: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Kind of the many of which it is one: people are shown those of a kind that are all right as one line.
    pub many: Option<&'static str>,
    /// What `--fix` would do.
    pub fix: Option<Fix>,
    /// What `zone up --adopt` would have to name.
    pub adopt: Option<String>,
}

/// What can be fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Enable service control policies.
    EnablePolicies {
        /// In this root.
        root: String,
    },
}

/// What to do about a question that AWS refuses.
pub(crate) const RIGHTS: &str = "allow the caller what is in docs/rights/doctor.member.json, and in the management account what is in \
                                 docs/rights/doctor.management.json";

impl Fix {
    /// The question before it is done.
    pub fn question(&self) -> String {
        match self {
            Self::EnablePolicies { root } => {
                format!("enable service control policies on root {root} of the organization?")
            }
        }
    }
}

impl Check {
    fn new(id: impl Into<String>, level: Level, finding: impl Into<String>) -> Self {
        Self { id: id.into(), level, finding: finding.into(), hint: None, many: None, fix: None, adopt: None }
    }
    /// Nothing stands in the way.
    pub fn ok(id: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Level::Ok, finding)
    }
    pub(crate) fn warning(id: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Level::Warning, finding)
    }
    pub(crate) fn problem(id: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Level::Problem, finding)
    }
    pub(crate) fn not_evaluated(id: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(id, Level::NotEvaluated, why)
    }
    /// A question that got no answer.
    pub(crate) fn unanswered(id: impl Into<String>, error: Error) -> Self {
        let denied = ["AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"];
        let hint = match error.message.split(':').next() {
            // what else is said of it is meant for a resource that is deployed
            Some(code) if denied.contains(&code) => Some(RIGHTS.to_owned()),
            _ => error.hint,
        };
        Self { hint, ..Self::not_evaluated(id, one_line(&error.message)) }
    }
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// The same, as one of many of a kind.
    #[must_use]
    pub fn one_of(mut self, many: &'static str) -> Self {
        self.many = Some(many);
        self
    }
    pub(crate) fn fixable(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
    /// Something exists that a deployment would adopt if it were told to; `instead` is what else could be done.
    pub(crate) fn adoptable(mut self, choice: impl Into<String>, environment: &str, instead: &str) -> Self {
        let choice = choice.into();
        self.hint = Some(format!(
            "{instead}, or adopt it: `{}`",
            adopting::command(&Subject::from(environment).command("up"), &[&choice])
        ));
        self.adopt = Some(choice);
        self
    }
    /// The same where a deployment would refuse to adopt it.
    pub(crate) fn refused(mut self, why: &str) -> Self {
        let (finding, hint) = match self.level {
            Level::Problem => (why.to_owned(), adopting::UNFIT),
            _ => (format!("{}; {why}", self.finding), "leave it alone, or configure it as it is to adopt it"),
        };
        (self.finding, self.hint) = (finding, Some(hint.to_owned()));
        self.adopt = None;
        self
    }
    /// Whether it would stop a deployment.
    pub fn is_problem(&self) -> bool {
        self.level == Level::Problem
    }

    /// As programs read it.
    pub fn object(&self) -> serde_json::Value {
        json!({ "type": "check", "id": self.id, "level": self.level, "finding": self.finding, "hint": self.hint })
    }
}

/// Some answers, such as an emulator's page about a fault of its own, are long.
pub(crate) fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}..", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_without_an_answer_is_never_all_right() {
        let of = |message: &str| Check::unanswered("a.b", Error::new(message).hint("ask"));
        let check = of("NoAnswer: no\n  and no");
        assert_eq!(check.level, Level::NotEvaluated);
        assert_eq!(
            check.object(),
            json!({ "type": "check", "id": "a.b", "level": "not_evaluated", "finding": "NoAnswer: no and no", "hint": "ask" })
        );
        assert_eq!(of("AccessDenied: no").hint.as_deref(), Some(RIGHTS), "no resource's actions");
        assert_eq!(one_line(&"ä".repeat(400)).chars().count(), 302);
    }
}
