//! Connecting a calendar in headless Chromium, as a person does: what a real browser
//! makes of the cookie, the policies, the redirects and the pages. `.ci/browser`
//! runs it; it needs Chromium and its driver.
//!
//! A scenario that fails leaves a picture and the source of the page at which it
//! stood in `target/browser/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail where it stands"
)]

mod chromium;
mod scenarios;
mod visit;
