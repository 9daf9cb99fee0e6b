import {
  Clint,
  type Clock,
  type Finish,
  Finisher,
  Plic,
  Rtc,
  Uart16550a,
  type VirtioDevice,
  VirtioMmio,
  type WallClock,
} from "../devices/index.ts";
import type { PhysicalMemory } from "../memory/physical.ts";
import { interruptSource, memoryMap, virtioSlots } from "./memoryMap.ts";

/** Interrupt lines of a hart, by their bit in mip. */
export const interruptLine = { msi: 3, mti: 7, sei: 9, mei: 11 } as const;

/** What a board needs of the machine around it. */
export interface BoardOptions {
  readonly memory: PhysicalMemory;
  readonly harts: number;
  /** mtime, and the date. */
  readonly clock: Clock;
  readonly wallClock: WallClock;
  /** What is in the virtio slots, from the first on. */
  readonly virtio: readonly (VirtioDevice | undefined)[];
  readonly legacyVirtio: boolean;
  /** A hart's interrupt line has changed: see {@link interruptLine}. */
  onLine(hart: number, line: number, level: boolean): void;
  /** When a hart's timer fires has changed. */
  onTimer(hart: number): void;
  onOutput(bytes: Uint8Array): void;
  onFinish(finish: Finish): void;
  onWarning(line: string): void;
}

/** The devices of QEMU's `virt` board, each at its address, wired to the interrupt controllers. */
export class Board {
  readonly clint: Clint;
  readonly plic: Plic;
  readonly uart: Uart16550a;
  readonly rtc: Rtc;
  readonly #wallClock: WallClock;

  /** Throws a RangeError for more devices than there are slots. */
  constructor(options: BoardOptions) {
    const { memory, harts, onLine } = options;
    this.#wallClock = options.wallClock;
    this.clint = new Clint(harts, options.clock, {
      softwareInterrupt: (hart, level) => onLine(hart, interruptLine.msi, level),
      timerChanged: (hart) => options.onTimer(hart),
    });
    memory.attach(memoryMap.clint, this.clint);
    this.plic = new Plic(harts, {
      externalInterrupt: (context, level) => {
        onLine(context >> 1, context % 2 === 0 ? interruptLine.mei : interruptLine.sei, level);
      },
    });
    memory.attach(memoryMap.plic, this.plic);
    this.uart = new Uart16550a({
      onOutput: (byte) => options.onOutput(new Uint8Array([byte])),
      onInterrupt: (level) => this.plic.setLine(interruptSource.uart, level),
    });
    memory.attach(memoryMap.uart, this.uart);
    this.rtc = new Rtc(options.wallClock, {
      onInterrupt: (level) => this.plic.setLine(interruptSource.rtc, level),
      onDeadline: () => options.onTimer(0),
    });
    memory.attach(memoryMap.rtc, this.rtc);
    memory.attach(memoryMap.finisher, new Finisher(options.onFinish));
    this.#attachVirtio(options);
  }

  #attachVirtio({ memory, virtio, legacyVirtio, onWarning }: BoardOptions): void {
    const { count, stride } = virtioSlots;
    if (virtio.length > count) throw new RangeError(`${virtio.length} virtio devices: there are ${count} slots`);
    for (let slot = 0; slot < count; slot++) {
      const transport = new VirtioMmio(virtio[slot], {
        memory,
        legacy: legacyVirtio,
        onInterrupt: (level) => this.plic.setLine(interruptSource.virtio + slot, level),
        onWarning: (line) => onWarning(`virtio slot ${slot}: ${line}`),
      });
      memory.attach(memoryMap.virtio + slot * stride, transport);
    }
  }

  /** In how many nanoseconds the board wants {@link poll}; 0 or less: now; undefined: not that anybody knows. */
  get nanosecondsLeft(): bigint | undefined {
    const deadline = this.rtc.deadline();
    return deadline === undefined ? undefined : deadline - this.#wallClock.now();
  }

  /** Lets devices look at the clock. */
  poll(): void {
    this.rtc.poll();
  }
}
