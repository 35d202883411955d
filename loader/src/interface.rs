//! Network interfaces and what XDP program each has, asked from the kernel by netlink.

use std::fmt;

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with};

use knockwright_asm::linux::errno;

use crate::errno::Errno;

/// An interface of the calling thread's network namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// Its MTU in bytes.
    pub mtu: u32,
    /// Whether it's set up (`IFF_UP`).
    pub up: bool,
    /// What its link layer is, `ARPHRD_*` of `include/uapi/linux/if_arp.h`: 1 is Ethernet.
    pub link_type: u16,
    /// What `ip -details link` calls its kind, such as `veth` or `tun`; none for hardware.
    pub kind: Option<String>,
    /// What is particular to a TUN or TAP device.
    pub tun: Option<Tun>,
    /// How an `ipvlan` or `ipvtap` device gets its packets: the mode of all those above the same interface.
    pub ipvlan: Option<IpvlanMode>,
    /// The XDP programs that it has: none, one, or one each of several modes.
    pub xdp: Vec<AttachedXdp>,
}

/// What the kernel says of a TUN or TAP device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tun {
    /// Whether it carries Ethernet frames (TAP), not IP packets (TUN).
    pub tap: bool,
    /// Whether each packet comes with a type of its own (no `IFF_NO_PI`), which an XDP program doesn't see.
    pub packet_info: bool,
}

/// A mode of `ipvlan` devices, `IPVLAN_MODE_*` of `include/uapi/linux/if_link.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IpvlanMode {
    /// Frames go to the device by their IP address.
    L2,
    /// The same, and what the device sends is routed outside of it.
    L3,
    /// Packets come to the device only after the network stack has routed them: XDP comes before that.
    L3s,
}

/// What the packets of an interface start with, as an XDP program sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FirstHeader {
    /// An Ethernet header.
    Ethernet,
    /// The IP header.
    Ip,
}

/// An interface whose packets start with something that XDP programs of this project don't read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownHeader {
    /// The link layer isn't Ethernet.
    #[error("interface `{interface}` carries {what}, not Ethernet frames (link type {link_type})")]
    LinkType {
        /// The interface.
        interface: String,
        /// What its link layer is.
        what: String,
        /// Its number, `ARPHRD_*`.
        link_type: u16,
    },
    /// A kind of interface that gets no packets itself: what comes in by it passes the XDP program of another one only.
    #[error("what comes in by interface `{interface}` ({kind}) passes no XDP program of its own")]
    NotSeen {
        /// The interface.
        interface: String,
        /// Its kind.
        kind: String,
    },
    /// A kind of interface of which nobody has looked whether XDP sees its packets.
    #[error("interface `{interface}` is of the kind `{kind}`, and whether XDP sees its packets is not known")]
    UnknownKind {
        /// The interface.
        interface: String,
        /// Its kind.
        kind: String,
    },
    /// A TUN device whose packets have a type beside them.
    #[error(
        "the packets of interface `{interface}` are what a type beside them says (no IFF_NO_PI), which XDP doesn't see"
    )]
    PacketInfo {
        /// The interface.
        interface: String,
    },
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
#[non_exhaustive]
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
    #[error("`{name}` can't be an interface's name: 1 to 15 bytes without `/`, `:` and white space")]
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
const IFLA_LINKINFO: u16 = 18;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const IFLA_TUN_TYPE: u16 = 3;
const IFLA_TUN_PI: u16 = 4;
/// `IFF_TAP`, `include/uapi/linux/if_tun.h`.
const IFF_TAP: u8 = 2;
// `include/uapi/linux/if_arp.h`.
const ARPHRD_ETHER: u16 = 1;
#[cfg(test)]
const ARPHRD_PPP: u16 = 512;
const ARPHRD_LOOPBACK: u16 = 772;
const ARPHRD_NONE: u16 = 65534;
/// `include/uapi/linux/if_link.h`.
const IFLA_IPVLAN_MODE: u16 = 1;
const IPVLAN_MODE_L2: u16 = 0;
const IPVLAN_MODE_L3: u16 = 1;
const IPVLAN_MODE_L3S: u16 = 2;
const IFLA_XDP_DRV_PROG_ID: u16 = 5;
const IFLA_XDP_SKB_PROG_ID: u16 = 6;
const IFLA_XDP_HW_PROG_ID: u16 = 7;
const RTEXT_FILTER_SKIP_STATS: u32 = 1 << 3;
const IFF_UP: u32 = 1;
/// The length of `struct nlmsghdr`, and where its fields start.
const HEADER: usize = 16;
const LENGTH_AT: usize = 0;
const TYPE_AT: usize = 4;
const FLAGS_AT: usize = 6;
/// The length of `struct ifinfomsg`, which follows, and where its fields start.
const INFO: usize = 16;
const INFO_LINK_TYPE_AT: usize = HEADER + 2;
const INFO_INDEX_AT: usize = HEADER + 4;
const INFO_FLAGS_AT: usize = HEADER + 8;
/// The length of `struct nlattr`, two numbers of 16 bits, and what attributes are padded to.
const ATTRIBUTE_HEADER: usize = 4;
const ATTRIBUTE_ALIGNMENT: usize = 4;
/// The two upper bits of an attribute's type are flags.
const TYPE_MASK: u16 = 0x3fff;

