//! Links a function to run at fixed addresses.
//!
//! One that may run anywhere has some 27,000 pointers put right whenever it starts, on
//! pages that it then cannot share: 0.3 ms, a tenth of what a first answer takes. What
//! that is a defence against is memory that is written out of bounds. Nothing here does,
//! but for what may be wrong in the cryptography, and around each function there is a
//! virtual machine.

pub(crate) fn main() {
    println!("cargo::rerun-if-changed=../../infra/link/build.rs");
    println!("cargo::rustc-link-arg-bins=-no-pie");
}
