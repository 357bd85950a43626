//! The zone's own contract: what its templates are repeated over, and every version of it.
//!
//! A published version is never edited: readers out there hold on to it.
//!
//! TO ADD A VERSION (part 1 of 2): write `zone/v{n+1}.rs` as `zone/v2.rs` is written: the version before, and what is new
//! (`since`) or shall go (`deprecated_since`). Declare it below with `mod v{n+1};`, and append a line to [`ZONE`]:
//! `Version { number: 3, templates: v3::TEMPLATES },`
//! (part 2 of 2): give what is new its method and its name in `zone/values.rs`, then `ZONE_BLESS=1 cargo test -p contract`,
//! and commit `published/v{n+1}.json`, `docs/contract.md` and the files below `clients/` with it.

mod v1;
mod v2;
mod values;

use crate::{
    definition::{Definition, Version},
    template::Each,
};

/// Once per zone.
pub const ONCE: Each = Each { name: "zone", placeholders: &[] };
/// Per data class.
pub const CLASS: Each = Each { name: "class", placeholders: &["{class}"] };
/// Per event bus, and its domain's Lambda role.
pub const BUS: Each = Each { name: "bus", placeholders: &["{bus}"] };
/// Per bucket, by its purpose.
pub const BUCKET: Each = Each { name: "bucket", placeholders: &["{purpose}"] };
/// Per user pool.
pub const POOL: Each = Each { name: "pool", placeholders: &["{pool}"] };
/// Per client of every user pool.
pub const CLIENT: Each = Each { name: "client", placeholders: &["{pool}", "{client}"] };
/// Per delivery stream, by its name in the contract.
pub const STREAM: Each = Each { name: "stream", placeholders: &["{stream}"] };
/// Once, under the platform's own name, that of its log group.
pub const PLATFORM: Each = Each { name: "platform", placeholders: &["{platform}"] };

/// The zone's own contract.
pub const ZONE: Definition = Definition::new(
    "zone",
    &[Version { number: 1, templates: v1::TEMPLATES }, Version { number: 2, templates: v2::TEMPLATES }],
)
.accessors(values::NAMES);
