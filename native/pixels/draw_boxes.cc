#include "draw_boxes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

namespace {

struct Colour {
  uint8_t y, u, v;
};

// In the range of JPEG. Bright colours far apart, in an order that gives neighbouring track numbers unlike ones.
constexpr std::array<Colour, 12> kTrackColours = {{{150, 44, 21},
                                                   {170, 166, 16},
                                                   {210, 16, 146},
                                                   {106, 202, 222},
                                                   {145, 54, 190},
                                                   {120, 200, 80},
                                                   {180, 70, 60},
                                                   {130, 110, 210},
                                                   {190, 140, 100},
                                                   {140, 160, 170},
                                                   {200, 60, 110},
                                                   {110, 150, 60}}};
constexpr Colour kUntracked = {210, 128, 128};
constexpr Colour kInk = {0, 128, 128};

// A rectangle in whole pixels: left and top belong to it, right and bottom do not.
struct Area {
  int left, top, right, bottom;
};

Colour TrackColour(int32_t trackId, bool predicted) {
  if (trackId < 0) return kUntracked;
  Colour colour = kTrackColours[static_cast<uint32_t>(trackId) % kTrackColours.size()];
  if (predicted) {
    colour.y = static_cast<uint8_t>(colour.y / 2);
    colour.u = static_cast<uint8_t>((colour.u + 128) / 2);
    colour.v = static_cast<uint8_t>((colour.v + 128) / 2);
  }
  return colour;
}

void FillPlane(uint8_t* plane, int stride, const Area& area, uint8_t value) {
  for (int row = area.top; row < area.bottom; ++row) {
    std::memset(plane + int64_t{row} * stride + area.left, value, static_cast<size_t>(area.right - area.left));
  }
}

void Fill(Picture& picture, Area area, const Colour& colour) {
  area.left = std::max(area.left, 0);
  area.top = std::max(area.top, 0);
  area.right = std::min(area.right, picture.width());
  area.bottom = std::min(area.bottom, picture.height());
  if (area.left >= area.right || area.top >= area.bottom) return;
  FillPlane(picture.y(), picture.width(), area, colour.y);
  // A chroma sample covers 2 × 2 pixels: every one that is touched is coloured.
  const Area chroma = {area.left / 2, area.top / 2, (area.right + 1) / 2, (area.bottom + 1) / 2};
  FillPlane(picture.u(), picture.chromaWidth(), chroma, colour.u);
  FillPlane(picture.v(), picture.chromaWidth(), chroma, colour.v);
}

void Outline(Picture& picture, const Area& box, int thickness, const Colour& colour) {
  Fill(picture, {box.left, box.top, box.right, box.top + thickness}, colour);
  Fill(picture, {box.left, box.bottom - thickness, box.right, box.bottom}, colour);
  Fill(picture, {box.left, box.top, box.left + thickness, box.bottom}, colour);
  Fill(picture, {box.right - thickness, box.top, box.right, box.bottom}, colour);
}

constexpr int kDigitWidth = 5;
constexpr int kDigitHeight = 7;

// Each row of a digit is five bits, the leftmost pixel highest.
constexpr std::array<std::array<uint8_t, kDigitHeight>, 10> kDigits = {{
    {0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110},
    {0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110},
    {0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111},
    {0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110},
    {0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010},
    {0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110},
    {0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110},
    {0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000},
    {0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110},
    {0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100},
}};

// The number stands on a plate above the box, or inside it at the picture's upper edge.
void Label(Picture& picture, const Area& box, uint32_t number, int scale, const Colour& colour) {
  const std::string digits = std::to_string(number);
  const int advance = (kDigitWidth + 1) * scale;
  const int plateHeight = (kDigitHeight + 2) * scale;
  const int top = box.top >= plateHeight ? box.top - plateHeight : box.top;
  Fill(picture, {box.left, top, box.left + static_cast<int>(digits.size()) * advance + scale, top + plateHeight},
       colour);
  int left = box.left + scale;
  for (const char digit : digits) {
    const auto& rows = kDigits[static_cast<size_t>(digit - '0')];
    for (int row = 0; row < kDigitHeight; ++row) {
      for (int column = 0; column < kDigitWidth; ++column) {
        if ((rows[static_cast<size_t>(row)] >> (kDigitWidth - 1 - column) & 1) == 0) continue;
        const int x = left + column * scale;
        const int y = top + (row + 1) * scale;
        Fill(picture, {x, y, x + scale, y + scale}, kInk);
      }
    }
    left += advance;
  }
}

// Whole pixels of a coordinate out of shared memory; far outside stays far outside without overflowing.
int Pixel(float position, int size) { return static_cast<int>(std::lround(std::clamp(position, -1.0f, 2.0f) * size)); }

}  // namespace

void DrawBoxes(Picture& picture, const ResultBlock& results) {
  const int thickness = std::clamp(picture.height() / 240, 2, 6);
  const int scale = std::clamp(picture.height() / 240, 1, 4);
  const bool predicted = (results.flags & kResultPredicted) != 0;
  for (const ResultDetection& detection : results.detections) {
    if (!std::isfinite(detection.x1 + detection.y1 + detection.x2 + detection.y2)) continue;
    const Area box = {Pixel(detection.x1, picture.width()), Pixel(detection.y1, picture.height()),
                      Pixel(detection.x2, picture.width()), Pixel(detection.y2, picture.height())};
    if (box.left >= box.right || box.top >= box.bottom) continue;
    const Colour colour = TrackColour(detection.trackId, predicted);
    Outline(picture, box, thickness, colour);
    if (detection.trackId >= 0) Label(picture, box, static_cast<uint32_t>(detection.trackId), scale, colour);
  }
}
