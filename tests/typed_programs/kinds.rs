//! The kinds of programs: what each returns, and what only it does.

use knockwright_asm::typed::*;
use knockwright_asm::{Label, field};
use knockwright_differential::random::Random;

use super::parts::test;
use super::{Ethernet, Made, Maps, objects, operand, plain_program, program_of};

/// The kinds of programs that are tried.
pub(super) trait Returning: Kind {
    fn any(random: &mut Random) -> Self::Action;
}

/// Those that see packets.
pub(super) trait Tried: Returning + PacketContext {
    /// Writes to the packet, if programs of the kind may.
    fn write_to<H>(_: &Typed<Self>, _: &Header<'_, Ethernet, Self::Rights>, _: Word<H>) {}

    /// Something that only programs of the kind do; the packet is taken up again if it's lost.
    fn own(_: &mut Typed<Self>, _: &mut Random, _: &Maps, _: &Context<Self>) {}
}

impl Returning for Xdp {
    fn any(random: &mut Random) -> XdpAction {
        XdpAction::from_number(random.below(5) as u32).unwrap_or(XdpAction::Aborted)
    }
}

impl Tried for Xdp {
    fn write_to<H>(p: &Typed<Self>, header: &Header<'_, Ethernet>, number: Word<H>) {
        p.store(header, field!(Ethernet, ether_type), number);
    }

    fn own(p: &mut Typed<Self>, random: &mut Random, maps: &Maps, context: &Context<Self>) {
        match random.below(4) {
            0 => return objects::socket(p, random, maps.out, context),
            1 => return objects::under_a_lock(p, random, maps.out),
            _ => {}
        }
        let index = p.read(R3, context, xdp_md::RX_QUEUE_INDEX);
        let index = if random.below(2) == 0 { p.read(R4, context, xdp_md::INGRESS_IFINDEX) } else { index };
        p.goto_if(test(random, index), maps.out);
        if random.below(2) == 0 {
            let rest = p.label("rest");
            p.goto_if(test(random, index), rest);
            let targets = p.targets("targets", RedirectTarget::Processors, 4);
            let answer = p.redirect_map(targets, operand(random), Self::any(random));
            p.exit(answer);
            p.bind(rest);
        }
    }
}

impl Returning for Tc {
    fn any(random: &mut Random) -> TcAction {
        *TcAction::ALL.get(random.below(TcAction::ALL.len())).unwrap_or(&TcAction::Ok)
    }
}

impl Tried for Tc {
    fn write_to<H>(p: &Typed<Self>, header: &Header<'_, Ethernet>, number: Word<H>) {
        p.store(header, field!(Ethernet, ether_type), number);
    }

