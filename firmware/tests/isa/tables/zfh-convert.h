// Made by generate.py, by exact arithmetic.
.macro ROWS_fcvt.w.h
  .half 0x0000; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x00000000; .balign 8  // -
  .half 0x3400; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x3800; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3a00; .balign 8; .dword 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3c00; .balign 8; .dword 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000001; .word 0x00000000; .balign 8  // -
  .half 0x3d00; .balign 8; .dword 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000002, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3e00; .balign 8; .dword 0x0000000000000002, 0x0000000000000001, 0x0000000000000001, 0x0000000000000002, 0x0000000000000002; .word 0x00108421; .balign 8  // NX
  .half 0x4100; .balign 8; .dword 0x0000000000000002, 0x0000000000000002, 0x0000000000000002, 0x0000000000000003, 0x0000000000000003; .word 0x00108421; .balign 8  // NX
  .half 0x4300; .balign 8; .dword 0x0000000000000004, 0x0000000000000003, 0x0000000000000003, 0x0000000000000004, 0x0000000000000004; .word 0x00108421; .balign 8  // NX
  .half 0x63d0; .balign 8; .dword 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8; .word 0x00000000; .balign 8  // -
  .half 0x8000; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x00000000; .balign 8  // -
  .half 0xb400; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0xb800; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff; .word 0x00108421; .balign 8  // NX
  .half 0xba00; .balign 8; .dword 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff; .word 0x00108421; .balign 8  // NX
  .half 0xbc00; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x00000000; .balign 8  // -
  .half 0xbd00; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x00108421; .balign 8  // NX
  .half 0xbe00; .balign 8; .dword 0xfffffffffffffffe, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffffffffffff, 0xfffffffffffffffe; .word 0x00108421; .balign 8  // NX
  .half 0xc100; .balign 8; .dword 0xfffffffffffffffe, 0xfffffffffffffffe, 0xfffffffffffffffd, 0xfffffffffffffffe, 0xfffffffffffffffd; .word 0x00108421; .balign 8  // NX
  .half 0xc300; .balign 8; .dword 0xfffffffffffffffc, 0xfffffffffffffffd, 0xfffffffffffffffc, 0xfffffffffffffffd, 0xfffffffffffffffc; .word 0x00108421; .balign 8  // NX
  .half 0xe3d0; .balign 8; .dword 0xfffffffffffffc18, 0xfffffffffffffc18, 0xfffffffffffffc18, 0xfffffffffffffc18, 0xfffffffffffffc18; .word 0x00000000; .balign 8  // -
  .half 0x0001; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x8001; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x3bff; .balign 8; .dword 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0xbbff; .balign 8; .dword 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff; .word 0x00108421; .balign 8  // NX
  .half 0x7bff; .balign 8; .dword 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0; .word 0x00000000; .balign 8  // -
  .half 0xfbff; .balign 8; .dword 0xffffffffffff0020, 0xffffffffffff0020, 0xffffffffffff0020, 0xffffffffffff0020, 0xffffffffffff0020; .word 0x00000000; .balign 8  // -
  .half 0x7c00; .balign 8; .dword 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff; .word 0x01084210; .balign 8  // NV
  .half 0xfc00; .balign 8; .dword 0xffffffff80000000, 0xffffffff80000000, 0xffffffff80000000, 0xffffffff80000000, 0xffffffff80000000; .word 0x01084210; .balign 8  // NV
  .half 0x7e00; .balign 8; .dword 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff; .word 0x01084210; .balign 8  // NV
  .half 0x7c01; .balign 8; .dword 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff; .word 0x01084210; .balign 8  // NV
  .half 0xfe05; .balign 8; .dword 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff, 0x000000007fffffff; .word 0x01084210; .balign 8  // NV
.endm

