//! A fuse for tests of crashes: it counts what the functions do to the world, and
//! blows at a chosen one. From then on neither service answers anything, as if the
//! functions had died there, until it is mended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::faults::{Moment, cut};

/// One fuse for all services of a system. Clones are the same fuse.
#[derive(Clone, Default)]
pub struct Fuse(Arc<Mutex<Wire>>);

#[derive(Default)]
struct Wire {
    effects: u64,
    blows_at: Option<(u64, Moment)>,
    blown: bool,
}

/// How far a request gets.
enum Passage {
    Through,
    /// It is served, but nobody hears of it.
    Unheard,
    Nowhere,
}

impl Fuse {
    /// Counts from zero, and blows at that effect: before it happens, or when it has
    /// happened and before anybody hears of it.
    pub fn blow_at(&self, effect: u64, moment: Moment) {
        *self.wire() = Wire {
            effects: 0,
            blows_at: Some((effect, moment)),
            blown: false,
        };
    }

    /// Lets everything through again, and counts from zero.
    pub fn mend(&self) {
        *self.wire() = Wire::default();
    }

    /// How many effects there were since it was set or mended.
    pub fn effects(&self) -> u64 {
        self.wire().effects
    }

    /// Whether it has blown, or will at some effect.
    pub fn is_armed(&self) -> bool {
        self.wire().blows_at.is_some()
    }

    /// Whether it has blown.
    pub fn is_blown(&self) -> bool {
        self.wire().blown
    }

    fn pass(&self, is_effect: bool) -> Passage {
        let mut wire = self.wire();
        if wire.blown {
            return Passage::Nowhere;
        }
        if !is_effect {
            return Passage::Through;
        }
        wire.effects += 1;
        match wire.blows_at {
            Some((effect, moment)) if wire.effects == effect => {
                wire.blown = true;
                match moment {
                    Moment::Before => Passage::Nowhere,
                    Moment::After => Passage::Unheard,
                }
            }
            _ => Passage::Through,
        }
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The layer around a service. The control APIs are not part of the world.
pub(crate) async fn guard(State(fuse): State<Fuse>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/control") {
        return next.run(request).await;
    }
    match fuse.pass(is_effect(&request)) {
        Passage::Through => next.run(request).await,
        Passage::Unheard => {
            next.run(request).await;
            cut()
        }
        Passage::Nowhere => cut(),
    }
}

/// Whether the request may change the world: a write to DynamoDB or to a mailbox, or
/// one that hands out tokens.
fn is_effect(request: &Request) -> bool {
    let target = request.headers().get("x-amz-target");
    if let Some(target) = target.and_then(|target| target.to_str().ok()) {
        let operation = target.rsplit('.').next().unwrap_or_default();
        return ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&operation);
    }
    let path = request.uri().path();
    let writes_to_graph = path.starts_with("/v1.0/") && !path.ends_with("/getSchedule");
    let hands_out_tokens = path.ends_with("/oauth2/v2.0/token");
    (writes_to_graph || hands_out_tokens) && request.method() != Method::GET
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passages(fuse: &Fuse, effects: &[bool]) -> String {
        let passages = effects.iter().map(|is_effect| match fuse.pass(*is_effect) {
            Passage::Through => 't',
            Passage::Unheard => 'u',
            Passage::Nowhere => 'n',
        });
        passages.collect()
    }

    #[test]
    fn it_blows_at_the_chosen_effect_and_stays_blown_until_it_is_mended() {
        let fuse = Fuse::default();
        let requests = [false, true, false, true, false, true];
        assert_eq!(passages(&fuse, &requests), "tttttt");
        assert_eq!(fuse.effects(), 3);
        fuse.blow_at(2, Moment::Before);
        assert_eq!(passages(&fuse, &requests), "tttnnn");
        fuse.blow_at(2, Moment::After);
        assert_eq!(passages(&fuse, &requests), "tttunn");
        assert!(fuse.is_blown());
        fuse.mend();
        assert_eq!(passages(&fuse, &requests), "tttttt");
    }
}
