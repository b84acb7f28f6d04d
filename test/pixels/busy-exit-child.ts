import { JpegEncoder } from 'hailort-node/pixels'
import { openHandCamera } from '../support/mjpeg-camera.ts'

// Ends while threads encode and promises wait: the test looks at how the process goes.
await using camera = await openHandCamera({ width: 1_280, height: 720 })
const encoder = new JpegEncoder(2)
const seq = camera.frame(60, [])
for (let i = 0; i < 60; i += 1) void encoder.encode(camera.ring.handle, seq, { overlay: true, width: null, quality: 75 })
