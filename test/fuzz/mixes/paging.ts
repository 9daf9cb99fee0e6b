import { withField } from "../catalogue.ts";
import type { Generator, Mix, Snippet } from "../generator.ts";
import { napot, pmpRx } from "../image.ts";
import { tableBytes } from "../layout.ts";
import { integer } from "./compute.ts";
import { forwardBranch } from "./control.ts";
import { access, narrowAccess } from "./memory.ts";
import { dataPages, pieces, RandomTables, strangeEntries } from "./pageTables.ts";

const pageBytes = 4096;
const [sp, s0, s1] = [2, 8, 9];

const tablesOf = (g: Generator): RandomTables => g.environment.tables as RandomTables;

/** rd := s0 + a distance from the start of the data. */
function dataAddress(g: Generator, rd: number, distance: number, unit: number): void {
  const total = distance - g.pointers[1];
  const upper = (total + 0x800) & ~0xfff;
  g.op("lui", { rd, upper }, unit);
  g.op("addi", { rd, rs1: rd, imm: total - upper }, unit);
  g.op("add", { rd, rs1: rd, rs2: s0 }, unit);
}

/** An offset into a page, often near one of its ends. */
function pageOffset(g: Generator): number {
  const { random } = g;
  if (random.chance(25)) return pageBytes - random.between(1, 16);
  return random.chance(70) ? 8 * random.below(512) : random.below(pageBytes);
}

/**
 * rd := an address in the window of random entries, a strange one, or one that is not canonical. Code is fetched from the
 * window only: elsewhere it might be the test's own, and go round in circles.
 */
function interestingAddress(g: Generator, rd: number, unit: number, forFetch = false): void {
  const { random } = g;
  const offset = pageOffset(g);
  if (random.chance(75)) {
    const page = dataPages.window - dataPages.data + random.below(dataPages.windowPages);
    dataAddress(g, rd, page * pageBytes + offset, unit);
  } else if (!forFetch && random.chance(60)) {
    const piece = random.chance(70)
      ? pieces.strange + random.below(strangeEntries)
      : random.pick(Object.values(pieces));
    dataAddress(g, rd, (piece - pieces.data) * 0x20_0000 - dataPages.data * pageBytes + offset, unit);
  } else {
    g.op("addi", { rd, rs1: 0, imm: 1 }, unit);
    g.op("slli", { rd, rs1: rd, shamt: random.between(37, 63) }, unit);
    g.op("xor", { rd, rs1: rd, rs2: random.pick([s0, sp, s1]) }, unit);
  }
}

/** A load, store, amo, lr, sc or cbo.zero there. */
function use(g: Generator, address: number, unit: number): void {
  const { random, catalogue } = g;
  const kind = random.below(12);
  g.held.push(address);
  if (kind < 9) {
    const template = random.pick(kind < 5 ? catalogue.loads : catalogue.stores);
    const bits = withField(template, g.filled(template), "rs1", address);
    g.emit(withField(template, bits, "imm", random.chance(80) ? 0 : random.between(-8, 8)), unit);
  } else if (kind < 11) {
    g.op("andi", { rd: address, rs1: address, imm: -8 }, unit);
    let bits = 0;
    let template = random.pick(catalogue.amos);
    do {
      template = random.pick(catalogue.amos);
      bits = withField(template, g.filled(template), "rs1", address);
    } while (((bits >>> 7) & 31) === 0);
    g.emit(bits, unit);
  } else if (random.chance(50)) {
    g.op("andi", { rd: address, rs1: address, imm: -64 }, unit);
    g.op("cbo.zero", { rs1: address }, unit);
  } else {
    g.op("andi", { rd: address, rs1: address, imm: -8 }, unit);
    const name = random.pick(["lr.d{aqrl}", "lr.w{aqrl}"]);
    g.op(name, { rd: g.freeRegister(), rs1: address, aqrl: 0 }, unit);
  }
  g.held.pop();
}

const probe: Snippet = (g) => {
  const unit = g.unit();
  const address = g.freeRegister();
  interestingAddress(g, address, unit);
  use(g, address, unit);
};

