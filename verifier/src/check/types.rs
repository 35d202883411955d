//! Whether the functions and source lines that BTF tells of are those of the program.

use super::structure::has_tail_call;
use crate::log::Log;
use crate::program::Subject;
use crate::stop::{Checked, EINVAL, Stop};

fn refuse(log: &mut Log, args: std::fmt::Arguments<'_>) -> Checked {
    log.write(args);
    Err(Stop::Reject(EINVAL))
}

/// Before the program is looked at: the functions must stand in order.
pub(crate) fn check_order(subject: &Subject, log: &mut Log) -> Checked {
    let Some(first) = subject.functions.first() else {
        return Ok(());
    };
    if first.insn != 0 {
        return refuse(log, format_args!("nonzero insn_off {} for the first func info record", first.insn));
    }
    for pair in subject.functions.windows(2) {
        let (before, here) = (pair[0].insn, pair[1].insn);
        if here <= before {
            return refuse(
                log,
                format_args!(
                    "same or smaller insn offset ({here}) than previous func info record ({before})"
                ),
            );
        }
    }
    Ok(())
}

/// Once the program's functions are found, which start at `starts`, the program's end last.
pub(crate) fn check_types(subject: &Subject, starts: &[usize], log: &mut Log) -> Checked {
    if subject.functions.is_empty() {
        return Ok(());
    }
    if subject.functions.len() != starts.len() - 1 {
        return refuse(log, format_args!("number of funcs in func_info doesn't match number of subprogs\n"));
    }
    for (number, (function, bounds)) in subject.functions.iter().zip(starts.windows(2)).enumerate() {
        if function.insn != bounds[0] {
            return refuse(
                log,
                format_args!("func_info BTF section doesn't match subprog layout in BPF program\n"),
            );
        }
        if number == 0 || function.returns_number() {
            continue;
        }
        let slots = &subject.slots[bounds[0]..bounds[1]];
        if slots.iter().any(super::structure::is_packet_load) {
            return refuse(log, format_args!("LD_ABS is only allowed in functions that return 'int'.\n"));
        }
        if has_tail_call(slots) {
            return refuse(log, format_args!("tail_call is only allowed in functions that return 'int'.\n"));
        }
    }
    check_lines(subject, starts, log)
}

/// Source lines must stand in order, each at an instruction, and each function must begin with one.
fn check_lines(subject: &Subject, starts: &[usize], log: &mut Log) -> Checked {
    if subject.lines.is_empty() {
        return Ok(());
    }
    let count = subject.slots.len();
    let starts = &starts[..starts.len() - 1];
    let (mut before, mut function) = (0, 0);
    for (index, line) in subject.lines.iter().enumerate() {
        let at = line.insn;
        if (index > 0 && at <= before) || at >= count {
            return refuse(
                log,
                format_args!(
                    "Invalid line_info[{index}].insn_off:{at} (prev_offset:{before} prog->len:{count})\n"
                ),
            );
        }
        if subject.slots[at].opcode == 0 {
            return refuse(log, format_args!("Invalid insn code at line_info[{index}].insn_off\n"));
        }
        match starts.get(function) {
            Some(&start) if start == at => function += 1,
            Some(&start) if start < at => {
                return refuse(log, format_args!("missing bpf_line_info for func#{function}\n"));
            }
            _ => {}
        }
        before = at;
    }
    if function < starts.len() {
        let missing = starts.len() - function;
        return refuse(
            log,
            format_args!("missing bpf_line_info for {missing} funcs starting from func#{function}\n"),
        );
    }
    Ok(())
}
