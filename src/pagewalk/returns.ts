/** A callback's result as the walk takes it: an integer. Throws a TypeError that names the callback otherwise. */
export function checkedReturn(callback: string, result: unknown): number {
  if (typeof result === "number" && Number.isSafeInteger(result)) return result === 0 ? 0 : result;
  const what = typeof result === "number" || typeof result === "bigint" ? `${typeof result} ${result}` : typeof result;
  throw new TypeError(`${callback} returned ${what}: 0, a positive number or a negative errno is needed`);
}
