//! What a program holds on its path: sections, locks, iterators, dynptrs, references. Where each begins, where it ends, and
//! which way leaves the end out.

use std::collections::{HashMap, HashSet};

use knockwright_asm::{Helper, Insn, Reg};

use crate::analysis::{Fault, helper_name, is_slice, moves_packets, releases};
use crate::class::Class;
use crate::path::Path;
use crate::slice::{Origin, Role, Storage, slice};

/// Calls that begin and end something, with what to say of each.
struct Pair {
    begin: Call,
    end: Call,
    begins: &'static str,
    ends: &'static str,
}

/// A helper, or a function of the kernel by its name.
#[derive(Clone, Copy)]
enum Call {
    Helper(Helper),
    Kernel(&'static str),
}

impl Call {
    fn name(self) -> &'static str {
        match self {
            Self::Helper(helper) => helper.name(),
            Self::Kernel(name) => name,
        }
    }
}

const PAIRS: &[Pair] = &[
    Pair {
        begin: Call::Kernel("bpf_rcu_read_lock"),
        end: Call::Kernel("bpf_rcu_read_unlock"),
        begins: "the read section begins here",
        ends: "the read section ends here",
    },
    Pair {
        begin: Call::Kernel("bpf_preempt_disable"),
        end: Call::Kernel("bpf_preempt_enable"),
        begins: "preemption is switched off here",
        ends: "preemption is switched on again here",
    },
    Pair {
        begin: Call::Kernel("bpf_local_irq_save"),
        end: Call::Kernel("bpf_local_irq_restore"),
        begins: "interrupts are switched off here",
        ends: "interrupts are switched on again here",
    },
    Pair {
        begin: Call::Helper(Helper::SpinLock),
        end: Call::Helper(Helper::SpinUnlock),
        begins: "the lock is taken here",
        ends: "the lock is given back here",
    },
    Pair {
        begin: Call::Kernel("bpf_res_spin_lock"),
        end: Call::Kernel("bpf_res_spin_unlock"),
        begins: "the lock is taken here",
        ends: "the lock is given back here",
    },
    Pair {
        begin: Call::Kernel("bpf_res_spin_lock_irqsave"),
        end: Call::Kernel("bpf_res_spin_unlock_irqrestore"),
        begins: "the lock is taken here, and interrupts are switched off",
        ends: "the lock is given back here",
    },
];

/// The steps of a story that touch no register of it, each with what happens there.
pub(crate) fn turns(fault: &Fault<'_>, class: Class) -> Vec<(usize, String)> {
    let Some(last) = fault.step else { return Vec::new() };
    let mut turns = match class {
        Class::RcuSection
        | Class::PreemptionSection
        | Class::LockRegion
        | Class::IrqFlag
        | Class::SleepingCall
        | Class::OwnedObject => sections(fault, last),
        Class::UntrustedPointer => ended(fault, last, &PAIRS[0]).into_iter().collect(),
        Class::ReferenceLeak => way_around(fault, last).into_iter().collect(),
        Class::NullDereference => lost_slice(fault, last).into_iter().collect(),
        _ => Vec::new(),
    };
    if matches!(
        class,
        Class::IteratorState
            | Class::DynptrOverwritten
            | Class::DynptrArgument
            | Class::UninitialisedDynptr
            | Class::DoubleRelease
            | Class::IrqFlag
    ) {
        turns.extend(of_place(fault, last));
    }
    turns.extend(called_back(fault, last, class));
    turns.sort_by_key(|(step, _)| *step);
    turns.dedup();
    turns
}

/// The steps before one that lie on the same stretch of the log, newest first.
fn back<'p>(path: &'p Path<'_>, last: usize) -> impl Iterator<Item = usize> + 'p {
    let gap = (0..=last).rev().find(|step| path.is_cut_before(*step)).unwrap_or(0);
    (gap..last).rev()
}

/// The sections that are open at a step; of one that is ended again, where it has ended before.
fn sections(fault: &Fault<'_>, last: usize) -> Vec<(usize, String)> {
    let here = helper_name(fault, last);
    let mut found = Vec::new();
    for pair in PAIRS {
        let mut ended = 0_usize;
        let mut open = None;
        for step in back(&fault.path, last) {
            match helper_name(fault, step) {
                Some(name) if name == pair.end.name() => ended += 1,
                Some(name) if name == pair.begin.name() && ended == 0 => {
                    open = Some(step);
                    found.push((step, pair.begins.to_owned()));
                }
                Some(name) if name == pair.begin.name() => ended -= 1,
                _ => {}
            }
        }
        // What is ended without being open has ended before.
        if open.is_none() && here.as_deref() == Some(pair.end.name()) {
            found.extend(self::ended(fault, last, pair));
        }
    }
    found
}

/// The last step before another where something ended.
fn ended(fault: &Fault<'_>, last: usize, pair: &Pair) -> Option<(usize, String)> {
    let step =
        back(&fault.path, last).find(|step| helper_name(fault, *step).as_deref() == Some(pair.end.name()))?;
    Some((step, pair.ends.to_owned()))
}

