//! Programs that sleep take some maps only.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-not-for-program",
    place: 1180,
    title: "the map can't be used by this program",
    cases: &[TRIE_IN_SLEEPABLE],
};

/// Uses a map and does nothing with it.
#[track_caller]
fn uses(a: &mut Asm, map: MapDef) {
    let map = a.map(map);
    a.load_map(R1, map);
    a.mov(R0, 0);
    a.exit();
}

const TRIE_IN_SLEEPABLE: Case = Case::new("trie-in-sleepable", Kprobe)
    .unmodelled()
    .with_flags(BPF_F_SLEEPABLE)
    .teaches(
        "A program that may sleep holds no read section of its own, so only maps whose \
        entries outlive that are for it: arrays, hashes, ring buffers, storages. Tries \
        of prefixes are since Linux 7.2.",
    )
    .program(|a| {
        uses(a, MapDef::of_bytes("prefixes", MapType::LpmTrie, 8, 8, 4).with_flags(BPF_F_NO_PREALLOC))
    })
    .expect(refuse(EINVAL, "Sleepable programs can only use array, hash, ringbuf and local storage maps"))
    .except(&[
        (until(5, 10), Message("Only fentry/fexit/fmod_ret and lsm programs can be sleepable")),
        (only(6, 1), Message("Sleepable programs can only use array, hash, and ringbuf maps")),
        (since(7, 2), To(accept(3))),
    ])
    .fault(&[(until(5, 10), "program-type-rules")])
    .twin(
        Twin::new("a hash", |a| uses(a, MapDef::of_bytes("prefixes", MapType::Hash, 8, 8, 4)))
            .expect(accept(3))
            .except(&[(
                until(5, 10),
                To(refuse(EINVAL, "Only fentry/fexit/fmod_ret and lsm programs can be sleepable")),
            )])
            .fault(&[(until(5, 10), "program-type-rules")]),
    );
