#pragma once

#include <cstdint>
#include <vector>

struct Point {
  double x, y;  // 0-1 of the picture, y down
};
using Polygon = std::vector<Point>;

// One stretch of a row of samples: [begin, end), masked or not. The runs of a row cover it whole.
struct MaskRun {
  uint32_t begin, end;
  bool masked;
};

// Which samples of one plane are masked. No rows at all: none is.
struct PlaneMask {
  std::vector<std::vector<MaskRun>> rows;

  bool empty() const { return rows.empty(); }
};

// The mask of a plane of `width` x `height` samples in which a sample covers one pixel, or `step` x `step` pixels of
// a picture of `width * step` x `height * step`. Every sample that a polygon touches at all is masked: a mask hides
// rather a pixel too much. Overlapping or self-crossing polygons hide all they enclose.
PlaneMask MakePlaneMask(const std::vector<Polygon>& polygons, uint32_t width, uint32_t height, uint32_t step);
