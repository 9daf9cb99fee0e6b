import { describe, expect, test } from "vitest";
import { endProcess } from "../../../src/supervisor/process/exit.ts";
import { AT_FDCWD, Caller } from "./caller.ts";

const O = { WRONLY: 1, RDWR: 2, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 };
const SEEK = { SET: 0, CUR: 1, END: 2 };
const PAGE = 4096;

describe("/sys tells", () => {
  test("which processors there are, and what is done with huge pages", () => {
    const c = new Caller({ hugePages: "always", hugetlb: new Map([[2 ** 21, 2]]) });
    expect(c.content("/sys/devices/system/cpu/online")).toBe("0\n");
    expect(c.content("/sys/kernel/mm/transparent_hugepage/enabled")).toBe("[always] madvise never\n");
    expect(c.content("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")).toBe("2\n");
    expect(c.content("/proc/sys/vm/nr_hugepages")).toBe("2\n");
    expect(c.names("/sys")).toEqual(["devices", "kernel"]);
    expect(c.content("/sys/devices/system/cpu/cpu0/topology/core_siblings_list")).toBe("0\n");
    expect(c.open("/sys/devices/system/cpu/cpu1")).toBe("ENOENT");
    expect(c.open("/sys/kernel/new", O.WRONLY | 0o100)).toBe("EPERM");
  });
});

describe("/proc tells of the system", () => {
  test("a UUID that is another one each time", () => {
    const c = new Caller();
    const path = "/proc/sys/kernel/random/uuid";
    expect(c.content(path)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n$/);
    expect(c.content(path)).not.toBe(c.content(path));
  });

  test("how much memory there is, and what of it is free", () => {
    const c = new Caller();
    const kib = (name: string) =>
      Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(c.content("/proc/meminfo"))?.[1]);
    const before = kib("MemFree");
    expect(kib("MemTotal")).toBeGreaterThan(before);
    const at = c.call("mmap", 0, 100 * PAGE, 3, 0x22, -1, 0) as number;
    for (let page = 0; page < 100; page++) c.task.memory.setU32(at + page * PAGE, 1);
    expect(before - kib("MemFree")).toBeGreaterThanOrEqual(400);
    expect(kib("MemAvailable")).toBeGreaterThanOrEqual(kib("MemFree"));
    expect(c.content("/proc/meminfo")).toMatch(/^HugePages_Total: +0\n.*^Hugepagesize: +2048 kB\n$/ms);
    expect(Number(/^pgfault (\d+)$/m.exec(c.content("/proc/vmstat"))?.[1])).toBeGreaterThanOrEqual(100);
  });

  test("which harts, what time it is, which kernel it would be", () => {
    const c = new Caller({ epoch: 1_800_000_000 });
    expect(c.content("/proc/cpuinfo")).toMatch(
      /^processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdc\w*\nmmu\t\t: sv\d\d\n\n$/,
    );
    expect(c.content("/proc/uptime")).toMatch(/^\d+\.\d\d \d+\.\d\d\n$/);
    expect(c.content("/proc/stat")).toContain("btime 1800000000\n");
    expect(c.content("/proc/version")).toMatch(/^Linux version \d/);
    expect(c.content("/proc/version")).toContain(c.content("/proc/sys/kernel/osrelease").trim());
    expect(c.content("/proc/mounts")).toMatch(/^\S+ \/ \S+ /);
    expect(c.content("/proc/self/mountinfo")).toMatch(/^1 0 0:\d+ \/ \/ r[ow],relatime - /);
  });
});

