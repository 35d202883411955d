use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a callback in a program without BTF",
    why: "A callback is checked against its type, which only BTF function records have.",
    fix: "Load the program with BTF: compile with -g, or write the object with function records.",
    lesson: lesson("helpers", 130),
    docs: pages::HELPERS,
    when: |e| {
        // Kernels without callbacks don't know the reference to a function.
        let refers = |insn: &Insn| matches!(insn, Insn::LoadImm64 { value: Imm64::Func(_), .. });
        e.is(&[Kind::IncompleteLoad, Kind::UnknownLoad]) && e.has(refers)
    },
    words: |fault, plain| {
        if fault.says("callback function not static") {
            return Words {
                title: "a callback that isn't static",
                why: "Only static functions are called back, and this one is global by the program's BTF.",
                fix: "Make the function static, or hide it (`__hidden`).",
            };
        }
        if fault.says("number of funcs in func_info") {
            return Words {
                title: "the BTF describes another number of functions than the program has",
                why: "There is a record for each function, and the verifier finds more or fewer functions in the code. Kernels \
                      before 5.13 know no functions that are called back.",
                fix: "Give the records of this program's functions, or load the program on a kernel that knows callbacks.",
            };
        }
        plain
    },
    remedy: |fault| {
        Some(if fault.says("callback function not static") {
            Remedy {
                c: "static long each(__u32 i, void *data)",
                rust: "extern \"C\" fn without #[no_mangle] and without pub",
                asm: "linkage BTF_FUNC_STATIC (0) in the function's BTF",
            }
        } else {
            Remedy {
                c: "clang -O2 -g -target bpf: -g writes the records",
                rust: "debug = 2 in the profile, and bpf-linker --btf (-C link-arg=--btf)",
                asm: "a record in .BTF.ext for each function, by the slot that it starts at",
            }
        })
    },
    ..PLAIN
};
