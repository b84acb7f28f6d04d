#pragma once

#include <cstdint>
#include <vector>

// One tightly packed I420 picture of even size. Owns its bytes and keeps them from frame to frame. One thread at a
// time.
class Picture {
 public:
  void Resize(uint32_t width, uint32_t height) {
    width_ = static_cast<int>(width);
    height_ = static_cast<int>(height);
    bytes_.resize(uint64_t{width} * height * 3 / 2);
  }

  int width() const { return width_; }
  int height() const { return height_; }
  int chromaWidth() const { return width_ / 2; }
  int chromaHeight() const { return height_ / 2; }
  uint8_t* y() { return bytes_.data(); }
  uint8_t* u() { return y() + int64_t{width_} * height_; }
  uint8_t* v() { return u() + int64_t{chromaWidth()} * chromaHeight(); }

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<uint8_t> bytes_;
};
