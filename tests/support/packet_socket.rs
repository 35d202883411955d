//! Whole frames to and from an interface, past the network stack.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

use super::frame::ether_type::{IPV4, IPV6};
use super::frame::{ETHERNET_LEN, syn_ack_ports};

/// A packet socket (`man 7 packet`), bound to an interface.
#[derive(Debug)]
pub(crate) struct PacketSocket(OwnedFd);

impl PacketSocket {
    /// One on an interface of the calling thread's network namespace.
    pub(crate) fn open(index: u32) -> io::Result<Self> {
        let all = (libc::ETH_P_ALL as u16).to_be();
        // SAFETY: no memory is passed.
        let fd = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, all.into()) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new, and nobody else has it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        // SAFETY: all fields of the struct are numbers, and 0 is one.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = all;
        address.sll_ifindex = index as i32;
        let size = size_of_val(&address) as u32;
        // SAFETY: the address is a struct of its family, and its size stands beside it.
        if unsafe { libc::bind(fd.as_raw_fd(), (&raw const address).cast(), size) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(fd))
    }

    pub(crate) fn send(&self, frame: &[u8]) -> io::Result<()> {
        // SAFETY: pointer and length are those of the frame.
        let sent = unsafe { libc::send(self.0.as_raw_fd(), frame.as_ptr().cast(), frame.len(), 0) };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The next frame until `end`; `None` if none comes.
    pub(crate) fn receive(&self, end: Instant) -> io::Result<Option<Vec<u8>>> {
        let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let mut poll = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one struct, as the count says.
        match unsafe { libc::poll(&raw mut poll, 1, left.as_millis() as i32) } {
            0 => return Ok(None),
            count if count < 0 => return Err(io::Error::last_os_error()),
            _ => {}
        }
        let mut frame = vec![0u8; 2048];
        // SAFETY: pointer and length are those of the buffer.
        let size = unsafe { libc::recv(self.0.as_raw_fd(), frame.as_mut_ptr().cast(), frame.len(), 0) };
        frame.truncate(usize::try_from(size).map_err(|_| io::Error::last_os_error())?);
        Ok(Some(frame))
    }
}

/// The port that a frame's SYN-ACK of a server port goes to; `None` for every other frame.
pub(crate) fn syn_ack(frame: &[u8], server_port: u16) -> Option<u16> {
    let (header, packet) = frame.split_at_checked(ETHERNET_LEN)?;
    let ether_type = u16::from_be_bytes(*header.last_chunk()?);
    let (from, to) = syn_ack_ports(packet).filter(|_| [IPV4, IPV6].contains(&ether_type))?;
    (from == server_port).then_some(to)
}
