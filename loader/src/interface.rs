//! Network interfaces and what XDP program each has, asked from the kernel by netlink.

use std::fmt;

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with};

use crate::errno::Errno;

/// An interface of the calling thread's network namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// Its MTU in bytes.
    pub mtu: u32,
    /// Whether it's set up (`IFF_UP`).
    pub up: bool,
    /// The XDP programs that it has: none, one, or one each of several modes.
    pub xdp: Vec<AttachedXdp>,
}

/// An XDP program on an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachedXdp {
    /// Its mode.
    pub mode: XdpMode,
    /// Its id, as `bpftool prog` lists it.
    pub prog_id: u32,
}

/// Where an XDP program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum XdpMode {
    /// In the driver, before a socket buffer exists.
    Native,
    /// In the network stack, on a socket buffer: works on every interface, and is slower.
    Generic,
    /// In the network card.
    Hardware,
}

impl fmt::Display for XdpMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Native => "native",
            Self::Generic => "generic",
            Self::Hardware => "hardware",
        })
    }
}

/// An interface that can't be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InterfaceError {
    /// There is none of that name or index.
    #[error("there is no interface `{name}` in this network namespace; `ip link` lists them")]
    NotFound {
        /// The name, or the index in digits.
        name: String,
    },
    /// The name can't be an interface's.
    #[error("`{name}` can't be an interface's name: 1 to 15 bytes without `/` and white space")]
    BadName {
        /// The name.
        name: String,
    },
    /// Asking failed.
    #[error("asking for interface `{name}` by netlink failed: {errno}")]
    Netlink {
        /// The name, or the index in digits.
        name: String,
        /// What the kernel said.
        errno: Errno,
    },
}

// `include/uapi/linux/rtnetlink.h`, `netlink.h` and `if_link.h`.
const RTM_NEWLINK: u16 = 16;
const RTM_GETLINK: u16 = 18;
const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_EXT_MASK: u16 = 29;
const IFLA_XDP: u16 = 43;
const IFLA_XDP_DRV_PROG_ID: u16 = 5;
const IFLA_XDP_SKB_PROG_ID: u16 = 6;
const IFLA_XDP_HW_PROG_ID: u16 = 7;
const RTEXT_FILTER_SKIP_STATS: u32 = 1 << 3;
const IFF_UP: u32 = 1;
/// `struct nlmsghdr` and `struct ifinfomsg`.
const HEADER: usize = 16;
const INFO: usize = 16;
/// The two upper bits of an attribute's type are flags.
const TYPE_MASK: u16 = 0x3fff;

impl Interface {
    /// The interface with that name.
    ///
    /// # Errors
    /// [`InterfaceError`].
    pub fn named(name: &str) -> Result<Self, InterfaceError> {
        let fits = |byte: u8| byte != b'/' && !byte.is_ascii_whitespace() && byte != 0;
        if name.is_empty() || name.len() > 15 || !name.bytes().all(fits) {
            return Err(InterfaceError::BadName { name: name.to_owned() });
        }
        let mut attribute = name.as_bytes().to_vec();
        attribute.push(0);
        ask(0, &[(IFLA_IFNAME, &attribute)], name)
    }

    /// The interface with that index.
    ///
    /// # Errors
    /// [`InterfaceError`].
    pub fn with_index(index: u32) -> Result<Self, InterfaceError> {
        let name = index.to_string();
        match i32::try_from(index) {
            Ok(number) if number > 0 => ask(number, &[], &name),
            _ => Err(InterfaceError::NotFound { name }),
        }
    }
}

