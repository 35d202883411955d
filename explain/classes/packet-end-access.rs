use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "data_end is used as a pointer to memory",
    why: "data_end is only there to be compared with: it can't be moved or dereferenced.",
    fix: "Use the data pointer, and compare it with data_end.",
    lesson: lesson("packets", 80),
    when: |e| {
        let arithmetic = e.is(&[Kind::TypeArithmetic]) && e.text("held") == Some("pkt_end");
        arithmetic || e.held() == Some(Held::PacketEnd)
    },
    ..PLAIN
};
