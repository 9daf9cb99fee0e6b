/**
 * Interpreters made when the package was built, so that starting a machine of the usual kind need not make one: by
 * {@link interpreterKey}, in base64. Empty in the sources; `scripts/build.mjs` writes the built module of this name.
 */
export const pregenerated: Readonly<Record<string, string>> = {};
