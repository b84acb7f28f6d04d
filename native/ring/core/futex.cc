#include "futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

#include "layout.h"

void FutexWait(uint32_t& word, uint32_t seen, std::chrono::milliseconds limit) {
  const timespec timeout{static_cast<time_t>(limit.count() / 1000),
                         static_cast<long>(limit.count() % 1000 * 1'000'000)};
  // EAGAIN (changed already), EINTR and ETIMEDOUT all mean: look again.
  syscall(SYS_futex, &word, FUTEX_WAIT, seen, &timeout, nullptr, 0);
}

void FutexAddAndWake(uint32_t& word) {
  // seq_cst: the change the waiter is to find must be visible before the word that tells of it, and on every CPU.
  Shared(word).fetch_add(1, std::memory_order_seq_cst);
  syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

uint64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}
