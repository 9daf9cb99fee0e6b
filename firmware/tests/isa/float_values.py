"""Operands for the floating-point tests: the values where formats and rounding modes differ, for any format."""

from fractions import Fraction

from exact_float import RNE, SINGLE, DOUBLE, HALF, Format

MASK = (1 << 64) - 1


def xorshift(x: int) -> int:
    """The generator that the sweeps run on the guest too (64 bits, never zero)."""
    x ^= x << 13 & MASK
    x ^= x >> 7
    return x ^ (x << 17 & MASK)


def shaped(f: Format, x: int) -> int:
    """Sign and fraction from random bits, the exponent near zero: operands that meet."""
    fraction = x & ((1 << f.p) - 1)
    spread = 7 if f is HALF else 15
    exponent = f.emax - (spread + 1) // 2 + (x >> f.p & spread)
    sign = f.sign_bit if x >> 63 else 0
    return sign | exponent << f.p | fraction


class Values:
    """Named values of a format."""

    def __init__(self, f: Format):
        self.f = f
        self.zero, self.one, self.inf, self.nan = 0, self.of(1), f.inf, f.nan
        self.signaling = f.inf | 1
        self.quiet_payload = f.sign_bit | f.nan | 5
        self.negative_signaling = f.sign_bit | f.inf | f.quiet_bit >> 1
        self.smallest, self.largest_subnormal = 1, (1 << f.p) - 1
        self.smallest_normal, self.largest = 1 << f.p, f.max_finite

    def of(self, number) -> int:
        """The bits of a number that the format holds exactly."""
        bits, flags = self.f.round(Fraction(number), RNE)
        assert flags == 0, f"{number} is not exact in {self.f.name}"
        return bits

    def near(self, number) -> int:
        return self.f.round(Fraction(number), RNE)[0]

    def neg(self, bits: int) -> int:
        return bits ^ self.f.sign_bit

    def power(self, exponent: int) -> int:
        return self.of(Fraction(2) ** exponent)

    def specials(self) -> list[int]:
        v = self
        return [v.zero, v.neg(v.zero), v.one, v.neg(v.one), v.inf, v.neg(v.inf), v.nan, v.signaling, v.quiet_payload,
                v.smallest, v.neg(v.largest_subnormal), v.smallest_normal, v.largest, v.neg(v.largest)]

    def sweep(self) -> list[int]:
        """Operands of which every pair is tried."""
        v, f = self, self.f
        ulp = 1
        return v.specials() + [
            v.one + ulp, v.one - ulp, v.neg(v.of(Fraction(3, 2))), v.power(f.p), v.neg(v.power(f.p)) + ulp,
            v.power(-f.p - 1), v.neg(v.power(-f.p - 1)) + ulp, v.smallest_normal + ulp, v.neg(v.smallest_normal * 3 // 2),
            v.near(Fraction(1, 3)), v.neg(v.near(Fraction(10, 3))), v.power(f.emax), v.largest - ulp, v.of(Fraction(1, 2)),
        ]

    def sweep_triples(self) -> list[int]:
        """A shorter list, of which every triple is tried."""
        v, f = self, self.f
        return [v.zero, v.neg(v.zero), v.one, v.neg(v.inf), v.signaling, v.nan, v.neg(v.smallest), v.smallest_normal + 1,
                v.neg(v.one) - 1, v.power(-f.p - 1), v.near(Fraction(4, 3)), v.largest]

    def sums(self) -> list[tuple[int, int]]:
        v, f = self, self.f
        half_ulp, top = v.power(-f.p - 1), v.power(f.emax - f.p - 1)
        return [
            (v.one, v.one), (v.one, v.neg(v.one)), (v.neg(v.one), v.one), (v.zero, v.neg(v.zero)), (v.neg(v.zero), v.zero),
            (v.neg(v.zero), v.neg(v.zero)), (v.zero, v.one),
            (v.one, half_ulp), (v.one, half_ulp + 1), (v.one, half_ulp - 1), (v.one + 1, half_ulp), (v.neg(v.one), v.neg(half_ulp)),
            (v.one, v.neg(v.power(-f.p - 2))), (v.one, v.neg(v.smallest)), (v.one, v.smallest),
            (v.largest, top), (v.largest, top - 1), (v.largest, v.largest), (v.neg(v.largest), v.neg(top)), (v.largest, v.smallest),
            (v.smallest, v.smallest), (v.largest_subnormal, v.smallest), (v.smallest_normal, v.neg(v.smallest)),
            (v.smallest_normal + 1, v.neg(v.smallest_normal)), (v.near(Fraction(1, 3)), v.near(Fraction(2, 3))),
            (v.inf, v.neg(v.inf)), (v.inf, v.neg(v.largest)), (v.nan, v.one), (v.one, v.signaling), (v.quiet_payload, v.inf),
            (v.neg(v.inf), v.negative_signaling),
        ]

    def products(self) -> list[tuple[int, int]]:
        v, f = self, self.f
        half = v.of(Fraction(1, 2))
        low = v.power(-(f.emax // 2) - f.p // 2 - 1)
        return [
            (v.one, v.neg(v.one)), (v.zero, v.neg(v.one)), (v.neg(v.zero), v.neg(v.zero)), (v.of(Fraction(3, 2)), v.one + 1),
            (v.one + 1, v.one + 1), (v.one - 1, v.one - 1), (v.one + 1, v.neg(v.one - 1)), (v.near(Fraction(1, 3)), v.of(3)),
            (v.largest, v.of(2)), (v.largest, v.neg(v.largest)), (v.largest, v.one + 1), (v.power(f.emax), v.of(Fraction(3, 2))),
            (v.smallest, half), (v.smallest, half + 1), (v.neg(v.smallest), half), (3, half),
            (v.smallest, v.smallest), (v.smallest_normal, half), (v.smallest_normal + 1, half), (v.smallest_normal, v.one - 1),
            (v.smallest_normal + 2, v.one - 1), (v.smallest_normal + 1, v.one - 2), (low, low), (low + 3, low + 1), (v.largest_subnormal, v.one + 1),
            (v.inf, v.zero), (v.zero, v.neg(v.inf)), (v.inf, v.neg(v.one)), (v.signaling, v.one), (v.quiet_payload, v.zero),
        ] + self.just_normal()

    def just_normal(self) -> list[tuple[int, int]]:
        """Products just below the smallest normal number. The first rounds up to it also at full precision: not tiny after
        rounding, so inexact without underflow. The second reaches it by the subnormal's coarser rounding alone: underflow."""
        f = self.f
        limit = Fraction(2) ** f.emin
        found = {}
        for i in range(1, 1 << min(f.p, 12)):
            a = self.one + i
            b = self.f.round(limit / f.value(a), 1)[0]
            for candidate in (b, b - 1):
                product = f.value(a) * f.value(candidate)
                bits, flags = f.round(product, RNE)
                if product < limit and bits == self.smallest_normal:
                    found.setdefault(flags, (a, candidate))
            if len(found) == 2:
                break
        return list(found.values())

    def quotients(self) -> list[tuple[int, int]]:
        v, f = self, self.f
        return [
            (v.one, v.of(3)), (v.of(2), v.neg(v.of(3))), (v.one, v.of(10)), (v.of(6), v.of(2)), (v.one, v.one + 1), (v.one, v.one - 1),
            (v.one + 1, v.one - 1), (v.zero, v.neg(v.one)), (v.neg(v.zero), v.neg(v.of(7))),
            (v.one, v.zero), (v.neg(v.one), v.zero), (v.one, v.neg(v.zero)), (v.zero, v.zero), (v.inf, v.neg(v.inf)), (v.inf, v.zero),
            (v.inf, v.neg(v.of(2))), (v.one, v.neg(v.inf)), (v.largest, v.of(Fraction(1, 2))), (v.largest, v.one - 1), (v.one, v.smallest),
            (v.largest, v.smallest), (v.smallest, v.of(2)), (v.neg(v.smallest), v.of(3)), (v.smallest, v.largest), (v.smallest_normal, v.one + 1),
            (v.smallest_normal, v.of(3)), (v.largest_subnormal, v.one - 1), (v.smallest_normal - 1, v.smallest_normal), (v.power(f.emin), v.power(f.p)),
            (v.signaling, v.zero), (v.nan, v.signaling), (v.one, v.quiet_payload),
        ]

    def roots(self) -> list[int]:
        v, f = self, self.f
        return [v.zero, v.neg(v.zero), v.one, v.of(4), v.of(2), v.of(3), v.of(Fraction(9, 4)), v.one + 1, v.one - 1, v.one - 2, v.of(4) - 1, v.largest,
                v.smallest, v.smallest * 2, v.smallest * 3, v.largest_subnormal, v.smallest_normal, v.smallest_normal + 1, v.near(Fraction(1, 10)),
                v.power(f.emax), v.neg(v.one), v.neg(v.smallest), v.inf, v.neg(v.inf), v.nan, v.signaling, v.quiet_payload]

    def fused(self) -> list[tuple[int, int, int]]:
        v, f = self, self.f
        u = v.one + 1
        exact = v.of((1 + Fraction(2) ** -f.p) ** 2 - Fraction(4) ** -f.p)   # (1+u)^2 without its last bit
        return [
            (v.one, v.one, v.one), (v.of(2), v.of(3), v.neg(v.of(6))), (v.of(2), v.neg(v.of(3)), v.of(6)),
            (u, u, v.neg(exact)),                                             # only a fused product leaves 2^-2p
            (u, v.one - 1, v.neg(v.one)), (v.zero, v.one, v.neg(v.zero)), (v.neg(v.zero), v.one, v.zero),
            (v.neg(v.zero), v.one, v.neg(v.zero)), (v.zero, v.neg(v.one), v.zero),
            (v.one, v.one, v.power(-f.p - 1)), (v.one, v.one, v.neg(v.power(-f.p - 2))), (u, u, v.smallest), (v.one, v.neg(v.one), v.neg(v.smallest)),
            (v.largest, v.of(2), v.neg(v.largest)), (v.largest, v.largest, v.neg(v.inf)), (v.largest, u, v.neg(v.largest)),
            (v.smallest, v.smallest, v.one), (v.smallest, v.smallest, v.zero), (v.smallest, v.neg(v.of(Fraction(1, 2))), v.smallest_normal),
            (v.smallest_normal, v.of(Fraction(1, 2)), v.smallest), (v.neg(v.smallest), v.smallest, v.smallest_normal),
            (v.inf, v.zero, v.one), (v.zero, v.neg(v.inf), v.nan), (v.inf, v.zero, v.signaling), (v.inf, v.one, v.neg(v.inf)),
            (v.inf, v.neg(v.one), v.neg(v.inf)), (v.one, v.nan, v.signaling), (v.quiet_payload, v.one, v.one), (v.one, v.one, v.neg(v.inf)),
        ]

    def comparands(self) -> list[tuple[int, int]]:
        v = self
        return [(v.zero, v.neg(v.zero)), (v.neg(v.zero), v.zero), (v.one, v.one), (v.one, v.one + 1), (v.one + 1, v.one), (v.neg(v.one), v.one),
                (v.one, v.neg(v.one)), (v.neg(v.one), v.neg(v.one) + 1), (v.neg(v.one) + 1, v.neg(v.one)), (v.smallest, v.zero),
                (v.neg(v.smallest), v.neg(v.zero)), (v.largest, v.inf), (v.inf, v.inf), (v.neg(v.inf), v.neg(v.largest)), (v.inf, v.neg(v.inf)),
                (v.nan, v.one), (v.one, v.nan), (v.nan, v.nan), (v.signaling, v.one), (v.one, v.signaling), (v.signaling, v.nan),
                (v.negative_signaling, v.signaling), (v.quiet_payload, v.quiet_payload), (v.nan, v.neg(v.inf)), (v.neg(v.zero), v.quiet_payload)]

    def to_convert(self) -> list[int]:
        """Where conversions to integers round, saturate and turn invalid."""
        v, f = self, self.f
        quarter = Fraction(1, 4)
        numbers = [0, quarter, 2 * quarter, 3 * quarter, 1, 5 * quarter, 6 * quarter, 10 * quarter, 14 * quarter, 1000]
        bits = [v.near(n) for n in numbers] + [v.neg(v.near(n)) for n in numbers]
        bits += [v.smallest, v.neg(v.smallest), v.one - 1, v.neg(v.one) - 1, v.largest, v.neg(v.largest)]
        bits += [v.inf, v.neg(v.inf), v.nan, v.signaling, v.quiet_payload]
        if f is not HALF:
            for exponent in (31, 32, 63, 64):
                top = v.power(exponent)
                bits += [top, top - 1, v.neg(top), v.neg(top) - 1, v.neg(top) + 1]
        if f is DOUBLE:
            halves = [2**31 - quarter, 2**31 - 2 * quarter, -(2**31) - quarter, -(2**31) - 2 * quarter, -(2**31) - 3 * quarter, 2**31 - 1,
                      2**32 - quarter, 2**32 - 2 * quarter, 2**32 - 1, 2**31 + 1, -(2**31) - 1, 2**52 + 2 * quarter, 2**53 - 1]
            bits += [v.near(n) for n in halves]
        return bits

    def integers(self) -> list[int]:
        """Registers to convert from."""
        p = self.f.p
        edges = [0, 1, -1, 2, 2**31 - 1, -(2**31), 2**31, 2**32 - 1, 2**63 - 1, -(2**63), 2**63 + 1, -(2**63) + 1, 0xDEADBEEF00000001,
                 2 ** (p + 1) - 1, 2 ** (p + 1) + 1, 2 ** (p + 1) + 3, -(2 ** (p + 1)) - 1, 2 ** (p + 2) - 1]
        if self.f is not HALF:
            edges += [2**63 + 2 ** (62 - p), 2**63 + 2 ** (62 - p) + 1, 2**63 - 2 ** (61 - p), 2**64 - 2 ** (62 - p)]
        if self.f is HALF:
            edges += [65504, 65519, 65520, 65535, -65520, -65519]
        return [e & MASK for e in edges]

    def to_narrow(self, target: Format) -> list[int]:
        """Values of this (wider) format around every edge of target."""
        v, f = self, self.f
        t = Values(target)
        edges = [target.value(b) for b in (t.one, t.smallest, t.largest_subnormal, t.smallest_normal, t.largest)]
        bits = v.specials()
        for edge in edges:
            exact = v.of(edge)
            unit = Fraction(2) ** max(target.emin - target.p, (edge.numerator.bit_length() - edge.denominator.bit_length()) - target.p)
            bits += [exact, exact + 1, exact - 1, v.of(edge + unit / 2), v.of(edge - unit / 2), v.of(edge + unit / 2) + 1, v.of(edge - unit / 4)]
        bits += [v.neg(v.of(target.value(t.smallest) / 2)), v.neg(v.of(target.value(t.smallest) / 2) + 1), f.sign_bit | v.of(target.value(t.one)) + 1]
        return bits


FORMATS = {"h": HALF, "s": SINGLE, "d": DOUBLE}
