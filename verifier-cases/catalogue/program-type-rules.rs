//! What a program of a type may not do.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "program-type-rules",
    place: 1140,
    title: "the type of the program does not allow this",
    cases: &[LOCAL_STORAGE_WITH_FLAGS],
};

/// `bpf_get_local_storage(storage, flags)`.
#[track_caller]
fn local_storage(a: &mut Asm, flags: i32) {
    let storage = a.map(MapDef::of_bytes("storage", MapType::CgroupStorage, 8, 8, 0));
    a.load_map(R1, storage);
    a.mov(R2, flags);
    a.call(Helper::GetLocalStorage);
    a.mov(R0, 1);
    a.exit();
}

const LOCAL_STORAGE_WITH_FLAGS: Case = Case::new("local-storage-with-flags", CgroupSkb)
    .unmodelled()
    .teaches(
        "Programs of cgroups have a storage for each cgroup, which is always there: \
        the result is never NULL. The flags of bpf_get_local_storage are for later, \
        and have to be 0.",
    )
    .program(|a| local_storage(a, 1))
    .expect(reject(EINVAL, 3, "get_local_storage() doesn't support non-zero flags", 3))
    .twin(Twin::new("no flags", |a| local_storage(a, 0)).expect(accept(5)));
