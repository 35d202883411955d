//! XDP programs from objects, on interfaces of throw-away networks.

mod support;

use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::Duration;

use knockwright_asm::Size::{U32, U64};
use knockwright_asm::{Asm, Helper, MapDef, MapType, ProgType, Program, Reg::*};
use knockwright_codegen::Object;
use knockwright_loader::interface::{AttachedXdp, Interface, XdpMode};
use knockwright_loader::map::MapError;
use knockwright_loader::netns::{Netns, NetnsPair};
use knockwright_loader::pin::{self, PinError, PinFolder};
use knockwright_loader::sys::TestRun;
use knockwright_loader::xdp::{AttachError, LoadError, ModeChoice, XdpLink, XdpLoader, XdpProgram};
use support::may_load;

/// Sends the packet's length to the ring buffer `events` and returns what the array `config` holds, else `XDP_PASS`.
fn witness() -> Program {
    let mut a = Asm::new("witness", ProgType::Xdp);
    a.license("GPL");
    let config = a.map(MapDef::new::<u32, u64>("config", MapType::Array, 1));
    let events = a.map(MapDef::ring_buffer("events", 4096));
    let pass = a.label("pass");
    a.load(U32, R2, R1 + 0);
    a.load(U32, R3, R1 + 4);
    a.sub(R3, R2);
    a.store(U64, R10 - 8, R3);
    a.load_map(R1, events);
    a.mov(R2, R10);
    a.add(R2, -8);
    a.mov(R3, 8);
    a.mov(R4, 0);
    a.call(Helper::RingbufOutput);
    a.store(U32, R10 - 12, 0);
    a.load_map(R1, config);
    a.mov(R2, R10);
    a.add(R2, -12);
    a.call(Helper::MapLookupElem);
    a.goto_if(R0.eq(0), pass);
    a.load(U64, R0, R0 + 0);
    a.exit();
    a.bind(pass);
    a.mov(R0, 2);
    a.exit();
    a.finish().expect("the program assembles")
}

const XDP_DROP: u64 = 1;
const XDP_PASS: u64 = 2;

fn object(program: &Program) -> Vec<u8> {
    Object::new().program(program).finish().expect("an object")
}

fn load() -> XdpProgram {
    XdpLoader::new().load(&object(&witness()), "witness").expect("the program loads")
}

fn set_verdict(program: &XdpProgram, verdict: u64) {
    program.array::<u64>("config").unwrap().set(0, &verdict).unwrap();
}

/// Whether the server answers a connection, if only by refusing it.
fn answers(pair: &NetnsPair) -> bool {
    let to = SocketAddr::new(NetnsPair::SERVER_V4, 9);
    let result = pair.client.run(|| TcpStream::connect_timeout(&to, Duration::from_millis(300))).unwrap();
    matches!(result, Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused)
}

fn server_interface(pair: &NetnsPair) -> Interface {
    pair.server.run(|| Interface::named(NetnsPair::SERVER_INTERFACE)).unwrap().unwrap()
}

#[test]
fn loads_with_btf_and_runs() {
    if !may_load() {
        return;
    }
    let program = load();
    assert!(program.info().btf_id.is_some());
    assert_eq!(program.info().name, "witness");
    assert_eq!(program.map_names().collect::<Vec<_>>(), ["config", "events"]);
    set_verdict(&program, XDP_DROP);
    let mut events = program.ring_buffer("events").unwrap();
    let run = program.test_run(&TestRun::packet(vec![0; 60]).repeated(3)).unwrap();
    assert_eq!(run.return_value, 1);
    let mut lengths = Vec::new();
    let mut drain =
        |at_most| events.drain(at_most, |event| lengths.push(u64::from_ne_bytes(event.try_into().unwrap())));
    assert_eq!([drain(0), drain(2), drain(2)], [0, 2, 1]);
    assert_eq!(lengths, [60; 3]);
    assert_eq!(events.next(Duration::from_millis(20)).unwrap(), None);
    let error = program.array::<u32>("config").unwrap_err();
    assert!(matches!(error, MapError::WrongSize { .. }));
    let error = program.map("confg").unwrap_err();
    assert_eq!(error.to_string(), "there is no map `confg`; there are: config, events");
}

