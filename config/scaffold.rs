//! A configuration for a new tenant: commented files that deploy on an emulator as they are.

mod folder;

pub use folder::{Unwritten, Written};

use crate::check::{NAME_HINT, not_a_name};
use crate::problem::Invalid;
use crate::shape::STATE;
use crate::{AccountId, OrganizationId, Region, schema};

/// What is asked of a new tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaffold {
    /// The first word of names and paths.
    pub prefix: String,
    /// The organization whose accounts may put events.
    pub organization: OrganizationId,
    /// Where everything is deployed.
    pub region: Region,
    /// The account of the environment `dev`; none: to be filled in.
    pub account: Option<AccountId>,
    /// The classes of data, that of the platform first.
    pub classes: Vec<String>,
    /// The purposes of the buckets.
    pub buckets: Vec<String>,
    /// The business domains.
    pub domains: Vec<String>,
    /// The repository that may deploy, `owner/name`.
    pub repository: String,
}

/// Where AWS keeps an organization's id; no real one is this.
const NO_ORGANIZATION: &str = "o-exampleorgid";

impl Scaffold {
    /// A tenant of this name, and everything else as it is if nobody says otherwise.
    ///
    /// # Errors
    ///
    /// The prefix cannot begin names on AWS.
    pub fn new(prefix: &str) -> Result<Self, Invalid> {
        if let Some(message) = not_a_name(prefix) {
            return Err(Invalid::new(message, NAME_HINT));
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            organization: NO_ORGANIZATION.parse()?,
            region: "eu-west-1".parse()?,
            account: None,
            classes: vec!["internal".to_owned(), "confidential".to_owned()],
            buckets: vec!["documents".to_owned()],
            domains: vec!["orders".to_owned(), "billing".to_owned()],
            repository: format!("{prefix}/{prefix}-platform"),
        })
    }

    /// The files below `config/`, by their paths there.
    pub fn files(&self) -> Vec<(&'static str, String)> {
        vec![
            ("zone.toml", self.fill(include_str!("scaffold/zone.toml"))),
            ("local.toml", self.fill(include_str!("scaffold/local.toml"))),
            ("dev.toml", self.fill(include_str!("scaffold/dev.toml"))),
            ("schema/zone.json", schema::zone()),
            ("schema/environment.json", schema::environment()),
        ]
    }

    fn fill(&self, template: &str) -> String {
        let account = match &self.account {
            Some(account) => format!("account = \"{account}\"\n"),
            None => "# account = \"123456789012\"\n".to_owned(),
        };
        let platform = self.classes.first().map_or("", String::as_str);
        let last = self.classes.last().map_or("", String::as_str);
        let bucket = self.buckets.first().map_or("documents", String::as_str);
        let values = [
            ("{prefix}", self.prefix.clone()),
            ("{organization}", self.organization.to_string()),
            ("{region}", self.region.to_string()),
            ("{owner}", format!("{}-platform", self.prefix)),
            ("{platform_class}", platform.to_owned()),
            ("{first_class}", last.to_owned()),
            ("{first_bucket}", bucket.to_owned()),
            ("{classes}", self.classes.iter().skip(1).map(|name| class(name)).collect()),
            (
                "{buckets}",
                self.buckets
                    .iter()
                    .filter(|purpose| *purpose != STATE)
                    .map(|purpose| bucket_table(purpose, last))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            ("{domains}", self.domains.iter().map(|name| self.domain(name, last)).collect()),
            ("{repository}", self.repository.clone()),
            ("{account}", account),
        ];
        // braces of a pair are no placeholder
        let text = template.replace("{{", "\u{1}").replace("}}", "\u{2}");
        let text = values.iter().fold(text, |text, (name, value)| text.replace(name, value));
        text.replace('\u{1}', "{").replace('\u{2}', "}")
    }

    fn domain(&self, name: &str, class: &str) -> String {
        let role: String =
            [&self.prefix, name].into_iter().flat_map(|text| text.split(['-', '_'])).map(capital).collect();
        format!("\n[[domain]]\nbus = \"{name}\"\nrole = \"{role}Role\"\nclasses = [\"{class}\"]\n")
    }
}

fn class(name: &str) -> String {
    format!("\n[[class]]\nname = \"{name}\"\nservices = []\n")
}

fn bucket_table(purpose: &str, class: &str) -> String {
    format!("[[bucket]]\npurpose = \"{purpose}\"\nclass = \"{class}\"\n")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the files, and loads an environment of them.
    fn loaded(scaffold: &Scaffold, environment: &str) -> Result<crate::Zone, crate::Errors> {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("schema")).expect("a folder");
        for (path, text) in scaffold.files() {
            std::fs::write(dir.path().join(path), text).expect("a file");
        }
        crate::load(dir.path(), environment)
    }

    #[test]
    fn what_is_written_loads_and_has_what_was_asked_for() {
        let mut scaffold = Scaffold::new("far-wind").expect("a name");
        scaffold.account = Some("444455556666".parse().expect("an account"));
        let zone = loaded(&scaffold, "local").unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(zone.prefix, "far-wind");
        assert_eq!(zone.domains[0].role, "FarWindOrdersRole");
        assert_eq!(
            zone.buckets.iter().map(|b| b.purpose.as_str()).collect::<Vec<_>>(),
            ["documents", "pulumi-state", "trail"]
        );
        let dev = loaded(&scaffold, "dev").unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(dev.member.id.as_ref(), "444455556666");
        for (path, text) in scaffold.files().into_iter().filter(|(path, _)| !path.starts_with("schema/")) {
            let open = text.lines().any(|line| !line.starts_with('#') && line.contains('{'));
            assert!(!open, "{path}: {text}");
        }
    }

    #[test]
    fn one_class_and_nothing_else_is_enough() {
        let mut scaffold = Scaffold::new("a").expect("a name");
        scaffold.classes.truncate(1);
        scaffold.buckets.clear();
        scaffold.domains = vec!["one".to_owned()];
        assert!(loaded(&scaffold, "local").is_ok());
    }

    #[test]
    fn an_unknown_account_is_the_only_thing_that_is_missing() {
        let errors = loaded(&Scaffold::new("acme").expect("a name"), "dev").expect_err("no account");
        let [problem] = errors.0.as_slice() else { panic!("{errors}") };
        assert_eq!(problem.message, "missing key `account` in [member]");
    }

    #[test]
    fn what_cannot_begin_a_name_is_refused() {
        assert!(Scaffold::new("Acme").is_err() && Scaffold::new("").is_err());
    }
}
