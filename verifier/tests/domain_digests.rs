//! What the domain of numbers gives, to the bit: each operation on numbers drawn from a seed, on each profile, as one digest.
//!
//! Logs show every range, so an operation must not become more precise than the kernel's either. Among the numbers are ones whose
//! parts contradict each other, as on paths that can't be taken. `.ci/regenerate pages` writes the table anew.

use knockwright_asm::{Cond, Width};
use knockwright_verifier::scalar::{Binary, Scalar, Span, Tnum, decide, refine, refine_same};
use knockwright_verifier::{Profile, Rules};

const TABLE: &str = include_str!("data/domain-digests.txt");

/// How many pairs of numbers each operation gets.
const PAIRS: usize = 1000;

const WIDTHS: [Width; 2] = [Width::W64, Width::W32];

/// SplitMix64, public domain, after Sebastiano Vigna.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A number near one of the borders of signs and halves, or a small one, or any.
    fn number(&mut self) -> u64 {
        const BORDERS: [u64; 8] =
            [0, 1 << 7, 1 << 15, 1 << 16, 1 << 31, 1 << 32, 1 << 63, 0xffff_ffff_8000_0000];
        match self.below(8) {
            0..4 => BORDERS[self.below(8) as usize].wrapping_add(self.below(9)).wrapping_sub(4),
            4 => self.below(70),
            5 => self.below(70).wrapping_neg(),
            6 => self.next() >> self.below(64),
            _ => self.next(),
        }
    }

    fn bits(&mut self) -> Tnum {
        let mask = match self.below(4) {
            0 => u64::MAX,
            1 => (1 << self.below(64)) - 1,
            2 => self.next() & self.next(),
            _ => self.number(),
        };
        Tnum { value: self.number() & !mask, mask }
    }

    fn pair<T: Ord + Copy>(&mut self, number: fn(u64) -> T) -> Span<T> {
        let (a, b) = (number(self.number()), number(self.number()));
        Span::new(a.min(b), a.max(b))
    }

    /// A number of which any part may say anything: the parts may contradict each other, and spans may be empty.
    fn unsettled(&mut self) -> Scalar {
        let mut scalar = Scalar { bits: self.bits(), ..Scalar::UNKNOWN };
        let parts = self.below(16);
        if parts & 1 != 0 {
            scalar.u64 = self.pair(|n| n);
        }
        if parts & 2 != 0 {
            scalar.s64 = self.pair(|n| n as i64);
        }
        if parts & 4 != 0 {
            scalar.u32 = self.pair(|n| n as u32);
        }
        if parts & 8 != 0 {
            scalar.s32 = self.pair(|n| n as i32);
        }
        if self.below(16) == 0 {
            std::mem::swap(&mut scalar.u64.min, &mut scalar.u64.max);
        }
        if self.below(16) == 0 {
            std::mem::swap(&mut scalar.s64.min, &mut scalar.s64.max);
        }
        if self.below(16) == 0 {
            std::mem::swap(&mut scalar.u32.min, &mut scalar.u32.max);
        }
        scalar
    }

    /// A number as paths make them: a known one, or one that some jumps have bounded.
    fn scalar(&mut self, rules: &Rules) -> Scalar {
        match self.below(6) {
            0 => Scalar::known(self.number()),
            1 => self.unsettled(),
            2 => {
                let mut scalar = self.unsettled();
                scalar.sync(rules);
                scalar
            }
            _ => {
                let mut scalar = Scalar { bits: self.bits(), ..Scalar::UNKNOWN };
                scalar.sync(rules);
                for _ in 0..self.below(4) {
                    let cond = Cond::ALL[self.below(11) as usize];
                    let width = WIDTHS[self.below(2) as usize];
                    let limit = Scalar::known(self.number());
                    let (taken, fallen) = refine(cond, width, &scalar, &limit, rules);
                    scalar = if self.below(2) == 0 { taken.a } else { fallen.a };
                }
                scalar
            }
        }
    }
}

/// FNV-1a, a word at a time.
struct Digest(u64);

impl Digest {
    fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x100_0000_01b3).rotate_left(23);
    }

    fn scalar(&mut self, scalar: &Scalar) {
        let Scalar { bits, s64, u64, s32, u32 } = scalar;
        for word in [bits.value, bits.mask, s64.min as u64, s64.max as u64, u64.min, u64.max] {
            self.word(word);
        }
        self.word(u64::from(s32.min as u32) << 32 | u64::from(s32.max as u32));
        self.word(u64::from(u32.min) << 32 | u64::from(u32.max));
    }
}

