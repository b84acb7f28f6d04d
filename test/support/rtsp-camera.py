"""A network camera for tests: serves rtsp://127.0.0.1:PORT/cam and prints PORT.

Without --file it is a live test picture in H.264; with --file it plays the file's video in a loop of one session.
"""

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", help="H.264 in mp4 to play instead of the test picture")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--fps", type=int, default=15)
    parser.add_argument("--stall-after", type=float, help="seconds of video after which no more comes, connection kept")
    return parser.parse_args()


def launch(options):
    if options.file:
        path = options.file.replace("\\", "\\\\").replace('"', '\\"')
        return f'( filesrc location="{path}" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )'
    return (
        f"( videotestsrc is-live=true pattern=ball ! video/x-raw,width={options.width},height={options.height},"
        f"framerate={options.fps}/1 ! identity name=gate ! x264enc tune=zerolatency speed-preset=ultrafast "
        f"key-int-max={options.fps} threads=1 ! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=1 )"
    )


class Camera(GstRtspServer.RTSPMediaFactory):
    """Falls silent after a while, as real ones do: the session stays open, nothing comes."""

    def __init__(self, stall_after):
        super().__init__()
        self.stall_after = stall_after

    def do_configure(self, media):
        gate = media.get_element().get_by_name("gate")
        if gate is None or self.stall_after is None:
            return
        limit = int(self.stall_after * Gst.SECOND)

        def look(_pad, info):
            buffer = info.get_buffer()
            return Gst.PadProbeReturn.DROP if buffer.pts > limit else Gst.PadProbeReturn.OK

        gate.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, look)


def protect(server, factory, user, password):
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main():
    options = arguments()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = Camera(options.stall_after)
    factory.set_launch(launch(options))
    factory.set_shared(options.file is None)
    if options.user:
        protect(server, factory, options.user, options.password or "")
    server.get_mount_points().add_factory("/cam", factory)
    if server.attach(None) == 0:
        sys.exit("the camera cannot listen")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main()
