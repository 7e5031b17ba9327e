// Ledger: the chart of 小企业会计准则 (财会〔2011〕17号), in force since 2013-01-01.
// One account a line: code|中文|English|class 1-6|normal side 1 debit 2 credit|leaf.
// Source: accounts.csv of the reference of Chinese accounting.
// Written by Tools/charts; not edited by hand.

extension ChartData {
    static let smallEnterprise = """
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
        1101|短期投资|Short-term investments|1|1|0
        110101|股票|Short-term investments - shares|1|1|1
        110102|债券|Short-term investments - bonds|1|1|1
        110103|基金|Short-term investments - funds|1|1|1
        1121|应收票据|Notes receivable|1|1|1
        1122|应收账款|Accounts receivable|1|1|1
        1123|预付账款|Prepayments to suppliers|1|1|0
        112301|预付货款|Prepaid purchases|1|1|1
        112302|预付租金|Prepaid rent|1|1|1
        112309|其他预付|Other prepayments|1|1|1
        1131|应收股利|Dividends receivable|1|1|1
        1132|应收利息|Interest receivable|1|1|1
        1221|其他应收款|Other receivables|1|1|0
        122101|员工借款|Employee advances|1|1|1
        122102|代垫社保公积金(个人)|Employee share of social insurance paid on behalf|1|1|1
        122103|押金保证金|Deposits paid|1|1|1
        122104|应收赔款|Claims receivable|1|1|1
        122105|应收出口退税|Export VAT refund receivable|1|1|1
        122109|其他|Other|1|1|1
        1231|坏账准备|Allowance for doubtful accounts|1|2|1
        1241|内部往来|Inter-branch current account|1|1|1
        1401|材料采购|Material purchases (planned cost)|1|1|1
        1402|在途物资|Goods in transit (purchased)|1|1|1
        1403|原材料|Raw materials|1|1|1
        1404|材料成本差异|Material cost variance|1|1|1
        1405|库存商品|Merchandise inventory|1|1|0
        140501|门店商品|Store merchandise|1|1|1
        140502|仓库商品|Warehouse merchandise|1|1|1
        140503|自制产成品|Finished goods (own production)|1|1|1
        140504|受托代销商品|Consigned-in goods|1|1|1
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
        1501|长期债券投资|Long-term bond investments|1|1|1
        1511|长期股权投资|Long-term equity investments|1|1|1
        1601|固定资产|Fixed assets (cost)|1|1|0
        160101|房屋建筑物|Buildings|1|1|1
        160102|机器设备|Machinery and production equipment|1|1|1
        160103|运输工具|Vehicles|1|1|1
        160104|电子设备|Electronic equipment|1|1|1
        160105|器具工具家具|Furniture, tools, fixtures|1|1|1
        1602|累计折旧|Accumulated depreciation|1|2|1
        1604|在建工程|Construction in progress|1|1|1
        1605|工程物资|Construction materials|1|1|1
        1606|固定资产清理|Disposal of fixed assets|1|1|1
        1621|生产性生物资产|Productive biological assets|1|1|1
        1622|生产性生物资产累计折旧|Accumulated depreciation of productive biological assets|1|2|1
        1701|无形资产|Intangible assets|1|1|1
        1702|累计摊销|Accumulated amortisation|1|2|1
        1801|长期待摊费用|Long-term deferred expenses|1|1|0
        180101|装修及改建支出|Leasehold improvements|1|1|1
        180102|其他长期待摊费用|Other long-term deferred expenses|1|1|1
        1901|待处理财产损溢|Asset gains and losses pending disposal|1|1|0
        190101|待处理流动资产损溢|Pending - current assets|1|1|1
        190102|待处理非流动资产损溢|Pending - non-current assets|1|1|1
        2001|短期借款|Short-term loans|2|2|1
        2201|应付票据|Notes payable|2|2|1
        2202|应付账款|Accounts payable|2|2|0
        220201|应付货款|Trade payables - invoiced|2|2|1
        220202|暂估应付账款|Trade payables - accrued, goods received not invoiced|2|2|1
        220203|应付费用款|Expense payables|2|2|1
        2203|预收账款|Advances from customers|2|2|0
        220301|预收货款|Customer deposits|2|2|1
        220302|储值卡本金|Stored-value cards - cash principal|2|2|1
        220303|储值卡赠送|Stored-value cards - bonus (memo zero-cost pool)|2|2|1
        220304|礼品券及提货券|Gift vouchers|2|2|1
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
        2232|应付利润|Profit payable|2|2|1
        2241|其他应付款|Other payables|2|2|0
        224101|代扣社会保险费(个人)|Employee social insurance withheld|2|2|1
        224102|代扣住房公积金(个人)|Employee housing fund withheld|2|2|1
        224103|应付员工报销款|Employee reimbursements payable|2|2|1
        224104|存入保证金|Deposits received|2|2|1
        224105|应付租金|Rent payable|2|2|1
        224106|待退顾客款|Refunds due to customers|2|2|1
        224107|股东往来|Shareholder current account|2|2|1
        224109|其他|Other|2|2|1
        2401|递延收益|Deferred income (government grants)|2|2|1
        2501|长期借款|Long-term loans|2|2|1
        2701|长期应付款|Long-term payables|2|2|1
        3001|实收资本|Paid-in capital|3|2|1
        3002|资本公积|Capital reserve|3|2|1
        3101|盈余公积|Surplus reserve|3|2|0
        310101|法定盈余公积|Statutory surplus reserve|3|2|1
        310102|任意盈余公积|Discretionary surplus reserve|3|2|1
        3103|本年利润|Profit of the current year|3|2|1
        3104|利润分配|Profit distribution|3|2|0
        310401|未分配利润|Undistributed profit|3|2|1
        310402|提取法定盈余公积|Appropriation to statutory reserve|3|1|1
        310403|提取任意盈余公积|Appropriation to discretionary reserve|3|1|1
        310404|应付利润|Distribution to investors|3|1|1
        310405|盈余公积补亏|Loss covered by surplus reserve|3|2|1
        4001|生产成本|Production cost|4|1|0
        400101|基本生产成本|Basic production|4|1|0
        40010101|直接材料|Direct materials|4|1|1
        40010102|直接人工|Direct labour|4|1|1
        40010103|制造费用转入|Overhead absorbed|4|1|1
        400102|辅助生产成本|Auxiliary production|4|1|1
        4101|制造费用|Manufacturing overhead|4|1|0
        410101|车间人员薪酬|Workshop payroll|4|1|1
        410102|机物料消耗及修理|Supplies and repairs|4|1|1
        410103|折旧费|Depreciation|4|1|1
        410104|水电费|Utilities|4|1|1
        410105|租金|Rent|4|1|1
        410109|其他|Other overhead|4|1|1
        4301|研发支出|Research and development expenditure|4|1|0
        430101|费用化支出|Expensed|4|1|1
        430102|资本化支出|Capitalised|4|1|1
        4401|工程施工|Construction contract cost|4|1|1
        4403|机械作业|Machinery operation cost|4|1|1
        5001|主营业务收入|Main operating revenue|5|2|0
        500101|商品销售收入|Merchandise sales|5|2|1
        500102|加工及服务收入|Processing and service revenue|5|2|1
        500103|销售折让与折扣|Sales allowances and discounts|5|1|1
        5051|其他业务收入|Other operating revenue|5|2|1
        5111|投资收益|Investment income|5|2|1
        5301|营业外收入|Non-operating income|5|2|0
        530101|非流动资产处置净收益|Gain on disposal of non-current assets|5|2|1
        530102|政府补助|Government grants|5|2|1
        530103|减免增值税|VAT exempted or reduced|5|2|1
        530104|盘盈收益|Stock-take gain|5|2|1
        530105|汇兑收益|Exchange gain|5|2|1
        530106|无法偿付的应付款项|Payables written back|5|2|1
        530107|坏账收回|Bad debts recovered|5|2|1
        530108|违约金及罚没收益|Penalty income|5|2|1
        530109|其他|Other|5|2|1
        5401|主营业务成本|Cost of main operations|5|1|0
        540101|商品销售成本|Cost of merchandise sold|5|1|1
        540102|加工及服务成本|Cost of services|5|1|1
        5402|其他业务成本|Other operating cost|5|1|1
        5403|税金及附加|Taxes and surcharges|5|1|0
        540301|消费税|Consumption tax|5|1|1
        540302|城市维护建设税|Urban maintenance and construction tax|5|1|1
        540303|资源税|Resource tax|5|1|1
        540304|土地增值税|Land appreciation tax|5|1|1
        540305|城镇土地使用税|Urban land use tax|5|1|1
        540306|房产税|Property tax|5|1|1
        540307|车船税|Vehicle and vessel tax|5|1|1
        540308|印花税|Stamp duty|5|1|1
        540309|教育费附加|Education surcharge|5|1|1
        540310|地方教育附加|Local education surcharge|5|1|1
        540311|环境保护税|Environmental protection tax|5|1|1
        540312|矿产资源补偿费|Mineral resource compensation|5|1|1
        5601|销售费用|Selling expenses|5|1|0
        560101|工资薪酬|Wages and salaries|5|1|1
        560102|社会保险费及公积金|Social insurance and housing fund|5|1|1
        560103|职工福利费|Staff welfare|5|1|1
        560104|门店租金|Store rent|5|1|1
        560105|水电物业费|Utilities and property fee|5|1|1
        560106|折旧费|Depreciation|5|1|1
        560107|装修摊销|Amortisation of fit-out|5|1|1
        560108|运输费|Freight|5|1|1
        560109|装卸包装费|Handling and packaging|5|1|1
        560110|广告费和业务宣传费|Advertising and promotion|5|1|1
        560111|商品维修费|Product repair|5|1|1
        560112|收单及平台手续费|Payment and platform fees|5|1|1
        560113|促销赠品及积分|Promotional gifts and points|5|1|1
        560114|商品损耗|Normal shrinkage|5|1|1
        560115|低值易耗品|Low-value consumables|5|1|1
        560116|业务招待费|Entertainment (sales)|5|1|1
        560117|差旅费|Travel|5|1|1
        560118|保险费|Insurance|5|1|1
        560199|其他|Other|5|1|1
        5602|管理费用|Administrative expenses|5|1|0
        560201|开办费|Start-up costs|5|1|1
        560202|业务招待费|Entertainment|5|1|1
        560203|研究费用|Research|5|1|1
        560204|工资薪酬|Wages and salaries|5|1|1
        560205|社会保险费及公积金|Social insurance and housing fund|5|1|1
        560206|职工福利费|Staff welfare|5|1|1
        560207|工会经费|Union fund|5|1|1
        560208|职工教育经费|Staff education|5|1|1
        560209|办公费|Office|5|1|1
        560210|水电费|Utilities|5|1|1
        560211|差旅费|Travel|5|1|1
        560212|折旧费|Depreciation|5|1|1
        560213|无形资产摊销|Amortisation|5|1|1
        560214|长期待摊费用摊销|Amortisation of deferred expenses|5|1|1
        560215|租金|Rent|5|1|1
        560216|修理费|Repairs|5|1|1
        560217|通讯费|Communications|5|1|1
        560218|咨询及中介费|Consulting and intermediaries|5|1|1
        560219|财产保险费|Property insurance|5|1|1
        560220|诉讼费|Litigation|5|1|1
        560221|残疾人就业保障金|Disabled employment security fund|5|1|1
        560222|软件及信息服务费|Software and IT|5|1|1
        560299|其他|Other|5|1|1
        5603|财务费用|Financial expenses|5|1|0
        560301|利息费用|Interest expense (net of interest income)|5|1|1
        560302|汇兑损失|Exchange loss|5|1|1
        560303|银行及支付手续费|Bank and payment fees|5|1|1
        560304|现金折扣|Cash discounts given (net)|5|1|1
        560305|尾差|Rounding|5|1|1
        5711|营业外支出|Non-operating expenses|5|1|0
        571101|坏账损失|Bad debt loss|5|1|1
        571102|无法收回的长期债券投资损失|Loss on long-term bonds|5|1|1
        571103|无法收回的长期股权投资损失|Loss on long-term equity|5|1|1
        571104|自然灾害等不可抗力因素造成的损失|Force majeure loss|5|1|1
        571105|税收滞纳金|Late tax payment surcharge|5|1|1
        571106|存货盘亏毁损报废损失|Inventory shortage and damage|5|1|1
        571107|非流动资产处置净损失|Loss on disposal of non-current assets|5|1|1
        571108|罚金罚款|Fines|5|1|1
        571109|捐赠支出|Donations|5|1|1
        571110|赞助支出|Sponsorship|5|1|1
        571111|现金短缺|Cash shortage|5|1|1
        571199|其他|Other|5|1|1
        5801|所得税费用|Income tax expense|5|1|1
        6000|以前年度损益调整|Prior-year adjustments|5|1|1
        """
}
