#include "eyes.h"

#include <dlfcn.h>

#include <filesystem>
#include <mutex>
#include <string>

#include "status_error.h"

namespace {

constexpr size_t kMostBoxes = 1'000;

// The three functions of libhailort-sim-vision.so beside this library; loaded when first asked for, never unloaded.
struct Plugin {
  SimVisionOpen* open = nullptr;
  SimVisionFind* find = nullptr;
  SimVisionClose* close = nullptr;

  // Throws StatusError kNotSupported. After a failure the next call tries again.
  static const Plugin& Get() {
    static std::mutex mutex;
    static Plugin plugin;
    const std::lock_guard lock(mutex);
    if (plugin.close == nullptr) plugin.Load();
    return plugin;
  }

 private:
  void Load() {
    Dl_info self{};
    dladdr(reinterpret_cast<void*>(&ParseDetector), &self);
    const auto path = std::filesystem::path(self.dli_fname).replace_filename("libhailort-sim-vision.so");
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library != nullptr) {
      open = reinterpret_cast<SimVisionOpen*>(dlsym(library, "sim_vision_open"));
      find = reinterpret_cast<SimVisionFind*>(dlsym(library, "sim_vision_find"));
      close = reinterpret_cast<SimVisionClose*>(dlsym(library, "sim_vision_close"));
    }
    if (open != nullptr && find != nullptr && close != nullptr) return;
    const char* error = library == nullptr ? dlerror() : "functions are missing in it";
    Say("a network with the detector hog or onnx needs " + path.string() + " (" + error +
        "): run \"./install.sh --prepare\", or take a network with a script.");
    throw StatusError{hailort::Status::kNotSupported};
  }
};

SimBox Echo(const Network& network, const uint8_t* rgb) {
  const size_t middle = size_t{network.inputHeight / 2} * network.inputWidth + network.inputWidth / 2;
  const float x1 = static_cast<float>(rgb[middle * 3]) / 256;
  const float y1 = static_cast<float>(rgb[middle * 3 + 1]) / 256;
  return {x1, y1, x1 + 0.1f, y1 + 0.2f, 0.9f, 0};
}

}  // namespace

void Eyes::PluginCloser::operator()(void* eyes) const { Plugin::Get().close(eyes); }

Eyes::Eyes(const Network& network) : network_(network), boxes_(kMostBoxes) {
  if (network.detector.needsEyes()) Open(network.detector);
}

void Eyes::Open(const Detector& detector) {
  const Plugin& plugin = Plugin::Get();
  char error[512] = "";
  const char* kind = detector.kind == Detector::Kind::kHog ? "hog" : "onnx";
  plugin_.reset(plugin.open(kind, detector.file.c_str(), error, sizeof error));
  if (plugin_ == nullptr) {
    Say(std::string("the detector ") + kind + " cannot be opened: " + error);
    throw StatusError{hailort::Status::kNotSupported};
  }
}

std::optional<std::span<const SimBox>> Eyes::Find(uint64_t number, const uint8_t* rgb,
                                                  std::shared_ptr<const Detector> instead) {
  const Detector& detector = instead ? *instead : network_.detector;
  if (instead != instead_) {
    instead_ = std::move(instead);
    plugin_.reset();
    try {
      if (detector.needsEyes()) Open(detector);
    } catch (const StatusError&) {  // it was said; Look has no eyes
    }
  }
  if (detector.needsEyes()) return Look(rgb);
  if (detector.kind == Detector::Kind::kEcho) {
    boxes_[0] = Echo(network_, rgb);
    return std::span<const SimBox>(boxes_.data(), 1);
  }
  if (detector.frames.empty()) return std::span<const SimBox>{};
  return detector.frames[number % detector.frames.size()];
}

std::optional<std::span<const SimBox>> Eyes::Look(const uint8_t* rgb) {
  if (plugin_ == nullptr) return std::nullopt;
  const int found =
      Plugin::Get().find(plugin_.get(), rgb, network_.inputWidth, network_.inputHeight, boxes_.data(), boxes_.size());
  if (found < 0) {
    Say("the detector failed on a frame");
    return std::nullopt;
  }
  return std::span<const SimBox>(boxes_.data(), found);
}
