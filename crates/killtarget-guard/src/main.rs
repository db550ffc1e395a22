//! See the library.

// Without the runtime of Rust: it would change how signals are handled.
#![cfg_attr(any(target_os = "linux", target_os = "macos", windows), no_main)]

#[cfg(any(target_os = "linux", target_os = "macos"))]
#[unsafe(no_mangle)]
#[allow(unsafe_code)] // the C library calls it by this name
extern "C" fn main(count: std::ffi::c_int, arguments: *const *const std::ffi::c_char) -> std::ffi::c_int {
    // SAFETY: the C library has passed them, and has started no thread.
    unsafe { killtarget_guard::start(count, arguments) }
}

#[cfg(windows)]
#[unsafe(no_mangle)]
#[allow(unsafe_code)] // the C library calls it by this name
extern "C" fn main() -> std::ffi::c_int {
    killtarget_guard::start()
}

/// There is no guard for this system yet.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(125)
}
