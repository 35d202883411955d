//! The firewall's commands as users run them, in networks that exist for these tests only.

#[path = "firewall/devices.rs"]
mod devices;
mod lab;
#[path = "firewall/pins.rs"]
mod pins;
mod support;
#[path = "firewall/telling.rs"]
mod telling;

use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use knockwright_firewall::client::Answer;
use knockwright_loader::interface::{Interface, XdpMode};
use knockwright_loader::map::Map;
use knockwright_loader::netns::NetnsPair;
use knockwright_loader::pin::PinFolder;
use knockwright_programs::knock;
use lab::tun::{Packets, Tun};
use lab::{Lab, SECRETS, knockwright};
use rustix::process::Signal;
use support::frame::{Ipv4, MORE_FRAGMENTS, ipv6_between, protocol, udp, whole_syn};

#[test]
fn the_whole_story_natively() {
    the_whole_story("native", XdpMode::Native);
}

#[test]
fn the_whole_story_generically() {
    the_whole_story("generic", XdpMode::Generic);
}

fn the_whole_story(mode: &str, expected: XdpMode) {
    Lab::run(|lab| {
        let config = lab.config("session = \"2s\"");
        assert_eq!(lab.answer(), Answer::Open, "before");
        let mut service = lab.service(&["run", "--config", &config, "--mode", mode]);
        service.wait_for("Ctrl-C detaches");
        let attached = lab.attached();
        assert_eq!(attached.len(), 1);
        assert_eq!(attached[0].mode, expected);
        assert_eq!(lab.answer(), Answer::Filtered, "nobody knocked");

        let client =
            lab.client(&["knock", "192.0.2.1", SECRETS[0], SECRETS[2], SECRETS[1], "--verify", "4444"]);
        client.has(1, "sent 3 knocks to 192.0.2.1\nport 4444 is filtered: the door stayed closed");
        service.wait_for("192.0.2.2 door test: reset by a wrong knock");

        let client = lab.client(&["knock", "192.0.2.1", "test", "--config", &config, "--verify"]);
        client.has(0, "sent 3 knocks to 192.0.2.1\nport 4444 is open\n");
        service.wait_for("192.0.2.2 door test: knock 1 of 3");
        service.wait_for("192.0.2.2 door test: knock 2 of 3");
        service.wait_for("192.0.2.2 door test: opened port 4444 for 2s");
        let status = lab.server(&["status"]);
        status.has(0, &format!("server0: guarded, {mode} XDP\n"));
        status.has(0, "door      TCP port 4444, 3 knocks, at most 5s apart, open for 2s, IPv6 dropped\n");
        status.has(0, "sessions  1 open\n            192.0.2.2 for ");
        status.has(0, &format!("service   process {}\n", service.id()));
        assert_eq!(lab.answer(), Answer::Open, "the session lasts");

        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(lab.answer(), Answer::Filtered, "the session is over");
        service.wait_for("192.0.2.2 door test: session expired, packet dropped");
        lab.server(&["status", "server0"]).has(0, "sessions  0 open\n");

        service.signal(Signal::INT);
        service.ends_with(0, "detached from server0: port 4444 is no longer guarded");
        lab.nothing_is_left();
        assert_eq!(lab.answer(), Answer::Open, "after");
        lab.server(&["status"]).has(0, "no interface is guarded");
    });
}

#[test]
fn events_and_status_as_json() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.service(&["run", "--config", &config, "--format", "json"]);
        service.wait_for("Ctrl-C detaches");
        lab.client(&["knock", "192.0.2.1", "test", "--config", &config]).has(0, "sent 3 knocks");
        let line = service.wait_for("\"event\":\"opened\"");
        let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(event["source"], "192.0.2.2");
        assert_eq!((&event["door"], &event["port"]), (&"test".into(), &4444.into()));
        assert_eq!((&event["step"], &event["knocks"]), (&3.into(), &3.into()));
        let time = event["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");

        let status = lab.server(&["status", "--format", "json"]);
        let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
        let status = &status[0];
        assert_eq!((&status["interface"], &status["state"]), (&"server0".into(), &"guarded".into()));
        assert_eq!(status["mode"], "native");
        assert_eq!(status["door"]["knocks"], 3);
        assert_eq!(status["sessions"][0]["source"], "192.0.2.2");
        let remaining = status["sessions"][0]["remaining_ms"].as_u64().unwrap();
        assert!((50_000..=60_000).contains(&remaining), "{remaining}");
        assert_eq!(status["program"]["tag"].as_str().unwrap().len(), 16);
        assert_eq!(status["service"]["running"], true);
        service.signal(Signal::TERM);
        service.ends_with(0, "detached from server0");
        lab.nothing_is_left();
        assert_eq!(lab.server(&["status", "--format", "json"]).stdout, "[]\n");
    });
}

