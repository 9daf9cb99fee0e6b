import { fileURLToPath } from "node:url";

/** The M-mode firmware that comes with the package (firmware/sbi). */
export const defaultFirmware = fileURLToPath(new URL("../../firmware/sbi/sbi.elf", import.meta.url));