.macro ROWS_fcvt.h.w
  .dword 0x0000000000000000; .half 0x0000, 0x0000, 0x0000, 0x0000, 0x0000; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0xffffffffffffffff; .half 0xbc00, 0xbc00, 0xbc00, 0xbc00, 0xbc00; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000002; .half 0x4000, 0x4000, 0x4000, 0x4000, 0x4000; .balign 4; .word 0x00000000  // -
  .dword 0x000000007fffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0xffffffff80000000; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x0000000080000000; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x00000000ffffffff; .half 0xbc00, 0xbc00, 0xbc00, 0xbc00, 0xbc00; .balign 4; .word 0x00000000  // -
  .dword 0x7fffffffffffffff; .half 0xbc00, 0xbc00, 0xbc00, 0xbc00, 0xbc00; .balign 4; .word 0x00000000  // -
  .dword 0x8000000000000000; .half 0x0000, 0x0000, 0x0000, 0x0000, 0x0000; .balign 4; .word 0x00000000  // -
  .dword 0x8000000000000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0x8000000000000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0xdeadbeef00000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0x00000000000007ff; .half 0x67ff, 0x67ff, 0x67ff, 0x67ff, 0x67ff; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000801; .half 0x6800, 0x6800, 0x6800, 0x6801, 0x6801; .balign 4; .word 0x00108421  // NX
  .dword 0x0000000000000803; .half 0x6802, 0x6801, 0x6801, 0x6802, 0x6802; .balign 4; .word 0x00108421  // NX
  .dword 0xfffffffffffff7ff; .half 0xe800, 0xe800, 0xe801, 0xe800, 0xe801; .balign 4; .word 0x00108421  // NX
  .dword 0x0000000000000fff; .half 0x6c00, 0x6bff, 0x6bff, 0x6c00, 0x6c00; .balign 4; .word 0x00108421  // NX
  .dword 0x000000000000ffe0; .half 0x7bff, 0x7bff, 0x7bff, 0x7bff, 0x7bff; .balign 4; .word 0x00000000  // -
  .dword 0x000000000000ffef; .half 0x7bff, 0x7bff, 0x7bff, 0x7c00, 0x7bff; .balign 4; .word 0x00128421  // NX | OF NX
  .dword 0x000000000000fff0; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x00528425  // OF NX | NX
  .dword 0x000000000000ffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x00528425  // OF NX | NX
  .dword 0xffffffffffff0010; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x00509425  // OF NX | NX
  .dword 0xffffffffffff0011; .half 0xfbff, 0xfbff, 0xfc00, 0xfbff, 0xfbff; .balign 4; .word 0x00109421  // NX | OF NX
.endm

.macro ROWS_fcvt.wu.h
  .half 0x0000; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x00000000; .balign 8  // -
  .half 0x3400; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x3800; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3a00; .balign 8; .dword 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3c00; .balign 8; .dword 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000001; .word 0x00000000; .balign 8  // -
  .half 0x3d00; .balign 8; .dword 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000002, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3e00; .balign 8; .dword 0x0000000000000002, 0x0000000000000001, 0x0000000000000001, 0x0000000000000002, 0x0000000000000002; .word 0x00108421; .balign 8  // NX
  .half 0x4100; .balign 8; .dword 0x0000000000000002, 0x0000000000000002, 0x0000000000000002, 0x0000000000000003, 0x0000000000000003; .word 0x00108421; .balign 8  // NX
  .half 0x4300; .balign 8; .dword 0x0000000000000004, 0x0000000000000003, 0x0000000000000003, 0x0000000000000004, 0x0000000000000004; .word 0x00108421; .balign 8  // NX
  .half 0x63d0; .balign 8; .dword 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8; .word 0x00000000; .balign 8  // -
  .half 0x8000; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x00000000; .balign 8  // -
  .half 0xb400; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0010c021; .balign 8  // NX | NV
  .half 0xb800; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0100c021; .balign 8  // NX | NV
  .half 0xba00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0100c030; .balign 8  // NV | NX
  .half 0xbc00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xbd00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xbe00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xc100; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xc300; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xe3d0; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0x0001; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x8001; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0010c021; .balign 8  // NX | NV
  .half 0x3bff; .balign 8; .dword 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0xbbff; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0100c030; .balign 8  // NV | NX
  .half 0x7bff; .balign 8; .dword 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0; .word 0x00000000; .balign 8  // -
  .half 0xfbff; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0x7c00; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0xfc00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0x7e00; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0x7c01; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0xfe05; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x01084210; .balign 8  // NV