#[test]
fn a_killed_service_leaves_the_port_guarded() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut first = lab.guard(&config);
        first.signal(Signal::KILL);
        first.wait();
        assert_eq!(lab.answer(), Answer::Filtered, "the program goes on");
        let knock = || lab.client(&["knock", "192.0.2.1", "test", "--config", &config, "--verify"]);
        knock().has(0, "port 4444 is open");
        lab.server(&["status"]).has(0, "service   none: it was killed, the program goes on");

        // The next service goes on with the sessions of the first.
        let program = lab.attached();
        let mut second = lab.service(&["run", "--config", &config]);
        second.wait_for("took over from a killed service, with its sessions");
        second.wait_for("Ctrl-C detaches");
        assert_ne!(lab.attached(), program, "a program of its own");
        assert_eq!(lab.answer(), Answer::Open);
        knock().has(0, "open");
        second.wait_for("opened port 4444");
        second.signal(Signal::KILL);
        second.wait();

        // With another configuration the sessions are worth nothing.
        let other = lab.config("session = \"30s\"");
        let mut third = lab.service(&["run", "--config", &other]);
        third.wait_for("took over from a killed service; its sessions are closed");
        third.wait_for("Ctrl-C detaches");
        assert_eq!(lab.answer(), Answer::Filtered);
        third.signal(Signal::KILL);
        third.wait();

        // Another mode can't take its place.
        let mut fourth = lab.service(&["run", "--config", &other, "--mode", "generic"]);
        fourth.wait_for("detached a killed service's program of another mode");
        fourth.wait_for("Ctrl-C detaches");
        assert_eq!(lab.attached()[0].mode, XdpMode::Generic);
        assert_eq!(lab.answer(), Answer::Filtered);
        fourth.signal(Signal::KILL);
        fourth.wait();

        let unload = lab.server(&["unload"]);
        unload.has(0, "server0: detached program ");
        unload.has(0, "and removed 6 pins; the port is no longer guarded\n");
        lab.nothing_is_left();
        assert_eq!(lab.answer(), Answer::Open);
        lab.server(&["unload"]).has(4, "error: no interface is guarded");
        lab.server(&["unload", "server0"]).has(4, "error: interface `server0` is not guarded");
        lab.server(&["status", "server0"]).has(4, "error: interface `server0` is not guarded");
    });
}

#[test]
fn a_second_service_on_the_interface() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        let second = lab.server(&["run", "--config", &config]);
        second.has(4, &format!("interface `server0` is guarded already by process {}", service.id()));
        second.has(4, "stop that first, or `knockwright unload server0`");
        assert_eq!(lab.answer(), Answer::Filtered, "the first goes on");

        let unload = lab.server(&["unload"]);
        unload.has(0, &format!("its service, process {}, ends now", service.id()));
        service.ends_with(4, "another process detached the program from `server0`");
        lab.nothing_is_left();
    });
}

#[test]
fn the_interface_goes_away() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        lab.pair.server.ip(&["link", "delete", "server0"]).unwrap();
        service
            .ends_with(4, "interface `server0` is gone, and the program with it; run again when it is back");
        lab.nothing_is_pinned();
    });
}

#[test]
fn the_interface_goes_away_after_its_service_was_killed() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        service.signal(Signal::KILL);
        service.wait();
        lab.pair.server.ip(&["link", "delete", "server0"]).unwrap();
        lab.server(&["status"]).has(0, "server0: NOT guarded");
        // An interface of the same name is another one: nothing of the old one keeps it from being guarded.
        lab.pair.server.ip(&["link", "add", "server0", "type", "veth", "peer", "name", "other"]).unwrap();
        let mut service = lab.service(&["run", "--config", &config]);
        service.wait_for("removed what an earlier service left pinned");
        service.wait_for("Ctrl-C detaches");
        assert_eq!(lab.attached().len(), 1);
        lab.pair.server.ip(&["link", "delete", "server0"]).unwrap();
        service.ends_with(4, "is gone");
        lab.nothing_is_pinned();
        lab.server(&["unload"]).has(4, "no interface is guarded");
    });
}

