//! Scopes: what a piece of code may write, and what it's told when it writes more.

use knockwright_asm::{Asm, AsmError, AtomicSize, Helper, ProgType, Reg::*, Scope, Size::*};

fn errors(write: impl FnOnce(&mut Asm)) -> Vec<AsmError> {
    let mut a = Asm::new("p", ProgType::Xdp);
    write(&mut a);
    a.exit();
    a.finish().map_or_else(knockwright_asm::AsmErrors::into_errors, |_| Vec::new())
}

#[test]
fn registers_and_stack_are_the_scopes_own() {
    let mine = || Scope::new("rule").registers(&[R6]).result(R0).stack(-16..-8);
    let fine = errors(|a| {
        a.scope(mine(), |a| {
            a.mov(R6, R1); // reading is free
            a.store(U64, R10 - 16, R6);
            a.store(U8, R10 - 9, 1);
            a.mov(R0, R6);
        });
        a.mov(R1, 0); // outside
    });
    assert_eq!(fine, []);
    let faults = errors(|a| {
        a.scope(mine(), |a| {
            a.mov(R7, 0);
            a.store(U64, R10 - 12, 0);
            a.atomic_add(AtomicSize::U64, R10 - 8, R6);
            a.call(Helper::KtimeGetNs);
        });
    });
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let wanted = [
        "`r7 = 0` writes r7,",
        "writes the stack from r10 -12 to -4,",
        "from r10 -8 to 0,",
        "writes r1, r2, r3, r4, r5,",
    ];
    assert_eq!(said.len(), wanted.len(), "{said:#?}");
    for (said, wanted) in said.iter().zip(wanted) {
        assert!(said.contains(wanted) && said.matches("scopes.rs").count() == 2, "{said}");
    }
}

#[test]
fn scopes_that_want_the_same_are_told() {
    let outer = Scope::new("outer").registers(&[R6, R7]).stack(-32..-16);
    let inner = |scope: Scope| errors(|a| a.scope(outer.clone(), |a| a.scope(scope, |_| {})));
    assert_eq!(inner(Scope::new("inner").registers(&[R8]).result(R6).stack(-16..0).calls()), []);
    let overlap = inner(Scope::new("inner").registers(&[R7]).stack(-24..-8));
    let [AsmError::ScopesOverlap { what: register, owner, .. }, AsmError::ScopesOverlap { what: stack, .. }] =
        &overlap[..]
    else {
        panic!("{overlap:?}")
    };
    assert_eq!((register.as_str(), owner.as_str()), ("r7", "outer"));
    assert_eq!(stack, "the stack from r10 -24 to -8");
    // One after the other may have the same.
    let after = errors(|a| {
        for name in ["one", "two"] {
            a.scope(Scope::new(name).registers(&[R6]), |a| a.mov(R6, 0));
        }
    });
    assert_eq!(after, []);
}

#[test]
fn a_result_is_in_what_the_scope_around_was_given() {
    let outer = || Scope::new("outer").registers(&[R6]).result(R0);
    let inner = |scope: Scope| errors(|a| a.scope(outer(), |a| a.scope(scope, |_| {})));
    assert_eq!(inner(Scope::new("inner").result(R6).result(R0)), []);
    let beyond = inner(Scope::new("inner").result(R9));
    let [AsmError::ResultBeyond { register: R9, owner, .. }] = &beyond[..] else { panic!("{beyond:?}") };
    assert_eq!(owner, "outer");
    // What the innermost wasn't given isn't its own to give on, whoever has it.
    let third = errors(|a| {
        a.scope(outer(), |a| {
            a.scope(Scope::new("middle").registers(&[R7]), |a| {
                a.scope(Scope::new("inner").result(R6), |_| {})
            });
        });
    });
    assert!(matches!(&third[..], [AsmError::ResultBeyond { owner, .. }] if owner == "middle"), "{third:?}");
}

#[test]
fn labels_are_named_after_their_scope() {
    let faults = errors(|a| {
        a.scope(Scope::new("rule7"), |a| {
            let out = a.label("out");
            a.goto(out);
        });
    });
    assert!(
        matches!(&faults[..], [AsmError::UnboundLabel { label, .. }] if label == "rule7.out"),
        "{faults:?}"
    );
}
