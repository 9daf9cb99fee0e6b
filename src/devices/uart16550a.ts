import type { AccessWidth, Device } from "../memory/device.ts";
import { ReceiveFifo } from "./receiveFifo.ts";

/** Whom the UART tells what. Both are called within the access that caused it. */
export interface UartEvents {
  /** The guest has sent a byte. */
  onOutput(byte: number): void;
  /** The interrupt line has changed. */
  onInterrupt?(level: boolean): void;
}

/** Offsets; with DLAB set the first two are the divisor latch. Bits as in the PC16550D data sheet, table II. */
const register = { data: 0, ier: 1, iirFcr: 2, lcr: 3, mcr: 4, lsr: 5, msr: 6, scr: 7 } as const;
const ier = { received: 1, transmitEmpty: 2, lineStatus: 4, modemStatus: 8 } as const;
const iir = {
  none: 1,
  modemStatus: 0,
  transmitEmpty: 2,
  received: 4,
  lineStatus: 6,
  timeout: 12,
  fifos: 0xc0,
} as const;
const fcr = { enable: 1, resetReceiver: 2 } as const;
const dlab = 0x80;
const loopback = 0x10;
const lsr = { ready: 1, overrun: 2, breakSeen: 16, transmitEmpty: 0x60, errorInFifo: 0x80 } as const;
const lsrErrors = 0x1e;
/** MSR's lines. Outside loopback the other end is there: carrier, data set ready, clear to send. */
const msr = { cts: 0x10, dsr: 0x20, ri: 0x40, dcd: 0x80, deltas: 0x0f, riEnded: 4 } as const;

/** How many received bytes raise the interrupt, by the upper two bits of FCR. */
const triggerLevels = [1, 4, 8, 14] as const;

/**
 * A 16550A UART with registers one byte apart. It knows no baud rate: a byte is sent as soon as it is written, and
 * what is received waits outside until the FIFO has room, so that nothing is lost. The character timeout comes at
 * once: bytes below the trigger level are announced by it as soon as they are there.
 *
 * Any width may be used; one register is meant, the upper bytes are 0 or ignored, as on QEMU. Beyond the eight
 * registers is an access fault.
 */
export class Uart16550a implements Device {
  readonly name = "uart";
  readonly size = 0x100;
  readonly #events: UartEvents;
  readonly #receiver = new ReceiveFifo();
  /** The divisor latch, 9600 baud from 1.8432 MHz at first. */
  #divisor = 0x0c;
  #ier = 0;
  #fcr = 0;
  #lcr = 0;
  #mcr = 0;
  #scr = 0;
  #lines: number = msr.cts | msr.dsr | msr.dcd;
  #deltas = 0;
  #overrun = false;
  /** THR has become empty since the guest last asked. */
  #transmitEmpty = false;
  #level = false;

  constructor(events: UartEvents) {
    this.#events = events;
  }

  /** Bytes that arrive at the line. They wait, however many, until the guest takes them. */
  receive(bytes: Uint8Array): void {
    this.#receiver.enqueue(bytes);
    this.#update();
  }

  /** A break arrives, behind everything that waits: Linux takes it as its magic key. */
  receiveBreak(): void {
    this.#receiver.enqueueBreak();
    this.#update();
  }

  /** How many received bytes the guest has not taken yet. */
  get waiting(): number {
    return this.#receiver.waiting;
  }

