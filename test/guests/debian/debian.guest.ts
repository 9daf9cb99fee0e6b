import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Debian, debianFolder } from "./debian.ts";

/** What Debian finds on its second disk as a tar archive, and what it says to it. */
const programs = {
  "python.py": `
import decimal, hashlib, math, sqlite3, threading
decimal.getcontext().prec = 50
total = []
threads = [threading.Thread(target=lambda n=n: total.append(sum(i * i for i in range(n * 1000)))) for n in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
base = sqlite3.connect("numbers.db")
base.execute("create table number (n integer)")
base.executemany("insert into number values (?)", [(n,) for n in range(5000)])
base.commit()
print("PYTHON", sum(total), hashlib.sha256(b"x" * 1000000).hexdigest()[:16], math.erf(0.5), decimal.Decimal(2).sqrt())
print("SQLITE", *base.execute("select count(*), sum(n * n) from number").fetchone())
`,
  "program.c": `
#include <math.h>
#include <stdio.h>
int main(void) {
  double sum = 0;
  for (int i = 1; i < 1000000; i++) sum += sin(i) / i;
  printf("GCC %.12f\\n", sum);
  return 0;
}
`,
};

const esbuildArguments = [
  "--bundle",
  "--minify",
  "--format=esm",
  "--platform=node",
  "--packages=external",
  "src/index.ts",
];

let folder = "";
let archive = new Uint8Array();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-debian-"));
  for (const [name, content] of Object.entries(programs)) writeFileSync(join(folder, name), content);
  cpSync("src", join(folder, "src"), { recursive: true });
  // the guest's time begins with 2026
  const names = ["src", ...Object.keys(programs)];
  archive = execFileSync("tar", ["--format=ustar", "--mtime=2026-01-01", "-C", folder, "-cf", "-", ...names], {
    maxBuffer: 1 << 28,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

function withDebian(work: (debian: Debian) => void): void {
  const debian = new Debian({ second: archive });
  try {
    expect(debian.logIn()).toBe(true);
    work(debian);
  } finally {
    debian.close();
  }
}

describe("Debian with systemd on two harts", () => {
  test("comes to a login with every service in order, and switches itself off", () => {
    withDebian((debian) => {
      expect(debian.command("systemctl is-system-running --wait")).toMatchObject({ status: 0 });
      expect(debian.command("systemctl --failed --no-legend --no-pager | wc -l").output).toMatch(/^0\r?$/m);
      expect(debian.command("nproc").output).toMatch(/^2\r?$/m);
      debian.guest.type("poweroff");
      expect(debian.guest.run()).toEqual({ reason: "exit", code: 0 });
      expect(debian.guest.output).toContain("re-mounted");
    });
  });

  test("python3, gcc and esbuild do there what they do elsewhere", () => {
    const native = execFileSync(join(debianFolder, "esbuild-native"), esbuildArguments, { cwd: folder });
    withDebian((debian) => {
      expect(debian.command("cd /tmp && tar -xf /dev/vdb").status).toBe(0);
      const python = debian.command("python3 python.py");
      expect(python.output).toContain(
        "PYTHON 12032098365000 1b977e9f84f1b26b 0.5204998778130465 1.4142135623730950488016887242096980785696718753769",
      );
      expect(python.output).toContain("SQLITE 5000 41654167500");
      expect(python.status).toBe(0);
      expect(debian.command("gcc -O2 -o program program.c -lm && ./program").output).toContain("GCC 1.070795644435");
      const esbuild = debian.command(`esbuild ${esbuildArguments.join(" ")} > bundle.js && sha256sum bundle.js`);
      expect(esbuild.output).toContain(createHash("sha256").update(native).digest("hex"));
      expect(native.length).toBeGreaterThan(100_000);
    });
  });
});
