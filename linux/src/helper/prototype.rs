//! What a helper takes, gives and does, and who may call it.

use crate::{KernelVersion, MapTypes, ProgType, ProgTypes};

/// What a helper takes as one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// Any number.
    Anything,
    /// The context.
    Ctx,
    /// A map.
    Map,
    /// A key of the map.
    Key,
    /// A value of the map.
    MapValue,
    /// A place for a value of the map.
    ValueOut,
    /// Memory that is read; its size is the next argument.
    MemIn,
    /// As `MemIn`, or NULL.
    MemInOrNull,
    /// Memory that is written; its size is the next argument.
    MemOut,
    /// Memory that is read and written; its size is the next argument.
    MemInOut,
    /// Aligned memory of this many bytes that is read and written.
    FixedInOut(u32),
    /// Aligned memory of this many bytes that is written.
    FixedOut(u32),
    /// The size of the memory before it in bytes, not zero.
    Size,
    /// The size of the memory before it in bytes.
    SizeOrZero,
    /// A known size of memory to give back, in bytes.
    AllocSize,
    /// A ring buffer's record, which is given up.
    RingbufRecord,
    /// A socket, which is given up.
    SocketGivenUp,
    /// How often a function is called back: a number where the kernel wants one.
    Rounds,
    /// A function of the program, to be called back.
    Callback,
    /// A place on the stack, or NULL.
    StackOrNull,
    /// A spin lock in a value of a map.
    SpinLock,
}

/// What a helper gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// A number.
    Integer,
    /// The number of a processor: below the count of them.
    Processor,
    /// Nothing.
    Void,
    /// A value of the map or NULL.
    MapValueOrNull,
    /// A ring buffer's record or NULL.
    RecordOrNull,
    /// A socket or NULL, to be released.
    SocketOrNull,
    /// A socket of any kind or NULL, to be released.
    SockCommonOrNull,
}

impl Returns {
    /// Whether it's a pointer, or NULL instead of it.
    pub const fn is_pointer(self) -> bool {
        !matches!(self, Self::Integer | Self::Processor | Self::Void)
    }

    /// Whether the caller has to give it back.
    pub const fn is_acquired(self) -> bool {
        matches!(self, Self::RecordOrNull | Self::SocketOrNull | Self::SockCommonOrNull)
    }
}

/// Which function of the program a helper calls before it returns, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallsBack {
    /// So many times, with the round's number.
    Rounds,
    /// For each element of a map.
    Elements,
    /// For the memory area of an address.
    Area,
    /// For each record of a ring buffer that user space writes.
    Records,
}

/// The size of a memory argument, among a helper's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeAt {
    /// The number of the argument, 1 to 5: that of its register. The memory is the argument before it.
    pub argument: u8,
    /// Whether it may be zero.
    pub may_be_zero: bool,
}

/// The arguments of a helper and its result, as far as they are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// In full: a verifier can check a call by them.
    Known {
        /// What it takes, in the order of the registers.
        arguments: &'static [Argument],
        /// What it gives.
        returns: Returns,
    },
    /// Their kinds aren't written down yet.
    Outline {
        /// How many arguments there are, if that's known.
        count: Option<u8>,
        /// Which of them are sizes.
        sizes: &'static [SizeAt],
    },
}

/// How programs of some types call a helper.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Prototype {
    /// The program types that it's the prototype for. Helpers of one number can differ by them.
    pub programs: ProgTypes,
    /// Arguments and result.
    pub signature: Signature,
    /// Only programs under a licence that is compatible with the GPL may call it.
    pub gpl_only: bool,
    /// It may read the packet through its arguments.
    pub reads_packet: bool,
    /// It may move the packet, so that pointers into it are good no longer.
    pub moves_packet: bool,
    /// It changes what the map holds.
    pub writes_map: bool,
    /// It takes an object from the program, which can't use it any longer.
    pub releases: bool,
    /// The function that it calls before it returns.
    pub calls_back: Option<CallsBack>,
    /// The map types that it takes; none where it takes no map, and where they aren't written down.
    pub maps: MapTypes,
}

/// With these arguments and this result.
pub(super) const fn takes(arguments: &'static [Argument], returns: Returns) -> Prototype {
    Prototype::new(Signature::Known { arguments, returns })
}

/// With so many arguments. What they are isn't written down, but for those that are sizes of the memory before them.
pub(super) const fn outline(count: u8, sizes: &'static [SizeAt]) -> Prototype {
    Prototype::new(Signature::Outline { count: Some(count), sizes })
}

