// The three places where C does not reach: power on, the way into the kernel, and the way out of it.

.section .text.start, "ax"
.globl _start
_start:                             // M-mode, no translation
  csrr t0, mhartid
  bnez t0, park                     // one hart is enough
  la t0, machine_trap
  csrw mtvec, t0

  // Without an entry that says so, physical memory protection denies S- and U-mode everything.
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f                       // NAPOT (all of memory), rwx
  csrw pmpcfg0, t0

  // Exceptions 0 to 8, 12, 13 and 15 and the supervisor timer interrupt go to S-mode.
  li t0, 0xb1ff
  csrw medeleg, t0
  li t0, 1 << 5
  csrw mideleg, t0

  // STCE (63): S-mode may set its own timer, stimecmp. ADUE (61): the hardware sets A and D in page table entries; where
  // it can't, the bit stays 0 and there are page faults instead. TM: S-mode may read the time.
  li t0, 5 << 61
  csrs menvcfg, t0
  li t0, 2
  csrw mcounteren, t0

  // "Return" to S-mode, at kernel_main.
  li t0, 3 << 11                    // mstatus.MPP = 1, S-mode
  csrc mstatus, t0
  li t0, 1 << 11
  csrs mstatus, t0
  la t0, kernel_main
  csrw mepc, t0
  la sp, kernel_stack_top
  mret

park:
  wfi
  j park

  .balign 4
machine_trap:                       // nothing may trap to M-mode: end the machine with 255
  li t0, 0x100000
  li t1, 255 << 16 | 0x3333
  sw t1, 0(t0)
  j park

// ------------------------------------------------------------------------------------------------------ into the kernel
// A trap in U-mode comes here, with all registers the program's, and with sscratch the address of its struct frame.

.text
.balign 4
.globl trap_entry
trap_entry:
  csrrw sp, sscratch, sp            // sp = the frame, sscratch = the program's sp
  .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  sd x\n, \n * 8(sp)
  .endr
  csrr t0, sscratch
  sd t0, 2 * 8(sp)
  csrr t0, sepc
  sd t0, 32 * 8(sp)
  la t0, kernel_trap                // what traps from here on is a mistake of the kernel's
  csrw stvec, t0
  mv a0, sp
  la sp, kernel_stack_top           // the kernel keeps nothing on its stack between traps
  call trap                         // trap(frame) gives back the frame to go on with: of this process or of another
                                    // (fall through)

// void resume(struct frame *frame): leaves the kernel.
.globl resume
resume:
  la t0, trap_entry
  csrw stvec, t0
  csrw sscratch, a0
  ld t0, 32 * 8(a0)
  csrw sepc, t0
  .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  ld x\n, \n * 8(a0)
  .endr
  ld a0, 10 * 8(a0)
  sret                              // sstatus.SPP is 0: to U-mode

.balign 4
.globl kernel_trap
kernel_trap:
  la sp, kernel_stack_top
  call kernel_mistake

.section .bss
.balign 16
  .zero 4096
kernel_stack_top:
