#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "core/buffer_pool.h"
#include "core/people_search.h"
#include "core/slot_reader.h"

struct FoundPeople {
  FrameInfo info;
  std::vector<PersonBox> boxes;
};

// People in the Y planes of ring frames. Owner: the JavaScript object and every search under way. Any thread; one
// search at a time.
class FrameSearch {
 public:
  // nullopt when the frame was overwritten before it was copied, or has no pixels (end of stream).
  std::optional<FoundPeople> Find(const RingMapping& ring, uint64_t seq, const HogSearch& search);

 private:
  std::mutex oneAtATime_;
  BufferPool pool_{1};
  PeopleSearch people_;
};