/// Sends `RTM_GETLINK` for one interface and reads the answer.
fn ask(index: i32, attributes: &[(u16, &[u8])], name: &str) -> Result<Interface, InterfaceError> {
    let failed = |errno: Errno| match errno.0 {
        libc::ENODEV => InterfaceError::NotFound { name: name.to_owned() },
        _ => InterfaceError::Netlink { name: name.to_owned(), errno },
    };
    let io = |errno: rustix::io::Errno| failed(errno.into());
    let mut message = vec![0; HEADER + INFO];
    message[HEADER + 4..HEADER + 8].copy_from_slice(&index.to_ne_bytes());
    for &(kind, payload) in
        attributes.iter().chain(&[(IFLA_EXT_MASK, &RTEXT_FILTER_SKIP_STATS.to_ne_bytes()[..])])
    {
        message.extend_from_slice(&(4 + payload.len() as u16).to_ne_bytes());
        message.extend_from_slice(&kind.to_ne_bytes());
        message.extend_from_slice(payload);
        message.resize(message.len().next_multiple_of(4), 0);
    }
    let length = message.len() as u32;
    message[..4].copy_from_slice(&length.to_ne_bytes());
    message[4..6].copy_from_slice(&RTM_GETLINK.to_ne_bytes());
    message[6..8].copy_from_slice(&NLM_F_REQUEST.to_ne_bytes());

    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None, // NETLINK_ROUTE is protocol 0
    )
    .map_err(io)?;
    sendto(&socket, &message, SendFlags::empty(), &SocketAddrNetlink::new(0, 0)).map_err(io)?;
    let mut answer = vec![0; 64 * 1024];
    let (length, _) = loop {
        match recv(&socket, &mut answer[..], RecvFlags::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other.map_err(io)?,
        }
    };
    match parse(&answer[..length]) {
        Some(Ok(interface)) => Ok(interface),
        Some(Err(errno)) => Err(failed(errno)),
        None => Err(failed(Errno(libc::EPROTO))),
    }
}

/// Reads an answer: an interface, an error number, or `None` for anything else.
fn parse(message: &[u8]) -> Option<Result<Interface, Errno>> {
    let length = u32_at(message, 0)? as usize;
    let kind = u16_at(message, 4)?;
    let message = message.get(..length)?;
    if kind == NLMSG_ERROR {
        let code = u32_at(message, HEADER)? as i32;
        return Some(Err(Errno(code.checked_neg().filter(|&errno| errno > 0)?)));
    }
    if kind != RTM_NEWLINK {
        return None;
    }
    let mut interface = Interface {
        name: String::new(),
        index: u32_at(message, HEADER + 4)?,
        mtu: 0,
        up: u32_at(message, HEADER + 8)? & IFF_UP != 0,
        xdp: Vec::new(),
    };
    for (kind, payload) in Attributes(message.get(HEADER + INFO..)?) {
        match kind {
            IFLA_IFNAME => {
                let name = payload.strip_suffix(&[0]).unwrap_or(payload);
                interface.name = String::from_utf8_lossy(name).into_owned();
            }
            IFLA_MTU => interface.mtu = u32_at(payload, 0)?,
            IFLA_XDP => {
                for (kind, payload) in Attributes(payload) {
                    let mode = match kind {
                        IFLA_XDP_DRV_PROG_ID => XdpMode::Native,
                        IFLA_XDP_SKB_PROG_ID => XdpMode::Generic,
                        IFLA_XDP_HW_PROG_ID => XdpMode::Hardware,
                        _ => continue,
                    };
                    let prog_id = u32_at(payload, 0)?;
                    interface.xdp.push(AttachedXdp { mode, prog_id });
                }
            }
            _ => {}
        }
    }
    Some(Ok(interface))
}

/// The attributes in a netlink message: `u16` length with this header, `u16` type, payload, padding to 4.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(u16_at(self.0, 0)?);
        let kind = u16_at(self.0, 2)? & TYPE_MASK;
        let payload = self.0.get(4..length)?;
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, payload))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_there() {
        let lo = Interface::named("lo").unwrap();
        assert_eq!((lo.name.as_str(), lo.index), ("lo", 1));
        assert_eq!(Interface::with_index(1).unwrap(), lo);
    }

    #[test]
    fn missing_and_impossible_interfaces() {
        assert!(matches!(Interface::named("nosuchthing"), Err(InterfaceError::NotFound { .. })));
        assert!(matches!(Interface::with_index(u32::MAX), Err(InterfaceError::NotFound { .. })));
        for name in ["", "a/b", "sixteen-bytes-xx", "a b"] {
            assert!(matches!(Interface::named(name), Err(InterfaceError::BadName { .. })), "{name}");
        }
    }

    #[test]
    fn cut_answers_are_no_panic() {
        let mut message = vec![0_u8; 32];
        message[..4].copy_from_slice(&44_u32.to_ne_bytes());
        message[4..6].copy_from_slice(&RTM_NEWLINK.to_ne_bytes());
        message.extend_from_slice(&[12, 0, 43, 0x80, 8, 0, 6, 0, 9, 0, 0, 0]);
        for cut in 0..message.len() {
            assert!(parse(&message[..cut]).is_none());
        }
        if cfg!(target_endian = "little") {
            let interface = parse(&message).unwrap().unwrap();
            let generic = AttachedXdp { mode: XdpMode::Generic, prog_id: 9 };
            assert_eq!(interface.xdp, [generic]);
        }
    }
}
