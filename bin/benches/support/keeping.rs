//! Where a run's state is kept: as `zone` keeps it, in a folder or a bucket; or as the engine does by itself.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use aws::clients::{self, Access, Ambient, Clients};
use serde::{Deserialize, Serialize};
use state::{
    error::Result,
    service::Service,
    stack::Stack,
    store::{Bucket, Folder, If, Kept, Object, Store, Written, bucket::Place},
};

use super::STACK;

/// The bucket of runs whose state is in one.
const BUCKET: &str = "zone-bench-state";
const REGION: &str = "us-east-1";

/// Where it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Keeping {
    /// As `zone` does, in a folder: the engine reports to our service.
    Journal,
    /// As `zone` does, in a bucket of this S3, each of whose answers takes so many more milliseconds.
    Bucket {
        /// The S3.
        endpoint: String,
        /// Milliseconds.
        delay: u64,
    },
    /// As the engine does: its own file backend, which writes the whole state twice a step.
    Files,
}

/// A store whose answers take longer, as over a network.
#[derive(Debug)]
struct Slow {
    store: Bucket,
    delay: Duration,
}

impl Slow {
    async fn wait(&self) {
        tokio::time::sleep(self.delay).await;
    }
}

#[async_trait]
impl Store for Slow {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        self.wait().await;
        self.store.get(key).await
    }
    async fn put(&self, key: &str, body: &[u8], only: If<'_>) -> Result<Written> {
        self.wait().await;
        self.store.put(key, body, only).await
    }
    async fn delete(&self, key: &str) -> Result<()> {
        self.wait().await;
        self.store.delete(key).await
    }
    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        self.wait().await;
        self.store.list(prefix).await
    }
    async fn versions(&self, key: &str) -> Result<Vec<Kept>> {
        self.wait().await;
        self.store.versions(key).await
    }
    async fn version(&self, key: &str, id: &str) -> Result<Option<Vec<u8>>> {
        self.wait().await;
        self.store.version(key, id).await
    }
    async fn append(&self, journal: &str, number: u32, batch: &[u8]) -> Result<Written> {
        self.wait().await;
        self.store.append(journal, number, batch).await
    }
    async fn batches(&self, journal: &str) -> Result<Vec<Vec<u8>>> {
        self.wait().await;
        self.store.batches(journal).await
    }
    async fn journals(&self) -> Result<Vec<String>> {
        self.wait().await;
        self.store.journals().await
    }
    async fn forget(&self, journal: &str) -> Result<()> {
        // a list, and deletions side by side
        self.wait().await;
        self.wait().await;
        self.store.forget(journal).await
    }
    async fn forget_but(&self, journal: &str, number: u32) -> Result<()> {
        self.wait().await;
        self.wait().await;
        self.store.forget_but(journal, number).await
    }
    fn is_remote(&self) -> bool {
        true
    }
    fn url(&self) -> String {
        self.store.url()
    }
    fn name(&self) -> String {
        self.store.name()
    }
}

impl Keeping {
    /// What the engine talks to; none where it keeps its state itself.
    pub(crate) async fn service(&self, project: &Path) -> Option<Service> {
        let store: Arc<dyn Store> = match self {
            Self::Files => return None,
            Self::Journal => Arc::new(Folder::new(&project.join("state"))),
            Self::Bucket { endpoint, delay } => {
                Arc::new(Slow { store: bucket(endpoint).await, delay: Duration::from_millis(*delay) })
            }
        };
        let stack = Stack { store, project: "bench".to_owned(), name: STACK.to_owned() };
        if let Self::Bucket { .. } = self {
            // the stack was made in the folder
            let made = Folder::new(&project.join("state")).get(&stack.key()).await.ok().flatten().expect("a stack");
            stack.store.put(&stack.key(), &made.body, If::Absent).await.expect("it is written");
        }
        Some(Service::start(stack, 1).await.expect("the service starts"))
    }
}

async fn bucket(endpoint: &str) -> Bucket {
    let ambient = Ambient::emulated(endpoint);
    let access = Access { region: REGION.to_owned(), ..Access::default() };
    let sdk = clients::load(&clients::http_client(), &ambient, &access).await;
    let client = Clients::new(&sdk, REGION).s3.clone();
    // made by the first run, and there for the others
    client.create_bucket().bucket(BUCKET).send().await.ok();
    let place = Place { bucket: BUCKET.to_owned(), region: REGION.to_owned(), ..Place::default() };
    Bucket::new(client, place)
}