describe("/proc says", () => {
  const fieldsOf = (text: string): Record<string, string> =>
    Object.fromEntries(text.split("\n").map((line) => line.split(/:\s+/) as [string, string]));

  test("what a process has read and written, by how many calls, its threads together", () => {
    const c = new Caller();
    const fd = c.open("/tmp/f", 0o102) as number;
    expect(c.write(fd, "0123456789")).toBe(10);
    expect(c.thread().write(fd, "abc")).toBe(3);
    expect(c.call("pread64", fd, new Uint8Array(100), 100, 4)).toBe(9);
    expect(c.call("sendfile", c.open("/tmp/g", 0o101), fd, 0n, 6)).toBe(6);
    const io = fieldsOf(c.content("/proc/self/io"));
    // what io itself is read with is not counted yet
    expect(io).toMatchObject({ rchar: "15", wchar: "19", syscr: "2", syscw: "3", read_bytes: "0" });
    expect(fieldsOf(c.content("/proc/self/io"))).toMatchObject({ syscr: "3" });
  });

  test("how likely a process is killed for want of memory, which can be said", () => {
    const c = new Caller();
    const path = "/proc/self/oom_score_adj";
    const set = (text: string, at = path) => {
      const fd = c.open(at, O.WRONLY) as number;
      const answer = c.write(fd, text);
      c.call("close", fd);
      return answer;
    };
    const usual = Number(c.content("/proc/self/oom_score"));
    expect(usual).toBeGreaterThanOrEqual(666);
    expect(usual).toBeLessThan(700);
    expect(set("600\n")).toBe(4);
    expect(c.content(path)).toBe("600\n");
    expect(Number(c.content("/proc/self/oom_score"))).toBe(usual + 400);
    const child = c.call("clone", 17, 0, 0, 0, 0);
    expect(c.content(`/proc/${child}/oom_score_adj`)).toBe("600\n");
    for (const wrong of ["1001", "-1001", "much", "", "1.5"]) expect(set(wrong)).toBe(wrong === "" ? 0 : "EINVAL");
    expect(set("-1000")).toBe(5);
    expect(c.content("/proc/self/oom_score")).toBe("0\n");
    expect(c.content("/proc/self/oom_adj")).toBe("-17\n");
    expect(set("15", "/proc/self/oom_adj")).toBe(2);
    expect(c.content(path)).toBe("1000\n");
  });

  test("what is in a process's memory, a byte at each offset", () => {
    const c = new Caller();
    const at = c.call("mmap", 0, 3 * PAGE, 3, 0x22, -1, 0) as number;
    expect(c.call("munmap", at + 2 * PAGE, PAGE)).toBe(0);
    c.task.memory.write(at + PAGE - 3, new TextEncoder().encode("across"));
    const fd = c.open("/proc/self/mem", O.RDWR) as number;
    expect(c.call("lseek", fd, at + PAGE - 3, SEEK.SET)).toBe(at + PAGE - 3);
    expect(c.read(fd, 6)).toBe("across");
    expect(c.write(fd, "written")).toBe(7);
    expect(new TextDecoder().decode(c.task.memory.read(at + PAGE + 3, 7))).toBe("written");
    expect(c.call("pread64", fd, new Uint8Array(PAGE), PAGE, at + 2 * PAGE - 10)).toBe(10);
    expect(c.call("pread64", fd, new Uint8Array(8), 8, at + 2 * PAGE)).toBe("EIO");
    expect(c.call("pwrite64", fd, "x", 1, 0)).toBe("EIO");
  });

  test("that a process has ended and nobody has waited for it", () => {
    const c = new Caller();
    const pid = c.call("clone", 17, 0, 0, 0, 0) as number;
    expect(c.content("/proc/self/task/1000/children")).toBe(`${pid} `);
    endProcess(c.system.processes.get(pid)!, { kind: "exited", code: 0 });
    expect(c.content(`/proc/${pid}/stat`)).toMatch(new RegExp(`^${pid} \\(program\\) Z 1000 `));
    expect(fieldsOf(c.content(`/proc/${pid}/status`))).toMatchObject({ State: "Z (zombie)", Threads: "0" });
    for (const name of ["cmdline", "maps", "mem", "environ"]) expect(c.content(`/proc/${pid}/${name}`)).toBe("");
    expect(c.names(`/proc/${pid}/fd`)).toEqual([]);
    expect(c.call("wait4", pid, 0, 0, 0)).toBe(pid);
    expect(c.open(`/proc/${pid}/stat`)).toBe("ENOENT");
  });

  test("how often a task has waited, as getrusage does", () => {
    const c = new Caller();
    const other = c.thread();
    expect(c.call("pipe2", new Uint8Array(8), 0)).toBe(0);
    const reader = c.task.memory.u32(c.memory());
    for (let i = 0; i < 3; i++) {
      expect(other.call("read", reader, new Uint8Array(1), 1)).toBe("blocked");
      c.write(reader + 1, "x");
      expect(other.again()).toBe(1);
    }
    const status = c.read(c.open(`/proc/self/task/${other.task.tid}/status`) as number, 4000);
    expect(fieldsOf(status)).toMatchObject({ voluntary_ctxt_switches: "3", nonvoluntary_ctxt_switches: "0" });
    expect(other.call("getrusage", 1, new Uint8Array(144))).toBe(0);
    expect(other.task.memory.long(other.memory() + 128)).toBe(3);
  });

  test("that there is one namespace of each kind, and no network", () => {
    const c = new Caller();
    expect(c.readlink("/proc/self/ns/pid")).toBe(c.readlink("/proc/self/ns/pid_for_children"));
    const namespace = c.open("/proc/self/ns/net") as number;
    expect(c.call("ioctl", namespace, 0xb701, 0)).toBe("ENOTTY");
    expect(c.call("read", namespace, new Uint8Array(8), 8)).toBe("EINVAL");
    expect(c.call("newfstatat", AT_FDCWD, "/proc/self/ns/pid", new Uint8Array(128), 0)).toBe(0);
    const ino = c.task.memory.long(c.memory("/proc/self/ns/pid".length + 1) + 8);
    expect(c.readlink("/proc/self/ns/pid")).toBe(`pid:[${ino}]`);
    expect(c.readlink("/proc/self/ns/net")).toMatch(/^net:\[\d+\]$/);
    expect(c.content("/proc/net/dev").split("\n")[2]).toMatch(/^ +lo:( +0){16}$/);
    expect(c.content("/proc/net/tcp").split("\n")).toHaveLength(2);
  });

  test("which files are mapped, by their paths", () => {
    const c = new Caller();
    c.write(c.open("/tmp/mapped", 0o101) as number, "x");
    const at = c.call("mmap", 0, PAGE, 1, 1, c.open("/tmp/mapped"), 0) as number;
    const name = `${at.toString(16)}-${(at + PAGE).toString(16)}`;
    expect(c.names("/proc/self/map_files")).toContain(name);
    expect(c.readlink(`/proc/self/map_files/${name}`)).toBe("/tmp/mapped");
    expect(c.content(`/proc/self/map_files/${name}`)).toBe("x");
  });

  test("a name of the boot that stays the same", () => {
    const c = new Caller();
    const path = "/proc/sys/kernel/random/boot_id";
    expect(c.content(path)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/);
    expect(c.content(path)).toBe(c.content(path));
  });
});

