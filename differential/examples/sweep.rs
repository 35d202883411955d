//! Records what a kernel says of every helper called by every program type, a JSON object a line:
//! `cargo run -p knockwright-differential --example sweep -- [--kernel host|VERSION] [--modelled]`
//!
//! `agreement` tells how the user-space verifier compares, where it imitates the kernel.

use std::io::{BufWriter, Write as _};

use knockwright_asm::{HelperId, ProgType};
use knockwright_differential::fuzz::imitation;
use knockwright_differential::sweep::{Call, modelled, sweep};
use knockwright_kernels::engines;
use knockwright_verifier::{Profile, Verdict, Verifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut kernel = "host".to_owned();
    let mut types = ProgType::ALL.to_vec();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--kernel" => kernel = arguments.next().ok_or("--kernel needs a version")?,
            "--modelled" => types = modelled(),
            other => return Err(format!("no option {other}: give --kernel VERSION and --modelled").into()),
        }
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for mut engine in engines(&[kernel.parse()?])? {
        let id = engine.kernel()?;
        let own = imitation(&id);
        let imitated = own.is_some();
        let own = own.unwrap_or(Verifier::new(Profile::NEWEST));
        for &prog_type in &types {
            let calls: Vec<Call> = Call::all(prog_type).collect();
            let answered = sweep(engine.as_mut(), &own, &calls)?;
            for answer in &answered {
                let call = &answer.call;
                let name = HelperId::new(call.helper).helper().map(knockwright_asm::Helper::name);
                let theirs = answer.theirs();
                let verdict = theirs.map(|seen| seen.outcome.to_string());
                let line = serde_json::json!({
                    "release": id.release, "prog_type": call.prog_type.name(), "helper": call.helper, "name": name,
                    "arguments": call.arguments.name(), "caller": format!("{:?}", call.caller),
                    "verdict": verdict, "errno": theirs.map(|seen| seen.errno),
                    "insn": theirs.and_then(|seen| seen.insn), "message": theirs.map(Verdict::said),
                    "agreement": imitated.then_some(answer.comparison.agreement.name()),
                    "own": answer.comparison.own.why_none().unwrap_or_else(|| answer.comparison.own.message.clone()),
                });
                writeln!(out, "{line}")?;
            }
            out.flush()?;
        }
    }
    Ok(())
}
