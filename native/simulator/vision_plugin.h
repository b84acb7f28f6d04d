#pragma once

#include <cstddef>
#include <cstdint>

// What the simulator sees real pictures with: libhailort-sim-vision.so, a library of its own beside the simulator,
// because it brings OpenCV along. It is loaded only when a network's detector is `hog` or `onnx`, and never unloaded.

// A person, or another object: 0–1 of the network's input, origin top-left.
struct SimBox {
  float x1, y1, x2, y2, score;
  uint32_t classId;
};

// The three functions that the simulator resolves by these names.
extern "C" {

// Eyes of `kind` "hog" or "onnx" (`file`: the ONNX file; empty for hog). The caller owns them and closes them. NULL on
// failure, with one line of text in `error`. Any thread.
using SimVisionOpen = void*(const char* kind, const char* file, char* error, size_t errorSize);

// Looks at one frame, width × height × 3 bytes of RGB, tightly packed, and writes at most `capacity` boxes, best first.
// The number written, or -1 when it failed. Any thread, one call at a time for the same eyes.
using SimVisionFind = int(void* eyes, const uint8_t* rgb, uint32_t width, uint32_t height, SimBox* boxes,
                          size_t capacity);

// Nobody may be looking. NULL does nothing.
using SimVisionClose = void(void* eyes);

__attribute__((visibility("default"))) SimVisionOpen sim_vision_open;
__attribute__((visibility("default"))) SimVisionFind sim_vision_find;
__attribute__((visibility("default"))) SimVisionClose sim_vision_close;
}
