// Why People refuses a command, numbered for ever.

import Module

/// The refusals of People.
package enum PeopleRefusal: Refusal {
    case codeTaken(String)
    case unknownPerson
    case notActive
    case unknownRole
    case emptyName
    case unknownGrant

    package var code: Int {
        switch self {
        case .codeTaken: 4001
        case .unknownPerson: 4002
        case .notActive: 4003
        case .unknownRole: 4004
        case .emptyName: 4005
        case .unknownGrant: 4006
        }
    }

    package var chinese: String {
        switch self {
        case .codeTaken(let code): "工号 \(code) 已被使用，请换一个。"
        case .unknownPerson: "没有这个人员。"
        case .notActive: "此人员已离职，不能打卡。"
        case .unknownRole: "没有这个角色。"
        case .emptyName: "姓名不能为空。"
        case .unknownGrant: "没有这项授权。"
        }
    }

    package var english: String {
        switch self {
        case .codeTaken(let code): "The code \(code) is taken: choose another."
        case .unknownPerson: "There is no such person."
        case .notActive: "This person has left and cannot punch."
        case .unknownRole: "There is no such role."
        case .emptyName: "A name is needed."
        case .unknownGrant: "There is no such grant."
        }
    }
}
