//! A small zone's whole life.

use crate::support::Zone;

#[test]
fn a_key_a_bucket_and_the_contract_are_a_zone() {
    let zone = Zone::minimal();
    zone.lives();
    // and no bucket is one, too
    let text = std::fs::read_to_string(zone.path("config/zone.toml")).expect("zone.toml");
    let (before, _) = text.split_once("[[bucket]]").expect("a bucket");
    std::fs::write(zone.path("config/zone.toml"), before).expect("zone.toml is written");
    zone.lives();
}
