//! Too many branches at once.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "too-many-jumps",
    place: 710,
    title: "more branches wait to be walked than the verifier keeps",
    cases: &[BRANCHES_WAITING],
};

const BRANCHES_WAITING: Case = Case::new("branches-waiting", Xdp)
    .teaches(
        "Each conditional jump leaves a branch to be walked later, and 8192 of them \
        may wait. A straight line of 8200 conditional jumps is too much, with E2BIG \
        or EFAULT by kernel. Join the branches earlier, or use a table.",
    )
    .short_log()
    .program(|a| {
        conditional_jumps(a, 8200);
    })
    .expect(reject(E2BIG, 8193, "The sequence of 8193 jumps is too complex.", 8194))
    .except(&[(until(6, 1), Errno(EFAULT)), (between((6, 16), (6, 18)), Errno(EFAULT))])
    .twin(
        Twin::new("fewer", |a| {
            conditional_jumps(a, 800);
        })
        .expect(accept(1602)),
    );
