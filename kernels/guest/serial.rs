//! Lines of JSON on the serial port, each with a checksum in front, so that a line that a kernel message runs into, or that
//! ends early, isn't taken for a result.

use std::ffi::c_int;
use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;

/// What stands at the start of each line.
const MARK: &str = "@kw ";

unsafe extern "C" {
    fn tcgetattr(fd: c_int, termios: *mut Termios) -> c_int;
    fn tcsetattr(fd: c_int, when: c_int, termios: *const Termios) -> c_int;
    fn tcdrain(fd: c_int) -> c_int;
}

/// `struct termios` of the C library on Linux.
#[repr(C)]
#[derive(Default)]
struct Termios {
    input: u32,
    output: u32,
    control: u32,
    local: u32,
    line: u8,
    characters: [u8; 32],
    input_speed: u32,
    output_speed: u32,
}

/// `OPOST`: the terminal changes what is written, newlines above all.
const OPOST: u32 = 1;
/// `TCSANOW`: what is set counts at once.
const TCSANOW: c_int = 0;

pub(crate) struct Serial {
    port: File,
}

impl Serial {
    pub(crate) fn new(port: File) -> Self {
        let mut termios = Termios::default();
        // SAFETY: the descriptor is open and the struct has the C library's layout and size.
        unsafe {
            if tcgetattr(port.as_raw_fd(), &mut termios) == 0 {
                termios.output &= !OPOST;
                tcsetattr(port.as_raw_fd(), TCSANOW, &termios);
            }
        }
        Self { port }
    }

    /// Writes `@kw CRC {…}`. Errors have nowhere to be reported: the reader sees the line missing.
    pub(crate) fn write(&mut self, line: &mut Line) {
        line.0.push('}');
        let text = format!("\n{MARK}{:08x} {}\n", crc32(line.0.as_bytes()), line.0);
        let _ = self.port.write_all(text.as_bytes());
    }

    /// Waits until everything has left the port.
    pub(crate) fn drain(&mut self) {
        // SAFETY: the descriptor is open.
        unsafe { tcdrain(self.port.as_raw_fd()) };
    }
}

/// One JSON object under construction.
pub(crate) struct Line(String);

impl Line {
    pub(crate) fn new() -> Self {
        Self("{".to_owned())
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.string(key);
        self.0.push(':');
    }

    pub(crate) fn number(&mut self, key: &str, value: i64) -> &mut Self {
        self.key(key);
        self.0.push_str(&value.to_string());
        self
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        self.string(value);
        self
    }

    pub(crate) fn bytes(&mut self, key: &str, value: &[u8]) -> &mut Self {
        self.text(key, &String::from_utf8_lossy(value))
    }

    /// Bytes of any kind, two digits each.
    pub(crate) fn hex(&mut self, key: &str, value: &[u8]) -> &mut Self {
        let digits: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        self.text(key, &digits)
    }

    fn string(&mut self, text: &str) {
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\t' => self.0.push_str("\\t"),
                c if c.is_control() => self.0.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.0.push(c),
            }
        }
        self.0.push('"');
    }
}

/// The CRC-32 of Ethernet and zip.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320; // the lowest bit first
    let mut crc = !0u32;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ (POLYNOMIAL & 0u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_zip() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn strings_are_escaped() {
        let mut line = Line::new();
        line.text("a", "\"\\\n\u{1}").number("b", -1);
        assert_eq!(line.0, "{\"a\":\"\\\"\\\\\\n\\u0001\",\"b\":-1");
    }
}
