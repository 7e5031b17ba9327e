// What is kept with a request key where a command made something: `[digest of the request, id]`.

import Kernel
import Wire

/// What an answered request made.
struct RequestOutcome {
    /// The id of what was made; 0 for nothing.
    let made: Int64

    /// Reads `[digest, id]`, nil where the outcome has another shape.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard case .array(let items)? = try? CBORValue(decoding: Array(bytes)), items.count == 2,
            case .bytes = items[0], case .integer(let id) = items[1]
        else { return nil }
        made = id
    }
}
