//! What a service tells, and what it is told: lost events, and the hang-up.

use std::io::Write as _;

use super::*;

#[test]
fn a_hang_up_reloads_and_never_opens() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        let knock = || lab.client(&["knock", "192.0.2.1", "test", "--config", &config, "--verify"]);
        let mut hang_up = |said: &str| {
            service.signal(Signal::HUP);
            service.wait_for(said);
        };
        hang_up("nothing changes for the door");
        assert_eq!(lab.answer(), Answer::Filtered);
        knock().has(0, "port 4444 is open");
        hang_up("nothing changes for the door");
        assert_eq!(lab.answer(), Answer::Open, "the session goes on");

        lab.config("session = \"2h\"");
        hang_up("SIGHUP: reloaded, with the open sessions");
        assert_eq!(lab.answer(), Answer::Open, "the session goes on");
        lab.server(&["status"]).has(0, "open for 2h, IPv6 dropped\n");
        lab.config("session = 7");
        hang_up("1 error: mend it and `knockwright check` it again; the door stays as it is");
        lab.server(&["status"]).has(0, "open for 2h, IPv6 dropped\n");
        std::fs::remove_file(&config).unwrap();
        hang_up("No such file or directory (os error 2); the door stays as it is");
        lab.config_text(
            &lab::CONFIG.replace("7123, 8789, 9456", "8789, 9456, 7123").replace("server0", "lo"),
        );
        hang_up("interface and mode stay as they are until `run` is started again");
        hang_up("nothing changes for the door");
        assert_eq!(lab.answer(), Answer::Filtered, "other knocks: the sessions are worth nothing");
        knock().has(0, "port 4444 is open");
        service.wait_for("192.0.2.2 door test: opened port 4444");

        // As many as may come at once.
        for _ in 0..50 {
            service.signal(Signal::HUP);
        }
        service.wait_for("nothing changes for the door");
        service.signal(Signal::KILL);
        service.wait();
        lab.server(&["status"]).has(0, "sessions  1 open\n");
        lab.config_text(&lab::CONFIG.replace("7123, 8789, 9456", "8789, 9456, 7123"));
        let mut second = lab.service(&["run", "--config", &config]);
        second.wait_for("took over from a killed service, with its sessions");
        assert_eq!(lab.answer(), Answer::Open, "and crashes lose nothing of what was reloaded");
        second.signal(Signal::TERM);
        second.ends_with(0, "detached from server0");
        lab.nothing_is_left();
    });
}

/// A service that reads its configuration from a pipe is as far as that when somebody writes into it.
#[test]
fn a_hang_up_while_it_starts_does_not_end_it() {
    Lab::run(|lab| {
        let pipe = lab.folder.join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
            .unwrap();
        let path = pipe.to_str().unwrap();
        let mut service = lab.service(&["run", "--config", path]);
        let mut writer = std::fs::File::options().write(true).open(&pipe).unwrap();
        service.signal(Signal::HUP);
        writer.write_all(lab::CONFIG.as_bytes()).unwrap();
        drop(writer);
        service.wait_for("guarding TCP port 4444");
        // It has waited; and what comes out of a pipe doesn't come out of it twice.
        service.wait_for("can't be read again; the door stays as it is");
        service.signal(Signal::HUP);
        service.wait_for("can't be read again; the door stays as it is");
        assert_eq!(lab.answer(), Answer::Filtered);
        service.signal(Signal::TERM);
        service.ends_with(0, "detached from server0");
        // Ctrl-C ends a service that has nothing to undo yet.
        let mut waiting = lab.service(&["run", "--config", path]);
        let writer = std::fs::File::options().write(true).open(&pipe).unwrap();
        waiting.signal(Signal::TERM);
        assert_eq!(waiting.wait(), None, "ended by the signal");
        drop(writer);
        lab.nothing_is_left();
    });
}

/// Datagrams from the client's address to ports, as fast as they go.
fn datagrams(lab: &Lab, ports: impl IntoIterator<Item = u16> + Send) {
    let send = || {
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        for port in ports {
            let _ = socket.send_to(b"", (NetnsPair::SERVER_V4, port)); // answers may come back as errors
        }
    };
    lab.pair.client.run(send).unwrap();
}

#[test]
fn lost_events_are_counted_and_shown() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.service(&["run", "--config", &config, "--format", "json"]);
        service.wait_for("Ctrl-C detaches");
        service.signal(Signal::STOP);
        let first: u16 = SECRETS[0].parse().unwrap();
        datagrams(lab, (0..8000).flat_map(|_| [first, 9]));
        lab.client(&["knock", "192.0.2.1", "test", "--config", &config, "--verify"]).has(0, "open");
        let status = lab.server(&["status", "--format", "json"]);
        let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
        let lost = &status[0]["lost_events"];
        assert_eq!(lost["opened"], 1);
        assert!(lost["knock"].as_u64().unwrap() > 1000 && lost["reset"].as_u64().unwrap() > 1000, "{lost}");
        lab.server(&["status"]).has(0, " (1 opened, ");
        service.signal(Signal::CONT);
        let record = service.wait_for("\"event\":\"lost\"");
        let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
        assert_eq!(&record["lost"], lost);
        let note = "events: there were too many at once; `knockwright status` lists the open sessions";
        service.has_said(note);

        // What comes while no service runs is told by the next one.
        service.signal(Signal::KILL);
        service.wait();
        lab.client(&["knock", "192.0.2.1", "test", "--config", &config]).has(0, "sent");
        let mut second = lab.service(&["run", "--config", &config]);
        second.has_said("192.0.2.2 door test: opened port 4444");
        second.has_said("lost ");
        lab.server(&["status"]).has(0, "in the middle of the sequence\n");
    });
}

/// More events than are looked at in one go, when the end comes.
#[test]
fn events_that_wait_when_it_ends_are_told() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        service.signal(Signal::STOP);
        let first: u16 = SECRETS[0].parse().unwrap();
        datagrams(lab, (0..2500).flat_map(|_| [first, 9]));
        lab.client(&["knock", "192.0.2.1", "test", "--config", &config, "--verify"]).has(0, "open");
        lab.server(&["status"]).has(0, "sessions  1 open\n");
        service.signal(Signal::TERM);
        service.signal(Signal::CONT);
        service.ends_with(0, "detached from server0");
        service.has_said("192.0.2.2 door test: opened port 4444");
    });
}

#[test]
fn a_door_of_one_knock_logs_no_line_a_packet() {
    Lab::run(|lab| {
        let text = lab::CONFIG.replace("7123, 8789, 9456", "7123");
        let config = lab.config_text(&text);
        let mut service = lab.service(&["run", "--config", &config]);
        service.wait_for("native XDP: 1 knock opens it for 1m");
        service.wait_for("Ctrl-C detaches");
        lab.server(&["status"]).has(0, "TCP port 4444, 1 knock, open for 1m, ");
        datagrams(lab, std::iter::repeat_n(SECRETS[0].parse().unwrap(), 1000));
        service.wait_for("192.0.2.2 door test: opened port 4444");
        assert_eq!(lab.answer(), Answer::Open);
        service.signal(Signal::TERM);
        service.ends_with(0, "detached from server0");
        let lines = service.seen().iter().filter(|line| line.contains("door test: ")).count();
        assert_eq!(lines, 1, "{:#?}", service.seen());
    });
}