#[test]
fn bad_objects_are_errors() {
    if !may_load() {
        return;
    }
    let mut loader = XdpLoader::new();
    assert!(matches!(loader.load(b"\x7fELF", "x"), Err(LoadError::Object(_))));
    let good = object(&witness());
    let error = loader.load(&good, "witnes").unwrap_err();
    assert_eq!(error.to_string(), "the object has no program `witnes`; it has: witness");
    for cut in (0..good.len()).step_by(97) {
        assert!(loader.load(&good[..cut], "witness").is_err());
    }
    assert!(loader.load(&good, "witness").is_ok(), "the loader goes on");

    let mut unset = Asm::new("unset", ProgType::Xdp);
    unset.license("GPL");
    unset.exit();
    let unset = unset.finish().unwrap();
    match loader.load(&object(&unset), "unset") {
        Err(LoadError::Rejected { errno, log, .. }) => {
            assert_eq!(errno.0, libc::EACCES);
            assert!(log.contains("R0 !read_ok"), "{log}");
        }
        other => panic!("{other:?}"),
    }
    let error = loader.load(&object(&unset), "unset").unwrap_err().to_string();
    assert!(error.ends_with("(EACCES (Permission denied)): R0 !read_ok"), "{error}");
}

#[test]
fn native_on_veth() {
    if !may_load() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    assert!(answers(&pair));
    let program = load();
    set_verdict(&program, XDP_DROP);
    let mut events = program.ring_buffer("events").unwrap();
    let interface = server_interface(&pair);
    let link = pair.server.run(|| program.attach(&interface, ModeChoice::Auto)).unwrap().unwrap();
    assert_eq!((link.mode(), link.fallback()), (Some(XdpMode::Native), None));
    let status = pair.server.run(|| link.status()).unwrap().unwrap();
    assert_eq!(status.prog_id, program.info().id);
    assert_eq!(status.mode(), Some(XdpMode::Native));
    assert!(!status.gone);
    let native = AttachedXdp { mode: XdpMode::Native, prog_id: program.info().id };
    assert_eq!(server_interface(&pair).xdp, [native]);

    assert!(!answers(&pair), "packets are dropped");
    set_verdict(&program, XDP_PASS);
    assert!(answers(&pair), "packets pass");
    // A knock is seen while the reader waits for it. IPv6 may send packets of its own in between.
    const KNOCK: [u8; 8] = 47_u64.to_ne_bytes(); // Ethernet 14, IPv4 20, UDP 8, and `knock`
    events.drain(usize::MAX, |_| ());
    let to = SocketAddr::new(NetnsPair::SERVER_V4, 1111);
    let knock = || UdpSocket::bind("0.0.0.0:0")?.send_to(b"knock", to);
    let event = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            std::iter::from_fn(|| events.next(Duration::from_secs(5)).unwrap())
                .find(|event| event[..] == KNOCK)
        });
        std::thread::sleep(Duration::from_millis(50));
        pair.client.run(knock).unwrap().unwrap();
        waiting.join().unwrap()
    });
    assert!(event.is_some(), "the knock was not seen");

    set_verdict(&program, XDP_DROP);
    drop(link);
    assert!(answers(&pair), "dropping the link detaches");
    assert_eq!(server_interface(&pair).xdp, []);
}

