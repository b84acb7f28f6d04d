#include "decoder_threads.h"

#include <memory>

namespace {

constexpr char kDone[] = "headcount-decoder-threads";

struct Unref {
  void operator()(GstObject* object) const { gst_object_unref(object); }
};
using ObjectRef = std::unique_ptr<GstObject, Unref>;

void OnElementAdded(GstBin*, GstBin*, GstElement* added, gpointer) {
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(added), "max-threads") != nullptr) {
    g_object_set(added, "max-threads", 1, nullptr);
  }
}

}  // namespace

void LimitDecoderThreads(GstElement* element) {
  ObjectRef top(GST_OBJECT(gst_object_ref(element)));
  while (GstObject* parent = gst_object_get_parent(top.get())) top.reset(parent);
  if (!GST_IS_BIN(top.get()) || g_object_get_data(G_OBJECT(top.get()), kDone) != nullptr) return;
  g_object_set_data(G_OBJECT(top.get()), kDone, GINT_TO_POINTER(1));
  g_signal_connect(top.get(), "deep-element-added", G_CALLBACK(OnElementAdded), nullptr);
}
