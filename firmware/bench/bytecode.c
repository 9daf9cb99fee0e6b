// march: rv64gc
// A bytecode interpreter, about 10^9 instructions: a stack machine with locals, calls and an array, dispatched by a switch,
// runs programs written for it below: the sieve, recursive Fibonacci, matrix multiplication and Collatz sequences.
#include "test.h"

enum opcode {
  HALT, PUSH, LOCAL, STORE_LOCAL, LOAD_ARRAY, STORE_ARRAY, ADD, SUB, MUL, DIV, MOD, AND, SHIFT, LESS, EQUAL, NOT,
  JUMP, JUMP_IF_ZERO, CALL, RETURN, DUP, DROP, OVER, INCREMENT_LOCAL,
};

#define OP(name, argument) ((name) | (argument) << 8)
#define LOCALS 8

struct program { const int32_t *code; i64 argument; };

static i64 array[1 << 16];
static i64 stack[4096];

// Runs from code[0] with the argument in local 0; gives the top of the stack. A call takes its argument from the stack
// into local 0 of a fresh frame; RETURN leaves the top of the callee's stack.
static i64 __attribute__((noinline)) run(const int32_t *code, i64 argument, u64 *executed) {
  i64 *locals = stack, *sp = stack + LOCALS;   // sp points one past the top
  const int32_t *ip = code;
  u64 count = 0;
  locals[0] = argument;
  for (;;) {
    int32_t word = *ip++;
    i64 operand = word >> 8;
    count++;
    switch ((enum opcode)(word & 0xff)) {
      case HALT: *executed += count; return sp[-1];
      case PUSH: *sp++ = operand; break;
      case LOCAL: *sp++ = locals[operand]; break;
      case STORE_LOCAL: locals[operand] = *--sp; break;
      case LOAD_ARRAY: sp[-1] = array[sp[-1] & 0xffff]; break;
      case STORE_ARRAY: sp -= 2; array[sp[1] & 0xffff] = sp[0]; break;   // value, index
      case ADD: sp--; sp[-1] += sp[0]; break;
      case SUB: sp--; sp[-1] -= sp[0]; break;
      case MUL: sp--; sp[-1] *= sp[0]; break;
      case DIV: sp--; sp[-1] /= sp[0]; break;
      case MOD: sp--; sp[-1] %= sp[0]; break;
      case AND: sp--; sp[-1] &= sp[0]; break;
      case SHIFT: sp[-1] >>= operand; break;
      case LESS: sp--; sp[-1] = sp[-1] < sp[0]; break;
      case EQUAL: sp--; sp[-1] = sp[-1] == sp[0]; break;
      case NOT: sp[-1] = !sp[-1]; break;
      case JUMP: ip = code + operand; break;
      case JUMP_IF_ZERO: if (!*--sp) ip = code + operand; break;
      case CALL: {
        i64 value = *--sp;
        sp[0] = (i64)ip;
        sp[1] = locals - stack;
        locals = sp + 2;
        locals[0] = value;
        sp = locals + LOCALS;
        ip = code + operand;
        break;
      }
      case RETURN: {
        i64 value = sp[-1];
        sp = locals - 2;
        ip = (const int32_t *)sp[0];
        locals = stack + sp[1];
        *sp++ = value;
        break;
      }
      case DUP: sp[0] = sp[-1]; sp++; break;
      case DROP: sp--; break;
      case OVER: sp[0] = sp[-2]; sp++; break;
      case INCREMENT_LOCAL: locals[operand]++; break;
    }
  }
}

// How many primes are below local 0.
static const int32_t sieve[] = {
  /* 0 */ OP(PUSH, 2), OP(STORE_LOCAL, 1),                                        // i = 2
  /* 2 */ OP(LOCAL, 1), OP(LOCAL, 0), OP(LESS, 0), OP(JUMP_IF_ZERO, 11),          // while i < n
  /* 6 */ OP(PUSH, 1), OP(LOCAL, 1), OP(STORE_ARRAY, 0), OP(INCREMENT_LOCAL, 1), OP(JUMP, 2),   // array[i++] = 1
  /* 11 */ OP(PUSH, 0), OP(STORE_LOCAL, 3), OP(PUSH, 2), OP(STORE_LOCAL, 1),      // count = 0, i = 2
  /* 15 */ OP(LOCAL, 1), OP(LOCAL, 0), OP(LESS, 0), OP(JUMP_IF_ZERO, 43),
  /* 19 */ OP(LOCAL, 1), OP(LOAD_ARRAY, 0), OP(JUMP_IF_ZERO, 41),                 // if array[i]
  /* 22 */ OP(INCREMENT_LOCAL, 3), OP(LOCAL, 1), OP(DUP, 0), OP(ADD, 0), OP(STORE_LOCAL, 2),    // count++, j = 2 i
  /* 27 */ OP(LOCAL, 2), OP(LOCAL, 0), OP(LESS, 0), OP(JUMP_IF_ZERO, 41),         // while j < n
  /* 31 */ OP(PUSH, 0), OP(LOCAL, 2), OP(STORE_ARRAY, 0),                         // array[j] = 0
  /* 34 */ OP(LOCAL, 2), OP(LOCAL, 1), OP(ADD, 0), OP(STORE_LOCAL, 2), OP(JUMP, 27), OP(HALT, 0), OP(HALT, 0),
  /* 41 */ OP(INCREMENT_LOCAL, 1), OP(JUMP, 15),
  /* 43 */ OP(LOCAL, 3), OP(HALT, 0),
};

