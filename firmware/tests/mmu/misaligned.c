// march: rv64imfd
// Misaligned loads and stores across two pages that are not neighbours: the bytes come from both; if one page refuses,
// tval is the first byte that failed: the access's own address in the first page, the next page's start in the second.
#include "paging.h"

#define STUB(name, instruction) static void __attribute__((naked)) name(void) { __asm__(instruction "; ret"); }
STUB(load2, "lhu a0, 0(a0)")
STUB(load4, "lwu a0, 0(a0)")
STUB(load8, "ld a0, 0(a0)")
STUB(load_float, "flw fa0, 0(a0); fmv.x.w a0, fa0; slli a0, a0, 32; srli a0, a0, 32")
STUB(load_double, "fld fa0, 0(a0); fmv.x.d a0, fa0")
STUB(store2, "sh a1, 0(a0)")
STUB(store4, "sw a1, 0(a0)")
STUB(store8, "sd a1, 0(a0)")
STUB(store_float, "fmv.w.x fa0, a1; fsw fa0, 0(a0)")
STUB(store_double, "fmv.d.x fa0, a1; fsd fa0, 0(a0)")

static const struct { void (*load)(void), (*store)(void); unsigned size, lead; } widths[] = {
  {load2, store2, 2, 0}, {load4, store4, 4, 0}, {load8, store8, 8, 0}, {load_float, store_float, 4, 4}, {load_double, store_double, 8, 4},
};

int main(void) {
  const u64 pattern = 0x8877665544332211;
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    reset_pages();
    struct space space = new_space(mode);
    u64 va = 1ull << (mode->va_bits - 2), next = va + PAGE;
    u64 second = new_page(), first = new_page();   // the wrong way round
    u64 *low = map(&space, va, first, 0, S_RWX), *high = map(&space, next, second, 0, S_RWX);
    use(&space, 0);
    for (unsigned w = 0; w < sizeof(widths) / sizeof(widths[0]); w++) {
      unsigned size = widths[w].size;
      u64 mask = size == 8 ? ~0ull : (1ull << 8 * size) - 1;
      for (unsigned before = 1; before < size; before++) {
        context(mode->name, w << 4 | before);
        u64 at = next - before;
        *low = pte(first, S_RWX);
        *high = pte(second, S_RWX);
        fence();
        write64(first + PAGE - 8, 0);
        write64(second, 0);
        check(1, run_as(MODE_S, widths[w].store, at, pattern, 0).trapped, 0);
        for (unsigned i = 0; i < size; i++) {
          u64 where = i < before ? first + PAGE - before + i : second + i - before;
          check(2, *(volatile u8 *)where, pattern >> 8 * i & 0xff);
        }
        check(3, *(volatile u8 *)(second + size - before), 0);
        check(4, *(volatile u8 *)(first + PAGE - before - 1), 0);
        check_value(5, run_as(MODE_S, widths[w].load, at, 0, 0), pattern & mask);

        *high = 0;
        fence();
        check_page_fault(6, run_as(MODE_S, widths[w].load, at, 0, 0), LOAD, next);
        check_page_fault(7, run_as(MODE_S, widths[w].store, at, pattern, 0), STORE, next);
        *high = pte(second, S_RWX & ~PTE_W);
        fence();
        check_value(8, run_as(MODE_S, widths[w].load, at, 0, 0), pattern & mask);
        check_page_fault(9, run_as(MODE_S, widths[w].store, at, pattern, 0), STORE, next);
        *high = pte(second, S_RWX);
        *low = pte(first, S_RWX & ~PTE_W);
        fence();
        check_value(10, run_as(MODE_S, widths[w].load, at, 0, 0), pattern & mask);
        check_page_fault(11, run_as(MODE_S, widths[w].store, at, pattern, 0), STORE, at);
        *low = 0;
        fence();
        check_page_fault(12, run_as(MODE_S, widths[w].load, at, 0, 0), LOAD, at);
        *high = 0;
        fence();
        check_page_fault(13, run_as(MODE_S, widths[w].load, at, 0, 0), LOAD, at);
        check_page_fault(14, run_as(MODE_S, widths[w].store, at, pattern, 0), STORE, at);
        // A page that leads nowhere is an access fault, of that part.
        *low = pte(first, S_RWX);
        *high = pte(0x0e000000, S_RWX);
        fence();
        check_access_fault(15, run_as(MODE_S, widths[w].load, at, 0, 0), LOAD, next);
        check_access_fault(16, run_as(MODE_S, widths[w].store, at, pattern, 0), STORE, next);
      }
      // Inside a page, at every offset.
      *low = pte(first, S_RWX);
      fence();
      for (unsigned offset = 0; offset < 16; offset++) {
        context(mode->name, w << 8 | offset);
        check(17, run_as(MODE_S, widths[w].store, va + 0x80 + offset, pattern, 0).trapped, 0);
        check_value(18, run_as(MODE_S, widths[w].load, va + 0x80 + offset, 0, 0), pattern & mask);
      }
    }
  }
  return 0;
}
