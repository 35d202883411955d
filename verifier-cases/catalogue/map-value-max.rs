//! An index whose largest value leads behind the map value.

use knockwright_asm::ProgType::Xdp;
use knockwright_programs::article;

use crate::case::{Case, Class, Twin};
use crate::errno::EACCES;
use crate::expectation::{accept, reject};

pub(super) const CLASS: Class = Class {
    slug: "map-value-max",
    title: "the largest possible offset lies behind the map value",
    cases: &[Case::new("article-bounds", Xdp)
        .teaches("x")
        .whole_program(article::bounds)
        .expect(reject(EACCES, 121, "R7 max value is outside of the allowed memory range", 89))
        .twin(Twin::whole_program("`if (step > 9) return XDP_PASS`", article::bounds_fixed).expect(accept(196)))],
};