static const int32_t fibonacci[] = {
  /* 0 */ OP(LOCAL, 0), OP(CALL, 3), OP(HALT, 0),
  /* 3 */ OP(LOCAL, 0), OP(PUSH, 2), OP(LESS, 0), OP(JUMP_IF_ZERO, 9), OP(LOCAL, 0), OP(RETURN, 0),
  /* 9 */ OP(LOCAL, 0), OP(PUSH, 1), OP(SUB, 0), OP(CALL, 3),
  /* 13 */ OP(LOCAL, 0), OP(PUSH, 2), OP(SUB, 0), OP(CALL, 3), OP(ADD, 0), OP(RETURN, 0),
};

// Squares the n x n matrix at array[0] into array[4096], and sums that.
static const int32_t matrix[] = {
  /* 0 */ OP(PUSH, 0), OP(STORE_LOCAL, 5), OP(PUSH, 0), OP(STORE_LOCAL, 1),       // sum = 0, i = 0
  /* 4 */ OP(LOCAL, 1), OP(LOCAL, 0), OP(LESS, 0), OP(JUMP_IF_ZERO, 58),
  /* 8 */ OP(PUSH, 0), OP(STORE_LOCAL, 2),                                        // j = 0
  /* 10 */ OP(LOCAL, 2), OP(LOCAL, 0), OP(LESS, 0), OP(JUMP_IF_ZERO, 56),
  /* 14 */ OP(PUSH, 0), OP(STORE_LOCAL, 3), OP(PUSH, 0), OP(STORE_LOCAL, 4),      // k = 0, cell = 0
  /* 18 */ OP(LOCAL, 3), OP(LOCAL, 0), OP(LESS, 0), OP(JUMP_IF_ZERO, 41),
  /* 22 */ OP(LOCAL, 1), OP(LOCAL, 0), OP(MUL, 0), OP(LOCAL, 3), OP(ADD, 0), OP(LOAD_ARRAY, 0),   // a[i][k]
  /* 28 */ OP(LOCAL, 3), OP(LOCAL, 0), OP(MUL, 0), OP(LOCAL, 2), OP(ADD, 0), OP(LOAD_ARRAY, 0),   // a[k][j]
  /* 34 */ OP(MUL, 0), OP(LOCAL, 4), OP(ADD, 0), OP(STORE_LOCAL, 4), OP(INCREMENT_LOCAL, 3), OP(JUMP, 18), OP(HALT, 0),
  /* 41 */ OP(LOCAL, 4), OP(LOCAL, 1), OP(LOCAL, 0), OP(MUL, 0), OP(LOCAL, 2), OP(ADD, 0), OP(PUSH, 4096), OP(ADD, 0),
  /* 49 */ OP(STORE_ARRAY, 0), OP(LOCAL, 5), OP(LOCAL, 4), OP(ADD, 0), OP(STORE_LOCAL, 5), OP(INCREMENT_LOCAL, 2), OP(JUMP, 10),
  /* 56 */ OP(INCREMENT_LOCAL, 1), OP(JUMP, 4),
  /* 58 */ OP(LOCAL, 5), OP(HALT, 0),
};

// The most steps that any number below local 0 takes to reach 1.
static const int32_t collatz[] = {
  /* 0 */ OP(PUSH, 0), OP(STORE_LOCAL, 4), OP(PUSH, 1), OP(STORE_LOCAL, 1),       // best = 0, i = 1
  /* 4 */ OP(LOCAL, 1), OP(LOCAL, 0), OP(LESS, 0), OP(JUMP_IF_ZERO, 45),
  /* 8 */ OP(LOCAL, 1), OP(STORE_LOCAL, 2), OP(PUSH, 0), OP(STORE_LOCAL, 3),      // x = i, steps = 0
  /* 12 */ OP(LOCAL, 2), OP(PUSH, 1), OP(EQUAL, 0), OP(NOT, 0), OP(JUMP_IF_ZERO, 36),
  /* 17 */ OP(INCREMENT_LOCAL, 3), OP(LOCAL, 2), OP(PUSH, 1), OP(AND, 0), OP(JUMP_IF_ZERO, 30),
  /* 22 */ OP(LOCAL, 2), OP(PUSH, 3), OP(MUL, 0), OP(PUSH, 1), OP(ADD, 0), OP(STORE_LOCAL, 2), OP(JUMP, 12), OP(HALT, 0),
  /* 30 */ OP(LOCAL, 2), OP(SHIFT, 1), OP(STORE_LOCAL, 2), OP(JUMP, 12), OP(HALT, 0), OP(HALT, 0),
  /* 36 */ OP(LOCAL, 4), OP(LOCAL, 3), OP(LESS, 0), OP(JUMP_IF_ZERO, 43), OP(LOCAL, 3), OP(STORE_LOCAL, 4), OP(JUMP, 43),
  /* 43 */ OP(INCREMENT_LOCAL, 1), OP(JUMP, 4),
  /* 45 */ OP(LOCAL, 4), OP(HALT, 0),
};

int main(void) {
  u64 executed = 0;
  for (int round = 0; round < 4; round++) {
    context("round", (u64)round);
    check(1, (u64)run(sieve, 60000, &executed), 6057);
    check(2, (u64)run(fibonacci, 22, &executed), 17711);
    for (int i = 0; i < 40 * 40; i++) array[i] = i % 17 - 5;
    i64 sum = 0;
    for (int i = 0; i < 40; i++)
      for (int j = 0; j < 40; j++)
        for (int k = 0; k < 40; k++) sum += array[i * 40 + k] * array[k * 40 + j];
    check(3, (u64)run(matrix, 40, &executed), (u64)sum);
    check(4, (u64)run(collatz, 8000, &executed), 261);
  }
  context("bytecodes", 0);
  check(5, executed, 0x3934614);
  return 0;
}