describe("/proc tells of a process", () => {
  test("its limits, as they are now", () => {
    const c = new Caller();
    const limit = (name: string) =>
      c
        .content("/proc/self/limits")
        .split("\n")
        .find((line) => line.startsWith(name));
    expect(limit("Max stack size")).toMatch(/^Max stack size {12}8388608 {14}unlimited {12}bytes/);
    const limits = new Uint8Array(16);
    limits[0] = limits[8] = 77;
    expect(c.call("setrlimit", 4, limits)).toBe(0);
    expect(limit("Max core file size")).toMatch(/^Max core file size {8}77 {19}77 {19}bytes/);
  });

  test("its name, which can be written", () => {
    const c = new Caller();
    const fd = c.open("/proc/self/comm", O.RDWR) as number;
    expect(c.write(fd, "another name, too long\n")).toBe(23);
    expect(c.content("/proc/self/comm")).toBe("another name, t\n");
    expect(c.content("/proc/self/stat")).toMatch(/^1000 \(another name, t\) R /);
    expect(c.call("prctl", 16, new Uint8Array(16))).toBe(0);
    expect(c.task.memory.string(c.memory())).toBe("another name, t");
  });

  test("its nice value and its threads in stat, fields 18 to 20", () => {
    const c = new Caller();
    c.thread();
    expect(c.call("setpriority", 0, 0, 5)).toBe(0);
    const fields = c
      .content("/proc/self/stat")
      .replace(/\(.*\)/, "name")
      .split(" ");
    expect(fields.slice(17, 20)).toEqual(["25", "5", "2"]);
    expect(fields).toHaveLength(52);
  });

  test("of each descriptor position, flags, and what only its kind has", () => {
    const c = new Caller();
    const info = (fd: number | string) => c.content(`/proc/self/fdinfo/${fd}`);
    const file = c.open("/tmp/f", 0o102 | O.CLOEXEC) as number;
    c.write(file, "12345");
    expect(info(file)).toMatch(/^pos:\t5\nflags:\t02\d*2\n/);
    const event = c.call("eventfd2", 300, O.NONBLOCK);
    expect(info(event)).toContain("flags:\t04002\n");
    expect(info(event)).toContain("eventfd-count:              12c\n");
    const process = c.call("pidfd_open", c.task.process.pid, 0);
    expect(info(process)).toContain(`Pid:\t${c.task.process.pid}\n`);
    const set = c.call("epoll_create1", 0) as number;
    const watch = new Uint8Array(16);
    watch[0] = 1;
    watch[8] = 0xab;
    expect(c.call("epoll_ctl", set, 1, event, watch)).toBe(0);
    expect(info(set)).toMatch(new RegExp(`tfd: +${event} events: +1 data: +ab`));
    expect(info(77)).toBe("ENOENT");
    expect(c.names("/proc/self/fdinfo")).toEqual(c.names("/proc/self/fd"));
  });
});

