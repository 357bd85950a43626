//! What the state's secrets are encrypted with: a passphrase, or a key of the zone.
//!
//! A zone's first deployment has a passphrase, as its key does not exist yet. After it, and whenever the configuration says
//! otherwise, the engine encrypts the state again; the state before it stays in the history.

use std::{collections::BTreeMap, path::Path};

use aws::clients::Ambient;
use config::{STATE, SecretsProvider, Zone};
use state::{
    Message, Tell,
    error::{Exit, Failure, Result},
    open::Open,
    secrets::Provider,
};

pub(crate) use state::secrets::PASSPHRASE;

use crate::accounts;

/// The URL of the key, as the engine understands it: that of the bucket for the state, or of the first class.
/// Configuration guarantees a class where `awskms` is said.
fn url(zone: &Zone) -> Option<String> {
    let of_bucket = zone.buckets.iter().find(|bucket| bucket.purpose == STATE).map(|bucket| &bucket.class);
    let class = of_bucket.or(zone.classes.first().map(|class| &class.name))?;
    Some(format!("awskms://{}?region={}", zone.alias_name(class), zone.region))
}

/// Credentials of the member account, for an engine that uses a key of it; none where it uses none.
pub(crate) async fn credentials(zone: &Zone, ambient: &Ambient, open: &Open) -> Result<Vec<(String, String)>> {
    let uses_key = matches!(open.secrets_provider().await?, Some(Provider::Cloud { .. }));
    if !uses_key && zone.secrets != SecretsProvider::AwsKms {
        return Ok(Vec::new());
    }
    accounts::environment(&accounts::sdk(zone, &zone.member, ambient).await).await
}

/// What the configuration says: a passphrase, or the URL of a key.
pub(crate) fn configured(zone: &Zone) -> String {
    let key = if zone.secrets == SecretsProvider::AwsKms { url(zone) } else { None };
    key.unwrap_or_else(|| PASSPHRASE.to_owned())
}

/// Whether the secrets are encrypted so already, or there are none yet.
pub(crate) async fn are_encrypted(open: &Open, with: &str) -> Result<bool> {
    Ok(open.secrets_provider().await?.is_none_or(|provider| match provider {
        Provider::Passphrase { .. } => with == PASSPHRASE,
        Provider::Cloud { url, .. } => url == with,
    }))
}

/// Encrypts the state with a passphrase or the key of a URL.
pub(crate) async fn encrypt(
    wanted: &str,
    open: &Open,
    engine: &Path,
    project: &Path,
    environment: &[(String, String)],
    tell: Tell<'_>,
) -> Result<()> {
    tell(Message::Now("encrypting the secrets in the state again"));
    if wanted == PASSPHRASE {
        open.state.make_passphrase_if_missing()?;
    }
    let failed = |words: String| {
        let message = format!("encrypting the secrets in the state with `{wanted}`: {words}");
        Failure::new(Exit::Failed, message)
            .hint("the state is as it was; the deployment itself is done. Who deploys needs kms:Encrypt and kms:Decrypt on the key")
    };
    open.encrypt(wanted, engine, project, environment, failed).await?;
    if !are_encrypted(open, wanted).await? {
        return Err(Failure::new(Exit::Failed, format!("the engine did not encrypt the state with `{wanted}`"))
            .hint("the state is as the engine left it, and the one before it is in `zone state history`"));
    }
    let with = if wanted == PASSPHRASE { "a passphrase" } else { wanted };
    let done = format!("the secrets in the state are encrypted with {with} now");
    tell(Message::Note(&done));
    // or going back to the last update would go back to the former encryption
    open.remember(&done, BTreeMap::new()).await
}
