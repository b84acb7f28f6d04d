import { loadGStreamer } from './gstreamer.ts'

// GStreamer brings its registry (GST_REGISTRY) up to date when it is loaded. A process of its own: the agent never loads GStreamer.
loadGStreamer()
