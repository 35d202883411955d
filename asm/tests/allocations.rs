//! Writing instructions allocates for room that grows, not for each of them.

#![expect(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use knockwright_asm::{Asm, Endian, ProgType, Reg::*, Size::*};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_hundred_thousand_instructions_take_few_allocations() {
    let before = COUNT.load(Ordering::Relaxed);
    let mut a = Asm::new("p", ProgType::Xdp);
    let drop = a.label("drop");
    for rule in 0..20_000 {
        let next = a.label("next");
        a.mov32(R1, R6);
        a.and32(R1, -256);
        a.goto_if(R1.w().ne(rule << 8), next);
        a.store(U64, R10 - 8, R7);
        a.goto_if(R7.w().eq(80), drop);
        a.bind(next);
    }
    a.bind(drop);
    a.mov(R0, 1);
    a.exit();
    let program = a.finish().unwrap();
    let bytes = program.bytes(Endian::Little);
    let (allocations, insns) = (COUNT.load(Ordering::Relaxed) - before, program.items.len());
    eprintln!("{allocations} allocations for {insns} instructions, {} bytes of code", bytes.len());
    assert!(insns > 100_000 && allocations < 100, "{allocations} for {insns}");
}
