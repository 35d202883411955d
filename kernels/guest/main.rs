//! The first process of a guest kernel: loads every program of `/cases` and writes what the verifier said, one line of JSON
//! each, to the serial port; or else it starts the program that `/command` names, and writes what that writes. Then it resets
//! the machine, which ends QEMU.
//!
//! It's linked statically and uses nothing but the standard library, so that the initial RAM disk holds two files.
//! `build.rs` compiles it and the library embeds it; outside a guest it does nothing.

mod boot;
mod bpf;
mod command;
mod serial;
#[allow(dead_code, unreachable_pub)] // the library's half of the format
mod wire;

use bpf::{Answer, Loader, Unseen};
use serial::{Line, Serial};

fn main() {
    if std::process::id() != 1 {
        eprintln!(
            "this program runs as the first process of a guest kernel: see `knockwright cases run --kernel`"
        );
        std::process::exit(2);
    }
    let mut serial = Serial::new(boot::open_serial());
    boot::mount_all();
    boot::lift_memory_lock();
    match std::fs::read(command::FILE) {
        Ok(file) => command::run(&mut serial, &file),
        Err(_) => run(&mut serial),
    }
    serial.drain();
    boot::reset();
}

fn run(serial: &mut Serial) {
    serial.write(Line::new().text("kernel", &boot::release()));
    let file = match std::fs::read("/cases") {
        Ok(file) => wire::decode(&file),
        Err(_) => None,
    };
    let Some(file) = file else {
        serial.write(Line::new().text("fatal", "/cases is missing or damaged"));
        return;
    };
    let mut loader = Loader::new(&file.btf, file.most_log);
    for (index, load) in file.loads.iter().enumerate() {
        let mut line = Line::new();
        line.number("load", index as i64);
        match loader.load(load) {
            Ok(Answer { errno, log, log_level, log_cut }) => {
                line.number("errno", i64::from(errno));
                line.number("log_level", i64::from(log_level));
                line.number("log_cut", i64::from(log_cut));
                line.bytes("log", &log);
            }
            Err(Unseen { errno, why }) => {
                line.number("errno", i64::from(errno));
                line.text("error", &why);
            }
        }
        serial.write(&mut line);
    }
    serial.write(Line::new().number("end", file.loads.len() as i64));
}
