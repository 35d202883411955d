/// The instructions of the program `counted` of type xdp.
///
/// Maps by index:
/// 0. `packets`, array
#[rustfmt::skip]
pub const COUNTED: [(u8, u8, u8, i16, i32); 8] = [
    (0x18, 1, 6, 0, 0), // r1 = map[idx:0][0]+0
    (0x00, 0, 0, 0, 0),
    (0x18, 2, 0, 0, 1985229328), // r2 = 0xfedcba9876543210
    (0x00, 0, 0, 0, -19088744),
    (0x7b, 1, 2, 0, 0), // *(u64 *)(r1 +0) = r2
    (0x66, 1, 0, 0, -1), // if w1 s> 0xffffffff goto pc+0
    (0xb7, 0, 0, 0, 2), // r0 = 2
    (0x95, 0, 0, 0, 0), // exit
];
