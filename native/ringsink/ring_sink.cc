#include "ring_sink.h"

#include <gst/video/gstvideosink.h>
#include <gst/video/video.h>

#include <memory>
#include <string>
#include <utility>

#include "decoder_threads.h"
#include "frame_store.h"
#include "native_error.h"

namespace {

struct RingSink {
  GstVideoSink parent;
  gboolean ends;
  FrameStore* store;  // owned; from start to stop
};

struct RingSinkClass {
  GstVideoSinkClass parent;
};

enum Property : guint { kPropertyNone, kPropertyEnds };

constexpr char kCaps[] = "video/x-raw, format=(string){ I420, RGB }, width=(int)[ 2, 16384 ], height=(int)[ 2, 16384 ]";

GstStaticPadTemplate sinkTemplate =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));

G_DEFINE_TYPE(RingSink, hc_ring_sink, GST_TYPE_VIDEO_SINK)

RingSink* Self(gpointer object) { return static_cast<RingSink*>(object); }

void Fail(RingSink* self, const std::string& text) {
  GST_ELEMENT_ERROR(self, RESOURCE, WRITE, ("%s", text.c_str()), (nullptr));
}

// Repeats `write` until it is through: cancelled means that the pipeline pauses (then it goes on) or stops.
template <typename Write>
GstFlowReturn UntilWritten(RingSink* self, Write write) {
  while (true) {
    FrameStore::Taken taken;
    try {
      taken = write();
    } catch (const NativeError& failure) {
      Fail(self, std::string("The ring refused a frame: ") + failure.what() + ".");
      return GST_FLOW_ERROR;
    }
    if (taken == FrameStore::Taken::kYes) return GST_FLOW_OK;
    if (taken == FrameStore::Taken::kUnreadable) {
      Fail(self, "A frame could not be read.");
      return GST_FLOW_ERROR;
    }
    const GstFlowReturn flow = gst_base_sink_wait_preroll(GST_BASE_SINK(self));
    if (flow != GST_FLOW_OK) return flow;
  }
}

gboolean Start(GstBaseSink* sink) {
  RingSink* self = Self(sink);
  self->store = std::make_unique<FrameStore>(SinkDesk::OfThisProcess().target()).release();
  return TRUE;
}

gboolean Stop(GstBaseSink* sink) {
  const std::unique_ptr<FrameStore> owned(std::exchange(Self(sink)->store, nullptr));
  return TRUE;
}

gboolean Unlock(GstBaseSink* sink) {
  if (FrameStore* store = Self(sink)->store) store->Cancel();
  return TRUE;
}

gboolean UnlockStop(GstBaseSink* sink) {
  if (FrameStore* store = Self(sink)->store) store->Resume();
  return TRUE;
}

// Only the format is narrowed to the ring's. A size that does not fit is refused in SetInfo, with a text that says why.
GstCaps* GetCaps(GstBaseSink* sink, GstCaps* filter) {
  GstCaps* caps = gst_static_pad_template_get_caps(&sinkTemplate);
  FrameStore* store = Self(sink)->store;
  if (store != nullptr && store->format()) {
    caps = gst_caps_make_writable(caps);
    gst_caps_set_simple(caps, "format", G_TYPE_STRING, gst_video_format_to_string(*store->format()), nullptr);
  }
  if (filter == nullptr) return caps;
  GstCaps* both = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(caps);
  return both;
}

gboolean SetInfo(GstVideoSink* sink, GstCaps*, const GstVideoInfo* info) {
  FrameStore* store = Self(sink)->store;
  if (store == nullptr) return FALSE;
  if (const auto refusal = store->SetFormat(*info)) {
    GST_ELEMENT_ERROR(sink, STREAM, FORMAT, ("%s", refusal->c_str()), (nullptr));
    return FALSE;
  }
  return TRUE;
}

// Without the offer of GstVideoMeta a decoder whose planes are padded copies each frame once more.
gboolean ProposeAllocation(GstBaseSink*, GstQuery* query) {
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return TRUE;
}

// The frame a pipeline waits with is rendered once it plays: written here too it would lie in the ring twice.
GstFlowReturn Preroll(GstBaseSink*, GstBuffer*) { return GST_FLOW_OK; }

