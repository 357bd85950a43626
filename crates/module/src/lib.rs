//! What a module's program is written with.
//!
//! A module is a workload that another team deploys on a zone. Its program is a function from the [`Zone`] that it is deployed
//! in to the outputs of its Pulumi stack. `zone module up NAME` builds it, and runs it as the engine's language plugin.
//!
//! ```no_run
//! use module::prelude::*;
//!
//! fn program(zone: &Zone) -> Result<Vec<(String, Input)>, Error> {
//!     let orders = aws::sqs::Queue::new(zone.scope(), "orders")
//!         .name(zone.own_name("orders"))
//!         .kms_master_key_id(zone.key_arn("internal"))
//!         .register();
//!     Ok(vec![("url".to_owned(), orders.url().into())])
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     module::serve(program)
//! }
//! ```
//!
//! A path that the zone's contract does not promise has no method, and does not compile:
//!
//! ```compile_fail
//! # use module::Zone;
//! fn alias(zone: &Zone) -> pulumi::output::Output<String> {
//!     zone.key_alias("internal")
//! }
//! ```
//!
//! - [`Zone`]: the scope to register resources in, names, settings, and the values of the zone's contract, each an output
//! - [`publish`]: the module's own contract, for others to read
//! - [`Target`]: what `zone` tells a program about the zone; [`Marker`]: what a module leaves in the zone about itself
//!
//! Every resource of the scope gets the zone's tags and those of the module's settings, in the zone's account and region.

mod host;
pub mod marker;
pub mod publishing;
mod target;
mod values;
mod zone;

pub use host::serve;
pub use marker::Marker;
pub use publishing::publish;
pub use target::{TARGET, Target};
pub use zone::{Error, Zone};

/// What a program needs in scope.
pub mod prelude {
    pub use aws;
    pub use pulumi::prelude::*;

    pub use crate::{Error, Zone, publish};
}
