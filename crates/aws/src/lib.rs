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
//! - `buckets`, [`organization`]: changing what takes one change at a time; [`propagation`]: waiting until IAM is consistent
//! - `cidr`, `document`, `name`: what Check says of networks, of policy documents and of names
//! - [`limits`]: what AWS takes of every input: ranges, lengths, alternatives, patterns
//! - [`tags`]: reading and writing the tags of every kind of resource
//! - [`error`]: AWS's failures in the user's words
//! - [`instance`]: the argument side of the provider itself, for programs

pub mod adoption;
mod arguments;
pub mod ask;
mod buckets;
pub mod checks;
mod cidr;
pub mod clients;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod cognito;
pub mod context;
mod document;
pub mod dynamodb;
pub mod ec2;
pub mod emptying;
pub mod endpoints;
pub mod error;
pub mod functions;
pub mod iam;
pub mod instance;
pub mod kinesis;
pub mod kms;
mod lasting;
pub mod limits;
pub mod mapping;
mod name;
pub mod network;
mod optional;
pub mod organization;
pub mod organizations;
pub mod pacing;
mod prelude;
pub mod profile;
pub mod propagation;
pub mod provider;
pub mod recovery;
pub mod refusal;
pub mod resource;
pub mod s3;
pub mod setting;
pub mod sns;
pub mod sqs;
pub mod ssm;
#[cfg(test)]
mod stub;
pub mod tags;
#[cfg(test)]
mod testing;
mod waits;
pub mod xray;

/// The version of the official provider whose tokens and properties these are; it stands in state and registrations.
pub const VERSION: &str = "7.48.0";
