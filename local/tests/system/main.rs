//! The whole system over HTTP, as VAPI, the CRM and a browser meet it.
//!
//! Every test starts a system of its own on free ports, at a fixed point in time,
//! and looks at what it did: the answers, the rows, and the simulated mailbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail where it stands"
)]

mod access;
mod access_by_token;
mod appointment_pages;
mod appointments;
mod approval;
mod assistants;
mod availability;
mod bad_bodies;
mod bad_calls;
mod bad_requests;
mod bindings;
mod booking;
mod browser;
mod by_road;
mod cancelling;
mod changing_events;
mod clock_changes;
mod confirmation_email;
mod connect_links;
mod connecting;
mod connection_state;
mod conversations;
mod crashes;
mod credentials;
mod crowds;
mod dashboard;
mod double_bookings;
mod events;
mod fault_matrix;
mod feed_server;
mod feeds;
mod filling_secrets;
mod fuzzing;
mod idempotency_keys;
mod invariants;
mod issuer;
mod joint_times;
mod kept_listings;
mod listing_sources;
mod logs;
mod mailbox;
mod many_staff;
mod microsoft;
mod model;
mod moving;
mod moving_in_outlook;
mod oauth_attacks;
mod oauth_leaks;
mod observing;
mod openapi;
mod operating;
mod other_accounts;
mod outlook;
mod process;
mod properties;
mod races;
mod refreshing;
mod removing_events;
mod rental_search;
mod rentals;
mod rentals_import;
mod replays;
mod restoring;
mod retention;
mod routes;
mod samples;
mod scenarios;
mod scheduling_settings;
mod search_speed;
mod settings;
mod settling;
mod settling_changes;
mod slot_ids;
mod steps;
mod system;
mod travelling;
mod upstream_faults;
mod vapi_dashboard;
mod viewings;
mod voice;
mod web_in_calls;
mod webhook;
mod webhook_credentials;
