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
    case emptyCode
    case textTooLong
    case roleNameTaken
    case badPeriod
    case noRights
    case pinNeedsBranch
    case badHash
    case nothingGiven

    package var code: Int {
        switch self {
        case .codeTaken: 4001
        case .unknownPerson: 4002
        case .notActive: 4003
        case .unknownRole: 4004
        case .emptyName: 4005
        case .unknownGrant: 4006
        case .emptyCode: 4007
        case .textTooLong: 4008
        case .roleNameTaken: 4009
        case .badPeriod: 4010
        case .noRights: 4011
        case .pinNeedsBranch: 4012
        case .badHash: 4013
        case .nothingGiven: 4014
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
        case .emptyCode: "工号不能为空。"
        case .textTooLong: "内容太长，请缩短。"
        case .roleNameTaken: "同名的角色已存在。"
        case .badPeriod: "止期必须晚于起期。"
        case .noRights: "没有选择任何权限。"
        case .pinNeedsBranch: "收银密码须指定门店。"
        case .badHash: "密码散列为空或过长。"
        case .nothingGiven: "没有要保存的内容。"
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
        case .emptyCode: "A code is needed."
        case .textTooLong: "The text is too long: shorten it."
        case .roleNameTaken: "There is a role of this name already."
        case .badPeriod: "The end must come after the beginning."
        case .noRights: "No right is given."
        case .pinNeedsBranch: "A PIN is for the tills of a branch: name the branch."
        case .badHash: "The hash is empty or too long."
        case .nothingGiven: "Nothing was given."
        }
    }
}
