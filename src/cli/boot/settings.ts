import { usage } from "../failure.ts";

/** `key=value` pairs, taken one by one: what nobody takes is not known. */
export interface Settings {
  /** A value, or undefined if the key is not there. */
  take(key: string): string | undefined;
  /** A value, which must be one of some. */
  takeOneOf(key: string, known: readonly string[]): string | undefined;
  /** Refuses what was not taken. */
  end(what: string): void;
}

/** Reads `name,key=value,…` as QEMU writes it: a comma in a value is written twice. `about` is for messages. */
export function settingsOf(about: string, text: string): { readonly name: string; readonly settings: Settings } {
  const [name, ...rest] = text.split(/(?<!,),(?!,)/).map((part) => part.replaceAll(",,", ","));
  return { name, settings: new GivenSettings(about, rest) };
}

/** The same, where no name comes first: `key=value,…`. */
export function settingsAlone(about: string, text: string): Settings {
  return settingsOf(about, `settings,${text}`).settings;
}

class GivenSettings implements Settings {
  readonly #about: string;
  readonly #given = new Map<string, string>();

  constructor(about: string, parts: readonly string[]) {
    this.#about = about;
    for (const part of parts) {
      const at = part.indexOf("=");
      const key = at < 0 ? part : part.slice(0, at);
      if (this.#given.has(key)) throw usage(about, `${key} is given twice: leave one out`);
      this.#given.set(key, at < 0 ? "" : part.slice(at + 1));
    }
  }

  take(key: string): string | undefined {
    const value = this.#given.get(key);
    this.#given.delete(key);
    return value;
  }

  takeOneOf(key: string, known: readonly string[]): string | undefined {
    const value = this.take(key);
    if (value === undefined || known.includes(value)) return value;
    throw usage(this.#about, `${key}=${value} is not known: ${known.join(" or ")}`);
  }

  end(what: string): void {
    for (const [key] of this.#given) throw usage(this.#about, `pagewalk knows no ${key} of ${what}: leave it out`);
  }
}
