//! The whole system on one machine, and the commands around it.
//!
//! The functions run as they do in Lambda; what surrounds them (API Gateway,
//! DynamoDB, Secrets Manager, Microsoft, VAPI) is on loopback. Only endpoints differ from
//! production, never types.

pub mod aws;
pub mod bench;
pub mod call;
pub mod defaults;
pub mod fault_spec;
pub mod faults;
mod fuse;
mod gateway;
pub mod microsoft;
mod seed;
pub mod serve;
pub mod slots;
mod system;
mod template;
pub mod vapi_api;
pub mod vapi_dashboard;

pub use fault_spec::Fault;
pub use fuse::Fuse;
pub use system::{LocalSystem, Options};
pub use template::{Parameters, Template, TemplateError};
