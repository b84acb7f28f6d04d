#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "library.h"

namespace hailort {

// All items of a call with a count argument (capacity in, count out; a capacity too small answers 5 and the needed
// count): `ask(items, &count)`. Throws what Check throws; 5 for more than any machine or network has.
template <typename Item, typename Ask>
std::vector<Item> AllOf(Ask ask, const char* call) {
  constexpr size_t kFirstCapacity = 8, kMost = 1'024;
  std::vector<Item> items(kFirstCapacity);
  size_t count = items.size();
  Status status = ask(items.data(), &count);
  if (status == Status::kInsufficientBuffer && count > items.size() && count <= kMost) {
    items.resize(count);
    status = ask(items.data(), &count);
  }
  Check(status, call);
  items.resize(std::min(count, items.size()));
  return items;
}

}  // namespace hailort
