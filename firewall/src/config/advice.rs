//! Warnings about sequences that are easier to find than they look.
//!
//! Any wrong UDP packet sets a source back, so that a sweep over all ports gets on only where the next knock's port is the
//! next port of the sweep, rising or falling.

use super::ProblemKind;

/// What is to be said against a sequence.
pub(super) fn on_sequence(ports: &[u16]) -> Vec<ProblemKind> {
    let mut found = Vec::new();
    if (1..3).contains(&ports.len()) {
        found.push(ProblemKind::ShortSequence { length: ports.len() });
    }
    let steps: Vec<i32> = ports.windows(2).map(|pair| i32::from(pair[1]) - i32::from(pair[0])).collect();
    let even = steps.len() >= 2 && steps.iter().all(|step| *step == steps[0] && *step != 0);
    match steps.first() {
        Some(1 | -1) if even || steps.len() == 1 => found.push(ProblemKind::Sweep),
        _ if even => found.push(ProblemKind::EvenSteps),
        _ => {
            for (at, step) in steps.iter().enumerate() {
                match step {
                    1 | -1 => found.push(ProblemKind::Neighbours { knock: at + 1 }),
                    0 => found.push(ProblemKind::Repeated { knock: at + 1 }),
                    _ => {}
                }
            }
        }
    }
    for (at, port) in ports.iter().enumerate() {
        let earlier = ports[..at].iter().rposition(|other| other == port);
        if let Some(earlier) = earlier.filter(|earlier| earlier + 1 < at) {
            found.push(ProblemKind::Again { knock: at + 1, earlier: earlier + 1 });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_and_what_is_said_of_them() {
        use ProblemKind::*;
        let cases: [(&[u16], Vec<ProblemKind>); 11] = [
            (&[7000, 8123, 9031], vec![]),
            (&[9, 5000, 77, 60000], vec![]),
            (&[7000], vec![ShortSequence { length: 1 }]),
            (&[7000, 9000], vec![ShortSequence { length: 2 }]),
            (&[7000, 7001], vec![ShortSequence { length: 2 }, Sweep]),
            (&[7000, 7001, 7002], vec![Sweep]),
            (&[7002, 7001, 7000], vec![Sweep]),
            (&[7000, 8000, 9000], vec![EvenSteps]),
            (&[7000, 7001, 9000], vec![Neighbours { knock: 1 }]),
            (&[7000, 7000, 9000], vec![Repeated { knock: 1 }]),
            (&[7000, 9000, 7000], vec![Again { knock: 3, earlier: 1 }]),
        ];
        for (ports, expected) in cases {
            assert_eq!(on_sequence(ports), expected, "{ports:?}");
        }
        assert!(on_sequence(&[]).is_empty());
        assert_eq!(on_sequence(&[65535, 1, 65535, 1]).len(), 2);
    }
}
