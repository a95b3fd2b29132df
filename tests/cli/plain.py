"""plain.py SOCKET USER PASSWORD: a viewer at a Unix socket that shows its password by VeNCrypt's Plain; prints
SecurityResult's number and stays until its stdin ends. The password is turned round: nobody else's memory has it from the command line."""
import os
import struct
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(__file__) + "/../conformance")
from rfbwire import Closed, Viewer

PLAIN = 256


def main():
    user, password = sys.argv[2].encode(), sys.argv[3][::-1].encode()
    v = Viewer(sys.argv[1], timeout=30)
    v.hello()
    assert 19 in v.types()
    v.send(b"\x13")
    v.recv(2)
    v.send(b"\0\2")
    v.recv(1)
    assert PLAIN in v.unpack(f">{v.unpack('>B')[0]}I")
    v.send(struct.pack(">III", PLAIN, len(user), len(password)), user, password)
    print(*v.unpack(">I"), flush=True)
    sys.stdin.read()


try:
    main()
except Closed:
    sys.exit("the server hung up")
