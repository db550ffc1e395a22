//! One-time operations on every process in scope.

pub(crate) mod background;
pub(crate) mod descendants;
mod kill;
pub(crate) mod leftovers;
pub(crate) mod listeners;
pub(crate) mod suspend;
