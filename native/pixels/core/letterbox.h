#pragma once

#include <cstdint>
#include <optional>

#include "buffer_pool.h"
#include "core/slot_reader.h"

// Frames of a ring made into what a detector takes: scaled with their aspect ratio kept, the rest of the input filled
// with grey. All functions: any thread; they take their memory from the caller's pool.

// YOLOX puts the picture into the top left corner; YOLOv8 and Hailo's models into the middle.
enum class Placing { kTopLeft, kCentre };
enum class ChannelOrder { kRgb, kBgr };

// Where the picture lies in the input of a detector, in pixels.
struct PicturePlace {
  uint32_t x, y, width, height;
};

// One call holds this many buffers of its pool at most: a pool for n calls at a time has n times as many, or they
// wait for each other forever.
inline constexpr size_t kLetterboxBuffers = 2;

// The value models were trained to see around a picture.
inline constexpr uint8_t kLetterboxGrey = 114;

// The largest place of a picture's shape in an input. Every size may be odd; none is 0.
PicturePlace FitPicture(uint32_t pictureWidth, uint32_t pictureHeight, uint32_t inputWidth, uint32_t inputHeight,
                        Placing placing);

// One frame, scaled into a buffer of the pool as I420, checked against its slot. Owner: one detector call.
struct ScaledFrame {
  FrameInfo info;
  PicturePlace place;
  BufferPool::Lease buffer;

  const uint8_t* y() const { return buffer.data(); }
  const uint8_t* u() const { return y() + place.width * place.height; }
  const uint8_t* v() const { return u() + chromaWidth() * ((place.height + 1) / 2); }
  uint32_t chromaWidth() const { return (place.width + 1) / 2; }
};

// Scales frame `seq` out of its slot; nullopt when it was overwritten before that was done, or has no pixels (end of
// stream).
std::optional<ScaledFrame> ReadScaled(const RingMapping& ring, uint64_t seq, uint32_t inputWidth, uint32_t inputHeight,
                                      Placing placing, BufferPool& pool);

// The whole input, `inputWidth` × `inputHeight` pixels of 3 bytes (NHWC).
void WritePackedRgb(const ScaledFrame& frame, uint32_t inputWidth, uint32_t inputHeight, uint8_t* target);

// The whole input as three planes of floats (NCHW), each value × gain.
void WritePlanarFloat(const ScaledFrame& frame, uint32_t inputWidth, uint32_t inputHeight, ChannelOrder order,
                      float gain, BufferPool& pool, float* target);
