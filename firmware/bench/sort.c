// march: rv64gc
// Sorting and lists, about 10^9 instructions: quicksort with insertion sort, merge sort of linked lists, heap sort and a
// binary search tree, over pseudo-random data, each result checked and summed.
#include "test.h"

enum { COUNT = 50000, ROUNDS = 21 };

static u64 seed = 88172645463325252;
static u64 random64(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  return seed ^= seed << 17;
}

// ------------------------------------------------------------------------------------------------------------ quicksort

static void insertion_sort(i64 *a, int count) {
  for (int i = 1; i < count; i++) {
    i64 x = a[i];
    int j = i;
    for (; j > 0 && a[j - 1] > x; j--) a[j] = a[j - 1];
    a[j] = x;
  }
}

static void quicksort(i64 *a, int count) {
  while (count > 16) {
    i64 x = a[0], y = a[count / 2], z = a[count - 1];
    i64 pivot = x < y ? (y < z ? y : x < z ? z : x) : (x < z ? x : y < z ? z : y);
    int i = -1, j = count;
    for (;;) {
      do i++; while (a[i] < pivot);
      do j--; while (a[j] > pivot);
      if (i >= j) break;
      i64 t = a[i];
      a[i] = a[j], a[j] = t;
    }
    quicksort(a + j + 1, count - j - 1);
    count = j + 1;
  }
  insertion_sort(a, count);
}

// ------------------------------------------------------------------------------------------------------------- heap sort

static void sift(i64 *a, int at, int count) {
  i64 x = a[at];
  for (int child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && a[child + 1] > a[child]) child++;
    if (a[child] <= x) break;
    a[at] = a[child];
  }
  a[at] = x;
}

static void heap_sort(i64 *a, int count) {
  for (int i = count / 2; i-- > 0;) sift(a, i, count);
  for (int i = count; i-- > 1;) {
    i64 t = a[0];
    a[0] = a[i], a[i] = t;
    sift(a, 0, i);
  }
}

// ------------------------------------------------------------------------------------------------- lists and search trees

struct node { struct node *left, *right; i64 key; };   // as a list, left is the next one

static struct node nodes[COUNT];

static struct node *merge(struct node *a, struct node *b) {
  struct node head, *tail = &head;
  while (a && b) {
    struct node **least = a->key <= b->key ? &a : &b;
    tail = tail->left = *least;
    *least = (*least)->left;
  }
  tail->left = a ? a : b;
  return head.left;
}

static struct node *merge_sort(struct node *list, int count) {
  if (count == 1) {
    list->left = 0;
    return list;
  }
  struct node *middle = list;
  for (int i = 0; i < count / 2; i++) middle = middle->left;
  struct node *second = merge_sort(middle, count - count / 2), *first = list;
  return merge(merge_sort(first, count / 2), second);
}

static struct node *insert(struct node *tree, struct node *fresh) {
  fresh->left = fresh->right = 0;
  struct node **at = &tree;
  while (*at) at = fresh->key < (*at)->key ? &(*at)->left : &(*at)->right;
  *at = fresh;
  return tree;
}

static u64 walk(const struct node *tree, u64 sum) {
  for (; tree; tree = tree->right) sum = walk(tree->left, sum) * 31 + (u64)tree->key;
  return sum;
}

// ------------------------------------------------------------------------------------------------------------------ main

static i64 data[COUNT], work[COUNT];

static u64 sum_of(const i64 *a) {
  u64 sum = 0;
  for (int i = 0; i < COUNT; i++) sum = sum * 31 + (u64)a[i];
  return sum;
}

int main(void) {
  u64 total = 0;
  for (int round = 0; round < ROUNDS; round++) {
    context("round", (u64)round);
    for (int i = 0; i < COUNT; i++) data[i] = (i64)random64() >> (round % 3 ? 8 : 48);   // every third with many equal keys
    memcpy(work, data, sizeof(work));
    quicksort(work, COUNT);
    for (int i = 1; i < COUNT; i++) check(1, work[i - 1] <= work[i], 1);
    u64 sum = sum_of(work);
    memcpy(work, data, sizeof(work));
    heap_sort(work, COUNT);
    check(2, sum_of(work), sum);

    for (int i = 0; i < COUNT; i++) nodes[i].key = data[i], nodes[i].left = i + 1 < COUNT ? &nodes[i + 1] : 0;
    struct node *list = merge_sort(nodes, COUNT);
    u64 of_list = 0;
    for (const struct node *n = list; n; n = n->left) of_list = of_list * 31 + (u64)n->key;
    check(3, of_list, sum);

    struct node *tree = 0;
    for (int i = 0; i < COUNT; i++) tree = insert(tree, &nodes[i]);
    check(4, walk(tree, 0), sum);
    total = total * 31 + sum;
  }
  context("total", 0);
  check(5, total, 0x7efef0ee78fcedfa);
  return 0;
}