.endm

.macro ROWS_fcvt.h.wu
  .dword 0x0000000000000000; .half 0x0000, 0x0000, 0x0000, 0x0000, 0x0000; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0xffffffffffffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x0000000000000002; .half 0x4000, 0x4000, 0x4000, 0x4000, 0x4000; .balign 4; .word 0x00000000  // -
  .dword 0x000000007fffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0xffffffff80000000; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x0000000080000000; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x00000000ffffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x7fffffffffffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x8000000000000000; .half 0x0000, 0x0000, 0x0000, 0x0000, 0x0000; .balign 4; .word 0x00000000  // -
  .dword 0x8000000000000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0x8000000000000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0xdeadbeef00000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0x00000000000007ff; .half 0x67ff, 0x67ff, 0x67ff, 0x67ff, 0x67ff; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000801; .half 0x6800, 0x6800, 0x6800, 0x6801, 0x6801; .balign 4; .word 0x00108421  // NX
  .dword 0x0000000000000803; .half 0x6802, 0x6801, 0x6801, 0x6802, 0x6802; .balign 4; .word 0x00108421  // NX
  .dword 0xfffffffffffff7ff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x0000000000000fff; .half 0x6c00, 0x6bff, 0x6bff, 0x6c00, 0x6c00; .balign 4; .word 0x00108421  // NX
  .dword 0x000000000000ffe0; .half 0x7bff, 0x7bff, 0x7bff, 0x7bff, 0x7bff; .balign 4; .word 0x00000000  // -
  .dword 0x000000000000ffef; .half 0x7bff, 0x7bff, 0x7bff, 0x7c00, 0x7bff; .balign 4; .word 0x00128421  // NX | OF NX
  .dword 0x000000000000fff0; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x00528425  // OF NX | NX
  .dword 0x000000000000ffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x00528425  // OF NX | NX
  .dword 0xffffffffffff0010; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0xffffffffffff0011; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
.endm

.macro ROWS_fcvt.l.h
  .half 0x0000; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x00000000; .balign 8  // -
  .half 0x3400; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x3800; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3a00; .balign 8; .dword 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3c00; .balign 8; .dword 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000001; .word 0x00000000; .balign 8  // -
  .half 0x3d00; .balign 8; .dword 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000002, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3e00; .balign 8; .dword 0x0000000000000002, 0x0000000000000001, 0x0000000000000001, 0x0000000000000002, 0x0000000000000002; .word 0x00108421; .balign 8  // NX
  .half 0x4100; .balign 8; .dword 0x0000000000000002, 0x0000000000000002, 0x0000000000000002, 0x0000000000000003, 0x0000000000000003; .word 0x00108421; .balign 8  // NX
  .half 0x4300; .balign 8; .dword 0x0000000000000004, 0x0000000000000003, 0x0000000000000003, 0x0000000000000004, 0x0000000000000004; .word 0x00108421; .balign 8  // NX
  .half 0x63d0; .balign 8; .dword 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8; .word 0x00000000; .balign 8  // -
  .half 0x8000; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x00000000; .balign 8  // -
  .half 0xb400; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0xb800; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff; .word 0x00108421; .balign 8  // NX
  .half 0xba00; .balign 8; .dword 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff; .word 0x00108421; .balign 8  // NX
  .half 0xbc00; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x00000000; .balign 8  // -
  .half 0xbd00; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x00108421; .balign 8  // NX
  .half 0xbe00; .balign 8; .dword 0xfffffffffffffffe, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffffffffffff, 0xfffffffffffffffe; .word 0x00108421; .balign 8  // NX
  .half 0xc100; .balign 8; .dword 0xfffffffffffffffe, 0xfffffffffffffffe, 0xfffffffffffffffd, 0xfffffffffffffffe, 0xfffffffffffffffd; .word 0x00108421; .balign 8  // NX
  .half 0xc300; .balign 8; .dword 0xfffffffffffffffc, 0xfffffffffffffffd, 0xfffffffffffffffc, 0xfffffffffffffffd, 0xfffffffffffffffc; .word 0x00108421; .balign 8  // NX
  .half 0xe3d0; .balign 8; .dword 0xfffffffffffffc18, 0xfffffffffffffc18, 0xfffffffffffffc18, 0xfffffffffffffc18, 0xfffffffffffffc18; .word 0x00000000; .balign 8  // -
  .half 0x0001; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x8001; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x3bff; .balign 8; .dword 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0xbbff; .balign 8; .dword 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0xffffffffffffffff; .word 0x00108421; .balign 8  // NX
  .half 0x7bff; .balign 8; .dword 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0; .word 0x00000000; .balign 8  // -
  .half 0xfbff; .balign 8; .dword 0xffffffffffff0020, 0xffffffffffff0020, 0xffffffffffff0020, 0xffffffffffff0020, 0xffffffffffff0020; .word 0x00000000; .balign 8  // -
  .half 0x7c00; .balign 8; .dword 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0xfc00; .balign 8; .dword 0x8000000000000000, 0x8000000000000000, 0x8000000000000000, 0x8000000000000000, 0x8000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0x7e00; .balign 8; .dword 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0x7c01; .balign 8; .dword 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0xfe05; .balign 8; .dword 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff; .word 0x01084210; .balign 8  // NV