describe("what is in /proc", () => {
  test("is read from its beginning as it is then, and can be sought in", () => {
    const c = new Caller();
    const fd = c.open("/proc/self/comm") as number;
    expect(c.read(fd, 3)).toBe("pro");
    expect(c.call("lseek", fd, 1, SEEK.CUR)).toBe(4);
    expect(c.read(fd)).toBe("ram\n");
    c.call("prctl", 15, "other");
    expect(c.call("lseek", fd, 0, SEEK.SET)).toBe(0);
    expect(c.read(fd)).toBe("other\n");
    expect(c.call("lseek", fd, -1, SEEK.SET)).toBe("EINVAL");
    expect(c.call("lseek", fd, 0, SEEK.END)).toBe("EINVAL");
    expect(c.readlink(`/proc/self/fd/${fd}`)).toMatch(/^\/proc\/\d+\/comm$/);
  });

  test("cannot be changed, whatever is tried", () => {
    const c = new Caller();
    const answers = [
      c.open("/proc/new", 0o101),
      c.call("mkdirat", AT_FDCWD, "/proc/new", 0o777),
      c.call("symlinkat", "x", AT_FDCWD, "/proc/new"),
      c.call("mknodat", AT_FDCWD, "/proc/new", 0o100644, 0),
      c.call("unlinkat", AT_FDCWD, "/proc/version", 0),
      c.call("fchmodat", AT_FDCWD, "/proc/version", 0o777),
      c.call("fchownat", AT_FDCWD, "/proc/version", 1, 1, 0),
      c.call("truncate", "/proc/version", 0),
      c.call("mmap", 0, PAGE, 1, 2, c.open("/proc/version"), 0),
    ];
    expect(answers.map((answer) => typeof answer)).toEqual(answers.map(() => "string"));
    expect(answers).not.toContain("EFAULT");
    expect(c.open("/proc/version/below")).toBe("ENOTDIR");
    expect(c.call("readlinkat", AT_FDCWD, "/proc/version", new Uint8Array(10), 10)).toBe("EINVAL");
    expect(c.open("/proc/77777/comm")).toBe("ENOENT");
  });
});

