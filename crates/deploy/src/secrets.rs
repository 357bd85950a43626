//! What the state's secrets are encrypted with: a passphrase, or a key of the zone.
//!
//! A zone's first deployment has a passphrase, as its key does not exist yet. After it, and whenever the configuration says
//! otherwise, the engine encrypts the state again; the state before it stays in the history.

use std::path::Path;

use config::{SecretsProvider, Zone};
use state::{
    Message, Tell,
    environment::pulumi,
    error::{Exit, Failure, Result},
    open::Open,
    secrets::Provider,
};

/// The URL of the key, as the engine understands it; configuration guarantees a class where `awskms` is said.
fn url(zone: &Zone) -> Option<String> {
    let class = zone.classes.first()?;
    Some(format!("awskms://{}?region={}", zone.alias_name(&class.name), zone.region))
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
    let wanted = match zone.secrets {
        SecretsProvider::Passphrase => "passphrase".to_owned(),
        SecretsProvider::AwsKms => match url(zone) {
            Some(url) => url,
            None => return Ok(()),
        },
    };
    let is = |provider: &Provider| match provider {
        Provider::Passphrase { .. } => wanted == "passphrase",
        Provider::Cloud { url, .. } => *url == wanted,
    };
    if open.secrets_provider().await?.as_ref().is_none_or(is) {
        return Ok(());
    }
    tell(Message::Now("encrypting the secrets in the state again"));
    if zone.secrets == SecretsProvider::Passphrase {
        open.state.make_passphrase_if_missing()?;
    }
    let stack = open.stack();
    let arguments = ["--non-interactive", "stack", "change-secrets-provider", &wanted, "--stack", &stack];
    let changed = pulumi(engine, project, environment, &arguments).await;
    changed.map_err(|words| {
        let message = format!("encrypting the secrets in the state with `{wanted}`: {words}");
        Failure::new(Exit::Failed, message)
            .hint("the state is as it was; the deployment itself is done. Who deploys needs kms:Encrypt and kms:Decrypt on the key")
    })?;
    match open.secrets_provider().await? {
        Some(provider) if is(&provider) => {
            let with = if wanted == "passphrase" { "the passphrase" } else { &wanted };
            tell(Message::Note(&format!("the secrets in the state are encrypted with {with} now")));
            Ok(())
        }
        _ => Err(Failure::new(Exit::Failed, format!("the engine did not encrypt the state with `{wanted}`"))
            .hint("the state is as the engine left it, and the one before it is in `zone state history`")),
    }
}