.endm

.macro ROWS_fcvt.h.l
  .dword 0x0000000000000000; .half 0x0000, 0x0000, 0x0000, 0x0000, 0x0000; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0xffffffffffffffff; .half 0xbc00, 0xbc00, 0xbc00, 0xbc00, 0xbc00; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000002; .half 0x4000, 0x4000, 0x4000, 0x4000, 0x4000; .balign 4; .word 0x00000000  // -
  .dword 0x000000007fffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0xffffffff80000000; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x0000000080000000; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x00000000ffffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x7fffffffffffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x8000000000000000; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x8000000000000001; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x8000000000000001; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0xdeadbeef00000001; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x00000000000007ff; .half 0x67ff, 0x67ff, 0x67ff, 0x67ff, 0x67ff; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000801; .half 0x6800, 0x6800, 0x6800, 0x6801, 0x6801; .balign 4; .word 0x00108421  // NX
  .dword 0x0000000000000803; .half 0x6802, 0x6801, 0x6801, 0x6802, 0x6802; .balign 4; .word 0x00108421  // NX
  .dword 0xfffffffffffff7ff; .half 0xe800, 0xe800, 0xe801, 0xe800, 0xe801; .balign 4; .word 0x00108421  // NX
  .dword 0x0000000000000fff; .half 0x6c00, 0x6bff, 0x6bff, 0x6c00, 0x6c00; .balign 4; .word 0x00108421  // NX
  .dword 0x000000000000ffe0; .half 0x7bff, 0x7bff, 0x7bff, 0x7bff, 0x7bff; .balign 4; .word 0x00000000  // -
  .dword 0x000000000000ffef; .half 0x7bff, 0x7bff, 0x7bff, 0x7c00, 0x7bff; .balign 4; .word 0x00128421  // NX | OF NX
  .dword 0x000000000000fff0; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x00528425  // OF NX | NX
  .dword 0x000000000000ffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x00528425  // OF NX | NX
  .dword 0xffffffffffff0010; .half 0xfc00, 0xfbff, 0xfc00, 0xfbff, 0xfc00; .balign 4; .word 0x00509425  // OF NX | NX
  .dword 0xffffffffffff0011; .half 0xfbff, 0xfbff, 0xfc00, 0xfbff, 0xfbff; .balign 4; .word 0x00109421  // NX | OF NX
.endm

