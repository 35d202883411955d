//! A map reference that is no map.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-descriptor",
    place: 870,
    title: "a map reference that is no map",
    cases: &[BAD_MAP_DESCRIPTOR, MAP_VALUE_OF_HASH, MAP_VALUE_OFFSET_TOO_LARGE],
};

const BAD_MAP_DESCRIPTOR: Case = Case::new("bad-map-descriptor", Xdp)
    .teaches(
        "Programs name maps by file descriptor until the kernel puts in the address. \
        A number that is no descriptor of a map ends the load with EBADF: that \
        happens to code that was compiled and never relocated.",
    )
    .program(|a| {
        a.emit(Insn::LoadImm64 { dst: R1, value: Imm64::MapFd(999) });
        a.mov(R0, 2);
        a.exit();
    })
    .expect(refuse(EBADF, "fd 999 is not pointing to valid bpf_map"))
    .twin(
        Twin::new("a map", |a| {
            let map = hash_map(a, 8);
            a.load_map(R1, map);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );

const MAP_VALUE_OF_HASH: Case = Case::new("map-value-of-hash", Xdp)
    .teaches(
        "The address of a value can be taken directly (BPF_PSEUDO_MAP_VALUE), in \
        array maps only: in others a value has no fixed address.",
    )
    .program(|a| {
        let map = hash_map(a, 8);
        a.load_map_value(R1, map, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(refuse(EINVAL, "no direct value access support for this map type"))
    .twin(
        Twin::new("an array", |a| {
            let map = a.map(MapDef::new::<u32, u64>("m", MapType::Array, 1));
            a.load_map_value(R1, map, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );

const MAP_VALUE_OFFSET_TOO_LARGE: Case = Case::new("map-value-offset-too-large", Xdp)
    .teaches("The offset of a direct value address must lie inside the value.")
    .program(|a| {
        let map = a.map(MapDef::new::<u32, u64>("m", MapType::Array, 1));
        a.load_map_value(R1, map, 8);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(refuse(EINVAL, "invalid access to map value pointer, value_size=8 off=8"))
    .twin(
        Twin::new("the value's last byte", |a| {
            let map = a.map(MapDef::new::<u32, u64>("m", MapType::Array, 1));
            a.load_map_value(R1, map, 7);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
