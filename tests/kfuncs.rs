//! The rows of kernel functions, past the running kernel: its BTF, and which program types it lets call them.

mod support;

use std::collections::BTreeMap;

use knockwright_asm::linux::Kfunc;
use knockwright_asm::linux::kfunc::{ALL, ASKED};
use knockwright_asm::linux::prog_type::SLEEPABLE;
use knockwright_asm::{Code, Endian, Insn, ProgType, Reg, encode};
use knockwright_codegen::btf::{Btf, Kind};
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine};
use support::cli::run_on;
use support::{may_load, skip};

const BTF: &str = "/sys/kernel/btf/vmlinux";

/// The running kernel's functions: the id of each, and the names of its parameters.
fn functions() -> Option<BTreeMap<String, (i32, Vec<String>)>> {
    let btf = Btf::parse(&std::fs::read(BTF).ok()?, Endian::NATIVE).expect("the kernel's BTF");
    let function = |(id, kind): (_, &Kind)| {
        let Kind::Func { name, proto, .. } = kind else { return None };
        let Some(Kind::FuncProto { params, .. }) = btf.get(*proto) else { return None };
        let params = params.iter().map(|param| param.name.clone()).collect();
        let knockwright_codegen::btf::TypeId(id) = id;
        Some((name.clone(), (i32::try_from(id).ok()?, params)))
    };
    Some(btf.iter().filter_map(function).collect())
}

/// Whether a program type may call a function: what the kernel says first.
fn may_call(kernel: &mut HostEngine, prog_type: ProgType, btf_id: i32) -> bool {
    let code =
        [Insn::CallKfunc { btf_id, module: 0 }, Insn::mov64_imm(Reg::R0, 1), Insn::Exit].map(Code::Insn);
    let flags = if prog_type == ProgType::Syscall { SLEEPABLE } else { 0 };
    let code = encode(&code, Endian::NATIVE);
    let attempt = Attempt::of_code("call", prog_type, &code, Endian::NATIVE, Vec::new()).with_flags(flags);
    let verdict = kernel.verdict(&attempt);
    assert_eq!(verdict.why_none(), None);
    !(verdict.message.starts_with("calling kernel function") && verdict.message.ends_with("is not allowed"))
}

#[test]
fn the_running_kernel_lets_call_what_the_rows_say() {
    if !may_load("the_running_kernel_lets_call_what_the_rows_say") {
        return;
    }
    let Some(functions) = functions() else {
        skip("the_running_kernel_lets_call_what_the_rows_say", "the kernel has no BTF");
        return;
    };
    let mut kernel = HostEngine::new();
    let mut asked = 0;
    for kfunc in ALL {
        let Some((id, _)) = functions.get(kfunc.name) else { continue };
        for prog_type in ASKED.iter() {
            let may = may_call(&mut kernel, prog_type, *id);
            assert_eq!(may, kfunc.programs.contains(prog_type), "{} by {prog_type}", kfunc.name);
        }
        asked += 1;
    }
    assert!(asked >= ALL.len() / 2, "the running kernel has only {asked}");
}

#[test]
fn arguments_have_the_names_that_the_running_kernel_gives_them() {
    let Some(functions) = functions() else {
        skip("arguments_have_the_names_that_the_running_kernel_gives_them", "the kernel has no BTF");
        return;
    };
    for kfunc in ALL {
        let Some((_, params)) = functions.get(kfunc.name) else { continue };
        let missing = params.iter().find(|param| !kfunc.arguments.contains(param.as_str()));
        assert_eq!(missing, None, "{}", kfunc.prototype());
    }
}

#[test]
fn the_listing_names_kernel_functions() {
    let Some(functions) = functions() else {
        skip("the_listing_names_kernel_functions", "the kernel has no BTF");
        return;
    };
    let Some((id, _)) = functions.get("bpf_dynptr_from_xdp") else {
        skip("the_listing_names_kernel_functions", "the kernel has no bpf_dynptr_from_xdp");
        return;
    };
    let code = [Insn::CallKfunc { btf_id: *id, module: 0 }, Insn::Exit].map(Code::Insn);
    let hex = hex::encode(encode(&code, Endian::Little));
    let listed = run_on(&["disasm", "--hex", &hex, "--btf", BTF], b"");
    let prototype = Kfunc::named("bpf_dynptr_from_xdp").expect("a row").prototype();
    assert!(listed.stdout.contains(&format!("; {prototype}, in 6.12 and later\n")), "{}", listed.stdout);
    assert!(listed.stdout.contains(&format!("    call bpf_dynptr_from_xdp#{id}\n")), "{}", listed.stdout);
    // The text is read back as the same code.
    let assembled = run_on(&["asm", "-"], listed.stdout.as_bytes());
    assert_eq!(assembled.stdout.trim(), hex);
}
