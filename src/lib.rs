//! The Node-API binding of the core. It converts and decides nothing.
//!
//! Users of the npm package see the TypeScript API above it.

#![cfg_attr(test, allow(dead_code))] // a test build registers no functions with Node, so nothing calls them

mod completions;
mod convert;
mod environment;
mod functions;
mod handle_table;
mod objects;
mod opening;
mod system;
#[cfg(feature = "test-hooks")]
mod test_hooks;
mod tree;