#[test]
fn the_reader_of_the_events_goes_away() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.unread_service(&["run", "--config", &config]);
        service.wait_for("Ctrl-C detaches");
        lab.client(&["knock", "192.0.2.1", "test", "--config", &config, "--verify"]).has(0, "open");
        service.wait_for("events are no longer shown");
        assert_eq!(lab.attached().len(), 1, "the port stays guarded");
        service.signal(Signal::TERM);
        service.ends_with(0, "detached from server0");
    });
}

#[test]
fn where_it_cannot_run() {
    Lab::run(|lab| {
        let config = lab.config("");
        let missing = lab.server(&["run", "--config", &config, "--interface", "nosuch"]);
        missing.has(3, "error: there is no interface `nosuch` in this network namespace");
        let native = lab.server(&["run", "--config", &config, "--interface", "lo", "--mode", "native"]);
        native.has(4, "error: interface `lo` doesn't take native XDP");
        lab.nothing_is_left();

        let powerless = lab.powerless(&["run", "--config", &config]);
        powerless.has(4, "error: ");
        powerless.has(4, "run as root");
        lab.nothing_is_left();

        let mut generic = lab.service(&["run", "--config", &config, "--interface", "lo"]);
        generic.wait_for("generic, because native XDP was refused: EOPNOTSUPP");
        generic.wait_for("Ctrl-C detaches");
        lab.nobody(&["status"]).has(4, "no permission for /sys/fs/bpf/knockwright");
        lab.nobody(&["status", "lo"]).has(4, "no permission for /sys/fs/bpf/knockwright/lo");
        lab.nobody(&["unload"]).has(4, "no permission for /sys/fs/bpf/knockwright");
        generic.signal(Signal::INT);
        generic.ends_with(0, "detached from lo");
        lab.nothing_is_left();
    });
}

#[test]
fn another_tool_has_the_interface() {
    Lab::run(|lab| {
        let config = lab.config("");
        let object = lab.folder.join("pass.o");
        let object = object.to_str().unwrap();
        lab.server(&["build", "pass", "-o", object]).has(0, "");
        lab.pair.server.ip(&["link", "set", "server0", "xdpdrv", "obj", object, "sec", "xdp"]).unwrap();
        let run = lab.server(&["run", "--config", &config]);
        run.has(4, "interface `server0` has an XDP program already (native, program id ");
        lab.nothing_is_pinned();
    });
}

#[test]
fn names_that_pins_cannot_have() {
    Lab::run(|lab| {
        let config = lab.config("");
        lab.pair.server.ip(&["link", "add", "v_0.100", "type", "veth", "peer", "name", "other"]).unwrap();
        let mut service = lab.service(&["run", "--config", &config, "--interface", "v_0.100"]);
        service.wait_for("Ctrl-C detaches");
        lab.server(&["status"]).has(0, "v_0.100: guarded, native XDP");
        service.signal(Signal::INT);
        service.ends_with(0, "detached from v_0.100");
        lab.nothing_is_pinned();
    });
}

#[test]
fn the_same_name_in_another_network_namespace() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        service.signal(Signal::KILL);
        service.wait();
        lab.pair.client.ip(&["link", "add", "server0", "type", "veth", "peer", "name", "other"]).unwrap();
        let elsewhere = lab.client(&["run", "--config", &config]);
        elsewhere.has(4, "an interface `server0` of another network namespace is guarded");
        lab.client(&["status"]).has(0, "server0: guarded, in another network namespace");
        assert_eq!(lab.answer(), Answer::Filtered, "it is left alone");
        let pins = "/sys/fs/bpf/elsewhere";
        let mut other = lab.spawn_in(&lab.pair.client, &["run", "--config", &config, "--pins", pins]);
        other.wait_for("Ctrl-C detaches");
        other.signal(Signal::INT);
        other.ends_with(0, "detached");
        lab.server(&["unload"]).has(0, "detached program");
        lab.nothing_is_left();
    });
}

/// The client of knockd, which others wrote.
#[test]
fn a_foreign_client_opens_the_door() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        let [first, second, third] = SECRETS;
        let knock = ["-u", "-d", "50", "192.0.2.1", first, second, third];
        let Some(output) = lab.foreign_client("knock", &knock) else {
            return;
        };
        assert!(output.status.success(), "{output:?}");
        service.wait_for("192.0.2.2 door test: opened port 4444");
        assert_eq!(lab.answer(), Answer::Open);
    });
}

