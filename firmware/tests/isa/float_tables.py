"""Rows (operands, a result for each rounding mode, flags) and sweeps (hashes over many operands) for H, S and D."""

from exact_float import DZ, MODES, NV, NX, OF, UF, Format
from float_values import FORMATS, MASK, Values, shaped, xorshift

SIZE_DIRECTIVE = {16: ".half", 32: ".word", 64: ".dword"}
HEX_DIGITS = {16: 4, 32: 8, 64: 16}


def flag_names(flags: int) -> str:
    return "".join(name for bit, name in ((NV, "NV "), (DZ, "DZ "), (OF, "OF "), (UF, "UF "), (NX, "NX ")) if flags & bit).strip() or "-"


def values(width: int, numbers: list[int]) -> str:
    return f"{SIZE_DIRECTIVE[width]} " + ", ".join(f"{n & ((1 << width) - 1):#0{HEX_DIGITS[width] + 2}x}" for n in numbers)


def rounded_rows(name: str, operand_width: int, result_width: int, rows, operation) -> list[str]:
    """A row: the operands, five results (rne, rtz, rdn, rup, rmm), a word with five bits of flags for each."""
    lines = [f".macro ROWS_{name}"]
    for operands in rows:
        results = [operation(*operands, mode) for mode in MODES.values()]
        packed = sum(flags << 5 * i for i, (_, flags) in enumerate(results))
        seen = list(dict.fromkeys(flag_names(flags) for _, flags in results))
        size = len(operands) * operand_width // 8
        parts = [values(operand_width, list(operands))]
        for width, numbers in ((result_width, [bits for bits, _ in results]), (32, [packed]), (max(operand_width, result_width, 32), [])):
            if size % (width // 8):
                size += -size % (width // 8)
                parts.append(f".balign {width // 8}")
            if numbers:
                size += len(numbers) * width // 8
                parts.append(values(width, numbers))
        lines.append("  " + "; ".join(parts) + "  // " + " | ".join(seen))
    return [*lines, ".endm", ""]


def plain_rows(name: str, width: int, rows, operation) -> list[str]:
    """A row: the operands, the result, the flags; all of one width."""
    lines = [f".macro ROWS_{name}"]
    for operands in rows:
        bits, flags = operation(*operands)
        lines.append(f"  {values(width, [*operands, bits, flags])}  // {flag_names(flags)}")
    return [*lines, ".endm", ""]


def arithmetic(f: Format) -> str:
    v, s, w = Values(f), f.name, f.width
    lines = rounded_rows(f"fadd.{s}", w, w, v.sums(), f.add)
    lines += rounded_rows(f"fsub.{s}", w, w, [(a, b if f.is_nan(b) else v.neg(b)) for a, b in v.sums()], f.sub)
    lines += rounded_rows(f"fmul.{s}", w, w, v.products(), f.mul)
    lines += rounded_rows(f"fdiv.{s}", w, w, v.quotients(), f.div)
    lines += rounded_rows(f"fsqrt.{s}", w, w, [(a,) for a in v.roots()], f.sqrt)
    return "\n".join(lines)


FUSED = {"fmadd": (False, False), "fmsub": (False, True), "fnmsub": (True, False), "fnmadd": (True, True)}


def fused(f: Format, name: str):
    product, addend = FUSED[name]
    return lambda a, b, c, mode: f.fma(a, b, c, mode, product, addend)


def fused_rows(f: Format) -> str:
    v, w = Values(f), f.width
    lines = []
    for name in FUSED:
        lines += rounded_rows(f"{name}.{f.name}", w, w, v.fused(), fused(f, name))
    return "\n".join(lines)


PLAIN_BINARY = {
    "fsgnj": lambda f: lambda a, b: f.sgnj(a, b, ""),
    "fsgnjn": lambda f: lambda a, b: f.sgnj(a, b, "n"),
    "fsgnjx": lambda f: lambda a, b: f.sgnj(a, b, "x"),
    "fmin": lambda f: lambda a, b: f.min_max(a, b, False),
    "fmax": lambda f: lambda a, b: f.min_max(a, b, True),
    "feq": lambda f: lambda a, b: f.compare(a, b, "eq", True),
    "flt": lambda f: lambda a, b: f.compare(a, b, "lt", False),
    "fle": lambda f: lambda a, b: f.compare(a, b, "le", False),
}
PLAIN_BINARY_ZFA = {
    "fminm": lambda f: lambda a, b: f.min_max(a, b, False, True),
    "fmaxm": lambda f: lambda a, b: f.min_max(a, b, True, True),
    "fltq": lambda f: lambda a, b: f.compare(a, b, "lt", True),
    "fleq": lambda f: lambda a, b: f.compare(a, b, "le", True),
}


def comparisons(f: Format) -> str:
    v, w, lines = Values(f), f.width, []
    for name, operation in PLAIN_BINARY.items():
        lines += plain_rows(f"{name}.{f.name}", w, v.comparands(), operation(f))
    everything = v.specials() + [v.negative_signaling, v.neg(v.smallest), v.neg(v.smallest_normal), v.largest_subnormal, v.nan | f.sign_bit]
    lines += plain_rows(f"fclass.{f.name}", w, [(a,) for a in everything], f.classify)
    return "\n".join(lines)


INTEGERS = {"w": (32, True), "wu": (32, False), "l": (64, True), "lu": (64, False)}


# binutils 2.40 lets no rounding mode be written here; insn.h has macros of these names.
NO_MODE = {"fcvt.d.s", "fcvt.d.h", "fcvt.s.h", "fcvt.d.w", "fcvt.d.wu"}


def spelled(name: str) -> str:
    return name + ".rm" if name in NO_MODE else name


def conversions(f: Format) -> str:
    v, s, w, lines = Values(f), f.name, f.width, []
    for name, (bits, is_signed) in INTEGERS.items():
        to = lambda a, mode, bits=bits, is_signed=is_signed: f.to_integer(a, mode, bits, is_signed)
        back = lambda x, mode, bits=bits, is_signed=is_signed: f.from_integer(x, mode, bits, is_signed)
        lines += rounded_rows(f"fcvt.{name}.{s}", w, 64, [(a,) for a in v.to_convert()], to)
        lines += rounded_rows(spelled(f"fcvt.{s}.{name}"), 64, w, [(x,) for x in v.integers()], back)
    return "\n".join(lines)


def between(wide: Format, narrow: Format) -> str:
    """fcvt both ways between two formats."""
    v, n = Values(wide), Values(narrow)
    lines = rounded_rows(f"fcvt.{narrow.name}.{wide.name}", wide.width, narrow.width, [(a,) for a in v.to_narrow(narrow)],
                         lambda a, mode: narrow.convert(a, wide, mode))
    lines += rounded_rows(spelled(f"fcvt.{wide.name}.{narrow.name}"), narrow.width, wide.width, [(a,) for a in n.sweep() + n.roots()],
                          lambda a, mode: wide.convert(a, narrow, mode))
    return "\n".join(lines)


def additional(f: Format) -> str:
    """Zfa."""
    v, w, lines = Values(f), f.width, []
    for name, operation in PLAIN_BINARY_ZFA.items():
        lines += plain_rows(f"{name}.{f.name}", w, v.comparands(), operation(f))
    for name, exact in (("fround", False), ("froundnx", True)):
        rows = [(a,) for a in v.to_convert() + [v.power(f.p) - 1, v.power(f.p) + 1, v.power(f.p - 1) + 1, v.power(f.p - 1) - 1, v.neg(v.power(f.p)) - 1]]
        lines += rounded_rows(f"{name}.{f.name}", w, w, rows, lambda a, mode, exact=exact: f.round_integral(a, mode, exact))
    # The table of "Load-Immediate Instructions"; half precision has infinity for 2^16.
    constants = [-1, None, 2**-16, 2**-15, 2**-8, 2**-7, 2**-4, 2**-3, 0.25, 0.3125, 0.375, 0.4375, 0.5, 0.625, 0.75, 0.875,
                 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 8, 16, 128, 256, 2**15, 2**16]
    bits = [v.smallest_normal if number is None else v.near(number) for number in constants] + [v.inf, v.nan]
    lines += [f".macro FLI_{f.name}", "  " + values(w, bits), ".endm", ""]
    if f.name == "d":
        powers = [v.power(n) + m for n in (31, 32, 33, 51, 52, 53, 62, 63, 64, 83, 84, 85, 200) for m in (-1, 0, 1)]
        rows = [(a,) for a in v.to_convert() + powers + [v.neg(a) for a in powers]]
        lines += plain_rows("fcvtmod.w.d", 64, rows, f.to_integer_modular)
    return "\n".join(lines)


class Hash:
    """What a sweep makes of results and flags: h = 31 h + x, in 64 bits."""

    def __init__(self):
        self.value = 0

    def add(self, bits: int, width: int, flags: int):
        if width < 64 and bits >> (width - 1) & 1:
            bits |= MASK ^ ((1 << width) - 1)  # fmv.x.* sign-extends
        for x in (bits, flags):
            self.value = (self.value * 31 + x) & MASK

    def folded(self) -> int:
        return (self.value ^ self.value >> 16 ^ self.value >> 32 ^ self.value >> 48) & 0xFFFF


SEED = 0x9E3779B97F4A7C15
RANDOM_COUNT = 256


def hashes(name: str, sums: list[int]) -> list[str]:
    lines = ["  " + values(16, sums[i : i + 14]) for i in range(0, len(sums), 14)]
    return [f".macro HASHES_{name}", *lines, ".endm", ""]


# The flags that stand when an operation begins; NX is the common case in running programs.
STANDING = {"clear": 0, "sticky": NX}


def sweep_lists(f: Format, name: str, arity: int, width: int, operation) -> dict[str, list[str]]:
    """For each kind of standing flags, one hash for each mode and first operand, over all the others."""
    v, sums = Values(f), {kind: [] for kind in STANDING}
    items = v.sweep_triples() if arity == 3 else v.sweep()
    for mode in MODES.values():
        for a in items:
            hashed = {kind: Hash() for kind in STANDING}
            for others in [(b,) for b in items] if arity == 2 else [(b, c) for b in items for c in items]:
                bits, flags = operation(a, *others, mode)
                for kind, standing in STANDING.items():
                    hashed[kind].add(bits, width, flags | standing)
            for kind in STANDING:
                sums[kind].append(hashed[kind].folded())
    return {kind: hashes(f"{name}_{kind}", sums[kind]) for kind in STANDING}


def sweep_random(f: Format, name: str, arity: int, width: int, operation) -> dict[str, list[str]]:
    """For each kind of standing flags, one hash for each mode, over random operands: exponents near zero, then any bits."""
    near = sweep_generated(f, f"{name}_random", arity, width, operation, lambda x: shaped(f, x))
    wild = sweep_generated(f, f"{name}_wild", arity, width, operation, lambda x: x & f.mask)
    return {kind: near[kind] + wild[kind] for kind in STANDING}


def sweep_generated(f: Format, name: str, arity: int, width: int, operation, operand) -> dict[str, list[str]]:
    sums = {kind: [] for kind in STANDING}
    for mode in MODES.values():
        hashed, x = {kind: Hash() for kind in STANDING}, SEED
        for _ in range(RANDOM_COUNT):
            operands = []
            for _ in range(3):
                x = xorshift(x)
                operands.append(operand(x))
            bits, flags = operation(*operands[:arity], mode)
            for kind, standing in STANDING.items():
                hashed[kind].add(bits, width, flags | standing)
        for kind in STANDING:
            sums[kind].append(hashed[kind].folded())
    # The sixth is rne again, as the static mode.
    return {kind: hashes(f"{name}_{kind}", [*sums[kind], sums[kind][0]]) for kind in STANDING}


def sweeps(f: Format) -> dict[str, str]:
    """The sweeps' tables for each kind of standing flags."""
    v, s, w = Values(f), f.name, f.width
    lists = v.sweep(), v.sweep_triples()
    head = [f".set SWEEP_COUNT, {len(lists[0])}", f".set TRIPLE_COUNT, {len(lists[1])}", f".set RANDOM_COUNT, {RANDOM_COUNT}",
            f".set SEED, {SEED:#x}", ".macro SWEEP_VALUES", "  " + values(w, lists[0]), ".endm", ".macro TRIPLE_VALUES", "  " + values(w, lists[1]), ".endm", ""]
    made = [sweep_random(f, f"fsqrt.{s}", 1, w, f.sqrt)]
    for name, operation in (("fadd", f.add), ("fsub", f.sub), ("fmul", f.mul), ("fdiv", f.div)):
        made += [sweep_lists(f, f"{name}.{s}", 2, w, operation), sweep_random(f, f"{name}.{s}", 2, w, operation)]
    for name in FUSED:
        made += [sweep_lists(f, f"{name}.{s}", 3, w, fused(f, name)), sweep_random(f, f"{name}.{s}", 3, w, fused(f, name))]
    for name, operation in PLAIN_BINARY.items():
        width = 64 if name in ("feq", "flt", "fle") else w
        made.append(sweep_lists(f, f"{name}.{s}", 2, width, lambda a, b, mode, operation=operation: operation(f)(a, b)))
    return {kind: "\n".join(head + [line for tables in made for line in tables[kind]]) for kind in STANDING}


def every_half() -> str:
    """One hash for each mode, over a fifth of all halves each."""
    h, lines = FORMATS["h"], []
    operations = {"fsqrt.h": (16, h.sqrt), "fclass.h": (64, lambda a, mode: h.classify(a))}
    for name, (bits, is_signed) in INTEGERS.items():
        operations[f"fcvt.{name}.h"] = 64, lambda a, mode, bits=bits, is_signed=is_signed: h.to_integer(a, mode, bits, is_signed)
    operations["fcvt.s.h"] = 32, lambda a, mode: FORMATS["s"].convert(a, h, mode)
    for name, (width, operation) in operations.items():
        sums = []
        for mode in MODES.values():
            hashed = Hash()
            for a in range(mode, 65536, 5):
                bits, flags = operation(a, mode)
                hashed.add(bits, width, flags)
            sums.append(hashed.folded())
        lines += hashes(name, sums)
    return "\n".join(lines)


def files() -> dict[str, str]:
    made = "// Made by generate.py, by exact arithmetic.\n"
    h, s, d = FORMATS["h"], FORMATS["s"], FORMATS["d"]
    result = {}
    for prefix, f in (("f", s), ("d", d), ("zfh", h)):
        result[f"{prefix}-arithmetic.h"] = arithmetic(f)
        result[f"{prefix}-fused.h"] = fused_rows(f)
        result[f"{prefix}-compare.h"] = comparisons(f)
        result[f"{prefix}-convert.h"] = conversions(f)
        for kind, text in sweeps(f).items():
            result[f"{prefix}-sweep-{kind}.h"] = text
        result[f"zfa-{f.name}.h"] = additional(f)
    result["zfh-every.h"] = every_half()
    result["d-single.h"] = between(d, s)
    result["zfhmin-single.h"] = between(s, h)
    result["zfhmin-double.h"] = between(d, h)
    return {name: made + text.rstrip("\n") + "\n" for name, text in result.items()}
