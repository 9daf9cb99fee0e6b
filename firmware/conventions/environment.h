// The conventions of riscv-tests' environments, written anew: a test's number is in gp; it ends with an ecall whose handler
// writes gp to tohost: 1 is a pass, number * 2 + 1 a failure. A trap that nobody expects sets 1337 in it.
.macro FINISH
  fence
  ecall
.endm

.macro PASS
  li gp, 1
  li a7, 93
  li a0, 0
  FINISH
.endm

// FAIL: with the number of the test that is going on, which is not 0.
.macro FAIL
  slli gp, gp, 1
  ori gp, gp, 1
  li a7, 93
  mv a0, gp
  FINISH
.endm

// CASE number, register, expected, code: fails unless the code leaves the value in the register.
.macro CASE number, register, expected, code:vararg
  li gp, \number
  \code
  li x7, \expected
  bne \register, x7, fail
.endm

// As compilers write it for machines of any width: two halves, and then again for ever.
.macro WRITE_TOHOST
write_tohost:
  sw gp, tohost, t5
  sw zero, tohost + 4, t5
  j write_tohost
.endm

.macro TOHOST
.section .tohost, "aw", @progbits
.align 6
.global tohost
tohost: .dword 0
.type tohost, @object
.size tohost, 8
.align 6
.global fromhost
fromhost: .dword 0
.type fromhost, @object
.size fromhost, 8
.previous
.endm
