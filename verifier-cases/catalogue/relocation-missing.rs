//! What libbpf writes where it found nothing.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "relocation-missing",
    place: 1170,
    title: "a relocation was not applied",
    cases: &[RELOCATION_FAILED],
};

/// What libbpf writes for a relocation that found nothing.
const BAD_RELOCATION: i32 = 0x0bad_2310;

const RELOCATION_FAILED: Case = Case::new("relocation-failed", Xdp)
    .teaches(
        "Where a field or type that the program asks for isn't in the kernel's types, \
        libbpf writes a call of 195896080, which is 0xbad2310: \"bad relo\". That is \
        no helper. On a path that is never walked it does no harm, so ask \
        bpf_core_field_exists first.",
    )
    .program(|a| {
        a.call(HelperId::new(BAD_RELOCATION));
        a.exit();
    })
    .expect(reject(EINVAL, 0, "invalid func unknown#195896080", 1))
    .twin(
        Twin::new("on a path that is not walked", |a| {
            let out = a.label("out");
            a.mov(R0, 0);
            a.goto_if(R0.eq(0), out);
            a.call(HelperId::new(BAD_RELOCATION));
            a.bind(out);
            a.exit();
        })
        .expect(accept(3)),
    );
