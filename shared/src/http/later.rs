//! What is left to do when a request is answered: what its sender need not wait for.
//!
//! Lambda freezes an environment when it asks for the next event, not when it has
//! answered one (AWS Lambda developer guide, "Lambda execution environment lifecycle").
//! What is done between the two costs nobody on the phone anything.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use tracing::Instrument as _;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Work for when an answer is given. Clones hold the same work.
#[derive(Clone, Default)]
pub struct Later(Arc<Mutex<Vec<Work>>>);

impl Later {
    /// Adds work. A process that ends between the answer and this has not done it.
    pub fn push(&self, work: impl Future<Output = ()> + Send + 'static) {
        let work = Box::pin(work.in_current_span());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(work);
    }

    /// Does all that was added so far.
    pub async fn finish(&self) {
        let work = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        join_all(work).await;
    }
}
