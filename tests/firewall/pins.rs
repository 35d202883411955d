//! Pins: whose they are, and where their program is.

use super::*;

/// `run & ; unload; run &`: the first service ends after the second has begun, and must leave its pins alone.
#[test]
fn a_service_that_ends_leaves_the_next_one_s_pins() {
    Lab::run(|lab| {
        let config = lab.config("");
        for round in 0..5 {
            let mut first = lab.guard(&config);
            lab.server(&["unload", "server0"]).has(0, "server0: detached program ");
            let mut second = lab.guard(&config);
            first.ends_with(4, "another process detached the program from `server0`");
            lab.server(&["status"]).has(0, &format!("service   process {}\n", second.id()));
            second.signal(Signal::KILL);
            second.wait();
            assert_eq!(lab.answer(), Answer::Filtered, "round {round}: the second's program goes on");
            lab.server(&["unload"]).has(0, "and removed 6 pins");
            lab.nothing_is_left();
        }
    });
}

/// The same with a first service that sleeps through everything.
#[test]
fn a_service_that_slept_leaves_the_next_one_s_pins() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut first = lab.guard(&config);
        first.signal(Signal::STOP);
        lab.server(&["unload"]).has(0, &format!("its service, process {}, ends now", first.id()));
        let mut second = lab.guard(&config);
        first.signal(Signal::CONT);
        first.ends_with(4, "another process detached the program from `server0`");
        second.signal(Signal::KILL);
        second.wait();
        assert_eq!(lab.answer(), Answer::Filtered);
        let mut third = lab.service(&["run", "--config", &config]);
        third.wait_for("took over from a killed service, with its sessions");
        third.signal(Signal::TERM);
        third.ends_with(0, "detached from server0");
        lab.nothing_is_left();
    });
}

/// Many services and unloads at once: never is there a program without pins, nor pins without one.
#[test]
fn services_started_and_unloaded_at_once() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut services = Vec::new();
        for _ in 0..4 {
            services.extend((0..3).map(|_| lab.service(&["run", "--config", &config])));
            let unload = lab.server(&["unload", "server0"]);
            assert!(matches!(unload.status, Some(0 | 4)), "{unload:?}");
        }
        let end = Instant::now() + Duration::from_secs(15);
        let running = |services: &mut [lab::Running]| {
            services.iter_mut().map(lab::Running::has_ended).filter(|ended| !ended).count()
        };
        while running(&mut services) > 1 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut left: Vec<_> =
            services.iter_mut().filter_map(|service| (!service.has_ended()).then_some(service)).collect();
        assert!(left.len() <= 1, "{} services on one interface", left.len());
        if let Some(service) = left.pop() {
            service.wait_for("Ctrl-C detaches");
            lab.server(&["status"]).has(0, &format!("service   process {}\n", service.id()));
            service.signal(Signal::KILL);
            service.wait();
            assert_eq!(lab.answer(), Answer::Filtered);
            lab.server(&["unload"]).has(0, "detached program");
        }
        lab.nothing_is_left();
    });
}

#[test]
fn a_renamed_interface() {
    Lab::run(|lab| {
        let config = lab.config("");
        let ip = |arguments| lab.server_ip(arguments).unwrap();
        let mut service = lab.guard(&config);
        ip("link set server0 down");
        ip("link set server0 name wan0");
        lab.server(&["status", "wan0"]).has(0, "wan0: guarded, native XDP\n");
        service.wait_for("server0 is called wan0 now");
        lab.server(&["status"]).has(0, "wan0: guarded, native XDP\n  program");
        for command in ["status", "unload"] {
            lab.server(&[command, "server0"]).has(4, "interface `server0` is not guarded");
        }
        // Another one with the old name is another one.
        ip("link add server0 type veth peer name other");
        let mut second = lab.guard(&config);
        lab.server(&["status", "server0"]).has(0, &format!("process {}\n", second.id()));
        lab.server(&["status", "wan0"]).has(0, &format!("process {}\n", service.id()));
        lab.server(&["unload", "server0"]).has(0, "server0: detached program");
        second.ends_with(4, "another process detached the program from `server0`");
        lab.server(&["status"]).has(0, "wan0: guarded");
        service.signal(Signal::INT);
        service.ends_with(0, "detached from wan0");
        lab.nothing_is_pinned();
    });
}

#[test]
fn an_interface_renamed_after_its_service_was_killed() {
    Lab::run(|lab| {
        let config = lab.config("");
        let ip = |arguments| lab.server_ip(arguments).unwrap();
        let mut service = lab.guard(&config);
        service.signal(Signal::KILL);
        service.wait();
        ip("link set server0 down");
        ip("link set server0 name wan0");
        let attached =
            |name: &'static str| lab.pair.server.run(|| Interface::named(name)).unwrap().unwrap().xdp.len();
        lab.server(&["status"]).has(0, "renamed   it was called server0 when its service started\n");
        lab.server(&["status", "server0"]).has(4, "the pins of this name are those of `wan0`");
        lab.server(&["unload", "server0"]).has(4, "the pins of this name are those of `wan0`");
        ip("link add server0 type veth peer name other");
        lab.server(&["unload", "server0"]).has(4, "the pins of this name are those of `wan0`");
        assert_eq!(attached("wan0"), 1, "left alone");
        let mut second = lab.guard(&config);
        assert_eq!((attached("wan0"), attached("server0")), (1, 1));
        // A new service on the renamed one takes the old one's place.
        let mut third = lab.service(&["run", "--config", &config, "--interface", "wan0"]);
        third.wait_for("took over from a killed service, with its sessions");
        third.wait_for("Ctrl-C detaches");
        for (service, name) in [(&mut second, "server0"), (&mut third, "wan0")] {
            service.signal(Signal::TERM);
            service.ends_with(0, &format!("detached from {name}"));
        }
        assert_eq!((attached("wan0"), attached("server0")), (0, 0));
        lab.nothing_is_pinned();
    });
}

#[test]
fn unload_and_status_from_another_network_namespace() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        lab.client(&["status"]).has(0, "server0: guarded, in another network namespace\n  program");
        let target = format!("nsenter --net --target {}", service.id());
        for arguments in [&["unload"][..], &["unload", "server0"]] {
            lab.client(arguments).has(4, "of this network namespace is not guarded");
            lab.client(arguments).has(4, &target);
        }
        lab.client(&["status", "server0"]).has(4, "server0: guarded, in another network namespace\n");
        lab.pair.client.ip(&["link", "add", "server0", "type", "veth", "peer", "name", "other"]).unwrap();
        lab.client(&["status"]).has(0, "  here      server0 of this network namespace is NOT guarded\n");
        lab.client(&["status", "server0"])
            .has(4, "  here      server0 of this network namespace is NOT guarded\n");
        lab.client(&["unload", "server0"]).has(4, &target);
        assert_eq!(lab.answer(), Answer::Filtered, "it is left alone");
        service.signal(Signal::TERM);
        service.ends_with(0, "detached from server0");
        lab.nothing_is_left();
    });
}

#[test]
fn an_interface_that_is_moved_to_another_network_namespace() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        // A process stands for its namespace.
        let mut other =
            lab.pair.client.run(|| std::process::Command::new("sleep").arg("60").spawn()).unwrap().unwrap();
        lab.pair
            .server
            .ip(&["link", "set", "server0", "netns", &other.id().to_string(), "name", "moved0"])
            .unwrap();
        service.wait_for("the interface is in another network namespace now, where its port stays guarded");
        lab.server(&["status"]).has(0, "server0: guarded, in another network namespace\n");
        // The service's namespace isn't the one to go to.
        lab.server(&["unload", "server0"]).has(4, "go there with `nsenter --net=FILE`");
        lab.client(&["status", "moved0"]).has(0, "moved0: guarded, native XDP\n");
        lab.client(&["unload", "moved0"]).has(0, "moved0: detached program");
        service.ends_with(4, "which was in another network namespace, is gone, or another process detached");
        other.kill().unwrap();
        other.wait().unwrap();
        lab.nothing_is_pinned();
    });
}

