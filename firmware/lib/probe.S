// One access each, at a0 with a1 to write; what it reads comes back in a0. The access is the first instruction, but for
// sc, which comes after the lr that it needs.
.option arch, +a
.section .text.probe, "ax"

.macro PROBE name, instruction:vararg
.globl \name
\name:
  \instruction
  ret
.endm

PROBE probe_load, ld a0, 0(a0)
PROBE probe_store, sd a1, 0(a0)
PROBE probe_amo, amoadd.d a0, a1, (a0)
PROBE probe_lr, lr.d a0, (a0)
.globl probe_fetch
probe_fetch:
  jr a0
.globl probe_sc
probe_sc:
  lr.d a2, (a0)
  sc.d a0, a1, (a0)
  ret
