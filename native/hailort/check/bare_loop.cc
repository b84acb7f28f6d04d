#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "../library.h"
#include "core/futex.h"

// The plainest loop on the C ABI: one thread writes the same frame again and again, one reads, and nobody looks at the
// answers. It shares nothing with the binding but the declarations: what the binding reaches is compared with it.
//   hailort_bare_loop HEF BATCH QUEUE SECONDS     (a HEF with one output)
// prints one line of JSON: {"framesPerSecond", "cpuMsPerFrame", "memcpyMsPerFrame"}.

namespace {

using hailort::Api;
using hailort::Check;
using hailort::FormatType;

struct Arguments {
  std::string hef;
  uint16_t batch;
  uint32_t queue;
  uint64_t durationNs;
};

constexpr double kNsPerMs = 1e6;
constexpr double kNsPerSecond = 1e9;
constexpr uint64_t kWarmUpNs = 300'000'000;  // until the queues are full
constexpr int kCopies = 200;

double ProcessCpuMs() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / kNsPerMs;
}

// What moving one frame costs on this machine, cold as in life: from one of several places to another.
double MemcpyMs(size_t frameBytes) {
  constexpr size_t kPlaces = 8;
  std::vector<std::vector<uint8_t>> from(kPlaces, std::vector<uint8_t>(frameBytes, 1));
  std::vector<std::vector<uint8_t>> to(kPlaces, std::vector<uint8_t>(frameBytes));
  const uint64_t beganNs = MonotonicNs();
  for (int copy = 0; copy < kCopies; ++copy) {
    std::memcpy(to[copy % kPlaces].data(), from[copy % kPlaces].data(), frameBytes);
  }
  return static_cast<double>(MonotonicNs() - beganNs) / kNsPerMs / kCopies;
}

struct Reading {
  double framesPerSecond, cpuMsPerFrame;
};

// Never released: the process ends right after, and the library may crash when it is made to let go at exit.
class Loop {
 public:
  Loop(const Api& api, const Arguments& arguments) : api_(api) {
    Configure(arguments);
    size_t inputs = 1, outputs = 1, inputBytes = 0, outputBytes = 0;
    hailort::InputVstreamParamsByName input{};
    hailort::OutputVstreamParamsByName output{};
    Check(api.make_input_vstream_params(group_, false, FormatType::kUint8, &input, &inputs), "inputs");
    Check(api.make_output_vstream_params(group_, false, FormatType::kFloat32, &output, &outputs), "outputs");
    input.params.queue_size = output.params.queue_size = arguments.queue;
    Check(api.create_input_vstreams(group_, &input, 1, &input_), "create_input_vstreams");
    Check(api.create_output_vstreams(group_, &output, 1, &output_), "create_output_vstreams");
    Check(api.get_input_vstream_frame_size(input_, &inputBytes), "get_input_vstream_frame_size");
    Check(api.get_output_vstream_frame_size(output_, &outputBytes), "get_output_vstream_frame_size");
    frame_.assign(inputBytes, 114);
    answer_.resize(outputBytes);
  }

  // Until a write fails, which shutting down brings about.
  void WriteOn() {
    while (api_.vstream_write_raw_buffer(input_, frame_.data(), frame_.size()) == hailort::Status::kSuccess) continue;
  }

  Reading ReadFor(uint64_t durationNs) {
    const uint64_t startedNs = MonotonicNs();
    while (MonotonicNs() - startedNs < kWarmUpNs) Read();
    const uint64_t beganNs = MonotonicNs();
    const double beganCpuMs = ProcessCpuMs();
    double frames = 0;
    for (; MonotonicNs() - beganNs < durationNs; ++frames) Read();
    const auto tookNs = static_cast<double>(MonotonicNs() - beganNs);
    return {frames * kNsPerSecond / tookNs, (ProcessCpuMs() - beganCpuMs) / frames};
  }

  void Shutdown() { api_.shutdown_network_group(group_); }
  size_t frameBytes() const { return frame_.size(); }

 private:
  void Configure(const Arguments& arguments) {
    hailort::VdeviceParams params{};
    hailort::Vdevice vdevice = nullptr;
    hailort::Hef hef = nullptr;
    Check(api_.init_vdevice_params(&params), "init_vdevice_params");
    Check(api_.create_vdevice(&params, &vdevice), "create_vdevice");
    Check(api_.create_hef_file(&hef, arguments.hef.c_str()), "create_hef_file");
    std::vector<uint64_t> block(hailort::kConfigureParamsBytes / sizeof(uint64_t));
    auto* const configure = reinterpret_cast<uint8_t*>(block.data());
    Check(api_.init_configure_params_by_vdevice(hef, vdevice, configure), "init_configure_params_by_vdevice");
    std::memcpy(configure + hailort::kConfigureBatchSizeAt, &arguments.batch, sizeof(arguments.batch));
    size_t groups = 1;
    Check(api_.configure_vdevice(vdevice, hef, configure, &group_, &groups), "configure_vdevice");
  }

  void Read() {
    Check(api_.vstream_read_raw_buffer(output_, answer_.data(), answer_.size()), "vstream_read_raw_buffer");
  }

  const Api& api_;
  hailort::NetworkGroup group_ = nullptr;
  hailort::InputVstream input_ = nullptr;
  hailort::OutputVstream output_ = nullptr;
  std::vector<uint8_t> frame_, answer_;
};

void Run(const Arguments& arguments) {
  Loop loop(hailort::Library::Get().api(), arguments);
  std::thread writer([&loop] { loop.WriteOn(); });
  const Reading reading = loop.ReadFor(arguments.durationNs);
  loop.Shutdown();
  writer.join();
  std::printf("{\"framesPerSecond\": %.3f, \"cpuMsPerFrame\": %.4f, \"memcpyMsPerFrame\": %.4f}\n",
              reading.framesPerSecond, reading.cpuMsPerFrame, MemcpyMs(loop.frameBytes()));
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fprintf(stderr, "usage: hailort_bare_loop HEF BATCH QUEUE SECONDS\n");
    return 2;
  }
  try {
    Run({arguments[1], static_cast<uint16_t>(std::atoi(arguments[2])), static_cast<uint32_t>(std::atoi(arguments[3])),
         static_cast<uint64_t>(std::atof(arguments[4]) * kNsPerSecond)});
  } catch (const NativeError& failure) {
    std::fprintf(stderr, "%s %s\n", failure.code().c_str(), failure.what());
    std::_Exit(1);  // a thread may be inside the library
  }
  std::_Exit(0);
}
