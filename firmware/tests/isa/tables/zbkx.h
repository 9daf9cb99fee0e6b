// Made by generate.py: operands and results of zbkx.
.set PAIR_COUNT, 56

.macro PAIRS
  .dword 0x0000000000000000, 0x0000000000000000
  .dword 0x0000000000000000, 0x0000000000000001
  .dword 0x0000000000000000, 0xffffffffffffffff
  .dword 0x0000000000000000, 0x0000000080000000
  .dword 0x0000000000000000, 0x7fffffffffffffff
  .dword 0x0000000000000000, 0x8000000000000000
  .dword 0x0000000000000001, 0x0000000000000000
  .dword 0x0000000000000001, 0x0000000000000001
  .dword 0x0000000000000001, 0xffffffffffffffff
  .dword 0x0000000000000001, 0x0000000080000000
  .dword 0x0000000000000001, 0x7fffffffffffffff
  .dword 0x0000000000000001, 0x8000000000000000
  .dword 0xffffffffffffffff, 0x0000000000000000
  .dword 0xffffffffffffffff, 0x0000000000000001
  .dword 0xffffffffffffffff, 0xffffffffffffffff
  .dword 0xffffffffffffffff, 0x0000000080000000
  .dword 0xffffffffffffffff, 0x7fffffffffffffff
  .dword 0xffffffffffffffff, 0x8000000000000000
  .dword 0x0000000080000000, 0x0000000000000000
  .dword 0x0000000080000000, 0x0000000000000001
  .dword 0x0000000080000000, 0xffffffffffffffff
  .dword 0x0000000080000000, 0x0000000080000000
  .dword 0x0000000080000000, 0x7fffffffffffffff
  .dword 0x0000000080000000, 0x8000000000000000
  .dword 0x7fffffffffffffff, 0x0000000000000000
  .dword 0x7fffffffffffffff, 0x0000000000000001
  .dword 0x7fffffffffffffff, 0xffffffffffffffff
  .dword 0x7fffffffffffffff, 0x0000000080000000
  .dword 0x7fffffffffffffff, 0x7fffffffffffffff
  .dword 0x7fffffffffffffff, 0x8000000000000000
  .dword 0x8000000000000000, 0x0000000000000000
  .dword 0x8000000000000000, 0x0000000000000001
  .dword 0x8000000000000000, 0xffffffffffffffff
  .dword 0x8000000000000000, 0x0000000080000000
  .dword 0x8000000000000000, 0x7fffffffffffffff
  .dword 0x8000000000000000, 0x8000000000000000
  .dword 0x0123456789abcdef, 0xfedcba9876543210
  .dword 0xfedcba9876543210, 0x0123456789abcdef
  .dword 0x0123456789abcdef, 0x0123456789abcdef
  .dword 0x5555555555555555, 0xaaaaaaaaaaaaaaaa
  .dword 0x00ff00ff00ff00ff, 0x0f0f0f0f0f0f0f0f
  .dword 0x8000000080000000, 0x0000000180000001
  .dword 0x7fffffff7fffffff, 0xffffffff80000000
  .dword 0xdeadbeefcafef00d, 0x000000000000001f
  .dword 0xdeadbeefcafef00d, 0x0000000000000020
  .dword 0xdeadbeefcafef00d, 0x000000000000003f
  .dword 0xdeadbeefcafef00d, 0x0000000000000040
  .dword 0xdeadbeefcafef00d, 0xffffffffffffffff
  .dword 0x8000000000000001, 0x0000000000000021
  .dword 0x00000000f0000001, 0x000000000000001f
  .dword 0xffffffff0fffffff, 0x0000000000000004
  .dword 0x0123456789abcdef, 0x7766554433221100
  .dword 0x0123456789abcdef, 0x0001020304050607
  .dword 0x0123456789abcdef, 0x08ff0780017f0210
  .dword 0xfedcba9876543210, 0xfedcba9876543210
  .dword 0xffeeddccbbaa9988, 0x0706050403020100
.endm

// pairs
.macro RESULTS_xperm4
  .dword 0x0, 0x0, 0x0, 0x0
  .dword 0x0, 0x0, 0x1111111111111111, 0x1111111111111110
  .dword 0x0, 0x1111111101111111, 0x0, 0x111111111111111
  .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
  .dword 0xffffffffffffffff, 0xffffffffffffffff, 0x0, 0x0
  .dword 0x0, 0x0, 0x8000000000000000, 0x0
  .dword 0xffffffffffffffff, 0xffffffffffffffff, 0x7777777777777777, 0xffffffffffffffff
  .dword 0xf777777777777777, 0xffffffffffffffff, 0x0, 0x0
  .dword 0x8888888888888888, 0x0, 0x888888888888888, 0x0
  .dword 0x123456789abcdef, 0x123456789abcdef, 0xfedcba9876543210, 0x5555555555555555
  .dword 0xf0f0f0f0f0f0f0f0, 0x0, 0x77777777ffffffff, 0xdddddddddddddd0d
  .dword 0xdddddddddddddd0d, 0xddddddddddddddfd, 0xdddddddddddddded, 0xdddddddddddddddd
  .dword 0x1111111111111100, 0x1111111111111100, 0xffffffffffffffff, 0x8899aabbccddeeff
  .dword 0xfffefdfcfbfaf9f8, 0xf700f87ffe80fdef, 0xfedcba9876543210, 0x8b8b8a8a89898888
.endm

// pairs
.macro RESULTS_xperm8
  .dword 0x0, 0x0, 0x0, 0x0
  .dword 0x0, 0x0, 0x101010101010101, 0x101010101010100
  .dword 0x0, 0x101010100010101, 0x0, 0x1010101010101
  .dword 0xffffffffffffffff, 0xffffffffffffffff, 0x0, 0xffffffff00ffffff
  .dword 0x0, 0xffffffffffffff, 0x0, 0x0
  .dword 0x0, 0x0, 0x0, 0x0
  .dword 0xffffffffffffffff, 0xffffffffffffffff, 0x0, 0xffffffff00ffffff
  .dword 0x0, 0xffffffffffffff, 0x0, 0x0
  .dword 0x0, 0x0, 0x0, 0x0
  .dword 0x0, 0x3200000000000000, 0xcd00000000000000, 0x0
  .dword 0x0, 0x0, 0xffffff, 0xd0d0d0d0d0d0d00
  .dword 0xd0d0d0d0d0d0d00, 0xd0d0d0d0d0d0d00, 0xd0d0d0d0d0d0d00, 0x0
  .dword 0x101010101010100, 0x101010101010100, 0xffffffffffffffff, 0xef
  .dword 0xefcdab8967452301, 0x100cd00ab00, 0x0, 0xffeeddccbbaa9988
.endm
