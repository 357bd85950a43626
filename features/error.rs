//! Why nothing was judged. What is wrong with the zone itself is never here, it is in the report.

use thiserror::Error;

/// The world did not let us judge.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// STS did not say who we are: no credentials, no network, no right to the role.
    #[error("asking for the caller's identity in {place}: {cause}")]
    Identity {
        /// Account and region.
        place: String,
        /// The call, the code, the message.
        cause: String,
    },
    /// The credentials are good, for another account.
    #[error("judging environment `{environment}` in {place}: the credentials are those of account {found} ({arn})")]
    WrongAccount {
        /// The environment to be judged.
        environment: String,
        /// Account and region where it should be.
        place: String,
        /// The account we are in.
        found: String,
        /// Who we are there.
        arn: String,
    },
    /// SSM refused the contract.
    #[error("reading the contract `{root}` in {place}: {cause}")]
    Contract {
        /// Where it is looked for.
        root: String,
        /// Account and region.
        place: String,
        /// The call, the code, the message.
        cause: String,
    },
    /// There is no parameter of the contract at all.
    #[error("reading the contract `{root}` in {place}: nothing is published there")]
    NoContract {
        /// Where it is looked for.
        root: String,
        /// Account and region.
        place: String,
    },
    /// A filter that leaves nothing to judge; an empty report would look like a good one.
    #[error("selecting scenarios by `{filter}`: no requirement, feature or scenario is called so")]
    NothingSelected {
        /// The filter.
        filter: String,
        /// The requirements there are.
        requirements: Vec<String>,
    },
    /// A feature that cannot be judged as it is written.
    #[error("{file}{}: {problem}", line.map(|line| format!(":{line}")).unwrap_or_default())]
    Feature {
        /// The file.
        file: String,
        /// The line, where there is one.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        hint: String,
    },
    /// A file or folder of features that cannot be read.
    #[error("reading `{path}`: {cause}")]
    File {
        /// Where it is.
        path: String,
        /// What the system says.
        cause: String,
    },
    /// A waiver that cannot be meant.
    #[error("waiving `{requirement}`: {problem}")]
    Waiver {
        /// The requirement named by the waiver.
        requirement: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Today's date is none, so no waiver could be judged.
    #[error("reading today's date `{0}`: not of the form YYYY-MM-DD")]
    Today(String),
}

impl Error {
    /// What to do about it, where we know.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::WrongAccount { .. } => Some("set the environment's profile or role to one of its account".to_owned()),
            Self::NoContract { .. } => {
                Some("`zone up` deploys the environment (`-e` names another than `local`) and publishes it".to_owned())
            }
            Self::Feature { hint, .. } => Some(hint.clone()),
            Self::NothingSelected { requirements, .. } => {
                Some(format!("the requirements are {}", requirements.join(", ")))
            }
            Self::Identity { .. } => {
                Some("sign in for the environment's profile or role; `zone doctor` says what is missing".to_owned())
            }
            Self::Contract { .. } | Self::File { .. } | Self::Waiver { .. } | Self::Today(_) => None,
        }
    }
}
