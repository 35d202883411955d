//! The client: datagrams to the ports of a sequence, and a look whether the door is open.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::time::Duration;

use crate::door::Sequence;

/// The pause between two knocks unless another is asked for: packets to different ports can overtake each other in the
/// queues of a network card.
pub const DEFAULT_DELAY: Duration = Duration::from_millis(50);

/// Which addresses of a host to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Family {
    /// The first IPv4 address, since doors open for IPv4; the first IPv6 address if there is no other.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// A knock that can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The name has no address.
    #[error("the address of `{host}` can't be found: {reason}")]
    Unresolved {
        /// The host.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// The name has only addresses of the other family.
    #[error("`{host}` has no {wanted} address, only {found}")]
    WrongFamily {
        /// The host.
        host: String,
        /// The family asked for.
        wanted: &'static str,
        /// An address that it has.
        found: IpAddr,
    },
    /// No socket.
    #[error("no UDP socket: {0}")]
    Socket(io::Error),
    /// A knock couldn't be sent.
    #[error("knock {knock} of {knocks} can't be sent to {to}: {error}")]
    Send {
        /// Which one, from 1.
        knock: usize,
        /// How many there are.
        knocks: usize,
        /// The host's address.
        to: IpAddr,
        /// What the kernel said.
        error: io::Error,
    },
    /// The door couldn't be tried.
    #[error("no connection to {to} can be tried: {error}")]
    Probe {
        /// The address and port.
        to: SocketAddr,
        /// What the kernel said.
        error: io::Error,
    },
}

/// The address of a host, given by name or as an address; its port is 0.
///
/// # Errors
/// [`ClientError::Unresolved`] or [`ClientError::WrongFamily`].
pub fn resolve(host: &str, family: Family) -> Result<SocketAddr, ClientError> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let unresolved = |reason: String| ClientError::Unresolved { host: host.to_owned(), reason };
    let addresses: Vec<SocketAddr> = (bare, 0)
        .to_socket_addrs()
        .map_err(|error| {
            let text = error.to_string();
            unresolved(
                text.strip_prefix("failed to lookup address information: ").unwrap_or(&text).to_owned(),
            )
        })?
        .collect();
    let first = *addresses.first().ok_or_else(|| unresolved("it has none".to_owned()))?;
    let v4 = addresses.iter().find(|address| address.is_ipv4());
    let v6 = addresses.iter().find(|address| address.is_ipv6());
    let (chosen, wanted) = match family {
        Family::Any => (v4.or(v6), ""),
        Family::V4 => (v4, "IPv4"),
        Family::V6 => (v6, "IPv6"),
    };
    chosen.copied().ok_or_else(|| ClientError::WrongFamily {
        host: host.to_owned(),
        wanted,
        found: first.ip(),
    })
}

/// Sends an empty datagram to each port of the sequence, in order, with a pause between them.
///
/// # Errors
/// [`ClientError::Socket`] or [`ClientError::Send`]. That no error came says nothing of the door.
pub fn knock(host: SocketAddr, sequence: &Sequence, delay: Duration) -> Result<(), ClientError> {
    let any: SocketAddr = match host {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    // Not connected: an answer "port unreachable" to one knock would become the next one's error.
    let socket = UdpSocket::bind(any).map_err(ClientError::Socket)?;
    let knocks = sequence.ports().len();
    for (at, &port) in sequence.ports().iter().enumerate() {
        if at > 0 {
            std::thread::sleep(delay);
        }
        let mut to = host;
        to.set_port(port);
        socket.send_to(&[], to).map_err(|error| ClientError::Send {
            knock: at + 1,
            knocks,
            to: host.ip(),
            error,
        })?;
    }
    Ok(())
}

/// What a TCP port answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It takes the connection.
    Open,
    /// It refuses: the door is open, but nothing listens behind it.
    Refused,
    /// Nothing came back in time: the door is closed, or the host is away.
    Filtered,
}

impl Answer {
    /// The answer in one word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Filtered => "filtered",
        }
    }
}

/// Tries a TCP port for at most `timeout`, which must not be zero.
///
/// # Errors
/// [`ClientError::Probe`] if the kernel can't even try, for instance without a route.
pub fn probe(to: SocketAddr, timeout: Duration) -> Result<Answer, ClientError> {
    match TcpStream::connect_timeout(&to, timeout) {
        Ok(_) => Ok(Answer::Open),
        Err(error) => match error.kind() {
            ErrorKind::ConnectionRefused => Ok(Answer::Refused),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Ok(Answer::Filtered),
            _ => Err(ClientError::Probe { to, error }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let ip = |host, family| resolve(host, family).map(|address| address.ip().to_string());
        assert_eq!(ip("192.0.2.1", Family::Any).unwrap(), "192.0.2.1");
        assert_eq!(ip("[2001:db8::1]", Family::Any).unwrap(), "2001:db8::1");
        assert_eq!(ip("2001:db8::1", Family::V6).unwrap(), "2001:db8::1");
        let error = ip("192.0.2.1", Family::V6).unwrap_err().to_string();
        assert_eq!(error, "`192.0.2.1` has no IPv6 address, only 192.0.2.1");
        let error = ip("2001:db8::1", Family::V4).unwrap_err().to_string();
        assert_eq!(error, "`2001:db8::1` has no IPv4 address, only 2001:db8::1");
        let error = ip("no such host", Family::Any).unwrap_err().to_string();
        assert!(error.starts_with("the address of `no such host` can't be found: "), "{error}");
        assert!(!error.contains("failed to lookup"), "{error}");
    }
}
