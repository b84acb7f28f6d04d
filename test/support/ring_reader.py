#!/usr/bin/env python3
"""Reads a ring file with nothing but native/ring/FORMAT.md at hand, and prints it as JSON.

    ring_reader.py FILE          header, and every frame that is complete, with its result block

A second opinion on the format, for the tests. It looks at rings that stand still: Python has no memory fence, so on a live
ring it could miss that a frame changed under its hands.
"""

import hashlib
import json
import mmap
import struct
import sys

HEADER_FIELDS = {
    "version": (8, "<I"),
    "slotCount": (12, "<I"),
    "slotStride": (16, "<I"),
    "slotsOffset": (20, "<I"),
    "maxFrameBytes": (24, "<I"),
    "maxWidth": (32, "<I"),
    "maxHeight": (36, "<I"),
    "generation": (40, "<I"),
    "writerPid": (44, "<I"),
    "mode": (48, "<I"),
    "head": (64, "<Q"),
    "headNs": (72, "<Q"),
    "resultHead": (128, "<Q"),
    "resultsLost": (136, "<I"),
    "resultOwnerPid": (140, "<I"),
    "resultEpoch": (144, "<I"),
    "released": (192, "<Q"),
    "releasedWake": (200, "<I"),
    "releaser": (204, "<I"),
    "frameBell": (208, "<I"),
    "resultBell": (212, "<I"),
}

SLOT_FIELDS = {
    "seq": (8, "<Q"),
    "ptsNs": (16, "<q"),
    "arrivedNs": (24, "<Q"),
    "width": (32, "<I"),
    "height": (36, "<I"),
    "bytes": (44, "<I"),
    "flags": (48, "<I"),
    "generation": (52, "<I"),
}

PIXELS_OFFSET = 8192
DETECTIONS_OFFSET = 128


def word(ring, offset, kind):
    return struct.unpack_from(kind, ring, offset)[0]


def four_cc(ring, offset):
    return bytes(ring[offset : offset + 4]).decode("ascii")


def header(ring):
    if bytes(ring[0:8]) != b"HCRING1\0":
        raise SystemExit("wrong magic")
    fields = {name: word(ring, offset, kind) for name, (offset, kind) in HEADER_FIELDS.items()}
    fields["format"] = four_cc(ring, 28)
    return fields


def results(ring, slot, seq):
    lock = word(ring, slot + 64, "<Q")
    if lock % 2 == 1 or word(ring, slot + 72, "<Q") != seq:
        return None
    block = {
        "inferenceUs": word(ring, slot + 84, "<I"),
        "flags": word(ring, slot + 88, "<I"),
        "detections": [
            struct.unpack_from("<5fIiI", ring, slot + DETECTIONS_OFFSET + 32 * index)
            for index in range(word(ring, slot + 80, "<I"))
        ],
    }
    return block if word(ring, slot + 64, "<Q") == lock else None


def frame(ring, slot, seq):
    lock = word(ring, slot, "<Q")
    if lock % 2 == 1:
        return None
    found = {name: word(ring, slot + offset, kind) for name, (offset, kind) in SLOT_FIELDS.items()}
    if found["seq"] != seq:
        return None
    found["format"] = four_cc(ring, slot + 40)
    pixels = bytes(ring[slot + PIXELS_OFFSET : slot + PIXELS_OFFSET + found["bytes"]])
    if word(ring, slot, "<Q") != lock:
        return None
    found["sha256"] = hashlib.sha256(pixels).hexdigest()
    found["results"] = results(ring, slot, seq)
    return found


def main(path):
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as ring:
        top = header(ring)
        frames = []
        for seq in range(max(1, top["head"] - top["slotCount"] + 1), top["head"] + 1):
            slot = top["slotsOffset"] + (seq - 1) % top["slotCount"] * top["slotStride"]
            found = frame(ring, slot, seq)
            if found is not None:
                frames.append(found)
        json.dump({"size": len(ring), "header": top, "frames": frames}, sys.stdout)


main(sys.argv[1])
