//! Largest offsets and depths: what is just inside, what is on the border, what is just outside. The running kernel must
//! say it too.

mod support;

use knockwright_differential::compare::{compare, own_answer};
use knockwright_verifier::{Attempt, Profile, Verifier};
use support::{host, program};

/// The verifier's largest variable offset, `BPF_MAX_VAR_OFF`.
const LARGEST: i64 = 1 << 29;

/// The text of a program and the message of its rejection; none if it's accepted.
type Border = (String, Option<String>);

/// A number in `r6` of which only the largest value is known.
fn number_up_to(largest: i64) -> String {
    format!("call bpf_get_prandom_u32#7\nr6 = r0\nif r6 > {largest:#x} goto out\n")
}

const VALUE: &str = ".program t socket_filter\n.map values array key 4 value 32 entries 1\n\
                     *(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[values]\ncall bpf_map_lookup_elem#1\n\
                     if r0 == 0x0 goto out\nr7 = r0\n";
const END: &str = "out:\nr0 = 0\nexit\n";

/// A variable offset into a map's value.
fn offset_in_value(largest: i64) -> Border {
    let text = format!("{VALUE}{}r7 += r6\nr0 = *(u8 *)(r7 +0)\n{END}", number_up_to(largest));
    let message = if largest < LARGEST {
        "R7 max value is outside of the allowed memory range"
    } else {
        "R7 unbounded memory access, make sure to bounds check any such access"
    };
    (text, Some(message.to_owned()))
}

/// The size that a helper is given.
fn size_for_helper(largest: i64) -> Border {
    let text = format!(
        ".program t socket_filter\n{}r1 = r10\nr1 += -8\n*(u64 *)(r10 -8) = 0\nif r6 == 0x0 goto out\nr2 = r6\n\
         call bpf_trace_printk#6\n{END}",
        number_up_to(largest)
    );
    let message = if largest < LARGEST {
        format!("invalid read from stack R1 off=-8 size={largest}")
    } else {
        "R2 unbounded memory access, use 'var &= const' or 'if (var < const)'".to_owned()
    };
    (text, Some(message))
}

/// A constant that is added to a pointer, in either direction.
fn constant_offset(offset: i64) -> Border {
    let text = format!("{VALUE}r7 += {offset}\n{END}");
    let message = (offset.abs() >= LARGEST)
        .then(|| format!("math between map_value pointer and {offset} is not allowed"));
    (text, message)
}

/// Two constants that are added to a pointer one after the other.
fn summed_offset(offset: i64) -> Border {
    let text = format!("{VALUE}r7 += {}\nr7 += {}\n{END}", offset / 2, offset - offset / 2);
    let message =
        (offset.abs() >= LARGEST).then(|| format!("map_value pointer offset {offset} is not allowed"));
    (text, message)
}

/// A variable offset whose smallest value is this, below zero.
fn smallest_offset(smallest: i64) -> Border {
    // Masked, so that it's linked with no other number.
    let text =
        format!("{VALUE}call bpf_get_prandom_u32#7\nr6 = r0\nr6 &= 15\nr6 += {smallest}\nr7 += r6\n{END}");
    let message = (smallest.abs() >= LARGEST)
        .then(|| format!("value {smallest} makes map_value pointer be out of bounds"));
    (text, message)
}

/// A variable offset into the stack.
fn offset_in_stack(largest: i64) -> Border {
    let text = format!(
        ".program t socket_filter\n{}r7 = r10\nr7 += -16\nr7 += r6\n*(u8 *)(r7 +0) = 0\n{END}",
        number_up_to(largest)
    );
    let message = if largest < LARGEST {
        format!(
            "invalid variable-offset write to stack R7 var_off={} off=-16 size=1",
            unsigned_below(largest)
        )
    } else {
        "invalid unbounded variable-offset write to stack R7".to_owned()
    };
    (text, Some(message))
}

/// The known bits of a number from 0 up to this one, as messages write them.
fn unsigned_below(largest: i64) -> String {
    format!("(0x0; {:#x})", (largest as u64 + 1).next_power_of_two() - 1)
}

/// A function that tail-calls, called where the stack is this deep.
fn tail_call_at_depth(depth: i64) -> Border {
    let text = format!(
        ".program t xdp\n.map programs prog_array key 4 value 4 entries 4\n\
         *(u64 *)(r10 -{depth}) = 0\ncall tail\nr0 = 2\nexit\n.func tail static ctx\n\
         r2 = map[programs]\nr3 = 0\ncall bpf_tail_call#12\nr0 = 0\nexit\n"
    );
    let message = (depth >= 256).then(|| {
        format!("tail_calls are not allowed when call stack of previous frames is {depth} bytes. Too large")
    });
    (text, message)
}

fn borders() -> Vec<Border> {
    let around = |border: i64, program: fn(i64) -> Border| [border - 1, border, border + 1].map(program);
    let mut all = Vec::new();
    all.extend(around(LARGEST, offset_in_value));
    all.extend(around(LARGEST, size_for_helper));
    all.extend(around(LARGEST, constant_offset));
    all.extend(around(-LARGEST, constant_offset));
    all.extend(around(LARGEST, summed_offset));
    all.extend(around(-LARGEST, summed_offset));
    all.extend(around(-LARGEST, smallest_offset));
    all.extend(around(LARGEST, offset_in_stack));
    all.extend([240, 256, 272].map(tail_call_at_depth));
    all
}

#[test]
fn borders_are_where_they_are() {
    for (text, message) in borders() {
        let seen = own_answer(&Verifier::new(Profile::NEWEST), &program(&text));
        assert_eq!(seen.message, message.unwrap_or_default(), "{text}");
    }
}

#[test]
fn borders_are_the_kernels() {
    let Some(mut pair) = host("borders_are_the_kernels") else { return };
    let borders = borders();
    let attempts: Vec<Attempt> = borders.iter().map(|(text, _)| program(text)).collect();
    let answers = compare(pair.kernel.as_mut(), &pair.own, &attempts, None).unwrap();
    for ((text, message), found) in borders.into_iter().zip(answers) {
        assert_eq!(found.theirs.message, message.unwrap_or_default(), "{text}");
    }
}
