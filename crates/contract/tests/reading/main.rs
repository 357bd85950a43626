//! A zone as it stands in SSM, and all that is read from it.

#[cfg(feature = "ssm")]
mod client;
mod live;
mod patterns;
mod sample;
#[cfg(feature = "ssm")]
mod ssm;
mod values;
