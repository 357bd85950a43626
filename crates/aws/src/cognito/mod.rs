//! Cognito types.

pub mod resource_server;
pub mod user_pool;
pub mod user_pool_client;
pub mod user_pool_domain;

pub use resource_server::ResourceServer;
pub use user_pool::UserPool;
pub use user_pool_client::UserPoolClient;
pub use user_pool_domain::UserPoolDomain;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![
        resource::of::<ResourceServer>(),
        resource::of::<UserPool>(),
        resource::of::<UserPoolClient>(),
        resource::of::<UserPoolDomain>(),
    ]
}
