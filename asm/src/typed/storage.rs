//! Storages: a value of the program's for each task, socket, file or control group.

use std::marker::PhantomData;

use super::calls::{Passed, is_given};
use super::flow::Use;
use super::handles::is_same;
use super::kernel::KernelPtr;
use super::kind::Kind;
use super::map::{MaybeNull, Outcome};
use super::named::KernelStruct;
use super::sockets::{HasFields, Socket};
use super::{Typed, Writer, here};
use crate::builder::MapRef;
use crate::layout::BpfType;
use crate::program::MapDef;
use crate::types::Extent;
use knockwright_linux::map_type::NO_PREALLOC;
use knockwright_linux::uapi::helper_flags::BPF_LOCAL_STORAGE_GET_F_CREATE;
use knockwright_linux::{Helper, MapType};

/// What a storage has a value for: [`OfTask`], [`OfInode`], [`OfCgroup`] or [`OfSocket`].
pub trait Owner: 'static {
    /// The kind of the map.
    const MAP_TYPE: MapType;
    /// The helper that gives a value.
    const GET: Helper;
    /// The helper that takes one away.
    const DELETE: Helper;
}

macro_rules! owners {
    ($($name:ident $map_type:ident $get:ident $delete:ident $text:literal;)*) => {
        $(#[doc = $text]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}

        impl Owner for $name {
            const MAP_TYPE: MapType = MapType::$map_type;
            const GET: Helper = Helper::$get;
            const DELETE: Helper = Helper::$delete;
        })*
    };
}

owners! {
    OfTask TaskStorage TaskStorageGet TaskStorageDelete "A task, `struct task_struct`. Linux 5.11.";
    OfInode InodeStorage InodeStorageGet InodeStorageDelete "A file, `struct inode`, for programs of security hooks. Linux 5.10.";
    OfCgroup CgrpStorage CgrpStorageGet CgrpStorageDelete "A control group, `struct cgroup`. Linux 6.2.";
    OfSocket SkStorage SkStorageGet SkStorageDelete "A socket. Linux 5.2.";
}

/// A value of the type `V` for each `O`.
#[derive(Debug)]
pub struct Storage<O, V> {
    map: MapRef,
    types: PhantomData<fn(O) -> V>,
}

copies! { [O, V] Storage<O, V>; }

/// What happens where there is no value yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It's made, of zeros.
    Create,
    /// There is none.
    Leave,
}

/// A pointer to what a storage has a value for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that the storage has a value for",
    note = "of tasks it's a `KernelPtr` to `struct task_struct`, of sockets a `Socket`"
)]
pub trait Owns<O> {
    #[doc(hidden)]
    const CHECKED: ();
    #[doc(hidden)]
    fn owner(&self) -> OwnerUse;
}

/// The pointer's register, for [`Owns`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct OwnerUse(Use);

macro_rules! owned {
    ($($name:ident $kernel:literal;)*) => {
        $(impl<H, S: KernelStruct> Owns<$name> for KernelPtr<H, S> {
            const CHECKED: () =
                assert!(is_same(S::NAME, $kernel), concat!("such a storage has values for `struct ", $kernel, "`"));

            fn owner(&self) -> OwnerUse {
                OwnerUse(self.used)
            }
        })*
    };
}

owned! {
    OfTask "task_struct";
    OfInode "inode";
    OfCgroup "cgroup";
}

impl<H, F: HasFields> Owns<OfSocket> for Socket<H, F> {
    const CHECKED: () = ();

    fn owner(&self) -> OwnerUse {
        OwnerUse(self.used)
    }
}

/// # Storages
impl Writer {
    /// Declares a storage. Loaders have to know the type of its values, which they do from the object.
    #[track_caller]
    pub fn storage<O: Owner, V: BpfType>(&self, name: &str) -> Storage<O, V> {
        let def =
            MapDef::of(name, O::MAP_TYPE, Extent::of::<i32>(), Extent::of::<V>(), 0).with_flags(NO_PREALLOC);
        Storage { map: self.declare_map(def), types: PhantomData }
    }
}

/// # Storages
impl<K: Kind> Typed<K> {
    /// `r0 = bpf_…_storage_get(storage, owner, NULL, flags)`: the owner's value.
    #[track_caller]
    pub fn stored<O: Owner, V>(
        &mut self,
        storage: Storage<O, V>,
        owner: &impl Owns<O>,
        missing: Missing,
    ) -> MaybeNull<V> {
        const { assert!(is_given::<K>(O::GET), "programs of this kind have no such storage") }
        let flags = match missing {
            Missing::Create => BPF_LOCAL_STORAGE_GET_F_CREATE,
            Missing::Leave => 0,
        };
        let more = [Passed::number(0), Passed::number(flags)];
        MaybeNull::at(self.storage_call(O::GET, storage, owner, &more))
    }

    /// `r0 = bpf_…_storage_delete(storage, owner)`: takes the owner's value away.
    #[track_caller]
    pub fn forget<O: Owner, V>(&mut self, storage: Storage<O, V>, owner: &impl Owns<O>) -> Outcome {
        const {
            assert!(
                is_given::<K>(O::DELETE),
                "programs of this kind can't take values of such a storage away"
            )
        }
        Outcome::at(self.storage_call(O::DELETE, storage, owner, &[]))
    }

    #[track_caller]
    fn storage_call<O: Owner, V, P: Owns<O>>(
        &mut self,
        helper: Helper,
        storage: Storage<O, V>,
        owner: &P,
        more: &[Passed],
    ) -> Use {
        const { P::CHECKED }
        let at = here();
        let OwnerUse(owner) = owner.owner();
        let mut arguments = vec![Passed::map(storage.map), Passed::register(owner)];
        arguments.extend_from_slice(more);
        self.set_arguments(arguments, at);
        self.call_helper(helper, at)
    }
}
