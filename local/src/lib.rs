//! The whole system on one machine, and the commands around it.
//!
//! The functions run as they do in Lambda; what surrounds them (API Gateway,
//! DynamoDB, Secrets Manager, Microsoft) is on loopback. Only endpoints differ from
//! production, never types.

pub mod aws;
pub mod call;
pub mod defaults;
pub mod fault_spec;
pub mod faults;
mod fuse;
mod gateway;
pub mod microsoft;
pub mod rentals;
mod seed;
pub mod serve;
pub mod slots;
mod system;
mod template;

pub use fault_spec::Fault;
pub use fuse::Fuse;
pub use system::{LocalSystem, Options};
pub use template::{Parameters, Template, TemplateError};
