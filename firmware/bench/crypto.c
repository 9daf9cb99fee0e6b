// march: rv64gc
// Cryptography with 64-bit arithmetic, about 10^9 instructions: ChaCha20, Poly1305 in 64-bit limbs with 128-bit products,
// SHA-512, and inversion modulo 2^255 - 19 in four limbs. The test vectors of RFC 8439 and FIPS 180-4 first.
#include "test.h"

typedef unsigned __int128 u128;

// ------------------------------------------------------------------------------------------------ ChaCha20 (RFC 8439, 2.3)

static inline u32 rotate32(u32 x, int n) { return x << n | x >> (32 - n); }

#define QUARTER(a, b, c, d)             \
  a += b, d = rotate32(d ^ a, 16);      \
  c += d, b = rotate32(b ^ c, 12);      \
  a += b, d = rotate32(d ^ a, 8);       \
  c += d, b = rotate32(b ^ c, 7)

static void chacha20(const u32 *input, u32 *output) {
  u32 x[16];
  for (int i = 0; i < 16; i++) x[i] = input[i];
  for (int round = 0; round < 10; round++) {
    QUARTER(x[0], x[4], x[8], x[12]);
    QUARTER(x[1], x[5], x[9], x[13]);
    QUARTER(x[2], x[6], x[10], x[14]);
    QUARTER(x[3], x[7], x[11], x[15]);
    QUARTER(x[0], x[5], x[10], x[15]);
    QUARTER(x[1], x[6], x[11], x[12]);
    QUARTER(x[2], x[7], x[8], x[13]);
    QUARTER(x[3], x[4], x[9], x[14]);
  }
  for (int i = 0; i < 16; i++) output[i] = x[i] + input[i];
}

// -------------------------------------------------------------------------------------------------- Poly1305 (RFC 8439, 2.5)
// The accumulator is three words, 64 + 64 + a few bits; r is clamped, so that r1 is a multiple of four.

static void poly1305(const u8 *message, size_t size, const u64 *key, u64 *tag) {
  u64 r0 = key[0] & 0x0ffffffc0fffffff, r1 = key[1] & 0x0ffffffc0ffffffc, r1_5 = r1 + (r1 >> 2);
  u64 h0 = 0, h1 = 0, h2 = 0;
  for (; size; message += 16) {
    u64 block[3] = {0, 0, 1};
    size_t part = size < 16 ? size : 16;
    if (part == 16) block[0] = *(const u64 *)message, block[1] = *(const u64 *)(message + 8);
    else {
      memcpy(block, message, part);
      ((u8 *)block)[part] = 1;
      block[2] = 0;
    }
    size -= part;
    u128 sum = (u128)h0 + block[0];
    h0 = (u64)sum;
    sum = (u128)h1 + block[1] + (u64)(sum >> 64);
    h1 = (u64)sum;
    h2 += block[2] + (u64)(sum >> 64);
    // h * r, with 2^130 = 5: d0 = h0 r0 + h1 5r1/4, d1 = h0 r1 + h1 r0 + h2 5r1/4, d2 = h2 r0
    u128 d0 = (u128)h0 * r0 + (u128)h1 * r1_5;
    u128 d1 = (u128)h0 * r1 + (u128)h1 * r0 + (u128)h2 * r1_5;
    u64 d2 = h2 * r0;
    h0 = (u64)d0;
    d1 += (u64)(d0 >> 64);
    h1 = (u64)d1;
    d2 += (u64)(d1 >> 64);
    h2 = d2 & 3;
    u64 over = (d2 >> 2) + (d2 & ~3ull);
    sum = (u128)h0 + over;
    h0 = (u64)sum;
    sum = (u128)h1 + (u64)(sum >> 64);
    h1 = (u64)sum;
    h2 += (u64)(sum >> 64);
  }
  // Once less the modulus, if that is not below zero; plus the pad.
  u128 sum = (u128)h0 + 5;
  u64 g0 = (u64)sum;
  sum = (u128)h1 + (u64)(sum >> 64);
  u64 g1 = (u64)sum, g2 = h2 + (u64)(sum >> 64);
  if (g2 >> 2) h0 = g0, h1 = g1;
  sum = (u128)h0 + key[2];
  tag[0] = (u64)sum;
  tag[1] = h1 + key[3] + (u64)(sum >> 64);
}

