#pragma once

#include <chrono>
#include <cstdint>

// Futex calls on a word in a shared mapping (never FUTEX_PRIVATE: the other side is another process). Any thread.

// Sleeps while `word` is `seen`, at most `limit`. May return early: look at the state again.
void FutexWait(uint32_t& word, uint32_t seen, std::chrono::milliseconds limit);

// Adds 1 to `word` and wakes all who wait on it.
void FutexAddAndWake(uint32_t& word);

// CLOCK_MONOTONIC in nanoseconds: one clock for all processes.
uint64_t MonotonicNs();
