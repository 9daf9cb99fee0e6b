import type { SupervisorOptions } from "../../supervisor/index.ts";
import { usage } from "../failure.ts";
import { parseCount, parseSize } from "../options.ts";
import type { Given } from "../syntax.ts";

const policies = ["always", "madvise", "never"] as const;
const pageSizes = new Map([
  ["64K", 2 ** 16],
  ["2M", 2 ** 21],
  ["1G", 2 ** 30],
]);
const mostPages = 1 << 20;

/** What `run --user` was told about its programs' memory. Throws a {@link Failure} that says what is wrong with it. */
export function memoryOptions(given: Given): Pick<SupervisorOptions, "hugePages" | "hugetlb" | "swapBytes"> {
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  const thp = text("thp") ?? "madvise";
  const hugePages = policies.find((policy) => policy === thp);
  if (hugePages === undefined) throw usage(`--thp ${thp}`, `there is no such policy: write ${policies.join(", ")}`);
  const pools = text("hugepages");
  const swap = text("swap");
  return {
    hugePages,
    ...(pools === undefined ? {} : { hugetlb: parsePools(pools) }),
    ...(swap === undefined ? {} : { swapBytes: parseSize("--swap", swap) }),
  };
}

/** `4` or `64K:16,2M:4`. */
function parsePools(text: string): Map<number, number> {
  const pools = new Map<number, number>();
  for (const part of text.split(",")) {
    const [size, count] = part.includes(":") ? part.split(":") : ["2M", part];
    const bytes = pageSizes.get(size.toUpperCase());
    if (bytes === undefined)
      throw usage(`--hugepages ${text}`, `there are huge pages of 64K, 2M and 1G, not of ${size}`);
    pools.set(bytes, parseCount("--hugepages", count, mostPages));
  }
  return pools;
}
