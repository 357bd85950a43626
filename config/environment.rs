//! `{environment}.toml`: what differs between environments.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::problem::{Invalid, suggest};
use crate::reader::Section;
use crate::{AccountId, Backend, Date, Region, SecretName, SecretsProvider};

/// What CloudWatch Logs can keep events for, in days.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub(crate) const RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// What stands behind the AWS API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An emulator on this machine.
    Emulator,
    /// AWS itself.
    Aws,
}

impl Kind {
    /// As they are written.
    pub(crate) const NAMES: [&'static str; 2] = ["emulator", "aws"];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emulator => "emulator",
            Self::Aws => "aws",
        })
    }
}

impl FromStr for Kind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "emulator" => Ok(Self::Emulator),
            "aws" => Ok(Self::Aws),
            _ => {
                let hint = suggest(text, &Self::NAMES, "kinds");
                Err(Invalid::new(format!("expected `emulator` or `aws`, got `{text}`"), hint))
            }
        }
    }
}

/// An AWS account and how to get into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// The profile of the AWS configuration files whose credentials are used; none: the default chain.
    pub profile: Option<String>,
    /// The name of a role of this account that is assumed with these credentials; none: they are used as they are.
    pub role: Option<String>,
}

impl Account {
    /// The ARN of the role.
    pub fn role_arn(&self) -> Option<String> {
        self.role.as_ref().map(|role| format!("arn:aws:iam::{}:role/{role}", self.id))
    }
}

/// The organization's management account, and what the guardrail there hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Management {
    /// The account and the way in.
    pub account: Account,
    /// `root` (the default), or the id of an organizational unit or an account.
    pub attach_to: String,
}

/// Where a client's people are sent back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Callback {
    /// The client's name.
    pub client: String,
    /// After signing in.
    pub urls: Vec<String>,
    /// After signing out.
    pub sign_out_urls: Vec<String>,
}

/// A requirement that somebody has allowed this environment to miss, until a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The requirement's id, such as `FR-418`.
    pub requirement: String,
    /// The whole name of the one scenario that is waived; none: all of the requirement.
    pub scenario: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which the waiver counts.
    pub until: Date,
    /// Who answers for it.
    pub approved_by: String,
}

/// `{environment}.toml` as far as it could be read: none stands for what is in the book as a problem.
#[derive(Default)]
pub(crate) struct Environment {
    pub(crate) kind: Option<Kind>,
    pub(crate) state: Option<Backend>,
    pub(crate) secrets: Option<SecretsProvider>,
    pub(crate) passphrase_secret: Option<SecretName>,
    pub(crate) region: Option<Region>,
    pub(crate) member: Option<Account>,
    pub(crate) management: Option<Management>,
    pub(crate) callbacks: Vec<Callback>,
    pub(crate) github_subjects: Option<Vec<String>>,
    pub(crate) bucket_suffix: Option<String>,
    pub(crate) adopt: Vec<String>,
    pub(crate) protect: Option<bool>,
    pub(crate) force_destroy_buckets: Option<bool>,
    pub(crate) log_retention_days: Option<u32>,
    pub(crate) emulator: bool,
    pub(crate) emulator_endpoint: Option<String>,
    /// None for one that could not be read, so that an index is also the index in the file.
    pub(crate) waivers: Vec<Option<Waiver>>,
}

impl Environment {
    pub(crate) fn read(mut top: impl Section) -> Self {
        let mut environment = Self {
            kind: top.required("kind", "\"aws\"", "where the zone is deployed: `aws` or `emulator`"),
            state: top.optional(
                "state",
                "where Pulumi's state is kept: `file`, `bucket` (the zone's own), or the s3:// URL of another one; `file` if \
                 left out on an emulator, else `bucket` where the zone has one",
            ),
            secrets: top.optional(
                "secrets",
                "what encrypts the secrets in the state: `passphrase`, or `awskms` (the key of the state bucket's class, else of the first class); \
                 `passphrase` if left out",
            ),
            passphrase_secret: top.optional(
                "passphrase_secret",
                "the name of a secret of the member account in Secrets Manager that holds the passphrase; if left out, the \
                 passphrase is in a file of the machine that deploys",
            ),
            region: top.optional("region", "where everything is deployed; the primary region if left out"),
            bucket_suffix: top.optional("bucket_suffix", "the end of every bucket's name; none if left out"),
            adopt: top
                .optional(
                    "adopt",
                    "names or ids of existing resources that `up` adopts, as with --adopt; none if left out",
                )
                .unwrap_or_default(),
            protect: top.required("protect", "true", "whether keys and the buckets with records are protected"),
            force_destroy_buckets: top.required("force_destroy_buckets", "false", "whether full buckets are deleted"),
            log_retention_days: top.required("log_retention_days", "30", "days that log groups keep events"),
            github_subjects: top.optional(
                "github_subjects",
                "which workflows of which repositories may deploy from GitHub; needed where there is [access]",
            ),
            member: top
                .table("member", "the account that this environment deploys to")
                .and_then(|section| account(section, "the account that this environment deploys to")),
            management: top
                .optional_table(
                    "management",
                    "the management account; without it, `up` skips the guardrail and reports that",
                )
                .and_then(management),
            callbacks: top
                .tables("callback", "client", "the URLs that users of one client return to")
                .into_iter()
                .map(callback)
                .collect(),
            waivers: top
                .tables("waiver", "requirement", "a requirement that this environment may miss for now")
                .into_iter()
                .map(waiver)
                .collect(),
            ..Self::default()
        };
        if let Some(mut emulator) =
            top.optional_table("emulator", "an emulator that runs already; one is started if left out")
        {
            environment.emulator = true;
            environment.emulator_endpoint =
                emulator.required("endpoint", "\"http://127.0.0.1:5000\"", "the emulator that runs already");
            emulator.finish();
        }
        top.choices("log_retention_days", &RETENTIONS);
        top.finish();
        environment
    }
}

fn account(mut section: impl Section, meaning: &str) -> Option<Account> {
    let id = section.required("account", "\"123456789012\"", &format!("the 12 digits of {meaning}"));
    let profile = section.optional("profile", "whose credentials are used; the default chain's if left out");
    let role = section.optional("role", "the name of a role that is assumed with them; none if left out");
    section.finish();
    Some(Account { id: id?, profile, role })
}

fn management(mut section: impl Section) -> Option<Management> {
    let attach_to = section
        .optional("attach_to", "the id of a unit or an account; `root` if left out")
        .unwrap_or_else(|| "root".to_owned());
    let account = account(section, "the management account of the organization");
    Some(Management { account: account?, attach_to })
}

fn callback(mut section: impl Section) -> Callback {
    let callback = Callback {
        client: section.required("client", "\"web\"", "the name of a pool's client").unwrap_or_default(),
        urls: section.required("urls", "[\"https://...\"]", "where people go after signing in").unwrap_or_default(),
        sign_out_urls: section.optional("sign_out_urls", "where people go after signing out").unwrap_or_default(),
    };
    section.finish();
    callback
}

fn waiver(mut section: impl Section) -> Option<Waiver> {
    let requirement = section.required("requirement", "\"FR-418\"", "the requirement that is waived");
    let scenario = section
        .optional("scenario", "the whole name of the one scenario that is waived; all of the requirement if left out");
    let reason = section.required("reason", "\"...\"", "the reason for the waiver");
    let until = section.required("until", "\"2027-06-30\"", "the last day on which the waiver counts");
    let approved_by = section.required("approved_by", "\"...\"", "who approved it");
    section.finish();
    Some(Waiver { requirement: requirement?, scenario, reason: reason?, until: until?, approved_by: approved_by? })
}
