//! Asking AWS, with an end to the waiting.

use std::{future::Future, time::Duration};

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
pub use pulumi::provider::resource::Error;

use crate::{
    error::{self, Failure},
    refusal::Answered,
};

/// Calls are repeated for 40 s on a bad network: long enough to go on, too long to be told.
const PATIENCE: Duration = Duration::from_secs(15);

/// What came of a question.
pub type Answer<T> = Result<T, Error>;

/// Asks.
pub async fn ask<T, E>(call: impl Future<Output = Result<T, Failure<E>>>) -> Answer<T>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    within(call).await?.map_err(error::failed)
}

/// Asks for what may not exist: these codes say so.
pub async fn ask_for<T, E>(call: impl Future<Output = Result<T, Failure<E>>>, absent: &[&str]) -> Answer<Option<T>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    Ok(within(call).await?.found(absent)?)
}

/// Waits, but not for ever.
pub async fn within<T>(call: impl Future<Output = T>) -> Answer<T> {
    within_time(PATIENCE, call).await
}

/// Waits for so long.
pub async fn within_time<T>(patience: Duration, call: impl Future<Output = T>) -> Answer<T> {
    let late =
        || Error::new(format!("no answer within {} s", patience.as_secs())).hint("check the network and the endpoint");
    tokio::time::timeout(patience, call).await.map_err(|_| late())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_has_an_end() {
        let error = within_time(Duration::ZERO, std::future::pending::<()>()).await.unwrap_err();
        assert_eq!(error.message, "no answer within 0 s");
        assert!(error.hint.is_some());
    }
}
