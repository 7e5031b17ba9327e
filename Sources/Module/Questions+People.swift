// What another module may ask of People: who somebody is, what they may do, how long was worked.
// Asked in *decide*, *answer* and reports, never in *apply*.

package import Kernel
package import SQLite

/// What People answers.
package protocol PeopleQuestions: Sendable {
    func person(_ id: Int64, _ views: Database) throws -> PersonAnswer?
    func person(code: String, _ views: Database) throws -> PersonAnswer?
    /// True where a grant in force at `time` allows it; branch 0 asks for headquarters.
    func may(
        _ person: Int64,
        _ right: Right,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> Bool
    /// The minutes worked at a branch by date, of the dates with punches; nil where a punch of the
    /// period may still be on its way.
    func workedMinutes(
        branch: Int64,
        _ period: ReportPeriod,
        _ context: ReportContext
    ) throws -> [CivilDate: Int64]?
}

extension PeopleQuestions {
    /// Where nobody keeps day sheets, nothing is known of who worked how long.
    package func workedMinutes(
        branch: Int64,
        _ period: ReportPeriod,
        _ context: ReportContext
    ) throws -> [CivilDate: Int64]? { nil }
}
