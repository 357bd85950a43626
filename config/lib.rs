//! The zone as data: typed, validated, every error with its file, line and key.
//!
//! `zone.toml` holds the shape that all environments share, `{environment}.toml` what differs: keys of its own, and any key
//! of `zone.toml` with the value that counts there. A stack whose table is in neither is not deployed.
//! [`load`] reads both, checks every value alone and against the others, and reports all problems at once.
//! Nothing about a tenant is in code.

mod backend;
mod check;
mod cidr;
mod environment;
mod ids;
mod load;
mod module;
mod names;
mod problem;
mod reader;
mod scaffold;
pub mod schema;
mod shape;
mod zone;

pub use backend::{Backend, SecretName, SecretsProvider};
pub use cidr::Cidr;
pub use environment::{Account, Callback, Kind, Management, Waiver};
pub use ids::{AccountId, Date, OrganizationId, Region};
pub use load::{environments, load};
pub use module::{Module, not_a_module};
pub use names::{Name, Named, Names};
pub use problem::{Errors, Invalid, Problem};
pub use scaffold::{Scaffold, Unwritten, Written};
pub use shape::{
    Access, Allow, Bucket, BucketRule, Class, Client, ClientKind, Consumer, Delivery, Domain, Email, Events,
    ExistingVpc, Guardrails, Identity, Kms, Network, Observability, OidcProvider, PLACEHOLDERS, Pool, ResourceServer,
    Roles, Rules, SERVICES, STATE, Stream, Vpc, WRITERS,
};
pub use zone::Zone;
