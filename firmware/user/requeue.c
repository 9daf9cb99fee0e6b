// Condition variables of mutexes with priority inheritance, by futex calls alone: waiters are moved to the mutex.
#include "report.h"
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

enum { WAITERS = 4 };
static uint32_t condition, mutex;
static int waiting, passed[WAITERS];

static long futex(uint32_t *at, int op, uint32_t value, uintptr_t timeout, uint32_t *other, uint32_t third) {
  return syscall(SYS_futex, at, op | FUTEX_PRIVATE_FLAG, value, timeout, other, third);
}
static pid_t self(void) { return syscall(SYS_gettid); }
static void lock(void) {
  uint32_t none = 0;
  if (!__atomic_compare_exchange_n(&mutex, &none, self(), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    if (futex(&mutex, FUTEX_LOCK_PI, 0, 0, 0, 0) != 0) exit(3);
}
static void unlock(void) {
  uint32_t own = self();
  if (!__atomic_compare_exchange_n(&mutex, &own, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    if (futex(&mutex, FUTEX_UNLOCK_PI, 0, 0, 0, 0) != 0) exit(4);
}

static void *waiter(void *which) {
  __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
  long answer = futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, 0, &mutex, 0);
  // it has the mutex
  int *mine = which;
  *mine = answer == 0 && (mutex & FUTEX_TID_MASK) == (uint32_t)self() ? 1 : 100;
  unlock();
  return NULL;
}

static int sum(void) {
  int all = 0;
  for (int i = 0; i < WAITERS; i++) all += __atomic_load_n(&passed[i], __ATOMIC_SEQ_CST);
  return all;
}

static void start(pthread_t *threads) {
  waiting = 0;
  memset(passed, 0, sizeof passed);
  for (int i = 0; i < WAITERS; i++) pthread_create(&threads[i], NULL, waiter, &passed[i]);
  while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) < WAITERS) usleep(1000);
}

// Moves waiters until so many were moved: they may not have come to their wait yet.
static void move(int wanted, int at_once) {
  for (int moved = 0; moved < wanted;) {
    int left = wanted - moved < at_once ? wanted - moved : at_once;
    long answer = futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, left - 1, &mutex, 0);
    if (answer < 0 || answer > left) exit(5);
    moved += answer;
    usleep(1000);
  }
}

int main(void) {
  pthread_t threads[WAITERS];
  show(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 1, 0, &mutex, 0));
  show(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, 0, &condition, 0));
  show(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, 5, &mutex, 7));
  show(futex(&condition, FUTEX_CMP_REQUEUE_PI, 2, 5, &mutex, 0));
  show(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, 5, &mutex, 0));
  struct timespec past = {1, 0};
  show(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, (uintptr_t)&past, &mutex, 0));
  // the mutex is held: all wait for it, and get it one after the other
  start(threads);
  lock();
  move(WAITERS, WAITERS);
  show(sum());
  show((mutex & FUTEX_WAITERS) != 0);
  unlock();
  for (int i = 0; i < WAITERS; i++) pthread_join(threads[i], NULL);
  show(sum());
  show(mutex);
  // it is free: the first one has it at once
  start(threads);
  move(WAITERS, 1);
  for (int i = 0; i < WAITERS; i++) pthread_join(threads[i], NULL);
  show(sum());
  show(mutex);
  return wrong;
}
