#include "hef_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "protobuf.h"
#include "status_error.h"

using hailort::Status;

namespace {

constexpr uint32_t kMagic = 0x01484546;
constexpr uint64_t kHeaderField = 1, kNetworkField = 1000;
constexpr uint64_t kHwArchField = 1;
// By version of the file.
constexpr size_t kHeaderBytes[] = {28, 28, 44, 56};

uint32_t BigEndian(std::span<const uint8_t> bytes, size_t at) {
  return uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 | uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

// The protobuf message between the header and what follows it.
std::span<const uint8_t> Message(std::span<const uint8_t> bytes, bool old) {
  const Status unknown = old ? Status::kInvalidHef : Status::kHefNotSupported;
  const Status broken = old ? Status::kInvalidHef : Status::kHefFileCorrupted;
  Require(bytes.size() >= 12 && BigEndian(bytes, 0) == kMagic, unknown);
  const uint32_t version = BigEndian(bytes, 4);
  Require(version < (old ? 3 : std::size(kHeaderBytes)), unknown);
  const size_t header = kHeaderBytes[version];
  const size_t size = BigEndian(bytes, 8);
  Require(bytes.size() >= header && bytes.size() - header >= size, broken);
  return bytes.subspan(header, size);
}

HefFile ParseMessage(std::span<const uint8_t> message, bool old) {
  std::optional<std::span<const uint8_t>> header, network;
  for (const Field& field : ReadFields(message)) {
    if (field.number == kHeaderField) header = field.bytes;
    if (field.number == kNetworkField) network = field.bytes;
  }
  if (!header) throw std::invalid_argument("it has no header message");
  uint32_t hwArch = 0;  // protobuf leaves zeros away
  for (const Field& field : ReadFields(*header)) {
    if (field.number == kHwArchField) hwArch = static_cast<uint32_t>(field.value);
  }
  if (!network) {
    Say("this is a HEF for a real chip; the simulator runs only simulated ones, which lie beside it.");
    throw StatusError{old ? Status::kInvalidHef : Status::kHefNotSupported};
  }
  return {hwArch, ParseNetwork(nlohmann::json::parse(network->begin(), network->end()))};
}

}  // namespace

bool HefFile::FitsChip(hailort::Architecture chip) const {
  constexpr uint32_t kHailo8R = 2, kHailo8L = 3;
  return chip == hailort::Architecture::kHailo8L ? hwArch == kHailo8L : hwArch <= kHailo8R || hwArch == kHailo8L;
}

HefFile ParseHef(std::span<const uint8_t> bytes, bool old) {
  const std::span<const uint8_t> message = Message(bytes, old);
  try {
    return ParseMessage(message, old);
  } catch (const std::exception& error) {
    Say(std::string("the HEF is broken: ") + error.what());
    throw StatusError{old ? Status::kInvalidHef : Status::kHefFileCorrupted};
  }
}

HefFile ReadHef(const char* path, bool old) {
  std::error_code error;
  // Fails for whatever is no file; opening a named pipe would wait for somebody who writes to it.
  const auto size = std::filesystem::file_size(path, error);
  Require(!error, Status::kOpenFileFailure);
  std::ifstream file(path, std::ios::binary);
  Require(file.is_open(), Status::kOpenFileFailure);
  std::vector<uint8_t> bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  Require(static_cast<uintmax_t>(file.gcount()) == size, Status::kOpenFileFailure);
  return ParseHef(bytes, old);
}