/// Of which nothing is written down but the sizes among its arguments.
pub(super) const fn unknown(sizes: &'static [SizeAt]) -> Prototype {
    Prototype::new(Signature::Outline { count: None, sizes })
}

/// An argument that is a size and not zero.
pub(super) const fn size(argument: u8) -> SizeAt {
    SizeAt { argument, may_be_zero: false }
}

/// An argument that is a size.
pub(super) const fn size_or_zero(argument: u8) -> SizeAt {
    SizeAt { argument, may_be_zero: true }
}

impl Prototype {
    const fn new(signature: Signature) -> Self {
        Self {
            programs: ProgTypes::ALL,
            signature,
            gpl_only: false,
            reads_packet: false,
            moves_packet: false,
            writes_map: false,
            releases: false,
            calls_back: None,
            maps: MapTypes::NONE,
        }
    }

    pub(super) const fn for_programs(self, programs: ProgTypes) -> Self {
        Self { programs, ..self }
    }

    pub(super) const fn gpl_only(self) -> Self {
        Self { gpl_only: true, ..self }
    }

    pub(super) const fn reads_packet(self) -> Self {
        Self { reads_packet: true, ..self }
    }

    pub(super) const fn moves_packet(self) -> Self {
        Self { moves_packet: true, ..self }
    }

    pub(super) const fn writes_map(self) -> Self {
        Self { writes_map: true, ..self }
    }

    pub(super) const fn releases(self) -> Self {
        Self { releases: true, ..self }
    }

    pub(super) const fn calls_back(self, how: CallsBack) -> Self {
        Self { calls_back: Some(how), ..self }
    }

    pub(super) const fn maps(self, maps: MapTypes) -> Self {
        Self { maps, ..self }
    }

    /// How many arguments it has, if that's known.
    pub fn argument_count(&self) -> Option<u8> {
        match self.signature {
            Signature::Known { arguments, .. } => u8::try_from(arguments.len()).ok(),
            Signature::Outline { count, .. } => count,
        }
    }

    /// The size of the memory in an argument, by the argument's number from 1 on.
    pub fn size_of(&self, memory: u8) -> Option<SizeAt> {
        let wanted = memory.checked_add(1)?;
        match self.signature {
            Signature::Known { arguments, .. } => match arguments.get(usize::from(memory))? {
                Argument::Size => Some(SizeAt { argument: wanted, may_be_zero: false }),
                Argument::SizeOrZero => Some(SizeAt { argument: wanted, may_be_zero: true }),
                _ => None,
            },
            Signature::Outline { sizes, .. } => sizes.iter().copied().find(|size| size.argument == wanted),
        }
    }

    /// What it gives, if that's known.
    pub fn returns(&self) -> Option<Returns> {
        match self.signature {
            Signature::Known { returns, .. } => Some(returns),
            Signature::Outline { .. } => None,
        }
    }
}

/// Some program types that may call a helper, and on which kernels.
///
/// A version is a series, `6.12`: what its newest stable release does. The oldest is 5.10, which stands for all before it
/// as well. Where a change came between two kernels that were asked, it's the version that brought it upstream, as far as
/// that is known, and else the later of the two.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Callers {
    /// Their types.
    pub programs: ProgTypes,
    /// The first version on which they may.
    pub since: KernelVersion,
    /// The first version on which they may no longer.
    pub until: Option<KernelVersion>,
    /// Series before `until` whose newest stable releases have taken that change over.
    pub lost: &'static [KernelVersion],
    /// Only a loader with CAP_PERFMON gets it.
    pub perfmon: bool,
}

/// Programs of these types, since this version.
pub(super) const fn since(since: KernelVersion, programs: ProgTypes) -> Callers {
    Callers { programs, since, until: None, lost: &[], perfmon: false }
}

impl Callers {
    pub(super) const fn until(self, until: KernelVersion) -> Self {
        Self { until: Some(until), ..self }
    }

    pub(super) const fn lost(self, lost: &'static [KernelVersion]) -> Self {
        Self { lost, ..self }
    }

    pub(super) const fn perfmon(self) -> Self {
        Self { perfmon: true, ..self }
    }

    /// Whether programs of a type are among them on a kernel.
    pub fn include(&self, prog_type: ProgType, kernel: KernelVersion) -> bool {
        self.programs.contains(prog_type)
            && kernel >= self.since
            && self.until.is_none_or(|until| kernel < until)
            && !self.lost.contains(&kernel)
    }
}

/// Who calls a helper, and on which kernel.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The type of the program.
    pub prog_type: ProgType,
    /// Whether the loader has CAP_PERFMON.
    pub perfmon: bool,
    /// The kernel.
    pub kernel: KernelVersion,
}
