#include "frame_fit.h"

#include <gst/gst.h>
#include <gst/video/video.h>

#include <memory>

#include "fit_size.h"
#include "frame_rate_limit.h"

namespace {

struct FrameFit {
  GstBin parent;
  guint maxWidth, maxHeight, maxFps;
  GstElement* filter;     // the bin's
  FrameRateLimit* limit;  // owned
};

struct FrameFitClass {
  GstBinClass parent;
};

enum Property : guint { kPropertyNone, kPropertyMaxWidth, kPropertyMaxHeight, kPropertyMaxFps };

constexpr guint kLargestSide = 16384;

GstStaticPadTemplate sinkTemplate =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw"));
GstStaticPadTemplate sourceTemplate =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw"));

struct Unref {
  void operator()(GstCaps* caps) const { gst_caps_unref(caps); }
  void operator()(GstPad* pad) const { gst_object_unref(pad); }
};
using CapsRef = std::unique_ptr<GstCaps, Unref>;
using PadRef = std::unique_ptr<GstPad, Unref>;

G_DEFINE_TYPE(FrameFit, hc_frame_fit, GST_TYPE_BIN)

FrameFit* Self(gpointer object) { return static_cast<FrameFit*>(object); }

// The caps behind the scaler are set before the scaler hears of the new caps in front of it.
void DecideSize(FrameFit* self, const GstCaps* caps) {
  GstVideoInfo info;
  if (!gst_video_info_from_caps(&info, caps)) return;
  const double pixelShape = GST_VIDEO_INFO_PAR_D(&info) > 0
                                ? static_cast<double>(GST_VIDEO_INFO_PAR_N(&info)) / GST_VIDEO_INFO_PAR_D(&info)
                                : 1;
  const PictureSize size =
      FitSize(static_cast<uint32_t>(GST_VIDEO_INFO_WIDTH(&info)), static_cast<uint32_t>(GST_VIDEO_INFO_HEIGHT(&info)),
              pixelShape > 0 ? pixelShape : 1, {self->maxWidth, self->maxHeight});
  const CapsRef wanted(gst_caps_new_simple("video/x-raw", "width", G_TYPE_INT, static_cast<gint>(size.width), "height",
                                           G_TYPE_INT, static_cast<gint>(size.height), "pixel-aspect-ratio",
                                           GST_TYPE_FRACTION, 1, 1, nullptr));
  g_object_set(self->filter, "caps", wanted.get(), nullptr);
}

GstPadProbeReturn OnArrival(GstPad*, GstPadProbeInfo* probe, gpointer data) {
  FrameFit* self = Self(data);
  if ((probe->type & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(probe);
    if (!GST_BUFFER_PTS_IS_VALID(buffer)) return GST_PAD_PROBE_OK;
    return self->limit->Passes(static_cast<int64_t>(GST_BUFFER_PTS(buffer))) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
  }
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(probe);
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    DecideSize(self, caps);
  } else if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
    self->limit->Restart();
  }
  return GST_PAD_PROBE_OK;
}

guint* Field(FrameFit* self, guint id) {
  switch (id) {
    case kPropertyMaxWidth:
      return &self->maxWidth;
    case kPropertyMaxHeight:
      return &self->maxHeight;
    case kPropertyMaxFps:
      return &self->maxFps;
    default:
      return nullptr;
  }
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  guint* field = Field(Self(object), id);
  if (field == nullptr) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  *field = g_value_get_uint(value);
  if (id == kPropertyMaxFps) Self(object)->limit->SetFps(*field);
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  if (guint* field = Field(Self(object), id)) {
    g_value_set_uint(value, *field);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void Finalize(GObject* object) {
  const std::unique_ptr<FrameRateLimit> owned(Self(object)->limit);
  G_OBJECT_CLASS(hc_frame_fit_parent_class)->finalize(object);
}

void AddNumber(GObjectClass* type, guint id, const char* name, const char* text, guint least, guint most, guint usual) {
  g_object_class_install_property(
      type, id,
      g_param_spec_uint(name, name, text, least, most, usual,
                        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
}

void hc_frame_fit_class_init(FrameFitClass* type) {
  GObjectClass* object = G_OBJECT_CLASS(type);
  object->set_property = SetProperty;
  object->get_property = GetProperty;
  object->finalize = Finalize;
  AddNumber(object, kPropertyMaxWidth, "max-width", "Largest width in pixels", 2, kLargestSide, kLargestSide);
  AddNumber(object, kPropertyMaxHeight, "max-height", "Largest height in pixels", 2, kLargestSide, kLargestSide);
  AddNumber(object, kPropertyMaxFps, "max-fps", "Most frames a second, 0 = all", 0, 1000, 0);

  GstElementClass* element = GST_ELEMENT_CLASS(type);
  gst_element_class_add_static_pad_template(element, &sinkTemplate);
  gst_element_class_add_static_pad_template(element, &sourceTemplate);
  gst_element_class_set_static_metadata(element, "headcount frame fit", "Filter/Video",
                                        "Scales video down to fit a largest size and limits its rate", "headcount");
}

void hc_frame_fit_init(FrameFit* self) {
  self->maxWidth = kLargestSide;
  self->maxHeight = kLargestSide;
  self->maxFps = 0;
  self->limit = std::make_unique<FrameRateLimit>().release();
  GstElement* scale = gst_element_factory_make("videoconvertscale", nullptr);
  self->filter = gst_element_factory_make("capsfilter", nullptr);
  if (scale == nullptr || self->filter == nullptr) {
    g_critical("hcfit: GStreamer's base plugins are missing");  // without pads the launch text does not link
    return;
  }
  // Rounding to even sides is no reason for bars.
  g_object_set(scale, "add-borders", FALSE, nullptr);
  gst_bin_add_many(GST_BIN(self), scale, self->filter, nullptr);
  gst_element_link(scale, self->filter);
  const PadRef in(gst_element_get_static_pad(scale, "sink"));
  const PadRef out(gst_element_get_static_pad(self->filter, "src"));
  GstPad* sink = gst_ghost_pad_new("sink", in.get());
  gst_pad_add_probe(sink, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
                    OnArrival, self, nullptr);
  gst_element_add_pad(GST_ELEMENT(self), sink);
  gst_element_add_pad(GST_ELEMENT(self), gst_ghost_pad_new("src", out.get()));
}

}  // namespace

GType FrameFitType() { return hc_frame_fit_get_type(); }
