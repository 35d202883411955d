//! The typed content of a state: registers, stack slots, references.

use std::num::NonZeroU32;

use crate::scalar::{Scalar, Tnum};

/// Marks after a register's or a slot's name, up to Linux 6.17: `_r`, `_w`, `_rw`, `_rD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Liveness {
    /// `r`: read by this state or one that follows.
    pub read: bool,
    /// `w`: written here, which hides what came before.
    pub written: bool,
    /// `D`: nothing more will be known.
    pub done: bool,
}

impl Liveness {
    /// No mark.
    pub const NONE: Self = Self { read: false, written: false, done: false };
    /// `_w`.
    pub const WRITTEN: Self = Self { written: true, ..Self::NONE };

    /// Whether there is no mark.
    pub const fn is_none(self) -> bool {
        !self.read && !self.written && !self.done
    }
}

/// What a register holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RegState<'a> {
    /// A number, known or not.
    Scalar(ScalarState),
    /// A pointer, or what may be one.
    Pointer(PointerState<'a>),
    /// Text that is none of the known forms, as it stands.
    Unknown(&'a str),
}

impl<'a> RegState<'a> {
    /// The number, if it is one.
    pub const fn scalar(&self) -> Option<&ScalarState> {
        if let Self::Scalar(scalar) = self { Some(scalar) } else { None }
    }

    /// The pointer, if it is one.
    pub const fn pointer(&self) -> Option<&PointerState<'a>> {
        if let Self::Pointer(pointer) = self { Some(pointer) } else { None }
    }

    /// The number, if it's one known number.
    pub const fn constant(&self) -> Option<u64> {
        if let Self::Scalar(scalar) = self { scalar.constant() } else { None }
    }

    /// The id that it shares with its copies.
    pub const fn id(&self) -> Option<NonZeroU32> {
        match self {
            Self::Scalar(scalar) => scalar.id,
            Self::Pointer(pointer) => pointer.id,
            Self::Unknown(_) => None,
        }
    }
}

/// What is known of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScalarState {
    /// `P`: its exact value matters for safety.
    pub precise: bool,
    /// Numbers of one id change together. Without one old kernels write `id=0`.
    pub id: Option<NonZeroU32>,
    /// `id=2+4`: it differs from the others of its id by this constant.
    pub delta: Option<i32>,
    /// The known bits and the ranges. Those that the text leaves out are filled in.
    pub num: Scalar,
}

impl ScalarState {
    /// A number of which nothing is known.
    pub const UNKNOWN: Self = Self { precise: false, id: None, delta: None, num: Scalar::UNKNOWN };

    /// The number, if it's one known number.
    pub const fn constant(&self) -> Option<u64> {
        self.num.as_const()
    }

    /// The smallest unsigned 64-bit value.
    pub const fn umin(&self) -> u64 {
        self.num.u64.min
    }

    /// The largest unsigned 64-bit value.
    pub const fn umax(&self) -> u64 {
        self.num.u64.max
    }

    /// The smallest signed 64-bit value.
    pub const fn smin(&self) -> i64 {
        self.num.s64.min
    }

    /// The largest signed 64-bit value.
    pub const fn smax(&self) -> i64 {
        self.num.s64.max
    }

    /// The smallest unsigned value of the lower half.
    pub const fn umin32(&self) -> u32 {
        self.num.u32.min
    }

    /// The largest unsigned value of the lower half.
    pub const fn umax32(&self) -> u32 {
        self.num.u32.max
    }

    /// The smallest signed value of the lower half.
    pub const fn smin32(&self) -> i32 {
        self.num.s32.min
    }

    /// The largest signed value of the lower half.
    pub const fn smax32(&self) -> i32 {
        self.num.s32.max
    }

    /// The known bits, `var_off`.
    pub const fn var_off(&self) -> Tnum {
        self.num.bits
    }
}

/// The kinds of pointers, by the kernel's words without prefix and `_or_null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PointerKind {
    /// `ctx`: the program's context.
    Ctx,
    /// `fp`: the stack.
    Stack,
    /// `map_ptr`: a map.
    MapPtr,
    /// `map_value`: a value in a map.
    MapValue,
    /// `map_key`: a key in a map.
    MapKey,
    /// `pkt`: packet data.
    Packet,
    /// `pkt_meta`: what stands before packet data.
    PacketMeta,
    /// `pkt_end`: the end of packet data.
    PacketEnd,
    /// `flow_keys`.
    FlowKeys,
    /// `sock`: a full socket.
    Sock,
    /// `sock_common`: any socket.
    SockCommon,
    /// `tcp_sock`.
    TcpSock,
    /// `xdp_sock`.
    XdpSock,
    /// `tp_buffer`: a tracepoint's buffer.
    TpBuffer,
    /// `mem`: memory of a known size, such as a ring buffer's record.
    Mem,
    /// `buf`: a buffer.
    Buf,
    /// `func`: a function of the program.
    Func,
    /// `ptr_NAME`: a kernel structure, by BTF.
    Btf,
    /// `arena`.
    Arena,
    /// `dynptr_NAME`, a dynptr on the stack.
    Dynptr,
    /// `iter_NAME`, an iterator on the stack.
    Iter,
    /// Any other word.
    Other,
}

impl PointerKind {
    /// Whether it points into packet data or before it.
    pub const fn is_packet(self) -> bool {
        matches!(self, Self::Packet | Self::PacketMeta)
    }

    /// Whether it's part of a map or a map.
    pub const fn is_map(self) -> bool {
        matches!(self, Self::MapPtr | Self::MapValue | Self::MapKey)
    }
}

/// The map of a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MapText<'a> {
    /// The map's name; none before Linux 6.8, and for maps without one.
    pub name: Option<&'a str>,
    /// `ks=`, in bytes.
    pub key_size: u32,
    /// `vs=`, in bytes.
    pub value_size: u32,
}

