//! Filters at a socket of this kernel: whether Linux takes them.

#![expect(unsafe_code, reason = "`SO_ATTACH_FILTER` takes a pointer, and no safe crate has it")]

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use knockwright_differential::random::Random;
use knockwright_programs::classic::Raw;

use super::filters;

/// Whether Linux takes a filter, which any user may attach to a socket of their own.
pub(crate) fn is_taken(socket: &UdpSocket, filter: &[Raw]) -> bool {
    let mut insns: Vec<libc::sock_filter> =
        filter.iter().map(|&Raw { code, jt, jf, k }| libc::sock_filter { code, jt, jf, k }).collect();
    let len = u16::try_from(insns.len()).expect("a filter's length has 16 bits");
    let program = libc::sock_fprog { len, filter: insns.as_mut_ptr() };
    let size = size_of::<libc::sock_fprog>() as libc::socklen_t;
    let (fd, program) = (socket.as_raw_fd(), &raw const program);
    // SAFETY: the kernel reads the program and its instructions during the call, and both live beyond it.
    let failed =
        unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, program.cast(), size) };
    if failed == 0 {
        return true;
    }
    let error = io::Error::last_os_error();
    assert_eq!(error.raw_os_error(), Some(libc::EINVAL), "{error}");
    false
}

/// A filter of few instructions that's often wrong: words that aren't written, answers in between, jumps anywhere, unknown
/// instructions and facts.
pub(crate) fn maybe_broken(random: &mut Random) -> Vec<Raw> {
    if random.chance(20) {
        let mut raw = filters::raw(random);
        for _ in 0..random.below(3) {
            let at = random.below(raw.len());
            spoil(random, &mut raw[at]);
        }
        return raw;
    }
    let word = |random: &mut Random| random.below(3) as u32;
    let count = 1 + random.below(9);
    let mut raw: Vec<Raw> = (0..count)
        .map(|_| match random.below(8) {
            // st, stx, ld M, ldx M
            0..3 => Raw { code: random.pick(&[0x02, 0x03]), jt: 0, jf: 0, k: word(random) },
            3 => Raw { code: random.pick(&[0x60, 0x61]), jt: 0, jf: 0, k: word(random) },
            // jeq, ja
            4 => Raw { code: 0x15, jt: random.below(4) as u8, jf: random.below(4) as u8, k: 1 },
            5 => Raw { code: 0x05, jt: 0, jf: 0, k: random.below(4) as u32 },
            // ret, ret a
            6 => Raw { code: random.pick(&[0x06, 0x16]), jt: 0, jf: 0, k: 0 },
            // ld, ldh, ldb at a fact
            _ => {
                let fact = random.below(70) as u32 & if random.chance(80) { !3 } else { !0 };
                let k = 0xffff_f000 + fact;
                Raw { code: random.pick(&[0x20, 0x28, 0x30]), jt: 0, jf: 0, k }
            }
        })
        .collect();
    raw.push(Raw { code: 0x06, jt: 0, jf: 0, k: 0 });
    if random.chance(10) {
        let at = random.below(raw.len());
        spoil(random, &mut raw[at]);
    }
    raw
}

/// Changes one part of an instruction.
fn spoil(random: &mut Random, raw: &mut Raw) {
    match random.below(4) {
        0 => raw.code = random.number() as u16 & random.pick(&[0xff, 0xff, 0xff, 0xffff]),
        1 => {
            raw.k =
                random.pick(&[0, 1, 15, 16, 31, 32, 255, 256, 4096, 0x7fff_ffff, 0xffff_f03c, 0xffff_ffff])
        }
        2 => raw.jt = random.number() as u8,
        _ => raw.jf = random.number() as u8,
    }
}
