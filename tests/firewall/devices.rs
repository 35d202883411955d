//! Interfaces whose packets have no Ethernet header.

use knockwright_loader::netns::NetnsPair;

use super::*;

/// A stranger's and a friend's packets come through a TUN device, without an Ethernet header.
#[test]
fn a_tun_device_is_guarded() {
    Lab::run(|lab| {
        let Some(tun) = Tun::open(&lab.pair.server, "tun0", Packets::Ip) else {
            return;
        };
        for command in ["address add 198.51.100.1/24 dev tun0", "link set tun0 up"] {
            lab.server_ip(command).unwrap();
        }
        let (friend, stranger, server) = ([198, 51, 100, 2], [198, 51, 100, 3], [198, 51, 100, 1]);
        let answered = |source: [u8; 4], from, options: Vec<u8>| {
            let segment = whole_syn(&source, &server, from, lab::PORT, b"");
            let syn = Ipv4 { destination: server, options, ..Ipv4::new(source, protocol::TCP, segment) };
            tun.is_answered(&syn.packet(), lab::PORT, from)
        };
        assert!(answered(stranger, 1000, vec![]), "before");
        let config = lab.config("");
        let run = ["run", "--config", &config, "--interface", "tun0"];
        let mut service = lab.service(&run);
        service.wait_for("guarding TCP port 4444 (door test) on tun0, generic XDP");
        service.wait_for("Ctrl-C detaches");
        assert!(!answered(stranger, 1001, vec![]), "a stranger");
        assert!(!answered(stranger, 1002, vec![1; 8]), "with IP options");
        let mut pieces = Ipv4 {
            destination: server,
            ..Ipv4::new(stranger, protocol::TCP, whole_syn(&stranger, &server, 1003, lab::PORT, b""))
        };
        let rest = Ipv4 { fragment: 1, payload: pieces.payload.split_off(8), ..pieces.clone() };
        tun.send(&Ipv4 { fragment: MORE_FRAGMENTS, ..pieces }.packet());
        assert!(!tun.is_answered(&rest.packet(), lab::PORT, 1003), "in fragments");
        if lab.pair.has_ipv6() {
            let (source, destination) = ([0xfd; 16], [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
            lab.pair.server.ip(&["address", "add", "fd00::1/8", "dev", "tun0", "nodad"]).unwrap();
            let segment = whole_syn(&source, &destination, 1004, lab::PORT, b"");
            let packet = ipv6_between(source, destination, &[], protocol::TCP, &segment);
            assert!(!tun.is_answered(&packet, lab::PORT, 1004), "over IPv6");
        }
        for secret in SECRETS {
            tun.send(
                &Ipv4 {
                    destination: server,
                    ..Ipv4::new(friend, protocol::UDP, udp(secret.parse().unwrap()))
                }
                .packet(),
            );
        }
        service.wait_for("198.51.100.2 door test: opened port 4444");
        assert!(answered(friend, 1005, vec![]), "a friend");
        assert!(!answered(stranger, 1006, vec![]), "a stranger still");
        lab.server(&["status"]).has(0, "tun0: guarded, generic XDP\n  program   knock_l3, id ");

        service.signal(Signal::KILL);
        service.wait();
        assert!(!answered(stranger, 1007, vec![]), "killed, it goes on");
        let mut second = lab.service(&run);
        second.wait_for("took over from a killed service, with its sessions");
        second.wait_for("Ctrl-C detaches");
        assert!(answered(friend, 1008, vec![]), "a friend still");
        second.signal(Signal::TERM);
        second.ends_with(0, "detached from tun0");
        assert!(answered(stranger, 1009, vec![]), "after");
        lab.nothing_is_pinned();
    });
}

#[test]
fn interfaces_whose_packets_are_not_read() {
    Lab::run(|lab| {
        let config = lab.config("");
        let Some(_with_info) = Tun::open(&lab.pair.server, "info0", Packets::IpWithInfo) else {
            return;
        };
        lab.server(&["run", "--config", &config, "--interface", "info0"])
            .has(4, "the packets of interface `info0` are what a type beside them says");
        let run = ["run", "--config", &config, "--interface", "tun0"];
        // A TUN device may call itself anything.
        let tun = Tun::open(&lab.pair.server, "tun0", Packets::Ip).unwrap();
        tun.set_link_type(libc::ARPHRD_ETHER);
        let mut service = lab.service(&run);
        service.wait_for("Ctrl-C detaches");
        lab.server(&["status"]).has(0, "program   knock_l3");
        drop(tun);
        service.ends_with(4, "interface `tun0` is gone");
        let tap = Tun::open(&lab.pair.server, "tun0", Packets::Ethernet).unwrap();
        tap.set_link_type(libc::ARPHRD_NONE);
        let mut service = lab.service(&run);
        service.wait_for("Ctrl-C detaches");
        lab.server(&["status"]).has(0, "program   knock, id ");
        service.signal(Signal::TERM);
        service.ends_with(0, "detached from tun0");
        for kind in ["ipip", "gre", "sit", "wireguard", "xfrm", "vcan", "ip6tnl"] {
            let extra: &[&str] = match kind {
                "ipip" | "gre" | "sit" => &["local", "192.0.2.1", "remote", "192.0.2.2"],
                "ip6tnl" => &["local", "2001:db8::1", "remote", "2001:db8::2"],
                "xfrm" => &["dev", "server0", "if_id", "7"],
                _ => &[],
            };
            if lab.pair.server.ip(&[&["link", "add", "odd0", "type", kind], extra].concat()).is_ok() {
                let odd = lab.server(&["run", "--config", &config, "--interface", "odd0"]);
                odd.has(4, "not Ethernet frames (link type ");
                lab.pair.server.ip(&["link", "delete", "odd0"]).unwrap();
            }
        }
        lab.nothing_is_pinned();
    });
}

/// Of interfaces above or beside others, those that receive the packets guard, and those that only seem to are refused.
#[test]
fn interfaces_that_receive_and_that_do_not() {
    Lab::run(|lab| {
        let config = lab.config("");
        let ip = |arguments| lab.server_ip(arguments);
        let run = ["run", "--config", &config, "--interface", "over0"];
        ip("address delete 192.0.2.1/24 dev server0").unwrap();
        // Else server0 too answers for the address of the interface above it, and packets pass that one by.
        let ignore = || std::fs::write("/proc/sys/net/ipv4/conf/all/arp_ignore", "1");
        lab.pair.server.run(ignore).unwrap().unwrap();
        for (add, then) in [
            ("link add over0 type bridge", "link set server0 master over0"),
            ("link add over0 link server0 type macvlan mode bridge", "link set server0 up"),
            ("link add over0 link server0 type macvlan mode passthru", "link set server0 up"),
            ("link add over0 link server0 type ipvlan mode l2", "link set server0 up"),
            ("link add over0 link server0 type ipvlan mode l3", "link set server0 up"),
        ] {
            if ip(add).is_err() {
                continue; // not every kernel has every kind
            }
            ip(then).unwrap();
            ip("address add 192.0.2.1/24 dev over0").unwrap();
            ip("link set over0 up").unwrap();
            // Until then the client knows the address by another hardware address, at first by one that is set for good.
            let client = NetnsPair::CLIENT_INTERFACE;
            let _ = lab.pair.client.ip(&["neighbour", "delete", "192.0.2.1", "dev", client]);
            let open = (0..20).any(|_| lab.answer() == Answer::Open);
            assert!(open, "{add}: before");
            let mut service = lab.service(&run);
            service.wait_for("guarding TCP port 4444 (door test) on over0, generic XDP");
            service.wait_for("Ctrl-C detaches");
            assert_eq!(lab.answer(), Answer::Filtered, "{add}: a stranger");
            lab.client(&["knock", "192.0.2.1", "test", "--config", &config, "--verify"])
                .has(0, "port 4444 is open");
            service.signal(Signal::TERM);
            service.ends_with(0, "detached from over0");
            ip("link delete over0").unwrap();
        }
        for (add, kind) in [
            ("link add over0 type ifb", "ifb"),
            ("link add over0 type dummy", "dummy"),
            ("link add over0 type vrf table 7", "vrf"),
            ("link add over0 link server0 type ipvlan mode l3s", "ipvlan in mode l3s"),
        ] {
            if ip(add).is_ok() {
                let said =
                    format!("what comes in by interface `over0` ({kind}) passes no XDP program of its own");
                lab.server(&run).has(4, &said);
                ip("link delete over0").unwrap();
            }
        }
        lab.nothing_is_pinned();
    });
}
