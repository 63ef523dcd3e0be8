//! Tests of the engine as a whole: tables of cases, and properties over random
//! hosts, one of which compares with an oracle that was written apart from it.

mod boundaries;
mod extremes;
mod oracle;
mod properties;
mod random;
mod several;
mod tables;
