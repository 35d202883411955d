//! Packet memory as a helper's argument.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "helper-packet-argument",
    place: 980,
    title: "a packet pointer as a helper's argument",
    cases: &[PACKET_AS_KEY_UNCHECKED],
};

const PACKET_AS_KEY_UNCHECKED: Case = Case::new("packet-as-key-unchecked", Xdp)
    .teaches("A packet pointer may be a key, if enough of it is checked: here four bytes.")
    .program(|a| {
        let map = hash_map(a, 8);
        packet(a);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 4, "R2 offset is outside of the packet", 4))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .twin(
        Twin::new("four bytes are checked", |a| {
            let out = a.label("out");
            let map = hash_map(a, 8);
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 4);
            a.goto_if(R0.gt(R3), out);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );
