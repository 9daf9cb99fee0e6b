// What the programs of firmware/bench need of firmware/include/test.h, as Linux programs.
#ifndef TEST_H
#define TEST_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;

static inline void context(const char *what, u64 value) { (void)what, (void)value; }

static inline void check(int number, u64 got, u64 expected) {
  if (got == expected) return;
  printf("check %d: 0x%lx in place of 0x%lx\n", number, got, expected);
  exit(number);
}
#endif
