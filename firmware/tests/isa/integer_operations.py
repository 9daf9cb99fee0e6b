"""What the register-register (and unary) integer instructions compute, written from the specification's formulas.

Registers are unsigned 64-bit ints. OPERATIONS maps a mnemonic to a function of (rs1, rs2); unary ones ignore rs2.
"""

MASK = (1 << 64) - 1
WORD = (1 << 32) - 1


def signed(x: int, bits: int = 64) -> int:
    x &= (1 << bits) - 1
    return x - (1 << bits) if x >> (bits - 1) else x


def extend(x: int, bits: int = 32) -> int:
    """The low bits of x, sign-extended to a register."""
    return signed(x, bits) & MASK


def truncating_divide(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def divide(a: int, b: int, bits: int, is_signed: bool) -> int:
    """M, "Division Operations": by zero gives all ones, overflow gives the dividend."""
    x, y = (signed(a, bits), signed(b, bits)) if is_signed else (a & ((1 << bits) - 1), b & ((1 << bits) - 1))
    return extend(-1 if y == 0 else truncating_divide(x, y), bits)


def remainder(a: int, b: int, bits: int, is_signed: bool) -> int:
    x, y = (signed(a, bits), signed(b, bits)) if is_signed else (a & ((1 << bits) - 1), b & ((1 << bits) - 1))
    return extend(x if y == 0 else x - y * truncating_divide(x, y), bits)


def carryless_product(a: int, b: int) -> int:
    product = 0
    for i in range(64):
        if b >> i & 1:
            product ^= a << i
    return product


def rotate_left(x: int, n: int, bits: int) -> int:
    x &= (1 << bits) - 1
    n %= bits
    return ((x << n) | (x >> (bits - n))) & ((1 << bits) - 1)


def count_leading(x: int, bits: int) -> int:
    return bits - (x & ((1 << bits) - 1)).bit_length()


def count_trailing(x: int, bits: int) -> int:
    x &= (1 << bits) - 1
    return bits if x == 0 else (x & -x).bit_length() - 1


def by_byte(x: int, transform) -> int:
    return int.from_bytes(bytes(transform(byte) for byte in x.to_bytes(8, "little")), "little")


def crossbar(a: int, b: int, width: int) -> int:
    """xperm4, xperm8: each element of b selects an element of a, or zero when out of range."""
    count, mask, result = 64 // width, (1 << width) - 1, 0
    for i in range(count):
        index = b >> (i * width) & mask
        element = a >> (index * width) & mask if index < count else 0
        result |= element << (i * width)
    return result


I = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "sll": lambda a, b: a << (b & 63),
    "slt": lambda a, b: signed(a) < signed(b),
    "sltu": lambda a, b: a < b,
    "xor": lambda a, b: a ^ b,
    "srl": lambda a, b: a >> (b & 63),
    "sra": lambda a, b: signed(a) >> (b & 63),
    "or": lambda a, b: a | b,
    "and": lambda a, b: a & b,
    "addw": lambda a, b: extend(a + b),
    "subw": lambda a, b: extend(a - b),
    "sllw": lambda a, b: extend(a << (b & 31)),
    "srlw": lambda a, b: extend((a & WORD) >> (b & 31)),
    "sraw": lambda a, b: signed(a, 32) >> (b & 31),
}
BRANCH = {
    "beq": lambda a, b: a == b,
    "bne": lambda a, b: a != b,
    "blt": lambda a, b: signed(a) < signed(b),
    "bge": lambda a, b: signed(a) >= signed(b),
    "bltu": lambda a, b: a < b,
    "bgeu": lambda a, b: a >= b,
}
M = {
    "mul": lambda a, b: a * b,
    "mulh": lambda a, b: signed(a) * signed(b) >> 64,
    "mulhsu": lambda a, b: signed(a) * b >> 64,
    "mulhu": lambda a, b: a * b >> 64,
    "div": lambda a, b: divide(a, b, 64, True),
    "divu": lambda a, b: divide(a, b, 64, False),
    "rem": lambda a, b: remainder(a, b, 64, True),
    "remu": lambda a, b: remainder(a, b, 64, False),
    "mulw": lambda a, b: extend(a * b),
    "divw": lambda a, b: divide(a, b, 32, True),
    "divuw": lambda a, b: divide(a, b, 32, False),
    "remw": lambda a, b: remainder(a, b, 32, True),
    "remuw": lambda a, b: remainder(a, b, 32, False),
}
ZBA = {
    "add.uw": lambda a, b: (a & WORD) + b,
    "sh1add": lambda a, b: b + (a << 1),
    "sh1add.uw": lambda a, b: b + ((a & WORD) << 1),
    "sh2add": lambda a, b: b + (a << 2),
    "sh2add.uw": lambda a, b: b + ((a & WORD) << 2),
    "sh3add": lambda a, b: b + (a << 3),
    "sh3add.uw": lambda a, b: b + ((a & WORD) << 3),
}
LOGIC_WITH_NOT = {
    "andn": lambda a, b: a & ~b,
    "orn": lambda a, b: a | ~b,
    "xnor": lambda a, b: ~(a ^ b),
}
ROTATES = {
    "rol": lambda a, b: rotate_left(a, b & 63, 64),
    "ror": lambda a, b: rotate_left(a, -(b & 63), 64),
    "rolw": lambda a, b: extend(rotate_left(a, b & 31, 32)),
    "rorw": lambda a, b: extend(rotate_left(a, -(b & 31), 32)),
}
ZBB = {
    **LOGIC_WITH_NOT,
    "max": lambda a, b: max(a, b, key=signed),
    "maxu": lambda a, b: max(a, b),
    "min": lambda a, b: min(a, b, key=signed),
    "minu": lambda a, b: min(a, b),
    **ROTATES,
    "clz": lambda a, _: count_leading(a, 64),
    "clzw": lambda a, _: count_leading(a, 32),
    "ctz": lambda a, _: count_trailing(a, 64),
    "ctzw": lambda a, _: count_trailing(a, 32),
    "cpop": lambda a, _: bin(a).count("1"),
    "cpopw": lambda a, _: bin(a & WORD).count("1"),
    "sext.b": lambda a, _: extend(a, 8),
    "sext.h": lambda a, _: extend(a, 16),
    "zext.h": lambda a, _: a & 0xFFFF,
    "orc.b": lambda a, _: by_byte(a, lambda byte: 0xFF if byte else 0),
    "rev8": lambda a, _: int.from_bytes(a.to_bytes(8, "little"), "big"),
}
ZBC = {
    "clmul": lambda a, b: carryless_product(a, b),
    "clmulh": lambda a, b: carryless_product(a, b) >> 64,
    "clmulr": lambda a, b: carryless_product(a, b) >> 63,
}
ZBS = {
    "bclr": lambda a, b: a & ~(1 << (b & 63)),
    "bext": lambda a, b: a >> (b & 63) & 1,
    "binv": lambda a, b: a ^ (1 << (b & 63)),
    "bset": lambda a, b: a | (1 << (b & 63)),
}
ZBKB = {
    **LOGIC_WITH_NOT,
    **ROTATES,
    "pack": lambda a, b: (a & WORD) | (b & WORD) << 32,
    "packh": lambda a, b: (a & 0xFF) | (b & 0xFF) << 8,
    "packw": lambda a, b: extend((a & 0xFFFF) | (b & 0xFFFF) << 16),
    "brev8": lambda a, _: by_byte(a, lambda byte: int(f"{byte:08b}"[::-1], 2)),
    "rev8": ZBB["rev8"],
}
ZBKC = {name: ZBC[name] for name in ("clmul", "clmulh")}
ZBKX = {
    "xperm4": lambda a, b: crossbar(a, b, 4),
    "xperm8": lambda a, b: crossbar(a, b, 8),
}
ZICOND = {
    "czero.eqz": lambda a, b: 0 if b == 0 else a,
    "czero.nez": lambda a, b: 0 if b != 0 else a,
}

