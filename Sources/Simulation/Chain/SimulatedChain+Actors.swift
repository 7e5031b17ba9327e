// The people of the chain: cashiers, stock clerks, staff at the clock, headquarters.
// Must not: know of faults. They ask, and sometimes ask again.

import Catalog
import Kernel
import Ledger
import Module
import Node
import People
import Replication
import SQLite
import Sales
import Stock
import Wire

extension SimulatedChain {
    /// Asks for a command once and, now and then, again under the same key.
    private func want<C: Command>(
        _ what: String,
        at node: SimulatedNode,
        _ command: (String) -> C,
        _ answer: @escaping (C.Outcome) -> Answer
    ) -> Promise {
        let promise = oracle.promise(node: node.name, what: what)
        let wish = command(promise.key)
        promise.run = { engine, key in
            let encode = { (outcome: C.Outcome) in
                (try? CBORValue.integer(answer(outcome).id.rawValue).encoded()) ?? []
            }
            return answer(try engine.perform(wish, request: key, encode: encode))
        }
        let isAskedAgain = random.bool(chance: plan.retryRate)
        suffer(node) { ask(promise, at: node) }
        if isAskedAgain, node.isUp, case .acknowledged = promise.state { ask(promise, at: node) }
        return promise
    }

    /// Somebody at a store does something.
    func act(at node: SimulatedNode) {
        guard let branch = node.place.branch, let engine = node.engine else { return }
        if random.bool(chance: 500), askAgain(at: node) { return }
        let till = node.place.till
        let open = (try? engine.modules.questions.sales.openDay(till: till, engine.views)) ?? nil
        if open == nil, random.bool(chance: 700) { return openDay(node) }
        switch random.int(in: 0..<100) {
        case 0..<50: sell(node, branch)
        case 50..<58: takeBack(node)
        case 58..<64: undo(node, branch)
        case 64..<73: receiveGoods(node, branch)
        case 73..<77: adjust(node, branch)
        case 77..<86: punch(node, branch)
        case 86..<91: rollOver(node)
        case 91..<97: closeDay(node)
        default: openDay(node)
        }
    }

    private func openDay(_ node: SimulatedNode) {
        let command = OpenDay(till: node.place.till, openingFloat: Fen(20_000))
        quietly(node, "opens the day") { _ = try $0.perform(command) }
    }

    private func closeDay(_ node: SimulatedNode) {
        let counted = random.bool(chance: 300) ? nil : Fen(Int64(random.int(in: 0...90_000)))
        let command = CloseDay(till: node.place.till, counted: counted)
        quietly(node, "closes the day") { _ = try $0.perform(command) }
    }

    private func rollOver(_ node: SimulatedNode) {
        let command = RollOver(till: node.place.till)
        quietly(node, "rolls over") { _ = try $0.perform(command) }
    }

    /// A command that nobody would ask for again: it is refused, done, or the process ends.
    func quietly(
        _ node: SimulatedNode,
        _ what: String,
        _ body: @escaping (NodeEngine) throws -> Void
    ) {
        suffer(node) {
            attempt(node, what) { engine in
                do {
                    try body(engine)
                    self.note("\(self.step) \(node.name) \(what)")
                } catch let refusal as any Refusal {
                    self.note("\(self.step) \(node.name) \(what): refused \(refusal.code)")
                }
            }
        }
    }

    // MARK: sales

    private func sell(_ node: SimulatedNode, _ branch: Int) {
        let lines = (0..<random.int(in: 1...4)).map { _ in
            (
                product: random.pick(products),
                quantity: Quantity(Int64(random.int(in: 1...3)) * 1_000)
            )
        }
        let tender = random.pick(["cash", "wechat", "alipay"])
        let promise = want("sells", at: node) { key in
            CloseSale(
                till: node.place.till,
                items: lines.map { SaleItem(.id($0.product), quantity: $0.quantity) },
                payments: [PaymentWish(.code(tender), reference: key)]
            )
        } _: {
            Answer(id: $0.id, label: $0.label, total: $0.total)
        }
        receipts.append(Receipt(branch: branch, promise: promise, lines: lines))
    }

    /// A customer brings goods back, often next door.
    private func takeBack(_ node: SimulatedNode) {
        guard let receipt = receipts.isEmpty ? nil : random.pick(receipts),
            let answer = receipt.promise.answer, let label = answer.label,
            let engine = node.engine
        else { return }
        let line = random.int(in: 0..<receipt.lines.count)
        let isKnown =
            ((try? SalesQueries.document(answer.id, engine.views, engine.log.reader)) ?? nil) != nil
        let item =
            isKnown
            ? ReturnItem(line: line, quantity: .one)
            : ReturnItem(.id(receipt.lines[line].product), quantity: .one)
        _ = want("takes back", at: node) { key in
            ReturnGoods(
                till: node.place.till,
                origin: isKnown ? .sale(answer.id, paperCode: nil) : .label(label, paperCode: nil),
                items: [item],
                refunds: [PaymentWish(.code("cash"))],
                reason: key
            )
        } _: {
            Answer(id: $0.id, label: $0.label, total: $0.total)
        }
    }