// -------------------------------------------------------------------------------------------------------- SHA-512 (FIPS 180-4)
// Its constants are the fractions of cube roots and square roots of the first primes: computed, by bisection.

static u64 constants[80], initial[8];

// The first 64 bits after the point of the root (of the given power) of n.
static u64 fraction_of_root(u64 n, int power) {
  // x = root * 2^64, at most 8 * 2^64 here; compares x^power with n * 2^(64 power) limb by limb.
  u128 x = 0;
  for (int bit = 68; bit >= 0; bit--) {
    u128 y = x | (u128)1 << bit;
    u32 limbs[12] = {(u32)y, (u32)(y >> 32), (u32)(y >> 64)}, product[12] = {1};
    for (int p = 0; p < power; p++) {
      u32 next[12] = {0};
      for (int i = 0; i < 9; i++) {
        u64 carry = 0;
        for (int j = 0; j < 3; j++) {
          carry += (u64)product[i] * limbs[j] + next[i + j];
          next[i + j] = (u32)carry;
          carry >>= 32;
        }
        for (int k = i + 3; k < 12; k++) {
          carry += next[k];
          next[k] = (u32)carry;
          carry >>= 32;
        }
      }
      memcpy(product, next, sizeof(product));
    }
    u64 above = product[2 * power] | (u64)product[2 * power + 1] << 32, rest = 0;
    for (int i = 0; i < 2 * power; i++) rest |= product[i];
    if (above < n || (above == n && !rest)) x = y;
  }
  return (u64)x;
}

static void make_constants(void) {
  int count = 0;
  for (u64 n = 2; count < 80; n++) {
    int prime = 1;
    for (u64 d = 2; d * d <= n; d++) prime &= n % d != 0;
    if (!prime) continue;
    if (count < 8) initial[count] = fraction_of_root(n, 2);
    constants[count++] = fraction_of_root(n, 3);
  }
}

static inline u64 rotate64(u64 x, int n) { return x >> n | x << (64 - n); }

static u64 big_endian(const u8 *p) {
  u64 value = 0;
  for (int i = 0; i < 8; i++) value = value << 8 | p[i];
  return value;
}

