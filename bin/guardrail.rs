//! What the guardrail needs of the organization: that service control policies are enabled.

use aws::clients::{Ambient, Clients};
use config::Zone;
use serde_json::json;

use crate::{
    accounts,
    doctor::organization,
    error::{Failure, Result},
    output::{Output, Tone},
};

/// A root of the organization on which they are not.
pub(crate) struct Closed {
    management: Clients,
    root: String,
}

/// Looks; none when they are enabled, or when the environment has no guardrail.
pub(crate) async fn closed(zone: &Zone, ambient: &Ambient) -> Result<Option<Closed>> {
    let Some(management) = &zone.management else { return Ok(None) };
    let management = accounts::clients(zone, &management.account, ambient).await;
    let root = organization::disabled(&management).await;
    let root =
        root.map_err(|error| Failure::from(error.within("asking whether service control policies are enabled")))?;
    Ok(root.map(|root| Closed { management, root }))
}

impl Closed {
    /// Says, in a plan, that they will be.
    pub(crate) fn say(&self, output: &Output) {
        if output.is_json() {
            output.object(&json!({ "type": "enable", "what": "SERVICE_CONTROL_POLICY", "root": self.root }));
        }
        let what = format!("service control policies on root {} of the organization", self.root);
        output.row(Tone::Changed, "enable", &what);
    }

    /// Enables them, and says so.
    pub(crate) async fn open(&self, output: &Output) -> Result<()> {
        let done = organization::enable(&self.management, &self.root).await?;
        output.note(&done);
        Ok(())
    }
}
