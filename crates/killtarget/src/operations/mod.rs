//! One-time operations on every process in scope.

pub(crate) mod background;
pub(crate) mod descendants;
pub(crate) mod suspend;