static void sha512_block(u64 *state, const u8 *block) {
  u64 w[80];
  for (int i = 0; i < 16; i++) w[i] = big_endian(block + 8 * i);
  for (int i = 16; i < 80; i++) {
    u64 s0 = rotate64(w[i - 15], 1) ^ rotate64(w[i - 15], 8) ^ w[i - 15] >> 7;
    u64 s1 = rotate64(w[i - 2], 19) ^ rotate64(w[i - 2], 61) ^ w[i - 2] >> 6;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  u64 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 80; i++) {
    u64 t1 = h + (rotate64(e, 14) ^ rotate64(e, 18) ^ rotate64(e, 41)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    u64 t2 = (rotate64(a, 28) ^ rotate64(a, 34) ^ rotate64(a, 39)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

// The hash of size bytes, fewer than 112 after whole blocks of 128 are taken.
static void sha512(const u8 *message, size_t size, u64 *state) {
  memcpy(state, initial, sizeof(initial));
  size_t left = size;
  for (; left >= 128; left -= 128, message += 128) sha512_block(state, message);
  u8 last[128];
  memset(last, 0, 128);
  memcpy(last, message, left);
  last[left] = 0x80;
  for (int i = 0; i < 8; i++) last[120 + i] = (u8)(size * 8 >> (56 - 8 * i));
  sha512_block(state, last);
}

// ----------------------------------------------------------------------------------- multiplication modulo p = 2^255 - 19

static const u64 prime[4] = {-19ull, ~0ull, ~0ull, ~0ull >> 1};

// Four limbs times four limbs, folded with 2^256 = 38; the result is below 2^256.
static void multiply(u64 *result, const u64 *a, const u64 *b) {
  u64 t[8] = {0};
  for (int i = 0; i < 4; i++) {
    u64 carry = 0;
    for (int j = 0; j < 4; j++) {
      u128 product = (u128)a[i] * b[j] + t[i + j] + carry;
      t[i + j] = (u64)product;
      carry = (u64)(product >> 64);
    }
    t[i + 4] = carry;
  }
  u64 carry = 0;
  for (int i = 0; i < 4; i++) {
    u128 sum = (u128)t[i + 4] * 38 + t[i] + carry;
    t[i] = (u64)sum;
    carry = (u64)(sum >> 64);
  }
  carry *= 38;
  for (int i = 0; i < 4; i++) {
    u128 sum = (u128)t[i] + carry;
    result[i] = (u64)sum;
    carry = (u64)(sum >> 64);
  }
  result[0] += carry * 38;
}

// To the range below p.
static void reduce(u64 *a) {
  for (int round = 0; round < 3; round++) {
    u64 t[4], borrow = 0;
    for (int i = 0; i < 4; i++) {
      u128 difference = (u128)a[i] - prime[i] - borrow;
      t[i] = (u64)difference;
      borrow = (u64)(difference >> 64) & 1;
    }
    if (!borrow) memcpy(a, t, sizeof(t));
  }
}

// a^(p - 2), by squaring: the inverse.
static void invert(u64 *result, const u64 *a) {
  u64 exponent[4] = {-21ull, ~0ull, ~0ull, ~0ull >> 1}, power[4] = {1, 0, 0, 0};
  for (int bit = 254; bit >= 0; bit--) {
    multiply(power, power, power);
    if (exponent[bit / 64] >> bit % 64 & 1) multiply(power, power, a);
  }
  memcpy(result, power, sizeof(power));
}

// ------------------------------------------------------------------------------------------------------------------ main

static u8 buffer[64 * 1024] __attribute__((aligned(64)));

static void check_vectors(void) {
  // RFC 8439, 2.3.2.
  u32 state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
                   0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c, 1, 0x09000000, 0x4a000000, 0}, out[16];
  chacha20(state, out);
  check(1, out[0], 0xe4e7f110);
  check(2, out[15], 0x4e3c50a2);
  // RFC 8439, 2.5.2.
  static const u8 poly_key[32] = {0x85, 0xd6, 0xbe, 0x78, 0x57, 0x55, 0x6d, 0x33, 0x7f, 0x44, 0x52, 0xfe, 0x42, 0xd5, 0x06, 0xa8,
                                  0x01, 0x03, 0x80, 0x8a, 0xfb, 0x0d, 0xb2, 0xfd, 0x4a, 0xbf, 0xf6, 0xaf, 0x41, 0x49, 0xf5, 0x1b};
  u64 words[4], tag[2];
  memcpy(words, poly_key, 32);
  poly1305((const u8 *)"Cryptographic Forum Research Group", 34, words, tag);
  check(3, tag[0], 0xc6365130c11d06a8);
  check(4, tag[1], 0xa927010caf8b2bc2);
  // FIPS 180-4: "abc".
  u64 hash[8];
  check(5, constants[0], 0x428a2f98d728ae22);
  check(6, initial[0], 0x6a09e667f3bcc908);
  sha512((const u8 *)"abc", 3, hash);
  check(7, hash[0], 0xddaf35a193617aba);
  check(8, hash[7], 0x2a9ac94fa54ca49f);
  // x * x^-1 = 1.
  u64 x[4] = {0x123456789abcdef0, 0xfedcba9876543210, 0x0f1e2d3c4b5a6978, 0x1122334455667788}, y[4];
  invert(y, x);
  multiply(y, y, x);
  reduce(y);
  check(9, y[0], 1);
  check(10, y[1] | y[2] | y[3], 0);
}

int main(void) {
  make_constants();
  check_vectors();
  u32 state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 10, 11};
  u64 key[4] = {0x0123456789abcdef, 0xfedcba9876543210, 0x1111111111111111, 0x2222222222222222};
  u64 hash[8], total = 0, x[4] = {3, 5, 7, 11};
  for (int round = 0; round < 98; round++) {
    for (size_t at = 0; at < sizeof(buffer); at += 64) {
      u32 stream[16];
      chacha20(state, stream);
      state[12]++;
      u64 *p = (u64 *)(buffer + at);
      for (int i = 0; i < 8; i++) p[i] ^= (u64)stream[2 * i] | (u64)stream[2 * i + 1] << 32;
    }
    u64 tag[2];
    poly1305(buffer, sizeof(buffer), key, tag);
    sha512(buffer, sizeof(buffer), hash);
    x[0] ^= hash[0];
    x[2] ^= tag[1];
    x[3] &= ~0ull >> 1;
    for (int i = 0; i < 20; i++) invert(x, x);
    for (int i = 0; i < 4; i++) key[i] ^= hash[i + 4] ^ x[i];
    total = total * 31 + tag[0] + hash[0] + x[1];
  }
  check(11, total, 0xe9d42d7e917a1f34);
  return 0;
}
