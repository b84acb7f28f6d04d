#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abi.h"
#include "nms.h"
#include "vdevice.h"

namespace hailort {

struct NetworkOptions {
  uint16_t batchSize;
  PowerMode powerMode;
  uint32_t timeoutMs;  // of one write or read
  uint32_t queueSize;  // frames a vstream holds
  std::optional<float> scoreThreshold, iouThreshold;
};

// An input or output, in the format in which we write or read it.
struct NetworkStream {
  std::string name;
  FormatType type;
  size_t frameBytes;
  std::optional<NmsLayout> nms;
  ImageShape shape;  // not of NMS outputs
  QuantInfo quant;
};

// One HEF configured on a vdevice, with its vstreams: one input of UINT8 RGB, any number of outputs. The scheduler
// decides when it runs; it is never activated. Owner: the pipeline, which has one thread in Write and one in each Read.
// Released (the vstreams; the group itself goes with the vdevice) when nobody is inside any more.
class ConfiguredNetwork {
 public:
  // Blocks while the chip is set up: libuv worker only. Throws what Check throws, and MODEL_UNSUPPORTED for a network
  // that does not take one picture of 3 bytes a pixel, or answers in a format we do not know.
  ConfiguredNetwork(std::shared_ptr<OpenVdevice> vdevice, const std::string& hefPath, const NetworkOptions& options);
  ~ConfiguredNetwork();
  ConfiguredNetwork(const ConfiguredNetwork&) = delete;
  ConfiguredNetwork& operator=(const ConfiguredNetwork&) = delete;

  const NetworkStream& input() const { return input_; }
  const std::vector<NetworkStream>& outputs() const { return outputs_; }
  // The chip's own NMS suppresses by `iouThreshold`; false: whoever decodes must.
  bool suppresses() const { return suppresses_; }

  // Waits for room, at most the timeout; `frame` (input().frameBytes) may be used again afterwards. One thread.
  void Write(const uint8_t* frame) const;
  // Waits for the next frame's answer, at most the timeout. After a timeout the library may still write into `answer`,
  // until this object is gone. One thread an output.
  void Read(size_t output, uint8_t* answer) const;
  // Ends every Write and Read with an error, for good; can take 10 s × queue. Any thread.
  void Shutdown() const;

 private:
  class Hef;

  void Configure(const Hef& hef, const NetworkOptions& options);
  void OpenInput(const NetworkOptions& options);
  void OpenOutputs(const std::vector<VstreamInfo>& infos, const NetworkOptions& options);
  void SetThresholds(const NetworkOptions& options);
  void Release();

  const std::shared_ptr<OpenVdevice> vdevice_;
  const Api& api_;
  NetworkGroup group_ = nullptr;
  InputVstream inputVstream_ = nullptr;
  std::vector<OutputVstream> outputVstreams_;  // as outputs_
  NetworkStream input_{};
  std::vector<NetworkStream> outputs_;
  bool suppresses_ = true;
};

}  // namespace hailort
