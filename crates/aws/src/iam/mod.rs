//! IAM types.

pub mod open_id_connect_provider;
pub mod policy;
pub mod role;
pub mod role_policy;
pub mod role_policy_attachment;

pub use open_id_connect_provider::OpenIdConnectProvider;
pub use policy::Policy;
pub use role::Role;
pub use role_policy::RolePolicy;
pub use role_policy_attachment::RolePolicyAttachment;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource, setting};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![
        resource::of::<OpenIdConnectProvider>(),
        resource::of::<Policy>(),
        resource::of::<Role>(),
        resource::of::<RolePolicy>(),
        setting::of::<RolePolicyAttachment>(),
    ]
}
