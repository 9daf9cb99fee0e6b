"""Operand pairs for each integer extension, and what every instruction makes of them."""

from integer_operations import EXTENSIONS, MASK, UNARY

EDGES = [0, 1, -1, 2**31 - 1, -(2**31), 2**31, 2**32 - 1, 2**63 - 1, -(2**63)]
PATTERN = 0x0123456789ABCDEF
COMMON = [
    (PATTERN, 0xFEDCBA9876543210), (0xFEDCBA9876543210, PATTERN), (PATTERN, PATTERN),
    (0x5555555555555555, 0xAAAAAAAAAAAAAAAA), (0x00FF00FF00FF00FF, 0x0F0F0F0F0F0F0F0F),
    (0x8000000080000000, 0x0000000180000001), (0x7FFFFFFF7FFFFFFF, 0xFFFFFFFF80000000),
    (0xDEADBEEFCAFEF00D, 0x1F), (0xDEADBEEFCAFEF00D, 0x20), (0xDEADBEEFCAFEF00D, 0x3F), (0xDEADBEEFCAFEF00D, 0x40),
    (0xDEADBEEFCAFEF00D, -1), (0x8000000000000001, 0x21), (0x00000000F0000001, 31), (0xFFFFFFFF0FFFFFFF, 4),
]
EXTRA = {
    # Signs of quotient and remainder, and divisors of one word inside another.
    "m": [(7, 3), (7, -3), (-7, 3), (-7, -3), (20, 6), (-20, 6), (2**63 - 1, 2), (-(2**63), 2), (-(2**63), 3),
          (0x100000000, 0x100000000), (0x1_00000007, 0x1_00000003), (0xFFFFFFFF_00000007, 0x5_00000000),
          (0x80000000, 0xFFFFFFFF_FFFFFFFF), (0x1_80000000, 0x2_FFFFFFFF), (3, 7), (-3, 7)],
    "zbb": [(1 << n, 1 << (63 - n)) for n in (7, 8, 15, 16, 31, 32, 33, 62)] + [(0x0000800000008000, 0x80), (0x7F80, 8)],
    "zbkb": [(0x00010204081020FF, 0x8040201008040201), (0x1234, 0x8765), (0xFFFF8000, 0x7FFF8001)],
    "zbkx": [(PATTERN, 0x7766554433221100), (PATTERN, 0x0001020304050607), (PATTERN, 0x08FF0780017F0210),
             (0xFEDCBA9876543210, 0xFEDCBA9876543210), (0xFFEEDDCCBBAA9988, 0x0706050403020100)],
    "zbs": [(0, n) for n in (0, 5, 31, 32, 63, 64, 127)] + [(MASK, n) for n in (0, 5, 31, 32, 63, 64, 127)],
}
FULL_EDGES = {"m"}


def pairs_of(extension: str) -> list[tuple[int, int]]:
    edges = EDGES if extension in FULL_EDGES else [0, 1, -1, 2**31, 2**63 - 1, -(2**63)]
    pairs = [(a, b) for a in edges for b in edges] + COMMON + EXTRA.get(extension, [])
    return [(a & MASK, b & MASK) for a, b in pairs]


def table(extension: str) -> str:
    pairs = pairs_of(extension)
    lines = [f"// Made by generate.py: operands and results of {extension}.", f".set PAIR_COUNT, {len(pairs)}", "", ".macro PAIRS"]
    lines += [f"  .dword {a:#018x}, {b:#018x}" for a, b in pairs]
    lines.append(".endm")
    for name, operation in EXTENSIONS[extension].items():
        results = [int(operation(a, b)) & MASK for a, b in pairs]
        kind = "unary" if name in UNARY else "pairs"
        lines += ["", f"// {kind}", f".macro RESULTS_{name}"]
        lines += ["  .dword " + ", ".join(f"{r:#x}" for r in results[i : i + 4]) for i in range(0, len(results), 4)]
        lines.append(".endm")
    return "\n".join(lines) + "\n"


def files() -> dict[str, str]:
    return {f"{extension}.h": table(extension) for extension in EXTENSIONS}
