//! Who may put events on a bus.

use config::{AccountId, OrganizationId};

use crate::{Document, Operator, Statement};

/// The account of the bus and every account of the organization may put events on this bus, and nothing else.
///
/// The account's statement delegates to its IAM policies, as an account's root in a resource policy does. Rules and
/// targets are left out on purpose (2026-11-23): inside the account the IAM policies of its roles are enough for them,
/// and from outside nobody shall make rules on a bus that carries the organization's events.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html>
pub fn organization(bus_arn: &str, account: &AccountId, organization: &OrganizationId) -> Document {
    let put = |sid: &str| Statement::allow(sid, ["events:PutEvents"]).on([bus_arn]);
    Document::new([
        put("AccountPutsEvents").aws(format!("arn:aws:iam::{account}:root")),
        put("OrganizationPutsEvents").everyone().when(
            Operator::StringEquals,
            "aws:PrincipalOrgID",
            [organization.as_ref()],
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let bus_arn = format!("arn:aws:events:{}:{}:event-bus/{}", zone.region, zone.member.id, zone.domains[0].bus);
        assert_golden("bus/organization.json", &organization(&bus_arn, &zone.member.id, &zone.organization));
    }
}
