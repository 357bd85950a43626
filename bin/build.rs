//! Links the released executable so that equal functions are one function, because the AWS SDK's crates have thousands that differ
//! in nothing but their types; and writes the places that depend on the load address in RELR's form. The one takes 5 MB from the file
//! and 3 MB from the memory; the other 6 MB from both, where it is built on glibc 2.36 or later.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    println!("cargo:rerun-if-env-changed=CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER");
    // while developing, the time of the link counts
    if env::var("PROFILE").as_deref() == Ok("release") && links_with_lld() {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
        if loads_relr() {
            println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
}

/// Whether this system's glibc loads executables in RELR's form. It does since 2.36; an older one refuses them, so that an executable
/// for older systems has to be built on one of them, as one for any older glibc has.
///
/// <https://sourceware.org/glibc/wiki/Release/2.36>
fn loads_relr() -> bool {
    let version = || {
        let printed = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
        let text = String::from_utf8(printed.stdout).ok()?;
        let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.split('.').next()?.parse::<u32>().ok()?))
    };
    version().is_some_and(|version| version >= (2, 36))
}

/// Whether rustc links with its own LLD, which knows the option; another linker, or one that the user chose, may not.
///
/// It does so on this target since Rust 1.90: <https://blog.rust-lang.org/2025/09/01/rust-lld-on-1.90.0-stable/>
fn links_with_lld() -> bool {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    let is = |variable: &str, value: &str| env::var(variable).as_deref() == Ok(value);
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    is("TARGET", TARGET)
        && is("HOST", TARGET)
        && env::var_os("RUSTC_LINKER").is_none()
        && !flags.contains("link")
        && sysroot().is_some_and(|root| root.join("lib/rustlib").join(TARGET).join("bin/gcc-ld/ld.lld").is_file())
}

fn sysroot() -> Option<PathBuf> {
    let rustc = env::var_os("RUSTC")?;
    let printed = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let path = String::from_utf8(printed.stdout).ok()?;
    Some(Path::new(path.trim()).to_owned())
}
