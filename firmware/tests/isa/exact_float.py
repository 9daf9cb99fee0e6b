"""IEEE 754 arithmetic as RISC-V asks for it, by exact rational numbers: the reference behind the float tests.

Nothing here is fast and nothing is clever: a value is a Fraction, an operation is the mathematical one, and rounding
happens once, in Format.round. A float is its bit pattern (an int). Every operation returns (bits, flags).
"""

from fractions import Fraction
from math import isqrt

RNE, RTZ, RDN, RUP, RMM = range(5)
MODES = {"rne": RNE, "rtz": RTZ, "rdn": RDN, "rup": RUP, "rmm": RMM}
NX, UF, OF, DZ, NV = 1, 2, 4, 8, 16


def round_to_integer(value: Fraction, mode: int) -> int:
    """The integer that mode chooses for value."""
    floor = value.numerator // value.denominator
    rest = value - floor
    if rest == 0 or mode == RDN:
        return floor
    if mode == RUP:
        return floor + 1
    if mode == RTZ:
        return floor if value > 0 else floor + 1
    if rest != Fraction(1, 2):
        return floor + (rest > Fraction(1, 2))
    if mode == RMM:  # ties to max magnitude
        return floor + 1 if value > 0 else floor
    return floor + floor % 2  # ties to even


