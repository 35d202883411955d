//! Lists and trees of objects.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "owned-object",
    place: 1240,
    title: "an object, a list or a tree is used against the rules of ownership",
    cases: &[LIST_ON_THE_STACK],
};

const LIST_ON_THE_STACK: Case = Case::new("list-on-the-stack", Xdp)
    .unmodelled()
    .teaches(
        "A list of objects outlives the program, so its head lies in a map value with \
        a lock beside it, or in an object that bpf_obj_new gave. For numbers a queue \
        is enough.",
    )
    .program(|a| {
        a.store(U64, R10 - 16, 0);
        a.store(U64, R10 - 8, 0);
        a.mov(R1, R10);
        a.add(R1, -16);
        a.call_kernel("bpf_list_pop_front");
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 4, "arg#0 expected pointer to map value or allocated object", 5))
    .except(&[
        (until(5, 10), Message("BPF_CALL uses reserved fields")),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        (since(7, 2), Message("R1 expected pointer to map value or allocated object")),
    ])
    .fault(&[(until(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("a queue", |a| {
            let queue = a.map(MapDef::of_bytes("queue", MapType::Queue, 0, 8, 4));
            a.load_map(R1, queue);
            a.mov(R2, R10);
            a.add(R2, -8);
            a.call(Helper::MapPopElem);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(6)),
    );
