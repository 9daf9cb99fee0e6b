// Terminals, as far as a program that has none sees them; and the console's descriptors.
#include "report.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

int main(void) {
  int ends[2];
  struct termios modes;
  struct winsize size;
  char text[64];
  if (pipe(ends) != 0) return 2;
  show(isatty(ends[0]));
  show(isatty(999));
  show(tcgetattr(ends[0], &modes));
  show(ioctl(ends[0], TIOCGWINSZ, &size));
  fails(ioctl(ends[0], 0x12345678, &size), ENOTTY);
  show(ttyname_r(ends[0], text, sizeof text) != 0);
  show(isatty(0) + isatty(1));
  // what is on standard input, byte for byte, to its end
  long count, total = 0, sum = 0;
  while ((count = read(0, text, sizeof text)) > 0) {
    total += count;
    for (int i = 0; i < count; i++) sum = sum * 31 + text[i];
  }
  show(total);
  show(sum);
  show(write(2, "to standard error\n", 18));
  return wrong;
}
