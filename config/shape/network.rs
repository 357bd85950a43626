//! The VPC: one that the zone makes, or one that exists.

use serde::Serialize;

use crate::Cidr;
use crate::reader::Section;

/// The network of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Network {
    /// The zone makes it.
    Own(Vpc),
    /// Somebody else made it: the zone publishes its ids, and changes nothing of it.
    Existing(ExistingVpc),
}

/// A VPC and how it is divided; the n-th subnet of each list lies in the n-th availability zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vpc {
    /// The addresses of the VPC.
    pub cidr: Cidr,
    /// The letters behind the region's name, such as `a`.
    pub availability_zones: Vec<String>,
    /// Subnets with a route to the Internet gateway.
    pub public_subnets: Vec<Cidr>,
    /// Subnets without a default route.
    pub private_subnets: Vec<Cidr>,
}

/// A VPC that somebody else made, in the zone's account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExistingVpc {
    /// Its id.
    pub vpc_id: String,
    /// Ids of its public subnets, in the order in which they are published.
    pub public_subnet_ids: Vec<String>,
    /// Ids of its private subnets, in the order in which they are published.
    pub private_subnet_ids: Vec<String>,
}

impl Network {
    /// The VPC that the zone makes.
    pub fn own(&self) -> Option<&Vpc> {
        match self {
            Self::Own(vpc) => Some(vpc),
            Self::Existing(_) => None,
        }
    }

    /// The VPC that exists.
    pub fn existing(&self) -> Option<&ExistingVpc> {
        match self {
            Self::Own(_) => None,
            Self::Existing(vpc) => Some(vpc),
        }
    }
}

/// With `vpc_id` the network exists, and nothing of it is made. A key of the other form is unknown then, and the hint
/// says why.
pub(super) fn read(mut section: impl Section) -> Option<Network> {
    if let Some(vpc_id) = section.optional(
        "vpc_id",
        "the id of a VPC that exists, instead of one that the zone makes; with public_subnet_ids and private_subnet_ids",
    ) {
        let public = section.required("public_subnet_ids", "[\"subnet-0a1b2c3d4e5f67890\"]", "its public subnets");
        let private = section.required("private_subnet_ids", "[\"subnet-0a1b2c3d4e5f67890\"]", "its private subnets");
        section.refuse(
            &["cidr", "availability_zones", "public_subnets", "private_subnets"],
            "the VPC exists: `vpc_id` names it, and the zone makes no subnets in it",
            "take this key out, or `vpc_id`",
        );
        section.finish();
        return Some(Network::Existing(ExistingVpc { vpc_id, public_subnet_ids: public?, private_subnet_ids: private? }));
    }
    let cidr = section.required("cidr", "\"10.0.0.0/16\"", "the addresses of the VPC");
    let availability_zones =
        section.required("availability_zones", "[\"a\", \"b\"]", "letters behind the region's name");
    let public_subnets =
        section.required("public_subnets", "[\"10.0.0.0/20\", \"10.0.16.0/20\"]", "one for each availability zone");
    let private_subnets =
        section.required("private_subnets", "[\"10.0.128.0/20\", \"10.0.144.0/20\"]", "one for each availability zone");
    section
        .of_other_form::<Vec<String>>("public_subnet_ids", "ids of the public subnets of the VPC that `vpc_id` names");
    section.of_other_form::<Vec<String>>(
        "private_subnet_ids",
        "ids of the private subnets of the VPC that `vpc_id` names",
    );
    section.refuse(
        &["public_subnet_ids", "private_subnet_ids"],
        "names subnets that exist, and there is no `vpc_id`",
        "write the VPC's id as `vpc_id`, or take this key out",
    );
    section.finish();
    Some(Network::Own(Vpc {
        cidr: cidr?,
        availability_zones: availability_zones?,
        public_subnets: public_subnets?,
        private_subnets: private_subnets?,
    }))
}
