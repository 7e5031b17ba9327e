// Demo, the plan: the words of which products, people and suppliers are made. Invented brands and
// names only; nothing here is a real company's or a real person's.

/// One group of products: every brand with every noun in every size is a product.
struct ProductGroup: Sendable {
    /// A thing and its price at the usual size.
    struct Noun: Sendable {
        let text: String
        let fen: Int
    }

    /// A size and what it costs of the usual size.
    struct Size: Sendable {
        let text: String
        let percent: Int
    }

    let code: String
    let category: String
    /// The rate of value added tax for a general taxpayer.
    let ratePercent: Int64
    /// A unit's code as the company is founded with.
    let unit: String
    /// How many of 2,000 products are of this group.
    let share: Int64
    /// What stays of the price, tax taken out.
    let marginPercent: Int
    let brands: [String]
    let nouns: [Noun]
    let sizes: [Size]

    /// Sold by weight.
    var isWeighed: Bool { unit == "kg" }
    /// Delivered every day.
    var isFresh: Bool { isWeighed || code == "02" || code == "16" }

    /// All groups, in the order of their codes.
    static let all: [ProductGroup] = PlanWords.groups.split(separator: "\n").map { line in
        let fields = line.split(separator: "|", omittingEmptySubsequences: false)
        precondition(fields.count == 9, "a group of products has nine fields: \(line)")
        return ProductGroup(
            code: String(fields[0]),
            category: String(fields[1]),
            ratePercent: Int64(fields[2]) ?? 13,
            unit: String(fields[3]),
            share: Int64(fields[4]) ?? 0,
            marginPercent: Int(fields[5]) ?? 20,
            brands: fields[6].split(separator: ",", omittingEmptySubsequences: false)
                .map(String.init),
            nouns: pairs(fields[7]).map { Noun(text: $0.0, fen: $0.1) },
            sizes: pairs(fields[8]).map { Size(text: $0.0, percent: $0.1) }
        )
    }

    private static func pairs(_ field: Substring) -> [(String, Int)] {
        field.split(separator: ",").map { item in
            let parts = item.split(separator: ":")
            precondition(parts.count == 2, "a word has one number: \(item)")
            return (String(parts[0]), Int(parts[1]) ?? 0)
        }
    }
}