/// What was made of a place on the stack before a step that uses it otherwise: an iterator, a dynptr, saved flags.
fn of_place(fault: &Fault<'_>, last: usize) -> Vec<(usize, String)> {
    let path = &fault.path;
    let address = |step: usize, reg: Reg, off: i16| {
        path.stack_address(step, path.steps()[step].frame, reg, off).filter(|_| reg != Reg::R10 || off != 0)
    };
    let arguments = |step: usize| {
        (1..=5).filter_map(Reg::from_number).filter_map(move |reg| address(step, reg, 0)).collect::<Vec<_>>()
    };
    let wanted: Vec<(u32, i32)> = match fault.insn {
        Some(Insn::Store { base, off, .. } | Insn::StoreImm { base, off, .. }) => {
            address(last, base, off).into_iter().collect()
        }
        _ if fault.is_call() => match fault.register {
            Some(reg) => address(last, reg, 0).into_iter().collect(),
            None => arguments(last),
        },
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for step in back(path, last) {
        let Some((what, name)) = helper_name(fault, step).and_then(|name| Some((what_of(&name)?, name)))
        else {
            continue;
        };
        // A dynptr has 16 bytes, and a store may be to its second half.
        let is_it = arguments(step).iter().any(|(frame, at)| {
            wanted.iter().any(|(of, byte)| of == frame && (*at..at.saturating_add(16)).contains(byte))
        });
        if is_it {
            found.push((step, format!("{name} {what}")));
        }
    }
    found
}

/// What a call does with the place on the stack that it gets.
fn what_of(name: &str) -> Option<&'static str> {
    let is_iterator = name.starts_with("bpf_iter_");
    Some(match name {
        _ if is_iterator && name.ends_with("_new") => "makes the iterator",
        _ if is_iterator && name.ends_with("_destroy") => "ends the iterator",
        _ if name.ends_with("_reserve_dynptr") => "makes the dynptr, a record that is to be given back",
        _ if name.ends_with("_submit_dynptr") || name.ends_with("_discard_dynptr") => "gives the dynptr back",
        "bpf_dynptr_clone" => "makes the dynptr",
        _ if name.starts_with("bpf_dynptr_from_") => "makes the dynptr",
        "bpf_local_irq_save" => "saves the flags there",
        "bpf_local_irq_restore" => "restores the flags from there",
        _ => return None,
    })
}

/// The last jump on the path whose other way gives something back.
fn way_around(fault: &Fault<'_>, last: usize) -> Option<(usize, String)> {
    let path = &fault.path;
    // A loop comes to the same jumps in each of its rounds.
    let mut releases: HashMap<usize, Option<(usize, String)>> = HashMap::new();
    let mut later = HashSet::new();
    back(path, last).find_map(|step| {
        later.insert(path.steps()[step].slot);
        let Some(Insn::JumpIf { off, .. }) = path.insn(step) else { return None };
        let after = path.steps()[step].slot + 1;
        let other = if path.is_taken(step) { Some(after) } else { after.checked_add_signed(off.into()) };
        let other = other?;
        let release = releases.entry(other).or_insert_with(|| release_from(path, other));
        let (slot, name) = release.as_ref()?;
        // Unless the path itself comes there too.
        (!later.contains(slot))
            .then(|| (step, format!("the other way leads to {name} at {slot}, which this path leaves out")))
    })
}

/// The first call straight on from a slot that gives something back, by the instructions that the log shows.
fn release_from(path: &Path<'_>, from: usize) -> Option<(usize, String)> {
    /// How far one looks.
    const NEAR: usize = 64;
    let mut slot = from;
    for _ in 0..NEAR {
        let (_, text) = path.reading.listing.get(slot)?.as_ref()?;
        let insn = path.listed(slot)?;
        if let Some(name) = text.strip_prefix("call ").and_then(|call| call.split('#').next())
            && gives_back(name)
        {
            return Some((slot, name.to_owned()));
        }
        slot = match insn {
            Insn::Goto { off } => (slot + 1).checked_add_signed(off.into())?,
            Insn::Exit => return None,
            _ => slot + insn.slots(),
        };
    }
    None
}

/// Whether a call takes something that was acquired, by its name.
fn gives_back(name: &str) -> bool {
    let is_ending = |end: &str| name.ends_with(end);
    ["_release", "_put", "_destroy", "_drop_impl", "_submit", "_discard", "_submit_dynptr", "_discard_dynptr"]
        .into_iter()
        .any(is_ending)
}

/// Where the data that a slice of a dynptr points to was taken from it.
fn lost_slice(fault: &Fault<'_>, last: usize) -> Option<(usize, String)> {
    let reg = fault.register?;
    let story = slice(&fault.path, last, &[Storage::Reg { frame: fault.frame, reg }]);
    let made = story
        .events
        .iter()
        .find(|event| event.role == Role::Origin(Origin::Call) && is_slice(fault, event.step))?;
    let (step, name) = (made.step + 1..last).rev().find_map(|step| {
        let name = helper_name(fault, step)?;
        let loses = name == Helper::DynptrWrite.name()
            || moves_packets(fault, step)
            || releases(fault, step)
            || gives_back(&name);
        loses.then_some((step, name))
    })?;
    let from = fault.path.steps()[made.step].slot;
    Some((step, format!("{name} takes the slice of {from} away: {reg} is a plain number from here on")))
}

/// The call that calls the function back that the fault is in, where it's about that.
fn called_back(fault: &Fault<'_>, last: usize, class: Class) -> Option<(usize, String)> {
    let is_about = matches!(class, Class::CallbackResult | Class::Exception | Class::SleepingCall);
    if fault.frame == 0 || !is_about {
        return None;
    }
    let call = back(&fault.path, last).find(|step| fault.path.steps()[*step].frame < fault.frame)?;
    if matches!(fault.path.insn(call)?, Insn::CallLocal { .. }) {
        return None;
    }
    let first = fault.path.steps().get(call + 1)?.slot;
    Some((call, format!("{} calls the function at {first} back", helper_name(fault, call)?)))
}
