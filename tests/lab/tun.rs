//! A TUN or TAP device with the test behind it: what the test writes comes in by the interface.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::{Duration, Instant};

use knockwright_loader::netns::Netns;

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

// `include/uapi/linux/if_tun.h`.
const TUNSETIFF: libc::c_ulong = 0x4004_54ca;
const TUNSETLINK: libc::c_ulong = 0x4004_54cd;
const IFF_TUN: u16 = 1;
const IFF_TAP: u16 = 2;
const IFF_NO_PI: u16 = 0x1000;

impl Tun {
    /// Makes a device, which lasts as long as the value; `None` where the kernel has none, which CI doesn't allow.
    pub(crate) fn open(netns: &Netns, name: &str, packets: Packets) -> Option<Self> {
        let open = || {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .custom_flags(libc::O_NONBLOCK)
                .open("/dev/net/tun")?;
            let mut request = [0_u8; 40];
            request[..name.len()].copy_from_slice(name.as_bytes());
            let flags = match packets {
                Packets::Ip => IFF_TUN | IFF_NO_PI,
                Packets::IpWithInfo => IFF_TUN,
                Packets::Ethernet => IFF_TAP | IFF_NO_PI,
            };
            request[16..18].copy_from_slice(&flags.to_ne_bytes());
            // SAFETY: `request` is a `struct ifreq` with a name and flags, larger than what the kernel copies.
            match unsafe { libc::ioctl(file.as_raw_fd(), TUNSETIFF, request.as_mut_ptr()) } {
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
        let set = unsafe { libc::ioctl(self.file.as_raw_fd(), TUNSETLINK, libc::c_ulong::from(link_type)) };
        assert_eq!(set, 0, "{}: {}", self.netns_link, std::io::Error::last_os_error());
    }

    /// A packet comes in.
    pub(crate) fn send(&self, packet: &[u8]) {
        (&self.file).write_all(packet).unwrap();
    }

    /// Whether the host answers an IP packet with a SYN-ACK from a port.
    pub(crate) fn is_answered(&self, packet: &[u8], port: u16) -> bool {
        self.send(packet);
        let end = Instant::now() + Duration::from_millis(400);
        let mut answer = [0; 2048];
        while Instant::now() < end {
            match (&self.file).read(&mut answer) {
                Ok(length) => {
                    let tcp = match (answer[0] >> 4, length) {
                        (4, 40..) if answer[9] == 6 => usize::from(answer[0] & 15) * 4,
                        (6, 60..) if answer[6] == 6 => 40,
                        _ => continue,
                    };
                    if answer[tcp..tcp + 2] == port.to_be_bytes() && answer[tcp + 13] & 0x12 == 0x12 {
                        // Not for the next question: the host sends it again until it's answered.
                        let from = &packet[packet.len() - 20..packet.len() - 18];
                        if answer[tcp + 2..tcp + 4] == *from {
                            return true;
                        }
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