/// The words themselves.
enum PlanWords {
    /// Shape: code|category|rate %|unit|share|margin %|brands|noun:fen|size:percent of the price.
    ///
    /// Source of the rates: 增值税法 art. 10 (2026-01-01): farm products, milk, edible oil and salt
    /// 9 %, catering 6 %, other goods 13 %.
    static let groups = """
        01|饮料|13|bottle|180|30|山泉谷,清溪源,沁川,岭上,果沐,悦气|饮用天然水:200,苏打水:400,气泡水:480,绿茶饮料:380,\
        乌龙茶饮料:450,茉莉花茶饮料:400,冰红茶:350,橙汁饮料:450,葡萄汁饮料:480,酸梅汤:420,椰子水:680,运动饮料:550,可乐:300,\
        柠檬汽水:320|330ml:80,500ml:100,1L:170,1.5L:230
        02|鲜奶纯奶|9|box|60|22|青禾牧场,云岭,晨牧,北原|鲜牛奶:780,纯牛奶:450,低脂纯牛奶:480,高钙纯牛奶:520,有机纯牛奶:720|\
        200ml:70,250ml:100,950ml:260,250ml×12:1080
        03|酸奶乳饮|13|box|80|28|青禾牧场,云岭,晨牧,优酪坊|原味酸奶:550,草莓酸奶:580,黄桃酸奶:580,希腊酸奶:880,乳酸菌饮品:450,\
        早餐奶:420,香蕉牛奶:460|100g:60,180g:100,330ml:140,1kg:380
        04|方便食品|13|bag|170|25|老灶台,麦香里,面点王国,川味坊,一品厨|红烧牛肉面:450,老坛酸菜面:450,香辣牛肉面:450,鲜虾鱼板面:480,\
        番茄鸡蛋面:480,酸辣粉:650,螺蛳粉:980,热干面:580,自热米饭:1680,自热火锅:2280,八宝粥:420,黑芝麻糊:1580,即食燕麦片:1880,\
        午餐肉罐头:1480|单包:100,桶装:120,五连包:460,家庭装:680
        05|休闲零食|13|bag|320|32|田园记,松果屋,海岛风,老街口,果沐,甜橡树,巧心|原味薯片:650,番茄薯片:650,黄瓜薯片:650,虾条:480,\
        锅巴:550,雪饼:580,夹心饼干:780,苏打饼干:690,曲奇饼干:1280,威化饼干:720,牛奶巧克力:1180,黑巧克力:1380,水果硬糖:580,\
        牛轧糖:980,山楂卷:520,蜜饯话梅:880,芒果干:1380,开心果:2980,每日坚果:3980,香瓜子:780,花生:680,牛肉干:2680,\
        鱿鱼丝:1880,海苔:980,果冻:620,沙琪玛:890|小袋:60,标准装:100,分享装:180,礼盒装:420
        06|粮油|9|bag|110|15|五谷丰,稻田香,黄土坡,金谷仓,榨坊|东北大米:3980,长粒香米:4580,小米:1680,黑米:1880,小麦粉:1980,\
        饺子粉:2280,挂面:780,玉米面:980,绿豆:1280,红豆:1380,大豆油:5980,花生油:12800,菜籽油:6980,葵花籽油:7980,\
        食用盐:300|小包装:60,标准装:100,加量装:190
        07|调味品|13|bottle|110|27|老灶台,酿造村,川味坊,海之鲜|生抽:980,老抽:1080,香醋:880,陈醋:920,料酒:780,蚝油:1180,\
        豆瓣酱:1280,辣椒酱:1080,芝麻酱:1580,番茄酱:880,鸡精:980,白胡椒粉:780,花椒:1280,火锅底料:1580,白砂糖:780|小瓶:65,\
        标准瓶:100,家庭装:175
        08|日化|13|pc|260|35|净界,柔语,润肤记,草本坊,洁白,晨露|洗衣液:2980,洗衣粉:1880,洗洁精:1180,洁厕剂:1280,\
        玻璃清洁剂:1480,洗手液:1380,香皂:480,沐浴露:2980,洗发水:3580,护发素:3280,牙膏:1280,牙刷:880,漱口水:2280,\
        洗面奶:2880,护手霜:1580,身体乳:3680,花露水:1480,柔顺剂:2380|旅行装:40,标准装:100,加大装:165,补充装:80
        09|纸品|13|bag|110|24|柔语,云朵,竹清,净界|抽取式面纸:1580,卷筒卫生纸:2180,手帕纸:880,厨房用纸:1480,湿巾:980,\
        湿厕纸:1680,餐巾纸:780,一次性纸杯:680,婴儿纸尿裤:6980|3包:60,6包:100,10包:150,整提:190
        10|家居用品|13|pc|150|38|好日子,木与家,巧收纳,暖屋|保鲜袋:980,垃圾袋:880,保鲜膜:1180,收纳盒:2580,晾衣架:1680,\
        毛巾:1580,浴巾:4580,拖鞋:1980,雨伞:3980,水杯:2980,饭盒:2680,砧板:3680,炒锅铲:1880,百洁布:580,扫帚:1580,\
        拖把:3980,插线板:4580,电池:1280|小号:75,中号:100,大号:140
        11|新鲜蔬果|9|kg|120|28||红富士苹果:1180,皇冠梨:880,巨峰葡萄:1680,脐橙:980,砂糖橘:1080,蜜柚:780,香蕉:680,\
        火龙果:1380,猕猴桃:1580,冬枣:1880,大白菜:280,上海青:480,菠菜:680,西兰花:880,番茄:780,黄瓜:680,土豆:380,\
        胡萝卜:420,洋葱:360,青椒:780,茄子:580,莲藕:880,山药:1180,生姜:1280,大蒜:980,香菇:1680,金针菇:880,豆角:880,\
        南瓜:380,冬瓜:320|普通:100,一级:125,精选:150,有机:220
        12|鲜肉禽蛋水产|9|kg|70|18||猪五花肉:3280,猪里脊:3680,猪前腿肉:2680,猪排骨:4980,牛腩:7980,牛腱子:8980,\
        羊腿肉:7680,三黄鸡:2980,鸡翅中:4580,鸡胸肉:2280,鸭腿:2380,鲜鸡蛋:1080,鲫鱼:2380,草鱼:1880,鲈鱼:4580,\
        基围虾:9800,花蛤:1680,带鱼段:3980|普通:100,精选:125,冷鲜:115,散养:170
        13|文具|13|pc|150|42|墨言,学友,书写家,彩虹桥|中性笔:250,圆珠笔:180,铅笔:120,自动铅笔:580,橡皮:150,直尺:220,\
        卷笔刀:680,笔记本:880,作业本:320,便利贴:580,文件袋:380,文件夹:980,订书机:1580,胶水:350,透明胶带:420,修正带:580,\
        水彩笔:1880,计算器:3980|单支装:100,两支装:185,五件装:420,学生套装:650
        14|酒水|13|bottle|110|26|川陵,古窖村,雪山泉,麦浪,葡园|浓香型白酒:8800,清香型白酒:5800,酱香型白酒:16800,黄酒:2880,\
        干红葡萄酒:6800,干白葡萄酒:6200,原浆啤酒:980,精酿啤酒:1580,纯生啤酒:780,米酒:1680,梅子酒:3980|125ml:35,\
        330ml:60,500ml:100,750ml:140
        15|冷冻食品|13|bag|90|26|手工坊,一品厨,海之鲜,面点王国|猪肉白菜水饺:1980,韭菜鸡蛋水饺:1880,三鲜馄饨:1680,黑芝麻汤圆:1380,\
        奶黄包:1480,手抓饼:1680,鱼丸:2180,牛肉丸:2880,薯条:1580,鸡米花:2280,香草冰淇淋:1280,绿豆冰棍:380|小袋:65,\
        标准装:100,家庭装:180
        16|现制餐饮|6|pc|30|55|百川厨房,百川咖啡|现磨豆浆:400,美式咖啡:1200,拿铁咖啡:1600,鲜肉包:250,茶叶蛋:200,关东煮:300,\
        烤肠:500,手工馒头:150,卤味拼盘:2200,牛肉盖饭:2200|小份:80,标准份:100,大份:130
        """

    static let surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
        .map(String.init)

    static let givenNames = [
        "晓岚", "文博", "雅婷", "志远", "思源", "海燕", "建华", "丽娜", "宇航", "欣怡", "俊杰", "梦洁",
        "家豪", "春梅", "立新", "雪莹", "国庆", "佳宁", "浩然", "秋月", "永强", "静怡", "大勇", "若曦",
        "明轩", "红霞", "子涵", "玉兰", "天宇", "晓彤", "振东", "素芬", "一鸣", "嘉欣", "德胜", "诗涵",
        "凯旋", "美玲", "少华", "婉清",
    ]

    static let suppliers = [
        "汇源恒通商贸有限公司", "川江食品批发有限公司", "绿野农产品合作社", "北原乳业配送中心",
        "净界日化经销有限公司", "文华文体用品有限公司", "金谷粮油贸易有限公司", "江月酒业有限公司",
    ]

    static let returnReasons = ["包装破损", "顾客买错", "临近保质期", "质量问题", "尺寸不合适"]
    static let voidReasons = ["收银员扫错商品", "顾客改用其他付款方式", "顾客放弃购买"]
}
