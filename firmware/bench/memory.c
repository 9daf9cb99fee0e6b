// march: rv64gc
// Memory under Sv39 with pages of 4 KiB over 64 MiB, in S-mode, about 10^9 instructions: copying, sums in strides, a walk
// along a random cycle through every page, a hash table, and bytes turned around. Neighbouring pages are apart in RAM.
#include "paging.h"

enum { PAGES = 16384, WORDS = PAGES * 512 };
#define VIRTUAL 0x1000000000
#define PHYSICAL 0x84000000

static u64 *const words = (u64 *)VIRTUAL;
static u64 seed = 88172645463325252;

static u64 random64(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  return seed ^= seed << 17;
}

// One cycle through all pages, in random order (Sattolo's shuffle); the link is at the start of each page.
static void make_cycle(void) {
  for (u64 i = 0; i < PAGES; i++) words[i * 512] = i;
  for (u64 i = PAGES - 1; i > 0; i--) {
    u64 j = (random64() >> 32) % i, t = words[i * 512];
    words[i * 512] = words[j * 512], words[j * 512] = t;
  }
}

static u64 chase(u64 steps) {
  u64 at = 0, sum = 0;
  while (steps--) at = words[at * 512], sum = sum * 3 + at;
  return sum;
}

static u64 strided(u64 stride) {
  u64 sum = 0;
  for (u64 start = 0; start < stride; start += stride / 8)
    for (u64 i = start; i < WORDS; i += stride) sum += words[i] ^ i;
  return sum;
}

static void copy_half(u64 offset) {
  const u64 *from = words + offset;
  u64 *to = words + WORDS / 2 + offset;
  for (u64 i = 0; i + 8 <= WORDS / 8; i += 8)
    for (int k = 0; k < 8; k++) to[i + k] = from[i + k] + i;
}

// Open addressing in the upper half, with short searches.
static u64 hash_table(u64 count) {
  u64 *table = words + WORDS / 2, mask = WORDS / 2 - 1, found = 0;
  for (u64 n = 0; n < count; n++) {
    u64 key = random64() | 1, slot = (key * 0x9e3779b97f4a7c15) >> 20 & mask;
    for (int probe = 0; probe < 6 && table[slot] != key && slot < mask; probe++) found += table[slot++] & 1;
    table[slot] = key;
  }
  return found;
}

static u64 turn_bytes(u64 page) {
  u8 *low = (u8 *)(words + page * 512), *high = low + 4095;
  u64 sum = 0;
  for (; low < high; low++, high--) {
    u8 t = *low;
    *low = *high, *high = t;
    sum += (u64)t << (*low & 7);
  }
  return sum;
}

static u64 mix(u64 rounds) {
  u64 total = 0;
  for (u64 i = 0; i < WORDS; i++) words[i] = i * i;
  for (u64 round = 0; round < rounds; round++) {
    make_cycle();
    total = total * 31 + chase(4 * PAGES);
    total = total * 31 + strided(512 + 8 * (round & 7));
    copy_half(round % 4 * (WORDS / 8));
    total = total * 31 + strided(64);
    total = total * 31 + hash_table(100000);
    for (u64 page = 0; page < PAGES; page += 61) total += turn_bytes(page);
  }
  return total;
}

int main(void) {
  struct space space = new_space(&paging_modes[0]);
  for (u64 i = 0; i < PAGES; i++) map(&space, VIRTUAL + i * PAGE, PHYSICAL + (i * 5381 & (PAGES - 1)) * PAGE, 0, S_RWX);
  use(&space, 1);
  struct outcome outcome = run_as(MODE_S, mix, 34, 0, 0);
  context("total", 0);
  check_value(1, outcome, 0xbcf8470e246ece95);
  return 0;
}