    fn own(p: &mut Typed<Self>, random: &mut Random, maps: &Maps, context: &Context<Self>) {
        if random.below(4) == 0 {
            let callback = objects::timer(p, random, maps.out);
            maps.functions.alarm.set(callback).expect("one timer a program");
            p.license("GPL");
            return;
        }
        if random.below(3) == 0 {
            return objects::under_a_lock(p, random, maps.out);
        }
        if random.below(2) == 0 {
            return if random.below(2) == 0 {
                objects::socket(p, random, maps.out, context)
            } else {
                objects::of_a_socket(p, random, maps.out, context)
            };
        }
        let mark = p.read(R3, context, sk_buff::MARK);
        let mark = p.xor(mark, operand(random));
        p.write(context, sk_buff::MARK, mark);
        let time = p.read(R2, context, sk_buff::TSTAMP);
        p.goto_if(test(random, time), maps.out);
        p.write(context, sk_buff::PRIORITY, operand(random));
        let bytes = p.uninit::<u64>();
        let loaded = p.try_call(call::SkbLoadBytes, (context, random.below(64) as i32, bytes.out_sized()));
        if random.below(2) == 0 {
            p.succeeded(loaded, maps.out);
        } else {
            loaded.ignore();
        }
        let bytes = bytes.written(p);
        let bytes = p.reload(R1, &bytes);
        p.goto_if(test(random, bytes), maps.out);
    }
}

impl Returning for CgroupSkb {
    fn any(random: &mut Random) -> Allow {
        if random.below(2) == 0 { Allow::No } else { Allow::Yes }
    }
}

impl Tried for CgroupSkb {
    fn own(p: &mut Typed<Self>, random: &mut Random, maps: &Maps, context: &Context<Self>) {
        let port = p.read(R3, context, sk_buff::REMOTE_PORT);
        let port = p.be32(port);
        p.goto_if(test(random, port), maps.out);
    }
}

/// Kinds without packets: what they return, and the members of their contexts that they read and write.
macro_rules! plain {
    ($($kind:ident: $action:expr, $module:ident reads [$($read:ident)*] writes [$($write:ident)*];)*) => {
        $(impl Returning for $kind {
            fn any(random: &mut Random) -> <Self as Kind>::Action {
                #[allow(clippy::redundant_closure_call)] // the table has closures
                ($action)(random)
            }
        })*

        /// How many there are.
        pub(super) const PLAIN: u64 = [$(stringify!($kind)),*].len() as u64;

        pub(super) fn plain(kind: u64, seed: u64) -> Made {
            let mut kinds = 0..;
            $(if kinds.next() == Some(kind) {
                let program = plain_program::<$kind>(seed, |p, random, out, context| {
                    anything(p, random, out, context);
                    $(if random.below(3) == 0 {
                        let number = p.read(R2, context, $module::$read);
                        p.goto_if(test(random, number), out);
                    })*
                    $(if random.below(3) == 0 {
                        let number = p.word(R3, operand(random));
                        p.write(context, $module::$write, number);
                    })*
                });
                return Made::of::<$kind>(program);
            })*
            unreachable!("there are {PLAIN} kinds")
        }
    };
}

/// What programs of any kind do, whether or not their context has numbers.
fn anything<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label, _: &Context<K>) {
    if random.below(4) == 0 {
        objects::of_a_kind(p, random, out);
    }
}

pub(super) fn allow(random: &mut Random) -> Allow {
    if random.below(2) == 0 { Allow::No } else { Allow::Yes }
}

pub(super) fn seen(_: &mut Random) -> Seen {
    Seen::GoOn
}

pub(super) fn sk_action(random: &mut Random) -> SkAction {
    random.pick(&[SkAction::Drop, SkAction::Pass])
}

pub(super) fn lwt_result(random: &mut Random) -> LwtResult {
    random.pick(LwtResult::ALL)
}

/// Kinds that see packets, of which nothing else is tried than to read a member or two.
macro_rules! packets {
    ($($kind:ident: $any:expr, reads [$($read:ident)*] writes [$($write:ident)*] $(stores $store:ident)?;)*) => {
        $(impl Returning for $kind {
            fn any(random: &mut Random) -> <Self as Kind>::Action {
                $any(random)
            }
        }

        impl Tried for $kind {
            $(fn $store<H>(p: &Typed<Self>, header: &Header<'_, Ethernet>, number: Word<H>) {
                p.store(header, field!(Ethernet, ether_type), number);
            })?

            fn own(p: &mut Typed<Self>, random: &mut Random, maps: &Maps, context: &Context<Self>) {
                $(let number = p.read(R2, context, sk_buff::$read);
                p.goto_if(test(random, number), maps.out);)*
                $(p.write(context, sk_buff::$write, operand(random));)*
            }
        })*

        /// How many there are.
        pub(super) const PACKETS: u64 = [$(stringify!($kind)),*].len() as u64;

        pub(super) fn with_packet(kind: u64, seed: u64) -> Made {
            let mut kinds = 0..;
            $(if kinds.next() == Some(kind) {
                return Made::of::<$kind>(program_of::<$kind>(seed, None));
            })*
            unreachable!("there are {PACKETS} kinds")
        }
    };
}

packets! {
    CgroupSkbEgress: allow, reads [LEN PRIORITY LOCAL_PORT] writes [MARK TSTAMP];
    LwtIn: lwt_result, reads [LEN MARK HASH] writes [];
    LwtOut: lwt_result, reads [LEN PROTOCOL] writes [];
    LwtXmit: lwt_result, reads [MARK PRIORITY] writes [MARK PRIORITY] stores write_to;
    StreamVerdict: sk_action, reads [LEN FAMILY REMOTE_PORT] writes [PRIORITY] stores write_to;
    SkSkbVerdict: sk_action, reads [LEN LOCAL_IP4] writes [] stores write_to;
}

