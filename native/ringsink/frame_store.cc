#include "frame_store.h"

#include <utility>
#include <vector>

namespace {

// A buffer mapped for reading as a video frame, given back with the scope.
class MappedFrame {
 public:
  MappedFrame(const GstVideoInfo& info, GstBuffer* buffer)
      : mapped_(gst_video_frame_map(&frame_, const_cast<GstVideoInfo*>(&info), buffer, GST_MAP_READ) != FALSE) {}
  ~MappedFrame() {
    if (mapped_) gst_video_frame_unmap(&frame_);
  }
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;

  bool mapped() const { return mapped_; }
  const GstVideoFrame& frame() const { return frame_; }

 private:
  GstVideoFrame frame_;
  const bool mapped_;
};

std::string Size(uint32_t width, uint32_t height) { return std::to_string(width) + "x" + std::to_string(height); }

}  // namespace

FrameStore::FrameStore(std::shared_ptr<const SinkTarget> target) : target_(std::move(target)) {
  gst_video_info_init(&info_);
  if (target_) writer_ = std::make_unique<SlotWriter>(target_->ring, target_->doorbells);
}

std::optional<GstVideoFormat> FrameStore::format() const {
  if (!target_) return std::nullopt;
  return target_->ring->geometry().format == kFormatRgb3 ? GST_VIDEO_FORMAT_RGB : GST_VIDEO_FORMAT_I420;
}

std::optional<std::string> FrameStore::SetFormat(const GstVideoInfo& info) {
  const auto width = static_cast<uint32_t>(GST_VIDEO_INFO_WIDTH(&info));
  const auto height = static_cast<uint32_t>(GST_VIDEO_INFO_HEIGHT(&info));
  copy_.reset();
  if (width % 2 != 0 || height % 2 != 0) {
    return "Frames of " + Size(width, height) + " cannot be taken: both sides must be even.";
  }
  if (target_) {
    const RingGeometry& geometry = target_->ring->geometry();
    if (width > geometry.maxWidth || height > geometry.maxHeight) {
      return "Frames of " + Size(width, height) + " are larger than the ring's maximum of " +
             Size(geometry.maxWidth, geometry.maxHeight) + ".";
    }
    if (GST_VIDEO_INFO_FORMAT(&info) != *format()) return "The ring takes frames of another pixel format.";
  }
  info_ = info;
  copy_.emplace(info, target_ ? target_->masks : std::vector<Polygon>{});
  SinkDesk::OfThisProcess().SawCaps(width, height, GST_VIDEO_INFO_FPS_N(&info), GST_VIDEO_INFO_FPS_D(&info));
  return std::nullopt;
}

FrameStore::Taken FrameStore::Take(GstBuffer* buffer, int64_t ptsNs) {
  if (!copy_) return Taken::kUnreadable;
  if (writer_) {
    const MappedFrame mapped(info_, buffer);
    if (!mapped.mapped()) return Taken::kUnreadable;
    const FrameDescription description{static_cast<uint32_t>(GST_VIDEO_INFO_WIDTH(&info_)),
                                       static_cast<uint32_t>(GST_VIDEO_INFO_HEIGHT(&info_)), copy_->bytes(),
                                       TakeFlags(), ptsNs};
    const auto seq = writer_->Write(description, [&](uint8_t* pixels) { copy_->Run(mapped.frame(), pixels); });
    if (!seq) return Taken::kCancelled;
    discontinuity_.store(false);
  }
  SinkDesk::OfThisProcess().SawFrame(ptsNs);
  return Taken::kYes;
}

FrameStore::Taken FrameStore::End() {
  if (!writer_) return Taken::kYes;
  const FrameDescription nothing{0, 0, 0, kFlagEndOfStream | TakeFlags(), -1};
  return writer_->Write(nothing, [](uint8_t*) {}) ? Taken::kYes : Taken::kCancelled;
}

void FrameStore::Cancel() {
  if (writer_) writer_->Cancel();
}

void FrameStore::Resume() {
  if (writer_) writer_->Resume();
}
