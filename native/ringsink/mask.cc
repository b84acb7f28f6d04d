#include "mask.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace {

// A picture of 1 and 0, a byte a pixel.
class Stencil {
 public:
  Stencil(uint32_t width, uint32_t height)
      : width_(width), height_(height), pixels_(static_cast<size_t>(width) * height) {}

  // Masks the pixels of row `y` that the stretch from `from` to `to` touches; a border between two pixels touches none.
  void Cover(int64_t y, double from, double to) {
    const auto first = std::max<int64_t>(0, static_cast<int64_t>(std::floor(from)));
    const auto last = std::min<int64_t>(width_ - 1, static_cast<int64_t>(std::ceil(to)) - 1);
    if (y < 0 || y >= height_ || last < first) return;
    std::fill_n(pixels_.begin() + y * width_ + first, last - first + 1, 1);
  }

  bool Any(uint32_t x, uint32_t y, uint32_t step) const {
    for (uint32_t row = y; row < y + step; ++row) {
      for (uint32_t column = x; column < x + step; ++column) {
        if (pixels_[static_cast<size_t>(row) * width_ + column] != 0) return true;
      }
    }
    return false;
  }

 private:
  const int64_t width_, height_;
  std::vector<uint8_t> pixels_;
};

struct Crossing {
  double x;
  int winding;
};

// Fills what lies inside at the middle of each row; the edges themselves are CoverEdge's.
void CoverInside(Stencil& stencil, const Polygon& polygon, uint32_t height) {
  std::vector<Crossing> crossings;
  for (uint32_t row = 0; row < height; ++row) {
    const double y = row + 0.5;
    crossings.clear();
    for (size_t index = 0; index < polygon.size(); ++index) {
      const Point& a = polygon[index];
      const Point& b = polygon[(index + 1) % polygon.size()];
      if ((a.y <= y) == (b.y <= y)) continue;
      crossings.push_back({a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x), a.y <= y ? 1 : -1});
    }
    std::sort(crossings.begin(), crossings.end(), [](const Crossing& l, const Crossing& r) { return l.x < r.x; });
    int winding = 0;
    for (size_t index = 0; index + 1 < crossings.size(); ++index) {
      winding += crossings[index].winding;
      if (winding != 0) stencil.Cover(row, crossings[index].x, crossings[index + 1].x);
    }
  }
}

// Covers every pixel an edge passes through, row by row.
void CoverEdge(Stencil& stencil, Point a, Point b, uint32_t height) {
  if (a.y > b.y) std::swap(a, b);
  const auto first = std::max<int64_t>(0, static_cast<int64_t>(std::floor(a.y)));
  const auto last = std::min<int64_t>(height - 1, static_cast<int64_t>(std::floor(b.y)));
  for (int64_t row = first; row <= last; ++row) {
    const auto at = [&](double y) {
      return b.y == a.y ? a.x : a.x + (std::clamp(y, a.y, b.y) - a.y) / (b.y - a.y) * (b.x - a.x);
    };
    const double top = b.y == a.y ? a.x : at(static_cast<double>(row));
    const double bottom = b.y == a.y ? b.x : at(static_cast<double>(row) + 1);
    // An edge that ends exactly where the row begins touches nothing of it.
    if (b.y == static_cast<double>(row)) continue;
    stencil.Cover(row, std::min(top, bottom), std::max(top, bottom));
  }
}

}  // namespace

PlaneMask MakePlaneMask(const std::vector<Polygon>& polygons, uint32_t width, uint32_t height, uint32_t step) {
  if (polygons.empty()) return {};
  const uint32_t pictureWidth = width * step;
  const uint32_t pictureHeight = height * step;
  Stencil stencil(pictureWidth, pictureHeight);
  for (const Polygon& relative : polygons) {
    Polygon polygon;
    for (const Point& point : relative) polygon.push_back({point.x * pictureWidth, point.y * pictureHeight});
    CoverInside(stencil, polygon, pictureHeight);
    for (size_t index = 0; index < polygon.size(); ++index) {
      CoverEdge(stencil, polygon[index], polygon[(index + 1) % polygon.size()], pictureHeight);
    }
  }
  PlaneMask mask;
  mask.rows.resize(height);
  for (uint32_t y = 0; y < height; ++y) {
    auto& runs = mask.rows[y];
    for (uint32_t x = 0; x < width; ++x) {
      const bool masked = stencil.Any(x * step, y * step, step);
      if (runs.empty() || runs.back().masked != masked) runs.push_back({x, x, masked});
      runs.back().end = x + 1;
    }
  }
  return mask;
}
