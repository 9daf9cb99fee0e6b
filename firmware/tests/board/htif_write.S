// qemu: -machine spike
// HTIF: tohost pointing at a block of eight words is a system call; 64 is write(1, buffer, length), whose result comes back
// in the first of them.

.section .init, "ax"
.globl _start
_start:
  csrr t0, mhartid
  bnez t0, park
  la s0, call
  la s1, tohost
  la s2, fromhost
  li t0, 64
  sd t0, 0(s0)
  li t0, 1
  sd t0, 8(s0)
  la t0, text
  sd t0, 16(s0)
  li t0, 5
  sd t0, 24(s0)
  fence
  sd zero, 0(s2)
  sd s0, 0(s1)
1:
  ld t0, 0(s1)
  bnez t0, 1b
2:
  ld t0, 0(s2)
  beqz t0, 2b
  sd zero, 0(s2)
  fence
  ld t0, 0(s0)
  li t1, 5
  li t2, 1                    // exit, code 0
  beq t0, t1, 3f
  li t2, 3                    // exit, code 1
3:
  sd t2, 0(s1)
park:
  wfi
  j park

.section .rodata
text:
  .ascii "pass\n"

.section .tohost, "aw"
.balign 64
.globl tohost
.type tohost, @object
.size tohost, 8
tohost:
  .dword 0
.balign 64
.globl fromhost
.type fromhost, @object
.size fromhost, 8
fromhost:
  .dword 0

.section .data
.balign 64
call:
  .zero 64
