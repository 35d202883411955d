//! What a kernel's verifier can print: the format strings of its messages, found in the kernel's image.
//!
//! The verifier prints through a few functions that take the format as their second argument, in `rsi`. A function is known by
//! what is printed through it: formats that every kernel has. Then two things are formats: what `rsi` is loaded with before a
//! call of such a function, and what it's loaded with anywhere in the code around those calls, as where branches share one
//! call. So what is found is all there is, and a little more: names and parts of lines.
//!
//! Sources: Intel's manual for how the instructions are encoded; the images themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::types::TypesError;
use crate::types::image::{self, ImageError, Section};

/// The beginnings of formats that stand before calls of what prints, by who calls it: the verifier, what attaches programs and
/// checks their functions, and what reads types.
const KNOWN: &[&str] = &[
    "R%d !read_ok",
    "unreachable insn %d",
    "jump out of range from insn",
    "frame pointer is read only",
    "infinite loop detected",
    "arg#%d expected pointer to ctx",
    "Caller passes",
    "Global function %s()",
    "FENTRY/FEXIT",
    "hdr_len not found",
    "btf_header not found",
    "Total section length too long",
    "Invalid section offset",
    "Unsupported section found",
];

/// The number of `rsi` in an instruction.
const RSI: u8 = 6;
/// A function that prints is called at least so often.
const MIN_CALLS: usize = 10;
/// How far after the load of a format its call stands, in bytes.
const TO_CALL: usize = 128;
/// Calls that are nearer to each other than this stand in the same source file, in bytes; and so far reaches the file around
/// its first and last call.
const SAME_FILE: usize = 0x2000;
const AROUND: usize = 0x800;
/// A file of the verifier has more calls than this.
const FEW_CALLS: usize = 3;

/// The format strings of an image for x86-64, in their order as text; each as it stands in the kernel, with its newline.
///
/// # Errors
/// [`TypesError::File`] and [`TypesError::Image`] of an image that can't be read, or is none.
pub fn of_image(path: &Path) -> Result<BTreeSet<String>, TypesError> {
    let bytes = fs::read(path).map_err(|error| TypesError::File { path: path.to_owned(), error })?;
    of_bytes(bytes).map_err(|error| TypesError::Image { path: path.to_owned(), error })
}

fn of_bytes(bytes: Vec<u8>) -> Result<BTreeSet<String>, ImageError> {
    let kernel = image::kernel(bytes)?;
    let section = |name| image::elf_section(&kernel, name)?.ok_or(ImageError::Damaged("kernel"));
    Ok(Code::new(section(".text")?, section(".rodata")?).formats())
}

/// A register is loaded with the address of a string.
struct Load<'a> {
    /// Where, in the code.
    at: usize,
    register: u8,
    string: &'a [u8],
}

/// The code of a kernel, as far as it is looked at.
struct Code<'a> {
    text: &'a [u8],
    /// In the order of the code.
    loads: Vec<Load<'a>>,
    /// Where each function is called from, by where it starts in the code. Bytes that only look like calls are among them.
    calls: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Code<'a> {
    fn new(text: Section<'a>, strings: Section<'a>) -> Self {
        let mut code = Self { text: text.bytes, loads: Vec::new(), calls: BTreeMap::new() };
        for at in 0..text.bytes.len() {
            if let Some((register, address)) = address_load(text, at) {
                let string = address.checked_sub(strings.address).and_then(|at| string(strings.bytes, at));
                code.loads.extend(string.map(|string| Load { at, register, string }));
            }
            if let Some(target) = code.call(at) {
                code.calls.entry(target).or_default().push(at);
            }
        }
        code
    }

    /// The function that is called, or jumped to as its caller's last act, at a place of the code.
    fn call(&self, at: usize) -> Option<usize> {
        const CALL: u8 = 0xe8;
        const JUMP: u8 = 0xe9;
        const LENGTH: usize = 5;
        let (opcode, distance) = self.text.get(at..)?.split_first_chunk::<1>()?;
        if !matches!(opcode[0], CALL | JUMP) {
            return None;
        }
        let distance = i32::from_le_bytes(*distance.first_chunk::<4>()?);
        (at + LENGTH).checked_add_signed(distance as isize).filter(|target| *target < self.text.len())
    }

    /// The functions that print.
    fn printers(&self) -> BTreeSet<usize> {
        let known = self.loads.iter().filter(|load| {
            load.register == RSI && KNOWN.iter().any(|known| load.string.starts_with(known.as_bytes()))
        });
        known
            .filter_map(|load| {
                let calls = (load.at..load.at + TO_CALL / 2).filter_map(|at| self.call(at));
                calls.into_iter().find(|target| self.calls[target].len() > MIN_CALLS)
            })
            .collect()
    }

    fn formats(&self) -> BTreeSet<String> {
        let printers = self.printers();
        let mut sites: Vec<usize> =
            printers.iter().flat_map(|printer| &self.calls[printer]).copied().collect();
        sites.sort_unstable();
        let files = sites.chunk_by(|a, b| b - a < SAME_FILE).filter(|calls| calls.len() > FEW_CALLS);
        let files: Vec<(usize, usize)> =
            files.map(|calls| (calls[0].saturating_sub(AROUND), calls[calls.len() - 1] + AROUND)).collect();
        let is_inside = |at: usize| files.iter().any(|(first, last)| (*first..=*last).contains(&at));

        let mut formats = BTreeSet::new();
        for load in self.loads.iter().filter(|load| is_inside(load.at)) {
            let is_line = load.string.ends_with(b"\n");
            if is_line || load.register == RSI && load.string.contains(&b' ') {
                formats.extend(printable(load.string));
            }
        }
        let loads: Vec<&Load<'_>> = self.loads.iter().filter(|load| load.register == RSI).collect();
        for site in sites {
            let before = loads[..loads.partition_point(|load| load.at < site)].last();
            if let Some(load) = before.filter(|load| site - load.at < TO_CALL) {
                formats.extend(printable(load.string));
            }
        }
        formats
    }
}