/**
 * Through s1, which may point into a superpage or a 64 KiB page, some pages further or not. Four pages before the window
 * is the table itself: an entry that changes without a fence may be seen or not.
 */
const probeThird: Snippet = (g) => {
  const { random } = g;
  const unit = g.unit();
  const address = g.freeRegister();
  g.op("lui", { rd: address, upper: random.chance(50) ? 0 : random.between(-3, 12) * pageBytes }, unit);
  g.op("add", { rd: address, rs1: address, rs2: s1 }, unit);
  use(g, address, unit);
};

/** A jump to a page that may be executable: if it is, code there returns to t6 at once. */
const jumpInto: Snippet = (g) => {
  if (g.environment.mode === 3) return probe(g);
  const { random } = g;
  const unit = g.unit();
  const address = g.freeRegister();
  if (random.chance(20)) g.op("addi", { rd: address, rs1: s1, imm: 0 }, unit);
  else interestingAddress(g, address, unit, true);
  g.op("auipc", { rd: 31, upper: 0 }, unit);
  g.op("addi", { rd: 31, rs1: 31, imm: 12 }, unit);
  g.op("jalr", { rd: random.chance(50) ? 0 : g.freeRegister(), rs1: address, imm: 0 }, unit);
};

/** Fences of all forms; they change nothing that can be seen. */
const fence: Snippet = (g) => {
  const { random } = g;
  const isTogether = random.chance(20) && g.environment.mode !== 0;
  const rs1 = random.chance(40) ? 0 : random.pick([sp, s0, s1, random.below(32)]);
  const rs2 = random.chance(50) ? 0 : random.below(32);
  if (isTogether) g.op("sfence.w.inval", {});
  g.op(isTogether || random.chance(20) ? "sinval.vma" : "sfence.vma", { rs1, rs2 });
  if (isTogether) g.op("sfence.inval.ir", {});
};

/** Changes flags of an entry of the window, fences as narrowly as it may, and uses the page. */
const changeEntry: Snippet = (g) => {
  const { random, environment } = g;
  if (environment.mode === 0) return probe(g);
  const unit = g.unit();
  const [entry, value, address, asid] = fourRegisters(g);
  const page = random.below(dataPages.windowPages);
  const isMapped = (dataPages.window + page) * 8;
  dataAddress(g, entry, (dataPages.view - dataPages.data) * pageBytes + isMapped, unit);
  dataAddress(g, address, (dataPages.window - dataPages.data + page) * pageBytes + pageOffset(g), unit);
  if (random.chance(60)) g.op("lb", { rd: 0, rs1: address, imm: 0 }, unit);
  // If the load faults and the store does not, the entry must not become global: fences that name a space would miss it.
  g.op("addi", { rd: value, rs1: 0, imm: 0 }, unit);
  g.op("ld", { rd: value, rs1: entry, imm: 0 }, unit);
  const { shape } = tablesOf(g);
  const flips = random.chance(70) ? 1 << random.below(8) : random.below(256);
  g.op("xori", { rd: value, rs1: value, imm: shape.global ? flips : flips & ~0x20 }, unit);
  g.op("sd", { rs2: value, rs1: entry, imm: 0 }, unit);
  // Nobody else may write there: an entry that changes without a fence may be seen or not.
  g.op("addi", { rd: entry, rs1: 0, imm: 0 }, unit);
  // With G an entry survives fences that name an address space.
  const names = !shape.global && random.chance(50);
  if (names) {
    const upper = (shape.asid + 0x800) & ~0xfff;
    g.op("lui", { rd: asid, upper }, unit);
    g.op("addi", { rd: asid, rs1: asid, imm: shape.asid - upper }, unit);
  }
  const operands = { rs1: random.chance(60) ? address : 0, rs2: names ? asid : 0 };
  if (random.chance(75)) g.op("sfence.vma", operands, unit);
  else {
    g.op("sfence.w.inval", {}, unit);
    g.op("sinval.vma", operands, unit);
    g.op("sfence.inval.ir", {}, unit);
  }
  use(g, address, unit);
};

function fourRegisters(g: Generator): [number, number, number, number] {
  const before = g.held.length;
  for (let n = 0; n < 4; n++) g.held.push(g.freeRegister());
  return g.held.splice(before) as [number, number, number, number];
}

