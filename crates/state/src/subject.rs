//! What a state is of: the zone of an environment, or a module in it. Its names in messages and commands.

use std::fmt;

/// The name of the zone's own project in Pulumi.yaml. No module has it.
pub const ZONE: &str = "zone";

/// What a state is of. It displays as messages name it: ``environment `dev` ``, or ``module `audit` in environment `dev` ``.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The environment.
    pub environment: String,
    /// The module; none is the zone itself.
    pub module: Option<String>,
}

impl Subject {
    /// The subject of a Pulumi stack, by the names of its project and of itself.
    pub fn of(project: &str, stack: &str) -> Self {
        Self { environment: stack.to_owned(), module: (project != ZONE).then(|| project.to_owned()) }
    }

    /// The command of a verb: `zone up -e dev`, or `zone module up audit -e dev`.
    pub fn command(&self, verb: &str) -> String {
        let environment = &self.environment;
        match &self.module {
            None => format!("zone {verb} -e {environment}"),
            Some(module) => format!("zone module {verb} {module} -e {environment}"),
        }
    }

    /// The command that releases it: `zone unlock -e dev`, or `zone unlock -e dev --module audit`.
    pub fn unlock(&self) -> String {
        let environment = &self.environment;
        match &self.module {
            None => format!("zone unlock -e {environment}"),
            Some(module) => format!("zone unlock -e {environment} --module {module}"),
        }
    }

    /// The name of its project in Pulumi.yaml.
    pub fn project(&self) -> &str {
        self.module.as_deref().unwrap_or(ZONE)
    }
}

impl From<&str> for Subject {
    /// The zone of an environment.
    fn from(environment: &str) -> Self {
        Self { environment: environment.to_owned(), module: None }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.module {
            None => write!(f, "environment `{}`", self.environment),
            Some(module) => write!(f, "module `{module}` in environment `{}`", self.environment),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_and_a_module_have_names_and_commands_of_their_own() {
        let (zone, module) = (Subject::of("zone", "dev"), Subject::of("audit", "dev"));
        assert_eq!(zone, Subject::from("dev"));
        assert_eq!(
            (zone.to_string(), module.to_string()),
            ("environment `dev`".into(), "module `audit` in environment `dev`".into())
        );
        assert_eq!(
            (zone.command("up"), module.command("up")),
            ("zone up -e dev".into(), "zone module up audit -e dev".into())
        );
        assert_eq!(
            (zone.unlock(), module.unlock()),
            ("zone unlock -e dev".into(), "zone unlock -e dev --module audit".into())
        );
        assert_eq!((zone.project(), module.project()), ("zone", "audit"));
    }
}