#[test]
fn ipv6_is_dropped_unless_it_passes() {
    Lab::run(|lab| {
        if !lab.pair.has_ipv6() {
            lab::skip("the kernel has no IPv6");
            return;
        }
        for (line, expected) in
            [("", Answer::Filtered), ("ipv6 = \"drop\"", Answer::Filtered), ("ipv6 = \"pass\"", Answer::Open)]
        {
            let config = lab.config(line);
            let mut service = lab.guard(&config);
            lab.client(&["knock", "192.0.2.1", "test", "--config", &config, "--verify"]).has(0, "open");
            assert_eq!(lab.answer_v6(), expected, "{line}");
            service.signal(Signal::INT);
            service.ends_with(0, "detached");
        }
    });
}

#[test]
fn without_a_bpf_file_system() {
    Lab::run(|lab| {
        rustix::mount::unmount("/sys/fs/bpf", rustix::mount::UnmountFlags::empty()).unwrap();
        let config = lab.config("");
        lab.server(&["status"]).has(0, "no interface is guarded");
        lab.server(&["unload"]).has(4, "no interface is guarded");
        lab.powerless(&["run", "--config", &config]).has(4, "run as root");
        let on_disk = lab.folder.to_str().unwrap();
        let refused = lab.server(&["run", "--config", &config, "--pins", on_disk]);
        refused.has(4, "is not in a BPF file system");

        let mut service = lab.guard(&config);
        lab.server(&["status"]).has(0, "server0: guarded");
        service.signal(Signal::INT);
        service.ends_with(0, "detached from server0");
        lab.nothing_is_left();
    });
}

#[test]
fn the_client_says_what_is_wrong() {
    let config = lab::config_file("client", "");
    let config = config.to_str().unwrap();
    let knock = |arguments: &[&str]| knockwright(&[&["knock"], arguments].concat());
    knock(&["127.0.0.1", "nodoor", "--config", config]).has(3, "no door is called `nodoor`; there is `test`");
    knock(&["127.0.0.1", "test", "--config", "/no/such/file"]).has(3, "/no/such/file: No such file");
    knock(&["127.0.0.1", "7000", "x"]).has(2, "`x` is no port");
    knock(&["127.0.0.1", "0"]).has(2, "`0` is no port");
    knock(&["127.0.0.1", "70000"]).has(2, "`70000` is no port");
    knock(&["127.0.0.1", "1", "2", "--verify"]).has(2, "--verify needs a port");
    knock(&["127.0.0.1", "1", "-6"]).has(3, "`127.0.0.1` has no IPv6 address");
    knock(&["no such host", "1"]).has(3, "the address of `no such host` can't be found");
    knock(&["127.0.0.1", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"])
        .has(2, "at most 10 knocks");
    std::fs::remove_file(config).unwrap();
}

#[test]
fn check_names_places() {
    let file = lab::config_file("check", "sesion = 1");
    let path = file.to_str().unwrap();
    let check = knockwright(&["check", path]);
    check.has(3, &format!("{path}:7:1: error: unknown key `sesion`"));
    check.has(3, "1 error: mend it");
    knockwright(&["run", "--config", path]).has(3, "unknown key `sesion`");
    let good = lab::config_file("check", "");
    assert_eq!(file, good);
    knockwright(&["check", path]).has(0, &format!("{path}: good\n"));
    std::fs::set_permissions(&good, std::fs::Permissions::from_mode(0o644)).unwrap();
    knockwright(&["check", path]).has(0, "can be used, but see the warnings");
    std::fs::write(&good, b"\xff").unwrap();
    knockwright(&["check", path]).has(3, "not text: byte 0");
    std::fs::remove_file(&good).unwrap();
    knockwright(&["check", path]).has(3, "No such file");
}

#[test]
fn the_example_is_good() {
    let text = include_str!("../docs/examples/knockwright.toml");
    let output = lab::knockwright_with_input(&["check", "-"], text);
    output.has(0, "standard input: good\n");
}

/// The tests fail if a command prints a knock: see to it that they look for the right ones.
#[test]
fn the_secret_is_looked_for() {
    assert!(SECRETS.iter().all(|secret| lab::CONFIG.contains(secret)));
}
