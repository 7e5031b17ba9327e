// What each check is called, and whose it is to mend what it finds.

import Module

/// A check as people know it.
struct FindingName {
    let title: LocalText
    let owner: LocalText

    private init(_ chinese: String, _ english: String, _ owner: LocalText) {
        title = LocalText(chinese, english)
        self.owner = owner
    }

    /// The name of a check; one that is not known here is shown by its own.
    static func of(_ check: String) -> FindingName {
        all[check] ?? FindingName(check, check, operations)
    }

    private static let store = LocalText("门店", "Store")
    private static let goods = LocalText("商品部", "Merchandise")
    private static let finance = LocalText("财务", "Finance")
    private static let staff = LocalText("人事", "Personnel")
    private static let operations = LocalText("系统管理员", "Administrator")

    static let all: [String: FindingName] = [
        "sales.return.duplicate": FindingName("重复退货", "Returned twice", store),
        "sales.return.unknown": FindingName("退货小票不存在", "Returned by no ticket", store),
        "sales.void.duplicate": FindingName("重复作废", "Voided twice", store),
        "sales.sequence.gap": FindingName("小票缺号", "Ticket numbers missing", store),
        "sales.sequence.duplicate": FindingName("小票重号", "Ticket numbers doubled", operations),
        "sales.lifetime": FindingName("终身流水号不连续", "Lifetime numbers broken", operations),
        "sales.seal.disagrees": FindingName("日结不符", "Day seal differs", store),
        "sales.day.unopened": FindingName("未开班销售", "Sales on a day not opened", store),
        "sales.day.ahead": FindingName("营业日超前", "Business date ahead", store),
        "sales.payment.unsettled": FindingName("款项未到账", "Payment not settled", finance),
        "stock.negative": FindingName("负库存", "Negative stock", store),
        "catalog.barcode_shared": FindingName("条码重复", "Barcode shared", goods),
        "catalog.product_code_shared": FindingName("商品编码重复", "Product code shared", goods),
        "catalog.branch_code_shared": FindingName("门店编码重复", "Branch code shared", operations),
        "catalog.till_code_shared": FindingName("收银台编码重复", "Till code shared", operations),
        "people.code_shared": FindingName("工号重复", "Person's code shared", staff),
        "people.punches_together": FindingName("疑似代打卡", "Punched together", staff),
        "people.punch_after_leaving": FindingName("离职后打卡", "Punch after leaving", staff),
        "ledger.posted-differs": FindingName(
            "凭证与业务不符",
            "Posted otherwise than effects",
            finance
        ),
        "log.quarantine": FindingName("待处理记录", "Records to resolve", operations),
        "log.hole": FindingName("历史缺口", "A hole in a history", operations),
        "log.fork": FindingName("历史分叉", "History forked", operations),
        "log.rows.repeated": FindingName("重复导入", "Imported twice", operations),
        "log.overwritten": FindingName("修改被覆盖", "Edit overwritten", goods),
        "log.personal.missing": FindingName("个人信息未到", "Personal values missing", operations),
    ]
}
