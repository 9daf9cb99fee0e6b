import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { execute, given, pagewalkUser } from "./command.ts";

const debian = given("PAGEWALK_USERLAND", "root");
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A tree with busybox under the names of its commands, and a folder to write to. */
function busyboxRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "pagewalk-busybox-"));
  folders.push(root);
  for (const folder of ["bin", "tmp", "work", "etc", "proc", "dev"]) mkdirSync(join(root, folder));
  cpSync(given("PAGEWALK_GUESTS", "busybox"), join(root, "bin/busybox"));
  chmodSync(join(root, "bin/busybox"), 0o755);
  for (const name of "sh cat ls sort uniq wc grep sed awk head tail tr cut seq mkdir rm cp mv ln test echo find xargs sleep kill expr env dd md5sum sha256sum tee date gzip gunzip tar true false printf od diff".split(
    " ",
  )) {
    symlinkSync("busybox", join(root, "bin", name));
  }
  return root;
}

const shellScript = `
set -e
cd /work
seq 1 1000 > numbers
echo "lines: $(wc -l < numbers), sum: $(awk '{ s += $1 } END { print s }' numbers)"
sort -r numbers | head -n 3 | tr '\\n' ' '; echo
grep -c 7 numbers
sed -n '/^9[0-9]$/p' numbers | tail -n 2 | xargs echo tail:
mkdir -p a/b/c; echo deep > a/b/c/file; ln -s b/c/file a/link; cat a/link
find a | sort
cp numbers copy; mv copy copied; rm numbers; ls
(sleep 0.02; echo background one) &
(sleep 0.01; echo background two) &
wait; echo both are done
sleep 100 & job=$!; kill $job; wait $job || echo "killed: $?"
if false; then echo no; else echo yes; fi
for i in 1 2 3; do printf '%s-' $i; done; echo
f() { local x=$1; [ $x -le 1 ] && echo 1 && return; echo $((x * $(f $((x - 1))))); }
f 10
cat <<END | tr a-z A-Z
here is a document
END
trap 'echo trapped' EXIT
dd if=/dev/zero bs=1024 count=300 2>/dev/null | sha256sum
tar cf - a | tar tf - | sort | tr '\\n' ' '; echo
gzip -c copied | gunzip | diff - copied && echo same
echo $PATH $0 $# "$@"
exit 42
`;

const shellOutput = `lines: 1000, sum: 500500
999 998 997 
271
tail: 98 99
deep
a
a/b
a/b/c
a/b/c/file
a/link
a
copied
background two
background one
both are done
killed: 143
yes
1-2-3-
3628800
HERE IS A DOCUMENT
be5d6cd8dcd1b27a26b79ffba2cb9f0ae0d1a1cc1bbdd3f41ea50fc0f19b5c8c  -
a/ a/b/ a/b/c/ a/b/c/file a/link 
same
/bin sh 2 one two words
trapped
`;

describe("busybox", () => {
  test("runs a shell script with pipes, files and background jobs", async () => {
    const root = busyboxRoot();
    const options = ["--root", root, "--writable", "--env", "PATH=/bin"];
    const args = ["/bin/sh", "-c", shellScript, "sh", "one", "two words"];
    const { code, stdout, stderr } = await pagewalkUser([...options, ...args]);
    const hash = /^[0-9a-f]{64} {2}-$/m;
    expect(stdout.replace(hash, "HASH")).toBe(shellOutput.replace(hash, "HASH"));
    expect(stdout).toContain(sha256OfZeros());
    expect({ code, stderr }).toEqual({ code: 42, stderr: "Terminated\n" });
    expect(readFileSync(join(root, "work/copied"), "utf8").split("\n").length).toBe(1001);
  });

  test("reads its standard input, and writes nothing without --writable", async () => {
    const root = busyboxRoot();
    const input = "b\na\nc\n";
    const options = ["--root", root];
    expect(await pagewalkUser([...options, "/bin/sort"], { input })).toEqual({
      code: 0,
      stdout: "a\nb\nc\n",
      stderr: "",
    });
    const refused = await pagewalkUser([...options, "/bin/sh", "-c", "echo x > /work/file"]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("Read-only file system");
  });
});

function sha256OfZeros(): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256")
    .update(Buffer.alloc(300 << 10))
    .digest("hex");
}

