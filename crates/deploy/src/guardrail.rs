//! What the guardrail needs of the organization: that service control policies are enabled. Whom it will bind there, and the
//! proof that it locks none of them out.

use aws::{
    ask::{Answer, ask},
    clients::{Ambient, Clients},
    organization,
};
use config::Zone;
use engine::{events::Step, op::Op};
use state::{
    Message, Tell,
    error::{Failure, Result},
};

use crate::accounts;

mod proof;

pub use proof::{heeded, prove};

/// A root of the organization on which they are not.
pub struct Closed {
    management: Clients,
    root: String,
}

/// Looks; none when they are enabled, or when the environment has no guardrail.
pub async fn closed(zone: &Zone, ambient: &Ambient) -> Result<Option<Closed>> {
    let Some((management, _)) = zone.guardrail() else { return Ok(None) };
    let management = accounts::clients(zone, &management.account, ambient).await;
    let root = organization::disabled(&management).await;
    let root =
        root.map_err(|error| Failure::from(error.within("asking whether service control policies are enabled")))?;
    Ok(root.map(|root| Closed { management, root }))
}

impl Closed {
    /// The root on which they will be enabled.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Enables them, and says so.
    pub async fn open(&self, tell: Tell<'_>) -> Result<()> {
        let done = organization::enable(&self.management, &self.root).await?;
        tell(Message::Note(&done));
        Ok(())
    }
}

/// What hangs the guardrail somewhere.
const ATTACHMENT: &str = "aws:organizations/policyAttachment:PolicyAttachment";

/// The accounts that the guardrail will bind: whoever works there is refused what he makes without tags.
pub struct Bound {
    target: String,
    /// None where the organization does not tell.
    accounts: Answer<Vec<String>>,
    tags: Vec<String>,
}

/// Looks, where a plan hangs the guardrail for the first time.
pub async fn bound(zone: &Zone, ambient: &Ambient, plan: &[Step]) -> Option<Bound> {
    let (management, _) = zone.guardrail()?;
    plan.iter().find(|step| step.op == Op::Create && step.kind == ATTACHMENT)?;
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
    /// What the guardrail hangs on.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The accounts; none where the organization does not tell.
    pub fn accounts(&self) -> Option<&[String]> {
        self.accounts.as_deref().ok()
    }

    /// Whom it will bind, and to what.
    pub fn text(&self) -> String {
        let whom = match &self.accounts {
            Ok(accounts) if accounts.is_empty() => format!("no account yet, and future accounts below {}", self.target),
            Ok(accounts) => format!("{} of the organization", accounts.join(", ")),
            Err(error) => format!("every account below {} (asking which: {error})", self.target),
        };
        format!("{whom}: from then on, creating a resource without the tags {} is denied", self.tags.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use aws::ask::Error;

    use super::Bound;

    #[test]
    fn a_plan_names_whom_the_guardrail_binds() {
        let text =
            |accounts| Bound { target: "root".to_owned(), accounts, tags: vec!["environment".to_owned()] }.text();
        let two = text(Ok(vec!["111122223333".to_owned(), "444455556666".to_owned()]));
        assert!(two.starts_with("111122223333, 444455556666 of the organization: from then on"), "{two}");
        assert!(text(Ok(Vec::new())).starts_with("no account yet, and future accounts below root:"));
        assert!(text(Err(Error::new("no right"))).starts_with("every account below root (asking which: no right):"));
    }
}
