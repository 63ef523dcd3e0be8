//! The whole system on one machine, and the commands around it.
//!
//! The functions run as they do in Lambda; what surrounds them (API Gateway,
//! DynamoDB, Secrets Manager, Microsoft, VAPI) is on loopback. Only endpoints differ from
//! production, never types.

mod account;
pub mod aws;
pub mod bench;
pub mod call;
pub mod defaults;
mod deployed;
pub mod doctor;
pub mod fault_spec;
pub mod faults;
mod fuse;
mod gateway;
pub mod load;
pub mod microsoft;
pub mod rentals;
pub mod restore;
pub mod search;
pub mod secrets;
mod seed;
pub mod serve;
pub mod slots;
pub mod smoke;
pub mod soundness;
mod system;
mod template;
pub mod vapi_api;
pub mod vapi_dashboard;

pub use fault_spec::Fault;
pub use fuse::Fuse;
pub use system::{LocalSystem, Options};
pub use template::{Parameters, Template, TemplateError};
