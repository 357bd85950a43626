//! What the managed policy for readers of secrets allows.

use config::Zone;

use super::arn;
use crate::{Document, Operator, Statement};

/// Reads the secrets of every domain, whichever of `keys` they are encrypted with.
///
/// The keys are for Secrets Manager only (decided 2026-11-24): the policy is attached to any role that needs a secret,
/// and without this such a role could decrypt what it can reach in buckets, of every class.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html>
pub fn secrets_read(zone: &Zone, keys: &[String]) -> Document {
    let secrets = arn(zone, "secretsmanager", &format!("secret:{}-*/*", zone.prefix));
    let through = format!("secretsmanager.{}.amazonaws.com", zone.region);
    Document::new([
        Statement::allow("Secrets", ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]).on([secrets]),
        Statement::allow("KeysOfSecrets", ["kms:Decrypt"]).on(keys).when(
            Operator::StringEquals,
            "kms:ViaService",
            [through],
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{assert_golden, class_key_arn, dev};

    #[test]
    fn golden() {
        let zone = dev();
        let keys: Vec<_> = zone.classes.iter().map(|class| class_key_arn(&class.name)).collect();
        assert_golden("role/secrets_read.json", &secrets_read(&zone, &keys));
    }
}
