//! Whether an S3 keeps to the conditions of a write: some that are not AWS's take no notice of them.

use super::{Bucket, refusal::UNCONDITIONAL};
use crate::{
    error::{Exit, Failure, Result},
    store::{If, OWN, Store, Version, Written},
};

impl Bucket {
    /// Finds out whether two runs can share the bucket, with an object that is deleted afterwards.
    pub async fn probe(&self) -> Result<()> {
        let key = format!("{OWN}/probe-{:016x}", rand::random::<u64>());
        let probed = self.probe_with(&key).await;
        let deleted = self.delete(&key).await;
        probed.and(deleted)
    }

    async fn probe_with(&self, key: &str) -> Result<()> {
        self.put(key, b"{\"write\":1}", If::Absent).await?;
        let never = Version("\"00000000000000000000000000000000\"".to_owned());
        for (number, only) in [(2, If::Absent), (3, If::Is(&never))] {
            let body = format!("{{\"write\":{number}}}");
            if let Written::Done(_) = self.put(key, body.as_bytes(), only).await? {
                let message = format!("probing bucket `{}`: S3 takes no notice of conditions of a write", self.name());
                return Err(Failure::new(Exit::Failed, message).hint(UNCONDITIONAL));
            }
        }
        Ok(())
    }
}
