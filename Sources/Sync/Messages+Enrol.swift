// Enrolling: the bodies of request and answer, each a map with unsigned keys.
// A key that is not known is passed over; one that must be there is demanded.

package import Kernel
package import Replication
package import Wire

/// The body of `enrol`: {1: code name, 2: device nonce, 3: machine}.
package struct EnrolRequest: Hashable, Sendable {
    package var code = ""
    package var deviceNonce: [UInt8] = []
    /// What the machine calls itself, for people.
    package var machine = ""

    package init(code: String, deviceNonce: [UInt8], machine: String) {
        self.code = code
        self.deviceNonce = deviceNonce
        self.machine = machine
    }

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 96)
        writer.map(3)
        writer.key(1)
        writer.text(code)
        writer.key(2)
        writer.bytes(deviceNonce)
        writer.key(3)
        writer.text(machine)
        return writer.bytes
    }

    /// Reads the body.
    package init(body: [UInt8]) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in
                switch key {
                case 1: code = try reader.text(sizeBytesMax: 16)
                case 2: deviceNonce = try reader.bytes(exactly: 16)
                case 3: machine = try reader.text(sizeBytesMax: 256)
                default: return false
                }
                return true
            }
        }
        guard deviceNonce.count == 16 else { throw WireFault(.invalidValue, offset: 0) }
    }
}

/// The body of `enrolled`: {1: realm, 2: device, 3: numbers, 4: hq nonce, 5: [nonce, wrapped
/// pepper], 6: heads of headquarters, 7: kind, 8: branch, 9: name, 10: epoch}.
package struct EnrolAnswer: Hashable, Sendable {
    package var realm: [UInt8] = []
    package var device: Int64 = 0
    /// The first is the device's own; the others are spare.
    package var numbers: [ReplicaNumber] = []
    package var headquartersNonce: [UInt8] = []
    package var wrapNonce: [UInt8] = []
    package var wrappedPepper: [UInt8] = []
    /// Headquarters' order as it stands.
    package var head = LogPoint(position: 0, hash: .zero)
    package var kind: Int64 = 0
    package var branch: Int64 = 0
    package var name = ""
    /// The number that headquarters writes under now.
    package var epoch = ReplicaNumber(0)

    package init() {}

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 256)
        writer.map(10)
        writer.key(1)
        writer.bytes(realm)
        writer.key(2)
        writer.integer(device)
        writer.key(3)
        writer.list(numbers) { $1.integer(Int64($0.rawValue)) }
        writer.key(4)
        writer.bytes(headquartersNonce)
        writer.key(5)
        writer.array(2)
        writer.bytes(wrapNonce)
        writer.bytes(wrappedPepper)
        writer.key(6)
        head.write(to: &writer)
        writer.key(7)
        writer.integer(kind)
        writer.key(8)
        writer.integer(branch)
        writer.key(9)
        writer.text(name)
        writer.key(10)
        writer.integer(Int64(epoch.rawValue))
        return writer.bytes
    }

    /// Reads the body.
    package init(body: [UInt8]) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in
                switch key {
                case 1: realm = try reader.bytes(exactly: 16)
                case 2: device = try reader.device()
                case 3:
                    numbers = try reader.list { (reader) throws(WireFault) in
                        try reader.replicaNumber()
                    }
                case 4: headquartersNonce = try reader.bytes(exactly: 16)
                case 5:
                    try reader.array(of: 2)
                    wrapNonce = try reader.bytes(exactly: 16)
                    wrappedPepper = try reader.bytes(exactly: 32)
                case 6: head = try LogPoint(from: &reader)
                case 7: kind = try reader.unsigned()
                case 8: branch = try reader.device()
                case 9: name = try reader.text(sizeBytesMax: 256)
                case 10: epoch = try reader.replicaNumber()
                default: return false
                }
                return true
            }
        }
        guard realm.count == 16, headquartersNonce.count == 16, wrappedPepper.count == 32,
            device > 0, !numbers.isEmpty
        else { throw WireFault(.invalidValue, offset: 0) }
    }
}