def amo_word(operation):
    """A word AMO on the low half of the doubleword a: the high half stays."""
    return lambda a, b: (a & ~WORD) | (int(operation(a & WORD, b & WORD)) & WORD)


AMO_DOUBLEWORD = {
    "amoswap": lambda a, b: b,
    "amoadd": lambda a, b: a + b,
    "amoxor": lambda a, b: a ^ b,
    "amoand": lambda a, b: a & b,
    "amoor": lambda a, b: a | b,
    "amomin": lambda a, b: min(a, b, key=signed),
    "amomax": lambda a, b: max(a, b, key=signed),
    "amominu": lambda a, b: min(a, b),
    "amomaxu": lambda a, b: max(a, b),
}
AMO_WORD = {
    **AMO_DOUBLEWORD,
    "amomin": lambda a, b: min(a, b, key=lambda x: signed(x, 32)),
    "amomax": lambda a, b: max(a, b, key=lambda x: signed(x, 32)),
}
# What memory holds afterwards: a is the doubleword before, b is rs2.
AMO = {f"{name}.d": operation for name, operation in AMO_DOUBLEWORD.items()} | {
    f"{name}.w": amo_word(operation) for name, operation in AMO_WORD.items()
}

UNARY = {"clz", "clzw", "ctz", "ctzw", "cpop", "cpopw", "sext.b", "sext.h", "zext.h", "orc.b", "rev8", "brev8"}
EXTENSIONS = {
    "i": I, "branch": BRANCH, "amo": AMO, "m": M, "zba": ZBA, "zbb": ZBB, "zbc": ZBC, "zbs": ZBS,
    "zbkb": ZBKB, "zbkc": ZBKC, "zbkx": ZBKX, "zicond": ZICOND,
}
