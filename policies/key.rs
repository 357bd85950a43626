//! Policies of KMS keys.

mod class_key;

pub use class_key::class_key;
