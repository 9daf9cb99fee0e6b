// The console: a 16550A UART without interrupts.
#include "sbi.h"

enum { LINE_STATUS = 5, RECEIVED = 1, CAN_SEND = 0x20 };

void console_write(u8 byte) {
  while (!(UART[LINE_STATUS] & CAN_SEND)) {}
  UART[0] = byte;
}

// The next byte that has arrived, or -1.
int console_read(void) { return UART[LINE_STATUS] & RECEIVED ? UART[0] : -1; }

void console_text(const char *text) {
  for (; *text; text++) console_write((u8)*text);
}
