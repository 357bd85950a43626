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

use crate::context::Cx;

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource_server::kind(), user_pool::kind(), user_pool_client::kind(), user_pool_domain::kind()]
}
