// Ledger: charts of accounts, and which account a role has in each.
// The data stand beside this file; what was posted carries its codes and never asks again.

package import Module

/// The tables that `Tools/charts` writes.
enum ChartData {}

/// An account of a chart.
package struct Account: Hashable, Sendable {
    /// What an account is for, by the first digit of its class.
    package enum Class: Int64, Sendable {
        case asset = 1
        case liability = 2
        case equity = 3
        case cost = 4
        case profitAndLoss = 5
        case common = 6
    }

    package let code: String
    package let chinese: String
    package let english: String
    package let kind: Class
    /// The side on which its balance normally stands.
    package let side: LedgerLine.Side
    /// True where it may be posted to.
    package let isLeaf: Bool
}

/// The chart of accounts of a standard.
package struct Chart: Sendable {
    /// The standards, numbered for ever.
    package enum Standard: Int64, Sendable, CaseIterable {
        /// 小企业会计准则.
        case smallEnterprise = 1
        /// 企业会计准则.
        case enterprise = 2
    }

    package let standard: Standard
    /// By code, ascending.
    package let accounts: [Account]
    private let byCode: [String: Account]
    private let codeOfRole: [String: String]

    /// The chart of a standard; one that is not known counts as 小企业会计准则.
    package static func of(_ standard: Int64) -> Chart {
        standard == Standard.enterprise.rawValue ? enterprise : smallEnterprise
    }

    package static let smallEnterprise = Chart(.smallEnterprise, [ChartData.smallEnterprise])
    package static let enterprise = Chart(
        .enterprise,
        [ChartData.enterpriseFirst, ChartData.enterpriseSecond]
    )

    private init(_ standard: Standard, _ tables: [String]) {
        self.standard = standard
        var accounts: [Account] = []
        for line in tables.flatMap({ $0.split(separator: "\n") }) {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            precondition(fields.count == 6, "a line of a chart has six fields: \(line)")
            guard let number = Int64(fields[3]), let kind = Account.Class(rawValue: number) else {
                preconditionFailure("an account of a chart has a class: \(line)")
            }
            let account = Account(
                code: String(fields[0]),
                chinese: String(fields[1]),
                english: String(fields[2]),
                kind: kind,
                side: fields[4] == "1" ? .debit : .credit,
                isLeaf: fields[5] == "1"
            )
            accounts.append(account)
        }
        self.accounts = accounts.sorted { $0.code < $1.code }
        byCode = Dictionary(uniqueKeysWithValues: accounts.map { ($0.code, $0) })
        var codes: [String: String] = [:]
        for line in ChartData.roles.split(separator: "\n") {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            precondition(fields.count == 3, "a line of the roles has three fields: \(line)")
            let code = fields[standard == .smallEnterprise ? 1 : 2]
            if !code.isEmpty { codes[String(fields[0])] = String(code) }
        }
        codeOfRole = codes
    }

    /// The account with this code.
    package func account(_ code: String) -> Account? { byCode[code] }

    /// The account to which a role posts, nil where the standard has none.
    package func account(of role: LedgerRole) -> Account? { account(role: role.name) }

    /// The account of a role by its name in the role table.
    package func account(role name: String) -> Account? {
        codeOfRole[name].flatMap { byCode[$0] }
    }

    /// All names of the role table that this standard maps, ascending.
    package var roleNames: [String] { codeOfRole.keys.sorted() }

    /// The first-level account (总账科目) above a code.
    package func firstLevel(of code: String) -> String { String(code.prefix(4)) }
}
