//! What the guardrail needs of the organization: that service control policies are enabled. And whom it will bind there.

use aws::clients::{Ambient, Clients};
use config::Zone;
use pulumi::engine::events::Step;
use serde_json::json;

use crate::{
    accounts,
    doctor::{
        ask::{Answer, ask},
        organization,
    },
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
    let Some((management, _)) = zone.guardrail() else { return Ok(None) };
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

/// What hangs the guardrail somewhere.
const ATTACHMENT: &str = "aws:organizations/policyAttachment:PolicyAttachment";

/// The accounts that the guardrail will bind: whoever works there is refused what he makes without tags.
pub(crate) struct Bound {
    target: String,
    /// None where the organization does not tell.
    accounts: Answer<Vec<String>>,
    tags: Vec<String>,
}

/// Looks, where a plan hangs the guardrail for the first time.
pub(crate) async fn bound(zone: &Zone, ambient: &Ambient, plan: &[Step]) -> Option<Bound> {
    let (management, _) = zone.guardrail()?;
    plan.iter().find(|step| step.op == "create" && step.kind == ATTACHMENT)?;
    let clients = accounts::clients(zone, &management.account, ambient).await;
    let target = management.attach_to.clone();
    let mut accounts = below(&clients, &target).await;
    // no service control policy binds it
    let own = management.account.id.as_ref();
    if let Ok(accounts) = &mut accounts {
        accounts.retain(|id| id != own);
    }
    Some(Bound { target, accounts, tags: zone.required_tags.clone() })
}

/// The accounts at or below what the guardrail hangs on.
async fn below(clients: &Clients, target: &str) -> Answer<Vec<String>> {
    let organizations = &clients.organizations;
    if target == organization::ROOT || target.starts_with("r-") {
        let pages = organizations.list_accounts().into_paginator().send();
        let pages = ask(pages.collect::<std::result::Result<Vec<_>, _>>()).await?;
        let all = pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default());
        return Ok(all.filter_map(|account| account.id).collect());
    }
    if !target.starts_with("ou-") {
        return Ok(vec![target.to_owned()]);
    }
    let (mut units, mut found) = (vec![target.to_owned()], Vec::new());
    while let Some(unit) = units.pop() {
        let pages = organizations.list_accounts_for_parent().parent_id(&unit).into_paginator().send();
        let pages = ask(pages.collect::<std::result::Result<Vec<_>, _>>()).await?;
        let accounts = pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default());
        found.extend(accounts.filter_map(|account| account.id));
        let pages = organizations.list_organizational_units_for_parent().parent_id(&unit).into_paginator().send();
        let pages = ask(pages.collect::<std::result::Result<Vec<_>, _>>()).await?;
        let below = pages.into_iter().flat_map(|page| page.organizational_units.unwrap_or_default());
        units.extend(below.filter_map(|unit| unit.id));
    }
    Ok(found)
}

impl Bound {
    /// Says, in a plan, whom it will bind.
    pub(crate) fn say(&self, output: &Output) {
        if output.is_json() {
            let accounts = self.accounts.as_ref().ok();
            output.object(&json!({ "type": "bind", "target": self.target, "accounts": accounts }));
        }
        output.row(Tone::Changed, "bind", &self.text());
    }

    fn text(&self) -> String {
        let whom = match &self.accounts {
            Ok(accounts) if accounts.is_empty() => format!("no account yet, and whatever comes below {}", self.target),
            Ok(accounts) => format!("{} of the organization", accounts.join(", ")),
            Err(error) => format!("every account below {} (asking which: {error})", self.target),
        };
        format!("{whom}: from then on who makes a thing without the tags {} there is refused", self.tags.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::Bound;
    use crate::doctor::ask::Error;

    #[test]
    fn a_plan_names_whom_the_guardrail_binds() {
        let text =
            |accounts| Bound { target: "root".to_owned(), accounts, tags: vec!["environment".to_owned()] }.text();
        let two = text(Ok(vec!["111122223333".to_owned(), "444455556666".to_owned()]));
        assert!(two.starts_with("111122223333, 444455556666 of the organization: from then on"), "{two}");
        assert!(text(Ok(Vec::new())).starts_with("no account yet, and whatever comes below root:"));
        assert!(text(Err(Error::new("no right"))).starts_with("every account below root (asking which: no right):"));
    }
}
