// march: rv64gc
// Double precision, about 10^9 instructions: bodies under gravity (divide, square root), LU decomposition and matrix
// products (fused multiply-add), the Mandelbrot set, and Newton's method; every result is exact to the bit.
#include "test.h"

static inline double root(double x) {
  double y;
  __asm__("fsqrt.d %0, %1" : "=f"(y) : "f"(x));
  return y;
}

static inline double fused(double a, double b, double c) {
  double y;
  __asm__("fmadd.d %0, %1, %2, %3" : "=f"(y) : "f"(a), "f"(b), "f"(c));
  return y;
}

static u64 bits(double x) {
  union { double d; u64 u; } pun = {x};
  return pun.u;
}

// Pseudo-random, in [-1, 1).
static u64 seed;
static double random_double(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (double)((i64)seed >> 11) / 4503599627370496.0;
}

// ------------------------------------------------------------------------------------------------------------- gravity

enum { BODIES = 12 };
static struct body { double x[3], v[3], mass; } bodies[BODIES];

static double __attribute__((noinline)) gravity(int steps) {
  for (int i = 0; i < BODIES; i++) {
    for (int k = 0; k < 3; k++) bodies[i].x[k] = 10 * random_double(), bodies[i].v[k] = random_double();
    bodies[i].mass = 1.5 + random_double();
  }
  const double dt = 0.001;
  while (steps--) {
    for (int i = 0; i < BODIES; i++) {
      struct body *a = &bodies[i];
      for (int j = i + 1; j < BODIES; j++) {
        struct body *b = &bodies[j];
        double d[3], square = 0.01;
        for (int k = 0; k < 3; k++) d[k] = a->x[k] - b->x[k], square = fused(d[k], d[k], square);
        double force = dt / (square * root(square));
        for (int k = 0; k < 3; k++) a->v[k] -= d[k] * b->mass * force, b->v[k] += d[k] * a->mass * force;
      }
    }
    for (int i = 0; i < BODIES; i++)
      for (int k = 0; k < 3; k++) bodies[i].x[k] = fused(bodies[i].v[k], dt, bodies[i].x[k]);
  }
  double energy = 0;
  for (int i = 0; i < BODIES; i++)
    for (int k = 0; k < 3; k++) energy += bodies[i].mass * bodies[i].v[k] * bodies[i].v[k];
  return energy;
}

// -------------------------------------------------------------------------------------------------------------- matrices

enum { SIZE = 64 };
static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static double __attribute__((noinline)) product(void) {
  double trace = 0;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) a[i][j] = random_double(), b[i][j] = random_double(), c[i][j] = 0;
  for (int i = 0; i < SIZE; i++)
    for (int k = 0; k < SIZE; k++) {
      double x = a[i][k];
      for (int j = 0; j < SIZE; j++) c[i][j] = fused(x, b[k][j], c[i][j]);
    }
  for (int i = 0; i < SIZE; i++) trace += c[i][i];
  return trace;
}

// The determinant of the last product, by LU decomposition with partial pivoting.
static double __attribute__((noinline)) determinant(void) {
  double result = 1;
  for (int k = 0; k < SIZE; k++) {
    int pivot = k;
    for (int i = k + 1; i < SIZE; i++)
      if (__builtin_fabs(c[i][k]) > __builtin_fabs(c[pivot][k])) pivot = i;
    for (int j = 0; j < SIZE; j++) {
      double t = c[k][j];
      c[k][j] = c[pivot][j], c[pivot][j] = t;
    }
    result *= c[k][k];
    for (int i = k + 1; i < SIZE; i++) {
      double factor = c[i][k] / c[k][k];
      for (int j = k; j < SIZE; j++) c[i][j] = fused(-factor, c[k][j], c[i][j]);
    }
  }
  return result;
}

// ------------------------------------------------------------------------------------------------------- Mandelbrot, Newton

static u64 __attribute__((noinline)) mandelbrot(int size) {
  u64 inside = 0;
  for (int row = 0; row < size; row++)
    for (int column = 0; column < size; column++) {
      double re = 3.0 * column / size - 2.2, im = 2.4 * row / size - 1.2, x = 0, y = 0;
      int n = 0;
      for (; n < 100 && x * x + y * y < 4; n++) {
        double t = fused(x, x, -(y * y)) + re;
        y = fused(2 * x, y, im);
        x = t;
      }
      inside += (u64)n;
    }
  return inside;
}

// Cube roots of many numbers, each by Newton's method until it stands still.
static double __attribute__((noinline)) cube_roots(int count) {
  double sum = 0;
  for (int n = 1; n <= count; n++) {
    double x = n;
    for (int step = 0; step < 100; step++) {
      double next = x - (x * x * x - n) / (3 * x * x);
      if (next == x || __builtin_fabs(next - x) < 1e-15 * x) break;
      x = next;
    }
    sum += x;
  }
  return sum;
}

int main(void) {
  u64 total = 0;
  seed = 88172645463325252;
  for (int round = 0; round < 19; round++) {
    total = total * 31 + bits(gravity(4000));
    for (int i = 0; i < 8; i++) {
      total = total * 31 + bits(product());
      total = total * 31 + bits(determinant());
    }
    total = total * 31 + mandelbrot(160);
    total = total * 31 + bits(cube_roots(10000));
  }
  context("total", 0);
  check(1, total, 0x3d39deb6267d861b);
  return 0;
}