/// What an operation on two numbers adds to a digest.
type Operation = Box<dyn Fn(&Scalar, &Scalar, &Rules, &mut Digest)>;

/// The operations by name.
fn operations() -> Vec<(String, Operation)> {
    type Found = Vec<(String, Operation)>;
    fn changes(found: &mut Found, name: String, change: impl Fn(&mut Scalar, &Scalar, &Rules) + 'static) {
        found.push((
            name,
            Box::new(move |a, b, rules, digest| {
                let mut result = *a;
                change(&mut result, b, rules);
                digest.scalar(&result);
            }),
        ));
    }
    let mut found = Found::new();
    changes(&mut found, "settle".to_owned(), |a, _, rules| a.sync(rules));
    changes(&mut found, "zero_extend".to_owned(), |a, _, rules| a.zero_extend(rules));
    for bytes in [1, 2, 4, 8] {
        changes(&mut found, format!("truncate_{bytes}"), move |a, _, rules| a.truncate(bytes, rules));
    }
    for bytes in [1, 2, 4] {
        changes(&mut found, format!("sign_extend_64_{bytes}"), move |a, _, _| {
            a.sign_extend_64(bytes);
        });
    }
    for bytes in [1, 2] {
        changes(&mut found, format!("sign_extend_32_{bytes}"), move |a, _, _| {
            a.sign_extend_32(bytes);
        });
    }
    for bytes in [2, 4, 8] {
        changes(&mut found, format!("swap_bytes_{bytes}"), move |a, _, rules| a.swap_bytes(bytes, rules));
    }
    changes(&mut found, "pointer_sum".to_owned(), |a, b, _| {
        a.add_whole(b);
    });
    changes(&mut found, "pointer_difference".to_owned(), |a, b, _| {
        a.subtract_whole(b);
    });
    for width in WIDTHS {
        let of = |name: &str| format!("{name}_{width:?}");
        changes(&mut found, of("negate"), move |a, _, rules| a.negate(width, rules));
        for op in Binary::ALL {
            changes(&mut found, of(&format!("{op:?}")), move |a, b, rules| a.binary(op, width, b, rules));
        }
        for cond in Cond::ALL {
            found.push((
                of(&format!("{cond:?}")),
                Box::new(move |a, b, rules, digest| {
                    digest.word(decide(cond, width, a, b, rules).map_or(2, u64::from));
                    let (taken, fallen) = refine(cond, width, a, b, rules);
                    for scalar in [taken.a, taken.b, fallen.a, fallen.b] {
                        digest.scalar(&scalar);
                    }
                    let (taken, fallen) = refine_same(cond, width, a, rules);
                    digest.scalar(&taken);
                    digest.scalar(&fallen);
                }),
            ));
        }
    }
    found.push((
        "contradiction".to_owned(),
        Box::new(|a, _, _, digest| digest.word(a.contradiction().map_or(0, |text| text.len() as u64))),
    ));
    found
}

fn table() -> String {
    let mut text = String::from("operation");
    for profile in Profile::ALL {
        text += &format!(" {}", profile.name());
    }
    for (name, operation) in operations() {
        text += &format!("\n{name}");
        for profile in Profile::ALL {
            let rules = profile.rules();
            let (mut random, mut digest) = (Random(0x006b_6e6f_636b), Digest(0xcbf2_9ce4_8422_2325));
            for _ in 0..PAIRS {
                let (a, mut b) = (random.scalar(rules), random.scalar(rules));
                // Half of the shifts have a count that's used.
                if name.contains("sh_") && random.below(2) == 0 {
                    b = Scalar::known(random.below(66));
                }
                operation(&a, &b, rules, &mut digest);
            }
            text += &format!(" {:016x}", digest.0);
        }
    }
    text.push('\n');
    text
}

#[test]
fn every_operation_gives_what_it_gave() {
    let now = table();
    if std::env::var_os("KNOCKWRIGHT_REGENERATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/domain-digests.txt");
        std::fs::write(path, now).expect("the table can be written");
        return;
    }
    for (is, was) in now.lines().zip(TABLE.lines()) {
        assert_eq!(is, was, "`.ci/regenerate pages` writes what it is now");
    }
    assert_eq!(now.lines().count(), TABLE.lines().count());
}
