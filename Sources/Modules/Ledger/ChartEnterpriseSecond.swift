// Ledger: the chart of 企业会计准则, second half.
// One account a line: code|中文|English|class 1-6|normal side 1 debit 2 credit|leaf.
// Source: asbe/accounts.csv of the reference of Chinese accounting.
// Written by Tools/charts; not edited by hand.

extension ChartData {
    static let enterpriseSecond = """
        224105|应付租金|Rent payable|2|2|1
        224106|待退顾客款|Refunds due to customers|2|2|1
        224107|股东往来|Shareholder current account|2|2|1
        224109|其他|Other|2|2|1
        2245|持有待售负债|Liabilities held for sale|2|2|1
        2314|受托代销商品款|Obligation for consigned-in goods|2|2|1
        2401|递延收益|Deferred income (government grants)|2|2|1
        2501|长期借款|Long-term loans|2|2|0
        250101|本金|Long-term loans - principal|2|2|1
        250102|利息调整|Long-term loans - interest adjustment|2|2|1
        250103|应计利息|Long-term loans - accrued interest|2|2|1
        2502|应付债券|Bonds payable|2|2|0
        250201|面值|Bonds - face value|2|2|1
        250202|利息调整|Bonds - interest adjustment|2|2|1
        250203|应计利息|Bonds - accrued interest|2|2|1
        2601|租赁负债|Lease liabilities|2|2|0
        260101|租赁付款额|Lease payments|2|2|1
        260102|未确认融资费用|Unrecognised finance charge (lease)|2|1|1
        2701|长期应付款|Long-term payables|2|2|1
        2702|未确认融资费用|Unrecognised finance charge|2|1|1
        2711|专项应付款|Special payables|2|2|1
        2801|预计负债|Provisions|2|2|0
        280101|产品质量保证|Warranty (assurance type)|2|2|1
        280102|未决诉讼|Litigation|2|2|1
        280103|应付退货款|Refund liability|2|2|1
        280104|租赁场所复原义务|Restoration of leased premises|2|2|1
        280109|其他|Other provisions|2|2|1
        2901|递延所得税负债|Deferred tax liabilities|2|2|1
        3101|衍生工具|Derivatives|6|1|1
        3201|套期工具|Hedging instruments|6|1|1
        3202|被套期项目|Hedged items|6|1|1
        4001|实收资本|Paid-in capital|3|2|1
        4002|资本公积|Capital reserve|3|2|0
        400201|资本溢价（股本溢价）|Capital premium|3|2|1
        400202|其他资本公积|Other capital reserve|3|2|1
        4003|其他综合收益|Other comprehensive income|3|2|0
        400301|不能重分类进损益|OCI - not reclassified to profit or loss|3|2|1
        400302|将重分类进损益|OCI - to be reclassified to profit or loss|3|2|1
        4101|盈余公积|Surplus reserve|3|2|0
        410101|法定盈余公积|Statutory surplus reserve|3|2|1
        410102|任意盈余公积|Discretionary surplus reserve|3|2|1
        4103|本年利润|Profit of the current year|3|2|1
        4104|利润分配|Profit distribution|3|2|0
        410401|未分配利润|Undistributed profit|3|2|1
        410402|提取法定盈余公积|Appropriation to statutory reserve|3|1|1
        410403|提取任意盈余公积|Appropriation to discretionary reserve|3|1|1
        410404|应付现金股利或利润|Cash dividend or profit declared|3|1|1
        410405|盈余公积补亏|Loss covered by surplus reserve|3|2|1
        410406|转作资本（股本）的股利|Dividend converted to capital|3|1|1
        4201|库存股|Treasury shares|3|1|1
        4301|专项储备|Special reserve (work safety)|3|2|1
        4401|其他权益工具|Other equity instruments|3|2|0
        440101|优先股|Preference shares|3|2|1
        440102|永续债|Perpetual bonds|3|2|1
        440109|其他|Other equity instruments - other|3|2|1
        5001|生产成本|Production cost|4|1|0
        500101|基本生产成本|Basic production|4|1|0
        50010101|直接材料|Direct materials|4|1|1
        50010102|直接人工|Direct labour|4|1|1
        50010103|制造费用转入|Overhead absorbed|4|1|1
        500102|辅助生产成本|Auxiliary production|4|1|1
        5101|制造费用|Manufacturing overhead|4|1|0
        510101|车间人员薪酬|Workshop payroll|4|1|1
        510102|机物料消耗及修理|Supplies and repairs|4|1|1
        510103|折旧费|Depreciation|4|1|1
        510104|水电费|Utilities|4|1|1
        510105|租金|Rent|4|1|1
        510109|其他|Other overhead|4|1|1
        5201|劳务成本|Service cost|4|1|1
        5301|研发支出|Research and development expenditure|4|1|0
        530101|费用化支出|Expensed|4|1|1
        530102|资本化支出|Capitalised|4|1|1
        6001|主营业务收入|Main operating revenue|5|2|0
        600101|商品销售收入|Merchandise sales|5|2|1
        600102|加工及服务收入|Processing and service revenue|5|2|1
        600103|销售折让与折扣|Sales allowances and discounts|5|1|1
        6051|其他业务收入|Other operating revenue|5|2|0
        605101|联营及代销佣金收入|Concession and consignment commission|5|2|1
        605102|租赁收入|Rental income|5|2|1
        605109|其他|Other operating revenue - other|5|2|1
        6101|公允价值变动损益|Fair value gains and losses|5|2|1
        6111|投资收益|Investment income|5|2|0
        611101|对联营企业和合营企业的投资收益|Associates and joint ventures|5|2|1
        611102|以摊余成本计量的金融资产终止确认收益|Derecognition of amortised-cost assets|5|2|1
        611109|其他|Other investment income|5|2|1
        6115|资产处置损益|Gains and losses on disposal of assets|5|2|1
        6117|其他收益|Other income|5|2|0
        611701|政府补助（日常活动相关）|Government grants related to ordinary activities|5|2|1
        611702|减免增值税|VAT exempted or reduced|5|2|1
        611703|个税扣缴手续费|IIT withholding commission|5|2|1
        611709|其他|Other|5|2|1
        6118|净敞口套期损益|Net exposure hedging gains|5|2|1
        6301|营业外收入|Non-operating income|5|2|0
        630101|非流动资产毁损报废利得|Gain on scrapped non-current assets|5|2|1
        630102|政府补助（与日常活动无关）|Government grants unrelated to ordinary activities|5|2|1
        630103|现金溢余|Cash over|5|2|1
        630104|捐赠利得|Donations received|5|2|1
        630105|无法支付的应付款项|Payables written back|5|2|1
        630106|违约金及罚没收入|Penalty income|5|2|1
        630109|其他|Other|5|2|1
        6401|主营业务成本|Cost of main operations|5|1|0
        640101|商品销售成本|Cost of merchandise sold|5|1|1
        640102|加工及服务成本|Cost of services|5|1|1
        640103|履约运输及配送成本|Delivery cost of fulfilling sales|5|1|1
        640104|质量保证成本|Assurance-type warranty cost|5|1|1
        6402|其他业务成本|Other operating cost|5|1|1
        6403|税金及附加|Taxes and surcharges|5|1|0
        640301|消费税|Consumption tax|5|1|1
        640302|城市维护建设税|Urban maintenance and construction tax|5|1|1
        640303|资源税|Resource tax|5|1|1
        640304|土地增值税|Land appreciation tax|5|1|1
        640305|城镇土地使用税|Urban land use tax|5|1|1
        640306|房产税|Property tax|5|1|1
        640307|车船税|Vehicle and vessel tax|5|1|1
        640308|印花税|Stamp duty|5|1|1
        640309|教育费附加|Education surcharge|5|1|1
        640310|地方教育附加|Local education surcharge|5|1|1
        640311|环境保护税|Environmental protection tax|5|1|1
        640312|矿产资源补偿费|Mineral resource compensation|5|1|1
        6601|销售费用|Selling expenses|5|1|0
        660101|工资薪酬|Wages and salaries|5|1|1
        660102|社会保险费及公积金|Social insurance and housing fund|5|1|1
        660103|职工福利费|Staff welfare|5|1|1
        660104|租赁费（短期、低价值、可变）|Short-term, low-value and variable lease cost|5|1|1
        660105|水电物业费|Utilities and property fee|5|1|1
        660106|折旧费|Depreciation|5|1|1
        660107|装修摊销|Amortisation of fit-out|5|1|1
        660108|运输费|Freight (internal and other selling)|5|1|1
        660109|装卸包装费|Handling and packaging|5|1|1
        660110|广告费和业务宣传费|Advertising and promotion|5|1|1
        660111|售后维修费|After-sales repair (not covered by 280101)|5|1|1
        660112|收单及平台手续费|Payment and platform fees|5|1|1
        660113|促销赠品|Promotional gifts|5|1|1
        660114|商品损耗|Normal shrinkage|5|1|1
        660115|低值易耗品|Low-value consumables|5|1|1
        660116|业务招待费|Entertainment (sales)|5|1|1
        660117|差旅费|Travel|5|1|1
        660118|保险费|Insurance|5|1|1
        660120|使用权资产折旧|Depreciation - ROU assets|5|1|1
        660199|其他|Other|5|1|1
        6602|管理费用|Administrative expenses|5|1|0
        660201|开办费|Start-up costs|5|1|1
        660202|业务招待费|Entertainment|5|1|1
        660203|研究费用|Research|5|1|1
        660204|工资薪酬|Wages and salaries|5|1|1
        660205|社会保险费及公积金|Social insurance and housing fund|5|1|1
        660206|职工福利费|Staff welfare|5|1|1
        660207|工会经费|Union fund|5|1|1
        660208|职工教育经费|Staff education|5|1|1
        660209|办公费|Office|5|1|1
        660210|水电费|Utilities|5|1|1
        660211|差旅费|Travel|5|1|1
        660212|折旧费|Depreciation|5|1|1
        660213|无形资产摊销|Amortisation|5|1|1
        660214|长期待摊费用摊销|Amortisation of deferred expenses|5|1|1
        660215|租赁费（短期、低价值、可变）|Short-term, low-value and variable lease cost|5|1|1
        660216|修理费|Repairs|5|1|1
        660217|通讯费|Communications|5|1|1
        660218|咨询及中介费|Consulting and intermediaries|5|1|1
        660219|财产保险费|Property insurance|5|1|1
        660220|诉讼费|Litigation|5|1|1
        660221|残疾人就业保障金|Disabled employment security fund|5|1|1
        660222|软件及信息服务费|Software and IT|5|1|1
        660223|自行开发无形资产摊销|Amortisation of self-developed intangibles|5|1|1
        660224|存货盘亏及毁损（减盘盈）|Inventory shortage and damage, net of surplus|5|1|1
        660225|现金短缺|Cash shortage|5|1|1
        660226|使用权资产折旧|Depreciation - ROU assets|5|1|1
        660299|其他|Other|5|1|1
        6603|财务费用|Financial expenses|5|1|0
        660301|利息费用|Interest expense (loans)|5|1|1
        660302|汇兑损益|Exchange gains and losses|5|1|1
        660303|银行及支付手续费|Bank and payment fees|5|1|1
        660304|现金折扣（取得）|Cash discounts received from suppliers|5|2|1
        660305|尾差|Rounding|5|1|1
        660306|利息收入|Interest income|5|2|1
        660307|租赁负债利息费用|Interest on lease liabilities|5|1|1
        660309|其他|Other|5|1|1
        6701|资产减值损失|Asset impairment loss|5|1|0
        670101|存货跌价损失|Inventory write-down|5|1|1
        670102|固定资产减值损失|Fixed asset impairment|5|1|1
        670103|使用权资产减值损失|ROU impairment|5|1|1
        670104|合同资产减值损失|Contract asset impairment|5|1|1
        670109|其他|Other impairment|5|1|1
        6702|信用减值损失|Credit impairment loss|5|1|0
        670201|应收账款坏账损失|Credit loss - accounts receivable|5|1|1
        670202|其他应收款坏账损失|Credit loss - other receivables|5|1|1
        670209|其他|Credit loss - other|5|1|1
        6711|营业外支出|Non-operating expenses|5|1|0
        671101|非流动资产毁损报废损失|Loss on scrapped non-current assets|5|1|1
        671102|公益性捐赠支出|Public welfare donations|5|1|1
        671103|非公益性捐赠支出|Other donations|5|1|1
        671104|非常损失|Extraordinary losses (force majeure)|5|1|1
        671105|税收滞纳金|Late tax payment surcharge|5|1|1
        671106|罚款支出|Fines|5|1|1
        671107|盘亏损失|Shortage of fixed assets|5|1|1
        671108|赞助支出|Sponsorship|5|1|1
        671199|其他|Other|5|1|1
        6801|所得税费用|Income tax expense|5|1|0
        680101|当期所得税费用|Current tax|5|1|1
        680102|递延所得税费用|Deferred tax|5|1|1
        6901|以前年度损益调整|Prior-year adjustments|5|1|1
        """
}
