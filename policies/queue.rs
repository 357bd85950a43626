//! Policies of SQS queues.

mod bucket_notifications;
mod event_dlq;

pub use bucket_notifications::bucket_notifications;
pub use event_dlq::event_dlq;
