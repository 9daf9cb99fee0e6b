import type { Mix } from "../generator.ts";
import { compressedMix, floatMix, integerMix } from "./compute.ts";

/** Every mix. */
export const mixes: readonly Mix[] = [integerMix, compressedMix, floatMix];