plain! {
    SocketFilter: operand, sk_buff reads [LEN MARK HASH GSO_SIZE] writes [];
    SockCreate: allow, bpf_sock reads [FAMILY TYPE PROTOCOL MARK] writes [MARK PRIORITY BOUND_DEV_IF];
    SockRelease: allow, bpf_sock reads [FAMILY STATE DST_PORT DST_IP4] writes [MARK];
    PostBind4: allow, bpf_sock reads [SRC_IP4 SRC_PORT RX_QUEUE_MAPPING] writes [];
    PostBind6: allow, bpf_sock reads [SRC_PORT PROTOCOL] writes [];
    Bind4: allow, bpf_sock_addr reads [USER_FAMILY USER_IP4 USER_PORT] writes [USER_IP4 USER_PORT];
    Bind6: allow, bpf_sock_addr reads [FAMILY TYPE USER_PORT] writes [USER_PORT];
    Connect4: allow, bpf_sock_addr reads [USER_IP4 PROTOCOL] writes [USER_IP4 USER_PORT];
    Connect6: allow, bpf_sock_addr reads [USER_PORT PROTOCOL] writes [USER_PORT];
    Sendmsg4: allow, bpf_sock_addr reads [MSG_SRC_IP4 USER_IP4] writes [MSG_SRC_IP4 USER_IP4];
    Sendmsg6: allow, bpf_sock_addr reads [USER_PORT] writes [USER_PORT];
    Recvmsg4: seen, bpf_sock_addr reads [USER_IP4] writes [USER_IP4];
    Recvmsg6: seen, bpf_sock_addr reads [USER_PORT] writes [USER_PORT];
    Getpeername4: seen, bpf_sock_addr reads [USER_IP4] writes [USER_IP4];
    Getpeername6: seen, bpf_sock_addr reads [FAMILY] writes [USER_PORT];
    Getsockname4: seen, bpf_sock_addr reads [USER_IP4] writes [USER_PORT];
    Getsockname6: seen, bpf_sock_addr reads [FAMILY] writes [USER_PORT];
    Getsockopt: allow, bpf_sockopt reads [LEVEL OPTNAME OPTLEN RETVAL] writes [OPTLEN RETVAL];
    Setsockopt: allow, bpf_sockopt reads [LEVEL OPTNAME OPTLEN] writes [LEVEL OPTNAME OPTLEN];
    CgroupDevice: allow, bpf_cgroup_dev_ctx reads [ACCESS_TYPE MAJOR MINOR] writes [];
    CgroupSysctl: allow, bpf_sysctl reads [WRITE FILE_POS] writes [FILE_POS];
    SkLookup: sk_action, bpf_sk_lookup reads [FAMILY PROTOCOL REMOTE_IP4 REMOTE_PORT LOCAL_PORT INGRESS_IFINDEX] writes [];
    SkMsg: sk_action, sk_msg_md reads [FAMILY REMOTE_IP4 LOCAL_PORT SIZE] writes [];
    SkReuseport: sk_action, sk_reuseport_md reads [LEN ETH_PROTOCOL HASH] writes [];
    Netfilter: allow, sk_buff reads [] writes [];
    FlowDissector: lwt_result, sk_buff reads [] writes [];
    ConnectUnix: allow, bpf_sock_addr reads [USER_FAMILY TYPE] writes [];
    SendmsgUnix: allow, bpf_sock_addr reads [PROTOCOL] writes [];
    RecvmsgUnix: seen, bpf_sock_addr reads [FAMILY] writes [];
    GetpeernameUnix: seen, bpf_sock_addr reads [FAMILY] writes [];
    GetsocknameUnix: seen, bpf_sock_addr reads [TYPE] writes [];
    StreamParser: operand, sk_buff reads [LEN PRIORITY] writes [PRIORITY];
    SockOps: allow, bpf_sock_ops reads [OP FAMILY STATE SND_CWND BYTES_ACKED SKB_LEN SKB_HWTSTAMP] writes [REPLY SK_TXHASH];
}
