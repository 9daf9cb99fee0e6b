import { errno } from "../errno.ts";
import { anyAddress, type InetNames, inetName, portOf } from "./inetNames.ts";
import { SocketFile } from "./socket.ts";
import type { SocketKind } from "./socketChannel.ts";

const longestDatagram = 65_507;

/** A socket for datagrams between programs of this machine (UDP): who sends does not hear whether they arrive. */
export class InetDatagram extends SocketFile {
  readonly #names: InetNames;
  /** Where it sends to, and the only one that it hears. */
  #to: Uint8Array | undefined;
  /** What bind was given: without a port, it lasts as long as there is somebody to send to. */
  #given: Uint8Array = anyAddress;

  constructor(kind: SocketKind, names: InetNames) {
    super(kind, undefined, undefined, "alone");
    this.#names = names;
  }

  override get peerName(): Uint8Array {
    return this.#to ?? super.peerName;
  }

  bindTo(name: Uint8Array): void {
    this.#names.bind(this, name);
    this.#given = name;
  }

  #mustHaveName(): void {
    if (this.name.length === 0) this.bindTo(anyAddress);
  }

  /** undefined: to nobody any more; and then it keeps of its name what it was given. */
  connectTo(name: Uint8Array | undefined): void {
    this.state = name === undefined ? "alone" : "connected";
    if (name === undefined) {
      this.#to = undefined;
      this.#forgetName();
      return;
    }
    this.#names.find(this.type, name);
    this.#mustHaveName();
    this.name = inetName(portOf(this.name), this.name);
    this.#to = inetName(portOf(name), name);
  }

  #forgetName(): void {
    if (portOf(this.#given) > 0) this.name = this.#given;
    else {
      this.onRelease();
      this.onRelease = () => {};
      this.name = new Uint8Array();
    }
  }

  override isTooLong(length: number): boolean {
    return length > longestDatagram;
  }

  override send(bytes: Uint8Array): number {
    this.#mustHaveName();
    return this.#to === undefined ? -errno.EDESTADDRREQ : this.sendToName(this.#to, bytes);
  }

  /** Bytes sent, or -errno: that of what was sent before, too. */
  sendToName(name: Uint8Array, bytes: Uint8Array): number {
    const error = this.takeError();
    if (error !== 0) return -error;
    if (this.isTooLong(bytes.length)) return -errno.EMSGSIZE;
    const target = this.#names.find(this.type, name);
    this.#mustHaveName();
    const from = inetName(portOf(this.name), this.name);
    if (target instanceof InetDatagram && target.#hears(from)) target.deliver(bytes, from);
    else if (this.#to !== undefined) {
      this.error = errno.ECONNREFUSED;
      this.readers.wake();
    }
    return bytes.length;
  }

  #hears(from: Uint8Array): boolean {
    return this.#to === undefined || this.#to.every((byte, index) => byte === from[index]);
  }
}
