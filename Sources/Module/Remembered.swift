// Answers that a module remembers of its own tables: what every sale asks and hardly ever changes.
// Must not outlive a change of the tables: whoever writes them forgets (`Database.forget`), and a
// connection forgets by itself whatever a rollback may have taken back.

package import Kernel

/// Answers by what was asked; what is not there is asked again.
///
/// Why inlinable: the look-up is made with the types of the module that asks.
package struct Remembered<Asked: Hashable, Answer> {
    /// More are not kept: then it begins anew.
    @usableFromInline static var countMax: Int { 2_048 }
    @usableFromInline var answers: [Asked: Answer] = [:]

    @inlinable package init() {}

    /// What was remembered.
    @inlinable package subscript(_ asked: Asked) -> Answer? { answers[asked] }

    /// Remembers an answer.
    @inlinable package mutating func keep(_ answer: Answer, for asked: Asked) {
        if answers.count >= Self.countMax { answers.removeAll(keepingCapacity: true) }
        answers[asked] = answer
    }
}

/// An answer that holds for a time, after which the same rows may give another.
package struct HeldAnswer<Answer> {
    private let answer: Answer
    private let from: WallTime
    private let until: WallTime

    /// An answer as of `from`, which nothing known changes before `until`.
    package init(_ answer: Answer, from: WallTime, until: WallTime) {
        self.answer = answer
        self.from = from
        self.until = until
    }

    /// The answer as of a moment, nil where the rows must be asked.
    package func at(_ moment: WallTime) -> Answer? {
        moment >= from && moment < until ? answer : nil
    }
}
