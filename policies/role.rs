//! Policies of IAM roles: who may take a role (`*_trust`), and what it may do then.

mod break_glass_trust;
mod cloudtrail_trust;
mod delivery;
mod domain_permissions;
mod firehose_trust;
mod github_trust;
mod lambda_trust;
mod secrets_read;
mod trail_logs;

pub use break_glass_trust::break_glass_trust;
pub use cloudtrail_trust::cloudtrail_trust;
pub use delivery::delivery;
pub use domain_permissions::domain_permissions;
pub use firehose_trust::firehose_trust;
pub use github_trust::github_trust;
pub use lambda_trust::lambda_trust;
pub use secrets_read::secrets_read;
pub use trail_logs::trail_logs;

use config::Zone;

/// The ARN of something that lies in the zone's account and region.
fn arn(zone: &Zone, service: &str, name: &str) -> String {
    format!("arn:aws:{service}:{}:{}:{name}", zone.region, zone.member.id)
}
