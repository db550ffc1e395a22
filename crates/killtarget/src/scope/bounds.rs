//! Which processes a scope includes.

use super::{process_table::ProcessTable, tree::Tree};
use crate::types::Scope;

/// What the scope includes.
pub(crate) enum Bounds<T: ProcessTable> {
    Process,
    Group,
    Tree(Tree<T>),
}

impl<T: ProcessTable> From<Scope> for Bounds<T> {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Process => Self::Process,
            Scope::Group => Self::Group,
            Scope::Tree => Self::Tree(Tree::new()),
        }
    }
}