/// What is known of a pointer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PointerState<'a> {
    /// What it points to.
    pub kind: PointerKind,
    /// The words before the kind's own, such as `rdonly_`, `ringbuf_` or `trusted_`.
    pub prefix: &'a str,
    /// The kind's own word, such as `map_value`; for [`PointerKind::Btf`] `ptr_` and the structure.
    pub word: &'a str,
    /// `_or_null`: NULL is possible.
    pub or_null: bool,
    /// Values of one id change together. Without one old kernels write `id=0`.
    pub id: Option<NonZeroU32>,
    /// The reference that it stands for.
    pub ref_obj_id: Option<NonZeroU32>,
    /// The map that it belongs to.
    pub map: Option<MapText<'a>>,
    /// The fixed offset in bytes. For the stack with a known place, all of it.
    pub off: i64,
    /// `r=`, for packet pointers: bytes behind it that are proved to be there, or -1 and -2 for the packet's end and beyond it.
    pub range: Option<i64>,
    /// `sz=`, for memory, in bytes.
    pub size: Option<u64>,
    /// The frame whose stack it points into, where it is not that of the state.
    pub frame: Option<u32>,
    /// The variable offset; known to be 0 for most pointers.
    pub num: Scalar,
    /// Attributes that are none of the known ones, as they stand.
    pub more: &'a str,
}

impl<'a> PointerState<'a> {
    /// A pointer with no offset.
    pub const fn new(kind: PointerKind, word: &'a str) -> Self {
        Self {
            kind,
            prefix: "",
            word,
            or_null: false,
            id: None,
            ref_obj_id: None,
            map: None,
            off: 0,
            range: None,
            size: None,
            frame: None,
            num: Scalar::known(0),
            more: "",
        }
    }

    /// The whole word, such as `ringbuf_mem_or_null`.
    pub fn type_name(&self) -> String {
        let null = if self.or_null { "_or_null" } else { "" };
        format!("{}{}{null}", self.prefix, self.word)
    }

    /// Whether NULL is possible; kernel structs say so in the middle of their word, `ptr_or_null_tcp_sock`.
    pub fn may_be_null(&self) -> bool {
        self.or_null || self.word.starts_with("ptr_or_null_")
    }

    /// The offset, if it's known: fixed and variable part.
    pub fn constant_offset(&self) -> Option<i64> {
        self.num.as_const().map(|value| (value as i64).wrapping_add(self.off))
    }

    /// The smallest offset: the fixed part and the smallest signed value of the variable part.
    pub const fn min_offset(&self) -> i64 {
        self.num.s64.min.saturating_add(self.off)
    }

    /// The largest offset: the fixed part and the largest unsigned value of the variable part.
    pub const fn max_offset(&self) -> i128 {
        self.num.u64.max as i128 + self.off as i128
    }
}

/// Letters for bytes of a stack slot, as they stand: `?` never written, `m` written, `0` zero, `r` part of a
/// register, `d` dynptr, `i` iterator, `f` interrupt flags, `p` dead. The last is the byte at the lowest address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SlotBytes {
    letters: [u8; 8],
    len: u8,
}

impl SlotBytes {
    /// No letter.
    pub const NONE: Self = Self { letters: [0; 8], len: 0 };

    /// Adds a letter; more than eight are ignored.
    pub(crate) fn push(&mut self, letter: char) {
        if let (Some(place), Ok(letter)) = (self.letters.get_mut(usize::from(self.len)), u8::try_from(letter))
        {
            *place = letter;
            self.len += 1;
        }
    }

    /// The letters, at most eight.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.letters[..usize::from(self.len)]).unwrap_or("")
    }

    /// The letter of the byte `at` bytes above the slot's offset.
    pub fn at(&self, at: usize) -> Option<char> {
        let index = 7_usize.checked_sub(at)?;
        (index < usize::from(self.len)).then(|| char::from(self.letters[index]))
    }
}

/// Eight bytes of stack.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Slot<'a> {
    /// The offset from the frame pointer of the lowest byte, such as -8.
    pub offset: i32,
    /// Marks after the name.
    pub liveness: Liveness,
    /// The bytes above a spilled register, or all eight.
    pub bytes: SlotBytes,
    /// The register that is spilled in the lower bytes. Neither bytes nor register: half a register, of which Linux 6.1
    /// writes nothing.
    pub spilled: Option<RegState<'a>>,
    /// Only the spilled register's type, or its constant, is known.
    pub brief: bool,
}

/// A state of one frame: all of it, or what an instruction changed.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct State<'a> {
    /// The number of the frame; 0 is the outermost.
    pub frame: u32,
    /// Registers in the order of the text, each with its number and its marks.
    pub regs: Vec<(u8, Liveness, RegState<'a>)>,
    /// Stack slots in the order of the text.
    pub slots: Vec<Slot<'a>>,
    /// Ids of references that must be released.
    pub refs: Vec<u32>,
    /// `cb`: the frame is a callback's.
    pub callback: bool,
    /// `async_cb`: the frame is an asynchronous callback's.
    pub async_callback: bool,
    /// Parts that are none of the known forms, as they stand.
    pub unknown: Vec<&'a str>,
}

impl<'a> State<'a> {
    /// The register of a number, if the state has it.
    pub fn reg(&self, number: u8) -> Option<&RegState<'a>> {
        self.regs.iter().find(|(at, _, _)| *at == number).map(|(_, _, value)| value)
    }

    /// The slot at an offset from the frame pointer, if the state has it.
    pub fn slot(&self, offset: i32) -> Option<&Slot<'a>> {
        self.slots.iter().find(|slot| slot.offset == offset)
    }
}