const component = `
import { useState } from "react";
interface Props { readonly name: string; count?: number }
enum Kind { A = 1, B, C }
export const View = ({ name, count = 0 }: Props) => {
  const [value, setValue] = useState<number>(count ?? 0);
  return <div className="view" onClick={() => setValue(v => v + Kind.B)}>{name}: {value ** 2} {\`\${Kind.C}\`}</div>;
};
`;

/** Files with imports between them, some of it unused. */
function sources(): string {
  const folder = mkdtempSync(join(tmpdir(), "pagewalk-sources-"));
  folders.push(folder);
  mkdirSync(join(folder, "work"));
  for (let i = 0; i < 40; i++) {
    const next = i < 39 ? `import { f${i + 1} } from "./m${i + 1}.ts";\n` : "";
    const call = i < 39 ? `f${i + 1}(x - 1)` : "0";
    writeFileSync(
      join(folder, "work", `m${i}.ts`),
      `${next}export const f${i} = (x: number): number => x <= 0 ? ${i} : ${call} + ${i};\nexport class Unused${i} { private a = ${i}; get b() { return this.a ** 2 } }\n`,
    );
  }
  writeFileSync(join(folder, "work", "main.ts"), `import { f0 } from "./m0.ts";\nconsole.log(f0(100));\n`);
  return folder;
}

describe("esbuild", () => {
  test("transforms TypeScript and JSX to the bytes that the native one gives", async () => {
    for (const args of [["--loader=tsx"], ["--loader=tsx", "--minify", "--target=es2015", "--sourcemap=inline"]]) {
      const native = await execute(given("PAGEWALK_USERLAND", "esbuild-native"), args, { input: component });
      const ours = await pagewalkUser([given("PAGEWALK_USERLAND", "esbuild"), ...args], { input: component });
      expect(ours).toEqual(native);
      expect(ours.stdout.length).toBeGreaterThan(300);
    }
  });

  test("bundles forty files to the bytes that the native one gives", async () => {
    const root = sources();
    cpSync(given("PAGEWALK_USERLAND", "esbuild"), join(root, "esbuild"));
    const args = ["--bundle", "--minify", "--sourcemap", "--log-level=error"];
    const work = join(root, "work");
    const native = await execute(
      given("PAGEWALK_USERLAND", "esbuild-native"),
      [...args, "main.ts", "--outfile=native/out.js"],
      { cwd: work },
    );
    expect(native).toMatchObject({ code: 0, stderr: "" });
    const ours = await pagewalkUser([
      "--root",
      root,
      "--writable",
      "--",
      "/esbuild",
      ...args,
      "/work/main.ts",
      "--outfile=/work/ours/out.js",
    ]);
    expect(ours).toMatchObject({ code: 0, stderr: "" });
    for (const file of ["out.js", "out.js.map"]) {
      expect(readFileSync(join(work, "ours", file))).toEqual(readFileSync(join(work, "native", file)));
    }
  });
});

const python = `
import sys, os, json, re, hashlib, zlib, threading, collections, itertools, tempfile, struct, decimal, subprocess
print(sys.version_info[:2] >= (3, 11), os.uname().machine)
print(sum(i * i for i in range(10000)), 2 ** 200 % 1000007)
words = collections.Counter(re.findall(r"[a-z]+", "the quick brown the lazy the dog quick"))
print(json.dumps(words, sort_keys=True))
print(hashlib.sha256(b"abc").hexdigest()[:16], zlib.crc32(b"pagewalk"))
print(decimal.Decimal(1) / 7, 1 / 3, struct.unpack("<d", struct.pack("<d", 0.1)))
total = []
threads = [threading.Thread(target=lambda n=n: total.append(n * n)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print(sorted(total))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "file")
    with open(path, "w") as f: f.write("line\\n" * 1000)
    print(os.stat(path).st_size, len(open(path).readlines()), os.listdir(folder))
pid = os.fork()
if pid == 0: os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True).stdout)
import mmap
m = mmap.mmap(-1, 8192); m[0:5] = b"hello"; print(m[0:5], len(m))
try: 1 // 0
except ZeroDivisionError as error: print(error)
sys.exit(5)
`;

