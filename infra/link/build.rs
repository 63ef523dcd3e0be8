//! Links a function to run at fixed addresses, and with the unwinder in it.
//!
//! One that may run anywhere has some 27,000 pointers put right whenever it starts, on
//! pages that it then cannot share: 0.3 ms, a tenth of what a first answer takes. What
//! that is a defence against is memory that is written out of bounds. Nothing here does,
//! but for what may be wrong in the cryptography, and around each function there is a
//! virtual machine.
//!
//! The unwinder is all that is used of `libgcc_s`, and loading that takes another 4 %: it
//! asks the processor what it can do, which a virtual machine answers slowly. The linker
//! that `sam build` brings puts the unwinder into the program by itself.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

#[expect(
    clippy::disallowed_methods,
    reason = "this is how Cargo and a build script talk"
)]
pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../infra/link/build.rs");
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if env::var("CARGO_CFG_TARGET_ENV")? == "gnu" {
        // The compiler asks for `libgcc_s`; under that name it finds the archive.
        let folder = PathBuf::from(env::var("OUT_DIR")?);
        fs::write(folder.join("libgcc_s.so"), "INPUT(-lgcc_eh)\n")?;
        println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
    }
    Ok(())
}