/** SUM and MXR; in M-mode with MPRV also MPP, which says as whom data is accessed. */
const changeStatus: Snippet = (g) => {
  const { random, environment } = g;
  if (environment.mode === 0) return probe(g);
  const unit = g.unit();
  const bits = g.freeRegister();
  if (environment.mode === 3 && random.chance(70)) {
    g.op("lui", { rd: bits, upper: 0x1000 }, unit);
    g.op("addiw", { rd: bits, rs1: bits, imm: -0x800 }, unit);
    g.op(random.pick(["csrrs", "csrrs", "csrrc"]), { rd: 0, csr: 0x300, rs1: bits }, unit);
    return;
  }
  g.op("lui", { rd: bits, upper: random.pick([0x40000, 0x80000, 0xc0000]) }, unit);
  g.op(random.pick(["csrrs", "csrrc"]), { rd: 0, csr: environment.mode === 3 ? 0x300 : 0x100, rs1: bits }, unit);
};

/** The same tables under another ASID. */
const switchSpace: Snippet = (g) => {
  const { random, environment } = g;
  if (environment.mode === 0 || !tablesOf(g).shape.global) return fence(g);
  const unit = g.unit();
  const [value, flips] = fourRegisters(g);
  g.op("addi", { rd: flips, rs1: 0, imm: random.between(1, 15) }, unit);
  g.op("slli", { rd: flips, rs1: flips, shamt: 44 }, unit);
  g.op("csrrs", { rd: value, csr: 0x180, rs1: 0 }, unit);
  g.op("xor", { rd: value, rs1: value, rs2: flips }, unit);
  g.op("csrrw", { rd: 0, csr: 0x180, rs1: value }, unit);
  // the place of the test is in satp
  g.op("addi", { rd: value, rs1: 0, imm: 0 }, unit);
};

function prepare(g: Generator): void {
  const { random, environment } = g;
  environment.mode = random.pick([0, 0, 1, 1, 1, 3] as const);
  const isMachine = environment.mode === 3;
  environment.mstatus |= random.word() & 0xc0000;
  if (isMachine) environment.mstatus |= 0x20000;
  const adue = random.chance(50);
  environment.menvcfg = 0xf0n | (adue ? 1n << 61n : 0n) | (random.chance(50) ? 1n << 62n : 0n);
  if (random.chance(50)) environment.medeleg = random.word() & 0xb1ff;
  const shape = {
    satpMode: random.pick([8, 9, 10] as const),
    asid: random.below(65536),
    user: isMachine || environment.mode === 0,
    global: random.chance(50),
    bareCode: isMachine,
    adClear: adue && random.chance(60),
    third: random.pick(["window", "super", "napot", "giga"] as const),
  };
  environment.tables = new RandomTables(shape, random);
  // A table that may not be written makes hardware's updates of A and D access faults.
  const tablePermissions = random.chance(95) ? 3 : 1;
  environment.pmp = (slot, tables) => [
    napot(slot, 0x4000, pmpRx),
    napot(slot + 0x4000, 0x2000, 3),
    napot(slot + 0x6000, 0x1000, 3),
    napot(slot + 0x7000, 0x1000, pmpRx),
    napot(tables, tableBytes, tablePermissions),
  ];
  g.pointers[2] = random.between(0, 0x37ff);
  returningPage(g);
}

/** The last page of the data: `c.jr t6` everywhere; at its end half of an instruction that the next page completes. */
function returningPage({ data }: Generator): void {
  data.fill(0x8f82_8f82, 0x3000 / 4);
  data[0x3ffc / 4] = 0x0013_8f82;
}

export const pagingMix: Mix = {
  name: "paging",
  share: 0.3,
  snippets: [
    [8, probe],
    [4, probeThird],
    [3, jumpInto],
    [1, fence],
    [4, changeEntry],
    [1, changeStatus],
    [1, switchSpace],
    [4, access],
    [1, narrowAccess],
    [4, integer],
    [1, forwardBranch],
  ],
  length: 1600,
  rounds: 2,
  prepare,
};