/// Link layers by their number, for messages.
const LINK_LAYERS: [(u16, &str); 12] = [
    (32, "InfiniBand"),
    (256, "SLIP"),
    (280, "CAN frames"),
    (512, "PPP"),
    (519, "bare IP packets"),
    (768, "IPv4 in IPv4"),
    (769, "IPv6 tunnels"),
    (776, "IPv6 in IPv4"),
    (778, "GRE"),
    (803, "raw wireless frames"),
    (823, "GRE over IPv6"),
    (824, "netlink messages"),
];

/// Kinds of interfaces that receive Ethernet frames themselves, so that an XDP program on them sees all that comes in by them.
/// Hardware has no kind.
const RECEIVING_KINDS: [&str; 20] = [
    "batadv",
    "bond",
    "bridge",
    "dsa",
    "erspan",
    "geneve",
    "gretap",
    "hsr",
    "ip6erspan",
    "ip6gretap",
    "macsec",
    "macvlan",
    "macvtap",
    "netkit",
    "openvswitch",
    "team",
    "veth",
    "virt_wifi",
    "vlan",
    "vxlan",
];

/// Kinds that look like Ethernet and never receive a frame: `dummy` only sends, `ifb` gives packets back to where they came
/// from, and to `vrf` they are counted after the member's XDP program has seen them.
const NOT_RECEIVING_KINDS: [&str; 3] = ["dummy", "ifb", "vrf"];

/// Whether a text can be an interface's name, by the rules of the kernel (`net/core/dev.c`, `dev_valid_name`).
pub fn is_name(text: &str) -> bool {
    const VERTICAL_TAB: u8 = 0x0b;
    let fits = |byte: u8| !matches!(byte, b'/' | b':' | 0 | VERTICAL_TAB) && !byte.is_ascii_whitespace();
    !["", ".", ".."].contains(&text) && text.len() < libc::IFNAMSIZ && text.bytes().all(fits)
}

impl Interface {
    /// What its packets start with.
    ///
    /// TUN devices say it of themselves; their link type is whatever the process behind them sets. Of other devices those
    /// with an Ethernet header are known, and no others: where the headers of PPP, WireGuard or a tunnel start was not tried.
    /// Kinds of devices that XDP doesn't see the packets of, or that aren't known, are refused whatever their link type is.
    ///
    /// # Errors
    /// [`UnknownHeader`] for all others.
    pub fn first_header(&self) -> Result<FirstHeader, UnknownHeader> {
        match (self.tun, self.link_type) {
            (Some(Tun { tap: true, .. }), _) => Ok(FirstHeader::Ethernet),
            (Some(Tun { packet_info: false, .. }), _) => Ok(FirstHeader::Ip),
            (Some(_), _) => Err(UnknownHeader::PacketInfo { interface: self.name.clone() }),
            (None, ARPHRD_ETHER | ARPHRD_LOOPBACK) => self.receives().map(|()| FirstHeader::Ethernet),
            (None, link_type) => Err(UnknownHeader::LinkType {
                interface: self.name.clone(),
                what: self.link_layer(),
                link_type,
            }),
        }
    }

    /// Whether an interface with Ethernet frames receives them itself.
    fn receives(&self) -> Result<(), UnknownHeader> {
        let Some(kind) = &self.kind else { return Ok(()) };
        let interface = self.name.clone();
        match (kind.as_str(), self.ipvlan) {
            ("ipvlan" | "ipvtap", Some(IpvlanMode::L2 | IpvlanMode::L3)) => Ok(()),
            ("ipvlan" | "ipvtap", Some(IpvlanMode::L3s)) => {
                Err(UnknownHeader::NotSeen { interface, kind: format!("{kind} in mode l3s") })
            }
            (known, _) if RECEIVING_KINDS.contains(&known) => Ok(()),
            (known, _) if NOT_RECEIVING_KINDS.contains(&known) => {
                Err(UnknownHeader::NotSeen { interface, kind: kind.clone() })
            }
            _ => Err(UnknownHeader::UnknownKind { interface, kind: kind.clone() }),
        }
    }

