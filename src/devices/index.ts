export { Clint, type ClintEvents, type Clock } from "./clint.ts";
export { type Finish, Finisher } from "./finisher.ts";
export { Htif, type HtifAddresses, type HtifEvents } from "./htif.ts";
export { Plic, type PlicEvents } from "./plic.ts";
export { Rtc, type RtcEvents, type WallClock } from "./rtc.ts";
export { Uart16550a, type UartEvents } from "./uart16550a.ts";
export { type VirtioDevice, VirtioMmio } from "./virtio/index.ts";
