//! Windows: one process, and a job that it alone holds.
//!
//! The **guard** is what the host has started. The command is made inside a job that ends all its processes with its last
//! handle (`KILL_ON_JOB_CLOSE`), and lets none leave. The one handle is the guard's. So:
//!
//! - If the guard is ended in any way, the kernel ends all that the command has started.
//! - The guard exits only once the job has no process any more.
//!
//! Windows has no polite signal: `terminate` ends all at once, as `kill` does.
//!
//! Nothing of the job's rules could be tried here on Windows itself. They are MSDN's: Job Objects, Nested Jobs.

mod board;
mod command_line;
mod ending;
mod guard;
mod hosts;
mod inherited;
mod refusal;
mod report;
mod search;
mod sys;
mod watch;

use std::ffi::CString;

use self::{
    board::Board,
    command_line::Word,
    guard::{Guard, Parts},
    hosts::Hosts,
    refusal::{NOT_EXECUTABLE, NOT_FOUND, Refusal},
    report::report,
    sys::{Job, Program, Start},
};
use crate::{
    argument_error::ArgumentError,
    arguments::{self, Begin, Leftovers, Options},
};

/// Is the guard of the command that the command line names.
pub fn start() -> ! {
    sys::ignore_console_events();
    match prepare() {
        Ok(guard) => guard.run(),
        Err(Refusal { code, subject, text, error }) => {
            report(&subject, text, error);
            sys::exit(code)
        }
    }
}

fn prepare() -> Result<Guard, Refusal> {
    let board = Board::make().map_err(|error| Refusal::failed("state", "cannot be made", Some(error)))?;
    let line = sys::command_line();
    let words = command_line::words(&line);
    let texts: Vec<CString> = words.iter().skip(1).map(text_of).collect();
    let (options, position) = arguments::parse(texts.iter().map(CString::as_c_str))?;
    if let Some(reason) = unavailable(&options) {
        return Err(reason);
    }
    let (Some(command), before) = (words.get(position + 1), words.get(..=position).unwrap_or_default())
    else {
        return Err(ArgumentError::NoCommand.into());
    };
    let options = if options.watch {
        watch::wait(&options, &board)?;
        Options { orphaned: None, ..options }
    } else {
        options
    };
    let hosts = Hosts::open(&options)?;
    let program = find(command)?;
    let job = Job::new().map_err(|error| Refusal::failed("job", "cannot be made", Some(error)))?;
    let argv0 =
        options.argv0.and_then(|_| before.iter().rev().find_map(|word| word.units.strip_prefix(ARGV0)));
    let watches_input = options.until_stdin_ends && options.orphaned.is_some();
    let start = Start {
        program: &program,
        line: command_line::of_command(&line, command, argv0),
        has_console: !options.session && sys::has_console(),
        keeps_input: watches_input,
    };
    let started = start.run(&job).map_err(|error| Refusal {
        code: if error.is_not_found() { NOT_FOUND } else { NOT_EXECUTABLE },
        subject: utf8(&command.units),
        text: "cannot be executed",
        error: Some(error),
    })?;
    board.name_command(started.pid);
    let input = watches_input.then(sys::watch_input).flatten();
    Ok(Guard::new(&options, Parts { board, job, hosts, command: started.process, input }))
}

/// `--argv0=`
const ARGV0: &[u16] =
    &[b'-' as u16, b'-' as u16, b'a' as u16, b'r' as u16, b'g' as u16, b'v' as u16, b'0' as u16, b'=' as u16];

/// What other systems can do with the processes of a command, and this one cannot.
fn unavailable(options: &Options) -> Option<Refusal> {
    let subject = match (options.leftovers, options.begin) {
        // The job ends with the guard.
        (Leftovers::Keep, _) => "--leftovers=keep",
        (_, Begin::AtRequest) => "--wait",
        (_, Begin::Never) => "--check",
        _ => return None,
    };
    Some(Refusal::failed(subject, "not available on Windows", None))
}

fn find(command: &Word) -> Result<Program, Refusal> {
    let refuse = |code, text| Refusal { code, subject: utf8(&command.units), text, error: None };
    let path = sys::variable("PATH");
    let found = search::find(&command.units, &path, sys::is_file);
    let found = found.ok_or_else(|| refuse(NOT_FOUND, "not found"))?;
    if search::is_batch(&found) {
        return Err(refuse(NOT_EXECUTABLE, "a batch file: start it by cmd.exe"));
    }
    Ok(Program::new(found))
}

fn text_of(word: &Word) -> CString {
    // A command line has no null inside.
    CString::new(utf8(&word.units)).unwrap_or_default()
}

fn utf8(units: &[u16]) -> Vec<u8> {
    String::from_utf16_lossy(units).into_bytes()
}
