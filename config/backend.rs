//! Where the state of an environment is kept, and what its secrets are encrypted with.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::problem::{Invalid, suggest};

/// Where Pulumi's state of an environment is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// A folder of the machine that deploys.
    File,
    /// The zone's own bucket for it: in a folder until the first deployment has made the bucket, and moved there then.
    Bucket,
    /// A bucket that exists before the zone, as a URL that Pulumi understands.
    Url(String),
}

impl Backend {
    /// What it may look like.
    pub(crate) const PATTERN: &'static str =
        r"^(file|bucket|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?\s]*)?(\?\S*)?)$";
    const NAMES: [&'static str; 2] = ["file", "bucket"];
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Bucket => "bucket",
            Self::Url(url) => url,
        })
    }
}

impl Serialize for Backend {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Backend {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = |hint: String| {
            Err(Invalid::new(format!("expected `file`, `bucket` or an `s3://` URL, got `{text}`"), hint))
        };
        match text {
            "file" => Ok(Self::File),
            "bucket" => Ok(Self::Bucket),
            _ if text.starts_with("s3://") => {
                let bucket = text["s3://".len()..].split(['/', '?']).next().unwrap_or_default();
                let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
                let is_name = (3..=63).contains(&bucket.len())
                    && bucket.starts_with(plain)
                    && bucket.ends_with(plain)
                    && bucket.chars().all(|char| plain(char) || matches!(char, '-' | '.'));
                if !is_name || text.chars().any(char::is_whitespace) {
                    return refuse(
                        "write `s3://BUCKET?region=REGION`, or with a folder: `s3://BUCKET/FOLDER?..`".into(),
                    );
                }
                Ok(Self::Url(text.to_owned()))
            }
            _ => refuse(suggest(text, &Self::NAMES, "places")),
        }
    }
}

/// What encrypts the secrets in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretsProvider {
    /// A passphrase.
    Passphrase,
    /// The KMS key of the platform's own class.
    AwsKms,
}

impl SecretsProvider {
    /// As they are written.
    pub(crate) const NAMES: [&'static str; 2] = ["passphrase", "awskms"];
}

impl fmt::Display for SecretsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase => "passphrase",
            Self::AwsKms => "awskms",
        })
    }
}

impl FromStr for SecretsProvider {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "passphrase" => Ok(Self::Passphrase),
            "awskms" => Ok(Self::AwsKms),
            _ => {
                let hint = suggest(text, &Self::NAMES, "secrets providers");
                Err(Invalid::new(format!("expected `passphrase` or `awskms`, got `{text}`"), hint))
            }
        }
    }
}

/// The name of a secret in Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SecretName(String);

impl SecretName {
    /// What it may look like.
    /// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html> (2026-11-27)
    pub(crate) const PATTERN: &'static str = "^[A-Za-z0-9/_+=.@-]{1,512}$";
}

impl AsRef<str> for SecretName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_of_name = |char: char| char.is_ascii_alphanumeric() || "/_+=.@-".contains(char);
        if (1..=512).contains(&text.len()) && text.chars().all(is_of_name) {
            return Ok(Self(text.to_owned()));
        }
        let hint = "write its name, not its ARN, such as `acme/pulumi/dev`: letters, digits and /_+=.@-";
        Err(Invalid::new(format!("expected the name of a secret in Secrets Manager, got `{text}`"), hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_meant_by_its_name() {
        assert_eq!("acme/pulumi/dev".parse::<SecretName>().expect("a name").as_ref(), "acme/pulumi/dev");
        for wrong in ["", "a b", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:acme-AbCdEf", &"a".repeat(513)] {
            let refused = wrong.parse::<SecretName>().expect_err(wrong);
            assert!(refused.message.contains(wrong) && refused.hint.contains("not its ARN"), "{wrong}");
        }
    }

    #[test]
    fn a_place_is_a_word_or_the_url_of_a_bucket() {
        assert_eq!("file".parse(), Ok(Backend::File));
        assert_eq!("bucket".parse(), Ok(Backend::Bucket));
        for url in ["s3://acme-state?region=eu-west-1", "s3://acme-state", "s3://acme/zones/dev?awssdk=v2"] {
            assert_eq!(url.parse(), Ok(Backend::Url(url.to_owned())), "{url}");
        }
        for wrong in ["fil", "s3", "s3://", "s3://A", "s3://ab", "s3://acme state", "https://acme", "gs://acme-state"] {
            let refused = wrong.parse::<Backend>().expect_err(wrong);
            assert!(refused.message.contains(wrong) && !refused.hint.is_empty(), "{wrong}");
        }
    }
}
