//! What the guards of all Unix systems share.

pub(crate) mod clock;
pub(crate) mod command;
pub(crate) mod escalation;
pub(crate) mod gate;
pub(crate) mod pause;
pub(crate) mod report;
