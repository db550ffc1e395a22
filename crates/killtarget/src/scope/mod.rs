//! The processes that a call is about. Each is found, opened and signalled through its own handle.

mod assigned_pids;
mod bounds;
pub(crate) mod completeness;
mod contained;
pub(crate) mod evidence;
pub(crate) mod excepted;
pub(crate) mod group;
pub(crate) mod kernel;
mod kill_phase;
pub(crate) mod latecomers;
pub(crate) mod liveness;
pub(crate) mod member;
pub(crate) mod members;
pub(crate) mod orphans;
pub(crate) mod process_table;
pub(crate) mod recipients;
pub(crate) mod resolve;
pub(crate) mod scan;
pub(crate) mod search;
pub(crate) mod signaling;
pub(crate) mod stop_check;
pub(crate) mod survivor;
pub(crate) mod sweep;
pub(crate) mod tree;
pub(crate) mod walk;
