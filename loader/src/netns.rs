//! Throw-away network namespaces with a cable between them, to try programs in without touching the machine's network.
//!
//! A namespace here has no name and no process: an open file keeps it. When the last handle is dropped, or the process
//! ends in whatever way, the kernel removes the namespace with its interfaces and everything attached to them.
//! Needs `CAP_SYS_ADMIN`, `CAP_NET_ADMIN`, and the command `ip` of iproute2 for setting up interfaces.

use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space, unshare_unsafe};

use knockwright_asm::linux::errno;

use crate::errno::Errno;

/// A namespace that can't be made or set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetnsError {
    /// The privileges are missing.
    #[error("making a network namespace is not permitted ({0}); run as root")]
    NotPermitted(Errno),
    /// Making or entering one failed.
    #[error("{what} a network namespace failed: {errno}")]
    Failed {
        /// What was done.
        what: &'static str,
        /// What the kernel said.
        errno: Errno,
    },
    /// The command `ip` couldn't be started.
    #[error("the command `ip` can't be started ({0}); install iproute2")]
    NoIp(io::Error),
    /// The command `ip` failed.
    #[error("`ip {arguments}` failed: {message}")]
    Ip {
        /// What it was called with.
        arguments: String,
        /// What it said.
        message: String,
    },
    /// An interface was set up and doesn't come up.
    #[error("interface `{interface}` doesn't come up")]
    NotUp {
        /// Which one.
        interface: String,
    },
    /// The closure that ran in the namespace panicked.
    #[error("the code run in the network namespace panicked")]
    Panicked,
}

impl NetnsError {
    fn new(what: &'static str, errno: Errno) -> Self {
        match errno.0 {
            errno::EPERM => Self::NotPermitted(errno),
            _ => Self::Failed { what, errno },
        }
    }
}

/// A network namespace.
#[derive(Debug)]
pub struct Netns {
    file: File,
}

impl Netns {
    /// Makes an empty one, with its loopback interface up.
    ///
    /// # Errors
    /// [`NetnsError`].
    pub fn new() -> Result<Self, NetnsError> {
        let made = std::thread::spawn(|| {
            // SAFETY: a new network namespace for this thread alone; no memory or descriptor table is unshared.
            unsafe { unshare_unsafe(UnshareFlags::NEWNET) }.map_err(Errno::from)?;
            File::open("/proc/thread-self/ns/net").map_err(|error| Errno::of(&error))
        });
        let file = made
            .join()
            .map_err(|_| NetnsError::Panicked)?
            .map_err(|errno| NetnsError::new("making", errno))?;
        let netns = Self { file };
        netns.ip(&["link", "set", "lo", "up"])?;
        Ok(netns)
    }

    /// Runs a closure inside, on a thread of its own. Sockets and descriptors that it makes stay in the namespace.
    ///
    /// # Errors
    /// [`NetnsError::Failed`] if it can't be entered, [`NetnsError::Panicked`] if the closure panics.
    pub fn run<T: Send>(&self, f: impl FnOnce() -> T + Send) -> Result<T, NetnsError> {
        std::thread::scope(|scope| {
            let inside = scope.spawn(|| {
                move_into_link_name_space(self.file.as_fd(), Some(LinkNameSpaceType::Network))
                    .map_err(|errno| NetnsError::new("entering", errno.into()))?;
                Ok(f())
            });
            inside.join().map_err(|_| NetnsError::Panicked)?
        })
    }

