//! Starts the tools of an agent, and the agent when they listen.

use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret as _;

use super::program::Program;
use super::wish::{AgentWish, ProgramWish};
use crate::dev::gateway::{Here, INHERITED};
use crate::dev::{DevHome, Error};

/// The longest time that a tool may take until it listens: a program may fetch its packages first.
const PATIENCE: Duration = Duration::from_mins(2);
/// Pause between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// An agent that runs, and its tools. They end with this value, and with this process.
pub struct Running {
    agent: Program,
    tools: Vec<Program>,
    _files: Here,
}

/// Starts the tools, waits until each listens, and starts the agent; nothing when `go_on` says no before.
///
/// # Errors
/// A command does not start, or a tool ended or did not listen in time.
pub fn start(home: &DevHome, wish: &AgentWish, go_on: impl Fn() -> bool) -> Result<Option<Running>, Error> {
    let here = Here::write(home, &wish.directories)?;
    let mut tools = Vec::new();
    for tool in &wish.tools {
        tools.push(Program::start(&tool.name, &tool.command, |command| prepare(command, tool, &here, Output::Log))?);
    }
    for (tool, program) in wish.tools.iter().zip(&mut tools) {
        if !listens(tool, program, &go_on)? {
            return Ok(None);
        }
    }
    let program = &wish.program;
    let agent = Program::start(&program.name, &program.command, |command| {
        prepare(command, program, &here, Output::Own);
        command.envs(wish.places.iter().map(|(name, path)| (name, here.moved(path))));
    })?;
    Ok(Some(Running { agent, tools, _files: here }))
}

/// A port on 127.0.0.1 that nobody listens on.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    Ok(listener.map_err(|cause| Error::Port { port: 0, cause })?.port())
}

/// Where the standard output of a command goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Output {
    /// To ours: it is what the user waits for.
    Own,
    /// To our standard error, beside what langop says.
    Log,
}

/// The pod's variables, moved to here, and nothing else of the user's but what a program needs to run here at all: an
/// agent holds no key of a vendor's.
fn prepare(command: &mut Command, wish: &ProgramWish, here: &Here, output: Output) {
    command.env_clear();
    let inherited = INHERITED.into_iter().chain(["HOME"]);
    command.envs(inherited.filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.env("TMPDIR", here.scratch());
    for (name, value) in &wish.variables {
        let bytes = value.expose_secret();
        let value = std::str::from_utf8(bytes).map(|text| here.moved(text).into());
        command.env(name, value.unwrap_or_else(|_| OsString::from_vec(bytes.clone())));
    }
    if output == Output::Log {
        let stderr = std::io::stderr().as_fd().try_clone_to_owned();
        command.stdout(stderr.map_or_else(|_| Stdio::null(), Stdio::from));
    }
}

fn listens(wish: &ProgramWish, program: &mut Program, go_on: &impl Fn() -> bool) -> Result<bool, Error> {
    let Some(port) = wish.port else { return Ok(true) };
    let begun = Instant::now();
    while go_on() {
        if let Some(status) = program.ended() {
            return Err(Error::ProgramEnded { name: wish.name.clone(), status: status.to_string() });
        }
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(true);
        }
        if begun.elapsed() > PATIENCE {
            return Err(Error::ProgramSilent { name: wish.name.clone(), port, within: PATIENCE });
        }
        std::thread::sleep(PAUSE);
    }
    Ok(false)
}

impl Running {
    /// The exit status of the agent; nothing while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.agent.ended()
    }

    /// The first tool that ended, and how.
    pub fn ended_tool(&mut self) -> Option<(String, ExitStatus)> {
        self.tools.iter_mut().find_map(|tool| Some((tool.name().to_owned(), tool.ended()?)))
    }

    /// Asks the agent to end, then its tools, and waits until they did or `go_on` says no.
    pub fn finish(mut self, go_on: impl Fn() -> bool) {
        for program in std::iter::once(&mut self.agent).chain(&mut self.tools) {
            program.ask_to_end();
            while program.ended().is_none() && go_on() {
                std::thread::sleep(PAUSE);
            }
        }
    }
}