  /** Whether the guest wants to be interrupted when something arrives. */
  get listens(): boolean {
    return (this.#ier & ier.received) !== 0;
  }

  /** The level of the interrupt line. */
  get interrupt(): boolean {
    return this.#level;
  }

  load(offset: number, _width: AccessWidth): bigint | undefined {
    if (!(offset >= 0 && offset < 8)) return undefined;
    const value = this.#read(offset);
    this.#update();
    return BigInt(value);
  }

  store(offset: number, _width: AccessWidth, value: bigint): boolean {
    if (!(offset >= 0 && offset < 8)) return false;
    this.#write(offset, Number(value & 0xffn));
    this.#update();
    return true;
  }

  #read(offset: number): number {
    const latch = (this.#lcr & dlab) !== 0;
    switch (offset) {
      case register.data:
        return latch ? this.#divisor & 0xff : this.#receiver.take();
      case register.ier:
        return latch ? this.#divisor >> 8 : this.#ier;
      case register.iirFcr: {
        const source = this.#source();
        if (source === iir.transmitEmpty) this.#transmitEmpty = false;
        return source | (this.#fcr & fcr.enable ? iir.fifos : 0);
      }
      case register.lcr:
        return this.#lcr;
      case register.mcr:
        return this.#mcr;
      case register.lsr: {
        const status = this.#lineStatus();
        this.#overrun = false;
        this.#receiver.forgetBreak();
        return status;
      }
      case register.msr: {
        const status = this.#lines | this.#deltas;
        this.#deltas = 0;
        return status;
      }
      default:
        return this.#scr;
    }
  }

  #write(offset: number, value: number): void {
    const latch = (this.#lcr & dlab) !== 0;
    switch (offset) {
      case register.data:
        if (latch) this.#divisor = (this.#divisor & 0xff00) | value;
        else this.#transmit(value);
        break;
      case register.ier:
        if (latch) this.#divisor = (this.#divisor & 0xff) | (value << 8);
        else this.#enable(value & 0x0f);
        break;
      case register.iirFcr:
        this.#control(value);
        break;
      case register.lcr:
        this.#lcr = value;
        break;
      case register.mcr:
        this.#mcr = value & 0x1f;
        this.#updateLines();
        break;
      case register.scr:
        this.#scr = value;
        break;
    }
  }

  #transmit(byte: number): void {
    if ((this.#mcr & loopback) === 0) this.#events.onOutput(byte);
    else if (!this.#receiver.loop(byte)) this.#overrun = true;
    this.#transmitEmpty = true;
  }

  /** Enabling the interrupt of an empty THR raises it, disabling it forgets it. */
  #enable(enabled: number): void {
    const turnedOn = enabled & ~this.#ier;
    this.#ier = enabled;
    if (turnedOn & ier.transmitEmpty) this.#transmitEmpty = true;
    else if ((enabled & ier.transmitEmpty) === 0) this.#transmitEmpty = false;
  }

  /** FCR: its other bits count only if the enable bit is written with them. */
  #control(value: number): void {
    const enabled = (value & fcr.enable) !== 0;
    const toggled = enabled !== ((this.#fcr & fcr.enable) !== 0);
    this.#fcr = enabled ? value & 0xc9 : 0;
    this.#receiver.capacity = enabled ? 16 : 1;
    if (toggled || (enabled && (value & fcr.resetReceiver) !== 0)) this.#receiver.clear();
  }

  /** In loopback the modem's outputs are its inputs: DTR is DSR, RTS is CTS, OUT1 is RI, OUT2 is DCD. */
  #updateLines(): void {
    let lines: number = msr.cts | msr.dsr | msr.dcd;
    if (this.#mcr & loopback) {
      const [dtr, rts, out1, out2] = [1, 2, 4, 8].map((bit) => (this.#mcr & bit) !== 0);
      lines = (rts ? msr.cts : 0) | (dtr ? msr.dsr : 0) | (out1 ? msr.ri : 0) | (out2 ? msr.dcd : 0);
    }
    const changed = (lines ^ this.#lines) >> 4;
    // of the ring indicator only the end counts
    this.#deltas |= lines & msr.ri ? changed & ~msr.riEnded : changed;
    this.#lines = lines;
  }

  #lineStatus(): number {
    const receiver = this.#receiver;
    return (
      lsr.transmitEmpty |
      (receiver.count > 0 ? lsr.ready : 0) |
      (this.#overrun ? lsr.overrun : 0) |
      (receiver.breakIsNext ? lsr.breakSeen : 0) |
      (this.#fcr & fcr.enable && receiver.hasBreak ? lsr.errorInFifo : 0)
    );
  }

  /** The interrupt of highest priority that is enabled and pending (data sheet, table V). */
  #source(): number {
    const { count } = this.#receiver;
    if (this.#ier & ier.lineStatus && this.#lineStatus() & lsrErrors) return iir.lineStatus;
    if (this.#ier & ier.received && count > 0) {
      const trigger = this.#fcr & fcr.enable ? triggerLevels[this.#fcr >> 6] : 1;
      return count >= trigger ? iir.received : iir.timeout;
    }
    if (this.#ier & ier.transmitEmpty && this.#transmitEmpty) return iir.transmitEmpty;
    if (this.#ier & ier.modemStatus && this.#deltas & msr.deltas) return iir.modemStatus;
    return iir.none;
  }

  /** After anything: what waits moves up, and the interrupt line follows. */
  #update(): void {
    if ((this.#mcr & loopback) === 0) this.#receiver.fill();
    const level = this.#source() !== iir.none;
    if (level === this.#level) return;
    this.#level = level;
    this.#events.onInterrupt?.(level);
  }
}
