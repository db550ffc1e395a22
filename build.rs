//! Link arguments for a Node-API addon; nothing at all for the plain Rust library.

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