GstFlowReturn ShowFrame(GstVideoSink* sink, GstBuffer* buffer) {
  const GstSegment& segment = GST_BASE_SINK(sink)->segment;
  int64_t ptsNs = -1;
  if (segment.format == GST_FORMAT_TIME && GST_BUFFER_PTS_IS_VALID(buffer)) {
    const guint64 streamTime = gst_segment_to_stream_time(&segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (GST_CLOCK_TIME_IS_VALID(streamTime)) ptsNs = static_cast<int64_t>(streamTime);
  }
  return UntilWritten(Self(sink), [&] { return Self(sink)->store->Take(buffer, ptsNs); });
}

// Runs before the end of stream is told on the bus, after the last frame has had its time: who hears of the end finds
// its slot in the ring.
GstFlowReturn WaitEvent(GstBaseSink* sink, GstEvent* event) {
  const GstFlowReturn flow = GST_BASE_SINK_CLASS(hc_ring_sink_parent_class)->wait_event(sink, event);
  if (flow != GST_FLOW_OK || GST_EVENT_TYPE(event) != GST_EVENT_EOS) return flow;
  RingSink* self = Self(sink);
  if (self->ends) return UntilWritten(self, [&] { return self->store->End(); });
  self->store->MarkDiscontinuity();
  return flow;
}

gboolean TakeEvent(GstBaseSink* sink, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP && Self(sink)->store != nullptr) {
    Self(sink)->store->MarkDiscontinuity();
  }
  return GST_BASE_SINK_CLASS(hc_ring_sink_parent_class)->event(sink, event);
}

GstStateChangeReturn ChangeState(GstElement* element, GstStateChange change) {
  // Sinks change first: no decoder has been made yet.
  if (change == GST_STATE_CHANGE_NULL_TO_READY) LimitDecoderThreads(element);
  return GST_ELEMENT_CLASS(hc_ring_sink_parent_class)->change_state(element, change);
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id == kPropertyEnds) {
    Self(object)->ends = g_value_get_boolean(value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  if (id == kPropertyEnds) {
    g_value_set_boolean(value, Self(object)->ends);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void Finalize(GObject* object) {
  const std::unique_ptr<FrameStore> owned(std::exchange(Self(object)->store, nullptr));
  G_OBJECT_CLASS(hc_ring_sink_parent_class)->finalize(object);
}

void hc_ring_sink_class_init(RingSinkClass* type) {
  GObjectClass* object = G_OBJECT_CLASS(type);
  object->set_property = SetProperty;
  object->get_property = GetProperty;
  object->finalize = Finalize;
  g_object_class_install_property(
      object, kPropertyEnds,
      g_param_spec_boolean("ends", "Ends", "Write an end-of-stream slot when the stream ends", FALSE,
                           static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));

  GstElementClass* element = GST_ELEMENT_CLASS(type);
  element->change_state = ChangeState;
  gst_element_class_add_static_pad_template(element, &sinkTemplate);
  gst_element_class_set_static_metadata(element, "headcount ring sink", "Sink/Video",
                                        "Writes video frames into a frame ring in shared memory", "headcount");

  GstBaseSinkClass* base = GST_BASE_SINK_CLASS(type);
  base->start = Start;
  base->stop = Stop;
  base->unlock = Unlock;
  base->unlock_stop = UnlockStop;
  base->get_caps = GetCaps;
  base->propose_allocation = ProposeAllocation;
  base->preroll = Preroll;
  base->wait_event = WaitEvent;
  base->event = TakeEvent;

  GstVideoSinkClass* video = GST_VIDEO_SINK_CLASS(type);
  video->set_info = SetInfo;
  video->show_frame = ShowFrame;
}

void hc_ring_sink_init(RingSink* self) {
  self->ends = FALSE;
  self->store = nullptr;
  // Every frame counts: none is dropped for being late, none is kept back.
  g_object_set(self, "enable-last-sample", FALSE, "qos", FALSE, "sync", FALSE, nullptr);
  gst_base_sink_set_max_lateness(GST_BASE_SINK(self), -1);
}

}  // namespace

GType RingSinkType() { return hc_ring_sink_get_type(); }
