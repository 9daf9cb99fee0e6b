// Threads and futexes: creation, joining, mutexes, conditions, barriers, thread-local storage, cancellation, timeouts.
#include "report.h"
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define THREADS 8
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static long counter, turn;
static _Atomic long atomic_counter;
static __thread long mine = 5;

static void *work(void *argument) {
  long id = (long)argument;
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&mutex);
    counter++;
    pthread_mutex_unlock(&mutex);
    atomic_counter++;
    mine += id;
  }
  pthread_barrier_wait(&barrier);
  pthread_mutex_lock(&mutex);
  while (turn != id) pthread_cond_wait(&condition, &mutex);
  printf("thread %ld, its own: %ld\n", id, mine);
  turn++;
  pthread_cond_broadcast(&condition);
  pthread_mutex_unlock(&mutex);
  return (void *)(id * id);
}

static void *sleeper(void *argument) {
  for (;;) usleep(1000);
  return argument;
}

static void *holder(void *argument) {
  pthread_mutex_lock(argument);
  return NULL;
}

static void robust(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_t lock;
  pthread_mutex_init(&lock, &attributes);
  pthread_t thread;
  pthread_create(&thread, NULL, holder, &lock);
  pthread_join(thread, NULL);
  printf("a robust mutex whose owner is gone: %s\n", strerrorname_np(pthread_mutex_lock(&lock)));
  show(pthread_mutex_consistent(&lock));
  show(pthread_mutex_unlock(&lock));
}

static void futexes(void) {
  int word = 7;
  struct timespec moment = {.tv_nsec = 2000000};
  show(syscall(SYS_futex, &word, FUTEX_WAIT, 8, NULL, NULL, 0));
  show(syscall(SYS_futex, &word, FUTEX_WAIT, 7, &moment, NULL, 0));
  show(syscall(SYS_futex, &word, FUTEX_WAKE, 10, NULL, NULL, 0));
  show(syscall(SYS_futex, 1, FUTEX_WAKE, 10, NULL, NULL, 0));
  show(syscall(SYS_futex, &word, 99, 10, NULL, NULL, 0));
  // between processes, on shared memory
  int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (fork() == 0) {
    usleep(20000);
    *shared = 1;
    _exit(syscall(SYS_futex, shared, FUTEX_WAKE, 1, NULL, NULL, 0));
  }
  while (*shared == 0) syscall(SYS_futex, shared, FUTEX_WAIT, 0, NULL, NULL, 0);
  int status;
  wait(&status);
  show(WEXITSTATUS(status));
}

static sem_t semaphore;
static void *poster(void *argument) {
  for (int i = 0; i < 5; i++) sem_post(&semaphore);
  return argument;
}

static volatile sig_atomic_t who;
static void handler(int number) {
  (void)number;
  who = gettid();
}

int main(void) {
  pthread_t threads[THREADS];
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  long sum = 0;
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  show(sum);
  show(counter);
  show(atomic_counter);
  show(mine);
  pthread_t thread;
  void *result;
  pthread_create(&thread, NULL, sleeper, NULL);
  usleep(5000);
  show(pthread_cancel(thread));
  pthread_join(thread, &result);
  show(result == PTHREAD_CANCELED);
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_nsec += 5000000;
  if (deadline.tv_nsec >= 1000000000) deadline.tv_sec++, deadline.tv_nsec -= 1000000000;
  pthread_mutex_lock(&mutex);
  printf("a wait with a timeout: %s\n", strerrorname_np(pthread_cond_timedwait(&condition, &mutex, &deadline)));
  pthread_mutex_unlock(&mutex);
  sem_init(&semaphore, 0, 0);
  pthread_create(&thread, NULL, poster, NULL);
  for (int i = 0; i < 5; i++) sem_wait(&semaphore);
  pthread_join(thread, NULL);
  show(sem_trywait(&semaphore));
  futexes();
  robust();
  // a signal for one thread reaches that one
  signal(SIGUSR1, handler);
  pthread_create(&thread, NULL, sleeper, NULL);
  show(pthread_kill(thread, SIGUSR1));
  while (who == 0) usleep(1000);
  show(who != getpid());
  // fork from a program with threads takes one of them
  pid_t child = fork();
  if (child == 0) _exit(gettid() == getpid() ? 21 : 1);
  int status;
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
  // and the end of the first thread by exit ends all
  printf("done\n");
  return 4;
}
