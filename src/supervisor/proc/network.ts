import type { SystemEntry } from "./system.ts";

const received = "bytes    packets errs drop fifo frame compressed multicast";
const sent = "bytes    packets errs drop fifo colls carrier compressed";
const noTraffic =
  " 0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0";
const addresses = "sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const longAddresses =
  "sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

const texts: Readonly<Record<string, string>> = {
  dev: `Inter-|   Receive                                                |  Transmit\n face |${received}|${sent}\n    lo:${noTraffic}\n`,
  tcp: `  ${addresses}\n`,
  tcp6: `  ${longAddresses}\n`,
  udp: `  ${addresses} ref pointer drops\n`,
  udp6: `  ${longAddresses} ref pointer drops\n`,
  raw: `  ${addresses} ref pointer drops\n`,
  raw6: `  ${longAddresses} ref pointer drops\n`,
  unix: "Num       RefCount Protocol Flags    Type St Inode Path\n",
  packet: "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n",
  route: "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n",
  arp: "IP address       HW type     Flags       HW address            Mask     Device\n",
  if_inet6: "",
  ipv6_route: "",
};

/** /proc/net: a machine with nobody to talk to but itself. */
export const networkEntries: readonly SystemEntry[] = Object.entries(texts).map(([path, text]) => ({
  path,
  read: () => text,
}));
