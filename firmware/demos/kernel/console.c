// Printing to the UART, and the end of the machine.
#include <stdarg.h>

#include "kernel.h"

static void put(char c) {
  volatile u8 *uart = (u8 *)UART;
  while (!(uart[5] & 0x20)) {}              // line status: room for a byte
  uart[0] = (u8)c;
}

static void put_number(u64 value, u64 base) {
  if (value >= base) put_number(value / base, base);
  put("0123456789abcdef"[value % base]);
}

void print(const char *format, ...) {
  va_list values;
  va_start(values, format);
  for (; *format; format++) {
    if (*format != '%') {
      put(*format);
      continue;
    }
    switch (*++format) {
      case 's':
        for (const char *text = va_arg(values, const char *); *text; text++) put(*text);
        break;
      case 'c':
        put((char)va_arg(values, int));
        break;
      case 'd':
        put_number(va_arg(values, u64), 10);
        break;
      case 'x':
        put('0');
        put('x');
        put_number(va_arg(values, u64), 16);
        break;
    }
  }
  va_end(values);
}

void power_off(u64 code) {
  for (;;) *(volatile u32 *)FINISHER = code ? (u32)(code << 16 | 0x3333) : 0x5555;
}