    private func undo(_ node: SimulatedNode, _ branch: Int) {
        let own = receipts.suffix(12).filter { $0.branch == branch }
        guard let receipt = own.isEmpty ? nil : random.pick(own),
            let answer = receipt.promise.answer
        else { return }
        _ = want("voids", at: node) { key in
            VoidSale(sale: answer.id, reason: key)
        } _: {
            Answer(id: $0)
        }
    }

    // MARK: stock and staff

    private func receiveGoods(_ node: SimulatedNode, _ branch: Int) {
        let lines = random.shuffled(products).prefix(3).map { product in
            ReceiveGoods.Line(
                product: product,
                quantity: Quantity(Int64(random.int(in: 5...60)) * 1_000),
                unitCost: UnitCost(Int64(random.int(in: 500_000...3_000_000)))
            )
        }
        let date = node.clock.now().date()
        let id = branches[branch].branch
        _ = want("receives goods", at: node) { key in
            ReceiveGoods(branch: id, date: date, lines: lines, deliveryNote: key)
        } _: {
            Answer(id: $0)
        }
    }

    private func adjust(_ node: SimulatedNode, _ branch: Int) {
        let line = AdjustStock.Line(product: random.pick(products), quantity: .one)
        let cause = random.pick(StockAdjusted.Cause.allCases)
        let date = node.clock.now().date()
        let id = branches[branch].branch
        _ = want("adjusts stock", at: node) { key in
            AdjustStock(branch: id, date: date, cause: cause, lines: [line], note: key)
        } _: {
            Answer(id: $0)
        }
    }

    private func punch(_ node: SimulatedNode, _ branch: Int) {
        let staff = people.filter { $0.branch == branch }
        guard let person = staff.isEmpty ? nil : random.pick(staff) else { return }
        let kind = random.pick(PunchKind.allCases)
        let id = branches[branch].branch
        _ = want("punches", at: node) { key in
            Punch(person: person.id, branch: id, kind: kind, method: .pin, note: key)
        } _: {
            Answer(id: $0)
        }
    }

    // MARK: headquarters

    /// Somebody at headquarters does something.
    func actAtHeadquarters() {
        let node = hq
        if random.bool(chance: 500), askAgain(at: node) { return }
        switch random.int(in: 0..<100) {
        case 0..<25: changePrices(node)
        case 25..<55: rename(node)
        case 55..<70: hire(node)
        case 70..<92: post(node)
        default: waive(node)
        }
    }

    private func changePrices(_ node: SimulatedNode) {
        let price = PriceLine(
            product: random.pick(products),
            price: UnitPrice(Int64(random.int(in: 10...900)) * 1_000)
        )
        let command = SetPrices(from: node.clock.now(), prices: [price])
        quietly(node, "changes a price") { _ = try $0.perform(command) }
    }

    private func rename(_ node: SimulatedNode) { rename(random.pick(products), at: node) }

    /// A product is renamed, the clock of headquarters falls back, and it is renamed again.
    ///
    /// Why: by chance alone only some seeds could tell the last write from that with the latest
    /// wall time.
    func renameBehindTheClock() {
        let product = random.pick(products)
        rename(product, at: hq)
        hq.clock.offset -= 3_600_000
        rename(product, at: hq)
        hq.clock.mend()
        renamedLast = product
    }

    /// Gives a product another name; the last one given must win everywhere.
    private func rename(_ product: Int64, at node: SimulatedNode) {
        let promise = want("renames", at: node) { key in
            ChangeProduct(product: product, [.name(key)])
        } _: {
            Answer(id: ChangeID($0))
        }
        switch promise.state {
        case .acknowledged: oracle.names[product] = promise.key
        case .open: oracle.names[product] = nil
        case .refused: break
        }
        // What got no answer is not asked again: it would come after what was given since.
        unanswered[node.name]?.removeAll { $0 === promise }
    }

    private func hire(_ node: SimulatedNode) {
        let branch = random.int(in: 0..<branches.count)
        let id = branches[branch].branch
        let promise = want("hires", at: node) { key in
            HirePerson(
                code: key,
                name: "员工" + secretName(of: key),
                phone: "139" + key,
                branch: id
            )
        } _: {
            Answer(id: ChangeID($0))
        }
        if let answer = promise.answer { people.append((answer.id.rawValue, branch)) }
    }

    /// A name that can be looked for on disks.
    func secretName(of key: String) -> String { "erase-me-" + key.dropFirst(3) }

    func post(_ node: SimulatedNode) {
        quietly(node, "posts") { engine in
            // A restored headquarters gives no numbers before a person has confirmed it.
            if try engine.log.isCareful { return }
            let outcome = try engine.perform(PostVouchers())
            self.note("  \(outcome.vouchers) vouchers in \(outcome.postings) postings")
        }
    }

    private func waive(_ node: SimulatedNode) {
        let branch = branches[random.int(in: 0..<branches.count)].branch
        let date = node.clock.now().date().adding(days: -random.int(in: 1...3))
        _ = want("waives", at: node) { key in
            WaiveDay(branch: branch, date: date, reason: key)
        } _: {
            Answer(id: $0)
        }
    }
}
