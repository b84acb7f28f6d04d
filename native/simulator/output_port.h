#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "clock.h"
#include "lane.h"
#include "network.h"
#include "nms.h"

// An output vstream of a group: answered frames that wait for their reader. Owners: the handle and the group.
class OutputPort {
 public:
  // The chip goes on while `queue_size` answers wait for their reader, and has room for one more batch of its own.
  OutputPort(Lane& lane, const NetworkOutput& output, const hailort::VstreamParams& params, size_t batchSize);

  const NetworkOutput& output() const { return output_; }
  uint32_t timeoutMs() const { return timeoutMs_; }
  size_t frameBytes();

  // The oldest answer. After a timeout `data` stays the library's: a late answer is written into it, and from then on
  // nothing can be read any more (kInternalFailure) until the group is torn down. One thread.
  hailort::Status Read(uint8_t* data, size_t size);

  // Changes what is packed from now on. kInvalidOperation where the chip does NMS itself.
  template <typename Change>
  hailort::Status ChangeRules(const Change& change) {
    if (!output_.nms || !output_.nms->onCpu) return hailort::Status::kInvalidOperation;
    const std::lock_guard lock(lane_.monitor.mutex);
    change(rules_);
    return hailort::Status::kSuccess;
  }

  // Packs what was found in one frame. On the chip's thread, without the mutex, by the rules it took before.
  void Pack(const NmsRules& rules, const std::optional<std::span<const SimBox>>& boxes, uint8_t red,
            std::vector<uint8_t>& packed) const;

  // For the chip, under the monitor's mutex.
  const NmsRules& rules() const { return rules_; }
  bool HasRoom() const { return outstanding_ < room_; }
  Time roomSince() const { return roomSince_; }
  // A frame was taken whose answer will come here.
  void Expect(size_t frames) { outstanding_ += frames; }
  std::vector<uint8_t> SpareBuffer();
  void Deliver(std::vector<uint8_t> packed);
  void End();

 private:
  void Settle();  // a frame that was expected is gone
  void PackTensor(uint8_t red, std::vector<uint8_t>& packed) const;

  Lane& lane_;
  const NetworkOutput& output_;
  const hailort::FormatType type_;
  const uint32_t timeoutMs_;
  const size_t room_;
  NmsRules rules_;
  std::condition_variable answered_;
  std::deque<std::vector<uint8_t>> answers_;
  std::vector<std::vector<uint8_t>> spare_;
  size_t outstanding_ = 0;  // taken by the chip, not yet read
  Time roomSince_{};
  uint8_t* lent_ = nullptr;  // the buffer of a read that timed out
  size_t lentBytes_ = 0;
  bool broken_ = false;  // a late answer was written into it
};