.macro ROWS_fcvt.lu.h
  .half 0x0000; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x00000000; .balign 8  // -
  .half 0x3400; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x3800; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3a00; .balign 8; .dword 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3c00; .balign 8; .dword 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000001; .word 0x00000000; .balign 8  // -
  .half 0x3d00; .balign 8; .dword 0x0000000000000001, 0x0000000000000001, 0x0000000000000001, 0x0000000000000002, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0x3e00; .balign 8; .dword 0x0000000000000002, 0x0000000000000001, 0x0000000000000001, 0x0000000000000002, 0x0000000000000002; .word 0x00108421; .balign 8  // NX
  .half 0x4100; .balign 8; .dword 0x0000000000000002, 0x0000000000000002, 0x0000000000000002, 0x0000000000000003, 0x0000000000000003; .word 0x00108421; .balign 8  // NX
  .half 0x4300; .balign 8; .dword 0x0000000000000004, 0x0000000000000003, 0x0000000000000003, 0x0000000000000004, 0x0000000000000004; .word 0x00108421; .balign 8  // NX
  .half 0x63d0; .balign 8; .dword 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8, 0x00000000000003e8; .word 0x00000000; .balign 8  // -
  .half 0x8000; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x00000000; .balign 8  // -
  .half 0xb400; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0010c021; .balign 8  // NX | NV
  .half 0xb800; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0100c021; .balign 8  // NX | NV
  .half 0xba00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0100c030; .balign 8  // NV | NX
  .half 0xbc00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xbd00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xbe00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xc100; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xc300; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0xe3d0; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0x0001; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000; .word 0x00108421; .balign 8  // NX
  .half 0x8001; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0010c021; .balign 8  // NX | NV
  .half 0x3bff; .balign 8; .dword 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000001; .word 0x00108421; .balign 8  // NX
  .half 0xbbff; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x0100c030; .balign 8  // NV | NX
  .half 0x7bff; .balign 8; .dword 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0, 0x000000000000ffe0; .word 0x00000000; .balign 8  // -
  .half 0xfbff; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0x7c00; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0xfc00; .balign 8; .dword 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000; .word 0x01084210; .balign 8  // NV
  .half 0x7e00; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0x7c01; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x01084210; .balign 8  // NV
  .half 0xfe05; .balign 8; .dword 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff; .word 0x01084210; .balign 8  // NV
.endm

.macro ROWS_fcvt.h.lu
  .dword 0x0000000000000000; .half 0x0000, 0x0000, 0x0000, 0x0000, 0x0000; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000001; .half 0x3c00, 0x3c00, 0x3c00, 0x3c00, 0x3c00; .balign 4; .word 0x00000000  // -
  .dword 0xffffffffffffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x0000000000000002; .half 0x4000, 0x4000, 0x4000, 0x4000, 0x4000; .balign 4; .word 0x00000000  // -
  .dword 0x000000007fffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0xffffffff80000000; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x0000000080000000; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x00000000ffffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x7fffffffffffffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x8000000000000000; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x8000000000000001; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x8000000000000001; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0xdeadbeef00000001; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x00000000000007ff; .half 0x67ff, 0x67ff, 0x67ff, 0x67ff, 0x67ff; .balign 4; .word 0x00000000  // -
  .dword 0x0000000000000801; .half 0x6800, 0x6800, 0x6800, 0x6801, 0x6801; .balign 4; .word 0x00108421  // NX
  .dword 0x0000000000000803; .half 0x6802, 0x6801, 0x6801, 0x6802, 0x6802; .balign 4; .word 0x00108421  // NX
  .dword 0xfffffffffffff7ff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0x0000000000000fff; .half 0x6c00, 0x6bff, 0x6bff, 0x6c00, 0x6c00; .balign 4; .word 0x00108421  // NX
  .dword 0x000000000000ffe0; .half 0x7bff, 0x7bff, 0x7bff, 0x7bff, 0x7bff; .balign 4; .word 0x00000000  // -
  .dword 0x000000000000ffef; .half 0x7bff, 0x7bff, 0x7bff, 0x7c00, 0x7bff; .balign 4; .word 0x00128421  // NX | OF NX
  .dword 0x000000000000fff0; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x00528425  // OF NX | NX
  .dword 0x000000000000ffff; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x00528425  // OF NX | NX
  .dword 0xffffffffffff0010; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
  .dword 0xffffffffffff0011; .half 0x7c00, 0x7bff, 0x7bff, 0x7c00, 0x7c00; .balign 4; .word 0x005294a5  // OF NX
.endm
