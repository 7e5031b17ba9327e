// What a till does on a full disk: the day is closed, sealed and rolled over, nothing is sold.

import Module

extension CloseDay {
    /// True: it ends what is open.
    package var endsWork: Bool { true }
}

extension SealDay {
    /// True: it ends what is open.
    package var endsWork: Bool { true }
}

extension RollOver {
    /// True: it ends what is open.
    package var endsWork: Bool { true }
}
