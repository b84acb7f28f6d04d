{
  'variables': {
    # OpenCV's headers are unpacked here by install.sh, without its 700 MB of -dev packages; without them `vision` is left out.
    'vision%': '<!(test -d opencv/include && echo yes || echo no)',
    # What an older checkout has unpacked lacks this one until install.sh runs again.
    'dnn%': '<!(test -f opencv/dnn-library && echo yes || echo no)',
  },
  'target_defaults': {
    'include_dirs': ["<!@(node -p \"require('node-addon-api').include\")", 'addon', 'ring', 'pixels'],
    # _ALL: a std::bad_alloc in a callback becomes a JavaScript error too. SWALLOW: what is thrown while the environment ends
    # has nobody to go to, and must not end the process.
    'defines': [
      'NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS', 'NODE_ADDON_API_CPP_EXCEPTIONS_ALL',
      'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED',
    ],
    'cflags!': ['-fno-exceptions'],
    'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
    'cflags': ['-fPIC'],
    'cflags_cc': ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror=return-type', '-fvisibility=hidden'],
    'configurations': {
      # `npm run test:asan` builds it, beside the other one.
      'Debug': {
        'cflags_cc': ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'],
        'ldflags': ['-fsanitize=address,undefined'],
      },
    },
  },
  'targets': [
    {
      # Mapping, slot reading and writing: what ring, ringsink, pixels and vision all do with a slot.
      'target_name': 'ring_core',
      'type': 'static_library',
      'sources': ['<!@(ls ring/core/*.cc 2>/dev/null || true)'],
    },
    {
      # Letterbox and colour conversion, used by pixels and by the detectors.
      'target_name': 'pixels_core',
      'type': 'static_library',
      'sources': ['<!@(ls pixels/core/*.cc 2>/dev/null || true)'],
    },
    {
      'target_name': 'ring',
      'dependencies': ['ring_core'],
      'sources': ['<!@(ls ring/*.cc 2>/dev/null || true)'],
    },
    {
      # A process of its own for test/ring: writers that can be killed in the middle of a frame.
      'target_name': 'ring_check',
      'type': 'executable',
      'dependencies': ['ring_core'],
      'sources': ['ring/check/main.cc'],
    },
    {
      'target_name': 'ringsink',
      'dependencies': ['ring_core'],
      'sources': ['<!@(ls ringsink/*.cc 2>/dev/null || true)'],
      'cflags': ['<!@(pkg-config --cflags gstreamer-video-1.0)'],
      'libraries': ['<!@(pkg-config --libs gstreamer-video-1.0)'],
    },
    {
      'target_name': 'pixels',
      'dependencies': ['ring_core', 'pixels_core'],
      'sources': ['<!@(ls pixels/*.cc 2>/dev/null || true)'],
      'libraries': ['-lyuv', '-lturbojpeg'],
    },
    {
      # HailoRT bound at run time: nothing of it is needed to build, nothing is linked.
      'target_name': 'hailort',
      'dependencies': ['ring_core', 'pixels_core'],
      'sources': ['<!@(ls hailort/*.cc 2>/dev/null || true)'],
      'libraries': ['-lyuv', '-ldl'],
      # Its threads outlive the environment that started them: the code must stay when a worker thread of Node ends.
      'ldflags': ['-Wl,-z,nodelete'],
    },
    {
      # Prints the layout of hailort/abi.h as compiled (`npm run abi`).
      'target_name': 'hailort_abi',
      'type': 'executable',
      'sources': ['hailort/check/abi_layout.cc'],
    },
    {
      # Prints where libhailort is looked for, for test/hailort.
      'target_name': 'hailort_places',
      'type': 'executable',
      'sources': ['hailort/check/library_places.cc', 'hailort/library_places.cc'],
    },
    {
      # The plainest write and read loop on the C ABI, which `npm run bench -- npu` compares with.
      'target_name': 'hailort_bare_loop',
      'type': 'executable',
      'dependencies': ['ring_core', 'pixels_core'],
      'sources': ['hailort/check/bare_loop.cc', 'hailort/library.cc', 'hailort/library_places.cc'],
      'libraries': ['-lyuv', '-ldl', '-lpthread'],
    },
    {
      # A process of its own for test/hailort: NMS answers that no chip gives.
      'target_name': 'hailort_decode_nms',
      'type': 'executable',
      'sources': ['hailort/check/decode_nms.cc', 'hailort/nms.cc'],
    },
    {
      # libhailort without hardware: the same C ABI. No loadable_module: node-gyp would call it .node.
      'target_name': 'hailort_sim',
      'type': 'shared_library',
      'product_prefix': '',
      'product_name': 'libhailort-sim',
      'sources': ['<!@(ls simulator/*.cc 2>/dev/null || true)'],
      'libraries': ['-ldl', '-lpthread'],
      'configurations': {
        # Its tests call it through koffi, on a stack that the sanitizer does not know: an exception there would be taken for an overflow.
        'Debug': { 'cflags_cc': ['--param=asan-stack=0'] },
      },
    },
  ],
  'conditions': [
    ['vision=="yes"', {
      'targets': [
        {
          # The search for people in a luma plane, used by vision and by the simulator's eyes.
          'target_name': 'vision_core',
          'type': 'static_library',
          'sources': ['<!@(ls vision/core/*.cc 2>/dev/null || true)'],
          # As system headers: their warnings are not ours.
          'cflags_cc': ['-isystem', '<(module_root_dir)/opencv/include'],
        },
        {
          'target_name': 'vision',
          'dependencies': ['ring_core', 'pixels_core', 'vision_core'],
          'sources': ['<!@(ls vision/*.cc 2>/dev/null || true)'],
          'cflags_cc': ['-isystem', '<(module_root_dir)/opencv/include'],
          # The runtime libraries are linked by their full name, which install.sh wrote down: no -dev package makes the short one.
          'libraries': ['<!@(cat opencv/libraries)', '-lyuv'],
        },
      ],
    }],
    ['dnn=="yes"', {
      'targets': [
        {
          # What the simulator sees with, loaded by it only when a simulated HEF asks for it.
          'target_name': 'hailort_sim_vision',
          'type': 'shared_library',
          'product_prefix': '',
          'product_name': 'libhailort-sim-vision',
          'dependencies': ['ring_core', 'pixels_core', 'vision_core'],
          'include_dirs': ['simulator', 'vision'],
          'sources': ['<!@(ls simulator/vision/*.cc 2>/dev/null || true)', 'simulator/protobuf.cc'],
          'cflags_cc': ['-isystem', '<(module_root_dir)/opencv/include'],
          # dnn is linked here and nowhere else.
          'libraries': ['<!@(cat opencv/libraries opencv/dnn-library)', '-lyuv'],
        },
      ],
    }],
  ],
}
