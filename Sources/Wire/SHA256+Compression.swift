// The compression function of SHA-256: eight rounds unrolled over raw pointers.
// The one place where cryptographic arithmetic stands; it neither checks nor allocates.

extension SHA256 {
    /// Source: FIPS 180-4 section 5.3.3.
    static let initialState = SIMD8<UInt32>(
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19
    )

    /// Source: FIPS 180-4 section 4.2.2.
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5,
        0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
        0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc,
        0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
        0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3,
        0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5,
        0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]

    /// Takes blocks of 64 bytes into the state.
    static func compress(
        _ state: inout SIMD8<UInt32>,
        _ source: UnsafeRawPointer,
        blocks: Int
    ) {
        constants.withUnsafeBufferPointer { constants in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
                guard let k = constants.baseAddress, let w = schedule.baseAddress else { return }
                var block = source
                for _ in 0..<blocks {
                    expand(block, k, w)
                    state = rounds(state, w)
                    block += 64
                }
            }
        }
    }

    /// Fills the schedule of one block, each word with its round constant added.
    @inline(__always)
    private static func expand(
        _ block: UnsafeRawPointer,
        _ k: UnsafePointer<UInt32>,
        _ w: UnsafeMutablePointer<UInt32>
    ) {
        var index = 0
        while index < 16 {
            let word = block.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self)
            w[index] = UInt32(bigEndian: word)
            index &+= 1
        }
        while index < 64 {
            let early = w[index &- 15]
            let late = w[index &- 2]
            let sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early &>> 3)
            let sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late &>> 10)
            w[index] = w[index &- 16] &+ sigma0 &+ w[index &- 7] &+ sigma1
            index &+= 1
        }
        index = 0
        while index < 64 {
            w[index] = w[index] &+ k[index]
            index &+= 1
        }
    }

    @inline(__always)
    private static func rounds(
        _ state: SIMD8<UInt32>,
        _ w: UnsafeMutablePointer<UInt32>
    ) -> SIMD8<UInt32> {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        var index = 0
        while index < 64 {
            round(a, b, c, &d, e, f, g, &h, w[index])
            round(h, a, b, &c, d, e, f, &g, w[index &+ 1])
            round(g, h, a, &b, c, d, e, &f, w[index &+ 2])
            round(f, g, h, &a, b, c, d, &e, w[index &+ 3])
            round(e, f, g, &h, a, b, c, &d, w[index &+ 4])
            round(d, e, f, &g, h, a, b, &c, w[index &+ 5])
            round(c, d, e, &f, g, h, a, &b, w[index &+ 6])
            round(b, c, d, &e, f, g, h, &a, w[index &+ 7])
            index &+= 8
        }
        return state &+ SIMD8(a, b, c, d, e, f, g, h)
    }

    /// One round; instead of moving eight variables, the next call names them one place on.
    @inline(__always)
    private static func round(
        _ a: UInt32,
        _ b: UInt32,
        _ c: UInt32,
        _ d: inout UInt32,
        _ e: UInt32,
        _ f: UInt32,
        _ g: UInt32,
        _ h: inout UInt32,
        _ scheduled: UInt32
    ) {
        let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
        let choice = g ^ (e & (f ^ g))
        let first = h &+ sum1 &+ choice &+ scheduled
        let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
        let majority = (a & b) | (c & (a | b))
        d = d &+ first
        h = first &+ sum0 &+ majority
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
        (value &>> count) | (value &<< (32 &- count))
    }
}