/// What is left of a killed service whose interface is gone guards nothing, and `status` says so to scripts too.
#[test]
fn the_status_of_an_interface_that_is_not_guarded() {
    Lab::run(|lab| {
        let config = lab.config("");
        lab.pair.server.ip(&["link", "add", "wan0", "type", "veth", "peer", "name", "other"]).unwrap();
        let mut service = lab.service(&["run", "--config", &config, "--interface", "wan0"]);
        service.wait_for("Ctrl-C detaches");
        lab.server(&["status", "wan0"]).has(0, "wan0: guarded");
        service.signal(Signal::KILL);
        service.wait();
        lab.server(&["status", "wan0"]).has(0, "wan0: guarded");
        lab.pair.server.ip(&["link", "delete", "wan0"]).unwrap();
        for arguments in [&["status", "wan0"][..], &["status", "wan0", "--format", "json"]] {
            assert_eq!(lab.server(arguments).status, Some(4), "{arguments:?}");
        }
        lab.server(&["status"]).has(0, "wan0: NOT guarded");
        lab.server(&["unload", "wan0"]).has(0, "nothing was attached any more; removed 6 pins\n");
        lab.nothing_is_pinned();
        let left = PinFolder::create("/sys/fs/bpf/knockwright/wan0").unwrap();
        left.pin(&Map::create(&knock::config_map()).unwrap(), "config_map").unwrap();
        lab.server(&["unload", "wan0"]).has(0, "nothing was attached any more; removed 1 pin\n");
    });
}

#[test]
fn names_that_lead_elsewhere() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        for name in [
            "",
            ".",
            "..",
            "/",
            "../knockwright",
            "/sys/fs/bpf",
            "server0/",
            "./server0",
            "a:b",
            "no room here",
            "0123456789abcdef",
        ] {
            for arguments in [&["unload", "--", name][..], &["status", "--", name]] {
                lab.server(arguments).has(3, "can't be an interface's name");
            }
            let interface = format!("--interface={name}");
            lab.server(&["run", "--config", &config, &interface]).has(3, "can't be an interface's name");
        }
        lab.server(&["run", "--config", &config, "--pins", "/sys/fs/bpf/knockwright.d"])
            .has(4, "`knockwright.d` can't be the name of a pin");
        lab.server(&["knock", "127.0.0.1", ""]).has(2, "`` is no port");
        lab.server(&["knock", "", "1"]).has(3, "the address of `` can't be found");
        lab.server(&["knock", "127.0.0.1", "..", "--config", &config]).has(3, "no door is called `..`");
        assert_eq!(lab.answer(), Answer::Filtered, "the port stays guarded");
        lab.server(&["status"]).has(0, "server0: guarded");
        service.signal(Signal::TERM);
        service.ends_with(0, "detached from server0");
    });
}

#[test]
fn what_others_have_pinned_stays() {
    Lab::run(|lab| {
        let map = Map::create(&knock::events()).unwrap();
        let own = Map::create(&knock::config_map()).unwrap();
        let foreign = PinFolder::create("/sys/fs/bpf/knockwright/foreign").unwrap();
        foreign.pin(&map, "state").unwrap();
        foreign.pin(&own, "link").unwrap();
        // Of its names some are those of a service, and what has them isn't.
        let namesake = PinFolder::create("/sys/fs/bpf/knockwright/namesake").unwrap();
        namesake.pin(&own, "link").unwrap();
        let config = lab.config("");
        for command in ["status", "unload"] {
            lab.server(&[command, "foreign"])
                .has(4, "is not knockwright's (link, state): nothing was removed");
            lab.server(&[command, "namesake"]).has(4, "is not knockwright's (link): nothing was removed");
        }
        lab.server(&["unload"]).has(4, "no interface is guarded");
        lab.server(&["status"]).has(0, "no interface is guarded");
        let mut service = lab.guard(&config);
        let folder = PinFolder::open("/sys/fs/bpf/knockwright/server0").unwrap();
        folder.pin(&map, "mine").unwrap();
        let unload = lab.server(&["unload"]);
        unload.has(0, "and removed 6 pins; the port is no longer guarded\n");
        unload.has(0, "left what others have pinned in its folder: mine\n");
        service.ends_with(4, "another process detached the program from `server0`");
        assert_eq!(folder.names().unwrap(), ["mine"]);
        assert_eq!(foreign.names().unwrap(), ["link", "state"]);
        assert_eq!(namesake.names().unwrap(), ["link"]);
    });
}

#[test]
fn pins_that_others_removed() {
    Lab::run(|lab| {
        let config = lab.config("");
        let mut service = lab.guard(&config);
        PinFolder::open("/sys/fs/bpf/knockwright/server0").unwrap().remove().unwrap();
        service.wait_for(
            "another process removed the pins: the port stays guarded only as long as this one runs",
        );
        assert_eq!(lab.answer(), Answer::Filtered);
        service.signal(Signal::INT);
        service.ends_with(0, "detached from server0");
        lab.nothing_is_left();
    });
}