#[test]
fn generic_where_the_driver_has_no_native() {
    if !may_load() {
        return;
    }
    let netns = Netns::new().unwrap();
    let mut names = vec!["lo"];
    for kind in ["dummy", "bridge"] {
        match netns.ip(&["link", "add", kind, "type", kind]) {
            Ok(_) => names.push(kind),
            Err(error) => eprintln!("without {kind}: {error}"),
        }
    }
    let program = load();
    netns
        .run(|| {
            for name in names {
                let interface = Interface::named(name).unwrap();
                let link = program.attach(&interface, ModeChoice::Auto).unwrap();
                assert_eq!(link.mode(), Some(XdpMode::Generic));
                let fallback = link.fallback().unwrap();
                assert_eq!(fallback.errno.0, libc::EOPNOTSUPP);
                assert!(fallback.to_string().ends_with("the driver has no native XDP"), "{fallback}");
                assert_eq!(link.status().unwrap().mode(), Some(XdpMode::Generic));
                link.detach().unwrap();
                let error = program.attach(&interface, ModeChoice::Only(XdpMode::Native)).unwrap_err();
                assert!(matches!(error, AttachError::Mode { mode: XdpMode::Native, .. }), "{error}");
                let error = program.attach(&interface, ModeChoice::Only(XdpMode::Hardware)).unwrap_err();
                assert!(matches!(error, AttachError::Mode { mode: XdpMode::Hardware, .. }), "{error}");
            }
        })
        .unwrap();
}

#[test]
fn another_program_is_in_the_way() {
    if !may_load() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let (first, second) = (load(), load());
    let interface = server_interface(&pair);
    let busy = |choice| match pair.server.run(|| second.attach(&interface, choice)).unwrap() {
        Err(AttachError::Busy { interface, programs }) => (interface, programs),
        other => panic!("{other:?}"),
    };
    let link = pair.server.run(|| first.attach(&interface, ModeChoice::Auto)).unwrap().unwrap();
    let holder = AttachedXdp { mode: XdpMode::Native, prog_id: first.info().id };
    for choice in [ModeChoice::Auto, ModeChoice::Only(XdpMode::Generic)] {
        assert_eq!(busy(choice), (NetnsPair::SERVER_INTERFACE.to_owned(), vec![holder]));
    }
    link.replace(&second).unwrap();
    let status = pair.server.run(|| link.status()).unwrap().unwrap();
    assert_eq!(status.prog_id, second.info().id);
    drop(link);
    // An attachment by netlink, as `ip` makes it, isn't overwritten either.
    let path = std::env::temp_dir().join(format!("knockwright-{}.o", std::process::id()));
    std::fs::write(&path, object(&witness())).unwrap();
    let path_text = path.to_str().unwrap();
    let section =
        ["link", "set", "dev", NetnsPair::SERVER_INTERFACE, "xdpdrv", "obj", path_text, "sec", "xdp"];
    // `ip` mounts a BPF file system where it finds none.
    let by_ip = with_bpf_file_system(|| pair.server.ip(&section));
    std::fs::remove_file(&path).unwrap();
    by_ip.unwrap();
    assert_eq!(busy(ModeChoice::Auto).1.len(), 1);
}

#[test]
fn the_interface_goes_away() {
    if !may_load() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let program = load();
    let interface = server_interface(&pair);
    let link = pair.server.run(|| program.attach(&interface, ModeChoice::Auto)).unwrap().unwrap();
    pair.server.ip(&["link", "delete", NetnsPair::SERVER_INTERFACE]).unwrap();
    let status = pair.server.run(|| link.status()).unwrap().unwrap();
    assert!(status.gone);
    assert_eq!((status.interface.as_ref(), status.mode()), (None, None));
    let again = pair.server.run(|| program.attach(&interface, ModeChoice::Auto)).unwrap();
    assert!(matches!(again, Err(AttachError::Gone { .. })), "{again:?}");
    assert!(matches!(link.replace(&program), Err(AttachError::Gone { .. })));
    link.detach().unwrap();
}

/// Runs a closure with a BPF file system of its own at `/sys/fs/bpf`, which no other process sees.
fn with_bpf_file_system<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    use rustix::mount::{MountPropagationFlags, mount_change};
    use rustix::thread::{UnshareFlags, unshare_unsafe};
    std::thread::scope(|scope| {
        let inside = scope.spawn(|| {
            // SAFETY: mounts and the working directory of this thread alone; no memory or descriptor table is unshared.
            unsafe { unshare_unsafe(UnshareFlags::NEWNS | UnshareFlags::FS) }.unwrap();
            mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).unwrap();
            pin::mount_bpf_file_system(Path::new(pin::BPF_FILE_SYSTEM)).unwrap();
            f()
        });
        inside.join().unwrap()
    })
}

