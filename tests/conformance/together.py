#!/usr/bin/python3
"""together.py PORT USER PASSWORD ADDRESS...: a viewer from each address; all are at the password (X509Plain) before the first shows it. Prints
what became of them. The password is turned round: nobody else's memory has it from the command line."""
import socket
import ssl
import struct
import sys

sys.dont_write_bytecode = True
from rfbwire import Viewer

X509_PLAIN = 262


class Secured(Viewer):
    def __init__(self, port, address):
        self.s = socket.create_connection(("127.0.0.1", port), 60, (address, 0))
        self.hello()
        assert 19 in self.types()
        self.send(b"\x13")
        self.recv(2)
        self.send(b"\0\2")
        self.recv(1)
        assert X509_PLAIN in self.unpack(f">{self.unpack('>B')[0]}I")
        self.send(struct.pack(">I", X509_PLAIN))
        assert self.recv(1) == b"\1"
        self.s = trusting.wrap_socket(self.s)

    def show(self, user, password):
        self.send(struct.pack(">II", len(user), len(password)), user, password)

    def result(self):
        if self.unpack(">I") == (0,):
            return "in"
        return "blocked" if "too many" in self.reason() else "wrong"


trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
viewers = [Secured(int(sys.argv[1]), a) for a in sys.argv[4:]]
for v in viewers:
    v.show(sys.argv[2].encode(), sys.argv[3][::-1].encode())
results = [v.result() for v in viewers]
print(results.count("in"), "let in,", results.count("wrong"), "wrong,", results.count("blocked"), "blocked")
