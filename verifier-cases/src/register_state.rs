//! Register states in a level-2 log.
//!
//! From 5.18 on an instruction's line ends with the registers that it changed: `4: (07) r2 += -8 ; R2_w=fp-8`. Where a
//! branch is taken the whole state stands there, and before 5.18 it stands in front of the next instruction.

use knockwright_asm::Reg;

use knockwright_verifier::log_tail::instruction_slot;

/// The state of a register after the first walk over an instruction, as the log prints it.
///
/// The marks of liveness (`R2_w`, `R2_rD`), which 6.18 dropped, aren't part of the answer.
pub fn state_after(log: &str, insn: usize, register: Reg) -> Option<String> {
    // Listings come first; the walk starts with the state ahead of instruction 0.
    let mut lines = log.lines().skip_while(|line| !line.starts_with("0: R"));
    let line = lines.by_ref().find(|line| instruction_slot(line) == Some(insn))?;
    let here = line.split_once("; ").and_then(|(_, states)| find(states, register));
    here.or_else(|| {
        // A full state, `5: R0=… R1=…`, ahead of the next instruction.
        let next = lines.take_while(|line| instruction_slot(line).is_none());
        let full = next.map(full_state).find(Option::is_some).flatten()?;
        find(full, register)
    })
}

/// What follows `N: ` or `from N to M: ` if it is a state.
fn full_state(line: &str) -> Option<&str> {
    let (before, state) = line.split_once(": ")?;
    let is_place = before.bytes().all(|byte| byte.is_ascii_digit()) || before.starts_with("from ");
    (is_place && state.contains('=')).then_some(state)
}

/// The value of `R<n>=value` or `R<n>_w=value`; values may have spaces inside parentheses.
fn find(states: &str, register: Reg) -> Option<String> {
    let name = format!("R{}", register.number());
    for token in split_outside_parentheses(states) {
        let (key, value) = token.split_once('=')?;
        if key.split('_').next() == Some(name.as_str()) {
            return Some(value.to_owned());
        }
    }
    None
}

fn split_outside_parentheses(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    text.split(move |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ' ' && depth == 0
    })
    .filter(|token| token.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_after_the_instruction() {
        let log = "0: R1=ctx() R10=fp0\n4: (71) r1 = *(u8 *)(r0 +0)  ; R0=map_value(ks=4,vs=8) R1_w=scalar(umax=255,var_off=(0x0; 0xff))\n";
        assert_eq!(state_after(log, 4, Reg::R1).unwrap(), "scalar(umax=255,var_off=(0x0; 0xff))");
        assert_eq!(state_after(log, 4, Reg::R2), None);
        assert_eq!(state_after(log, 5, Reg::R1), None);
    }

    #[test]
    fn states_ahead_of_the_next_instruction() {
        let log = "0: R1=ctx() R10=fp0\n2: (b7) r1 = 0\n3: R1_w=inv0 R10=fp0\n3: (bf) r2 = r10\n";
        assert_eq!(state_after(log, 2, Reg::R1).unwrap(), "inv0");
    }
}
