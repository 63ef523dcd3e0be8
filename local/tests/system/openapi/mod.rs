//! The OpenAPI document against the code: its routes are those of the template, its
//! field names those that the CRM's front end knows, and whatever a route answers in any
//! of the tests here is documented.

mod answers;
mod document;
mod field_names;
mod form;

pub(crate) use document::assert_documented;
