//! The inventory: what can be viewed, how it is read from what people write, and
//! whether it can be had; which rental a caller means, and which ones suit what they
//! look for.
//!
//! `written` reads single values, `form` all the fields of one rental, `import` the
//! rows of a file, and `take_in` brings those into the inventory.

mod address;
mod availability;
mod field;
mod file;
mod form;
mod import;
mod inventory;
pub mod matching;
pub mod search;
mod shown;
mod take_in;
mod wording;
mod written;

pub use address::address_key;
#[cfg(test)]
pub(crate) use availability::tests::rental as a_rental;
pub use availability::{Availability, local_date};
pub use file::{FileError, FileFormat, rows_of};
pub use form::{RentalForm, website_name};
pub use import::{CsvRows, Row, RowsError, csv_reader, is_blank};
pub use inventory::{Inventory, InventoryError};
pub use shown::Shown;
pub use take_in::{Import, ImportReport, Owner, RejectedRow};

pub use crate::store::{AvailableDate, Bathrooms, Price, Rental, SourceType};
