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

use crate::context::Cx;

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![
        default_security_group::kind(),
        internet_gateway::kind(),
        route::kind(),
        route_table::kind(),
        route_table_association::kind(),
        subnet::kind(),
        vpc::kind(),
        vpc_endpoint::kind(),
    ]
}