class Format:
    """A binary interchange format: how many exponent and fraction bits it has."""

    def __init__(self, name: str, exponent_bits: int, fraction_bits: int):
        self.name = name
        self.p = fraction_bits
        self.width = 1 + exponent_bits + fraction_bits
        self.emax = (1 << (exponent_bits - 1)) - 1
        self.emin = 1 - self.emax
        self.sign_bit = 1 << (self.width - 1)
        self.inf = ((1 << exponent_bits) - 1) << fraction_bits
        self.quiet_bit = 1 << (fraction_bits - 1)
        self.nan = self.inf | self.quiet_bit
        self.max_finite = self.inf - 1
        self.mask = (1 << self.width) - 1

    def sign(self, bits: int) -> int:
        return 1 if bits & self.sign_bit else 0

    def magnitude(self, bits: int) -> int:
        return bits & ~self.sign_bit

    def is_nan(self, bits: int) -> bool:
        return self.magnitude(bits) > self.inf

    def is_signaling(self, bits: int) -> bool:
        return self.is_nan(bits) and not bits & self.quiet_bit

    def is_inf(self, bits: int) -> bool:
        return self.magnitude(bits) == self.inf

    def is_zero(self, bits: int) -> bool:
        return self.magnitude(bits) == 0

    def value(self, bits: int) -> Fraction:
        """The number that finite bits stand for."""
        magnitude = self.magnitude(bits)
        exponent, fraction = magnitude >> self.p, magnitude & ((1 << self.p) - 1)
        if exponent:
            fraction |= 1 << self.p
        else:
            exponent = 1
        scale = exponent - self.emax - self.p
        number = Fraction(fraction) * Fraction(2) ** scale
        return -number if self.sign(bits) else number

    def _quantize(self, value: Fraction, mode: int, smallest_exponent) -> Fraction:
        """value rounded to p+1 significant bits, its exponent not going below smallest_exponent (None: unbounded)."""
        number = abs(value)
        exponent = number.numerator.bit_length() - number.denominator.bit_length()
        if Fraction(2) ** exponent > number:
            exponent -= 1
        if smallest_exponent is not None:
            exponent = max(exponent, smallest_exponent)
        unit = Fraction(2) ** (exponent - self.p)
        return round_to_integer(value / unit, mode) * unit

    def round(self, value: Fraction, mode: int, zero_sign: int = 0) -> tuple[int, int]:
        """value as this format holds it. zero_sign is the sign of an exact zero."""
        if value == 0:
            return (self.sign_bit if zero_sign else 0), 0
        sign = self.sign_bit if value < 0 else 0
        rounded = self._quantize(value, mode, self.emin)
        flags = NX if rounded != value else 0
        if abs(rounded) > self.value(self.max_finite):
            to_inf = mode in (RNE, RMM) or (mode == RUP and not sign) or (mode == RDN and sign)
            return sign | (self.inf if to_inf else self.max_finite), OF | NX
        # Tininess is detected after rounding, as though the exponent range were unbounded.
        if flags and abs(self._quantize(value, mode, None)) < Fraction(2) ** self.emin:
            flags |= UF
        return sign | self._encode(abs(rounded)), flags

    def _encode(self, number: Fraction) -> int:
        if number == 0:
            return 0
        exponent = number.numerator.bit_length() - number.denominator.bit_length()
        if Fraction(2) ** exponent > number:
            exponent -= 1
        if exponent < self.emin:
            return int(number / Fraction(2) ** (self.emin - self.p))
        fraction = int(number / Fraction(2) ** (exponent - self.p))
        return ((exponent + self.emax) << self.p) + fraction - (1 << self.p)

    def _nan_result(self, *operands: int) -> tuple[int, int]:
        return self.nan, NV if any(self.is_signaling(x) for x in operands) else 0

    def add(self, a: int, b: int, mode: int) -> tuple[int, int]:
        if self.is_nan(a) or self.is_nan(b):
            return self._nan_result(a, b)
        if self.is_inf(a) and self.is_inf(b) and self.sign(a) != self.sign(b):
            return self.nan, NV
        if self.is_inf(a) or self.is_inf(b):
            return (a if self.is_inf(a) else b), 0
        both = self.sign(a) == self.sign(b)
        zero_sign = self.sign(a) if both else int(mode == RDN)
        return self.round(self.value(a) + self.value(b), mode, zero_sign)

    def sub(self, a: int, b: int, mode: int) -> tuple[int, int]:
        return self.add(a, b if self.is_nan(b) else b ^ self.sign_bit, mode)

    def mul(self, a: int, b: int, mode: int) -> tuple[int, int]:
        if self.is_nan(a) or self.is_nan(b):
            return self._nan_result(a, b)
        sign = self.sign(a) ^ self.sign(b)
        if self.is_inf(a) or self.is_inf(b):
            if self.is_zero(a) or self.is_zero(b):
                return self.nan, NV
            return (self.sign_bit if sign else 0) | self.inf, 0
        return self.round(self.value(a) * self.value(b), mode, sign)

    def div(self, a: int, b: int, mode: int) -> tuple[int, int]:
        if self.is_nan(a) or self.is_nan(b):
            return self._nan_result(a, b)
        sign = self.sign(a) ^ self.sign(b)
        signed = self.sign_bit if sign else 0
        if (self.is_inf(a) and self.is_inf(b)) or (self.is_zero(a) and self.is_zero(b)):
            return self.nan, NV
        if self.is_inf(a):
            return signed | self.inf, 0
        if self.is_inf(b):
            return signed, 0
        if self.is_zero(b):
            return signed | self.inf, DZ
        return self.round(self.value(a) / self.value(b), mode, sign)

    def sqrt(self, a: int, mode: int) -> tuple[int, int]:
        if self.is_nan(a):
            return self._nan_result(a)
        if self.is_zero(a):
            return a, 0
        if self.sign(a):
            return self.nan, NV
        if self.is_inf(a):
            return a, 0
        # value * 4^k is an integer; its integer root with a sticky bit below rounds as the true root does.
        k = 2 * (self.p + 4) + self.emax
        scaled = int(self.value(a) * Fraction(4) ** k)
        root = isqrt(scaled)
        sticky = Fraction(1, 2) if root * root != scaled else Fraction(0)
        return self.round((root + sticky) / Fraction(2) ** k, mode)

    def fma(self, a: int, b: int, c: int, mode: int, negate_product=False, negate_addend=False) -> tuple[int, int]:
        """(a * b) + c, with the product or the addend negated first."""
        invalid = (self.is_inf(a) and self.is_zero(b)) or (self.is_zero(a) and self.is_inf(b))
        if self.is_nan(a) or self.is_nan(b) or self.is_nan(c):
            bits, flags = self._nan_result(a, b, c)
            return bits, flags | (NV if invalid else 0)
        if invalid:
            return self.nan, NV
        product_sign = self.sign(a) ^ self.sign(b) ^ int(negate_product)
        c ^= self.sign_bit if negate_addend else 0
        if self.is_inf(a) or self.is_inf(b):
            if self.is_inf(c) and self.sign(c) != product_sign:
                return self.nan, NV
            return (self.sign_bit if product_sign else 0) | self.inf, 0
        if self.is_inf(c):
            return c, 0
        product = self.value(a) * self.value(b)
        product = -product if negate_product else product
        zero_sign = product_sign if product_sign == self.sign(c) else int(mode == RDN)
        return self.round(product + self.value(c), mode, zero_sign)

    def sgnj(self, a: int, b: int, kind: str) -> tuple[int, int]:
        """fsgnj, fsgnjn, fsgnjx: kind is "", "n" or "x"."""
        sign = {"": b, "n": ~b, "x": a ^ b}[kind] & self.sign_bit
        return sign | self.magnitude(a), 0

    def _order(self, bits: int) -> int:
        """A key that orders numbers, -0 below +0."""
        return -self.magnitude(bits) - 1 if self.sign(bits) else self.magnitude(bits)

    def min_max(self, a: int, b: int, largest: bool, propagate: bool = False) -> tuple[int, int]:
        """fmin/fmax (minimumNumber, maximumNumber), or with propagate fminm/fmaxm (minimum, maximum)."""
        flags = self._nan_result(a, b)[1]
        if self.is_nan(a) or self.is_nan(b):
            if propagate or (self.is_nan(a) and self.is_nan(b)):
                return self.nan, flags
            return (b if self.is_nan(a) else a), flags
        return (max if largest else min)(a, b, key=self._order), flags

    def compare(self, a: int, b: int, kind: str, quiet: bool) -> tuple[int, int]:
        """kind "eq", "lt" or "le". Unless quiet, a quiet NaN is invalid too."""
        if self.is_nan(a) or self.is_nan(b):
            signaling = self.is_signaling(a) or self.is_signaling(b)
            return 0, NV if signaling or not quiet else 0
        x, y = [0 if self.is_zero(v) else self._order(v) for v in (a, b)]
        x, y = [v + 1 if v < 0 else v for v in (x, y)]
        return int({"eq": x == y, "lt": x < y, "le": x <= y}[kind]), 0

    def classify(self, a: int) -> tuple[int, int]:
        """The ten-bit mask of fclass."""
        negative, magnitude = self.sign(a), self.magnitude(a)
        if self.is_nan(a):
            return 1 << (8 if self.is_signaling(a) else 9), 0
        if self.is_inf(a):
            return 1 << (0 if negative else 7), 0
        if magnitude == 0:
            return 1 << (3 if negative else 4), 0
        if magnitude >> self.p == 0:
            return 1 << (2 if negative else 5), 0
        return 1 << (1 if negative else 6), 0

    def to_integer(self, a: int, mode: int, bits: int, signed: bool) -> tuple[int, int]:
        """fcvt.{w,wu,l,lu}: saturating, 32-bit results sign-extended to the 64 of a register."""
        low = -(1 << (bits - 1)) if signed else 0
        high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1
        if self.is_nan(a):
            result, flags = high, NV
        elif self.is_inf(a):
            result, flags = (low if self.sign(a) else high), NV
        else:
            value = self.value(a)
            result = round_to_integer(value, mode)
            if result < low or result > high:
                result, flags = (low if result < low else high), NV
            else:
                flags = NX if result != value else 0
        if bits == 32:
            result &= 0xFFFFFFFF
            result |= 0xFFFFFFFF00000000 if result & 0x80000000 else 0
        return result & 0xFFFFFFFFFFFFFFFF, flags

    def to_integer_modular(self, a: int) -> tuple[int, int]:
        """fcvtmod.w.d: the low 32 bits of the truncated value; flags as fcvt.w.d with rtz."""
        flags = self.to_integer(a, RTZ, 32, True)[1]
        if self.is_nan(a) or self.is_inf(a):
            return 0, flags
        result = round_to_integer(self.value(a), RTZ) & 0xFFFFFFFF
        return result | (0xFFFFFFFF00000000 if result & 0x80000000 else 0), flags

    def from_integer(self, register: int, mode: int, bits: int, signed: bool) -> tuple[int, int]:
        """fcvt from the low bits of a 64-bit register."""
        value = register & ((1 << bits) - 1)
        if signed and value >> (bits - 1):
            value -= 1 << bits
        return self.round(Fraction(value), mode)

    def convert(self, a: int, source: "Format", mode: int) -> tuple[int, int]:
        """fcvt between formats: a is in source, the result in this one."""
        if source.is_nan(a):
            return self.nan, NV if source.is_signaling(a) else 0
        if source.is_inf(a):
            return (self.sign_bit if source.sign(a) else 0) | self.inf, 0
        return self.round(source.value(a), mode, source.sign(a))

    def round_integral(self, a: int, mode: int, exact: bool) -> tuple[int, int]:
        """fround, or with exact froundnx, which also reports inexactness."""
        if self.is_nan(a):
            return self._nan_result(a)
        if self.is_inf(a) or self.is_zero(a):
            return a, 0
        value = self.value(a)
        rounded = round_to_integer(value, mode)
        bits, _ = self.round(Fraction(rounded), mode, self.sign(a))
        return bits, NX if exact and rounded != value else 0


HALF = Format("h", 5, 10)
SINGLE = Format("s", 8, 23)
DOUBLE = Format("d", 11, 52)
