#pragma once

#include <cstdint>
#include <span>
#include <vector>

// One field of a protobuf message (https://protobuf.dev/programming-guides/encoding/); views into the message.
struct Field {
  uint64_t number;
  uint64_t value;                  // of a varint or a fixed number
  std::span<const uint8_t> bytes;  // of a length-delimited field
};

// Throws std::invalid_argument where the bytes are no such message.
std::vector<Field> ReadFields(std::span<const uint8_t> message);
