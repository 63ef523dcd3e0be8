//! The rules by which the simulated services misbehave. A rule names an operation,
//! whose or what it is about, a trigger, a moment and an effect; for each request the
//! engine says what to do before and after it is served, and [`disturb`] does it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

/// One way to misbehave, as `/control/faults` takes and shows it. `O` is what can be
/// asked of the service.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule<O> {
    /// Any operation when absent.
    #[serde(default = "nothing")]
    pub operation: Option<O>,
    /// An account of Microsoft, a table of DynamoDB, or an id in VAPI; any when absent. A
    /// request of nobody known matches only then.
    #[serde(default, alias = "table", alias = "id")]
    pub account: Option<String>,
    /// Which of the matching requests are hit.
    #[serde(default)]
    pub trigger: Trigger,
    /// Whether the request is served first.
    #[serde(default)]
    pub moment: Moment,
    /// What happens to them.
    pub effect: Effect,
}

/// Which matching requests are hit, counted from one.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// All of them.
    #[default]
    Always,
    /// Only this one.
    Nth(u64),
    /// This many, then no more.
    First(u64),
    /// Each with a chance from 0 to 1; the same seed hits the same requests.
    Probability {
        /// From 0 to 1.
        chance: f64,
        /// Any number.
        #[serde(default)]
        seed: u64,
    },
}

/// When the effect happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Instead of the request, or ahead of it: nothing is committed yet.
    #[default]
    Before,
    /// In place of the answer: what the request does is committed.
    After,
}

/// What is done to a request.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// An error in the shape of the operation: Graph's, the token endpoint's, or
    /// a redirect with `error` when an account is chosen on the sign-in page.
    Error {
        /// The HTTP status; unused for the redirect.
        status: u16,
        /// `error.code`, or the OAuth `error`.
        #[serde(default)]
        code: Option<String>,
        /// The AADSTS number.
        #[serde(default)]
        aadsts: Option<u32>,
        /// Sent as it is: seconds or a date.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// An HTML page with this status.
    Html(u16),
    /// No body, with this status.
    Empty(u16),
    /// Waits, then goes on.
    DelayMs(u64),
    /// Never answers.
    Hang,
    /// Closes the connection without an answer. Before the request is served, that is to
    /// refuse it.
    #[serde(alias = "refuse")]
    Cut,
}

/// A rule with what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Active<O> {
    /// The rule.
    pub rule: Rule<O>,
    /// Matching requests so far.
    pub seen: u64,
    /// How many of them were hit.
    pub hit: u64,
}

/// What to do with one request.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub before: Disturbance,
    pub after: Disturbance,
}

/// First a wait, then perhaps something final in place of the answer.
#[derive(Debug, Default)]
pub(crate) struct Disturbance {
    pub delay: Duration,
    pub outcome: Option<Effect>,
}

/// The rules in force.
pub(crate) struct Faults<O> {
    rules: Mutex<Vec<Active<O>>>,
}

impl<O> Default for Faults<O> {
    fn default() -> Self {
        Self {
            rules: Mutex::default(),
        }
    }
}

impl<O: Clone + PartialEq> Faults<O> {
    /// Adds rules behind those in force.
    pub(crate) fn add(&self, rules: Vec<Rule<O>>) {
        let fresh = rules.into_iter().map(|rule| Active {
            rule,
            seen: 0,
            hit: 0,
        });
        self.lock().extend(fresh);
    }

    /// The rules in force, in order.
    pub(crate) fn list(&self) -> Vec<Active<O>> {
        self.lock().clone()
    }

    /// Ends all misbehaviour.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Counts the request for every matching rule. Delays add up; of the other
    /// effects, the first rule's wins at each moment.
    pub(crate) fn plan(&self, operation: &O, about: &[&str]) -> Plan {
        let mut plan = Plan::default();
        for active in self.lock().iter_mut() {
            if !active.rule.matches(operation, about) {
                continue;
            }
            active.seen += 1;
            if !active.rule.trigger.hits(active.seen) {
                continue;
            }
            active.hit += 1;
            let disturbance = match active.rule.moment {
                Moment::Before => &mut plan.before,
                Moment::After => &mut plan.after,
            };
            match &active.rule.effect {
                Effect::DelayMs(milliseconds) => {
                    let delay = Duration::from_millis(*milliseconds);
                    disturbance.delay = disturbance.delay.saturating_add(delay);
                }
                effect => {
                    disturbance.outcome.get_or_insert_with(|| effect.clone());
                }
            }
        }
        plan
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Active<O>>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O: PartialEq> Rule<O> {
    /// What is wrong with the rule, if anything.
    pub fn problem(&self) -> Option<&'static str> {
        let status = match &self.effect {
            Effect::Error { status, .. } | Effect::Html(status) | Effect::Empty(status) => *status,
            Effect::DelayMs(_) | Effect::Hang | Effect::Cut => 200,
        };
        match self.trigger {
            Trigger::Nth(0) => Some("requests are counted from one"),
            Trigger::Probability { chance, .. } if !(0.0..=1.0).contains(&chance) => {
                Some("a chance lies between 0 and 1")
            }
            _ if !(200..=599).contains(&status) => Some("a status lies between 200 and 599"),
            _ => None,
        }
    }

    fn matches(&self, operation: &O, about: &[&str]) -> bool {
        let is_meant =
            |wanted: &String| about.iter().any(|about| about.eq_ignore_ascii_case(wanted));
        self.operation
            .as_ref()
            .is_none_or(|wanted| wanted == operation)
            && self.account.as_ref().is_none_or(is_meant)
    }
}

impl Trigger {
    fn hits(self, request: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(wanted) => request == wanted,
            Self::First(count) => request <= count,
            Self::Probability { chance, seed } => unit_interval(seed, request) < chance,
        }
    }
}

