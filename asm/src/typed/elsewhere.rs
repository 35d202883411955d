//! Memory that isn't the program's: addresses of the kernel and of user space, which helpers copy from.

use std::marker::PhantomData;

use super::calls::{Passed, UntilCall};
use super::flow::Use;
use super::kernel::KernelPtr;
use super::kind::Kind;
use super::map::Outcome;
use super::memory::Field;
use super::named::NamedType;
use super::scalar::{Scalar, Word};
use super::stack::{Init, Uninit};
use super::{At, Typed, Writer, here};
use crate::layout::BpfType;
use crate::reg::Reg;
use knockwright_linux::Helper;
use knockwright_linux::limits::MAX_BPF_STACK;

/// The address of a `T` in the kernel's memory, as far as the program knows.
#[derive(Debug)]
#[must_use]
pub struct KernelAddress<H, T> {
    used: Use,
    types: PhantomData<(H, fn() -> T)>,
}

/// The address of a `T` in the memory of the task that runs, as far as the program knows.
#[derive(Debug)]
#[must_use]
pub struct UserAddress<H, T> {
    used: Use,
    types: PhantomData<(H, fn() -> T)>,
}

/// An address that helpers copy from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no address of memory elsewhere",
    note = "a number in a register is taken for one by `number.kernel::<T>()` or `number.user::<T>()`"
)]
pub trait Elsewhere {
    /// What is there.
    type Target;
    #[doc(hidden)]
    const READ: Helper;
    #[doc(hidden)]
    const READ_STR: Helper;
    #[doc(hidden)]
    fn place(&self) -> Place;
}

/// The value that an address is, for [`Elsewhere`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Place(Use);

macro_rules! addresses {
    ($($name:ident $by:ident reads $read:ident $read_str:ident: $text:literal;)*) => {
        $(copies! { [H, T] $name<H, T>; }

        impl<H, T> $name<H, T> {
            pub(super) fn at(used: Use) -> Self {
                Self { used, types: PhantomData }
            }

            /// The address as a number.
            pub fn number(self) -> Word<H> {
                Scalar::at(self.used)
            }
        }

        impl<H, T> Elsewhere for $name<H, T> {
            type Target = T;
            const READ: Helper = Helper::$read;
            const READ_STR: Helper = Helper::$read_str;

            fn place(&self) -> Place {
                Place(self.used)
            }
        }

        impl<H, const MAX: u64> Scalar<H, MAX> {
            #[doc = $text]
            pub fn $by<T>(self) -> $name<H, T> {
                $name::at(self.used)
            }
        })*
    };
}

addresses! {
    KernelAddress kernel reads ProbeReadKernel ProbeReadKernelStr: "The number, taken for the address of a `T` in the kernel's memory.";
    UserAddress user reads ProbeReadUser ProbeReadUserStr: "The number, taken for the address of a `T` in the memory of the task that runs.";
}

impl<H, T> Elsewhere for KernelPtr<H, T> {
    type Target = T;
    const READ: Helper = Helper::ProbeReadKernel;
    const READ_STR: Helper = Helper::ProbeReadKernelStr;

    fn place(&self) -> Place {
        Place(self.used)
    }
}

impl Writer {
    /// `r1 = place; r2 = size; r3 = address; r3 += offset; call helper`.
    fn copy_from(
        &mut self,
        helper: Helper,
        place: i32,
        bytes: u32,
        address: Use,
        offset: u32,
        at: At,
    ) -> Use {
        let arguments = vec![Passed::room(place), Passed::number(bytes as i32), Passed::register(address)];
        self.set_arguments(arguments, at);
        self.add_offset(Reg::R3, offset, at);
        self.call_helper(helper, at)
    }
}

/// # Memory elsewhere
///
/// The helpers are for programs under a licence that is compatible with the GPL.
impl<K: Kind> Typed<K> {
    /// `r0 = bpf_probe_read_kernel(place, size, address + member)`, or `…_user`: copies a member of what is there. The place
    /// holds it where that succeeded, else zeros.
    ///
    /// ```
    /// use knockwright_asm::{bpf_struct, field};
    /// use knockwright_asm::typed::{ProbeAction, R3, R6, Typed, Uprobe, X86_64};
    ///
    /// bpf_struct! { /// What the traced program hands over.
    ///     pub struct Job as "job" { /// Which it is.
    ///         pub id: u64, /// How urgent it is.
    ///         pub urgency: u32, }
    /// }
    /// let (mut p, context) = Typed::<Uprobe<X86_64>>::new("job");
    /// p.license("GPL");
    /// let job = p.argument::<0, _>(R6, &context).user::<Job>();
    /// let place = p.uninit::<u32>();
    /// let (outcome, urgency) = p.probe_read(place, &job, field!(Job, urgency));
    /// outcome.ignore();
    /// let _urgency = p.reload(R3, &urgency);
    /// p.exit(ProbeAction::Done);
    /// assert_eq!(p.finish()?.slot_count(), 10);
    /// # Ok::<(), knockwright_asm::typed::TypedErrors>(())
    /// ```
    #[track_caller]
    pub fn probe_read<A: Elsewhere, F: NamedType<Stored: BpfType>>(
        &mut self,
        place: Uninit<F::Stored>,
        address: &A,
        field: Field<A::Target, F>,
    ) -> (Outcome, Init<F::Stored>) {
        let (at, Place(used)) = (here(), address.place());
        let bytes = <F::Stored as BpfType>::TYPE.size();
        let outcome = self.copy_from(A::READ, place.offset, bytes, used, field.offset(), at);
        (Outcome::at(outcome), self.initialised(place, at))
    }

    /// As [`Typed::probe_read`], of the whole of what is there.
    #[track_caller]
    pub fn probe_read_whole<A: Elsewhere<Target: BpfType>>(
        &mut self,
        place: Uninit<A::Target>,
        address: &A,
    ) -> (Outcome, Init<A::Target>) {
        let (at, Place(used)) = (here(), address.place());
        let bytes = <A::Target as BpfType>::TYPE.size();
        let outcome = self.copy_from(A::READ, place.offset, bytes, used, 0, at);
        (Outcome::at(outcome), self.initialised(place, at))
    }

    /// `r0 = bpf_probe_read_kernel_str(place, N, address)`, or `…_user_str`: copies text up to its end, at most `N` bytes with the
    /// 0 that ends it. Gives how many, or a negative error; what follows the text in the place isn't written.
    #[track_caller]
    pub fn probe_read_str<A: Elsewhere<Target = u8>, const N: usize>(
        &mut self,
        place: Uninit<[u8; N]>,
        address: &A,
    ) -> (Word<UntilCall>, Init<[u8; N]>) {
        const { assert!(N > 0 && N <= MAX_BPF_STACK as usize, "text is copied to the stack, which has 512 bytes") };
        let (at, Place(used)) = (here(), address.place());
        let length = self.copy_from(A::READ_STR, place.offset, N as u32, used, 0, at);
        (Scalar::at(length), self.initialised(place, at))
    }
}
