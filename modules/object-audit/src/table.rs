//! The table of items: one for each content that an object had.

use aws::dynamodb::{ContributorInsights, Table, table};
use module::prelude::*;

pub(crate) fn deploy(zone: &Zone, key: &Output<String>) -> Table {
    let attribute = |name: &str| table::Attribute::args().name(name).r#type("S");
    let items = Table::new(zone.scope(), "items")
        .name(zone.own_name("items"))
        .billing_mode("PAY_PER_REQUEST")
        .hash_key("pk")
        .range_key("sk")
        .attributes([attribute("pk"), attribute("sk")])
        .point_in_time_recovery(table::PointInTimeRecovery::args().enabled(true))
        .server_side_encryption(table::ServerSideEncryption::args().enabled(true).kms_key_arn(key))
        .deletion_protection_enabled(zone.target().protect)
        .protect(zone.target().protect)
        .register();
    ContributorInsights::new(zone.scope(), "items").table_name(items.name()).register();
    items
}
