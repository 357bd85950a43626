//! What encrypts the secrets in a state: kept in the state itself, and in the engine's settings of the stack.

use serde::Deserialize;

use crate::{
    deployment::Deployment,
    error::{Exit, Failure, Result},
};

/// What the engine calls a passphrase.
pub const PASSPHRASE: &str = "passphrase";

/// What encrypts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A passphrase, and this salt.
    Passphrase {
        /// The salt, with a text that the passphrase is tried on.
        salt: String,
    },
    /// A key of a cloud.
    Cloud {
        /// Which, such as `awskms://alias/acme/secret?region=eu-west-1`.
        url: String,
        /// The data key, encrypted with it.
        key: String,
    },
}

impl Provider {
    /// Of a state; none where it has no secrets yet.
    pub fn of(deployment: &Deployment) -> Result<Option<Self>> {
        #[derive(Deserialize)]
        struct State {
            salt: Option<String>,
            url: Option<String>,
            encryptedkey: Option<String>,
        }
        let Some(provider) = &deployment.secrets_providers else { return Ok(None) };
        let unreadable = |what: &str| {
            Failure::new(Exit::Failed, format!("reading what encrypts the secrets in the state: {what}"))
                .hint("`pulumi stack change-secrets-provider` with the Pulumi that wrote it changes to `passphrase`")
        };
        let kind = provider.text("type").map_err(|e| unreadable(&e))?;
        if kind.is_empty() {
            return Ok(None);
        }
        let state: Option<State> = provider.read("state").map_err(|e| unreadable(&e))?;
        match (&*kind, state) {
            ("passphrase", Some(State { salt: Some(salt), .. })) => Ok(Some(Self::Passphrase { salt })),
            ("cloud", Some(State { url: Some(url), encryptedkey: Some(key), .. })) => {
                Ok(Some(Self::Cloud { url, key }))
            }
            (kind, _) => Err(unreadable(&format!("`{kind}` is neither a passphrase nor a key"))),
        }
    }

    /// The lines of the engine's settings that say the same.
    pub fn settings(&self) -> String {
        match self {
            Self::Passphrase { salt } => format!("encryptionsalt: {salt}\n"),
            Self::Cloud { url, key } => format!("secretsprovider: {url}\nencryptedkey: {key}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Result<Option<Provider>> {
        let mut deployment = Deployment::empty();
        deployment.secrets_providers = Some(serde_json::from_str(json).expect("an object"));
        Provider::of(&deployment)
    }

    #[test]
    fn it_is_read_from_the_state_and_written_as_settings() {
        assert_eq!(Provider::of(&Deployment::empty()).expect("none"), None);
        let passphrase = of(r#"{"type":"passphrase","state":{"salt":"v1:a:b"}}"#).expect("read").expect("one");
        assert_eq!(passphrase.settings(), "encryptionsalt: v1:a:b\n");
        let url = "awskms://alias/acme/secret?region=eu-west-1";
        let cloud = of(&format!(r#"{{"type":"cloud","state":{{"url":"{url}","encryptedkey":"QUJD"}}}}"#));
        let cloud = cloud.expect("read").expect("one");
        assert_eq!(cloud.settings(), format!("secretsprovider: {url}\nencryptedkey: QUJD\n"));
        for wrong in [r#"{"type":"service","state":{}}"#, r#"{"type":"passphrase"}"#, r#"{"type":"cloud","state":[]}"#]
        {
            let refused = of(wrong).expect_err(wrong);
            assert!(refused.message.starts_with("reading what encrypts the secrets in the state: "), "{refused}");
        }
    }
}
