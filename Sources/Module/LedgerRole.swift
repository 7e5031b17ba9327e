// The roles that postings name. A chart maps each to an account; postings never name accounts.
// The numbers stand in posted changes and are for ever; names are those of the chart's role table.

/// A role of the posting rules.
package enum LedgerRole: Int64, Sendable, CaseIterable {
    case cashOnHand = 1
    case tillFloat = 2
    case bankDeposit = 3
    case tenderAlipay = 4
    case tenderWechat = 5
    case tenderCardClearing = 6
    case tenderPlatformClearing = 7
    case branchTakingsInTransit = 8
    case accountsReceivable = 9
    case storedValueLiability = 10
    case stockStore = 20
    case stockWarehouse = 21
    case stockBranchTransit = 22
    case pendingStockDifference = 23
    case accountsPayable = 30
    case accruedPayable = 31
    case salesRevenue = 40
    case salesAllowance = 41
    case costOfSales = 42
    case vatOutput = 50
    case vatInput = 51
    case vatSmallScale = 52
    case cashShortageLoss = 60
    case cashOverGain = 61

    /// The name in the role table of the charts.
    package var name: String {
        switch self {
        case .cashOnHand: "cash_on_hand"
        case .tillFloat: "till_float"
        case .bankDeposit: "bank_deposit"
        case .tenderAlipay: "tender_alipay"
        case .tenderWechat: "tender_wechat"
        case .tenderCardClearing: "tender_card_clearing"
        case .tenderPlatformClearing: "tender_platform_clearing"
        case .branchTakingsInTransit: "branch_takings_in_transit"
        case .accountsReceivable: "accounts_receivable"
        case .storedValueLiability: "stored_value_liability"
        case .stockStore: "stock_store"
        case .stockWarehouse: "stock_warehouse"
        case .stockBranchTransit: "stock_branch_transit"
        case .pendingStockDifference: "pending_stock_difference"
        case .accountsPayable: "accounts_payable"
        case .accruedPayable: "grni_accrued_payable"
        case .salesRevenue: "sales_revenue"
        case .salesAllowance: "sales_allowance"
        case .costOfSales: "cost_of_sales"
        case .vatOutput: "vat_output"
        case .vatInput: "vat_input"
        case .vatSmallScale: "vat_small_scale"
        case .cashShortageLoss: "cash_shortage_loss"
        case .cashOverGain: "cash_over_gain"
        }
    }
}
