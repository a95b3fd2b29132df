"""Comes in again and again by each of the given ways until a line or the end comes on stdin, and was greeted four times: ADDRESS... as in
listen:PORT, web:PORT, unix:PATH. Prints for each what became of its connections: greeted, refused, cut off before the
greeting, and the slowest greeting in ms."""
import json
import socket
import sys
import threading
import time

done = threading.Event()


def greet(kind, where):
    if kind == "unix":
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(60)
        s.connect(where)
    else:
        # where browsers come from, viewers are asked to wait a moment: not from the same address
        s = socket.create_connection(("127.0.0.1", int(where)), 60, ("127.0.0.2" if kind == "web" else "127.0.0.1", 0))
    with s:
        if kind == "web":
            s.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        said = b""
        while len(said) < 12:
            some = s.recv(64)
            if not some:
                return "cut"
            said += some
        return "greeted" if said[:12] == (b"HTTP/1.1 200" if kind == "web" else b"RFB 003.008\n") else "odd"


def come(kind, where, account):
    while not done.is_set() or account.get("greeted", 0) < 4 and not account.get("refused"):
        began = time.monotonic()
        try:
            what = greet(kind, where)
        except (ConnectionRefusedError, FileNotFoundError):
            what = "refused"
        except ConnectionResetError:
            what = "cut"
        account[what] = account.get(what, 0) + 1
        account["slowest"] = max(account["slowest"], round((time.monotonic() - began) * 1000))
        time.sleep(0.01)


accounts = {}
threads = []
for way in sys.argv[1:]:
    accounts[way] = {"slowest": 0}
    threads.append(threading.Thread(target=come, args=(*way.split(":", 1), accounts[way])))
    threads[-1].start()
print("coming", flush=True)
sys.stdin.readline()
done.set()
for t in threads:
    t.join()
print(json.dumps(accounts))
