#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

// The bytes of a ring file, format 1 (../FORMAT.md): nothing here may change without a new version.
// The memory is shared between processes that die at any instruction: take words through Shared() only, and trust
// nothing of a mapped header that RingMapping has not copied and checked.

static_assert(std::endian::native == std::endian::little, "the ring format is little-endian");

inline constexpr char kRingMagic[8] = {'H', 'C', 'R', 'I', 'N', 'G', '1', '\0'};
inline constexpr uint32_t kRingVersion = 1;
inline constexpr uint32_t kPageBytes = 4096;
inline constexpr uint32_t kSlotsOffset = 4096;
inline constexpr uint32_t kPixelsOffset = 8192;
inline constexpr uint32_t kMinSlots = 4;
inline constexpr uint32_t kMaxSlots = 64;
inline constexpr uint32_t kMaxSidePixels = 16384;
inline constexpr uint32_t kMaxDetections = 128;

inline constexpr uint32_t FourCc(char a, char b, char c, char d) {
  return static_cast<uint32_t>(a) | static_cast<uint32_t>(b) << 8 | static_cast<uint32_t>(c) << 16 |
         static_cast<uint32_t>(d) << 24;
}
inline constexpr uint32_t kFormatI420 = FourCc('I', '4', '2', '0');
inline constexpr uint32_t kFormatRgb3 = FourCc('R', 'G', 'B', '3');

// Slot flags.
inline constexpr uint32_t kFlagDiscontinuity = 1;
inline constexpr uint32_t kFlagEndOfStream = 2;

// Result flags.
inline constexpr uint32_t kResultPredicted = 1;
inline constexpr uint32_t kResultCpuFallback = 2;
inline constexpr uint32_t kResultSimulated = 4;

inline constexpr uint32_t kModeLive = 0;
inline constexpr uint32_t kModeLossless = 1;

inline constexpr uint32_t kReleaserEngine = 1;
inline constexpr uint32_t kReleaserRender = 2;

struct ResultDetection {
  float x1, y1, x2, y2;  // 0-1 of the picture
  float score;
  uint32_t classId;  // 0 = person
  int32_t trackId;   // -1 = none
  uint32_t reserved;
};
static_assert(sizeof(ResultDetection) == 32);

struct RingHeader {
  // Fixed when the ring is made, but for generation and writerPid: the writer's.
  char magic[8];
  uint32_t version;
  uint32_t slotCount;
  uint32_t slotStride;
  uint32_t slotsOffset;
  uint32_t maxFrameBytes;
  uint32_t format;
  uint32_t maxWidth;
  uint32_t maxHeight;
  uint32_t generation;
  uint32_t writerPid;
  uint32_t mode;
  uint32_t unused52[3];
  // The writer's.
  uint64_t head;
  uint64_t headNs;
  uint64_t unused80[6];
  // The engine's.
  uint64_t resultHead;
  uint32_t resultsLost;
  uint32_t resultOwnerPid;
  uint32_t resultEpoch;
  uint32_t unused148[11];
  // The releaser's; the doorbell indexes are the agent's.
  uint64_t released;
  uint32_t releasedWake;
  uint32_t releaser;
  uint32_t frameBell;
  uint32_t resultBell;
  uint8_t unused216[kSlotsOffset - 216];
};
static_assert(offsetof(RingHeader, version) == 8 && offsetof(RingHeader, slotCount) == 12);
static_assert(offsetof(RingHeader, slotStride) == 16 && offsetof(RingHeader, slotsOffset) == 20);
static_assert(offsetof(RingHeader, maxFrameBytes) == 24 && offsetof(RingHeader, format) == 28);
static_assert(offsetof(RingHeader, maxWidth) == 32 && offsetof(RingHeader, maxHeight) == 36);
static_assert(offsetof(RingHeader, generation) == 40 && offsetof(RingHeader, writerPid) == 44);
static_assert(offsetof(RingHeader, mode) == 48);
static_assert(offsetof(RingHeader, head) == 64 && offsetof(RingHeader, headNs) == 72);
static_assert(offsetof(RingHeader, resultHead) == 128 && offsetof(RingHeader, resultsLost) == 136);
static_assert(offsetof(RingHeader, resultOwnerPid) == 140 && offsetof(RingHeader, resultEpoch) == 144);
static_assert(offsetof(RingHeader, released) == 192 && offsetof(RingHeader, releasedWake) == 200);
static_assert(offsetof(RingHeader, releaser) == 204 && offsetof(RingHeader, frameBell) == 208);
static_assert(offsetof(RingHeader, resultBell) == 212 && sizeof(RingHeader) == kSlotsOffset);

struct SlotHeader {
  uint64_t lock;
  uint64_t seq;
  int64_t ptsNs;
  uint64_t arrivedNs;
  uint32_t width;
  uint32_t height;
  uint32_t format;
  uint32_t bytes;
  uint32_t flags;
  uint32_t generation;
  uint64_t unused56;
  uint64_t resultLock;
  uint64_t resultSeq;
  uint32_t resultCount;
  uint32_t inferenceUs;
  uint32_t resultFlags;
  uint32_t unused92[9];
  ResultDetection detections[kMaxDetections];
  uint8_t unused4224[kPixelsOffset - 4224];
};
static_assert(offsetof(SlotHeader, seq) == 8 && offsetof(SlotHeader, ptsNs) == 16);
static_assert(offsetof(SlotHeader, arrivedNs) == 24 && offsetof(SlotHeader, width) == 32);
static_assert(offsetof(SlotHeader, height) == 36 && offsetof(SlotHeader, format) == 40);
static_assert(offsetof(SlotHeader, bytes) == 44 && offsetof(SlotHeader, flags) == 48);
static_assert(offsetof(SlotHeader, generation) == 52 && offsetof(SlotHeader, resultLock) == 64);
static_assert(offsetof(SlotHeader, resultSeq) == 72 && offsetof(SlotHeader, resultCount) == 80);
static_assert(offsetof(SlotHeader, inferenceUs) == 84 && offsetof(SlotHeader, resultFlags) == 88);
static_assert(offsetof(SlotHeader, detections) == 128 && sizeof(SlotHeader) == kPixelsOffset);

// The only way to a word that another process may write at the same time.
template <typename Word>
std::atomic_ref<Word> Shared(Word& word) {
  static_assert(std::atomic_ref<Word>::is_always_lock_free, "a lock inside one process means nothing to another");
  return std::atomic_ref<Word>(word);
}

// Bytes of one tightly packed frame; 0 for a format that the ring does not know.
inline constexpr uint64_t FrameBytes(uint32_t format, uint32_t width, uint32_t height) {
  const uint64_t pixels = uint64_t{width} * height;
  if (format == kFormatI420) return pixels + pixels / 2;
  return format == kFormatRgb3 ? pixels * 3 : 0;
}

// Even, because a quarter plane of I420 has no half pixel.
inline constexpr bool SidesAreValid(uint32_t width, uint32_t height, uint32_t maxWidth, uint32_t maxHeight) {
  return width > 0 && height > 0 && width % 2 == 0 && height % 2 == 0 && width <= maxWidth && height <= maxHeight;
}