const pythonOutput = `True riscv64
333283335000 ${(2n ** 200n % 1000007n).toString()}
{"brown": 1, "dog": 1, "lazy": 1, "quick": 2, "the": 3}
ba7816bf8f01cfea CRC
0.1428571428571428571428571429 0.3333333333333333 (0.1,)
[0, 1, 4, 9, 16, 25, 36, 49]
5000 1000 ['file']
7
b'42\\n'
b'hello' 8192
integer division or modulo by zero
`;

const perl = `
use strict; use warnings;
my %count; $count{$_}++ for split //, "mississippi";
print join(",", map { "$_=$count{$_}" } sort keys %count), "\\n";
my @sorted = sort { $a <=> $b } map { ($_ * 7919) % 1000 } 1..1000;
print "@sorted[0..4] $sorted[-1]\\n";
(my $text = "The year 1999 and 2024") =~ s/(\\d+)/<$1>/g; print "$text\\n";
open(my $pipe, "-|", $^X, "-e", 'print join "\\n", reverse 1..5') or die; my @lines = <$pipe>; close $pipe;
print scalar(@lines), " $lines[0]";
open(my $out, ">", "/tmp/perl.txt") or die $!; print $out "x" x 10000; close $out; print -s "/tmp/perl.txt", "\\n";
local $SIG{USR1} = sub { print "signal\\n" }; kill USR1 => $$;
printf "%.10f %s\\n", atan2(1, 1) * 4, 2**53 + 1;
my $fact = 1; $fact *= $_ for 1..15; print "$fact\\n";
exit 3;
`;

const perlOutput = `i=4,m=1,p=2,s=4
0 1 2 3 4 999
The year <1999> and <2024>
5 5
10000
signal
3.1415926536 9.00719925474099e+15
1307674368000
`;

describe("Debian's programs from a riscv64 tree", () => {
  // --writable: they have a /tmp of the tree's own
  const tree = ["--root", debian, "--writable", "-m", "512M", "--env", "HOME=/tmp", "--env", "PATH=/usr/bin:/bin"];

  test("python3 computes, uses threads, files, processes", async () => {
    const { code, stdout, stderr } = await pagewalkUser([...tree, "/usr/bin/python3", "-c", python]);
    expect(stderr).toBe("");
    expect(stdout.replace(/(?<=ba7816bf8f01cfea )\d+/, "CRC")).toBe(pythonOutput);
    expect(code).toBe(5);
  });

  test("perl sorts, matches, pipes, hears signals", async () => {
    const { code, stdout, stderr } = await pagewalkUser([...tree, "/usr/bin/perl", "-e", perl]);
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: perlOutput, stderr: "" });
  });

  test("sqlite3 builds and queries a database of 100,000 rows", async () => {
    const sql = `
      create table t(id integer primary key, name text, value real);
      with recursive c(x) as (select 1 union all select x + 1 from c where x < 100000)
        insert into t select x, 'name ' || (x * 7919 % 100003), x / 3.0 from c;
      create index i on t(name);
      select count(*), sum(id), round(avg(value), 3) from t;
      select id, name from t where name = 'name 12345';
      select substr(name, 1, 6) as prefix, count(*) from t group by prefix order by prefix limit 3;
      update t set value = 0 where id % 2 = 0; delete from t where id > 99990;
      select count(*), max(id) from t where value = 0; pragma integrity_check;`;
    const file = `/work/test-${process.pid}.db`;
    folders.push(join(debian, file));
    const { code, stdout, stderr } = await pagewalkUser([...tree, "/usr/bin/sqlite3", file, sql]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const x = Array.from({ length: 100_000 }, (_, i) => i + 1).find((i) => (i * 7919) % 100_003 === 12345)!;
    const prefix = new Map<string, number>();
    for (let i = 1; i <= 100_000; i++) {
      const key = `name ${(i * 7919) % 100_003}`.slice(0, 6);
      prefix.set(key, (prefix.get(key) ?? 0) + 1);
    }
    const groups = [...prefix]
      .sort()
      .slice(0, 3)
      .map(([key, count]) => `${key}|${count}`);
    expect(stdout.split("\n")).toEqual([
      "100000|5000050000|16666.833",
      `${x}|name 12345`,
      ...groups,
      "49995|99990",
      "ok",
      "",
    ]);
  });
});
