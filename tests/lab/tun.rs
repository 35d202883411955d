//! A TUN or TAP device with the test behind it: what the test writes comes in by the interface.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::{Duration, Instant};

use knockwright_loader::netns::Netns;

use crate::support::frame::syn_ack_ports;

/// What a device carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packets {
    Ip,
    /// With four bytes before each packet that say what it is.
    IpWithInfo,
    Ethernet,
}

#[derive(Debug)]
pub(crate) struct Tun {
    file: File,
    netns_link: String,
}

impl Tun {
    /// Makes a device, which lasts as long as the value; `None` where the kernel has none, which CI doesn't allow.
    pub(crate) fn open(netns: &Netns, name: &str, packets: Packets) -> Option<Self> {
        let open = || {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .custom_flags(libc::O_NONBLOCK)
                .open("/dev/net/tun")?;
            // SAFETY: all fields of the struct are numbers, and 0 is one.
            let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
            for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
                *to = from as libc::c_char;
            }
            let flags = match packets {
                Packets::Ip => libc::IFF_TUN | libc::IFF_NO_PI,
                Packets::IpWithInfo => libc::IFF_TUN,
                Packets::Ethernet => libc::IFF_TAP | libc::IFF_NO_PI,
            };
            request.ifr_ifru.ifru_flags = flags as i16;
            // SAFETY: the request is the struct that the kernel expects, with a name and flags.
            match unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw mut request) } {
                0 => Ok(file),
                _ => Err(std::io::Error::last_os_error()),
            }
        };
        match netns.run(open).unwrap() {
            Ok(file) => Some(Self { file, netns_link: name.to_owned() }),
            Err(error) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "TUN devices are needed here: {error}");
                eprintln!("skipped: no TUN device {name}: {error}");
                None
            }
        }
    }

    /// Says what its link layer is, true or not. The device must be down.
    pub(crate) fn set_link_type(&self, link_type: u16) {
        // SAFETY: the argument is a number.
        let set =
            unsafe { libc::ioctl(self.file.as_raw_fd(), libc::TUNSETLINK, libc::c_ulong::from(link_type)) };
        assert_eq!(set, 0, "{}: {}", self.netns_link, std::io::Error::last_os_error());
    }

    /// A packet comes in.
    pub(crate) fn send(&self, packet: &[u8]) {
        (&self.file).write_all(packet).unwrap();
    }

    /// Whether the host answers an IP packet with a SYN-ACK from a port to the one that the packet comes from.
    pub(crate) fn is_answered(&self, packet: &[u8], port: u16, from: u16) -> bool {
        self.send(packet);
        let end = Instant::now() + Duration::from_millis(400);
        let mut answer = [0; 2048];
        while Instant::now() < end {
            match (&self.file).read(&mut answer) {
                Ok(length) => {
                    // Not to an earlier question: the host sends it again until it's answered.
                    if syn_ack_ports(&answer[..length]) == Some((port, from)) {
                        return true;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(error) => panic!("{error}"),
            }
        }
        false
    }
}