    /// What its link layer is, in words.
    fn link_layer(&self) -> String {
        let known = LINK_LAYERS.iter().find(|(number, _)| *number == self.link_type).map(|(_, name)| *name);
        match (known, self.kind.as_deref()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(kind)) if self.link_type == ARPHRD_NONE => {
                format!("packets of {kind} without a link layer")
            }
            (None, Some(kind)) => format!("packets of {kind}"),
            (None, None) => "another link layer".to_owned(),
        }
    }

    /// The interface with that name.
    ///
    /// # Errors
    /// [`InterfaceError`].
    pub fn named(name: &str) -> Result<Self, InterfaceError> {
        if !is_name(name) {
            return Err(InterfaceError::BadName { name: name.to_owned() });
        }
        let mut attribute = name.as_bytes().to_vec();
        attribute.push(0);
        ask(None, &[(IFLA_IFNAME, &attribute)], name)
    }

    /// The interface with that index.
    ///
    /// # Errors
    /// [`InterfaceError`].
    pub fn with_index(index: u32) -> Result<Self, InterfaceError> {
        let name = index.to_string();
        match i32::try_from(index) {
            Ok(number) if number > 0 => ask(Some(number), &[], &name),
            _ => Err(InterfaceError::NotFound { name }),
        }
    }
}

/// More than an answer about one interface has.
const ANSWER_BYTES: usize = 64 << 10;

/// An attribute of a netlink message, padded.
fn attribute(kind: u16, payload: &[u8]) -> Vec<u8> {
    let length = (ATTRIBUTE_HEADER + payload.len()) as u16;
    let mut bytes = [&length.to_ne_bytes(), &kind.to_ne_bytes(), payload].concat();
    bytes.resize(bytes.len().next_multiple_of(ATTRIBUTE_ALIGNMENT), 0);
    bytes
}

fn put(message: &mut [u8], at: usize, field: &[u8]) {
    message[at..at + field.len()].copy_from_slice(field);
}

/// Sends `RTM_GETLINK` for one interface and reads the answer.
fn ask(index: Option<i32>, attributes: &[(u16, &[u8])], name: &str) -> Result<Interface, InterfaceError> {
    let failed = |errno: Errno| match errno.0 {
        errno::ENODEV => InterfaceError::NotFound { name: name.to_owned() },
        _ => InterfaceError::Netlink { name: name.to_owned(), errno },
    };
    let io = |errno: rustix::io::Errno| failed(errno.into());
    let mut message = vec![0; HEADER + INFO];
    put(&mut message, INFO_INDEX_AT, &index.unwrap_or(0).to_ne_bytes());
    for &(kind, payload) in
        attributes.iter().chain(&[(IFLA_EXT_MASK, &RTEXT_FILTER_SKIP_STATS.to_ne_bytes()[..])])
    {
        message.extend_from_slice(&attribute(kind, payload));
    }
    let length = message.len() as u32;
    put(&mut message, LENGTH_AT, &length.to_ne_bytes());
    put(&mut message, TYPE_AT, &RTM_GETLINK.to_ne_bytes());
    put(&mut message, FLAGS_AT, &NLM_F_REQUEST.to_ne_bytes());

    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None, // NETLINK_ROUTE is protocol 0
    )
    .map_err(io)?;
    sendto(&socket, &message, SendFlags::empty(), &SocketAddrNetlink::new(0, 0)).map_err(io)?;
    let mut answer = vec![0; ANSWER_BYTES];
    let (length, _) = loop {
        match recv(&socket, &mut answer[..], RecvFlags::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other.map_err(io)?,
        }
    };
    match parse(&answer[..length]) {
        Some(Ok(interface)) => Ok(interface),
        Some(Err(errno)) => Err(failed(errno)),
        None => Err(failed(Errno(errno::EPROTO))),
    }
}