#[test]
fn pins_keep_filter_and_state() {
    if !may_load() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let interface = server_interface(&pair);
    with_bpf_file_system(|| {
        let folder = PinFolder::of("server0").unwrap();
        assert_eq!(folder.path(), Path::new("/sys/fs/bpf/knockwright/server0"));
        {
            let program = load();
            set_verdict(&program, XDP_DROP);
            let link = pair.server.run(|| program.attach(&interface, ModeChoice::Auto)).unwrap().unwrap();
            program.pin(&folder).unwrap();
            link.pin(&folder, "link").unwrap();
            assert!(matches!(link.pin(&folder, "link"), Err(PinError::Taken { .. })));
        }
        assert!(!answers(&pair), "the pin keeps the program attached");
        assert_eq!(folder.names().unwrap(), ["config", "events", "link", "witness"]);

        let open = || XdpLink::open(&PinFolder::open(folder.path())?, "link");
        let link = open().unwrap();
        let program = XdpProgram::open(&folder, "witness", &["config", "events"]).unwrap();
        let status = link.status().unwrap();
        assert_eq!((status.prog_id, status.gone), (program.info().id, false));
        assert_eq!(program.array::<u64>("config").unwrap().get(0).unwrap(), Some(XDP_DROP));

        // The next start: a new program with the old maps takes the old one's place.
        let mut loader = XdpLoader::new();
        loader.reuse(&folder, &["config", "not_there"]).unwrap();
        let next = loader.load(&object(&witness()), "witness").unwrap();
        assert_eq!(next.map("config").unwrap().info().id, program.map("config").unwrap().info().id);
        assert_ne!(next.map("events").unwrap().info().id, program.map("events").unwrap().info().id);
        link.replace(&next).unwrap();
        assert!(matches!(next.pin(&folder), Err(PinError::Taken { .. })), "events is another map now");
        folder.unpin("events").unwrap();
        next.pin(&folder).unwrap();
        assert!(!answers(&pair));
        set_verdict(&next, XDP_PASS);
        assert!(answers(&pair), "the state is the old map's");

        assert!(matches!(folder.open_map("link"), Err(PinError::WrongKind { wanted: "map", .. })));
        assert!(matches!(folder.open_map("nothing"), Err(PinError::NotFound { .. })));
        assert!(matches!(XdpLink::open(&folder, "config"), Err(PinError::WrongKind { wanted: "link", .. })));
        assert!(matches!(folder.pin(&next, "a.b"), Err(PinError::BadName { .. })));
        assert!(!folder.unpin("nothing").unwrap());
        drop(link);
        folder.clone().remove().unwrap();
        assert!(matches!(PinFolder::open(folder.path()), Err(PinError::NotFound { .. })));
        // The kernel frees a link that loses its last pin a moment later.
        let detached = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            server_interface(&pair).xdp.is_empty()
        });
        assert!(detached, "unpinning the last reference detaches");
    });
}

#[test]
fn a_folder_that_something_else_is_mounted_over() {
    if !may_load() {
        return;
    }
    let program = load();
    with_bpf_file_system(|| {
        let folder = PinFolder::of("covered").unwrap();
        rustix::mount::mount("none", folder.path(), "tmpfs", rustix::mount::MountFlags::empty(), None)
            .unwrap();
        assert!(matches!(program.pin(&folder), Err(PinError::NotBpf { .. })));
    });
}

#[test]
fn without_a_bpf_file_system() {
    if !may_load() {
        return;
    }
    let program = load();
    let folder = std::env::temp_dir();
    assert!(matches!(PinFolder::open(&folder), Err(PinError::NotBpf { .. })));
    let error = PinFolder::create(folder.join("knockwright")).unwrap_err();
    assert!(error.to_string().contains("mount -t bpf"), "{error}");
    drop(program);
}
