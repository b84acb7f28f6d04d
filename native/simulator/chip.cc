#include "chip.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>

#include "status_error.h"

using hailort::Status;

namespace {

// hailort.md's 10 s × queue.
constexpr std::chrono::seconds kShutdownPerFrame{10};
// A late answer comes this many read timeouts after its time.
constexpr double kLateness = 1.5;

}  // namespace

Chip::Chip(Control& control, DeviceFacts facts, std::unique_ptr<DeviceLock> lock)
    : control_(control),
      facts_(std::move(facts)),
      lock_(std::move(lock)),
      link_(control.settings().linkBytesPerSecond),
      thread_([this] { Run(); }) {}

Chip::~Chip() { Close(); }

std::shared_ptr<Group> Chip::Configure(std::shared_ptr<const HefFile> hef, uint16_t batchSize) {
  auto group = std::make_shared<Group>(monitor_, std::move(hef), batchSize);
  const std::lock_guard lock(monitor_.mutex);
  Require(!lost_ && !control_.Find(FaultKind::kLost, facts_.id), Status::kDriverOperationFailed);
  groups_.push_back(group);
  return group;
}

void Chip::Shutdown(Group& group) {
  size_t frames;
  {
    const std::lock_guard lock(monitor_.mutex);
    frames = group.inFlight();
    group.End(Status::kStreamAbort);
  }
  const Time deadline = Clock::now() + kShutdownPerFrame * std::max<size_t>(1, frames);
  while (control_.Find(FaultKind::kStall, facts_.id) && Clock::now() < deadline) {
    std::this_thread::sleep_for(Control::kLookEvery);
  }
}

void Chip::Remove(const std::shared_ptr<Group>& group) {
  Shutdown(*group);
  const std::lock_guard lock(monitor_.mutex);
  std::erase(groups_, group);
}

void Chip::Close() {
  std::vector<std::shared_ptr<Group>> groups;
  {
    const std::lock_guard lock(monitor_.mutex);
    groups.swap(groups_);
  }
  for (const auto& group : groups) Shutdown(*group);
  {
    const std::lock_guard lock(monitor_.mutex);
    closed_ = true;
    monitor_.chip.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  lock_ = nullptr;
}

float Chip::Celsius() {
  const std::lock_guard lock(monitor_.mutex);
  return heat_.Celsius(Clock::now());
}

void Chip::Run() {
  pthread_setname_np(pthread_self(), "hailort-sim");
  prctl(PR_SET_TIMERSLACK, 1'000UL);  // ns; the default of 50 µs is a twentieth of a frame's time
  std::unique_lock lock(monitor_.mutex);
  while (!closed_) {
    const Time now = Clock::now();
    lost_ = lost_ || control_.Find(FaultKind::kLost, facts_.id);
    if (lost_) {
      for (const auto& group : groups_) group->End(Status::kDriverOperationFailed);
    }
    const bool stalled = control_.Find(FaultKind::kStall, facts_.id).has_value();
    if (stalled) {
      busyUntil_ = std::max(busyUntil_, now);  // what is lost in a stall is not made good later
    } else {
      for (const auto& group : groups_) group->Answer(now);
      if (WorkOnBatch(lock, now)) continue;
    }
    Sleep(lock, now, stalled);
  }
}

std::shared_ptr<Group> Chip::ChooseGroup(Time now) {
  std::shared_ptr<Group> chosen;
  size_t chosenAt = 0;
  for (size_t i = 0; i < groups_.size(); i++) {
    const size_t at = (nextGroup_ + i) % groups_.size();
    const auto& group = groups_[at];
    if (!group->ReadySince(now) || (chosen != nullptr && group->priority <= chosen->priority)) continue;
    chosen = group;
    chosenAt = at;
  }
  if (chosen != nullptr) nextGroup_ = (chosenAt + 1) % groups_.size();
  return chosen;
}

bool Chip::WorkOnBatch(std::unique_lock<std::mutex>& lock, Time now) {
  if (now < busyUntil_) return false;
  const auto group = ChooseGroup(now);
  if (group == nullptr) return false;
  const Time start = std::max(busyUntil_, *group->ReadySince(now));
  const auto orders = control_.orders();
  const bool looks = (orders->detector ? *orders->detector : group->network().detector).needsEyes();
  // Looking takes longer than any chip: the first frame of a batch would be too late by the time the last one is seen.
  Batch batch = group->Take(start, looks ? 1 : SIZE_MAX);
  const auto frames = static_cast<uint32_t>(batch.frames.size());
  const auto slow = control_.Find(FaultKind::kSlow, facts_.id);
  const double seconds = group->network().BatchSeconds(frames) * (slow ? slow->factor : 1);
  const bool corrupt = control_.Find(FaultKind::kCorrupt, facts_.id).has_value();
  Time end = std::max(start + ToDuration(seconds), link_.Transfer(start, frames * group->network().inputBytes()));
  group->Looking(looks);
  lock.unlock();
  group->See(batch, *orders, corrupt);
  lock.lock();
  group->Looking(false);
  if (looks) end = std::max(end, Clock::now());
  busyUntil_ = end;
  heat_.Worked(start, end);
  group->Finish(std::move(batch), DueOf(*group, end));
  return true;
}

Time Chip::DueOf(const Group& group, Time end) {
  const auto fault = control_.Find(FaultKind::kTimeout, facts_.id);
  if (!fault || !(fault->always || lock_->Use(fault->content, fault->times))) return end;
  return end + ToDuration(kLateness * group.ReadTimeoutMs() / 1e3);
}

void Chip::Sleep(std::unique_lock<std::mutex>& lock, Time now, bool stalled) {
  std::optional<Time> until;
  const auto orAt = [&](std::optional<Time> time) {
    if (time && (!until || *time < *until)) until = time;
  };
  if (control_.watched()) orAt(now + Control::kLookEvery);
  if (busyUntil_ > now) orAt(busyUntil_);
  if (!stalled) {
    for (const auto& group : groups_) {
      orAt(group->NextAnswerAt());
      if (const auto ready = group->ReadyAt()) orAt(std::max(*ready, busyUntil_));
    }
  }
  monitor_.idle = busyUntil_ <= now;
  if (until) {
    monitor_.chip.wait_until(lock, *until);
  } else {
    monitor_.chip.wait(lock);
  }
  monitor_.idle = false;
}
