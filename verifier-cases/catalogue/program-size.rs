//! The size of a program.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "program-size",
title: "a program of no or of too many instructions",
cases: &[Case::new("program-too-large", Xdp)
.teaches("A program may have a million instructions from CAP_BPF on (4096 without). One more \
and it is refused before any log is written: E2BIG and an empty log.").program(|a| {
many_moves(a, 1_000_000);
}).expect(accept(0)).twin(Twin::new("a short one", |a| {
many_moves(a, 10);
}).expect(accept(0)))],
};