    /// Runs `ip` inside and returns what it printed.
    ///
    /// # Errors
    /// [`NetnsError::NoIp`], [`NetnsError::Ip`].
    pub fn ip(&self, arguments: &[&str]) -> Result<String, NetnsError> {
        let output = self.run(|| Command::new("ip").args(arguments).output())?.map_err(NetnsError::NoIp)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(NetnsError::Ip {
            arguments: arguments.join(" "),
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// A path that other programs of this user can open the namespace by (`nsenter --net=PATH`) as long as it lives.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), self.file.as_raw_fd()))
    }
}

/// The interfaces' link-layer addresses, locally administered.
const SERVER_MAC: &str = "02:00:00:00:00:01";
const CLIENT_MAC: &str = "02:00:00:00:00:02";

/// Waits until an interface sends. Setting it up only tells the kernel to do so: until it did, it drops packets.
fn wait_until_up(netns: &Netns, interface: &str) -> Result<(), NetnsError> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let end = Instant::now() + PATIENCE;
    while !netns.ip(&["-oneline", "link", "show", "dev", interface])?.contains("state UP") {
        if Instant::now() > end {
            return Err(NetnsError::NotUp { interface: interface.to_owned() });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Two namespaces with a veth pair between them.
#[derive(Debug)]
pub struct NetnsPair {
    /// The side that is protected: its interface [`NetnsPair::SERVER_INTERFACE`] is where XDP programs go.
    pub server: Netns,
    /// The side that knocks.
    pub client: Netns,
    ipv6: bool,
}

impl NetnsPair {
    /// The interface of the server's side.
    pub const SERVER_INTERFACE: &'static str = "server0";
    /// The interface of the client's side.
    pub const CLIENT_INTERFACE: &'static str = "client0";
    /// The server's IPv4 address; the network is a /24 of RFC 5737's test networks.
    pub const SERVER_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    /// The client's IPv4 address.
    pub const CLIENT_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
    /// The server's IPv6 address; the network is a /64 of RFC 3849's documentation prefix.
    pub const SERVER_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
    /// The client's IPv6 address.
    pub const CLIENT_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2));

    /// Makes both sides, with addresses and neighbours set and interfaces up.
    ///
    /// # Errors
    /// [`NetnsError`]; what was made until then is gone again.
    pub fn new() -> Result<Self, NetnsError> {
        let server = Netns::new()?;
        let client = Netns::new()?;
        let ipv6 = server.run(|| std::path::Path::new("/proc/thread-self/net/if_inet6").exists())?;
        let client_path = client.path();
        let client_path = client_path.to_string_lossy();
        let add = format!(
            "link add {} address {SERVER_MAC} type veth peer name {} address {CLIENT_MAC} netns {client_path}",
            Self::SERVER_INTERFACE,
            Self::CLIENT_INTERFACE,
        );
        server.ip(&add.split(' ').collect::<Vec<_>>())?;
        let ours =
            [(Self::SERVER_V4, Self::SERVER_V6, SERVER_MAC), (Self::CLIENT_V4, Self::CLIENT_V6, CLIENT_MAC)];
        for (netns, interface, [(v4, v6, _), (peer_v4, peer_v6, peer_mac)]) in
            [(&server, Self::SERVER_INTERFACE, ours), (&client, Self::CLIENT_INTERFACE, [ours[1], ours[0]])]
        {
            // The peer's address is set and not asked for: a program that drops everything would drop the answers too.
            let mut commands = vec![
                format!("address add {v4}/24 dev {interface}"),
                format!("link set {interface} up"),
                format!("neighbour replace {peer_v4} lladdr {peer_mac} dev {interface} nud permanent"),
            ];
            if ipv6 {
                commands.push(format!("address add {v6}/64 dev {interface} nodad"));
                commands.push(format!(
                    "neighbour replace {peer_v6} lladdr {peer_mac} dev {interface} nud permanent"
                ));
            }
            for command in commands {
                netns.ip(&command.split(' ').collect::<Vec<_>>())?;
            }
        }
        for (netns, interface) in [(&server, Self::SERVER_INTERFACE), (&client, Self::CLIENT_INTERFACE)] {
            wait_until_up(netns, interface)?;
        }
        Ok(Self { server, client, ipv6 })
    }

    /// Whether the kernel has IPv6, and so the sides have their IPv6 addresses.
    pub fn has_ipv6(&self) -> bool {
        self.ipv6
    }
}
