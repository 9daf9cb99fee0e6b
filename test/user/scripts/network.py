# Programs that talk to each other over the machine's own network.
import asyncio, http.server, multiprocessing.connection, multiprocessing.managers, os, select, socket, socketserver, subprocess
import threading, urllib.error, urllib.request, xmlrpc.client, xmlrpc.server

HOST = "127.0.0.1"


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/none": return self.send_error(404)
        self.answer(f"page {self.path}".encode())

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"]))[::-1])

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): pass


def web():
    server = http.server.ThreadingHTTPServer((HOST, 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://{HOST}:{server.server_port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    print(opener.open(url + "/a?b").read(), len(opener.open(url, b"x" * 300_000).read()))
    try:
        opener.open(url + "/none")
    except urllib.error.HTTPError as error:
        print(error)
    answers = []
    clients = [threading.Thread(target=lambda n=n: answers.append(opener.open(f"{url}/{n}").read())) for n in range(5)]
    for client in clients: client.start()
    for client in clients: client.join()
    print(sorted(answers))
    server.shutdown(); server.server_close()
    try:
        socket.create_connection((HOST, server.server_port))
    except ConnectionRefusedError as error:
        print(error)


def calls():
    server = xmlrpc.server.SimpleXMLRPCServer((HOST, 0), logRequests=False)
    server.register_function(lambda a, b: a * b, "multiply")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(xmlrpc.client.ServerProxy(f"http://{HOST}:{server.server_address[1]}").multiply(6, 7))
    server.shutdown()
    listener = multiprocessing.connection.Listener((HOST, 0), authkey=b"key")
    pid = os.fork()
    if pid == 0:
        with multiprocessing.connection.Client(listener.address, authkey=b"key") as connection:
            connection.send({"child": [1, 2, 3]})
            os._exit(connection.recv())
    with listener.accept() as connection:
        print(connection.recv())
        connection.send(5)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


async def streams():
    async def serve(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]

        async def talk(n):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"line %d\n" % n * 1000)
            writer.write_eof()
            answer = await reader.read()
            writer.close()
            return len(answer), answer[:7]

        print(await asyncio.gather(*(talk(n) for n in range(4))))
    try:
        await asyncio.open_connection(HOST, port)
    except ConnectionRefusedError:
        print("refused")


def datagrams():
    class Echo(socketserver.BaseRequestHandler):
        def handle(self):
            data, back = self.request
            back.sendto(data * 2, self.client_address)

    with socketserver.UDPServer((HOST, 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.sendto(b"twice ", server.server_address)
            data, address = client.recvfrom(100)
            print(data, address == server.server_address)
            client.settimeout(0.01)
            try:
                client.recv(1)
            except TimeoutError as error:
                print(error)
        server.shutdown()


def limits():
    server = socket.create_server((HOST, 0))
    client = socket.create_connection(server.getsockname())
    client.setblocking(False)
    sent = 0
    try:
        while sent < 1 << 30: sent += client.send(b"x" * 65536)
    except BlockingIOError:
        print("full", select.select([], [client], [], 0))
    peer, _ = server.accept()
    received = 0
    while received < sent: received += len(peer.recv(1 << 20))
    print(received == sent, select.select([], [client], [], 1)[1] == [client])
    with open("network.py", "rb") as file:
        client.setblocking(True)
        size = os.path.getsize("network.py")
        print(client.sendfile(file) == size == len(peer.recv(size, socket.MSG_WAITALL)))
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    except OSError:
        print("nobody there")
    port = server.getsockname()[1]
    shell = subprocess.Popen(["bash", "-c", f"exec 3<> /dev/tcp/{HOST}/{port}; echo from bash >&3; cat <&3"], stdout=-1)
    peer, _ = server.accept()
    print(peer.makefile().readline())
    peer.sendall(b"to bash"); peer.close()
    print(shell.communicate())


web()
calls()
asyncio.run(streams())
datagrams()
limits()
