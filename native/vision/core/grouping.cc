#include "grouping.h"

#include <algorithm>
#include <tuple>

namespace {

constexpr float kSamePersonIou = 0.4F;
// Share of the smaller box that lies in the larger: legs and upper bodies are often found apart from the whole person.
constexpr float kInsideShare = 0.65F;
// Only windows this close to the best one know better where the person stands.
constexpr float kVotingIou = 0.5F;
constexpr float kLeastWeight = 0.05F;
// A threshold set far too low must not turn a picture into an hour of pairs.
constexpr size_t kMostWindows = 4000;

float Area(const PersonBox& box) { return (box.x2 - box.x1) * (box.y2 - box.y1); }

float Shared(const PersonBox& a, const PersonBox& b) {
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  return width > 0 && height > 0 ? width * height : 0;
}

// Sums of weighted corners.
class MeanBox {
 public:
  void Add(const PersonBox& box) {
    const float weight = std::max(box.margin, kLeastWeight);
    x1_ += weight * box.x1;
    y1_ += weight * box.y1;
    x2_ += weight * box.x2;
    y2_ += weight * box.y2;
    weight_ += weight;
  }
  PersonBox WithMargin(float margin) const {
    return {x1_ / weight_, y1_ / weight_, x2_ / weight_, y2_ / weight_, margin};
  }

 private:
  float x1_ = 0, y1_ = 0, x2_ = 0, y2_ = 0, weight_ = 0;
};

}  // namespace

std::vector<PersonBox> GroupWindows(std::vector<PersonBox> windows) {
  // The threads of the search report in any order: margin alone would leave ties to chance.
  std::sort(windows.begin(), windows.end(), [](const PersonBox& a, const PersonBox& b) {
    return std::tie(b.margin, a.y1, a.x1, a.y2) < std::tie(a.margin, b.y1, b.x1, b.y2);
  });
  if (windows.size() > kMostWindows) windows.resize(kMostWindows);
  std::vector<PersonBox> people;
  std::vector<bool> taken(windows.size());
  for (size_t best = 0; best < windows.size(); ++best) {
    if (taken[best]) continue;
    MeanBox mean;
    for (size_t other = best; other < windows.size(); ++other) {
      if (taken[other]) continue;
      const float shared = Shared(windows[best], windows[other]);
      const float one = Area(windows[best]);
      const float two = Area(windows[other]);
      const float iou = shared / (one + two - shared);
      if (other != best && iou <= kSamePersonIou && shared <= kInsideShare * std::min(one, two)) continue;
      taken[other] = true;
      if (other == best || iou > kVotingIou) mean.Add(windows[other]);
    }
    people.push_back(mean.WithMargin(windows[best].margin));
  }
  return people;
}
