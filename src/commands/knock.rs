//! `knock`: the client.

use std::io::Write as _;
use std::time::Duration;

use knockwright_firewall::client::{self, Answer, ClientError, Family};
use knockwright_firewall::door::Sequence;

use super::check::{self, User};
use crate::cli::Knock;
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output, style};

/// How long an answer of the TCP port is waited for; a lost first packet is sent again within this time.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(3);

pub(crate) fn run(args: &Knock) -> Outcome {
    let (sequence, door_port) = sequence(args)?;
    let verify = match args.verify {
        None => None,
        Some(port) => Some(port.or(door_port).ok_or_else(|| {
            Failure::new(
                Status::Usage,
                "--verify needs a port if the knocks are given as ports: `--verify PORT`",
            )
        })?),
    };
    let family = match (args.ipv4, args.ipv6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    };
    let delay = Duration::from_millis(args.delay.into());
    let mut host = client::resolve(&args.host, family).map_err(failure)?;
    client::knock(host, &sequence, delay).map_err(failure)?;

    let mut out = output::stdout();
    let knocks = sequence.ports().len();
    let plural = if knocks == 1 { "" } else { "s" };
    writeln!(out, "sent {knocks} knock{plural} to {}", host.ip())?;
    let Some(port) = verify else {
        return Ok(Status::Done);
    };
    out.flush()?;
    std::thread::sleep(delay); // the last knock may be overtaken too
    host.set_port(port);
    let answer = client::probe(host, VERIFY_TIMEOUT).map_err(failure)?;
    let (style, meaning) = match answer {
        Answer::Open => (style::GOOD, ""),
        Answer::Refused => (style::ERROR, ": the host answers, but nothing listens on the port"),
        Answer::Filtered => (style::ERROR, ": the door stayed closed, or the host is away; knock again"),
    };
    writeln!(out, "port {port} is {style}{}{style:#}{meaning}", answer.name())?;
    Ok(if answer == Answer::Open { Status::Done } else { Status::Rejected })
}

/// The sequence, and the door's port if it's known.
fn sequence(args: &Knock) -> Result<(Sequence, Option<u16>), Failure> {
    let is_number = |text: &String| text.chars().all(|c| c.is_ascii_digit());
    if let [name] = args.door.as_slice()
        && !is_number(name)
    {
        let door = check::usable(&args.config, User::Client)?.door;
        if door.name != *name {
            return Err(Failure::bad_input(format!(
                "{}: no door is called `{name}`; there is `{}`",
                files::name(&args.config),
                door.name
            )));
        }
        return Ok((door.sequence, Some(door.port)));
    }
    let mut ports = Vec::new();
    for text in &args.door {
        let port = text.parse().ok().filter(|&port: &u16| port != 0);
        ports.push(port.ok_or_else(|| {
            Failure::new(
                Status::Usage,
                format!("`{text}` is no port: give one door's name, or ports, 1 to 65535"),
            )
        })?);
    }
    let sequence = Sequence::new(ports).map_err(|error| Failure::new(Status::Usage, error))?;
    Ok((sequence, None))
}

fn failure(error: ClientError) -> Failure {
    let status = match error {
        ClientError::Unresolved { .. } | ClientError::WrongFamily { .. } => Status::BadInput,
        _ => Status::NotPossible,
    };
    Failure::new(status, error)
}
