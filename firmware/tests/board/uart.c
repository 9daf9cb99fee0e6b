// The 16550A at 0x10000000: line status, scratch, divisor latch, FIFO and interrupt identification, loopback.
#include "test.h"

static volatile u8 *const uart = (volatile u8 *)UART;
enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR, FCR = 2 };

int main(void) {
  // Ready to send, nothing received.
  check(1, uart[LSR] & 0x61, 0x60);
  uart[SCR] = 0x5a;
  check(2, uart[SCR], 0x5a);
  uart[SCR] = 0xa5;
  check(3, uart[SCR], 0xa5);
  // The divisor latch hides data and interrupt enable.
  uart[IER] = 0;
  uart[LCR] = 0x83;
  uart[DATA] = 0x34;
  uart[IER] = 0x12;
  check(4, uart[DATA], 0x34);
  check(5, uart[IER], 0x12);
  uart[LCR] = 0x03;
  check(6, uart[LCR], 0x03);
  check(7, uart[IER], 0);
  // No interrupt; FIFOs on and off.
  uart[FCR] = 0;
  check(8, uart[IIR], 0x01);
  uart[FCR] = 0x07;
  check(9, uart[IIR], 0xc1);
  // The transmitter is empty: an interrupt, once enabled; reading IIR ends it.
  uart[IER] = 0x02;
  check(10, uart[IIR] & 0x0f, 0x02);
  check(11, uart[IIR] & 0x0f, 0x01);
  uart[IER] = 0;
  check(12, uart[IER], 0);
  // Loopback: what is sent comes back, in order, and raises received-data.
  uart[MCR] = 0x10;
  uart[IER] = 0x01;
  for (unsigned i = 0; i < 4; i++) {
    uart[DATA] = (u8)(0x80 + i);
    for (unsigned wait = 0; wait < 10000000 && !(uart[LSR] & 1); wait++) {}
    check(13, uart[LSR] & 0x01, 0x01);
    check(14, uart[DATA], 0x80 + i);
    check(15, uart[LSR] & 0x01, 0);
  }
  uart[IER] = 0;
  uart[MCR] = 0;
  uart[FCR] = 0x07;
  check(16, uart[IIR], 0xc1);
  return 0;
}
