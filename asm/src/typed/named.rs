//! Members by name alone: where they are is looked up when the program is built, in the kernel's BTF or in the format of an event.

use std::marker::PhantomData;
use std::ops::Deref;

use super::memory::Field;

/// What a struct of a writer's own stands for, by its name there: a struct of the kernel, the parameters of one of its
/// functions, an event.
pub trait Named: 'static {
    /// The name.
    const NAME: &'static str;
}

/// A struct of the kernel; see [`kernel_struct!`](crate::kernel_struct).
pub trait KernelStruct: Named {}

/// A function of the kernel, by its parameters; see [`kernel_function!`](crate::kernel_function).
pub trait KernelFunction: Named {
    /// What it returns.
    type Result;
}

/// An event that the kernel records; see [`trace_event!`](crate::trace_event).
pub trait TraceEvent: 'static {
    /// Its group and name: `sched/sched_switch`.
    const EVENT: &'static str;
}

/// A member of which only the name and the type are said. Nothing ever holds one.
#[derive(Debug)]
pub struct ByName<F>(PhantomData<fn() -> F>);

impl<F> Deref for ByName<F> {
    type Target = F;

    /// For the paths of [`member!`](crate::member), whose types alone are looked at.
    fn deref(&self) -> &F {
        unreachable!("nothing holds a member that is only named")
    }
}

/// A pointer to a struct `S` of the kernel, as the type of a member.
#[derive(Debug)]
pub struct Ptr<S>(PhantomData<fn() -> S>);

copies! { [S] Ptr<S>; }

/// What a member is, where it's looked up.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// So many bytes of a number, or of an array.
    Bytes(u32),
    /// A pointer to a struct of this name.
    Pointer(&'static str),
}

/// A type of members that are looked up by name: a number, an array of numbers, or a pointer to a struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no member that can be read",
    note = "numbers, arrays of numbers and `Ptr<S>` are; of a struct inside, name a member: `member!(File, f_path.dentry)`"
)]
pub trait NamedType: 'static {
    #[doc(hidden)]
    const SHAPE: Shape;
    /// What a copy of it is.
    type Stored: Copy;
}

macro_rules! numbers {
    ($($ty:ty)*) => {
        $(impl NamedType for $ty {
            const SHAPE: Shape = Shape::Bytes(size_of::<$ty>() as u32);
            type Stored = $ty;
        }

        impl<const N: usize> NamedType for [$ty; N] {
            const SHAPE: Shape = Shape::Bytes(size_of::<[$ty; N]>() as u32);
            type Stored = [$ty; N];
        })*
    };
}

numbers! { u8 u16 u32 u64 bool }

impl<S: KernelStruct> NamedType for Ptr<S> {
    const SHAPE: Shape = Shape::Pointer(S::NAME);
    type Stored = u64;
}

/// A member of `S` by its name, of the type `F`. Made by [`member!`](crate::member).
#[derive(Debug)]
pub struct NamedMember<S, F> {
    path: &'static str,
    /// The size of the whole member, where this is an element of an array, and the element's offset in it.
    element: Option<(u32, u32)>,
    types: PhantomData<fn(S) -> F>,
}

copies! { [S, F] NamedMember<S, F>; }

impl<S, F> NamedMember<S, F> {
    #[doc(hidden)]
    pub const fn new(_: fn(&S) -> &ByName<F>, path: &'static str) -> Self {
        Self { path, element: None, types: PhantomData }
    }

    /// The names on the way to it.
    pub(super) fn path(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('.').map(str::trim)
    }

    /// The names, for who reads a message.
    pub(super) fn name(&self) -> String {
        self.path().collect::<Vec<_>>().join(".")
    }
}

impl<S, F, const N: usize> NamedMember<S, [F; N]> {
    #[doc(hidden)]
    pub const fn element(self, index: usize) -> NamedMember<S, F> {
        assert!(index < N, "the array has fewer elements");
        let (whole, offset) = (size_of::<[F; N]>() as u32, (index * size_of::<F>()) as u32);
        NamedMember { path: self.path, element: Some((whole, offset)), types: PhantomData }
    }
}

