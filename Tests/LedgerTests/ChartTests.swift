// The charts and the roles, as they were written from the reference.

import Ledger
import Module
import Testing

@Suite struct ChartTests {
    @Test(
        "Both charts are whole: every account stands under its parent, leaves alone are posted to"
    )
    func charts() {
        #expect(Chart.smallEnterprise.accounts.count == 282)
        #expect(Chart.enterprise.accounts.count == 403)
        for chart in [Chart.smallEnterprise, Chart.enterprise] {
            for account in chart.accounts {
                #expect([4, 6, 8].contains(account.code.count))
                #expect(!account.chinese.isEmpty && !account.english.isEmpty)
                let children = chart.accounts.filter {
                    $0.code.count == account.code.count + 2 && $0.code.hasPrefix(account.code)
                }
                #expect(account.isLeaf == children.isEmpty, "\(account.code)")
                if account.code.count > 4 {
                    #expect(chart.account(String(account.code.dropLast(2))) != nil)
                }
            }
        }
    }

    @Test("Every role that postings name has a leaf in both charts", arguments: LedgerRole.allCases)
    func roles(role: LedgerRole) {
        for chart in [Chart.smallEnterprise, Chart.enterprise] {
            #expect(chart.account(of: role)?.isLeaf == true)
        }
    }

    @Test("Every role of the table names a leaf of its chart")
    func table() {
        for chart in [Chart.smallEnterprise, Chart.enterprise] {
            #expect(chart.roleNames.count > 200)
            for name in chart.roleNames {
                #expect(chart.account(role: name)?.isLeaf == true, "\(name)")
            }
        }
    }

    @Test("The roles of a retail sale stand where the standards put them")
    func known() {
        let roles: [LedgerRole] = [.cashOnHand, .salesRevenue, .vatOutput, .vatSmallScale]
        let small = roles.map { Chart.smallEnterprise.account(of: $0)?.code }
        let large = roles.map { Chart.enterprise.account(of: $0)?.code }
        #expect(small == ["1001", "500101", "22210107", "22210111"])
        #expect(large == ["1001", "600101", "22210107", "22210111"])
    }
}