describe("a directory that is open", () => {
  test("is no file to read, write or map", () => {
    const c = new Caller();
    const fd = c.open("/tmp", 0o200000) as number;
    const bytes = new Uint8Array(8);
    expect(c.call("read", fd, bytes, 8)).toBe("EISDIR");
    expect(c.call("write", fd, bytes, 8)).toBe("EBADF");
    expect(c.call("mmap", 0, PAGE, 1, 2, fd, 0)).toBe("ENODEV");
    expect(c.call("getdents64", c.open("/tmp/f", 0o101), bytes, 8)).toBe("ENOTDIR");
    // too small for a single name
    expect(c.call("getdents64", fd, bytes, 8)).toBe("EINVAL");
    const path = c.open("/tmp", 0o10000000) as number;
    for (const call of ["read", "write"]) expect(c.call(call, path, bytes, 8)).toBe("EBADF");
    expect(c.call("ftruncate", path, 0)).toBe("EBADF");
    expect(c.call("ioctl", path, 0x541b, bytes)).toBe("EBADF");
    expect(c.readlink(`/proc/self/fd/${path}`)).toBe("/tmp");
  });
});

describe("files in memory", () => {
  test("have the owner, the mode and the times that they are given", () => {
    const c = new Caller();
    c.write(c.open("/tmp/f", 0o101) as number, "x");
    c.call("mkdirat", AT_FDCWD, "/tmp/d", 0o777);
    c.call("symlinkat", "f", AT_FDCWD, "/tmp/l");
    const owner = (path: string) => {
      expect(c.call("newfstatat", AT_FDCWD, path, new Uint8Array(128), 0x100)).toBe(0);
      const at = c.memory(path.length + 1);
      return [c.task.memory.u32(at + 24), c.task.memory.u32(at + 28)];
    };
    for (const path of ["/tmp/f", "/tmp/d", "/tmp/l"]) {
      expect(c.call("fchownat", AT_FDCWD, path, 5, 6, 0x100)).toBe(0);
      expect(owner(path)).toEqual([5, 6]);
      expect(c.call("fchownat", AT_FDCWD, path, -1, 7, 0x100)).toBe(0);
      expect(owner(path)).toEqual([5, 7]);
    }
    expect(c.call("fchmodat", AT_FDCWD, "/tmp/f", 0o4711)).toBe(0);
    expect(c.stat("/tmp/f")).toMatchObject({ mode: 0o104711 });
    const times = new Uint8Array(32);
    times[0] = 40;
    times[16] = 50;
    for (const path of ["/tmp/f", "/tmp/d", "/tmp/l"]) {
      expect(c.call("utimensat", AT_FDCWD, path, times, 0x100)).toBe(0);
      expect(c.call("newfstatat", AT_FDCWD, path, new Uint8Array(128), 0x100)).toBe(0);
      const at = c.memory(path.length + 1);
      expect([c.task.memory.long(at + 72), c.task.memory.long(at + 88)]).toEqual([40, 50]);
    }
  });

  test("and the systems that they are on tell their size", () => {
    const c = new Caller();
    const blocks = (fd: number) => {
      expect(c.call("fstatfs", fd, new Uint8Array(120))).toBe(0);
      const at = c.memory();
      return { type: c.task.memory.long(at), total: c.task.memory.long(at + 16) };
    };
    const tmp = blocks(c.open("/tmp", 0o200000) as number);
    expect(tmp).toMatchObject({ type: 0x01021994 });
    expect(tmp.total).toBeGreaterThan(0);
    expect(blocks(c.open("/proc", 0o200000) as number)).toEqual({ type: 0x9fa0, total: 0 });
  });
});
