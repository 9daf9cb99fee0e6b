# What programs in Python use of their library and of the system: each line is what it prints everywhere.
import asyncio, concurrent.futures, csv, fcntl, glob, gzip, io, json, mmap, multiprocessing, os, pathlib, pickle, queue
import re, select, selectors, shutil, signal, socket, sqlite3, subprocess, sys, tempfile, threading, time, zipfile
from multiprocessing import shared_memory


def text():
    data = {"numbers": [1, 2.5, -3e10], "text": "ä€😀", "none": None, "nested": {"a": [True, False]}}
    assert json.loads(json.dumps(data)) == data and pickle.loads(pickle.dumps(data)) == data
    print(json.dumps(data, sort_keys=True))
    print(re.sub(r"(?P<year>\d{4})-(\d\d)", r"\2/\g<year>", "from 2024-05 to 2025-06"), re.findall(r"\b\w*o\w*\b", "one two three four"))
    table = io.StringIO()
    csv.writer(table).writerows([["a", 'b "quoted"'], [1, "c,d"]])
    print(table.getvalue().split("\r\n"))


def database(folder):
    path = os.path.join(folder, "file.db")
    writer, reader = sqlite3.connect(path), sqlite3.connect(path)
    print(writer.execute("pragma journal_mode=wal").fetchone())
    writer.execute("create table t(a integer primary key, b text)")
    writer.executemany("insert into t values (?, ?)", ((i, f"row {i}") for i in range(2000)))
    print(reader.execute("select count(*) from t").fetchone())
    writer.commit()
    print(reader.execute("select count(*), max(b) from t").fetchone(), sorted(os.listdir(folder)))
    writer.execute("begin immediate")
    try:
        other = sqlite3.connect(path, timeout=0.01)
        other.execute("delete from t")
    except sqlite3.OperationalError as error:
        print(error)
    writer.rollback()
    print(writer.execute("pragma integrity_check").fetchone())
    for connection in (writer, reader, other):
        connection.close()
    print(os.listdir(folder))


def files(folder):
    root = pathlib.Path(folder)
    for name in ("a/x.txt", "a/b/y.txt", "c.dat"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name * 3)
    print(sorted(str(path.relative_to(root)) for path in root.rglob("*.txt")))
    shutil.copytree(root / "a", root / "copy")
    shutil.move(root / "copy", root / "moved")
    os.symlink("../c.dat", root / "a/link")
    print(sorted(glob.glob("**/*", root_dir=folder, recursive=True)), (root / "a/link").resolve().name)
    with zipfile.ZipFile(root / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(root / "c.dat", "c")
    print(zipfile.ZipFile(root / "z.zip").testzip(), gzip.decompress(gzip.compress(b"x" * 1000)) == b"x" * 1000)
    with open(root / "c.dat", "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        mapped[0:5] = b"MMAP!"
        print(mapped.find(b"dat"), file.read(6))
        fcntl.lockf(file, fcntl.LOCK_EX)
        pid = os.fork()
        if pid == 0:
            try:
                fcntl.lockf(open(root / "c.dat", "r+b"), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os._exit(9)
            os._exit(0)
        print("locked:", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    with tempfile.TemporaryFile(dir=folder) as unnamed:
        unnamed.write(b"unnamed")
        print(os.fstat(unnamed.fileno()).st_nlink, sorted(os.listdir(folder)))
    info = os.stat(root / "c.dat")
    print(info.st_size, oct(info.st_mode), os.access(root / "c.dat", os.R_OK), os.path.samestat(info, os.stat(root / "a/link")))


def threads():
    jobs, results = queue.Queue(), []
    lock = threading.Lock()

    def work():
        while (job := jobs.get()) is not None:
            with lock:
                results.append(job ** 2)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers: worker.start()
    for job in list(range(100)) + [None] * 4: jobs.put(job)
    for worker in workers: worker.join()
    print(sum(results), len(results))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        print(list(pool.map(lambda n: n * 2, range(8))))
    done = threading.Event()
    threading.Timer(0.02, done.set).start()
    print(done.wait(5), threading.active_count() <= 2)
    barrier = threading.Barrier(3, action=lambda: print("barrier"))
    all_there = [threading.Thread(target=barrier.wait) for _ in range(3)]
    for thread in all_there: thread.start()
    for thread in all_there: thread.join()


def square(n):
    return n * n


def processes():
    context = multiprocessing.get_context("fork")
    with context.Pool(3) as pool:
        print(pool.map(square, range(10)))
    channel, counter = context.Queue(), context.Value("i", 0)

    def child(n):
        with counter.get_lock(): counter.value += n
        channel.put(n)

    children = [context.Process(target=child, args=(n,)) for n in range(1, 4)]
    for one in children: one.start()
    print(sorted(channel.get(timeout=20) for _ in children))
    for one in children: one.join()
    print(counter.value, [one.exitcode for one in children])
    memory = shared_memory.SharedMemory(create=True, size=100)
    other = context.Process(target=lambda: memory.buf.__setitem__(slice(0, 5), b"child"))
    other.start(); other.join()
    print(bytes(memory.buf[:5]))
    memory.close(); memory.unlink()
    first = subprocess.Popen(["sort", "-r"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    print(first.communicate("b\na\nc\n")[0].split(), first.returncode)
    try:
        subprocess.run(["sleep", "10"], timeout=0.05)
    except subprocess.TimeoutExpired:
        print("too late")
    print(subprocess.run("exit 3 | cat; kill -9 $$", shell=True).returncode)
    print(subprocess.run(["sh", "-c", "echo out; echo err >&2; pwd"], capture_output=True, cwd="/", env={"PATH": "/usr/bin:/bin"}))


async def talk():
    async def serve(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
        writer.close()

    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.start_unix_server(serve, os.path.join(folder, "s"))
        reader, writer = await asyncio.open_unix_connection(os.path.join(folder, "s"))
        writer.write(b"hello\nworld\n")
        writer.write_eof()
        print(await reader.read())
        writer.close(); server.close()
    process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
    print(await process.communicate(b"through cat"), process.returncode)
    print(await asyncio.gather(*(asyncio.sleep(0.01 * (3 - n), n) for n in range(3))))
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.02)
    except asyncio.TimeoutError:
        print("timeout")


def events():
    one, other = socket.socketpair()
    with selectors.DefaultSelector() as selector:
        selector.register(other, selectors.EVENT_READ, "other")
        print(selector.select(0))
        one.sendall(b"message")
        print([key.data for key, _ in selector.select(1)], other.recv(3), other.recv(10))
    print(select.select([other], [one], [], 0)[1] == [one])
    socket.send_fds(one, [b"fd"], [os.open("/dev/null", os.O_RDONLY)])
    message, fds, _, _ = socket.recv_fds(other, 10, 1)
    print(message, os.read(fds[0], 10), os.readlink(f"/proc/self/fd/{fds[0]}"))
    heard = []
    signal.signal(signal.SIGALRM, lambda number, frame: heard.append(signal.Signals(number).name))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(0.1)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    os.kill(os.getpid(), signal.SIGUSR1)
    print(heard, signal.sigpending(), signal.sigwait([signal.SIGUSR1]).name)


def main():
    text()
    for part in (database, files):
        with tempfile.TemporaryDirectory() as folder:
            part(folder)
    threads()
    sys.stdout.flush()
    processes()
    asyncio.run(talk())
    events()


main()
