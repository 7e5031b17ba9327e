// Headquarters' keys, as one value: device keys, branch peppers, the stamp key, open codes.
// Must not be written to a log, a view, an export or a commit file; Node keeps the bytes (0600).

package import Kernel
package import Wire

/// An enrolment code that was given out.
package struct EnrolmentCode: Hashable, Sendable {
    /// How long a code may be used, and its answer be asked for again.
    ///
    /// Unit: milliseconds.
    package static let lifeMs: Int64 = 600_000

    /// 5 base32 characters.
    package let name: String
    /// 16 bytes; 26 base32 characters on paper.
    package let secret: [UInt8]
    package let kind: Int64
    package let branch: Int64
    package let person: Int64
    /// What the device is called.
    package let label: String
    package let issued: WallTime
    /// The nonce of the device that used it.
    package var deviceNonce: [UInt8] = []
    /// The answer that device got.
    package var answer: [UInt8] = []

    package init(
        name: String,
        secret: [UInt8],
        kind: Int64,
        branch: Int64,
        person: Int64,
        label: String,
        issued: WallTime
    ) {
        self.name = name
        self.secret = secret
        self.kind = kind
        self.branch = branch
        self.person = person
        self.label = label
        self.issued = issued
    }

    /// What is typed or scanned: the name and the secret, in groups.
    package var text: String {
        let secretText = Base32.encode(secret)
        var groups = [name]
        var rest = Substring(secretText)
        while !rest.isEmpty {
            groups.append(String(rest.prefix(5)))
            rest = rest.dropFirst(5)
        }
        return groups.joined(separator: "-")
    }

    /// True while the code may be used.
    package func isOpen(at now: WallTime) -> Bool {
        let age = now.milliseconds - issued.milliseconds
        return age >= 0 && age < EnrolmentCode.lifeMs
    }

    /// Reads what was typed: the name and the secret; nil where it is no code.
    package static func parse(_ text: String) -> (name: String, secret: [UInt8])? {
        var typed = ""
        for character in text.uppercased() where character != "-" && character != " " {
            switch character {
            case "O": typed.append("0")
            case "I", "L": typed.append("1")
            default: typed.append(character)
            }
        }
        guard typed.utf8.count == 31, let secret = try? Base32.decode(String(typed.dropFirst(5))),
            secret.count == 16
        else { return nil }
        return (String(typed.prefix(5)), secret)
    }
}

/// What headquarters keeps secret.
package struct KeyStore: Hashable, Sendable {
    package private(set) var stampKey: [UInt8]
    private var devices: [Int64: [UInt8]] = [:]
    private var peppers: [Int64: [UInt8]] = [:]
    package private(set) var codes: [EnrolmentCode] = []

    /// The keys of a new headquarters.
    package init(random: any RandomSource) {
        stampKey = random.bytes(32)
    }

    /// The key of a device, nil where it never enrolled.
    package func deviceKey(_ device: Int64) -> [UInt8]? { devices[device] }

    /// The pepper of a branch, nil before its first device.
    package func pepper(of branch: Int64) -> [UInt8]? { peppers[branch] }

    /// The pepper of a branch, drawn where it has none.
    package mutating func pepper(of branch: Int64, random: any RandomSource) -> [UInt8] {
        if let known = peppers[branch] { return known }
        let pepper = random.bytes(32)
        peppers[branch] = pepper
        return pepper
    }

    /// Keeps a device's key.
    package mutating func setDeviceKey(_ key: [UInt8], of device: Int64) {
        devices[device] = key
    }

    /// Keeps a code, and forgets those that are long over.
    package mutating func keep(_ code: EnrolmentCode, now: WallTime) {
        codes.removeAll { old in
            old.name == code.name
                || now.milliseconds - old.issued.milliseconds > 2 * EnrolmentCode.lifeMs
        }
        codes.append(code)
    }

    /// A code by its name.
    package func code(_ name: String) -> EnrolmentCode? { codes.first { $0.name == name } }

    // MARK: bytes

    /// The bytes of the file: {1: stamp key, 2: [[device, key], …], 3: [[branch, pepper], …], 4:
    /// [code, …]}.
    package var bytes: [UInt8] {
        var writer = CBORWriter(capacity: 128 + devices.count * 48 + peppers.count * 48)
        writer.map(4)
        writer.key(1)
        writer.bytes(stampKey)
        for (key, table) in [(2, devices), (3, peppers)] {
            writer.key(key)
            writer.list(table.sorted { $0.key < $1.key }) { entry, writer in
                writer.array(2)
                writer.integer(entry.key)
                writer.bytes(entry.value)
            }
        }
        writer.key(4)
        writer.list(codes) { code, writer in
            writer.array(9)
            writer.text(code.name)
            writer.bytes(code.secret)
            writer.integer(code.kind)
            writer.integer(code.branch)
            writer.integer(code.person)
            writer.text(code.label)
            writer.integer(code.issued.milliseconds)
            writer.bytes(code.deviceNonce)
            writer.bytes(code.answer)
        }
        return writer.bytes
    }

    /// Reads the bytes of the file.
    package init(bytes: [UInt8]) throws(WireFault) {
        stampKey = []
        try CBORReader.read(bytes) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in
                switch key {
                case 1: stampKey = try reader.bytes(exactly: 32)
                case 2: devices = try KeyStore.readTable(&reader)
                case 3: peppers = try KeyStore.readTable(&reader)
                case 4:
                    codes = try reader.list { (reader) throws(WireFault) in
                        try KeyStore.readCode(&reader)
                    }
                default: return false
                }
                return true
            }
        }
        guard stampKey.count == 32 else { throw WireFault(.invalidValue, offset: 0) }
    }

    private static func readTable(
        _ reader: inout CBORReader
    ) throws(WireFault) -> [Int64: [UInt8]] {
        var table: [Int64: [UInt8]] = [:]
        for _ in 0..<(try reader.array()) {
            try reader.array(of: 2)
            let id = try reader.device()
            table[id] = try reader.bytes(exactly: 32)
        }
        return table
    }

    private static func readCode(_ reader: inout CBORReader) throws(WireFault) -> EnrolmentCode {
        try reader.array(of: 9)
        var code = EnrolmentCode(
            name: try reader.text(),
            secret: try reader.bytes(exactly: 16),
            kind: try reader.unsigned(),
            branch: try reader.device(),
            person: try reader.device(),
            label: try reader.text(),
            issued: WallTime(milliseconds: try reader.integer())
        )
        code.deviceNonce = try reader.byteArray()
        code.answer = try reader.byteArray()
        return code
    }
}
