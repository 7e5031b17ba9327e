// The arithmetic of the bench: medians, ratios, and what a figure says of its must.

import Bench
import Testing

@Suite struct FigureTests {
    @Test("The median is the middle of the sorted samples, or the mean of two; none has none")
    func median() {
        #expect(Samples.median([]) == nil)
        #expect(Samples.median([3]) == 3)
        #expect(Samples.median([9, 1, 5]) == 5)
        #expect(Samples.median([4, 1, 3, 2]) == 2.5)
        #expect(Samples.median([100, 2, 2, 2, 0]) == 2)
    }

    @Test("A ratio is taken round by round before the median, so one slow round does not tilt it")
    func ratio() {
        #expect(Samples.speedRatio(base: [2, 20, 2], own: [1, 10, 1]) == 2)
        #expect(Samples.speedRatio(base: [1, 9, 1], own: [2, 1, 2]) == 0.5)
        #expect(Samples.speedRatio(base: [1], own: [0]) == nil)
    }

    @Test("A must and an aim are met at the bound itself, in either direction")
    func verdicts() {
        let more = { (value: Double?) in
            Figure("a", "a", unit: "", must: 0.5, aim: 1, .moreIsBetter, value: value).verdict
        }
        let less = { (value: Double?) in
            Figure("b", "b", unit: "", must: 90, aim: 30, .lessIsBetter, value: value).verdict
        }
        #expect(more(nil) == .notMeasured)
        #expect(more(0.49) == .missed)
        #expect(more(0.5) == .mustMet)
        #expect(more(1) == .aimMet)
        #expect(less(90.1) == .missed)
        #expect(less(90) == .mustMet)
        #expect(less(30) == .aimMet)
    }
}
