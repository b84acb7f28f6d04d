#include "protobuf.h"

#include <stdexcept>

namespace {

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> rest) : rest_(rest) {}

  bool AtEnd() const { return rest_.empty(); }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Take(1)[0];
      value |= uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) == 0) return value;
    }
    throw std::invalid_argument("a number in its protobuf never ends");
  }

  std::span<const uint8_t> Take(uint64_t size) {
    if (size > rest_.size()) throw std::invalid_argument("its protobuf ends in the middle");
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  uint64_t Fixed(size_t size) {
    uint64_t value = 0;
    const auto bytes = Take(size);
    for (size_t i = 0; i < size; i++) value |= uint64_t{bytes[i]} << (8 * i);
    return value;
  }

 private:
  std::span<const uint8_t> rest_;
};

}  // namespace

std::vector<Field> ReadFields(std::span<const uint8_t> message) {
  Reader reader(message);
  std::vector<Field> fields;
  while (!reader.AtEnd()) {
    const uint64_t key = reader.Varint();
    Field field{key >> 3, 0, {}};
    switch (key & 7) {
      case 0:
        field.value = reader.Varint();
        break;
      case 1:
        field.value = reader.Fixed(8);
        break;
      case 2:
        field.bytes = reader.Take(reader.Varint());
        break;
      case 5:
        field.value = reader.Fixed(4);
        break;
      default:
        throw std::invalid_argument("its protobuf has a field of a kind that does not exist");
    }
    fields.push_back(field);
  }
  return fields;
}
