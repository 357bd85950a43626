//! The native AWS provider: official pulumi-aws v7 tokens and property names.
//!
//! Path = token: `cloudwatch/event_archive.rs` is `aws:cloudwatch/eventArchive:EventArchive`. A type's file holds
//! its inputs, outputs and four calls; everything all types share is here:
//!
//! - [`resource`] and [`setting`]: the two traits of a type, and adopting what exists; [`refusal`]: AWS's errors as data
//! - [`mapping`]: from inputs to the SDK's types and back; [`checks`] and `optional`: what types check, and optional texts
//! - [`provider`]: the provider's arguments, regions and default tags; [`functions`]: what a program can ask without creating anything
//! - [`clients`]: one configuration per account and region, and time limits; [`endpoints`]: AWS's and others;
//!   [`network`]: the HTTP client and proxies; [`pacing`]: how fast and how often AWS is called
//! - `arguments`: what the provider's arguments mean; [`profile`]: profiles that cannot be used
//! - [`context`]: what one operation gets; [`recovery`]: creating exactly once, and adopting what is ours
//! - [`adoption`]: adopting what the user names
//! - `waits`: each eventual consistency by its name, and waiting for it; tests show AWS's late answers with a `stub`
//! - `lasting`: what is not replaced while it may hold data; [`emptying`]: what a bucket holds, and deleting it
//! - `buckets`, [`organization`], `turns`: changing what takes one change at a time; [`propagation`]: waiting until IAM is consistent
//! - `cidr`, `document`, `name`: what Check says of networks, of policy documents and of names
//! - [`limits`]: what AWS takes of every input: ranges, lengths, alternatives, patterns
//! - [`tags`]: reading and writing the tags of every kind of resource
//! - [`error`]: AWS's failures in the user's words
//! - [`instance`]: the argument side of the provider itself, for programs
//!
//! The feature `provider` is off by default: without it the crate has what a program needs, and compiles nothing of AWS's
//! SDK. `build.rs` takes that from the same files.

#![cfg_attr(
    not(feature = "provider"),
    allow(rustdoc::broken_intra_doc_links, reason = "what documentation links to may be the provider's")
)]

#[cfg(feature = "provider")]
pub mod adoption;
#[cfg(feature = "provider")]
mod arguments;
#[cfg(feature = "provider")]
pub mod ask;
#[cfg(feature = "provider")]
mod buckets;
#[cfg(feature = "provider")]
pub mod checks;
#[cfg(feature = "provider")]
mod cidr;
#[cfg(feature = "provider")]
pub mod clients;
#[cfg(feature = "provider")]
pub mod cloudtrail;
#[cfg(feature = "provider")]
pub mod cloudwatch;
#[cfg(feature = "provider")]
pub mod cognito;
#[cfg(feature = "provider")]
pub mod context;
#[cfg(feature = "provider")]
mod document;
#[cfg(feature = "provider")]
pub mod dynamodb;
#[cfg(feature = "provider")]
pub mod ec2;
#[cfg(feature = "provider")]
pub mod emptying;
#[cfg(feature = "provider")]
pub mod error;
#[cfg(feature = "provider")]
pub mod functions;
#[cfg(feature = "provider")]
pub mod iam;
#[cfg(feature = "provider")]
pub mod kinesis;
#[cfg(feature = "provider")]
pub mod kms;
#[cfg(feature = "provider")]
pub mod lambda;
#[cfg(feature = "provider")]
mod lasting;
#[cfg(feature = "provider")]
pub mod limits;
#[cfg(feature = "provider")]
pub mod mapping;
#[cfg(feature = "provider")]
mod name;
#[cfg(feature = "provider")]
pub mod network;
#[cfg(feature = "provider")]
mod optional;
#[cfg(feature = "provider")]
pub mod organization;
#[cfg(feature = "provider")]
pub mod organizations;
#[cfg(feature = "provider")]
pub mod pacing;
#[cfg(feature = "provider")]
mod prelude;
#[cfg(feature = "provider")]
pub mod profile;
#[cfg(feature = "provider")]
pub mod propagation;
#[cfg(feature = "provider")]
pub mod provider;
#[cfg(feature = "provider")]
pub mod recovery;
#[cfg(feature = "provider")]
pub mod refusal;
#[cfg(feature = "provider")]
pub mod resource;
#[cfg(feature = "provider")]
pub mod s3;
#[cfg(feature = "provider")]
pub mod setting;
#[cfg(feature = "provider")]
pub mod sns;
#[cfg(feature = "provider")]
pub mod sqs;
#[cfg(feature = "provider")]
pub mod ssm;
#[cfg(all(test, feature = "provider"))]
mod stub;
#[cfg(feature = "provider")]
pub mod tags;
#[cfg(all(test, feature = "provider"))]
mod testing;
#[cfg(feature = "provider")]
mod turns;
#[cfg(feature = "provider")]
mod waits;
#[cfg(feature = "provider")]
pub mod xray;

pub mod endpoints;
pub mod instance;

// inputs, handles, builders and functions of the modules above, without what needs AWS's SDK: `build.rs`
#[cfg(not(feature = "provider"))]
include!(concat!(env!("OUT_DIR"), "/program.rs"));

/// The version of the official provider whose tokens and properties these are; it stands in state and registrations.
pub const VERSION: &str = "7.48.0";
