//! EC2 types.

pub mod default_security_group;
pub mod internet_gateway;
pub mod route;
pub mod route_table;
pub mod route_table_association;
pub mod subnet;
pub mod vpc;
pub mod vpc_endpoint;

pub use default_security_group::DefaultSecurityGroup;
pub use internet_gateway::InternetGateway;
pub use route::Route;
pub use route_table::RouteTable;
pub use route_table_association::RouteTableAssociation;
pub use subnet::Subnet;
pub use vpc::Vpc;
pub use vpc_endpoint::VpcEndpoint;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![
        resource::of::<DefaultSecurityGroup>(),
        resource::of::<InternetGateway>(),
        resource::of::<Route>(),
        resource::of::<RouteTable>(),
        resource::of::<RouteTableAssociation>(),
        resource::of::<Subnet>(),
        resource::of::<Vpc>(),
        resource::of::<VpcEndpoint>(),
    ]
}
