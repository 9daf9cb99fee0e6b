import { LinuxError } from "../errno.ts";
import { type SocketFile, socketType } from "./socket.ts";

const firstPort = 32_768;
const lastPort = 60_999;
/** SO_REUSEADDR and SO_REUSEPORT of SOL_SOCKET. */
const reuse = { address: "1:2", port: "1:15" } as const;
const loopbackNet = 127;

/** A port and an address, as a socket's name has them: six bytes, greatest first. */
export const portOf = (name: Uint8Array): number => name[0] * 256 + name[1];
const addressOf = (name: Uint8Array): number => ((name[2] << 24) | (name[3] << 16) | (name[4] << 8) | name[5]) >>> 0;
const isAny = (name: Uint8Array): boolean => addressOf(name) === 0;

/** A name with a port, and the address of another; that of the machine itself for one that says none. */
export function inetName(port: number, like: Uint8Array): Uint8Array {
  const [a, b, c, d] = isAny(like) ? [loopbackNet, 0, 0, 1] : like.subarray(2);
  return Uint8Array.of(port >> 8, port & 0xff, a, b, c, d);
}

export const anyAddress = new Uint8Array(6);

/** Which sockets have which ports of a network that has one machine, 127.0.0.0/8; nothing else can be reached. */
export class InetNames {
  readonly #bound = new Map<number, Map<number, Set<SocketFile>>>();
  readonly #nextPorts = new Map<number, number>();

  /** Gives a socket a port of an address; one that is free for port 0. Throws EADDRINUSE, EADDRNOTAVAIL. */
  bind(socket: SocketFile, name: Uint8Array): void {
    if (!isAny(name) && name[2] !== loopbackNet) throw new LinuxError("EADDRNOTAVAIL");
    const port = portOf(name) || this.#freePort(socket.type);
    const bound = Uint8Array.from(name);
    bound.set([port >> 8, port & 0xff]);
    const others = this.#at(socket.type, port);
    for (const other of others) if (isInTheWay(other, socket, bound)) throw new LinuxError("EADDRINUSE");
    others.add(socket);
    socket.name = bound;
    socket.onRelease = () => {
      others.delete(socket);
      if (others.size === 0) this.#portsOf(socket.type).delete(port);
    };
  }

  /** Who hears what is sent to a name: of streams one that listens. undefined: nobody. Throws ENETUNREACH. */
  find(type: number, name: Uint8Array): SocketFile | undefined {
    const wanted = inetName(portOf(name), name);
    if (wanted[2] !== loopbackNet) throw new LinuxError("ENETUNREACH");
    let found: SocketFile | undefined;
    for (const socket of this.#portsOf(type).get(portOf(name)) ?? []) {
      if (type === socketType.SOCK_STREAM && socket.state !== "listening") continue;
      if (addressOf(socket.name) === addressOf(wanted)) return socket;
      if (isAny(socket.name)) found ??= socket;
    }
    return found;
  }

  #portsOf(type: number): Map<number, Set<SocketFile>> {
    let ports = this.#bound.get(type);
    if (ports === undefined) {
      ports = new Map();
      this.#bound.set(type, ports);
    }
    return ports;
  }

  #at(type: number, port: number): Set<SocketFile> {
    const ports = this.#portsOf(type);
    let sockets = ports.get(port);
    if (sockets === undefined) {
      sockets = new Set();
      ports.set(port, sockets);
    }
    return sockets;
  }

  #freePort(type: number): number {
    const ports = this.#portsOf(type);
    let port = this.#nextPorts.get(type) ?? firstPort;
    for (let tries = firstPort; tries <= lastPort; tries++) {
      const next = port === lastPort ? firstPort : port + 1;
      this.#nextPorts.set(type, next);
      if (!ports.has(port)) return port;
      port = next;
    }
    throw new LinuxError("EADDRINUSE");
  }
}

function isInTheWay(other: SocketFile, socket: SocketFile, name: Uint8Array): boolean {
  const overlap = isAny(other.name) || isAny(name) || addressOf(other.name) === addressOf(name);
  if (!overlap) return false;
  const both = (option: string) => [other, socket].every(({ options }) => (options.get(option)?.[0] ?? 0) !== 0);
  if (both(reuse.port)) return false;
  return !both(reuse.address) || other.state === "listening";
}
