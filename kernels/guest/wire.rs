//! What goes into the guest: programs with their maps, in one file. Written by the library, read by the guest; this file is
//! compiled into both.
//!
//! Little endian. Numbers are `u32`, byte strings have their length in front.

/// The first bytes of the file; the digit changes with the format.
pub const MAGIC: &[u8; 8] = b"kwcases5";

/// What goes into the guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestFile {
    /// How many bytes of a log are told: the last of them, from a line's start.
    pub most_log: usize,
    /// The BTF of programs: those of an object share one.
    pub btf: Vec<Vec<u8>>,
    /// The programs.
    pub loads: Vec<GuestLoad>,
}

/// A program to be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestLoad {
    /// `enum bpf_prog_type`.
    pub prog_type: u32,
    /// `enum bpf_attach_type`.
    pub attach_type: u32,
    /// What the program is for, by its number in the kernel's BTF; 0 for nothing.
    pub target: u32,
    /// `BPF_F_*` program flags.
    pub flags: u32,
    /// Whether CAP_PERFMON and CAP_SYS_ADMIN are to be missing.
    pub without_perfmon: bool,
    /// The log level: 0 nothing, 1 the path that failed, 2 every path.
    pub level: u32,
    /// The program's name.
    pub name: Vec<u8>,
    /// The licence.
    pub license: Vec<u8>,
    /// The code; maps by index, source registers 5 and 6.
    pub insns: Vec<u8>,
    /// Its BTF by number among those of the file.
    pub btf: Option<usize>,
    /// `struct bpf_func_info` records.
    pub func_info: Vec<u8>,
    /// `struct bpf_line_info` records.
    pub line_info: Vec<u8>,
    /// The maps in the order of their indexes.
    pub maps: Vec<GuestMap>,
}

/// A map to be created.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestMap {
    /// `enum bpf_map_type`.
    pub map_type: u32,
    /// The key's size.
    pub key_size: u32,
    /// The value's size.
    pub value_size: u32,
    /// The number of entries.
    pub max_entries: u32,
    /// `BPF_F_*` creation flags.
    pub flags: u32,
    /// What a number more means to this kind of map.
    pub extra: u64,
    /// The type of keys in the program's BTF; 0 for none.
    pub key_type: u32,
    /// The type of values; 0 for none.
    pub value_type: u32,
    /// The name.
    pub name: Vec<u8>,
    /// The bytes of value 0, after which the map is frozen if programs can't write it; empty for none.
    pub data: Vec<u8>,
    /// A map like those in it, of a map of maps; at most one.
    pub inner: Vec<GuestMap>,
}

/// Writes the file.
pub fn encode(file: &GuestFile) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    number(&mut out, file.most_log as u32);
    number(&mut out, file.btf.len() as u32);
    for btf in &file.btf {
        bytes(&mut out, btf);
    }
    number(&mut out, file.loads.len() as u32);
    for load in &file.loads {
        let without_perfmon = u32::from(load.without_perfmon);
        for value in [load.prog_type, load.attach_type, load.target, load.flags, without_perfmon, load.level]
        {
            number(&mut out, value);
        }
        // The numbers count from 1; 0 is none.
        number(&mut out, load.btf.map_or(0, |number| number as u32 + 1));
        for text in [&load.name, &load.license, &load.insns, &load.func_info, &load.line_info] {
            bytes(&mut out, text);
        }
        maps(&mut out, &load.maps);
    }
    out
}

fn maps(out: &mut Vec<u8>, maps_of: &[GuestMap]) {
    number(out, maps_of.len() as u32);
    for map in maps_of {
        for value in [map.map_type, map.key_size, map.value_size, map.max_entries, map.flags] {
            number(out, value);
        }
        for value in [map.extra as u32, (map.extra >> 32) as u32, map.key_type, map.value_type] {
            number(out, value);
        }
        bytes(out, &map.name);
        bytes(out, &map.data);
        maps(out, &map.inner);
    }
}

fn number(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}

/// Reads the file; `None` if it's cut or of another format.
pub fn decode(file: &[u8]) -> Option<GuestFile> {
    let mut reader = Reader(file.strip_prefix(MAGIC)?);
    let most_log = reader.number()? as usize;
    let btf = (0..reader.number()?).map(|_| reader.bytes()).collect::<Option<Vec<_>>>()?;
    let loads = (0..reader.number()?).map(|_| reader.load()).collect::<Option<Vec<_>>>()?;
    let is_there = |load: &GuestLoad| load.btf.is_none_or(|number| number < btf.len());
    (reader.0.is_empty() && loads.iter().all(is_there)).then_some(GuestFile { most_log, btf, loads })
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<u32> {
        let (first, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*first))
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let len = self.number()? as usize;
        let (first, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(first.to_vec())
    }

    fn load(&mut self) -> Option<GuestLoad> {
        Some(GuestLoad {
            prog_type: self.number()?,
            attach_type: self.number()?,
            target: self.number()?,
            flags: self.number()?,
            without_perfmon: self.number()? != 0,
            level: self.number()?,
            btf: (self.number()? as usize).checked_sub(1),
            name: self.bytes()?,
            license: self.bytes()?,
            insns: self.bytes()?,
            func_info: self.bytes()?,
            line_info: self.bytes()?,
            maps: self.maps(0)?,
        })
    }

    /// Maps that are so deep inside others.
    fn maps(&mut self, depth: u32) -> Option<Vec<GuestMap>> {
        // The kernel takes no map of maps inside another.
        const MAX_DEPTH: u32 = 1;
        let count = self.number()?;
        if count > 0 && depth > MAX_DEPTH {
            return None;
        }
        (0..count).map(|_| self.map(depth)).collect()
    }

    fn map(&mut self, depth: u32) -> Option<GuestMap> {
        Some(GuestMap {
            map_type: self.number()?,
            key_size: self.number()?,
            value_size: self.number()?,
            max_entries: self.number()?,
            flags: self.number()?,
            extra: u64::from(self.number()?) | u64::from(self.number()?) << 32,
            key_type: self.number()?,
            value_type: self.number()?,
            name: self.bytes()?,
            data: self.bytes()?,
            inner: self.maps(depth + 1)?,
        })
    }
}
