//! The result of a lookup may be NULL.

use knockwright_asm::ProgType::Xdp;
use knockwright_programs::article;

use crate::case::{Case, Class, Twin};
use crate::errno::EACCES;
use crate::expectation::{accept, reject};

pub(super) const CLASS: Class = Class {
    slug: "map-value-or-null",
    title: "a pointer that may be NULL is used as if it were not",
    cases: &[Case::new("article-null", Xdp)
        .teaches("bpf_map_lookup_elem gives NULL for a key without an entry.")
        .whole_program(article::null)
        .expect(reject(EACCES, 72, "R0 invalid mem access 'map_value_or_null'", 70))
        .twin(Twin::whole_program("`if (!state) return XDP_PASS`", article::null_fixed).expect(accept(188)))],
};