/// Reads an answer: an interface, an error number, or `None` for anything else.
fn parse(message: &[u8]) -> Option<Result<Interface, Errno>> {
    let length = u32_at(message, LENGTH_AT)? as usize;
    let kind = u16_at(message, TYPE_AT)?;
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
        index: u32_at(message, INFO_INDEX_AT)?,
        mtu: 0,
        up: u32_at(message, INFO_FLAGS_AT)? & IFF_UP != 0,
        link_type: u16_at(message, INFO_LINK_TYPE_AT)?,
        kind: None,
        tun: None,
        ipvlan: None,
        xdp: Vec::new(),
    };
    for (kind, payload) in Attributes(message.get(HEADER + INFO..)?) {
        match kind {
            IFLA_IFNAME => {
                let name = payload.strip_suffix(&[0]).unwrap_or(payload);
                interface.name = String::from_utf8_lossy(name).into_owned();
            }
            IFLA_MTU => interface.mtu = u32_at(payload, 0)?,
            IFLA_LINKINFO => link_info(payload, &mut interface),
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

/// Takes the kind of an interface, and what is particular to some kinds.
fn link_info(attributes: &[u8], interface: &mut Interface) {
    let find = |attributes, wanted| {
        Attributes(attributes).find(|(kind, _)| *kind == wanted).map(|(_, payload)| payload)
    };
    let kind = find(attributes, IFLA_INFO_KIND)
        .map(|name: &[u8]| String::from_utf8_lossy(name.strip_suffix(&[0]).unwrap_or(name)).into_owned());
    let data = find(attributes, IFLA_INFO_DATA).unwrap_or_default();
    match kind.as_deref() {
        Some("tun") => {
            let byte = |wanted| find(data, wanted)?.first().copied();
            interface.tun = byte(IFLA_TUN_TYPE)
                .zip(byte(IFLA_TUN_PI))
                .map(|(kind, info)| Tun { tap: kind == IFF_TAP, packet_info: info != 0 });
        }
        Some("ipvlan" | "ipvtap") => {
            interface.ipvlan =
                find(data, IFLA_IPVLAN_MODE).and_then(|mode| u16_at(mode, 0)).and_then(|mode| match mode {
                    IPVLAN_MODE_L2 => Some(IpvlanMode::L2),
                    IPVLAN_MODE_L3 => Some(IpvlanMode::L3),
                    IPVLAN_MODE_L3S => Some(IpvlanMode::L3s),
                    _ => None,
                });
        }
        _ => {}
    }
    interface.kind = kind;
}

/// The attributes in a netlink message: `u16` length with this header, `u16` type, payload, padding to 4.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(u16_at(self.0, 0)?);
        let kind = u16_at(self.0, 2)? & TYPE_MASK;
        let payload = self.0.get(ATTRIBUTE_HEADER..length)?;
        self.0 = self.0.get(length.next_multiple_of(ATTRIBUTE_ALIGNMENT)..).unwrap_or_default();
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
        for name in
            ["", ".", "..", "/", "a/b", "../x", "a:1", "sixteen-bytes-xx", "a b", "a\n", "a\0", "a\u{b}"]
        {
            assert!(matches!(Interface::named(name), Err(InterfaceError::BadName { .. })), "{name}");
        }
    }

    #[test]
    fn first_headers_by_link_type() {
        let lo = Interface::named("lo").unwrap();
        assert_eq!(lo.first_header(), Ok(FirstHeader::Ethernet));
        let with = |link_type, kind: Option<&str>, tun| {
            let kind = kind.map(str::to_owned);
            Interface { link_type, kind, tun, ..lo.clone() }.first_header()
        };
        for kind in RECEIVING_KINDS {
            assert_eq!(with(ARPHRD_ETHER, Some(kind), None), Ok(FirstHeader::Ethernet), "{kind}");
        }
        assert_eq!(with(ARPHRD_ETHER, None, None), Ok(FirstHeader::Ethernet), "hardware");
        for kind in NOT_RECEIVING_KINDS {
            let error = with(ARPHRD_ETHER, Some(kind), None).unwrap_err();
            assert!(matches!(error, UnknownHeader::NotSeen { .. }), "{error}");
        }
        for kind in ["newkind", "ipvlan"] {
            let error = with(ARPHRD_ETHER, Some(kind), None).unwrap_err();
            assert!(matches!(error, UnknownHeader::UnknownKind { .. }), "{error}");
        }
        for (mode, seen) in [(IpvlanMode::L2, true), (IpvlanMode::L3, true), (IpvlanMode::L3s, false)] {
            let kind = Some("ipvlan".to_owned());
            let ipvlan = Interface { link_type: ARPHRD_ETHER, kind, ipvlan: Some(mode), ..lo.clone() };
            assert_eq!(ipvlan.first_header().is_ok(), seen, "{mode:?}");
        }
        let tun = |tap, packet_info| Some(Tun { tap, packet_info });
        // Its process may give a TUN device any link type.
        for link_type in [ARPHRD_NONE, ARPHRD_ETHER, ARPHRD_PPP] {
            assert_eq!(with(link_type, Some("tun"), tun(true, true)), Ok(FirstHeader::Ethernet));
            assert_eq!(with(link_type, Some("tun"), tun(false, false)), Ok(FirstHeader::Ip));
            let error = with(link_type, Some("tun"), tun(false, true)).unwrap_err();
            assert!(matches!(error, UnknownHeader::PacketInfo { .. }), "{error}");
        }
        for link_type in (2..=u16::MAX).filter(|link_type| *link_type != ARPHRD_LOOPBACK).chain([0]) {
            for kind in [None, Some("wireguard"), Some("tun")] {
                let error = with(link_type, kind, None).unwrap_err();
                assert!(matches!(error, UnknownHeader::LinkType { .. }), "{link_type}: {error}");
            }
        }
        let said = |link_type, kind| with(link_type, kind, None).unwrap_err().to_string();
        assert_eq!(said(ARPHRD_PPP, None), "interface `lo` carries PPP, not Ethernet frames (link type 512)");
        assert_eq!(
            said(ARPHRD_NONE, Some("wireguard")),
            "interface `lo` carries packets of wireguard without a link layer, not Ethernet frames (link type 65534)"
        );
    }

    /// The attributes of `IFLA_LINKINFO`: a kind, and with it one attribute of its data.
    fn info_of(kind: &str, (attribute, value): (u16, &[u8])) -> Interface {
        let attributes = [
            super::attribute(IFLA_INFO_KIND, &[kind.as_bytes(), &[0]].concat()),
            super::attribute(IFLA_INFO_DATA, &super::attribute(attribute, value)),
        ];
        let mut interface = Interface::named("lo").unwrap();
        link_info(&attributes.concat(), &mut interface);
        interface
    }

    #[test]
    fn modes_of_ipvlan() {
        for (number, mode) in
            [(0, Some(IpvlanMode::L2)), (1, Some(IpvlanMode::L3)), (2, Some(IpvlanMode::L3s)), (3, None)]
        {
            let interface = info_of("ipvlan", (IFLA_IPVLAN_MODE, &u16::to_ne_bytes(number)));
            assert_eq!((interface.kind.as_deref(), interface.ipvlan), (Some("ipvlan"), mode));
        }
        let vlan = info_of("vlan", (IFLA_IPVLAN_MODE, &[2, 0]));
        assert_eq!((vlan.kind.as_deref(), vlan.ipvlan, vlan.tun), (Some("vlan"), None, None));
    }

    #[test]
    fn programs_of_every_mode() {
        let modes = [
            (IFLA_XDP_DRV_PROG_ID, XdpMode::Native),
            (IFLA_XDP_SKB_PROG_ID, XdpMode::Generic),
            (IFLA_XDP_HW_PROG_ID, XdpMode::Hardware),
        ];
        let ids = modes.map(|(kind, _)| attribute(kind, &u32::from(kind).to_ne_bytes()));
        let mut message = vec![0; HEADER + INFO];
        message.extend(attribute(IFLA_XDP, &ids.concat()));
        put(&mut message, TYPE_AT, &RTM_NEWLINK.to_ne_bytes());
        let length = message.len() as u32;
        put(&mut message, LENGTH_AT, &length.to_ne_bytes());
        let expected = modes.map(|(kind, mode)| AttachedXdp { mode, prog_id: u32::from(kind) });
        assert_eq!(parse(&message).unwrap().unwrap().xdp, expected);
    }

    #[test]
    fn cut_answers_are_no_panic() {
        let nested = IFLA_XDP | libc::NLA_F_NESTED as u16;
        let mut message = vec![0; HEADER + INFO];
        message.extend(attribute(nested, &attribute(IFLA_XDP_SKB_PROG_ID, &9_u32.to_ne_bytes())));
        let length = message.len() as u32;
        put(&mut message, LENGTH_AT, &length.to_ne_bytes());
        put(&mut message, TYPE_AT, &RTM_NEWLINK.to_ne_bytes());
        for cut in 0..message.len() {
            assert!(parse(&message[..cut]).is_none());
        }
        let interface = parse(&message).unwrap().unwrap();
        assert_eq!(interface.xdp, [AttachedXdp { mode: XdpMode::Generic, prog_id: 9 }]);
    }
}
