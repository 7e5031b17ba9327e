// Ledger: the chart of 企业会计准则, first half.
// One account a line: code|中文|English|class 1-6|normal side 1 debit 2 credit|leaf.
// Source: asbe/accounts.csv of the reference of Chinese accounting.
// Written by Tools/charts; not edited by hand.

extension ChartData {
    static let enterpriseFirst = """
        1001|库存现金|Cash on hand|1|1|1
        1002|银行存款|Bank deposits|1|1|1
        1004|备用金|Petty cash imprest|1|1|1
        1012|其他货币资金|Other monetary funds|1|1|0
        101201|支付宝|Alipay balance|1|1|1
        101202|微信支付|WeChat Pay balance|1|1|1
        101203|银联及聚合收单待清算|UnionPay / aggregator in clearing|1|1|1
        101204|外卖及电商平台待结算|Delivery / e-commerce platform in clearing|1|1|1
        101205|银行汇票存款|Bank drafts|1|1|1
        101206|银行本票存款|Cashier's cheques|1|1|1
        101207|信用卡存款|Credit card deposits|1|1|1
        101208|信用证保证金存款|Letter of credit margin|1|1|1
        101209|外埠存款|Out-of-town deposits|1|1|1
        101210|门店缴款在途|Branch takings in transit|1|1|1
        101211|存出投资款|Funds placed with brokers|1|1|1
        1101|交易性金融资产|Financial assets at fair value through profit or loss|1|1|0
        110101|成本|FVTPL - cost|1|1|1
        110102|公允价值变动|FVTPL - fair value change|1|1|1
        1121|应收票据|Notes receivable|1|1|1
        1122|应收账款|Accounts receivable|1|1|1
        1123|预付账款|Prepayments to suppliers|1|1|0
        112301|预付货款|Prepaid purchases|1|1|1
        112302|预付租金|Prepaid rent|1|1|1
        112309|其他预付|Other prepayments|1|1|1
        1124|应收款项融资|Receivables at fair value through OCI|1|1|1
        1131|应收股利|Dividends receivable|1|1|1
        1132|应收利息|Interest receivable|1|1|1
        1221|其他应收款|Other receivables|1|1|0
        122101|员工借款|Employee advances|1|1|1
        122102|代垫社保公积金(个人)|Employee share of social insurance paid on behalf|1|1|1
        122103|押金保证金|Deposits paid|1|1|1
        122104|应收赔款|Claims receivable|1|1|1
        122105|应收出口退税|Export VAT refund receivable|1|1|1
        122109|其他|Other|1|1|1
        1231|坏账准备|Allowance for doubtful accounts|1|2|0
        123101|应收票据坏账准备|Allowance - notes receivable|1|2|1
        123102|应收账款坏账准备|Allowance - accounts receivable|1|2|1
        123103|其他应收款坏账准备|Allowance - other receivables|1|2|1
        123104|长期应收款坏账准备|Allowance - long-term receivables|1|2|1
        123105|预付账款坏账准备|Allowance - prepayments|1|2|1
        1241|内部往来|Inter-branch current account|1|1|1
        1321|受托代销商品|Consigned-in goods (agent)|1|1|1
        1401|材料采购|Material purchases (planned cost)|1|1|1
        1402|在途物资|Goods in transit (purchased)|1|1|1
        1403|原材料|Raw materials|1|1|1
        1404|材料成本差异|Material cost variance|1|1|1
        1405|库存商品|Merchandise inventory|1|1|0
        140501|门店商品|Store merchandise|1|1|1
        140502|仓库商品|Warehouse merchandise|1|1|1
        140503|自制产成品|Finished goods (own production)|1|1|1
        140505|调拨在途商品|Inter-branch transfer in transit|1|1|1
        1406|发出商品|Goods dispatched, revenue not recognised|1|1|1
        1407|商品进销差价|Retail markup (selling price less cost)|1|2|1
        1408|委托加工物资|Goods under outside processing|1|1|1
        1411|周转材料|Revolving materials (packaging, low-value items)|1|1|0
        141101|在库|Revolving materials - in stock|1|1|1
        141102|在用|Revolving materials - in use|1|1|1
        141103|摊销|Revolving materials - amortisation|1|2|1
        1412|包装物|Packaging|1|1|1
        1413|低值易耗品|Low-value consumables|1|1|1
        1421|消耗性生物资产|Consumable biological assets|1|1|1
        1461|融资租赁资产|Assets held for finance lease (lessor)|1|1|1
        1462|合同资产|Contract assets|1|1|1
        1463|合同资产减值准备|Allowance - contract assets|1|2|1
        1464|合同履约成本|Contract fulfilment cost|1|1|1
        1465|合同履约成本减值准备|Impairment - contract fulfilment cost|1|2|1
        1466|合同取得成本|Contract acquisition cost|1|1|1
        1467|合同取得成本减值准备|Impairment - contract acquisition cost|1|2|1
        1471|存货跌价准备|Provision for inventory write-down|1|2|1
        1481|持有待售资产|Assets held for sale|1|1|1
        1482|持有待售资产减值准备|Impairment - assets held for sale|1|2|1
        1485|应收退货成本|Right to recover returned goods|1|1|1
        1501|债权投资|Debt investments at amortised cost|1|1|1
        1502|债权投资减值准备|Allowance - debt investments|1|2|1
        1503|其他债权投资|Debt investments at FVOCI|1|1|1
        1504|其他权益工具投资|Equity investments at FVOCI|1|1|1
        1511|长期股权投资|Long-term equity investments|1|1|0
        151101|投资成本|LT equity - cost|1|1|1
        151102|损益调整|LT equity - share of profit|1|1|1
        151103|其他综合收益|LT equity - share of OCI|1|1|1
        151104|其他权益变动|LT equity - other equity changes|1|1|1
        1512|长期股权投资减值准备|Impairment - LT equity investments|1|2|1
        1521|投资性房地产|Investment property|1|1|1
        1522|投资性房地产累计折旧（摊销）|Accumulated depreciation - investment property|1|2|1
        1523|投资性房地产减值准备|Impairment - investment property|1|2|1
        1531|长期应收款|Long-term receivables|1|1|1
        1532|未实现融资收益|Unearned finance income|1|2|1
        1601|固定资产|Fixed assets (cost)|1|1|0
        160101|房屋建筑物|Buildings|1|1|1
        160102|机器设备|Machinery and production equipment|1|1|1
        160103|运输工具|Vehicles|1|1|1
        160104|电子设备|Electronic equipment|1|1|1
        160105|器具工具家具|Furniture, tools, fixtures|1|1|1
        1602|累计折旧|Accumulated depreciation|1|2|1
        1603|固定资产减值准备|Impairment - fixed assets|1|2|1
        1604|在建工程|Construction in progress|1|1|1
        1605|工程物资|Construction materials|1|1|1
        1606|固定资产清理|Disposal of fixed assets|1|1|1
        1607|在建工程减值准备|Impairment - construction in progress|1|2|1
        1608|工程物资减值准备|Impairment - construction materials|1|2|1
        1621|生产性生物资产|Productive biological assets|1|1|1
        1622|生产性生物资产累计折旧|Accumulated depreciation of productive biological assets|1|2|1
        1623|公益性生物资产|Public welfare biological assets|1|1|1
        1631|油气资产|Oil and gas assets|1|1|1
        1632|累计折耗|Accumulated depletion|1|2|1
        1641|使用权资产|Right-of-use assets|1|1|0
        164101|租赁门店及房屋|ROU - stores and premises|1|1|1
        164102|租赁设备及车辆|ROU - equipment and vehicles|1|1|1
        164109|其他|ROU - other|1|1|1
        1642|使用权资产累计折旧|Accumulated depreciation - ROU|1|2|1
        1643|使用权资产减值准备|Impairment - ROU|1|2|1
        1701|无形资产|Intangible assets|1|1|1
        1702|累计摊销|Accumulated amortisation|1|2|1
        1703|无形资产减值准备|Impairment - intangible assets|1|2|1
        1711|商誉|Goodwill|1|1|1
        1712|商誉减值准备|Impairment - goodwill|1|2|1
        1801|长期待摊费用|Long-term deferred expenses|1|1|0
        180101|装修及改建支出|Leasehold improvements|1|1|1
        180102|其他长期待摊费用|Other long-term deferred expenses|1|1|1
        1811|递延所得税资产|Deferred tax assets|1|1|1
        1901|待处理财产损溢|Asset gains and losses pending disposal|1|1|0
        190101|待处理流动资产损溢|Pending - current assets|1|1|1
        190102|待处理非流动资产损溢|Pending - non-current assets|1|1|1
        2001|短期借款|Short-term loans|2|2|0
        200101|本金|Short-term loans - principal|2|2|1
        200102|应计利息|Short-term loans - accrued interest|2|2|1
        2101|交易性金融负债|Financial liabilities at FVTPL|2|2|1
        2201|应付票据|Notes payable|2|2|1
        2202|应付账款|Accounts payable|2|2|0
        220201|应付货款|Trade payables - invoiced|2|2|1
        220202|暂估应付账款|Trade payables - accrued, goods received not invoiced|2|2|1
        220203|应付费用款|Expense payables|2|2|1
        220204|应付联营及代销货款|Payable to concession and consignment suppliers|2|2|1
        2203|预收账款|Advances outside contracts with customers|2|2|0
        220301|预收租金|Rent received in advance|2|2|1
        220309|其他预收|Other advances|2|2|1
        2204|合同负债|Contract liabilities|2|2|0
        220401|预收货款|Customer deposits|2|2|1
        220402|储值卡|Stored-value cards|2|2|1
        220403|会员积分|Loyalty points|2|2|1
        220404|礼品券及提货券|Gift vouchers|2|2|1
        220405|会员费|Membership fees|2|2|1
        220409|其他|Other contract liabilities|2|2|1
        2211|应付职工薪酬|Payroll payable|2|2|0
        221101|职工工资|Wages|2|2|1
        221102|奖金、津贴和补贴|Bonuses and allowances|2|2|1
        221103|职工福利费|Welfare|2|2|1
        221104|社会保险费|Social insurance (employer)|2|2|0
        22110401|养老保险(单位)|Pension - employer|2|2|1
        22110402|医疗保险(单位，含生育)|Medical incl. maternity - employer|2|2|1
        22110403|失业保险(单位)|Unemployment - employer|2|2|1
        22110404|工伤保险(单位)|Work injury - employer|2|2|1
        221105|住房公积金|Housing fund (employer)|2|2|1
        221106|工会经费|Trade union fund|2|2|1
        221107|职工教育经费|Staff education|2|2|1
        221108|非货币性福利|Non-monetary benefits|2|2|1
        221109|辞退福利|Termination benefits|2|2|1
        221110|其他|Other payroll|2|2|1
        2221|应交税费|Taxes payable|2|2|0
        222101|应交增值税|VAT payable|2|2|0
        22210101|进项税额|VAT - input tax|2|1|1
        22210102|销项税额抵减|VAT - output tax offset|2|1|1
        22210103|已交税金|VAT - tax paid (current period)|2|1|1
        22210104|转出未交增值税|VAT - transfer out unpaid|2|1|1
        22210105|减免税款|VAT - tax reduction and exemption|2|1|1
        22210106|出口抵减内销产品应纳税额|VAT - export offset|2|1|1
        22210107|销项税额|VAT - output tax|2|2|1
        22210108|出口退税|VAT - export refund|2|2|1
        22210109|进项税额转出|VAT - input tax transferred out|2|2|1
        22210110|转出多交增值税|VAT - transfer out overpaid|2|2|1
        22210111|应交增值税（小规模）|VAT payable (small-scale taxpayer)|2|2|1
        222102|未交增值税|VAT unpaid|2|2|1
        222103|预交增值税|VAT prepaid|2|1|1
        222104|待抵扣进项税额|Input VAT to be deducted later|2|1|1
        222105|待认证进项税额|Input VAT not yet confirmed (勾选)|2|1|1
        222106|待转销项税额|Output VAT pending|2|2|1
        222107|增值税留抵税额|VAT credit carried forward|2|1|1
        222108|简易计税|Simplified method VAT (general taxpayer)|2|2|1
        222109|转让金融商品应交增值税|VAT on transfer of financial products|2|2|1
        222110|代扣代交增值税|Withheld VAT|2|2|1
        222111|应交企业所得税|Corporate income tax payable|2|2|1
        222112|应交个人所得税|Individual income tax withheld|2|2|1
        222113|应交城市维护建设税|Urban maintenance and construction tax payable|2|2|1
        222114|应交教育费附加|Education surcharge payable|2|2|1
        222115|应交地方教育附加|Local education surcharge payable|2|2|1
        222116|应交消费税|Consumption tax payable|2|2|1
        222117|应交印花税|Stamp duty payable|2|2|1
        222118|应交房产税|Property tax payable|2|2|1
        222119|应交城镇土地使用税|Urban land use tax payable|2|2|1
        222120|应交车船税|Vehicle and vessel tax payable|2|2|1
        222121|应交土地增值税|Land appreciation tax payable|2|2|1
        222122|应交资源税|Resource tax payable|2|2|1
        222123|应交环境保护税|Environmental protection tax payable|2|2|1
        222124|应交残疾人就业保障金|Disabled employment security fund payable|2|2|1
        222125|应交水利建设基金|Water conservancy fund payable|2|2|1
        2231|应付利息|Interest payable|2|2|1
        2232|应付股利|Dividends (profit) payable|2|2|1
        2241|其他应付款|Other payables|2|2|0
        224101|代扣社会保险费(个人)|Employee social insurance withheld|2|2|1
        224102|代扣住房公积金(个人)|Employee housing fund withheld|2|2|1
        224103|应付员工报销款|Employee reimbursements payable|2|2|1
        224104|存入保证金|Deposits received|2|2|1
        """
}
