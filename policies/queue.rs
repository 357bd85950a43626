//! Policies of SQS queues.

mod event_dlq;

pub use event_dlq::event_dlq;