/// An operation that is left out. A default of the type would have to be one.
fn nothing<O>() -> Option<O> {
    None
}

/// An even spread over [0, 1) (splitmix64, its upper 32 bits).
fn unit_interval(seed: u64, index: u64) -> f64 {
    let mut bits = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    let upper = u32::try_from(bits >> 32).unwrap_or(u32::MAX);
    f64::from(upper) / 4_294_967_296.0
}

/// Carries a plan out; the answer, if there is to be another than the usual one.
pub(crate) async fn disturb(
    disturbance: Disturbance,
    error_answer: impl Fn(HeaderMap, StatusCode, Option<String>, Option<u32>) -> Response,
) -> Option<Response> {
    if !disturbance.delay.is_zero() {
        tokio::time::sleep(disturbance.delay).await;
    }
    let status = |number| StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Some(match disturbance.outcome? {
        Effect::Error {
            status: number,
            code,
            aadsts,
            retry_after,
        } => {
            let mut headers = HeaderMap::new();
            if let Some(value) = retry_after.and_then(|value| value.parse().ok()) {
                headers.insert(header::RETRY_AFTER, value);
            }
            error_answer(headers, status(number), code, aadsts)
        }
        Effect::Html(number) => (
            status(number),
            Html("<!DOCTYPE html><html><head><title>Service unavailable</title></head><body><h2>Our services aren't available right now</h2></body></html>"),
        )
            .into_response(),
        Effect::Empty(number) => status(number).into_response(),
        Effect::DelayMs(_) => return None,
        Effect::Hang => match std::future::pending::<Infallible>().await {},
        Effect::Cut => cut(),
    })
}

/// An answer that breaks off, upon which the server drops the connection.
pub(crate) fn cut() -> Response {
    ([(header::CONTENT_LENGTH, "1024")], Body::new(BrokenBody)).into_response()
}

/// A body that fails at once, upon which the server drops the connection.
struct BrokenBody;

impl HttpBody for BrokenBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microsoft::Operation;

    fn rule(trigger: Trigger, effect: Effect) -> Rule<Operation> {
        Rule {
            operation: Some(Operation::Token),
            account: None,
            trigger,
            moment: Moment::Before,
            effect,
        }
    }

    fn hits(trigger: Trigger, requests: usize) -> Vec<bool> {
        let faults = Faults::default();
        faults.add(vec![rule(trigger, Effect::Hang)]);
        (0..requests)
            .map(|_| faults.plan(&Operation::Token, &[]).before.outcome.is_some())
            .collect()
    }

    #[test]
    fn triggers_hit_the_requests_they_name() {
        assert_eq!(hits(Trigger::Always, 3), [true, true, true]);
        assert_eq!(hits(Trigger::Nth(2), 3), [false, true, false]);
        assert_eq!(hits(Trigger::First(2), 3), [true, true, false]);
    }

    #[test]
    fn a_probability_is_repeatable_and_about_right() {
        let trigger = Trigger::Probability {
            chance: 0.3,
            seed: 7,
        };
        let first = hits(trigger, 1000);
        assert_eq!(first, hits(trigger, 1000));
        let share = first.iter().filter(|hit| **hit).count();
        assert!((240..360).contains(&share), "{share} of 1000");
    }

    #[test]
    fn delays_add_up_and_the_first_outcome_wins() {
        let faults = Faults::default();
        faults.add(vec![
            rule(Trigger::Always, Effect::DelayMs(20)),
            rule(Trigger::Always, Effect::Html(500)),
            rule(Trigger::Always, Effect::DelayMs(30)),
            rule(Trigger::Always, Effect::Cut),
        ]);
        let plan = faults.plan(&Operation::Token, &[]);
        assert_eq!(plan.before.delay, Duration::from_millis(50));
        assert!(matches!(plan.before.outcome, Some(Effect::Html(500))));
        assert!(faults.plan(&Operation::Me, &[]).before.outcome.is_none());
    }
}
