//! The simulated Microsoft by itself, driven over HTTP as its clients do.

mod calendar;
mod control;
mod faults;
mod harness;
mod persistence;
mod schedule_and_mail;
mod sign_in;
mod sign_in_errors;
