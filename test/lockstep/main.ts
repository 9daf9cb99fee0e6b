import { readFileSync } from "node:fs";
import { globSync } from "tinyglobby";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { Pair } from "./pair.ts";

/**
 * npm run lockstep: guest programs on both engines side by side, until so many instructions have been compared. Exits
 * with 1 at the first difference.
 */
const given = await yargs(hideBin(process.argv))
  .scriptName("npm run lockstep --")
  .option("instructions", { type: "number", default: 100e6, describe: "how many to compare in all, as in 1e9" })
  .option("slice", { type: "number", default: 99_991, describe: "how many between two comparisons" })
  .option("hot-after", { type: "number", default: 200, describe: "how often code is come to before it is translated" })
  .option("programs", { type: "string", default: "firmware/bench/*.elf", describe: "which programs" })
  .strict()
  .parse();

const paths = globSync(given.programs).sort();
const share = Math.ceil(given.instructions / paths.length);
let compared = 0;
for (const path of paths) {
  const file = readFileSync(path);
  const pair = new Pair({}, { hotAfter: given.hotAfter }, (machine) => machine.loadElf(file, path));
  const { instructions, translated, end, difference } = pair.run(given.slice, share);
  compared += instructions;
  const percent = ((100 * translated) / instructions).toFixed(1);
  console.log(`${path}: ${instructions.toLocaleString("en-US")} instructions, ${percent}% translated, ${end}`);
  if (difference !== undefined) {
    console.log(`${path}: the engines differ: ${difference}`);
    process.exit(1);
  }
}
console.log(`${compared.toLocaleString("en-US")} instructions compared, no difference`);
