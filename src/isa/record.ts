import type { InstructionDef } from "./define.ts";
import type {
  AmoWidth,
  FloatFormat,
  FloatOp,
  FReg,
  I32,
  I32Ops,
  I64,
  I64Ops,
  LoadKind,
  Meaning,
  Operands,
  PureFunction,
  StoreKind,
  SystemOp,
  XReg,
} from "./meaning.ts";

/** A register operand, by its slot. */
export type RegisterSlot = "rd" | "rs1" | "rs2" | "rs3";

/** What an instruction does, as far as its meaning shows without values. */
export interface Effects {
  /** Where control goes: on; on or to a displacement; to a displacement; to a computed address; as the hart says. */
  readonly class: "sequential" | "branch" | "jump" | "indirect" | "system";
  readonly system: SystemOp | undefined;
  /** The one access to memory of each sort that it makes, if any. */
  readonly load: LoadKind | undefined;
  readonly store: StoreKind | undefined;
  readonly amo: AmoWidth | undefined;
  /** The floating-point operation that it computes with, if any. */
  readonly arithmetic: { readonly op: FloatOp; readonly format: FloatFormat } | undefined;
  readonly pure: PureFunction | undefined;
  /** Whether it touches floating-point registers, and so traps when mstatus.FS is Off. */
  readonly usesFloat: boolean;
  /** Register operands that it reads and writes. What `system` reads and writes is not seen. */
  readonly readsX: readonly RegisterSlot[];
  readonly readsF: readonly RegisterSlot[];
  readonly writesX: boolean;
  readonly writesF: boolean;
  readonly readsPc: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

// One value stands for all, and one function for all operations: the recorder never looks at them.
const value = {} as I64 & I32;
const anyOperation = () => value;
const anyOps = new Proxy({} as I64Ops & I32Ops, { get: () => anyOperation });

const slots = { rd: "rd", rs1: "rs1", rs2: "rs2", rs3: "rs3" } as const;
const operands = { ...slots, imm: value, offset: {}, rm: {} } as unknown as Operands;

/** Runs an instruction's meaning without values and says what it does. */
export function recordMeaning({ meaning }: Pick<InstructionDef, "meaning">): Effects {
  const recorder = new Recorder();
  meaning(recorder, operands);
  return recorder.effects;
}

class Recorder implements Meaning {
  readonly effects = {
    class: "sequential",
    system: undefined,
    load: undefined,
    store: undefined,
    amo: undefined,
    arithmetic: undefined,
    pure: undefined,
    usesFloat: false,
    readsX: [] as RegisterSlot[],
    readsF: [] as RegisterSlot[],
    writesX: false,
    writesF: false,
    readsPc: false,
  } as Mutable<Effects> & { readsX: RegisterSlot[]; readsF: RegisterSlot[] };

  readonly i64 = anyOps;
  readonly i32 = anyOps;

  k64(): I64 {
    return value;
  }
  k32(): I32 {
    return value;
  }
  wrap(): I32 {
    return value;
  }
  sx(): I64 {
    return value;
  }
  zx(): I64 {
    return value;
  }
  if64(): I64 {
    return value;
  }
  select(): I64 {
    return value;
  }
  let(): I64 {
    return value;
  }
  mulhu(): I64 {
    return value;
  }

  x(register: XReg): I64 {
    note(this.effects.readsX, register);
    return value;
  }

  setX(): void {
    this.effects.writesX = true;
  }

  f(register: FReg): I64 {
    this.effects.usesFloat = true;
    note(this.effects.readsF, register);
    return value;
  }

  setF(): void {
    this.effects.usesFloat = true;
    this.effects.writesF = true;
  }

  reg(): XReg & FReg {
    return value as unknown as XReg & FReg;
  }

  pc(): I64 {
    this.effects.readsPc = true;
    return value;
  }

  nextPc(): I64 {
    return this.pc();
  }

  load(kind: LoadKind): I64 {
    this.effects.load = kind;
    return value;
  }

  store(kind: StoreKind): void {
    this.effects.store = kind;
  }

  amo(width: AmoWidth, _: I64, update: (old: I64) => I64): I64 {
    this.effects.amo = width;
    update(value);
    return value;
  }

  branch(): void {
    this.effects.class = "branch";
  }

  jumpRel(): void {
    this.effects.class = "jump";
  }

  jump(): void {
    this.effects.class = "indirect";
  }

  float(op: FloatOp, format: FloatFormat): I64 {
    this.effects.arithmetic = { op, format };
    return value;
  }

  pure(fn: PureFunction): I64 {
    this.effects.pure = fn;
    return value;
  }

  system(op: SystemOp): void {
    this.effects.class = "system";
    this.effects.system = op;
  }
}

function note(list: RegisterSlot[], register: XReg | FReg): void {
  const slot = slots[register as unknown as RegisterSlot];
  if (slot !== undefined && !list.includes(slot)) list.push(slot);
}
