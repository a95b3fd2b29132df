"""plain.py SOCKET USER PASSWORD: a viewer at a Unix socket that shows its password by VeNCrypt's Plain; prints
SecurityResult's number and stays until its stdin ends. The password is turned round: nobody else's memory has it from the command line."""
import socket
import struct
import sys

s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
s.connect(sys.argv[1])


def read(n):
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            sys.exit("the server hung up")
        data += part
    return data


user, password = sys.argv[2].encode(), sys.argv[3][::-1].encode()
read(12)
s.sendall(b"RFB 003.008\n")
assert 19 in read(read(1)[0])
s.sendall(b"\x13")
read(2)
s.sendall(b"\0\2")
read(1)
assert struct.pack(">I", 256) in read(4 * read(1)[0])
s.sendall(struct.pack(">III", 256, len(user), len(password)) + user + password)
print(struct.unpack(">I", read(4))[0], flush=True)
sys.stdin.read()