/// A load of an address into a register: as a number, or relative to the instruction.
fn address_load(text: Section<'_>, at: usize) -> Option<(u8, u64)> {
    const LENGTH: u64 = 7;
    let (start, number) = text.bytes.get(at..)?.split_first_chunk::<3>()?;
    let number = i32::from_le_bytes(*number.first_chunk::<4>()?);
    match start {
        // mov r64, imm32
        [0x48, 0xc7, modrm @ 0xc0..=0xc7] => Some((modrm & 7, i64::from(number).cast_unsigned())),
        // lea r64, [rip + disp32]
        [0x48, 0x8d, modrm] if modrm & 0xc7 == 5 => {
            let next = text.address + at as u64 + LENGTH;
            Some((modrm >> 3 & 7, next.wrapping_add_signed(number.into())))
        }
        _ => None,
    }
}

/// The string that starts at a place.
fn string(strings: &[u8], at: u64) -> Option<&[u8]> {
    let rest = strings.get(usize::try_from(at).ok()?..)?;
    let length = rest.iter().take(1 << 12).position(|byte| *byte == 0)?;
    Some(&rest[..length]).filter(|string| !string.is_empty())
}

fn printable(string: &[u8]) -> Option<String> {
    let is_text = string.iter().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~'));
    is_text.then(|| String::from_utf8_lossy(string).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT_AT: u64 = 0xffff_ffff_8100_0000;
    const STRINGS_AT: u64 = 0xffff_ffff_8200_0000;

    /// Code of a printer and of calls of it, the way compilers write them.
    #[derive(Default)]
    struct Made {
        text: Vec<u8>,
        strings: Vec<u8>,
    }

    impl Made {
        fn load(&mut self, modrm: u8, string: &str) {
            let address = STRINGS_AT + self.strings.len() as u64;
            self.strings.extend_from_slice(string.as_bytes());
            self.strings.push(0);
            self.text.extend_from_slice(&[0x48, 0xc7, modrm]);
            self.text.extend_from_slice(&(address as u32).to_le_bytes());
        }

        fn call(&mut self, opcode: u8) {
            let distance = -(self.text.len() as i32 + 5);
            self.text.push(opcode);
            self.text.extend_from_slice(&distance.to_le_bytes());
        }

        fn formats(&self) -> Vec<String> {
            let text = Section { address: TEXT_AT, bytes: &self.text };
            let strings = Section { address: STRINGS_AT, bytes: &self.strings };
            Code::new(text, strings).formats().into_iter().collect()
        }
    }

    #[test]
    fn what_is_printed_is_found_and_what_is_elsewhere_is_not() {
        let mut made = Made { text: vec![0x90; 16], strings: Vec::new() };
        for number in 0..12 {
            made.load(0xc6, &format!("frame pointer is read only {number}\n"));
            made.call(0xe8);
        }
        // The branches of one call; one in another register; the last call of a function; a name.
        made.load(0xc6, "one way\n");
        made.text.extend_from_slice(&[0x90; 200]);
        made.load(0xc2, "another way\n");
        made.load(0xc2, "some name");
        made.load(0xc6, "the last");
        made.call(0xe9);
        // Far away, printed by something else.
        made.text.extend_from_slice(&[0x90; SAME_FILE]);
        made.load(0xc6, "elsewhere\n");
        let found = made.formats();
        assert_eq!(found.len(), 12 + 3);
        for text in ["one way\n", "another way\n", "the last"] {
            assert!(found.iter().any(|found| found == text), "{text:?}");
        }
    }

    #[test]
    fn addresses_relative_to_the_code_are_loads_too() {
        let mut text = vec![0x48, 0x8d, 0x35];
        text.extend_from_slice(&0x100_i32.to_le_bytes());
        let section = Section { address: TEXT_AT, bytes: &text };
        assert_eq!(address_load(section, 0), Some((RSI, TEXT_AT + 7 + 0x100)));
    }
}
