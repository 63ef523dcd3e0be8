//! The whole system on one machine, and the commands around it.
//!
//! The functions run as they do in Lambda; what surrounds them (API Gateway,
//! DynamoDB, Secrets Manager, Microsoft) is on loopback. Only endpoints differ from
//! production, never types.

pub mod aws;
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
pub mod secrets;
mod seed;
pub mod serve;
pub mod slots;
pub mod smoke;
pub mod soundness;
mod system;
mod template;

pub use fault_spec::Fault;
pub use fuse::Fuse;
pub use system::{LocalSystem, Options};
pub use template::{Parameters, Template, TemplateError};
