"""Listens as systemd does on its notification socket: prints one JSON line per message, with the pid that the kernel names as its sender."""

import json
import socket
import struct
import sys

CREDENTIALS = struct.Struct("iII")

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
name = sys.argv[1]
listener.bind("\0" + name[1:] if name.startswith("@") else name)
print(json.dumps({"pid": 0, "text": ""}), flush=True)
while True:
    message, ancillary, _flags, _sender = listener.recvmsg(65536, socket.CMSG_SPACE(CREDENTIALS.size))
    pid = next(CREDENTIALS.unpack(data)[0] for _level, kind, data in ancillary if kind == socket.SCM_CREDENTIALS)
    print(json.dumps({"pid": pid, "text": message.decode()}), flush=True)
