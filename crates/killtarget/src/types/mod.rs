//! Plain values without system calls. `sys` adds the methods that need the system's tables.

mod capabilities;
mod containment;
mod delivery;
mod error;
mod exit;
mod identity;
mod method;
mod pid;
mod pid_clock;
mod process_info;
mod scope;
mod signal;
mod token;

pub use capabilities::Capabilities;
pub use containment::Containment;
pub(crate) use containment::GuardRole;
pub use delivery::Delivery;
pub use error::{Error, ProtectedProcess};
pub use exit::Exit;
pub use identity::{Identity, Verification};
pub use method::Method;
pub use pid::{InvalidPid, Pid};
pub use pid_clock::PidClock;
pub use process_info::{CommandLine, ProcessInfo};
pub use scope::Scope;
pub use signal::Signal;
pub(crate) use token::Place;
pub use token::{InvalidToken, Token};