impl<S, F: NamedType> NamedMember<S, F> {
    /// What is to be found at the path.
    pub(super) fn shape(&self) -> Shape {
        self.element.map_or(F::SHAPE, |(whole, _)| Shape::Bytes(whole))
    }

    /// The field, where what the path leads to was found at an offset; `None` if that is too far for a load.
    pub(super) fn at(&self, offset: u32) -> Option<Field<S, F>> {
        let offset = offset.checked_add(self.element.map_or(0, |(_, offset)| offset))?;
        (offset <= i16::MAX as u32).then(|| Field::found(offset))
    }
}

/// A member by its name: `member!(File, f_path.dentry)`, `member!(SysEnter, args[2])`. A name that isn't declared does not
/// compile; where the member is, and whether it is what was declared, is looked up when the program is built.
#[macro_export]
macro_rules! member {
    ($struct:ty, $($path:ident).+ [$index:literal]) => {
        $crate::typed::NamedMember::element($crate::member!($struct, $($path).+), $index)
    };
    ($struct:ty, $($path:ident).+) => {
        $crate::typed::NamedMember::new(|it: &$struct| &it.$($path).+, stringify!($($path).+))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! by_name {
    ($(#[$meta:meta])* $vis:vis $name:ident {
        $($(#[$member_meta:meta])* $member_vis:vis $member:ident : $ty:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug)]
        #[allow(dead_code)] // its members are names
        $vis struct $name {
            $($(#[$member_meta])* $member_vis $member: $crate::typed::ByName<$ty>,)*
        }
    };
}

/// Declares structs of the kernel, with those of their members that a program reads, in any order.
///
/// ```
/// use knockwright_asm::typed::Ptr;
///
/// knockwright_asm::kernel_struct! {
///     /// An open file.
///     pub struct File as "file" { /// How it was opened.
///         pub f_flags: u32, /// What it's a file of.
///         pub f_inode: Ptr<Inode>, }
///     /// What is on a disk.
///     pub struct Inode as "inode" { /// Its number.
///         pub i_ino: u64, }
/// }
/// ```
#[macro_export]
macro_rules! kernel_struct {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident as $kernel:literal { $($body:tt)* })*) => {
        $($crate::by_name! { $(#[$meta])* $vis $name { $($body)* } }

        impl $crate::typed::Named for $name {
            const NAME: &'static str = $kernel;
        }

        impl $crate::typed::KernelStruct for $name {})*
    };
}

/// Declares functions of the kernel, with those of their parameters that a program reads, in any order, and what they return.
///
/// ```
/// # knockwright_asm::kernel_struct! { /// An open file.
/// #   pub struct File as "file" {} }
/// use knockwright_asm::typed::Ptr;
///
/// knockwright_asm::kernel_function! {
///     /// A file is read.
///     pub struct VfsRead as "vfs_read" -> u64 { /// The file.
///         pub file: Ptr<File>, /// How many bytes at most.
///         pub count: u64, }
/// }
/// ```
#[macro_export]
macro_rules! kernel_function {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident as $kernel:literal -> $result:ty { $($body:tt)* })*) => {
        $($crate::by_name! { $(#[$meta])* $vis $name { $($body)* } }

        impl $crate::typed::Named for $name {
            const NAME: &'static str = $kernel;
        }

        impl $crate::typed::KernelFunction for $name {
            type Result = $result;
        })*
    };
}

/// Declares events that the kernel records, with those of their fields that a program reads, in any order.
///
/// ```
/// knockwright_asm::trace_event! {
///     /// Another task runs.
///     pub struct SchedSwitch as "sched/sched_switch" { /// Whose turn it was.
///         pub prev_pid: u32, /// And its name.
///         pub prev_comm: [u8; 16], }
/// }
/// ```
#[macro_export]
macro_rules! trace_event {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident as $event:literal { $($body:tt)* })*) => {
        $($crate::by_name! { $(#[$meta])* $vis $name { $($body)* } }

        impl $crate::typed::TraceEvent for $name {
            const EVENT: &'static str = $event;
        })*
    };
}
