//! What the state's secrets are encrypted with: a passphrase, or a key of the zone.
//!
//! A zone's first deployment has a passphrase, as its key does not exist yet. After it, and whenever the configuration says
//! otherwise, the engine encrypts the state again; the state before it stays in the history.

use std::path::Path;

use aws::clients::Ambient;
use config::{STATE, SecretsProvider, Zone};
use state::{
    Message, Tell,
    environment::pulumi,
    error::{Exit, Failure, Result},
    open::Open,
    secrets::Provider,
};

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

/// Encrypts the state as the configuration says, where it is encrypted otherwise.
pub(crate) async fn change(
    zone: &Zone,
    open: &Open,
    engine: &Path,
    project: &Path,
    environment: &[(String, String)],
    tell: Tell<'_>,
) -> Result<()> {
    let key = if zone.secrets == SecretsProvider::AwsKms { url(zone) } else { None };
    change_to(key.as_deref().unwrap_or(PASSPHRASE), open, engine, project, environment, tell).await
}

/// What the engine calls a passphrase.
pub(crate) const PASSPHRASE: &str = "passphrase";

/// Encrypts the state with a passphrase or the key of a URL, where it is encrypted otherwise.
pub(crate) async fn change_to(
    wanted: &str,
    open: &Open,
    engine: &Path,
    project: &Path,
    environment: &[(String, String)],
    tell: Tell<'_>,
) -> Result<()> {
    let is = |provider: &Provider| match provider {
        Provider::Passphrase { .. } => wanted == PASSPHRASE,
        Provider::Cloud { url, .. } => url == wanted,
    };
    if open.secrets_provider().await?.as_ref().is_none_or(is) {
        return Ok(());
    }
    tell(Message::Now("encrypting the secrets in the state again"));
    if wanted == PASSPHRASE {
        open.state.make_passphrase_if_missing()?;
    }
    let stack = open.stack();
    let arguments = ["--non-interactive", "stack", "change-secrets-provider", wanted, "--stack", &stack];
    let changed = pulumi(engine, project, environment, &arguments).await;
    changed.map_err(|words| {
        let message = format!("encrypting the secrets in the state with `{wanted}`: {words}");
        Failure::new(Exit::Failed, message)
            .hint("the state is as it was; the deployment itself is done. Who deploys needs kms:Encrypt and kms:Decrypt on the key")
    })?;
    match open.secrets_provider().await? {
        Some(provider) if is(&provider) => {
            let with = if wanted == PASSPHRASE { "a passphrase" } else { wanted };
            let done = format!("the secrets in the state are encrypted with {with} now");
            tell(Message::Note(&done));
            // or going back to the last update would go back to the former encryption
            open.remember(&done, std::collections::BTreeMap::new()).await
        }
        _ => Err(Failure::new(Exit::Failed, format!("the engine did not encrypt the state with `{wanted}`"))
            .hint("the state is as the engine left it, and the one before it is in `zone state history`")),
    }
}
