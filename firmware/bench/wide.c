// march: rv64gc
// Wide and flat: 36,000 instructions of code in 512 functions, each called 300 times. What translates such code pays
// more than it gains. `npm run bench -- --only wide`.
#include "test.h"

static u64 words[64];

// About 70 instructions; n is different in each, so that no two are alike.
#define FUNCTION(n)                                                                   \
  static __attribute__((noinline)) u64 f##n(u64 x) {                                  \
    u64 a = x ^ (n * 2654435761ull), b = words[(x >> 3 ^ n) & 63];                    \
    if (a & 1) a = a * 3 + n, b ^= a >> 7; else a = (a >> 1) - n, b += a << 3;        \
    if ((b & 6) == 2) b = (b << 9 | b >> 55) + a; else a ^= b >> 11;                  \
    words[a & 63] += b, words[(b + n) & 63] ^= a;                                     \
    if ((long)(a - b) < 0) x += a * (n | 1); else x -= b * (n | 5);                   \
    x ^= x >> 29, x *= 0x9e3779b9u + 2 * n, x ^= x >> 32;                             \
    return x + (b >> (n & 31)) + (a << (n & 15));                                     \
  }

// All octal numbers of three digits, with which the functions are named.
#define ONES(use, p) use(p##0) use(p##1) use(p##2) use(p##3) use(p##4) use(p##5) use(p##6) use(p##7)
#define EIGHTS(use, p) \
  ONES(use, p##0) ONES(use, p##1) ONES(use, p##2) ONES(use, p##3) ONES(use, p##4) ONES(use, p##5) ONES(use, p##6) ONES(use, p##7)
#define ALL(use) \
  EIGHTS(use, 00) EIGHTS(use, 01) EIGHTS(use, 02) EIGHTS(use, 03) EIGHTS(use, 04) EIGHTS(use, 05) EIGHTS(use, 06) EIGHTS(use, 07)

ALL(FUNCTION)

#define ADDRESS(n) f##n,
static u64 (*const functions[512])(u64) = {ALL(ADDRESS)};

int main(void) {
  u64 x = 1;
  for (int round = 0; round < 300; round++)
    for (int i = 0; i < 512; i++) x = functions[(i * 77 + round) & 511](x);
  check(1, x, 0xf4cd99ed999c17df);
  return 0;
}
