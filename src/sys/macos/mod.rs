//! macOS: the unique id of each process, and audit tokens where the system has them.
